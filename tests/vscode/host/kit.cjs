// What the tests of the extension host share: the extension, the file with the fault, and waiting with a deadline.

const assert = require("node:assert");
const vscode = require("vscode");

/** Longest that something may take; a server that offers nothing is given less. */
const PATIENCE_MS = Number(process.env.BODKIN_PATIENCE_MS ?? 30_000);
/** The line with the fault, from zero. */
const FAULT = 9;
const FIXED = "    if quantity >= BULK_FROM:";

/** What the extension lets be seen. */
async function api() {
  const extension = vscode.extensions.getExtension("bodkin.bodkin");
  assert.ok(extension, "the extension is installed");
  return extension.activate();
}

function uri(name) {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, name).with({ scheme: "file", authority: "" });
}

/** Waits until `look` gives something; what it is. */
async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    assert.ok(Date.now() < end, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The file with the fault on the screen, its faulty line selected. */
async function openFault() {
  const document = await vscode.workspace.openTextDocument(uri("till.py"));
  const editor = await vscode.window.showTextDocument(document, { selection: document.lineAt(FAULT).range });
  return { document, editor };
}

/** Every line of a view, at whatever depth. */
async function rows(view) {
  const all = (list) => list.flatMap((row) => [row, ...all(row.children)]);
  return all((await api()).view(view));
}

/** Has the faulty line fixed; the lines of the patch that waits then. */
async function propose() {
  const { document } = await openFault();
  await vscode.commands.executeCommand("bodkin.ui.fix");
  await until("a patch to review", async () => (await rows("bodkin.patches")).some((row) => row.context.startsWith("hunk.")));
  return { document, patch: await rows("bodkin.patches") };
}

module.exports = { FAULT, FIXED, api, openFault, propose, rows, until, uri };
