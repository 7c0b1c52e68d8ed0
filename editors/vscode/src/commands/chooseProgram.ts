// Lets the user say where the program is, and starts it.

import * as vscode from "vscode";

import type { Command } from "./command";

export const chooseProgram: Command = {
  id: "bodkin.ui.chooseProgram",
  async run() {
    const chosen = await vscode.window.showOpenDialog({
      canSelectMany: false,
      openLabel: vscode.l10n.t("Use This Program"),
      title: vscode.l10n.t("The program bodkin"),
    });
    const path = chosen?.[0]?.fsPath;
    if (path !== undefined) {
      // The server is started anew when the setting changes.
      await vscode.workspace.getConfiguration("bodkin").update("path", path, vscode.ConfigurationTarget.Global);
    }
  },
};
