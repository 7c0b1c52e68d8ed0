-- Written from `server/protocol` by `cargo xtask codegen`; edit that, not this file.
-- What is null on the wire may come as nil or as vim.NIL.

local M = {}

--- Notifications from the server, by name.
M.notifications = {
  --- A plan changed.
  --- With bodkin.Plan; the answer is nothing.
  plan = 'bodkin/plan',
  --- Something happened in a run.
  --- With bodkin.Event; the answer is nothing.
  event = 'bodkin/event',
  --- How the server is has changed.
  --- With bodkin.Status; the answer is nothing.
  status = 'bodkin/status',
}

--- Requests to the server, by name.
M.requests = {
  --- Every run of this server as it is now, and the last of earlier ones.
  --- With nothing; the answer is bodkin.Runs.
  runs = 'bodkin/runs',
  --- Accepts or rejects hunks of an offer.
  --- With bodkin.DecideArguments; the answer is bodkin.Review.
  decide = 'bodkin/decide',
  --- A text of an offer, to be compared.
  --- With bodkin.ContentArguments; the answer is bodkin.Content.
  content = 'bodkin/content',
  --- How the server is.
  --- With nothing; the answer is bodkin.Status.
  status = 'bodkin/status',
  --- The tests that are found by reading.
  --- With bodkin.TestsArguments; the answer is bodkin.Tests.
  tests = 'bodkin/tests',
  --- The changes that were put in place.
  --- With bodkin.ChangesArguments; the answer is bodkin.Changes.
  changes = 'bodkin/changes',
  --- The end of the ledger, and whether it is intact.
  --- With bodkin.LedgerArguments; the answer is bodkin.Ledger.
  ledger = 'bodkin/ledger',
}

--- Commands of the server, for `workspace/executeCommand`, by name.
M.commands = {
  --- Fixes lines of a file; the rest is events.
  --- With bodkin.FixArguments; the answer is bodkin.Started.
  fix = 'bodkin.fix',
  --- Fixes what makes a test fail; the rest is events.
  --- With bodkin.FixTestArguments; the answer is bodkin.Started.
  fixTest = 'bodkin.fixTest',
  --- Runs tests in the sandbox; the rest is events.
  --- With bodkin.TestArguments; the answer is bodkin.Started.
  test = 'bodkin.test',
  --- Cancels a run, or every run where none is named.
  --- With bodkin.RunArguments; the answer is nothing.
  cancel = 'bodkin.cancel',
  --- Puts an offered patch in place; the edit follows.
  --- With bodkin.AcceptArguments; the answer is nothing.
  accept = 'bodkin.accept',
  --- Turns an offered patch down.
  --- With bodkin.RunArguments; the answer is nothing.
  decline = 'bodkin.decline',
  --- Takes a change back; the edit follows.
  --- With bodkin.UndoArguments; the answer is nothing.
  undo = 'bodkin.undo',
}

--- Argument of the command that puts a patch in place.
---@class bodkin.AcceptArguments
---@field runId string The run, as in `r12`.
---@field hunks string[]? The hunks that are accepted; null: all of them.

--- One change.
---@class bodkin.Change
---@field checkpoint string By which it can be taken back: `c7`.
---@field runId string The run that it comes from, which may be one of another process.
---@field title string What it is, in a line.
---@field files bodkin.ChangedFile[] The files that it changed.
---@field state bodkin.ChangeState Whether it stands.

--- Whether a change stands.
---@alias bodkin.ChangeState
---| 'applied' # It stands, unless somebody changed it since.
---| 'undone' # It was taken back.
---| 'rolled_back' # It was never put in place, or only for a moment.
---| 'pending' # It is about to be made.

--- A file that was changed.
---@class bodkin.ChangedFile
---@field path string The file, below the workspace's folder, with `/` between parts.
---@field uri string The file, as the client names it.

--- The changes that were put in place, or were about to be.
---@class bodkin.Changes
---@field changes bodkin.Change[] The changes of each folder, the newest first.

