// Runs chosen tests in the sandbox and shows what came of each.

import * as vscode from "vscode";

import type { Connection } from "../connection";
import * as protocol from "../protocol";
import type { Runs } from "../runs";
import type { Discovery } from "./discovery";

/** Tests of one file that are run together. */
interface Batch {
  uri: vscode.Uri;
  /** The ids; null: all of the file. */
  tests: string[] | null;
  items: vscode.TestItem[];
}

export class Running {
  constructor(
    private readonly controller: vscode.TestController,
    private readonly connection: Connection,
    private readonly runs: Runs,
    private readonly discovery: Discovery,
  ) {}

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

  private async runBatch(run: vscode.TestRun, batch: Batch, token: vscode.CancellationToken): Promise<void> {
    const open = vscode.workspace.textDocuments.find((it) => it.uri.toString() === batch.uri.toString());
    const argument: protocol.TestArguments = {
      uri: this.connection.uri(batch.uri),
      tests: batch.tests,
      version: open?.version ?? null,
    };
    const told = new Set<string>();
    const early: { runId: string; news: protocol.News | undefined }[] = [];
    let runId: string | undefined;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const take = (news: protocol.News | undefined): void => {
      if (news?.kind === "tests") {
        news.results.forEach((result) => this.show(run, result, told));
      } else if (news?.kind === "ended") {
        this.close(run, batch, news.summary, told);
        end();
      }
    };
    const listening = this.runs.told(({ run: state, news }) => {
      if (runId === undefined) {
        early.push({ runId: state.summary.runId, news });
      } else if (state.summary.runId === runId) {
        take(news);
      }
    });
    const stopped = this.connection.changed((life) => {
      if (life.state !== "running") {
        this.fail(run, batch, vscode.l10n.t("Bodkin ended while the tests were running."), told);
        end();
      }
    });
    try {
      ({ runId } = await this.connection.command(protocol.Commands.test, argument));
      early.filter((it) => it.runId === runId).forEach((it) => take(it.news));
      const cancel: protocol.RunArguments = { runId };
      const cancelling = token.onCancellationRequested(() => void this.connection.command(protocol.Commands.cancel, cancel));
      if (token.isCancellationRequested) {
        void this.connection.command(protocol.Commands.cancel, cancel);
      }
      await ended;
      cancelling.dispose();
    } catch (error) {
      this.fail(run, batch, error instanceof Error ? error.message : String(error), told);
    } finally {
      listening.dispose();
      stopped.dispose();
    }
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
  private close(run: vscode.TestRun, batch: Batch, summary: protocol.RunSummary, told: Set<string>): void {
    if (summary.outcome === "failed" || summary.outcome === "refused") {
      this.fail(run, batch, summary.reason, told);
      return;
    }
    for (const item of leaves(batch.items).filter((it) => !told.has(it.id))) {
      run.skipped(item);
    }
  }

  private fail(run: vscode.TestRun, batch: Batch, reason: string, told: Set<string>): void {
    const left = leaves(batch.items).filter((it) => !told.has(it.id));
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
