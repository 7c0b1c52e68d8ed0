//! A workspace goes in, and what changed comes back.

use std::fs;
use std::path::Path;

use bodkin_sandbox::changes::{Verdict, What};
use bodkin_sandbox::session::{Base, SessionOrder};
use bodkin_text::{Layer, RelPath};

use super::{Living, order};

/// A session over a workspace with these files and this layer.
fn over(
    test: &str,
    files: &[(&str, &str)],
    layer: &[(&str, Option<&str>)],
) -> Option<(tempfile::TempDir, Living)> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut over = Layer::empty();
    for (name, text) in layer {
        let path = RelPath::new(name).unwrap();
        match text {
            Some(text) => over.put(path, *text),
            None => over.hide(path),
        }
    }
    let at = Some("/srv/project".into());
    let base = Base::Workspace { folder: folder.path().to_owned(), at, layer: over };
    let living = Living::new(test, SessionOrder { base, ..order() })?;
    Some((folder, living))
}

#[test]
fn a_workspace_stands_inside_with_the_layer_laid_over() {
    let files = [("a", "old"), ("d/b", "b"), ("hidden", "h")];
    let layer = [("a", Some("new")), ("hidden", None), ("e/f", Some("f"))];
    let Some((folder, living)) = over("layered", &files, &layer) else { return };
    assert_eq!(living.session.workdir(), Path::new("/srv/project"));
    assert_eq!(living.said("pwd; cat a d/b e/f; ls"), "/srv/project\nnewbfa\nd\ne");
    assert_eq!(living.session.changes().unwrap().changes, []);
    drop(folder);
}

#[test]
fn only_deltas_cross_and_each_is_judged() {
    let files = [("same", "s"), ("edited", "one"), ("gone", "g"), ("unsaved", "old")];
    let Some((folder, living)) = over("delta", &files, &[("unsaved", Some("new"))]) else { return };
    living.said(
        "echo two > edited; rm gone; mkdir d; echo x > d/new; mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit; \
         ln -s /etc/passwd out; mkfifo pipe; touch same; dd if=/dev/zero of=giant bs=1 count=1 seek=10000000",
    );
    let changes = living.session.changes().unwrap();
    assert_eq!(changes.left_out, [""; 0]);
    let told: Vec<(String, char)> = changes
        .changes
        .iter()
        .map(|it| {
            let verdict = match it.verdict {
                Verdict::Taken => 't',
                Verdict::Held(_) => 'h',
                Verdict::Refused(_) => 'r',
            };
            (it.path.to_string_lossy().into_owned(), verdict)
        })
        .collect();
    let expected = [
        (".git", 'h'),
        (".git/hooks", 'h'),
        (".git/hooks/pre-commit", 'h'),
        ("d", 't'),
        ("d/new", 't'),
        ("edited", 't'),
        ("giant", 'r'),
        ("gone", 't'),
        ("out", 'h'),
        ("pipe", 'r'),
    ];
    assert_eq!(told, expected.map(|(path, verdict)| (path.to_owned(), verdict)));
    let edited = changes.changes.iter().find(|it| it.path == Path::new("edited")).unwrap();
    assert!(matches!(&edited.what, What::File { content: Some(text), .. } if text == b"two\n"));
    assert_eq!(fs::read_to_string(folder.path().join("edited")).unwrap(), "one");
    // Everything was let go on afterwards.
    assert_eq!(living.said("cat edited"), "two");
}

#[test]
fn a_process_that_runs_while_changes_are_looked_for_goes_on_after() {
    let Some((_folder, living)) = over("held", &[("a", "1")], &[]) else { return };
    let counting = "while :; do echo x; sleep 0.01; done > count";
    living.session.start(bodkin_sandbox::session::ProcessOrder::new(["/bin/sh", "-c", counting])).unwrap();
    living.session.changes().unwrap();
    let before: u64 = living.said("wc -c < count").parse().unwrap();
    living.said(&format!("while [ $(wc -c < count) -le {before} ]; do sleep 0.01; done"));
}
