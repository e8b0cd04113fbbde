//! Deliveries that come again: an MTA that did not see the answer delivers once more, and the
//! user is to have one entry, deleted or not.
//!
//! A delivery leaves a mark in the transaction that stores it: a hash of its identifier, of the
//! rest of its envelope but the time, and of its content, as a value of the mailbox. There is a
//! bounded number of places for marks; the hash says which is its own, so that a mark lasts for
//! about as many deliveries as there are places. Where two deliveries of one message are under
//! way at once, neither sees the other's mark: there are two entries then, rather than none.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use restante_ber::{Element, Reader, Tag};
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError};

/// How many marks a mailbox has room for.
const PLACES: u64 = 1024;

/// The mark of a delivery.
pub(crate) struct Mark {
    scope: Scope,
    key: Bytes,
    value: Bytes,
}

impl Mark {
    /// Of an envelope and a content.
    pub(crate) fn of(mailbox: MailboxId, envelope: &Bytes, content: &Bytes) -> Self {
        // Another release of Rust may hash in another way: a repeat across it is not recognised.
        let mut hasher = DefaultHasher::new();
        match without_time(envelope) {
            Some([identifier, fields]) => {
                identifier.octets().hash(&mut hasher);
                fields.octets().hash(&mut hasher);
            }
            None => envelope.hash(&mut hasher),
        }
        content.hash(&mut hasher);
        let hash = hasher.finish();
        let mut key = b"delivered/".to_vec();
        key.extend_from_slice(&(hash % PLACES).to_be_bytes());
        let value = Bytes::copy_from_slice(&hash.to_be_bytes());
        Self { scope: Scope::Mailbox(mailbox), key: Bytes::from(key), value }
    }

    /// Whether a delivery left it: what can be seen is on disk.
    pub(crate) fn is_there<S: Storage>(&self, storage: &S) -> Result<bool, StorageError> {
        Ok(storage.value(self.scope, &self.key)?.as_ref() == Some(&self.value))
    }

    /// What leaves it.
    pub(crate) fn change(self) -> Change {
        Change::PutValue { scope: self.scope, key: self.key, value: self.value }
    }
}

/// Identifier and fields of a MessageDeliveryEnvelope, between which the time stands; `None` for
/// that of a report.
fn without_time(envelope: &Bytes) -> Option<[Element<'_>; 2]> {
    let element = Reader::over(envelope).only().ok()?;
    if element.tag != Tag::SEQUENCE {
        return None;
    }
    let mut members = element.children().ok()?;
    let mut next = || members.next_element().ok().flatten();
    let (identifier, _, fields) = (next()?, next()?, next()?);
    Some([identifier, fields])
}
