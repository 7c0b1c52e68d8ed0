// Hands decisions to the server and takes in what it answers.

import type { Connection } from "../connection";
import * as protocol from "../protocol";
import type { Runs } from "../runs";

export class Decide {
  constructor(
    private readonly connection: Connection,
    private readonly runs: Runs,
  ) {}

  /** One hunk. */
  hunk(runId: string, path: string, hunk: string, choice: protocol.Choice): Promise<void> {
    return this.send({ runId, choice, path, hunks: [hunk], finish: false, anyway: false });
  }

  /** Every undecided hunk of a file. */
  file(runId: string, path: string, choice: protocol.Choice): Promise<void> {
    return this.send({ runId, choice, path, hunks: null, finish: false, anyway: false });
  }

  /** Every undecided hunk is wanted. */
  acceptRest(runId: string): Promise<void> {
    return this.send({ runId, choice: "accept", path: null, hunks: null, finish: false, anyway: false });
  }

  /** Nothing of the patch is wanted, whatever was accepted before. */
  rejectAll(runId: string): Promise<void> {
    const hunks = this.runs.get(runId)?.offer?.files.flatMap((file) => file.hunks.map((it) => it.id)) ?? null;
    return this.send({ runId, choice: "reject", path: null, hunks, finish: true, anyway: false });
  }

  /** What is accepted is wanted, what is undecided is not. */
  finish(runId: string): Promise<void> {
    return this.send({ runId, choice: "accept", path: null, hunks: [], finish: true, anyway: false });
  }

  /** What is accepted is wanted though it is not proved. */
  anyway(runId: string): Promise<void> {
    return this.send({ runId, choice: "accept", path: null, hunks: null, finish: true, anyway: true });
  }

  private async send(argument: protocol.DecideArguments): Promise<void> {
    this.runs.reviewed(await this.connection.request(protocol.Requests.decide, argument));
  }
}
