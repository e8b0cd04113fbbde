//! The PPDUs of connection and abort (X.226 §8.2). Their SEQUENCEs have members that all carry
//! tags, and are read as SETs would be: in any order, with what later editions add skipped.

use crate::x226::{
    AbortReason, ContextReason, ContextResultCode, EventIdentifier, ProviderReason, UserData,
};
use bytes::Bytes;
use restante_ber::{BitString, OctetString, Oid, choice, integer, oid, sequence, set};

/// The one transfer syntax: the Basic Encoding Rules (X.690 §12.4).
pub const BASIC_ENCODING: Oid = oid!(2, 1, 1);

/// The protocol versions that this implementation speaks: version 1.
pub fn version_1() -> BitString {
    BitString::of_bits([0])
}

integer! {
    /// The mode of a presentation connection.
    pub struct Mode {
        /// As the message transfer of 1984 used it.
        X410_1984_MODE = 0,
        /// As all others do.
        NORMAL_MODE = 1,
    }
}

set! { IMPLICIT TAGS;
    /// Mode-selector.
    pub struct ModeSelector {
        /// The mode.
        mode_value: Mode [0],
    }
}

impl ModeSelector {
    /// Normal mode.
    pub const NORMAL: Self = Self { mode_value: Mode::NORMAL_MODE };
}

sequence! { IMPLICIT TAGS;
    /// One presentation context that is proposed.
    pub struct ContextDefinition {
        /// Its number, odd where the initiator proposes.
        presentation_context_identifier: i64,
        /// Its abstract syntax.
        abstract_syntax_name: Oid,
        /// The transfer syntaxes offered for it.
        transfer_syntax_name_list: Vec<Oid>,
    }
}

set! { IMPLICIT TAGS;
    /// What became of one presentation context.
    pub struct ContextResult [UNIVERSAL 16] {
        /// Accepted or not.
        result: ContextResultCode [0],
        /// The transfer syntax selected.
        transfer_syntax_name: Option<Oid> [1],
        /// Why the provider refused it.
        provider_reason: Option<ContextReason> [2],
    }
}

set! { IMPLICIT TAGS;
    /// The context that is used where no other is.
    pub struct DefaultContextName [UNIVERSAL 16] {
        /// Its abstract syntax.
        abstract_syntax_name: Oid [0],
        /// Its transfer syntax.
        transfer_syntax_name: Oid [1],
    }
}

set! { IMPLICIT TAGS;
    /// The parameters of CP in normal mode.
    pub struct NormalModeCp [UNIVERSAL 16] {
        /// The versions offered.
        protocol_version: BitString [0] = version_1(),
        /// The initiator's selector.
        calling_presentation_selector: Option<OctetString> [1],
        /// The responder's selector.
        called_presentation_selector: Option<OctetString> [2],
        /// The contexts proposed.
        presentation_context_definition_list: Option<Vec<ContextDefinition>> [4],
        /// The default context proposed.
        default_context_name: Option<DefaultContextName> [6],
        /// Functional units; none here.
        presentation_requirements: Option<BitString> [8],
        /// The session functional units where they differ from those of the session.
        user_session_requirements: Option<BitString> [9],
        /// The AARQ.
        user_data: Option<UserData>,
    }
}

set! { IMPLICIT TAGS;
    /// CP: a presentation connection is asked for.
    pub struct Cp {
        /// The mode.
        mode_selector: ModeSelector [0],
        /// The parameters of normal mode.
        normal_mode_parameters: Option<NormalModeCp> [2],
    }
}

set! { IMPLICIT TAGS;
    /// The parameters of CPA in normal mode.
    pub struct NormalModeCpa [UNIVERSAL 16] {
        /// The version selected.
        protocol_version: BitString [0] = version_1(),
        /// The responder's selector.
        responding_presentation_selector: Option<OctetString> [3],
        /// One result for each context, in the order of the proposal.
        presentation_context_definition_result_list: Option<Vec<ContextResult>> [5],
        /// Functional units; none here.
        presentation_requirements: Option<BitString> [8],
        /// The session functional units where they differ from those of the session.
        user_session_requirements: Option<BitString> [9],
        /// The AARE.
        user_data: Option<UserData>,
    }
}

set! { IMPLICIT TAGS;
    /// CPA: a presentation connection is accepted.
    pub struct Cpa {
        /// The mode.
        mode_selector: ModeSelector [0],
        /// The parameters of normal mode.
        normal_mode_parameters: Option<NormalModeCpa> [2],
    }
}

set! { IMPLICIT TAGS;
    /// The parameters of CPR in normal mode.
    pub struct NormalModeCpr [UNIVERSAL 16] {
        /// The version.
        protocol_version: BitString [0] = version_1(),
        /// The responder's selector.
        responding_presentation_selector: Option<OctetString> [3],
        /// One result for each context, in the order of the proposal.
        presentation_context_definition_result_list: Option<Vec<ContextResult>> [5],
        /// What became of the default context.
        default_context_result: Option<ContextResultCode> [7],
        /// Why the provider refuses; absent where the user does.
        provider_reason: Option<ProviderReason> [10],
        /// The AARE.
        user_data: Option<UserData>,
    }
}

set! { IMPLICIT TAGS;
    /// The refusal of X.410-1984 mode, an RTORJ: no reason is given.
    pub struct X410ModeCpr {}
}

choice! { IMPLICIT TAGS;
    /// CPR: a presentation connection is refused.
    pub enum Cpr {
        /// To one that asked for X.410-1984 mode.
        X410Mode(X410ModeCpr),
        /// In normal mode.
        NormalMode(NormalModeCpr),
    }
}

sequence! { IMPLICIT TAGS;
    /// A context and the transfer syntax that was selected for it.
    pub struct IdentifiedContext {
        /// Its number.
        presentation_context_identifier: i64,
        /// Its transfer syntax.
        transfer_syntax_name: Oid,
    }
}

set! { IMPLICIT TAGS;
    /// ARU: the user aborts.
    pub struct Aru [0] {
        /// The contexts used in the user data, where the peer may not know what became of them.
        presentation_context_identifier_list: Option<Vec<IdentifiedContext>> [0],
        /// The ABRT.
        user_data: Option<UserData>,
    }
}

set! { IMPLICIT TAGS;
    /// ARP: the provider aborts.
    pub struct Arp [UNIVERSAL 16] {
        /// Why.
        provider_reason: Option<AbortReason> [0],
        /// At what.
        event_identifier: Option<EventIdentifier> [1],
    }
}

choice! { IMPLICIT TAGS;
    /// What travels in the user data of a session abort.
    pub enum AbortPpdu {
        /// ARU.
        Aru(Aru),
        /// ARP.
        Arp(Arp),
    }
}

/// A selector, `None` where it is absent or empty.
pub fn selector(octets: &Bytes) -> Option<OctetString> {
    (!octets.is_empty()).then(|| OctetString(octets.clone()))
}
