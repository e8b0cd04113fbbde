//! What may be delivered to a mailbox: its user's registrations with a store that has no MTA
//! (X.411 §8.4.1.1): deliverable-class and restricted-delivery, or what is like them in 1988.
//!
//! They are kept as one value of the mailbox, in the form of 1994. Whoever delivers between the
//! store's own mailboxes asks [`Deliverable::refusal`] before it does; an MTA keeps and enforces
//! its own, and what it delivers is not looked at here. Reports are delivered to whoever they are
//! for: nothing tells of one that is not.

use restante_ber::{Decode, Encode, SetOf};
use restante_mhs::x402::AttributeType;
use restante_mhs::x411::{
    ContentType, EncodedInformationTypes, EncodedInformationTypesConstraints, ExactOrPattern,
    Extensions, MessageClass, MessageClassObjects, NonDeliveryDiagnosticCode,
    NonDeliveryReasonCode, ORAddress, ORName, Register88, RegisterArgument, Restriction,
    SourceType,
};
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError};

use crate::MessageStore;
use crate::matching::names::Name;

/// The value of a mailbox that holds its registrations: a RegisterArgument of 1994.
pub(crate) const REGISTRATIONS: &[u8] = b"register";

/// The registrations of one user, in the form of 1994: those that decide on deliveries, and no
/// others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deliverable(RegisterArgument);

/// What of a message decides whether it may be delivered.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// What its content is.
    pub content_type: &'a ContentType,
    /// How long that is, octets.
    pub content_octets: u64,
    /// What is in it, after conversion; none: nobody said.
    pub encoded_information_types: Option<&'a EncodedInformationTypes>,
    /// Who sent it.
    pub originator: &'a ORName,
    /// Who redirected it.
    pub redirected_by: &'a [ORName],
    /// The distribution lists that it went through.
    pub expanded_by: &'a [ORName],
}

/// Why a message may not be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Undeliverable {
    /// Messages are not delivered at all.
    Object,
    /// Not with this content-type.
    ContentType,
    /// Not with these encoded information types.
    EncodedInformationTypes,
    /// Not so long.
    ContentTooLong,
    /// Not from there.
    Restricted,
}

impl Undeliverable {
    /// What a non-delivery-report says of it.
    pub fn codes(self) -> (NonDeliveryReasonCode, Option<NonDeliveryDiagnosticCode>) {
        use NonDeliveryDiagnosticCode as Diagnostic;
        let diagnostic = match self {
            Self::Restricted => return (NonDeliveryReasonCode::RESTRICTED_DELIVERY, None),
            Self::Object => Diagnostic::RECIPIENT_UNAVAILABLE,
            Self::ContentType => Diagnostic::CONTENT_TYPE_NOT_SUPPORTED,
            Self::EncodedInformationTypes => Diagnostic::ENCODED_INFORMATION_TYPES_UNSUPPORTED,
            Self::ContentTooLong => Diagnostic::CONTENT_TOO_LONG,
        };
        (NonDeliveryReasonCode::UNABLE_TO_TRANSFER, Some(diagnostic))
    }
}

impl Deliverable {
    /// Why a message may not be delivered; `None`: it may. It must be in one of the classes, where
    /// there are any; of several, the one that it comes nearest to says why not.
    pub fn refusal(&self, message: &Candidate<'_>) -> Option<Undeliverable> {
        let restrictions = self.0.restricted_delivery.iter().flatten();
        let mut restrictions = restrictions.filter(|one| applies(one, message));
        if restrictions.next().is_some_and(|first| !first.permitted) {
            return Some(Undeliverable::Restricted);
        }
        let classes = &self.0.deliverable_class.as_ref()?.0;
        let refusals = classes.iter().map(|class| out_of_class(class, message));
        refusals.min_by_key(|why| why.map(core::cmp::Reverse)).flatten()
    }

    /// These registrations with those of an argument of 1994 in the place of theirs. An empty list
    /// takes its kind away.
    #[must_use]
    pub fn with(mut self, argument: &RegisterArgument) -> Self {
        if let Some(classes) = &argument.deliverable_class {
            self.0.deliverable_class = Some(classes.clone()).filter(|set| !set.0.is_empty());
        }
        if let Some(list) = &argument.restricted_delivery {
            self.0.restricted_delivery = Some(list.clone()).filter(|list| !list.is_empty());
        }
        self
    }

    /// These registrations with those of an argument of 1988 in the place of theirs: in each class
    /// that there is. No content types and no encoded information types are any.
    #[must_use]
    pub fn with_1988(mut self, argument: &Register88) -> Self {
        let mut classes = self.0.deliverable_class.take().unwrap_or_default();
        if classes.0.is_empty() {
            classes.0.push(everything());
        }
        for class in &mut classes.0 {
            if let Some(types) = &argument.deliverable_content_types {
                class.content_types = Some(types.clone()).filter(|set| !set.0.is_empty());
            }
            if let Some(octets) = argument.deliverable_maximum_content_length {
                class.maximum_content_length = Some(octets);
            }
            if let Some(types) = &argument.deliverable_encoded_information_types {
                class.encoded_information_types_constraints = constraints(types);
            }
        }
        classes.0.retain(|class| *class != everything());
        self.0.deliverable_class = Some(classes).filter(|set| !set.0.is_empty());
        self
    }

