// Written from `server/protocol` by `cargo xtask codegen`; edit that, not this file.
/* eslint-disable */

/** Notifications from the server, by name. */
export const Notifications = {
    /** A plan changed. */
    plan: 'bodkin/plan',
    /** Something happened in a run. */
    event: 'bodkin/event',
    /** How the server is has changed. */
    status: 'bodkin/status',
} as const;

/** Notifications from the server: what goes with each. */
export interface NotificationTypes {
    'bodkin/plan': { params: Plan; result: null };
    'bodkin/event': { params: Event; result: null };
    'bodkin/status': { params: Status; result: null };
}

/** Requests to the server, by name. */
export const Requests = {
    /** Every run of this server as it is now, and the last of earlier ones. */
    runs: 'bodkin/runs',
    /** Accepts or rejects hunks of an offer. */
    decide: 'bodkin/decide',
    /** A text of an offer, to be compared. */
    content: 'bodkin/content',
    /** How the server is. */
    status: 'bodkin/status',
    /** The tests that are found by reading. */
    tests: 'bodkin/tests',
    /** The changes that were put in place. */
    changes: 'bodkin/changes',
    /** The end of the ledger, and whether it is intact. */
    ledger: 'bodkin/ledger',
} as const;

/** Requests to the server: what goes with each. */
export interface RequestTypes {
    'bodkin/runs': { params: null; result: Runs };
    'bodkin/decide': { params: DecideArguments; result: Review };
    'bodkin/content': { params: ContentArguments; result: Content };
    'bodkin/status': { params: null; result: Status };
    'bodkin/tests': { params: TestsArguments; result: Tests };
    'bodkin/changes': { params: ChangesArguments; result: Changes };
    'bodkin/ledger': { params: LedgerArguments; result: Ledger };
}

/** Commands of the server, for `workspace/executeCommand`, by name. */
export const Commands = {
    /** Fixes lines of a file; the rest is events. */
    fix: 'bodkin.fix',
    /** Fixes what makes a test fail; the rest is events. */
    fixTest: 'bodkin.fixTest',
    /** Runs tests in the sandbox; the rest is events. */
    test: 'bodkin.test',
    /** Cancels a run, or every run where none is named. */
    cancel: 'bodkin.cancel',
    /** Puts an offered patch in place; the edit follows. */
    accept: 'bodkin.accept',
    /** Turns an offered patch down. */
    decline: 'bodkin.decline',
    /** Takes a change back; the edit follows. */
    undo: 'bodkin.undo',
} as const;

/** Commands of the server, for `workspace/executeCommand`: what goes with each. */
export interface CommandTypes {
    'bodkin.fix': { params: FixArguments; result: Started };
    'bodkin.fixTest': { params: FixTestArguments; result: Started };
    'bodkin.test': { params: TestArguments; result: Started };
    'bodkin.cancel': { params: RunArguments; result: null };
    'bodkin.accept': { params: AcceptArguments; result: null };
    'bodkin.decline': { params: RunArguments; result: null };
    'bodkin.undo': { params: UndoArguments; result: null };
}

/** Argument of the command that puts a patch in place. */
export interface AcceptArguments {
    /** The run, as in `r12`. */
    runId: string;
    /** The hunks that are accepted; null: all of them. */
    hunks: string[] | null;
}

/** One change. */
export interface Change {
    /** By which it can be taken back: `c7`. */
    checkpoint: string;
    /** The run that it comes from, which may be one of another process. */
    runId: string;
    /** What it is, in a line. */
    title: string;
    /** The files that it changed. */
    files: ChangedFile[];
    /** Whether it stands. */
    state: ChangeState;
}

/** Whether a change stands. */
export type ChangeState =
    /** It stands, unless somebody changed it since. */
    | 'applied'
    /** It was taken back. */
    | 'undone'
    /** It was never put in place, or only for a moment. */
    | 'rolled_back'
    /** It is about to be made. */
    | 'pending';

