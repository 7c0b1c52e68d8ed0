// The parts of the extension that only compute, on values: what is shown of a patch with several hunks, of runs in every
// state, and of texts that mean something to Markdown. Bundled from the sources, with the texts as they stand there.

import assert from "node:assert";
import { createRequire } from "node:module";
import path from "node:path";
import test from "node:test";

import { named } from "./editor.mjs";

const extension = named("BODKIN_EXTENSION");
const require = createRequire(path.join(extension, "package.json"));

/** A module of the sources. */
async function source(file) {
  const bundled = await require("esbuild").build({
    entryPoints: [path.join(extension, "src", file)],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    logLevel: "error",
  });
  const l10n = { t: (text, ...values) => text.replace(/\{(\d)\}/g, (_, at) => String(values[at])) };
  const module = { exports: {} };
  new Function("module", "exports", "require", bundled.outputFiles[0].text)(module, module.exports, (name) =>
    name === "vscode" ? { l10n, EventEmitter: class {} } : require(name),
  );
  return module.exports;
}

const hunk = (id, line, before, after) => ({ id, line, before, after, edits: [] });
const file = {
  path: "a.py",
  baseHash: "",
  diff: "",
  hunks: [hunk("h1", 2, "b\n", "b1\nb2\nb3\n"), hunk("h2", 4, "", "new\n"), hunk("h3", 6, "f\ng\n", "")],
};
const check = { exit: "exit code 0", succeeded: true, passedTests: 3, failedTests: [], summary: "", wallMs: 1 };
const proof = {
  command: "pytest",
  cwd: null,
  before: check,
  after: check,
  mended: [],
  stillFailing: [],
  changedLinesExecuted: [],
  testsChanged: false,
  candidatesTried: 1,
  wallMs: 1,
  isolation: { backend: "local", level: "full", missing: [] },
  missing: [],
};

/** In a window with one folder. */
const nowhere = () => "";

/** A run whose review has these states of its hunks. */
function run(states, changes = {}) {
  const hunks = file.hunks.map(({ id }, at) => ({ id, state: states[at] }));
  const summary = { runId: "r1", title: "fix a.py:2", outcome: null, reason: "", candidates: 1, startedUnixMs: 0, elapsedMs: 900, hasOffer: true };
  const step = { id: "offer", title: "Offer", state: "in_progress", detail: "", startedMs: 800, endedMs: null };
  return {
    summary: { ...summary, ...changes.summary },
    plan: { runId: "r1", seq: 1, entries: [step] },
    offer: { summary: "use `x`", proposer: "p", files: [file], cautions: [], alternatives: 0, proof, ...changes.offer },
    review: { runId: "r1", state: changes.state ?? "open", missing: [], files: [{ path: "a.py", uri: "file:///a.py", hunks }] },
    uri: "file:///a.py",
    checkpoint: changes.checkpoint ?? null,
  };
}

test("hunks lie where the text without the rejected ones has them", async () => {
  const { places } = await source("review/places.ts");
  const at = (states) => places(run(states), file).map(({ right, rightCount }) => [right, rightCount]);
  assert.deepStrictEqual(at(["undecided", "undecided", "undecided"]), [[1, 3], [5, 1], [8, 0]]);
  assert.deepStrictEqual(at(["rejected", "accepted", "undecided"]), [[1, 1], [3, 1], [6, 0]]);
  assert.deepStrictEqual(at(["rejected", "rejected", "rejected"]), [[1, 1], [3, 0], [5, 2]]);
});

test("the cursor means the hunk that it is in, else the nearest", async () => {
  const { nearest, places } = await source("review/places.ts");
  const all = places(run(["undecided", "undecided", "undecided"]), file);
  const at = (side, lines) => lines.map((line) => nearest(all, side, line).hunk.id);
  assert.deepStrictEqual(at("right", [0, 1, 3, 4, 5, 6, 7, 8, 20]), ["h1", "h1", "h1", "h1", "h2", "h2", "h3", "h3", "h3"]);
  assert.deepStrictEqual(at("left", [0, 1, 2, 3, 4, 5, 6, 9]), ["h1", "h1", "h1", "h2", "h2", "h3", "h3", "h3"]);
  assert.strictEqual(nearest([], "left", 0), undefined);
});

