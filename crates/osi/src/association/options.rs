//! What an association is told before it begins.

use crate::PresentationAddress;
use crate::association::recovery::Suspended;
use crate::association::{Layer, RtseRecovery, Selectors};
use crate::x224::TPDU_SIZE_MAX;
use crate::x227::ApplicationEntity;
use crate::x228::{RTSE, SessionConnectionIdentifier};
use bytes::Bytes;
use core::fmt;
use core::time::Duration;
use restante_ber::{Oid, Rope};
use std::sync::Arc;
use std::time::Instant;

/// An application context that this end takes part in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationContext {
    /// Its name.
    pub name: Oid,
    /// The abstract syntax of its bind and unbind.
    pub bind_syntax: Oid,
    /// The abstract syntaxes of its operations.
    pub abstract_syntaxes: Vec<Oid>,
    /// Whether its operations go over reliable transfer (X.228).
    pub reliable: bool,
}

/// The application contexts that this end takes part in. Any other is refused with
/// application-context-name-not-supported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextTable(pub Vec<ApplicationContext>);

impl ContextTable {
    /// The context of this name.
    pub fn find(&self, name: &Oid) -> Option<&ApplicationContext> {
        self.0.iter().find(|context| context.name == *name)
    }

    /// Whether any context goes over reliable transfer.
    pub fn has_reliable(&self) -> bool {
        self.0.iter().any(|context| context.reliable)
    }

    /// Whether any context has this abstract syntax.
    pub fn knows_syntax(&self, abstract_syntax: &Oid) -> bool {
        self.0.iter().any(|context| {
            context.bind_syntax == *abstract_syntax
                || context.abstract_syntaxes.contains(abstract_syntax)
                || (context.reliable && *abstract_syntax == RTSE)
        })
    }
}

/// Bounds on what a peer may take: times and sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the TCP connection to the end of the bind, both ways.
    pub bind_time: Duration,
    /// Without a sign of the peer and no operation of its being performed; begins anew where
    /// something was sent meanwhile. `None`: for ever.
    pub idle_time: Option<Duration>,
    /// In reliable transfer, without a sign of a peer that has to confirm, or to give the turn.
    pub turn_time: Duration,
    /// For the peer to close or to answer after an abort, a refusal or a release.
    pub disconnect_time: Duration,
    /// The largest TSDU before the bind is accepted, in octets.
    pub tsdu_before_bind: usize,
    /// The largest TSDU after that, in octets.
    pub tsdu: usize,
    /// How many invocations of one end may be outstanding.
    pub outstanding_invocations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bind_time: Duration::from_secs(30),
            idle_time: None,
            turn_time: Duration::from_secs(300),
            disconnect_time: Duration::from_secs(10),
            tsdu_before_bind: 64 * 1024,
            tsdu: 64 * 1024 * 1024,
            outstanding_invocations: 1024,
        }
    }
}

/// How this end does reliable transfer.
#[derive(Clone, Debug)]
pub struct RtseOptions {
    /// The most data between two checkpoints, in units of 1024 octets: what an initiator asks
    /// for, and a responder grants at most. 0: an initiator leaves it to its peer, a responder
    /// grants no checkpoints.
    pub checkpoint_size: u16,
    /// The most checkpoints that are not confirmed, 1 or more.
    pub window_size: u16,
    /// Names session connections, and keeps associations whose connection broke.
    pub recovery: RtseRecovery,
    /// Who the peer is, as far as the driver knows before it says anything, such as its network
    /// address: an association is recovered by the same peer only.
    pub peer: String,
}

impl Default for RtseOptions {
    fn default() -> Self {
        let (recovery, peer) = (RtseRecovery::default(), String::new());
        Self { checkpoint_size: 64, window_size: 3, recovery, peer }
    }
}

impl RtseOptions {
    /// Takes an association of this peer's out of what is kept.
    pub(super) fn recover(
        &self,
        identifier: &SessionConnectionIdentifier,
        now: Instant,
        fits: impl Fn(&Suspended) -> bool,
    ) -> Option<Suspended> {
        self.recovery.take(&self.peer, identifier, now, fits)
    }
}

/// What a responder is told.
#[derive(Debug)]
pub struct ResponderOptions {
    /// The transport selectors that may be called; none given: any.
    pub transport_selectors: Vec<Bytes>,
    /// The session selector that must be called; `None`: any.
    pub session_selector: Option<Bytes>,
    /// The presentation selector that must be called; `None`: any.
    pub presentation_selector: Option<Bytes>,
    /// The largest TPDU taken, in octets: 128 to 65531.
    pub tpdu_size: usize,
    /// The application contexts.
    pub contexts: Arc<ContextTable>,
    /// Who answers.
    pub entity: ApplicationEntity,
    /// Bounds.
    pub limits: Limits,
    /// Reliable transfer, in the contexts that have it.
    pub rtse: RtseOptions,
    /// Who wants to see the PDUs.
    pub tracer: Option<Box<dyn Tracer>>,
}

impl ResponderOptions {
    /// Any selectors, the largest TPDUs, the default limits, nobody who looks on.
    pub fn new(contexts: Arc<ContextTable>) -> Self {
        Self {
            transport_selectors: Vec::new(),
            session_selector: None,
            presentation_selector: None,
            tpdu_size: TPDU_SIZE_MAX,
            contexts,
            entity: ApplicationEntity::default(),
            limits: Limits::default(),
            rtse: RtseOptions::default(),
            tracer: None,
        }
    }
}

/// What an initiator is told.
#[derive(Debug)]
pub struct InitiatorOptions {
    /// Whom to call; the network addresses are the driver's business.
    pub called: PresentationAddress,
    /// This end's own selectors.
    pub calling: Selectors,
    /// The largest TPDU proposed, in octets: 128 to 65531.
    pub tpdu_size: usize,
    /// Bounds.
    pub limits: Limits,
    /// Reliable transfer, in the contexts that have it.
    pub rtse: RtseOptions,
    /// Who wants to see the PDUs.
    pub tracer: Option<Box<dyn Tracer>>,
}

impl InitiatorOptions {
    /// No selectors of our own, the largest TPDUs, the default limits, nobody who looks on.
    pub fn new(called: PresentationAddress) -> Self {
        Self {
            called,
            calling: Selectors::default(),
            tpdu_size: TPDU_SIZE_MAX,
            limits: Limits::default(),
            rtse: RtseOptions::default(),
            tracer: None,
        }
    }
}

/// The association that an initiator asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct BindRequest {
    /// Its application context with the abstract syntaxes to propose; no others are.
    pub context: ApplicationContext,
    /// Whom it calls.
    pub called_entity: ApplicationEntity,
    /// Who calls.
    pub calling_entity: ApplicationEntity,
    /// The bind argument, a whole element; goes out inside `[16]`.
    pub argument: Option<Rope>,
}

/// Which way a PDU goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the peer.
    Sent,
    /// From the peer.
    Received,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sent => "sent",
            Self::Received => "received",
        })
    }
}

/// Somebody who looks on: told of every PDU of every layer. Costs nothing where there is none.
pub trait Tracer: Send + fmt::Debug {
    /// One PDU: `text` says what it is, `octets` are the PDU of that layer.
    fn pdu(&mut self, layer: Layer, direction: Direction, text: &str, octets: &Rope);
}
