// The view "Runs": each run with its plan, how long it takes, and what came of it.

import { l10n } from "vscode";

import type { PlanEntry, RunState, StepState } from "../protocol";
import { isOpen, waits } from "../runs";
import type { FolderOf } from "./folders";
import type { Row } from "./row";
import * as words from "./words";

/** The runs whose changes were taken back. */
export type Undone = ReadonlySet<string>;

/** The lines of the view, the newest run first. `nowUnixMs` makes the clock of a run under way go on. */
export function runRows(runs: readonly RunState[], undone: Undone, nowUnixMs: number, folderOf: FolderOf): Row[] {
  return runs.map((run, index) => runRow(run, undone, nowUnixMs, folderOf(run.uri), index === 0));
}

function runRow(run: RunState, undone: Undone, nowUnixMs: number, folder: string, newest: boolean): Row {
  const { summary, plan } = run;
  const alive = summary.outcome === null;
  const working = alive && !(run.review !== null && waits(run.review.state));
  const elapsedMs = working ? Math.max(summary.elapsedMs, nowUnixMs - summary.startedUnixMs) : summary.elapsedMs;
  const { icon, color, context, text } = face(run, undone);
  const told = [folder, text, words.duration(elapsedMs)].filter((it) => it !== "").join(" · ");
  const reason = summary.reason === "" ? "" : `\n\n${words.plain(summary.reason)}`;
  const offer = run.offer === null ? "" : `\n\n${words.plain(run.offer.summary)}`;
  return {
    id: summary.runId,
    label: summary.title,
    description: told,
    tooltip: `**${words.plain(summary.title)}** — ${words.plain(told)}${offer}${reason}`,
    icon,
    ...(color === undefined ? {} : { color }),
    context,
    spoken: `${summary.title}: ${told}. ${summary.reason}`.trim(),
    ...(run.review !== null && isOpen(run.review.state) ? { command: "bodkin.ui.review" } : {}),
    target: {
      runId: summary.runId,
      ...(run.uri === null ? {} : { uri: run.uri }),
      ...(run.checkpoint === null ? {} : { checkpoint: run.checkpoint }),
    },
    expanded: alive || newest,
    children: [
      ...plan.entries.map((entry) => stepRow(run, entry, elapsedMs)),
      ...(summary.reason === "" ? [] : [reasonRow(run)]),
    ],
  };
}

interface Face {
  icon: string;
  color?: string;
  context: string;
  text: string;
}

function face(run: RunState, undone: Undone): Face {
  const { outcome } = run.summary;
  if (undone.has(run.summary.runId)) {
    return { icon: "discard", context: "run.undone", text: l10n.t("taken back") };
  }
  if (run.review !== null && isOpen(run.review.state)) {
    const icon = waits(run.review.state) ? "git-pull-request" : "sync~spin";
    return { icon, color: "charts.blue", context: "run.review", text: words.review(run.review) };
  }
  if (outcome === null) {
    const done = run.plan.entries.filter((it) => it.state !== "pending" && it.state !== "in_progress").length;
    const text = run.plan.entries.length === 0 ? l10n.t("beginning") : `${done}/${run.plan.entries.length}`;
    return { icon: "sync~spin", color: "charts.blue", context: "run.alive", text };
  }
  const applied = run.checkpoint !== null;
  const context = applied ? "run.applied" : run.offer === null ? "run.ended" : "run.offered";
  const text = run.review?.state === "declined" ? l10n.t("rejected") : words.outcome(outcome);
  switch (outcome) {
    case "proved":
      return { icon: applied ? "pass-filled" : "pass", color: "testing.iconPassed", context, text: applied ? l10n.t("proved, applied") : text };
    case "unproved":
      return { icon: "warning", color: "list.warningForeground", context, text: applied ? l10n.t("not proved, applied") : text };
    case "exhausted":
      return { icon: "circle-slash", context, text };
    case "tested":
      return { icon: "beaker", context, text };
    case "cancelled":
      return { icon: "circle-slash", context, text };
    case "refused":
    case "failed":
      return { icon: "error", color: "testing.iconFailed", context, text };
  }
}

function stepRow(run: RunState, entry: PlanEntry, elapsedMs: number): Row {
  const asked = entry.state === "in_progress" && run.review !== null && waits(run.review.state);
  const { icon, color } = asked ? WAITS_FOR_USER : stepFace(entry.state);
  const took =
    entry.startedMs === null ? "" : words.duration((entry.endedMs ?? Math.max(elapsedMs, entry.startedMs)) - entry.startedMs);
  const description = [entry.detail, took].filter((it) => it !== "").join(" · ");
  return {
    id: `${run.summary.runId}/${entry.id}`,
    label: entry.title,
    description,
    tooltip: `**${words.plain(entry.title)}** — ${words.step(entry.state)}${entry.detail === "" ? "" : `\n\n${words.plain(entry.detail)}`}`,
    icon,
    ...(color === undefined ? {} : { color }),
    context: "step",
    spoken: `${entry.title}: ${words.step(entry.state)}. ${description}`.trim(),
    target: { runId: run.summary.runId },
    expanded: false,
    children: [],
  };
}

/** A step that goes on when the user has decided. */
const WAITS_FOR_USER = { icon: "question", color: "charts.blue" };

function reasonRow({ summary }: RunState): Row {
  return {
    id: `${summary.runId}/reason`,
    label: summary.reason,
    description: "",
    tooltip: words.plain(summary.reason),
    icon: "info",
    context: "reason",
    spoken: summary.reason,
    target: { runId: summary.runId },
    expanded: false,
    children: [],
  };
}

function stepFace(state: StepState): { icon: string; color?: string } {
  switch (state) {
    case "pending":
      return { icon: "circle-outline" };
    case "in_progress":
      return { icon: "sync~spin", color: "charts.blue" };
    case "done":
      return { icon: "check", color: "testing.iconPassed" };
    case "failed":
      return { icon: "close", color: "testing.iconFailed" };
    case "skipped":
      return { icon: "dash" };
  }
}
