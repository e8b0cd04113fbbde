//! Body parts as parts of MIME (RFC 2157), all in lines of ASCII. Text is as it is where mail
//! carries that, else in base64; what is neither text nor a message is a file.

use base64ct::{Base64, Encoding as _};
use restante_ber::Rope;
use restante_mhs::x411::{ContentType, ORName, ReportDeliveryEnvelope, ReportType};
use restante_mhs::x420::{BodyPart, MessageBodyPart};

use super::{DEPTH_MAX, address, fields::Fields, interpersonal, ipm, other_fields};
use crate::{entry::is_interpersonal, files, report as reports};

/// Characters in a line of base64, and of text that goes as it is (RFC 2045 §6.8).
const LINE_MAX: usize = 76;

/// A part: its fields, and its lines.
pub(super) struct Part {
    fields: Fields,
    lines: String,
}

impl Part {
    fn new(content_type: &str, lines: String) -> Self {
        let mut fields = Fields::default();
        fields.put("Content-Type", content_type);
        Self { fields, lines }
    }

    /// The lines of a message with these fields before its own.
    pub(super) fn after(self, fields: Fields) -> String {
        let Self { fields: own, lines } = self;
        format!("{}{}\r\n{lines}", fields.lines(), own.lines())
    }

    fn in_base64(mut self, octets: &[u8]) -> Self {
        self.fields.put("Content-Transfer-Encoding", "base64");
        let text = Base64::encode_string(octets);
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, behind) = rest.split_at_checked(LINE_MAX).unwrap_or((rest, ""));
            self.lines.push_str(line);
            self.lines.push_str("\r\n");
            rest = behind;
        }
        self
    }
}

/// Text.
pub(super) fn text(text: &str) -> Part {
    let plain = |line: &str| {
        let printable = line.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic());
        // A boundary begins with hyphens, and some programs change a line that begins with From.
        printable
            && line.len() <= LINE_MAX
            && !line.starts_with("--")
            && !line.starts_with("From ")
    };
    if text.lines().all(plain) {
        let lines = text.lines().map(|line| format!("{line}\r\n")).collect();
        return Part::new("text/plain; charset=us-ascii", lines);
    }
    Part::new("text/plain; charset=utf-8", String::new()).in_base64(text.as_bytes())
}

/// Octets as a file.
pub(super) fn octets(octets: &Rope, name: &str) -> Part {
    let kind = "application/octet-stream";
    file(kind, octets, name)
}

fn file(kind: &str, octets: &Rope, name: &str) -> Part {
    let mut part = Part::new(kind, String::new());
    let disposition = match name.is_ascii() {
        true => format!("attachment; filename=\"{name}\""),
        false => format!("attachment; filename*=UTF-8''{}", files::percent(name)),
    };
    part.fields.put("Content-Disposition", &disposition);
    part.in_base64(&octets.to_bytes())
}

/// The parts of a message; `depth` is how far it is inside of others.
pub(super) fn parts(all: &[BodyPart], depth: usize) -> Part {
    match all {
        [] => text(""),
        [one] => part(one, depth),
        all => multipart("mixed", depth, all.iter().map(|one| part(one, depth))),
    }
}

fn multipart(kind: &str, depth: usize, parts: impl Iterator<Item = Part>) -> Part {
    let boundary = format!("=_restante_{depth}_");
    let mut lines = String::new();
    for part in parts {
        lines.push_str(&format!("--{boundary}\r\n{}\r\n", part.after(Fields::default())));
    }
    lines.push_str(&format!("--{boundary}--\r\n"));
    Part::new(&format!("multipart/{kind}; boundary=\"{boundary}\""), lines)
}

fn part(part: &BodyPart, depth: usize) -> Part {
    let inside = (depth < DEPTH_MAX).then(|| forwarded(part, depth + 1)).flatten();
    if let Some(inside) = inside {
        return inside;
    }
    if let Some(text) = part.text() {
        return self::text(&text);
    }
    let (name, octets) = files::file(part);
    match part {
        BodyPart::Extended(extended) if extended.file().is_some() => self::octets(&octets, &name),
        BodyPart::BilaterallyDefined(_) => self::octets(&octets, &name),
        part => {
            let kind = part.oid().map_or_else(|| "unknown".to_owned(), |oid| oid.to_string());
            file(&format!("application/x400-bp; bp-type=\"{kind}\""), &octets, &name)
        }
    }
}

/// A message that is forwarded, as a message.
fn forwarded(part: &BodyPart, depth: usize) -> Option<Part> {
    let message = |part: &MessageBodyPart| {
        let mut fields = Fields::default();
        if let Some(time) = part.parameters.delivery_time {
            fields.put_time("Delivery-Date", time.0);
        }
        if let Some(envelope) = &part.parameters.delivery_envelope {
            other_fields(envelope, &mut fields);
        }
        let body = ipm(&part.message().ok()?, &mut fields, depth);
        Some((fields, body))
    };
    let (mut fields, body) = match part {
        BodyPart::Message(part) => message(part)?,
        BodyPart::Extended(extended) => match extended.basic() {
            Some(BodyPart::Message(part)) => message(&part)?,
            _ => {
                let (kind, octets) = extended.forwarded_content()?;
                if !is_interpersonal(&ContentType::of_oid(kind)) {
                    return None;
                }
                let mut fields = Fields::default();
                let body = interpersonal(&octets, &mut fields, depth);
                (fields, body)
            }
        },
        _ => return None,
    };
    fields.put("MIME-Version", "1.0");
    Some(Part::new("message/rfc822", body.after(fields)))
}

/// A report: for people, and as RFC 3464 has it, with the names of RFC 2156.
pub(super) fn report(report: &ReportDeliveryEnvelope) -> Part {
    let told = text(&reports::section(report).print(&jiff::tz::TimeZone::UTC));
    let mut message = Fields::default();
    message.put("Reporting-MTA", "x400; unknown");
    let subject = report.subject_submission_identifier.to_string();
    message.put("X400-MTS-Identifier", &subject);
    let mut status = message.lines();
    for recipient in &report.per_recipient_fields {
        let mut fields = Fields::default();
        if let Some(intended) = &recipient.originally_intended_recipient_name {
            fields.put("Original-Recipient", &typed(intended));
        }
        fields.put("Final-Recipient", &typed(&recipient.actual_recipient_name));
        match &recipient.report_type {
            ReportType::Delivery(delivery) => {
                fields.put("Action", "delivered");
                fields.put("Status", "2.0.0");
                fields.put_time("X400-Delivery-Date", delivery.message_delivery_time.0);
            }
            ReportType::NonDelivery(failure) => {
                fields.put("Action", "failed");
                fields.put("Status", "5.0.0");
                let mut why = failure.non_delivery_reason_code.to_string();
                if let Some(diagnostic) = failure.non_delivery_diagnostic_code {
                    why.push_str(&format!(": {diagnostic}"));
                }
                fields.put("Diagnostic-Code", &format!("x400-diagnostic; {why}"));
            }
        }
        status.push_str("\r\n");
        status.push_str(&fields.lines());
    }
    let status = Part::new("message/delivery-status", status);
    multipart("report; report-type=delivery-status", 0, [told, status].into_iter())
}

/// A name as fields of RFC 3464 have it.
fn typed(name: &ORName) -> String {
    format!("x400; {}", address::ascii(&name.to_string()))
}
