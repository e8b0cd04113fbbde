//! Who is signed in: tokens that nobody can guess, for a bounded time, and a brake on whoever
//! tries passwords.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use restante_directory::Manager;
use uuid::Uuid;

use crate::config::Management;

/// Sessions at the same time; the one that was used longest ago ends first.
const SESSIONS_MAX: usize = 1_024;
/// Names and addresses of which wrong passwords are remembered.
const ATTEMPTS_MAX: usize = 4_096;
/// Wrong passwords that cost nothing but the password's time.
const FREE_ATTEMPTS: u32 = 5;
/// The first pause after that; each further wrong password doubles it.
const PAUSE: Duration = Duration::from_secs(2);
/// The longest pause, and how long wrong passwords are remembered.
const PAUSE_MAX: Duration = Duration::from_secs(900);

/// The sessions of one server.
#[derive(Debug)]
pub(crate) struct Sessions {
    idle: Duration,
    whole: Duration,
    open: Mutex<HashMap<String, Session>>,
    attempts: Mutex<HashMap<String, Attempts>>,
}

#[derive(Debug)]
struct Session {
    manager: Manager,
    notice: Option<String>,
    began: Instant,
    used: Instant,
}

#[derive(Debug)]
struct Attempts {
    wrong: u32,
    last: Instant,
}

impl Sessions {
    /// None yet.
    pub(crate) fn new(config: &Management) -> Self {
        Self {
            idle: config.session_idle_time(),
            whole: config.session_time(),
            open: Mutex::default(),
            attempts: Mutex::default(),
        }
    }

    /// A session of somebody whose password was right; its token.
    pub(crate) fn open(&self, manager: Manager, now: Instant) -> String {
        // Two of them have 244 bits that nobody knows.
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let mut open = locked(&self.open);
        open.retain(|_, session| self.lasts(session, now));
        if open.len() >= SESSIONS_MAX
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.used)
        {
            let oldest = oldest.0.clone();
            open.remove(&oldest);
        }
        open.insert(token.clone(), Session { manager, notice: None, began: now, used: now });
        token
    }

    /// Whose session this is, while it lasts.
    pub(crate) fn of(&self, token: &str, now: Instant) -> Option<Manager> {
        let mut open = locked(&self.open);
        let session = open.get_mut(token)?;
        if !self.lasts(session, now) {
            open.remove(token);
            return None;
        }
        session.used = now;
        Some(session.manager.clone())
    }

    /// Leaves something to be told with the next page.
    pub(crate) fn leave_notice(&self, token: &str, text: String) {
        if let Some(session) = locked(&self.open).get_mut(token) {
            session.notice = Some(text);
        }
    }

    /// What was left to be told.
    pub(crate) fn take_notice(&self, token: &str) -> Option<String> {
        locked(&self.open).get_mut(token)?.notice.take()
    }

    /// Ends a session.
    pub(crate) fn close(&self, token: &str) {
        locked(&self.open).remove(token);
    }

    /// Ends all sessions of somebody.
    pub(crate) fn close_all_of(&self, name: &str) {
        locked(&self.open).retain(|_, session| session.manager.name != name);
    }

    /// Somebody tries a password: as one of these. Counted as wrong until it is known to be right,
    /// so that who tries many at once gains nothing by it.
    ///
    /// # Errors
    /// How long whoever is one of them has to wait before another password is looked at.
    pub(crate) fn tries(&self, whose: &[&str], now: Instant) -> Result<(), Duration> {
        let mut attempts = locked(&self.attempts);
        let pauses = whose.iter().filter_map(|one| {
            let attempts = attempts.get(*one)?;
            (attempts.last + pause(attempts.wrong)).checked_duration_since(now)
        });
        if let Some(pause) = pauses.filter(|pause| !pause.is_zero()).max() {
            return Err(pause);
        }
        attempts.retain(|_, one| now < one.last + PAUSE_MAX);
        for one in whose {
            // Where there are too many, the rest go unremembered until some are forgotten.
            if attempts.len() < ATTEMPTS_MAX || attempts.contains_key(*one) {
                let attempt =
                    attempts.entry((*one).to_owned()).or_insert(Attempts { wrong: 0, last: now });
                attempt.wrong = attempt.wrong.saturating_add(1);
                attempt.last = now;
            }
        }
        Ok(())
    }

    /// The password was right.
    pub(crate) fn right(&self, whose: &[&str]) {
        let mut attempts = locked(&self.attempts);
        for one in whose {
            attempts.remove(*one);
        }
    }

    fn lasts(&self, session: &Session, now: Instant) -> bool {
        now < session.used + self.idle && now < session.began + self.whole
    }
}

fn pause(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE_ATTEMPTS) {
        None => Duration::ZERO,
        Some(over) => PAUSE.saturating_mul(1 << over.min(16)).min(PAUSE_MAX),
    }
}

/// A panic elsewhere leaves these maps whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use restante_directory::Role;

    use super::*;

    fn manager() -> Manager {
        Manager { name: "chief".into(), role: Role::Manager }
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_when_it_is_old() {
        let config = Management::default();
        let sessions = Sessions::new(&config);
        let start = Instant::now();
        let token = sessions.open(manager(), start);
        assert_eq!(token.len(), 64);
        assert_ne!(sessions.open(manager(), start), token);
        let mut now = start;
        while now < start + config.session_time() {
            assert_eq!(sessions.of(&token, now), Some(manager()));
            now += config.session_idle_time() - Duration::from_secs(1);
        }
        assert_eq!(sessions.of(&token, now), None, "old");
        let token = sessions.open(manager(), start);
        assert_eq!(sessions.of(&token, start + config.session_idle_time()), None, "idle");
        let token = sessions.open(manager(), start);
        sessions.close_all_of("chief");
        assert_eq!(sessions.of(&token, start), None);
    }

    #[test]
    fn who_tries_passwords_waits_ever_longer() {
        let sessions = Sessions::new(&Management::default());
        let mut now = Instant::now();
        for _ in 0..FREE_ATTEMPTS {
            assert_eq!(sessions.tries(&["chief", "peer"], now), Ok(()));
        }
        assert_eq!(sessions.tries(&["other", "peer"], now), Err(PAUSE));
        assert_eq!(sessions.tries(&["other", "elsewhere"], now), Ok(()));
        assert_eq!(sessions.tries(&["chief"], now), Err(PAUSE));
        now += PAUSE;
        assert_eq!(sessions.tries(&["chief"], now), Ok(()));
        assert_eq!(sessions.tries(&["chief"], now), Err(2 * PAUSE));
        let mut longest = Duration::ZERO;
        while longest < PAUSE_MAX {
            let pause = sessions.tries(&["chief"], now).unwrap_err();
            assert!(pause > longest, "it grows");
            longest = pause;
            if longest < PAUSE_MAX {
                now += longest;
                assert_eq!(sessions.tries(&["chief"], now), Ok(()));
            }
        }
        sessions.right(&["chief"]);
        assert_eq!(sessions.tries(&["chief"], now), Ok(()));
    }
}
