// In a folder that is not trusted nothing is started, and the sidebar says how to go on.

import { run } from "../window.mjs";
import { TILL } from "./till.mjs";

const settings = { "security.workspace.trust.startupPrompt": "never", "security.workspace.trust.banner": "never" };

await run("untrusted", { files: TILL, trust: false, settings }, async (window) => {
  await window.step("the file is open", () => window.openFile("till.py"));
  await window.step("the sidebar says that the folder is not trusted", async () => {
    await window.sidebar();
    await window.view("Runs").locator(".welcome-view-content", { hasText: "where you trust the folder" }).waitFor();
    await window.screenshot("sidebar");
  });
  await window.step("no server runs", () => window.noProgram());
});
