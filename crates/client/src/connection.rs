//! The thin driver: a TCP connection under an `osi::Association`, for one end at a time. It waits
//! with tokio, keeps the answers of outstanding operations until they are asked for, and what the
//! peer invokes until its owner takes it.

use crate::capture::{Capture, Recorder, Sender};
use crate::error::{ClientError, OperationError};
use bytes::Bytes;
use restante_ber::Rope;
use restante_osi::x880::{Code, RejectProblem};
use restante_osi::{
    Association, BindConfirmation, BindIndication, BindRequest, Event, InitiatorOptions,
    Invocation, Limits, MemoryBuffers, Output, PresentationAddress, Refusal, Request,
    ResponderOptions, RtseOptions, Selectors, Tracer,
};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::TcpStream;

/// How much is read from the connection at once.
const READ_SIZE: usize = 64 * 1024;
/// How much is gathered before it is written: a PDU's small pieces go out together.
const WRITE_SIZE: usize = 64 * 1024;

/// How often in succession a peer is called again in vain to go on with an association.
const ATTEMPTS_MAX: u32 = 5;
/// How much longer each of these attempts waits than the one before.
const PAUSE: Duration = Duration::from_millis(200);

/// How an end calls its peer.
#[derive(Debug)]
pub struct CallOptions {
    /// Whom to call.
    pub address: PresentationAddress,
    /// This end's own selectors.
    pub calling: Selectors,
    /// The largest TPDU proposed, in octets; `None`: the largest there is.
    pub tpdu_size: Option<usize>,
    /// The largest TSDU taken, in octets.
    pub tsdu_limit: usize,
    /// How long to wait for a connection, a bind, or an answer.
    pub patience: Duration,
    /// Who wants to see the PDUs.
    pub tracer: Option<Box<dyn Tracer>>,
    /// Where to record the connection.
    pub capture: Option<Capture>,
    /// Reliable transfer, in the contexts that have it. Where something is kept for recovery, an
    /// association that loses its connection goes on over another one.
    pub rtse: RtseOptions,
}

impl CallOptions {
    /// No selectors of our own, the largest TPDUs, TSDUs to 1 GiB, a minute of patience.
    pub fn new(address: PresentationAddress) -> Self {
        Self {
            address,
            calling: Selectors::default(),
            tpdu_size: None,
            tsdu_limit: 1 << 30,
            patience: Duration::from_secs(60),
            tracer: None,
            capture: None,
            rtse: RtseOptions::default(),
        }
    }
}

/// What became of an invocation.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A result.
    Result(Option<Bytes>),
    /// An error with its parameter.
    Error(Code, Option<Bytes>),
    /// A reject.
    Reject(RejectProblem),
}

impl Answer {
    /// The result; an error becomes one for people by `describe`.
    ///
    /// # Errors
    /// Where the answer is an error or a reject.
    pub fn into_result(
        self,
        describe: impl FnOnce(&Code, Option<&Bytes>) -> String,
    ) -> Result<Option<Bytes>, ClientError> {
        match self {
            Self::Result(result) => Ok(result),
            Self::Error(code, parameter) => {
                let text = describe(&code, parameter.as_ref());
                Err(ClientError::Operation(OperationError { code, parameter, text }))
            }
            Self::Reject(problem) => Err(ClientError::Rejected(problem)),
        }
    }
}

/// What the peer invokes.
#[derive(Clone, Debug, PartialEq)]
pub struct Indication {
    /// The number of the invocation, for the answer.
    pub invoke_id: i64,
    /// The operation.
    pub operation: Code,
    /// Its argument, a whole element.
    pub argument: Option<Bytes>,
}

/// An association over TCP.
pub struct Connection {
    stream: BufWriter<TcpStream>,
    association: Association,
    recorder: Option<Recorder>,
    /// Which end this is.
    end: Sender,
    patience: Duration,
    bound: Option<Box<BindConfirmation>>,
    asked: Option<Box<BindIndication>>,
    unbound: bool,
    answers: HashMap<i64, Answer>,
    indications: VecDeque<Indication>,
    failure: Option<ClientError>,
    closed: bool,
    input: Vec<u8>,
    /// How to call the peer again.
    calling: Option<Calling>,
}

/// How an end calls its peer, again where it must.
struct Calling {
    address: PresentationAddress,
    calling: Selectors,
    tpdu_size: Option<usize>,
    tsdu_limit: usize,
    patience: Duration,
    capture: Option<Capture>,
    rtse: RtseOptions,
    /// Attempts in succession that came to nothing.
    attempts: u32,
    /// Why the connection was lost.
    lost: Option<ClientError>,
}

