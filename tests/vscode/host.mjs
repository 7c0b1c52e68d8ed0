// Runs the tests of the extension host in a real window and prints a line for each: `ok name` or `not ok name: why`.

import fs from "node:fs";
import path from "node:path";

import { TILL } from "./cases/till.mjs";
import { open } from "./editor.mjs";

/** Longest that all of them may take. */
const ALL_MS = 240_000;
const START_MS = 90_000;

const here = path.dirname(new URL(import.meta.url).pathname);
const editor = await open({ files: TILL, development: path.join(here, "host", "index.cjs"), env: { BODKIN_HERE: here } });
let code = 1;
try {
  const { page } = editor;
  const done = new Promise((resolve) => page.exposeFunction("codeAutomationExit", resolve));
  await page.exposeFunction("codeAutomationLog", () => {});
  await page.goto(editor.url, { timeout: START_MS });
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("late"), ALL_MS);
  });
  const exit = await Promise.race([done, late]);
  clearTimeout(timer);
  const results = path.join(editor.root, "results.txt");
  process.stdout.write(fs.existsSync(results) ? fs.readFileSync(results, "utf8") : "");
  console.log(`the extension host ended with ${exit}`);
  code = exit === 0 ? 0 : 1;
  if (code !== 0 && process.env.BODKIN_LOGS) {
    console.log(editor.log());
  }
} finally {
  await editor.close();
}
process.exit(code);
