//! Connect's wire form with JSON: envelopes of streams, and errors.
//!
//! A stream is a row of envelopes in both directions (one flag byte, a big-endian u32 length, that many bytes); the
//! last of a response has flag [`END`] and carries an error or nothing. A unary call is plain JSON.
//! invariant: no more memory is taken for an envelope than the reader's limit, whatever its length claims

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Content type of a unary call.
pub const UNARY_TYPE: &str = "application/json";
/// Content type of a stream.
pub const STREAM_TYPE: &str = "application/connect+json";
/// The header and value that name the protocol's version.
pub const VERSION: (&str, &str) = ("connect-protocol-version", "1");
/// How long the call may take, milliseconds; the life of the process for `Start`.
pub const TIMEOUT_MS: &str = "connect-timeout-ms";
/// Flag of the last envelope of a response.
pub const END: u8 = 0x02;
/// Flag of a compressed envelope, which nobody here makes or takes.
const COMPRESSED: u8 = 0x01;
const HEAD: usize = 5;

/// What went wrong with a call; the names are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The caller gave up.
    Canceled,
    /// None of the others.
    Unknown,
    /// The request is wrong.
    InvalidArgument,
    /// It took too long.
    DeadlineExceeded,
    /// What is asked for is not there.
    NotFound,
    /// What is to be made is there.
    AlreadyExists,
    /// The caller may not do it.
    PermissionDenied,
    /// A limit was reached.
    ResourceExhausted,
    /// The state of things does not allow it.
    FailedPrecondition,
    /// It collided with another call.
    Aborted,
    /// Past the end.
    OutOfRange,
    /// Not offered.
    Unimplemented,
    /// A fault of the server's.
    Internal,
    /// Try again later.
    Unavailable,
    /// Something is lost for good.
    DataLoss,
    /// Who calls is not known.
    Unauthenticated,
}

impl Code {
    /// The HTTP status of a unary call that fails so.
    pub fn status(self) -> u16 {
        match self {
            Self::Canceled => 499,
            Self::Unknown | Self::Internal | Self::DataLoss => 500,
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::DeadlineExceeded => 504,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::PermissionDenied => 403,
            Self::ResourceExhausted => 429,
            Self::Unimplemented => 501,
            Self::Unavailable => 503,
            Self::Unauthenticated => 401,
        }
    }

    /// The code that a plain answer with this status amounts to.
    pub fn of_status(status: u16) -> Self {
        match status {
            400 | 422 => Self::InvalidArgument,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::AlreadyExists,
            413 | 429 | 507 => Self::ResourceExhausted,
            499 => Self::Canceled,
            500 => Self::Internal,
            501 | 505 => Self::Unimplemented,
            502 | 503 => Self::Unavailable,
            504 => Self::DeadlineExceeded,
            _ => Self::Unknown,
        }
    }
}

/// An error of a call: the whole body of a unary one, part of the last envelope of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{message}")]
pub struct Fault {
    /// What kind.
    pub code: Code,
    /// In words.
    #[serde(default)]
    pub message: String,
}

impl Fault {
    /// A fault in words.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The content of the last envelope of a response.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EndOfStream {
    /// Why it failed; `None`: it went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Fault>,
}

/// One envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Whether it is the last of a response.
    pub end: bool,
    /// JSON.
    pub body: Vec<u8>,
}

/// An envelope around a message.
pub fn message<T: Serialize>(message: &T) -> Vec<u8> {
    wrap(0, message)
}

/// The last envelope of a response.
pub fn end(error: Option<Fault>) -> Vec<u8> {
    wrap(END, &EndOfStream { error })
}

fn wrap<T: Serialize>(flag: u8, content: &T) -> Vec<u8> {
    let mut bytes = vec![flag, 0, 0, 0, 0];
    // The messages of this crate hold nothing that JSON can not say; an empty object stands for what could not be.
    if serde_json::to_writer(&mut bytes, content).is_err() {
        bytes.truncate(HEAD);
        bytes.extend_from_slice(b"{}");
    }
    let length = u32::try_from(bytes.len().saturating_sub(HEAD)).unwrap_or(u32::MAX).to_be_bytes();
    for (place, byte) in bytes.iter_mut().skip(1).zip(length) {
        *place = byte;
    }
    bytes
}

/// Why bytes are no row of envelopes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnvelopeError {
    /// An envelope claims to be larger than the reader takes.
    #[error("an envelope of {claimed} bytes is over the limit of {limit}")]
    TooLarge {
        /// The length that it claims.
        claimed: usize,
        /// The reader's limit.
        limit: usize,
    },
    /// Compressed envelopes are not taken.
    #[error("compressed envelopes are not taken; send without Connect-Content-Encoding")]
    Compressed,
}

/// Takes bytes as they come and gives whole envelopes.
#[derive(Debug)]
pub struct Reader {
    held: Vec<u8>,
    limit: usize,
}

impl Reader {
    /// A reader that takes envelopes of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { held: Vec::new(), limit }
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole envelope; `None`: more bytes are needed.
    pub fn take(&mut self) -> Result<Option<Envelope>, EnvelopeError> {
        let Some((&[flag, a, b, c, d], rest)) = self.held.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(EnvelopeError::TooLarge { claimed: length, limit: self.limit });
        }
        if flag & COMPRESSED != 0 {
            return Err(EnvelopeError::Compressed);
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let envelope = Envelope { end: flag & END != 0, body: body.to_vec() };
        self.held.drain(..HEAD + length);
        Ok(Some(envelope))
    }

    /// Whether part of an envelope is held, so that an end here would be a cut.
    pub fn is_amid(&self) -> bool {
        !self.held.is_empty()
    }
}

#[cfg(test)]
mod tests;
