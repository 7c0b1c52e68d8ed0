// "Copy diagnostics": enough to help, nothing that is nobody's business.

const assert = require("node:assert");
const os = require("node:os");
const vscode = require("vscode");

const { openFault } = require("./kit.cjs");

module.exports = [
  [
    "the copied diagnostics tell versions and settings, and no source text",
    async () => {
      await openFault();
      await vscode.commands.executeCommand("bodkin.ui.copyDiagnostics");
      const text = await vscode.env.clipboard.readText();
      for (const told of [vscode.version, "columns: utf-16", "maxCandidates", "isolation: local"]) {
        assert.ok(text.includes(told), `${told} is told in ${text}`);
      }
      for (const kept of ["quantity", "BULK_FROM", "test_few_pieces", os.homedir()]) {
        assert.ok(!text.includes(kept), `${kept} is not told`);
      }
    },
  ],
];
