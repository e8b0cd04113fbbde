//! The service primitives of an association: what its user asks of it, and what it reports.
//!
//! An indication or confirmation of the standards is an [`Event`], a request or response a
//! [`Request`]. `Bytes` handed up are slices of the received TSDU.

use crate::association::{Layer, ProtocolError, Refusal};
use crate::x227::{ApplicationEntity, AssociateResult, AssociateSourceDiagnostic};
use crate::x880::{Code, RejectProblem};
use bytes::Bytes;
use core::fmt;
use restante_ber::{Oid, Rope};

/// What an association wants done, in order.
#[derive(Debug)]
pub enum Output {
    /// Send these octets on the TCP connection.
    Transmit(Rope),
    /// Something happened.
    Event(Event),
    /// Close the TCP connection once all has been sent. Comes once, and last.
    Close,
}

/// What happened. After [`Event::BindRefused`], [`Event::UnbindConfirmed`], [`Event::Aborted`]
/// and [`Event::ProtocolError`] no further event comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A peer asks for an association (responder): answer with [`Request::AcceptBind`],
    /// [`Request::RefuseBind`] or [`Request::RefuseAssociation`].
    BindIndication(Box<BindIndication>),
    /// The peer accepted (initiator).
    BindConfirmed(Box<BindConfirmation>),
    /// The peer or a layer of it refused (initiator).
    BindRefused(Refusal),
    /// The peer invokes an operation.
    Invoke {
        /// The number of the invocation, for the answer.
        invoke_id: i64,
        /// The invocation of ours to which it is linked.
        linked_id: Option<i64>,
        /// The abstract syntax on whose presentation context it came; not always its own.
        abstract_syntax: Oid,
        /// The operation.
        operation: Code,
        /// Its argument, a whole element.
        argument: Option<Bytes>,
    },
    /// The result of an operation that was invoked here.
    Result {
        /// The number of the invocation.
        invoke_id: i64,
        /// The operation that was invoked.
        operation: Code,
        /// Its result, a whole element.
        result: Option<Bytes>,
    },
    /// The error of an operation that was invoked here.
    Error {
        /// The number of the invocation.
        invoke_id: i64,
        /// The operation that was invoked.
        operation: Code,
        /// The error.
        error: Code,
        /// Its parameter, a whole element.
        parameter: Option<Bytes>,
    },
    /// An APDU was rejected: by the peer, or by this end because it broke the protocol.
    Reject {
        /// The number of the invocation, where it could be read.
        invoke_id: Option<i64>,
        /// Why.
        problem: RejectProblem,
        /// Whether the peer rejected.
        received: bool,
    },
    /// The peer asks for release: answer with [`Request::AcceptUnbind`].
    UnbindIndication {
        /// The unbind argument, a whole element.
        argument: Option<Bytes>,
    },
    /// The peer released.
    UnbindConfirmed {
        /// The unbind result, a whole element.
        result: Option<Bytes>,
    },
    /// The association ended before its time.
    Aborted(Abort),
    /// The peer broke a protocol or asked for what there is not, and has been told so as its
    /// layer prescribes.
    ProtocolError(ProtocolError),
}

/// The selectors of one end; an empty one is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selectors {
    /// Transport selector (TSAP-ID), at most 32 octets.
    pub transport: Bytes,
    /// Session selector, at most 16 octets.
    pub session: Bytes,
    /// Presentation selector.
    pub presentation: Bytes,
}

/// One presentation context that was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedContext {
    /// Its abstract syntax.
    pub abstract_syntax: Oid,
    /// Whether it was accepted.
    pub accepted: bool,
}

/// What a peer that asks for an association says.
#[derive(Clone, Debug, PartialEq)]
pub struct BindIndication {
    /// One of the [`ContextTable`](crate::ContextTable).
    pub application_context: Oid,
    /// The selectors that the peer called.
    pub called: Selectors,
    /// The peer's own selectors.
    pub calling: Selectors,
    /// Whom the peer called.
    pub called_entity: ApplicationEntity,
    /// Who the peer says it is; proves nothing.
    pub calling_entity: ApplicationEntity,
    /// What the peer's implementation says of itself.
    pub implementation_information: Option<String>,
    /// The presentation contexts that the peer proposed.
    pub contexts: Vec<ProposedContext>,
    /// The bind argument: the whole element inside `[16]`. `None` where the peer sent none.
    pub argument: Option<Bytes>,
}