/** A file that was changed. */
export interface ChangedFile {
    /** The file, below the workspace's folder, with `/` between parts. */
    path: string;
    /** The file, as the client names it. */
    uri: string;
}

/** The changes that were put in place, or were about to be. */
export interface Changes {
    /** The changes of each folder, the newest first. */
    changes: Change[];
}

/** Argument of the request for the changes. */
export interface ChangesArguments {
    /** The workspace folder; null: all. */
    folder: string | null;
}

/** How a test command went. */
export interface Check {
    /** How it ended: `exit code 1`, `stopped after 60 s`. */
    exit: string;
    /** Whether it ended with exit code 0. */
    succeeded: boolean;
    /** How many tests passed; null where the test runner's words are not understood. */
    passedTests: number | null;
    /** The tests that failed, where they could be told. */
    failedTests: string[];
    /** The first failure, or the end of what was printed. */
    summary: string;
    /** Wall time, milliseconds. */
    wallMs: number;
}

/** What is decided about hunks. */
export type Choice =
    /** They are wanted. */
    | 'accept'
    /** They are not. */
    | 'reject';

/** A text of an offer. */
export interface Content {
    /** The text, line ends as they are. */
    text: string;
}

/** Argument of the request for a text of an offer. */
export interface ContentArguments {
    /** The run, as in `r12`. */
    runId: string;
    /** The file, below the workspace's folder. */
    path: string;
    /** Which of its texts. */
    side: ContentSide;
}

/** Which text of a file of an offer. */
export type ContentSide =
    /** The text that the patch was made for. */
    | 'before'
    /** The text with the whole patch. */
    | 'after'
    /** The text with every hunk that is not rejected. */
    | 'accepted';

/** Argument of the request that decides about an offer. With neither `path` nor `hunks` it speaks of all that is undecided. */
export interface DecideArguments {
    /** The run, as in `r12`. */
    runId: string;
    /** What is decided. */
    choice: Choice;
    /** Only hunks of this file; null: of every file. */
    path: string | null;
    /** Only these hunks, decided before or not; null: all that are undecided. */
    hunks: string[] | null;
    /** Whether the review ends with this: what is still undecided counts as rejected. */
    finish: boolean;
    /** Whether a part that could not be proved is to be put in place all the same. */
    anyway: boolean;
}

/** Something that happened in a run. */
export interface Event {
    /** Grows with every event of the stream; who missed one asks for the present state. */
    seq: number;
    /** The run, as in `r12`. */
    runId: string;
    /** Milliseconds into the run. */
    atMs: number;
    /** What happened. */
    news: News;
}

/** Lines of one file. */
export interface FileLines {
    /** The file, below the workspace's folder. */
    path: string;
    /** The lines, counted from one. */
    lines: number[];
}

/** Argument of the command that fixes lines. */
export interface FixArguments {
    /** The document, as the client names it. */
    uri: string;
    /** First and last line of the selection, counted from zero, both included; null: anywhere in the file. */
    lines: SelectedLines | null;
    /** Version of the document that the lines speak of; null where the client has none. */
    version: number | null;
    /** The test command, as it would be typed; null: found in the workspace. */
    test: string | null;
    /** The message of the diagnostic that is to be fixed; null where there is none. */
    message: string | null;
}

/** Argument of the command that fixes a failing test. */
export interface FixTestArguments {
    /** The file that the test is in. */
    uri: string;
    /** The test, by its `id`. */
    test: string;
}

/** How far a folder is. */
export type FolderState =
    /** Being opened. */
    | 'opening'
    /** At work. */
    | 'open'
    /** It could not be opened; the next command tries again. */
    | 'failed';

