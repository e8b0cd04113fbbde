//! Auto-alert (X.413 §13.1, §8.3.7): a user who is bound is told of a new entry, once it is
//! durable, on each of the user's associations. What nobody could be told is told at the next
//! bind, by its alert-indication alone.
//!
//! That is a value of the mailbox, which is put there with the entry, before anybody is told, and
//! goes when all have answered: what a crash interrupts was missed.
//!
//! Destinations of alerts are of no kind that is known here: where one would be sent there, the
//! auto-action-log has auto-alert-error.
//!
//! ```text
//! key     "alert-indication"
//! value   nothing
//! ```

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use restante_ber::{Any, Encode, GeneralString};
use restante_mhs::x413::{
    AlertArgument, AlertDestination, AutoActionError, AutoAlertError, AutoAlertErrorIndication,
    AutoAlertRegistrationParameter, Code, EntryInformation, RetrievalError, SequenceNumber, oids,
};
use restante_storage::{Change, Entry, MailboxId, Scope, Storage, StorageError, Transaction};

use super::log::{ActedOn, Run};
use super::{Action, MAILBOXES_MAX, Rule};
use crate::attributes::{AtHand, EntryReader, Requested, checked, information, len};
use crate::{Effect, MessageStore, Now};

const INDICATION: &[u8] = b"alert-indication";

/// How much of an entry an alert tells, octets; where more was registered, the number alone.
const ALERT_BYTES_MAX: usize = 1 << 20;

/// Why a destination is not reached.
const UNKNOWN: &str = "unknown kind of address";

/// How many octets the values take.
fn octets(told: &EntryInformation) -> usize {
    let attributes = told.attributes.iter().flat_map(|attributes| &attributes.0);
    attributes.map(|attribute| len(&attribute.attribute_values)).sum()
}

/// What a registration has told.
#[derive(Debug)]
pub(super) struct Alerting {
    /// Nothing but the number where none is.
    requested: Vec<Requested>,
    /// Where else.
    destinations: Vec<AlertDestination>,
    /// Whether there only where no association could be told.
    suppressed: bool,
}

impl Alerting {
    /// Reads what was registered.
    pub(super) fn of(parameter: &AutoAlertRegistrationParameter) -> Result<Self, RetrievalError> {
        let requested = match &parameter.requested_attributes {
            Some(selection) => checked(&selection.0, |_| true)?,
            None => Vec::new(),
        };
        let destinations = parameter.alert_destinations.clone().unwrap_or_default();
        let suppressed = parameter.suppress_alert_destinations;
        Ok(Self { requested, destinations, suppressed })
    }

    /// The error of an alert that goes to destinations; `told`: an association may be.
    pub(super) fn error(&self, told: bool) -> Option<AutoActionError> {
        if self.destinations.is_empty() || told == self.suppressed {
            return None;
        }
        let failing = |destination: &AlertDestination| AutoAlertErrorIndication {
            failing_alert_destination: Some(destination.clone()),
            supplementary_information: Some(GeneralString::from(UNKNOWN)),
        };
        let error = AutoAlertError(self.destinations.iter().map(failing).collect());
        Some(AutoActionError {
            error_code: Code::Global(oids::ID_AAE_AUTO_ALERT_ERROR),
            error_parameter: Some(Any(error.to_ber())),
        })
    }
}

/// An entry that its user is to be alerted of. Two are equal where they are the same.
#[derive(Clone, Debug)]
pub struct Alert(Arc<Told>);

#[derive(Debug)]
struct Told {
    user: String,
    mailbox: MailboxId,
    /// The entry; its number is not known yet.
    entry: Entry,
    parts: AtHand,
    rules: Vec<Arc<Rule>>,
    flight: Flight,
}

impl PartialEq for Alert {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Alert {}

impl Alert {
    pub(super) fn new(
        user: String,
        mailbox: MailboxId,
        (entry, parts): (Entry, AtHand),
        (rules, flight): (Vec<Arc<Rule>>, Flight),
    ) -> Self {
        Self(Arc::new(Told { user, mailbox, entry, parts, rules, flight }))
    }

    /// To be kept until it is answered: see [`MessageStore::alert_answered`].
    pub fn flight(&self) -> Flight {
        self.0.flight.clone()
    }

    /// The name of the user's mailbox.
    pub fn mailbox(&self) -> &str {
        &self.0.user
    }
}

/// An alert is on its way while there is one of these.
#[derive(Clone, Debug, Default)]
pub struct Flight {
    /// As many as there are of it, but for one.
    _counted: Arc<()>,
}

/// What the next bind of a user will tell.
#[derive(Debug, Default)]
struct State {
    /// Whether an alert was missed.
    missed: bool,
    /// Whether storage would say so after a crash.
    marked: bool,
    /// Those that are on their way have it too.
    flights: Arc<()>,
}

impl State {
    fn is_flying(&self) -> bool {
        Arc::strong_count(&self.flights) > 1
    }
}

/// The states of the mailboxes of which it is known.
#[derive(Debug, Default)]
pub(super) struct Missed(Mutex<HashMap<MailboxId, State>>);

impl Missed {
    fn known(&self) -> MutexGuard<'_, HashMap<MailboxId, State>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAILBOXES_MAX {
            known.retain(|_, state| state.is_flying() || state.missed != state.marked);
        }
        known
    }
}

