//! What goes wrong on the way: nothing is lost, and the next sync is right.

use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use bodkin_sync::store::{Store, StoreLimits};
use bodkin_sync::wire::{Answer, Content, Frame, Piece, Step};
use bodkin_sync::{FilePath, Manifest, SendError, Sender, SyncError, sync};
use bodkin_text::ContentHash;
use proptest::prelude::*;

use crate::both::{Both, tree};

/// Bytes that do not become smaller, so that they take several frames.
fn noise(bytes: usize, mut seed: u64) -> Vec<u8> {
    let mut noise = Vec::new();
    while noise.len() < bytes {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.extend_from_slice(&seed.to_le_bytes()[3..]);
    }
    noise
}

/// Faults, "a cut network" and "kill -9 in mid-upload": both sides may lose everything but their disks.
#[test]
fn an_upload_that_is_cut_anywhere_goes_on_and_comes_out_right() {
    for keeps_sender in [true, false] {
        let mut both = Both::new();
        both.write("large", noise(9 << 20, 1));
        for name in 0..30 {
            both.write(&format!("f{name}"), noise(60 << 10, name));
        }
        let mut cut = 0;
        let mut sent = 0;
        loop {
            let scanned = both.scan();
            let replica = both.replica();
            let mut left = cut;
            let result = sync(&mut both.sender, &scanned.state, |frame| {
                sent += frame.len();
                if left == 0 {
                    return Err("cut");
                }
                left -= 1;
                Ok(replica.receive(frame).encode().unwrap())
            });
            drop(replica);
            match result {
                Ok(_) => break,
                Err(SyncError::Post("cut")) => cut += 1,
                Err(other) => panic!("{other}"),
            }
            both.restart();
            if !keeps_sender {
                both.sender = Sender::new();
            }
        }
        assert!(cut >= 3, "it was one frame");
        assert!(sent < 40 << 20, "{sent} bytes: it began anew each time");
        both.sync();
    }
}

/// Faults, "kill -9" while a step is done: its journal is written, and any part of it is done.
#[test]
fn a_step_that_was_killed_on_the_way_is_completed() {
    for done in 0..=4 {
        let mut both = Both::new();
        for name in ["a", "b", "c/d", "c/e"] {
            both.write(name, name);
        }
        both.sync();
        let folder = both.replica().pin().folder().to_owned();
        let before: Vec<_> = ["a", "b", "c/d"].map(|it| fs::read(folder.join(it)).unwrap()).into();
        both.write("a", "other");
        fs::remove_file(both.here("b")).unwrap();
        fs::remove_dir_all(both.here("c")).unwrap();
        both.write("new/file", "n");
        both.sync();
        both.store = None;
        // Back to where the step was `done` so far.
        if done < 4 {
            fs::remove_dir_all(folder.join("new")).unwrap();
        }
        if done < 3 {
            fs::create_dir(folder.join("c")).unwrap();
            fs::write(folder.join("c/d"), &before[2]).unwrap();
        }
        if done < 2 {
            fs::write(folder.join("b"), &before[1]).unwrap();
        }
        if done < 1 {
            fs::remove_file(folder.join("a")).unwrap();
            fs::write(folder.join("a"), &before[0]).unwrap();
        }
        both.restart();
        assert_eq!(tree(both.replica().pin().folder()), tree(&both.here("")), "{done} done");
        assert_eq!(both.sync().healed, None);
    }
}

#[test]
fn a_journal_that_was_torn_anywhere_leads_to_a_state_that_was() {
    let mut both = Both::new();
    both.write("a", "1");
    both.sync();
    both.write("a", "2");
    both.sync();
    let journal = both.folder.path().join("there/replicas/r/journal");
    let whole = fs::read(&journal).unwrap();
    for at in (0..whole.len()).step_by(7) {
        both.store = None;
        fs::write(&journal, &whole[..at]).unwrap();
        both.restart();
        both.sync();
    }
}

