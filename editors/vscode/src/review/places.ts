// Where hunks lie: in the text before, and in the text that a diff shows on its right side.

import type { HunkState, OfferedFile, OfferedHunk, RunState } from "../protocol";

/** A hunk with its place. Lines count from zero. */
export interface Place {
  hunk: OfferedHunk;
  state: HunkState;
  /** First line in the text that the patch was made for. */
  before: number;
  /** How many lines it replaces; zero where lines are only added. */
  beforeCount: number;
  /** First line in the text without the rejected hunks. */
  right: number;
  /** How many lines it has there. */
  rightCount: number;
}

/** The hunks of a file in order, with the places that they have while some are rejected. */
export function places(run: RunState, file: OfferedFile): Place[] {
  const review = run.review?.files.find((it) => it.path === file.path);
  let shift = 0;
  return file.hunks.map((hunk) => {
    const state = review?.hunks.find((it) => it.id === hunk.id)?.state ?? "undecided";
    const before = hunk.line - 1;
    const beforeCount = lineCount(hunk.before);
    const rightCount = state === "rejected" ? beforeCount : lineCount(hunk.after);
    const place = { hunk, state, before, beforeCount, right: before + shift, rightCount };
    shift += rightCount - beforeCount;
    return place;
  });
}

/** The hunk that a line lies in, else the nearest; of two that are as near, the upper one. */
export function nearest(all: readonly Place[], side: "left" | "right", line: number): Place | undefined {
  const away = (it: Place): number => {
    const [first, count] = side === "left" ? [it.before, it.beforeCount] : [it.right, it.rightCount];
    return Math.max(first - line, line - (first + Math.max(count, 1) - 1), 0);
  };
  return all.reduce<Place | undefined>((best, it) => (best === undefined || away(it) < away(best) ? it : best), undefined);
}

/** How many lines a text has, a line end at its end not counted as a further one. */
export function lineCount(text: string): number {
  return text === "" ? 0 : text.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/).length;
}
