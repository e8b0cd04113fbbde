//! Where the message goes for each recipient (X.411 §14.3): into the recipient's mailbox, or into
//! that of the alternate whom the originator asks for, or of the one whom the domain has for what
//! is for nobody, or nowhere, and why.
//!
//! A message of which nothing can be delivered, because of what it asks for or of the time, is
//! reported so for all of its recipients, and no alternate is tried.

use restante_directory::User;
use restante_mhs::x402::AttributeType;
use restante_mhs::x411::{
    Criticality, Extensions, IntendedRecipientName, NonDeliveryDiagnosticCode as Diagnostic,
    NonDeliveryReasonCode as Reason, ORAddress, ORName, PerMessageIndicators,
    PerRecipientMessageSubmissionFields, RecipientReassignmentProhibited, Redirection,
    RedirectionReason, RequestedDeliveryMethod, extension,
};
use restante_storage::{MailboxId, Storage};

use super::{Mail, Refused, time};
use crate::deliverable::{Candidate, Undeliverable};
use crate::hold::Arriving;
use crate::{MessageStore, Now};

/// What becomes of a recipient.
pub(super) struct Routed<'a> {
    pub(super) fields: &'a PerRecipientMessageSubmissionFields,
    /// Its place among the recipients.
    pub(super) place: u32,
    /// Whose mailbox was tried last.
    pub(super) actual: ORName,
    /// How it came there, the first redirection first.
    pub(super) redirections: Vec<Redirection>,
    pub(super) fate: Result<Reached, NonDelivery>,
}

/// A mailbox that takes the message.
pub(super) struct Reached {
    pub(super) user: User,
    pub(super) mailbox: MailboxId,
    /// Whether no recipient before this one reached it: a mailbox gets the message once.
    pub(super) first: bool,
    /// Why it does not take it now, for people.
    pub(super) held: Option<&'static str>,
}

/// Why there is no delivery.
#[derive(Clone, Copy)]
pub(super) struct NonDelivery {
    pub(super) reason: Reason,
    pub(super) diagnostic: Option<Diagnostic>,
    /// For people; of the characters of a PrintableString.
    pub(super) information: Option<&'static str>,
}

const fn unable(diagnostic: Diagnostic, information: &'static str) -> NonDelivery {
    NonDelivery {
        reason: Reason::UNABLE_TO_TRANSFER,
        diagnostic: Some(diagnostic),
        information: Some(information),
    }
}

const UNRECOGNISED: NonDelivery =
    unable(Diagnostic::UNRECOGNISED_OR_NAME, "nobody here has this address");
const EXPIRED: NonDelivery =
    unable(Diagnostic::MAXIMUM_TIME_EXPIRED, "the latest delivery time has passed");
const CRITICAL: NonDelivery =
    unable(Diagnostic::UNSUPPORTED_CRITICAL_FUNCTION, "a critical extension is not known here");
const TOO_LONG: NonDelivery =
    unable(Diagnostic::CONTENT_TOO_LONG, "longer than anything that is delivered here");
const FULL: NonDelivery =
    unable(Diagnostic::RECIPIENT_UNAVAILABLE, "the mailbox has as many entries as it may");
const LOOP: NonDelivery =
    unable(Diagnostic::REDIRECTION_LOOP_DETECTED, "the alternate recipient is the same");
pub(super) const TOO_MANY_RECIPIENTS: NonDelivery =
    unable(Diagnostic::TOO_MANY_RECIPIENTS, "send it to fewer at once");
/// Its content is on a damaged part of the disk.
const DAMAGED: NonDelivery = NonDelivery {
    reason: Reason::TRANSFER_FAILURE,
    diagnostic: Some(Diagnostic::UNABLE_TO_COMPLETE_TRANSFER),
    information: Some("it was damaged while it waited for its time"),
};
const NO_CONVERSION: NonDelivery = NonDelivery {
    reason: Reason::CONVERSION_NOT_PERFORMED,
    diagnostic: Some(Diagnostic::CONVERSION_IMPRACTICAL),
    information: Some("nothing is converted here"),
};
const IMPLICIT_CONVERSION_PROHIBITED: NonDelivery = NonDelivery {
    reason: Reason::CONVERSION_NOT_PERFORMED,
    diagnostic: Some(Diagnostic::IMPLICIT_CONVERSION_PROHIBITED),
    information: None,
};
const NOT_PHYSICAL: NonDelivery = NonDelivery {
    reason: Reason::PHYSICAL_DELIVERY_NOT_PERFORMED,
    diagnostic: None,
    information: Some("delivered here is into mailboxes only"),
};