#[test]
fn a_lost_answer_costs_nothing() {
    let mut both = Both::new();
    both.write("a", "1");
    both.sync();
    both.write("a", "2");
    let (scanned, replica) = (both.scan(), both.replica());
    let lost = sync(&mut both.sender, &scanned.state, |frame| {
        replica.receive(frame);
        Err::<Vec<u8>, _>("lost")
    });
    assert!(lost.is_err());
    both.write("b", "3");
    assert_eq!(both.sync().healed, None);
}

/// Faults, "a file that changes while it is read".
#[test]
fn a_file_that_changes_between_the_look_and_the_sending_is_seen() {
    let mut both = Both::new();
    for (name, size) in [("small", 10), ("large", 600 << 10)] {
        both.write(name, noise(size, 1));
        let scanned = both.scan();
        both.write(name, noise(size, 2));
        let replica = both.replica();
        let result = sync::<Infallible>(&mut both.sender, &scanned.state, |frame| {
            Ok(replica.receive(frame).encode().unwrap())
        });
        let Err(SyncError::Send(SendError::Changed(path))) = result else { panic!("{result:?}") };
        assert_eq!(path.to_string(), name);
        both.sync();
        fs::remove_file(both.here(name)).unwrap();
        let gone = both.scan();
        both.write(name, "b");
        both.sync();
        assert_ne!(gone.manifest(), both.scan().manifest());
    }
}

/// Faults, "two clients on one sandbox": the replica is at each time the whole of what one of them sent.
#[test]
fn two_clients_on_one_replica_never_mix() {
    let mut both = Both::new();
    let mut other = Both::new();
    for turn in 0..3 {
        both.write("a", format!("{turn} of the one"));
        both.write(&format!("one{turn}"), "1");
        other.write("a", format!("{turn} of the other"));
        let replica = both.replica();
        both.sync_with(&replica);
        other.sync_with(&replica);
        both.sync_with(&replica);
    }
}

#[test]
fn what_somebody_else_did_to_a_replica_is_put_right_and_told() {
    let mut both = Both::new();
    both.write("d/a", "a");
    both.write("d/b", "b");
    both.write("large", noise(600 << 10, 1));
    both.sync();
    let replica = both.replica();
    let folder = replica.pin().folder().to_owned();
    let verified = |both: &mut Both| {
        let scanned = both.scan();
        let mut sending = both.sender.send(&scanned.state).verified();
        loop {
            let frame = sending.next_frame().unwrap().unwrap();
            let answer = both.store.as_ref().unwrap().replica("r").unwrap().receive(&frame);
            if let bodkin_sync::Step::Done(report) = sending.answer(&answer.encode().unwrap()).unwrap() {
                return report;
            }
        }
    };
    assert_eq!(verified(&mut both).healed, None);
    // In place, so that the store's own file changes as well.
    fs::write(folder.join("d/a"), "tampered with").unwrap();
    fs::remove_file(folder.join("d/b")).unwrap();
    fs::write(folder.join("more"), "m").unwrap();
    fs::write(folder.join("large"), "l").unwrap();
    assert_eq!(verified(&mut both).healed, Some(4));
    assert_eq!(tree(&folder), tree(&both.here("")));
    assert_eq!(verified(&mut both).healed, None);
}

