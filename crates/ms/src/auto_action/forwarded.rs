//! The message that auto-forward makes of a delivered one (X.420 §20.1), and the non-receipt
//! notification where one was asked for (X.420 §8.2).
//!
//! Interpersonal messages are forwarded, in 1994 notifications, reports and other messages where
//! the registration says so, as a body part (`object`) of another one that is marked
//! auto-forwarded. What this user has auto-forwarded before is not (`loops`): so those who forward
//! to each other come to rest.

use restante_ber::{Bytes, Decode, Encode, PrintableString, Rope, Tag};
use restante_mhs::x411::{
    BuiltInEncodedInformationTypes, ContentCorrelator, ContentType, DeliveryFlags,
    EncodedInformationTypes, Extensions, MessageDeliveryEnvelope, MessageSubmissionEnvelope,
    PerMessageIndicators, PerRecipientMessageSubmissionFields, extension,
};
use restante_mhs::x420::{
    Heading, NonReceiptFields, NonReceiptReason, NotificationFields, NotificationRequests, oids,
};

use super::arrival::Arrived;
use super::errand::Sent;
use super::loops;
use super::notification::Asked;
use super::object::Object;
use super::storing::Storing;
use super::{Rule, forward::Forwarding};
use crate::extract::{P2, P22};
use crate::submit::wrapped;

const IPM: Tag = Tag::context(0);

/// What came of what is to be forwarded.
pub(super) enum Forwarded {
    /// It is none that can be.
    No,
    /// The user has forwarded it before, or it came from all to whom it is to go.
    Loop,
    /// It is to be submitted, and the notification where one was asked for. Whether it goes to
    /// fewer than are registered, since it came from the others.
    Sent(Vec<Sent>, bool),
}

/// What is submitted to forward what came.
pub(super) fn make(forwarding: &Forwarding, rule: &Rule, arrived: &Arrived<'_>) -> Forwarded {
    let Some(object) = Object::of(arrived) else { return Forwarded::No };
    let Some(part) = object.body_part(forwarding, arrived) else { return Forwarded::No };
    let recipients = loops::recipients(forwarding, object.envelope());
    let fewer = recipients.len() < forwarding.recipients.len();
    if recipients.is_empty() || loops::is_loop(forwarding, &object, arrived) {
        return Forwarded::Loop;
    }
    let prefix = forwarding.heading.this_ipm.user_relative_identifier.as_str();
    let identifier = loops::identifier(prefix, arrived, &object.identity());
    let envelope = submission(forwarding, &object, (recipients, &identifier));
    let content = content(forwarding, &object, (part, identifier));
    let mut message = Sent::new(rule, envelope, content, &forwarding.storing);
    message.errand.delete_subject = forwarding.delete;
    message.errand.process_subject = forwarding.process;
    message.errand.logged = true;
    let notification = match &object {
        Object::Message(asked) => notification(forwarding, rule, arrived, asked),
        _ => None,
    };
    Forwarded::Sent([Some(message), notification].into_iter().flatten().collect(), fewer)
}

/// Envelope and heading of an interpersonal message, `None` of anything else.
pub(super) fn subject(arrived: &Arrived<'_>) -> Option<(MessageDeliveryEnvelope, Heading)> {
    let envelope = MessageDeliveryEnvelope::from_bytes(&arrived.parts.envelope).ok()?;
    let content_type = ContentType::from(envelope.other_fields.content_type.clone());
    let personal = [P2, P22].contains(&content_type.oid());
    let heading = personal.then(|| loops::heading(&arrived.parts.content)).flatten()?;
    Some((envelope, heading))
}

/// The envelope: what is registered, else what came with what is forwarded.
fn submission(
    forwarding: &Forwarding,
    object: &Object,
    (recipients, identifier): (Vec<PerRecipientMessageSubmissionFields>, &str),
) -> MessageSubmissionEnvelope {
    let flags = object.envelope().and_then(|one| one.other_fields.delivery_flags.clone());
    let prohibited = flags.unwrap_or_default().has(DeliveryFlags::IMPLICIT_CONVERSION_PROHIBITED);
    let prohibited = prohibited.then_some(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED);
    let indicators = || PerMessageIndicators::of(prohibited);
    let mut extensions = with_extensions(&forwarding.extensions, object.extensions());
    // By this a report on it is known.
    if forwarding.objects.all && extensions.field(extension::CONTENT_CORRELATOR.number).is_none() {
        let correlator = ContentCorrelator::Ia5text(identifier.into());
        extensions.push(extension::CONTENT_CORRELATOR, &correlator);
    }
    let identifier = forwarding.content_identifier.as_ref();
    MessageSubmissionEnvelope {
        originator_name: forwarding.originator_name.clone(),
        original_encoded_information_types: object
            .types()
            .map(|types| with_types(types, forwarding)),
        content_type: object.forwarded_as(),
        content_identifier: identifier.or(object.content_identifier()).cloned(),
        priority: forwarding.priority.unwrap_or(object.priority()),
        per_message_indicators: forwarding.indicators.clone().unwrap_or_else(indicators),
        deferred_delivery_time: forwarding.deferred_delivery_time,
        extensions,
        per_recipient_fields: recipients,
    }
}

