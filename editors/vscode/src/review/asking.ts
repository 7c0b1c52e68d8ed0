// Tells of a patch when it is offered, and asks when what was accepted could not be proved.

import * as vscode from "vscode";

import type { RunState } from "../protocol";
import { type Runs, waits } from "../runs";
import type { Decide } from "./decide";
import { openDiff } from "./diff";

/** Listens for as long as it is not disposed. A patch that is seen in the sidebar anyway is not told of. */
export function askWhenOffered(runs: Runs, decide: Decide, isSeen: () => boolean): vscode.Disposable {
  const asked = new Set<string>();
  return runs.told(({ run, news }) => {
    const { runId } = run.summary;
    if (news?.kind === "reviewed" && news.review.state === "open" && !asked.has(runId)) {
      asked.add(runId);
      if (!isSeen()) {
        void offered(run, decide);
      }
    }
    if (news?.kind === "reviewed" && news.review.state === "unproved" && !asked.has(`${runId}/unproved`)) {
      asked.add(`${runId}/unproved`);
      void unproved(run, decide);
    }
    if (news?.kind === "reviewed" && news.review.state === "proving") {
      asked.delete(`${runId}/unproved`);
    }
  });
}

async function offered(run: RunState, decide: Decide): Promise<void> {
  if (run.offer === null) {
    return;
  }
  const { runId, title } = run.summary;
  const review = vscode.l10n.t("Review");
  const accept = vscode.l10n.t("Accept");
  const reject = vscode.l10n.t("Reject");
  const proved = run.offer.proof.missing.length === 0;
  const chosen = proved
    ? await vscode.window.showInformationMessage(
        vscode.l10n.t("Bodkin proved a change: {0} ({1})", run.offer.summary, title),
        review,
        accept,
        reject,
      )
    : await vscode.window.showWarningMessage(
        vscode.l10n.t("Bodkin found a change that is not proved: {0} ({1})", run.offer.summary, title),
        review,
        reject,
      );
  if (run.review === null || !waits(run.review.state)) {
    return; // it was decided elsewhere while the message stood
  }
  if (chosen === review) {
    await openDiff(run);
  } else if (chosen === accept) {
    await decide.acceptRest(runId);
  } else if (chosen === reject) {
    await decide.rejectAll(runId);
  }
}

async function unproved(run: RunState, decide: Decide): Promise<void> {
  const { runId } = run.summary;
  const anyway = vscode.l10n.t("Apply Anyway");
  const reject = vscode.l10n.t("Reject All");
  const missing = (run.review?.missing ?? []).join("; ");
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t("What you accepted is not proved by itself, so nothing was applied: {0}.", missing),
    anyway,
    reject,
  );
  if (chosen === anyway) {
    await decide.anyway(runId);
  } else if (chosen === reject) {
    await decide.rejectAll(runId);
  }
}
