//! Times as people type them, and the present.

use anyhow::Context;
use jiff::{Timestamp, ZonedDateTime};
use restante_ber::UtcTime;
use restante_view::time;

/// The present.
pub(crate) fn now() -> UtcTime {
    UtcTime(Timestamp::now().as_second())
}

/// A time on the command line.
pub(crate) fn argument(text: &str) -> anyhow::Result<UtcTime> {
    let time = time::parse(text, &ZonedDateTime::now());
    let time = time.with_context(|| format!("`{text}` is no time; write {}", time::FORMS))?;
    Ok(UtcTime(time.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_time_says_what_is_one() {
        assert_eq!(argument("2025-11-24T08:30:00Z").unwrap(), UtcTime(1_763_973_000));
        let error = argument("yesterday").unwrap_err().to_string();
        assert!(error.starts_with("`yesterday` is no time; write 2025-11-24,"), "{error}");
    }
}
