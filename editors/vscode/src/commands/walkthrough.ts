// Opens the walkthrough.

import * as vscode from "vscode";

import type { Command } from "./command";

export const walkthrough: Command = {
  id: "bodkin.ui.walkthrough",
  async run({ context }) {
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false);
  },
};
