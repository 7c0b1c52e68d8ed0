// Puts the focus on the runs in the sidebar.

import * as vscode from "vscode";

import type { Command } from "./command";

export const showRuns: Command = {
  id: "bodkin.ui.showRuns",
  async run() {
    await vscode.commands.executeCommand("bodkin.runs.focus");
  },
};
