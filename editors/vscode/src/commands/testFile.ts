// Runs the tests of the open file in the sandbox, through the Testing view's own command.

import * as vscode from "vscode";

import type { Command } from "./command";

export const testFile: Command = {
  id: "bodkin.ui.testFile",
  async run() {
    await vscode.commands.executeCommand("testing.runCurrentFile");
  },
};
