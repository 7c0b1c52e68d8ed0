//! Files and lines that can not be worked on: each is named with the next step, and nothing is touched.

use bodkin_tests::{Scene, needs};
use expect_test::{Expect, expect};

use crate::scenes::{leaves_alone, sum};

fn check(scene: &Scene, target: &str, said: Expect) {
    said.assert_eq(
        &leaves_alone(scene, &["fix", target, "--test", "python3 -m unittest", "--apply"]).failure(),
    );
}

#[test]
fn a_file_that_does_not_exist() {
    check(
        &sum(),
        "clac.py:2",
        expect![[r#"
            bodkin: `clac.py` does not exist
              next: Check its spelling; it is written here as seen from the workspace's folder.
            exit 2
        "#]],
    );
}

#[test]
fn a_file_outside_the_workspace() {
    let scene = sum();
    let outside = scene.dir().join("outside.py");
    std::fs::write(&outside, "x = 1\n").unwrap();
    check(
        &scene,
        outside.to_str().unwrap(),
        expect![[r#"
            bodkin: `<scene>/outside.py` lies outside the workspace `<scene>/work`
              next: Name a file of the workspace, or open the folder that holds this one as the workspace (--root).
            exit 2
        "#]],
    );
    check(
        &scene,
        "../outside.py:1",
        expect![[r#"
            bodkin: `<scene>/outside.py` lies outside the workspace `<scene>/work`
              next: Name a file of the workspace, or open the folder that holds this one as the workspace (--root).
            exit 2
        "#]],
    );
    check(
        &scene,
        "../nowhere.py:1",
        expect![[r#"
            bodkin: `<scene>/nowhere.py` lies outside the workspace `<scene>/work`
              next: Name a file of the workspace, or open the folder that holds this one as the workspace (--root).
            exit 2
        "#]],
    );
}

#[test]
fn a_link_that_leads_out_of_the_workspace() {
    let scene = sum();
    std::fs::write(scene.dir().join("outside.py"), "x = 1\n").unwrap();
    std::os::unix::fs::symlink("../outside.py", scene.path("inside.py")).unwrap();
    check(
        &scene,
        "inside.py:1",
        expect![[r#"
            bodkin: `inside.py` is a link out of the workspace, to `<scene>/outside.py`
              next: Open the folder that really holds it as the workspace (--root).
            exit 2
        "#]],
    );
}

#[test]
fn a_link_that_leads_nowhere() {
    let scene = sum();
    std::os::unix::fs::symlink("gone.py", scene.path("inside.py")).unwrap();
    check(
        &scene,
        "inside.py:1",
        expect![[r#"
            bodkin: `inside.py` does not exist
              next: Check its spelling; it is written here as seen from the workspace's folder.
            exit 2
        "#]],
    );
}

#[test]
fn a_folder() {
    let scene = sum();
    scene.write("lib/x.py", "x = 1\n");
    check(
        &scene,
        "lib",
        expect![[r#"
        bodkin: `lib` is a folder
          next: Name one file, with or without a line: `src/a.py:12`.
        exit 2
    "#]],
    );
}

#[test]
fn a_line_past_the_end() {
    check(
        &sum(),
        "calc.py:99",
        expect![[r#"
        bodkin: `calc.py` has 6 lines; line 99 is past its end
          next: Give a line from 1 to 6.
        exit 2
    "#]],
    );
    check(
        &sum(),
        "calc.py:2-99",
        expect![[r#"
        bodkin: `calc.py` has 6 lines; line 99 is past its end
          next: Give a line from 1 to 6.
        exit 2
    "#]],
    );
}

#[test]
fn line_zero_and_ranges_that_are_none() {
    check(
        &sum(),
        "calc.py:0",
        expect![[r#"
        bodkin: `calc.py:0`: there is no line 0
          next: Write it as `src/a.py:12` or `src/a.py:12-20`; lines count from 1.
        exit 2
    "#]],
    );
    check(
        &sum(),
        "calc.py:2-1",
        expect![[r#"
        bodkin: `calc.py:2-1`: the last line stands before the first
          next: Write it as `src/a.py:12` or `src/a.py:12-20`; lines count from 1.
        exit 2
    "#]],
    );
    check(
        &sum(),
        "calc.py:99999999999",
        expect![[r#"
        bodkin: `calc.py:99999999999`: that is no line number
          next: Write it as `src/a.py:12` or `src/a.py:12-20`; lines count from 1.
        exit 2
    "#]],
    );
}

#[test]
fn a_binary_file() {
    let scene = sum();
    scene.write("blob.py", b"x = 1\n\0\x01\x02");
    check(
        &scene,
        "blob.py:1",
        expect![[r#"
        bodkin: `blob.py` is a binary file
          next: Name a source file.
        exit 2
    "#]],
    );
}

#[test]
fn a_file_that_is_not_utf_8() {
    let scene = sum();
    scene.write("latin.py", b"# caf\xe9\nx = 1\n");
    check(
        &scene,
        "latin.py:2",
        expect![[r#"
        bodkin: `latin.py` is not UTF-8 (first at byte 5)
          next: Convert it to UTF-8, then run this again.
        exit 2
    "#]],
    );
}

#[test]
fn a_file_of_more_than_five_megabytes() {
    let scene = sum();
    scene.write("large.py", "x = 1\n".repeat(1_000_000));
    check(
        &scene,
        "large.py:1",
        expect![[r#"
        bodkin: `large.py` has 6 MB; files over 5 MB are not worked on
          next: Split the file, or fix a smaller one that it is made from.
        exit 2
    "#]],
    );
}

#[test]
fn a_generated_file() {
    let scene = sum();
    scene.write("api_pb2.py", "x = 1\n");
    scene.write("made.py", "# Code generated by a tool. DO NOT EDIT.\nx = 1\n");
    check(
        &scene,
        "api_pb2.py:1",
        expect![[r#"
        bodkin: `api_pb2.py` is generated (by protoc)
          next: Fix what it is generated from; an edit here would be lost.
        exit 2
    "#]],
    );
    check(
        &scene,
        "made.py:2",
        expect![[r#"
        bodkin: `made.py` is generated (its head says so)
          next: Fix what it is generated from; an edit here would be lost.
        exit 2
    "#]],
    );
}

#[test]
fn a_language_that_is_not_known_yet() {
    let scene = sum();
    scene.write("calc.f90", "end\n");
    scene.write("Makefile.am", "all:\n");
    check(
        &scene,
        "calc.f90:1",
        expect![[r#"
        bodkin: `calc.f90` is in a language that Bodkin does not know yet
          next: Python, JavaScript and TypeScript are known today.
        exit 2
    "#]],
    );
    check(
        &scene,
        "Makefile.am",
        expect![[r#"
        bodkin: `Makefile.am` is in a language that Bodkin does not know yet
          next: Python, JavaScript and TypeScript are known today.
        exit 2
    "#]],
    );
}

#[test]
fn an_empty_file() {
    needs!(Python);
    let scene = sum();
    scene.write("empty.py", "");
    check(
        &scene,
        "empty.py",
        expect![[r#"
        bodkin: there is no code near line 1 of `empty.py`
          next: Mend that first, or select another line.
        exit 2
    "#]],
    );
    check(
        &scene,
        "empty.py:1",
        expect![[r#"
        bodkin: there is no code near line 1 of `empty.py`
          next: Mend that first, or select another line.
        exit 2
    "#]],
    );
}

#[test]
fn a_file_that_an_ignore_file_names() {
    let scene = sum();
    scene.write(".gitignore", "made/\n");
    scene.write("made/x.py", "x = 1\n");
    check(
        &scene,
        "made/x.py:1",
        expect![[r#"
        exit 1
    "#]],
    );
}

#[test]
fn a_workspace_that_is_none() {
    let scene = sum();
    expect![[r#"
        bodkin: the workspace `<scene>/work/nowhere` does not exist
          next: Name the folder that holds the project (--root).
        exit 2
    "#]]
    .assert_eq(&leaves_alone(&scene, &["fix", "calc.py:2", "--root", "nowhere"]).failure());
    expect![[r#"
        bodkin: the workspace `<scene>/work/calc.py` is not a folder
          next: Name the folder that holds the project (--root).
        exit 2
    "#]]
    .assert_eq(&leaves_alone(&scene, &["fix", "calc.py:2", "--root", "calc.py"]).failure());
}
