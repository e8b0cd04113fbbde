//! Why an APDU is rejected (X.880 §8.4, `RejectProblem`).

use core::fmt;
use restante_ber::{choice, integer};

integer! {
    /// Problems that no one kind of APDU has for itself.
    pub struct GeneralProblem {
        /// The APDU is of no kind that X.880 has.
        UNRECOGNIZED_PDU = 0,
        /// The APDU is not built as its kind is.
        MISTYPED_PDU = 1,
        /// The APDU is no BER.
        BADLY_STRUCTURED_PDU = 2,
    }
}

integer! {
    /// Problems of an invocation.
    pub struct InvokeProblem {
        /// The invocation's number is in use.
        DUPLICATE_INVOCATION = 0,
        /// There is no such operation here.
        UNRECOGNIZED_OPERATION = 1,
        /// The argument is not of the operation's type.
        MISTYPED_ARGUMENT = 2,
        /// Too much is outstanding.
        RESOURCE_LIMITATION = 3,
        /// The association is about to be released.
        RELEASE_IN_PROGRESS = 4,
        /// The operation that this one is linked to is not outstanding.
        UNRECOGNIZED_LINKED_ID = 5,
        /// The operation that this one is linked to has none linked.
        LINKED_RESPONSE_UNEXPECTED = 6,
        /// The operation that this one is linked to has others linked.
        UNEXPECTED_LINKED_OPERATION = 7,
    }
}

integer! {
    /// Problems of a result.
    pub struct ReturnResultProblem {
        /// No such invocation is outstanding.
        UNRECOGNIZED_INVOCATION = 0,
        /// The operation returns no result.
        RESULT_RESPONSE_UNEXPECTED = 1,
        /// The result is not of the operation's type.
        MISTYPED_RESULT = 2,
    }
}

integer! {
    /// Problems of an error.
    pub struct ReturnErrorProblem {
        /// No such invocation is outstanding.
        UNRECOGNIZED_INVOCATION = 0,
        /// The operation returns no error.
        ERROR_RESPONSE_UNEXPECTED = 1,
        /// There is no such error.
        UNRECOGNIZED_ERROR = 2,
        /// The operation does not have this error.
        UNEXPECTED_ERROR = 3,
        /// The parameter is not of the error's type.
        MISTYPED_PARAMETER = 4,
    }
}

choice! { IMPLICIT TAGS;
    /// Why an APDU is rejected.
    #[derive(Copy, Eq)]
    pub enum RejectProblem {
        /// Of no one kind of APDU.
        General(GeneralProblem) [0],
        /// Of an invocation.
        Invoke(InvokeProblem) [1],
        /// Of a result.
        ReturnResult(ReturnResultProblem) [2],
        /// Of an error.
        ReturnError(ReturnErrorProblem) [3],
    }
}

impl fmt::Display for RejectProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::General(problem) => write!(f, "general problem {problem}"),
            Self::Invoke(problem) => write!(f, "invoke problem {problem}"),
            Self::ReturnResult(problem) => write!(f, "return-result problem {problem}"),
            Self::ReturnError(problem) => write!(f, "return-error problem {problem}"),
        }
    }
}
