//! The other ends: a P7 user agent, a P3 MTA that delivers and one to which stores submit, for the
//! command line, the tests and the store's own bind to its MTA.
//!
//! [`p7`] and [`p3`] make binds and invocations and read answers; they know no socket.
//! [`Connection`] is the thin driver that carries them over TCP, [`UserAgent`] and
//! [`Mta`] are both together.

pub mod auto_forward;
pub mod capture;
pub mod compose;
mod connection;
mod ends;
mod error;
mod listen;
mod mts;
pub mod p3;
pub mod p7;
mod trace;

pub use connection::{Answer, CallOptions, Connection, Indication};
pub use ends::{Mta, UserAgent};
pub use error::{ClientError, OperationError};
pub use listen::{Asking, ListenOptions};
pub use trace::Trace;

use restante_ber::{Oid, Rope};
use restante_mhs::x419::{APPLICATION_CONTEXTS, ApplicationContext, Port};
use restante_osi::Invocation;
use restante_osi::x880::Code;

/// The application-context of one of the names of X.419.
fn context(name: Oid) -> &'static ApplicationContext {
    ApplicationContext::of(&name).unwrap_or(&APPLICATION_CONTEXTS[0])
}

/// What to propose for an application-context.
fn proposal(context: &ApplicationContext) -> restante_osi::ApplicationContext {
    let [bind, others @ ..] = context.ports().map(|port| context.abstract_syntax(port));
    restante_osi::ApplicationContext {
        name: context.oid().clone(),
        bind_syntax: bind.unwrap_or_else(|| context.oid().clone()),
        abstract_syntaxes: others.into_iter().flatten().collect(),
        reliable: context.reliable,
    }
}

fn invocation(
    context: &ApplicationContext,
    port: Port,
    operation: i64,
    argument: Rope,
) -> Invocation {
    Invocation {
        abstract_syntax: context.abstract_syntax(port).unwrap_or_else(|| context.oid().clone()),
        operation: Code::Local(operation),
        linked_id: None,
        argument: Some(argument),
    }
}
