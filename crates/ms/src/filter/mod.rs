//! Filters (X.413 §8.1.2) in three steps: as they came; checked against the table of attributes
//! ([`Checked`]); resolved against what storage can answer ([`plan`]). What storage answers with
//! a superset is tested again on the entry ([`Checked::holds`]), which reads no more of it than
//! the filter asks for.
//!
//! Logic has two values: an assertion about an attribute that an entry does not have is false,
//! its negation true. An attribute-type that nobody knows is an error, not undefined.

mod plan;

use restante_ber::{Oid, SetOf};
use restante_mhs::x413::attributes::{AttributeDescription, by_oid};
use restante_mhs::x413::{
    AttributeError, AttributeProblem, AttributeProblemItem, AttributeValue,
    AttributeValueAssertion, Filter, FilterItem, MatchingRule, RetrievalError, Substring,
};
use restante_mhs::x419::Edition;
use restante_storage::{EntryRow, Storage, StorageError};

use crate::attributes::{EntryReader, Key, is_made_at_delivery};
use crate::class::Class;
use crate::matching::rule::{Asserted, Unusable};
use crate::matching::text::{Part, fold, has_parts};
use crate::matching::{Comparand, substring};
pub(crate) use plan::plan;

/// A filter whose attributes are known and whose values are of their syntaxes.
#[derive(Clone, Debug)]
pub(crate) enum Checked {
    /// One assertion.
    Item(Item),
    /// All hold.
    And(Vec<Checked>),
    /// One holds.
    Or(Vec<Checked>),
    /// It does not hold.
    Not(Box<Checked>),
}

/// An assertion about an attribute.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    key: Key,
    description: &'static AttributeDescription,
    test: Test,
}

/// What is asserted: of one value at least.
#[derive(Clone, Debug)]
enum Test {
    Present,
    Equals(Comparand),
    Resembles(Comparand),
    AtLeast(Comparand),
    AtMost(Comparand),
    Parts(Vec<Part>),
    Other(Asserted),
}

/// Checks a filter.
///
/// # Errors
/// attribute-error with every assertion that is about an unknown attribute, by a rule that the
/// attribute does not have, or with a value that is not of its syntax.
pub(crate) fn check(filter: &Filter, edition: Edition) -> Result<Checked, RetrievalError> {
    let mut problems = Vec::new();
    let checked = walk(filter, edition, &mut problems);
    match checked {
        Some(checked) if problems.is_empty() => Ok(checked),
        _ => Err(RetrievalError::Attribute(AttributeError { problems: SetOf(problems) })),
    }
}

fn walk(
    filter: &Filter,
    edition: Edition,
    problems: &mut Vec<AttributeProblemItem>,
) -> Option<Checked> {
    let mut all = |filters: &[Filter]| {
        let checked: Vec<_> = filters.iter().map(|one| walk(one, edition, problems)).collect();
        checked.into_iter().collect::<Option<Vec<_>>>()
    };
    match filter {
        Filter::And(filters) => all(filters).map(Checked::And),
        Filter::Or(filters) => all(filters).map(Checked::Or),
        Filter::Not(filter) => walk(filter, edition, problems).map(Box::new).map(Checked::Not),
        Filter::Item(item) => match check_item(item, edition) {
            Ok(item) => Some(Checked::Item(item)),
            Err(problem) => {
                problems.push(problem);
                None
            }
        },
    }
}

