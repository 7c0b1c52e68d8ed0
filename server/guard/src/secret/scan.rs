//! Finds in a text what has the shape of a secret.
//!
//! One pass over the bytes; nothing is looked at but beginnings of words and a few marks (`://`, `-----BEGIN `).

use std::ops::Range;

use super::shapes::{Alphabet, SHAPES, Shape};

/// A piece of a text that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where, UTF-8 bytes; always at borders of characters.
    pub range: Range<usize>,
    /// What it is: `github-token`, `private-key` …
    pub what: &'static str,
}

/// Everything in the text that looks like a secret, in order, none overlapping another.
pub fn find(text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let mut before = b' ';
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        match secret_at(rest, before) {
            Some((skip, length, what)) => {
                let start = at.saturating_add(skip);
                let end = start.saturating_add(length);
                found.push(Found { range: start..end, what });
                before = bytes.get(end.saturating_sub(1)).copied().unwrap_or(b' ');
                at = end;
            }
            None => {
                before = byte;
                at = at.saturating_add(1);
            }
        }
    }
    found
}

/// What begins here: how many bytes before the secret, its length (never 0), and what it is.
fn secret_at(rest: &[u8], before: u8) -> Option<(usize, usize, &'static str)> {
    let first = *rest.first()?;
    match first {
        b'-' => private_key(rest),
        b':' => password_in_address(rest),
        // Inside a run no secret begins; so no byte is looked at by more than one run.
        _ if Alphabet::Dotted.has(before) => None,
        b'e' => json_web_token(rest),
        b'a' | b'A' => aws_secret(rest).or_else(|| shaped(rest, first)),
        _ => shaped(rest, first),
    }
}

fn shaped(rest: &[u8], first: u8) -> Option<(usize, usize, &'static str)> {
    let begins = |shape: &&Shape| shape.start.as_bytes().first() == Some(&first);
    SHAPES.iter().filter(begins).find_map(|shape| {
        let tail = run(rest.strip_prefix(shape.start.as_bytes())?, shape.tail);
        let fits = (shape.least..=shape.most).contains(&tail.len()) && is_mixed(tail);
        fits.then(|| (0, shape.start.len().saturating_add(tail.len()), shape.what))
    })
}

/// The longest beginning of these characters.
fn run(bytes: &[u8], alphabet: Alphabet) -> &[u8] {
    let end = bytes.iter().position(|byte| !alphabet.has(*byte)).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}

/// Letters and digits both, as in anything made by chance; words and placeholders (`xxxx`) are not.
fn is_mixed(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

/// Three parts of base64 with dots between, of which the first is a JSON object.
fn json_web_token(rest: &[u8]) -> Option<(usize, usize, &'static str)> {
    const SHORTEST_PART: usize = 10;
    let token = run(rest.starts_with(b"eyJ").then_some(rest)?, Alphabet::Dotted);
    let mut parts = token.split(|byte| *byte == b'.');
    let [head, body, seal] = [parts.next()?, parts.next()?, parts.next()?];
    let whole = head.len() >= SHORTEST_PART && body.len() >= SHORTEST_PART && seal.len() >= SHORTEST_PART;
    let length = [head.len(), body.len(), seal.len(), 2].iter().sum();
    whole.then_some((0, length, "json-web-token"))
}

/// A key in PEM form, to the end of the text where its last line is missing.
fn private_key(rest: &[u8]) -> Option<(usize, usize, &'static str)> {
    const LONGEST_LABEL: usize = 60;
    let label = rest.strip_prefix(b"-----BEGIN ")?;
    let label = label.get(..label.len().min(LONGEST_LABEL))?;
    let label = label.get(..position(label, b"-----")?)?;
    position(label, b"PRIVATE KEY")?;
    let end = position(rest, b"-----END ").map(|at| {
        let after = at.saturating_add(b"-----END ".len());
        let close = position(rest.get(after..).unwrap_or_default(), b"-----");
        close.map_or(rest.len(), |close| after.saturating_add(close).saturating_add(b"-----".len()))
    });
    Some((0, end.unwrap_or(rest.len()), "private-key"))
}

/// The password in `://user:password@host`.
fn password_in_address(rest: &[u8]) -> Option<(usize, usize, &'static str)> {
    const MARK: &[u8] = b"://";
    let authority = rest.strip_prefix(MARK)?;
    let end = authority.iter().position(|byte| {
        matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'`') || byte.is_ascii_whitespace()
    });
    let authority = authority.get(..end.unwrap_or(authority.len()))?;
    let user_and_password = authority.get(..authority.iter().rposition(|byte| *byte == b'@')?)?;
    let colon = user_and_password.iter().position(|byte| *byte == b':')?;
    let password = user_and_password.get(colon.saturating_add(1)..)?;
    // `$NAME`, `{name}`, `<name>`, `%s`, `***`: a place for one.
    let is_place =
        password.first().is_none_or(|byte| matches!(byte, b'$' | b'{' | b'<' | b'%' | b'*' | b'['));
    let skip = MARK.len().saturating_add(colon).saturating_add(1);
    (!is_place).then_some((skip, password.len(), "password"))
}

/// Forty characters after a name that says what they are; by themselves they look like any hash.
fn aws_secret(rest: &[u8]) -> Option<(usize, usize, &'static str)> {
    const NAME: &[u8] = b"aws_secret_access_key";
    const LENGTH: usize = 40;
    let named = rest.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    let value = rest.get(NAME.len()..).filter(|_| named)?;
    let gap = value
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'=' | b':' | b'"' | b'\''))
        .filter(|gap| *gap > 0)?;
    let value = run(value.get(gap..)?, Alphabet::Bearer);
    (value.len() == LENGTH).then_some((NAME.len().saturating_add(gap), LENGTH, "aws-secret-key"))
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
