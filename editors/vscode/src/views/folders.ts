// Which workspace folder a file is in: told only where there are several, when paths alone would not tell files apart.

import * as vscode from "vscode";

/** The name of the folder of a file; empty where there is one folder, or the file is in none. */
export function folderOf(uri: string | null): string {
  const several = (vscode.workspace.workspaceFolders ?? []).length > 1;
  return several && uri !== null ? (vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri))?.name ?? "") : "";
}

/** Names the folder of a file. */
export type FolderOf = (uri: string | null) => string;