fn problem(problem: AttributeProblem, oid: &Oid) -> AttributeProblemItem {
    AttributeProblemItem { problem, r#type: oid.clone(), value: None }
}

fn known(oid: &Oid) -> Result<(Key, &'static AttributeDescription), AttributeProblemItem> {
    Key::of(oid)
        .zip(by_oid(oid))
        .ok_or_else(|| problem(AttributeProblem::UNAVAILABLE_ATTRIBUTE_TYPE, oid))
}

fn check_item(item: &FilterItem, edition: Edition) -> Result<Item, AttributeProblemItem> {
    let inappropriate = |oid: &Oid| problem(AttributeProblem::INAPPROPRIATE_MATCHING, oid);
    let by_value = |assertion: &AttributeValueAssertion, ordering: bool| {
        let (key, row) = known(&assertion.attribute_type)?;
        let rule = if ordering { row.ordering } else { row.equality };
        // X.420: contexts of 1988 match it for equality, later ones have no rule for it.
        let in_1988 = !ordering && key == Key::INCOMPLETE_COPY && edition == Edition::E1988;
        if !in_1988 && rule.is_none() {
            return Err(inappropriate(&assertion.attribute_type));
        }
        let value = Comparand::of(row.kind, &assertion.attribute_value.octets())
            .map_err(|_| invalid(&assertion.attribute_type, &assertion.attribute_value))?;
        Ok((key, row, value))
    };
    Ok(match item {
        FilterItem::Equality(assertion) => {
            let (key, description, value) = by_value(assertion, false)?;
            Item { key, description, test: Test::Equals(value) }
        }
        FilterItem::ApproximateMatch(assertion) => {
            let (key, description, value) = by_value(assertion, false)?;
            Item { key, description, test: Test::Resembles(value) }
        }
        FilterItem::GreaterOrEqual(assertion) => {
            let (key, description, value) = by_value(assertion, true)?;
            Item { key, description, test: Test::AtLeast(value) }
        }
        FilterItem::LessOrEqual(assertion) => {
            let (key, description, value) = by_value(assertion, true)?;
            Item { key, description, test: Test::AtMost(value) }
        }
        FilterItem::Present(oid) => {
            let (key, description) = known(oid)?;
            Item { key, description, test: Test::Present }
        }
        FilterItem::Substrings(item) => {
            let (key, description) = known(&item.r#type)?;
            if description.substrings.is_none() {
                return Err(inappropriate(&item.r#type));
            }
            let parts = item.strings.iter().map(|part| {
                let (value, make): (_, fn(String) -> Part) = match part {
                    Substring::Initial(value) => (value, Part::Initial),
                    Substring::Any(value) => (value, Part::Any),
                    Substring::Final(value) => (value, Part::Final),
                };
                substring(&value.octets()).map(make).map_err(|_| invalid(&item.r#type, value))
            });
            Item { key, description, test: Test::Parts(parts.collect::<Result<_, _>>()?) }
        }
        FilterItem::OtherMatch(assertion) => {
            let oid = &assertion.attribute_type;
            let (key, description) = known(oid)?;
            let rule = MatchingRule::by_oid(&assertion.matching_rule).map(|rule| rule.name);
            let value = &assertion.match_value;
            match Asserted::of(rule.unwrap_or_default(), description, &value.octets()) {
                Ok(asserted) => Item { key, description, test: Test::Other(asserted) },
                Err(Unusable::Inappropriate) => return Err(inappropriate(oid)),
                Err(Unusable::Invalid) => return Err(invalid(oid, value)),
            }
        }
    })
}

fn invalid(oid: &Oid, value: &AttributeValue) -> AttributeProblemItem {
    AttributeProblemItem {
        problem: AttributeProblem::INVALID_ATTRIBUTE_VALUE,
        r#type: oid.clone(),
        value: Some(value.clone()),
    }
}

impl Checked {
    /// The same among entries of a class: what they can't have, they don't have.
    pub(crate) fn within(self, class: Class) -> Self {
        let all = |filters: Vec<Self>| filters.into_iter().map(|f| f.within(class)).collect();
        match self {
            Self::Item(item) if !class.has(item.key) => Self::Or(Vec::new()),
            Self::Item(item) => Self::Item(item),
            Self::And(filters) => Self::And(all(filters)),
            Self::Or(filters) => Self::Or(all(filters)),
            Self::Not(filter) => Self::Not(Box::new(filter.within(class))),
        }
    }

    /// Whether what was made at delivery is asked for to know whether the filter is true of an
    /// entry: then it is read for many entries at once.
    pub(crate) fn reads_attributes(&self, row: &EntryRow<'_>) -> bool {
        match self {
            Self::Item(item) => is_made_at_delivery(item.key) && !item.is_of_row(row),
            Self::Not(filter) => filter.reads_attributes(row),
            Self::And(filters) | Self::Or(filters) => {
                filters.iter().any(|filter| filter.reads_attributes(row))
            }
        }
    }

    /// Whether the filter is true of an entry.
    pub(crate) fn holds<S: Storage>(
        &self,
        entry: &EntryReader<'_, S>,
    ) -> Result<bool, StorageError> {
        match self {
            Self::Item(item) => item.holds(entry),
            Self::Not(filter) => Ok(!filter.holds(entry)?),
            Self::And(filters) => {
                for filter in filters {
                    if !filter.holds(entry)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(filters) => {
                for filter in filters {
                    if filter.holds(entry)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

impl Item {
    fn holds<S: Storage>(&self, entry: &EntryReader<'_, S>) -> Result<bool, StorageError> {
        if let Some(holds) = self.holds_of_row(entry) {
            return Ok(holds);
        }
        let values = entry.values(self.key)?;
        Ok(match &self.test {
            Test::Present => !values.is_empty(),
            Test::Other(asserted) => {
                let values: Vec<_> = values.iter().map(AttributeValue::octets).collect();
                asserted.holds(self.description.kind, &values)
            }
            // A stored value that is not of its syntax matches nothing.
            _ => values
                .iter()
                .filter_map(|value| Comparand::of(self.description.kind, &value.octets()).ok())
                .any(|value| self.test.holds(&value)),
        })
    }

    /// Whether the row alone says it, of an attribute that was made at delivery.
    fn is_of_row(&self, row: &EntryRow<'_>) -> bool {
        let is_whole = !row.subject.is_empty() && (!row.cut || matches!(self.test, Test::Present));
        self.key == Key::SUBJECT && is_whole && !matches!(self.test, Test::Other(_))
    }

    /// What the row alone says, `None` where more must be read.
    fn holds_of_row<S: Storage>(&self, entry: &EntryReader<'_, S>) -> Option<bool> {
        let row = &entry.row;
        if matches!(self.test, Test::Other(_)) {
            return None;
        }
        if matches!(self.test, Test::Present) {
            return match self.key {
                Key::CONTENT => Some(entry.has_content()),
                _ if self.is_of_row(row) => Some(true),
                _ => None,
            };
        }
        let value = match self.key {
            Key::SEQUENCE_NUMBER => Comparand::Integer(i64::from(row.number)),
            Key::RETRIEVAL_STATUS => Comparand::Integer(i64::from(row.status)),
            Key::ENTRY_TYPE => Comparand::Integer(i64::from(row.kind)),
            Key::CREATION_TIME => {
                Comparand::Time(row.creation_time.div_euclid(1_000_000) * 1_000_000)
            }
            _ if self.is_of_row(row) => Comparand::Text(fold(row.subject)),
            _ => return None,
        };
        Some(self.test.holds(&value))
    }
}

impl Test {
    fn holds(&self, value: &Comparand) -> bool {
        match self {
            Self::Present => true,
            Self::Equals(wanted) => value.matches(wanted),
            Self::Resembles(wanted) => value.resembles(wanted),
            Self::AtLeast(bound) => value.is_at_least(bound),
            Self::AtMost(bound) => bound.is_at_least(value),
            Self::Parts(parts) => match value {
                Comparand::Text(text) => has_parts(text, parts),
                _ => false,
            },
            // It is asked of all values at once.
            Self::Other(_) => false,
        }
    }
}