/// invariant: nothing is written through a link
#[test]
fn a_link_in_place_of_a_folder_of_the_replica_is_not_followed() {
    let mut both = Both::new();
    both.write("d/a", "a");
    let replica = both.replica();
    both.sync();
    let folder = replica.pin().folder().to_owned();
    let outside = both.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::remove_dir_all(folder.join("d")).unwrap();
    symlink(&outside, folder.join("d")).unwrap();
    both.write("d/a", "b");
    both.write("d/c", "c");
    assert!(both.sync().healed.is_some());
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn after_a_restart_of_the_machine_contents_that_were_not_written_are_asked_for_again() {
    let mut both = Both::new();
    both.write("a", "a");
    both.sync();
    let folder = both.replica().pin().folder().to_owned();
    both.store = None;
    fs::write(folder.join("a"), "").unwrap();
    fs::write(both.folder.path().join("there/boot"), "another").unwrap();
    both.restart();
    assert_eq!(both.sync().healed, Some(1));
}

#[test]
fn a_state_that_nobody_knows_any_more_is_sent_anew_and_that_is_told() {
    let mut both = Both::new();
    both.write("a", "a");
    both.sync();
    both.store = None;
    fs::remove_dir_all(both.folder.path().join("there")).unwrap();
    both.restart();
    both.write("b", "b");
    assert_eq!(both.sync().healed, Some(2));
}

/// Faults, "a full disk": needs the right to mount a small one.
#[test]
fn on_a_full_disk_the_old_state_stands_and_the_message_says_so() {
    let mut both = Both::new();
    both.store = None;
    let disk = both.folder.path().join("there");
    let mount = |args: &[&str]| {
        #[expect(clippy::disallowed_methods, reason = "a small disk is mounted for the test")]
        Command::new(args[0]).args(&args[1..]).arg(&disk).output().is_ok_and(|it| it.status.success())
    };
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=6m,nr_inodes=2000", "tmpfs"]) {
        eprintln!("no small disk can be mounted here: a full one is not tried");
        return;
    }
    both.restart();
    both.write("a", noise(100 << 10, 1));
    both.sync();
    let before = tree(both.replica().pin().folder());
    let try_one = |both: &mut Both| {
        let (scanned, replica) = (both.scan(), both.replica());
        let result = sync::<Infallible>(&mut both.sender, &scanned.state, |frame| {
            Ok(replica.receive(frame).encode().unwrap())
        });
        assert_eq!(tree(replica.pin().folder()), before);
        result
    };
    both.write("b", noise(7 << 20, 2));
    let large = try_one(&mut both);
    fs::remove_file(both.here("b")).unwrap();
    for name in 0..2500 {
        both.write(&format!("many/{name}"), "");
    }
    let many = try_one(&mut both);
    fs::remove_dir_all(both.here("many")).unwrap();
    both.write("a", "room for this");
    both.store().trim();
    both.sync();
    both.store = None;
    assert!(mount(&["umount"]));
    for result in [large, many] {
        assert!(matches!(&result, Err(SyncError::Send(SendError::Full(_)))), "{result:?}");
    }
}

#[test]
fn what_is_beyond_the_limits_of_a_replica_is_refused() {
    let both = Both::new();
    let limits = StoreLimits { replica_bytes: 100, replica_files: 2, ..StoreLimits::default() };
    let store = Store::open(both.folder.path().join("small"), limits).unwrap();
    let replica = store.replica("r").unwrap();
    for files in [vec![("a", 101)], vec![("a", 60), ("b", 60)], vec![("a", 1), ("b", 2), ("c", 3)]] {
        for (name, size) in &files {
            both.write(name, noise(*size, *size as u64));
        }
        let mut sender = Sender::new();
        let result = sync::<Infallible>(&mut sender, &both.scan().state, |it| {
            Ok(replica.receive(it).encode().unwrap())
        });
        assert!(matches!(&result, Err(SyncError::Send(SendError::Refused(_)))), "{result:?}");
        fs::remove_file(both.here("a")).unwrap();
    }
    assert_eq!(replica.root(), Manifest::empty().root());
}

#[test]
fn contents_that_no_replica_needs_go_when_there_are_too_many() {
    let mut both = Both::new();
    both.store = None;
    let limits = StoreLimits { cache_bytes: 300 << 10, ..StoreLimits::default() };
    both.store = Some(Store::open(both.folder.path().join("there"), limits).unwrap());
    for turn in 0..12 {
        both.write("a", noise(100 << 10, turn));
        both.write("kept", noise(100 << 10, 99));
        both.sync();
    }
    let blobs = tree(&both.folder.path().join("there/blobs"));
    let files = blobs.iter().filter(|it| !it.contains("/ ")).count();
    assert!((2..=6).contains(&files), "{files}");
}

