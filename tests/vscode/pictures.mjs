// Takes the pictures of docs/images: `node pictures.mjs dark` and `light`, with the variables that `cargo xtask setup`
// prints, into BODKIN_ARTEFACTS. Run by hand when the look changes.

import { FAULT, TILL } from "./cases/till.mjs";
import { run } from "./window.mjs";

const [shade = "dark"] = process.argv.slice(2);
const theme = shade === "light" ? "Default Light Modern" : "Default Dark Modern";
const settings = { "workbench.layoutControl.enabled": false, "editor.renderWhitespace": "none", "editor.fontSize": 13 };

await run(`vscode-${shade}`, { files: TILL, theme, settings, size: { width: 1200, height: 680 } }, async (window) => {
  const { page } = window;
  await window.step("the faulty line is selected", async () => {
    await window.openFile("till.py");
    await window.selectLine(FAULT);
  });
  await window.step("the sidebar is wide enough", async () => {
    await window.sidebar();
    const edge = page.locator(".monaco-sash.vertical:not(.disabled)").first();
    const box = await edge.boundingBox();
    await page.mouse.move(box.x + 2, 400);
    await page.mouse.down();
    await page.mouse.move(box.x + 92, 400, { steps: 4 });
    await page.mouse.up();
    await page.locator(".editor-instance .view-line").nth(FAULT - 1).click();
    await window.selectLine(FAULT);
  });
  await window.step("the fix is proposed", async () => {
    await window.lightBulb("Bodkin: Fix this line");
    await window.row("Patches", "Line 10").waitFor();
  });
  await window.step("it is reviewed", async () => {
    await window.row("Patches", "Line 10").click();
    await window.lens("Accept").waitFor();
    await page.mouse.move(700, 600);
    await page.waitForTimeout(1000);
    await window.screenshot("review");
  });
  await window.step("it is accepted", async () => {
    await window.lens("Accept").click();
    await window.line("    if quantity >= BULK_FROM:");
    await window.row("Runs", "proved, applied").waitFor();
    await page.mouse.move(700, 600);
    await page.waitForTimeout(1000);
    await window.screenshot("applied");
  });
});
