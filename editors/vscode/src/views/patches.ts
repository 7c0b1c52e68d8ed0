// The view "Patches": what waits for a decision, file by file and hunk by hunk, then what was applied.

import { l10n } from "vscode";

import type { Change, OfferedFile, OfferedHunk, ReviewedFile, RunState } from "../protocol";
import { waits } from "../runs";
import type { FolderOf } from "./folders";
import type { Row } from "./row";
import * as words from "./words";

/** The lines of the view: patches under review first, then changes, the newest first. */
export function patchRows(toReview: readonly RunState[], changes: readonly Change[], folderOf: FolderOf): Row[] {
  return [...toReview.flatMap((run) => patchRow(run, folderOf)), ...changes.map((it) => changeRow(it, folderOf))];
}

function patchRow(run: RunState, folderOf: FolderOf): Row[] {
  const { offer, review } = run;
  if (offer === null || review === null) {
    return [];
  }
  const { runId } = run.summary;
  const unproved = offer.proof.missing.length > 0 || review.state === "unproved";
  const open = waits(review.state);
  const evidence = unproved ? l10n.t("not proved") : l10n.t("proved");
  const description = `${evidence} · ${words.review(review)}`;
  const notes = [...offer.cautions, ...offer.proof.missing, ...review.missing].map((it) => `- ${words.plain(it)}`);
  return [
    {
      id: `patch/${runId}`,
      label: offer.summary,
      description,
      tooltip: [`**${words.plain(offer.summary)}**`, words.plain(description), notes.join("\n")].join("\n\n"),
      icon: open ? (unproved ? "warning" : "pass") : "sync~spin",
      color: unproved ? "list.warningForeground" : "testing.iconPassed",
      context: review.state === "unproved" ? "patch.unproved" : open ? "patch.open" : "patch.busy",
      spoken: `${offer.summary}: ${description}`,
      command: "bodkin.ui.review",
      target: { runId },
      expanded: true,
      children: offer.files.map((file) =>
        fileRow(
          runId,
          file,
          review.files.find((it) => it.path === file.path),
          open,
          folderOf,
        ),
      ),
    },
  ];
}

function fileRow(
  runId: string,
  file: OfferedFile,
  review: ReviewedFile | undefined,
  open: boolean,
  folderOf: FolderOf,
): Row {
  const count = file.hunks.length;
  const amount = count === 1 ? l10n.t("1 change") : l10n.t("{0} changes", count);
  const description = [folderOf(review?.uri ?? null), amount].filter((it) => it !== "").join(" · ");
  return {
    id: `patch/${runId}/${file.path}`,
    label: file.path,
    description,
    tooltip: words.plain(file.path),
    icon: "file",
    context: open ? "file.open" : "file.busy",
    spoken: `${file.path}: ${description}`,
    command: "bodkin.ui.review",
    target: { runId, path: file.path, ...(review === undefined ? {} : { uri: review.uri }) },
    expanded: true,
    children: file.hunks.map((hunk) => hunkRow(runId, file, hunk, review, open)),
  };
}

function hunkRow(
  runId: string,
  file: OfferedFile,
  hunk: OfferedHunk,
  review: ReviewedFile | undefined,
  open: boolean,
): Row {
  const state = review?.hunks.find((it) => it.id === hunk.id)?.state ?? "undecided";
  const label = l10n.t("Line {0}", hunk.line);
  const description = `${words.hunk(state)} · ${gist(hunk)}`;
  return {
    id: `patch/${runId}/${file.path}/${hunk.id}`,
    label,
    description,
    tooltip: ["```diff", ...marked("-", hunk.before), ...marked("+", hunk.after), "```"].join("\n"),
    icon: state === "accepted" ? "check" : state === "rejected" ? "close" : "circle-outline",
    ...(state === "accepted" ? { color: "testing.iconPassed" } : {}),
    context: open ? `hunk.${state}` : "hunk.busy",
    spoken: `${file.path}, ${label}: ${description}`,
    command: "bodkin.ui.review",
    target: { runId, path: file.path, hunk: hunk.id, ...(review === undefined ? {} : { uri: review.uri }) },
    expanded: false,
    children: [],
  };
}

/** The first line that changes, as it becomes; as it was where it goes. */
function gist(hunk: OfferedHunk): string {
  const line = (hunk.after === "" ? hunk.before : hunk.after).split(/\r\n|\r|\n/).find((it) => it.trim() !== "");
  return line?.trim() ?? l10n.t("an empty line");
}

function marked(sign: string, text: string): string[] {
  return text === "" ? [] : text.replace(/\r\n|\r|\n$/, "").split(/\r\n|\r|\n/).map((line) => sign + line);
}

function changeRow(change: Change, folderOf: FolderOf): Row {
  const state = {
    applied: l10n.t("applied"),
    undone: l10n.t("taken back"),
    rolled_back: l10n.t("rolled back"),
    pending: l10n.t("on its way"),
  }[change.state];
  return {
    id: `change/${change.checkpoint}`,
    label: change.title,
    description: state,
    tooltip: `**${words.plain(change.title)}** — ${state}\n\n${change.files.map((it) => `- ${words.plain(it.path)}`).join("\n")}`,
    icon: change.state === "applied" ? "history" : change.state === "pending" ? "sync" : "discard",
    context: `change.${change.state}`,
    spoken: `${change.title}: ${state}`,
    target: { checkpoint: change.checkpoint, runId: change.runId },
    expanded: false,
    children: change.files.map((file) => ({
      id: `change/${change.checkpoint}/${file.path}`,
      label: file.path,
      description: folderOf(file.uri),
      tooltip: words.plain(file.path),
      icon: "file",
      context: "change.file",
      spoken: file.path,
      command: "bodkin.ui.openFile",
      target: { uri: file.uri },
      expanded: false,
      children: [],
    })),
  };
}
