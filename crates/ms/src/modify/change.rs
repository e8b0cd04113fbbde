//! Modifications (X.413 §8.3.8): checked against the table of attributes, then done to one entry.
//!
//! Without strict, what asks for what is so already does nothing, and add-attribute takes the
//! place of what there is. Positions count from 1 among the values as they are when each is
//! looked at.

use restante_ber::{Bytes, Decode, SetOf};
use restante_mhs::x413::attributes::{AttributeDescription, SyntaxKind, by_oid};
use restante_mhs::x413::{
    AttributeError, AttributeProblem, AttributeProblemItem, AttributeValue, EntryModification,
    MessageGroupName, Modification as Asked, ModifyProblem, OrderedAttribute, RetrievalError,
};

use crate::attributes::{Amendment, Key, REQUESTED_MAX};
use crate::matching::Comparand;

/// How many values an attribute may be given, and one modification may name.
const VALUES_MAX: usize = 1024;
/// How many octets may be added to an entry.
const ADDED_BYTES_MAX: usize = 64 * 1024;
/// How long a note may be, octets of its text (ub-message-notes-length).
const NOTE_BYTES_MAX: usize = 1024;

/// The attributes that are the user's to change.
const MODIFIABLE: &[Key] = &[
    Key::RETRIEVAL_STATUS,
    Key::MARKED_FOR_DELETION,
    Key::MESSAGE_GROUP_NAME,
    Key::MESSAGE_NOTES,
    Key::STORAGE_PERIOD,
    Key::STORAGE_TIME,
    Key::AC_SUBMITTED_REPLY_STATUS,
    Key::REVISED_REPLY_TIME,
];

/// A modification that was checked.
#[derive(Clone, Debug)]
pub(crate) struct Modification {
    strict: bool,
    key: Key,
    row: &'static AttributeDescription,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    AddAttribute(Vec<Value>),
    RemoveAttribute,
    AddValues(Vec<(Value, Option<usize>)>),
    RemoveValues(Vec<(Option<Value>, Option<usize>)>),
}

impl What {
    /// How many values it names.
    fn named(&self) -> usize {
        match self {
            Self::AddAttribute(values) => values.len(),
            Self::RemoveAttribute => 0,
            Self::AddValues(values) => values.len(),
            Self::RemoveValues(values) => values.len(),
        }
    }
}

/// A value, and the form in which it is compared.
#[derive(Clone, Debug)]
struct Value {
    octets: Bytes,
    comparand: Comparand,
}

impl Modification {
    /// The message-groups that it gives to entries.
    pub(crate) fn groups(&self) -> impl Iterator<Item = MessageGroupName> + '_ {
        let values: Vec<&Value> = match &self.what {
            _ if self.key != Key::MESSAGE_GROUP_NAME => Vec::new(),
            What::AddAttribute(values) => values.iter().collect(),
            What::AddValues(values) => values.iter().map(|(value, _)| value).collect(),
            What::RemoveAttribute | What::RemoveValues(_) => Vec::new(),
        };
        values.into_iter().filter_map(|value| MessageGroupName::from_bytes(&value.octets).ok())
    }
}

