//! Fetch-restrictions (X.413 §7.1.1, §9.5): what a user agent said at bind that it does not want
//! to be given by Fetch, unless the selector of a search overrides it.

use restante_ber::{Oid, SetOf};
use restante_mhs::x413::{
    EntryInformation, FetchRestriction, FetchRestrictionError, FetchRestrictionProblem,
    FetchRestrictionProblemItem, OverrideRestrictions, Restrictions, RetrievalError,
};
use restante_storage::Storage;

use crate::attributes::{EntryReader, Key, len};
use crate::extract::kind;
use crate::seam::Refusal;

/// Checks an entry that is to be returned, and what is to be told of it.
///
/// # Errors
/// fetch-restriction-error with every restriction that forbids it.
pub(crate) fn check<S: Storage>(
    restrictions: &Restrictions,
    overridden: Option<&OverrideRestrictions>,
    entry: &EntryReader<'_, S>,
    information: &EntryInformation,
) -> Result<(), Refusal> {
    let in_force = |bit| !overridden.is_some_and(|bits| bits.has(bit));
    let mut problems = Vec::new();
    if let Some(allowed) = &restrictions.allowed_content_types
        && in_force(OverrideRestrictions::OVERRIDE_CONTENT_TYPES_RESTRICTION)
        && entry.row.kind != kind::REPORT
        && let Ok(content_type) = entry.row.content_type.parse::<Oid>()
        && !allowed.0.contains(&content_type)
    {
        problems.push(FetchRestrictionProblemItem {
            problem: FetchRestrictionProblem::CONTENT_TYPE_PROBLEM,
            restriction: FetchRestriction::ContentType(content_type),
        });
    }
    if let Some(allowed) = &restrictions.allowed_eits
        && in_force(OverrideRestrictions::OVERRIDE_EITS_RESTRICTION)
    {
        let types = entry.values(Key::DELIVERED_EITS)?;
        let mut types: Vec<Oid> = types.iter().filter_map(|value| value.to().ok()).collect();
        types.retain(|oid| !allowed.0.contains(oid));
        if !types.is_empty() {
            problems.push(FetchRestrictionProblemItem {
                problem: FetchRestrictionProblem::EIT_PROBLEM,
                restriction: FetchRestriction::Eit(SetOf(types)),
            });
        }
    }
    if let Some(maximum) = restrictions.maximum_attribute_length
        && in_force(OverrideRestrictions::OVERRIDE_ATTRIBUTE_LENGTH_RESTRICTION)
    {
        let attributes = information.attributes.iter().flat_map(|attributes| &attributes.0);
        let lengths = attributes.map(|attribute| len(&attribute.attribute_values));
        let longest = lengths.max().and_then(|length| i64::try_from(length).ok()).unwrap_or(0);
        if longest > maximum {
            problems.push(FetchRestrictionProblemItem {
                problem: FetchRestrictionProblem::MAXIMUM_LENGTH_PROBLEM,
                restriction: FetchRestriction::AttributeLength(longest),
            });
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let problems = SetOf(problems);
    Err(RetrievalError::FetchRestriction(FetchRestrictionError { problems }).into())
}
