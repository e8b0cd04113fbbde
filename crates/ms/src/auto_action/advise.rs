//! Auto-advise (X.420 §20.5): who sends a message and understands advice is sent one, once. Who
//! does not is sent a message that says the same, where that is registered; but never in answer to
//! what a machine has sent, so that two of them don't go on for ever.
//!
//! ```text
//! key     "advised/", 4 octets registration-identifier, the name of whoever was advised
//! value   nothing
//! ```

use bytes::Bytes;
use restante_ber::{Encode, GeneralizedTime, Oid, UtcTime};
use restante_mhs::x411::{BuiltInContentType, ContentType, ORName};
use restante_mhs::x413::Filter;
use restante_mhs::x420::{
    AbsenceAdvice, AutoSubmitted, Body, BodyPart, ChangeOfAddressAdvice, ExtensionsField, Heading,
    IPM, IPMAutoAdviseRegistrationParameter, IPMIdentifier, IPMSExtension, InformationObject,
    NotificationFields, NotificationRequests, extension, oids as ipms,
};
use restante_storage::{Change, Scope, Storage, StorageError};

use std::sync::Arc;

use super::Rule;
use super::arrival::{Acts, Arrived};
use super::errand::Sent;
use super::loops;
use super::notification::Asked;
use super::storing::Storing;
use crate::MessageStore;
use crate::repeat::Identity;

const PREFIX: &[u8] = b"advised/";
/// Of how many a registration knows that they were advised; beyond, some are forgotten, and may be
/// advised again.
const ADVISED_MAX: usize = 4096;

/// What is advised of.
#[derive(Debug)]
pub(super) struct Advising {
    pub(super) filter: Option<Filter>,
    advice: ExtensionsField,
    enabled: bool,
    once: bool,
    /// A message to those who do not understand advice.
    by_message: bool,
    pub(super) storing: Storing,
}

impl Advising {
    /// Reads what was registered.
    pub(super) fn of(parameter: IPMAutoAdviseRegistrationParameter) -> Self {
        Self {
            by_message: parameter.use_ipm_if_an_not_supported,
            storing: Storing::of(parameter.submission_options),
            filter: parameter.filter,
            advice: parameter.advice_notifications,
            enabled: parameter.enabled,
            once: parameter.suppress_subsequent_notifications,
        }
    }

    /// The message that says the same; `None` where there is nothing in the advice that can be
    /// said so, or a machine has asked.
    fn message(&self, asked: &Asked, arrived: &Arrived<'_>, from: &ORName) -> Option<Bytes> {
        let submitted = &ipms::ID_HEX_AUTO_SUBMITTED;
        let who = extension::<AutoSubmitted>(&asked.heading.extensions, submitted);
        let by_person = who.is_none_or(|who| who == Ok(AutoSubmitted::NOT_AUTO_SUBMITTED));
        if !by_person || asked.heading.auto_forwarded {
            return None;
        }
        let parts: Vec<_> = self.advice.0.iter().flat_map(said).collect();
        let identifier = loops::identifier("", arrived, &Identity::of_message(&asked.envelope));
        let mut heading = Heading::new(IPMIdentifier {
            user: Some(from.clone()),
            user_relative_identifier: identifier.as_str().into(),
        });
        heading.originator = Some(from.clone().into());
        let originator = asked.envelope.other_fields.originator_name.clone();
        heading.primary_recipients = vec![originator.into()];
        heading.replied_to_ipm = Some(asked.heading.this_ipm.clone());
        heading.subject = asked.heading.subject.clone();
        let replied = IPMSExtension::new(submitted.clone(), &AutoSubmitted::AUTO_REPLIED);
        heading.extensions.0.push(replied);
        let message = IPM { heading: heading.into(), body: Body(parts) };
        (!message.body.0.is_empty()).then(|| InformationObject::Ipm(message).to_ber())
    }
}