--- Argument of the request for the changes.
---@class bodkin.ChangesArguments
---@field folder string? The workspace folder; null: all.

--- How a test command went.
---@class bodkin.Check
---@field exit string How it ended: `exit code 1`, `stopped after 60 s`.
---@field succeeded boolean Whether it ended with exit code 0.
---@field passedTests integer? How many tests passed; null where the test runner's words are not understood.
---@field failedTests string[] The tests that failed, where they could be told.
---@field summary string The first failure, or the end of what was printed.
---@field wallMs integer Wall time, milliseconds.

--- What is decided about hunks.
---@alias bodkin.Choice
---| 'accept' # They are wanted.
---| 'reject' # They are not.

--- A text of an offer.
---@class bodkin.Content
---@field text string The text, line ends as they are.

--- Argument of the request for a text of an offer.
---@class bodkin.ContentArguments
---@field runId string The run, as in `r12`.
---@field path string The file, below the workspace's folder.
---@field side bodkin.ContentSide Which of its texts.

--- Which text of a file of an offer.
---@alias bodkin.ContentSide
---| 'before' # The text that the patch was made for.
---| 'after' # The text with the whole patch.
---| 'accepted' # The text with every hunk that is not rejected.

--- Argument of the request that decides about an offer. With neither `path` nor `hunks` it speaks of all that is undecided.
---@class bodkin.DecideArguments
---@field runId string The run, as in `r12`.
---@field choice bodkin.Choice What is decided.
---@field path string? Only hunks of this file; null: of every file.
---@field hunks string[]? Only these hunks, decided before or not; null: all that are undecided.
---@field finish boolean Whether the review ends with this: what is still undecided counts as rejected.
---@field anyway boolean Whether a part that could not be proved is to be put in place all the same.

--- Something that happened in a run.
---@class bodkin.Event
---@field seq integer Grows with every event of the stream; who missed one asks for the present state.
---@field runId string The run, as in `r12`.
---@field atMs integer Milliseconds into the run.
---@field news bodkin.News What happened.

--- Lines of one file.
---@class bodkin.FileLines
---@field path string The file, below the workspace's folder.
---@field lines integer[] The lines, counted from one.

--- Argument of the command that fixes lines.
---@class bodkin.FixArguments
---@field uri string The document, as the client names it.
---@field lines bodkin.SelectedLines? First and last line of the selection, counted from zero, both included; null: anywhere in the file.
---@field version integer? Version of the document that the lines speak of; null where the client has none.
---@field test string? The test command, as it would be typed; null: found in the workspace.
---@field message string? The message of the diagnostic that is to be fixed; null where there is none.

--- Argument of the command that fixes a failing test.
---@class bodkin.FixTestArguments
---@field uri string The file that the test is in.
---@field test string The test, by its `id`.

--- How far a folder is.
---@alias bodkin.FolderState
---| 'opening' # Being opened.
---| 'open' # At work.
---| 'failed' # It could not be opened; the next command tries again.

--- How one workspace folder is.
---@class bodkin.FolderStatus
---@field uri string The folder, as the client names it.
---@field name string Its last part.
---@field state bodkin.FolderState How far it is.
---@field message string What is wrong with it, and what to do; empty where nothing is.
---@field isolation bodkin.Isolation? How strong the walls around what runs there are; null until that is known.
---@field tests bodkin.TestsFound? The test command that was found or set; null where there is none, or it is not known yet.
---@field recovered string[] What an earlier process left behind and was put right, in sentences.

--- How the server is, in a word.
---@alias bodkin.Health
---| 'ok' # As it should be, with nothing to do, or waiting for the user.
---| 'busy' # A run is at work, or a folder is being opened.
---| 'warning' # Something is weaker than it should be.
---| 'error' # Something can not be done.

