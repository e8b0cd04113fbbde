//! Delete (X.413 §8.3.5): entries with their children, all of those that are named or none.

use std::collections::BTreeSet;

use restante_ber::{Null, SetOf};
use restante_mhs::x413::{
    DeleteArgument, DeleteError, DeleteItems, DeleteProblem, DeleteProblemItem, DeleteResult,
    DeleteResult94, RetrievalError, SequenceNumber,
};
use restante_mhs::x419::{Edition, ms_access};
use restante_storage::{Change, NumberSet, Storage, Transaction};

use crate::seam::{Refusal, known_extensions, retrieval_result, unavailable};
use crate::selection::{checked_class, no_such_entries, plan};
use crate::{Binding, Effect, MessageStore, Outcome};

impl<S: Storage> MessageStore<S> {
    pub(crate) fn delete(
        &self,
        binding: &Binding,
        argument: &DeleteArgument,
    ) -> Result<Outcome, Refusal> {
        known_extensions(binding.edition, argument.delete_extensions.as_ref())?;
        let (numbers, children, selected) = match &argument.items {
            DeleteItems::Selector(selector) => {
                let plan = plan(binding.edition, argument.entry_class, selector)?;
                let selected = self.select(binding, &plan)?;
                let numbers: BTreeSet<_> = selected.rows().map(|row| row.number).collect();
                // A child goes with its parent; without it, it can't.
                let orphan = |parent: Option<u32>| parent.is_some_and(|p| !numbers.contains(&p));
                let children: Vec<_> = selected
                    .rows()
                    .filter(|row| orphan(row.parent))
                    .map(|row| row.number)
                    .collect();
                (numbers, children, true)
            }
            DeleteItems::SequenceNumbers(numbers) => {
                let class = checked_class(argument.entry_class)?;
                let numbers: BTreeSet<_> = numbers.0.iter().map(|number| number.0).collect();
                let mut missing = Vec::new();
                let mut children = Vec::new();
                for number in &numbers {
                    match self.entry(binding.mailbox, class, *number)?.get(0) {
                        None => missing.push(*number),
                        Some(row) if row.parent.is_some() => children.push(*number),
                        Some(_) => {}
                    }
                }
                if !missing.is_empty() {
                    return Err(no_such_entries(missing).into());
                }
                (numbers, children, false)
            }
        };
        if !children.is_empty() {
            return Err(children_specified(children).into());
        }
        Ok(self.commit_delete(binding, numbers, selected))
    }

    fn commit_delete(&self, binding: &Binding, numbers: BTreeSet<u32>, selected: bool) -> Outcome {
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
            let change = Change::Delete { mailbox: binding.mailbox, numbers };
            let commit = self.storage.commit(Transaction::of(change));
            let mailbox = binding.user.key.clone();
            outcome = outcome
                .after(commit, unavailable(binding.edition))
                .with(Effect::Deleted { mailbox, entries });
        }
        outcome
    }
}

/// delete-error for children that were named.
fn children_specified(numbers: Vec<u32>) -> RetrievalError {
    let item = |number| DeleteProblemItem {
        problem: DeleteProblem::CHILD_ENTRY_SPECIFIED,
        sequence_number: SequenceNumber(number),
    };
    let problems = SetOf(numbers.into_iter().map(item).collect());
    RetrievalError::Delete(DeleteError { problems, entries_deleted: None })
}
