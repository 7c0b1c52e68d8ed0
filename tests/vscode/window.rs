//! What a user does in the window. A picture of each is kept under `target/artefacts/vscode`.

use std::path::Path;

use crate::{Server, drive};

/// A case goes well with the real server, and stops at `without` with one that offers nothing.
fn check(case: &str, without: &str) {
    let script = Path::new("cases").join(case).with_extension("mjs");
    let Some((went_well, said)) = drive(&script, Server::Real) else { return };
    assert!(went_well, "{said}");
    let (went_well, said) = drive(&script, Server::Silent).unwrap();
    assert!(!went_well, "it goes well with a server that offers nothing: {said}");
    assert!(said.contains(&format!("failed: {without}:")), "it stops elsewhere: {said}");
}

#[test]
fn a_selected_line_is_fixed_from_the_light_bulb_reviewed_accepted_saved_and_taken_back() {
    check("fix", "the light bulb offers the fix");
}

#[test]
fn a_part_of_a_patch_is_proved_again_and_applied_only_if_it_passes_alone() {
    check("hunks", "two hunks wait for review");
}

#[test]
fn what_is_done_in_one_of_several_folders_is_told_of_it_and_leaves_the_others() {
    check("folders", "the wrong line is fixed from the editor's menu");
}

#[test]
fn a_run_is_cancelled_half_way_from_the_sidebar() {
    check("cancel", "the light bulb offers the fix");
}

#[test]
fn a_syntax_error_is_marked_and_mended_by_its_quick_fix() {
    check("syntax", "the error is marked");
}

#[test]
fn tests_are_run_from_the_testing_view_and_a_failure_is_seen_where_it_is() {
    check("testing", "the tests are found");
}

/// A case that goes well, whatever the server offers.
fn own(case: &str) {
    let script = Path::new("cases").join(case).with_extension("mjs");
    let Some((went_well, said)) = drive(&script, Server::Real) else { return };
    assert!(went_well, "{said}");
}

#[test]
fn nothing_is_started_in_a_folder_that_is_not_trusted() {
    own("untrusted");
}

#[test]
fn a_workspace_that_is_on_no_disk_is_refused_and_told_why() {
    own("virtual");
}

#[test]
fn a_folder_on_no_disk_is_left_alone_beside_one_that_is_on_a_disk() {
    check("mixed", "the line on a disk is fixed");
}
