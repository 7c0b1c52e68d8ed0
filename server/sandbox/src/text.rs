//! Texts that come out of a sandbox, made fit to be shown: bounded, control characters escaped.

/// The most characters that a message keeps.
pub(crate) const MESSAGE: usize = 2000;

/// At most [`MESSAGE`] characters.
pub(crate) fn bounded(text: &str) -> String {
    cut(text, MESSAGE)
}

/// At most `most` characters, cut in the middle; control characters but tab and line end are escaped.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let shown: String = text.chars().flat_map(shown).collect();
    let count = shown.chars().count();
    if count <= most {
        return shown;
    }
    let half = most.saturating_sub(3) / 2;
    let beginning: String = shown.chars().take(half).collect();
    let end: String = shown.chars().skip(count - half).collect();
    format!("{beginning} … {end}")
}

/// The text without the terminal's colours and cursor movements.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                while chars.next().is_some_and(|it| !('@'..='~').contains(&it)) {}
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            char => plain.push(char),
        }
    }
    plain
}

fn shown(char: char) -> Vec<char> {
    if (char.is_control() && char != '\n' && char != '\t') || is_directional(char) {
        char.escape_unicode().collect()
    } else {
        vec![char]
    }
}

/// Marks that make a text read otherwise than it stands.
fn is_directional(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m\r\n\u{1b}[2K."), "red\n.");
    }

    #[test]
    fn a_message_keeps_both_ends_and_no_control_character() {
        assert_eq!(cut("a\u{1b}]52;c\nb", 100), "a\\u{1b}]52;c\nb");
        assert_eq!(cut("0123456789", 9), "012 … 789");
        assert_eq!(cut("a\u{202e}b", 100), "a\\u{202e}b");
    }
}
