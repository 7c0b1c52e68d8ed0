// Tests are found, run in the sandbox from the Testing view, one that fails is seen where it failed, and is fixed
// from there.

import { run } from "../window.mjs";
import { TILL } from "./till.mjs";

await run("testing", { files: TILL }, async (window) => {
  const { page } = window;
  const tree = page.locator(".test-explorer");
  const test = (name) => tree.locator(".monaco-list-row", { hasText: name });
  await window.step("the file is open", () => window.openFile("test_till.py"));
  await window.step("the tests are found", async () => {
    await page.locator('.activitybar .action-item:has([aria-label^="Testing"])').first().click();
    const file = test("test_till.py").first();
    await file.waitFor();
    await file.click();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await test("test_the_discount_begins_at_ten_pieces").waitFor();
  });
  await window.step("all of them are run", async () => {
    await window.command("Test: Run All Tests");
    await test("test_few_pieces_cost_their_price").locator(".codicon-testing-passed-icon").waitFor();
    await test("test_many_pieces_are_discounted").locator(".codicon-testing-passed-icon").waitFor();
    await test("test_the_discount_begins_at_ten_pieces").locator(".codicon-testing-failed-icon").waitFor();
  });
  await window.step("the failure is seen where it failed", async () => {
    await page.locator(".editor-instance .codicon-testing-failed-icon, .editor-instance .testing-run-glyph").first().waitFor();
    await window.screenshot("failed-test");
  });
  await window.step("the failing test is handed over to be fixed", async () => {
    await window.contextMenu(test("test_the_discount_begins_at_ten_pieces"), "Fix What This Test Shows");
    await window.sidebar();
    await window.row("Patches", "Line 10").waitFor();
    await window.screenshot("fixed-test");
  });
  await window.step("its patch is reviewed and accepted by keys", async () => {
    await window.row("Patches", "Line 10").click();
    await page.locator(".monaco-diff-editor .modified .view-line", { hasText: "quantity >= BULK_FROM" }).first().waitFor();
    await page.locator(".monaco-diff-editor .modified.focused, .monaco-diff-editor .modified .monaco-editor.focused").first().waitFor();
    await page.keyboard.press("Control+Enter");
    await window.row("Runs", "proved, applied").waitFor();
  });
});
