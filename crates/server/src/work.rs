//! What one association has its server do: its bind, then its operations.
//!
//! Operations are carried out in the order in which they came. One of a user agent begins when
//! the one before it has been answered, so that each sees what those before it did. Deliveries
//! of an MTA follow each other without waiting for the disk, those that have come together on one
//! thread; they are answered when they are durable, so that those of all associations share
//! their syncs.

use std::{collections::VecDeque, future, mem, sync::Arc};

use bytes::Bytes;
use restante_mhs::x419::{ApplicationContext, ms_access};
use restante_ms::{
    Delivery, Effect, InvokeProblem, MessageStore, Operation, Outcome, Reply, Submit,
};
use restante_osi::{
    BindIndication, BufferError,
    x880::{self, Code},
};
use restante_storage::{Committed, StorageError, Store};
use tokio::task::{JoinError, JoinSet};

use crate::{
    assembly::Assembly,
    bind::{self, Bound, Peer, Session},
    effect,
    shared::{self, Shared},
    submission,
};

/// Operations of one association that wait or are carried out before its octets are no longer
/// read.
const WAITING_MAX: usize = 64;
/// Deliveries of one MTA's association that are carried out and not yet answered.
const DELIVERIES_IN_HAND_MAX: usize = 64;
/// From so many octets on a piece of what Fetch returns is content that storage has mapped.
const STORED_OCTETS_MIN: usize = 256 << 10;
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
    Executed(Arc<Shared>, Result<Vec<Executed>, JoinError>),
    Answered(Vec<Answer>),
}

/// An operation that was carried out, up to its commit.
struct Executed {
    invoke_id: i64,
    outcome: Result<Outcome, Rejection>,
}

/// What is ready.
pub(crate) enum Ready {
    /// The bind.
    Bound(Bound),
    /// Operations, perhaps none, but more can begin.
    Answers(Vec<Answer>),
    /// A part of this program failed: the association can't go on.
    Failed(JoinError),
}

/// What an operation is answered.
pub(crate) struct Answer {
    pub(crate) invoke_id: i64,
    pub(crate) reply: Result<Reply, Rejection>,
}