/// What a mailbox's state is as far as storage says, where that is all that is known.
fn state<'a, S: Storage>(
    known: &'a mut HashMap<MailboxId, State>,
    storage: &S,
    mailbox: MailboxId,
) -> Result<&'a mut State, StorageError> {
    Ok(match known.entry(mailbox) {
        Occupied(known) => known.into_mut(),
        Vacant(unknown) => {
            let missed = storage.value(Scope::Mailbox(mailbox), INDICATION)?.is_some();
            unknown.insert(State { missed, marked: missed, flights: Arc::default() })
        }
    })
}

fn mark(mailbox: MailboxId) -> Change {
    let (scope, key) = (Scope::Mailbox(mailbox), Bytes::from_static(INDICATION));
    Change::PutValue { scope, key, value: Bytes::new() }
}

impl<S: Storage> MessageStore<S> {
    /// What user agents are told of an entry now that it has this number: an argument for each
    /// registration that the entry is for, as 1994 has it.
    pub fn alerts(&self, alert: &Alert, number: u32) -> Vec<AlertArgument> {
        let Told { mailbox, entry, parts, rules, .. } = &*alert.0;
        // It was in the transaction that is durable now.
        if let Some(state) = self.auto_actions.alerts.known().get_mut(mailbox) {
            state.marked = true;
        }
        let mut row = entry.as_row();
        row.number = number;
        let entry = EntryReader::at_hand(&*self.storage, *mailbox, row, parts);
        let argument = |rule: &Arc<Rule>| {
            let Action::Alert(alerting) = &rule.action else { return None };
            let nothing = EntryInformation {
                sequence_number: SequenceNumber(number),
                attributes: None,
                value_count_exceeded: None,
            };
            // Nothing is read from storage, so that this can't fail.
            let told = information(&entry, &alerting.requested).ok();
            let told = told.filter(|told| octets(told) <= ALERT_BYTES_MAX).unwrap_or(nothing);
            Some(AlertArgument {
                alert_registration_identifier: rule.registration.registration_identifier,
                new_entry: Some(told),
            })
        };
        rules.iter().filter_map(argument).collect()
    }

    /// No association could be told of an entry that has this number: the next bind will say so,
    /// and the log, where a registration has destinations for that, of which the effects tell.
    /// Nobody waits for it.
    #[must_use]
    pub fn alert_unreached(&self, alert: &Alert, number: u32, now: Now) -> Vec<Effect> {
        let Told { user, mailbox, rules, .. } = &*alert.0;
        self.alert_missed(user);
        let (mut changes, mut effects) = (Vec::new(), Vec::new());
        for rule in rules {
            let Action::Alert(alerting) = &rule.action else { continue };
            let Some(error) = alerting.error(false) else { continue };
            let run = Run::new(rule.name(), Some(error));
            changes.push(run.change(*mailbox, number.into(), now));
            effects.push(self.acted(*mailbox, ActedOn::Number(number), run));
        }
        if let Some(coming) = u32::try_from(changes.len()).ok().filter(|coming| *coming > 0) {
            // A log that can't be made room in is made room in later.
            changes.extend(self.logging(*mailbox, (coming, true), now).unwrap_or_default());
            drop(self.storage.commit(Transaction { changes }));
        }
        effects
    }

    /// An alert of a mailbox is on its way: what the transaction that makes it must have.
    pub(super) fn alert_begins(
        &self,
        mailbox: MailboxId,
    ) -> Result<(Flight, Option<Change>), StorageError> {
        let mut known = self.auto_actions.alerts.known();
        let state = state(&mut known, &*self.storage, mailbox)?;
        let flight = Flight { _counted: state.flights.clone() };
        Ok((flight, (!state.marked).then(|| mark(mailbox))))
    }

    /// An alert of this mailbox was answered, and its [`Flight`] dropped. Nobody waits for it.
    pub fn alert_answered(&self, mailbox: &str) {
        let Some(mailbox) = self.storage.mailbox(mailbox) else { return };
        let mut known = self.auto_actions.alerts.known();
        if let Some(state) = known.get_mut(&mailbox)
            && state.marked
            && !state.missed
            && !state.is_flying()
        {
            self.unmark(state, mailbox);
        }
    }

    /// Nobody could be told of an alert of this mailbox: the next bind will say so. Nobody waits
    /// for it.
    pub fn alert_missed(&self, mailbox: &str) {
        let Some(mailbox) = self.storage.mailbox(mailbox) else { return };
        let mut known = self.auto_actions.alerts.known();
        let state = known.entry(mailbox).or_default();
        state.missed = true;
        if !state.marked {
            state.marked = true;
            drop(self.storage.commit(Transaction::of(mark(mailbox))));
        }
    }

    /// Whether alerts of a mailbox were missed since this was last asked.
    pub(crate) fn alert_indication(&self, mailbox: MailboxId) -> Result<bool, StorageError> {
        let rules = self.auto_actions.rules(&*self.storage, mailbox)?;
        if !rules.iter().any(|rule| matches!(rule.action, Action::Alert(_))) {
            return Ok(false);
        }
        let mut known = self.auto_actions.alerts.known();
        let state = state(&mut known, &*self.storage, mailbox)?;
        let missed = core::mem::take(&mut state.missed);
        if state.marked && !state.is_flying() {
            self.unmark(state, mailbox);
        }
        Ok(missed)
    }

    /// Storage says no more that an alert was missed.
    fn unmark(&self, state: &mut State, mailbox: MailboxId) {
        state.marked = false;
        let (scope, key) = (Scope::Mailbox(mailbox), Bytes::from_static(INDICATION));
        // Under the lock, so that it is before the next mark.
        drop(self.storage.commit(Transaction::of(Change::RemoveValue { scope, key })));
    }
}
