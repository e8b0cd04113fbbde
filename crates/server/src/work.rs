//! What one association has its server do: its bind, then its operations.
//!
//! Operations are carried out in the order in which they came. One of a user agent begins when
//! the one before it has been answered, so that each sees what those before it did. Deliveries
//! of an MTA follow each other without waiting for the disk; each is answered when it is durable,
//! so that those of all associations share their syncs.

use std::{collections::VecDeque, future, sync::Arc};

use bytes::Bytes;
use restante_mhs::x419::ApplicationContext;
use restante_ms::{Delivery, InvokeProblem, MessageStore, Operation, Outcome, Reply};
use restante_osi::{BindIndication, x880::Code};
use restante_storage::Store;
use tokio::task::{JoinError, JoinSet};

use crate::{
    bind::{self, Bound, Peer, Session},
    effect,
    shared::{self, Shared},
};

/// Operations of one association that wait or are carried out before its octets are no longer
/// read.
const WAITING_MAX: usize = 64;
/// Deliveries of one MTA's association that are carried out and not yet answered.
const DELIVERIES_IN_HAND_MAX: usize = 64;
/// Operations of one user agent's association that are carried out and not yet answered.
const OPERATIONS_IN_HAND_MAX: usize = 1;

/// An operation that a peer invoked.
pub(crate) struct Invocation {
    pub(crate) invoke_id: i64,
    pub(crate) operation: Code,
    pub(crate) argument: Option<Bytes>,
}

/// The work of one association. Dropped, it gives up what it waits for; what has begun is done.
#[derive(Default)]
pub(crate) struct Work {
    session: Option<Arc<Session>>,
    waiting: VecDeque<Invocation>,
    jobs: JoinSet<Done>,
    /// Whether a bind or an operation is being carried out, up to its commit.
    executing: bool,
    /// Operations that have begun and are not answered.
    in_hand: usize,
}

enum Done {
    Bound(Result<Bound, JoinError>),
    Executed(i64, Result<Result<Outcome, InvokeProblem>, JoinError>),
    Answered(Answer),
}

/// What is ready.
pub(crate) enum Ready {
    /// The bind.
    Bound(Bound),
    /// An operation.
    Answer(Answer),
    /// Nothing yet, but more can begin.
    Nothing,
    /// A part of this program failed: the association can't go on.
    Failed(JoinError),
}

/// What an operation is answered.
pub(crate) struct Answer {
    pub(crate) invoke_id: i64,
    pub(crate) reply: Reply,
}

impl Work {
    /// Who is bound.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// Whether something has begun that is not ready.
    pub(crate) fn is_busy(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Whether nothing has begun and nothing waits.
    pub(crate) fn is_done(&self) -> bool {
        self.jobs.is_empty() && self.waiting.is_empty()
    }

    /// Whether enough waits that the peer should not be read.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() + self.in_hand >= WAITING_MAX
    }

    /// Begins the bind.
    pub(crate) fn bind(
        &mut self,
        shared: &Arc<Shared>,
        context: &'static ApplicationContext,
        indication: BindIndication,
    ) {
        let shared = shared.clone();
        self.executing = true;
        self.jobs
            .spawn(async move { Done::Bound(bind::bind(&shared, context, indication).await) });
    }

    /// Puts an operation behind those that wait.
    pub(crate) fn push(&mut self, invocation: Invocation) {
        self.waiting.push_back(invocation);
    }

    /// Forgets what has not begun.
    pub(crate) fn forget_waiting(&mut self) {
        self.waiting.clear();
    }

    /// Ends it: nothing more begins, and nobody is bound.
    pub(crate) fn end(&mut self) {
        self.session = None;
        self.waiting.clear();
    }

    /// Begins what may begin now.
    pub(crate) fn begin(&mut self, shared: &Arc<Shared>) {
        let Some(session) = &self.session else { return };
        let in_hand_max = match session.peer {
            Peer::UserAgent { .. } => OPERATIONS_IN_HAND_MAX,
            Peer::Mta(_) => DELIVERIES_IN_HAND_MAX,
        };
        if self.executing || self.in_hand >= in_hand_max {
            return;
        }
        let Some(invocation) = self.waiting.pop_front() else { return };
        self.executing = true;
        self.in_hand += 1;
        let (shared, session) = (shared.clone(), session.clone());
        self.jobs.spawn(async move {
            let invoke_id = invocation.invoke_id;
            let service = shared.service.clone();
            let execute = move || execute(&service, &session, &invocation);
            Done::Executed(invoke_id, shared.operate(execute).await)
        });
    }

    /// Waits for what becomes ready next; for ever where nothing has begun. Nothing is lost where
    /// it is not waited for to the end.
    pub(crate) async fn next(&mut self) -> Ready {
        match self.jobs.join_next().await {
            None => future::pending().await,
            Some(Err(error)) => Ready::Failed(error),
            Some(Ok(done)) => self.done(done),
        }
    }

    fn done(&mut self, done: Done) -> Ready {
        match done {
            Done::Bound(Ok(bound)) => {
                self.executing = false;
                if let Bound::Accepted { session, .. } = &bound {
                    self.session = Some(session.clone());
                }
                Ready::Bound(bound)
            }
            Done::Executed(invoke_id, Ok(Ok(outcome))) => {
                self.executing = false;
                self.executed(invoke_id, outcome)
            }
            Done::Executed(invoke_id, Ok(Err(problem))) => {
                self.executing = false;
                self.in_hand -= 1;
                Ready::Answer(Answer { invoke_id, reply: Reply::Reject(problem) })
            }
            Done::Answered(answer) => {
                self.in_hand -= 1;
                Ready::Answer(answer)
            }
            Done::Bound(Err(error)) | Done::Executed(_, Err(error)) => Ready::Failed(error),
        }
    }

    fn executed(&mut self, invoke_id: i64, mut outcome: Outcome) -> Ready {
        let Some(ticket) = outcome.commit.take() else {
            self.in_hand -= 1;
            effect::tell_all(&outcome.effects, None);
            return Ready::Answer(Answer { invoke_id, reply: outcome.reply });
        };
        self.jobs.spawn(async move {
            let committed = ticket.await;
            let outcome = match &committed {
                Ok(_) => outcome,
                Err(error) => outcome.failed(error),
            };
            effect::tell_all(&outcome.effects, committed.ok().as_ref());
            Done::Answered(Answer { invoke_id, reply: outcome.reply })
        });
        Ready::Nothing
    }
}

fn execute(
    service: &MessageStore<Store>,
    session: &Session,
    invocation: &Invocation,
) -> Result<Outcome, InvokeProblem> {
    let Code::Local(code) = invocation.operation else {
        return Err(InvokeProblem::UnrecognizedOperation);
    };
    let argument = invocation.argument.as_ref();
    let now = shared::now();
    Ok(match &session.peer {
        Peer::UserAgent { binding, .. } => {
            let operation = Operation::decode(session.context.edition, code, argument)?;
            service.execute(binding, now, operation)
        }
        Peer::Mta(deliverer) => service.deliver(deliverer, now, Delivery::decode(code, argument)?),
    })
}
