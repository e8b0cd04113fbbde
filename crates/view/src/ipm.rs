//! Interpersonal messages (X.420 §7): heading and body parts, forwarded messages inside each
//! other, the ATS header of the aeronautical service in front of the text.

use restante_ber::{Decode, Rope};
use restante_mhs::x420::{
    BodyPart, File, Heading, IPM, Importance, InformationObject, MessageBodyPart,
    RecipientSpecifier, amhs::ATSMessageHeader, extension_name,
};

use crate::section::{Section, Value};
use crate::{envelope, names, notification};

/// How many messages inside each other are shown.
const DEPTH_MAX: usize = 16;

/// What a P2 or P22 content is: a message or a notification.
///
/// # Errors
/// When it is none.
pub(crate) fn content(content: &Rope, section: &mut Section) -> restante_ber::Result<()> {
    match InformationObject::from_bytes(&content.to_bytes())? {
        InformationObject::Ipm(message) => self::message(&message, section, 0),
        InformationObject::Ipn(notification) => {
            section.put("notification", notification::section(&notification));
        }
    }
    Ok(())
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
    section.put_list(
        "extensions",
        heading.extensions.0.iter().map(|extension| {
            let oid = &extension.r#type;
            extension_name(oid).map_or_else(|| oid.to_string(), ToOwned::to_owned)
        }),
    );
    section
}

/// Recipients, each with the notifications that are asked of it.
fn recipients(recipients: &[RecipientSpecifier]) -> Vec<String> {
    let recipient = |specifier: &RecipientSpecifier| {
        let mut asked = specifier.notification_requests.names();
        if specifier.reply_requested {
            asked.push("reply".to_owned());
        }
        let name = names::descriptor(&specifier.recipient);
        if asked.is_empty() { name } else { format!("{name} ({} asked for)", asked.join(", ")) }
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
                section.put("content_type", content_type.to_string());
                section.put("octets", octets.len());
            } else {
                put_text(part, &mut section);
            }
        }
        _ => put_text(part, &mut section),
    }
    section
}

fn put_text(part: &BodyPart, section: &mut Section) {
    let Some(text) = part.text() else { return };
    let rest = match ATSMessageHeader::parse(&text) {
        Some((header, rest)) => {
            let mut ats = Section::default();
            ats.put("priority", header.priority).put("filing_time", header.filing_time);
            ats.put_some("optional_heading_info", header.optional_heading_info);
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
