//! List (X.413 §8.3.3): information about the entries that are selected. What was new is listed
//! from then on.

use restante_mhs::x413::{In1988, ListArgument, ListResult, RetrievalStatus};
use restante_mhs::x419::{Edition, ms_access};
use restante_storage::Storage;

use crate::attributes::{EntryReader, Key, checked, information};
use crate::register::LIST_DEFAULTS;
use crate::seam::{Refusal, known_extensions, retrieval_result};
use crate::selection::plan;
use crate::{Binding, Effect, MessageStore, Outcome};

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
        let plan = plan(binding.edition, argument.entry_class, &argument.selector)?;
        let requested = match &argument.requested_attributes {
            Some(selection) => checked(&selection.0, is_listed)?,
            None => checked(&self.defaults(binding.mailbox, LIST_DEFAULTS)?, |_| true)?,
        };
        let selected = self.select(binding, &plan)?;
        let mut entries = Vec::with_capacity(selected.len());
        for row in selected.rows() {
            let entry = EntryReader::new(&*self.storage, binding.mailbox, row);
            entries.push(information(&entry, &requested)?);
        }
        self.raise(binding, selected.rows(), LISTED);
        let count = entries.len();
        let result = ListResult {
            next: selected.next,
            requested: (count > 0).then_some(entries),
            list_result_extensions: None,
        };
        let reply = match binding.edition {
            Edition::E1988 => retrieval_result(ms_access::OP_LIST, &result.in_1988()),
            Edition::E1994 => retrieval_result(ms_access::OP_LIST, &result),
        };
        let mailbox = binding.user.key.clone();
        Ok(Outcome::now(reply).with(Effect::Listed { mailbox, entries: count }))
    }
}
