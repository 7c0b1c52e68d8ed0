//! What a sandboxed command prints, made harmless for a terminal: colours stay, everything else that a terminal
//! obeys (titles, clipboards, cursor movements, answers) is shown as text.
//!
//! Bytes come in any pieces; what is cut inside a sequence or a character waits for the rest.

/// The longest sequence that is waited for, bytes.
const LONGEST: usize = 32;

/// Makes a stream of bytes harmless.
#[derive(Debug, Default)]
pub(crate) struct Harmless {
    waiting: Vec<u8>,
}

impl Harmless {
    /// What can be shown of these bytes and those that waited.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> String {
        self.waiting.extend_from_slice(bytes);
        let mut out = String::new();
        let mut rest = self.waiting.as_slice();
        loop {
            match first(rest) {
                First::None => break,
                First::Cut if rest.len() < LONGEST => break,
                First::Cut => {
                    out.push('\u{fffd}');
                    rest = rest.get(1..).unwrap_or_default();
                }
                First::Shown(text, length) => {
                    out.push_str(&text);
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
        }
        self.waiting = rest.to_vec();
        out
    }

    /// What is left when nothing more comes.
    pub(crate) fn end(&mut self) -> String {
        let left = std::mem::take(&mut self.waiting);
        String::from_utf8_lossy(&left).chars().map(|it| if it == '\u{1b}' { '␛' } else { it }).collect()
    }
}

/// A whole text made harmless.
pub(crate) fn harmless(text: &str) -> String {
    let mut filter = Harmless::default();
    let shown = filter.pass(text.as_bytes());
    shown + &filter.end()
}

enum First {
    None,
    /// Not yet known what it is.
    Cut,
    Shown(String, usize),
}

fn first(bytes: &[u8]) -> First {
    match bytes {
        [] => First::None,
        [0x1b, rest @ ..] => escape(rest),
        [byte @ (b'\n' | b'\t' | b'\r'), ..] => First::Shown(char::from(*byte).to_string(), 1),
        [byte, ..] if *byte < 0x20 => First::Shown(picture(*byte), 1),
        [0x7f, ..] => First::Shown("␡".to_owned(), 1),
        _ => character(bytes),
    }
}

/// A sequence that only colours is passed on; of any other the escape is shown and the rest is text.
fn escape(rest: &[u8]) -> First {
    match rest {
        [] => First::Cut,
        [b'[', parameters @ ..] => {
            let length = parameters.iter().take_while(|it| it.is_ascii_digit() || b";:".contains(it)).count();
            match parameters.get(length) {
                Some(b'm') => {
                    let sequence = String::from_utf8_lossy(rest.get(..length + 2).unwrap_or_default());
                    First::Shown(format!("\u{1b}{sequence}"), length + 3)
                }
                None if length < LONGEST => First::Cut,
                Some(_) | None => First::Shown("␛".to_owned(), 1),
            }
        }
        [..] => First::Shown("␛".to_owned(), 1),
    }
}

/// A control character as Unicode pictures it.
fn picture(byte: u8) -> String {
    char::from_u32(0x2400 + u32::from(byte)).unwrap_or('\u{fffd}').to_string()
}

fn character(bytes: &[u8]) -> First {
    let head = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(error) if error.error_len().is_none() && bytes.len() < 4 => return First::Cut,
        Err(error) => return First::Shown("\u{fffd}".to_owned(), error.error_len().unwrap_or(1)),
    };
    match valid.chars().next() {
        Some(char) if char.is_control() || is_directional(char) => {
            First::Shown(char.escape_unicode().to_string(), char.len_utf8())
        }
        Some(char) => First::Shown(char.to_string(), char.len_utf8()),
        None => First::None,
    }
}

/// Marks that make a text read otherwise than it stands.
fn is_directional(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_stay_and_what_a_terminal_obeys_is_shown() {
        assert_eq!(harmless("\x1b[1;31mred\x1b[0m\n"), "\x1b[1;31mred\x1b[0m\n");
        assert_eq!(harmless("\x1b]52;c;ZXZpbA==\x07"), "␛]52;c;ZXZpbA==␇");
        assert_eq!(harmless("\x1b[2J\x1b[6n\x1bc"), "␛[2J␛[6n␛c");
        assert_eq!(harmless("a\u{202e}b\u{9b}31m\x7f"), "a\\u{202e}b\\u{9b}31m␡");
    }

    #[test]
    fn it_does_not_matter_where_the_pieces_are_cut() {
        let text = "ä\x1b[32mgrün\x1b[0m \x1b]0;x\x07 \u{1f600}\r\n".as_bytes();
        let whole = harmless(std::str::from_utf8(text).unwrap());
        for at in 0..=text.len() {
            let mut filter = Harmless::default();
            let (one, two) = text.split_at(at);
            let shown = filter.pass(one) + &filter.pass(two) + &filter.end();
            assert_eq!(shown, whole, "cut at {at}");
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_nothing_waits_for_ever() {
        let mut filter = Harmless::default();
        assert_eq!(filter.pass(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(filter.pass(b"\xf0\x9f"), "");
        assert_eq!(filter.end(), "\u{fffd}");
        let endless = [b"\x1b[".as_slice(), &[b'1'; 100]].concat();
        assert!(filter.pass(&endless).starts_with("␛[11"));
    }
}
