//! How columns and attributes are made: by an [`Extractor`] that knows what the octets mean.
//!
//! It runs on the thread of whoever commits, never on the writer, and again when the log is
//! replayed; so it must give the same for the same source, and must not refuse.

use bytes::Bytes;

/// The longest text kept in a column, octets; a longer one is cut at a character's end and a test
/// of it is answered with a superset.
pub const TEXT_BYTES_MAX: usize = 1024;

/// Makes what the index holds of an entry.
pub trait Extractor: Send + Sync {
    /// Raised whenever the same source gives something else than before; the index of another
    /// version is made again.
    fn version(&self) -> u32;

    /// What the index holds of `entry`.
    fn extract(&self, entry: &EntrySource<'_>) -> Extracted;
}

/// What an entry is made from. Its sequence-number is not yet known.
#[derive(Debug, Clone, Copy)]
pub struct EntrySource<'a> {
    /// The entry-class.
    pub class: u8,
    /// The envelope, as stored.
    pub envelope: &'a Bytes,
    /// The content: of a child, its range.
    pub content: &'a Bytes,
    /// Microseconds since 1970-01-01 00:00 UTC.
    pub creation_time: i64,
    /// Of a child, what its parent is made from.
    pub parent: Option<&'a EntrySource<'a>>,
}

/// What the index holds of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extracted {
    /// What filters and lists read first.
    pub columns: Columns,
    /// All else, encoded as the extractor likes it.
    pub attributes: Bytes,
}

/// The narrow part of the index. A text that is not there is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The kind of entry (`ms`: its entry-type), as the extractor numbers them.
    pub kind: u8,
    /// The priority, as the extractor numbers them.
    pub priority: u8,
    /// The size that is shown, octets.
    pub size: u64,
    /// Who sent it, in text form.
    pub originator: String,
    /// What it is about.
    pub subject: String,
    /// Its identifiers, in text form.
    pub message_id: String,
    /// Its content-type, in text form.
    pub content_type: String,
}

impl Columns {
    /// Cuts its texts to what is kept.
    pub(crate) fn cut(&mut self) {
        let Self { originator, subject, message_id, content_type, .. } = self;
        for text in [originator, subject, message_id, content_type] {
            text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        }
    }
}
