//! Times as people type them.

use anyhow::Context;
use jiff::{Span, Timestamp, ZonedDateTime, civil::DateTime};
use restante_ber::UtcTime;

/// The present.
pub(crate) fn now() -> UtcTime {
    UtcTime(Timestamp::now().as_second())
}

/// A time as typed: RFC 3339, a date and time of the time zone, a date, or how long ago (`2h`,
/// `3 days`).
pub(crate) fn parse(text: &str, now: &ZonedDateTime) -> anyhow::Result<UtcTime> {
    let text = text.trim();
    let ago = || now.checked_sub(text.parse::<Span>()?).map(|then| then.timestamp());
    let there = || text.parse::<DateTime>()?.to_zoned_datetime(now.time_zone().clone());
    let time = text
        .parse::<Timestamp>()
        .or_else(|_| there().map(|there| there.timestamp()))
        .or_else(|_| ago())
        .ok()
        .with_context(|| {
            format!(
                "`{text}` is no time; write 2025-11-24, 2025-11-24T08:30, 2025-11-24T08:30:00Z or \
                 how long ago: 2h, 3d"
            )
        })?;
    Ok(UtcTime(time.as_second()))
}

/// [`parse`] for the command line.
pub(crate) fn argument(text: &str) -> anyhow::Result<UtcTime> {
    parse(text, &ZonedDateTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_type_them() {
        let now: ZonedDateTime = "2025-11-24T10:00[+01:00]".parse().unwrap();
        let seconds = |text: &str| restante_view::time::utc(parse(text, &now).unwrap().0);
        assert_eq!(seconds("2025-11-24T08:30:00Z"), "2025-11-24T08:30:00Z");
        assert_eq!(seconds("2025-11-24T08:30"), "2025-11-24T07:30:00Z");
        assert_eq!(seconds("2025-11-24 08:30"), "2025-11-24T07:30:00Z");
        assert_eq!(seconds("2025-11-24"), "2025-11-23T23:00:00Z");
        assert_eq!(seconds("2h"), "2025-11-24T07:00:00Z");
        assert_eq!(seconds("3 days"), "2025-11-21T09:00:00Z");
        let error = parse("yesterday", &now).unwrap_err().to_string();
        assert!(error.starts_with("`yesterday` is no time; write 2025-11-24,"), "{error}");
    }
}
