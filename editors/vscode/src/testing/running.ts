// Runs chosen tests in the sandbox and shows what came of each.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import * as protocol from "../protocol";
import type { Runs, Told } from "../runs";
import type { Discovery } from "./discovery";

/** Tests of one file that are run together. */
interface Batch {
  uri: vscode.Uri;
  /** The ids; null: all of the file. */
  tests: string[] | null;
  items: vscode.TestItem[];
}

/** What is told of a run of the server goes to a run of the Testing view. */
interface Sheet {
  run: vscode.TestRun;
  items: vscode.TestItem[];
  /** The tests of which the result is known. */
  told: Set<string>;
  ended(): void;
}

export class Running implements vscode.Disposable {
  private readonly sheets = new Map<string, Sheet>();
  /** What was told while it was not known yet whose it is. */
  private early: Told[] = [];
  private starting = 0;
  private readonly listening: vscode.Disposable[];

  constructor(
    private readonly controller: vscode.TestController,
    private readonly connection: Connection,
    runs: Runs,
    private readonly discovery: Discovery,
  ) {
    this.listening = [
      runs.told((told) => (this.starting > 0 ? this.early.push(told) : this.take(told))),
      connection.changed((life) => {
        if (life.state !== "running") {
          this.serverEnded();
        }
      }),
    ];
  }