--- What is decided about a hunk.
---@alias bodkin.HunkState
---| 'undecided' # Nothing yet.
---| 'accepted' # It is wanted.
---| 'rejected' # It is not.

--- How strong the walls around a run were.
---@class bodkin.Isolation
---@field backend string What ran it: `local`.
---@field level bodkin.IsolationLevel How strong.
---@field missing string[] What is missing and why, in sentences; empty at full strength.

--- How strong a sandbox is.
---@alias bodkin.IsolationLevel
---| 'reduced' # Limits and a copy of the files, but no namespaces of its own.
---| 'full' # Its own users, mounts, processes and network; the workspace is only read.

--- The end of a ledger, and whether all of it stands as it was written.
---@class bodkin.Ledger
---@field intact boolean Whether every entry stands as it was written.
---@field message string The same in a sentence.
---@field entries bodkin.LedgerEntry[] The entries that were asked for, the newest first.
---@field path string? Where the ledger is; null where nothing has been recorded yet.

--- Argument of the request for the ledger.
---@class bodkin.LedgerArguments
---@field folder string? The workspace folder; null: the first.
---@field before integer? Only entries before this one; null: from the last.
---@field limit integer How many entries at most; 1,000 are never exceeded.

--- One entry of a ledger.
---@class bodkin.LedgerEntry
---@field seq integer Its place; the first is 0.
---@field at string When it was written, as RFC 3339 has it.
---@field runId string? The run that it belongs to; null where it belongs to none.
---@field kind string What kind of entry it is: `asked`, `permitted`, `did` …
---@field summary string What it says, in a line.

--- How urgent a message is.
---@alias bodkin.MessageLevel
---| 'info' # Good to know.
---| 'warning' # Something is weaker or slower than it should be.
---| 'error' # Something was not done.

--- What happened; `kind` says which.
---@alias bodkin.News bodkin.News.plan|bodkin.News.tried|bodkin.News.proved|bodkin.News.offered|bodkin.News.reviewed|bodkin.News.applied|bodkin.News.undone|bodkin.News.tests|bodkin.News.ended|bodkin.News.message

--- The plan changed.
---@class bodkin.News.plan
---@field kind 'plan'
---@field plan bodkin.Plan The whole plan as it is now.

--- Candidates were tried. Told now and then, not for each.
---@class bodkin.News.tried
---@field kind 'tried'
---@field tried integer How many so far.
---@field passed integer How many of them passed the tests.

--- A candidate has all its evidence.
---@class bodkin.News.proved
---@field kind 'proved'
---@field proof bodkin.Proof The evidence.

--- A patch waits for a decision.
---@class bodkin.News.offered
---@field kind 'offered'
---@field offer bodkin.Offer The patch and its evidence.

--- The decision about the patch has changed.
---@class bodkin.News.reviewed
---@field kind 'reviewed'
---@field review bodkin.Review How far it is.

--- The patch, or the accepted part of it, stands.
---@class bodkin.News.applied
---@field kind 'applied'
---@field checkpoint string By which it can be taken back.
---@field files bodkin.ChangedFile[] The files that it changed.

--- A change of this run was taken back.
---@class bodkin.News.undone
---@field kind 'undone'
---@field checkpoint string Which.

--- Tests were begun or have ended.
---@class bodkin.News.tests
---@field kind 'tests'
---@field results bodkin.TestResult[] How far each of them is; those that are not named are as they were.

--- The run has ended. Only a decision about its patch, and an undo, may follow.
---@class bodkin.News.ended
---@field kind 'ended'
---@field summary bodkin.RunSummary The run in one line.

--- Something to be read by people.
---@class bodkin.News.message
---@field kind 'message'
---@field level bodkin.MessageLevel How urgent it is.
---@field text string In sentences.

--- A patch that can be accepted, as a whole or hunk by hunk.
---@class bodkin.Offer
---@field summary string What the change does, in a sentence.
---@field proposer string What proposed it: an operator's or a model's name.
---@field files bodkin.OfferedFile[] The files that it changes, by path.
---@field cautions string[] What a reviewer should look at twice, in sentences.
---@field alternatives integer How many other candidates passed the tests as well.
---@field proof bodkin.Proof The evidence.

