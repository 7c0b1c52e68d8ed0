// Opens a file that a change has touched.

import * as vscode from "vscode";

import { type Command, targetOf } from "./command";

export const openFile: Command = {
  id: "bodkin.ui.openFile",
  async run(_, argument) {
    const { uri } = targetOf(argument);
    if (uri !== undefined) {
      await vscode.window.showTextDocument(vscode.Uri.parse(uri), { preview: true });
    }
  },
};
