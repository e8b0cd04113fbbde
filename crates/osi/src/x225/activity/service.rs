//! The service primitives of half-duplex, minor synchronize, activity management and exceptions
//! (X.215), without the user data that reliable transfer has no use for.

use crate::x225::{ConnectionIdentifier, ExceptionReason, Tokens};
use bytes::Bytes;
use restante_ber::Rope;

/// What an activity is continued from, and its new name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityResume {
    /// The identifier of the activity from now on, 1 to 6 octets.
    pub activity: Bytes,
    /// The identifier under which it was interrupted.
    pub old_activity: Bytes,
    /// The last synchronization point that holds; the next one has the number after it.
    pub serial_number: u32,
    /// The session connection on which it was interrupted, where that is another than this.
    pub connection: Option<ConnectionIdentifier>,
}

/// Requests and responses.
#[derive(Clone, Debug)]
pub enum ActivityRequest {
    /// S-TOKEN-PLEASE request, with SS-user data.
    TokenPlease(Tokens, Rope),
    /// S-CONTROL-GIVE request: all tokens go to the peer.
    ControlGive,
    /// S-ACTIVITY-START request, with an identifier of 1 to 6 octets.
    Start(Bytes),
    /// S-ACTIVITY-RESUME request.
    Resume(Box<ActivityResume>),
    /// S-SYNC-MINOR request; points of an activity are numbered from 1.
    SyncMinor,
    /// S-SYNC-MINOR response: the point of this number holds, and all before it.
    SyncMinorAccept(u32),
    /// S-ACTIVITY-END request.
    End,
    /// S-ACTIVITY-END response.
    EndAccept,
    /// S-ACTIVITY-INTERRUPT request.
    Interrupt(ExceptionReason),
    /// S-ACTIVITY-DISCARD request.
    Discard(ExceptionReason),
    /// S-ACTIVITY-INTERRUPT or S-ACTIVITY-DISCARD response: all tokens are the peer's.
    StopAccept,
    /// S-U-EXCEPTION-REPORT request: what comes is not looked at until the peer recovers.
    Exception(ExceptionReason),
}

impl ActivityRequest {
    /// The name that X.215 gives it.
    pub(in crate::x225) fn name(&self) -> &'static str {
        match self {
            Self::TokenPlease(..) => "S-TOKEN-PLEASE request",
            Self::ControlGive => "S-CONTROL-GIVE request",
            Self::Start(_) => "S-ACTIVITY-START request",
            Self::Resume(_) => "S-ACTIVITY-RESUME request",
            Self::SyncMinor => "S-SYNC-MINOR request",
            Self::SyncMinorAccept(_) => "S-SYNC-MINOR response",
            Self::End => "S-ACTIVITY-END request",
            Self::EndAccept => "S-ACTIVITY-END response",
            Self::Interrupt(_) => "S-ACTIVITY-INTERRUPT request",
            Self::Discard(_) => "S-ACTIVITY-DISCARD request",
            Self::StopAccept => "S-ACTIVITY-INTERRUPT or -DISCARD response",
            Self::Exception(_) => "S-U-EXCEPTION-REPORT request",
        }
    }
}

/// Indications and confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityIndication {
    /// S-TOKEN-PLEASE indication, with SS-user data.
    TokenPlease(Tokens, Bytes),
    /// S-TOKEN-GIVE or S-CONTROL-GIVE indication: all the tokens that this end holds now.
    TokenGive(Tokens),
    /// S-ACTIVITY-START indication.
    Start(Bytes),
    /// S-ACTIVITY-RESUME indication.
    Resume(Box<ActivityResume>),
    /// S-SYNC-MINOR indication, with its number and whether the peer wants it confirmed.
    SyncMinor(u32, bool),
    /// S-SYNC-MINOR confirm, with its number.
    SyncMinorAccepted(u32),
    /// S-ACTIVITY-END indication.
    End,
    /// S-ACTIVITY-END confirm.
    EndAccepted,
    /// S-ACTIVITY-INTERRUPT indication.
    Interrupt(ExceptionReason),
    /// S-ACTIVITY-DISCARD indication.
    Discard(ExceptionReason),
    /// S-ACTIVITY-INTERRUPT or S-ACTIVITY-DISCARD confirm: all tokens are ours.
    Stopped,
    /// S-U-EXCEPTION-REPORT indication; `None`: S-P-EXCEPTION-REPORT indication.
    Exception(Option<ExceptionReason>),
}
