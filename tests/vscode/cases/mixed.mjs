// A folder that is on no disk beside one that is: Bodkin works in the one and leaves the other alone.

import { run } from "../window.mjs";
import { FAULT, RIGHT, TILL } from "./till.mjs";

await run("mixed", { files: TILL, folders: [".", "memory:/shop"], extensions: ["memory"] }, async (window) => {
  const { page } = window;
  await window.step("the line on a disk is fixed", async () => {
    await window.openFile("till.py", "work");
    await window.selectLine(FAULT);
    await window.lightBulb("Bodkin: Fix this line");
    await window.sidebar();
    await window.row("Patches", "Line 10").click();
    await window.lens("Accept").click();
    await window.line("    if quantity >= BULK_FROM:");
  });
  await window.step("the saved file is the right one", async () => {
    await window.save();
    await window.file("till.py", RIGHT);
  });
  await window.step("the line on no disk is selected", async () => {
    await page.locator('.activitybar .action-item:has([aria-label^="Explorer"])').first().click();
    await window.openFolder("shop");
    await window.openFile("till.py", "shop");
    await window.line("    return a - b");
    await window.selectLine(2);
  });
  await window.step("it can not be fixed, and that is said", async () => {
    await window.command("Bodkin: Fix the Selected Lines");
    await page.locator(".notification-toast", { hasText: "works on files on the disk" }).waitFor();
    await window.screenshot("refused");
  });
});
