// In a workspace that is on no disk Bodkin is not there, and its page says why.

import { run } from "../window.mjs";

const VIRTUAL = { files: { "nothing.txt": "" }, folders: ["memory:/shop"], extensions: ["memory"] };

await run("virtual", VIRTUAL, async (window) => {
  const { page } = window;
  await window.step("a file that is on no disk is open", async () => {
    await window.openFile("till.py");
    await window.line("    return a - b");
  });
  await window.step("Bodkin has no sidebar there, and nothing is started", async () => {
    await page.locator('.activitybar .action-item:has([aria-label^="Extensions"])').first().click();
    await page.locator(".extensions-viewlet .monaco-list-row", { hasText: "Finds a small change" }).first().click();
    await page.locator(".extension-editor .name", { hasText: "Bodkin" }).first().waitFor();
    if ((await page.locator('.activitybar [aria-label^="Bodkin"]').count()) > 0) {
      throw new Error("the sidebar is offered");
    }
    await window.noProgram();
  });
  await window.step("its page says why", async () => {
    await page.locator(".extension-editor .status", { hasText: "which a virtual workspace does not have" }).first().waitFor();
    await window.screenshot("why");
  });
});
