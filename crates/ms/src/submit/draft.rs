//! Drafts (X.413 §8.4.1): a submission that names the class draft is stored and not submitted. It
//! is submitted when the user does so: by its number in a forwarding-request, or as any other.

use restante_ber::{Encode, Kept, Rope};
use restante_mhs::x411::MessageSubmissionEnvelope;
use restante_mhs::x413::{CommonSubmissionResults, MSMessageSubmissionResult, ServiceProblem};
use restante_mhs::x419::{Port, mts_access};
use restante_storage::{Change, NewContent, NewEntry, Storage, StorageError, Transaction};

use super::argument::wrapped;
use super::complete::{PROCESSED, indicated};
use super::{Plan, length, not_now};
use crate::auto_action::Acts;
use crate::class::DRAFT;
use crate::deliver::forwarded_children;
use crate::extract::{self, is_personal};
use crate::seam::Created;
use crate::{Binding, Effect, MessageStore, Now, Outcome, Reply};

impl<S: Storage> MessageStore<S> {
    /// Stores a draft; its result tells the number.
    pub(super) fn store_draft(
        &self,
        binding: &Binding,
        now: Now,
        envelope: &Kept<MessageSubmissionEnvelope>,
        content: &Rope,
        plan: Plan,
    ) -> Result<Outcome, StorageError> {
        let content = content.to_bytes();
        let octets: Rope = [envelope.octets().clone()].into_iter().collect();
        let envelope_octets = wrapped(extract::DRAFT, octets).to_bytes();
        let mut entry = NewEntry::new(binding.mailbox, DRAFT, PROCESSED, envelope_octets);
        entry.amendment = plan.amendment;
        if is_personal(&envelope.content_type.oid()) {
            entry.children = forwarded_children(&content, 0, None);
        }
        for child in &mut entry.children {
            child.class = DRAFT;
            child.status = PROCESSED;
        }
        let content_bytes = length(content.len());
        let modified = match plan.unmodified {
            true => Acts::default(),
            false => self.auto_modify((&binding.user, now), &mut entry, &content)?,
        };
        let failed = modified.failed();
        let behind = u32::try_from(entry.children.len()).unwrap_or(u32::MAX).saturating_add(1);
        let (logs, acted) = self.log_modified(modified, binding.mailbox, behind, now)?;
        let entries = vec![entry];
        let content = NewContent { content: vec![content], creation_time: now.0, entries };
        let mut changes = vec![Change::Store(content)];
        changes.extend(logs);
        let commit = self.storage.commit(Transaction { changes });
        let reply = Reply::Result {
            operation: mts_access::OP_MESSAGE_SUBMISSION,
            port: Port::Submission,
            value: Rope::new(),
        };
        let failure = not_now(binding.edition, false, ServiceProblem::UNAVAILABLE);
        let mailbox = binding.user.key.clone();
        let outcome = Outcome::now(reply)
            .after(commit, failure)
            .with_created(Created::Draft(failed))
            .with(Effect::Drafted { mailbox, content_bytes });
        Ok(acted.into_iter().fold(outcome, Outcome::with))
    }
}

/// The result that tells the number of a draft.
pub(crate) fn draft_created(number: u32, failed: bool) -> Rope {
    let created = CommonSubmissionResults {
        created_entry: Some(number.into()),
        auto_action_error_indication: indicated(failed),
        ms_submission_result_extensions: None,
    };
    MSMessageSubmissionResult::StoreDraftResult(created).to_rope()
}
