// What the server has told of its runs, kept as it was told. Decides nothing.
//
// A missed event or an unknown run makes everything be asked for anew, so that what is shown is what is.

import * as vscode from "vscode";

import type { Connection } from "./connection";
import * as protocol from "./protocol";

/** Something that became known of a run. */
export interface Told {
  run: protocol.RunState;
  /** What happened; absent where the present state was asked for. */
  news: protocol.News | undefined;
}

export class Runs implements vscode.Disposable {
  private readonly states = new Map<string, protocol.RunState>();
  private readonly takenBack = new Set<string>();
  private seq = 0;
  private asking: Promise<void> | undefined;
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly news = new vscode.EventEmitter<Told>();
  /** Fires when anything changed. */
  readonly changed = this.changes.event;
  /** Fires once for each thing that happened in a run that is known. */
  readonly told = this.news.event;

  constructor(private readonly connection: Connection) {
    connection.onClient((client) => {
      client.onNotification(protocol.Notifications.plan, (plan: protocol.Plan) => this.plan(plan));
      client.onNotification(protocol.Notifications.event, (event: protocol.Event) => this.event(event));
    });
  }

  /** Every run, the newest first. */
  all(): protocol.RunState[] {
    return [...this.states.values()].sort((a, b) => b.summary.startedUnixMs - a.summary.startedUnixMs);
  }

  get(runId: string): protocol.RunState | undefined {
    return this.states.get(runId);
  }

  /** The runs whose changes were taken back. */
  get undone(): ReadonlySet<string> {
    return this.takenBack;
  }

  /** Whether a run is being worked on. */
  isAlive(run: protocol.RunState): boolean {
    return run.summary.outcome === null;
  }

  /** The runs whose patches wait for a decision, the newest first. */
  toReview(): protocol.RunState[] {
    return this.all().filter((run) => run.offer !== null && run.review !== null && isOpen(run.review.state));
  }

  /** Asks for the present state of every run; several callers at once ask once. */
  async load(): Promise<void> {
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** Takes in a review that came as the answer of a request. */
  reviewed(review: protocol.Review): void {
    const run = this.states.get(review.runId);
    if (run !== undefined) {
      run.review = review;
      this.news.fire({ run, news: { kind: "reviewed", review } });
      this.changes.fire();
    }
  }

  /** Forgets everything, as when the server has ended. */
  clear(): void {
    this.states.clear();
    this.takenBack.clear();
    this.seq = 0;
    this.changes.fire();
  }

  dispose(): void {
    this.changes.dispose();
    this.news.dispose();
  }

  private async ask(): Promise<void> {
    const runs = await this.connection.request(protocol.Requests.runs, null);
    this.states.clear();
    for (const run of runs.runs) {
      this.states.set(run.summary.runId, run);
      if (run.review?.state === "applied" && run.checkpoint === null) {
        this.takenBack.add(run.summary.runId);
      }
    }
    this.seq = runs.seq;
    this.changes.fire();
  }

  private plan(plan: protocol.Plan): void {
    const run = this.states.get(plan.runId);
    if (run === undefined) {
      void this.load().catch(() => undefined);
    } else if (plan.seq >= run.plan.seq) {
      run.plan = plan;
      this.changes.fire();
    }
  }

  private event(event: protocol.Event): void {
    const missed = event.seq !== this.seq + 1;
    const run = this.states.get(event.runId);
    this.seq = Math.max(this.seq, event.seq);
    if (run !== undefined && !missed) {
      this.take(run, event);
      return;
    }
    void this.load().then(
      () => {
        const loaded = this.states.get(event.runId);
        if (loaded !== undefined) {
          this.take(loaded, event);
        }
      },
      () => undefined,
    );
  }

  private take(run: protocol.RunState, { atMs, news }: protocol.Event): void {
    run.summary.elapsedMs = Math.max(run.summary.elapsedMs, atMs);
    switch (news.kind) {
      case "plan":
        this.plan(news.plan);
        break;
      case "tried":
        run.summary.candidates = news.tried;
        break;
      case "offered":
        run.offer = news.offer;
        run.summary.hasOffer = true;
        break;
      case "reviewed":
        run.review = news.review;
        break;
      case "applied":
        run.checkpoint = news.checkpoint;
        break;
      case "undone":
        run.checkpoint = null;
        this.takenBack.add(run.summary.runId);
        break;
      case "ended":
        run.summary = news.summary;
        break;
      case "proved":
      case "message":
      case "tests":
        break;
    }
    this.news.fire({ run, news });
    this.changes.fire();
  }
}

/** Whether a review waits for the user. */
export function waits(state: protocol.ReviewState): boolean {
  return state === "open" || state === "unproved" || state === "withheld";
}

/** Whether a review waits for the user, or for what follows from what was decided. */
export function isOpen(state: protocol.ReviewState): boolean {
  return waits(state) || state === "proving" || state === "applying";
}
