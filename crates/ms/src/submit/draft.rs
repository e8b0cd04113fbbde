//! Drafts (X.413 §8.4.1): a submission that names the class draft is stored and not submitted. It
//! is submitted when the user does so: by its number in a forwarding-request, or as any other.

use restante_ber::{Encode, Kept, Rope};
use restante_mhs::x411::MessageSubmissionEnvelope;
use restante_mhs::x413::{CommonSubmissionResults, MSMessageSubmissionResult, ServiceProblem};
use restante_mhs::x419::{Port, mts_access};
use restante_storage::{Change, NewContent, NewEntry, Storage, Transaction};

use super::argument::wrapped;
use super::complete::PROCESSED;
use super::{Plan, length, not_now};
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
    ) -> Outcome {
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
        let entries = vec![entry];
        let content = NewContent { content: vec![content], creation_time: now.0, entries };
        let commit = self.storage.commit(Transaction::of(Change::Store(content)));
        let reply = Reply::Result {
            operation: mts_access::OP_MESSAGE_SUBMISSION,
            port: Port::Submission,
            value: Rope::new(),
        };
        let failure = not_now(binding.edition, false, ServiceProblem::UNAVAILABLE);
        let mailbox = binding.user.key.clone();
        Outcome::now(reply)
            .after(commit, failure)
            .with_created(Created::Draft)
            .with(Effect::Drafted { mailbox, content_bytes })
    }
}

/// The result that tells the number of a draft.
pub(crate) fn draft_created(number: u32) -> Rope {
    let created_entry = Some(number.into());
    let created = CommonSubmissionResults { created_entry, ..CommonSubmissionResults::default() };
    MSMessageSubmissionResult::StoreDraftResult(created).to_rope()
}
