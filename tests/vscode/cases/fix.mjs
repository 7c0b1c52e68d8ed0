// Select a buggy line, light bulb, fix, plan in the sidebar, review one hunk, accept, save, take back.

import { run } from "../window.mjs";
import { FAULT, RIGHT, TESTS, TILL, WRONG } from "./till.mjs";

/** Loading the tests takes a moment, so that the steps of the plan are seen one by one. */
const SLOW = `import time\n\ntime.sleep(0.5)\n${TESTS}`;

await run("fix", { files: { ...TILL, "test_till.py": SLOW } }, async (window) => {
  const { page } = window;
  await window.step("the file is open", () => window.openFile("till.py"));
  await window.step("the sidebar is open", () => window.followPlans());
  await window.step("the wrong line is selected", () => window.selectLine(FAULT));
  await window.step("the light bulb offers the fix", () => window.lightBulb("Bodkin: Fix this line", "light-bulb"));
  await window.step("the plan goes on in the sidebar", async () => {
    await window.row("Runs", "fix till.py:10").waitFor();
    await window.advances();
  });
  await window.step("the patch waits for review", async () => {
    await window.row("Patches", "Line 10").waitFor();
    await window.screenshot("offered");
  });
  await window.step("the hunk is shown in the diff editor", async () => {
    await window.row("Patches", "Line 10").click();
    await page.locator(".monaco-diff-editor .modified .view-line", { hasText: "quantity >= BULK_FROM" }).first().waitFor();
    await window.lens("Accept").waitFor();
    await window.screenshot("review");
  });
  await window.step("nothing is changed before it is accepted", () => window.file("till.py", WRONG));
  await window.step("the hunk is accepted in the diff", () => window.lens("Accept").click());
  await window.step("the change stands in the editor", () => window.line("    if quantity >= BULK_FROM:"));
  await window.step("the saved file is the right one", async () => {
    await window.save();
    await window.file("till.py", RIGHT);
    await window.row("Runs", "proved, applied").waitFor();
    await window.screenshot("applied");
  });
  await window.step("the change is taken back", async () => {
    await window.command("Bodkin: Take the Change Back");
    await window.line("    if quantity > BULK_FROM:");
    await window.save();
    await window.file("till.py", WRONG);
    await window.row("Runs", "taken back").waitFor();
    await window.screenshot("taken-back");
  });
});