/// The encoded information types of the message and of what is put before it.
fn with_types(
    types: &EncodedInformationTypes,
    forwarding: &Forwarding,
) -> EncodedInformationTypes {
    let mut types = types.clone();
    let built_in = &types.built_in_encoded_information_types;
    let registered = forwarding.types.as_ref().map(|t| &t.built_in_encoded_information_types);
    let text = matches!(forwarding.cover_note, Some(restante_mhs::x420::BodyPart::Ia5Text(_)));
    let text = text.then_some(BuiltInEncodedInformationTypes::IA5_TEXT);
    let bits = built_in.0.ones().chain(registered.into_iter().flat_map(|t| t.0.ones()));
    let bits: Vec<usize> = bits.chain(text).collect();
    types.built_in_encoded_information_types = BuiltInEncodedInformationTypes::of(bits);
    types
}

/// The extensions that are registered, and of the message those that must go with it: its
/// security label and that it is not to be converted with loss.
fn with_extensions(registered: &Extensions, delivered: &Extensions) -> Extensions {
    let mut extensions = registered.clone();
    let kept = [
        extension::MESSAGE_SECURITY_LABEL.number,
        extension::CONVERSION_WITH_LOSS_PROHIBITED.number,
    ];
    for number in kept {
        if extensions.field(number).is_none() {
            extensions.0.0.extend(delivered.field(number).cloned());
        }
    }
    extensions
}

/// The content: an interpersonal message with what came as a part of it.
fn content(forwarding: &Forwarding, object: &Object, (part, identifier): (Rope, String)) -> Bytes {
    let mut heading = forwarding.heading.clone();
    heading.this_ipm.user_relative_identifier = PrintableString(identifier);
    heading.originator.get_or_insert_with(|| forwarding.originator_name.clone().into());
    heading.auto_forwarded = true;
    if let Object::Message(asked) = object {
        as_in(&mut heading, &asked.heading, forwarding.importance);
    }
    let mut parts = Rope::from(forwarding.cover_note_octets());
    parts.append(part);
    let mut message = heading.to_rope();
    message.append(wrapped(Tag::SEQUENCE, parts));
    wrapped(IPM, message).to_bytes()
}

/// What is not registered is as in the message.
fn as_in(heading: &mut Heading, delivered: &Heading, importance: bool) {
    if heading.subject.is_none() && heading.subject_text().is_none() {
        heading.subject = delivered.subject.clone();
        let extended = delivered.extensions.0.iter();
        let extended = extended.filter(|one| one.r#type == oids::ID_HEX_EXTENDED_SUBJECT);
        heading.extensions.0.extend(extended.cloned());
    }
    if !importance {
        heading.importance = delivered.importance;
    }
    heading.sensitivity = heading.sensitivity.or(delivered.sensitivity);
}

/// A non-receipt notification to whoever asked this user for one.
fn notification(
    forwarding: &Forwarding,
    rule: &Rule,
    arrived: &Arrived<'_>,
    asked: &Asked,
) -> Option<Sent> {
    if !asked.asks(NotificationRequests::NRN) {
        return None;
    }
    let fields = NonReceiptFields {
        non_receipt_reason: NonReceiptReason::IPM_AUTO_FORWARDED,
        discard_reason: None,
        auto_forward_comment: forwarding.comment.clone(),
        returned_ipm: asked.returned(arrived),
        nrn_extensions: None,
    };
    let choice = NotificationFields::NonReceiptFields(fields);
    let (envelope, content) = asked.notification(&forwarding.originator_name, choice);
    Some(Sent::new(rule, envelope, content, &Storing::default()))
}
