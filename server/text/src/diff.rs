//! Unified diffs as `git apply` and `patch` take them.
//!
//! Only `\n` ends a line: `\r\n` keeps its `\r`, and a `\r` alone is a character like others.
//! File modes are not known here: a file that is made or removed is written down as an ordinary one.

use std::fmt::Write as _;

use similar::DiffOp;

use crate::RelPath;
use crate::delta::{Pieces, compare};

/// The difference of two texts with `context` lines around each change; empty where nothing changes.
///
/// `None` for a path: the file does not exist on that side (`/dev/null`). Two different paths are a rename.
pub fn unified(
    path_a: Option<&RelPath>,
    path_b: Option<&RelPath>,
    old: &str,
    new: &str,
    context: usize,
) -> String {
    let (before, after) = (Pieces::lines(old), Pieces::lines(new));
    let mut out = git_header(path_a, path_b);
    if old == new {
        return out;
    }
    let side = |prefix: &str, path: Option<&RelPath>| match path {
        Some(path) => name(prefix, path, End::BeforeTab),
        None => "/dev/null".to_owned(),
    };
    out.push_str(&format!("--- {}\n+++ {}\n", side("a/", path_a), side("b/", path_b)));
    for group in similar::group_diff_ops(compare(&before, &after), context) {
        hunk(&mut out, &group, &before.items, &after.items);
    }
    out
}

/// What only git's own header can say: that a file is made, removed or renamed.
fn git_header(path_a: Option<&RelPath>, path_b: Option<&RelPath>) -> String {
    let plain = |path| name("", path, End::Line);
    let what = match (path_a, path_b) {
        (None, None) => return String::new(),
        (None, Some(_)) => "new file mode 100644\n".to_owned(),
        (Some(_), None) => "deleted file mode 100644\n".to_owned(),
        (Some(a), Some(b)) if a == b => return String::new(),
        (Some(a), Some(b)) => format!("rename from {}\nrename to {}\n", plain(a), plain(b)),
    };
    let [a, b] = [("a/", path_a.or(path_b)), ("b/", path_b.or(path_a))]
        .map(|(prefix, path)| path.map(|it| name(prefix, it, End::Line)).unwrap_or_default());
    format!("diff --git {a} {b}\n{what}")
}

/// What follows a name on its line.
#[derive(Clone, Copy)]
enum End {
    /// The line ends, or a header with its own rules goes on.
    Line,
    /// A date could follow: a name with a space ends in a tab, so that it is read whole.
    BeforeTab,
}

/// A name as git writes it: in quotes where it holds a quote, a backslash or a control character.
fn name(prefix: &str, path: &RelPath, end: End) -> String {
    let path = path.as_str();
    if path.chars().any(|it| it == '"' || it == '\\' || it.is_ascii_control()) {
        let mut quoted = format!("\"{prefix}");
        for it in path.chars() {
            match it {
                '"' | '\\' => quoted.extend(['\\', it]),
                '\t' => quoted.push_str("\\t"),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                it if it.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", u32::from(it))),
                it => quoted.push(it),
            }
        }
        return quoted + "\"";
    }
    let tab = match end {
        End::BeforeTab if path.contains(' ') => "\t",
        End::BeforeTab | End::Line => "",
    };
    format!("{prefix}{path}{tab}")
}

fn hunk(out: &mut String, group: &[DiffOp], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let span = |start: usize, end: usize| match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        len => format!("{},{len}", start + 1),
    };
    let was = span(first.old_range().start, last.old_range().end);
    let is = span(first.new_range().start, last.new_range().end);
    // Writing to a string does not fail.
    let _ = writeln!(out, "@@ -{was} +{is} @@");
    for op in group {
        let (old, new) = (old.get(op.old_range()), new.get(op.new_range()));
        if let DiffOp::Equal { .. } = op {
            lines(out, ' ', old);
        } else {
            lines(out, '-', old);
            lines(out, '+', new);
        }
    }
}

fn lines(out: &mut String, sign: char, lines: Option<&[&str]>) {
    for line in lines.unwrap_or_default() {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(a: Option<&str>, b: Option<&str>, old: &str, new: &str, expected: Expect) {
        let path = |text: Option<&str>| text.map(|it| RelPath::new(it).unwrap());
        let text = unified(path(a).as_ref(), path(b).as_ref(), old, new, 1);
        expected.assert_eq(&text.replace('\r', "␍").replace('\t', "␉"));
    }

    #[test]
    fn a_change_stands_between_lines_of_context() {
        check(
            Some("a.py"),
            Some("a.py"),
            "1\n2\n3\n4\n5\n6\n7\n8\n",
            "1\n2\nthree\n4\n5\n6\n7\n8\nnine\n",
            expect![[r#"
                --- a/a.py
                +++ b/a.py
                @@ -2,3 +2,3 @@
                 2
                -3
                +three
                 4
                @@ -8 +8,2 @@
                 8
                +nine
            "#]],
        );
    }

    #[test]
    fn a_missing_last_line_end_is_marked() {
        check(
            Some("a"),
            Some("a"),
            "x\ny",
            "x\ny\n",
            expect![[r#"
                --- a/a
                +++ b/a
                @@ -1,2 +1,2 @@
                 x
                -y
                \ No newline at end of file
                +y
            "#]],
        );
    }

    #[test]
    fn carriage_returns_are_kept_and_end_no_line() {
        check(
            Some("a"),
            Some("a"),
            "x\ry\r\nz\r\n",
            "x\ry\nz\r\n",
            expect![[r#"
                --- a/a
                +++ b/a
                @@ -1,2 +1,2 @@
                -x␍y␍
                +x␍y
                 z␍
            "#]],
        );
    }

    #[test]
    fn new_deleted_and_empty_files_are_told_apart() {
        check(
            None,
            Some("n"),
            "",
            "x\n",
            expect![[r#"
                diff --git a/n b/n
                new file mode 100644
                --- /dev/null
                +++ b/n
                @@ -0,0 +1 @@
                +x
            "#]],
        );
        check(
            Some("n"),
            None,
            "x\n",
            "",
            expect![[r#"
                diff --git a/n b/n
                deleted file mode 100644
                --- a/n
                +++ /dev/null
                @@ -1 +0,0 @@
                -x
            "#]],
        );
        check(
            None,
            Some("n"),
            "",
            "",
            expect![[r#"
                diff --git a/n b/n
                new file mode 100644
            "#]],
        );
        check(Some("n"), Some("n"), "x", "x", expect![""]);
    }

    #[test]
    fn awkward_names_are_written_as_git_writes_them() {
        check(
            Some("a b/\"q\".py"),
            Some("c d.py"),
            "x\n",
            "y\n",
            expect![[r#"
                diff --git "a/a b/\"q\".py" b/c d.py
                rename from "a b/\"q\".py"
                rename to c d.py
                --- "a/a b/\"q\".py"
                +++ b/c d.py␉
                @@ -1 +1 @@
                -x
                +y
            "#]],
        );
    }
}