/// Why an operation is rejected by remote operations and not answered by its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejection {
    /// It is none, or its argument is not of its type.
    #[error(transparent)]
    Problem(#[from] InvokeProblem),
    /// There is no room for what it would be answered.
    #[error("no room for the answer: {0}; see limits.assembly_disk_octets")]
    NoRoom(#[from] BufferError),
}

impl Rejection {
    /// As remote operations have it.
    pub(crate) fn problem(&self) -> x880::InvokeProblem {
        match self {
            Self::Problem(problem) => x880::InvokeProblem(problem.number()),
            Self::NoRoom(_) => x880::InvokeProblem::RESOURCE_LIMITATION,
        }
    }
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

    /// Whoever answered a bind of this end is the peer.
    pub(crate) fn accept(&mut self, session: Arc<Session>) {
        self.session = Some(session);
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
        let room = in_hand_max.saturating_sub(self.in_hand);
        let count = self.waiting.len().min(room);
        if self.executing || count == 0 {
            return;
        }
        let batch: Vec<Invocation> = self.waiting.drain(..count).collect();
        self.executing = true;
        self.in_hand += count;
        let (shared, session) = (shared.clone(), session.clone());
        self.jobs.spawn(async move {
            let (service, assembly) = (shared.service.clone(), shared.assembly.clone());
            let by_mta = matches!(session.peer, Peer::Mta(_));
            let hashes = |one: &Invocation| match one.operation {
                Code::Local(code) => !by_mta && Operation::may_hash_passwords(code),
                Code::Global(_) => false,
            };
            let hashes = batch.iter().any(hashes);
            let execute = move || {
                let executed = batch.iter().map(|invocation| Executed {
                    invoke_id: invocation.invoke_id,
                    outcome: execute(&service, &assembly, &session, invocation),
                });
                executed.collect()
            };
            let executed = match (by_mta, hashes) {
                (true, _) => shared.deliver(execute).await,
                (false, true) => shared.verify(execute).await,
                (false, false) => shared.operate(execute).await,
            };
            Done::Executed(shared, executed)
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
            Done::Executed(shared, Ok(executed)) => {
                self.executing = false;
                self.executed(shared, executed)
            }
            Done::Answered(answers) => self.answered(answers),
            Done::Bound(Err(error)) | Done::Executed(_, Err(error)) => Ready::Failed(error),
        }
    }

    fn executed(&mut self, shared: Arc<Shared>, executed: Vec<Executed>) -> Ready {
        if executed.iter().any(Executed::waits) {
            self.jobs.spawn(async move {
                let mut answers = Vec::with_capacity(executed.len());
                for one in executed {
                    answers.push(one.finished(&shared).await);
                }
                Done::Answered(answers)
            });
            return Ready::Answers(Vec::new());
        }
        self.answered(executed.into_iter().map(|one| one.answer(&shared, None)).collect())
    }

    fn answered(&mut self, answers: Vec<Answer>) -> Ready {
        self.in_hand -= answers.len();
        Ready::Answers(answers)
    }
}

impl Executed {
    /// What is to be submitted before there is an answer.
    fn submission(&mut self) -> Option<Submit> {
        let outcome = self.outcome.as_mut().ok().filter(|outcome| outcome.reply == Reply::Later);
        outcome?.effects.drain(..).find_map(|effect| match effect {
            Effect::Submit(submit) => Some(*submit),
            _ => None,
        })
    }

    /// Whether its answer waits for a commit or for the MTA.
    fn waits(&self) -> bool {
        let waits = |outcome: &Outcome| outcome.commit.is_some() || outcome.reply == Reply::Later;
        self.outcome.as_ref().is_ok_and(waits)
    }

    /// The answer, with what the commit came to where there was one.
    fn answer(
        self,
        shared: &Shared,
        committed: Option<&Result<Committed, StorageError>>,
    ) -> Answer {
        let reply = self.outcome.map(|outcome| effect::settled(shared, outcome, committed));
        Answer { invoke_id: self.invoke_id, reply }
    }

    /// The answer once what was done is on disk, or is known not to be; of what is submitted,
    /// once the MTA has answered.
    async fn finished(mut self, shared: &Arc<Shared>) -> Answer {
        if let Some(submit) = self.submission() {
            let reply = submission::carry_out(shared.clone(), submit).await;
            return Answer { invoke_id: self.invoke_id, reply: Ok(reply) };
        }
        let ticket = self.outcome.as_mut().ok().and_then(|outcome| outcome.commit.take());
        match ticket {
            Some(ticket) => self.answer(shared, Some(&ticket.await)),
            None => self.answer(shared, None),
        }
    }
}

fn execute(
    service: &MessageStore<Store>,
    assembly: &Arc<Assembly>,
    session: &Session,
    invocation: &Invocation,
) -> Result<Outcome, Rejection> {
    let Code::Local(code) = invocation.operation else {
        return Err(InvokeProblem::UnrecognizedOperation.into());
    };
    let argument = invocation.argument.as_ref();
    let now = shared::now();
    let mut outcome = match &session.peer {
        Peer::UserAgent { binding, .. } => {
            let operation = Operation::decode(session.context.edition, code, argument)?;
            service.execute(binding, now, operation)
        }
        Peer::Mta(deliverer) => service.deliver(deliverer, now, Delivery::decode(code, argument)?),
    };
    if let Reply::Result { operation, value, .. } = &mut outcome.reply {
        let stored_from = match *operation {
            ms_access::OP_FETCH => STORED_OCTETS_MIN,
            _ => usize::MAX,
        };
        *value = assembly.keep(mem::take(value), stored_from)?;
    }
    Ok(outcome)
}
