//! The abstract-errors of the MTS (X.411) with the codes that X.419 gives them.

use super::{ExtensionType, ORAddressAndOrDirectoryName, SecurityProblem};
use crate::x419::mts_access as code;
use core::fmt;
use restante_ber::{Any, Error, Null, Result, choice, integer, set};

/// An abstract-error of the MTS, with its parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum MTSAbstractError {
    /// submission-control-violated, or delivery-control-violated: they share a code.
    ControlViolated,
    /// originator-invalid
    OriginatorInvalid,
    /// recipient-improperly-specified, and who.
    RecipientImproperlySpecified(Vec<ORAddressAndOrDirectoryName>),
    /// element-of-service-not-subscribed
    ElementOfServiceNotSubscribed,
    /// old-credentials-incorrectly-specified
    OldCredentialsIncorrectlySpecified,
    /// new-credentials-unacceptable
    NewCredentialsUnacceptable,
    /// message-submission-identifier-invalid
    MessageSubmissionIdentifierInvalid,
    /// deferred-delivery-cancellation-rejected
    DeferredDeliveryCancellationRejected,
    /// register-rejected
    RegisterRejected,
    /// inconsistent-request
    InconsistentRequest,
    /// security-error, and why.
    SecurityError(SecurityProblem),
    /// unsupported-critical-function
    UnsupportedCriticalFunction,
    /// control-violates-registration
    ControlViolatesRegistration,
    /// remote-bind-error
    RemoteBindError,
    /// operation-refused (1994), and what and why.
    OperationRefused(RefusedOperation),
}

impl MTSAbstractError {
    /// The code and the parameter of the error.
    pub fn to_parts(&self) -> (i64, Any) {
        let (code, parameter) = match self {
            Self::ControlViolated => (code::ERR_DELIVERY_CONTROL_VIOLATED, None),
            Self::OriginatorInvalid => (code::ERR_ORIGINATOR_INVALID, None),
            Self::RecipientImproperlySpecified(recipients) => {
                (code::ERR_RECIPIENT_IMPROPERLY_SPECIFIED, Some(Any::of(recipients)))
            }
            Self::ElementOfServiceNotSubscribed => {
                (code::ERR_ELEMENT_OF_SERVICE_NOT_SUBSCRIBED, None)
            }
            Self::OldCredentialsIncorrectlySpecified => {
                (code::ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED, None)
            }
            Self::NewCredentialsUnacceptable => (code::ERR_NEW_CREDENTIALS_UNACCEPTABLE, None),
            Self::MessageSubmissionIdentifierInvalid => {
                (code::ERR_MESSAGE_SUBMISSION_IDENTIFIER_INVALID, None)
            }
            Self::DeferredDeliveryCancellationRejected => {
                (code::ERR_DEFERRED_DELIVERY_CANCELLATION_REJECTED, None)
            }
            Self::RegisterRejected => (code::ERR_REGISTER_REJECTED, None),
            Self::InconsistentRequest => (code::ERR_INCONSISTENT_REQUEST, None),
            Self::SecurityError(problem) => (code::ERR_SECURITY_ERROR, Some(Any::of(problem))),
            Self::UnsupportedCriticalFunction => (code::ERR_UNSUPPORTED_CRITICAL_FUNCTION, None),
            Self::ControlViolatesRegistration => (code::ERR_CONTROL_VIOLATES_REGISTRATION, None),
            Self::RemoteBindError => (code::ERR_REMOTE_BIND_ERROR, None),
            Self::OperationRefused(refused) => {
                (code::ERR_OPERATION_REFUSED, Some(Any::of(refused)))
            }
        };
        (code, parameter.unwrap_or_else(|| Any::of(&Null)))
    }

    /// The error of a code and a parameter. A parameter that says nothing may be absent.
    ///
    /// # Errors
    /// When the code is none of the MTS, or the parameter is not of its type.
    pub fn of_parts(code: i64, parameter: Option<&Any>) -> Result<Self> {
        let missing = Error::Missing { of: "abstract-error", member: "parameter" };
        Ok(match code {
            code::ERR_DELIVERY_CONTROL_VIOLATED => Self::ControlViolated,
            code::ERR_ORIGINATOR_INVALID => Self::OriginatorInvalid,
            code::ERR_RECIPIENT_IMPROPERLY_SPECIFIED => {
                Self::RecipientImproperlySpecified(parameter.ok_or(missing)?.to()?)
            }
            code::ERR_ELEMENT_OF_SERVICE_NOT_SUBSCRIBED => Self::ElementOfServiceNotSubscribed,
            code::ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED => {
                Self::OldCredentialsIncorrectlySpecified
            }
            code::ERR_NEW_CREDENTIALS_UNACCEPTABLE => Self::NewCredentialsUnacceptable,
            code::ERR_MESSAGE_SUBMISSION_IDENTIFIER_INVALID => {
                Self::MessageSubmissionIdentifierInvalid
            }
            code::ERR_DEFERRED_DELIVERY_CANCELLATION_REJECTED => {
                Self::DeferredDeliveryCancellationRejected
            }
            code::ERR_REGISTER_REJECTED => Self::RegisterRejected,
            code::ERR_INCONSISTENT_REQUEST => Self::InconsistentRequest,
            code::ERR_SECURITY_ERROR => Self::SecurityError(parameter.ok_or(missing)?.to()?),
            code::ERR_UNSUPPORTED_CRITICAL_FUNCTION => Self::UnsupportedCriticalFunction,
            code::ERR_CONTROL_VIOLATES_REGISTRATION => Self::ControlViolatesRegistration,
            code::ERR_REMOTE_BIND_ERROR => Self::RemoteBindError,
            code::ERR_OPERATION_REFUSED => Self::OperationRefused(parameter.ok_or(missing)?.to()?),
            _ => return Err(Error::Value("an error code that the MTS does not have")),
        })
    }
}

