//! What is to be fixed, as it is typed: a file, and where in it the fault is suspected.

use std::path::Path;

use bodkin_host::HostError;
use bodkin_text::Line0;

use crate::args::FixArgs;

/// What is to be fixed.
pub(super) enum Target<'a> {
    /// A file, or lines of it.
    Lines(&'a Path, Option<Lines>),
    /// A test: its file, and what follows that in its name.
    Test(&'a Path, &'a str),
}

/// What the arguments name.
pub(super) fn of(args: &FixArgs) -> Result<Target<'_>, HostError> {
    if let Some(test) = &args.failing {
        let (path, names) = test.split_at(test.find("::").unwrap_or(test.len()));
        return Ok(Target::Test(Path::new(path), names));
    }
    let (path, lines) = parse(args.target.as_deref().unwrap_or_default())?;
    Ok(Target::Lines(path, lines))
}

/// The failure for a name that is no test's.
pub(super) fn no_test(path: &Path) -> HostError {
    let message = format!("`{}` names no test", path.display());
    HostError::bad(message, "Tests are named like `tests/test_a.py::TestB::test_c`.")
}

/// The first and the last line.
pub(super) type Lines = (Line0, Line0);

/// `a.py`, `a.py:12` or `a.py:12-20`; lines count from one.
fn parse(text: &str) -> Result<(&Path, Option<Lines>), HostError> {
    let wrong = |what: &str| {
        HostError::bad(
            format!("`{text}`: {what}"),
            "Write it as `src/a.py:12` or `src/a.py:12-20`; lines count from 1.",
        )
    };
    let Some((path, lines)) = text.rsplit_once(':').filter(|(path, lines)| {
        !path.is_empty()
            && lines.starts_with(|it: char| it.is_ascii_digit())
            && lines.chars().all(|it| it.is_ascii_digit() || it == '-')
    }) else {
        return Ok((Path::new(text), None));
    };
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let number = |digits: &str| digits.parse::<u32>().map_err(|_| wrong("that is no line number"));
    let (first, last) = (number(first)?, number(last)?);
    if first == 0 || last < first {
        return Err(wrong(if first == 0 {
            "there is no line 0"
        } else {
            "the last line stands before the first"
        }));
    }
    Ok((Path::new(path), Some((Line0(first - 1), Line0(last - 1)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_may_name_a_line_or_a_range() {
        let lines = |text| {
            parse(text)
                .map(|(path, lines)| (path.to_str().unwrap().to_owned(), lines.map(|it| (it.0.0, it.1.0))))
                .unwrap()
        };
        assert_eq!(lines("a.py"), ("a.py".to_owned(), None));
        assert_eq!(lines("a.py:1"), ("a.py".to_owned(), Some((0, 0))));
        assert_eq!(lines("d:x/a.py:12-20"), ("d:x/a.py".to_owned(), Some((11, 19))));
        assert_eq!(lines("odd:name.py"), ("odd:name.py".to_owned(), None));
        for text in ["a.py:0", "a.py:5-4", "a.py:99999999999", "a.py:1-2-3"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
