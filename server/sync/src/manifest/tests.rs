//! Manifests as values: what differs, what follows, what is kept.

use proptest::prelude::*;

use super::*;
use crate::entry::{Chunk, Stat};

fn path(text: &str) -> FilePath {
    FilePath::new(text.as_bytes()).unwrap()
}

/// `name` a file with its name as content, `name=text` with that one, `name*` an executable one, `name/` a folder,
/// `name>target` a link.
fn manifest(files: &str) -> Manifest {
    let mut manifest = Manifest::empty();
    for word in files.split_whitespace() {
        if let Some(folder) = word.strip_suffix('/') {
            manifest.put(&path(folder), Node::Folder(Arc::default()));
        } else if let Some((at, target)) = word.split_once('>') {
            manifest.put(&path(at), Node::Leaf(Leaf::new(Entry::Link { target: target.as_bytes().into() })));
        } else {
            let (at, text) = word.split_once('=').unwrap_or((word, word));
            let exec = at.ends_with('*');
            let at = at.trim_end_matches('*');
            let entry = Entry::File { exec, size: text.len() as u64, hash: ContentHash::of(text) };
            manifest.put(&path(at), Node::Leaf(Leaf::new(entry)));
        }
    }
    manifest
}

fn ops(before: &str, after: &str) -> String {
    let ops = manifest(before).ops_to(&manifest(after));
    let mut done = manifest(before);
    done.apply(&ops).unwrap();
    assert_eq!(done, manifest(after));
    let shown = ops.iter().map(|op| match op {
        Op::Put { path, .. } => format!("put {path}"),
        Op::Link { path, .. } => format!("link {path}"),
        Op::Folder { path } => format!("folder {path}"),
        Op::Remove { path } => format!("remove {path}"),
        Op::Move { from, to } => format!("move {from} {to}"),
        Op::Mode { path, exec } => format!("mode {path} {exec}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn each_kind_of_change_is_one_operation() {
    for (before, after, expected) in [
        ("a b", "a b", ""),
        ("a=1", "a=2", "put a"),
        ("a", "a b", "put b"),
        ("a b", "a", "remove b"),
        ("a=1", "a*=1", "mode a true"),
        ("a>x", "a>y", "link a"),
        ("a", "a>x", "link a"),
        ("d/a", "d/", "remove d/a"),
        ("a=1", "b=1", "move a b"),
        ("d/a d/b", "e/a=d/a e/b=d/b", "move d e"),
        ("d/a d/b", "e/a=d/a e/c", "move d/a e/a, remove d, folder e, put e/c"),
        ("d/a=1", "d=2", "remove d, put d"),
        ("d/a=1", "d=2 b=1", "move d/a b, remove d, put d"),
        ("d/a=1 d/b=2", "d=3 e/a=1 e/b=2", "move d e, put d"),
        ("a=1", "a/b=1", "remove a, folder a, put a/b"),
        ("a=1 b=2", "a=2 b=1", "put a, put b"),
        ("x/d/a=1", "y/d/a=1", "move x y"),
    ] {
        assert_eq!(ops(before, after), expected, "{before} → {after}");
    }
}

#[test]
fn the_root_says_everything_that_travels() {
    let roots = ["", "a/", "a", "a=b", "a*", "a>a", "b", "a b", "a/b", "a/b/"].map(|it| manifest(it).root());
    for (at, root) in roots.iter().enumerate() {
        assert!(!roots[..at].contains(root), "{at}");
    }
}

#[test]
fn an_operation_that_does_not_fit_is_an_error() {
    let file = |at: &str| Op::put(path(at), &manifest("x").leaf(&path("x")).unwrap().entry.clone());
    for op in [
        file("d"),
        file("f/x"),
        Op::Folder { path: path("f") },
        Op::Remove { path: path("none") },
        Op::Move { from: path("none"), to: path("x") },
        Op::Move { from: path("f"), to: path("d") },
        Op::Move { from: path("d"), to: path("d/e") },
        Op::Mode { path: path("l"), exec: true },
        Op::Link { path: path("d"), target: b"x".as_slice().into() },
    ] {
        assert!(manifest("f d/x l>f").apply(std::slice::from_ref(&op)).is_err(), "{op:?}");
    }
}

#[test]
fn a_saved_manifest_comes_back_with_all_that_is_known_and_a_damaged_one_does_not() {
    let mut saved = manifest("a d/b* e/ l>a");
    let stat = Stat { mtime_ns: -5, ctime_ns: 7, ino: u64::MAX, size: 3, racy: true };
    let chunks = Some([Chunk { hash: ContentHash::of("x"), len: 9 }].as_slice().into());
    let leaf = Leaf { stat: Some(stat), chunks, ..saved.leaf(&path("a")).unwrap().clone() };
    saved.put(&path("a"), Node::Leaf(leaf));
    let bytes = saved.to_bytes();
    let back = Manifest::from_bytes(&bytes).unwrap();
    assert_eq!(back, saved);
    let leaf = back.leaf(&path("a")).unwrap();
    assert_eq!((leaf.stat, leaf.chunks.as_ref().unwrap().len()), (Some(stat), 1));
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(Manifest::from_bytes(&damaged).is_err(), "byte {at}");
    }
}

fn trees() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[ab](/[ab]){0,2}=[12]",
        "[ab](/[ab]){0,2}\\*=[12]",
        "[ab](/[ab]){0,2}>[xy]",
        "[ab](/[ab]){0,2}/",
    ];
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    /// The operations between any two trees lead from the one to the other.
    #[test]
    fn the_operations_between_two_trees_lead_from_one_to_the_other(before in trees(), after in trees()) {
        let (before, after) = (manifest(&before), manifest(&after));
        let mut done = before.clone();
        done.apply(&before.ops_to(&after)).unwrap();
        prop_assert_eq!(done.root(), after.root());
        prop_assert_eq!(before.differences(&after).is_empty(), before == after);
        prop_assert_eq!(Manifest::from_bytes(&after.to_bytes()).unwrap().root(), after.root());
    }
}
