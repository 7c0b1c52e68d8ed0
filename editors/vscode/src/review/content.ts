// The texts of a review as read-only documents: what was, what is proposed, and the evidence.
//
// The server computes the texts; a document is asked for again when a decision changes what it shows.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import * as protocol from "../protocol";
import type { Runs } from "../runs";
import { evidence } from "./evidence";

/** The scheme of the documents. */
export const SCHEME = "bodkin";

/** What one of the documents shows. */
export interface Shown {
  runId: string;
  side: protocol.ContentSide;
  path: string;
}

/** The name of a text of a run: its path ends with the file's, so that its language is known. */
export function contentUri({ runId, side, path }: Shown): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, authority: runId, path: `/${path}`, query: side });
}

/** The name of the evidence of a run. */
export function evidenceUri(runId: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, authority: runId, path: "/evidence.md", query: "evidence" });
}

/** What a document shows; none where it is not a text of a file. */
export function shownBy(uri: vscode.Uri): Shown | undefined {
  const side = SIDES.find((it) => it === uri.query);
  return uri.scheme === SCHEME && side !== undefined
    ? { runId: uri.authority, side, path: uri.path.slice(1) }
    : undefined;
}

const SIDES: readonly protocol.ContentSide[] = ["before", "after", "accepted"];

export class ReviewContent implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly listening: vscode.Disposable;
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly connection: Connection,
    private readonly runs: Runs,
  ) {
    this.listening = runs.told(({ run, news }) => {
      if (news?.kind === "reviewed") {
        for (const file of run.offer?.files ?? []) {
          this.changes.fire(contentUri({ runId: run.summary.runId, side: "accepted", path: file.path }));
        }
        this.changes.fire(evidenceUri(run.summary.runId));
      }
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const shown = shownBy(uri);
    if (shown === undefined) {
      const run = this.runs.get(uri.authority);
      return run === undefined ? vscode.l10n.t("This run is no longer known.") : evidence(run);
    }
    return (await this.connection.request(protocol.Requests.content, shown)).text;
  }

  dispose(): void {
    this.listening.dispose();
    this.changes.dispose();
  }
}
