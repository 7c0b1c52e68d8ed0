// The changes that can be taken back, and the ledger, as the server tells them when asked.

import * as vscode from "vscode";

import type { Connection } from "./connection";
import * as protocol from "./protocol";

/** Entries of the ledger that are asked for at once. */
const PAGE = 100;

export class History implements vscode.Disposable {
  private readonly fires = new vscode.EventEmitter<void>();
  private list: protocol.Change[] = [];
  private record: protocol.Ledger | undefined;
  private more = false;
  /** Fires when either is known anew. */
  readonly changed = this.fires.event;

  /** `folder` says whose ledger is shown: each folder has its own. */
  constructor(
    private readonly connection: Connection,
    private readonly folder: () => string | null,
  ) {}

  /** The changes, the newest first. */
  get changes(): readonly protocol.Change[] {
    return this.list;
  }

  /** The newest entries of the ledger; none before they were asked for. */
  get ledger(): protocol.Ledger | undefined {
    return this.record;
  }

  /** Whether there are earlier entries than those that are known. */
  get hasMore(): boolean {
    return this.more;
  }

  /** Asks for the changes. */
  async loadChanges(): Promise<void> {
    const found = await this.connection.request(protocol.Requests.changes, { folder: null });
    this.list = found.changes;
    this.fires.fire();
  }

  /** Asks for the newest entries of the ledger. */
  async loadLedger(): Promise<void> {
    this.record = await this.page(null);
    this.more = this.record.entries.length === PAGE;
    this.fires.fire();
  }

  /** Asks for the entries before those that are known. */
  async loadEarlier(): Promise<void> {
    const known = this.record;
    const last = known?.entries.at(-1);
    if (known === undefined || last === undefined) {
      return;
    }
    const earlier = await this.page(last.seq);
    this.record = { ...known, entries: [...known.entries, ...earlier.entries] };
    this.more = earlier.entries.length === PAGE;
    this.fires.fire();
  }

  /** Forgets everything, as when the server has ended. */
  clear(): void {
    this.list = [];
    this.record = undefined;
    this.more = false;
    this.fires.fire();
  }

  dispose(): void {
    this.fires.dispose();
  }

  private page(before: number | null): Promise<protocol.Ledger> {
    return this.connection.request(protocol.Requests.ledger, { folder: this.folder(), before, limit: PAGE });
  }
}
