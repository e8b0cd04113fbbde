//! Interpersonal messages (X.420 §7): heading and body parts, forwarded messages inside each
//! other, the ATS header of the aeronautical service in front of the text.

use restante_ber::{Any, Decode, Element, Encode, Oid, Rope, oid};
use restante_mhs::x411::{ContentType, ReportDeliveryEnvelope};
use restante_mhs::x413::AttributeValue;
use restante_mhs::x413::attributes::{by_name, by_oid};
use restante_mhs::x420::{
    BodyPart, File, Heading, IPM, IPMSExtension, IPN, Importance, InformationObject,
    MessageBodyPart, NotificationFields, Precedence, RecipientSpecifier,
    amhs::ATSMessageHeader,
    extension, extension_name,
    oids::{ID_ET_NOTIFICATION, ID_ET_REPORT, ID_REX_PRECEDENCE},
};

use crate::entry::is_interpersonal;
use crate::section::{Section, Value};
use crate::{envelope, names, notification, report, value};

/// How many messages inside each other are shown.
const DEPTH_MAX: usize = 16;

/// What a P2, P22 or P772 content is: a message or a notification.
///
/// # Errors
/// When it is none.
pub(crate) fn content(content: &Rope, section: &mut Section) -> restante_ber::Result<()> {
    match InformationObject::from_bytes(&content.to_bytes())? {
        InformationObject::Ipm(message) => self::message(&message, section, 0),
        InformationObject::Ipn(notification) => self::notification(&notification, section, 0),
    }
    Ok(())
}

/// A notification, with the message that came back in it.
fn notification(notification: &IPN, section: &mut Section, depth: usize) {
    let mut said = notification::section(notification);
    if let NotificationFields::NonReceiptFields(fields) = &notification.choice
        && let Some(returned) = fields.returned_ipm.as_ref().filter(|_| depth < DEPTH_MAX)
    {
        let mut inside = Section::default();
        message(returned, &mut inside, depth + 1);
        said.put("returned_message", inside);
    }
    section.put("notification", said);
}

fn message(message: &IPM, section: &mut Section, depth: usize) {
    section.put("heading", heading(&message.heading));
    let parts: Vec<_> = message.body.0.iter().map(|part| body_part(part, depth)).collect();
    section.put("body_parts", parts);
}

fn heading(heading: &Heading) -> Section {
    let mut section = Section::default();
    section.put("this_ipm", names::ipm_identifier(&heading.this_ipm));
    section.put_some("originator", heading.originator.as_ref().map(names::descriptor));
    let authorizing = heading.authorizing_users.iter().flatten();
    section.put_list("authorizing_users", authorizing.map(names::descriptor));
    section.put_list("primary_recipients", recipients(&heading.primary_recipients));
    section.put_list("copy_recipients", recipients(&heading.copy_recipients));
    let blind = heading.blind_copy_recipients.as_deref().unwrap_or_default();
    section.put_list("blind_copy_recipients", recipients(blind));
    section.put_some("subject", heading.subject_text());
    let replied_to = heading.replied_to_ipm.as_ref();
    section.put_some("replied_to_ipm", replied_to.map(names::ipm_identifier));
    section.put_list("obsoleted_ipms", heading.obsoleted_ipms.iter().map(names::ipm_identifier));
    section.put_list("related_ipms", heading.related_ipms.iter().map(names::ipm_identifier));
    section.put_some("expiry_time", heading.expiry_time);
    section.put_some("reply_time", heading.reply_time);
    let reply = heading.reply_recipients.iter().flatten();
    section.put_list("reply_recipients", reply.map(names::descriptor));
    if heading.importance != Importance::NORMAL {
        section.put("importance", heading.importance.to_string());
    }
    let sensitivity = heading.sensitivity.as_ref();
    section.put_some("sensitivity", sensitivity.map(ToString::to_string));
    if heading.auto_forwarded {
        section.put("auto_forwarded", Value::Flag(true));
    }
    let mut extensions = Section::default();
    for extension in &heading.extensions.0 {
        put_extension(extension, &mut extensions);
    }
    if !extensions.is_empty() {
        section.put("extensions", extensions);
    }
    section
}

/// The arcs of STANAG 4406's heading extensions and of the attributes of the same names.
const MILITARY_EXTENSIONS: Oid = oid!(1, 3, 26, 0, 4406, 0, 2);
const MILITARY_ATTRIBUTES: [u128; 7] = [1, 3, 26, 0, 4406, 0, 3];

/// A heading extension by the attribute that it is the source of.
fn put_extension(extension: &IPMSExtension, section: &mut Section) {
    let oid = &extension.r#type;
    let military = oid.last_arc_below(&MILITARY_EXTENSIONS).and_then(|arc| {
        let arcs: Vec<_> = MILITARY_ATTRIBUTES.into_iter().chain([arc]).collect();
        by_oid(&Oid::from_arcs(&arcs).ok()?)
    });
    let row = military.or_else(|| extension_name(oid).and_then(by_name));
    let name = row.map(|row| row.name).or_else(|| extension_name(oid));
    let name = name.map_or_else(|| oid.to_string(), |name| name.replace('-', "_"));
    let Some(row) = row else {
        section.put(name, value::octets(&extension.value.to_ber()));
        return;
    };
    let value = |any: &Any| value::value(&row.oid, &AttributeValue::of(any));
    match row.single_valued {
        true => section.put(name, value(&extension.value)),
        false => {
            let values: Vec<Any> =
                extension.value.element().map(|set| members(&set)).unwrap_or_default();
            section.put_list(name, values.iter().map(value))
        }
    };
}

