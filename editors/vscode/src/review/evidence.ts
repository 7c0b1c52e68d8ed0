// The evidence of a run as a page: what was run, how it went without and with the change, what is missing.

import { l10n } from "vscode";

import type { Check, Offer, RunState } from "../protocol";
import * as words from "../views/words";

/** Markdown. */
export function evidence(run: RunState): string {
  const { summary, offer } = run;
  const lines = [`# ${words.plain(summary.title)}`, ""];
  if (offer === null) {
    const how = summary.outcome === null ? l10n.t("This run is under way.") : words.outcome(summary.outcome);
    lines.push(how, "", words.plain(summary.reason));
  } else {
    lines.push(...ofOffer(offer));
  }
  lines.push("", `## ${l10n.t("Steps")}`, "");
  for (const entry of run.plan.entries) {
    const detail = entry.detail === "" ? "" : ` — ${words.plain(entry.detail)}`;
    lines.push(`- ${words.plain(entry.title)}: ${words.step(entry.state)}${detail}`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function ofOffer(offer: Offer): string[] {
  const { proof } = offer;
  const proved = proof.missing.length === 0;
  const isolation = proof.isolation.level === "full" ? l10n.t("full isolation") : l10n.t("reduced isolation");
  return [
    words.plain(offer.summary),
    "",
    `**${proved ? l10n.t("Proved") : l10n.t("Not proved")}**`,
    ...list(l10n.t("What is missing"), proof.missing),
    ...list(l10n.t("Look at this twice"), offer.cautions),
    "",
    `## ${l10n.t("The tests, in a fresh sandbox each")}`,
    "",
    `\`${proof.command}\` (${proof.isolation.backend}, ${isolation})`,
    "",
    `| | ${l10n.t("without the change")} | ${l10n.t("with the change")} |`,
    "| --- | --- | --- |",
    `| ${l10n.t("the command")} | ${cell(proof.before.exit)} | ${cell(proof.after.exit)} |`,
    `| ${l10n.t("passed")} | ${passed(proof.before)} | ${passed(proof.after)} |`,
    `| ${l10n.t("failed")} | ${proof.before.failedTests.length} | ${proof.after.failedTests.length} |`,
    `| ${l10n.t("took")} | ${words.duration(proof.before.wallMs)} | ${words.duration(proof.after.wallMs)} |`,
    ...list(l10n.t("Mended"), proof.mended),
    ...list(l10n.t("Still failing"), proof.stillFailing),
    ...list(
      l10n.t("Changed lines that the tests ran"),
      proof.changedLinesExecuted.map((it) => `${it.path}: ${it.lines.join(", ")}`),
    ),
    "",
    l10n.t("{0} candidates were tried, {1} others passed as well.", proof.candidatesTried, offer.alternatives),
  ];
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ["", `### ${title}`, "", ...items.map((it) => `- ${words.plain(it)}`)];
}

function passed(check: Check): string {
  return check.passedTests === null ? l10n.t("unknown") : String(check.passedTests);
}

function cell(text: string): string {
  return words.plain(text.replace(/\s+/g, " "));
}
