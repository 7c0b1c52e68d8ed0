//! Messages on the wire: a header with the length, then that many bytes of JSON.
//!
//! Knows bytes, not methods. A body that is not JSON is skipped and told, and the next message is read as if
//! nothing had happened. Reads at most [`LIMIT`] bytes for one message.

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

/// The longest message that is taken, bytes; documents above 5 MB are not worked on, JSON may double their size.
const LIMIT: usize = 256 << 20;

/// One message, or why it could not be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    /// A message.
    Message(Value),
    /// A body that is not JSON; the connection goes on.
    NotJson(String),
}

/// Reads the next message; `None` at the end of the stream.
///
/// An error means that the place of the next message is lost: no length, or a cut stream.
pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let Some(length) = read_length(input)? else { return Ok(None) };
    if length > LIMIT {
        return Err(bad(format!("a message of {length} bytes is longer than {LIMIT}")));
    }
    let mut body = Vec::new();
    let got = input.take(length as u64).read_to_end(&mut body)?;
    if got < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(match serde_json::from_slice(&body) {
        Ok(message) => Frame::Message(message),
        Err(error) => Frame::NotJson(error.to_string()),
    }))
}

/// Writes one message, given as its JSON, and flushes it.
pub(crate) fn write(output: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    output.write_all(&bytes)?;
    output.flush()
}

/// Reads header lines up to the empty one; lines other than the length are passed over.
fn read_length(input: &mut impl BufRead) -> io::Result<Option<usize>> {
    let mut length = None;
    let mut any = false;
    loop {
        let mut line = Vec::new();
        let got = input.by_ref().take(4096).read_until(b'\n', &mut line)?;
        if got == 0 {
            return if any { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            match (length, any) {
                (Some(length), _) => return Ok(Some(length)),
                (None, false) => continue, // stray empty lines between messages do no harm
                (None, true) => return Err(bad("a message without Content-Length".to_owned())),
            }
        }
        any = true;
        if let Some((name, value)) = text.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            let value = value.trim();
            length = Some(value.parse().map_err(|_| bad(format!("`{value}` is not a length")))?);
        }
    }
}

fn bad(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(mut bytes: &[u8]) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match read(&mut bytes) {
                Ok(Some(Frame::Message(message))) => seen.push(message.to_string()),
                Ok(Some(Frame::NotJson(_))) => seen.push("not JSON".to_owned()),
                Ok(None) => return seen,
                Err(error) => {
                    seen.push(format!("lost: {error}"));
                    return seen;
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        for message in [json!({"a": "ü\u{2028}😀"}), json!([1])] {
            write(&mut bytes, &serde_json::to_vec(&message).unwrap()).unwrap();
        }
        assert_eq!(all(&bytes), ["{\"a\":\"ü\u{2028}😀\"}", "[1]"]);
    }

    #[test]
    fn a_body_that_is_not_json_does_not_end_the_connection() {
        assert_eq!(all(b"Content-Length: 2\r\n\r\n{]Content-Length: 1\r\n\r\n7"), ["not JSON", "7"]);
    }

    #[test]
    fn other_headers_and_their_case_do_not_matter() {
        let bytes = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:1\r\n\r\n7";
        assert_eq!(all(bytes), ["7"]);
    }

    #[test]
    fn a_lost_place_is_told() {
        assert_eq!(all(b"Content-Length: x\r\n\r\n7"), ["lost: `x` is not a length"]);
        assert_eq!(all(b"Content-Type: a\r\n\r\n7"), ["lost: a message without Content-Length"]);
        assert_eq!(all(b"Content-Length: 9\r\n\r\n7"), ["lost: unexpected end of file"]);
        assert_eq!(all(b"Content-Length: 99999999999\r\n\r\n7").len(), 1);
    }
}
