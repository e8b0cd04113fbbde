//! What operations did, told as events when it is durable, and what is to be done then: alerts
//! go to their associations, errands to whoever runs them.

use restante_ms::{Alert, Effect, Outcome, Reply};
use restante_storage::{Committed, StorageError};

use crate::{
    bound::Waiting,
    events::{
        Facility,
        Severity::{Debug, Error, Info, Warning},
        tell,
    },
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
        note.end(&shared.logging, &outcome.reply, &outcome.effects, committed);
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
            let what = if *report { "report" } else { "message" };
            let number = number(committed, *place).unwrap_or(0);
            let what = format_args!("{mta}: {what} {identifier}, {content_bytes} octets");
            let text = format_args!("{what}, delivered to {mailbox} as {number}");
            tell(Debug, Facility::P3, text);
        }
        Effect::Repeated { mailbox, mta, identifier, .. } => {
            let text = format_args!("{mta}: {identifier} came again, {mailbox} has it already");
            tell(Debug, Facility::P3, text);
        }
        Effect::DeliveryRefused { mta, reason } => {
            tell(Warning, Facility::P3, format_args!("{mta}: delivery refused: {reason}"));
        }
        Effect::Listed { mailbox, entries } => {
            tell(Debug, Facility::P7, format_args!("{mailbox}: {entries} entries listed"));
        }
        Effect::Read { mailbox, number } => {
            tell(Debug, Facility::P7, format_args!("{mailbox}: entry {number} fetched"));
        }
        Effect::Deleted { mailbox, entries, .. } => {
            tell(Debug, Facility::P7, format_args!("{mailbox}: {entries} entries deleted"));
        }
        Effect::Modified { mailbox, entries } => {
            tell(Debug, Facility::P7, format_args!("{mailbox}: {entries} entries modified"));
        }
        Effect::Drafted { mailbox, content_bytes } => {
            tell_of_draft(mailbox, *content_bytes, number(committed, 0).unwrap_or(0));
        }
        Effect::Registered { mailbox } => {
            tell(Debug, Facility::P7, format_args!("{mailbox}: registration changed"));
        }
        Effect::RegistrationRefused { mailbox, reason } => {
            tell(Warning, Facility::P7, format_args!("{mailbox}: {reason}"));
        }
        Effect::CredentialsChanged { name } => {
            tell(Info, Facility::Directory, format_args!("{name}: password changed"));
        }
        Effect::CredentialsRefused { name, reason } => {
            let text = format_args!("{name}: password not changed: {reason}");
            tell(Warning, Facility::Directory, text);
        }
        // Done, and told of by what it comes to.
        Effect::Submit(_) | Effect::Due { .. } | Effect::Alert { .. } => {}
        Effect::Errand { .. } | Effect::Acted(_) => {}
        Effect::Submitted { mailbox, identifier, probe, stored_bytes } => {
            let what = if *probe { "probe" } else { "message" };
            let text = format_args!("{mailbox}: {what} {identifier} submitted");
            match (stored_bytes, number(committed, 0)) {
                (Some(bytes), Some(number)) => {
                    tell(Debug, Facility::P3, format_args!("{text}, {bytes} octets as {number}"));
                }
                _ => tell(Debug, Facility::P3, text),
            }
        }
        Effect::Cancelled { mailbox } => {
            tell(Debug, Facility::P3, format_args!("{mailbox}: deferred delivery cancelled"));
        }
        Effect::NotSubmitted { mailbox, reason } => {
            tell(Warning, Facility::P3, format_args!("{mailbox}: not submitted: {reason}"));
        }
        Effect::Fault { reason, told } => {
            let severity = if *told { Debug } else { Error };
            tell(severity, Facility::Storage, format_args!("{reason}"));
        }
    }
}

fn tell_of_draft(mailbox: &str, octets: u64, number: u32) {
    tell(Debug, Facility::P7, format_args!("{mailbox}: draft of {octets} octets as {number}"));
}
