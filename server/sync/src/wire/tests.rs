//! What is said comes back as it was said; lies are refused before anything is made of them.

use super::envelope::{Effort, pack, unpack};
use super::*;
use crate::manifest::Op;
use crate::path::FilePath;
use bodkin_text::ContentHash;

fn path(text: &str) -> FilePath {
    FilePath::new(text.as_bytes()).unwrap()
}

fn frame() -> Frame {
    let hash = ContentHash::of("x");
    let ops = vec![
        Op::Put { path: path("a"), exec: true, size: u64::MAX, hash },
        Op::Link { path: path("l"), target: b"../\xff".as_slice().into() },
        Op::Folder { path: path("d/e") },
        Op::Remove { path: path("r") },
        Op::Move { from: path("f"), to: path("t") },
        Op::Mode { path: path("m"), exec: false },
    ];
    let pieces = vec![Piece::New(b"bytes".to_vec()), Piece::Old { of: hash, offset: 300, len: 7 }];
    Frame {
        contents: vec![Content { hash, size: 4000, offset: 200, pieces }],
        state: Some(Step { base: hash, new: ContentHash::of("y"), ops }),
        verify: true,
    }
}

#[test]
fn a_frame_comes_back_as_it_was_with_every_effort() {
    let said = frame();
    for effort in [Effort::None, Effort::Fast, Effort::Usual, Effort::Most] {
        assert_eq!(Frame::decode(&said.encode_with(effort).unwrap()).unwrap(), said);
    }
    assert_eq!(Frame::decode(&said.encode().unwrap()).unwrap(), said);
}

#[test]
fn an_answer_comes_back_as_it_was() {
    let root = ContentHash::of("r");
    for answer in [
        Answer::Applied { root, changed: 1 << 40, drifted: 2 },
        Answer::Kept,
        Answer::NeedState { have: root },
        Answer::NeedContents(vec![Lacking { hash: root, have: 9 }; 3]),
        Answer::Full("no room".to_owned()),
        Answer::Refused("no".to_owned()),
    ] {
        assert_eq!(Answer::decode(&answer.encode().unwrap()).unwrap(), answer);
    }
}

#[test]
fn changes_come_back_as_they_were_but_for_dangerous_modes() {
    let change = |at: &str, what, verdict| BackChange { path: path(at), what, verdict };
    let file = |mode| BackWhat::File { content: Some(b"c".to_vec()), size: 1, mode };
    let said = Back {
        changes: vec![
            change("a", file(0o755), BackVerdict::Taken),
            change(
                "b",
                BackWhat::File { content: None, size: 1 << 50, mode: 0o644 },
                BackVerdict::Refused("r".into()),
            ),
            change("c", BackWhat::Link(b"/etc".to_vec()), BackVerdict::Held("h".into())),
            change("d", BackWhat::Folder, BackVerdict::Taken),
            change("e", BackWhat::Gone, BackVerdict::Taken),
            change("f", BackWhat::Other("FIFO".into()), BackVerdict::Refused("r".into())),
        ],
        left_out: vec!["more".to_owned()],
    };
    assert_eq!(Back::decode(&said.encode().unwrap()).unwrap(), said);
    let setuid = Back { changes: vec![change("a", file(0o4755), BackVerdict::Taken)], left_out: vec![] };
    let back = Back::decode(&setuid.encode().unwrap()).unwrap();
    assert!(matches!(back.changes[0].what, BackWhat::File { mode: 0o755, .. }));
}

/// A frame of kind `F` around raw bytes that no honest sender writes.
fn lie(raw: &[u8]) -> Result<Frame, WireError> {
    Frame::decode(&pack(b'F', raw, Effort::None).unwrap())
}

#[test]
fn a_path_that_leads_out_is_refused_wherever_it_stands() {
    for bad in ["../x", "/etc/passwd", "a/../../x", "", "a//b", ".", "a\0b"] {
        for kind in 0..8u8 {
            let mut raw = Writer::default();
            raw.byte(1);
            raw.number(0);
            raw.0.extend_from_slice(&[0; 64]);
            raw.number(1);
            raw.byte(kind);
            raw.bytes(bad.as_bytes());
            raw.0.extend_from_slice(&[0; 40]);
            assert!(lie(&raw.0).is_err(), "{bad:?} in operation {kind}");
        }
    }
}

#[test]
fn a_count_is_believed_only_as_far_as_bytes_came() {
    let mut contents = Writer::default();
    contents.byte(0);
    contents.number(u64::MAX);
    let mut ops = Writer::default();
    ops.byte(1);
    ops.number(0);
    ops.0.extend_from_slice(&[0; 64]);
    ops.number(1 << 40);
    for raw in [contents.0, ops.0] {
        assert_eq!(lie(&raw), Err(WireError::Malformed("a count beyond what follows")));
    }
}

#[test]
fn what_unpacks_to_more_than_it_says_or_than_is_allowed_is_refused_before_it_is_unpacked() {
    let bomb = zstd::bulk::compress(&vec![0; 70 << 20], 19).unwrap();
    let with = |said: u32| {
        let mut frame = b"BKSY\x01F".to_vec();
        frame.extend_from_slice(&u32::try_from(bomb.len()).unwrap().to_le_bytes());
        frame.extend_from_slice(&said.to_le_bytes());
        frame.extend_from_slice(&bomb);
        unpack(b'F', &frame)
    };
    assert!(bomb.len() < 20_000);
    assert_eq!(with(70 << 20), Err(WireError::TooLarge));
    assert_eq!(with(1000), Err(WireError::Malformed("another length when unpacked")));
}

#[test]
fn another_version_is_told_by_its_number() {
    let mut bytes = frame().encode().unwrap();
    bytes[4] = 9;
    let error = Frame::decode(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "this is version 9 of the sync frames, and version 1 is spoken here");
}
