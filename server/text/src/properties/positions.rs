//! Positions against a list of lines of UTF-16 units.

use proptest::prelude::*;

use super::{boundaries, config, text};
use crate::{Encoding, Line0, LineIndex, Position};

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

fn width(character: char, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => character.len_utf8(),
        Encoding::Utf16 => character.encode_utf16(&mut [0; 2]).len(),
        Encoding::Utf32 => 1,
    }
}

/// Each line as its first offset and its characters, walked one by one.
fn plain_lines(text: &str) -> Vec<(usize, Vec<char>)> {
    let mut lines = vec![(0, Vec::new())];
    let mut after_cr = false;
    for (at, character) in text.char_indices() {
        let next = at + character.len_utf8();
        match character {
            '\n' if after_cr => lines.last_mut().unwrap().0 = next,
            '\n' | '\r' => lines.push((next, Vec::new())),
            other => lines.last_mut().unwrap().1.push(other),
        }
        after_cr = character == '\r';
    }
    lines
}

fn plain_offset(text: &str, at: Position, encoding: Encoding) -> Option<usize> {
    let lines = plain_lines(text);
    let (start, characters) = lines.get(at.line.0 as usize)?;
    let (mut offset, mut column) = (*start, 0);
    for it in characters {
        column += width(*it, encoding);
        if column > at.column as usize {
            break;
        }
        offset += it.len_utf8();
    }
    Some(offset)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn offsets_agree_with_a_walk_over_the_characters(text in text(), line in 0_u32..12, column in 0_u32..40) {
        let index = LineIndex::new(&text);
        let at = Position { line: Line0(line), column };
        for encoding in ENCODINGS {
            let plain = plain_offset(&text, at, encoding);
            prop_assert_eq!(index.offset_strict(at, encoding), plain);
            prop_assert_eq!(index.offset(at, encoding), plain.unwrap_or(text.len()));
        }
    }

    #[test]
    fn every_offset_has_a_position_that_leads_back(text in text()) {
        let index = LineIndex::new(&text);
        for offset in boundaries(&text).into_iter().filter(|at| !text[..*at].ends_with('\r') || !text[*at..].starts_with('\n')) {
            for encoding in ENCODINGS {
                let position = index.position(offset, encoding);
                prop_assert_eq!(index.offset(position, encoding), offset);
            }
        }
    }

    #[test]
    fn no_offset_and_no_position_is_too_wild(text in text(), offset in any::<usize>(), line: u32, column: u32) {
        let index = LineIndex::new(&text);
        for encoding in ENCODINGS {
            for offset in (0..text.len() + 3).chain([offset]) {
                let back = index.offset(index.position(offset, encoding), encoding);
                prop_assert!(text.is_char_boundary(back) && back <= offset);
            }
            for line in [line, line % 8] {
                let offset = index.offset(Position { line: Line0(line), column }, encoding);
                prop_assert!(text.is_char_boundary(offset));
            }
        }
    }

    #[test]
    fn lines_with_their_ends_are_the_text(text in text()) {
        let index = LineIndex::new(&text);
        let plain = plain_lines(&text);
        prop_assert_eq!(index.line_count(), plain.len());
        let mut joined = String::new();
        for (number, (start, characters)) in plain.into_iter().enumerate() {
            let line = Line0(number as u32);
            let bare = index.line_range(line).unwrap();
            prop_assert_eq!(bare.start, start);
            prop_assert_eq!(bare.of(&text).unwrap(), characters.into_iter().collect::<String>());
            joined.push_str(index.line_range_with_end(line).unwrap().of(&text).unwrap());
        }
        prop_assert_eq!(joined, text);
    }
}
