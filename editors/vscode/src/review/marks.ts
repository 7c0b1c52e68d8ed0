// Marks in the gutter: lines that a patch under review would change, and lines that a run has changed.
//
// The second kind stays until the change is taken back, the mark is cleared or the file is closed. A mark moves with
// the text around it, and is dropped where the text is no longer what it spoke of.

import * as vscode from "vscode";

import type { ChangedFile, RunState } from "../protocol";
import { isOpen, type Runs } from "../runs";
import { lineCount, places } from "./places";

/** Lines of a file; both ends included, from zero. */
export interface Mark {
  kind: "proposed" | "changed";
  runId: string;
  path: string;
  hunk: string;
  checkpoint: string;
  first: number;
  last: number;
}

export class Marks implements vscode.Disposable {
  private readonly byFile = new Map<string, Mark[]>();
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly looks: Readonly<Record<Mark["kind"], vscode.TextEditorDecorationType>>;
  private readonly disposables: vscode.Disposable[];
  readonly changed = this.changes.event;

  constructor(
    private readonly runs: Runs,
    extensionUri: vscode.Uri,
  ) {
    this.looks = { proposed: look("proposed", extensionUri), changed: look("changed", extensionUri) };
    this.disposables = [
      runs.changed(() => this.followReviews()),
      runs.told(({ run, news }) => {
        if (news?.kind === "applied") {
          this.applied(run, news.checkpoint, news.files);
        } else if (news?.kind === "undone") {
          this.drop((mark) => mark.checkpoint === news.checkpoint);
        }
      }),
      vscode.workspace.onDidChangeTextDocument((event) => this.follow(event)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.byFile.delete(uri.toString());
        this.changes.fire();
      }),
      vscode.workspace.onDidOpenTextDocument(() => this.followReviews()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      this.changes.event(() => this.draw()),
    ];
  }

  /** What is proposed for a file. */
  proposed(uri: vscode.Uri): Mark[] {
    return (this.byFile.get(uri.toString()) ?? []).filter((it) => it.kind === "proposed");
  }

  /** Every mark of a file, in no order. */
  of(uri: vscode.Uri): readonly Mark[] {
    return this.byFile.get(uri.toString()) ?? [];
  }

  /** Forgets what runs have changed. */
  keepAll(): void {
    this.drop((mark) => mark.kind === "changed");
  }

  dispose(): void {
    for (const it of [...this.disposables, this.changes, this.looks.proposed, this.looks.changed]) {
      it.dispose();
    }
  }

  /** Makes the marks of proposals those of the reviews that are open; the ones that stay keep their place. */
  private followReviews(): void {
    const open = this.runs.all().filter((run) => run.review !== null && isOpen(run.review.state));
    const wanted = new Set<string>();
    for (const run of open) {
      for (const file of run.offer?.files ?? []) {
        const uri = run.review?.files.find((it) => it.path === file.path)?.uri;
        const document = uri === undefined ? undefined : openDocument(vscode.Uri.parse(uri));
        for (const place of document === undefined ? [] : places(run, file)) {
          if (place.state === "rejected" || document === undefined) {
            continue;
          }
          const key = `${run.summary.runId}/${file.path}/${place.hunk.id}`;
          wanted.add(key);
          if (!this.all().some((it) => it.kind === "proposed" && name(it) === key)) {
            const first = seek(document, place.hunk.before, place.before);
            this.add(document.uri, first, {
              kind: "proposed",
              runId: run.summary.runId,
              path: file.path,
              hunk: place.hunk.id,
              checkpoint: "",
              count: place.beforeCount,
            });
          }
        }
      }
    }
    this.drop((mark) => mark.kind === "proposed" && !wanted.has(name(mark)));
  }

  private applied(run: RunState, checkpoint: string, files: readonly ChangedFile[]): void {
    for (const { path, uri } of files) {
      const file = run.offer?.files.find((it) => it.path === path);
      const document = openDocument(vscode.Uri.parse(uri));
      if (file === undefined || document === undefined) {
        continue;
      }
      for (const place of places(run, file).filter((it) => it.state !== "rejected")) {
        const first = seek(document, place.hunk.after, place.right);
        const count = lineCount(place.hunk.after);
        this.add(document.uri, first, {
          kind: "changed",
          runId: run.summary.runId,
          path,
          hunk: place.hunk.id,
          checkpoint,
          count,
        });
      }
    }
    this.changes.fire();
  }

  private add(uri: vscode.Uri, first: number | undefined, mark: Omit<Mark, "first" | "last"> & { count: number }): void {
    if (first === undefined) {
      return;
    }
    const { count, ...rest } = mark;
    const list = this.byFile.get(uri.toString()) ?? [];
    this.byFile.set(uri.toString(), [...list, { ...rest, first, last: first + Math.max(count, 1) - 1 }]);
    this.changes.fire();
  }

  private all(): Mark[] {
    return [...this.byFile.values()].flat();
  }

  private drop(test: (mark: Mark) => boolean): void {
    let dropped = false;
    for (const [uri, marks] of this.byFile) {
      const kept = marks.filter((it) => !test(it));
      dropped ||= kept.length !== marks.length;
      this.byFile.set(uri, kept);
    }
    if (dropped) {
      this.changes.fire();
    }
  }

  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const marks = this.byFile.get(document.uri.toString());
    if (marks === undefined || marks.length === 0) {
      return;
    }
    for (const { range, text } of contentChanges) {
      const shift = text.split(/\r\n|\r|\n/).length - 1 - (range.end.line - range.start.line);
      for (const mark of marks) {
        if (mark.first > range.end.line) {
          mark.first += shift;
          mark.last += shift;
        } else if (mark.last > range.end.line) {
          mark.last += shift;
        }
      }
    }
    this.draw();
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const marks = this.of(editor.document.uri);
      for (const kind of ["proposed", "changed"] as const) {
        const ranges = marks
          .filter((it) => it.kind === kind)
          .map((it) => editor.document.validateRange(new vscode.Range(it.first, 0, it.last, Number.MAX_SAFE_INTEGER)));
        editor.setDecorations(this.looks[kind], ranges);
      }
    }
  }
}

function name(mark: Mark): string {
  return `${mark.runId}/${mark.path}/${mark.hunk}`;
}

function openDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((it) => it.uri.toString() === uri.toString());
}

/** The line at which `text` stands, the one nearest to `near`; none where it stands nowhere. */
function seek(document: vscode.TextDocument, text: string, near: number): number | undefined {
  const wanted = text.replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/);
  if (text === "") {
    return Math.min(near, document.lineCount - 1);
  }
  const stands = (at: number): boolean =>
    at >= 0 &&
    at + wanted.length <= document.lineCount &&
    wanted.every((line, index) => document.lineAt(at + index).text === line);
  for (let away = 0; away < document.lineCount; away++) {
    for (const at of [near - away, near + away]) {
      if (stands(at)) {
        return at;
      }
    }
  }
  return undefined;
}

function look(kind: Mark["kind"], extensionUri: vscode.Uri): vscode.TextEditorDecorationType {
  const color = new vscode.ThemeColor(kind === "proposed" ? "editorGutter.modifiedBackground" : "editorGutter.addedBackground");
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    gutterIconPath: vscode.Uri.joinPath(extensionUri, "media", `${kind}.svg`),
    gutterIconSize: "contain",
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
}
