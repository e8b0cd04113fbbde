//! The forwarding-request (X.413 §8.4.1, X.411 extension 36): an entry of the mailbox is forwarded
//! by its number, without going to the user agent and back.
//!
//! Into an interpersonal message it goes as the last body part, with what its delivery was like.
//! A submission without any content has the entry's content for its own, of whatever type, and
//! must say so. The request itself is for the store and is not passed on. Where it can't be
//! fulfilled it is an inconsistent-request: submission has no sequence-number-error.

use restante_ber::{Bytes, Element, Kept, Reader, Rope, Tag};
use restante_mhs::x411::{ExtensionField, ExtensionType, MTSAbstractError};
use restante_mhs::x411::{MessageSubmissionEnvelope, extension};
use restante_storage::{EntryRow, MailboxId, Query, Storage};

use super::Refused;
use super::argument::{without, wrapped};
use crate::class::{DELIVERY, DRAFT, SUBMISSION};
use crate::extract::{FORWARDED, FORWARDED_MILITARY, P2, P22, kind};

/// The extensions of an envelope.
const EXTENSIONS: Tag = Tag::context(2);
/// A forwarded message as a body part.
const MESSAGE: Tag = Tag::context(9);
const IPM: Tag = Tag::context(0);

/// Envelope and content as they are to be passed on.
pub(super) fn fulfil<S: Storage>(
    storage: &S,
    mailbox: MailboxId,
    envelope: &Kept<MessageSubmissionEnvelope>,
    content: Rope,
) -> Result<(Bytes, Rope), Refused> {
    let request = extension::FORWARDING_REQUEST;
    if envelope.extensions.field(request.number).is_none() {
        return Ok((envelope.octets().clone(), content));
    }
    let number = envelope.extensions.get(request).ok().flatten();
    let number = number.and_then(|number| u32::try_from(number).ok()).ok_or(INCONSISTENT)?;
    let query = Query {
        numbers: number..=number,
        classes: vec![DELIVERY, SUBMISSION, DRAFT],
        ..Query::default()
    };
    let found = storage.select(mailbox, &query)?;
    let row = found.get(0).filter(|row| kind::has_content(row.kind)).ok_or(INCONSISTENT)?;
    let stored = storage.content(mailbox, number)?.unwrap_or_default();
    let wanted = envelope.content_type.oid();
    let personal = [P2, P22].contains(&wanted);
    let content = if content.is_empty() {
        if row.content_type != wanted.to_string() {
            return Err(INCONSISTENT);
        }
        whole(&row, stored)
    } else {
        let part_of = [P2, P22].iter().any(|oid| row.content_type == oid.to_string());
        if !personal || !part_of {
            return Err(INCONSISTENT);
        }
        let delivered = storage.envelope(mailbox, number)?.unwrap_or_default();
        let part = body_part(&row, &delivered, &stored);
        let content = content.to_bytes();
        part.and_then(|part| with_part(&content, part)).ok_or(INCONSISTENT)?
    };
    let envelope = without_request(envelope.octets()).map_err(|_| INCONSISTENT)?;
    Ok((envelope, content))
}

const INCONSISTENT: Refused = Refused::Mts(MTSAbstractError::InconsistentRequest);

/// The content of an entry. A forwarded message lies in that of its parent under another tag.
fn whole(row: &EntryRow<'_>, stored: Bytes) -> Rope {
    if row.parent.is_some() && row.kind == kind::MESSAGE && !stored.is_empty() {
        const IPM_OCTET: &[u8] = &[0xa0];
        return [Bytes::from_static(IPM_OCTET), stored.slice(1..)].into_iter().collect();
    }
    Rope::from(stored)
}

/// An entry's IPM as a message body part.
pub(crate) fn body_part(row: &EntryRow<'_>, envelope: &Bytes, content: &Bytes) -> Option<Rope> {
    let object = Reader::over(content).only().ok()?;
    if object.tag != IPM && object.tag != Tag::SEQUENCE {
        return None;
    }
    let mut part = wrapped(Tag::SET, parameters(row, envelope).unwrap_or_default());
    part.append(wrapped(Tag::SEQUENCE, Rope::from(object.contents_to_bytes())));
    Some(wrapped(MESSAGE, part))
}

/// Members of MessageParameters: delivery-time and delivery-envelope, as they came.
pub(crate) fn parameters(row: &EntryRow<'_>, envelope: &Bytes) -> Option<Rope> {
    let element = Reader::over(envelope).only().ok()?;
    if [FORWARDED, FORWARDED_MILITARY].contains(&element.tag) {
        return Some(Rope::from(element.contents_to_bytes()));
    }
    if row.kind != kind::MESSAGE {
        return None;
    }
    let mut members = element.children().ok()?;
    let mut next = || members.next_element().ok().flatten();
    let (_, time, fields) = (next()?, next()?, next()?);
    let mut writer = restante_ber::Writer::new();
    writer.bytes(&fields.contents_to_bytes());
    writer.header(Tag::context(1), true, fields.contents().len());
    let before = writer.len();
    writer.octets(time.contents());
    writer.header(Tag::context(0), time.constructed, writer.len() - before);
    Some(writer.finish())
}

/// An interpersonal message with one more body part.
fn with_part(content: &Bytes, part: Rope) -> Option<Rope> {
    let object = Reader::over(content).only().ok().filter(|object| object.tag == IPM)?;
    let mut members = object.children().ok()?;
    let heading = members.next_element().ok()?.filter(|heading| heading.tag == Tag::SET)?;
    let body = members.next_element().ok()?.filter(|body| body.tag == Tag::SEQUENCE)?;
    let mut parts = Rope::from(body.contents_to_bytes());
    parts.append(part);
    let mut message = Rope::from(heading.to_bytes());
    message.append(wrapped(Tag::SEQUENCE, parts));
    Some(wrapped(IPM, message))
}

/// The envelope without the request.
fn without_request(envelope: &Bytes) -> restante_ber::Result<Bytes> {
    let element = Reader::over(envelope).only()?;
    let mut members = element.children()?;
    let mut kept = Rope::new();
    while let Some(member) = members.next_element()? {
        kept.push(match member.tag {
            EXTENSIONS => without(&member.to_bytes(), is_request)?,
            _ => member.to_bytes(),
        });
    }
    Ok(wrapped(element.tag, kept).to_bytes())
}

fn is_request(field: &Element<'_>) -> bool {
    use restante_ber::Decode;
    let number = extension::FORWARDING_REQUEST.number;
    ExtensionField::decode(field)
        .is_ok_and(|field| field.r#type == ExtensionType::StandardExtension(number))
}
