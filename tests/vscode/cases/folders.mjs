// Two folders in one window, each with a file of the same name: what is done in one is told of it, and leaves the other.

import { run } from "../window.mjs";
import { FAULT, RIGHT, TESTS, WRONG } from "./till.mjs";

const files = { "one/till.py": WRONG, "two/till.py": WRONG, "two/test_till.py": TESTS };

await run("folders", { files, folders: ["one", "two"] }, async (window) => {
  const { page } = window;
  await window.step("the file of the second folder is open", async () => {
    await window.openFolder("two");
    await window.openFile("till.py", "two");
  });
  await window.step("the sidebar is open", () => window.sidebar());
  await window.step("the wrong line is fixed from the editor's menu", async () => {
    await window.selectLine(FAULT);
    const word = page.locator(".editor-instance .view-line span", { hasText: /^quantity$/ });
    await window.contextMenu(word.last(), "Fix the Selected Lines");
    await window.row("Runs", "two · 1 to decide").waitFor();
  });
  await window.step("the run and the file say in which folder they are", async () => {
    await window.row("Patches", "two · 1 change").waitFor();
    await window.screenshot("offered");
  });
  await window.step("the change is accepted in the sidebar", async () => {
    const hunk = window.row("Patches", "Line 10");
    await hunk.hover();
    await hunk.locator('.action-label[aria-label^="Accept"]').click();
    await window.line("    if quantity >= BULK_FROM:");
  });
  await window.step("the saved file of this folder is the right one, that of the other is as it was", async () => {
    await window.save();
    await window.file("two/till.py", RIGHT);
    await window.file("one/till.py", WRONG);
    await window.row("Runs", "two · proved, applied").waitFor();
    await window.screenshot("applied");
  });
});
