//! Envelopes: whole, cut, absurd, packed.

use serde_json::json;

use super::*;

#[test]
fn envelopes_come_out_whole_however_the_bytes_are_cut() {
    let mut bytes = message(&json!({"a": 1}));
    bytes.extend(message(&json!({})));
    bytes.extend(end(Some(Fault::new(Code::NotFound, "gone"))));
    for cut in 1..bytes.len() {
        let mut reader = Reader::new(1024);
        let mut out = Vec::new();
        for piece in bytes.chunks(cut) {
            reader.push(piece);
            while let Some(envelope) = reader.take().unwrap() {
                out.push((envelope.end, String::from_utf8(envelope.body).unwrap()));
            }
        }
        assert!(!reader.is_amid());
        assert_eq!(
            out,
            [
                (false, r#"{"a":1}"#.to_owned()),
                (false, "{}".to_owned()),
                (true, r#"{"error":{"code":"not_found","message":"gone"}}"#.to_owned()),
            ]
        );
    }
}

#[test]
fn an_absurd_length_is_refused_before_any_memory_is_taken_for_it() {
    let mut reader = Reader::new(1024);
    reader.push(&[0, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(reader.take(), Err(EnvelopeError::TooLarge { claimed: 0xffff_ffff, limit: 1024 }));
}

#[test]
fn a_compressed_envelope_is_refused_in_words() {
    let mut reader = Reader::new(1024);
    reader.push(&[1, 0, 0, 0, 0]);
    assert_eq!(reader.take(), Err(EnvelopeError::Compressed));
}

#[test]
fn a_good_end_is_an_empty_object() {
    assert_eq!(end(None), [2, 0, 0, 0, 2, b'{', b'}']);
}
