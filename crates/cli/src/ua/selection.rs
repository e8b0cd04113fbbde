//! Which entries are meant: the options of list, summarize and fetch as a selector (X.413 §8.1).

use clap::Args;
use jiff::ZonedDateTime;
use restante_ber::{Oid, UtcTime};
use restante_mhs::x413::{
    AttributeValue, AttributeValueAssertion, EntryClass, Filter, FilterItem, NumberRange,
    RetrievalStatus, Selector, SequenceNumber, Substring, Substrings, TimeRange, oids as ms,
};
use restante_mhs::{x411::Priority, x413, x420};

use super::numbers::Range;
use crate::time;

/// Which entries.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct Selection {
    /// Entries with these numbers: 5..9, 5.. or ..9
    #[arg(long, value_name = "A..B")]
    range: Option<Range>,
    /// Entries made at this time or later: 2025-11-24, 2025-11-24T08:30, or an age: 2h, 3d
    #[arg(long, value_name = "TIME", value_parser = time::argument)]
    since: Option<UtcTime>,
    /// Entries of which this holds; the words are those of restante ua search
    #[arg(long, value_name = "FILTER", value_parser = filter)]
    filter: Option<Filter>,
    /// Entries with this status: new, listed or processed
    #[arg(long, value_parser = status)]
    status: Option<RetrievalStatus>,
    /// Entries with this priority: non-urgent, normal or urgent
    #[arg(long, value_parser = priority)]
    priority: Option<Priority>,
    /// Messages with this in their subject
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// At most so many entries
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// The class of entries: delivery, submission, draft, … or its number
    #[arg(long, value_name = "CLASS", default_value = "delivery", value_parser = class)]
    class: EntryClass,
    /// Child-entries too: forwarded messages and returned contents
    #[arg(long)]
    children: bool,
}

/// A filter as people write it; its times are those of this machine's time zone.
pub(crate) fn filter(text: &str) -> Result<Filter, String> {
    // Clap puts words of its own in front: the mark would not stand under its place.
    let filter = restante_view::filter::parse(text, &ZonedDateTime::now());
    filter.map_err(|error| format!("\n{error}"))
}

pub(super) fn status(text: &str) -> Result<RetrievalStatus, String> {
    named(text, 0..3, RetrievalStatus, RetrievalStatus::name)
}

/// A priority by name.
pub(crate) fn priority(text: &str) -> Result<Priority, String> {
    named(text, 0..3, Priority, Priority::name)
}

pub(super) fn class(text: &str) -> Result<EntryClass, String> {
    let number = text.parse().ok().map(EntryClass);
    number.map_or_else(|| named(text, 0..8, EntryClass, EntryClass::name), Ok)
}

/// The value with a name among those of a standard.
fn named<T: Copy>(
    text: &str,
    numbers: std::ops::Range<i64>,
    make: impl Fn(i64) -> T,
    name: impl Fn(T) -> Option<String>,
) -> Result<T, String> {
    let known: Vec<_> =
        numbers.map(make).filter_map(|value| name(value).map(|name| (name, value))).collect();
    match known.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<_> = known.into_iter().map(|(name, _)| name).collect();
            Err(format!("`{text}` is none of {}", names.join(", ")))
        }
    }
}

impl Selection {
    /// The class of entries.
    pub(super) fn class(&self) -> EntryClass {
        self.class
    }

    /// The selector; `next` is where to go on, as a result said.
    pub(super) fn selector(&self, next: Option<SequenceNumber>) -> Selector {
        self.selector_with(None, next)
    }

    /// The selector of what a filter holds for as well.
    pub(super) fn selector_with(
        &self,
        filter: Option<&Filter>,
        next: Option<SequenceNumber>,
    ) -> Selector {
        let mut items = self.items();
        let numbers = match (self.range, next) {
            (range, Some(next)) => Some(NumberRange {
                from: Some(next),
                to: range.and_then(|r| r.to).map(Into::into),
            }),
            (range, None) => range.map(Into::into),
        };
        let range = match (numbers, self.since) {
            (Some(numbers), since) => {
                // A selector has one range: the time becomes a part of the filter.
                items.extend(since.map(|since| {
                    FilterItem::GreaterOrEqual(assertion(ms::ID_ATT_CREATION_TIME, &since))
                }));
                Some(x413::Range::SequenceNumberRange(numbers))
            }
            (None, Some(since)) => {
                Some(x413::Range::CreationTimeRange(TimeRange { from: Some(since), to: None }))
            }
            (None, None) => None,
        };
        let mut filters: Vec<_> = items.into_iter().map(Filter::Item).collect();
        filters.extend(self.filter.iter().chain(filter).cloned());
        let filter = match filters.len() {
            0 | 1 => filters.pop(),
            _ => Some(Filter::And(filters)),
        };
        Selector {
            child_entries: self.children,
            range,
            filter,
            limit: self.limit,
            r#override: None,
        }
    }

    fn items(&self) -> Vec<FilterItem> {
        let status = self
            .status
            .map(|status| FilterItem::Equality(assertion(ms::ID_ATT_RETRIEVAL_STATUS, &status)));
        let priority = self
            .priority
            .map(|priority| FilterItem::Equality(assertion(ms::ID_ATT_PRIORITY, &priority)));
        let subject = self.subject.as_deref().map(subject);
        [status, priority, subject].into_iter().flatten().collect()
    }
}

/// An equality or an order that an attribute is to fulfil.
pub(crate) fn assertion(
    attribute: Oid,
    value: &impl restante_ber::Encode,
) -> AttributeValueAssertion {
    AttributeValueAssertion {
        attribute_type: attribute,
        attribute_value: AttributeValue::of(value),
    }
}

/// Subjects with a text in them.
fn subject(text: &str) -> FilterItem {
    let part = AttributeValue::of(&restante_ber::TeletexString::from(text));
    FilterItem::Substrings(Substrings {
        r#type: x420::oids::ID_HAT_SUBJECT,
        strings: vec![Substring::Any(part)],
    })
}
