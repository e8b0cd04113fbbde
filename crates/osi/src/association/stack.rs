//! Transport and session below an association, and the flow of TSDUs between them.

use crate::association::{Abort, AbortedBy, Fault, Layer, ProtocolError, Trace};
use crate::buffer::BufferSource;
use crate::{x224, x225};
use bytes::Bytes;
use restante_ber::Rope;
use std::collections::VecDeque;

/// How the session begins once the transport connection is open.
#[derive(Debug)]
pub(super) enum Opening {
    /// With a CN.
    Call {
        /// What the CN says.
        request: Box<x225::ConnectRequest>,
        /// The largest SSDU, in octets.
        ssdu_limit: usize,
    },
    /// With a wait for a CN.
    Listen(x225::ResponderOptions),
}

/// What comes up to the association.
#[derive(Debug)]
pub(super) enum Signal {
    /// A primitive of the session.
    Session(x225::Indication),
    /// The session is over: the peer is to close.
    AwaitDisconnect,
    /// The session is over: close.
    Disconnect,
    /// The peer's transport entity ended the connection.
    TransportDisconnect(x224::DisconnectReason),
    /// The peer's transport entity could not read a TPDU of ours.
    TransportRejected(x224::RejectCause),
    /// The peer broke the protocol of transport or session; it is being told.
    Broken(ProtocolError),
    /// A limit was reached; the connection is being ended.
    Limit(Abort),
}

/// Transport and session.
pub(super) struct Stack {
    /// `None`: there is none to be had.
    transport: Option<x224::Transport>,
    opening: Option<Opening>,
    session: Option<x225::Session>,
    buffers: Box<dyn BufferSource>,
    failed: VecDeque<Signal>,
    /// Called and calling transport selector, empty where absent.
    pub(super) selectors: (Bytes, Bytes),
    pub(super) trace: Trace,
}

impl Stack {
    pub(super) fn new(
        transport: Result<x224::Transport, x224::Misuse>,
        opening: Opening,
        buffers: Box<dyn BufferSource>,
        trace: Trace,
    ) -> Self {
        let selectors = (Bytes::new(), Bytes::new());
        let failed = transport.as_ref().err().map(|misuse| limit(Layer::Transport, misuse));
        Self {
            transport: transport.ok(),
            opening: Some(opening),
            session: None,
            buffers,
            failed: failed.into_iter().collect(),
            selectors,
            trace,
        }
    }

    /// Octets of the TCP connection.
    pub(super) fn input(&mut self, octets: &[u8]) {
        self.trace.received(octets);
        let Some(transport) = &mut self.transport else { return };
        if let Err(error) = transport.input(octets, &mut *self.buffers) {
            self.failed.push_back(transport_failure(&error));
        }
    }

    /// What comes up next; moves TSDUs on the way.
    pub(super) fn next_signal(&mut self) -> Option<Signal> {
        loop {
            while let Some(output) = self.session.as_mut().and_then(x225::Session::poll_output) {
                match output {
                    x225::Output::Transmit(tsdu) => self.send(tsdu),
                    x225::Output::Indication(indication) => {
                        return Some(Signal::Session(indication));
                    }
                    x225::Output::AwaitDisconnect => return Some(Signal::AwaitDisconnect),
                    x225::Output::Disconnect => return Some(Signal::Disconnect),
                }
            }
            let indication = self.transport.as_mut().and_then(x224::Transport::poll_indication);
            let Some(indication) = indication else { return self.failed.pop_front() };
            if let Some(signal) = self.transport_indication(indication) {
                return Some(signal);
            }
        }
    }

