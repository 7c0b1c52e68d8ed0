//! A candidate as one splice of a text that was sent before: thousands of candidates differ in a few characters.

use serde::Serialize;

/// Characters `start..end` of the base give way to `text`. Counted in characters, as Python does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Splice(usize, usize, String);

/// The one splice that makes `new` of `base`.
pub(super) fn splice(base: &str, new: &str) -> Splice {
    let prefix = common(base.chars(), new.chars());
    let (base_rest, new_rest) =
        (base.get(prefix..).unwrap_or_default(), new.get(prefix..).unwrap_or_default());
    let suffix = common(base_rest.chars().rev(), new_rest.chars().rev());
    let middle = |text: &str| text.get(prefix..text.len() - suffix).unwrap_or_default().to_owned();
    let start = base.get(..prefix).unwrap_or_default().chars().count();
    Splice(start, start + middle(base).chars().count(), middle(new))
}

/// Bytes of the characters that two texts have in common from their start on.
fn common(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_splice_counts_characters() {
        assert_eq!(splice("é < 1 𝄞", "é <= 1 𝄞"), Splice(3, 3, "=".to_owned()));
        assert_eq!(splice("aa", "aaa"), Splice(2, 2, "a".to_owned()));
        assert_eq!(splice("x𝄞y", "xéy"), Splice(1, 2, "é".to_owned()));
        assert_eq!(splice("same", "same"), Splice(4, 4, String::new()));
        assert_eq!(splice("", "new"), Splice(0, 0, "new".to_owned()));
    }
}
