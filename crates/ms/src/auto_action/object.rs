//! What is auto-forwarded, and the body part that it becomes (X.420 §20.1, §7.4): a message is a
//! message body part. In 1994 a notification, a report and the content of any other message have
//! extended ones, for registrations that want all object types.

use restante_ber::{Any, Bytes, Decode, Encode, External, Oid, Reader, Rope, Tag};
use restante_mhs::x411::{
    BuiltInContentType, ContentIdentifier, ContentType, EncodedInformationTypes, Extensions,
    MessageDeliveryEnvelope, Priority, ReportDeliveryEnvelope,
};
use restante_mhs::x420::{
    BodyPart, ExtendedBodyPart, IPN, InformationObject, NotificationFields, oids,
};

use super::arrival::Arrived;
use super::forward::Forwarding;
use super::notification::Asked;
use crate::extract::{P2, P22, kind};
use crate::repeat::Identity;
use crate::submit::{body_part, parameters, wrapped};

/// ipn: the tag of a notification as a content.
const IPN_TAG: Tag = Tag::context(1);
/// returned-content of a report.
const RETURNED_CONTENT: Tag = Tag::context(0);
/// mts-identifier of what is forwarded as a content.
const MTS_IDENTIFIER: Tag = Tag::context(2);

/// What came.
pub(super) enum Object {
    /// An interpersonal message.
    Message(Box<Asked>),
    /// A notification.
    Notification(Box<MessageDeliveryEnvelope>, Box<IPN>),
    /// A message of another content-type, or one that can't be read.
    Other(Box<MessageDeliveryEnvelope>),
    /// A report.
    Report(Box<ReportDeliveryEnvelope>),
}

impl Object {
    /// Of what came; `None` where its envelope can't be read.
    pub(super) fn of(arrived: &Arrived<'_>) -> Option<Self> {
        let octets = &arrived.parts.envelope;
        if arrived.entry.columns.kind == kind::REPORT {
            let envelope = ReportDeliveryEnvelope::from_bytes(octets).ok()?;
            return Some(Self::Report(Box::new(envelope)));
        }
        if let Some(asked) = Asked::of(arrived) {
            return Some(Self::Message(Box::new(asked)));
        }
        let envelope = Box::new(MessageDeliveryEnvelope::from_bytes(octets).ok()?);
        let content_type = ContentType::from(envelope.other_fields.content_type.clone());
        Some(match InformationObject::from_bytes(&arrived.parts.content) {
            Ok(InformationObject::Ipn(notification)) if is_ipm(&content_type) => {
                Self::Notification(envelope, Box::new(notification))
            }
            _ => Self::Other(envelope),
        })
    }

    /// Its envelope, where it is a message.
    pub(super) fn envelope(&self) -> Option<&MessageDeliveryEnvelope> {
        match self {
            Self::Message(asked) => Some(&asked.envelope),
            Self::Notification(envelope, _) | Self::Other(envelope) => Some(envelope),
            Self::Report(_) => None,
        }
    }

    pub(super) fn identity(&self) -> Identity {
        match self {
            Self::Report(envelope) => Identity::of_report(envelope),
            Self::Message(asked) => Identity::of_message(&asked.envelope),
            Self::Notification(envelope, _) | Self::Other(envelope) => {
                Identity::of_message(envelope)
            }
        }
    }

    pub(super) fn extensions(&self) -> &Extensions {
        match self {
            Self::Report(envelope) => &envelope.extensions,
            Self::Message(asked) => &asked.envelope.other_fields.extensions,
            Self::Notification(envelope, _) | Self::Other(envelope) => {
                &envelope.other_fields.extensions
            }
        }
    }

    pub(super) fn content_identifier(&self) -> Option<&ContentIdentifier> {
        match self {
            Self::Report(envelope) => envelope.content_identifier.as_ref(),
            _ => self.envelope()?.other_fields.content_identifier.as_ref(),
        }
    }

    /// How urgent it was; a report is a normal one.
    pub(super) fn priority(&self) -> Priority {
        self.envelope().map_or(Priority::NORMAL, |envelope| envelope.other_fields.priority)
    }

    /// The encoded information types of what is forwarded.
    pub(super) fn types(&self) -> Option<&EncodedInformationTypes> {
        let fields = &self.envelope()?.other_fields;
        let converted = fields.converted_encoded_information_types.as_ref();
        converted.or(fields.original_encoded_information_types.as_ref())
    }

