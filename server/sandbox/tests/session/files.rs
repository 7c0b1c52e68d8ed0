//! Files of a session, friendly and hostile ones.

use std::io::{self, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

use bodkin_guard::action::Limits;
use bodkin_guard::report::Exit;
use bodkin_sandbox::session::{Base, EntryKind, SessionOrder};
use bodkin_text::Layer;

use crate::kit::{Scene, path};
use crate::scene::{create, empty, home, kind, order, over, prints, put, run, shell, text};

#[test]
fn a_file_goes_in_and_comes_out_with_its_folders_and_permissions() {
    let (_scene, session) = empty();
    let entry = session.write(&home("a b/ü/c.sh"), &mut Cursor::new("echo ran"), Some(0o755)).unwrap();
    assert_eq!((entry.size, entry.mode, entry.owner.as_str()), (8, 0o755, "user"));
    assert_eq!(prints(&*session, "'a b/ü/c.sh'; ls -A 'a b/ü'"), "ran\nc.sh\n");
    put(&*session, home("a b/ü/c.sh"), "echo again");
    assert_eq!(session.stat(&home("a b/ü/c.sh")).unwrap().unwrap().mode, 0o755);
    assert_eq!(text(&*session, home("a b/ü/c.sh")), "echo again");
    put(&*session, home("plain"), "");
    assert_eq!(session.stat(&home("plain")).unwrap().unwrap().mode, 0o644);
}

#[test]
fn a_large_file_is_streamed_and_comes_back_the_same() {
    let (_scene, session) = empty();
    let size = 48 << 20;
    session.write(&home("large"), &mut io::repeat(7).take(size), None).unwrap();
    assert_eq!(
        prints(&*session, "stat -c %s large; head -c 3 large | od -An -tu1"),
        format!("{size}\n   7   7   7\n")
    );
    let mut count = Counting(0);
    assert_eq!(session.read(&home("large"), &mut count).unwrap(), size);
    assert_eq!(count.0, size * 7);
}

struct Counting(u64);

impl io::Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_too_large_or_fills_the_disk_is_refused_and_leaves_nothing() {
    let scene = Scene::new(&[]);
    let limits = Limits { disk_bytes: 8 << 20, file_bytes: Some(6 << 20), ..order(Base::Empty).limits };
    let session = create(&scene, SessionOrder { limits, ..order(Base::Empty) });
    let refused = session.write(&home("a"), &mut io::repeat(1).take(7 << 20), None);
    assert_eq!(kind(refused), ErrorKind::FileTooLarge);
    session.write(&home("b"), &mut io::repeat(1).take(5 << 20), None).unwrap();
    let refused = session.write(&home("c"), &mut io::repeat(1).take(5 << 20), None);
    assert_eq!(kind(refused), ErrorKind::StorageFull);
    assert_eq!(prints(&*session, "ls -A"), "b\n");
    assert!(session.usage().unwrap().disk_bytes >= 5 << 20);
}

#[test]
fn a_broken_upload_leaves_the_old_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::ConnectionReset.into())
        }
    }
    let (_scene, session) = empty();
    put(&*session, home("a"), "old");
    let broken = session.write(&home("a"), &mut Cursor::new("new").chain(Broken), None);
    assert_eq!(kind(broken), ErrorKind::ConnectionReset);
    assert_eq!(prints(&*session, "cat a; ls -A"), "olda\n");
}