#[test]
fn a_store_has_one_process_and_a_replica_a_sound_name() {
    let both = Both::new();
    assert!(Store::open(both.folder.path().join("there"), StoreLimits::default()).is_err());
    for key in ["", "..", "a/b", "a b", &"x".repeat(65)] {
        assert!(both.store().replica(key).is_err(), "{key}");
    }
}

fn path(text: &str) -> FilePath {
    FilePath::new(text.as_bytes()).unwrap()
}

#[test]
fn a_lying_frame_changes_nothing() {
    let mut both = Both::new();
    both.write("a", "a");
    both.sync();
    let replica = both.replica();
    let (root, hash) = (replica.root(), ContentHash::of("a"));
    let content = |hash, size, offset, pieces| Content { hash, size, offset, pieces };
    let state = |ops| Some(Step { base: root, new: ContentHash::of("lie"), ops });
    let put = |at: &str, size| bodkin_sync::Op::Put { path: path(at), exec: false, size, hash };
    let frames = [
        Frame { contents: vec![], state: state(vec![put("b", 1)]), verify: false },
        Frame { contents: vec![], state: state(vec![put("a/b", 1)]), verify: false },
        Frame {
            contents: vec![content(ContentHash::of("x"), 1, 0, vec![Piece::New(b"y".to_vec())])],
            state: None,
            verify: false,
        },
        Frame {
            contents: vec![content(ContentHash::of("x"), u64::MAX, 5, vec![Piece::New(b"y".to_vec())])],
            state: state(vec![]),
            verify: false,
        },
        Frame {
            contents: vec![content(
                ContentHash::of("x"),
                9,
                0,
                vec![Piece::Old { of: hash, offset: u64::MAX - 9, len: 9 }],
            )],
            state: state(vec![]),
            verify: false,
        },
    ];
    for frame in frames {
        let answer = replica.take(&frame);
        assert!(!matches!(answer, Answer::Applied { .. }), "{frame:?}: {answer:?}");
        assert_eq!((replica.root(), tree(replica.pin().folder())), (root, tree(&both.here(""))));
    }
    // The right root, and a size that is not the content's.
    let mut lie = Manifest::empty();
    lie.apply(&[put("a", 7)]).unwrap();
    let step = Step { base: Manifest::empty().root(), new: lie.root(), ops: vec![put("a", 7)] };
    replica.take(&Frame { contents: vec![], state: Some(step), verify: false });
    assert_eq!(tree(replica.pin().folder()), tree(&both.here("")));
    assert!(Path::new(replica.pin().folder()).join("a").exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever a stranger sends, what stood stands.
    #[test]
    fn damaged_frames_change_nothing(at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let both = Both::new();
        both.write("a", "some text, some text, some text");
        both.write("d/b*", "b");
        let replica = both.replica();
        let scanned = both.scan();
        let mut frames = Vec::new();
        let mut sender = Sender::new();
        let mut sending = sender.send(&scanned.state);
        for answer in [Answer::NeedState { have: Manifest::empty().root() }, Answer::Kept] {
            if let Ok(Some(frame)) = sending.next_frame() {
                frames.push(frame);
                let _ = sending.answer(&answer.encode().unwrap());
            }
        }
        for mut frame in frames {
            let at = at.index(frame.len());
            if cut {
                frame.truncate(at);
            } else {
                frame[at] ^= with | 1;
            }
            let answer = replica.receive(&frame);
            // A change that does not matter to what is said may be taken: then it is the very state that was meant.
            let whole = scanned.manifest().root();
            prop_assert!(replica.root() == Manifest::empty().root() || replica.root() == whole, "{answer:?}");
        }
    }

    #[test]
    fn bytes_of_a_stranger_are_refused_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Frame::decode(&bytes).is_err());
        prop_assert!(Answer::decode(&bytes).is_err());
        prop_assert!(bodkin_sync::wire::Back::decode(&bytes).is_err());
        prop_assert!(Manifest::from_bytes(&bytes).is_err());
    }
}
