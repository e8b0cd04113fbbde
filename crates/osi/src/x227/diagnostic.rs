//! Results, reasons and diagnostics of X.227 §9.

use core::fmt;
use restante_ber::{choice, enumerated, integer};

integer! {
    /// Whether an association was accepted.
    pub struct AssociateResult {
        /// It was.
        ACCEPTED = 0,
        /// It was not, and will not be another time.
        REJECTED_PERMANENT = 1,
        /// It was not; it may be another time.
        REJECTED_TRANSIENT = 2,
    }
}

integer! {
    /// Why the application rejected.
    pub struct AcseServiceUser {
        /// It did not.
        NULL = 0,
        /// It does not say.
        NO_REASON_GIVEN = 1,
        /// The application context is not supported.
        APPLICATION_CONTEXT_NAME_NOT_SUPPORTED = 2,
        /// The calling AP-title is not known.
        CALLING_AP_TITLE_NOT_RECOGNIZED = 3,
        /// The calling AP-invocation-identifier is not known.
        CALLING_AP_INVOCATION_IDENTIFIER_NOT_RECOGNIZED = 4,
        /// The calling AE-qualifier is not known.
        CALLING_AE_QUALIFIER_NOT_RECOGNIZED = 5,
        /// The calling AE-invocation-identifier is not known.
        CALLING_AE_INVOCATION_IDENTIFIER_NOT_RECOGNIZED = 6,
        /// The called AP-title is not known.
        CALLED_AP_TITLE_NOT_RECOGNIZED = 7,
        /// The called AP-invocation-identifier is not known.
        CALLED_AP_INVOCATION_IDENTIFIER_NOT_RECOGNIZED = 8,
        /// The called AE-qualifier is not known.
        CALLED_AE_QUALIFIER_NOT_RECOGNIZED = 9,
        /// The called AE-invocation-identifier is not known.
        CALLED_AE_INVOCATION_IDENTIFIER_NOT_RECOGNIZED = 10,
        /// The authentication mechanism is not known.
        AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNIZED = 11,
        /// An authentication mechanism must be named.
        AUTHENTICATION_MECHANISM_NAME_REQUIRED = 12,
        /// Authentication failed.
        AUTHENTICATION_FAILURE = 13,
        /// Authentication is needed.
        AUTHENTICATION_REQUIRED = 14,
    }
}

integer! {
    /// Why the association control service rejected.
    pub struct AcseServiceProvider {
        /// It did not.
        NULL = 0,
        /// It does not say.
        NO_REASON_GIVEN = 1,
        /// The two have no version of the protocol in common.
        NO_COMMON_ACSE_VERSION = 2,
    }
}

choice! { EXPLICIT TAGS;
    /// Who rejected, and why.
    #[derive(Copy, Eq)]
    pub enum AssociateSourceDiagnostic {
        /// The application.
        AcseServiceUser(AcseServiceUser) [1],
        /// The association control service.
        AcseServiceProvider(AcseServiceProvider) [2],
    }
}

impl fmt::Display for AssociateSourceDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AcseServiceUser(diagnostic) => write!(f, "acse-service-user {diagnostic}"),
            Self::AcseServiceProvider(diagnostic) => {
                write!(f, "acse-service-provider {diagnostic}")
            }
        }
    }
}

integer! {
    /// Why a release is asked for.
    pub struct ReleaseRequestReason {
        /// All is done.
        NORMAL = 0,
        /// It can't wait.
        URGENT = 1,
        /// As the application means it.
        USER_DEFINED = 30,
    }
}

integer! {
    /// How a release is answered.
    pub struct ReleaseResponseReason {
        /// All is done.
        NORMAL = 0,
        /// Not all is done.
        NOT_FINISHED = 1,
        /// As the application means it.
        USER_DEFINED = 30,
    }
}

integer! {
    /// Who aborted.
    pub struct AbrtSource {
        /// The application.
        ACSE_SERVICE_USER = 0,
        /// The association control service.
        ACSE_SERVICE_PROVIDER = 1,
    }
}

enumerated! {
    /// Why an association was aborted.
    pub struct AbrtDiagnostic {
        /// Not said.
        NO_REASON_GIVEN = 1,
        /// The peer broke the protocol.
        PROTOCOL_ERROR = 2,
        /// The authentication mechanism is not known.
        AUTHENTICATION_MECHANISM_NAME_NOT_RECOGNIZED = 3,
        /// An authentication mechanism must be named.
        AUTHENTICATION_MECHANISM_NAME_REQUIRED = 4,
        /// Authentication failed.
        AUTHENTICATION_FAILURE = 5,
        /// Authentication is needed.
        AUTHENTICATION_REQUIRED = 6,
    }
}
