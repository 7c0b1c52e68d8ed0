// Keeps l10n/bundle.l10n.json the list of the texts in the sources, for those who translate them.
// `--check` changes nothing and fails where the list is out of date, or where package.json names a text that is not there.

import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const BUNDLE = "l10n/bundle.l10n.json";

/** Calls `visit` for every file of the sources. */
function files(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((it) => {
    const at = path.join(folder, it.name);
    return it.isDirectory() ? files(at) : at.endsWith(".ts") ? [at] : [];
  });
}

/** The texts that a file hands to `l10n.t`. */
function textsOf(file) {
  const texts = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && /(^|\.)l10n\.t$/.test(node.expression.getText())) {
      const [text] = node.arguments;
      if (!text || !ts.isStringLiteralLike(text)) {
        throw new Error(`${file}: l10n.t needs a text that stands there as it is`);
      }
      texts.push(text.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  return texts;
}

const texts = [...new Set(files("src").flatMap(textsOf))].sort();
const wanted = `${JSON.stringify(Object.fromEntries(texts.map((it) => [it, it])), null, 2)}\n`;
const manifest = fs.readFileSync("package.json", "utf8");
const known = JSON.parse(fs.readFileSync("package.nls.json", "utf8"));
const missing = [...manifest.matchAll(/"%([^%"]+)%"/g)].map((it) => it[1]).filter((it) => !(it in known));
const unused = Object.keys(known).filter((it) => !manifest.includes(`"%${it}%"`));

if (missing.length + unused.length > 0) {
  console.error(`package.nls.json lacks ${missing.join(", ") || "nothing"} and has too much: ${unused.join(", ") || "nothing"}`);
  process.exit(1);
}
if (process.argv.includes("--check")) {
  if (!fs.existsSync(BUNDLE) || fs.readFileSync(BUNDLE, "utf8") !== wanted) {
    console.error(`${BUNDLE} is out of date: run \`node l10n.mjs\` in editors/vscode`);
    process.exit(1);
  }
} else {
  fs.mkdirSync(path.dirname(BUNDLE), { recursive: true });
  fs.writeFileSync(BUNDLE, wanted);
}
