//! What can't be submitted (X.411 §8.2.1.1, §8.2.1.2): the abstract-errors, in the order in which
//! they are looked for. Who submits in another's name was refused before.

use restante_mhs::x402::AttributeType;
use restante_mhs::x411::{
    Criticality, Extensions, MTSAbstractError, ORAddress, ORName,
    PerRecipientMessageSubmissionFields, ProofOfSubmissionRequest, extension,
};
use restante_storage::Storage;

use super::{Mail, Refused, time};
use crate::{MessageStore, Now};

const DAY_S: i64 = 24 * 60 * 60;

impl<S: Storage> MessageStore<S> {
    /// Refuses what can't be submitted.
    pub(super) fn check(&self, mail: &Mail<'_>, now: Now) -> Result<(), Refused> {
        let of_recipients = mail.recipients.iter().map(|recipient| &recipient.extensions);
        if core::iter::once(mail.extensions).chain(of_recipients).any(is_unsupported) {
            return Err(MTSAbstractError::UnsupportedCriticalFunction.into());
        }
        let improper: Vec<ORName> = mail.recipients.iter().filter_map(improper).collect();
        if !improper.is_empty() {
            return Err(MTSAbstractError::RecipientImproperlySpecified(improper).into());
        }
        if is_inconsistent(mail) {
            return Err(MTSAbstractError::InconsistentRequest.into());
        }
        let days = i64::try_from(self.settings.local_mta.deferred_days_max).unwrap_or(i64::MAX);
        let latest = time(now).0.saturating_add(days.saturating_mul(DAY_S));
        if mail.deferred.is_some_and(|deferred| deferred.0 > latest) {
            return Err(MTSAbstractError::ElementOfServiceNotSubscribed.into());
        }
        Ok(())
    }
}

/// Whether an extension is critical for submission that is not known, or asks for a proof of
/// submission, which nobody here can make.
fn is_unsupported(extensions: &Extensions) -> bool {
    let proof = extension::PROOF_OF_SUBMISSION_REQUEST;
    let critical = |number| {
        let field = extensions.field(number);
        field.is_some_and(|field| field.criticality.has(Criticality::FOR_SUBMISSION))
    };
    let requested = Ok(Some(ProofOfSubmissionRequest::PROOF_OF_SUBMISSION_REQUESTED));
    extensions.critical_unknown(Criticality::FOR_SUBMISSION).next().is_some()
        || critical(proof.number) && extensions.get(proof) == requested
}

/// The name of a recipient that is improper, or of which the alternate is that the originator asks
/// for: it names nobody, as there is no Directory here to look a name up in, and no user whose
/// address is a domain's.
fn improper(recipient: &PerRecipientMessageSubmissionFields) -> Option<ORName> {
    let alternate = extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
    let alternate = recipient.extensions.get(alternate).ok().flatten();
    let name = &recipient.recipient_name;
    let proper = [Some(name), alternate.as_ref()].into_iter().flatten();
    let proper = proper.map(|name| &name.address).all(names_somebody);
    (!proper).then(|| name.clone())
}

fn names_somebody(address: &ORAddress) -> bool {
    use AttributeType as T;
    let of_domain = |one: &T| {
        matches!(one, T::CountryName | T::AdministrationDomainName | T::PrivateDomainName)
    };
    address.attributes().iter().any(|one| !of_domain(&one.attribute_type))
}

/// Whether what is asked for contradicts itself, or is not of its type.
fn is_inconsistent(mail: &Mail<'_>) -> bool {
    let latest = mail.extensions.get(extension::LATEST_DELIVERY_TIME);
    let too_early = |latest| mail.deferred.is_some_and(|deferred| deferred > latest);
    let latest = latest.map_or(true, |latest| latest.is_some_and(too_early));
    let unreadable = mail.recipients.iter().map(|recipient| &recipient.extensions).any(|given| {
        given.get(extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT).is_err()
            || given.get(extension::REQUESTED_DELIVERY_METHOD).is_err()
    });
    let prohibited = mail.extensions.get(extension::RECIPIENT_REASSIGNMENT_PROHIBITED).is_err();
    latest || unreadable || prohibited
}
