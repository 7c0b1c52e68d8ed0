//! Assertions inside the extension host: one window for all of them, one test here for each.

use std::path::Path;
use std::sync::OnceLock;

use crate::{Server, drive};

/// What was printed: `ok name` or `not ok name: why`, a line each.
fn results(server: Server) -> Option<&'static str> {
    static REAL: OnceLock<Option<String>> = OnceLock::new();
    static SILENT: OnceLock<Option<String>> = OnceLock::new();
    let place = match server {
        Server::Real => &REAL,
        Server::Silent => &SILENT,
    };
    place.get_or_init(|| drive(Path::new("host.mjs"), server).map(|it| it.1)).as_deref()
}

fn says(results: &str, name: &str, went_well: bool) -> bool {
    let (well, ill) = (format!("ok {name}"), format!("not ok {name}: "));
    results.lines().any(|line| if went_well { line == well } else { line.starts_with(&ill) })
}

/// It holds, whatever the server offers.
fn own(name: &str) {
    let Some(real) = results(Server::Real) else { return };
    assert!(says(real, name, true), "{name}\n{real}");
}

/// It holds with the real server, and does not with one that offers nothing.
fn check(name: &str) {
    own(name);
    let Some(silent) = results(Server::Silent) else { return };
    assert!(says(silent, name, false), "with a server that offers nothing: {name}\n{silent}");
}

#[test]
fn the_status_says_that_the_server_is_ready() {
    check("the status says that the server is ready");
}

#[test]
fn the_copied_diagnostics_hold_no_source_text() {
    check("the copied diagnostics tell versions and settings, and no source text");
}

#[test]
fn virtual_workspaces_are_refused_and_untrusted_ones_limited_each_with_a_reason() {
    own("virtual workspaces are refused and untrusted ones limited, each with a reason");
}

#[test]
fn what_an_icon_of_a_tree_does_its_menu_does_too() {
    own("what an icon of a tree does, its menu does too, which a key opens");
}

#[test]
fn every_command_is_registered_and_every_key_has_one() {
    own("every command is registered and has a title, every key has a command");
}

#[test]
fn tests_are_found_without_running_them() {
    check("tests are found without running them");
}

#[test]
fn a_proved_patch_is_listed_hunk_by_hunk_and_can_be_read_aloud() {
    check("a proved patch is listed file by file and hunk by hunk, and every line can be read aloud");
}

#[test]
fn what_is_proposed_is_marked_and_nothing_is_changed() {
    check("what is proposed is marked in the file, and nothing is changed");
}

#[test]
fn the_diff_shows_the_file_before_and_after() {
    check("the diff shows the file before and after");
}

#[test]
fn a_rejected_patch_changes_nothing_and_is_gone() {
    check("a rejected patch changes nothing and is gone, with its diff and its mark");
}

#[test]
fn an_accepted_patch_is_marked_until_it_is_taken_back() {
    check("an accepted patch stands in the editor and is marked until it is taken back");
}

#[test]
fn where_a_patch_is_wanted_at_once_it_stands_and_is_marked() {
    check("where a proved patch is wanted at once, it stands, is marked, and the mark can be cleared");
}

#[test]
fn the_ledger_tells_of_what_was_done() {
    check("the ledger tells of what was done");
}

#[test]
fn a_server_that_is_killed_is_started_again_and_no_text_is_lost() {
    check("a server that is killed is started again, keeps what was typed, and works on it");
}

#[test]
fn a_program_of_another_version_is_refused() {
    own("a program of another version is refused, and what to do is said");
}
