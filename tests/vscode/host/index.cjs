// The entry that the extension host calls: runs every test after the other and writes down how each went.

const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");

const TESTS = [
  ...require("./life.cjs"),
  ...require("./manifest.cjs"),
  ...require("./testing.cjs"),
  ...require("./review.cjs"),
  ...require("./report.cjs"),
  ...require("./crash.cjs"),
];

exports.run = async () => {
  const folder = vscode.workspace.workspaceFolders[0].uri.path;
  const results = path.join(path.dirname(folder), "results.txt");
  let failed = 0;
  for (const [name, test] of TESTS) {
    try {
      await test();
      fs.appendFileSync(results, `ok ${name}\n`);
    } catch (error) {
      failed++;
      fs.appendFileSync(results, `not ok ${name}: ${String(error?.stack ?? error).replace(/\s+/g, " ").slice(0, 600)}\n`);
    }
  }
  if (failed > 0) {
    throw new Error(`${failed} tests failed`);
  }
};
