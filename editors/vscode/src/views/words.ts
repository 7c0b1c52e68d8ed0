// Times, counts and states in the words of the user's language.

import { l10n } from "vscode";

import type { HunkState, Outcome, Review, StepState } from "../protocol";

/** `0.4 s`, `12 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) {
    return l10n.t("{0} s", seconds.toFixed(1));
  }
  const whole = Math.round(seconds);
  return whole < 60
    ? l10n.t("{0} s", whole)
    : l10n.t("{0} min {1} s", Math.floor(whole / 60), whole % 60);
}

export function step(state: StepState): string {
  return {
    pending: l10n.t("not begun"),
    in_progress: l10n.t("in progress"),
    done: l10n.t("done"),
    failed: l10n.t("failed"),
    skipped: l10n.t("not needed"),
  }[state];
}

export function outcome(how: Outcome): string {
  return {
    proved: l10n.t("proved"),
    unproved: l10n.t("not proved"),
    exhausted: l10n.t("nothing found"),
    refused: l10n.t("refused"),
    cancelled: l10n.t("cancelled"),
    failed: l10n.t("failed"),
    tested: l10n.t("tests were run"),
  }[how];
}

export function hunk(state: HunkState): string {
  return {
    undecided: l10n.t("undecided"),
    accepted: l10n.t("accepted"),
    rejected: l10n.t("rejected"),
  }[state];
}

/** What a review waits for, or how it ended. */
export function review(it: Review): string {
  switch (it.state) {
    case "open": {
      const left = it.files.flatMap((file) => file.hunks).filter((one) => one.state === "undecided").length;
      return l10n.t("{0} to decide", left);
    }
    case "proving":
      return l10n.t("proving what you accepted");
    case "unproved":
      return l10n.t("what you accepted is not proved");
    case "applying":
      return l10n.t("being applied");
    case "applied":
      return l10n.t("applied");
    case "declined":
      return l10n.t("rejected");
    case "withheld":
      return l10n.t("withheld: the file has changed");
  }
}

/** `1 test` or `3 tests`. */
export function tests(count: number): string {
  return count === 1 ? l10n.t("1 test") : l10n.t("{0} tests", count);
}

/** Text as Markdown that shows it as it is; what stands between backticks is shown as code. */
export function plain(text: string): string {
  return text
    .split(/(`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\`*_{}[\]()#+\-.!|<>~]/g, "\\$&")))
    .join("");
}
