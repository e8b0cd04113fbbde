//! List (X.413 §8.3.3): information about the entries that are selected. What was new is listed
//! from then on.

use restante_ber::{Encode, Rope, Tag, Writer};
use restante_mhs::x413::{ListArgument, RetrievalStatus, SequenceNumber};
use restante_mhs::x419::{Port, ms_access};
use restante_storage::Storage;

use crate::attributes::{Key, checked, is_made_at_delivery, write_information};
use crate::register::LIST_DEFAULTS;
use crate::seam::{Refusal, known_extensions};
use crate::selection::plan;
use crate::{Binding, Effect, MessageStore, Outcome, Reply};

/// Status of what was listed.
pub(crate) const LISTED: u8 = 1;
const _: () = assert!(RetrievalStatus::LISTED.0 == 1);

/// Whether List tells of an attribute: not of those that are the content or a part of it.
pub(crate) fn is_listed(key: Key) -> bool {
    !is_content(key)
}

/// Whether an attribute is the content or a part of it.
pub(crate) fn is_content(key: Key) -> bool {
    match key {
        Key::CONTENT | Key::RETURNED_IPM => true,
        Key::EXTENDED_BODY_PART_TYPES | Key::MESSAGE_BODY_PARTS => false,
        key => key.is_of_body(),
    }
}

impl<S: Storage> MessageStore<S> {
    pub(crate) fn list(
        &self,
        binding: &Binding,
        argument: &ListArgument,
    ) -> Result<Outcome, Refusal> {
        known_extensions(binding.edition, argument.list_extensions.as_ref())?;
        let class = self.class(binding, argument.entry_class)?;
        let plan = plan(binding.edition, class, &argument.selector)?;
        let mut requested = match &argument.requested_attributes {
            Some(selection) => checked(&selection.0, is_listed)?,
            None => checked(&self.defaults(binding, LIST_DEFAULTS)?, |_| true)?,
        };
        requested.retain(|item| class.has(item.key));
        let selected = self.select(binding, &plan)?;
        // Written from its end, each entry as soon as it is made: values in their parts take many
        // times the memory of their octets, and a list may be long.
        let mut writer = Writer::new();
        let attributes = requested.iter().any(|item| is_made_at_delivery(item.key));
        let storage = &*self.storage;
        for entry in selected.readers_from_last(storage, binding.mailbox, attributes) {
            write_information(&entry?, &requested, binding.edition, &mut writer)?;
        }
        if !class.log {
            self.raise(binding, selected.rows(), LISTED);
        }
        let entries = selected.len();
        let reply = Reply::Result {
            operation: ms_access::OP_LIST,
            port: Port::Retrieval,
            value: list_result(selected.next, entries, writer),
        };
        let mailbox = binding.user.key.clone();
        Ok(Outcome::now(reply).with(Effect::Listed { mailbox, entries }))
    }
}

/// The ListResult around its entries, which are written already.
fn list_result(next: Option<SequenceNumber>, entries: usize, mut writer: Writer) -> Rope {
    if entries > 0 {
        writer.header(Tag::SEQUENCE, true, writer.len());
        writer.header(Tag::context(1), true, writer.len());
    }
    if let Some(next) = next {
        writer.constructed(Tag::context(0), |writer| next.encode(writer));
    }
    writer.header(Tag::SET, true, writer.len());
    writer.finish()
}