/// Checks modifications.
///
/// # Errors
/// attribute-error with every problem; invalid-parameters-error where there are too many, or a
/// value to be added or removed is not named.
pub(crate) fn checked(
    modifications: &[EntryModification],
) -> Result<Vec<Modification>, RetrievalError> {
    let invalid = RetrievalError::InvalidParameters(restante_ber::Null);
    if modifications.len() > REQUESTED_MAX || modifications.is_empty() {
        return Err(invalid);
    }
    let mut problems = Vec::new();
    let mut all = Vec::with_capacity(modifications.len());
    for EntryModification { strict, modification } in modifications {
        match one(modification) {
            Ok(Some((key, row, what))) => {
                all.push(Modification { strict: *strict, key, row, what });
            }
            Ok(None) => return Err(invalid),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        return Ok(all);
    }
    Err(RetrievalError::Attribute(AttributeError { problems: SetOf(problems) }))
}

type One = Option<(Key, &'static AttributeDescription, What)>;

fn one(modification: &Asked) -> Result<One, AttributeProblemItem> {
    let oid = match modification {
        Asked::AddAttribute(attribute) => &attribute.attribute_type,
        Asked::RemoveAttribute(oid) => oid,
        Asked::AddValues(values) | Asked::RemoveValues(values) => &values.attribute_type,
    };
    let problem = |problem, value: Option<&AttributeValue>| AttributeProblemItem {
        problem,
        r#type: oid.clone(),
        value: value.cloned(),
    };
    let Some((key, row)) = Key::of(oid).zip(by_oid(oid)) else {
        return Err(problem(AttributeProblem::UNAVAILABLE_ATTRIBUTE_TYPE, None));
    };
    if !MODIFIABLE.contains(&key) {
        return Err(problem(AttributeProblem::INAPPROPRIATE_MODIFICATION, None));
    }
    let read = |value: &AttributeValue| {
        value_of(key, row.kind, value)
            .ok_or_else(|| problem(AttributeProblem::INVALID_ATTRIBUTE_VALUE, Some(value)))
    };
    let many = |count: usize| match row.single_valued && count > 1 {
        true => Err(problem(AttributeProblem::SINGLE_VALUED_ATTRIBUTE, None)),
        false => Ok(()),
    };
    Ok(match modification {
        Asked::AddAttribute(attribute) if attribute.attribute_values.is_empty() => None,
        Asked::AddAttribute(attribute) => {
            many(attribute.attribute_values.len())?;
            let values = attribute.attribute_values.iter().map(read).collect::<Result<_, _>>()?;
            Some((key, row, What::AddAttribute(values)))
        }
        Asked::RemoveAttribute(_) => Some((key, row, What::RemoveAttribute)),
        Asked::AddValues(OrderedAttribute { attribute_values, .. }) => {
            many(attribute_values.len())?;
            let mut values = Vec::new();
            for ordered in attribute_values {
                let Some(value) = &ordered.value else { return Ok(None) };
                values.push((read(value)?, place(ordered.position)));
            }
            (!values.is_empty()).then_some((key, row, What::AddValues(values)))
        }
        Asked::RemoveValues(OrderedAttribute { attribute_values, .. }) => {
            let mut values = Vec::new();
            for ordered in attribute_values {
                if ordered.value.is_none() && ordered.position.is_none() {
                    return Ok(None);
                }
                let value = ordered.value.as_ref().map(read).transpose()?;
                values.push((value, place(ordered.position)));
            }
            (!values.is_empty()).then_some((key, row, What::RemoveValues(values)))
        }
    })
}

/// A position from 1 as a place from 0; position 0 is behind all values.
fn place(position: Option<u32>) -> Option<usize> {
    position.map(|n| n.checked_sub(1).and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX))
}

/// A value that is of the attribute's syntax, and no larger than may be.
fn value_of(key: Key, kind: SyntaxKind, value: &AttributeValue) -> Option<Value> {
    let octets = value.octets();
    let comparand = Comparand::of(kind, &octets).ok()?;
    let fits = match (key, &comparand) {
        (Key::RETRIEVAL_STATUS, Comparand::Integer(status)) => (0..=2).contains(status),
        (Key::AC_SUBMITTED_REPLY_STATUS, Comparand::Integer(status)) => (0..=3).contains(status),
        (Key::STORAGE_PERIOD, Comparand::Integer(seconds)) => *seconds >= 0,
        (Key::MESSAGE_NOTES, Comparand::Text(text)) => (1..=NOTE_BYTES_MAX).contains(&text.len()),
        (Key::MESSAGE_GROUP_NAME, Comparand::Texts(parts)) => !parts.is_empty(),
        _ => true,
    };
    fits.then_some(Value { octets, comparand })
}

/// What of an entry can be modified.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) amendment: Amendment,
    /// The status that it is given.
    pub(crate) status: Option<u8>,
}

impl Entry {
    /// Does all modifications, in order; which one can't be done, from 1, and why.
    pub(crate) fn modify(
        &mut self,
        modifications: &[Modification],
    ) -> Result<(), (usize, ModifyProblem)> {
        for (place, modification) in modifications.iter().enumerate() {
            self.one(modification).map_err(|problem| (place + 1, problem))?;
        }
        match self.amendment.octets().len() > ADDED_BYTES_MAX {
            true => Err((modifications.len(), ModifyProblem::MODIFY_RESTRICTION_PROBLEM)),
            false => Ok(()),
        }
    }

