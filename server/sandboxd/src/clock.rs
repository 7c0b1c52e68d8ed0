//! The two clocks: lives are counted on the one that never jumps, told on the one that people read.
#![expect(clippy::disallowed_methods, reason = "a daemon keeps time")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, on the clock that never jumps.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Now, milliseconds since 1970, UTC.
pub(crate) fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
