//! Modify (X.413 §8.3.8, 1994): attributes of entries that are the user's to change.
//!
//! Entries are modified one after the other, each wholly or not at all. At one that can't be, it
//! ends: what came before it stays modified, and modify-error says so.

mod change;

use restante_ber::Bytes;
use restante_mhs::x413::{
    ModifyArgument, ModifyEntries, ModifyError, ModifyProblem, ModifyResult, RetrievalError,
    SequenceNumber, ServiceProblem,
};
use restante_mhs::x419::ms_access;
use restante_storage::{Change, EntryRow, NumberSet, Selection, Storage};

use crate::class::Class;
use crate::seam::{
    Refusal, known_extensions, retrieval_error, retrieval_result, service_problem, unavailable,
};
use crate::selection::{Selected, no_such_entries, plan};
use crate::{Binding, Effect, MessageStore, Now, Outcome};
pub(crate) use change::{Entry, Modification, checked};

/// How many octets one Modify may add to entries.
const ADDED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The entries that are to be modified, in order.
enum Found {
    Selected(Selected),
    Specific(Vec<Selection>),
}

impl Found {
    fn rows(&self) -> Box<dyn Iterator<Item = EntryRow<'_>> + '_> {
        match self {
            Self::Selected(selected) => Box::new(selected.rows()),
            Self::Specific(entries) => Box::new(entries.iter().filter_map(|found| found.get(0))),
        }
    }
}

impl<S: Storage> MessageStore<S> {
    pub(crate) fn modify(
        &self,
        binding: &Binding,
        now: Now,
        argument: &ModifyArgument,
    ) -> Result<Outcome, Refusal> {
        known_extensions(binding.edition, argument.modify_extensions.as_ref())?;
        let class = self.class(binding, argument.entry_class)?;
        let plan = match &argument.entries {
            ModifyEntries::Selector(selector) => Some(plan(binding.edition, class, selector)?),
            ModifyEntries::SpecificEntries(_) => None,
        };
        let modifications = checked(&argument.modifications)?;
        self.check_groups(binding.mailbox, modifications.iter().flat_map(Modification::groups))?;
        let found = match (plan, &argument.entries) {
            (Some(plan), _) => Found::Selected(self.select(binding, &plan)?),
            (None, ModifyEntries::SpecificEntries(numbers)) => {
                Found::Specific(self.specific(binding, class, numbers)?)
            }
            (None, ModifyEntries::Selector(_)) => Found::Specific(Vec::new()),
        };
        let selected = matches!(found, Found::Selected(_));
        self.modify_entries(binding, now, &found, &modifications, selected)
    }

    /// The entries of these numbers, all of them.
    fn specific(
        &self,
        binding: &Binding,
        class: Class,
        numbers: &[SequenceNumber],
    ) -> Result<Vec<Selection>, Refusal> {
        let mut entries = Vec::new();
        let mut missing = Vec::new();
        for number in numbers {
            let entry = self.entry(binding.mailbox, class, number.0)?;
            if entry.is_empty() {
                missing.push(number.0);
            }
            entries.push(entry);
        }
        if missing.is_empty() { Ok(entries) } else { Err(no_such_entries(missing).into()) }
    }

    fn modify_entries(
        &self,
        binding: &Binding,
        now: Now,
        found: &Found,
        modifications: &[Modification],
        selected: bool,
    ) -> Result<Outcome, Refusal> {
        let mailbox = binding.mailbox;
        let mut amendments = self.amending.begin(&*self.storage, mailbox);
        let mut statuses: [NumberSet; 3] = Default::default();
        let mut modified = Vec::new();
        let mut failed = None;
        let (mut octets, mut over) = (0_usize, None);
        for row in found.rows() {
            let mut entry = Entry { amendment: amendments.of(row)?.clone(), status: None };
            if let Err((place, problem)) = entry.modify(modifications) {
                failed = Some((row.number, place, problem));
                break;
            }
            octets = octets.saturating_add(entry.amendment.octets().len());
            if octets > ADDED_BYTES_MAX {
                return Err(service_problem(ServiceProblem::UNWILLING_TO_PERFORM).into());
            }
            over = over.into_iter().chain(entry.amendment.stored_until(row.creation_time)).min();
            *amendments.of(row)? = entry.amendment;
            if let Some(status) = entry.status
                && let Some(numbers) = statuses.get_mut(usize::from(status))
            {
                numbers.insert(row.number..=row.number);
            }
            modified.push(SequenceNumber(row.number));
        }
        let of_status =
            |(to, numbers): (u8, NumberSet)| Change::SetStatus { mailbox, numbers, to };
        let statuses = (0..).zip(statuses).filter(|(_, numbers)| !numbers.is_empty());
        let mut changes: Vec<_> = statuses.map(of_status).collect();
        let sweep = self.sweep_at(mailbox, over, now)?;
        changes.extend(sweep.iter().map(|work| work.put(Bytes::new())));
        let entries = modified.len();
        let reply = match failed {
            None => retrieval_result(
                ms_access::OP_MODIFY,
                &ModifyResult {
                    entries_modified: (selected && entries > 0).then_some(modified),
                    modify_result_extensions: None,
                },
            ),
            Some(failed) => retrieval_error(modify_error(modified, failed), binding.edition),
        };
        let outcome = Outcome::now(reply);
        if entries == 0 {
            return Ok(outcome);
        }
        let commit = amendments.commit(changes);
        let mailbox = binding.user.key.clone();
        let told = Effect::Modified { mailbox, entries };
        let outcome = outcome.after(commit, unavailable(binding.edition)).with(told);
        Ok(match sweep {
            Some(work) => outcome.with(Effect::Due { at: work.at }),
            None => outcome,
        })
    }
}

fn modify_error(
    modified: Vec<SequenceNumber>,
    (number, place, problem): (u32, usize, ModifyProblem),
) -> RetrievalError {
    RetrievalError::Modify(ModifyError {
        entries_modified: (!modified.is_empty()).then_some(modified),
        failing_entry: SequenceNumber(number),
        modification_number: i64::try_from(place).unwrap_or(i64::MAX),
        problem,
    })
}
