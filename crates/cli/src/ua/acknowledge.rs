//! Notifications (X.420 §8): a receipt notification of what `restante ua fetch --acknowledge` has
//! read, a non-receipt notification of what `restante ua delete --acknowledge` deletes unread. One
//! goes to the originator of the envelope, where the heading asks this user for it.

use restante_ber::{Decode, Encode, Rope, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{
    MessageDeliveryEnvelope, MessageSubmissionArgument, ORAddress, ORName, OriginatorReportRequest,
};
use restante_mhs::x413::oids;
use restante_mhs::x420::{
    AcknowledgmentMode, DiscardReason, Heading, IPM, IPN, InformationObject, NonReceiptFields,
    NonReceiptReason, NotificationFields, NotificationRequests, ORDescriptor, ReceiptFields,
    RecipientSpecifier,
};
use restante_view::Entry;

/// The submission that says that a user has read an entry; `None` where that is not asked for.
pub(super) fn receipt(
    entry: &Entry,
    user: &ORAddress,
    now: UtcTime,
) -> Option<MessageSubmissionArgument> {
    let read = |_, _| {
        NotificationFields::ReceiptFields(ReceiptFields {
            receipt_time: now,
            acknowledgment_mode: AcknowledgmentMode::MANUAL,
            suppl_receipt_info: None,
            rn_extensions: None,
        })
    };
    notification(entry, user, NotificationRequests::RN, read)
}

/// The submission that says that a user deletes an entry unread; `None` where that is not asked
/// for. The message comes back with it where that is asked for too, and it was not converted.
pub(super) fn non_receipt(entry: &Entry, user: &ORAddress) -> Option<MessageSubmissionArgument> {
    let deleted = |message: IPM, returned: bool| {
        NotificationFields::NonReceiptFields(NonReceiptFields {
            non_receipt_reason: NonReceiptReason::IPM_DISCARDED,
            discard_reason: Some(DiscardReason::IPM_DELETED),
            auto_forward_comment: None,
            returned_ipm: returned.then(|| message.into()),
            nrn_extensions: None,
        })
    };
    notification(entry, user, NotificationRequests::NRN, deleted)
}

/// The submission of a notification; `None` where nobody asks the user, or the one whom the
/// message was meant for at first, for one of its kind. What it says is made of the message, and
/// of whether that is to come back.
fn notification(
    entry: &Entry,
    user: &ORAddress,
    kind: usize,
    choice: impl FnOnce(IPM, bool) -> NotificationFields,
) -> Option<MessageSubmissionArgument> {
    let envelope: MessageDeliveryEnvelope = entry.get(&oids::ID_ATT_MESSAGE_DELIVERY_ENVELOPE)?;
    let content = entry.content()?.to_bytes();
    let Ok(InformationObject::Ipm(message)) = InformationObject::from_bytes(&content) else {
        return None;
    };
    let fields = envelope.other_fields;
    let intended = fields.originally_intended_recipient_name.map(|name| name.address);
    let asked = |who: &ORAddress| {
        let asked = specifier(&message.heading, who)?;
        asked.notification_requests.has(kind).then_some(asked)
    };
    let other = intended.as_ref().filter(|intended| *intended != user).and_then(asked);
    let specifier = asked(user).or(other)?;
    let returned = specifier.notification_requests.has(NotificationRequests::IPM_RETURN)
        && fields.converted_encoded_information_types.is_none();
    let from = ORName::from(user.clone());
    let subject_ipm = message.heading.this_ipm.clone();
    let ipm_intended_recipient = match asked(user) {
        Some(_) => None,
        None => other.map(|specifier| specifier.recipient.clone()),
    };
    let choice = choice(message, returned);
    let notification = IPN {
        subject_ipm,
        ipn_originator: Some(ORDescriptor::from(from.clone())),
        ipm_intended_recipient,
        conversion_eits: fields.converted_encoded_information_types,
        notification_extensions: None,
        choice,
    };
    let content: Rope = InformationObject::Ipn(notification).to_rope();
    let mut argument = compose::submission(from, [fields.originator_name], content);
    let mut envelope = argument.envelope.into_value();
    envelope.content_type = fields.content_type.into();
    envelope.priority = fields.priority;
    // Nobody reports on a notification.
    for recipient in &mut envelope.per_recipient_fields {
        recipient.originator_report_request = OriginatorReportRequest::default();
    }
    argument.envelope = envelope.into();
    Some(argument)
}

/// What a heading asks of a recipient.
fn specifier<'a>(heading: &'a Heading, who: &ORAddress) -> Option<&'a RecipientSpecifier> {
    heading.recipients().find(|specifier| {
        let formal = specifier.recipient.formal_name.as_ref();
        formal.is_some_and(|formal| formal.address.key() == who.key())
    })
}
