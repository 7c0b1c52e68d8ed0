// Cancels a run: the one of a tree's line, else the only one under way, else one that is chosen.

import * as vscode from "vscode";

import * as protocol from "../protocol";
import { type Command, targetOf } from "./command";

export const cancel: Command = {
  id: "bodkin.ui.cancel",
  async run({ connection, runs }, argument) {
    const alive = runs.all().filter((run) => runs.isAlive(run));
    const only = alive.length === 1 ? alive[0]?.summary.runId : undefined;
    const runId = targetOf(argument).runId ?? only ?? (await choose(alive));
    if (runId === undefined) {
      if (alive.length === 0) {
        throw new Error(vscode.l10n.t("No run is under way."));
      }
      return;
    }
    await connection.command(protocol.Commands.cancel, { runId });
  },
};

async function choose(alive: readonly protocol.RunState[]): Promise<string | undefined> {
  if (alive.length === 0) {
    return undefined;
  }
  const items = alive.map(({ summary }) => ({ label: summary.title, description: summary.runId, runId: summary.runId }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t("The run to cancel") });
  return chosen?.runId;
}
