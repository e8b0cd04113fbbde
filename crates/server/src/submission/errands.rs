//! What the store submits by itself: the errands of all mailboxes, those of one mailbox in order.
//!
//! A mailbox that has some is told of when they are durable, and at the start. What can't be
//! submitted now is tried again after a pause, each twice as long as the one before up to
//! mta.retry_time_s, however long it takes: an errand goes when the MTA has answered it.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use restante_mhs::x419::mts_access;
use restante_ms::{NextErrand, Reply};
use restante_storage::{MailboxId, StorageError};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::carry_out;
use crate::{
    connection::stopped,
    events::{Fact, tell},
    logging::{BY_ITSELF, Note},
    shared::Shared,
};

/// Mailboxes whose errands are run at the same time.
const MAILBOXES_AT_ONCE: usize = 16;
/// The first pause before what could not be submitted is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The mailboxes that have errands.
#[derive(Debug, Default)]
pub(crate) struct Errands {
    waiting: Mutex<BTreeSet<MailboxId>>,
    wake: Notify,
}

impl Errands {
    /// A mailbox has one.
    pub(crate) fn push(&self, mailbox: MailboxId) {
        self.waiting().insert(mailbox);
        self.wake.notify_one();
    }

    /// Mailboxes that have some.
    pub(crate) fn count(&self) -> usize {
        self.waiting().len()
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeSet<MailboxId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs errands until the server stops.
pub(crate) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let service = shared.service.clone();
    match shared.operate(move || service.mailboxes_with_errands()).await {
        Ok(Ok(mailboxes)) => shared.errands.waiting().extend(mailboxes),
        Ok(Err(error)) => failed(&error),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
    let mut running = JoinSet::new();
    let mut busy = BTreeSet::new();
    let mut later = BTreeSet::new();
    let mut pause = FIRST_PAUSE;
    let mut again = Instant::now();
    loop {
        while running.len() < MAILBOXES_AT_ONCE {
            // One that is run already is looked at again when that has ended.
            let next = shared.errands.waiting().iter().find(|one| !busy.contains(*one)).copied();
            let Some(mailbox) = next else { break };
            shared.errands.waiting().remove(&mailbox);
            busy.insert(mailbox);
            running.spawn(run_mailbox(shared.clone(), mailbox));
        }
        tokio::select! {
            () = shared.errands.wake.notified() => {}
            Some(ended) = running.join_next(), if !running.is_empty() => match ended {
                Ok((mailbox, all_done)) => {
                    busy.remove(&mailbox);
                    if all_done {
                        pause = FIRST_PAUSE;
                    } else {
                        if later.is_empty() {
                            again = Instant::now() + pause;
                            pause = (pause * 2).min(shared.config.mta.retry_time());
                        }
                        later.insert(mailbox);
                    }
                }
                Err(error) if error.is_panic() => {
                    std::panic::resume_unwind(error.into_panic())
                }
                Err(_) => {}
            },
            () = sleep_until(again), if !later.is_empty() => {
                shared.errands.waiting().extend(mem::take(&mut later));
            }
            () = stopped(&mut stop) => break,
        }
    }
}

/// Runs the errands of a mailbox, each once; whether none is left.
async fn run_mailbox(shared: Arc<Shared>, mailbox: MailboxId) -> (MailboxId, bool) {
    let mut after = 0;
    let mut all_done = true;
    loop {
        let NextErrand { number, submit } = match next(&shared, mailbox, after).await {
            Ok(Some(errand)) => errand,
            Ok(None) => return (mailbox, all_done),
            Err(error) => {
                failed(&error);
                return (mailbox, false);
            }
        };
        let note = Note::of_errand(&shared.logging, &submit);
        let reply = carry_out(shared.clone(), BY_ITSELF, submit).await;
        if let Some(note) = note {
            note.end(&reply, &[], None);
        }
        let left = next(&shared, mailbox, after).await;
        let done =
            matches!(left.map(|left| left.map(|left| left.number)), Ok(n) if n != Some(number));
        if !done {
            all_done = false;
            if let Reply::Error { code: mts_access::ERR_REMOTE_BIND_ERROR, .. } = reply {
                // Nor will the next be taken now.
                return (mailbox, false);
            }
        }
        after = number;
    }
}

async fn next(
    shared: &Arc<Shared>,
    mailbox: MailboxId,
    after: u32,
) -> Result<Option<NextErrand>, StorageError> {
    let service = shared.service.clone();
    match shared.operate(move || service.next_errand(mailbox, after)).await {
        Ok(next) => next,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn failed(error: &StorageError) {
    tell(Fact::ErrandsFailed { error });
}
