//! Attributes of an entry, made once when it is stored (X.413 §11.4, X.420 §19), from envelope
//! and content as they came.
//!
//! What can't be read gives no attribute and no error: a content is whatever its originator sent.
//! Values are the octets received, under the tag that the attribute's syntax has.

mod aeronautical;
mod body;
mod extensions;
mod heading;
mod message;
mod military;
mod noted;
mod notification;
mod recipients;
mod report;
mod sink;
mod submission;
mod synopsis;

use restante_ber::{Bytes, Decode, Element, External, Oid, Reader, Tag, oid};
use restante_mhs::p772::ID_MCT_P772;
use restante_mhs::x411::{BuiltInContentType, ContentType, ORName};
use restante_storage::{Columns, EntrySource, Extracted};

use crate::attributes::{BlobWriter, Key};
use crate::matching::names::Name;
pub(crate) use body::forwarded_messages;
pub(crate) use noted::{event, log_envelope, logged};
pub(crate) use report::recipient_of_history;
use sink::{From, Sink, offset_in};
pub(crate) use synopsis::{numbered, numbered_descriptor};

/// Raised whenever the attributes of an entry are made or kept differently.
const VERSION: u32 = 6;

/// P2, content-type 2.
pub(crate) const P2: Oid = oid!(2, 6, 1, 10, 0);
/// P22, content-type 22.
pub(crate) const P22: Oid = oid!(2, 6, 1, 10, 1);
/// Whether a content is a message or notification as X.420 builds them.
pub fn is_personal(content_type: &Oid) -> bool {
    [P2, P22, ID_MCT_P772].contains(content_type)
}

/// The column [`Columns::priority`] of an entry that has none.
pub(crate) const NO_PRIORITY: u8 = u8::MAX;
/// The column [`Columns::priority`] of a priority that the standard does not name.
pub(crate) const OTHER_PRIORITY: u8 = u8::MAX - 1;

/// What an entry is, kept as [`Columns::kind`]: its entry-type (X.413 §6.1).
pub(crate) mod kind {
    /// A message, also one that is forwarded in another.
    pub(crate) const MESSAGE: u8 = 0;
    /// A report.
    pub(crate) const REPORT: u8 = 1;
    /// The content that came back with a report.
    pub(crate) const RETURNED_CONTENT: u8 = 2;
    /// A message that was submitted.
    pub(crate) const SUBMITTED_MESSAGE: u8 = 3;
    /// A probe that was submitted.
    pub(crate) const SUBMITTED_PROBE: u8 = 4;
    /// A message that is not submitted yet.
    pub(crate) const DRAFT: u8 = 5;
    /// What an auto-action did.
    pub(crate) const EVENT: u8 = 6;
    /// A message or report that waits in the queue, which nobody sees.
    pub(crate) const QUEUED: u8 = u8::MAX - 1;

    /// What the store is to submit by itself, which no user sees.
    pub(crate) const ERRAND: u8 = u8::MAX;

    /// Whether entries of a kind have a content.
    pub(crate) fn has_content(kind: u8) -> bool {
        !matches!(kind, REPORT | SUBMITTED_PROBE | EVENT)
    }
}

/// Makes attributes of deliveries and submissions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extractor;

impl restante_storage::Extractor for Extractor {
    fn version(&self) -> u32 {
        VERSION
    }

    fn extract(&self, entry: &EntrySource<'_>) -> Extracted {
        let mut made = Made { columns: Columns::default(), blob: BlobWriter::default() };
        made.columns.priority = NO_PRIORITY;
        made.columns.size = u64::try_from(entry.content.len()).unwrap_or(u64::MAX);
        let Ok(element) = Reader::over(entry.envelope).only() else { return made.finish() };
        let (envelope, noted) = noted::split(&element);
        made.columns.kind = kind_of(envelope.tag);
        if !kind::has_content(made.columns.kind) {
            made.columns.size = 0;
        }
        let octets = entry.envelope;
        let content_type = match made.columns.kind {
            kind::REPORT => report::envelope(&mut made, octets, &envelope),
            kind::SUBMITTED_MESSAGE | kind::SUBMITTED_PROBE | kind::DRAFT => {
                submission::envelope(&mut made, octets, &envelope)
            }
            kind::RETURNED_CONTENT => entry.parent.and_then(|parent| {
                report::content_type(&Reader::over(parent.envelope).only().ok()?)
            }),
            kind::EVENT | kind::ERRAND | kind::QUEUED => None,
            _ if entry.parent.is_some() => {
                message::parameters(&mut made, octets);
                let military = envelope.tag == FORWARDED_MILITARY;
                Some(ContentType::of_oid(if military { ID_MCT_P772 } else { P22 }))
            }
            _ => message::envelope(&mut made, octets, &envelope),
        };
        match noted {
            Some(noted) => noted::attributes(&mut made, octets, noted),
            None if made.columns.kind == kind::REPORT => {
                let returned = !entry.content.is_empty();
                made.sink(From::Envelope(octets)).made(Key::CONTENT_RETURNED, &returned);
            }
            None => {}
        }
        if let Some(content_type) = content_type {
            of_content_type(&mut made, &content_type, entry.content, own_names(&envelope));
        }
        made.finish()
    }
}

/// The content-type as entries have it, and what a content of it is the source of.
fn of_content_type(
    made: &mut Made,
    content_type: &ContentType,
    content: &Bytes,
    names: Vec<Name>,
) {
    let content_type = match content_type {
        ContentType::BuiltIn(BuiltInContentType::EXTERNAL) => named_by(content),
        _ => None,
    }
    .unwrap_or_else(|| content_type.oid());
    made.columns.content_type = content_type.to_string();
    if is_personal(&content_type) && kind::has_content(made.columns.kind) && !content.is_empty() {
        interpersonal(made, content, names);
    }
}

