//! Files of a session.

use std::path::Path;

use bodkin_sandbox::SandboxError;
use bodkin_sandbox::session::{EntryKind, FileEvent};

use super::{Living, SOON};

fn kind(error: SandboxError) -> std::io::ErrorKind {
    let SandboxError::Io { source, .. } = error else { return std::io::ErrorKind::Other };
    source.kind()
}

#[test]
fn what_is_written_is_read_back_listed_moved_and_removed() {
    let Some(living) = Living::empty("files") else { return };
    let session = &living.session;
    let path = Path::new("/home/user/d/a b\nü");
    let entry = session.write(path, &mut &b"hello"[..], Some(0o600)).unwrap();
    assert_eq!((entry.size, entry.mode, &entry.kind), (5, 0o600, &EntryKind::File));
    let mut read = Vec::new();
    assert_eq!(session.read(path, &mut read).unwrap(), 5);
    assert_eq!(read, b"hello");
    let listed = session.list(Path::new("/home/user"), 2).unwrap();
    let paths: Vec<_> = listed.iter().map(|it| it.path.as_path()).collect();
    assert_eq!(paths, [Path::new("/home/user/d"), path]);
    let moved = Path::new("/tmp/new/b");
    assert_eq!(session.rename(path, moved).unwrap().size, 5);
    assert_eq!(session.stat(path).unwrap(), None);
    session.remove(Path::new("/tmp/new")).unwrap();
    assert_eq!(kind(session.remove(moved).unwrap_err()), std::io::ErrorKind::NotFound);
    assert_eq!(kind(session.read(moved, &mut read).unwrap_err()), std::io::ErrorKind::NotFound);
    assert!(session.make_dir(Path::new("/tmp/x/y")).unwrap());
    assert!(!session.make_dir(Path::new("/tmp/x/y")).unwrap());
}

#[test]
fn large_files_go_in_and_out_whole() {
    let Some(living) = Living::empty("large") else { return };
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|it| (it % 251) as u8).collect();
    let path = Path::new("/tmp/large");
    living.session.write(path, &mut &bytes[..], None).unwrap();
    let mut read = Vec::new();
    living.session.read(path, &mut read).unwrap();
    assert!(read == bytes);
    assert_eq!(living.session.list(Path::new("/tmp"), 1).unwrap().len(), 1, "no part is left");
}

#[test]
fn pipes_and_folders_are_refused_and_never_waited_for() {
    let Some(living) = Living::empty("pipes") else { return };
    living.said("mkfifo /tmp/pipe; ln -s nowhere /tmp/link; mkdir /tmp/folder");
    let mut sink = Vec::new();
    let error = living.session.read(Path::new("/tmp/pipe"), &mut sink).unwrap_err();
    assert_eq!(kind(error), std::io::ErrorKind::InvalidInput);
    let link = living.session.stat(Path::new("/tmp/link")).unwrap().unwrap();
    assert_eq!(link.kind, EntryKind::Link("nowhere".into()));
    let error = living.session.write(Path::new("/tmp/folder"), &mut &b""[..], None).unwrap_err();
    assert_eq!(kind(error), std::io::ErrorKind::IsADirectory);
    let error = living.session.write(Path::new("/etc/passwd"), &mut &b""[..], None).unwrap_err();
    assert_eq!(kind(error), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn a_watch_tells_of_a_file_that_a_process_writes() {
    let Some(living) = Living::empty("watch") else { return };
    let mut watch = living.session.watch(Path::new("/tmp"), true).unwrap();
    living.said("echo 1 > /tmp/new");
    assert_eq!(watch.next(SOON), Some(FileEvent::Created("/tmp/new".into())));
}
