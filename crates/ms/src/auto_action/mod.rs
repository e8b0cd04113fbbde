//! Auto-actions (X.413 §6.5 and §13, X.420 §20): what the store does for a user by itself when an
//! entry comes.
//!
//! A registration is a value of its mailbox (`registration`), read once into a [`Rule`] and kept
//! in memory while the mailbox is in use ([`AutoActions`]), so that a delivery to a mailbox
//! without any costs a look into a map. When an entry comes, `arrival` tries the rules on it
//! before it is stored: what they do is part of the transaction that stores it. What is to be
//! submitted becomes an `errand` there, kept until the MTA has taken it. Alerts go out when the
//! entry is durable (`alert`).
//!
//! It refuses to submit or to alert by itself: both are effects for the server.

mod acknowledge;
mod advise;
mod alert;
mod arrival;
mod correlate;
mod correlated;
mod delayed;
mod discard;
mod errand;
mod forward;
mod forwarded;
mod log;
mod loops;
mod modified;
mod notification;
mod object;
mod registration;
mod storing;
mod sweep;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use restante_ber::{Decode, Oid};
use restante_mhs::x413::{AutoActionRegistration, oids};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{DELAYED_AUTO_FORWARD, oids as ipms};
use restante_storage::{MailboxId, Scope, Storage, StorageError, Ticket};

use crate::filter::Checked;
pub(crate) use acknowledge::Receipt;
pub use alert::{Alert, Flight};
pub(crate) use arrival::{Acts, Arrived};
pub use errand::NextErrand;
pub(crate) use errand::{Errand, Ran};
pub(crate) use log::refused;
pub use log::{Acted, ActedOn, Run};
pub(crate) use registration::Registering;

/// How many registrations a mailbox may have.
pub(crate) const REGISTRATIONS_MAX: usize = 128;
/// How long their parameters may be together, octets: they are in memory, and read for each entry.
pub(crate) const REGISTERED_BYTES_MAX: usize = 1 << 20;
/// Of how many mailboxes the registrations are kept in memory; beyond, they are read again.
const MAILBOXES_MAX: usize = 1 << 17;

/// Before auto-action-type and registration-identifier in the key of a registration.
pub(crate) const PREFIX: &[u8] = b"auto-action/";

/// The auto-action-types that may be registered in an edition.
pub(crate) fn available(edition: Edition) -> Vec<Oid> {
    let mut all = vec![oids::ID_ACT_IPM_AUTO_FORWARD, oids::ID_ACT_AUTO_ALERT];
    if edition == Edition::E1994 {
        all.extend([
            oids::ID_ACT_AUTO_DELETE,
            oids::ID_ACT_AUTO_MODIFY,
            oids::ID_ACT_AUTO_CORRELATE_REPORTS,
            ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT,
            ipms::ID_AA_IPM_AUTO_CORRELATE,
            ipms::ID_AA_IPM_AUTO_DISCARD,
            ipms::ID_AA_IPM_AUTO_ADVISE,
            DELAYED_AUTO_FORWARD,
        ]);
    }
    all
}

/// A registration that was read.
#[derive(Debug)]
pub(crate) struct Rule {
    /// As it came.
    pub(crate) registration: AutoActionRegistration,
    /// On which entries; all where there is none.
    filter: Option<Checked>,
    /// What is done.
    action: Action,
}

/// What an auto-action does.
#[derive(Debug)]
enum Action {
    /// Tells the user.
    Alert(alert::Alerting),
    /// Sends the message on.
    Forward(Box<forward::Forwarding>),
    /// Sends the message on where it is not fetched in time.
    ForwardLater(Box<delayed::Later>),
    /// Changes what is added to the entry.
    Modify(modified::Modifying),
    /// Deletes what is stored for longer than it is to be.
    Delete,
    /// Tells reports and what they are about of each other.
    CorrelateReports,
    /// Tells messages and notifications of each other.
    CorrelateMessages,
    /// Sends receipts.
    Acknowledge(acknowledge::Acknowledging),
    /// Throws messages away.
    Discard(discard::Discarding),
    /// Advises originators.
    Advise(advise::Advising),
}

/// The rules of a mailbox, in the order in which they are tried.
pub(crate) type Rules = Arc<Vec<Arc<Rule>>>;