--- Replaces one range of a file.
---@class bodkin.OfferedEdit
---@field startByte integer First byte of the range in the old text, UTF-8.
---@field endByte integer Byte after the last.
---@field text string What stands there afterwards.

--- One file of an offer.
---@class bodkin.OfferedFile
---@field path string The file, below the workspace's folder, with `/` between parts.
---@field baseHash string BLAKE3 of the content that the hunks were made for; 64 hexadecimal digits.
---@field diff string The change as a unified diff that `git apply` takes.
---@field hunks bodkin.OfferedHunk[] The change in pieces that can be accepted one by one, in order of position.

--- Lines that change together.
---@class bodkin.OfferedHunk
---@field id string Names it within the offer; stays the same when other hunks are applied.
---@field line integer The first of its lines in the old text, counted from one; where lines are only added, the line that they are put before.
---@field before string The lines as they are, line ends included.
---@field after string The lines as they become.
---@field edits bodkin.OfferedEdit[] The same change as edits, in order of position.

--- How a run ended.
---@alias bodkin.Outcome
---| 'proved' # A patch was proved: see its proof.
---| 'unproved' # A patch passes the tests, but part of the evidence is missing: see `missing` of its proof.
---| 'tested' # The tests that were asked for have run: see the reason for how many passed.
---| 'exhausted' # Everything within the budget was tried.
---| 'refused' # It could not be done as asked.
---| 'cancelled' # The user cancelled it.
---| 'failed' # Something broke that is not the user's doing.

--- The steps of a run. Always the whole list; a later one has a higher `seq`.
---@class bodkin.Plan
---@field runId string The run, as in `r12`.
---@field seq integer Grows with every visible change; what arrives with a lower one is outdated.
---@field entries bodkin.PlanEntry[] The steps in order.

--- One step of a plan.
---@class bodkin.PlanEntry
---@field id string Its name within the run, which never changes: `probe`.
---@field title string What it does, for people.
---@field state bodkin.StepState How far it is.
---@field detail string What was found or is being done; empty until there is something to say.
---@field startedMs integer? Milliseconds into the run at which it began; null before.
---@field endedMs integer? Milliseconds into the run at which it ended; null before.

--- The evidence for a patch: the same command in two fresh sandboxes, without it and with it.
---@class bodkin.Proof
---@field command string What was run, as it would be typed.
---@field cwd string? The folder it ran in, below the workspace's; null is the workspace's own.
---@field before bodkin.Check How it went without the patch.
---@field after bodkin.Check How it went with the patch.
---@field mended string[] Tests that failed before and pass now.
---@field stillFailing string[] Tests that failed before and still do.
---@field changedLinesExecuted bodkin.FileLines[] Changed lines that the tests executed; empty where it could not be told, and `missing` says so.
---@field testsChanged boolean Whether the patch changes a test.
---@field candidatesTried integer How many candidates were tried to find it.
---@field wallMs integer Milliseconds from the start of the run to the proof.
---@field isolation bodkin.Isolation Where it ran.
---@field missing string[] What is missing for a proof, in sentences; empty when proved.

--- How far the decision about an offer is.
---@class bodkin.Review
---@field runId string The run, as in `r12`.
---@field state bodkin.ReviewState How far it is.
---@field missing string[] What the accepted part lacks for a proof, in sentences; of the whole offer while nothing is rejected.
---@field files bodkin.ReviewedFile[] The files of the offer, by path.

--- How far the decision about an offer is.
---@alias bodkin.ReviewState
---| 'open' # Hunks are undecided.
---| 'proving' # The accepted part is being proved, because it is not the whole.
---| 'unproved' # The accepted part is not proved: it is put in place only if that is wanted all the same.
---| 'applying' # It is with the editor.
---| 'applied' # It stands.
---| 'declined' # Nothing of it is wanted.
---| 'withheld' # It could not be put in place; the message says why. It may be decided again.

