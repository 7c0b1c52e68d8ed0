// Opens the ledger's file as it stands on the disk.

import * as vscode from "vscode";

import type { Command } from "./command";

export const openLedger: Command = {
  id: "bodkin.ui.openLedger",
  async run({ history }) {
    await history.loadLedger();
    const path = history.ledger?.path ?? "";
    if (path === "") {
      throw new Error(vscode.l10n.t("Nothing has been recorded in this workspace yet."));
    }
    await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true });
  },
};