/// What a peer that accepts says.
#[derive(Clone, Debug, PartialEq)]
pub struct BindConfirmation {
    /// The application context of the association.
    pub application_context: Oid,
    /// Who the peer says it is; proves nothing.
    pub responding_entity: ApplicationEntity,
    /// What the peer's implementation says of itself.
    pub implementation_information: Option<String>,
    /// The presentation contexts that were proposed.
    pub contexts: Vec<ProposedContext>,
    /// The bind result: the whole element inside `[17]`. `None` where the peer sent none.
    pub result: Option<Bytes>,
}

/// What the user of an association asks of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Accept the bind.
    AcceptBind {
        /// The bind result, a whole element; goes out inside `[17]`.
        result: Option<Rope>,
    },
    /// Refuse the bind with its bind error.
    RefuseBind {
        /// The parameter of the bind error, a whole element; goes out inside `[18]`.
        error: Rope,
    },
    /// Refuse the association without a word about the bind.
    RefuseAssociation {
        /// For good or for now.
        result: AssociateResult,
        /// Why.
        diagnostic: AssociateSourceDiagnostic,
    },
    /// Answer an invocation of the peer's with a result.
    Result {
        /// The invocation's number.
        invoke_id: i64,
        /// The operation's abstract syntax; the bind's where it was not negotiated.
        abstract_syntax: Oid,
        /// The result, a whole element.
        result: Option<Rope>,
    },
    /// Answer an invocation of the peer's with an error.
    Error {
        /// The invocation's number.
        invoke_id: i64,
        /// The operation's abstract syntax; the bind's where it was not negotiated.
        abstract_syntax: Oid,
        /// The error.
        error: Code,
        /// Its parameter, a whole element.
        parameter: Option<Rope>,
    },
    /// Reject an invocation of the peer's.
    RejectInvoke {
        /// The invocation's number.
        invoke_id: i64,
        /// Why.
        problem: crate::x880::InvokeProblem,
    },
    /// Reject a result or an error that the peer returned.
    RejectAnswer {
        /// The invocation's number.
        invoke_id: i64,
        /// The abstract syntax of the operation that was invoked.
        abstract_syntax: Oid,
        /// Why: of a result or of an error.
        problem: RejectProblem,
    },
    /// Release the association (initiator).
    Unbind {
        /// The unbind argument, a whole element; goes out inside `[19]`.
        argument: Option<Rope>,
    },
    /// Grant the release that the peer asks for.
    AcceptUnbind {
        /// The unbind result, a whole element; goes out inside `[20]`.
        result: Option<Rope>,
    },
    /// Abort the association.
    Abort,
}

/// An operation to invoke.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// The operation's abstract syntax; the bind's is used where it was not negotiated.
    pub abstract_syntax: Oid,
    /// The operation.
    pub operation: Code,
    /// The invocation of the peer's to which this one is linked.
    pub linked_id: Option<i64>,
    /// The argument, a whole element.
    pub argument: Option<Rope>,
}

/// Who ended an association before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortedBy {
    /// The peer's application.
    PeerUser,
    /// A layer at the peer's end.
    PeerProvider,
    /// This end: a time-out or a limit.
    Us,
    /// The TCP connection ended.
    Connection,
}

impl fmt::Display for AbortedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PeerUser => "the peer's application",
            Self::PeerProvider => "the peer's provider",
            Self::Us => "this end",
            Self::Connection => "the connection",
        })
    }
}

/// How an association ended before its time. Its text is for the event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    /// By whom.
    pub by: AbortedBy,
    /// At which layer.
    pub layer: Layer,
    /// Why, for people.
    pub reason: String,
    /// What the peer's application said to it, a whole element.
    pub user_information: Option<Bytes>,
}

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aborted by {} at the {}: {}", self.by, self.layer, self.reason)
    }
}
