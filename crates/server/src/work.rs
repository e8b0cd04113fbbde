//! What one association has its server do: its bind, then its operations.
//!
//! Operations are carried out, and answered, in the order in which they came. One of a user agent
//! begins when the one before it has been answered, so that each sees what those before it did.
//! Deliveries of an MTA follow each other without waiting for the disk; they are answered when
//! they are durable, so that those of all associations share their syncs.
//!
//! What is quick is carried out here, on the thread that serves the association: to hand it to
//! another takes longer than to do it. What may take long, or would wait, goes to a thread that
//! may block, with all that has come behind it.

use std::{
    collections::VecDeque,
    future::{self, Future},
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::Bytes;
use jiff::Timestamp;
use restante_mhs::x419::{ApplicationContext, ms_access};
use restante_ms::{
    Delivery, Effect, InvokeProblem, Operation, Outcome, Reply, Submission, Submit,
};
use restante_osi::{
    BindIndication, BufferError,
    x880::{self, Code},
};
use restante_storage::Ticket;
use tokio::task::JoinError;

use crate::{
    bind::{self, Bound, Peer, Session},
    effect,
    logging::Note,
    shared::{self, Shared},
    submission,
    timing::{self, Answered},
    traces::Span,
};

/// Operations of one association that wait or are carried out before its octets are no longer
/// read.
const WAITING_MAX: usize = 64;
/// Deliveries of one MTA's association that are carried out and not yet answered.
const DELIVERIES_IN_HAND_MAX: usize = 64;
/// A longer argument is not read here.
const QUICK_OCTETS_MAX: usize = 128 << 10;
/// From so many octets on a piece of what Fetch returns is content that storage has mapped.
const STORED_OCTETS_MIN: usize = 256 << 10;
/// Operations of one user agent's association that are carried out and not yet answered.
const OPERATIONS_IN_HAND_MAX: usize = 1;

/// An operation that a peer invoked.
pub(crate) struct Invocation {
    pub(crate) invoke_id: i64,
    pub(crate) operation: Code,
    pub(crate) argument: Option<Bytes>,
    came: Instant,
}

impl Invocation {
    /// One that comes now.
    pub(crate) fn new(invoke_id: i64, operation: Code, argument: Option<Bytes>) -> Self {
        Self { invoke_id, operation, argument, came: Instant::now() }
    }
}

/// The work of one association. Dropped, it gives up what it waits for; what has begun is done.
pub(crate) struct Work {
    /// The number of the association.
    association: u64,
    session: Option<Arc<Session>>,
    waiting: VecDeque<Invocation>,
    /// What is carried out elsewhere: the bind, or operations.
    elsewhere: Option<Pin<Box<dyn Future<Output = Done> + Send>>>,
    /// How many operations are among that.
    begun: usize,
    /// Operations that were carried out and are not answered, in their order.
    executed: VecDeque<Executed>,
}

enum Done {
    Bound(Result<Bound, JoinError>),
    Executed(Result<Vec<Executed>, JoinError>),
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
    /// There is no room for its content in one piece, or for what it would be answered.
    #[error("no room for the content or the answer: {0}; see limits.assembly_disk_octets")]
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
    /// That of an association, which has none yet.
    pub(crate) fn of(association: u64) -> Self {
        Self {
            association,
            session: None,
            waiting: VecDeque::new(),
            elsewhere: None,
            begun: 0,
            executed: VecDeque::new(),
        }
    }

    /// Who is bound.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    /// Whether something has begun that is not ready.
    pub(crate) fn is_busy(&self) -> bool {
        self.elsewhere.is_some() || !self.executed.is_empty()
    }

    /// Whether nothing has begun and nothing waits.
    pub(crate) fn is_done(&self) -> bool {
        !self.is_busy() && self.waiting.is_empty()
    }

    /// Operations that have begun and are not answered.
    fn in_hand(&self) -> usize {
        self.begun + self.executed.len()
    }

    /// Whether enough waits that the peer should not be read.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() + self.in_hand() >= WAITING_MAX
    }

    /// Begins the bind.
    pub(crate) fn bind(
        &mut self,
        shared: &Arc<Shared>,
        context: &'static ApplicationContext,
        indication: BindIndication,
    ) {
        let shared = shared.clone();
        let bind = async move { Done::Bound(bind::bind(&shared, context, indication).await) };
        self.elsewhere = Some(Box::pin(bind));
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

    /// Begins what may begin now: carries out what is quick, and has the rest carried out.
    pub(crate) fn begin(&mut self, shared: &Arc<Shared>) {
        let Some(session) = self.session.clone() else { return };
        let in_hand_max = match session.peer {
            Peer::UserAgent { .. } => OPERATIONS_IN_HAND_MAX,
            Peer::Mta(_) => DELIVERIES_IN_HAND_MAX,
        };
        while self.elsewhere.is_none() && self.in_hand() < in_hand_max {
            let Some(invocation) = self.waiting.pop_front() else { return };
            let mut call = Call::of(self.association, invocation);
            if call.is_quick(shared, &session) {
                self.executed.push_back(call.execute(shared, &session));
                continue;
            }
            let room = in_hand_max - self.in_hand() - 1;
            let rest = self.waiting.drain(..room.min(self.waiting.len()));
            let rest = rest.map(|invocation| Call::of(self.association, invocation));
            let batch: Vec<Call> = [call].into_iter().chain(rest).collect();
            self.begun = batch.len();
            self.elsewhere = Some(Box::pin(elsewhere(shared.clone(), session.clone(), batch)));
        }
    }

    /// Waits for what becomes ready next; for ever where nothing has begun. Nothing is lost where
    /// it is not waited for to the end.
    pub(crate) async fn next(&mut self, shared: &Shared) -> Ready {
        future::poll_fn(|context| self.poll(shared, context)).await
    }

    fn poll(&mut self, shared: &Shared, context: &mut Context<'_>) -> Poll<Ready> {
        let mut more = false;
        if let Some(elsewhere) = &mut self.elsewhere
            && let Poll::Ready(done) = elsewhere.as_mut().poll(context)
        {
            self.elsewhere = None;
            self.begun = 0;
            more = true;
            match done {
                Done::Bound(Ok(bound)) => {
                    if let Bound::Accepted { session, .. } = &bound {
                        self.session = Some(session.clone());
                    }
                    return Poll::Ready(Ready::Bound(bound));
                }
                Done::Executed(Ok(executed)) => self.executed.extend(executed),
                Done::Bound(Err(error)) | Done::Executed(Err(error)) => {
                    return Poll::Ready(Ready::Failed(error));
                }
            }
        }
        let mut answers = Vec::new();
        while let Some(first) = self.executed.front_mut()
            && let Poll::Ready(answer) = first.poll(shared, context)
        {
            answers.push(answer);
            self.executed.pop_front();
        }
        match more || !answers.is_empty() {
            true => Poll::Ready(Ready::Answers(answers)),
            false => Poll::Pending,
        }
    }
}

/// Has operations carried out where they may block, one after the other.
async fn elsewhere(shared: Arc<Shared>, session: Arc<Session>, batch: Vec<Call>) -> Done {
    let by_mta = matches!(session.peer, Peer::Mta(_));
    let hashes = batch.iter().any(Call::may_hash_passwords);
    let of = shared.clone();
    let execute = move || batch.into_iter().map(|call| call.execute(&of, &session)).collect();
    Done::Executed(match (by_mta, hashes) {
        (_, true) => shared.verify(execute).await,
        (true, false) => shared.deliver(execute).await,
        (false, false) => shared.operate(execute).await,
    })
}

/// An operation that is about to be carried out.
struct Call {
    association: u64,
    invocation: Invocation,
    /// What it is, once its argument was read.
    request: Option<Result<Request, InvokeProblem>>,
}

enum Request {
    Operation(Operation),
    Delivery(Delivery),
}

impl Call {
    fn of(association: u64, invocation: Invocation) -> Self {
        Self { association, invocation, request: None }
    }

    fn may_hash_passwords(&self) -> bool {
        match self.invocation.operation {
            Code::Local(code) => Operation::may_hash_passwords(code),
            Code::Global(_) => false,
        }
    }

    /// Whether it is to be carried out here and now.
    fn is_quick(&mut self, shared: &Shared, session: &Session) -> bool {
        if self.invocation.argument.as_ref().is_some_and(|octets| octets.len() > QUICK_OCTETS_MAX)
        {
            return false;
        }
        let request = read(&self.invocation, session);
        let service = &shared.service;
        let quick = match (&request, &session.peer) {
            (Ok(Request::Operation(operation)), Peer::UserAgent { binding, .. }) => {
                service.is_quick(binding, operation)
            }
            (Ok(Request::Delivery(delivery)), _) => service.is_quick_delivery(delivery),
            _ => true,
        };
        self.request = Some(request);
        quick
    }

    fn execute(self, shared: &Arc<Shared>, session: &Session) -> Executed {
        let Self { association, invocation, request } = self;
        let request = request.unwrap_or_else(|| read(&invocation, session));
        let note = request.as_ref().ok();
        let note = note.and_then(|request| noted(shared, association, session, request));
        let outcome = request.map_err(Rejection::from);
        let outcome = outcome.and_then(|request| execute(shared, session, request));
        Executed::new(invocation, (association, note), outcome, shared)
    }
}

fn read(invocation: &Invocation, session: &Session) -> Result<Request, InvokeProblem> {
    let Code::Local(code) = invocation.operation else {
        return Err(InvokeProblem::UnrecognizedOperation);
    };
    let argument = invocation.argument.as_ref();
    match &session.peer {
        Peer::UserAgent { .. } => {
            Operation::decode(session.context.edition, code, argument).map(Request::Operation)
        }
        Peer::Mta(_) => Delivery::decode(code, argument).map(Request::Delivery),
    }
}

/// What is noted of an operation, where anybody wants to know.
fn noted(shared: &Shared, association: u64, session: &Session, request: &Request) -> Option<Note> {
    let logging = &shared.logging;
    match (request, &session.peer) {
        (Request::Operation(operation), Peer::UserAgent { binding, .. }) => {
            Note::of_operation(logging, association, &binding.user.key, operation)
        }
        (Request::Delivery(delivery), Peer::Mta(deliverer)) => {
            Note::of_delivery(logging, association, &deliverer.mta, delivery)
        }
        _ => None,
    }
}

/// The request with its content in one piece where it is large: it was read in the segments in
/// which it came, and the service would join them in memory.
fn joined(shared: &Shared, mut request: Request) -> Result<Request, BufferError> {
    let content = match &mut request {
        Request::Delivery(Delivery::Message { content, .. }) => Some(content),
        Request::Delivery(Delivery::Report { returned_content, .. }) => returned_content.as_mut(),
        Request::Operation(Operation::Submission(submission)) => match &mut **submission {
            Submission::Message { content, .. } => Some(content),
            _ => None,
        },
        _ => None,
    };
    if let Some(content) = content {
        *content = shared.assembly.join(mem::take(content))?;
    }
    Ok(request)
}

fn execute(shared: &Shared, session: &Session, request: Request) -> Result<Outcome, Rejection> {
    let (service, now) = (&shared.service, shared::now());
    let request = joined(shared, request)?;
    let held = shared.logging.is_held();
    let mut outcome = match (request, &session.peer) {
        (Request::Operation(operation), Peer::UserAgent { binding, .. }) => {
            match held || shared.blocks.refuses(operation.name(), &binding.user.key) {
                true => restante_ms::refused(binding.edition, &operation),
                false => service.execute(binding, now, operation),
            }
        }
        (Request::Delivery(_), Peer::Mta(deliverer)) if held => {
            restante_ms::put_off(deliverer, "no audit record can be written of it")
        }
        (Request::Delivery(delivery), Peer::Mta(deliverer)) => {
            service.deliver(deliverer, now, delivery)
        }
        _ => return Err(InvokeProblem::UnrecognizedOperation.into()),
    };
    if let Reply::Result { operation, value, .. } = &mut outcome.reply {
        let stored_from = match *operation {
            ms_access::OP_FETCH => STORED_OCTETS_MIN,
            _ => usize::MAX,
        };
        *value = shared.assembly.keep(mem::take(value), stored_from)?;
    }
    Ok(outcome)
}

/// An operation that was carried out, up to its commit.
struct Executed {
    invoke_id: i64,
    operation: Code,
    came: Instant,
    association: u64,
    /// Its audit record, until it is written.
    note: Option<Note>,
    /// Taken out when it is answered.
    outcome: Option<Result<Outcome, Rejection>>,
    awaits: Awaits,
}

/// What an answer waits for.
enum Awaits {
    Nothing,
    /// That what was done is on disk, or is known not to be.
    Commit(Ticket),
    /// The MTA's answer to what is submitted.
    Submission(Pin<Box<dyn Future<Output = Reply> + Send>>),
}

impl Executed {
    fn new(
        Invocation { invoke_id, operation, came, .. }: Invocation,
        (association, note): (u64, Option<Note>),
        mut outcome: Result<Outcome, Rejection>,
        shared: &Arc<Shared>,
    ) -> Self {
        let awaits = match &mut outcome {
            Ok(outcome) if outcome.reply == Reply::Later => {
                submission(outcome).map_or(Awaits::Nothing, |submit| {
                    let passed = submission::carry_out(shared.clone(), association, submit);
                    Awaits::Submission(Box::pin(passed))
                })
            }
            Ok(outcome) => outcome.commit.take().map_or(Awaits::Nothing, Awaits::Commit),
            Err(_) => Awaits::Nothing,
        };
        let outcome = Some(outcome);
        Self { invoke_id, operation, came, association, note, outcome, awaits }
    }

    /// Its answer, once. None waits for it before those before it are answered.
    fn poll(&mut self, shared: &Shared, context: &mut Context<'_>) -> Poll<Answer> {
        let committed = match &mut self.awaits {
            Awaits::Nothing => None,
            Awaits::Commit(ticket) => Some(ready!(Pin::new(ticket).poll(context))),
            Awaits::Submission(submission) => {
                let reply = ready!(submission.as_mut().poll(context));
                if let Some(note) = self.note.take() {
                    note.end(&reply, &[], None);
                }
                return Poll::Ready(self.answer(shared, Ok(reply)));
            }
        };
        let Some(outcome) = self.outcome.take() else { return Poll::Pending };
        let note = self.note.take();
        let reply = match outcome {
            Ok(outcome) => {
                let by = (self.association, note);
                Ok(effect::settled(shared, by, outcome, committed.as_ref()))
            }
            Err(rejection) => {
                if let Some(note) = note {
                    note.rejected(&rejection);
                }
                Err(rejection)
            }
        };
        Poll::Ready(self.answer(shared, reply))
    }

    fn answer(&self, shared: &Shared, reply: Result<Reply, Rejection>) -> Answer {
        let answered = match &reply {
            Ok(Reply::Result { .. } | Reply::Later) => Answered::Result,
            Ok(Reply::Error { .. }) => Answered::Error,
            Ok(Reply::Reject(_)) | Err(_) => Answered::Reject,
        };
        let time = self.came.elapsed();
        shared.timings.took(&self.operation, answered, time);
        if let Some(traces) = &shared.traces {
            let (operation, association) = (timing::name(&self.operation), self.association);
            let end = Timestamp::now();
            traces.tell(Span { operation, answered, association, end, time });
        }
        Answer { invoke_id: self.invoke_id, reply }
    }
}

/// What is to be submitted before there is an answer.
fn submission(outcome: &mut Outcome) -> Option<Submit> {
    outcome.effects.drain(..).find_map(|effect| match effect {
        Effect::Submit(submit) => Some(*submit),
        _ => None,
    })
}
