//! Receipt notifications (X.420 §8.3) of what `restante ua fetch --acknowledge` has read: one goes
//! to the originator of the envelope, where the heading asks this user for one.

use restante_ber::{Decode, Encode, Rope, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{
    MessageDeliveryEnvelope, MessageSubmissionArgument, ORAddress, ORName, OriginatorReportRequest,
};
use restante_mhs::x413::oids;
use restante_mhs::x420::{
    AcknowledgmentMode, Heading, IPN, InformationObject, NotificationFields, NotificationRequests,
    ORDescriptor, ReceiptFields, RecipientSpecifier,
};
use restante_view::Entry;

/// The submission that says that a user has read an entry; `None` where nobody asks the user, or
/// the one whom the message was meant for at first, for a receipt notification.
pub(super) fn receipt(
    entry: &Entry,
    user: &ORAddress,
    now: UtcTime,
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
        asked.notification_requests.has(NotificationRequests::RN).then_some(asked)
    };
    let other = intended.as_ref().filter(|intended| *intended != user).and_then(asked);
    if asked(user).is_none() && other.is_none() {
        return None;
    }
    let from = ORName::from(user.clone());
    let notification = IPN {
        subject_ipm: message.heading.this_ipm.clone(),
        ipn_originator: Some(ORDescriptor::from(from.clone())),
        ipm_intended_recipient: match asked(user) {
            Some(_) => None,
            None => other.map(|specifier| specifier.recipient.clone()),
        },
        conversion_eits: fields.converted_encoded_information_types,
        notification_extensions: None,
        choice: NotificationFields::ReceiptFields(ReceiptFields {
            receipt_time: now,
            acknowledgment_mode: AcknowledgmentMode::MANUAL,
            suppl_receipt_info: None,
            rn_extensions: None,
        }),
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