--- One file of a review.
---@class bodkin.ReviewedFile
---@field path string The file, below the workspace's folder, with `/` between parts.
---@field uri string The file, as the client names it.
---@field hunks bodkin.ReviewedHunk[] Its hunks, in order of position.

--- One hunk of a review.
---@class bodkin.ReviewedHunk
---@field id string The hunk, as the offer names it.
---@field state bodkin.HunkState What is decided about it.

--- Argument that names a run.
---@class bodkin.RunArguments
---@field runId string The run, as in `r12`.

--- A run as it is now.
---@class bodkin.RunState
---@field summary bodkin.RunSummary The run in one line.
---@field plan bodkin.Plan Its steps.
---@field offer bodkin.Offer? The patch that waits for a decision, or was decided on; null where there is none.
---@field review bodkin.Review? How far the decision about it is; null where there is nothing to decide.
---@field uri string? The file that it is about, as the client names it; null where it is about none.
---@field checkpoint string? By which its change can be taken back; null where none of it stands.

--- A run in one line.
---@class bodkin.RunSummary
---@field runId string The run, as in `r12`.
---@field title string What is wanted: `fix src/a.py:12`.
---@field outcome bodkin.Outcome? How it ended; null while it is going on.
---@field reason string Why it ended so, in sentences; empty where the outcome says it all.
---@field candidates integer Candidates tried so far.
---@field startedUnixMs integer Milliseconds since 1970-01-01T00:00:00Z at which it began.
---@field elapsedMs integer Milliseconds that it took so far.
---@field hasOffer boolean Whether it has a patch to offer.

--- Every run of a server as it is now, and what the ledger tells of the last runs of earlier ones.
---@class bodkin.Runs
---@field seq integer `seq` of the last event that is contained in this.
---@field runs bodkin.RunState[] The runs, the newest first.

--- Lines of a selection.
---@class bodkin.SelectedLines
---@field first integer The first, counted from zero.
---@field last integer The last, counted from zero; not before the first.

--- Answer of a command that starts a run.
---@class bodkin.Started
---@field runId string The run, as in `r12`.

--- How the server is. Holds no source text and no secret.
---@class bodkin.Status
---@field version string Version of the server.
---@field health bodkin.Health How it is, in a word.
---@field message string The same in a sentence.
---@field nextStep string? What to do about it; null where there is nothing to do.
---@field running integer How many runs are under way.
---@field encoding string What the columns of the connection count: `utf-8`, `utf-16`.
---@field folders bodkin.FolderStatus[] The workspace folders, in the order in which they came.
---@field settings table<string, any> The settings in force, by their names without `bodkin.`; those of the first folder where there are folders.
---@field stateFolder string The folder below which the state of every workspace is kept.

--- How far a step is.
---@alias bodkin.StepState
---| 'pending' # Not begun.
---| 'in_progress' # Being worked on.
---| 'done' # Done.
---| 'failed' # It ended without what it was for.
---| 'skipped' # Not needed.

--- Argument of the command that runs tests.
---@class bodkin.TestArguments
---@field uri string A file, or a workspace folder.
---@field tests string[]? The tests, by their `id`; null: all of the file or folder.
---@field version integer? Version of the document; null where the client has none.

--- A test, or what holds tests.
---@class bodkin.TestItem
---@field id string Names it within its folder: `tests/test_a.py::TestA::test_b`.
---@field label string What people call it: `test_b`.
---@field uri string The file that it is in.
---@field range bodkin.TextRange Where it is there; of a file, its first line.
---@field parent string? `id` of what holds it; null for a file.
---@field kind bodkin.TestItemKind What it is.

--- What a test item is.
---@alias bodkin.TestItemKind
---| 'file' # A file with tests in it.
---| 'group' # A class, or a `describe`.
---| 'test' # One test.

