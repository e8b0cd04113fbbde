//! What of a filter storage answers from its columns. A conjunct becomes a restriction of the
//! query, exact or a superset; what is not exact is tested again.

use std::ops::RangeInclusive;

use restante_storage::{Query, Test as ColumnTest, TextField, TextMatch};

use super::{Checked, Item, Test};
use crate::attributes::Key;
use crate::class::DELIVERY;
use crate::extract::{NO_PRIORITY, OTHER_PRIORITY, kind};
use crate::matching::Comparand;
use crate::matching::text::{Part, longest};

const SECOND_US: i64 = 1_000_000;

/// Restricts a query by what it can say of a filter. Returns what must be tested on each entry
/// that it selects, `None` where the query says it all.
pub(crate) fn plan(filter: Checked, query: &mut Query) -> Option<Checked> {
    let conjuncts = match filter {
        Checked::And(filters) => filters,
        other => vec![other],
    };
    let mut rest = Vec::new();
    for conjunct in conjuncts {
        match conjunct {
            Checked::And(filters) => rest.extend(plan(Checked::And(filters), query)),
            Checked::Item(item) => {
                if !restrict(&item, query) {
                    rest.push(Checked::Item(item));
                }
            }
            other => match codes(&other) {
                Some((column, codes)) => query.tests.push(column.test(codes)),
                None => rest.push(other),
            },
        }
    }
    match rest.len() {
        0 => None,
        1 => rest.pop(),
        _ => Some(Checked::And(rest)),
    }
}

/// A column of few codes.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Status,
    Kind,
    Priority,
}

impl Column {
    fn of(key: Key) -> Option<Self> {
        match key {
            Key::RETRIEVAL_STATUS => Some(Self::Status),
            Key::ENTRY_TYPE => Some(Self::Kind),
            Key::PRIORITY => Some(Self::Priority),
            _ => None,
        }
    }

    /// The codes that can stand in it.
    fn domain(self) -> RangeInclusive<u8> {
        match self {
            Self::Status | Self::Kind => 0..=7,
            Self::Priority => 0..=NO_PRIORITY,
        }
    }

    fn test(self, codes: Vec<u8>) -> ColumnTest {
        match self {
            Self::Status => ColumnTest::Status(codes),
            Self::Kind => ColumnTest::Kind(codes),
            Self::Priority => ColumnTest::Priority(codes),
        }
    }
}

/// The codes of one column that a filter is exactly about, `None` where it is about anything
/// else.
fn codes(filter: &Checked) -> Option<(Column, Vec<u8>)> {
    match filter {
        Checked::Item(Item { key, test, .. }) => {
            let column = Column::of(*key)?;
            let codes = match test {
                Test::Equals(Comparand::Integer(wanted)) => {
                    let code = u8::try_from(*wanted).ok();
                    // Priorities beyond the column's codes share one.
                    let shared = column == Column::Priority
                        && code.is_none_or(|code| code >= OTHER_PRIORITY);
                    if shared {
                        return None;
                    }
                    code.into_iter().collect()
                }
                Test::Present if column == Column::Priority => (0..=OTHER_PRIORITY).collect(),
                Test::Present => column.domain().collect(),
                _ => return None,
            };
            Some((column, codes))
        }
        Checked::Or(filters) => {
            let mut filters = filters.iter();
            let (column, mut union) = codes(filters.next()?)?;
            for filter in filters {
                let (other, more) = codes(filter)?;
                if other != column {
                    return None;
                }
                union.extend(more);
            }
            Some((column, union))
        }
        Checked::Not(filter) => {
            let (column, codes) = codes(filter)?;
            let rest = column.domain().filter(|code| !codes.contains(code)).collect();
            Some((column, rest))
        }
        Checked::And(_) => None,
    }
}

