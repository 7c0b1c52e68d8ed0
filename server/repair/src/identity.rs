//! When two changes are the same: equal results, blanks aside.

use std::hash::{DefaultHasher, Hash, Hasher};

use bodkin_text::ByteRange;

/// Lines longer than this are compared as they are.
const LONGEST: usize = 2_000;

/// The same change with what it leaves as it is cut off: one of all the edits that give this result.
pub(crate) fn trimmed(old: &str, range: ByteRange, new: &str) -> (ByteRange, String) {
    let tail = old.get(range.end..).unwrap_or_default();
    // An insertion may slide over equal text, so what follows is compared too.
    let front = common(old.get(range.start..).unwrap_or_default().chars(), new.chars().chain(tail.chars()));
    let rest_old = old.get(range.start..range.end).unwrap_or_default();
    if front >= new.len() || front >= rest_old.len() {
        return slid(old, range, new, front);
    }
    let (rest_old, rest_new) =
        (rest_old.get(front..).unwrap_or_default(), new.get(front..).unwrap_or_default());
    let back = common(rest_old.chars().rev(), rest_new.chars().rev());
    let text = rest_new.get(..rest_new.len() - back).unwrap_or_default().to_owned();
    (ByteRange::new(range.start + front, range.end - back), text)
}

/// A pure insertion or deletion, moved as far to the end as it gives the same result.
fn slid(old: &str, range: ByteRange, new: &str, front: usize) -> (ByteRange, String) {
    let removed = range.len();
    if new.len() >= removed {
        // Text of this length stands inserted at `front`.
        let added = new.len() - removed;
        let at = range.start + front;
        let joined: String =
            new.chars().chain(old.get(range.end..).unwrap_or_default().chars().take(front + added)).collect();
        let text = joined.get(front..front + added).map(str::to_owned);
        match text {
            Some(text) if old.is_char_boundary(at) => (ByteRange::at(at), text),
            _ => (range, new.to_owned()),
        }
    } else {
        let gone = removed - new.len();
        let at = ByteRange::new(range.start + front, range.start + front + gone);
        if at.of(old).is_some() { (at, String::new()) } else { (range, new.to_owned()) }
    }
}

fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).map(|(it, _)| it.len_utf8()).sum()
}

/// The identity of a change's result; equal for results that differ in blanks only.
pub(crate) fn key(old: &str, range: ByteRange, new: &str) -> u64 {
    let (range, new) = trimmed(old, range, new);
    let start = old.get(..range.start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
    let end = old.get(range.end..).and_then(|it| it.find('\n')).map_or(old.len(), |at| range.end + at);
    let mut hasher = DefaultHasher::new();
    if end - start > LONGEST {
        (range, new).hash(&mut hasher);
        return hasher.finish();
    }
    (start, end).hash(&mut hasher);
    let (head, tail) =
        (old.get(start..range.start).unwrap_or_default(), old.get(range.end..end).unwrap_or_default());
    without_blanks(head.chars().chain(new.chars()).chain(tail.chars())).hash(&mut hasher);
    hasher.finish()
}

/// The text without blanks that mean nothing: those at the start of a line, in quotes and between two words stay.
pub(crate) fn without_blanks(text: impl Iterator<Item = char>) -> String {
    let mut kept = String::new();
    let mut quote: Option<char> = None;
    let mut at_start = true;
    let mut blank = false;
    for letter in text {
        if let Some(open) = quote {
            kept.push(letter);
            if letter == open || letter == '\n' {
                quote = None;
            }
            continue;
        }
        match letter {
            '\n' => {
                kept.push(letter);
                (at_start, blank) = (true, false);
                continue;
            }
            ' ' | '\t' | '\r' if at_start => kept.push(letter),
            ' ' | '\t' | '\r' => blank = true,
            _ => {
                let word = |it: char| it.is_alphanumeric() || it == '_';
                if blank && word(letter) && kept.chars().next_back().is_some_and(word) {
                    kept.push(' ');
                }
                (at_start, blank) = (false, false);
                if matches!(letter, '"' | '\'' | '`') {
                    quote = Some(letter);
                }
                kept.push(letter);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_with_one_result_have_one_key() {
        let old = "a\nb\nc\n";
        let before = key(old, ByteRange::at(2), "x\n");
        let after = key(old, ByteRange::at(1), "\nx");
        assert_eq!(before, after);
        let whole = key("f(a, b)", ByteRange::new(0, 7), "f(b, b)");
        assert_eq!(whole, key("f(a, b)", ByteRange::new(2, 3), "b"));
    }

    #[test]
    fn blanks_matter_in_quotes_and_at_the_start_of_a_line_only() {
        let key = |new: &str| key("", ByteRange::at(0), new);
        assert_eq!(key("f(a,b)"), key("f(a, b)"));
        assert_ne!(key("f(\" \")"), key("f(\"\")"));
        assert_ne!(key("  a"), key("a"));
        assert_ne!(key("not a"), key("nota"));
    }

    #[test]
    fn trimming_gives_the_smallest_change() {
        assert_eq!(trimmed("x < y", ByteRange::new(0, 5), "x <= y"), (ByteRange::at(3), "=".to_owned()));
        assert_eq!(trimmed("aa", ByteRange::at(0), "a"), (ByteRange::at(2), "a".to_owned()));
        assert_eq!(trimmed("f(a, b)", ByteRange::new(2, 6), "a"), (ByteRange::new(3, 6), String::new()));
    }
}