--- How one test went.
---@class bodkin.TestResult
---@field id string The `id` of the test; of a test that reading does not find, such as one of several parameters, the function that it comes from, and `message` tells which it is.
---@field uri string The file that it is in.
---@field state bodkin.TestState How it went.
---@field message string? What failed, in the runner's words; null where nothing did.
---@field line integer? The line of the file at which it failed, counted from zero; null where that is not known.
---@field durationMs integer? How long it took, milliseconds; null where that is not known.

--- How far a test is, or how it went.
---@alias bodkin.TestState
---| 'queued' # It waits for its turn.
---| 'running' # It runs.
---| 'passed' # It passed.
---| 'failed' # It failed.
---| 'skipped' # It was left out.
---| 'timed_out' # It did not end within its time.

--- The tests that were found by reading, without running anything.
---@class bodkin.Tests
---@field tests bodkin.TestItem[] Files first, then what is in them, in order of position; a parent comes before its children.

--- Argument of the request for the tests.
---@class bodkin.TestsArguments
---@field uri string? A file or a workspace folder; null: all folders.

--- The test command of a folder.
---@class bodkin.TestsFound
---@field command string The command, as it would be typed.
---@field reason string Why it is this one, in a sentence.

--- A place in a text as editors count.
---@class bodkin.TextPosition
---@field line integer The line, counted from zero.
---@field character integer The column, counted from zero in the encoding of the connection.

--- A range of a text as editors count: from zero, columns in the encoding of the connection, end excluded.
---@class bodkin.TextRange
---@field start bodkin.TextPosition Where it begins.
---@field end bodkin.TextPosition Where it ends.

--- Argument of the command that takes a change back; may be left out whole.
---@class bodkin.UndoArguments
---@field checkpoint string? The change, by its checkpoint; null: the last that stands.
---@field folder string? The workspace folder; null: that of the checkpoint, else the one that was changed last.

--- What the server can be told by settings.
---@class bodkin.Settings
---@field testCommand? string The command that runs the tests, as it would be typed. Empty: found in the workspace. Default: empty.
---@field testTimeoutSeconds? integer How long one run of the test command may take, in seconds. Default: 60.
---@field runTimeoutSeconds? integer How long a whole run may take before it offers the best that it has, in seconds. Default: 300.
---@field maxCandidates? integer How many candidates a run may try. Default: 20000.
---@field review? 'hunks'|'apply' What becomes of a proved change. Editors that can not show a review put it in place at once. Default: 'hunks'.
---@field confirm? 'auto'|'never' Whether an editor that shows no review asks before it makes the edit of a proved change. Default: 'auto'.
---@field codeLens? boolean Show above each test how to run it, and how to fix it when it fails. Default: true.
---@field navigation? 'off'|'on' Whether Bodkin offers symbols, definitions and references, for editors that have no other server for them. Default: 'off'.
---@field allowReduced? boolean Run tests where this machine offers no full sandbox: with limits and on a copy of the files, but without walls of their own. Only the user can allow it, not a project. Default: false.
---@field actions? bodkin.Settings.actions
---@field diagnostics? bodkin.Settings.diagnostics

---@class bodkin.Settings.actions
---@field fixLine? boolean Offer to fix the selected lines. Default: true.
---@field fixDiagnostic? boolean Offer to fix what a diagnostic complains of. Default: true.
---@field fixTest? boolean Offer to fix a failing test. Default: true.
---@field runTests? boolean Offer to run tests in the sandbox. Default: true.
---@field quickFixes? boolean Offer small fixes that are certain, with their edit inside. Default: true.

---@class bodkin.Settings.diagnostics
---@field syntax? boolean Report syntax errors. Default: true.
---@field tests? boolean Report failed tests where they failed. Default: true.
---@field secrets? boolean Report keys and passwords before they are saved. Default: true.

return M