#[test]
fn folders_are_made_listed_moved_and_removed() {
    let (_scene, session) = empty();
    assert!(session.make_dir(&home("a/b")).unwrap() && !session.make_dir(&home("a")).unwrap());
    put(&*session, home("a/b/c"), "x");
    prints(&*session, "ln -s b a/link; mkfifo a/fifo");
    let entries = session.list(&home("a"), 2).unwrap();
    let kinds: Vec<_> = entries.iter().map(|it| (it.path.clone(), it.kind.clone())).collect();
    let expected = [
        (home("a/b"), EntryKind::Folder),
        (home("a/b/c"), EntryKind::File),
        (home("a/fifo"), EntryKind::Other),
        (home("a/link"), EntryKind::Link(PathBuf::from("b"))),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(session.list(&home("a"), 1).unwrap().len(), 3);
    assert_eq!(session.rename(&home("a"), &home("new/name")).unwrap().kind, EntryKind::Folder);
    assert_eq!(session.stat(&home("a")).unwrap(), None);
    session.remove(&home("new")).unwrap();
    assert_eq!(prints(&*session, "ls -A"), "");
}

#[test]
fn errors_say_what_is_wrong() {
    let (_scene, session) = empty();
    put(&*session, home("file"), "x");
    let read = |path: &Path| kind(session.read(path, &mut Vec::new()));
    assert_eq!(read(&home("none")), ErrorKind::NotFound);
    assert_eq!(read(&home("")), ErrorKind::IsADirectory);
    assert_eq!(read(Path::new("relative")), ErrorKind::InvalidInput);
    assert_eq!(kind(session.list(&home("none"), 1)), ErrorKind::NotFound);
    assert_eq!(kind(session.list(&home("file"), 1)), ErrorKind::NotADirectory);
    assert_eq!(kind(session.make_dir(&home("file"))), ErrorKind::AlreadyExists);
    assert_eq!(kind(session.remove(&home("none"))), ErrorKind::NotFound);
    assert_eq!(kind(session.rename(&home("none"), &home("x"))), ErrorKind::NotFound);
    let write = |path: &str| kind(session.write(Path::new(path), &mut Cursor::new("x"), None));
    assert_eq!(write("/home/user"), ErrorKind::IsADirectory);
    assert_eq!(write("/home/user/file/x"), ErrorKind::NotADirectory);
    assert!(matches!(write("/usr/bin/env"), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied));
    assert!(matches!(write("/etc/passwd"), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied));
}

#[test]
fn traps_are_refused_and_nobody_waits_for_them() {
    let (_scene, session) = empty();
    prints(&*session, "mkfifo fifo; ln -s fifo to-fifo; ln -s loop loop; ln -s /dev/zero zero");
    for trap in ["fifo", "to-fifo", "zero"] {
        assert_eq!(kind(session.read(&home(trap), &mut Vec::new())), ErrorKind::InvalidInput, "{trap}");
    }
    assert!(session.read(&home("loop"), &mut Vec::new()).is_err());
    for trap in ["/proc/self/environ", "/proc/1/mem", "/proc/self/fd/3", "/dev/ptmx", "/dev/null"] {
        let refused = session.read(Path::new(trap), &mut Vec::new());
        assert!(refused.is_err(), "{trap}");
    }
    assert_eq!(kind(session.write(&home("fifo"), &mut Cursor::new("x"), None)), ErrorKind::InvalidInput);
    assert!(session.write(Path::new("/proc/self/fd/0"), &mut Cursor::new("x"), None).is_err());
    assert_eq!(kind(session.list(Path::new("/proc/1/fd"), 1)), ErrorKind::InvalidInput);
    let link = session.stat(Path::new("/proc/self/exe")).unwrap().map(|entry| entry.kind);
    assert!(link.is_none_or(|kind| kind == EntryKind::Other), "where the helper stands is told");
}

#[test]
fn links_lead_where_they_lead_inside_and_never_to_the_host() {
    let (scene, session) = empty();
    let secret = scene.folder.path().join("secret");
    std::fs::write(&secret, "of the host").unwrap();
    prints(&*session, &format!("ln -s {} out; ln -s / root; mkdir d; ln -s d/new into", secret.display()));
    assert_eq!(kind(session.read(&home("out"), &mut Vec::new())), ErrorKind::NotFound);
    assert_eq!(
        kind(session.read(&home("root").join(secret.strip_prefix("/").unwrap()), &mut Vec::new())),
        ErrorKind::NotFound
    );
    put(&*session, home("into"), "x");
    assert_eq!(prints(&*session, "cat d/new; readlink into"), "xd/new\n");
    // What a process makes at that path is its own, not the host's.
    prints(&*session, &format!("mkdir -p {0} 2>/dev/null; true", secret.parent().unwrap().display()));
    let _ = session.write(&home("out"), &mut Cursor::new("forged"), None);
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "of the host");
}

