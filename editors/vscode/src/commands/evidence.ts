// Shows the evidence of a run as a page.

import * as vscode from "vscode";

import { evidenceUri } from "../review/content";
import { type Command, runToReview, targetOf } from "./command";

export const evidence: Command = {
  id: "bodkin.ui.evidence",
  async run(parts, argument) {
    const runId = targetOf(argument).runId ?? runToReview(parts, argument).summary.runId;
    await vscode.commands.executeCommand("markdown.showPreview", evidenceUri(runId));
  },
};