/** How one workspace folder is. */
export interface FolderStatus {
    /** The folder, as the client names it. */
    uri: string;
    /** Its last part. */
    name: string;
    /** How far it is. */
    state: FolderState;
    /** What is wrong with it, and what to do; empty where nothing is. */
    message: string;
    /** How strong the walls around what runs there are; null until that is known. */
    isolation: Isolation | null;
    /** The test command that was found or set; null where there is none, or it is not known yet. */
    tests: TestsFound | null;
    /** What an earlier process left behind and was put right, in sentences. */
    recovered: string[];
}

/** How the server is, in a word. */
export type Health =
    /** As it should be, with nothing to do, or waiting for the user. */
    | 'ok'
    /** A run is at work, or a folder is being opened. */
    | 'busy'
    /** Something is weaker than it should be. */
    | 'warning'
    /** Something can not be done. */
    | 'error';

/** What is decided about a hunk. */
export type HunkState =
    /** Nothing yet. */
    | 'undecided'
    /** It is wanted. */
    | 'accepted'
    /** It is not. */
    | 'rejected';

/** How strong the walls around a run were. */
export interface Isolation {
    /** What ran it: `local`. */
    backend: string;
    /** How strong. */
    level: IsolationLevel;
    /** What is missing and why, in sentences; empty at full strength. */
    missing: string[];
}

/** How strong a sandbox is. */
export type IsolationLevel =
    /** Limits and a copy of the files, but no namespaces of its own. */
    | 'reduced'
    /** Its own users, mounts, processes and network; the workspace is only read. */
    | 'full';

/** The end of a ledger, and whether all of it stands as it was written. */
export interface Ledger {
    /** Whether every entry stands as it was written. */
    intact: boolean;
    /** The same in a sentence. */
    message: string;
    /** The entries that were asked for, the newest first. */
    entries: LedgerEntry[];
    /** Where the ledger is; null where nothing has been recorded yet. */
    path: string | null;
}

/** Argument of the request for the ledger. */
export interface LedgerArguments {
    /** The workspace folder; null: the first. */
    folder: string | null;
    /** Only entries before this one; null: from the last. */
    before: number | null;
    /** How many entries at most; 1,000 are never exceeded. */
    limit: number;
}

/** One entry of a ledger. */
export interface LedgerEntry {
    /** Its place; the first is 0. */
    seq: number;
    /** When it was written, as RFC 3339 has it. */
    at: string;
    /** The run that it belongs to; null where it belongs to none. */
    runId: string | null;
    /** What kind of entry it is: `asked`, `permitted`, `did` … */
    kind: string;
    /** What it says, in a line. */
    summary: string;
}

/** How urgent a message is. */
export type MessageLevel =
    /** Good to know. */
    | 'info'
    /** Something is weaker or slower than it should be. */
    | 'warning'
    /** Something was not done. */
    | 'error';

/** What happened; `kind` says which. */
export type News = NewsPlan | NewsTried | NewsProved | NewsOffered | NewsReviewed | NewsApplied | NewsUndone | NewsTests | NewsEnded | NewsMessage;

/** The plan changed. */
export interface NewsPlan {
    kind: 'plan';
    /** The whole plan as it is now. */
    plan: Plan;
}

/** Candidates were tried. Told now and then, not for each. */
export interface NewsTried {
    kind: 'tried';
    /** How many so far. */
    tried: number;
    /** How many of them passed the tests. */
    passed: number;
}

/** A candidate has all its evidence. */
export interface NewsProved {
    kind: 'proved';
    /** The evidence. */
    proof: Proof;
}

/** A patch waits for a decision. */
export interface NewsOffered {
    kind: 'offered';
    /** The patch and its evidence. */
    offer: Offer;
}

/** The decision about the patch has changed. */
export interface NewsReviewed {
    kind: 'reviewed';
    /** How far it is. */
    review: Review;
}

/** The patch, or the accepted part of it, stands. */
export interface NewsApplied {
    kind: 'applied';
    /** By which it can be taken back. */
    checkpoint: string;
    /** The files that it changed. */
    files: ChangedFile[];
}

