//! What operations did, told as events when it is durable, and what is to be done then: alerts
//! go to their associations, errands to whoever runs them.

use std::fmt::Display;

use restante_ms::{Alert, Effect, Outcome, Reply};
use restante_storage::{Committed, StorageError};

use crate::{
    bound::Waiting,
    events::{Fact, tell},
    hub::{Deed, Hub},
    logging::{self, Note},
    shared::Shared,
};

/// What the peer is told, with what the commit came to where there was one; the effects are
/// carried out.
pub(crate) fn settled(
    shared: &Shared,
    (association, note): (u64, Option<Note>),
    outcome: Outcome,
    committed: Option<&Result<Committed, StorageError>>,
) -> Reply {
    let outcome = match committed {
        Some(Err(error)) => outcome.failed(error),
        Some(Ok(committed)) => outcome.committed(committed),
        None => outcome,
    };
    let committed = committed.and_then(|done| done.as_ref().ok());
    carry_out(shared, association, &outcome.effects, committed);
    if let Some(note) = note {
        note.end(&outcome.reply, &outcome.effects, committed);
    }
    outcome.reply
}

/// Does what is to be done once something that an association did is durable, and tells what was
/// done.
pub(crate) fn carry_out(
    shared: &Shared,
    association: u64,
    effects: &[Effect],
    committed: Option<&Committed>,
) {
    logging::deliveries(&shared.logging, association, effects, committed);
    for effect in effects {
        match effect {
            Effect::Due { at } => shared.alarm.set(*at),
            Effect::Alert { alert, place } => {
                self::alert(shared, alert, number(committed, *place));
            }
            Effect::Errand { mailbox } => shared.errands.push(*mailbox),
            effect => {
                tell_one(effect, committed);
                show(&shared.hub, effect, committed);
            }
        }
    }
}

/// Alerts the associations of a user of what was stored.
fn alert(shared: &Shared, alert: &Alert, number: Option<u32>) {
    let Some(number) = number else { return };
    let waiting = |argument| Waiting { argument, _flight: alert.flight() };
    let make = || shared.service.alerts(alert, number).into_iter().map(waiting).collect();
    if !shared.bound.alert(alert.mailbox(), make) {
        shared.alert_unreached(alert.clone(), number);
    }
}

/// The number of one of the entries that were stored.
pub(crate) fn number(committed: Option<&Committed>, place: usize) -> Option<u32> {
    committed.and_then(|committed| committed.stored.get(place)).map(|entry| entry.number)
}

/// Shows it to who watches.
fn show(hub: &Hub, effect: &Effect, committed: Option<&Committed>) {
    let stored = |place: usize| number(committed, place);
    let (mailbox, deed, number, entries) = match effect {
        Effect::Delivered { mailbox, report, place, .. } => {
            let deed = if *report { Deed::ReportDelivered } else { Deed::MessageDelivered };
            (mailbox, deed, stored(*place), 1)
        }
        Effect::Listed { mailbox, entries } => (mailbox, Deed::Listed, None, *entries),
        Effect::Read { mailbox, number } => (mailbox, Deed::Read, Some(*number), 1),
        Effect::Deleted { mailbox, entries, .. } => (mailbox, Deed::Deleted, None, *entries),
        Effect::Submitted { mailbox, stored_bytes, .. } => {
            (mailbox, Deed::Submitted, stored_bytes.and_then(|_| stored(0)), 1)
        }
        Effect::Registered { mailbox } => (mailbox, Deed::Changed, None, 0),
        _ => return,
    };
    hub.done(mailbox, deed, number, entries);
}

fn tell_one(effect: &Effect, committed: Option<&Committed>) {
    match effect {
        Effect::Delivered { mailbox, mta, identifier, report, content_bytes, place, .. } => {
            let (octets, number) = (content_bytes, &number(committed, *place).unwrap_or(0));
            tell(match report {
                false => Fact::Delivered { mta, identifier, octets, mailbox, number },
                true => Fact::ReportDelivered { mta, identifier, octets, mailbox, number },
            });
        }
        Effect::Repeated { mailbox, mta, identifier, .. } => {
            tell(Fact::DeliveredBefore { mta, identifier, mailbox });
        }
        Effect::DeliveryRefused { mta, reason } => tell(Fact::DeliveryRefused { mta, reason }),
        Effect::Listed { mailbox, entries } => tell(Fact::Listed { mailbox, entries }),
        Effect::Read { mailbox, number } => tell(Fact::Fetched { mailbox, number }),
        Effect::Deleted { mailbox, entries, .. } => tell(Fact::Deleted { mailbox, entries }),
        Effect::Modified { mailbox, entries } => tell(Fact::Modified { mailbox, entries }),
        Effect::Drafted { mailbox, content_bytes: octets } => {
            let number = &number(committed, 0).unwrap_or(0);
            tell(Fact::DraftKept { mailbox, octets, number });
        }
        Effect::Registered { mailbox } => tell(Fact::RegistrationChanged { mailbox }),
        Effect::RegistrationRefused { mailbox, reason } => {
            tell(Fact::RegistrationRefused { mailbox, reason });
        }
        Effect::CredentialsChanged { name } => tell(Fact::PasswordChanged { name }),
        Effect::CredentialsRefused { name, reason } => {
            tell(Fact::PasswordNotChanged { name, reason });
        }
        // Done, and told of by what it comes to.
        Effect::Submit(_) | Effect::Due { .. } | Effect::Alert { .. } => {}
        Effect::Errand { .. } | Effect::Acted(_) => {}
        Effect::Submitted { mailbox, identifier, probe, stored_bytes } => {
            let what: &dyn Display = if *probe { &"probe" } else { &"message" };
            match (stored_bytes, &number(committed, 0)) {
                (Some(octets), Some(number)) => {
                    tell(Fact::SubmittedKept { mailbox, what, identifier, octets, number });
                }
                _ => tell(Fact::Submitted { mailbox, what, identifier }),
            }
        }
        Effect::Cancelled { mailbox } => tell(Fact::DeliveryCancelled { mailbox }),
        Effect::NotSubmitted { mailbox, reason } => tell(Fact::NotSubmitted { mailbox, reason }),
        Effect::Fault { reason, told: true } => tell(Fact::FaultAgain { reason }),
        Effect::Fault { reason, told: false } => tell(Fact::Fault { reason }),
    }
}
