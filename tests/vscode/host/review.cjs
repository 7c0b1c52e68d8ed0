// A patch from its offer to its end.

const assert = require("node:assert");
const vscode = require("vscode");

const { FAULT, FIXED, api, openFault, propose, rows, until, uri } = require("./kit.cjs");

/** The two texts of the diff that is on the screen. */
async function diff() {
  const tab = await until("a diff", () => {
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    return input instanceof vscode.TabInputTextDiff && input;
  });
  const text = async (at) => (await vscode.workspace.openTextDocument(at)).getText();
  return { before: await text(tab.original), after: await text(tab.modified) };
}

module.exports = [
  [
    "a proved patch is listed file by file and hunk by hunk, and every line can be read aloud",
    async () => {
      const { patch } = await propose();
      const [whole, file, hunk] = patch;
      assert.match(whole.description, /^proved · 1 to decide$/);
      assert.strictEqual(file.label, "till.py");
      assert.strictEqual(hunk.label, "Line 10");
      assert.strictEqual(hunk.description, `undecided · ${FIXED.trim()}`);
      assert.strictEqual(hunk.context, "hunk.undecided");
      const all = [...patch, ...(await rows("bodkin.runs"))];
      assert.deepStrictEqual(all.filter((row) => row.spoken.trim() === "").map((row) => row.id), []);
    },
  ],
  [
    "what is proposed is marked in the file, and nothing is changed",
    async () => {
      const bodkin = await api();
      const [mark] = await until("a mark", () => bodkin.marks(uri("till.py")).length > 0 && bodkin.marks(uri("till.py")));
      assert.deepStrictEqual([mark.kind, mark.first, mark.last], ["proposed", FAULT, FAULT]);
      const document = await vscode.workspace.openTextDocument(uri("till.py"));
      assert.ok(!document.isDirty);
    },
  ],
  [
    "the diff shows the file before and after",
    async () => {
      const document = await vscode.workspace.openTextDocument(uri("till.py"));
      await vscode.commands.executeCommand("bodkin.ui.review");
      const { before, after } = await diff();
      assert.strictEqual(before, document.getText());
      assert.strictEqual(after, before.replace("quantity > BULK_FROM", "quantity >= BULK_FROM"));
    },
  ],
  [
    "a rejected patch changes nothing and is gone, with its diff and its mark",
    async () => {
      const bodkin = await api();
      assert.ok((await rows("bodkin.patches")).length > 0);
      await vscode.commands.executeCommand("bodkin.ui.rejectAll");
      await until("no patch", async () => !(await rows("bodkin.patches")).some((row) => row.context.startsWith("patch.")));
      await until("no diff", () => vscode.window.tabGroups.all.every((group) => group.tabs.every((tab) => !(tab.input instanceof vscode.TabInputTextDiff))));
      assert.deepStrictEqual(bodkin.marks(uri("till.py")), []);
      const document = await vscode.workspace.openTextDocument(uri("till.py"));
      assert.ok(!document.isDirty);
      assert.strictEqual(bodkin.view("bodkin.runs")[0].context, "run.offered");
    },
  ],
  [
    "an accepted patch stands in the editor and is marked until it is taken back",
    async () => {
      const bodkin = await api();
      const { document } = await propose();
      const before = document.getText();
      await vscode.commands.executeCommand("bodkin.ui.acceptAll");
      await until("the change", () => document.lineAt(FAULT).text === FIXED);
      const marks = () => bodkin.marks(uri("till.py")).map(({ kind, first, last }) => ({ kind, first, last }));
      await until("a mark of what was changed", () => marks().some((mark) => mark.kind === "changed"));
      await until("no mark of what is proposed", () => !marks().some((mark) => mark.kind === "proposed"));
      assert.deepStrictEqual(marks(), [{ kind: "changed", first: FAULT, last: FAULT }]);
      await until("a change that can be taken back", async () => (await rows("bodkin.patches")).some((row) => row.context === "change.applied"));
      await vscode.commands.executeCommand("bodkin.ui.undo");
      await until("the old text", () => document.getText() === before);
      await until("no mark", () => bodkin.marks(uri("till.py")).length === 0);
      await until("a run that was taken back", () => bodkin.view("bodkin.runs")[0].context === "run.undone");
      await document.save();
    },
  ],
  [
    "where a proved patch is wanted at once, it stands, is marked, and the mark can be cleared",
    async () => {
      const bodkin = await api();
      const settings = vscode.workspace.getConfiguration("bodkin", uri("till.py"));
      await settings.update("review", "apply", vscode.ConfigurationTarget.Workspace);
      try {
        const { document } = await openFault();
        const before = document.getText();
        await vscode.commands.executeCommand("bodkin.ui.fix");
        await until("the change", () => document.lineAt(FAULT).text === FIXED);
        await until("a mark of what was changed", () => bodkin.marks(uri("till.py")).some((mark) => mark.kind === "changed"));
        await vscode.commands.executeCommand("bodkin.ui.keep");
        assert.deepStrictEqual(bodkin.marks(uri("till.py")), []);
        await until("a change that can be taken back", () => bodkin.view("bodkin.runs")[0].context === "run.applied");
        await vscode.commands.executeCommand("bodkin.ui.undo");
        await until("the old text", () => document.getText() === before);
        await document.save();
      } finally {
        await settings.update("review", undefined, vscode.ConfigurationTarget.Workspace);
      }
    },
  ],
  [
    "the ledger tells of what was done",
    async () => {
      await vscode.commands.executeCommand("bodkin.ui.refresh");
      const found = await until("entries", async () => (await rows("bodkin.ledger")).length > 3 && rows("bodkin.ledger"));
      assert.strictEqual(found[0].label, "The ledger is intact");
      assert.deepStrictEqual(found.filter((row) => row.spoken.trim() === "").map((row) => row.id), []);
    },
  ],
];
