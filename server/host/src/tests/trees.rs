//! The walk: what is listed, what is read, and what stays outside.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::fs;

use bodkin_agent::run::Target;

use super::kit::{Desk, desk, rel};
use crate::tree;

fn listed(desk: &Desk) -> Vec<String> {
    desk.host.listing().iter().map(ToString::to_string).collect()
}

fn modelled(desk: &Desk) -> Vec<String> {
    desk.host.listing();
    desk.host.snapshot().files().map(|(path, _)| path.to_string()).collect()
}

#[test]
fn ignored_and_hidden_files_are_neither_listed_nor_read() {
    let desk = desk(&[
        (".gitignore", "out/\n*.gen.py\n"),
        (".hidden/a.py", "x\n"),
        ("a.py", "x\n"),
        ("b.gen.py", "x\n"),
        ("notes.txt", "x\n"),
        ("out/c.py", "x\n"),
        ("sub/.gitignore", "d.py\n"),
        ("sub/d.py", "x\n"),
        ("sub/e.py", "x\n"),
    ]);
    assert_eq!(listed(&desk), ["a.py", "notes.txt", "sub/e.py"]);
    assert_eq!(modelled(&desk), ["a.py", "sub/e.py"], "a text of no known language is listed only");
}

#[test]
fn the_content_of_an_environment_file_is_not_loaded() {
    // invariant: secrets-stay-out
    let secret = "TOKEN=do-not-read-me\n";
    let desk = desk(&[(".env", secret), ("config.env", secret), ("a.py", "x\n"), ("id_rsa", secret)]);
    assert_eq!(modelled(&desk), ["a.py"]);
    let texts: Vec<String> = desk.host.snapshot().files().map(|(_, file)| file.text().to_string()).collect();
    assert!(!texts.concat().contains("do-not-read-me"));
}

#[test]
fn interpreters_and_runners_in_ignored_folders_are_listed() {
    let desk = desk(&[
        (".gitignore", "node_modules/\n"),
        ("package.json", "{}\n"),
        ("node_modules/.bin/jest", "x\n"),
        ("node_modules/left-pad/index.js", "x\n"),
        (".venv/bin/python", "x\n"),
    ]);
    assert_eq!(listed(&desk), [".venv/bin/python", "node_modules/.bin/jest", "package.json"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_workspace() {
    use std::os::unix::fs::symlink;
    let desk = desk(&[("real.py", "x = 1\n"), ("sub/y.py", "y\n")]);
    let outside = desk.home.join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret.py"), "secret\n").unwrap();
    symlink(outside.join("secret.py"), desk.root.join("file.py")).unwrap();
    symlink(&outside, desk.root.join("folder")).unwrap();
    symlink("real.py", desk.root.join("inside.py")).unwrap();
    symlink("sub", desk.root.join("again")).unwrap();
    symlink("nowhere.py", desk.root.join("broken.py")).unwrap();
    let host = desk.again();
    let listed: Vec<String> = host.listing().iter().map(ToString::to_string).collect();
    assert_eq!(listed, ["inside.py", "real.py", "sub/y.py"]);
    assert!(host.snapshot().file(&rel("file.py")).is_none());
    assert_eq!(tree::look(&desk.root, &rel("file.py")).target, Target::Outside);
    assert_eq!(tree::look(&desk.root, &rel("folder/secret.py")).target, Target::Outside);
}

#[test]
fn what_stands_at_a_path_is_told() {
    let desk = desk(&[("a.py", "x\n"), ("sub/b.py", "x\n")]);
    desk.write("binary.py", b"a\0b");
    desk.write("latin.py", b"caf\xe9\n");
    desk.write("big.py", vec![b'x'; 5_000_001]);
    let target = |path: &str| tree::look(&desk.root, &rel(path)).target;
    assert_eq!(target("a.py"), Target::Text);
    assert_eq!(target("nowhere.py"), Target::Missing);
    assert_eq!(target("a.py/b"), Target::Missing);
    assert_eq!(target("sub"), Target::Folder);
    assert_eq!(target("binary.py"), Target::Binary);
    assert_eq!(target("latin.py"), Target::NotUtf8(3));
    assert_eq!(target("big.py"), Target::TooLarge(5_000_001));
}
