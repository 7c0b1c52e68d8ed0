//! Why a request is not done: one value, written as the plane that is asked writes it.

use axum::Json;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use bodkin_e2b::connect::{self, Code, Fault};
use bodkin_e2b::control::ApiError;
use bodkin_guard::SinkError;
use bodkin_sandbox::SandboxError;

/// Tells a client whether the same request may do better later.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("should-retry");

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The HTTP status of a plain answer.
    pub(crate) status: StatusCode,
    /// The code of a call's answer.
    pub(crate) code: Code,
    /// In words, with the next step where there is one.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidArgument, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, Code::PermissionDenied, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, Code::AlreadyExists, message)
    }

    pub(crate) fn over_quota(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, message)
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message)
    }

    /// A sandbox that the control plane does not know.
    pub(crate) fn no_sandbox(id: &str) -> Self {
        Self::not_found(ApiError::sandbox_not_found(404, id).message)
    }

    /// A sandbox whose own API is called, and which is not there: in the words by which clients know it.
    pub(crate) fn dead_sandbox(id: &str) -> Self {
        let message = ApiError::sandbox_not_found(502, id).message;
        Self::new(StatusCode::BAD_GATEWAY, Code::Unavailable, message)
    }

    /// As the answer of a unary call.
    pub(crate) fn into_unary(self) -> Response {
        if self.status == StatusCode::BAD_GATEWAY {
            return self.into_response();
        }
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.into_fault())).into_response()
    }

    /// As the last envelope of a stream.
    pub(crate) fn into_end(self) -> Vec<u8> {
        connect::end(Some(self.into_fault()))
    }

    pub(crate) fn into_fault(self) -> Fault {
        Fault::new(self.code, self.message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // A full quota is not free a moment later, and a lost sandbox does not come back.
        let again = if self.status == StatusCode::SERVICE_UNAVAILABLE { "true" } else { "false" };
        let body = ApiError { code: self.status.as_u16(), message: self.message };
        (self.status, [(SHOULD_RETRY, again)], Json(body)).into_response()
    }
}

impl From<SandboxError> for Failure {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the system's kinds of error are not ours, and grow")]
    fn from(error: SandboxError) -> Self {
        use std::io::ErrorKind;
        let message = error.to_string();
        let source = match error {
            SandboxError::Unavailable { .. } => return Self::unavailable(message),
            SandboxError::Stale(_) => return Self::conflict(message),
            SandboxError::Io { source, .. } => source,
        };
        if source.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
            return Self::bad(message);
        }
        match source.kind() {
            ErrorKind::NotFound => Self::not_found(message),
            ErrorKind::AlreadyExists => Self::conflict(message),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::new(StatusCode::BAD_REQUEST, Code::PermissionDenied, message)
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, Code::ResourceExhausted, message)
            }
            ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::DirectoryNotEmpty
            | ErrorKind::Unsupported
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::InvalidData => Self::bad(message),
            _ => Self::internal(message),
        }
    }
}

impl From<SinkError> for Failure {
    fn from(error: SinkError) -> Self {
        Self::unavailable(format!("{error}; nothing was done, as nothing is done unrecorded"))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn an_error_of_the_system_has_the_status_that_clients_expect() {
        for (kind, status) in [
            (io::ErrorKind::NotFound, 404),
            (io::ErrorKind::PermissionDenied, 400),
            (io::ErrorKind::IsADirectory, 400),
            (io::ErrorKind::StorageFull, 507),
            (io::ErrorKind::OutOfMemory, 500),
        ] {
            let failure = Failure::from(SandboxError::Io { what: "x".into(), source: kind.into() });
            assert_eq!(failure.status.as_u16(), status, "{kind:?}");
        }
    }
}
