//! Names and tokens that nobody can guess, out of the kernel's random numbers.

use std::io;

use rustix::rand::{GetRandomFlags, getrandom};

const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// `length` letters and digits, five random bits each.
pub(crate) fn word(length: usize) -> io::Result<String> {
    let mut bytes = vec![0_u8; length];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        filled += getrandom(rest, GetRandomFlags::empty())?;
    }
    let letters = bytes.iter().map(|byte| LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'a'));
    Ok(letters.map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words_are_as_long_as_asked_and_differ() {
        let (one, other) = (word(40).unwrap(), word(40).unwrap());
        assert_eq!(one.len(), 40);
        assert_ne!(one, other);
        assert!(one.chars().all(|it| it.is_ascii_alphanumeric()), "{one}");
    }
}
