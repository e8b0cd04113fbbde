//! MTS-bind (X.411, MTS-bind and MTS-unbind). MTS-unbind has neither argument nor result.

use super::{
    Extensions, InitiatorCredentials, MTAName, ORAddressAndOptionalDirectoryName,
    ResponderCredentials, SecurityContext,
};
use restante_ber::{choice, integer, set};

set! { IMPLICIT TAGS;
    /// The argument. The 1988 form is the one without extensions.
    pub struct MTSBindArgument {
        /// Who binds.
        initiator_name: ObjectName,
        /// What waits for the other side.
        messages_waiting: Option<MessagesWaiting> [EXPLICIT 1],
        /// The proof.
        initiator_credentials: InitiatorCredentials [2],
        /// The labels of what will be exchanged.
        security_context: Option<SecurityContext> [3],
        /// 1994.
        extensions: Extensions [5] = Extensions::default(),
    }
}

set! { IMPLICIT TAGS;
    /// The result. The 1988 form is the one without extensions.
    pub struct MTSBindResult {
        /// Who answers.
        responder_name: ObjectName,
        /// What waits for the other side.
        messages_waiting: Option<MessagesWaiting> [EXPLICIT 1],
        /// The proof.
        responder_credentials: ResponderCredentials [2],
        /// 1994.
        extensions: Extensions [5] = Extensions::default(),
    }
}

integer! {
    /// Why a bind is refused. An INTEGER, where the message store has an ENUMERATED.
    pub struct MTSBindError {
        /// Try again later.
        BUSY = 0,
        /// Name or credentials are wrong.
        AUTHENTICATION_ERROR = 2,
        /// Not in this mode.
        UNACCEPTABLE_DIALOGUE_MODE = 3,
        /// Not with these labels.
        UNACCEPTABLE_SECURITY_CONTEXT = 4,
        /// Not without encryption (1994).
        INADEQUATE_ASSOCIATION_CONFIDENTIALITY = 5,
    }
}

choice! { IMPLICIT TAGS;
    /// Who is at one end of an association.
    pub enum ObjectName {
        /// A user.
        UserAgent(ORAddressAndOptionalDirectoryName),
        /// An MTA.
        MTA(MTAName) [0],
        /// A message store, for a user.
        MessageStore(ORAddressAndOptionalDirectoryName) [4],
    }
}

set! { IMPLICIT TAGS;
    /// How much waits, by priority.
    pub struct MessagesWaiting {
        /// Urgent.
        urgent: DeliveryQueue [0],
        /// Normal.
        normal: DeliveryQueue [1],
        /// Non-urgent.
        non_urgent: DeliveryQueue [2],
    }
}

set! { IMPLICIT TAGS;
    /// How much waits.
    #[derive(Default, Eq, Hash)]
    pub struct DeliveryQueue {
        /// How many messages.
        messages: i64 [0],
        /// How long they are together, in octets.
        octets: Option<i64> [1],
    }
}
