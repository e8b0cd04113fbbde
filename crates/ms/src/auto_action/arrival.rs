//! An entry that comes, and what the auto-actions of its mailbox make of it: changes for the
//! transaction that stores it, and effects for when it is durable.

use std::sync::Arc;

use bytes::Bytes;
use restante_directory::User;
use restante_mhs::x411::Priority;
use restante_mhs::x413::AutoActionError;
use restante_mhs::x420::oids as ipms;
use restante_storage::{
    Change, Child, Entry, EntrySource, Extractor as _, MailboxId, NumberSet, Storage, StorageError,
};

use super::errand::Sent;
use super::forward::Forwarding;
use super::forwarded::{self, Forwarded};
use super::log::{ActedOn, Run, global};
use super::{Action, Alert, Rule};
use crate::attributes::{Amendment, AtHand, EntryReader};
use crate::class::DELIVERY;
use crate::due::Work;
use crate::seam::Refusal;
use crate::{Effect, Extractor, MessageStore, Now};

/// An entry that is about to be stored.
pub(crate) struct Arrived<'a> {
    /// Whose it is.
    pub(crate) user: &'a User,
    pub(crate) mailbox: MailboxId,
    pub(crate) now: Now,
    pub(crate) entry: Entry,
    pub(crate) parts: AtHand,
}

/// What auto-actions come to: what is to be committed, and to be done then.
pub(crate) type Finished = (Vec<Change>, Vec<Effect>);

/// What auto-actions do.
#[derive(Default)]
pub(crate) struct Acts {
    /// What is to be submitted, and the number of the entry that it is about; `None` for the one
    /// that comes.
    pub(super) sent: Vec<(Sent, Option<i64>)>,
    /// What is logged: of which rule, about which entry, why it failed.
    pub(super) runs: Vec<(Arc<Rule>, Option<u32>, Option<AutoActionError>)>,
    /// Entries that go.
    pub(super) discarded: NumberSet,
    /// What is added to the entry that comes.
    pub(crate) amendment: Bytes,
    /// The status of the entry that comes.
    pub(crate) status: Option<u8>,
    /// What else is changed in the transaction that stores it, behind it.
    pub(crate) changes: Vec<Change>,
    /// What is to be done when that is durable.
    pub(crate) effects: Vec<Effect>,
}

impl Acts {
    /// Has a run logged; `None` is the entry that comes.
    pub(super) fn log(
        &mut self,
        rule: &Arc<Rule>,
        subject: Option<u32>,
        error: Option<AutoActionError>,
    ) {
        self.runs.push((rule.clone(), subject, error));
    }

    /// Has work done at its time.
    pub(super) fn due(&mut self, work: &Work) {
        self.effects.push(Effect::Due { at: work.at });
        self.changes.push(work.put(Bytes::new()));
    }

    /// Whether something failed.
    pub(crate) fn failed(&self) -> bool {
        self.runs.iter().any(|(_, _, error)| error.is_some())
    }

    /// Forwards an entry.
    pub(super) fn forward(
        &mut self,
        forwarding: &Forwarding,
        rule: &Arc<Rule>,
        arrived: &Arrived<'_>,
        number: Option<u32>,
    ) {
        match forwarded::make(forwarding, rule, arrived) {
            Forwarded::No => {}
            Forwarded::Loop => {
                self.log(rule, number, Some(global(ipms::ID_AAE_AUTO_FORWARDING_LOOP)));
            }
            Forwarded::Sent(sent, fewer) => {
                if fewer {
                    self.log(rule, number, Some(global(ipms::ID_AAE_AUTO_FORWARDING_LOOP)));
                }
                self.sent.extend(sent.into_iter().map(|one| (one, number.map(i64::from))));
            }
        }
    }
}