/** A change of this run was taken back. */
export interface NewsUndone {
    kind: 'undone';
    /** Which. */
    checkpoint: string;
}

/** Tests were begun or have ended. */
export interface NewsTests {
    kind: 'tests';
    /** How far each of them is; those that are not named are as they were. */
    results: TestResult[];
}

/** The run has ended. Only a decision about its patch, and an undo, may follow. */
export interface NewsEnded {
    kind: 'ended';
    /** The run in one line. */
    summary: RunSummary;
}

/** Something to be read by people. */
export interface NewsMessage {
    kind: 'message';
    /** How urgent it is. */
    level: MessageLevel;
    /** In sentences. */
    text: string;
}

/** A patch that can be accepted, as a whole or hunk by hunk. */
export interface Offer {
    /** What the change does, in a sentence. */
    summary: string;
    /** What proposed it: an operator's or a model's name. */
    proposer: string;
    /** The files that it changes, by path. */
    files: OfferedFile[];
    /** What a reviewer should look at twice, in sentences. */
    cautions: string[];
    /** How many other candidates passed the tests as well. */
    alternatives: number;
    /** The evidence. */
    proof: Proof;
}

/** Replaces one range of a file. */
export interface OfferedEdit {
    /** First byte of the range in the old text, UTF-8. */
    startByte: number;
    /** Byte after the last. */
    endByte: number;
    /** What stands there afterwards. */
    text: string;
}

/** One file of an offer. */
export interface OfferedFile {
    /** The file, below the workspace's folder, with `/` between parts. */
    path: string;
    /** BLAKE3 of the content that the hunks were made for; 64 hexadecimal digits. */
    baseHash: string;
    /** The change as a unified diff that `git apply` takes. */
    diff: string;
    /** The change in pieces that can be accepted one by one, in order of position. */
    hunks: OfferedHunk[];
}

/** Lines that change together. */
export interface OfferedHunk {
    /** Names it within the offer; stays the same when other hunks are applied. */
    id: string;
    /** The first of its lines in the old text, counted from one; where lines are only added, the line that they are put before. */
    line: number;
    /** The lines as they are, line ends included. */
    before: string;
    /** The lines as they become. */
    after: string;
    /** The same change as edits, in order of position. */
    edits: OfferedEdit[];
}

/** How a run ended. */
export type Outcome =
    /** A patch was proved: see its proof. */
    | 'proved'
    /** A patch passes the tests, but part of the evidence is missing: see `missing` of its proof. */
    | 'unproved'
    /** The tests that were asked for have run: see the reason for how many passed. */
    | 'tested'
    /** Everything within the budget was tried. */
    | 'exhausted'
    /** It could not be done as asked. */
    | 'refused'
    /** The user cancelled it. */
    | 'cancelled'
    /** Something broke that is not the user's doing. */
    | 'failed';

/** The steps of a run. Always the whole list; a later one has a higher `seq`. */
export interface Plan {
    /** The run, as in `r12`. */
    runId: string;
    /** Grows with every visible change; what arrives with a lower one is outdated. */
    seq: number;
    /** The steps in order. */
    entries: PlanEntry[];
}

/** One step of a plan. */
export interface PlanEntry {
    /** Its name within the run, which never changes: `probe`. */
    id: string;
    /** What it does, for people. */
    title: string;
    /** How far it is. */
    state: StepState;
    /** What was found or is being done; empty until there is something to say. */
    detail: string;
    /** Milliseconds into the run at which it began; null before. */
    startedMs: number | null;
    /** Milliseconds into the run at which it ended; null before. */
    endedMs: number | null;
}