    /// As an argument of 1994: what its user may be told.
    pub fn registered(&self) -> &RegisterArgument {
        &self.0
    }
}

/// The constraints that encoded information types of 1988 are: none but these.
pub(crate) fn constraints(
    types: &EncodedInformationTypes,
) -> Option<EncodedInformationTypesConstraints> {
    let oids = Some(types.oids()).filter(|oids| !oids.is_empty())?;
    let exclusively_acceptable_eits = Some(SetOf(oids));
    Some(EncodedInformationTypesConstraints { exclusively_acceptable_eits, ..Default::default() })
}

/// The class of all messages and reports.
pub(crate) fn everything() -> MessageClass {
    MessageClass {
        content_types: None,
        maximum_content_length: None,
        encoded_information_types_constraints: None,
        security_labels: None,
        priority: None,
        objects: MessageClassObjects::BOTH,
        applies_only_to: None,
        extensions: Extensions::default(),
    }
}

/// Why a message is in no such class; `None`: it is in it.
fn out_of_class(class: &MessageClass, message: &Candidate<'_>) -> Option<Undeliverable> {
    if class.objects == MessageClassObjects::REPORTS {
        return Some(Undeliverable::Object);
    }
    if let Some(types) = &class.content_types
        && !types.0.iter().any(|one| one.is(message.content_type))
    {
        return Some(Undeliverable::ContentType);
    }
    if let Some(constraints) = &class.encoded_information_types_constraints
        && let Some(types) = message.encoded_information_types
        && !acceptable(constraints, types)
    {
        return Some(Undeliverable::EncodedInformationTypes);
    }
    let most = class.maximum_content_length.and_then(|most| u64::try_from(most).ok());
    most.filter(|most| message.content_octets > *most).map(|_| Undeliverable::ContentTooLong)
}

/// Whether encoded information types may be. Where there are none, nothing is against them.
fn acceptable(
    constraints: &EncodedInformationTypesConstraints,
    types: &EncodedInformationTypes,
) -> bool {
    let types = types.oids();
    let unacceptable = constraints.unacceptable_eits.iter().flat_map(|set| &set.0);
    if unacceptable.into_iter().any(|one| types.contains(one)) {
        return false;
    }
    let some = |set: &SetOf<_>| types.is_empty() || types.iter().any(|one| set.0.contains(one));
    let all = |set: &SetOf<_>| types.iter().all(|one| set.0.contains(one));
    constraints.acceptable_eits.as_ref().is_none_or(some)
        && constraints.exclusively_acceptable_eits.as_ref().is_none_or(all)
}

/// Whether a restriction says anything about a message.
fn applies(restriction: &Restriction, message: &Candidate<'_>) -> bool {
    let Restriction { source_type, source_name, .. } = restriction;
    let named = |names: &[ORName]| match source_name {
        None => !names.is_empty(),
        Some(name) => names.iter().any(|one| is_named(name, one)),
    };
    let originator = core::slice::from_ref(message.originator);
    [
        (SourceType::ORIGINATED_BY, originator),
        (SourceType::REDIRECTED_BY, message.redirected_by),
        (SourceType::DL_EXPANDED_BY, message.expanded_by),
    ]
    .into_iter()
    .any(|(as_what, names)| source_type.has(as_what) && named(names))
}

/// Whether a name is the one that is meant, or has all attributes of the pattern.
fn is_named(meant: &ExactOrPattern, name: &ORName) -> bool {
    match meant {
        ExactOrPattern::ExactMatch(meant) => Name::of(meant).matches(&Name::of(name)),
        ExactOrPattern::PatternMatch(pattern) => {
            let attributes = canonical(&name.address);
            let directory =
                pattern.directory_name.is_none() || pattern.directory_name == name.directory_name;
            directory && canonical(&pattern.address).iter().all(|one| attributes.contains(one))
        }
    }
}

/// The attributes of an address in the form in which equal ones are equal.
fn canonical(address: &ORAddress) -> Vec<(AttributeType, String)> {
    // What a key is, an address can be read from.
    let address = address.key().parse::<ORAddress>().unwrap_or_default();
    address.attributes().into_iter().map(|one| (one.attribute_type, one.value)).collect()
}

impl<S: Storage> MessageStore<S> {
    /// What may be delivered to a mailbox; everything, where its user has registered nothing.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn deliverable(&self, mailbox: MailboxId) -> Result<Deliverable, StorageError> {
        let value = self.storage.value(Scope::Mailbox(mailbox), REGISTRATIONS)?;
        let read = |octets| RegisterArgument::from_bytes(&octets).ok().map(Deliverable);
        Ok(value.and_then(read).unwrap_or_default())
    }
}

/// The change that keeps registrations.
pub(crate) fn keep(mailbox: MailboxId, deliverable: &Deliverable) -> Change {
    Change::PutValue {
        scope: Scope::Mailbox(mailbox),
        key: bytes::Bytes::from_static(REGISTRATIONS),
        value: deliverable.0.to_ber(),
    }
}

#[cfg(test)]
#[path = "deliverable_tests.rs"]
mod tests;
