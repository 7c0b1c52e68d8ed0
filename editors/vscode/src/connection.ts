// The life of the language server: found, started, started again after a crash, stopped.
//
// Holds the one client. Who asks while there is none gets a failure in words; who listens is told of every change.

import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";
import {
  CloseAction,
  type ClientCapabilities,
  ErrorAction,
  type FeatureState,
  type Middleware,
  State,
  type StaticFeature,
} from "vscode-languageclient";
import { LanguageClient } from "vscode-languageclient/node";

import { type Binary, find, NoBinary } from "./binary";
import type { CommandTypes, RequestTypes } from "./protocol";

/** How the server is. */
export type Life =
  | { state: "untrusted" | "starting" | "stopped" }
  | { state: "running"; binary: Binary; pid: number | undefined }
  | { state: "missing" | "failed"; message: string };

/** A server that ends this often within {@link CRASHES_WITHIN_MS} is not started again by itself. */
const CRASHES = 4;
const CRASHES_WITHIN_MS = 180_000;

/** Tells the server that this client follows runs and shows reviews itself. */
class OptIn implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { ...capabilities.experimental, bodkin: { events: true, review: true } };
  }
  initialize(): void {}
  getState(): FeatureState {
    return { kind: "static" };
  }
  clear(): void {}
}

export class Connection implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private process: ChildProcess | undefined;
  private now: Life = { state: "stopped" };
  private crashes: number[] = [];
  private turn: Promise<void> = Promise.resolve();
  private readonly changes = new vscode.EventEmitter<Life>();
  private readonly handlers: ((client: LanguageClient) => void)[] = [];
  /** Fires at every change of life. */
  readonly changed = this.changes.event;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
    private readonly middleware: Middleware,
  ) {}

  get life(): Life {
    return this.now;
  }

  /** Called with every new client before it starts, to listen to notifications. */
  onClient(handler: (client: LanguageClient) => void): void {
    this.handlers.push(handler);
  }

  /** Starts the server, unless the workspace is not trusted. Never fails: {@link life} tells what came of it. */
  start(): Promise<void> {
    return this.inTurn(() => this.begin());
  }

  private async begin(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      this.become({ state: "untrusted" });
      return;
    }
    this.become({ state: "starting" });
    try {
      const binary = await this.find();
      this.log.info(`starting ${binary.path} (${binary.version}, ${binary.origin})`);
      this.client = this.make(binary);
      for (const handler of this.handlers) {
        handler(this.client);
      }
      await this.client.start();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.log.error(message);
      this.become({ state: error instanceof NoBinary ? "missing" : "failed", message });
    }
  }

  /** Stops the server and waits for it. */
  stop(): Promise<void> {
    return this.inTurn(() => this.end());
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client !== undefined) {
      await client.dispose().catch((error: unknown) => this.log.warn(String(error)));
    }
    this.become({ state: "stopped" });
  }

  /** Stops the server where it runs, looks for the program anew, and starts it. */
  restart(): Promise<void> {
    return this.inTurn(async () => {
      await this.end();
      this.crashes = [];
      await this.begin();
    });
  }

  /** One at a time, in order: a setting that changes while the server starts must not leave two of them. */
  private inTurn(act: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(act, act);
    return this.turn;
  }

  /** Asks the server; fails in words where there is none. */
  async request<M extends keyof RequestTypes>(
    method: M,
    params: RequestTypes[M]["params"],
  ): Promise<RequestTypes[M]["result"]> {
    const client = this.running();
    return params === null ? client.sendRequest(method) : client.sendRequest(method, params);
  }

  /** Runs a command of the server. */
  async command<C extends keyof CommandTypes>(
    command: C,
    argument: CommandTypes[C]["params"],
  ): Promise<CommandTypes[C]["result"]> {
    return this.running().sendRequest("workspace/executeCommand", { command, arguments: [argument] });
  }

  /** The name by which the server knows a document. */
  uri(uri: vscode.Uri): string {
    return this.client?.code2ProtocolConverter.asUri(uri) ?? uri.toString();
  }

  dispose(): void {
    void this.stop();
    this.changes.dispose();
  }

  private running(): LanguageClient {
    if (this.client === undefined || !this.client.isRunning()) {
      throw new Error(vscode.l10n.t("Bodkin is not running."));
    }
    return this.client;
  }

  private find(): Promise<Binary> {
    const setting = vscode.workspace.getConfiguration("bodkin").get<string | null>("path") ?? "";
    const { version } = this.context.extension.packageJSON as { version: string };
    return find(setting, this.context.extensionPath, version);
  }

  private make(binary: Binary): LanguageClient {
    const client = new LanguageClient(
      "bodkin",
      "Bodkin",
      () => {
        this.process = spawn(binary.path, ["lsp"], { stdio: "pipe" });
        return Promise.resolve(this.process);
      },
      {
        documentSelector: [{ scheme: "file" }],
        outputChannel: this.log,
        middleware: this.middleware,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue }),
          closed: () => this.closed(),
        },
      },
    );
    client.registerFeature(new OptIn());
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) {
        return;
      }
      if (newState === State.Running) {
        this.become({ state: "running", binary, pid: this.process?.pid });
      } else if (newState === State.Starting) {
        this.become({ state: "starting" });
      }
    });
    return client;
  }

  private closed(): { action: CloseAction; handled: boolean } {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < CRASHES_WITHIN_MS), now];
    if (this.crashes.length < CRASHES) {
      this.log.warn("the server ended by itself; it is started again");
      return { action: CloseAction.Restart, handled: true };
    }
    const message = vscode.l10n.t("Bodkin ended {0} times within three minutes and is not started again.", CRASHES);
    this.log.error(message);
    this.become({ state: "failed", message });
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private become(life: Life): void {
    this.now = life;
    void vscode.commands.executeCommand("setContext", "bodkin.state", life.state);
    this.changes.fire(life);
  }
}
