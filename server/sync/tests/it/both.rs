//! A workspace, a store with replicas, and what goes between them.

use std::convert::Infallible;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_sync::store::{Replica, Store, StoreLimits};
use bodkin_sync::{FilePath, Report, Rules, Scanned, Sender, scan, sync};
use tempfile::TempDir;

pub(crate) struct Both {
    pub(crate) folder: TempDir,
    pub(crate) store: Option<Arc<Store>>,
    pub(crate) sender: Sender,
}

pub(crate) const RULES: Rules = Rules { max_file_bytes: 8 << 20, global_ignore: false };

impl Both {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("here")).unwrap();
        let store = Store::open(folder.path().join("there"), StoreLimits::default()).unwrap();
        Self { folder, store: Some(store), sender: Sender::new() }
    }

    pub(crate) fn here(&self, path: &str) -> PathBuf {
        self.folder.path().join("here").join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let full = self.here(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
    }

    pub(crate) fn scan(&self) -> Scanned {
        scan(&self.here(""), &RULES, None).unwrap()
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        self.store.as_ref().unwrap()
    }

    pub(crate) fn replica(&self) -> Arc<Replica> {
        self.store().replica("r").unwrap()
    }

    /// The daemon is killed and comes back.
    pub(crate) fn restart(&mut self) {
        self.store = None;
        self.store = Some(Store::open(self.folder.path().join("there"), StoreLimits::default()).unwrap());
    }

    pub(crate) fn sync(&mut self) -> Report {
        let replica = self.replica();
        self.sync_with(&replica)
    }

    /// Sends the present state, and checks that both folders are the same then.
    pub(crate) fn sync_with(&mut self, replica: &Arc<Replica>) -> Report {
        let scanned = self.scan();
        let report = sync::<Infallible>(&mut self.sender, &scanned.state, |frame| {
            Ok(replica.receive(frame).encode().unwrap())
        });
        let report = report.unwrap();
        let pin = replica.pin();
        assert_eq!((report.root, pin.root()), (scanned.manifest().root(), scanned.manifest().root()));
        assert_eq!(tree(pin.folder()), wanted(&self.here(""), &scanned));
        report
    }
}

/// Every path below a folder with what stands there.
pub(crate) fn tree(root: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![root.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if fs::symlink_metadata(&path).unwrap().is_dir() {
                left.push(path.clone());
            }
            all.push(line(root, &path));
        }
    }
    all.sort();
    all
}

/// What of a workspace should stand elsewhere.
fn wanted(root: &Path, scanned: &Scanned) -> Vec<String> {
    let manifest = scanned.manifest();
    let leaves = manifest.leaves().into_iter().map(|(path, _)| path);
    let mut all: Vec<String> = leaves
        .chain(manifest.folders())
        .map(|path: FilePath| line(root, &root.join(path.to_path())))
        .collect();
    all.sort();
    all
}

fn line(root: &Path, path: &Path) -> String {
    let about = fs::symlink_metadata(path).unwrap();
    let shown = format!("{:?}", path.strip_prefix(root).unwrap());
    if about.is_dir() {
        format!("{shown}/ {:o}", if about.mode() & 0o700 == 0o700 { 0o755 } else { 0 })
    } else if about.is_symlink() {
        format!("{shown} > {:?}", fs::read_link(path).unwrap())
    } else {
        let exec = if about.mode() & 0o100 == 0 { "" } else { "*" };
        format!("{shown}{exec} {}", blake3::hash(&fs::read(path).unwrap()).to_hex())
    }
}

