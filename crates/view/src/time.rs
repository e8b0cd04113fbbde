//! Times: in a time zone for people, RFC 3339 in UTC for programs; and as people type them.

use jiff::{Span, Timestamp, ZonedDateTime, civil::DateTime, tz::TimeZone};

/// How a time may be typed, for who typed another.
pub const FORMS: &str =
    "2025-11-24, 2025-11-24T08:30, 2025-11-24T08:30:00Z or how long ago: 2h, 3d";

/// A time as typed: RFC 3339, a date and time of the time zone of `now`, a date, which is its
/// first moment, or how long ago (`2h`, `3 days`).
pub fn parse(text: &str, now: &ZonedDateTime) -> Option<Timestamp> {
    let text = text.trim();
    let there = || {
        let there = text.parse::<DateTime>().ok()?;
        there.to_zoned_datetime(now.time_zone().clone()).ok().map(|there| there.timestamp())
    };
    let ago = || {
        let span = text.parse::<Span>().ok()?;
        now.checked_sub(span).ok().map(|then| then.timestamp())
    };
    text.parse().ok().or_else(there).or_else(ago)
}

/// A time for people.
pub fn local(seconds: i64, zone: &TimeZone) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => seconds.to_string(),
    }
}

/// A time for programs.
pub fn utc(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_is_that_of_the_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(-3));
        assert_eq!(local(1_763_973_000, &zone), "2025-11-24 05:30:00");
    }

    #[test]
    fn times_as_people_type_them() {
        let now: ZonedDateTime = "2025-11-24T10:00[+01:00]".parse().unwrap();
        let read = |text: &str| parse(text, &now).map(|time| time.to_string());
        for (typed, meant) in [
            ("2025-11-24T08:30:00Z", "2025-11-24T08:30:00Z"),
            ("2025-11-24T08:30", "2025-11-24T07:30:00Z"),
            ("2025-11-24 08:30", "2025-11-24T07:30:00Z"),
            ("2025-11-24", "2025-11-23T23:00:00Z"),
            ("2h", "2025-11-24T07:00:00Z"),
            ("3 days", "2025-11-21T09:00:00Z"),
        ] {
            assert_eq!(read(typed).as_deref(), Some(meant));
        }
        assert_eq!(read("yesterday"), None);
    }
}
