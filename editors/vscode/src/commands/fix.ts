// Fixes the selected lines; the line of the cursor where nothing is selected.

import * as vscode from "vscode";

import * as protocol from "../protocol";
import type { Command } from "./command";

export const fix: Command = {
  id: "bodkin.ui.fix",
  async run({ connection }) {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      throw new Error(vscode.l10n.t("Open a file and select the lines that are to be fixed."));
    }
    const { document, selection } = editor;
    if (document.uri.scheme !== "file") {
      throw new Error(vscode.l10n.t("Bodkin works on files on the disk. Save this one to a folder first."));
    }
    // A selection that ends before the first character of a line does not mean that line.
    const last = selection.end.character === 0 && !selection.isSingleLine ? selection.end.line - 1 : selection.end.line;
    const argument: protocol.FixArguments = {
      uri: connection.uri(document.uri),
      lines: { first: selection.start.line, last },
      version: document.version,
      test: null,
      message: null,
    };
    await connection.command(protocol.Commands.fix, argument);
  },
};
