//! API keys: a text file, one key a line, with what each may use.
//!
//! `name key-or-blake3:hash [sandboxes=N] [memory_mb=N] [life_s=N]`; `#` begins a comment. Keys are held as hashes and
//! compared by hash in constant time, so neither memory nor timing tells one.

use std::sync::Arc;

use thiserror::Error;

use crate::random;

/// What a key may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Sandboxes at once, frozen ones too.
    pub sandboxes: usize,
    /// Memory of one sandbox, MiB.
    pub memory_mb: u64,
    /// Life of one sandbox at most, seconds; also how long it may stay frozen.
    pub life_s: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self { sandboxes: 100, memory_mb: 2048, life_s: 86_400 }
    }
}

/// A key: a name, the hash of what must be shown, and a quota.
#[derive(Debug)]
pub struct Key {
    /// What the ledger calls it.
    pub name: String,
    /// What it may use.
    pub quota: Quota,
    hash: blake3::Hash,
}

/// All keys.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<Arc<Key>>);

/// What is wrong with a key file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeysError {
    /// A line can not be read.
    #[error(
        "line {line} of the key file: {what}; a line reads `name key [sandboxes=N] [memory_mb=N] [life_s=N]`"
    )]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// There is no key in it.
    #[error(
        "the key file holds no key; a line reads `name key`, and `bodkin sandboxd --new-key NAME` prints one"
    )]
    Empty,
}

impl Keys {
    /// Reads the text of a key file.
    pub fn parse(text: &str) -> Result<Self, KeysError> {
        let mut keys: Vec<Arc<Key>> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |what: String| KeysError::Line { line: number + 1, what };
            let key = parse_line(line).map_err(wrong)?;
            if keys.iter().any(|other| other.name == key.name || other.hash == key.hash) {
                return Err(wrong(format!("the name `{}` or its key stands there twice", key.name)));
            }
            keys.push(Arc::new(key));
        }
        if keys.is_empty() { Err(KeysError::Empty) } else { Ok(Self(keys)) }
    }

    /// The key that was shown; every key is compared, each in constant time.
    pub(crate) fn find(&self, shown: &str) -> Option<Arc<Key>> {
        let hash = blake3::hash(shown.as_bytes());
        self.0.iter().fold(None, |found, key| if key.hash == hash { Some(key.clone()) } else { found })
    }
}

fn parse_line(line: &str) -> Result<Key, String> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(secret)) = (words.next(), words.next()) else {
        return Err("a name and a key are needed".to_owned());
    };
    let hash = match secret.strip_prefix("blake3:") {
        Some(hex) => blake3::Hash::from_hex(hex).map_err(|error| format!("the hash of `{name}`: {error}"))?,
        None if secret.len() < 16 => {
            return Err(format!("the key of `{name}` is shorter than 16 characters"));
        }
        None => blake3::hash(secret.as_bytes()),
    };
    let mut quota = Quota::default();
    for word in words {
        let number = |text: &str| text.parse::<u64>().map_err(|error| format!("`{word}`: {error}"));
        match word.split_once('=') {
            Some(("sandboxes", count)) => {
                quota.sandboxes = usize::try_from(number(count)?).unwrap_or(usize::MAX);
            }
            Some(("memory_mb", size)) => quota.memory_mb = number(size)?,
            Some(("life_s", seconds)) => quota.life_s = number(seconds)?,
            _ => return Err(format!("`{word}` is no quota")),
        }
    }
    Ok(Key { name: name.to_owned(), quota, hash })
}

/// A fresh key, and the line for the key file that knows it by its hash alone.
pub fn fresh_key(name: &str) -> std::io::Result<(String, String)> {
    let key = format!("bsk_{}", random::word(40)?);
    let line = format!("{name} blake3:{}", blake3::hash(key.as_bytes()).to_hex());
    Ok((key, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_key_is_found_by_the_line_that_holds_only_its_hash() {
        let (key, line) = fresh_key("ci").unwrap();
        assert!(!line.contains(&key));
        let keys = Keys::parse(&format!("# keys\n\n{line} sandboxes=3 life_s=60 # of the build\n")).unwrap();
        let found = keys.find(&key).unwrap();
        assert_eq!((found.name.as_str(), found.quota.sandboxes, found.quota.life_s), ("ci", 3, 60));
        assert!(keys.find("bsk_other").is_none());
        assert!(keys.find("").is_none());
    }

    #[test]
    fn a_wrong_line_is_told_with_its_number() {
        for (text, says) in [
            ("a", "line 1 of the key file: a name and a key are needed"),
            ("\na short", "line 2 of the key file: the key of `a` is shorter than 16 characters"),
            ("a 0123456789abcdef speed=9", "`speed=9` is no quota"),
            ("a 0123456789abcdef\na 0123456789abcdeg", "line 2 of the key file: the name `a`"),
            ("a blake3:zz", "line 1 of the key file: the hash of `a`"),
            ("# nothing", "holds no key"),
        ] {
            let error = Keys::parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
