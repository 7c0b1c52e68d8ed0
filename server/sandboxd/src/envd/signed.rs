//! Signed addresses of files: whoever has one needs no token.

use axum::http::{Method, Request};
use bodkin_e2b::files;
use bodkin_e2b::signature::{Operation, same_in_constant_time, sign};

use crate::clock;
use crate::control::form;
use crate::failure::Failure;
use crate::sandbox::Sandbox;

/// The signature in an address, and what it was made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signed {
    operation: Option<Operation>,
    path: String,
    user: String,
    signature: String,
    expires_unix_s: Option<i64>,
}

impl Signed {
    /// The signature that a request shows; `None`: none, or not for a file.
    pub(crate) fn of<B>(request: &Request<B>) -> Option<Self> {
        Self::parse(request.method(), request.uri().path(), request.uri().query()?)
    }

    pub(crate) fn parse(method: &Method, path: &str, query: &str) -> Option<Self> {
        let operation = match *method {
            Method::GET | Method::HEAD => Operation::Read,
            Method::POST => Operation::Write,
            _ => return None,
        };
        if path != files::PATH {
            return None;
        }
        let mut signed = Self { operation: Some(operation), ..Self::default() };
        for (name, value) in form(query) {
            match name.as_str() {
                "path" => signed.path = value,
                "username" => signed.user = value,
                "signature" => signed.signature = value,
                // An expiry that is no number signs nothing.
                "signature_expiration" => signed.expires_unix_s = Some(value.parse().ok()?),
                _ => {}
            }
        }
        (!signed.signature.is_empty()).then_some(signed)
    }

    /// Whether the sandbox's token made it.
    pub(crate) fn is_by(&self, sandbox: &Sandbox) -> bool {
        let made =
            self.operation.map(|it| sign(&self.path, it, &self.user, sandbox.token(), self.expires_unix_s));
        made.is_some_and(|made| same_in_constant_time(&made, &self.signature))
    }

    /// Whether it is the sandbox's, and not too old.
    pub(crate) fn check(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        if !self.is_by(sandbox) {
            return Err(Failure::unauthorized("the signature is not this sandbox's for this file"));
        }
        let now = i64::try_from(clock::unix_ms() / 1000).unwrap_or(i64::MAX);
        match self.expires_unix_s {
            Some(at) if at < now => Err(Failure::unauthorized("the signature has expired")),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_read_from_the_address_of_a_file_alone() {
        let query = "path=%2Fa%20b&signature=v1_a%2Bb&signature_expiration=12&username=user";
        let signed = Signed::parse(&Method::GET, "/files", query).unwrap();
        assert_eq!(
            (signed.path.as_str(), signed.signature.as_str(), signed.expires_unix_s),
            ("/a b", "v1_a+b", Some(12))
        );
        assert_eq!(Signed::parse(&Method::GET, "/envs", query), None);
        assert_eq!(Signed::parse(&Method::DELETE, "/files", query), None);
        assert_eq!(Signed::parse(&Method::GET, "/files", "path=a"), None);
        assert_eq!(Signed::parse(&Method::GET, "/files", "signature=v1_x&signature_expiration=never"), None);
    }
}
