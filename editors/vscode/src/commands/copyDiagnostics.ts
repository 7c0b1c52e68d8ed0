// Copies what somebody who helps needs to know.

import * as vscode from "vscode";

import { report } from "../report";
import type { Command } from "./command";

export const copyDiagnostics: Command = {
  id: "bodkin.ui.copyDiagnostics",
  async run({ context, connection, status, runs }) {
    await status.load().catch(() => undefined);
    await vscode.env.clipboard.writeText(report(context.extension, connection, status, runs));
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Versions, states and settings were copied. They hold no source text and no keys."),
    );
  },
};
