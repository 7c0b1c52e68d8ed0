//! Times as the protocol writes them: RFC 3339 in UTC with milliseconds.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `2026-11-20T08:09:10.123Z` out of milliseconds since 1970, UTC. What no calendar holds becomes 1970.
pub fn rfc3339(unix_ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let date = at.date();
    let (hour, minute, second, milli) = at.time().as_hms_milli();
    format!(
        "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

/// Milliseconds since 1970, UTC, out of RFC 3339 text; `None` if it is none.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds_and_read_back() {
        let text = rfc3339(1_795_161_600_123);
        assert_eq!(text, "2026-11-20T08:00:00.123Z");
        assert_eq!(parse_rfc3339(&text), Some(1_795_161_600_123));
        assert_eq!(parse_rfc3339("2026-11-20T09:00:00.123456789+01:00"), Some(1_795_161_600_123));
    }

    #[test]
    fn a_time_that_no_calendar_holds_is_no_panic() {
        assert_eq!(rfc3339(i64::MAX), "1970-01-01T00:00:00.000Z");
        assert_eq!(parse_rfc3339("yesterday"), None);
    }
}
