//! Selectors (X.413 §8.1.3): range, filter and limit, and the entry at which the next operation
//! goes on.

use restante_ber::{Null, SetOf};
use restante_mhs::x413::{
    EntryClass, Range, RangeError, RangeProblem, RetrievalError, Selector, SequenceNumber,
    SequenceNumberError, SequenceNumberProblem, SequenceNumberProblemItem, TimeRange,
};
use restante_mhs::x419::Edition;
use restante_storage::{
    Change, EntryRow, Family, MailboxId, NUMBER_MAX, NumberSet, Query, Selection, Storage,
    StorageError, Transaction,
};

use crate::attributes::EntryReader;
use crate::class::{self, Class};
use crate::filter::{self, Checked};
use crate::seam::Refusal;
use crate::{Binding, MessageStore};

const SECOND_US: i64 = 1_000_000;

/// A selector that was checked: what is left of it to do.
#[derive(Debug)]
pub(crate) struct Plan {
    query: Query,
    /// What is tested on each entry of the query. A test of a text is always among it, so that
    /// texts that were cut in the columns need no care.
    rest: Option<Checked>,
    limit: usize,
}

/// Entries that were selected.
#[derive(Debug)]
pub(crate) struct Selected {
    selection: Selection,
    places: Vec<usize>,
    /// The first entry beyond the limit.
    pub(crate) next: Option<SequenceNumber>,
}

/// How many entries' attributes are read at once.
const AT_ONCE: usize = 512;

/// How many are tested at once at least, where a few are wanted.
const AT_ONCE_MIN: usize = 16;

impl Selected {
    /// Readers of the entries from the last to the first; where attributes are wanted, they are
    /// read for many at once.
    pub(crate) fn readers_from_last<'a, S: Storage>(
        &'a self,
        storage: &'a S,
        mailbox: MailboxId,
        attributes: bool,
    ) -> impl Iterator<Item = Result<EntryReader<'a, S>, StorageError>> {
        let read = move |places: &'a [usize]| {
            let attributes = match attributes {
                true => storage.attributes_of(mailbox, &self.selection, places)?,
                false => vec![None; places.len()],
            };
            let readers = places.iter().zip(attributes).filter_map(|(place, attributes)| {
                let row = self.selection.get(*place)?;
                Some(EntryReader::with(storage, mailbox, row, attributes))
            });
            Ok(readers.collect::<Vec<_>>())
        };
        // Chunks of storage are of this length as well: from the first on, they fit.
        self.places.chunks(AT_ONCE).rev().flat_map(move |places| match read(places) {
            Ok(readers) => readers.into_iter().rev().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        })
    }

    /// The entries, by number.
    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = EntryRow<'_>> {
        self.places.iter().filter_map(|place| self.selection.get(*place))
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

/// Checks a selector of entries of a class, in the order in which its errors take precedence.
pub(crate) fn plan(
    edition: Edition,
    class: Class,
    selector: &Selector,
) -> Result<Plan, RetrievalError> {
    let mut query = Query { classes: class.stored.to_vec(), ..Query::default() };
    if !selector.child_entries || class.log {
        query.family = Family::MainOnly;
    }
    if selector.limit == Some(0) {
        return Err(RetrievalError::InvalidParameters(Null));
    }
    if let Some(range) = &selector.range {
        restrict(&mut query, range, edition)?;
    }
    let filter = selector.filter.as_ref().map(|f| filter::check(f, edition)).transpose()?;
    let filter = filter.map(|filter| filter.within(class));
    let rest = filter.and_then(|filter| filter::plan(filter, &mut query));
    let limit = selector.limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(usize::MAX);
    if rest.is_none() {
        // One more, to know whether there is a next.
        query.limit = limit.checked_add(1);
    }
    Ok(Plan { query, rest, limit })
}

fn restrict(query: &mut Query, range: &Range, edition: Edition) -> Result<(), RetrievalError> {
    let reversed = match range {
        Range::SequenceNumberRange(range) => {
            let from = range.from.map_or(0, |number| number.0);
            let to = range.to.map_or(u32::MAX, |number| number.0);
            query.numbers = from..=to;
            from > to
        }
        Range::CreationTimeRange(TimeRange { from, to }) => {
            let start = from.map_or(i64::MIN, |time| time.0.saturating_mul(SECOND_US));
            let second = |time: i64| time.saturating_mul(SECOND_US).saturating_add(SECOND_US - 1);
            let end = to.map_or(i64::MAX, |time| second(time.0));
            query.creation_time = start..=end;
            start > end
        }
    };
    match (reversed, edition) {
        (false, _) => Ok(()),
        (true, Edition::E1988) => {
            Err(RetrievalError::Range(RangeError { problem: RangeProblem::REVERSED }))
        }
        (true, Edition::E1994) => Err(RetrievalError::InvalidParameters(Null)),
    }
}

