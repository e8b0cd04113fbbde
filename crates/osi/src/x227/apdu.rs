//! The APDUs of X.227 §9. Fields of functional units beyond the kernel are skipped wherever they
//! stand: the APDUs are SEQUENCEs whose members all have tags, read here as a SET would be.

use crate::x227::{
    AbrtDiagnostic, AbrtSource, AssociateResult, AssociateSourceDiagnostic, ReleaseRequestReason,
    ReleaseResponseReason, Title,
};
use restante_ber::{BitString, External, GraphicString, Oid, choice, set};

/// The protocol versions that this implementation speaks: version 1.
pub fn version_1() -> BitString {
    BitString::of_bits([0])
}

set! { EXPLICIT TAGS;
    /// AARQ: an association is asked for.
    pub struct Aarq [APPLICATION 0] {
        /// The versions offered.
        protocol_version: BitString [IMPLICIT 0] = version_1(),
        /// The application context.
        application_context_name: Oid [1],
        /// Whom is called.
        called_ap_title: Option<Title> [2],
        /// Whom is called.
        called_ae_qualifier: Option<Title> [3],
        /// Whom is called.
        called_ap_invocation_identifier: Option<i64> [4],
        /// Whom is called.
        called_ae_invocation_identifier: Option<i64> [5],
        /// Who calls.
        calling_ap_title: Option<Title> [6],
        /// Who calls.
        calling_ae_qualifier: Option<Title> [7],
        /// Who calls.
        calling_ap_invocation_identifier: Option<i64> [8],
        /// Who calls.
        calling_ae_invocation_identifier: Option<i64> [9],
        /// What the calling implementation says of itself.
        implementation_information: Option<GraphicString> [IMPLICIT 29],
        /// The bind argument.
        user_information: Option<Vec<External>> [IMPLICIT 30],
    }
}

set! { EXPLICIT TAGS;
    /// AARE: the answer to AARQ.
    pub struct Aare [APPLICATION 1] {
        /// The version selected.
        protocol_version: BitString [IMPLICIT 0] = version_1(),
        /// The application context.
        application_context_name: Oid [1],
        /// Accepted or not.
        result: AssociateResult [2],
        /// Who decided, and why.
        result_source_diagnostic: AssociateSourceDiagnostic [3],
        /// Who answers.
        responding_ap_title: Option<Title> [4],
        /// Who answers.
        responding_ae_qualifier: Option<Title> [5],
        /// Who answers.
        responding_ap_invocation_identifier: Option<i64> [6],
        /// Who answers.
        responding_ae_invocation_identifier: Option<i64> [7],
        /// What the responding implementation says of itself.
        implementation_information: Option<GraphicString> [IMPLICIT 29],
        /// The bind result or bind error.
        user_information: Option<Vec<External>> [IMPLICIT 30],
    }
}

set! { EXPLICIT TAGS;
    /// RLRQ: a release is asked for.
    pub struct Rlrq [APPLICATION 2] {
        /// Why.
        reason: Option<ReleaseRequestReason> [IMPLICIT 0],
        /// The unbind argument.
        user_information: Option<Vec<External>> [IMPLICIT 30],
    }
}

set! { EXPLICIT TAGS;
    /// RLRE: the answer to RLRQ.
    pub struct Rlre [APPLICATION 3] {
        /// How it ended.
        reason: Option<ReleaseResponseReason> [IMPLICIT 0],
        /// The unbind result.
        user_information: Option<Vec<External>> [IMPLICIT 30],
    }
}

set! { EXPLICIT TAGS;
    /// ABRT: the association is aborted.
    pub struct Abrt [APPLICATION 4] {
        /// By whom.
        abort_source: AbrtSource [IMPLICIT 0],
        /// Why; only with the authentication functional unit.
        abort_diagnostic: Option<AbrtDiagnostic> [IMPLICIT 1],
        /// What the application says to it.
        user_information: Option<Vec<External>> [IMPLICIT 30],
    }
}

choice! { IMPLICIT TAGS;
    /// An APDU of association control.
    pub enum AcseApdu {
        /// AARQ.
        Aarq(Aarq),
        /// AARE.
        Aare(Aare),
        /// RLRQ.
        Rlrq(Rlrq),
        /// RLRE.
        Rlre(Rlre),
        /// ABRT.
        Abrt(Abrt),
    }
}

impl AcseApdu {
    /// The standard's short name and what it is, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Aarq(_) => "AARQ associate",
            Self::Aare(_) => "AARE associate",
            Self::Rlrq(_) => "RLRQ release",
            Self::Rlre(_) => "RLRE release",
            Self::Abrt(_) => "ABRT abort",
        }
    }
}
