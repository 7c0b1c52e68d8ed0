// Keeps the tests of VS Code's Testing view as the server finds them. Found statically: nothing is run for it.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import * as protocol from "../protocol";

export class Discovery {
  constructor(
    private readonly controller: vscode.TestController,
    private readonly connection: Connection,
  ) {}

  /** Finds the tests of a file, or of every folder. */
  async refresh(uri?: vscode.Uri): Promise<void> {
        const found = await this.connection.request(protocol.Requests.tests, {
      uri: uri === undefined ? null : this.connection.uri(uri),
    });
    const roots = this.build(found.tests);
    if (uri === undefined) {
      this.controller.items.replace(roots);
      return;
    }
    const kept: vscode.TestItem[] = [];
    this.controller.items.forEach((item) => {
      if (item.uri?.toString() !== uri.toString()) {
        kept.push(item);
      }
    });
    this.controller.items.replace([...kept, ...roots]);
  }

  /** The test with an id, wherever it hangs. */
  find(id: string): vscode.TestItem | undefined {
    return seek(this.controller.items, id);
  }

  /** The items without a parent, with all others below them. */
  private build(tests: readonly protocol.TestItem[]): vscode.TestItem[] {
    const items = new Map<string, vscode.TestItem>();
    for (const test of tests) {
      const item = this.controller.createTestItem(test.id, test.label, vscode.Uri.parse(test.uri));
      const { start, end } = test.range;
      item.range = new vscode.Range(start.line, start.character, end.line, end.character);
      item.tags = test.kind === "test" ? [FIXABLE] : [];
      items.set(test.id, item);
    }
    const roots: vscode.TestItem[] = [];
    for (const test of tests) {
      const item = items.get(test.id);
      const parent = test.parent === null ? undefined : items.get(test.parent);
      if (item !== undefined) {
        parent === undefined ? roots.push(item) : parent.children.add(item);
      }
    }
    return roots;
  }
}

/** Marks items that are one test, which can be fixed. */
export const FIXABLE = new vscode.TestTag("bodkin.fixable");

function seek(items: vscode.TestItemCollection, id: string): vscode.TestItem | undefined {
  const direct = items.get(id);
  if (direct !== undefined) {
    return direct;
  }
  for (const [, item] of items) {
    const below = seek(item.children, id);
    if (below !== undefined) {
      return below;
    }
  }
  return undefined;
}
