//! Times: in a time zone for people, RFC 3339 in UTC for programs.

use jiff::{Timestamp, tz::TimeZone};

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
}
