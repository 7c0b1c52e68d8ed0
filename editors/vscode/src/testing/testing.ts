// Bodkin in VS Code's own Testing view: tests found by the server, run in the sandbox, fixed from a failure.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import type { Runs } from "../runs";
import { Discovery } from "./discovery";
import { Running } from "./running";

export class Testing implements vscode.Disposable {
  readonly controller: vscode.TestController;
  private readonly discovery: Discovery;
  private readonly disposables: vscode.Disposable[];
  /** Whether the view was looked at: before, nobody waits for tests to be found. */
  private wanted = false;

  constructor(
    private readonly connection: Connection,
    runs: Runs,
  ) {
    this.controller = vscode.tests.createTestController("bodkin", "Bodkin");
    this.discovery = new Discovery(this.controller, connection);
    const running = new Running(this.controller, connection, runs, this.discovery);
    this.controller.resolveHandler = async (item) => {
      if (item === undefined) {
        this.wanted = true;
        await this.refresh();
      }
    };
    this.controller.refreshHandler = () => this.refresh();
    const profile = this.controller.createRunProfile(
      vscode.l10n.t("Run in the sandbox"),
      vscode.TestRunProfileKind.Run,
      (request, token) => running.run(request, token),
      true,
    );
    this.disposables = [
      this.controller,
      profile,
      running,
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        if (this.wanted && uri.scheme === "file") {
          void this.refresh(uri);
        }
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.refresh()),
    ];
  }

  /** Finds tests anew where somebody looks at them; says nothing when there is no server yet. */
  async refresh(uri?: vscode.Uri): Promise<void> {
    if (this.connection.life.state !== "running") {
      this.controller.items.replace([]);
      return;
    }
    await this.discovery.refresh(uri).catch((error: unknown) => this.connection.log.warn(`tests: ${String(error)}`));
  }

  /** The server has become ready: what was wanted before is found now. */
  ready(): void {
    if (this.wanted) {
      void this.refresh();
    }
  }

  dispose(): void {
    this.disposables.forEach((it) => it.dispose());
  }
}
