//! The one clock of this crate: milliseconds since the server began.
//!
//! Everything else is given the time, so that tests give it too.

use std::time::{Duration, Instant};

/// A clock that began at zero and never goes back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    began: Instant,
}

impl Clock {
    /// Starts at zero.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server's one clock; state is given the time as a number"
    )]
    pub(crate) fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Milliseconds since the start.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How long it is until `at_ms`; zero when that is past.
    pub(crate) fn until(&self, at_ms: u64) -> Duration {
        Duration::from_millis(at_ms).saturating_sub(self.began.elapsed())
    }
}