/// Whom a message was delivered to: this-recipient-name of its envelope, and for whom it was meant
/// at first.
fn own_names(envelope: &Element<'_>) -> Vec<Name> {
    let delivered = Some(envelope).filter(|envelope| envelope.tag == Tag::SEQUENCE);
    let fields = delivered.and_then(|all| members(all).find(|member| member.tag == Tag::SET));
    let named = [Tag::context(4), Tag::context(5)];
    let names = fields.iter().flat_map(members).filter(|member| named.contains(&member.tag));
    names.filter_map(|name| ORName::decode_contents(&name).ok().as_ref().map(Name::of)).collect()
}

/// What a content that is an EXTERNAL says that it is.
fn named_by(content: &Bytes) -> Option<Oid> {
    External::from_bytes(content).ok()?.direct_reference
}

/// Columns and attributes in the making.
pub(crate) struct Made {
    columns: Columns,
    blob: BlobWriter,
}

impl Made {
    fn finish(self) -> Extracted {
        Extracted { columns: self.columns, attributes: self.blob.finish() }
    }

    fn sink<'a>(&'a mut self, from: From<'a>) -> Sink<'a> {
        Sink { blob: &mut self.blob, from }
    }
}

/// The tag of a forwarded message's envelope: its MessageParameters under this tag.
pub(crate) const FORWARDED: Tag = Tag::context(1);
/// The same of a military message that is forwarded.
pub(crate) const FORWARDED_MILITARY: Tag = Tag::context(8);
/// The tag of the envelope of a content that came back with a report, which has no members.
pub(crate) const RETURNED: Tag = Tag::context(2);
/// The tag over a MessageSubmissionEnvelope and the MessageSubmissionResult.
pub(crate) const SUBMITTED: Tag = Tag::context(3);
/// The tag over a ProbeSubmissionEnvelope and the ProbeSubmissionResult.
pub(crate) const PROBED: Tag = Tag::context(4);
/// The tag of what the store is to submit by itself: see [`crate::auto_action::Errand`].
pub(crate) const ERRAND: Tag = Tag::context(20);
/// The tag of the envelope of a message that waits for its time.
pub(crate) const QUEUED: Tag = Tag::context(21);
/// The tag of that of a report that waits.
pub(crate) const HELD_REPORT: Tag = Tag::context(22);

/// The tag over a MessageSubmissionEnvelope that was not submitted yet.
pub(crate) const DRAFT: Tag = Tag::context(5);
/// The tag over what an auto-action did: attributes.
pub(crate) const EVENT: Tag = Tag::context(6);
/// The tag over the envelope of an entry that is in a log alone, and what is told of its content:
/// attributes.
pub(crate) const LOGGED: Tag = Tag::context(7);

/// What an entry is, by the tag of its envelope: a message that was delivered has a SEQUENCE, a
/// report a SET.
fn kind_of(tag: Tag) -> u8 {
    match tag {
        Tag::SET => kind::REPORT,
        RETURNED => kind::RETURNED_CONTENT,
        SUBMITTED => kind::SUBMITTED_MESSAGE,
        PROBED => kind::SUBMITTED_PROBE,
        DRAFT => kind::DRAFT,
        EVENT => kind::EVENT,
        ERRAND => kind::ERRAND,
        QUEUED | HELD_REPORT => kind::QUEUED,
        _ => kind::MESSAGE,
    }
}

/// An interpersonal message or notification (X.420 §19).
fn interpersonal(made: &mut Made, content: &Bytes, names: Vec<Name>) {
    let Ok(Some(object)) = Reader::over(content).next_element() else { return };
    if object.tag == Tag::context(1) {
        let mut sink = made.sink(From::Content(content));
        notification::attributes(&mut sink, &object);
    } else if let Some((heading, body)) = heading_and_body(&object) {
        let mut sink = made.sink(From::Content(content));
        let subject = heading::attributes(&mut sink, &heading, names);
        made.columns.subject = subject.unwrap_or_default();
        if let Some(body) = body {
            body::attributes(&mut made.sink(From::Content(content)), &body);
        }
    }
}

/// Heading and body of an IPM, tagged as a content or bare as in a forwarded message.
fn heading_and_body<'a>(object: &Element<'a>) -> Option<(Element<'a>, Option<Element<'a>>)> {
    if object.tag != Tag::context(0) && object.tag != Tag::SEQUENCE {
        return None;
    }
    let mut members = object.children().ok()?;
    let heading = members.next_element().ok()??;
    if heading.tag != Tag::SET {
        return None;
    }
    let body = members.next_element().ok().flatten().filter(|body| body.tag == Tag::SEQUENCE);
    Some((heading, body))
}

/// The elements inside one, as far as they can be read.
fn members<'a>(element: &Element<'a>) -> impl Iterator<Item = Element<'a>> {
    let mut reader = element.children().ok();
    core::iter::from_fn(move || reader.as_mut()?.next_element().ok().flatten())
}

/// Object identifiers of encoded information types, `[n]` or `[APPLICATION 5]`.
fn encoded_information_types(sink: &mut Sink<'_>, key: Key, element: &Element<'_>) {
    if let Ok(types) = restante_mhs::x411::EncodedInformationTypes::decode_contents(element) {
        types.oids().iter().for_each(|oid| sink.made(key, oid));
    }
}
