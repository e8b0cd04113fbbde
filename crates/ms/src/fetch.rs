//! Fetch (X.413 §8.3.4): one entry, by its number or as the first of those that are selected. An
//! entry whose content was fetched is processed from then on, any other listed.

use restante_mhs::x413::{
    EntryInformation, FetchArgument, FetchItem, FetchResult, In1988, OverrideRestrictions,
    RetrievalStatus, SequenceNumber,
};
use restante_mhs::x419::{Edition, ms_access};
use restante_storage::{EntryRow, Storage};

use crate::attributes::{EntryReader, Key, Requested, checked, information};
use crate::auto_action::Receipt;
use crate::extract::kind;
use crate::list::LISTED;
use crate::register::FETCH_DEFAULTS;
use crate::seam::{Refusal, known_extensions, retrieval_result};
use crate::selection::{Plan, no_such_entries, plan};
use crate::{Binding, Effect, MessageStore, Now, Outcome, restrict};

/// Status of what was fetched.
const PROCESSED: u8 = 2;
const _: () = assert!(RetrievalStatus::PROCESSED.0 == 2);

/// What is to be fetched, checked.
enum Item<'a> {
    Precise(u32),
    Search(Box<Plan>, Option<&'a OverrideRestrictions>),
}

impl<S: Storage> MessageStore<S> {
    pub(crate) fn fetch(
        &self,
        binding: &Binding,
        now: Now,
        argument: &FetchArgument,
    ) -> Result<Outcome, Refusal> {
        known_extensions(binding.edition, argument.fetch_extensions.as_ref())?;
        let class = self.class(binding, argument.entry_class)?;
        let item = match &argument.item {
            FetchItem::Precise(number) => Item::Precise(number.0),
            FetchItem::Search(selector) => {
                let plan = Box::new(plan(binding.edition, class, selector)?);
                Item::Search(plan, selector.r#override.as_ref())
            }
        };
        let mut requested = match &argument.requested_attributes {
            Some(selection) => checked(&selection.0, |_| true)?,
            None => checked(&self.defaults(binding, FETCH_DEFAULTS)?, |_| true)?,
        };
        requested.retain(|item| class.has(item.key));
        let mut result = FetchResult::default();
        let mut read = None;
        let mut receipt = Receipt::No;
        let mut fetch = |row: EntryRow<'_>, overridden| -> Result<_, Refusal> {
            read = Some(row.number);
            let information = self.fetch_one(binding, row, &requested, overridden)?;
            if !class.log {
                let processes = |item: &Requested| is_processing(row.kind, item.key);
                let status = if requested.iter().any(processes) { PROCESSED } else { LISTED };
                if status == PROCESSED {
                    receipt = self.acknowledge(binding, now, row)?;
                }
                // With a receipt the status is raised with that, and not before.
                if matches!(receipt, Receipt::No) {
                    self.raise(binding, core::iter::once(row), status);
                }
            }
            Ok(information)
        };
        match item {
            Item::Precise(number) => {
                let selection = self.entry(binding.mailbox, class, number)?;
                let row = selection.get(0).ok_or_else(|| no_such_entries([number]))?;
                result.entry_information = Some(fetch(row, None)?);
            }
            Item::Search(plan, overridden) => {
                let selected = self.select(binding, &plan)?;
                let mut rows = selected.rows();
                if let Some(row) = rows.next() {
                    result.entry_information = Some(fetch(row, overridden)?);
                }
                let others: Vec<_> = rows.map(|row| SequenceNumber(row.number)).collect();
                result.list = (!others.is_empty()).then_some(others);
                result.next = selected.next;
            }
        }
        let reply = match binding.edition {
            Edition::E1988 => retrieval_result(ms_access::OP_FETCH, &result.in_1988()),
            Edition::E1994 => retrieval_result(ms_access::OP_FETCH, &result),
        };
        let outcome = self.acknowledged(binding, Outcome::now(reply), receipt);
        let mailbox = binding.user.key.clone();
        Ok(match read {
            Some(number) => outcome.with(Effect::Read { mailbox, number }),
            None => outcome,
        })
    }

    /// One entry, as far as it may be returned.
    fn fetch_one(
        &self,
        binding: &Binding,
        row: EntryRow<'_>,
        requested: &[Requested],
        overridden: Option<&OverrideRestrictions>,
    ) -> Result<EntryInformation, Refusal> {
        let entry = EntryReader::new(&*self.storage, binding.mailbox, row);
        let information = information(&entry, requested)?;
        restrict::check(&binding.fetch_restrictions, overridden, &entry, &information)?;
        Ok(information)
    }
}

/// Whether a Fetch of an attribute makes an entry processed: that of the content or the body, and
/// of a report what it says of the recipients.
fn is_processing(kind: u8, key: Key) -> bool {
    match kind {
        kind::REPORT => {
            key == Key::REPORT_DELIVERY_ENVELOPE
                || key == Key::PER_RECIPIENT_REPORT_DELIVERY_FIELDS
        }
        _ => key == Key::CONTENT || key == Key::BODY,
    }
}