impl fmt::Display for MTSAbstractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::ControlViolated => "control-violated",
            Self::OriginatorInvalid => "originator-invalid",
            Self::RecipientImproperlySpecified(_) => "recipient-improperly-specified",
            Self::ElementOfServiceNotSubscribed => "element-of-service-not-subscribed",
            Self::OldCredentialsIncorrectlySpecified => "old-credentials-incorrectly-specified",
            Self::NewCredentialsUnacceptable => "new-credentials-unacceptable",
            Self::MessageSubmissionIdentifierInvalid => "message-submission-identifier-invalid",
            Self::DeferredDeliveryCancellationRejected => {
                "deferred-delivery-cancellation-rejected"
            }
            Self::RegisterRejected => "register-rejected",
            Self::InconsistentRequest => "inconsistent-request",
            Self::SecurityError(problem) => return write!(f, "security-error: {problem}"),
            Self::UnsupportedCriticalFunction => "unsupported-critical-function",
            Self::ControlViolatesRegistration => "control-violates-registration",
            Self::RemoteBindError => "remote-bind-error",
            Self::OperationRefused(refused) => {
                return write!(f, "operation-refused: {}", refused.refusal_reason);
            }
        };
        f.write_str(name)
    }
}

impl core::error::Error for MTSAbstractError {}

set! { IMPLICIT TAGS;
    /// What is refused, and why.
    #[derive(Eq, Hash)]
    pub struct RefusedOperation {
        /// What.
        refused_argument: RefusedOperationArgument,
        /// Why.
        refusal_reason: RefusalReason [2],
    }
}

choice! { IMPLICIT TAGS;
    /// What is refused: a member of the argument, or an extension.
    #[derive(Eq, Hash)]
    pub enum RefusedOperationArgument {
        /// A member.
        BuiltInArgument(RefusedArgument) [1],
        /// An extension.
        RefusedExtension(ExtensionType),
    }
}

integer! {
    /// A member of an argument.
    pub struct RefusedArgument {
        /// user-name
        USER_NAME = 0,
        /// user-address
        USER_ADDRESS = 1,
        /// content-types of a deliverable class
        DELIVERABLE_CONTENT_TYPES = 2,
        /// maximum-content-length of a deliverable class
        DELIVERABLE_MAXIMUM_CONTENT_LENGTH = 3,
        /// encoded-information-types-constraints of a deliverable class
        DELIVERABLE_ENCODED_INFORMATION_TYPES_CONSTRAINTS = 4,
        /// security-labels of a deliverable class
        DELIVERABLE_SECURITY_LABELS = 5,
        /// redirections
        RECIPIENT_ASSIGNED_REDIRECTIONS = 6,
        /// restricted-delivery
        RESTRICTED_DELIVERY = 7,
        /// retrieve-registrations
        RETRIEVE_REGISTRATIONS = 8,
        /// restrict
        RESTRICT = 10,
        /// permissible-operations
        PERMISSIBLE_OPERATIONS = 11,
        /// permissible-lowest-priority
        PERMISSIBLE_LOWEST_PRIORITY = 12,
        /// permissible-encoded-information-types
        PERMISSIBLE_ENCODED_INFORMATION_TYPES = 13,
        /// permissible-content-types
        PERMISSIBLE_CONTENT_TYPES = 14,
        /// permissible-maximum-content-length
        PERMISSIBLE_MAXIMUM_CONTENT_LENGTH = 15,
        /// permissible-security-context
        PERMISSIBLE_SECURITY_CONTEXT = 16,
    }
}

integer! {
    /// Why an operation is refused.
    pub struct RefusalReason {
        /// There is no such thing here.
        FACILITY_UNAVAILABLE = 0,
        /// The user does not have it.
        FACILITY_NOT_SUBSCRIBED = 1,
        /// That value is not accepted.
        PARAMETER_UNACCEPTABLE = 2,
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
