//! Ranges, filters and selectors (X.413 §8.1, module MSAbstractService).
//!
//! A filter is read here, its depth bounded by the reader and its size by
//! [`MAX_FILTER_ITEMS`]; evaluating it is the store's.

use super::{AttributeValue, CreationTime, SequenceNumber};
use restante_ber::{
    Decode, Element, Encode, Error, Oid, Result, SetOf, Tag, Tagging, Writer, bits, choice,
    sequence, set,
};

/// How many items a filter may have; the strings of a substrings item count each, and so do sets
/// with nothing in them.
pub const MAX_FILTER_ITEMS: usize = 1024;

choice! { EXPLICIT TAGS;
    /// Entries by number or by time.
    pub enum Range {
        /// By number.
        SequenceNumberRange(NumberRange) [0],
        /// By the time at which they were made.
        CreationTimeRange(TimeRange) [1],
    }
}

sequence! { EXPLICIT TAGS;
    /// A range of numbers, both ends in it.
    pub struct NumberRange {
        /// Absent: no lower bound.
        from: Option<SequenceNumber> [0],
        /// Absent: no upper bound.
        to: Option<SequenceNumber> [1],
    }
}

sequence! { EXPLICIT TAGS;
    /// A range of times, both ends in it.
    pub struct TimeRange {
        /// Absent: no lower bound.
        from: Option<CreationTime> [0],
        /// Absent: no upper bound.
        to: Option<CreationTime> [1],
    }
}

/// A filter (X.413 §8.1.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `[0]`: one assertion.
    Item(FilterItem),
    /// `[1]`: all of them; true when there are none.
    And(Vec<Filter>),
    /// `[2]`: at least one of them; false when there are none.
    Or(Vec<Filter>),
    /// `[3]`: the opposite.
    Not(Box<Filter>),
}

impl Filter {
    /// How many items it has, as [`MAX_FILTER_ITEMS`] counts them.
    pub fn items(&self) -> usize {
        match self {
            Self::Item(FilterItem::Substrings(item)) => item.strings.len().max(1),
            Self::Item(_) => 1,
            Self::And(filters) | Self::Or(filters) => {
                filters.iter().map(Self::items).sum::<usize>().max(1)
            }
            Self::Not(filter) => filter.items(),
        }
    }
}

/// `[number]`, always explicit in this module.
fn explicit<T: Decode>(element: &Element<'_>) -> Result<T> {
    T::decode_tagged(element, Tagging::Explicit)
}

/// `[number]` around a SET OF; with nothing in it, as some write an empty set, it is one.
fn set<T: Decode>(element: &Element<'_>) -> Result<Vec<T>> {
    if element.contents().is_empty() {
        return Ok(Vec::new());
    }
    explicit::<SetOf<T>>(element).map(|set| set.0)
}

impl Decode for Filter {
    const NAME: &'static str = "Filter";
    const UNTAGGED: bool = true;
    fn accepts(tag: Tag) -> bool {
        (0..=3).any(|number| tag == Tag::context(number))
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let filter = match element.tag.number {
            0 => Self::Item(explicit(element)?),
            1 => Self::And(set(element)?),
            2 => Self::Or(set(element)?),
            _ => Self::Not(explicit(element)?),
        };
        if filter.items() > MAX_FILTER_ITEMS { Err(Error::TooMany) } else { Ok(filter) }
    }
}

impl Encode for Filter {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        let set = |filters: &[Self], number, writer: &mut Writer| {
            writer.constructed(Tag::context(number), |writer| {
                writer.constructed(Tag::SET, |writer| {
                    filters.iter().rev().for_each(|filter| filter.encode(writer));
                });
            });
        };
        match self {
            Self::Item(item) => item.encode_as(Tag::context(0), writer),
            Self::And(filters) => set(filters, 1, writer),
            Self::Or(filters) => set(filters, 2, writer),
            Self::Not(filter) => filter.encode_as(Tag::context(3), writer),
        }
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}

choice! { EXPLICIT TAGS;
    /// An assertion about an entry.
    pub enum FilterItem {
        /// A value of the attribute is this.
        Equality(AttributeValueAssertion) [0],
        /// A value of the attribute holds these strings in this order.
        Substrings(Substrings) [1],
        /// A value of the attribute is this or comes after it.
        GreaterOrEqual(AttributeValueAssertion) [2],
        /// A value of the attribute is this or comes before it.
        LessOrEqual(AttributeValueAssertion) [3],
        /// The entry has the attribute.
        Present(Oid) [4],
        /// A value of the attribute is much like this.
        ApproximateMatch(AttributeValueAssertion) [5],
        /// A matching-rule holds (1994).
        OtherMatch(MatchingRuleAssertion) [6],
    }
}

sequence! { EXPLICIT TAGS;
    /// An attribute and a value to compare with.
    pub struct AttributeValueAssertion {
        /// The attribute.
        attribute_type: Oid,
        /// The value.
        attribute_value: AttributeValue,
    }
}

sequence! { EXPLICIT TAGS;
    /// An attribute and parts of a value.
    pub struct Substrings {
        /// The attribute.
        r#type: Oid,
        /// The parts.
        strings: Vec<Substring>,
    }
}

choice! { EXPLICIT TAGS;
    /// A part of a value: itself a value of the attribute's syntax.
    pub enum Substring {
        /// The value begins with it.
        Initial(AttributeValue) [0],
        /// It comes after the part before.
        Any(AttributeValue) [1],
        /// The value ends with it.
        Final(AttributeValue) [2],
    }
}

sequence! { EXPLICIT TAGS;
    /// A matching-rule applied to an attribute (1994).
    pub struct MatchingRuleAssertion {
        /// The rule.
        matching_rule: Oid [0],
        /// The attribute.
        attribute_type: Oid [1],
        /// The value, of the rule's assertion syntax.
        match_value: AttributeValue [2],
    }
}

set! { EXPLICIT TAGS;
    /// Which entries are meant; the default is all but child-entries.
    #[derive(Default)]
    pub struct Selector {
        /// Whether child-entries are among them.
        child_entries: bool [0] = false,
        /// Absent: all.
        range: Option<Range> [1],
        /// Absent: all within the range.
        filter: Option<Filter> [2],
        /// At most so many, from 1.
        limit: Option<u32> [3],
        /// Which fetch-restrictions are not to hold; absent means that all do.
        r#override: Option<OverrideRestrictions> [4],
    }
}

bits! {
    /// Fetch-restrictions that are lifted for one operation.
    pub struct OverrideRestrictions {
        /// That on content-types.
        OVERRIDE_CONTENT_TYPES_RESTRICTION = 0,
        /// That on encoded information types.
        OVERRIDE_EITS_RESTRICTION = 1,
        /// That on the length of attributes.
        OVERRIDE_ATTRIBUTE_LENGTH_RESTRICTION = 2,
    }
}