impl From<Undeliverable> for NonDelivery {
    fn from(why: Undeliverable) -> Self {
        let (reason, diagnostic) = why.codes();
        Self { reason, diagnostic, information: None }
    }
}

/// Has nobody reached, for the same reason.
pub(super) fn fail_all(routed: &mut [Routed<'_>], why: NonDelivery) {
    routed.iter_mut().for_each(|one| one.fate = Err(why));
}

impl<S: Storage> MessageStore<S> {
    /// Where a message goes, or would go.
    pub(super) fn route<'a>(&self, mail: &Mail<'a>, now: Now) -> Result<Vec<Routed<'a>>, Refused> {
        let all = self.for_all(mail, now);
        let mut routed: Vec<Routed<'a>> = Vec::with_capacity(mail.recipients.len());
        for (place, fields) in (0..).zip(mail.recipients) {
            if mail.places.as_ref().is_some_and(|places| !places.contains(&place)) {
                continue;
            }
            let one = match all.or_else(|| for_one(fields)) {
                Some(why) => Routed {
                    fields,
                    place,
                    actual: fields.recipient_name.clone(),
                    redirections: Vec::new(),
                    fate: Err(why),
                },
                None => self.route_one(mail, (place, fields), now)?,
            };
            routed.push(one);
        }
        let mut reached = std::collections::HashSet::new();
        for one in &mut routed {
            if let Ok(fate) = &mut one.fate {
                fate.first = reached.insert(fate.mailbox);
            }
        }
        Ok(routed)
    }

    /// Why a message is delivered to nobody.
    fn for_all(&self, mail: &Mail<'_>, now: Now) -> Option<NonDelivery> {
        let settings = &self.settings.local_mta;
        if mail.damaged {
            return Some(DAMAGED);
        }
        let latest = mail.extensions.get(extension::LATEST_DELIVERY_TIME).ok().flatten();
        if latest.is_some_and(|latest| time(now) > latest) {
            return Some(EXPIRED);
        }
        if has_unknown(mail.extensions) {
            return Some(CRITICAL);
        }
        if mail.recipients.len() > settings.recipients_max {
            return Some(TOO_MANY_RECIPIENTS);
        }
        (mail.content_octets > settings.content_octets_max).then_some(TOO_LONG)
    }

    /// Tries the recipient, then alternates.
    fn route_one<'a>(
        &self,
        mail: &Mail<'a>,
        (place, fields): (u32, &'a PerRecipientMessageSubmissionFields),
        now: Now,
    ) -> Result<Routed<'a>, Refused> {
        let intended = &fields.recipient_name;
        let mut routed = Routed {
            fields,
            place,
            actual: intended.clone(),
            redirections: Vec::new(),
            fate: self.reach(mail, intended, &[])?,
        };
        let Err(why) = &routed.fate else { return Ok(routed) };
        let asked_for = extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
        let (alternate, reason) = match fields.extensions.get(asked_for).ok().flatten() {
            Some(alternate) => {
                (alternate, RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT)
            }
            None => match self.alternate_of_domain(mail, &intended.address, why) {
                Some(alternate) => {
                    let reason = RedirectionReason::RECIPIENT_MD_ASSIGNED_ALTERNATE_RECIPIENT;
                    (ORName::from(alternate.clone()), reason)
                }
                None => return Ok(routed),
            },
        };
        if alternate.address.key() == intended.address.key() {
            routed.fate = Err(LOOP);
            return Ok(routed);
        }
        routed.redirections.push(Redirection {
            intended_recipient_name: IntendedRecipientName {
                intended_recipient: intended.clone(),
                redirection_time: time(now),
            },
            redirection_reason: reason,
        });
        routed.fate = self.reach(mail, &alternate, core::slice::from_ref(intended))?;
        routed.actual = alternate;
        Ok(routed)
    }

    /// The mailbox of this name, if the message may be delivered to it.
    fn reach(
        &self,
        mail: &Mail<'_>,
        name: &ORName,
        redirected_by: &[ORName],
    ) -> Result<Result<Reached, NonDelivery>, Refused> {
        let Some(user) = self.directory.user(&name.address.key())? else {
            return Ok(Err(UNRECOGNISED));
        };
        let mailbox = self.mailbox(&user)?;
        if !mail.probe && self.is_full(mailbox)? {
            return Ok(Err(FULL));
        }
        let candidate = Candidate {
            content_type: mail.content_type,
            content_octets: mail.content_octets,
            encoded_information_types: mail.original_encoded_information_types,
            originator: mail.originator_name,
            redirected_by,
            expanded_by: &[],
        };
        let prohibited = mail.indicators.has(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED);
        Ok(match self.deliverable(mailbox)?.refusal(&candidate) {
            None => {
                let held = if mail.probe { None } else { self.hold_on(mail, &user) };
                Ok(Reached { user, mailbox, first: true, held })
            }
            Some(Undeliverable::EncodedInformationTypes) if prohibited => {
                Err(IMPLICIT_CONVERSION_PROHIBITED)
            }
            Some(why) => Err(why.into()),
        })
    }

    /// Why a message is held of a user.
    fn hold_on(&self, mail: &Mail<'_>, user: &User) -> Option<&'static str> {
        let arriving = Arriving::Message {
            content_type: mail.content_type,
            content_octets: mail.content_octets,
            priority: mail.priority,
        };
        self.holds.refusal(user, &arriving)
    }

    /// Who gets what is for nobody in the domain, unless its originator does not want that.
    fn alternate_of_domain(
        &self,
        mail: &Mail<'_>,
        intended: &ORAddress,
        why: &NonDelivery,
    ) -> Option<&ORAddress> {
        let prohibited = mail.extensions.get(extension::RECIPIENT_REASSIGNMENT_PROHIBITED);
        let allowed = mail.indicators.has(PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED)
            && prohibited
                != Ok(Some(RecipientReassignmentProhibited::RECIPIENT_REASSIGNMENT_PROHIBITED))
            && why.diagnostic == UNRECOGNISED.diagnostic;
        let alternate = self.settings.local_mta.alternate_recipient.as_ref()?;
        (allowed && self.is_of_domain(intended)).then_some(alternate)
    }

    /// Whether an address is of the MTA's own domain.
    fn is_of_domain(&self, address: &ORAddress) -> bool {
        let domain = &self.settings.local_mta.domain;
        let private = domain.private_domain_identifier.as_ref();
        let ours = [
            (AttributeType::CountryName, domain.country_name.0.as_str()),
            (
                AttributeType::AdministrationDomainName,
                domain.administration_domain_name.0.as_str(),
            ),
            (AttributeType::PrivateDomainName, private.map_or("", |name| name.as_str())),
        ];
        let attributes = address.attributes();
        ours.iter().all(|(attribute, value)| {
            let theirs = attributes.iter().find(|one| one.attribute_type == *attribute);
            let theirs = theirs.map_or("", |one| one.value.trim());
            theirs.eq_ignore_ascii_case(value.trim())
        })
    }
}

/// Why a message is not delivered to one recipient, whoever that is.
fn for_one(fields: &PerRecipientMessageSubmissionFields) -> Option<NonDelivery> {
    if has_unknown(&fields.extensions) {
        return Some(CRITICAL);
    }
    if fields.explicit_conversion.is_some() {
        return Some(NO_CONVERSION);
    }
    let methods = fields.extensions.get(extension::REQUESTED_DELIVERY_METHOD).ok().flatten();
    let here =
        [RequestedDeliveryMethod::ANY_DELIVERY_METHOD, RequestedDeliveryMethod::MHS_DELIVERY];
    let methods = methods.filter(|methods| !methods.is_empty())?;
    (!methods.iter().any(|method| here.contains(method))).then_some(NOT_PHYSICAL)
}

/// Whether there is an extension that is critical for transfer or delivery and not known.
fn has_unknown(extensions: &Extensions) -> bool {
    let unknown = |whom| extensions.critical_unknown(whom).next().is_some();
    unknown(Criticality::FOR_TRANSFER) || unknown(Criticality::FOR_DELIVERY)
}