#[test]
fn a_workspace_comes_to_stand_there_with_modes_links_folders_and_odd_names() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut both = Both::new();
    both.write("src/a.py", "a");
    both.write("run.sh", "#!/bin/sh");
    fs::set_permissions(both.here("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    both.write("same.sh", "#!/bin/sh");
    both.write("empty", "");
    both.write("with space/ünï\ncode", "u");
    both.write(
        "large",
        (0..700_000u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(),
    );
    fs::write(both.here("src").join(std::ffi::OsStr::from_bytes(b"\xff.py")), "odd").unwrap();
    fs::create_dir_all(both.here("logs/none")).unwrap();
    symlink("src/a.py", both.here("link")).unwrap();
    symlink("/etc/passwd", both.here("out")).unwrap();
    let report = both.sync();
    assert_eq!((report.healed, report.counts.written), (None, 9));
    assert_eq!(both.sync().frames, 1);
}

#[test]
fn every_kind_of_change_is_one_frame() {
    let mut both = Both::new();
    for name in ["a", "b", "d/x", "d/y", "e/z"] {
        both.write(name, format!("content of {name}"));
    }
    both.sync();
    let changes: [&dyn Fn(&Both); 9] = [
        &|it| it.write("a", "other"),
        &|it| it.write("new/deep/file", "n"),
        &|it| fs::remove_file(it.here("b")).unwrap(),
        &|it| fs::rename(it.here("d"), it.here("moved")).unwrap(),
        &|it| fs::set_permissions(it.here("a"), fs::Permissions::from_mode(0o755)).unwrap(),
        &|it| symlink("a", it.here("l")).unwrap(),
        &|it| fs::remove_dir_all(it.here("e")).unwrap(),
        &|it| {
            fs::remove_file(it.here("a")).unwrap();
            it.write("a/now/a/folder", "f");
        },
        &|it| {
            fs::remove_dir_all(it.here("moved")).unwrap();
            it.write("moved", "a file now");
        },
    ];
    for change in changes {
        change(&both);
        let report = both.sync();
        assert_eq!((report.frames, report.healed), (1, None));
        assert!(report.sent_bytes < 400, "{report:?}");
    }
}

/// Speed, "bytes on the wire for a one-line change in a 50 MB file", with a smaller one.
#[test]
fn of_a_large_file_only_the_pieces_around_the_change_travel() {
    let mut both = Both::new();
    let mut bytes: Vec<u8> = Vec::new();
    let mut seed = 1u64;
    while bytes.len() < 3 << 20 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&seed.to_le_bytes()[4..]);
    }
    both.write("large", &bytes);
    let first = both.sync();
    assert!(first.sent_bytes > 3 << 20);
    let at = bytes.len() / 2;
    bytes.splice(at..at, *b"one line more\n");
    both.write("large", &bytes);
    let report = both.sync();
    assert_eq!(report.frames, 1);
    assert!(report.sent_bytes < 64 << 10, "{} bytes", report.sent_bytes);
    fs::rename(both.here("large"), both.here("renamed")).unwrap();
    assert!(both.sync().sent_bytes < 300);
}

#[test]
fn a_known_state_is_taken_without_an_upload_by_another_replica_and_after_a_restart() {
    let mut both = Both::new();
    for name in ["a", "b", "d/c"] {
        both.write(name, name);
    }
    both.sync();
    both.sender = Sender::new();
    let second = both.store().replica("second").unwrap();
    let report = both.sync_with(&second);
    assert_eq!((report.frames, report.changed), (1, 3));
    drop(second);
    both.replica().remove();
    both.store().replica("second").unwrap().remove();
    both.restart();
    both.sender = Sender::new();
    let third = both.store().replica("third").unwrap();
    assert_eq!(both.sync_with(&third).frames, 1);
}

/// invariant: a pinned folder does not change
#[test]
fn what_a_run_has_mounted_stays_while_the_next_states_arrive() {
    let mut both = Both::new();
    both.write("a", "1");
    both.write("keep", "k");
    both.sync();
    let replica = both.replica();
    let first = replica.pin();
    let before = tree(first.folder());
    let keep = fs::metadata(first.folder().join("keep")).unwrap().ino();
    both.write("a", "2");
    both.sync();
    assert_eq!(tree(first.folder()), before);
    let second = replica.pin();
    assert_ne!(first.folder(), second.folder());
    assert_eq!(fs::metadata(second.folder().join("keep")).unwrap().ino(), keep, "it was copied");
    both.write("a", "3");
    both.sync();
    assert_eq!(tree(first.folder()), before);
    let folders = || fs::read_dir(first.folder().parent().unwrap()).unwrap().count();
    assert_eq!(folders(), 3 + 1, "three folders and the journal");
    drop(second);
    both.write("a", "4");
    both.sync();
    assert_eq!(folders(), 3 + 1);
    let parent = first.folder().parent().unwrap().to_owned();
    drop(first);
    assert_eq!(fs::read_dir(parent).unwrap().count(), 2 + 1, "one waits for its turn, the others are gone");
}

#[test]
fn a_daemon_that_comes_back_has_every_state_that_it_acknowledged() {
    let mut both = Both::new();
    both.write("a", "1");
    both.sync();
    for turn in 0..3 {
        let pin = both.replica().pin();
        both.write("a", format!("{turn} and"));
        both.sync();
        drop(pin);
        both.restart();
        both.write("b", format!("{turn}"));
        let report = both.sync();
        assert_eq!((report.frames, report.healed), (1, None));
    }
}

#[test]
fn contents_that_are_on_their_way_together_arrive_together() {
    let mut both = Both::new();
    for name in 0..6u8 {
        let bytes = (0..5 << 20u32).map(|it: u32| (it.wrapping_mul(2_654_435_761) >> 11) as u8 ^ name);
        both.write(&format!("f{name}"), bytes.collect::<Vec<_>>());
    }
    let (scanned, replica) = (both.scan(), both.replica());
    let server = bodkin_sync::loopback::Server::start(Arc::clone(&replica)).unwrap();
    let mut client = bodkin_sync::loopback::Client::connect(server.address()).unwrap();
    let report = client.sync(&mut both.sender, &scanned.state).unwrap();
    assert!(report.frames > 3, "{report:?}");
    drop(client);
    assert_eq!(both.sync().frames, 1);
}
