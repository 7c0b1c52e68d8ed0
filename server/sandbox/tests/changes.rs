//! Only deltas cross: what a command changed comes back as changes, judged, however hostile it is.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "tests look at their own files")]

mod kit;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bodkin_guard::action::{Limits, Network};
use bodkin_guard::report::Exit;
use bodkin_sandbox::changes::{Changes, Verdict, What};
use bodkin_sandbox::session::{Backend, Base, ProcessOrder, SessionOrder};
use bodkin_sandbox::{Cancel, Force, Launch};
use bodkin_text::Layer;
use kit::{Scene, again_as_ordinary_user, path};

/// What a shell line changes; it must succeed.
fn changes(scene: &Scene, line: &str, layer: Layer) -> Changes {
    let launch = Launch { changes: true, layer, ..scene.shell(line) };
    let output = scene.run(launch);
    assert_eq!(output.ended.exit, Exit::Code(0), "{line}\n{}\n{}", output.stdout, output.stderr);
    output.ended.changes
}

/// Each change in a few words, ordered by path.
fn told(changes: &Changes) -> Vec<String> {
    let line = |change: &bodkin_sandbox::changes::Change| {
        let what = match &change.what {
            What::File { content: Some(content), mode, .. } => {
                format!("{:?} {mode:o}", String::from_utf8_lossy(content.get(..20).unwrap_or(content)))
            }
            What::File { content: None, .. } => "no content".to_owned(),
            What::Link(to) => format!("-> {}", to.display()),
            What::Folder => "folder".to_owned(),
            What::Gone => "gone".to_owned(),
            What::Other(kind) => (*kind).to_owned(),
        };
        let verdict = match &change.verdict {
            Verdict::Taken => "",
            Verdict::Held(_) => " held",
            Verdict::Refused(_) => " refused",
        };
        format!("{:?} {what}{verdict}", change.path).replace('"', "'")
    };
    changes.changes.iter().map(line).collect()
}

const FILES: &[(&str, &str)] =
    &[("a", "old"), ("b", "x"), ("dir/c", "kept"), ("dir/d", "x"), ("dir/sub/e", "x"), ("same", "same")];

fn on_all_walls(check: impl Fn(Scene)) {
    for force in [None, Some(Force::Copy), Some(Force::Reduced)] {
        check(Scene::with(FILES, force));
    }
}

#[test]
fn a_command_that_changes_nothing_has_no_changes() {
    on_all_walls(|scene| {
        let line = "cat a >/dev/null; touch b; printf same > same; chmod 600 dir/d; touch new; rm new; mkdir n; rmdir n";
        assert_eq!(changes(&scene, line, Layer::empty()), Changes::default());
        // Nothing is told that was not asked for.
        assert_eq!(scene.run(scene.shell("echo x > new")).ended.changes, Changes::default());
    });
}

#[test]
fn what_was_written_made_moved_and_removed_is_told() {
    on_all_walls(|scene| {
        let line = "printf new > a; rm b; mkdir -p n/m; printf x > n/m/f; mv dir/c dir/moved; ln -s a link; mkdir empty";
        let expected = [
            "'a' 'new' 644",
            "'b' gone",
            "'dir/c' gone",
            "'dir/moved' 'kept' 644",
            "'empty' folder",
            "'link' -> a",
            "'n' folder",
            "'n/m' folder",
            "'n/m/f' 'x' 644",
        ];
        let changes = changes(&scene, line, Layer::empty());
        assert_eq!(told(&changes), expected);
        assert_eq!(changes.left_out, [""; 0]);
        assert_eq!(fs::read_to_string(scene.workspace().join("a")).unwrap(), "old");
    });
}