/// sequence-number-error for numbers that no entry has.
pub(crate) fn no_such_entries(numbers: impl IntoIterator<Item = u32>) -> RetrievalError {
    let item = |number| SequenceNumberProblemItem {
        problem: SequenceNumberProblem::NO_SUCH_ENTRY,
        sequence_number: SequenceNumber(number),
    };
    let problems = SetOf(numbers.into_iter().map(item).collect());
    RetrievalError::SequenceNumber(SequenceNumberError { problems })
}

impl<S: Storage> MessageStore<S> {
    /// A class that is asked for.
    ///
    /// # Errors
    /// entry-class-error where there are no entries of the class.
    pub(crate) fn class(
        &self,
        binding: &Binding,
        entry_class: EntryClass,
    ) -> Result<Class, RetrievalError> {
        class::checked(entry_class, binding.edition, self.settings.logs)
    }

    /// The entries that a plan is about.
    pub(crate) fn select(&self, binding: &Binding, plan: &Plan) -> Result<Selected, Refusal> {
        let selection = self.storage.select(binding.mailbox, &plan.query)?;
        let all: Vec<usize> = (0..selection.len()).collect();
        let mut places = Vec::new();
        let at_once = plan.limit.clamp(AT_ONCE_MIN, AT_ONCE);
        for some in all.chunks(at_once) {
            match &plan.rest {
                Some(test) => self.test(binding.mailbox, &selection, some, test, &mut places)?,
                None => places.extend_from_slice(some),
            }
            if places.len() > plan.limit {
                break;
            }
        }
        let next = places.get(plan.limit).and_then(|place| selection.get(*place));
        let next = next.map(|row| SequenceNumber(row.number));
        places.truncate(plan.limit);
        Ok(Selected { selection, places, next })
    }

    /// Tests entries, by their places in a selection; puts those of which a filter is true behind
    /// the others.
    fn test(
        &self,
        mailbox: MailboxId,
        selection: &Selection,
        places: &[usize],
        filter: &Checked,
        hits: &mut Vec<usize>,
    ) -> Result<(), StorageError> {
        let storage = &*self.storage;
        let row = |place: &usize| selection.get(*place);
        let reads = |place: &usize| row(place).is_some_and(|row| filter.reads_attributes(&row));
        let read: Vec<usize> = places.iter().copied().filter(reads).collect();
        let attributes = storage.attributes_of(mailbox, selection, &read)?;
        let mut attributes = read.iter().zip(attributes).peekable();
        for place in places {
            let made = attributes.next_if(|(read, _)| *read == place);
            let Some(row) = row(place) else { continue };
            let made = made.and_then(|(_, made)| made);
            if filter.holds(&EntryReader::with(storage, mailbox, row, made))? {
                hits.push(*place);
            }
        }
        Ok(())
    }

    /// The entry of a number and class, children too where the class has them.
    pub(crate) fn entry(
        &self,
        mailbox: MailboxId,
        class: Class,
        number: u32,
    ) -> Result<Selection, Refusal> {
        let query = Query {
            numbers: number..=number,
            classes: class.stored.to_vec(),
            family: if class.log { Family::MainOnly } else { Family::All },
            ..Query::default()
        };
        Ok(self.storage.select(mailbox, &query)?)
    }

    /// Raises the retrieval-status of entries that have a lower one. Nobody waits for it: it is
    /// visible at once, and at worst they are new again after a crash.
    pub(crate) fn raise<'a>(
        &self,
        binding: &Binding,
        rows: impl Iterator<Item = EntryRow<'a>>,
        to: u8,
    ) {
        let numbers: NumberSet =
            rows.filter(|row| row.status < to).map(|row| row.number.min(NUMBER_MAX)).collect();
        if !numbers.is_empty() {
            let change = Change::RaiseStatus { mailbox: binding.mailbox, numbers, to };
            drop(self.storage.commit(Transaction::of(change)));
        }
    }
}
