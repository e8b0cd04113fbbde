//! Remote operations: the protocol data units of X.880 (module
//! `Remote-Operations-Generic-ROS-PDUs`), which X.229 puts on the wire in the same form, and the
//! rules of invocation ([`Rose`]).
//!
//! Arguments, results and parameters are carried as the octets they are; no operation is known
//! here.

mod apdu;
mod problem;
mod rose;

pub use apdu::{
    Bind, Code, Invoke, InvokeId, LinkedId, Reject, ReturnError, ReturnResult, ReturnedResult,
    Ros, Unbind,
};
pub use problem::{
    GeneralProblem, InvokeProblem, RejectProblem, ReturnErrorProblem, ReturnResultProblem,
};
pub use rose::{Performing, Received, Rose};
