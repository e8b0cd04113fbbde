//! What is told of a submission that came to nothing (X.413 §11.2): of one whose delivery was
//! cancelled, when that was; of one that was refused, in the log, with what error.

use restante_ber::{Bytes, Encode, Rope, Tag, UtcTime};
use restante_mhs::x411::MTSIdentifier;
use restante_mhs::x413::ReportSummary;
use restante_storage::{
    Change, Family, NewEntry, Query, Storage, StorageError, Test, TextField, TextMatch,
};

use super::argument::wrapped;
use super::complete::PROCESSED;
use super::{Pending, Subject};
use crate::amend::Amendments;
use crate::attributes::{Amendment, Key};
use crate::class::{SUBMISSION, SUBMISSION_LOG};
use crate::extract::{PROBED, SUBMITTED, log_envelope};
use crate::log::without_content;
use crate::matching::names::mts_identifier;
use crate::{MessageStore, Now, Reply};

impl<S: Storage> MessageStore<S> {
    /// What is to be added to the entries of a submission whose delivery is cancelled.
    pub(crate) fn cancelled(
        &self,
        pending: &Pending,
        identifier: &MTSIdentifier,
        now: Now,
    ) -> Result<Amendments<'_, S>, StorageError> {
        let mailbox = pending.binding.mailbox;
        let mut amendments = self.amending.begin(&*self.storage, mailbox);
        let text = TextMatch::Equals(identifier.to_string());
        let query = Query {
            classes: vec![SUBMISSION, SUBMISSION_LOG],
            family: Family::MainOnly,
            tests: vec![Test::Text(TextField::MessageId, text)],
            ..Query::default()
        };
        let wanted = mts_identifier(identifier);
        for row in self.storage.select(mailbox, &query)?.iter() {
            if self.submission_identifier(mailbox, row)?.as_ref() != Some(&wanted) {
                continue;
            }
            let amendment = amendments.of(row)?;
            let time = UtcTime(now.0.div_euclid(1_000_000));
            amendment.set_one(Key::DEFERRED_DELIVERY_CANCELLATION_TIME, &time);
            let recipients = amendment.values(Key::AC_REPORT_SUMMARY).len();
            let cancelled = ReportSummary::DELIVERY_CANCELLED.to_ber();
            amendment.set(Key::AC_REPORT_SUMMARY, vec![cancelled; recipients]);
        }
        Ok(amendments)
    }

    /// The entry of the log that a submission becomes which was refused; none where messages are
    /// not logged, and none of what the store submits by itself, whose errors are in the
    /// auto-action-log.
    pub(super) fn refusal(&self, pending: &Pending, reply: &Reply, now: Now) -> Option<Change> {
        let Reply::Error { code, parameter: Some(parameter), .. } = reply else { return None };
        if !self.settings.logs || pending.errand.is_some() {
            return None;
        }
        let (tag, envelope, content) = match &pending.subject {
            Subject::Message { envelope, content, .. } => {
                (SUBMITTED, envelope, content.to_bytes())
            }
            Subject::Probe { envelope } => (PROBED, envelope, Bytes::new()),
            Subject::Cancel(_) | Subject::Register => return None,
        };
        let envelope = wrapped(tag, Rope::from(envelope.clone())).to_bytes();
        let envelope = log_envelope(&envelope, &content, now.0);
        let mailbox = pending.binding.mailbox;
        let mut entry = NewEntry::new(mailbox, SUBMISSION_LOG, PROCESSED, envelope);
        let mut amendment = Amendment::read(pending.amendment.clone());
        // SubmissionError is a CHOICE of the parameters, by the codes of the errors.
        let error = wrapped(Tag::context(u32::try_from(*code).ok()?), parameter.clone());
        amendment.set(Key::SUBMISSION_ERROR, vec![error.to_bytes()]);
        entry.amendment = amendment.octets();
        Some(without_content(entry, now.0))
    }
}
