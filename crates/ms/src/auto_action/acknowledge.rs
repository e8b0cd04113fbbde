//! Auto-acknowledgement (X.420 §20.2): a receipt goes to whoever asked for one when the user has
//! fetched the message, in one transaction with the status that says so, so that it goes once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use restante_ber::{PrintableString, UtcTime};
use restante_directory::User;
use restante_mhs::x411::ORName;
use restante_mhs::x420::{
    AcknowledgmentMode, IPMAutoAcknowledgementRegistrationParameter, NotificationFields,
    NotificationRequests, ReceiptFields,
};
use restante_storage::{
    Change, Entry, EntryRow, MailboxId, NumberSet, Storage, StorageError, Ticket, Transaction,
};

use super::arrival::{Acts, Arrived};
use super::errand::Sent;
use super::notification::Asked;
use super::storing::Storing;
use super::{Action, Rule};
use crate::class::DELIVERY;
use crate::extract::kind;
use crate::seam::unavailable;
use crate::{Binding, Effect, MessageStore, Now, Outcome};

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

/// Receipts that are not durable yet.
#[derive(Debug, Default)]
pub(super) struct Coming(Mutex<HashMap<(MailboxId, u32), Ticket>>);

/// What a Fetch that makes an entry processed comes to beside its reply.
pub(crate) enum Receipt {
    /// None is asked for: the status is raised.
    No,
    /// Another Fetch is about to send it, and to raise the status with it.
    OnItsWay,
    /// It is sent: when this is durable, with the status, the effects are to be done.
    Sent(Ticket, Vec<Effect>),
}

impl<S: Storage> MessageStore<S> {
    /// Sends the receipt of an entry that a Fetch makes processed, where one is to be sent.
    pub(crate) fn acknowledge(
        &self,
        binding: &Binding,
        now: Now,
        row: EntryRow<'_>,
    ) -> Result<Receipt, StorageError> {
        let mailbox = binding.mailbox;
        let rules = self.auto_actions.rules(&*self.storage, mailbox)?;
        let received = row.parent.is_none() && row.class == DELIVERY && row.kind == kind::MESSAGE;
        let rule = rules.iter().find(|rule| matches!(rule.action, Action::Acknowledge(_)));
        let Some(rule) = rule.filter(|_| received && row.status < PROCESSED) else {
            return Ok(Receipt::No);
        };
        let Action::Acknowledge(acknowledging) = &rule.action else { return Ok(Receipt::No) };
        let named = (&binding.user, mailbox);
        let arrived = Arrived::stored(self, named, now, row.to_entry())?;
        let asked = Asked::of(&arrived).filter(|asked| asked.asks(NotificationRequests::RN));
        let Some(asked) = asked else { return Ok(Receipt::No) };
        let coming = &self.auto_actions.receipts.0;
        let mut coming = coming.lock().unwrap_or_else(PoisonError::into_inner);
        coming.retain(|_, commit| !commit.is_ready());
        let key = (mailbox, row.number);
        if coming.contains_key(&key) {
            return Ok(Receipt::OnItsWay);
        }
        // It may have been sent since the row was read; what is durable is seen.
        let unread = |entry: Entry| entry.status < PROCESSED;
        if !self.storage.entry(mailbox, row.number)?.is_some_and(unread) {
            return Ok(Receipt::No);
        }
        let sent = receipt(&binding.user, acknowledging, rule, &asked, now);
        let mut acts = Acts::default();
        acts.sent.push((sent, Some(i64::from(row.number))));
        let numbers: NumberSet = [row.number].into_iter().collect();
        acts.changes.push(Change::RaiseStatus { mailbox, numbers, to: PROCESSED });
        let (changes, effects) = self.finished(acts, &arrived, None)?;
        let commit = self.storage.commit(Transaction { changes });
        coming.insert(key, commit.clone());
        Ok(Receipt::Sent(commit, effects))
    }

    /// The outcome of a Fetch with the receipt that it has sent, where there is one: the status is
    /// told when it is durable with that.
    pub(crate) fn acknowledged(
        &self,
        binding: &Binding,
        outcome: Outcome,
        receipt: Receipt,
    ) -> Outcome {
        let Receipt::Sent(commit, effects) = receipt else { return outcome };
        let outcome = outcome.after(commit, unavailable(binding.edition));
        effects.into_iter().fold(outcome, Outcome::with)
    }
}

/// The receipt for a message.
fn receipt(
    user: &User,
    acknowledging: &Acknowledging,
    rule: &Rule,
    asked: &Asked,
    now: Now,
) -> Sent {
    let choice = NotificationFields::ReceiptFields(ReceiptFields {
        receipt_time: UtcTime(now.0.div_euclid(1_000_000)),
        acknowledgment_mode: AcknowledgmentMode::AUTOMATIC,
        suppl_receipt_info: acknowledging.information.clone(),
        rn_extensions: None,
    });
    let from = ORName::from(user.or_address.clone());
    let (envelope, content) = asked.notification(&from, choice);
    let mut sent = Sent::new(rule, envelope, content, &acknowledging.storing);
    sent.errand.logged = true;
    sent
}
