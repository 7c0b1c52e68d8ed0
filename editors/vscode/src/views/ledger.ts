// The view "Ledger": what was asked, decided and done, the newest first, and whether the record is intact.

import { l10n } from "vscode";

import type { Ledger, LedgerEntry } from "../protocol";
import type { Row } from "./row";
import * as words from "./words";

/** The lines of the view; empty where nothing was recorded. */
export function ledgerRows(ledger: Ledger | undefined, more: boolean): Row[] {
  if (ledger === undefined || ledger.entries.length === 0) {
    return [];
  }
  return [head(ledger), ...ledger.entries.map(entryRow), ...(more ? [moreRow()] : [])];
}

function head(ledger: Ledger): Row {
  const label = ledger.intact ? l10n.t("The ledger is intact") : l10n.t("The ledger was tampered with");
  return {
    id: "head",
    label,
    description: ledger.message,
    tooltip: `${words.plain(ledger.message)}\n\n${words.plain(ledger.path ?? "")}`,
    icon: ledger.intact ? "verified" : "error",
    color: ledger.intact ? "testing.iconPassed" : "testing.iconFailed",
    context: "ledger.head",
    spoken: `${label}. ${ledger.message}`,
    target: {},
    expanded: false,
    children: [],
  };
}

function entryRow(entry: LedgerEntry): Row {
  const at = new Date(entry.at);
  const time = Number.isNaN(at.getTime()) ? entry.at : at.toLocaleTimeString();
  const about = [entry.runId ?? "", time].filter((it) => it !== "").join(" · ");
  return {
    id: `entry/${entry.seq}`,
    label: entry.summary,
    description: about,
    tooltip: `${words.plain(entry.summary)}\n\n${words.plain(`${entry.kind} · ${entry.at} · #${entry.seq}`)}`,
    icon: ICONS[entry.kind] ?? "circle-small",
    context: "ledger.entry",
    spoken: `${entry.summary}, ${about}`,
    target: entry.runId === null ? {} : { runId: entry.runId },
    expanded: false,
    children: [],
  };
}

function moreRow(): Row {
  const label = l10n.t("Show earlier entries");
  return {
    id: "more",
    label,
    description: "",
    tooltip: "",
    icon: "ellipsis",
    context: "ledger.more",
    spoken: label,
    command: "bodkin.ui.moreLedger",
    target: {},
    expanded: false,
    children: [],
  };
}

/** Icons of the kinds of entries that are known; a new kind has none of its own. */
const ICONS: Readonly<Record<string, string>> = {
  intent: "comment",
  reviewed: "shield",
  done: "check",
  failed: "close",
  decided: "law",
  checkpoint: "save",
  undone: "discard",
};