/// What is in a SET OF or a SEQUENCE OF, as far as it can be read.
fn members(element: &Element<'_>) -> Vec<Any> {
    let Ok(mut reader) = element.children() else { return Vec::new() };
    let mut members = Vec::new();
    while let Ok(Some(member)) = reader.next_element() {
        members.push(Any(member.to_bytes()));
    }
    members
}

/// Recipients, each with the notifications that are asked of it.
fn recipients(recipients: &[RecipientSpecifier]) -> Vec<String> {
    let recipient = |specifier: &RecipientSpecifier| {
        let mut asked = specifier.notification_requests.names();
        if specifier.reply_requested {
            asked.push("reply".to_owned());
        }
        let name = names::descriptor(&specifier.recipient);
        let asked = (!asked.is_empty()).then(|| format!("{} asked for", asked.join(", ")));
        let extensions = specifier.recipient_extensions.as_ref();
        let precedence = extensions
            .and_then(|extensions| extension::<Precedence>(extensions, &ID_REX_PRECEDENCE)?.ok())
            .map(|precedence| format!("precedence {precedence}"));
        let said: Vec<_> = [asked, precedence].into_iter().flatten().collect();
        if said.is_empty() { name } else { format!("{name} ({})", said.join(", ")) }
    };
    recipients.iter().map(recipient).collect()
}

fn body_part(part: &BodyPart, depth: usize) -> Section {
    let mut section = Section::default();
    section.put("type", part.name());
    match part {
        BodyPart::Message(forwarded) => message_part(forwarded, &mut section, depth),
        BodyPart::BilaterallyDefined(octets) => {
            section.put("octets", octets.len());
        }
        BodyPart::Extended(extended) => {
            if let Some(file) = extended.file() {
                put_file(file, &mut section);
            } else if let Some(BodyPart::Message(forwarded)) = extended.basic() {
                message_part(&forwarded, &mut section, depth);
            } else if let Some((content_type, octets)) = extended.forwarded_content() {
                forwarded_content(&content_type, &octets, &mut section, depth);
            } else if extended.is(&ID_ET_NOTIFICATION)
                && let Ok(notified) = extended.data_as::<IPN>()
            {
                notification(&notified, &mut section, depth);
            } else if extended.is(&ID_ET_REPORT)
                && let Ok(report) = extended.data_as::<ReportDeliveryEnvelope>()
            {
                section.put("report", report::section(&report));
            } else {
                put_text(part, &mut section);
            }
        }
        _ => put_text(part, &mut section),
    }
    section
}

/// A content that was forwarded whole; one that is a message or notification as what it is.
fn forwarded_content(content_type: &Oid, octets: &Rope, section: &mut Section, depth: usize) {
    section.put("content_type", content_type.to_string());
    section.put("octets", octets.len());
    if depth < DEPTH_MAX && is_interpersonal(&ContentType::of_oid(content_type.clone())) {
        match InformationObject::from_bytes(&octets.to_bytes()) {
            Ok(InformationObject::Ipm(forwarded)) => message(&forwarded, section, depth + 1),
            Ok(InformationObject::Ipn(forwarded)) => notification(&forwarded, section, depth),
            Err(error) => {
                section.put("error", error.to_string());
            }
        }
    }
}

fn put_text(part: &BodyPart, section: &mut Section) {
    let Some(text) = part.text() else { return };
    let rest = match ATSMessageHeader::parse(&text) {
        Some((header, rest)) => {
            let mut ats = Section::default();
            let faults = header.faults();
            ats.put("priority", header.priority).put("filing_time", header.filing_time);
            ats.put_some("optional_heading_info", header.optional_heading_info);
            ats.put_list("faults", faults);
            section.put("ats_message_header", ats);
            rest
        }
        None => &text,
    };
    section.put("text", Value::Lines(rest.to_owned()));
}

fn put_file(file: restante_ber::Result<File>, section: &mut Section) {
    match file {
        Ok(file) => {
            section.put_some("file", file.name());
            section.put_some("application", file.application());
            section.put("octets", file.contents.len());
        }
        Err(error) => {
            section.put("error", error.to_string());
        }
    }
}

fn message_part(part: &MessageBodyPart, section: &mut Section, depth: usize) {
    if depth == DEPTH_MAX {
        section.put("error", format!("more than {DEPTH_MAX} messages inside each other"));
        return;
    }
    section.put_some("delivery_time", part.parameters.delivery_time);
    if let Some(fields) = &part.parameters.delivery_envelope {
        let mut envelope = Section::default();
        envelope::other_fields(fields, &mut envelope);
        section.put("envelope", envelope);
    }
    match part.message() {
        Ok(forwarded) => message(&forwarded, section, depth + 1),
        Err(error) => {
            section.put("error", error.to_string());
        }
    }
}
