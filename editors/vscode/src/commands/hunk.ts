// Which hunk or file a decision is about, and what follows it.

import * as vscode from "vscode";

import type { Choice } from "../protocol";
import { openDiff } from "../review/diff";
import { shownBy } from "../review/content";
import { settled } from "../review/settled";
import { atCursor, type Command, type Parts, targetOf } from "./command";

export type { Command };

/** One decision after the other: where the cursor stands counts when the one before it is seen. */
let turn: Promise<void> = Promise.resolve();

function inTurn(act: () => Promise<void>): Promise<void> {
  const mine = turn.then(act);
  turn = mine.catch(() => {});
  return mine;
}

/**
 * Decides about what is named, a hunk, a file or a patch, else about the hunk at the cursor; then goes to the next
 * undecided one.
 */
export function decideHunk(parts: Parts, argument: unknown, choice: Choice): Promise<void> {
  return inTurn(() => ofHunk(parts, argument, choice));
}

async function ofHunk(parts: Parts, argument: unknown, choice: Choice): Promise<void> {
  const named = targetOf(argument);
  const here = named.runId === undefined ? atCursor(parts) : undefined;
  const { runId, path, hunk } =
    here === undefined ? named : { runId: here.run.summary.runId, path: here.path, hunk: here.place?.hunk.id };
  if (runId === undefined) {
    throw new Error(vscode.l10n.t("Put the cursor into a change of a patch that is under review."));
  }
  if (path === undefined) {
    await (choice === "accept" ? parts.decide.acceptRest(runId) : parts.decide.rejectAll(runId));
  } else if (hunk === undefined) {
    await parts.decide.file(runId, path, choice);
  } else {
    await parts.decide.hunk(runId, path, hunk, choice);
  }
  await goOn(parts, runId);
}

/** Decides about every undecided hunk of the file that is named or shown. */
export function decideFile(parts: Parts, argument: unknown, choice: Choice): Promise<void> {
  return inTurn(() => ofFile(parts, argument, choice));
}

async function ofFile(parts: Parts, argument: unknown, choice: Choice): Promise<void> {
  const named = targetOf(argument);
  const here = atCursor(parts);
  const runId = named.runId ?? here?.run.summary.runId;
  const path = named.path ?? here?.path;
  if (runId === undefined || path === undefined) {
    throw new Error(vscode.l10n.t("Open the review of a patch first."));
  }
  await parts.decide.file(runId, path, choice);
  await goOn(parts, runId);
}

/** In an open diff of the run, once it shows the decision: goes to the next hunk that is undecided, here or elsewhere. */
async function goOn(parts: Parts, runId: string): Promise<void> {
  const files = parts.runs.get(runId)?.review?.files ?? [];
  await Promise.all(files.map((file) => settled(parts.connection, runId, file.path)));
  const run = parts.runs.get(runId);
  const editor = vscode.window.activeTextEditor;
  const reviewing = editor !== undefined && shownBy(editor.document.uri)?.runId === runId;
  const undecided = run?.review?.files.find((file) => file.hunks.some((it) => it.state === "undecided"));
  if (run?.review?.state === "open" && reviewing && undecided !== undefined) {
    await openDiff(run, undecided.path);
  }
}