/// Restricts a query by one assertion; whether that says it all.
fn restrict(item: &Item, query: &mut Query) -> bool {
    if let Some((column, codes)) = codes(&Checked::Item(item.clone())) {
        query.tests.push(column.test(codes));
        return true;
    }
    match (item.key, &item.test) {
        (Key::SEQUENCE_NUMBER, test) => number(test, &mut query.numbers),
        (Key::CREATION_TIME, test) => time(test, &mut query.creation_time),
        (Key::CONTENT_LENGTH, test) => match size(test) {
            Some(range) => {
                query.tests.push(ColumnTest::Size(range));
                // A report has the column, but not the attribute; not every probe has it.
                let kinds = Column::Kind.domain().filter(|kind| *kind != kind::REPORT);
                query.tests.push(ColumnTest::Kind(kinds.collect()));
                query.classes == [DELIVERY]
            }
            None => false,
        },
        (Key::CONTENT_TYPE, Test::Equals(Comparand::Oid(oid))) => {
            let wanted = TextMatch::Equals(oid.to_string());
            query.tests.push(ColumnTest::Text(TextField::ContentType, wanted));
            false
        }
        (Key::SUBJECT, test) => {
            contains(query, TextField::Subject, needle(test));
            false
        }
        (Key::ORIGINATOR_NAME, Test::Equals(Comparand::Name(name))) => {
            contains(query, TextField::Originator, name.word());
            false
        }
        _ => false,
    }
}

/// A word that must be in a column.
fn contains(query: &mut Query, field: TextField, word: Option<String>) {
    if let Some(word) = word {
        query.tests.push(ColumnTest::Text(field, TextMatch::Contains(word)));
    }
}

fn intersect<T: Ord + Copy>(range: &mut RangeInclusive<T>, low: T, high: T) {
    *range = low.max(*range.start())..=high.min(*range.end());
}

fn number(test: &Test, numbers: &mut RangeInclusive<u32>) -> bool {
    let (low, high) = match test {
        Test::Equals(Comparand::Integer(wanted)) => (*wanted, *wanted),
        Test::AtLeast(Comparand::Integer(bound)) => (*bound, i64::MAX),
        Test::AtMost(Comparand::Integer(bound)) => (i64::MIN, *bound),
        _ => return matches!(test, Test::Present),
    };
    let limits = (0, i64::from(u32::MAX));
    if low > limits.1 || high < limits.0 || low > high {
        intersect(numbers, 1, 0);
        return true;
    }
    let clamp = |n: i64| u32::try_from(n.clamp(limits.0, limits.1)).unwrap_or(u32::MAX);
    intersect(numbers, clamp(low), clamp(high));
    true
}

/// The attribute has whole seconds, the column microseconds.
fn time(test: &Test, times: &mut RangeInclusive<i64>) -> bool {
    let end = |time: i64| time.saturating_add(SECOND_US - 1);
    let (low, high) = match test {
        Test::Equals(Comparand::Time(wanted)) => (*wanted, end(*wanted)),
        Test::AtLeast(Comparand::Time(bound)) => (*bound, i64::MAX),
        Test::AtMost(Comparand::Time(bound)) => (i64::MIN, end(*bound)),
        _ => return matches!(test, Test::Present),
    };
    intersect(times, low, high);
    true
}

/// The lengths that an assertion is about.
fn size(test: &Test) -> Option<RangeInclusive<u64>> {
    let bound = |bound: &i64| u64::try_from(*bound).ok();
    Some(match test {
        Test::Present => 0..=u64::MAX,
        Test::AtLeast(Comparand::Integer(low)) => bound(low).unwrap_or(0)..=u64::MAX,
        Test::AtMost(Comparand::Integer(high)) => match bound(high) {
            Some(high) => 0..=high,
            None => RangeInclusive::new(1, 0),
        },
        _ => return None,
    })
}

/// A word that every subject for which the test holds has in it, whatever its case and space:
/// the longest of ASCII, since others have more than one lower case.
fn needle(test: &Test) -> Option<String> {
    let texts: Vec<&str> = match test {
        Test::Equals(Comparand::Text(text)) => vec![text],
        Test::Parts(parts) => parts
            .iter()
            .map(|(Part::Initial(text) | Part::Any(text) | Part::Final(text))| text.as_str())
            .collect(),
        _ => return None,
    };
    longest(texts.into_iter().flat_map(|text| text.split_whitespace()))
}
