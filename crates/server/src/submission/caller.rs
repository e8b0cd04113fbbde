//! An association that this end opens, to submit: its bind, what it invokes, and when it is time
//! to end it. It may carry deliveries of the MTA as well, which are served as on any other.
//!
//! It takes operations of its name while it has room for more. An MTA that does not answer in
//! time is given nothing more on it, and as much time again for what it was given.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use restante_ber::Decode;
use restante_client::p3::MtsBind;
use restante_mhs::{
    x411::{MTSBindResult, ObjectName},
    x419::{ApplicationContext, mts_access},
};
use restante_ms::{Deliverer, Passed};
use restante_osi::{BindConfirmation, BindRequest, InitiatorOptions};
use tokio::{
    net::TcpStream,
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{Controls, Job, Name, Pool};
use crate::{
    bind::{Peer, Session},
    connection::{Connection, Interrupted},
    events::{Fact, tell},
    shared::Shared,
};

/// Before the MTA is called to resume what a lost connection interrupted; twice as long after each
/// attempt that fails.
const RESUMPTION_PAUSE: Duration = Duration::from_millis(100);

/// One association that this end opens.
pub(crate) struct Caller {
    shared: Arc<Shared>,
    name: Name,
    wake: Arc<Notify>,
    bind: MtsBind,
    state: State,
    /// Once it is bound.
    session: Option<Arc<Session>>,
    outstanding: HashMap<i64, Unanswered>,
    controls: Controls,
    /// When it last had something to do.
    used: Instant,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Binding,
    Bound,
    /// It takes nothing more.
    Left,
}

struct Unanswered {
    since: Instant,
    answer: oneshot::Sender<Passed>,
}

/// What is due on an association.
pub(crate) enum Due {
    /// It is idle: unbind.
    Unbind,
    /// The MTA does not answer: abort.
    Abort,
}

/// Opens an association and serves it to its end.
pub(super) async fn open(shared: Arc<Shared>, name: Name, wake: Arc<Notify>) {
    let Some(pool) = &shared.pool else { return };
    let mut caller = Caller::new(shared.clone(), pool, name, wake);
    let _permit = pool.admit().await;
    if !pool.is_needed(&caller.name) {
        return;
    }
    let connected = async {
        // It may be another one than it was for the last.
        caller.bind.password = password(pool).await?;
        connect(pool).await
    };
    match connected.await {
        Ok((stream, peer)) => {
            let mut connection = Connection::calling(shared.clone(), stream, peer, caller);
            while let Some(interrupted) = connection.run().await {
                let Some(again) = resume(&shared, pool, interrupted).await else { return };
                connection = again;
            }
        }
        Err(reason) => {
            tell(Fact::MtaNotReached { reason: &reason });
            caller.ended(&reason);
        }
    }
}

/// Calls the MTA again to go on with an association that lost its connection, as long as its
/// answer is waited for. Where that can't be, what is outstanding is told so.
async fn resume(
    shared: &Arc<Shared>,
    pool: &Pool,
    interrupted: Interrupted,
) -> Option<Connection> {
    let mut failure = "its answer is waited for no longer".to_owned();
    let mut pause = RESUMPTION_PAUSE;
    while !*shared.stop.borrow() && Instant::now() + pause < interrupted.due() {
        sleep(pause).await;
        pause = (2 * pause).min(pool.settings.retry_time());
        match connect(pool).await {
            Ok((stream, peer)) => return interrupted.over(shared, stream, peer),
            Err(reason) => failure = reason,
        }
    }
    tell(Fact::NotResumed { reason: &failure });
    interrupted.ended(&failure);
    None
}

/// The password with which the store binds now.
async fn password(pool: &Pool) -> Result<String, String> {
    let settings = pool.settings.clone();
    let read = tokio::task::spawn_blocking(move || settings.password()).await;
    read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// A TCP connection with the first network address of the MTA's that takes one.
async fn connect(pool: &Pool) -> Result<(TcpStream, SocketAddr), String> {
    let address = pool.settings.presentation_address.as_ref();
    let mut failure = "mta.presentation_address names no network address".to_owned();
    for network in address.iter().flat_map(|address| &address.networks) {
        let to = TcpStream::connect((network.host.as_str(), network.port));
        let connected: io::Result<TcpStream> =
            timeout(pool.settings.bind_time(), to).await.unwrap_or_else(|late| Err(late.into()));
        match connected.and_then(|stream| stream.peer_addr().map(|peer| (stream, peer))) {
            Ok(connected) => return Ok(connected),
            Err(error) => failure = format!("the MTA at {network} can't be reached: {error}"),
        }
    }
    Err(failure)
}

impl Caller {
    fn new(shared: Arc<Shared>, pool: &Pool, name: Name, wake: Arc<Notify>) -> Self {
        let context = pool.settings.application_context;
        let initiator = name.name.clone();
        let mut bind = MtsBind::message_store(context.edition(), initiator, String::new());
        bind.reliable = context.is_reliable();
        Self {
            shared,
            name,
            wake,
            bind,
            state: State::Binding,
            session: None,
            outstanding: HashMap::new(),
            controls: Controls::default(),
            used: Instant::now(),
        }
    }

    fn pool(&self) -> Option<&Pool> {
        self.shared.pool.as_ref()
    }

    fn outstanding_max(&self) -> usize {
        self.pool().map_or(0, |pool| pool.settings.outstanding)
    }

    fn answer_time(&self) -> Duration {
        self.pool().map_or(Duration::ZERO, |pool| pool.settings.answer_time())
    }

    /// In whose name, for events.
    pub(crate) fn name_text(&self) -> String {
        self.name.name.address.to_string()
    }

    /// The application context.
    pub(crate) fn context(&self) -> &'static ApplicationContext {
        self.bind.context()
    }

    /// What is asked for.
    pub(crate) fn request(&self) -> BindRequest {
        self.bind.request()
    }

    /// How the MTA is called.
    pub(crate) fn options(&self) -> Option<InitiatorOptions> {
        let settings = &self.pool()?.settings;
        let own = &self.shared.config.listener;
        let mut options = InitiatorOptions::new(settings.presentation_address.clone()?);
        options.calling = own.presentation_address.selectors.clone();
        options.tpdu_size = own.tpdu_octets;
        options.limits = self.shared.limits();
        options.limits.bind_time = settings.bind_time();
        options.limits.idle_time = None;
        options.rtse.recovery = self.shared.recovery.clone();
        Some(options)
    }

    /// The MTA accepted the bind: the session, or why it is not wanted. One that goes on over
    /// another connection is the same.
    pub(crate) fn confirmed(
        &mut self,
        confirmation: &BindConfirmation,
    ) -> Result<Arc<Session>, String> {
        if let Some(session) = &self.session {
            return Ok(session.clone());
        }
        let result = confirmation.result.clone().unwrap_or_default();
        let result = MTSBindResult::from_bytes(&result)
            .map_err(|error| format!("the MTS-bind result can't be read: {error}"))?;
        let mta = match &result.responder_name {
            ObjectName::MTA(name) => name.0.to_string(),
            ObjectName::UserAgent(name) | ObjectName::MessageStore(name) => {
                name.address.to_string()
            }
        };
        let wanted = self.pool().map_or("", |pool| pool.settings.name.as_str());
        if !wanted.is_empty() && wanted != mta {
            return Err(format!("it answers as {mta}, not as {wanted}; see mta.name"));
        }
        self.state = State::Bound;
        self.used = Instant::now();
        if let Some(pool) = self.pool() {
            pool.bound(&self.name);
        }
        let context = self.context();
        let deliverer = Deliverer {
            mta: mta.clone(),
            association: Uuid::new_v4().into_bytes(),
            edition: context.edition,
            user: self.name.user.clone(),
        };
        let session = Arc::new(Session { context, peer: Peer::Mta(deliverer), name: mta });
        self.session = Some(session.clone());
        Ok(session)
    }

    /// Whether it can take an operation.
    pub(crate) fn has_room(&self) -> bool {
        self.state == State::Bound && self.outstanding.len() < self.outstanding_max()
    }

    /// The next operation to invoke, where there is one and room for it. What the MTA does not
    /// allow is answered.
    pub(crate) fn take(&mut self) -> Option<Job> {
        while self.has_room() {
            let job = self.pool()?.take(&self.name)?;
            if self.controls.allow(&job) {
                return Some(job);
            }
            self.answered();
            let code = mts_access::ERR_SUBMISSION_CONTROL_VIOLATED;
            job.answer(Passed::Error { code, parameter: None });
        }
        None
    }

    /// An operation was invoked under this number.
    pub(crate) fn invoked(&mut self, invoke_id: i64, job: Job) {
        let since = Instant::now();
        self.used = since;
        self.outstanding.insert(invoke_id, Unanswered { since, answer: job.answer });
    }

    /// An operation that was taken could not be invoked.
    pub(crate) fn not_invoked(&mut self, job: Job, reason: String) {
        self.answered();
        job.answer(Passed::NotBound { reason });
    }

    /// The MTA answered; false where nothing was invoked under this number.
    pub(crate) fn answer(&mut self, invoke_id: i64, passed: Passed) -> bool {
        let Some(unanswered) = self.outstanding.remove(&invoke_id) else { return false };
        self.used = Instant::now();
        if self.state == State::Bound {
            self.answered();
        }
        // Whoever waited may have given up.
        let _ = unanswered.answer.send(passed);
        true
    }

    fn answered(&self) {
        if let Some(pool) = self.pool() {
            pool.answered(&self.name);
        }
    }

    /// The MTA's submission-control.
    pub(crate) fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The same, to be changed.
    pub(crate) fn controls_mut(&mut self) -> &mut Controls {
        &mut self.controls
    }

    /// Something was done for the MTA.
    pub(crate) fn used(&mut self) {
        self.used = Instant::now();
    }

    /// Whether the MTA has not answered everything.
    pub(crate) fn has_outstanding(&self) -> bool {
        !self.outstanding.is_empty()
    }

    /// Whether nothing is left to be done on it.
    pub(crate) fn is_done(&self) -> bool {
        let needed = || self.pool().is_some_and(|pool| pool.is_needed(&self.name));
        self.outstanding.is_empty() && (self.state == State::Left || !needed())
    }

    /// Whether it can be unbound.
    pub(crate) fn is_bound(&self) -> bool {
        self.state == State::Bound
    }

    /// It takes nothing more.
    pub(crate) fn leave(&mut self) {
        let room = self.outstanding_max().saturating_sub(self.outstanding.len());
        let before = std::mem::replace(&mut self.state, State::Left);
        if let Some(pool) = self.pool() {
            match before {
                State::Left => {}
                State::Bound => pool.left(&self.shared, &self.name, room),
                State::Binding => pool.gave_up(&self.shared, &self.name),
            }
        }
    }

    /// The association has ended, or did not begin.
    pub(crate) fn ended(&mut self, reason: &str) {
        if self.state == State::Binding {
            self.state = State::Left;
            if let Some(pool) = self.pool() {
                pool.failed(&self.name, reason);
            }
        }
        self.leave();
        for (_, unanswered) in self.outstanding.drain() {
            let reason = format!("the association with the MTA ended: {reason}");
            let _ = unanswered.answer.send(Passed::Unanswered { reason });
        }
    }

    /// When to look at the time.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let oldest = self.outstanding.values().map(|unanswered| unanswered.since).min();
        match (self.state, oldest) {
            (State::Binding, _) => None,
            (State::Bound, Some(since)) => Some(since + self.answer_time()),
            (State::Left, Some(since)) => Some(since + 2 * self.answer_time()),
            (State::Bound, None) => {
                Some(self.used + self.pool().map_or(Duration::ZERO, |p| p.settings.idle_time()))
            }
            (State::Left, None) => None,
        }
    }

    /// What is due now.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Due> {
        self.wake_at().filter(|at| now >= *at)?;
        match (self.state, self.outstanding.is_empty()) {
            (State::Bound, true) => Some(Due::Unbind),
            (State::Bound, false) => {
                self.leave();
                None
            }
            (State::Left, false) => Some(Due::Abort),
            (State::Left, true) | (State::Binding, _) => None,
        }
    }

    /// Whether it takes nothing more and waits for nothing.
    pub(crate) fn is_over(&self) -> bool {
        self.state == State::Left && self.outstanding.is_empty()
    }

    /// Waits until operations wait, or until another association needs the place of this one:
    /// true then.
    pub(crate) async fn woken(&self) -> bool {
        let idle = self.state == State::Bound && self.outstanding.is_empty();
        let crowded = async {
            match self.pool().filter(|_| idle) {
                Some(pool) => pool.crowded.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.wake.notified() => false,
            () = crowded => true,
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What an error's code and parameter are to whoever submitted.
pub(crate) fn error(code: &restante_osi::x880::Code, parameter: Option<Bytes>) -> Passed {
    match code {
        restante_osi::x880::Code::Local(code) => Passed::Error { code: *code, parameter },
        other => Passed::Unanswered { reason: format!("the MTA's error {other}") },
    }
}
