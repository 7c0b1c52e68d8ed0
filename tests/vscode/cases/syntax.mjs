// A syntax error is marked, and fixed from the quick fix.

import { run } from "../window.mjs";
import { TILL, WRONG } from "./till.mjs";

const HEAD = "def line_total(price, quantity):";
const BROKEN = WRONG.replace(HEAD, HEAD.slice(0, -1));

await run("syntax", { files: { ...TILL, "till.py": BROKEN } }, async (window) => {
  const { page } = window;
  await window.step("the file is open", () => window.openFile("till.py"));
  await window.step("the error is marked", async () => {
    await page.locator(".editor-instance .squiggly-error").first().waitFor();
    await window.screenshot("marked");
  });
  await window.step("the quick fix mends it", async () => {
    await window.selectLine(7);
    await window.lightBulb("Insert", "quick-fix");
  });
  await window.step("the saved file is the right one", async () => {
    await window.line(HEAD);
    await window.save();
    await window.file("till.py", WRONG);
  });
  await window.step("no error is left", async () => {
    await page.locator(".editor-instance .squiggly-error").first().waitFor({ state: "detached" });
    await window.screenshot("mended");
  });
});
