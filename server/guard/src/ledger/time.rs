//! When a line was written.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment to the millisecond, UTC; written `2026-11-20T08:15:30.042Z`, and in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Milliseconds since 1970-01-01T00:00:00Z; what lies past the year 9999 counts as its end.
    pub fn from_unix_ms(ms: u64) -> Self {
        const END: u64 = 253_402_300_799_999;
        let nanos = i128::from(ms.min(END)) * 1_000_000;
        Self(OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn unix_ms(self) -> u64 {
        u64::try_from(self.0.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&self.0.format(form).map_err(|_| fmt::Error)?)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = OffsetDateTime::parse(&text, &Rfc3339).ok().map(Self);
        parsed
            .filter(|time| time.to_string() == text)
            .ok_or_else(|| format!("`{text}` is not a time like 2026-11-20T08:15:30.042Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_one_spelling() {
        let time = Timestamp::from_unix_ms(1_795_162_530_042);
        assert_eq!(time.to_string(), "2026-11-20T08:15:30.042Z");
        assert_eq!(Timestamp::try_from(time.to_string()), Ok(time));
        assert_eq!(time.unix_ms(), 1_795_162_530_042);
        for other in ["2026-11-20T08:15:30.042+00:00", "2026-11-20T08:15:30Z", "2026-11-20", ""] {
            assert!(Timestamp::try_from(other.to_owned()).is_err(), "{other}");
        }
    }

    #[test]
    fn a_clock_gone_wild_still_gives_a_time() {
        assert_eq!(Timestamp::from_unix_ms(u64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }
}
