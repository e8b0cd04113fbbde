//! What those who run the store do to a mailbox, past its user: nobody is bound, and no
//! restriction of a user agent's holds.

use bytes::Bytes;
use restante_ber::Oid;
use restante_mhs::x411::MTSAbstractError;
use restante_mhs::x413::{EntryInformation, Filter, RetrievalError, ServiceProblem};
use restante_mhs::x419::{Edition, Port};
use restante_storage::{
    Change, Child, EntryRow, MailboxId, NewContent, NewEntry, NumberSet, Query, Selection,
    Storage, StorageError, Ticket, Transaction,
};

use crate::attributes::{Amendment, EntryReader, Key, checked, information};
use crate::class::{DELIVERY, SUBMISSION};
use crate::deliver::forwarded_children;
use crate::extract::{P2, P22, kind};
use crate::filter;
use crate::report::returned_children;
use crate::seam::{Refusal, mts_error, retrieval_error, service_problem};
use crate::{MessageStore, Now, Operation, Outcome, Submission};

/// What is added to an entry and goes with it to another mailbox: what says nothing of the other
/// entries of the one that it leaves.
const MOVED_ALONG: [Key; 4] =
    [Key::MESSAGE_NOTES, Key::STORAGE_PERIOD, Key::STORAGE_TIME, Key::MARKED_FOR_DELETION];

