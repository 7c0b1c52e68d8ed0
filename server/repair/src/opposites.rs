//! Words that come in pairs and are taken for one another: left and right, first and last.

/// Each pair is known in both directions.
const PAIRS: &[(&str, &str)] = &[
    ("left", "right"),
    ("first", "last"),
    ("start", "end"),
    ("start", "stop"),
    ("begin", "end"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("low", "high"),
    ("lo", "hi"),
    ("lower", "upper"),
    ("lowest", "highest"),
    ("smallest", "largest"),
    ("top", "bottom"),
    ("width", "height"),
    ("x", "y"),
    ("row", "column"),
    ("row", "col"),
    ("rows", "columns"),
    ("rows", "cols"),
    ("head", "tail"),
    ("next", "previous"),
    ("next", "prev"),
    ("before", "after"),
    ("source", "target"),
    ("source", "destination"),
    ("src", "dst"),
    ("from", "to"),
    ("old", "new"),
    ("key", "value"),
    ("parent", "child"),
    ("input", "output"),
    ("open", "close"),
    ("enabled", "disabled"),
    ("debit", "credit"),
    ("sent", "received"),
    ("expected", "actual"),
    ("one", "other"),
    ("a", "b"),
    ("i", "j"),
];

/// The name with one of its sub-words turned into its opposite; none for most names.
pub(crate) fn of(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (one, other) in PAIRS {
        for (from, to) in [(one, other), (other, one)] {
            found.extend(turned(name, from, to));
        }
    }
    found
}

/// Whether one is the other with a sub-word turned.
pub(crate) fn are(one: &str, other: &str) -> bool {
    of(one).iter().any(|it| it == other)
}

/// `name` with the sub-word `from`, in lower case or capitalised, written as `to`.
fn turned(name: &str, from: &str, to: &str) -> Option<String> {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|it| it.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    for (from, to) in [(from.to_owned(), to.to_owned()), (capital(from), capital(to))] {
        for (at, _) in name.match_indices(from.as_str()) {
            let (head, tail) = (name.get(..at)?, name.get(at + from.len()..)?);
            let starts = head.is_empty()
                || !head.ends_with(char::is_alphanumeric)
                || from.starts_with(char::is_uppercase);
            let ends = tail.is_empty() || !tail.starts_with(|it: char| it.is_lowercase());
            if starts && ends {
                return Some(format!("{head}{to}{tail}"));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_word_is_turned_and_nothing_inside_a_word() {
        assert!(of("start_index").contains(&"end_index".to_owned()));
        assert!(
            of("minWidth").contains(&"maxWidth".to_owned())
                && of("minWidth").contains(&"minHeight".to_owned())
        );
        assert!(of("minimal").is_empty() && of("starter").is_empty());
        assert!(are("left", "right") && !are("left", "top"));
    }
}
