//! What a user can tell an editor with a sidebar to do, by name. Declared here and nowhere else.
//!
//! The commands of the VS Code extension and their titles are written from this. Those that lead to the server say
//! to which of its names; the others are the editor's own affair.

use crate::methods::{CANCEL, CHANGES, DECIDE, FIX, FIX_TEST, LEDGER, RUNS, STATUS, TEST, UNDO};

/// What stands before the name of each: the server's own commands have plain names (`bodkin.fix`).
pub const PREFIX: &str = "bodkin.ui.";

/// One thing that a user can tell an editor to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserCommand {
    /// Its name after [`PREFIX`].
    pub name: &'static str,
    /// What it is called in menus.
    pub title: &'static str,
    /// Its icon in VS Code's set; empty: none.
    pub icon: &'static str,
    /// The name of the server's that it leads to; `None`: the editor does it alone.
    pub leads_to: Option<&'static str>,
    /// Whether it can be had only while the server runs.
    pub needs_server: bool,
}

/// Every command, in the order in which they are shown.
pub const COMMANDS: &[UserCommand] = &[
    UserCommand { needs_server: true, ..command("fix", "Fix the Selected Lines", "wand", Some(FIX)) },
    command("fixTest", "Fix What This Test Shows", "wand", Some(FIX_TEST)),
    command("testFile", "Run the Tests of This File in the Sandbox", "beaker", Some(TEST)),
    command("cancel", "Cancel the Run", "debug-stop", Some(CANCEL)),
    command("undo", "Take the Change Back", "discard", Some(UNDO)),
    command("review", "Review the Patch", "git-compare", None),
    command("evidence", "Show the Evidence", "verified", None),
    command("acceptHunk", "Accept This Change", "check", Some(DECIDE)),
    command("rejectHunk", "Reject This Change", "close", Some(DECIDE)),
    command("acceptFile", "Accept the Changes of This File", "check", Some(DECIDE)),
    command("rejectFile", "Reject the Changes of This File", "close", Some(DECIDE)),
    command("acceptAll", "Accept All Changes of the Patch", "check-all", Some(DECIDE)),
    command("rejectAll", "Reject the Patch", "close-all", Some(DECIDE)),
    command("finish", "Apply What Is Accepted, Reject the Rest", "pass", Some(DECIDE)),
    command("applyAnyway", "Apply Though It Is Not Proved", "warning", Some(DECIDE)),
    command("keep", "Clear the Marks of Changes", "clear-all", None),
    command("openFile", "Open the File", "go-to-file", None),
    command("showRuns", "Show the Runs", "", Some(RUNS)),
    command("showLog", "Show the Log", "output", None),
    command("restart", "Restart the Server", "debug-restart", None),
    command("chooseProgram", "Choose the bodkin Program…", "folder-opened", None),
    command("copyDiagnostics", "Copy Diagnostics", "copy", Some(STATUS)),
    command("refresh", "Refresh", "refresh", Some(CHANGES)),
    command("moreLedger", "Show Earlier Entries", "ellipsis", Some(LEDGER)),
    command("openLedger", "Open the Ledger's File", "go-to-file", Some(LEDGER)),
    command("practice", "Open a Practice File", "mortar-board", None),
    command("walkthrough", "Open the Walkthrough", "book", None),
];

const fn command(
    name: &'static str,
    title: &'static str,
    icon: &'static str,
    leads_to: Option<&'static str>,
) -> UserCommand {
    UserCommand { name, title, icon, leads_to, needs_server: false }
}
