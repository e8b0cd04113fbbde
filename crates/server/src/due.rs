//! What the store has to do at its time: asked for at the start, when the time has come, and when
//! something was made that is due earlier.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use restante_ms::{Done, Now};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

use crate::{
    connection::stopped,
    effect,
    events::{Fact, tell},
    logging::BY_ITSELF,
    shared::{self, Shared},
};

/// The longest sleep: the clock may be set meanwhile.
const SLEEP_MAX: Duration = Duration::from_secs(60);
/// The pause after something failed, twice as long each time.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Wakes the task that does what is due.
#[derive(Debug)]
pub(crate) struct Alarm {
    /// For when it is set, microseconds since 1970.
    at: AtomicI64,
    rings: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { at: AtomicI64::new(i64::MAX), rings: Notify::new() }
    }
}

impl Alarm {
    /// There is something to do at this time.
    pub(crate) fn set(&self, at: Now) {
        if at.0 < self.at.fetch_min(at.0, Ordering::AcqRel) {
            self.rings.notify_one();
        }
    }
}

/// Does what is due until the server stops.
pub(crate) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut pause = PAUSE;
    loop {
        // What is made from here on rings, or is seen.
        shared.alarm.at.store(i64::MAX, Ordering::Release);
        match do_due(&shared).await {
            Ok(next) => {
                pause = PAUSE;
                if let Some(next) = next {
                    shared.alarm.at.fetch_min(next.0, Ordering::AcqRel);
                }
                let left = next.map_or(i64::MAX, |next| next.0.saturating_sub(shared::now().0));
                let left = Duration::from_micros(u64::try_from(left).unwrap_or(0));
                tokio::select! {
                    () = sleep(left.min(SLEEP_MAX)) => {}
                    () = shared.alarm.rings.notified() => {}
                    () = stopped(&mut stop) => return,
                }
            }
            Err(reason) => {
                tell_failed(&reason);
                tokio::select! {
                    () = sleep(pause) => {}
                    () = stopped(&mut stop) => return,
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

fn tell_failed(reason: &str) {
    tell(Fact::DueFailed { reason: &reason });
}

/// Does what is due now; when there is more.
async fn do_due(shared: &Arc<Shared>) -> Result<Option<Now>, String> {
    let service = shared.service.clone();
    let due = shared.deliver(move || service.due(shared::now())).await;
    let due = due.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let mut failed = due.failed;
    for Done { commit, effects } in due.done {
        match commit.await {
            Ok(committed) => effect::carry_out(shared, BY_ITSELF, &effects, Some(&committed)),
            Err(error) => failed = Some(error.to_string()),
        }
    }
    failed.map_or(Ok(due.next), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_alarm_rings_for_what_is_due_before_that_for_which_it_is_set() {
        let alarm = Alarm::default();
        let rang = async || {
            tokio::select! {
                biased;
                () = alarm.rings.notified() => true,
                () = std::future::ready(()) => false,
            }
        };
        alarm.set(Now(20));
        assert!(rang().await);
        alarm.set(Now(20));
        alarm.set(Now(30));
        assert!(!rang().await, "it is set for that already");
        alarm.set(Now(10));
        assert!(rang().await);
    }
}
