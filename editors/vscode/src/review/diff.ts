// Opens the diff editor on a file of a patch, and closes it when everything is decided.

import { basename } from "node:path/posix";
import * as vscode from "vscode";

import type { RunState } from "../protocol";
import { isOpen, type Runs } from "../runs";
import { contentUri, SCHEME } from "./content";
import { places } from "./places";

/** Shows what a run proposes for a file, at a hunk; both are found where they are not named. */
export async function openDiff(run: RunState, path?: string, hunk?: string): Promise<void> {
  const file = run.offer?.files.find((it) => it.path === path) ?? firstOpen(run);
  if (file === undefined) {
    return;
  }
  const all = places(run, file);
  const place = all.find((it) => it.hunk.id === hunk) ?? all.find((it) => it.state === "undecided") ?? all[0];
  const { runId } = run.summary;
  const line = place?.right ?? 0;
  await vscode.commands.executeCommand(
    "vscode.diff",
    contentUri({ runId, side: "before", path: file.path }),
    contentUri({ runId, side: "accepted", path: file.path }),
    vscode.l10n.t("{0} (proposed by Bodkin)", basename(file.path)),
    { preview: true, selection: new vscode.Range(line, 0, line, 0) } satisfies vscode.TextDocumentShowOptions,
  );
}

function firstOpen(run: RunState): NonNullable<RunState["offer"]>["files"][number] | undefined {
  const files = run.offer?.files ?? [];
  return files.find((file) => places(run, file).some((it) => it.state === "undecided")) ?? files[0];
}

/** Closes the diffs of reviews that have ended. */
export function closeWhenDecided(runs: Runs): vscode.Disposable {
  return runs.told(({ run, news }) => {
    if (news?.kind === "reviewed" && !isOpen(news.review.state)) {
      void vscode.window.tabGroups.close(tabsOf(run.summary.runId));
    }
  });
}

function tabsOf(runId: string): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(
      ({ input }) =>
        input instanceof vscode.TabInputTextDiff &&
        input.modified.scheme === SCHEME &&
        input.modified.authority === runId,
    );
}
