// What somebody who helps needs to know: versions, states and settings. No source text, no keys, no name of the user.

import { arch, homedir, platform, release } from "node:os";
import * as vscode from "vscode";

import type { Connection } from "./connection";
import type { Runs } from "./runs";
import type { Status } from "./status";

/** Settings whose values may hold what is nobody's business. */
const NOT_TOLD = /key|token|secret|password/i;

/** Markdown. */
export function report(extension: vscode.Extension<unknown>, connection: Connection, status: Status, runs: Runs): string {
  const { version } = extension.packageJSON as { version: string };
  const life = connection.life;
  const lines = [
    "## Bodkin",
    "",
    `- extension: ${version}`,
    `- editor: ${vscode.env.appName} ${vscode.version}, ${vscode.UIKind[vscode.env.uiKind] ?? ""}, remote: ${vscode.env.remoteName ?? "none"}`,
    `- machine: ${platform()} ${release()} ${arch()}, node ${process.versions.node}`,
    `- server: ${life.state}`,
  ];
  if (life.state === "running") {
    const { binary } = life;
    lines.push(`- program: ${binary.path} (${binary.origin}), version ${binary.version}`);
  } else if ("message" in life) {
    lines.push(`- problem: ${life.message}`);
  }
  lines.push(...ofServer(status));
  const count = (test: (outcome: string | null) => boolean): number => runs.all().filter((it) => test(it.summary.outcome)).length;
  lines.push(`- runs: ${count(() => true)}, under way: ${count((it) => it === null)}, failed: ${count((it) => it === "failed")}`);
  return `${lines.join("\n").replaceAll(homedir(), "~")}\n`;
}

function ofServer(status: Status): string[] {
  const { server } = status;
  if (server === undefined) {
    return [];
  }
  const folders = server.folders.flatMap((folder, index) => [
    `- folder ${index + 1}: ${folder.state}${folder.message === "" ? "" : `, ${folder.message}`}`,
    `  - isolation: ${folder.isolation === null ? "not known yet" : [folder.isolation.backend, folder.isolation.level, ...folder.isolation.missing].join(", ")}`,
    `  - tests: ${folder.tests === null ? "none found" : `${folder.tests.command} (${folder.tests.reason})`}`,
    ...folder.recovered.map((it) => `  - recovered: ${it}`),
  ]);
  const settings = JSON.stringify(server.settings, (key: string, value: unknown) => (NOT_TOLD.test(key) ? "…" : value), 2);
  return [
    `- health: ${server.health}${server.message === "" ? "" : `, ${server.message}`}${server.nextStep === null ? "" : ` ${server.nextStep}`}`,
    `- columns: ${server.encoding}`,
    `- state folder: ${server.stateFolder}`,
    ...folders,
    "- settings:",
    "",
    "```json",
    settings,
    "```",
    "",
  ];
}