#[test]
fn folders_that_were_removed_replaced_or_became_something_else_are_told_file_by_file() {
    on_all_walls(|scene| {
        let expected = ["'dir' gone", "'dir/c' gone", "'dir/d' gone", "'dir/sub' gone", "'dir/sub/e' gone"];
        assert_eq!(told(&changes(&scene, "rm -r dir", Layer::empty())), expected);
        let line = "rm -r dir; mkdir dir; printf kept > dir/c; printf n > dir/n";
        let expected = ["'dir/d' gone", "'dir/n' 'n' 644", "'dir/sub' gone", "'dir/sub/e' gone"];
        assert_eq!(told(&changes(&scene, line, Layer::empty())), expected);
        let line = "rm -r dir; printf f > dir; rm a; mkdir a; printf x > a/x";
        let all = told(&changes(&scene, line, Layer::empty()));
        assert!(all.contains(&"'dir' 'f' 644".to_owned()), "{all:?}");
        assert!(
            all.contains(&"'a' folder".to_owned()) && all.contains(&"'a/x' 'x' 644".to_owned()),
            "{all:?}"
        );
    });
}

#[test]
fn what_was_laid_over_the_workspace_is_no_change_of_the_command() {
    on_all_walls(|scene| {
        let mut layer = Layer::empty();
        layer.put(path("a"), "unsaved");
        layer.put(path("fresh"), "unsaved");
        layer.put(path("dir/fresh"), "unsaved");
        layer.hide(path("b"));
        assert_eq!(told(&changes(&scene, "cat a fresh", layer.clone())), ["'dir/fresh'"; 0]);
        let line = "printf more >> a; rm fresh; printf again > b; rm dir/d";
        let expected = ["'a' 'unsavedmore' 644", "'b' 'again' 644", "'dir/d' gone", "'fresh' gone"];
        assert_eq!(told(&changes(&scene, line, layer)), expected);
    });
}

#[test]
fn traps_come_back_as_words_only() {
    on_all_walls(|scene| {
        let line = "mkfifo fifo; ln -s /etc/passwd out; ln -s .git/config into; truncate -s 512M giant; \
                    printf x > suid; chmod 4755 suid; printf x > \"$(printf 'a\\nb\\033]52;c;x\\007')\"; \
                    printf x > \"$(printf 'b\\377')\"; mkdir -p .git/hooks; printf x > .git/hooks/pre-commit; \
                    printf x > Makefile; printf x > run.sh; chmod 755 run.sh; ln a hard; printf x > locked; chmod 0 locked; \
                    mkdir shut; printf x > shut/f; chmod 0 shut";
        let all = changes(&scene, line, Layer::empty());
        let lines = told(&all);
        for (name, end) in [
            ("fifo", "FIFO refused"),
            ("out", "held"),
            ("into", "held"),
            ("giant", "no content refused"),
            ("suid", "refused"),
            ("Makefile", "held"),
            ("run.sh", "held"),
            ("hard", "'old' 644"),
            ("locked", "'x' 0"),
            ("shut/f", "'x' 644"),
        ] {
            let start = format!("'{name}' ");
            assert!(
                lines.iter().any(|it| it.starts_with(&start) && it.ends_with(end)),
                "{name} in {lines:?}"
            );
        }
        let named_badly = all.changes.iter().filter(|it| it.path.to_str().is_none_or(|it| it.contains('\n')));
        let refused = named_badly.map(|it| matches!(it.verdict, Verdict::Refused(_))).collect::<Vec<_>>();
        assert_eq!(refused, [true, true]);
    });
}

#[test]
fn git_hooks_are_held_back() {
    let scene = Scene::new(&[(".git/config", "[core]\n")]);
    let line = "mkdir -p .git/hooks; printf x > .git/hooks/pre-commit; printf x > .git/config";
    let expected =
        ["'.git/config' 'x' 644 held", "'.git/hooks' folder held", "'.git/hooks/pre-commit' 'x' 644 held"];
    assert_eq!(told(&changes(&scene, line, Layer::empty())), expected);
}

#[test]
fn thousands_of_folders_in_one_another_are_left_out_with_a_word() {
    let scene = Scene::new(&[]);
    let line = "python3 -c 'import os\nfor i in range(3000): os.mkdir(\"d\"); os.chdir(\"d\")'";
    let all = changes(&scene, line, Layer::empty());
    assert_eq!(all.changes.len(), 100);
    assert_eq!(all.changes.iter().filter(|it| matches!(it.verdict, Verdict::Refused(_))).count(), 36);
    assert_eq!(all.left_out, ["Folders lie too deep to be looked into."]);
}

