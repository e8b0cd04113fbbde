//! Delete (X.413 §8.3.5): entries with their children, all of those that are named or none.

use std::collections::BTreeSet;

use restante_ber::{Null, SetOf};
use restante_mhs::x413::{
    DeleteArgument, DeleteError, DeleteItems, DeleteProblem, DeleteProblemItem, DeleteResult,
    DeleteResult94, RetrievalError, SequenceNumber,
};
use restante_mhs::x419::{Edition, ms_access};
use restante_storage::{EntryRow, NumberSet, Storage, Transaction};

use crate::class::{Class, is_log};
use crate::seam::{Refusal, known_extensions, retrieval_result, unavailable};
use crate::selection::{no_such_entries, plan};
use crate::{Binding, Effect, MessageStore, Now, Outcome};

/// Why entries that are named may not be deleted.
#[derive(Default)]
struct Problems(Vec<DeleteProblemItem>);

impl Problems {
    fn add(&mut self, problem: DeleteProblem, number: u32) {
        let sequence_number = SequenceNumber(number);
        self.0.push(DeleteProblemItem { problem, sequence_number });
    }

    /// What is wrong with an entry of a class beside its place in its family: a log keeps what is
    /// stored.
    fn add_of(&mut self, class: Class, row: &EntryRow<'_>) {
        if class.log && !is_log(row.class) {
            self.add(DeleteProblem::STORED_MESSAGE_EXISTS, row.number);
        }
    }

    fn none(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        let problems = SetOf(self.0);
        Err(RetrievalError::Delete(DeleteError { problems, entries_deleted: None }).into())
    }
}

impl<S: Storage> MessageStore<S> {
    pub(crate) fn delete(
        &self,
        binding: &Binding,
        now: Now,
        argument: &DeleteArgument,
    ) -> Result<Outcome, Refusal> {
        known_extensions(binding.edition, argument.delete_extensions.as_ref())?;
        let class = self.class(binding, argument.entry_class)?;
        let mut problems = Problems::default();
        let (numbers, selected) = match &argument.items {
            DeleteItems::Selector(selector) => {
                let plan = plan(binding.edition, class, selector)?;
                let selected = self.select(binding, &plan)?;
                let numbers: BTreeSet<_> = selected.rows().map(|row| row.number).collect();
                for row in selected.rows() {
                    // A child goes with its parent; without it, it can't.
                    if row.parent.is_some_and(|parent| !numbers.contains(&parent)) {
                        problems.add(DeleteProblem::CHILD_ENTRY_SPECIFIED, row.number);
                    }
                    problems.add_of(class, &row);
                }
                (numbers, true)
            }
            DeleteItems::SequenceNumbers(numbers) => {
                let numbers: BTreeSet<_> = numbers.0.iter().map(|number| number.0).collect();
                let mut missing = Vec::new();
                for number in &numbers {
                    match self.entry(binding.mailbox, class, *number)?.get(0) {
                        None => missing.push(*number),
                        Some(row) if row.parent.is_some() => {
                            problems.add(DeleteProblem::CHILD_ENTRY_SPECIFIED, *number);
                        }
                        Some(row) => problems.add_of(class, &row),
                    }
                }
                if !missing.is_empty() {
                    return Err(no_such_entries(missing).into());
                }
                (numbers, false)
            }
        };
        problems.none()?;
        self.commit_delete(binding, now, numbers, selected)
    }

    fn commit_delete(
        &self,
        binding: &Binding,
        now: Now,
        numbers: BTreeSet<u32>,
        selected: bool,
    ) -> Result<Outcome, Refusal> {
        let result = match binding.edition {
            Edition::E1988 => DeleteResult::DeleteResult88(Null),
            Edition::E1994 => {
                let deleted = || numbers.iter().map(|n| SequenceNumber(*n)).collect::<Vec<_>>();
                DeleteResult::DeleteResult94(DeleteResult94 {
                    entries_deleted: (selected && !numbers.is_empty()).then(deleted),
                    delete_result_extensions: None,
                })
            }
        };
        let entries = numbers.len();
        let mut outcome = Outcome::now(retrieval_result(ms_access::OP_DELETE, &result));
        if entries > 0 {
            let numbers: NumberSet = numbers.into_iter().collect();
            let changes = self.deletion(binding.mailbox, numbers.clone(), now)?;
            let commit = self.storage.commit(Transaction { changes });
            let mailbox = binding.user.key.clone();
            outcome = outcome.after(commit, unavailable(binding.edition)).with(Effect::Deleted {
                mailbox,
                entries,
                numbers,
            });
        }
        Ok(outcome)
    }
}
