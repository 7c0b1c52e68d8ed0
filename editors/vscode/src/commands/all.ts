// Every command, and how they are registered: a failure is told in words, never thrown at the user.

import * as vscode from "vscode";

import { acceptAll } from "./acceptAll";
import { acceptFile } from "./acceptFile";
import { acceptHunk } from "./acceptHunk";
import { applyAnyway } from "./applyAnyway";
import { cancel } from "./cancel";
import { chooseProgram } from "./chooseProgram";
import { type Command, type Parts, resolve } from "./command";
import { copyDiagnostics } from "./copyDiagnostics";
import { evidence } from "./evidence";
import { finish } from "./finish";
import { fix } from "./fix";
import { fixTest } from "./fixTest";
import { keep } from "./keep";
import { moreLedger } from "./moreLedger";
import { openFile } from "./openFile";
import { openLedger } from "./openLedger";
import { practice } from "./practice";
import { refresh } from "./refresh";
import { rejectAll } from "./rejectAll";
import { rejectFile } from "./rejectFile";
import { rejectHunk } from "./rejectHunk";
import { restart } from "./restart";
import { review } from "./review";
import { showLog } from "./showLog";
import { showRuns } from "./showRuns";
import { testFile } from "./testFile";
import { undo } from "./undo";
import { walkthrough } from "./walkthrough";

export const COMMANDS: readonly Command[] = [
  acceptAll,
  acceptFile,
  acceptHunk,
  applyAnyway,
  cancel,
  chooseProgram,
  copyDiagnostics,
  evidence,
  finish,
  fix,
  fixTest,
  keep,
  moreLedger,
  openFile,
  openLedger,
  practice,
  refresh,
  rejectAll,
  rejectFile,
  rejectHunk,
  restart,
  review,
  showLog,
  showRuns,
  testFile,
  undo,
  walkthrough,
];

/** Registers all of them. */
export function register(parts: Parts): vscode.Disposable[] {
  return COMMANDS.map((command) =>
    vscode.commands.registerCommand(command.id, async (argument: unknown) => {
      try {
        await command.run(parts, resolve(parts, argument));
      } catch (error) {
        void tell(parts, error instanceof Error ? error.message : String(error));
      }
    }),
  );
}

async function tell({ connection }: Parts, message: string): Promise<void> {
  connection.log.warn(message);
  const showLog = vscode.l10n.t("Show Log");
  if ((await vscode.window.showWarningMessage(message, showLog)) === showLog) {
    connection.log.show();
  }
}
