//! Filters: what is printed is one line, is read, and is printed as the same again.

use jiff::{Timestamp, ZonedDateTime, tz::TimeZone};
use restante_ber::Decode;
use restante_mhs::x413::Filter;
use restante_view::filter::{DEPTH_MAX, TEXT_BYTES_MAX, parse, print};

/// Any octets as the text of a filter, and as one that a peer has encoded.
pub fn filter(data: &[u8]) {
    let now = Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC);
    if let Ok(text) = std::str::from_utf8(data) {
        match parse(text, &now) {
            Ok(filter) => comes_back(&filter, &now),
            Err(error) => {
                assert!(error.at <= text.chars().count(), "{error}");
                assert_eq!(error.to_string().lines().count(), 3, "{error}");
            }
        }
    }
    if let Ok(filter) = Filter::from_ber(data)
        && depth(&filter) < DEPTH_MAX
    {
        comes_back(&filter, &now);
    }
}

fn comes_back(filter: &Filter, now: &ZonedDateTime) {
    let text = print(filter);
    assert!(!text.contains(char::is_control), "{text:?}");
    if text.len() > TEXT_BYTES_MAX {
        return;
    }
    let again = parse(&text, now).expect("what is printed is a filter");
    assert_eq!(print(&again), text);
}

fn depth(filter: &Filter) -> usize {
    1 + match filter {
        Filter::Item(_) => 0,
        Filter::Not(filter) => depth(filter),
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().map(depth).max().unwrap_or_default()
        }
    }
}
