// How the server is, as it says itself; shown in the language status of every file.

import * as vscode from "vscode";

import type { Connection, Life } from "./connection";
import * as protocol from "./protocol";

export class Status implements vscode.Disposable {
  private readonly item: vscode.LanguageStatusItem;
  private readonly changes = new vscode.EventEmitter<void>();
  private last: protocol.Status | undefined;
  /** Fires when the server said something new of itself. */
  readonly changed = this.changes.event;

  constructor(private readonly connection: Connection) {
    this.item = vscode.languages.createLanguageStatusItem("bodkin", [{ scheme: "file" }]);
    this.item.name = "Bodkin";
    connection.onClient((client) => {
      client.onNotification(protocol.Notifications.status, (status: protocol.Status) => this.take(status));
    });
    connection.changed((life) => this.show(life));
    this.show(connection.life);
  }

  /** What the server said last; none where it is not running. */
  get server(): protocol.Status | undefined {
    return this.last;
  }

  /** What is shown: for the tests and for the report. */
  get shown(): { text: string; detail: string; severity: string; busy: boolean; command: string } {
    return {
      text: this.item.text,
      detail: this.item.detail ?? "",
      severity: vscode.LanguageStatusSeverity[this.item.severity] ?? "",
      busy: this.item.busy,
      command: this.item.command?.command ?? "",
    };
  }

  async load(): Promise<void> {
    this.take(await this.connection.request(protocol.Requests.status, null));
  }

  dispose(): void {
    this.item.dispose();
    this.changes.dispose();
  }

  private take(status: protocol.Status): void {
    this.last = status;
    this.show(this.connection.life);
    this.changes.fire();
  }

  private show(life: Life): void {
    const { item } = this;
    item.busy = life.state === "starting";
    switch (life.state) {
      case "running":
        this.showServer();
        return;
      case "starting":
        this.say(vscode.l10n.t("Bodkin is starting"), "", "Information");
        item.command = undefined;
        break;
      case "stopped":
        this.say(vscode.l10n.t("Bodkin is stopped"), "", "Information");
        item.command = { title: vscode.l10n.t("Start"), command: "bodkin.ui.restart" };
        break;
      case "untrusted":
        this.say(
          vscode.l10n.t("Bodkin is off"),
          vscode.l10n.t("It runs a folder's tests, so it starts only where the folder is trusted."),
          "Warning",
        );
        item.command = { title: vscode.l10n.t("Manage Trust"), command: "workbench.trust.manage" };
        break;
      case "missing":
        this.say(vscode.l10n.t("Bodkin can not start"), life.message, "Error");
        item.command = { title: vscode.l10n.t("Choose Program"), command: "bodkin.ui.chooseProgram" };
        break;
      case "failed":
        this.say(vscode.l10n.t("Bodkin has failed"), life.message, "Error");
        item.command = { title: vscode.l10n.t("Start Again"), command: "bodkin.ui.restart" };
        break;
    }
    this.last = undefined;
  }

  private showServer(): void {
    const status = this.last;
    this.item.command = { title: vscode.l10n.t("Show Log"), command: "bodkin.ui.showLog" };
    if (status === undefined) {
      this.say(vscode.l10n.t("Bodkin runs"), "", "Information");
      return;
    }
    const text = {
      ok: vscode.l10n.t("Bodkin is ready"),
      busy: vscode.l10n.t("Bodkin is working"),
      warning: vscode.l10n.t("Bodkin works with limits"),
      error: vscode.l10n.t("Bodkin can not work"),
    }[status.health];
    const severity = status.health === "error" ? "Error" : status.health === "warning" ? "Warning" : "Information";
    this.item.busy = status.health === "busy";
    this.say(text, [status.message, status.nextStep ?? ""].filter((it) => it !== "").join(" "), severity);
  }

  private say(text: string, detail: string, severity: keyof typeof vscode.LanguageStatusSeverity): void {
    this.item.text = text;
    this.item.detail = detail;
    this.item.severity = vscode.LanguageStatusSeverity[severity];
    this.item.accessibilityInformation = { label: [text, detail].filter((it) => it !== "").join(": ") };
  }
}