/** The evidence for a patch: the same command in two fresh sandboxes, without it and with it. */
export interface Proof {
    /** What was run, as it would be typed. */
    command: string;
    /** The folder it ran in, below the workspace's; null is the workspace's own. */
    cwd: string | null;
    /** How it went without the patch. */
    before: Check;
    /** How it went with the patch. */
    after: Check;
    /** Tests that failed before and pass now. */
    mended: string[];
    /** Tests that failed before and still do. */
    stillFailing: string[];
    /** Changed lines that the tests executed; empty where it could not be told, and `missing` says so. */
    changedLinesExecuted: FileLines[];
    /** Whether the patch changes a test. */
    testsChanged: boolean;
    /** How many candidates were tried to find it. */
    candidatesTried: number;
    /** Milliseconds from the start of the run to the proof. */
    wallMs: number;
    /** Where it ran. */
    isolation: Isolation;
    /** What is missing for a proof, in sentences; empty when proved. */
    missing: string[];
}

/** How far the decision about an offer is. */
export interface Review {
    /** The run, as in `r12`. */
    runId: string;
    /** How far it is. */
    state: ReviewState;
    /** What the accepted part lacks for a proof, in sentences; of the whole offer while nothing is rejected. */
    missing: string[];
    /** The files of the offer, by path. */
    files: ReviewedFile[];
}

/** How far the decision about an offer is. */
export type ReviewState =
    /** Hunks are undecided. */
    | 'open'
    /** The accepted part is being proved, because it is not the whole. */
    | 'proving'
    /** The accepted part is not proved: it is put in place only if that is wanted all the same. */
    | 'unproved'
    /** It is with the editor. */
    | 'applying'
    /** It stands. */
    | 'applied'
    /** Nothing of it is wanted. */
    | 'declined'
    /** It could not be put in place; the message says why. It may be decided again. */
    | 'withheld';

/** One file of a review. */
export interface ReviewedFile {
    /** The file, below the workspace's folder, with `/` between parts. */
    path: string;
    /** The file, as the client names it. */
    uri: string;
    /** Its hunks, in order of position. */
    hunks: ReviewedHunk[];
}

/** One hunk of a review. */
export interface ReviewedHunk {
    /** The hunk, as the offer names it. */
    id: string;
    /** What is decided about it. */
    state: HunkState;
}

/** Argument that names a run. */
export interface RunArguments {
    /** The run, as in `r12`. */
    runId: string;
}

/** A run as it is now. */
export interface RunState {
    /** The run in one line. */
    summary: RunSummary;
    /** Its steps. */
    plan: Plan;
    /** The patch that waits for a decision, or was decided on; null where there is none. */
    offer: Offer | null;
    /** How far the decision about it is; null where there is nothing to decide. */
    review: Review | null;
    /** The file that it is about, as the client names it; null where it is about none. */
    uri: string | null;
    /** By which its change can be taken back; null where none of it stands. */
    checkpoint: string | null;
}

/** A run in one line. */
export interface RunSummary {
    /** The run, as in `r12`. */
    runId: string;
    /** What is wanted: `fix src/a.py:12`. */
    title: string;
    /** How it ended; null while it is going on. */
    outcome: Outcome | null;
    /** Why it ended so, in sentences; empty where the outcome says it all. */
    reason: string;
    /** Candidates tried so far. */
    candidates: number;
    /** Milliseconds since 1970-01-01T00:00:00Z at which it began. */
    startedUnixMs: number;
    /** Milliseconds that it took so far. */
    elapsedMs: number;
    /** Whether it has a patch to offer. */
    hasOffer: boolean;
}

/** Every run of a server as it is now, and what the ledger tells of the last runs of earlier ones. */
export interface Runs {
    /** `seq` of the last event that is contained in this. */
    seq: number;
    /** The runs, the newest first. */
    runs: RunState[];
}

/** Lines of a selection. */
export interface SelectedLines {
    /** The first, counted from zero. */
    first: number;
    /** The last, counted from zero; not before the first. */
    last: number;
}

/** Answer of a command that starts a run. */
export interface Started {
    /** The run, as in `r12`. */
    runId: string;
}

