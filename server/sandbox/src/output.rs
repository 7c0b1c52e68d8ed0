//! Keeps the beginning and the end of an output of any length in bounded memory.

use std::collections::VecDeque;

/// Bytes kept of the beginning, and as many of the end.
const EACH: usize = 512 << 10;

/// An output as it is kept.
#[derive(Debug, Default)]
pub struct Kept {
    beginning: Vec<u8>,
    end: VecDeque<u8>,
    cut: u64,
}

impl Kept {
    /// Takes what came next.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = EACH.saturating_sub(self.beginning.len());
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.beginning.extend_from_slice(first);
        self.end.extend(rest);
        let over = self.end.len().saturating_sub(EACH);
        self.end.drain(..over);
        self.cut += over as u64;
    }

    /// The text, lossily decoded; says where how much was cut.
    pub fn into_text(self) -> String {
        let (mut all, end) = (self.beginning, Vec::from(self.end));
        if self.cut > 0 {
            all.extend_from_slice(format!("\n… {} bytes cut …\n", self.cut).as_bytes());
        }
        all.extend_from_slice(&end);
        String::from_utf8_lossy(&all).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pieces: &[&[u8]]) -> String {
        let mut kept = Kept::default();
        pieces.iter().for_each(|piece| kept.push(piece));
        kept.into_text()
    }

    #[test]
    fn a_short_output_is_kept_as_it_is_even_where_a_character_is_split() {
        assert_eq!(kept(&[b"a\xc3", b"\xa4b"]), "aäb");
    }

    #[test]
    fn of_a_long_output_the_middle_is_cut() {
        let text = kept(&[&[b'a'; EACH], &[b'b'; 10], &[b'c'; EACH]]);
        assert_eq!(text.len(), 2 * EACH + "\n… 10 bytes cut …\n".len());
        assert!(text.starts_with("aa") && text.contains("a\n… 10 bytes cut …\nc") && text.ends_with("cc"));
    }
}
