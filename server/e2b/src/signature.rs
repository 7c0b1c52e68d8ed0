//! Signatures of file addresses: whoever holds one may read or write that one path until it expires.
//!
//! The text that is hashed: `path:operation:user:token`, then `:expiry` where there is one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

/// What a signature permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `GET /files`.
    Read,
    /// `POST /files`.
    Write,
}

/// The signature of a file address.
///
/// `user` is empty for the default user; `expires_unix_s` is in seconds since 1970, UTC.
pub fn sign(
    path: &str,
    operation: Operation,
    user: &str,
    token: &str,
    expires_unix_s: Option<i64>,
) -> String {
    let operation = match operation {
        Operation::Read => "read",
        Operation::Write => "write",
    };
    let text = match expires_unix_s {
        None => format!("{path}:{operation}:{user}:{token}"),
        Some(at) => format!("{path}:{operation}:{user}:{token}:{at}"),
    };
    format!("v1_{}", STANDARD_NO_PAD.encode(Sha256::digest(text.as_bytes())))
}

/// Whether two texts are the same, in a time that depends only on the length of the second.
pub fn same_in_constant_time(secret: &str, given: &str) -> bool {
    let secret = Sha256::digest(secret.as_bytes());
    let given = Sha256::digest(given.as_bytes());
    secret.iter().zip(given.iter()).fold(0, |differ, (left, right)| differ | (left ^ right)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_speaks_of_path_operation_user_token_and_expiry() {
        let base = sign("/home/user/a", Operation::Read, "", "token", None);
        assert!(base.starts_with("v1_") && !base.ends_with('='), "{base}");
        for other in [
            sign("/home/user/b", Operation::Read, "", "token", None),
            sign("/home/user/a", Operation::Write, "", "token", None),
            sign("/home/user/a", Operation::Read, "root", "token", None),
            sign("/home/user/a", Operation::Read, "", "other", None),
            sign("/home/user/a", Operation::Read, "", "token", Some(1)),
        ] {
            assert_ne!(base, other);
        }
    }

    /// The value was computed by PyPI `e2b` 2.63.0, `e2b.sandbox.signature.get_signature`.
    #[test]
    fn it_is_the_signature_that_the_official_client_makes() {
        let ours = sign("/home/user/a b.txt", Operation::Write, "user", "tok", None);
        assert_eq!(ours, "v1_KliWTWuiJY1rMLkMYdkBjEyKLZ3P/TWDtyGAS3iMARU");
    }

    #[test]
    fn texts_are_compared_as_a_whole() {
        assert!(same_in_constant_time("abc", "abc"));
        assert!(!same_in_constant_time("abc", "abcd"));
        assert!(!same_in_constant_time("abc", ""));
    }
}
