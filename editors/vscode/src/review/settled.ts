// Waits until an open review shows what was decided: its text comes from the server some time after the decision, and
// until then its lines are not where the hunks are.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import * as protocol from "../protocol";
import { contentUri } from "./content";

/** Longest that a text may take; a later decision may have changed it again. */
const PATIENCE_MS = 2000;

/** Waits until the right side of a review reads as the server has it, if it is open. */
export async function settled(connection: Connection, runId: string, path: string): Promise<void> {
  const shown = { runId, side: "accepted", path } as const;
  const name = contentUri(shown).toString();
  const document = vscode.workspace.textDocuments.find((it) => it.uri.toString() === name);
  if (document !== undefined) {
    const { text } = await connection.request(protocol.Requests.content, shown);
    await reads(document, text);
  }
}

function reads(document: vscode.TextDocument, text: string): Promise<void> {
  const lines = (it: string): string => it.replace(/\r\n|\r/g, "\n");
  const wanted = lines(text);
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.isClosed || lines(document.getText()) === wanted) {
        done();
      }
    };
    const listening = [vscode.workspace.onDidChangeTextDocument(look), vscode.workspace.onDidCloseTextDocument(look)];
    const timer = setTimeout(() => done(), PATIENCE_MS);
    const done = (): void => {
      clearTimeout(timer);
      vscode.Disposable.from(...listening).dispose();
      resolve();
    };
    look();
  });
}
