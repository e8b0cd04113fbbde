//! The message that auto-forward makes of a delivered one (X.420 §20.1), and the non-receipt
//! notification where one was asked for (X.420 §8.2).
//!
//! Interpersonal messages are forwarded, as the message body part of another one that is marked
//! auto-forwarded. A message that this user has auto-forwarded before, itself or somewhere inside
//! what came, is not: so those who forward to each other come to rest.

use restante_ber::{Bytes, Decode, Encode, PrintableString, Reader, Rope, Tag};
use restante_mhs::x411::{
    BuiltInEncodedInformationTypes, ContentType, DeliveryFlags, EncodedInformationTypes,
    Extensions, MessageDeliveryEnvelope, MessageSubmissionEnvelope, PerMessageIndicators,
    extension,
};
use restante_mhs::x420::{
    Heading, NonReceiptFields, NonReceiptReason, NotificationFields, NotificationRequests, oids,
};

use super::arrival::Arrived;
use super::errand::Sent;
use super::notification::Asked;
use super::{Rule, forward::Forwarding};
use crate::extract::{P2, P22, forwarded_messages};
use crate::repeat::Identity;
use crate::submit::{body_part, wrapped};

const IPM: Tag = Tag::context(0);

/// The longest identifier that a user gives an IPM (ub-local-ipm-identifier).
const IDENTIFIER_MAX: usize = 64;

/// What came of a message that is to be forwarded.
pub(super) enum Forwarded {
    /// It is none that can be.
    No,
    /// The user has forwarded it before.
    Loop,
    /// It is to be submitted, and the notification where one was asked for.
    Sent(Vec<Sent>),
}

/// What is submitted to forward what came.
pub(super) fn make(forwarding: &Forwarding, rule: &Rule, arrived: &Arrived<'_>) -> Forwarded {
    let Some(asked) = Asked::of(arrived) else { return Forwarded::No };
    if loops(arrived, &asked.heading) {
        return Forwarded::Loop;
    }
    let Some(content) = content(forwarding, arrived, (&asked.envelope, &asked.heading)) else {
        return Forwarded::No;
    };
    let envelope = submission(forwarding, &asked.envelope);
    let mut message = Sent::new(rule, envelope, content, forwarding.store);
    message.errand.delete_subject = forwarding.delete;
    message.errand.process_subject = forwarding.process;
    message.errand.logged = true;
    let notification = notification(forwarding, rule, arrived, &asked);
    Forwarded::Sent([Some(message), notification].into_iter().flatten().collect())
}

/// Envelope and heading of an interpersonal message, `None` of anything else.
pub(super) fn subject(arrived: &Arrived<'_>) -> Option<(MessageDeliveryEnvelope, Heading)> {
    let envelope = MessageDeliveryEnvelope::from_bytes(&arrived.parts.envelope).ok()?;
    let content_type = ContentType::from(envelope.other_fields.content_type.clone());
    let personal = [P2, P22].contains(&content_type.oid());
    let heading = personal.then(|| heading(&arrived.parts.content)).flatten()?;
    Some((envelope, heading))
}

/// The heading of an interpersonal message.
fn heading(content: &Bytes) -> Option<Heading> {
    let object = Reader::over(content).next_element().ok()??;
    let is_message = object.tag == IPM || object.tag == Tag::SEQUENCE;
    let first = object.children().ok().filter(|_| is_message)?.next_element().ok()??;
    Heading::decode(&first).ok()
}

/// Whether the user has auto-forwarded what came, or a message inside it.
fn loops(arrived: &Arrived<'_>, heading: &Heading) -> bool {
    let own = |heading: &Heading| {
        let names = heading.this_ipm.user.iter();
        let names =
            names.chain(heading.originator.iter().filter_map(|who| who.formal_name.as_ref()));
        heading.auto_forwarded
            && names.into_iter().any(|name| name.address.key() == arrived.user.key)
    };
    let content = &arrived.parts.content;
    let inside = |range: core::ops::Range<usize>| {
        content.get(range.clone()).and_then(|_| self::heading(&content.slice(range)))
    };
    own(heading)
        || forwarded_messages(content)
            .into_iter()
            .filter_map(|forwarded| inside(forwarded.range))
            .any(|heading| own(&heading))
}

/// The envelope: what is registered, else what the message had.
fn submission(
    forwarding: &Forwarding,
    delivered: &MessageDeliveryEnvelope,
) -> MessageSubmissionEnvelope {
    let fields = &delivered.other_fields;
    let types = fields.converted_encoded_information_types.as_ref();
    let types = types.or(fields.original_encoded_information_types.as_ref());
    let flags = fields.delivery_flags.clone().unwrap_or_default();
    let prohibited = flags.has(DeliveryFlags::IMPLICIT_CONVERSION_PROHIBITED);
    let prohibited = prohibited.then_some(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED);
    let indicators = || PerMessageIndicators::of(prohibited);
    MessageSubmissionEnvelope {
        originator_name: forwarding.originator_name.clone(),
        original_encoded_information_types: types.map(|types| with_types(types, forwarding)),
        content_type: ContentType::from(fields.content_type.clone()),
        content_identifier: forwarding
            .content_identifier
            .clone()
            .or_else(|| fields.content_identifier.clone()),
        priority: forwarding.priority.unwrap_or(fields.priority),
        per_message_indicators: forwarding.indicators.clone().unwrap_or_else(indicators),
        deferred_delivery_time: forwarding.deferred_delivery_time,
        extensions: with_extensions(&forwarding.extensions, &fields.extensions),
        per_recipient_fields: forwarding.recipients.clone(),
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

/// The content: an interpersonal message with the one that came in it.
fn content(
    forwarding: &Forwarding,
    arrived: &Arrived<'_>,
    (envelope, delivered): (&MessageDeliveryEnvelope, &Heading),
) -> Option<Bytes> {
    let mut heading = forwarding.heading.clone();
    let prefix = heading.this_ipm.user_relative_identifier.as_str();
    heading.this_ipm.user_relative_identifier = identifier(prefix, arrived, envelope);
    heading.originator.get_or_insert_with(|| forwarding.originator_name.clone().into());
    heading.auto_forwarded = true;
    if heading.subject.is_none() && heading.subject_text().is_none() {
        heading.subject = delivered.subject.clone();
        let extended = delivered.extensions.0.iter();
        let extended = extended.filter(|one| one.r#type == oids::ID_HEX_EXTENDED_SUBJECT);
        heading.extensions.0.extend(extended.cloned());
    }
    if !forwarding.importance {
        heading.importance = delivered.importance;
    }
    heading.sensitivity = heading.sensitivity.or(delivered.sensitivity);
    let row = arrived.entry.as_row();
    let part = body_part(&row, &arrived.parts.envelope, &arrived.parts.content)?;
    let mut parts = Rope::from(forwarding.cover_note_octets());
    parts.append(part);
    let mut message = heading.to_rope();
    message.append(wrapped(Tag::SEQUENCE, parts));
    Some(wrapped(IPM, message).to_bytes())
}

/// An identifier that this user gives no other message: when it came, and a part of a digest of
/// what.
fn identifier(
    prefix: &str,
    arrived: &Arrived<'_>,
    envelope: &MessageDeliveryEnvelope,
) -> PrintableString {
    let unique = format!("{}-{}", arrived.now.0, Identity::of_message(envelope).start());
    let room = IDENTIFIER_MAX.saturating_sub(unique.len());
    let prefix: String = prefix.chars().take(room).collect();
    PrintableString(format!("{prefix}{unique}"))
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
    Some(Sent::new(rule, envelope, content, false))
}