    fn one(&mut self, modification: &Modification) -> Result<(), ModifyProblem> {
        let Modification { strict, key, row, what } = modification;
        if *key == Key::RETRIEVAL_STATUS {
            return self.set_status(*strict, what);
        }
        if what.named() > VALUES_MAX {
            return Err(ModifyProblem::MODIFY_RESTRICTION_PROBLEM);
        }
        let mut values = self.amendment.values(*key).to_vec();
        let there = !values.is_empty();
        let if_strict = |problem| if *strict { Err(problem) } else { Ok(()) };
        match what {
            What::AddAttribute(new) => {
                if there {
                    if_strict(ModifyProblem::ATTRIBUTE_OR_VALUE_ALREADY_EXISTS)?;
                }
                values = new.iter().map(|value| value.octets.clone()).collect();
            }
            What::RemoveAttribute => {
                if !there {
                    if_strict(ModifyProblem::ATTRIBUTE_NOT_PRESENT)?;
                }
                values.clear();
            }
            What::AddValues(new) => {
                if !there {
                    if_strict(ModifyProblem::ATTRIBUTE_NOT_PRESENT)?;
                } else if row.single_valued {
                    return Err(ModifyProblem::MODIFY_RESTRICTION_PROBLEM);
                }
                let mut all = known(row.kind, &values);
                for (value, place) in new {
                    add(&mut all, value, *place, *strict)?;
                }
                values = all.into_iter().map(|value| value.octets).collect();
            }
            What::RemoveValues(old) => {
                if !there {
                    if_strict(ModifyProblem::ATTRIBUTE_NOT_PRESENT)?;
                }
                let mut all = known(row.kind, &values);
                for (value, place) in old {
                    remove(&mut all, value.as_ref(), *place, *strict)?;
                }
                values = all.into_iter().map(|value| value.octets).collect();
            }
        }
        if values.len() > VALUES_MAX {
            return Err(ModifyProblem::MODIFY_RESTRICTION_PROBLEM);
        }
        // Each of the two follows from the other.
        match *key {
            Key::STORAGE_PERIOD => self.amendment.set(Key::STORAGE_TIME, Vec::new()),
            Key::STORAGE_TIME => self.amendment.set(Key::STORAGE_PERIOD, Vec::new()),
            _ => {}
        }
        self.amendment.set(*key, values);
        Ok(())
    }

    /// Every entry has a retrieval-status: it is changed by add-attribute, without strict.
    fn set_status(&mut self, strict: bool, what: &What) -> Result<(), ModifyProblem> {
        let value = match what {
            What::AddAttribute(_) if strict => {
                return Err(ModifyProblem::ATTRIBUTE_OR_VALUE_ALREADY_EXISTS);
            }
            What::AddAttribute(values) => values.first(),
            _ => None,
        };
        match value.map(|value| &value.comparand) {
            Some(Comparand::Integer(status)) => {
                self.status = u8::try_from(*status).ok();
                Ok(())
            }
            _ => Err(ModifyProblem::MODIFY_RESTRICTION_PROBLEM),
        }
    }
}

/// What an entry has, each value read once and not for each that it is compared with.
fn known(kind: SyntaxKind, values: &[Bytes]) -> Vec<Value> {
    let read = |octets: &Bytes| Value {
        comparand: Comparand::of(kind, octets)
            .unwrap_or_else(|_| Comparand::Other(octets.clone())),
        octets: octets.clone(),
    };
    values.iter().map(read).collect()
}

fn add(
    values: &mut Vec<Value>,
    value: &Value,
    place: Option<usize>,
    strict: bool,
) -> Result<(), ModifyProblem> {
    if values.iter().any(|known| known.comparand.matches(&value.comparand)) {
        return match strict {
            true => Err(ModifyProblem::ATTRIBUTE_OR_VALUE_ALREADY_EXISTS),
            false => Ok(()),
        };
    }
    let place = place.unwrap_or(values.len());
    if place > values.len() && strict {
        return Err(ModifyProblem::INVALID_POSITION);
    }
    values.insert(place.min(values.len()), value.clone());
    Ok(())
}

fn remove(
    values: &mut Vec<Value>,
    value: Option<&Value>,
    place: Option<usize>,
    strict: bool,
) -> Result<(), ModifyProblem> {
    let wanted =
        |known: &Value| value.is_none_or(|value| known.comparand.matches(&value.comparand));
    let found = match place {
        Some(place) => Some(place).filter(|place| values.get(*place).is_some_and(wanted)),
        None => values.iter().position(wanted),
    };
    let in_range = place.is_none_or(|place| place < values.len());
    match (found, strict) {
        (Some(place), _) => drop(values.remove(place)),
        (None, false) => {}
        (None, true) if in_range => return Err(ModifyProblem::VALUE_NOT_PRESENT),
        (None, true) => return Err(ModifyProblem::INVALID_POSITION),
    }
    Ok(())
}
