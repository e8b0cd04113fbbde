//! The service primitives of X.215 with their parameters.

use crate::x225::{
    AbortFlags, ActivityIndication, ActivityRequest, RefuseReason, Requirements, Tokens, Version,
};
use bytes::Bytes;
use restante_ber::Rope;

/// The session connection identifier (X.225 §8.3.1.4): references of the users, empty when
/// absent. It has no meaning for the protocol; reliable transfer recovers by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionIdentifier {
    /// Calling (in a CN) or called (in an AC, RF) session user reference, up to 64 octets.
    pub user_reference: Bytes,
    /// Common reference, up to 64 octets.
    pub common_reference: Bytes,
    /// Additional reference information, up to 4 octets.
    pub additional_reference: Bytes,
}

/// S-CONNECT request.
#[derive(Clone, Debug)]
pub struct ConnectRequest {
    /// The session connection identifier; left out when its parts are all empty.
    pub connection_identifier: ConnectionIdentifier,
    /// The calling session selector; an empty one is left out.
    pub calling: Bytes,
    /// The called session selector; an empty one is left out.
    pub called: Bytes,
    /// The functional units proposed: duplex or [`Requirements::RELIABLE_TRANSFER`].
    pub requirements: Requirements,
    /// Whose the tokens are at first; absent where no functional unit has one.
    pub token_setting: Option<Tokens>,
    /// The number of the first synchronization point, up to 999999, where one is needed.
    pub initial_serial_number: Option<u32>,
    /// SS-user data, of any length.
    pub user_data: Rope,
}

/// S-CONNECT indication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectIndication {
    /// The session connection identifier.
    pub connection_identifier: ConnectionIdentifier,
    /// The calling session selector, empty when absent.
    pub calling: Bytes,
    /// The called session selector, empty when absent.
    pub called: Bytes,
    /// The version that will be in force.
    pub version: Version,
    /// The functional units proposed, all of them.
    pub requirements: Requirements,
    /// Whose the tokens are at first.
    pub token_setting: Option<Tokens>,
    /// The number of the first synchronization point.
    pub initial_serial_number: Option<u32>,
    /// SS-user data.
    pub user_data: Bytes,
}

/// S-CONNECT response that accepts.
#[derive(Clone, Debug)]
pub struct ConnectResponse {
    /// The session connection identifier; left out when its parts are all empty.
    pub connection_identifier: ConnectionIdentifier,
    /// The responding session selector; an empty one is left out.
    pub responding: Bytes,
    /// The functional units: duplex or [`Requirements::RELIABLE_TRANSFER`], as was proposed.
    pub requirements: Requirements,
    /// Whose the tokens are at first.
    pub token_setting: Option<Tokens>,
    /// The number of the first synchronization point.
    pub initial_serial_number: Option<u32>,
    /// SS-user data.
    pub user_data: Rope,
}

/// S-CONNECT confirm that accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectConfirm {
    /// The session connection identifier.
    pub connection_identifier: ConnectionIdentifier,
    /// The responding session selector, empty when absent.
    pub responding: Bytes,
    /// The version in force.
    pub version: Version,
    /// The functional units in force.
    pub requirements: Requirements,
    /// Whose the tokens are at first.
    pub token_setting: Option<Tokens>,
    /// The number of the first synchronization point.
    pub initial_serial_number: Option<u32>,
    /// SS-user data.
    pub user_data: Bytes,
}

/// Requests and responses of the session user, S-CONNECT request apart, which makes a
/// [`Session`](crate::x225::Session).
#[derive(Clone, Debug)]
pub enum Request {
    /// S-CONNECT response, accepting.
    ConnectAccept(ConnectResponse),
    /// S-CONNECT response, refusing. Version 1 drops user data beyond 512 octets.
    ConnectReject {
        /// One of the reasons of a user; [`RefuseReason::USER_DATA`] where data follows.
        reason: RefuseReason,
        /// SS-user data, sent with [`RefuseReason::USER_DATA`] only.
        user_data: Rope,
    },
    /// S-DATA request.
    Data(Rope),
    /// S-RELEASE request, with SS-user data.
    Release(Rope),
    /// S-RELEASE response, affirmative, with SS-user data.
    ReleaseAccept(Rope),
    /// A request of half-duplex, minor synchronize, activity management or exceptions.
    Activity(ActivityRequest),
    /// S-U-ABORT request, with SS-user data, which version 1 drops beyond 9 octets.
    UAbort(Rope),
}

impl Request {
    /// The name that X.215 gives it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::ConnectAccept(_) | Self::ConnectReject { .. } => "S-CONNECT response",
            Self::Data(_) => "S-DATA request",
            Self::Release(_) => "S-RELEASE request",
            Self::ReleaseAccept(_) => "S-RELEASE response",
            Self::Activity(request) => request.name(),
            Self::UAbort(_) => "S-U-ABORT request",
        }
    }
}

/// Indications and confirms to the session user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indication {
    /// S-CONNECT indication.
    Connect(Box<ConnectIndication>),
    /// S-CONNECT confirm, accepted.
    ConnectAccepted(Box<ConnectConfirm>),
    /// S-CONNECT confirm, refused.
    ConnectRefused {
        /// The reason.
        reason: RefuseReason,
        /// SS-user data.
        user_data: Bytes,
    },
    /// S-DATA indication.
    Data(Bytes),
    /// S-RELEASE indication.
    Release {
        /// SS-user data.
        user_data: Bytes,
        /// Our own S-RELEASE request is outstanding too: X.227's collision rules decide who
        /// answers first.
        collision: bool,
    },
    /// S-RELEASE confirm, affirmative. There is no negative one without negotiated release.
    ReleaseAccepted(Bytes),
    /// A primitive of half-duplex, minor synchronize, activity management or exceptions.
    Activity(ActivityIndication),
    /// S-U-ABORT indication, with SS-user data.
    UAbort(Bytes),
    /// S-P-ABORT indication: the peer's provider aborted.
    PAbort(AbortFlags),
}

/// What a session connection wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A TSDU to send.
    Transmit(Rope),
    /// A primitive for the session user.
    Indication(Indication),
    /// The connection is over and the peer is to end the transport connection, or to answer with
    /// an AA: give it some time, then disconnect.
    AwaitDisconnect,
    /// The connection is over: disconnect, after what was to be sent before.
    Disconnect,
}
