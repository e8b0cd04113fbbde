//! Entry-information-selection and entry-information (X.413 §8.1.4, §8.1.5).

use restante_ber::{Encode, Oid, SetOf, Tag, Writer};
use restante_mhs::x413::attributes::{AttributeDescription, by_oid};
use restante_mhs::x413::{
    Attribute, AttributeError, AttributeProblem, AttributeProblemItem, AttributeSelection,
    AttributeValue, AttributeValueCount, EntryInformation, In1988, RetrievalError, SequenceNumber,
};
use restante_mhs::x419::Edition;
use restante_storage::{Storage, StorageError};

use super::{EntryReader, Key};

/// How many attribute-types one argument may ask for.
pub(crate) const REQUESTED_MAX: usize = 512;

/// An attribute that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Requested {
    /// Which.
    pub(crate) key: Key,
    /// Its row in the table.
    pub(crate) description: &'static AttributeDescription,
    from: usize,
    count: usize,
}

impl Requested {
    /// Whether not all of its values are asked for.
    fn is_limited(&self) -> bool {
        self.from > 1 || self.count < usize::MAX
    }
}

/// The attribute-types of a selection, each once, or what is wrong with them.
pub(crate) fn checked(
    selection: &[AttributeSelection],
    allowed: impl Fn(Key) -> bool,
) -> Result<Vec<Requested>, RetrievalError> {
    let mut requested: Vec<Requested> = Vec::with_capacity(selection.len().min(REQUESTED_MAX));
    let mut problems = Vec::new();
    if selection.len() > REQUESTED_MAX {
        return Err(RetrievalError::InvalidParameters(restante_ber::Null));
    }
    for item in selection {
        let Some((key, description)) = Key::of(&item.r#type).zip(by_oid(&item.r#type)) else {
            problems.push((AttributeProblem::UNAVAILABLE_ATTRIBUTE_TYPE, item.r#type.clone()));
            continue;
        };
        if !allowed(key) {
            problems.push((AttributeProblem::INAPPROPRIATE_FOR_OPERATION, item.r#type.clone()));
        } else if requested.iter().all(|known| known.key != key) {
            let number = |n: Option<u32>| n.and_then(|n| usize::try_from(n).ok());
            let (from, count) = match description.single_valued {
                true => (1, usize::MAX),
                false => {
                    (number(item.from).unwrap_or(1), number(item.count).unwrap_or(usize::MAX))
                }
            };
            requested.push(Requested { key, description, from, count });
        }
    }
    if problems.is_empty() { Ok(requested) } else { Err(attribute_error(problems)) }
}

/// attribute-error without values.
fn attribute_error(problems: Vec<(AttributeProblem, Oid)>) -> RetrievalError {
    let item = |(problem, r#type)| AttributeProblemItem { problem, r#type, value: None };
    let problems = SetOf(problems.into_iter().map(item).collect());
    RetrievalError::Attribute(AttributeError { problems })
}

/// What is told of an entry. Attributes that it does not have are left out.
pub(crate) fn information<S: Storage>(
    entry: &EntryReader<'_, S>,
    requested: &[Requested],
) -> Result<EntryInformation, StorageError> {
    let mut attributes = Vec::with_capacity(requested.len());
    let mut exceeded = Vec::new();
    for item in requested {
        let values = entry.values(item.key)?;
        let total = values.len();
        let chosen: Vec<AttributeValue> =
            values.into_iter().skip(item.from.saturating_sub(1)).take(item.count).collect();
        let r#type = &item.description.oid;
        if item.from.saturating_sub(1).saturating_add(chosen.len()) < total {
            let total = u32::try_from(total).unwrap_or(u32::MAX);
            exceeded.push(AttributeValueCount { r#type: r#type.clone(), total });
        }
        if !chosen.is_empty() {
            attributes
                .push(Attribute { attribute_type: r#type.clone(), attribute_values: chosen });
        }
    }
    Ok(EntryInformation {
        sequence_number: SequenceNumber(entry.row.number),
        attributes: (!attributes.is_empty()).then_some(SetOf(attributes)),
        value_count_exceeded: (!exceeded.is_empty()).then_some(SetOf(exceeded)),
    })
}

/// Writes what is told of an entry in front of what is there, as [`information`] has it.
pub(crate) fn write_information<S: Storage>(
    entry: &EntryReader<'_, S>,
    requested: &[Requested],
    edition: Edition,
    writer: &mut Writer,
) -> Result<(), StorageError> {
    if requested.iter().any(Requested::is_limited) {
        let told = information(entry, requested)?;
        match edition {
            Edition::E1988 => told.in_1988().encode(writer),
            Edition::E1994 => told.encode(writer),
        }
        return Ok(());
    }
    let end = writer.len();
    for item in requested.iter().rev() {
        let values = writer.len();
        entry.write_values(item.key, writer)?;
        if writer.len() > values {
            writer.header(Tag::SEQUENCE, true, writer.len() - values);
            item.description.oid.encode(writer);
            writer.header(Tag::SEQUENCE, true, writer.len() - values);
        }
    }
    if writer.len() > end {
        writer.header(Tag::SET, true, writer.len() - end);
    }
    SequenceNumber(entry.row.number).encode(writer);
    writer.header(Tag::SEQUENCE, true, writer.len() - end);
    Ok(())
}