#[test]
fn a_tree_of_locked_and_deep_folders_is_removed() {
    let (_scene, session) = empty();
    prints(
        &*session,
        "mkdir -p t/locked/x; chmod 0 t/locked; cd t; i=0; while [ $i -lt 700 ]; do mkdir d && cd d; i=$((i+1)); done",
    );
    session.remove(&home("t")).unwrap();
    assert_eq!(session.stat(&home("t")).unwrap(), None);
}

#[test]
fn the_workspace_is_seen_with_its_layer_and_never_written_to() {
    let mut layer = Layer::empty();
    layer.put(path("a"), "unsaved");
    layer.hide(path("b"));
    let (scene, session) = over(&[("a", "old"), ("b", "x"), ("sub/c", "kept")], layer);
    let at = |path: &str| scene.workspace().canonicalize().unwrap().join(path);
    assert_eq!(session.workdir(), at(""));
    assert_eq!(text(&*session, at("a")), "unsaved");
    assert_eq!(session.stat(&at("b")).unwrap(), None);
    put(&*session, at("sub/c"), "new");
    session.remove(&at("a")).unwrap();
    assert_eq!(prints(&*session, "cat sub/c; ls"), "newsub\n");
    assert_eq!(std::fs::read_to_string(scene.workspace().join("a")).unwrap(), "old");
    assert_eq!(std::fs::read_to_string(scene.workspace().join("sub/c")).unwrap(), "kept");
}

#[test]
fn a_folder_of_the_workspace_is_moved_although_its_overlay_refuses_and_so_is_one_to_another_disk() {
    let (scene, session) = over(&[("dir/sub/a", "x"), ("dir/b", "y")], Layer::empty());
    let at = |path: &str| scene.workspace().canonicalize().unwrap().join(path);
    prints(&*session, "ln -s b dir/link; chmod 700 dir/b; chmod 750 dir");
    session.rename(&at("dir"), &at("new/name")).unwrap();
    assert_eq!(
        prints(
            &*session,
            "find . | sort; readlink new/name/link; stat -c %a new/name/b new/name; test -e dir || echo gone"
        ),
        ".\n./new\n./new/name\n./new/name/b\n./new/name/link\n./new/name/sub\n./new/name/sub/a\nb\n700\n750\ngone\n"
    );
    session.rename(&at("new"), Path::new("/tmp/new")).unwrap();
    assert_eq!(prints(&*session, "ls; cat /tmp/new/name/sub/a"), "x");
    prints(&*session, "mkfifo /tmp/new/fifo");
    assert_eq!(kind(session.rename(Path::new("/tmp/new"), &at("back"))), ErrorKind::CrossesDevices);
    assert_eq!(prints(&*session, "ls; ls /tmp/new"), "fifo\nname\n");
}

#[test]
fn a_workspace_may_stand_below_the_home_and_nowhere_in_the_system() {
    let scene = Scene::new(&[("a", "x")]);
    let base = |at: &str| Base::Workspace {
        folder: scene.workspace(),
        at: Some(PathBuf::from(at)),
        layer: Layer::empty(),
    };
    let session = create(&scene, order(base("/home/user/workspace")));
    assert_eq!(session.workdir(), Path::new("/home/user/workspace"));
    assert_eq!(prints(&*session, "pwd; cat a; cd; pwd; touch b"), "/home/user/workspace\nx/home/user\n");
    for at in ["/usr", "/", "relative", "/home/user", "/home/user/../../etc", "/proc/x"] {
        let refused = bodkin_sandbox::session::Backend::create(
            &scene.sandbox,
            order(base(at)),
            &bodkin_sandbox::Cancel::new(),
        );
        assert_eq!(kind(refused), ErrorKind::InvalidInput, "{at}");
    }
}

#[test]
fn a_folder_of_thousands_is_listed_whole() {
    let (_scene, session) = empty();
    assert_eq!(run(&*session, shell("seq 1 3000 | xargs touch")).exit, Exit::Code(0));
    let entries = session.list(&home(""), 1).unwrap();
    assert_eq!(entries.len(), 3000);
    assert!(entries.is_sorted_by(|a, b| a.path < b.path));
}