    fn transport_indication(&mut self, indication: x224::Indication) -> Option<Signal> {
        match indication {
            x224::Indication::Connect { called, calling, .. } => {
                self.selectors = (called, calling);
                self.open();
            }
            x224::Indication::ConnectConfirm { .. } => self.open(),
            x224::Indication::Data(tsdu) => {
                self.trace.tsdu_received(&tsdu);
                let session = self.session.as_mut()?;
                if let Err(error) = session.input(tsdu, &mut *self.buffers) {
                    return Some(session_failure(&error));
                }
            }
            x224::Indication::Disconnect(reason) => {
                return Some(Signal::TransportDisconnect(reason));
            }
            x224::Indication::Rejected(cause) => return Some(Signal::TransportRejected(cause)),
        }
        None
    }

    /// The transport connection is open: the session begins.
    fn open(&mut self) {
        match self.opening.take() {
            Some(Opening::Call { request, ssdu_limit }) => {
                match x225::Session::initiator(*request, ssdu_limit) {
                    Ok(session) => self.session = Some(session),
                    Err(misuse) => self.failed.push_back(limit(Layer::Session, &misuse)),
                }
            }
            Some(Opening::Listen(options)) => {
                self.session = Some(x225::Session::responder(options));
            }
            None => {}
        }
    }

    /// A TSDU that the transport can't take any more has no one to go to.
    fn send(&mut self, tsdu: Rope) {
        self.trace.tsdu_sent(&tsdu);
        if let Some(transport) = &mut self.transport {
            let _ = transport.send(tsdu);
        }
    }

    /// Whether there is a session entity to tell the peer anything.
    pub(super) fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Where TSDUs, and what is put together above, come to lie.
    pub(super) fn buffers(&mut self) -> &mut dyn BufferSource {
        &mut *self.buffers
    }

    /// A request to the session.
    pub(super) fn request(&mut self, request: x225::Request) -> Result<(), x225::Misuse> {
        match &mut self.session {
            Some(session) => session.request(request),
            None => Ok(()),
        }
    }

    /// Aborts the session without a word of the layers above.
    pub(super) fn abort(&mut self, flags: x225::AbortFlags) {
        if let Some(session) = &mut self.session {
            session.abort(flags);
        }
    }

    /// The largest TSDU and SSDU from now on, in octets.
    pub(super) fn set_limit(&mut self, limit: usize) {
        if let Some(transport) = &mut self.transport {
            transport.set_tsdu_limit(limit);
        }
        if let Some(session) = &mut self.session {
            session.set_ssdu_limit(limit);
        }
    }

    /// The connection is gone: what waits for transmission goes nowhere.
    pub(super) fn discard(&mut self) {
        self.transport = None;
        self.session = None;
    }

    /// TPKTs to transmit.
    pub(super) fn poll_transmit(&mut self) -> Option<Rope> {
        let packets = self.transport.as_mut()?.poll_transmit()?;
        self.trace.sent(&packets);
        Some(packets)
    }
}

fn transport_failure(error: &x224::Error) -> Signal {
    let fault = match error {
        x224::Error::Buffer(_) => return limit(Layer::Transport, error),
        x224::Error::MalformedTpkt(_) | x224::Error::MalformedTpdu { .. } => Fault::Malformed,
        x224::Error::UnexpectedTpdu { .. } | x224::Error::MismatchedConfirm(_) => Fault::Violation,
        x224::Error::Refused { .. } => Fault::Incompatible,
    };
    Signal::Broken(ProtocolError { layer: Layer::Transport, fault, text: error.to_string() })
}

fn session_failure(error: &x225::Error) -> Signal {
    let fault = match error {
        x225::Error::Buffer(_) => return limit(Layer::Session, error),
        x225::Error::Malformed(_) => Fault::Malformed,
        x225::Error::UnexpectedSpdu { .. } | x225::Error::Violation(_) => Fault::Violation,
        x225::Error::Refused { .. } | x225::Error::TsduSize(_) => Fault::Incompatible,
    };
    Signal::Broken(ProtocolError { layer: Layer::Session, fault, text: error.to_string() })
}

fn limit(layer: Layer, error: &dyn core::error::Error) -> Signal {
    let reason = error.to_string();
    Signal::Limit(Abort { by: AbortedBy::Us, layer, reason, user_information: None })
}
