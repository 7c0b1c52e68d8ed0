//! What failed while the walls were built, in a form that crosses the socket.

use std::io;

/// A stage and the system's answer.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) stage: String,
    pub(super) errno: i32,
}

/// Names what was being done when it failed.
pub(super) trait During<T> {
    fn during(self, stage: impl Into<String>) -> Result<T, Trouble>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, stage: impl Into<String>) -> Result<T, Trouble> {
        self.map_err(|error| Trouble {
            stage: stage.into(),
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        })
    }
}

impl<T> During<T> for rustix::io::Result<T> {
    fn during(self, stage: impl Into<String>) -> Result<T, Trouble> {
        self.map_err(io::Error::from).during(stage)
    }
}