impl<'a> Arrived<'a> {
    /// An entry of what was delivered.
    pub(crate) fn new(
        named: (&'a User, MailboxId),
        now: Now,
        octets: (&Bytes, &Bytes),
        children: &[Child],
    ) -> Self {
        Self::of_class(DELIVERY, named, now, octets, children)
    }

    /// An entry of a class.
    pub(super) fn of_class(
        class: u8,
        (user, mailbox): (&'a User, MailboxId),
        now: Now,
        (envelope, content): (&Bytes, &Bytes),
        children: &[Child],
    ) -> Self {
        let source = EntrySource { class, envelope, content, creation_time: now.0, parent: None };
        let extracted = Extractor.extract(&source);
        let behind = (1_u32..).zip(children).filter(|(_, child)| child.parent.is_none());
        let parts = AtHand {
            attributes: extracted.attributes,
            envelope: envelope.clone(),
            content: content.clone(),
            children: behind.map(|(behind, _)| behind).collect(),
        };
        let entry = Entry {
            number: 0,
            parent: None,
            descendants: u32::try_from(children.len()).unwrap_or(u32::MAX),
            class,
            status: 0,
            creation_time: now.0,
            change: 0,
            ordinal: 0,
            amended: false,
            columns: extracted.columns,
        };
        Self { user, mailbox, now, entry, parts }
    }

    /// An entry that is stored already; its children are not told.
    pub(super) fn stored<S: Storage>(
        service: &MessageStore<S>,
        (user, mailbox): (&'a User, MailboxId),
        now: Now,
        entry: Entry,
    ) -> Result<Self, StorageError> {
        let parts = AtHand {
            attributes: service.storage.attributes(mailbox, entry.number)?.unwrap_or_default(),
            envelope: service.storage.envelope(mailbox, entry.number)?.unwrap_or_default(),
            content: service.storage.content(mailbox, entry.number)?.unwrap_or_default(),
            children: Vec::new(),
        };
        Ok(Self { user, mailbox, now, entry, parts })
    }

    /// No entry: for what is done to a mailbox.
    pub(super) fn nothing((user, mailbox): (&'a User, MailboxId), now: Now) -> Self {
        let nothing = bytes::Bytes::new();
        Self::new((user, mailbox), now, (&nothing, &nothing), &[])
    }

    /// How urgent the message is.
    pub(super) fn priority(&self) -> Priority {
        Priority(i64::from(self.entry.columns.priority))
    }

    /// How many numbers the entry and its children take.
    fn numbers(&self) -> u32 {
        self.entry.descendants.saturating_add(1)
    }
}

impl<S: Storage> MessageStore<S> {
    /// Tries the auto-actions of a mailbox on an entry that comes.
    pub(crate) fn act(&self, arrived: Arrived<'_>) -> Result<Acts, StorageError> {
        let rules = self.auto_actions.rules(&*self.storage, arrived.mailbox)?;
        let mut acts = Acts::default();
        let mut alerting = Vec::new();
        for rule in self.matching(&rules, &arrived)? {
            self.act_by(&rule, &arrived, &mut acts)?;
            if matches!(rule.action, Action::Alert(_)) {
                alerting.push(rule);
            }
        }
        // An obsoleting message discards by rules whose filters are for what it obsoletes.
        for rule in rules.iter() {
            if let Action::Discard(discarding) = &rule.action {
                self.discard_obsoleted(discarding, rule, &arrived, &mut acts)?;
            }
        }
        if let Some((change, effect)) = self.correlation(arrived.mailbox, arrived.now) {
            acts.changes.push(change);
            acts.effects.push(effect);
        }
        let (amendment, status) = (core::mem::take(&mut acts.amendment), acts.status);
        self.sweep_modified(arrived.mailbox, &amendment, arrived.now, &mut acts)?;
        let (mut changes, mut effects) = self.finished(acts, &arrived, Some(arrived.numbers()))?;
        if !alerting.is_empty() {
            let (flight, mark) = self.alert_begins(arrived.mailbox)?;
            changes.extend(mark);
            let alerting = (alerting, flight);
            let Arrived { user, mailbox, entry, parts, .. } = arrived;
            let alert = Alert::new(user.key.clone(), mailbox, (entry, parts), alerting);
            effects.push(Effect::Alert { alert, place: 0 });
        }
        Ok(Acts { changes, effects, amendment, status, ..Acts::default() })
    }

    /// Has a mailbox looked through when what is added to an entry that comes says so.
    pub(super) fn sweep_modified(
        &self,
        mailbox: MailboxId,
        amendment: &Bytes,
        now: Now,
        acts: &mut Acts,
    ) -> Result<(), StorageError> {
        let over = Amendment::read(amendment.clone()).stored_until(now.0);
        if let Some(work) = self.sweep_at(mailbox, over, now)? {
            acts.due(&work);
        }
        Ok(())
    }

    /// Does what a rule says with an entry that comes and that it is for.
    fn act_by(
        &self,
        rule: &Arc<Rule>,
        arrived: &Arrived<'_>,
        acts: &mut Acts,
    ) -> Result<(), StorageError> {
        let work = match &rule.action {
            Action::Alert(alerting) => {
                let error = alerting.error(true);
                if self.settings.logs || error.is_some() {
                    acts.log(rule, None, error);
                }
                None
            }
            Action::Modify(modifying) => {
                acts.modify(modifying, rule, DELIVERY);
                None
            }
            Action::Forward(forwarding) => {
                acts.forward(forwarding, rule, arrived, None);
                None
            }
            Action::Advise(advising) => {
                self.advise(advising, rule, arrived, acts)?;
                None
            }
            Action::ForwardLater(later) => later.work(rule, arrived),
            Action::Discard(discarding) => discarding.work(rule, arrived),
            Action::Delete
            | Action::CorrelateReports
            | Action::CorrelateMessages
            | Action::Acknowledge(_) => None,
        };
        if let Some(work) = work {
            acts.due(&work);
        }
        Ok(())
    }

    /// The changes and effects that all of it comes to. `behind` is how many numbers the entry
    /// that comes takes in the same transaction, where one does.
    pub(super) fn finished(
        &self,
        acts: Acts,
        arrived: &Arrived<'_>,
        behind: Option<u32>,
    ) -> Result<Finished, StorageError> {
        let (mailbox, now) = (arrived.mailbox, arrived.now);
        let failed = acts.failed();
        let Acts { sent, runs, discarded, mut changes, mut effects, .. } = acts;
        let mut behind = i64::from(behind.unwrap_or(0));
        if !sent.is_empty() {
            effects.push(Effect::Errand { mailbox });
        }
        for (one, subject) in sent {
            changes.push(one.change(arrived, subject.unwrap_or(-behind)));
            behind += 1;
        }
        let coming = u32::try_from(runs.len()).unwrap_or(u32::MAX);
        for (rule, subject, error) in runs {
            let run = Run::new(rule.name(), error);
            changes.push(run.change(mailbox, subject.map_or(-behind, i64::from), now));
            let entry = subject.map_or(ActedOn::Place(0), ActedOn::Number);
            effects.push(self.acted(mailbox, entry, run));
            behind += 1;
        }
        if coming > 0 {
            changes.extend(self.logging(mailbox, (coming, failed), now)?);
        }
        if !discarded.is_empty() {
            changes.extend(match self.deletion(mailbox, discarded.clone(), now) {
                Ok(changes) => changes,
                Err(Refusal::Storage(error)) => return Err(error),
                // More than the log takes at once goes without a trace.
                Err(Refusal::Error(_)) => vec![Change::Delete { mailbox, numbers: discarded }],
            });
        }
        Ok((changes, effects))
    }

    /// Whether a rule is for an entry.
    pub(super) fn is_for(&self, rule: &Rule, arrived: &Arrived<'_>) -> Result<bool, StorageError> {
        let row = arrived.entry.as_row();
        let entry = EntryReader::at_hand(&*self.storage, arrived.mailbox, row, &arrived.parts);
        rule.filter.as_ref().map_or(Ok(true), |filter| filter.holds(&entry))
    }

    /// The rules that are for an entry.
    pub(super) fn matching(
        &self,
        rules: &[Arc<Rule>],
        arrived: &Arrived<'_>,
    ) -> Result<Vec<Arc<Rule>>, StorageError> {
        let mut matching = Vec::new();
        for rule in rules {
            if self.is_for(rule, arrived)? {
                matching.push(rule.clone());
            }
        }
        Ok(matching)
    }
}