#[test]
fn more_files_than_may_come_back_are_left_out_with_a_word() {
    let scene = Scene::new(&[]);
    let all = changes(&scene, "mkdir d; cd d; seq 100000 125000 | xargs touch", Layer::empty());
    assert!(all.changes.len() > 15_000 && all.changes.len() <= 20_000, "{}", all.changes.len());
    assert_eq!(all.left_out, ["There are more changes than can be brought back."]);
}

#[test]
fn a_large_file_comes_back_whole() {
    let scene = Scene::new(&[]);
    let all = changes(&scene, "head -c 9000000 /dev/zero | tr '\\0' x > large", Layer::empty());
    let [change] = &*all.changes else { panic!("{:?}", told(&all)) };
    assert_eq!(
        change.what,
        What::File { content: Some(vec![b'x'; 9_000_000]), size: 9_000_000, mode: 0o644 }
    );
}

#[test]
fn of_a_stopped_command_it_is_said_that_nothing_is_told() {
    let scene = Scene::new(&[]);
    let launch = Launch { changes: true, ..scene.shell("echo x > a; sleep 1000") };
    let output = scene.run_until(launch, Some(Duration::from_millis(200)), &Cancel::new());
    assert_eq!(output.ended.changes.changes, []);
    assert_eq!(output.ended.changes.left_out.len(), 1);
}

#[test]
fn an_end_that_is_a_failure_has_its_changes_and_daemons_do_not_write_into_them() {
    let scene = Scene::new(&[]);
    let launch = Launch {
        changes: true,
        ..scene.shell("setsid sh -c 'while true; do echo x >> grows; done' & printf x > a; exit 3")
    };
    let output = scene.run(launch);
    assert_eq!(output.ended.exit, Exit::Code(3));
    let all = told(&output.ended.changes);
    assert!(
        all.contains(&"'a' 'x' 644".to_owned()) && !all.iter().any(|it| it.contains("refused")),
        "{all:?}"
    );
}

#[test]
fn a_session_tells_its_changes_while_it_lives() {
    let copy = Some(Force::Copy);
    for (base, workdir, force) in
        [(false, true, None), (true, true, None), (true, false, None), (true, true, copy)]
    {
        let scene = Scene::with(FILES, force);
        let mut layer = Layer::empty();
        layer.put(path("same"), "laid");
        let at = (!workdir).then(|| PathBuf::from("/home/user/w"));
        let base = if base { Base::Workspace { folder: scene.workspace(), at, layer } } else { Base::Empty };
        let is_empty = matches!(base, Base::Empty);
        let order = SessionOrder {
            base,
            env: BTreeMap::new(),
            limits: Limits::default(),
            network: Network::Off,
            metadata: BTreeMap::new(),
        };
        let session = scene.sandbox.create(order, &Cancel::new()).unwrap();
        assert_eq!(told(&session.changes().unwrap()), [""; 0]);
        let line = "printf new > a; rm -f b; (while true; do echo x >> grows; done) & echo on";
        let process = session.start(ProcessOrder::new(["/bin/sh", "-c", line])).unwrap();
        let mut listener = process.listen();
        while !listener
            .next(Duration::from_secs(60))
            .is_some_and(|event| matches!(event, bodkin_sandbox::session::ProcessEvent::Ended(_)))
        {}
        session.write(&session.workdir().join("put"), &mut "put".as_bytes(), None).unwrap();
        let all = session.changes().unwrap();
        let lines: Vec<String> = told(&all).into_iter().filter(|it| !it.contains("grows")).collect();
        let gone = if is_empty { [].as_slice() } else { &["'b' gone"] };
        let expected: Vec<&str> =
            ["'a' 'new' 644"].iter().chain(gone).chain(&["'put' 'put' 644"]).copied().collect();
        assert_eq!(lines, expected);
        // It grows on, and what is told is of one moment.
        let grown = all.changes.iter().find(|it| it.path == Path::new("grows"));
        assert!(grown.is_none_or(|it| it.verdict == Verdict::Taken), "{grown:?}");
    }
}

#[test]
fn an_ordinary_user_has_the_same() {
    again_as_ordinary_user("an_ordinary_user_has_the_same");
}
