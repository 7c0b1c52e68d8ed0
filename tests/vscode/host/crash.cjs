// Servers that end, and programs that are not the right one.

const assert = require("node:assert");
const path = require("node:path");
const vscode = require("vscode");

const { FAULT, FIXED, api, openFault, propose, until } = require("./kit.cjs");

module.exports = [
  [
    "a server that is killed is started again, keeps what was typed, and works on it",
    async () => {
      const bodkin = await api();
      const { document, editor } = await openFault();
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# typed 😀\n"));
      const typed = document.getText();
      const { pid } = bodkin.life();
      process.kill(pid, "SIGKILL");
      await until("another server", () => bodkin.life().state === "running" && bodkin.life().pid !== pid);
      assert.strictEqual(document.getText(), typed);
      await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, 1, 0)));
      await document.save();
      await propose();
      await vscode.commands.executeCommand("bodkin.ui.acceptAll");
      await until("the change", () => document.lineAt(FAULT).text === FIXED);
    },
  ],
  [
    "a program of another version is refused, and what to do is said",
    async () => {
      const bodkin = await api();
      const settings = vscode.workspace.getConfiguration("bodkin");
      const before = settings.inspect("path").globalValue;
      await settings.update("path", path.join(process.env.BODKIN_HERE, "old-server"), vscode.ConfigurationTarget.Global);
      const life = await until("a refusal", () => bodkin.life().state === "missing" && bodkin.life());
      assert.match(life.message, /old-server is version 99\.0\.0; this extension speaks with version 0\.1/);
      assert.strictEqual(bodkin.status().severity, "Error");
      assert.strictEqual(bodkin.status().command, "bodkin.ui.chooseProgram");
      assert.deepStrictEqual(bodkin.view("bodkin.runs"), []);
      await settings.update("path", before, vscode.ConfigurationTarget.Global);
      await until("the right one", () => bodkin.life().state === "running");
    },
  ],
];
