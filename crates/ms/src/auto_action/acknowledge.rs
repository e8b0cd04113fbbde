//! Auto-acknowledgement (X.420 §20.2): a receipt goes to whoever asked for one when the user has
//! fetched the message, in one transaction with the status that says so, so that it goes once.

use restante_ber::{PrintableString, UtcTime};
use restante_mhs::x411::ORName;
use restante_mhs::x420::{
    AcknowledgmentMode, IPMAutoAcknowledgementRegistrationParameter, NotificationFields,
    NotificationRequests, ReceiptFields,
};
use restante_storage::{Change, EntryRow, NumberSet, Storage, StorageError, Transaction};

use super::Action;
use super::arrival::{Acts, Arrived, Finished};
use super::errand::Sent;
use super::notification::Asked;
use super::storing::Storing;
use crate::class::DELIVERY;
use crate::extract::kind;
use crate::seam::unavailable;
use crate::{Binding, MessageStore, Now, Outcome};

/// The status of what was fetched.
const PROCESSED: u8 = 2;

/// How receipts are sent.
#[derive(Debug)]
pub(super) struct Acknowledging {
    information: Option<PrintableString>,
    pub(super) storing: Storing,
}

impl Acknowledging {
    /// Reads what was registered.
    pub(super) fn of(parameter: IPMAutoAcknowledgementRegistrationParameter) -> Self {
        Self {
            storing: Storing::of(parameter.submission_options),
            information: parameter.auto_acknowledge_suppl_receipt_info,
        }
    }
}

impl<S: Storage> MessageStore<S> {
    /// What is committed and done beside the reply to a Fetch that makes an entry processed, where
    /// a receipt is to be sent.
    pub(crate) fn acknowledge(
        &self,
        binding: &Binding,
        now: Now,
        row: EntryRow<'_>,
    ) -> Result<Option<Finished>, StorageError> {
        let mailbox = binding.mailbox;
        let rules = self.auto_actions.rules(&*self.storage, mailbox)?;
        let unread = row.status < PROCESSED && row.parent.is_none() && row.class == DELIVERY;
        let rule = rules.iter().find(|rule| matches!(rule.action, Action::Acknowledge(_)));
        let Some(rule) = rule.filter(|_| unread && row.kind == kind::MESSAGE) else {
            return Ok(None);
        };
        let Action::Acknowledge(acknowledging) = &rule.action else { return Ok(None) };
        let named = (&binding.user, mailbox);
        let arrived = Arrived::stored(self, named, now, row.to_entry())?;
        let asked = Asked::of(&arrived).filter(|asked| asked.asks(NotificationRequests::RN));
        let Some(asked) = asked else { return Ok(None) };
        let from = ORName::from(binding.user.or_address.clone());
        let choice = NotificationFields::ReceiptFields(ReceiptFields {
            receipt_time: UtcTime(now.0.div_euclid(1_000_000)),
            acknowledgment_mode: AcknowledgmentMode::AUTOMATIC,
            suppl_receipt_info: acknowledging.information.clone(),
            rn_extensions: None,
        });
        let (envelope, content) = asked.notification(&from, choice);
        let mut sent = Sent::new(rule, envelope, content, &acknowledging.storing);
        sent.errand.logged = true;
        let mut acts = Acts::default();
        acts.sent.push((sent, Some(i64::from(row.number))));
        let numbers: NumberSet = [row.number].into_iter().collect();
        acts.changes.push(Change::RaiseStatus { mailbox, numbers, to: PROCESSED });
        self.finished(acts, &arrived, None).map(Some)
    }

    /// The outcome of a Fetch with the receipt that it has sent, where there is one: the status is
    /// told when it is durable with that.
    pub(crate) fn acknowledged(
        &self,
        binding: &Binding,
        outcome: Outcome,
        receipt: Option<Finished>,
    ) -> Outcome {
        let Some((changes, effects)) = receipt else { return outcome };
        let commit = self.storage.commit(Transaction { changes });
        let outcome = outcome.after(commit, unavailable(binding.edition));
        effects.into_iter().fold(outcome, Outcome::with)
    }
}
