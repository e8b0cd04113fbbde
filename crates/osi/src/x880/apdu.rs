//! The APDUs of X.880 §9 and the bind and unbind PDUs of `Bind{}` and `Unbind{}`.

use crate::Open;
use crate::x880::RejectProblem;
use core::fmt;
use restante_ber::{Null, Oid, choice, sequence};

choice! { IMPLICIT TAGS;
    /// The number of an operation or error.
    #[derive(Eq, Hash)]
    pub enum Code {
        /// A number within the abstract syntax.
        Local(i64),
        /// A registered one.
        Global(Oid),
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(number) => write!(f, "{number}"),
            Self::Global(oid) => write!(f, "{oid}"),
        }
    }
}

choice! { IMPLICIT TAGS;
    /// The number of an invocation.
    #[derive(Copy, Eq)]
    pub enum InvokeId {
        /// The number.
        Present(i64),
        /// Only in a reject of what has no readable number.
        Absent(Null),
    }
}

impl InvokeId {
    /// The number where there is one.
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Present(number) => Some(number),
            Self::Absent(_) => None,
        }
    }
}

impl From<Option<i64>> for InvokeId {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Absent(Null), Self::Present)
    }
}

choice! { IMPLICIT TAGS;
    /// The invocation to which another is linked.
    #[derive(Copy, Eq)]
    pub enum LinkedId {
        /// Its number.
        Present(i64) [0],
        /// Written out that there is none.
        Absent(Null) [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// ROIV: an invocation.
    pub struct Invoke {
        /// Its number.
        invoke_id: InvokeId,
        /// What it is linked to.
        linked_id: Option<LinkedId>,
        /// The operation.
        opcode: Code,
        /// Its argument, a whole element.
        argument: Option<Open>,
    }
}

sequence! { IMPLICIT TAGS;
    /// The operation and its result.
    pub struct ReturnedResult {
        /// The operation.
        opcode: Code,
        /// Its result, a whole element.
        result: Open,
    }
}

sequence! { IMPLICIT TAGS;
    /// RORS: the result of an operation.
    pub struct ReturnResult {
        /// The invocation's number.
        invoke_id: InvokeId,
        /// Absent where the operation returns nothing.
        result: Option<ReturnedResult>,
    }
}

sequence! { IMPLICIT TAGS;
    /// ROER: the error of an operation.
    pub struct ReturnError {
        /// The invocation's number.
        invoke_id: InvokeId,
        /// The error.
        errcode: Code,
        /// Its parameter, a whole element.
        parameter: Option<Open>,
    }
}

sequence! { IMPLICIT TAGS;
    /// RORJ: a rejection.
    pub struct Reject {
        /// The number of what is rejected, absent where it could not be read.
        invoke_id: InvokeId,
        /// Why.
        problem: RejectProblem,
    }
}

choice! { IMPLICIT TAGS;
    /// An APDU of remote operations.
    pub enum Ros {
        /// ROIV.
        Invoke(Invoke) [1],
        /// RORS.
        ReturnResult(ReturnResult) [2],
        /// ROER.
        ReturnError(ReturnError) [3],
        /// RORJ.
        Reject(Reject) [4],
    }
}

choice! { EXPLICIT TAGS;
    /// What travels in the user-information of AARQ and AARE.
    pub enum Bind {
        /// The argument.
        BindInvoke(Open) [16],
        /// The result.
        BindResult(Open) [17],
        /// The parameter of the bind error.
        BindError(Open) [18],
    }
}

choice! { EXPLICIT TAGS;
    /// What travels in the user-information of RLRQ and RLRE.
    pub enum Unbind {
        /// The argument.
        UnbindInvoke(Open) [19],
        /// The result.
        UnbindResult(Open) [20],
        /// The parameter of the unbind error.
        UnbindError(Open) [21],
    }
}