/** How the server is. Holds no source text and no secret. */
export interface Status {
    /** Version of the server. */
    version: string;
    /** How it is, in a word. */
    health: Health;
    /** The same in a sentence. */
    message: string;
    /** What to do about it; null where there is nothing to do. */
    nextStep: string | null;
    /** How many runs are under way. */
    running: number;
    /** What the columns of the connection count: `utf-8`, `utf-16`. */
    encoding: string;
    /** The workspace folders, in the order in which they came. */
    folders: FolderStatus[];
    /** The settings in force, by their names without `bodkin.`; those of the first folder where there are folders. */
    settings: Record<string, unknown>;
    /** The folder below which the state of every workspace is kept. */
    stateFolder: string;
}

/** How far a step is. */
export type StepState =
    /** Not begun. */
    | 'pending'
    /** Being worked on. */
    | 'in_progress'
    /** Done. */
    | 'done'
    /** It ended without what it was for. */
    | 'failed'
    /** Not needed. */
    | 'skipped';

/** Argument of the command that runs tests. */
export interface TestArguments {
    /** A file, or a workspace folder. */
    uri: string;
    /** The tests, by their `id`; null: all of the file or folder. */
    tests: string[] | null;
    /** Version of the document; null where the client has none. */
    version: number | null;
}

/** A test, or what holds tests. */
export interface TestItem {
    /** Names it within its folder: `tests/test_a.py::TestA::test_b`. */
    id: string;
    /** What people call it: `test_b`. */
    label: string;
    /** The file that it is in. */
    uri: string;
    /** Where it is there; of a file, its first line. */
    range: TextRange;
    /** `id` of what holds it; null for a file. */
    parent: string | null;
    /** What it is. */
    kind: TestItemKind;
}

/** What a test item is. */
export type TestItemKind =
    /** A file with tests in it. */
    | 'file'
    /** A class, or a `describe`. */
    | 'group'
    /** One test. */
    | 'test';

/** How one test went. */
export interface TestResult {
    /** The `id` of the test; of a test that reading does not find, such as one of several parameters, the function that it comes from, and `message` tells which it is. */
    id: string;
    /** The file that it is in. */
    uri: string;
    /** How it went. */
    state: TestState;
    /** What failed, in the runner's words; null where nothing did. */
    message: string | null;
    /** The line of the file at which it failed, counted from zero; null where that is not known. */
    line: number | null;
    /** How long it took, milliseconds; null where that is not known. */
    durationMs: number | null;
}

/** How far a test is, or how it went. */
export type TestState =
    /** It waits for its turn. */
    | 'queued'
    /** It runs. */
    | 'running'
    /** It passed. */
    | 'passed'
    /** It failed. */
    | 'failed'
    /** It was left out. */
    | 'skipped'
    /** It did not end within its time. */
    | 'timed_out';

/** The tests that were found by reading, without running anything. */
export interface Tests {
    /** Files first, then what is in them, in order of position; a parent comes before its children. */
    tests: TestItem[];
}

/** Argument of the request for the tests. */
export interface TestsArguments {
    /** A file or a workspace folder; null: all folders. */
    uri: string | null;
}

/** The test command of a folder. */
export interface TestsFound {
    /** The command, as it would be typed. */
    command: string;
    /** Why it is this one, in a sentence. */
    reason: string;
}

/** A place in a text as editors count. */
export interface TextPosition {
    /** The line, counted from zero. */
    line: number;
    /** The column, counted from zero in the encoding of the connection. */
    character: number;
}

/** A range of a text as editors count: from zero, columns in the encoding of the connection, end excluded. */
export interface TextRange {
    /** Where it begins. */
    start: TextPosition;
    /** Where it ends. */
    end: TextPosition;
}

/** Argument of the command that takes a change back; may be left out whole. */
export interface UndoArguments {
    /** The change, by its checkpoint; null: the last that stands. */
    checkpoint: string | null;
    /** The workspace folder; null: that of the checkpoint, else the one that was changed last. */
    folder: string | null;
}
