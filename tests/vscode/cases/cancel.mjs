// A run that would take long is cancelled half-way, from the sidebar; nothing is changed.

import { run } from "../window.mjs";
import { FAULT, TESTS, TILL, WRONG } from "./till.mjs";

/** No change makes it pass, and each try takes a second: the run is at work for as long as it is let. */
const SLOW = `import time\n${TESTS.replace("line_total(100, 10), 850", "time.sleep(1) or line_total(100, 10), 851")}`;

await run("cancel", { files: { ...TILL, "test_till.py": SLOW } }, async (window) => {
  await window.step("the file is open", () => window.openFile("till.py"));
  await window.step("the sidebar is open", () => window.followPlans());
  await window.step("the wrong line is selected", () => window.selectLine(FAULT));
  await window.step("the light bulb offers the fix", () => window.lightBulb("Bodkin: Fix this line"));
  await window.step("the plan goes on in the sidebar", async () => {
    await window.row("Runs", "fix till.py:10").waitFor();
    await window.advances();
  });
  await window.step("the run is cancelled from its line", async () => {
    const row = window.row("Runs", "fix till.py:10");
    await row.hover();
    await window.screenshot("half-way");
    await row.locator('.action-label[aria-label^="Cancel the Run"]').click();
  });
  await window.step("the run has ended as cancelled", async () => {
    await window.row("Runs", "cancelled").first().waitFor();
    await window.screenshot("cancelled");
  });
  await window.step("nothing is changed", () => window.file("till.py", WRONG));
});