test("a patch says what is left to decide, and what each hunk becomes", async () => {
  const { patchRows } = await source("views/patches.ts");
  const [patch] = patchRows([run(["accepted", "rejected", "undecided"])], [], nowhere);
  assert.strictEqual(patch.description, "proved · 1 to decide");
  const hunks = patch.children[0].children;
  assert.deepStrictEqual(hunks.map((row) => row.context), ["hunk.accepted", "hunk.rejected", "hunk.undecided"]);
  assert.deepStrictEqual(hunks.map((row) => row.description), ["accepted · b1", "rejected · new", "undecided · f"]);
  const spoken = (row) => [row.spoken, ...row.children.flatMap(spoken)];
  assert.ok(spoken(patch).every((it) => it.length > 3));
});

test("where there are several folders, runs and files say in which they are", async () => {
  const { runRows } = await source("views/runs.ts");
  const { patchRows } = await source("views/patches.ts");
  const [one, folderOf] = [run(["undecided", "undecided", "undecided"]), (uri) => (uri === "file:///a.py" ? "shop" : "?")];
  assert.match(runRows([one], new Set(), 5000, folderOf)[0].description, /^shop · 3 to decide · /);
  const [patch] = patchRows([one], [], folderOf);
  assert.deepStrictEqual([patch.description, patch.children[0].description], ["proved · 3 to decide", "shop · 3 changes"]);
});

test("a part that is not proved can be applied anyway or rejected, and says what is missing", async () => {
  const { patchRows } = await source("views/patches.ts");
  const one = run(["accepted", "rejected", "rejected"], { state: "unproved" });
  one.review.missing = ["A test still fails."];
  const [patch] = patchRows([one], [], nowhere);
  assert.strictEqual(patch.context, "patch.unproved");
  assert.strictEqual(patch.description, "not proved · what you accepted is not proved");
  assert.ok(patch.tooltip.includes("A test still fails"));
});

test("each way in which a run can be has its own words and its own actions", async () => {
  const { runRows } = await source("views/runs.ts");
  const of = (changes, undone = []) => {
    const [row] = runRows([run(["accepted", "accepted", "accepted"], changes)], new Set(undone), 5000, nowhere);
    return [row.context, row.description];
  };
  const ended = (outcome) => ({ state: "applied", summary: { outcome } });
  assert.deepStrictEqual(of({ state: "proving" }), ["run.review", "proving what you accepted · 5.0 s"]);
  assert.deepStrictEqual(of({ state: "withheld" }), ["run.review", "withheld: the file has changed · 0.9 s"]);
  assert.deepStrictEqual(of({ ...ended("proved"), checkpoint: "c1" }), ["run.applied", "proved, applied · 0.9 s"]);
  assert.deepStrictEqual(of(ended("proved"), ["r1"]), ["run.undone", "taken back · 0.9 s"]);
  assert.deepStrictEqual(of({ state: "declined", summary: { outcome: "proved" } }), ["run.offered", "rejected · 0.9 s"]);
  assert.deepStrictEqual(of(ended("exhausted")), ["run.offered", "nothing found · 0.9 s"]);
  assert.deepStrictEqual(of(ended("cancelled")), ["run.offered", "cancelled · 0.9 s"]);
});

test("what people wrote is shown as it is, code as code", async () => {
  const { plain, duration } = await source("views/words.ts");
  assert.strictEqual(plain("use `a_b` not __init__ <x>"), "use `a_b` not \\_\\_init\\_\\_ \\<x\\>");
  assert.deepStrictEqual([400, 12_000, 185_000].map(duration), ["0.4 s", "12 s", "3 min 5 s"]);
});

test("the page of evidence names what is missing before all else", async () => {
  const { evidence } = await source("review/evidence.ts");
  const page = evidence(run(["undecided", "undecided", "undecided"], { offer: { proof: { ...proof, missing: ["Line 2 did not run."] } } }));
  assert.ok(page.indexOf("**Not proved**") < page.indexOf("Line 2 did not run") && page.indexOf("Line 2 did not run") < page.indexOf("pytest"));
});

test("versions that speak the same protocol fit", async () => {
  const { fits } = await source("binary.ts");
  assert.deepStrictEqual([fits("0.1.9", "0.1.0"), fits("0.2.0", "0.1.0"), fits("1.4.0", "1.0.0"), fits("2.0.0", "1.9.0")], [true, false, true, false]);
});
