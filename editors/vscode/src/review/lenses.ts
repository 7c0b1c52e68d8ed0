// Accept and reject at each hunk: above the hunk in the diff's right side, and above the lines in the file itself.

import * as vscode from "vscode";

import type { OfferedFile, RunState } from "../protocol";
import { type Runs, waits } from "../runs";
import type { Target } from "../views/row";
import { SCHEME, shownBy } from "./content";
import type { Marks } from "./marks";
import { type Place, places } from "./places";

/** Lenses of the right side of a review. */
export class DiffLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly listening: vscode.Disposable;
  readonly onDidChangeCodeLenses = this.changes.event;

  constructor(private readonly runs: Runs) {
    this.listening = runs.changed(() => this.changes.fire());
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const shown = shownBy(document.uri);
    const run = shown === undefined ? undefined : this.runs.get(shown.runId);
    const file = run?.offer?.files.find((it) => it.path === shown?.path);
    if (shown?.side !== "accepted" || run === undefined || file === undefined || !isDecidable(run)) {
      return [];
    }
    return places(run, file).flatMap((place) => ofPlace(run, file, place, Math.min(place.right, document.lineCount - 1)));
  }

  dispose(): void {
    this.listening.dispose();
    this.changes.dispose();
  }
}

/** Lenses of the files that patches under review would change. */
export class FileLenses implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(
    private readonly runs: Runs,
    private readonly marks: Marks,
  ) {
    this.onDidChangeCodeLenses = marks.changed;
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return this.marks.proposed(document.uri).flatMap((mark) => {
      const run = this.runs.get(mark.runId);
      const target: Target = { runId: mark.runId, path: mark.path, hunk: mark.hunk };
      return run === undefined || !isDecidable(run)
        ? []
        : [
            lens(mark.first, vscode.l10n.t("Bodkin proposes a change: review"), "bodkin.ui.review", target),
            lens(mark.first, vscode.l10n.t("Accept"), "bodkin.ui.acceptHunk", target),
            lens(mark.first, vscode.l10n.t("Reject"), "bodkin.ui.rejectHunk", target),
          ];
    });
  }
}

/** The documents that have lenses of a review. */
export const REVIEWED: vscode.DocumentSelector = { scheme: SCHEME };

function ofPlace(run: RunState, file: OfferedFile, place: Place, line: number): vscode.CodeLens[] {
  const target: Target = { runId: run.summary.runId, path: file.path, hunk: place.hunk.id };
  const accept = lens(line, `$(check) ${vscode.l10n.t("Accept")}`, "bodkin.ui.acceptHunk", target);
  const reject = lens(line, `$(close) ${vscode.l10n.t("Reject")}`, "bodkin.ui.rejectHunk", target);
  switch (place.state) {
    case "undecided":
      return [accept, reject];
    case "accepted":
      return [lens(line, vscode.l10n.t("Accepted"), "", target), reject];
    case "rejected":
      return [lens(line, vscode.l10n.t("Rejected"), "", target), accept];
  }
}

function lens(line: number, title: string, command: string, target: Target): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [target] });
}

function isDecidable(run: RunState): boolean {
  return run.review !== null && waits(run.review.state);
}
