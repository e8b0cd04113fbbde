//! The promise that a transaction is durable: a future with nothing but std inside.

use std::{
    future::Future,
    mem,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::{MailboxId, StorageError};

/// What a transaction came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Its change-number; 0 where a transaction of [`crate::Change::RaiseStatus`] alone is
    /// answered before it has one.
    pub change: u64,
    /// The mailboxes created, in order.
    pub mailboxes: Vec<MailboxId>,
    /// The entries stored, in order: first the content's, then the entry's.
    pub stored: Vec<StoredEntry>,
    /// How many entries were deleted, descendants among them.
    pub deleted: u32,
    /// How many entries have a higher status than before.
    pub raised: u32,
}

/// Where an entry was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredEntry {
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The entry's sequence-number.
    pub number: u32,
    /// How many child-entries follow it: their numbers are `number + 1` and so on.
    pub children: u32,
}

/// Ready when the transaction is durable and visible, or refused. Several may wait for it, each
/// with a clone of its own.
#[derive(Debug, Clone)]
#[must_use = "a transaction is durable when its ticket is ready"]
pub struct Ticket(Arc<Shared>);

/// The end that the writer holds; dropped unanswered, it answers that the store is closed.
#[derive(Debug)]
pub(crate) struct Answer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Debug, Default)]
struct State {
    result: Option<Result<Committed, StorageError>>,
    wakers: Vec<Waker>,
    /// Threads that wait.
    threads: usize,
}

impl Ticket {
    pub(crate) fn pair() -> (Self, Answer) {
        let shared = Arc::new(Shared::default());
        (Self(shared.clone()), Answer(shared))
    }

    /// A ticket that is ready: for implementations of [`crate::Storage`] that need no waiting.
    pub fn ready(result: Result<Committed, StorageError>) -> Self {
        let (ticket, answer) = Self::pair();
        answer.give(result);
        ticket
    }

    /// Whether it is ready.
    pub fn is_ready(&self) -> bool {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).result.is_some()
    }

    /// Waits on this thread.
    pub fn wait(self) -> Result<Committed, StorageError> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = &state.result {
                return result.clone();
            }
            state.threads += 1;
            state = self.0.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.threads -= 1;
        }
    }
}

impl Future for Ticket {
    type Output = Result<Committed, StorageError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.result {
            Some(result) => Poll::Ready(result.clone()),
            None => {
                if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                    state.wakers.push(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

impl Answer {
    pub(crate) fn give(self, result: Result<Committed, StorageError>) {
        self.set(result);
    }

    fn set(&self, result: Result<Committed, StorageError>) {
        let wakers = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.result.is_some() {
                return;
            }
            state.result = Some(result);
            if state.threads > 0 {
                self.0.ready.notify_all();
            }
            mem::take(&mut state.wakers)
        };
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.set(Err(StorageError::Closed));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        task::Wake,
    };

    use super::*;

    #[test]
    fn a_future_is_woken_when_the_answer_comes() {
        let (mut ticket, answer) = Ticket::pair();
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut ticket).poll(&mut context).is_pending());
        answer.give(Ok(Committed { change: 7, ..Committed::default() }));
        let Poll::Ready(Ok(committed)) = Pin::new(&mut ticket).poll(&mut context) else {
            panic!("not ready");
        };
        assert_eq!(committed.change, 7);
    }

    #[test]
    fn all_who_wait_are_woken() {
        let woken = Arc::new(Woken::default());
        let (ticket, answer) = Ticket::pair();
        let mut tickets = [ticket.clone(), ticket];
        let wakers = [Waker::from(woken.clone()), Waker::from(Arc::new(Woken::default()))];
        for (ticket, waker) in tickets.iter_mut().zip(&wakers) {
            assert!(Pin::new(ticket).poll(&mut Context::from_waker(waker)).is_pending());
        }
        assert!(!tickets[0].is_ready());
        answer.give(Ok(Committed::default()));
        assert!(woken.0.load(Ordering::Relaxed), "the first is not forgotten for the second");
        for ticket in tickets {
            assert!(ticket.is_ready());
            assert!(ticket.wait().is_ok());
        }
    }

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn an_answer_never_given_is_an_error() {
        let (ticket, answer) = Ticket::pair();
        drop(answer);
        assert!(matches!(ticket.wait(), Err(StorageError::Closed)));
    }
}
