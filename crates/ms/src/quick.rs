//! Which operations are short work and wait for nothing, so that whoever serves associations
//! carries them out where they arrive; all others are carried out where it may take a while.
//!
//! It is about time alone: what an operation comes to is the same either way.

use restante_directory::User;
use restante_mhs::x411::MessageDeliveryEnvelope;
use restante_mhs::x413::{DeleteItems, FetchItem};
use restante_storage::Storage;

use crate::{Binding, Delivery, MessageStore, Operation};

/// The largest content whose delivery is short work, octets.
const CONTENT_OCTETS_MAX: usize = 64 << 10;
/// How many entries may be named.
const NUMBERS_MAX: usize = 64;

impl<S: Storage> MessageStore<S> {
    /// Whether the bind of a user is short work and waits for nothing: the mailbox is there.
    pub fn is_quick_bind(&self, user: &User) -> bool {
        self.storage.mailbox(&user.key).is_some()
    }

    /// Whether an operation of a user agent is short work and waits for nothing.
    pub fn is_quick(&self, binding: &Binding, operation: &Operation) -> bool {
        let mailbox = binding.mailbox;
        let named = match operation {
            Operation::Fetch(argument) => match &argument.item {
                FetchItem::Precise(number) => self.storage.has_record(mailbox, number.0),
                FetchItem::Search(_) => false,
            },
            Operation::Delete(argument) => match &argument.items {
                DeleteItems::SequenceNumbers(numbers) => {
                    numbers.0.len() <= NUMBERS_MAX && self.storage.has_columns(mailbox)
                }
                DeleteItems::Selector(_) => false,
            },
            _ => false,
        };
        named && self.storage.has_room()
    }

    /// Whether a delivery is short work and waits for nothing: one to a user who has a mailbox,
    /// for which no auto-actions are registered, and whose entries need not be counted.
    pub fn is_quick_delivery(&self, delivery: &Delivery) -> bool {
        let Delivery::Message { envelope, content, .. } = delivery else { return false };
        content.len() <= CONTENT_OCTETS_MAX
            && self.directory.answers_at_once()
            && self.storage.has_room()
            && self.is_open(envelope)
    }

    /// Whether there is the mailbox, in use, and it has no quota.
    fn is_open(&self, envelope: &MessageDeliveryEnvelope) -> bool {
        let recipient = &envelope.other_fields.this_recipient_name;
        let mailbox = self.storage.mailbox(&recipient.address.key());
        mailbox.is_some_and(|mailbox| {
            self.repeats.are_at_hand(mailbox)
                && self.auto_actions.has_none(mailbox)
                && self.quota(mailbox).is_none()
        })
    }
}
