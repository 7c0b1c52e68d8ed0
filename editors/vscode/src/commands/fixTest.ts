// Fixes what a failing test shows: from the test in the Testing view, or from its failure.

import * as vscode from "vscode";

import * as protocol from "../protocol";
import type { Command } from "./command";

export const fixTest: Command = {
  id: "bodkin.ui.fixTest",
  async run({ connection }, argument) {
    const item = testItem(argument);
    if (item?.uri === undefined) {
      throw new Error(vscode.l10n.t("Choose a failing test in the Testing view."));
    }
    await connection.command(protocol.Commands.fixTest, { uri: connection.uri(item.uri), test: item.id });
  },
};

/** The menus of a test hand over the test, those of a failure a value that holds it. */
function testItem(argument: unknown): vscode.TestItem | undefined {
  if (typeof argument !== "object" || argument === null) {
    return undefined;
  }
  return "test" in argument ? (argument as { test: vscode.TestItem }).test : (argument as vscode.TestItem);
}