/// What an advice says, as body parts.
fn said(advice: &IPMSExtension) -> Vec<BodyPart> {
    if advice.r#type == ipms::ID_ON_ABSENCE_ADVICE {
        let Ok(absence) = advice.value.to::<AbsenceAdvice>() else { return Vec::new() };
        let back = absence.next_available.map(|time| format!("Back: {}", text(time)));
        let back = back.map(|text| BodyPart::ia5_text(&text));
        return absence.advice.into_iter().chain(back).collect();
    }
    if advice.r#type == ipms::ID_ON_CHANGE_OF_ADDRESS_ADVICE {
        let Ok(change) = advice.value.to::<ChangeOfAddressAdvice>() else { return Vec::new() };
        let Some(name) = change.new_address.formal_name else { return Vec::new() };
        let from = change.effective_from.map(|time| format!(", from {} on", text(time)));
        let new = format!("New address: {name}{}", from.unwrap_or_default());
        return vec![BodyPart::ia5_text(&new)];
    }
    Vec::new()
}

/// A time as people read it.
fn text(time: UtcTime) -> String {
    let text = GeneralizedTime(time.0.saturating_mul(1_000_000)).text();
    let part = |range| text.get(range).unwrap_or_default();
    let (year, month, day) = (part(0..4), part(4..6), part(6..8));
    format!("{year}-{month}-{day} {}:{} UTC", part(8..10), part(10..12))
}

impl<S: Storage> MessageStore<S> {
    /// Advises the originator of what comes, where that understands it and wants it.
    pub(super) fn advise(
        &self,
        advising: &Advising,
        rule: &Arc<Rule>,
        arrived: &Arrived<'_>,
        acts: &mut Acts,
    ) -> Result<(), StorageError> {
        let Some(asked) = Asked::of(arrived).filter(|_| advising.enabled) else { return Ok(()) };
        let understood = asked.asks(NotificationRequests::AN_SUPPORTED);
        let wanted =
            (understood || advising.by_message) && !asked.asks(NotificationRequests::SUPPRESS_AN);
        let originator = asked.envelope.other_fields.originator_name.address.key();
        let (_, identifier) = rule.name();
        let prefix = [PREFIX, &identifier.to_be_bytes()].concat();
        let key: Bytes = [&prefix, originator.as_bytes()].concat().into();
        let scope = Scope::Mailbox(arrived.mailbox);
        if !wanted || (advising.once && self.storage.value(scope, &key)?.is_some()) {
            return Ok(());
        }
        let from = ORName::from(arrived.user.or_address.clone());
        let (mut envelope, content) = if understood {
            let choice = NotificationFields::OtherNotificationTypeFields(advising.advice.clone());
            let (envelope, content) = asked.notification(&from, choice);
            (envelope, Some(content))
        } else {
            (asked.submission(&from), advising.message(&asked, arrived, &from))
        };
        // What says that a machine has sent it is none of P2's.
        envelope.content_type =
            ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988);
        let Some(content) = content else { return Ok(()) };
        let mut sent = Sent::new(rule, envelope, content, &advising.storing);
        sent.errand.logged = true;
        acts.sent.push((sent, None));
        if advising.once {
            let known = self.storage.values(scope, &prefix)?;
            let too_many = (known.len() + 1).saturating_sub(ADVISED_MAX);
            let forgotten = known.into_iter().take(too_many);
            let forget = |(key, _)| Change::RemoveValue { scope, key };
            acts.changes.extend(forgotten.map(forget));
            acts.changes.push(Change::PutValue { scope, key, value: Bytes::new() });
        }
        Ok(())
    }

    /// What has a registration, where it is one of auto-advise, advise everybody anew.
    pub(super) fn forget_advised(
        &self,
        scope: Scope,
        (kind, identifier): (&Oid, u32),
    ) -> Result<Vec<Change>, StorageError> {
        if *kind != ipms::ID_AA_IPM_AUTO_ADVISE {
            return Ok(Vec::new());
        }
        let prefix = [PREFIX, &identifier.to_be_bytes()].concat();
        let known = self.storage.values(scope, &prefix)?;
        Ok(known.into_iter().map(|(key, _)| Change::RemoveValue { scope, key }).collect())
    }
}
