// What a command of the palette, a menu or a key is: a name, and what it does with the parts of the extension.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import type { History } from "../history";
import type { RunState } from "../protocol";
import { shownBy } from "../review/content";
import type { Decide } from "../review/decide";
import type { Marks } from "../review/marks";
import { nearest, type Place, places } from "../review/places";
import type { Runs } from "../runs";
import type { Status } from "../status";
import type { Row, Target } from "../views/row";
import type { Sidebar, ViewName } from "../views/sidebar";

/** The parts of the extension that commands work with. */
export interface Parts {
  context: vscode.ExtensionContext;
  connection: Connection;
  runs: Runs;
  history: History;
  status: Status;
  decide: Decide;
  marks: Marks;
  sidebar: Sidebar;
}

/** A command; what it is called with depends on where it is called from. */
export interface Command {
  id: string;
  run(parts: Parts, argument: unknown): Promise<void>;
}

/** What a key in a tree hands over: the view whose selected line is meant. */
interface InView {
  view: ViewName;
}

/** What a command is called with; for a key in a tree, the selected line. */
export function resolve(parts: Parts, argument: unknown): unknown {
  const inView = typeof argument === "object" && argument !== null && "view" in argument;
  return inView ? parts.sidebar.selected((argument as InView).view) : argument;
}

/** What a command was called on: a line of a tree, the target of a lens; empty from the palette or a key. */
export function targetOf(argument: unknown): Target {
  if (typeof argument !== "object" || argument === null) {
    return {};
  }
  return "target" in argument ? (argument as Row).target : argument instanceof vscode.Uri ? {} : (argument as Target);
}

/** The review in the diff editor that has the focus, with the hunk at its cursor. */
export function atCursor(parts: Parts): { run: RunState; path: string; place: Place | undefined } | undefined {
  const editor = vscode.window.activeTextEditor;
  const shown = editor === undefined ? undefined : shownBy(editor.document.uri);
  const run = shown === undefined ? undefined : parts.runs.get(shown.runId);
  const file = run?.offer?.files.find((it) => it.path === shown?.path);
  if (editor === undefined || shown === undefined || run === undefined || file === undefined) {
    return undefined;
  }
  const side = shown.side === "before" ? "left" : "right";
  return { run, path: file.path, place: nearest(places(run, file), side, editor.selection.active.line) };
}

/** The run whose patch is meant: named, in the focused diff, or the newest that waits; a failure in words else. */
export function runToReview(parts: Parts, argument: unknown): RunState {
  const { runId } = targetOf(argument);
  const named = runId === undefined ? undefined : parts.runs.get(runId);
  const run = named ?? atCursor(parts)?.run ?? parts.runs.toReview()[0];
  if (run === undefined) {
    throw new Error(vscode.l10n.t("No patch waits for a decision."));
  }
  return run;
}