    /// The content-type of what it is forwarded in: extended body parts are none of P2's.
    pub(super) fn forwarded_as(&self) -> ContentType {
        match self {
            Self::Message(asked) => {
                ContentType::from(asked.envelope.other_fields.content_type.clone())
            }
            _ => ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988),
        }
    }

    /// The body part that it becomes; `None` where the registration does not want it.
    pub(super) fn body_part(
        &self,
        forwarding: &Forwarding,
        arrived: &Arrived<'_>,
    ) -> Option<Rope> {
        let wanted = forwarding.objects;
        match self {
            Self::Message(_) => {
                let row = arrived.entry.as_row();
                body_part(&row, &arrived.parts.envelope, &arrived.parts.content)
            }
            _ if !wanted.all => None,
            Self::Notification(_, notification) => {
                let octets = notification_data(notification, arrived, wanted.returned_ipm)?;
                let parameters = parameters_of(arrived, None)?;
                let parameters = External::single(oids::ID_EP_NOTIFICATION, parameters);
                Some(extended(oids::ID_ET_NOTIFICATION, octets, Some(parameters)))
            }
            Self::Other(_) if wanted.contents_prohibited => None,
            Self::Other(envelope) => {
                let content_type = type_of(envelope, &arrived.parts.content);
                let below = |oid: &Oid| {
                    let arcs = [oid.arcs(), content_type.arcs()].concat();
                    Oid::from_arcs(&arcs).ok()
                };
                let identifier = envelope.message_delivery_identifier.to_ber();
                let parameters = parameters_of(arrived, Some(&identifier))?;
                let parameters = External::single(below(&oids::ID_EP_CONTENT)?, parameters);
                let data = octet_string(Tag::OCTET_STRING, &arrived.parts.content);
                Some(extended(below(&oids::ID_ET_CONTENT)?, data, Some(parameters)))
            }
            Self::Report(_) => {
                let envelope = Reader::over(&arrived.parts.envelope).only().ok()?;
                let mut members = Rope::from(envelope.contents_to_bytes());
                let returned = &arrived.parts.content;
                if wanted.returned_content && !returned.is_empty() {
                    members.append(Rope::from(octet_string(RETURNED_CONTENT, returned)));
                }
                let report = wrapped(Tag::SET, members).to_bytes();
                Some(extended(oids::ID_ET_REPORT, report, None))
            }
        }
    }
}

/// Whether a content-type is X.420's own.
fn is_ipm(content_type: &ContentType) -> bool {
    [P2, P22].contains(&content_type.oid())
}

/// The content-type of a message; that of an external one its content says.
fn type_of(envelope: &MessageDeliveryEnvelope, content: &Bytes) -> Oid {
    let content_type = ContentType::from(envelope.other_fields.content_type.clone());
    let named = match &content_type {
        ContentType::BuiltIn(BuiltInContentType::EXTERNAL) => {
            External::from_bytes(content).ok().and_then(|content| content.direct_reference)
        }
        _ => None,
    };
    named.unwrap_or_else(|| content_type.oid())
}

fn extended(oid: Oid, data: Bytes, parameters: Option<External>) -> Rope {
    let data = External::single(oid, Any(data));
    BodyPart::Extended(ExtendedBodyPart { parameters, data }).to_rope()
}

fn octet_string(tag: Tag, octets: &Bytes) -> Bytes {
    let mut writer = restante_ber::Writer::new();
    writer.bytes(octets);
    writer.header(tag, false, octets.len());
    writer.finish().to_bytes()
}

/// MessageParameters or ForwardedContentParameters: what the delivery was like, and which it was
/// where it is named.
fn parameters_of(arrived: &Arrived<'_>, identifier: Option<&Bytes>) -> Option<Any> {
    let mut members = parameters(&arrived.entry.as_row(), &arrived.parts.envelope)?;
    if let Some(identifier) = identifier {
        let identifier = Reader::over(identifier).only().ok()?;
        members.append(wrapped(MTS_IDENTIFIER, Rope::from(identifier.contents_to_bytes())));
    }
    Some(Any(wrapped(Tag::SET, members).to_bytes()))
}

/// The notification as it came; without the message that it returns where that is not wanted.
fn notification_data(
    notification: &IPN,
    arrived: &Arrived<'_>,
    returned_ipm: bool,
) -> Option<Bytes> {
    if let NotificationFields::NonReceiptFields(fields) = &notification.choice
        && fields.returned_ipm.is_some()
        && !returned_ipm
    {
        let mut fields = fields.clone();
        fields.returned_ipm = None;
        let choice = NotificationFields::NonReceiptFields(fields);
        return Some(IPN { choice, ..notification.clone() }.to_ber());
    }
    let object = Reader::over(&arrived.parts.content).only().ok()?;
    let object = Some(object).filter(|object| object.tag == IPN_TAG)?;
    Some(wrapped(Tag::SET, Rope::from(object.contents_to_bytes())).to_bytes())
}