  /** Runs what a request names; ends when all of it has ended. */
  async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const batches = this.batches(request);
    try {
      for (const { items } of batches) {
        items.forEach((item) => run.enqueued(item));
      }
      for (const batch of batches) {
        if (token.isCancellationRequested) {
          break;
        }
        await this.runBatch(run, batch, token);
      }
    } finally {
      run.end();
    }
  }

  dispose(): void {
    this.listening.forEach((it) => it.dispose());
  }

  private async runBatch(run: vscode.TestRun, batch: Batch, token: vscode.CancellationToken): Promise<void> {
    const told = new Set<string>();
    try {
      const runId = await this.start(run, batch, told);
      const ended = this.ended(runId);
      const cancel = (): void => void this.connection.command(protocol.Commands.cancel, { runId });
      const cancelling = token.onCancellationRequested(cancel);
      if (token.isCancellationRequested) {
        cancel();
      }
      await ended;
      cancelling.dispose();
    } catch (error) {
      this.fail({ run, items: batch.items, told }, error instanceof Error ? error.message : String(error));
    }
  }

  /** Starts a run of the server; what it tells goes to `run` from its first word on. */
  private async start(run: vscode.TestRun, batch: Batch, told: Set<string>): Promise<string> {
    const open = vscode.workspace.textDocuments.find((it) => it.uri.toString() === batch.uri.toString());
    const argument: protocol.TestArguments = {
      uri: this.connection.uri(batch.uri),
      tests: batch.tests,
      version: open?.version ?? null,
    };
    this.starting++;
    try {
      const { runId } = await this.connection.command(protocol.Commands.test, argument);
      this.sheets.set(runId, { run, items: batch.items, told, ended: () => undefined });
      return runId;
    } finally {
      this.starting--;
      // After whoever waits for the start: he has to be there when the end is told.
      setTimeout(() => this.takeEarly());
    }
  }

  private ended(runId: string): Promise<void> {
    const sheet = this.sheets.get(runId);
    return new Promise((resolve) => {
      if (sheet === undefined) {
        resolve();
      } else {
        sheet.ended = resolve;
      }
    });
  }

  private takeEarly(): void {
    if (this.starting === 0) {
      this.early.splice(0).forEach((told) => this.take(told));
    }
  }

  /** A run that was not started here, as by a code lens, gets a sheet of its own. */
  private take({ run: { summary }, news }: Told): void {
    if (news?.kind === "tests") {
      const sheet = this.sheets.get(summary.runId) ?? this.foreign(summary);
      news.results.forEach((result) => this.show(sheet.run, result, sheet.told));
    } else if (news?.kind === "ended") {
      const sheet = this.sheets.get(summary.runId);
      if (sheet !== undefined) {
        this.sheets.delete(summary.runId);
        this.close(sheet, news.summary);
        sheet.ended();
      }
    }
  }

  private foreign({ runId, title }: protocol.RunSummary): Sheet {
    const run = this.controller.createTestRun(new vscode.TestRunRequest(), title, false);
    const sheet: Sheet = { run, items: [], told: new Set(), ended: () => run.end() };
    this.sheets.set(runId, sheet);
    return sheet;
  }

  private serverEnded(): void {
    for (const sheet of this.sheets.values()) {
      this.fail(sheet, vscode.l10n.t("Bodkin ended while the tests were running."));
      sheet.ended();
    }
    this.sheets.clear();
  }

  private show(run: vscode.TestRun, result: protocol.TestResult, told: Set<string>): void {
    const item = this.discovery.find(result.id);
    if (item === undefined) {
      return;
    }
    const duration = result.durationMs ?? undefined;
    switch (result.state) {
      case "queued":
        run.enqueued(item);
        return;
      case "running":
        run.started(item);
        return;
      case "passed":
        run.passed(item, duration);
        break;
      case "skipped":
        run.skipped(item);
        break;
      case "failed":
        run.failed(item, this.message(item, result), duration);
        break;
      case "timed_out":
        run.errored(item, this.message(item, result), duration);
        break;
    }
    told.add(item.id);
    if (result.message !== null && result.message !== "") {
      run.appendOutput(`${result.message.replace(/\r?\n/g, "\r\n")}\r\n`, undefined, item);
    }
  }

  private message(item: vscode.TestItem, result: protocol.TestResult): vscode.TestMessage {
    const text = result.message === null || result.message === "" ? vscode.l10n.t("The test failed and said nothing.") : result.message;
    const message = new vscode.TestMessage(text);
    message.contextValue = "bodkin.failure";
    const line = result.line ?? item.range?.start.line;
    if (line !== undefined) {
      message.location = new vscode.Location(vscode.Uri.parse(result.uri), new vscode.Position(line, 0));
    }
    return message;
  }

  /** Tests of which nothing was told when the run ended: it says why, in the first of them. */
  private close(sheet: Sheet, summary: protocol.RunSummary): void {
    if (summary.outcome === "failed" || summary.outcome === "refused") {
      this.fail(sheet, summary.reason);
      return;
    }
    for (const item of leaves(sheet.items).filter((it) => !sheet.told.has(it.id))) {
      sheet.run.skipped(item);
    }
  }

  private fail({ run, items, told }: Omit<Sheet, "ended">, reason: string): void {
    const left = leaves(items).filter((it) => !told.has(it.id));
    left.forEach((item, index) =>
      index === 0 ? run.errored(item, new vscode.TestMessage(reason)) : run.skipped(item),
    );
  }

  /** What was chosen, by file. */
  private batches(request: vscode.TestRunRequest): Batch[] {
    const chosen = request.include ?? [...this.controller.items].map(([, item]) => item);
    const excluded = new Set((request.exclude ?? []).map((it) => it.id));
    const byFile = new Map<string, Batch>();
    for (const item of chosen) {
      const { uri } = item;
      if (uri === undefined || excluded.has(item.id)) {
        continue;
      }
      const whole = item.parent === undefined && excluded.size === 0;
      const tests = leaves([item]).filter((it) => !excluded.has(it.id));
      const batch = byFile.get(uri.toString());
      if (batch === undefined) {
        byFile.set(uri.toString(), { uri, tests: whole ? null : tests.map((it) => it.id), items: tests });
      } else {
        batch.items.push(...tests);
        batch.tests = whole || batch.tests === null ? null : [...batch.tests, ...tests.map((it) => it.id)];
      }
    }
    return [...byFile.values()];
  }
}

function leaves(items: readonly vscode.TestItem[]): vscode.TestItem[] {
  return items.flatMap((item) =>
    item.children.size === 0 ? [item] : leaves([...item.children].map(([, child]) => child)),
  );
}
