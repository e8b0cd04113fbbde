//! An entry as a file of Internet mail: `.eml`, by RFC 2156 (MIXER), its body parts by RFC 2157.
//!
//! Of the two ways that RFC 2156 has for an O/R address the one is used that needs no table: the
//! address whole as the local part (§4.3.4), of a domain that nobody can have, since this file is
//! to be read and not to be sent on. An address that came from Internet mail is what it was.
//! Notifications are told as text; reports, which are no contents, as RFC 3464 has them.
//!
//! It refuses to lose a content: what is no message of X.420 is a part as it is encoded.

mod address;
mod body;
mod fields;

use jiff::tz::TimeZone;
use restante_ber::{Decode, Rope};
use restante_mhs::x411::{
    BuiltInContentType, ContentType, MessageDeliveryEnvelope, OtherMessageDeliveryFields,
    ReportDeliveryEnvelope,
};
use restante_mhs::x413::oids as ms;
use restante_mhs::x420::{
    Heading, IPM, IPMSExtension, IPN, InformationObject, ORDescriptor, RecipientSpecifier,
    extension_name, text,
};

use crate::{Entry, envelope, notification};
use fields::Fields;

/// How many messages inside each other are taken apart; what is deeper is a part as it is encoded.
const DEPTH_MAX: usize = 16;

/// The file of an entry.
pub fn eml(entry: &Entry) -> String {
    let mut fields = Fields::default();
    let envelope = entry.get::<MessageDeliveryEnvelope>(&ms::ID_ATT_MESSAGE_DELIVERY_ENVELOPE);
    if let Some(envelope) = &envelope {
        fields.put("X400-MTS-Identifier", &envelope.message_delivery_identifier.to_string());
        fields.put_time("Delivery-Date", envelope.message_delivery_time.0);
        other_fields(&envelope.other_fields, &mut fields);
    }
    let report = entry.get::<ReportDeliveryEnvelope>(&ms::ID_ATT_REPORT_DELIVERY_ENVELOPE);
    let body = match (&report, entry.content()) {
        (Some(report), _) => {
            fields.put("Message-Type", "Delivery Report");
            fields.put("Subject", "Delivery report");
            body::report(report)
        }
        (None, Some(content)) if entry.is_interpersonal() => {
            interpersonal(&content, &mut fields, 0)
        }
        (None, Some(content)) => body::octets(&content, "content.ber"),
        (None, None) => body::text(""),
    };
    if let Some(envelope) = &envelope {
        let originator = &envelope.other_fields.originator_name;
        fields.put_if_absent("From", || address::mailbox(None, originator));
        let recipient = &envelope.other_fields.this_recipient_name;
        fields.put_if_absent("To", || address::mailbox(None, recipient));
    }
    fields.put("MIME-Version", "1.0");
    body.after(fields)
}

/// A content of X.420 or STANAG 4406.
fn interpersonal(content: &Rope, fields: &mut Fields, depth: usize) -> body::Part {
    match InformationObject::from_bytes(&content.to_bytes()) {
        Ok(InformationObject::Ipm(message)) => ipm(&message, fields, depth),
        Ok(InformationObject::Ipn(notification)) => ipn(&notification, fields),
        Err(_) => body::octets(content, "content.ber"),
    }
}

fn ipm(message: &IPM, fields: &mut Fields, depth: usize) -> body::Part {
    heading(&message.heading, fields);
    body::parts(&message.body.0, depth)
}

/// RFC 2156 §5.3.4: what a receipt says, as text.
fn ipn(notification: &IPN, fields: &mut Fields) -> body::Part {
    fields.put("Message-Type", "InterPersonal Notification");
    fields.put("Subject", "X.400 Inter-Personal Notification");
    fields.put("References", &address::message_id(&notification.subject_ipm));
    if let Some(originator) = &notification.ipn_originator {
        fields.put("From", &descriptor(originator));
    }
    body::text(&notification::section(notification).print(&TimeZone::UTC))
}