/// Why nothing is found.
#[derive(Debug, thiserror::Error)]
pub enum NotFound {
    /// The filter can't be answered.
    #[error("{0}")]
    Filter(RetrievalError),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why entries do not go.
#[derive(Debug, thiserror::Error)]
pub enum NotRemoved {
    /// More of them would stay in the logs than one change may leave.
    #[error("too much of them would stay in the logs at once; name fewer entries")]
    TooMuch,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<Refusal> for NotRemoved {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Error(_) => Self::TooMuch,
            Refusal::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<RetrievalError> for NotFound {
    fn from(error: RetrievalError) -> Self {
        Self::Filter(error)
    }
}

impl<S: Storage> MessageStore<S> {
    /// What an entry has of these attributes; `None` where it is not there. Its status stays.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn look(
        &self,
        mailbox: MailboxId,
        number: u32,
        types: &[Oid],
    ) -> Result<Option<EntryInformation>, StorageError> {
        let query = Query { numbers: number..=number, ..Query::default() };
        let selection = self.storage.select(mailbox, &query)?;
        let Some(row) = selection.get(0) else { return Ok(None) };
        let types: Vec<_> = types.iter().cloned().map(Into::into).collect();
        let Ok(requested) = checked(&types, |_| true) else { return Ok(None) };
        information(&EntryReader::new(&*self.storage, mailbox, row), &requested).map(Some)
    }

    /// The entries of a query of which a filter holds too, as places in the selection.
    ///
    /// # Errors
    /// attribute-error for a filter that asks of an attribute what it does not have.
    pub fn find(
        &self,
        mailbox: MailboxId,
        mut query: Query,
        filter: Option<&Filter>,
    ) -> Result<(Selection, Vec<usize>), NotFound> {
        let checked = filter.map(|filter| filter::check(filter, Edition::E1994)).transpose()?;
        let rest = checked.and_then(|checked| filter::plan(checked, &mut query));
        let selection = self.storage.select(mailbox, &query)?;
        let mut places = Vec::new();
        for (place, row) in selection.iter().enumerate() {
            let holds = match &rest {
                Some(rest) => rest.holds(&EntryReader::new(&*self.storage, mailbox, row))?,
                None => true,
            };
            if holds {
                places.push(place);
            }
        }
        Ok((selection, places))
    }

    /// Deletes main-entries with all their descendants; those that are gone already are passed
    /// over. Where there are logs they stay there, as where their user deletes them.
    ///
    /// # Errors
    /// Where storage fails, or too much would stay in the logs at once.
    pub fn remove(
        &self,
        mailbox: MailboxId,
        numbers: NumberSet,
        now: Now,
    ) -> Result<Ticket, NotRemoved> {
        let changes = self.deletion(mailbox, numbers, now)?;
        Ok(self.storage.commit(Transaction { changes }))
    }

    /// Gives main-entries and all their descendants a status, a lower one too; those that are gone
    /// are passed over.
    ///
    /// # Errors
    /// Where storage fails.
    pub fn set_status(
        &self,
        mailbox: MailboxId,
        numbers: &[u32],
        to: u8,
    ) -> Result<Ticket, StorageError> {
        let mut family = NumberSet::new();
        for &number in numbers {
            if let Some(entry) = self.storage.entry(mailbox, number)? {
                family.insert(number..=number.saturating_add(entry.descendants));
            }
        }
        let change = Change::SetStatus { mailbox, numbers: family, to };
        Ok(self.storage.commit(Transaction::of(change)))
    }

    /// Moves a main-entry to another mailbox, with its children, in one transaction: it is created
    /// there, and what was delivered is new there. Auto-actions are for deliveries, and do not
    /// look at it. `None` where it is gone, or is neither of the class delivery nor submission.
    /// Where there are logs it stays in those of the mailbox that it leaves.
    ///
    /// # Errors
    /// Where storage fails, or too much would stay in the logs.
    pub fn move_entry(
        &self,
        (from, number): (MailboxId, u32),
        to: MailboxId,
        now: Now,
    ) -> Result<Option<Ticket>, NotRemoved> {
        let query = Query { numbers: number..=number, ..Query::default() };
        let selection = self.storage.select(from, &query)?;
        let row = selection.get(0).filter(|row| row.parent.is_none());
        let Some(row) = row.filter(|row| [DELIVERY, SUBMISSION].contains(&row.class)) else {
            return Ok(None);
        };
        let envelope = self.storage.envelope(from, number)?;
        let content = self.storage.content(from, number)?;
        let Some((envelope, content)) = envelope.zip(content) else { return Ok(None) };
        let status = if row.class == DELIVERY { 0 } else { row.status };
        let mut entry = NewEntry::new(to, row.class, status, envelope);
        entry.children = children(&row, &content);
        for child in &mut entry.children {
            (child.class, child.status) = (row.class, status);
        }
        let added = EntryReader::new(&*self.storage, from, row).amendment()?;
        entry.amendment = moved_along(&added);
        let entries = vec![entry];
        let content = NewContent { content: vec![content], creation_time: now.0, entries };
        let mut changes = vec![Change::Store(content)];
        changes.extend(self.deletion(from, number.into(), now)?);
        Ok(Some(self.storage.commit(Transaction { changes })))
    }
}

/// The children that an entry of a content has, as they were made when it came.
fn children(row: &EntryRow<'_>, content: &Bytes) -> Vec<Child> {
    let content_type = row.content_type.parse::<Oid>().ok();
    match row.kind {
        kind::REPORT if content.is_empty() => Vec::new(),
        kind::REPORT => {
            content_type.map(|oid| returned_children(content, &oid)).unwrap_or_default()
        }
        _ if content_type.is_some_and(|oid| [P2, P22].contains(&oid)) => {
            forwarded_children(content, 0, None)
        }
        _ => Vec::new(),
    }
}

pub(crate) fn moved_along(added: &Amendment) -> Bytes {
    let mut amendment = Amendment::default();
    for key in MOVED_ALONG {
        amendment.set(key, added.values(key).to_vec());
    }
    amendment.octets()
}

/// What an operation is answered that whoever runs the store does not allow for the time being:
/// an error of its port after which it may be tried again, where that has one.
pub fn refused(edition: Edition, operation: &Operation) -> Outcome {
    let (error, port) = match operation {
        Operation::Submission(submission) => match **submission {
            Submission::Cancel(_) => {
                (MTSAbstractError::DeferredDeliveryCancellationRejected, Port::Submission)
            }
            _ => (MTSAbstractError::ControlViolated, Port::Submission),
        },
        Operation::Register(_) => (MTSAbstractError::RegisterRejected, Port::Administration),
        Operation::ChangeCredentials(_) => {
            (MTSAbstractError::NewCredentialsUnacceptable, Port::Administration)
        }
        _ => {
            let error = service_problem(ServiceProblem::UNWILLING_TO_PERFORM);
            return Outcome::now(retrieval_error(error, edition));
        }
    };
    Outcome::now(mts_error(&error, port))
}
