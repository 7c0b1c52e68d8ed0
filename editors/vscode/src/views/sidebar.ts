// The three trees of the sidebar, kept as what is known of runs, changes and the ledger.

import * as vscode from "vscode";

import type { History } from "../history";
import type { Runs } from "../runs";
import { folderOf } from "./folders";
import { ledgerRows } from "./ledger";
import { patchRows } from "./patches";
import { type Row, Tree } from "./row";
import { runRows } from "./runs";

/** How often the clock of a run under way is drawn anew. */
const TICK_MS = 1000;

/** The views, by their names in package.json. */
export type ViewName = "bodkin.runs" | "bodkin.patches" | "bodkin.ledger";

export class Sidebar implements vscode.Disposable {
  private readonly trees: Readonly<Record<ViewName, Tree>> = {
    "bodkin.runs": new Tree(),
    "bodkin.patches": new Tree(),
    "bodkin.ledger": new Tree(),
  };
  private readonly views: Readonly<Record<ViewName, vscode.TreeView<Row>>>;
  private readonly disposables: vscode.Disposable[];
  private clock: NodeJS.Timeout | undefined;

  constructor(
    private readonly runs: Runs,
    private readonly history: History,
  ) {
    this.views = {
      "bodkin.runs": this.create("bodkin.runs"),
      "bodkin.patches": this.create("bodkin.patches"),
      "bodkin.ledger": this.create("bodkin.ledger"),
    };
    this.disposables = [
      runs.changed(() => this.draw()),
      history.changed(() => this.draw()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.draw()),
      this.views["bodkin.runs"].onDidChangeVisibility(() => this.draw()),
      this.views["bodkin.ledger"].onDidChangeVisibility(({ visible }) => {
        if (visible) {
          void this.history.loadLedger().catch(() => undefined);
        }
      }),
    ];
    this.draw();
  }

  /** What a view shows. */
  shown(name: ViewName): readonly Row[] {
    return this.trees[name].shown;
  }

  /** The line of a view that is selected. */
  selected(name: ViewName): Row | undefined {
    return this.views[name].selection[0];
  }

  /** Whether a view can be seen. */
  isVisible(name: ViewName): boolean {
    return this.views[name].visible;
  }

  dispose(): void {
    clearInterval(this.clock);
    this.disposables.forEach((it) => it.dispose());
    Object.values(this.views).forEach((it) => it.dispose());
    Object.values(this.trees).forEach((it) => it.dispose());
  }

  private create(name: ViewName): vscode.TreeView<Row> {
    return vscode.window.createTreeView(name, { treeDataProvider: this.trees[name], showCollapseAll: true });
  }

  private draw(): void {
    const { runs, history, trees, views } = this;
    const all = runs.all();
    trees["bodkin.runs"].show(runRows(all, runs.undone, Date.now(), folderOf));
    const toReview = runs.toReview();
    trees["bodkin.patches"].show(patchRows(toReview, history.changes, folderOf));
    trees["bodkin.ledger"].show(ledgerRows(history.ledger, history.hasMore));
    const alive = all.filter((run) => runs.isAlive(run) && !toReview.includes(run)).length;
    setBadge(views["bodkin.runs"], alive, vscode.l10n.t("{0} under way", alive));
    setBadge(views["bodkin.patches"], toReview.length, vscode.l10n.t("{0} to review", toReview.length));
    void vscode.commands.executeCommand("setContext", "bodkin.alive", alive > 0);
    void vscode.commands.executeCommand("setContext", "bodkin.toReview", toReview.length > 0);
    this.tick(alive > 0 && views["bodkin.runs"].visible);
  }

  private tick(wanted: boolean): void {
    if (wanted && this.clock === undefined) {
      this.clock = setInterval(() => this.draw(), TICK_MS);
    } else if (!wanted) {
      clearInterval(this.clock);
      this.clock = undefined;
    }
  }
}

function setBadge(view: vscode.TreeView<Row>, value: number, tooltip: string): void {
  if (view.badge?.value !== (value === 0 ? undefined : value)) {
    view.badge = value === 0 ? undefined : { value, tooltip };
  }
}
