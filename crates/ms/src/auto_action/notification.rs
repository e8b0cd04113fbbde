//! Notifications that the store sends for a user (X.420 §8 and §20): who asked for one, and what
//! is submitted to whom.

use restante_ber::{Bytes, Decode, Encode, Kept, Reader, Tag};
use restante_mhs::x411::{
    ContentType, Extensions, MessageDeliveryEnvelope, MessageSubmissionEnvelope, ORName,
    OriginatorReportRequest, PerMessageIndicators, PerRecipientMessageSubmissionFields,
};
use restante_mhs::x420::{
    Heading, IPM, IPN, InformationObject, NotificationFields, NotificationRequests, ORDescriptor,
    RecipientSpecifier,
};

use super::arrival::Arrived;
use super::forwarded::subject;

/// ipm: the tag of a message as a content.
const IPM_TAG: Tag = Tag::context(0);

/// An interpersonal message and what its originator asks of this user.
pub(super) struct Asked {
    pub(super) envelope: MessageDeliveryEnvelope,
    pub(super) heading: Heading,
    /// The recipient of the heading that this user is, and whether by the user's own name.
    specifier: Option<(RecipientSpecifier, bool)>,
}

impl Asked {
    /// Of what came; `None` of what is no interpersonal message.
    pub(super) fn of(arrived: &Arrived<'_>) -> Option<Self> {
        let (envelope, heading) = subject(arrived)?;
        let fields = &envelope.other_fields;
        let intended = fields.originally_intended_recipient_name.as_ref();
        let names = [Some(&fields.this_recipient_name), intended];
        let specifier = names.into_iter().flatten().find_map(|name| {
            let specifier = heading.recipients().find(|one| is(one, name))?;
            Some((specifier.clone(), name.address.key() == arrived.user.key))
        });
        Some(Self { envelope, heading, specifier })
    }

    /// Whether this is asked for, a bit of NotificationRequests.
    pub(super) fn asks(&self, bit: usize) -> bool {
        let requests = self.specifier.as_ref().map(|(one, _)| &one.notification_requests);
        requests.is_some_and(|requests| requests.has(bit))
    }

    /// Whether a reply is asked for.
    pub(super) fn asks_reply(&self) -> bool {
        self.specifier.as_ref().is_some_and(|(one, _)| one.reply_requested)
    }

    /// The message, where it is to come back with a non-receipt notification and was not
    /// converted: octet for octet, since it may be signed.
    pub(super) fn returned(&self, arrived: &Arrived<'_>) -> Option<Kept<IPM>> {
        let converted = &self.envelope.other_fields.converted_encoded_information_types;
        if converted.is_some() || !self.asks(NotificationRequests::IPM_RETURN) {
            return None;
        }
        let object = Reader::over(&arrived.parts.content).only().ok()?;
        Some(object)
            .filter(|object| object.tag == IPM_TAG)
            .and_then(|object| Kept::decode_contents(&object).ok())
    }

    /// What is submitted to say this: envelope and content.
    pub(super) fn notification(
        &self,
        from: &ORName,
        choice: NotificationFields,
    ) -> (MessageSubmissionEnvelope, Bytes) {
        let fields = &self.envelope.other_fields;
        let other = self.specifier.as_ref().filter(|(_, own)| !own);
        let notification = IPN {
            subject_ipm: self.heading.this_ipm.clone(),
            ipn_originator: Some(ORDescriptor::from(from.clone())),
            ipm_intended_recipient: other.map(|(specifier, _)| specifier.recipient.clone()),
            conversion_eits: fields.converted_encoded_information_types.clone(),
            notification_extensions: None,
            choice,
        };
        let content = InformationObject::Ipn(notification).to_ber();
        (self.submission(from), content)
    }

    /// An envelope to the originator: as urgent as the message, and nobody reports on it.
    pub(super) fn submission(&self, from: &ORName) -> MessageSubmissionEnvelope {
        let fields = &self.envelope.other_fields;
        MessageSubmissionEnvelope {
            originator_name: from.clone(),
            original_encoded_information_types: None,
            content_type: ContentType::from(fields.content_type.clone()),
            content_identifier: None,
            priority: fields.priority,
            per_message_indicators: PerMessageIndicators::default(),
            deferred_delivery_time: None,
            extensions: Extensions::default(),
            per_recipient_fields: vec![PerRecipientMessageSubmissionFields {
                recipient_name: fields.originator_name.clone(),
                originator_report_request: OriginatorReportRequest::default(),
                explicit_conversion: None,
                extensions: Extensions::default(),
            }],
        }
    }
}

/// Whether a recipient of a heading is this one.
fn is(specifier: &RecipientSpecifier, name: &ORName) -> bool {
    let formal = specifier.recipient.formal_name.as_ref();
    formal.is_some_and(|formal| formal.address.key() == name.address.key())
}
