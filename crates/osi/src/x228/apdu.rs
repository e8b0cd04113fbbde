//! The APDUs of X.228 §9. Module tag default: EXPLICIT, members marked IMPLICIT throughout.

use crate::Open;
use crate::x228::ConnectionData;
use restante_ber::{BitString, Rope, choice, integer, set};

integer! {
    /// Whether both ends may send.
    pub struct DialogueMode {
        /// Only one end ever does.
        MONOLOGUE = 0,
        /// Two-way alternate.
        TWA = 1,
    }
}

integer! {
    /// Why an association is refused. By the text only in X.410-1984 mode; there are peers that
    /// look for it in normal mode, and it does no harm there.
    pub struct RefuseReason {
        /// Too much to do.
        RTS_BUSY = 0,
        /// The association that is to be recovered is not known.
        CANNOT_RECOVER = 1,
        /// The application refuses.
        VALIDATION_FAILURE = 2,
        /// The dialogue mode can't be had.
        UNACCEPTABLE_DIALOGUE_MODE = 3,
    }
}

integer! {
    /// Why an association is aborted.
    pub struct AbortReason {
        /// A problem of the system that aborts.
        LOCAL_SYSTEM_PROBLEM = 0,
        /// A parameter can't be.
        INVALID_PARAMETER = 1,
        /// The activity to be resumed is not known.
        UNRECOGNIZED_ACTIVITY = 2,
        /// No association can be had for some time.
        TEMPORARY_PROBLEM = 3,
        /// The peer broke the protocol.
        PROTOCOL_ERROR = 4,
        /// It is no use to try again.
        PERMANENT_PROBLEM = 5,
        /// The application aborts.
        USER_ERROR = 6,
        /// The activity to be discarded has been transferred.
        TRANSFER_COMPLETED = 7,
    }
}

set! { IMPLICIT TAGS;
    /// RTORQ: reliable transfer is asked for.
    pub struct Rtorq {
        /// The most data between two checkpoints, in units of 1024 octets; 0: the peer chooses.
        checkpoint_size: i64 [0] = 0,
        /// The most checkpoints that are not confirmed.
        window_size: i64 [1] = 3,
        /// Who may send.
        dialogue_mode: DialogueMode [2] = DialogueMode::MONOLOGUE,
        /// The bind, or what is to be recovered.
        connection_data: ConnectionData [3],
    }
}

set! { IMPLICIT TAGS;
    /// RTOAC: reliable transfer is granted.
    pub struct Rtoac {
        /// The most data between two checkpoints, in units of 1024 octets; 0: no checkpoints.
        checkpoint_size: i64 [0] = 0,
        /// The most checkpoints that are not confirmed.
        window_size: i64 [1] = 3,
        /// The result of the bind, or what is recovered.
        connection_data: ConnectionData [2],
    }
}

set! { IMPLICIT TAGS;
    /// RTORJ: reliable transfer is refused.
    pub struct Rtorj {
        /// Why.
        refuse_reason: Option<RefuseReason> [0],
        /// The error of the bind.
        user_data: Option<Open> [1],
    }
}

set! { IMPLICIT TAGS;
    /// RTAB: the association is aborted.
    pub struct Rtab {
        /// Why.
        abort_reason: Option<AbortReason> [0],
        /// The parameter to blame.
        reflected_parameter: Option<BitString> [1],
        /// What the application says to it.
        user_data: Option<Open> [2],
    }
}

choice! { IMPLICIT TAGS;
    /// An APDU of reliable transfer.
    pub enum RtseApdu {
        /// RTORQ.
        Rtorq(Rtorq) [16],
        /// RTOAC.
        Rtoac(Rtoac) [17],
        /// RTORJ.
        Rtorj(Rtorj) [18],
        /// RTTP: the turn is asked for, with a priority; 0 is the highest.
        Rttp(i64),
        /// RTTR: a part of what is transferred.
        Rttr(Rope),
        /// RTAB.
        Rtab(Rtab) [22],
    }
}
