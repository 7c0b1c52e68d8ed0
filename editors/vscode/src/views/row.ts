// A line of a tree as a value, and the one provider that shows such lines.
//
// What is shown is computed whole and compared with what was shown, so that only lines that changed are drawn anew and
// a screen reader is not sent back to the top.

import * as vscode from "vscode";

/** What the commands of a line work on. */
export interface Target {
  runId?: string;
  path?: string;
  hunk?: string;
  checkpoint?: string;
  uri?: string;
}

/** A line of a tree. */
export interface Row {
  /** Unique in its tree, and stable: the state of expansion hangs on it. */
  id: string;
  label: string;
  description: string;
  /** Markdown. */
  tooltip: string;
  icon: string;
  /** The colour of the icon, by its name in the theme. */
  color?: string;
  /** What `when` clauses of menus look at. */
  context: string;
  /** What a screen reader says. */
  spoken: string;
  command?: string;
  target: Target;
  expanded: boolean;
  children: Row[];
}

export class Tree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private rows: Row[] = [];
  private readonly changes = new vscode.EventEmitter<Row | undefined>();
  readonly onDidChangeTreeData = this.changes.event;

  /** What is shown now. */
  get shown(): readonly Row[] {
    return this.rows;
  }

  /** Shows these lines instead. */
  show(rows: Row[]): void {
    if (sameLines(this.rows, rows)) {
      this.rows.forEach((row, index) => this.update(row, rows[index] ?? row));
    } else {
      this.rows = rows;
      this.changes.fire(undefined);
    }
  }

  getChildren(row?: Row): Row[] {
    return row === undefined ? this.rows : row.children;
  }

  getParent(row: Row): Row | undefined {
    return find(this.rows, (it) => it.children.includes(row));
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const item = new vscode.TreeItem(row.label, collapsible(row));
    item.id = row.id;
    item.description = row.description;
    const tooltip = new vscode.MarkdownString(row.tooltip);
    item.tooltip = row.tooltip === "" ? row.label : tooltip;
    item.iconPath = new vscode.ThemeIcon(
      row.icon,
      row.color === undefined ? undefined : new vscode.ThemeColor(row.color),
    );
    item.contextValue = row.context;
    item.accessibilityInformation = { label: row.spoken };
    if (row.command !== undefined) {
      item.command = { command: row.command, title: row.label, arguments: [row] };
    }
    return item;
  }

  dispose(): void {
    this.changes.dispose();
  }

  /** Takes `next` in where `row` stands; lines keep their identity. */
  private update(row: Row, next: Row): void {
    const { children: before, ...old } = row;
    const { children: after, ...wanted } = next;
    const sameChildren = sameLines(before, after);
    const same = JSON.stringify(old) === JSON.stringify(wanted);
    Object.assign(row, wanted);
    if (!sameChildren) {
      row.children = after;
      this.changes.fire(row);
      return;
    }
    if (!same) {
      this.changes.fire(row);
    }
    before.forEach((child, index) => this.update(child, after[index] ?? child));
  }
}

/** The first line, at any depth, for which `test` holds. */
export function find(rows: readonly Row[], test: (row: Row) => boolean): Row | undefined {
  for (const row of rows) {
    const found = test(row) ? row : find(row.children, test);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function sameLines(before: readonly Row[], after: readonly Row[]): boolean {
  return (
    before.length === after.length &&
    before.every((row, index) => row.id === after[index]?.id && row.children.length > 0 === after[index].children.length > 0)
  );
}

function collapsible(row: Row): vscode.TreeItemCollapsibleState {
  if (row.children.length === 0) {
    return vscode.TreeItemCollapsibleState.None;
  }
  return row.expanded ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}