impl Calling {
    fn initiator(&self, tracer: Option<Box<dyn Tracer>>) -> InitiatorOptions {
        let mut initiator = InitiatorOptions::new(self.address.clone());
        initiator.calling = self.calling.clone();
        initiator.tpdu_size = self.tpdu_size.unwrap_or(initiator.tpdu_size);
        initiator.tracer = tracer;
        initiator.rtse = self.rtse.clone();
        initiator.limits =
            Limits { bind_time: self.patience, tsdu: self.tsdu_limit, ..Limits::default() };
        initiator
    }

    fn buffers(&self) -> Box<MemoryBuffers> {
        Box::new(MemoryBuffers::new(self.tsdu_limit))
    }
}

impl Connection {
    /// Connects and binds.
    ///
    /// # Errors
    /// Where the peer can't be reached, refuses, or breaks a protocol.
    pub async fn open(
        options: CallOptions,
        bind: BindRequest,
    ) -> Result<(Self, BindConfirmation), ClientError> {
        let CallOptions { address, calling, tpdu_size, tsdu_limit, patience, .. } = options;
        let CallOptions { tracer, capture, rtse, .. } = options;
        let (attempts, lost) = (0, None);
        let calling = Calling {
            address,
            calling,
            tpdu_size,
            tsdu_limit,
            patience,
            capture,
            rtse,
            attempts,
            lost,
        };
        let stream = connect(&calling.address, patience).await?;
        let recorder = calling.capture.as_ref().map(Capture::connection).transpose()?;
        let initiator = calling.initiator(tracer);
        let association =
            Association::initiator(initiator, bind, calling.buffers(), Instant::now());
        let mut connection = Self::new(stream, association, recorder, Sender::Initiator, patience);
        connection.calling = Some(calling);
        loop {
            if let Some(confirmation) = connection.bound.take() {
                return Ok((connection, *confirmation));
            }
            connection.step().await?;
        }
    }

    /// Takes a connection that a peer has opened, up to the bind that it asks for. That is to be
    /// answered with [`respond`](Self::respond); an unbind is granted without being asked.
    ///
    /// # Errors
    /// Where the peer asks for no such association, breaks a protocol, or falls silent.
    pub async fn accept(
        stream: TcpStream,
        options: ResponderOptions,
        patience: Duration,
        capture: Option<&Capture>,
    ) -> Result<(Self, BindIndication), ClientError> {
        stream.set_nodelay(true)?;
        let recorder = capture.map(Capture::connection).transpose()?;
        let buffers = Box::new(MemoryBuffers::new(options.limits.tsdu));
        let association = Association::responder(options, buffers, Instant::now());
        let mut connection = Self::new(stream, association, recorder, Sender::Responder, patience);
        let asked = connection.wait(|connection| connection.asked.take()).await?;
        Ok((connection, *asked))
    }

    fn new(
        stream: TcpStream,
        association: Association,
        recorder: Option<Recorder>,
        end: Sender,
        patience: Duration,
    ) -> Self {
        Self {
            stream: BufWriter::with_capacity(WRITE_SIZE, stream),
            association,
            recorder,
            end,
            patience,
            bound: None,
            asked: None,
            unbound: false,
            answers: HashMap::new(),
            indications: VecDeque::new(),
            failure: None,
            closed: false,
            input: vec![0; READ_SIZE],
            calling: None,
        }
    }

    /// The association lost its connection: calls the peer again, to go on with it. The attempts
    /// that come to nothing are bounded, and so is their time.
    async fn recover(&mut self, lost: ClientError) -> Result<(), ClientError> {
        let Some((calling, name)) = self.calling.as_mut().zip(self.association.suspended()) else {
            return Err(lost);
        };
        let lost = calling.lost.take().unwrap_or(lost);
        if calling.attempts == ATTEMPTS_MAX {
            return Err(lost);
        }
        tokio::time::sleep(PAUSE * calling.attempts).await;
        calling.attempts += 1;
        let name = name.clone();
        let stream = match connect(&calling.address, calling.patience).await {
            Ok(stream) => stream,
            // The next attempt may do better.
            Err(_) => {
                self.failure = Some(lost);
                return Ok(());
            }
        };
        let initiator = calling.initiator(self.association.take_tracer());
        let now = Instant::now();
        let Some(association) = Association::resume(initiator, &name, calling.buffers(), now)
        else {
            return Err(lost);
        };
        calling.lost = Some(lost);
        self.association = association;
        self.recorder = calling.capture.as_ref().map(Capture::connection).transpose()?;
        self.stream = BufWriter::with_capacity(WRITE_SIZE, stream);
        self.closed = false;
        Ok(())
    }

