// Wires the parts together. Shows and forwards; decides nothing.

import * as vscode from "vscode";

import { register } from "./commands/all";
import type { Parts } from "./commands/command";
import { Connection, type Life } from "./connection";
import { History } from "./history";
import { askWhenOffered } from "./review/asking";
import { ReviewContent, SCHEME } from "./review/content";
import { Decide } from "./review/decide";
import { closeWhenDecided } from "./review/diff";
import { DiffLenses, FileLenses, REVIEWED } from "./review/lenses";
import { type Mark, Marks } from "./review/marks";
import { Runs } from "./runs";
import { Status } from "./status";
import { Testing } from "./testing/testing";
import type { Row } from "./views/row";
import { Sidebar, type ViewName } from "./views/sidebar";

/** What can be seen of the extension from outside: for other extensions and for tests, to read only. */
export interface Api {
  /** How the server is. */
  life(): Life;
  /** What the language status shows. */
  status(): Status["shown"];
  /** The lines of a view of the sidebar. */
  view(name: ViewName): readonly Row[];
  /** The marks of a file. */
  marks(uri: vscode.Uri): readonly Mark[];
  /** The tests that were found. */
  tests: vscode.TestItemCollection;
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const log = vscode.window.createOutputChannel("Bodkin", { log: true });
  const connection = new Connection(context, log, {});
  const runs = new Runs(connection);
  const status = new Status(connection);
  const history = new History(connection, () => folderInView(connection, status, runs));
  const decide = new Decide(connection, runs);
  const marks = new Marks(runs, context.extensionUri);
  const sidebar = new Sidebar(runs, history);
  const testing = new Testing(connection, runs);
  const content = new ReviewContent(connection, runs);
  const lenses = new DiffLenses(runs);
  const parts: Parts = { context, connection, runs, history, status, decide, marks, sidebar };
  context.subscriptions.push(
    ...[log, connection, runs, history, status, marks, sidebar, testing, content, lenses],
    ...register(parts),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, content),
    vscode.languages.registerCodeLensProvider(REVIEWED, lenses),
    vscode.languages.registerCodeLensProvider({ scheme: "file" }, new FileLenses(runs, marks)),
    askWhenOffered(runs, decide, () => sidebar.isVisible("bodkin.patches")),
    closeWhenDecided(runs),
    connection.changed((life) => void follow(life, parts, testing)),
    runs.told(({ news }) => void freshen(news?.kind, sidebar, history, log)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void connection.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("bodkin.path")) {
        void connection.restart();
      }
    }),
  );
  await connection.start();
  return {
    life: () => connection.life,
    status: () => status.shown,
    view: (name) => sidebar.shown(name),
    marks: (uri) => marks.of(uri),
    tests: testing.controller.items,
  };
}

/** The server stops with the extension: everything that was made is disposed of by the editor. */
export function deactivate(): void {}

/** A server that has started is asked for what is; one that has ended has nothing to show. */
async function follow(life: Life, { connection, runs, history, status }: Parts, testing: Testing): Promise<void> {
  if (life.state === "running") {
    const loads = [runs.load(), history.loadChanges(), history.loadLedger(), status.load()];
    for (const loaded of await Promise.allSettled(loads)) {
      if (loaded.status === "rejected") {
        connection.log.debug(String(loaded.reason));
      }
    }
    testing.ready();
    return;
  }
  runs.clear();
  history.clear();
  if (life.state === "missing" || life.state === "failed") {
    await complain(life.message);
  }
}

/** The folder, as the server names it, of the file on the screen, else of the newest run. */
function folderInView(connection: Connection, status: Status, runs: Runs): string | null {
  const document = vscode.window.activeTextEditor?.document;
  const shown = document?.uri.scheme === "file" ? connection.uri(document.uri) : runs.all()[0]?.uri;
  const holding = (status.server?.folders ?? []).filter((it) => shown?.startsWith(`${it.uri.replace(/\/$/, "")}/`));
  return holding.sort((a, b) => b.uri.length - a.uri.length)[0]?.uri ?? null;
}

async function complain(message: string): Promise<void> {
  const choose = vscode.l10n.t("Choose Program");
  const again = vscode.l10n.t("Start Again");
  const showLog = vscode.l10n.t("Show Log");
  const chosen = await vscode.window.showErrorMessage(vscode.l10n.t("Bodkin: {0}", message), choose, again, showLog);
  const command = { [choose]: "chooseProgram", [again]: "restart", [showLog]: "showLog" }[chosen ?? ""];
  if (command !== undefined) {
    await vscode.commands.executeCommand(`bodkin.ui.${command}`);
  }
}

/** What was applied or taken back is asked for; the ledger only where it is seen. */
async function freshen(
  kind: string | undefined,
  sidebar: Sidebar,
  history: History,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const changed = kind === "applied" || kind === "undone";
  const loads = [
    ...(changed ? [history.loadChanges()] : []),
    ...((changed || kind === "ended") && sidebar.isVisible("bodkin.ledger") ? [history.loadLedger()] : []),
  ];
  for (const loaded of await Promise.allSettled(loads)) {
    if (loaded.status === "rejected") {
      log.debug(String(loaded.reason));
    }
  }
}
