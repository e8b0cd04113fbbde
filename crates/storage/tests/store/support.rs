//! What the tests share: an extractor that reads the content as text, and short ways to say
//! what is done.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use restante_storage::{
    Backend, Change, Child, Columns, Committed, EntrySource, Extracted, Extractor, IndexPlace,
    MailboxId, MemoryBackend, NewContent, NewEntry, NumberSet, Options, Storage, StorageError,
    Store, Transaction,
};

/// The content is the subject; the attributes say what the source was.
pub(crate) struct TextExtractor(pub(crate) u32);

impl Extractor for TextExtractor {
    fn version(&self) -> u32 {
        self.0
    }

    fn extract(&self, entry: &EntrySource<'_>) -> Extracted {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let of_parent = entry.parent.map_or(String::new(), |parent| text(parent.envelope));
        let attributes = format!("{}<{of_parent}", text(entry.envelope));
        let columns = Columns {
            kind: entry.class + 10,
            priority: entry.envelope.first().copied().unwrap_or(0) % 3,
            size: entry.content.len() as u64,
            originator: text(entry.envelope),
            subject: text(&entry.content[..entry.content.len().min(40)]),
            message_id: format!("{}", entry.creation_time),
            content_type: format!("v{}", self.0),
        };
        Extracted { columns, attributes: attributes.into() }
    }
}

/// Small limits, so that every one of them is met.
pub(crate) fn small() -> Options {
    Options {
        segment_bytes: 16 * 1024,
        index_batch_records: 7,
        index_delay: Duration::from_millis(1),
        pending_bytes_max: 8 * 1024,
        columns_bytes_max: 8 * 1024,
        attributes_bytes_max: 8 * 1024,
        open_files_max: 2,
        live_percent_min: 90,
        reclaim_bytes_per_second: 0,
        ..Options::default()
    }
}

pub(crate) fn open(backend: &MemoryBackend) -> Store {
    open_with(backend, &IndexPlace::Memory).expect("it opens")
}

pub(crate) fn open_at(backend: &MemoryBackend, index: &Path) -> Store {
    open_with(backend, &IndexPlace::File(index.to_path_buf())).expect("it opens")
}

pub(crate) fn open_with(
    backend: &MemoryBackend,
    index: &IndexPlace,
) -> Result<Store, StorageError> {
    let backend: Arc<dyn Backend> = Arc::new(backend.clone());
    Store::open(backend, index, small(), Arc::new(TextExtractor(1)))
}

pub(crate) fn create(store: &Store, name: &str) -> MailboxId {
    let about = Bytes::copy_from_slice(name.as_bytes());
    let change = Change::CreateMailbox { name: name.into(), about };
    commit(store, change).mailboxes[0]
}

pub(crate) fn commit(store: &Store, change: Change) -> Committed {
    store.commit(Transaction::of(change)).wait().expect("it is done")
}

pub(crate) fn entry(mailbox: MailboxId, envelope: &str) -> NewEntry {
    NewEntry::new(mailbox, 1, 0, Bytes::copy_from_slice(envelope.as_bytes()))
}

pub(crate) fn child(range: std::ops::Range<u64>, parent: Option<usize>) -> Child {
    let envelope = Bytes::from_static(b"child");
    Child { class: 2, status: 0, envelope, range, parent }
}

pub(crate) fn content(text: &str, entries: Vec<NewEntry>) -> Change {
    let content = vec![Bytes::copy_from_slice(text.as_bytes())];
    Change::Store(NewContent { content, creation_time: 1_700_000_000_000_000, entries })
}

/// Stores a content for one mailbox; its number.
pub(crate) fn deliver(store: &Store, mailbox: MailboxId, text: &str) -> u32 {
    commit(store, content(text, vec![entry(mailbox, "envelope")])).stored[0].number
}

pub(crate) fn delete(store: &Store, mailbox: MailboxId, numbers: impl Into<NumberSet>) -> u32 {
    commit(store, Change::Delete { mailbox, numbers: numbers.into() }).deleted
}

/// The numbers in a mailbox.
pub(crate) fn numbers(store: &Store, mailbox: MailboxId) -> Vec<u32> {
    let all = store.select(mailbox, &Default::default()).expect("a mailbox");
    all.iter().map(|row| row.number).collect()
}