    /// Waits until the peer has closed the connection.
    ///
    /// # Errors
    /// Where it does not in time, or something else happened.
    pub async fn ended(mut self) -> Result<(), ClientError> {
        match self.wait(|_| None::<()>).await {
            Err(ClientError::Ended) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Invokes an operation without waiting for its answer.
    ///
    /// # Errors
    /// Where the association has ended or too much is outstanding.
    pub async fn invoke(&mut self, invocation: Invocation) -> Result<i64, ClientError> {
        let invoke_id = self.association.invoke(invocation, Instant::now())?;
        self.flush().await?;
        Ok(invoke_id)
    }

    /// Waits for the answer to an invocation.
    ///
    /// # Errors
    /// Where none comes in time or the association ends before.
    pub async fn answer(&mut self, invoke_id: i64) -> Result<Answer, ClientError> {
        self.wait(|connection| connection.answers.remove(&invoke_id)).await
    }

    /// Waits for the answer to any of the invocations that are outstanding.
    ///
    /// # Errors
    /// Where none comes in time or the association ends before.
    pub async fn any_answer(&mut self) -> Result<(i64, Answer), ClientError> {
        self.wait(|connection| {
            let invoke_id = *connection.answers.keys().next()?;
            connection.answers.remove_entry(&invoke_id)
        })
        .await
    }

    /// Waits for what the peer invokes.
    ///
    /// # Errors
    /// Where nothing comes in time or the association ends before.
    pub async fn indication(&mut self) -> Result<Indication, ClientError> {
        self.wait(|connection| connection.indications.pop_front()).await
    }

    /// Answers what the peer invoked.
    ///
    /// # Errors
    /// Where there is no such invocation or the association has ended.
    pub async fn respond(&mut self, response: Request) -> Result<(), ClientError> {
        self.association.request(response, Instant::now())?;
        self.flush().await
    }

    /// Whether something is still on its way to the peer, as in reliable transfer.
    pub fn is_sending(&self) -> bool {
        self.association.is_sending()
    }

    /// Waits until nothing is on its way to the peer any more.
    ///
    /// # Errors
    /// Where the peer does not confirm it in time or the association ends before.
    pub async fn sent(&mut self) -> Result<(), ClientError> {
        self.wait(|connection| (!connection.is_sending()).then_some(())).await
    }

    /// Releases the association.
    ///
    /// # Errors
    /// Where the peer does not grant it in time.
    pub async fn unbind(mut self, argument: Option<Rope>) -> Result<(), ClientError> {
        self.association.request(Request::Unbind { argument }, Instant::now())?;
        self.wait(|connection| connection.unbound.then_some(())).await?;
        while !self.closed {
            self.step().await?;
        }
        self.recorder.take().map_or(Ok(()), Recorder::finish)?;
        Ok(())
    }

    /// Aborts the association.
    ///
    /// # Errors
    /// Where the connection fails before the abort is sent.
    pub async fn abort(mut self) -> Result<(), ClientError> {
        self.association.request(Request::Abort, Instant::now())?;
        self.flush().await
    }

    async fn wait<T>(
        &mut self,
        mut found: impl FnMut(&mut Self) -> Option<T>,
    ) -> Result<T, ClientError> {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(found) = found(self) {
                return Ok(found);
            }
            match tokio::time::timeout_at(deadline.into(), self.step()).await {
                Ok(stepped) => stepped?,
                Err(_) => return Err(ClientError::TimedOut),
            }
        }
    }

    /// Sends what is to be sent, then waits for octets or for the association's next time.
    async fn step(&mut self) -> Result<(), ClientError> {
        let before = self.progress();
        self.flush().await?;
        if self.progress() != before {
            return Ok(());
        }
        if let Some(failure) = self.failure.take() {
            return self.recover(failure).await;
        }
        if self.closed {
            return Err(ClientError::Ended);
        }
        let wake = self.association.next_timeout();
        let timer = async {
            match wake {
                Some(wake) => tokio::time::sleep_until(wake.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = self.stream.read(&mut self.input) => match read {
                Ok(0) | Err(_) => self.association.handle_closed(Instant::now()),
                Ok(length) => {
                    let octets = &self.input[..length];
                    if let Some(recorder) = &mut self.recorder {
                        recorder.record(self.end.other(), octets)?;
                    }
                    self.association.handle_input(octets, Instant::now());
                }
            },
            () = timer => self.association.handle_timeout(Instant::now()),
        }
        self.flush().await
    }

    /// Something that changes when an event was taken in.
    fn progress(&self) -> (bool, bool, usize, usize) {
        let begun = self.bound.is_some() || self.asked.is_some();
        (begun, self.unbound, self.answers.len(), self.indications.len())
    }

    async fn flush(&mut self) -> Result<(), ClientError> {
        while let Some(output) = self.association.poll_output() {
            match output {
                Output::Transmit(rope) => {
                    if let Some(recorder) = &mut self.recorder {
                        recorder.record(self.end, &rope.to_bytes())?;
                    }
                    if self.write(&rope).await.is_err() {
                        self.association.handle_closed(Instant::now());
                    }
                }
                Output::Event(event) => self.take(event),
                Output::Close => {
                    self.closed = true;
                    // The peer may have closed before; there is nothing left to say to it.
                    let _ = self.stream.shutdown().await;
                }
            }
        }
        if !self.closed && self.stream.flush().await.is_err() {
            self.association.handle_closed(Instant::now());
        }
        Ok(())
    }

    async fn write(&mut self, rope: &Rope) -> std::io::Result<()> {
        for piece in rope.pieces() {
            self.stream.write_all(piece).await?;
        }
        Ok(())
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::BindConfirmed(confirmation) => {
                match self.calling.as_mut().filter(|calling| calling.lost.is_some()) {
                    // It goes on where it was.
                    Some(calling) => (calling.lost, calling.attempts) = (None, 0),
                    None => self.bound = Some(confirmation),
                }
            }
            Event::BindRefused(refusal) => {
                // One that can't go on is lost after all.
                let lost = self.calling.as_mut().and_then(|calling| calling.lost.take());
                self.failure = Some(lost.unwrap_or(ClientError::Refused(refusal)));
            }
            Event::Invoke { invoke_id, operation, argument, .. } => {
                self.indications.push_back(Indication { invoke_id, operation, argument });
            }
            Event::Result { invoke_id, result, .. } => {
                self.answers.insert(invoke_id, Answer::Result(result));
            }
            Event::Error { invoke_id, error, parameter, .. } => {
                self.answers.insert(invoke_id, Answer::Error(error, parameter));
            }
            Event::Reject { invoke_id: Some(invoke_id), problem, .. } => {
                self.answers.insert(invoke_id, Answer::Reject(problem));
            }
            Event::Reject { problem, .. } => {
                self.failure = Some(ClientError::Rejected(problem));
            }
            Event::UnbindConfirmed { .. } => self.unbound = true,
            Event::Aborted(abort) => self.failure = Some(ClientError::Aborted(abort)),
            Event::ProtocolError(error) => self.failure = Some(ClientError::Protocol(error)),
            Event::BindIndication(indication) => self.asked = Some(indication),
            Event::UnbindIndication { argument } => {
                let result = argument.map(|_| restante_ber::Encode::to_rope(&restante_ber::Null));
                let granted = Request::AcceptUnbind { result };
                if let Err(misuse) = self.association.request(granted, Instant::now()) {
                    self.failure = Some(misuse.into());
                }
            }
        }
    }
}

/// Tries the network addresses of a peer one after the other.
async fn connect(
    address: &PresentationAddress,
    patience: Duration,
) -> Result<TcpStream, ClientError> {
    let mut failure = ClientError::NoNetworkAddress;
    for network in &address.networks {
        let host = (network.host.as_str(), network.port);
        let connected = tokio::time::timeout(patience, TcpStream::connect(host)).await;
        match connected.unwrap_or_else(|late| Err(late.into())) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(cause) => {
                failure = ClientError::Unreachable { address: network.to_string(), cause };
            }
        }
    }
    Err(failure)
}

/// The bind error's parameter where a peer refused the bind itself.
pub(crate) fn bind_error(error: ClientError) -> Result<Bytes, ClientError> {
    match error {
        ClientError::Refused(Refusal::Bind { error, .. }) => Ok(error),
        other => Err(other),
    }
}