/// The rules of the mailboxes in use. Others hold as soon as they are durable, and not before: a
/// registration that could not be kept was never in force.
#[derive(Debug, Default)]
pub(crate) struct AutoActions {
    known: RwLock<HashMap<MailboxId, Known>>,
    /// Held from a look at the rules to the commit of others.
    registering: Mutex<()>,
    alerts: alert::Missed,
    told: log::Told,
    receipts: acknowledge::Coming,
}

/// The rules of a mailbox.
#[derive(Clone, Debug)]
struct Known {
    in_force: Rules,
    /// What there will be if all that is on its way is kept.
    asked_for: Rules,
    /// The commits of registrations that were on their way when `in_force` was read.
    coming: Vec<Ticket>,
}

impl Known {
    /// Whether storage says the same: none of what was on its way has come to its end.
    fn is_true(&self) -> bool {
        !self.coming.iter().any(Ticket::is_ready)
    }
}

impl AutoActions {
    /// The rules of a mailbox that are in force.
    pub(crate) fn rules<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
    ) -> Result<Rules, StorageError> {
        self.look(storage, mailbox, |known| known.in_force.clone())
    }

    fn look<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
        at: impl Fn(&Known) -> Rules,
    ) -> Result<Rules, StorageError> {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&mailbox).filter(|known| known.is_true()) {
            return Ok(at(known));
        }
        drop(all);
        // Read while nobody can put others in their place.
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let (mut coming, asked_for) = match all.get(&mailbox) {
            Some(known) if known.is_true() => return Ok(at(known)),
            Some(known) => (known.coming.clone(), Some(known.asked_for.clone())),
            None => (Vec::new(), None),
        };
        // What is ready can be seen in storage, which is read after this.
        coming.retain(|commit| !commit.is_ready());
        let values = storage.values(Scope::Mailbox(mailbox), PREFIX)?;
        let rules = values.iter().filter_map(|(_, octets)| {
            let registration = AutoActionRegistration::from_bytes(octets).ok()?;
            // What 1988 takes is what both take; it was checked when it came.
            Rule::of(registration, Edition::E1994).ok().map(Arc::new)
        });
        let in_force = Arc::new(in_order(rules.collect()));
        let asked_for = asked_for.filter(|_| !coming.is_empty());
        let asked_for = asked_for.unwrap_or_else(|| Arc::clone(&in_force));
        if all.len() >= MAILBOXES_MAX {
            all.retain(|_, known| !known.coming.is_empty());
        }
        let known = Known { in_force, asked_for, coming };
        let rules = at(&known);
        all.insert(mailbox, known);
        Ok(rules)
    }

    /// Whether it is known that a mailbox has none.
    pub(crate) fn has_none(&self, mailbox: MailboxId) -> bool {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&mailbox).is_some_and(|known| known.is_true() && known.in_force.is_empty())
    }

    /// Leave to change registrations.
    fn register(&self) -> MutexGuard<'_, ()> {
        self.registering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rule of a name, where it is registered.
    fn rule<S: Storage>(
        &self,
        storage: &S,
        mailbox: MailboxId,
        name: (&Oid, u32),
    ) -> Result<Option<Arc<Rule>>, StorageError> {
        let rules = self.rules(storage, mailbox)?;
        Ok(rules.iter().find(|rule| rule.name() == name).cloned())
    }

    /// These are the rules of a mailbox once a commit is ready, instead of those before.
    fn replace(&self, mailbox: MailboxId, [before, asked_for]: [Rules; 2], commit: Ticket) {
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let known = Known { in_force: before, asked_for: asked_for.clone(), coming: Vec::new() };
        let known = all.entry(mailbox).or_insert(known);
        known.asked_for = asked_for;
        known.coming.push(commit);
    }
}

/// Rules in the order in which they are tried: by what they do, then by number.
fn in_order(mut rules: Vec<Arc<Rule>>) -> Vec<Arc<Rule>> {
    rules.sort_by_key(|rule| {
        let rank = match rule.action {
            Action::Modify(_) => 0,
            Action::Delete | Action::Acknowledge(_) => 1,
            Action::CorrelateReports | Action::CorrelateMessages => 1,
            Action::Discard(_) => 2,
            Action::Advise(_) => 3,
            Action::Forward(_) => 4,
            Action::ForwardLater(_) => 5,
            Action::Alert(_) => 6,
        };
        (rank, rule.registration.registration_identifier)
    });
    rules
}
