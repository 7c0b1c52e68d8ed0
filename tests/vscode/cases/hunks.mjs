// A patch of two hunks: a part that does not pass by itself is not applied; a part that does is proved again, applied,
// saved and taken back.

import { run } from "../window.mjs";
import { FAULT, MEAN, OTHER, PART, WRONG } from "./mean.mjs";

const WITHOUT = "What you accepted is not proved by itself";

await run("hunks", { files: MEAN }, async (window) => {
  const { page } = window;
  await window.step("the file is open", () => window.openFile("mean.py"));
  await window.step("the sidebar is open", () => window.sidebar());
  const propose = async (fix) => {
    await window.selectLine(FAULT);
    await fix();
    await window.row("Patches", "proved · 2 to decide").waitFor();
    await window.row("Patches", "Line 2").click();
    await window.lens("Accept").waitFor();
  };
  await window.step("two hunks wait for review", async () => {
    await propose(() => window.lightBulb("Bodkin: Fix this line"));
    await window.row("Patches", "Line 6").waitFor();
    await window.screenshot("offered");
  });
  await window.step("the first is rejected in the diff, and what is proposed no longer has it", async () => {
    await window.lens("Reject").click();
    await window.row("Patches", "rejected · total = sum(xs)").waitFor();
    await window.reviewed(OTHER);
    await window.said("Rejected").waitFor();
    await window.screenshot("one-rejected");
  });
  await window.step("the second alone is proved again, and is not", async () => {
    await page.keyboard.press("Control+Enter");
    await page.locator(".notification-toast", { hasText: WITHOUT }).waitFor();
    await window.row("Patches", "what you accepted is not proved").waitFor();
    await window.said("Accepted").waitFor();
    await window.screenshot("not-proved");
  });
  await window.step("nothing of it is applied, and all of it is rejected", async () => {
    await page.locator(".notification-toast .monaco-button", { hasText: "Reject All" }).click();
    await window.row("Patches", "Line 6").waitFor({ state: "detached" });
    await window.line("    unit = 'm'");
    await window.file("mean.py", WRONG);
  });
  await window.step("the line is fixed once more, by a key", () => propose(() => page.keyboard.press("Control+Alt+.")));
  await window.step("the first hunk is accepted in the diff", async () => {
    await window.lens("Accept").click();
    await window.row("Patches", "accepted · total = sum(xs)").waitFor();
    await window.said("Accepted").waitFor();
    await window.screenshot("one-accepted");
  });
  await window.step("the second is rejected in the sidebar, and the part is proved again and applied", async () => {
    const row = window.row("Patches", "Line 6");
    await row.hover();
    await row.locator('.action-label[aria-label^="Reject"]').click();
    await window.line("    value = total / count");
    await window.row("Runs", "proved, applied").waitFor();
  });
  await window.step("the steps of the run tell of the second proof", async () => {
    await window.row("Runs", "1 hunk: proved").waitFor();
    await window.screenshot("applied");
  });
  await window.step("the saved file has the accepted hunk and not the rejected one", async () => {
    await window.save();
    await window.file("mean.py", PART);
  });
  await window.step("the change is taken back", async () => {
    await window.command("Bodkin: Take the Change Back");
    await window.row("Runs", "taken back").waitFor();
    await window.save();
    await window.file("mean.py", WRONG);
    await window.screenshot("taken-back");
  });
});