/// RFC 2156 §5.3.7: the envelope.
fn other_fields(of: &OtherMessageDeliveryFields, fields: &mut Fields) {
    fields.put("X400-Originator", &address::addr_spec(&of.originator_name));
    let recipients = [&of.this_recipient_name].into_iter();
    let recipients = recipients.chain(of.other_recipient_names.iter().flatten());
    fields.put_list("X400-Recipients", recipients.map(address::addr_spec));
    if let Some(intended) = &of.originally_intended_recipient_name {
        fields.put("Original-Recipient", &address::addr_spec(intended));
    }
    fields.put("X400-Content-Type", &content_type(of.content_type.clone().into()));
    if let Some(identifier) = &of.content_identifier {
        fields.put("X400-Content-Identifier", &identifier.0.to_string());
    }
    fields.put("Priority", &of.priority.to_string());
    fields.put_time("Date", of.message_submission_time.0);
    let types = envelope::types(of.original_encoded_information_types.as_ref());
    if !types.is_empty() {
        fields.put("Original-Encoded-Information-Types", &types.join(", "));
    }
    for name in envelope::extensions(&of.extensions) {
        fields.put("Discarded-X400-MTS-Extensions", &name);
    }
}

/// Those of X.420 by the names that they have in Internet mail.
fn content_type(of: ContentType) -> String {
    match of {
        ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1984) => {
            "P2-1984 ( 2 )".to_owned()
        }
        ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988) => {
            "P2-1988 ( 22 )".to_owned()
        }
        other => other.to_string(),
    }
}

/// RFC 2156 §5.3.4: the heading.
fn heading(heading: &Heading, fields: &mut Fields) {
    fields.put("Message-ID", &address::message_id(&heading.this_ipm));
    let authorizing: Vec<String> =
        heading.authorizing_users.iter().flatten().map(descriptor).collect();
    let originator = heading.originator.as_ref().map(descriptor);
    match (originator, authorizing.is_empty()) {
        (Some(originator), true) => fields.put("From", &originator),
        (originator, _) => {
            fields.put_list("From", authorizing);
            fields.put_list("Sender", originator);
        }
    }
    let recipients =
        |all: &[RecipientSpecifier]| all.iter().map(|one| descriptor(&one.recipient)).collect();
    let (to, cc): (Vec<_>, Vec<_>) =
        (recipients(&heading.primary_recipients), recipients(&heading.copy_recipients));
    let bcc: Vec<_> = recipients(heading.blind_copy_recipients.as_deref().unwrap_or_default());
    fields.put_list("To", to);
    fields.put_list("Cc", cc);
    fields.put_list("Bcc", bcc);
    fields.put_list("Reply-To", heading.reply_recipients.iter().flatten().map(descriptor));
    if let Some(subject) = heading.subject_text() {
        fields.put("Subject", &subject);
    }
    if let Some(replied_to) = &heading.replied_to_ipm {
        fields.put("In-Reply-To", &address::message_id(replied_to));
    }
    for obsoleted in &heading.obsoleted_ipms {
        fields.put("Supersedes", &address::message_id(obsoleted));
    }
    fields.put_words("References", heading.related_ipms.iter().map(address::message_id));
    if let Some(expiry) = heading.expiry_time {
        fields.put_time("Expires", expiry.0);
    }
    if let Some(reply) = heading.reply_time {
        fields.put_time("Reply-By", reply.0);
    }
    fields.put("Importance", &heading.importance.to_string());
    if let Some(sensitivity) = &heading.sensitivity {
        fields.put("Sensitivity", &sensitivity.to_string());
    }
    if heading.auto_forwarded {
        fields.put("Autoforwarded", "TRUE");
    }
    for extension in &heading.extensions.0 {
        fields.put("Discarded-X400-IPMS-Extensions", &named(extension));
    }
}

fn named(extension: &IPMSExtension) -> String {
    let oid = &extension.r#type;
    extension_name(oid).map_or_else(|| oid.to_string(), str::to_owned)
}

/// A user or a list: what people call it, and its address.
fn descriptor(of: &ORDescriptor) -> String {
    let free = of.free_form_name.as_ref();
    let free = free.map(|name| text::from_teletex(&text::octets(name.as_str())));
    match &of.formal_name {
        Some(name) => address::mailbox(free.as_deref(), name),
        None => address::nobody(free.as_deref()),
    }
}

#[cfg(test)]
mod tests;
