//! X.419: the access protocols P3 and P7. Which application-contexts and abstract syntaxes there
//! are, which edition they mean, and which operations go over which of them.

pub mod ms_access;
pub mod mts_access;
pub mod oids;

use oids::*;
use restante_ber::Oid;

/// Which protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// MTS access.
    P3,
    /// Message store access.
    P7,
}

/// Which edition's types are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Edition {
    /// 1988
    E1988,
    /// 1994 and later
    E1994,
}

/// A group of operations that has an abstract syntax of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Port {
    /// Bind and unbind.
    Bind,
    /// Submission, in P7 also indirect submission.
    Submission,
    /// Delivery, in P3.
    Delivery,
    /// Retrieval, in P7.
    Retrieval,
    /// Administration.
    Administration,
}

/// An application-context.
#[derive(Debug, PartialEq, Eq)]
pub struct ApplicationContext {
    /// X.419's name of it.
    pub name: &'static str,
    /// Which protocol.
    pub protocol: Protocol,
    /// Which edition.
    pub edition: Edition,
    /// Whether RTSE is in it.
    pub reliable: bool,
    /// Whether the MTS binds to its user, P3 only.
    pub forced: bool,
    oid: Oid,
}

macro_rules! contexts {
    ($(
        $name:literal $oid:ident $protocol:ident $edition:ident $reliable:literal $forced:literal;
    )*) => {
        /// All of them, those of 1994 and without RTSE first.
        pub static APPLICATION_CONTEXTS: [ApplicationContext; 12] = [$(ApplicationContext {
            name: $name,
            protocol: Protocol::$protocol,
            edition: Edition::$edition,
            reliable: $reliable,
            forced: $forced,
            oid: $oid,
        },)*];
    };
}

contexts! {
    "mts-access-94" ID_AC_MTS_ACCESS_94 P3 E1994 false false;
    "mts-forced-access-94" ID_AC_MTS_FORCED_ACCESS_94 P3 E1994 false true;
    "ms-access-94" ID_AC_MS_ACCESS_94 P7 E1994 false false;
    "mts-access-88" ID_AC_MTS_ACCESS_88 P3 E1988 false false;
    "mts-forced-access-88" ID_AC_MTS_FORCED_ACCESS_88 P3 E1988 false true;
    "ms-access-88" ID_AC_MS_ACCESS_88 P7 E1988 false false;
    "mts-reliable-access-94" ID_AC_MTS_RELIABLE_ACCESS_94 P3 E1994 true false;
    "mts-forced-reliable-access-94" ID_AC_MTS_FORCED_RELIABLE_ACCESS_94 P3 E1994 true true;
    "ms-reliable-access-94" ID_AC_MS_RELIABLE_ACCESS_94 P7 E1994 true false;
    "mts-reliable-access-88" ID_AC_MTS_RELIABLE_ACCESS_88 P3 E1988 true false;
    "mts-forced-reliable-access-88" ID_AC_MTS_FORCED_RELIABLE_ACCESS_88 P3 E1988 true true;
    "ms-reliable-access-88" ID_AC_MS_RELIABLE_ACCESS_88 P7 E1988 true false;
}

impl ApplicationContext {
    /// The application-context of a name, `None` where it is none of P3 or P7.
    pub fn of(oid: &Oid) -> Option<&'static Self> {
        APPLICATION_CONTEXTS.iter().find(|context| context.oid == *oid)
    }

    /// Its object identifier.
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// The ports whose operations it carries, [`Port::Bind`] first.
    pub fn ports(&self) -> [Port; 4] {
        let own = match self.protocol {
            Protocol::P3 => Port::Delivery,
            Protocol::P7 => Port::Retrieval,
        };
        [Port::Bind, Port::Submission, own, Port::Administration]
    }

    /// The abstract syntax of a port in this context, `None` where it does not have the port.
    pub fn abstract_syntax(&self, port: Port) -> Option<Oid> {
        use {Edition::*, Protocol::*};
        Some(match (port, self.protocol, self.edition) {
            (Port::Bind, P3, _) if self.reliable => ID_AS_MTS_RTSE,
            (Port::Bind, P3, _) => ID_AS_MTS,
            (Port::Bind, P7, _) if self.reliable => ID_AS_MS_RTSE,
            (Port::Bind, P7, E1988) => ID_AS_MS_88,
            (Port::Bind, P7, E1994) => ID_AS_MS_94,
            (Port::Submission, P7, E1994) => ID_AS_MS_MSSE,
            (Port::Submission, _, _) => ID_AS_MSSE,
            (Port::Delivery, P3, E1988) => ID_AS_MDSE_88,
            (Port::Delivery, P3, E1994) => ID_AS_MDSE_94,
            (Port::Retrieval, P7, E1988) => ID_AS_MRSE_88,
            (Port::Retrieval, P7, E1994) => ID_AS_MRSE_94,
            (Port::Administration, _, E1988) => ID_AS_MASE_88,
            (Port::Administration, _, E1994) => ID_AS_MASE_94,
            (Port::Delivery, P7, _) | (Port::Retrieval, P3, _) => return None,
        })
    }

    /// The port and the name of an operation that the consumer of the service invokes, a user or
    /// a user agent, `None` where this context has no such operation.
    pub fn consumer_operation(&self, code: i64) -> Option<(Port, &'static str)> {
        self.operation(code, CONSUMER_OPERATIONS)
    }

    /// The port and the name of an operation that the supplier of the service invokes, the MTS
    /// or the store, `None` where this context has no such operation.
    pub fn supplier_operation(&self, code: i64) -> Option<(Port, &'static str)> {
        self.operation(code, SUPPLIER_OPERATIONS)
    }

    fn operation(&self, code: i64, among: &[Operation]) -> Option<(Port, &'static str)> {
        let (port, _, name) = *among
            .iter()
            .find(|(port, number, _)| *number == code && self.ports().contains(port))?;
        let late = code == ms_access::OP_MODIFY && self.edition == Edition::E1988;
        (!late).then_some((port, name))
    }
}

type Operation = (Port, i64, &'static str);

const CONSUMER_OPERATIONS: &[Operation] = &[
    (Port::Submission, mts_access::OP_MESSAGE_SUBMISSION, "message-submission"),
    (Port::Submission, mts_access::OP_PROBE_SUBMISSION, "probe-submission"),
    (Port::Submission, mts_access::OP_CANCEL_DEFERRED_DELIVERY, "cancel-deferred-delivery"),
    (Port::Delivery, mts_access::OP_DELIVERY_CONTROL, "delivery-control"),
    (Port::Administration, mts_access::OP_REGISTER, "register"),
    (Port::Administration, mts_access::OP_CHANGE_CREDENTIALS, "change-credentials"),
    (Port::Retrieval, ms_access::OP_SUMMARIZE, "summarize"),
    (Port::Retrieval, ms_access::OP_LIST, "list"),
    (Port::Retrieval, ms_access::OP_FETCH, "fetch"),
    (Port::Retrieval, ms_access::OP_DELETE, "delete"),
    (Port::Retrieval, ms_access::OP_REGISTER_MS, "register-MS"),
    (Port::Retrieval, ms_access::OP_MODIFY, "modify"),
];

const SUPPLIER_OPERATIONS: &[Operation] = &[
    (Port::Submission, mts_access::OP_SUBMISSION_CONTROL, "submission-control"),
    (Port::Delivery, mts_access::OP_MESSAGE_DELIVERY, "message-delivery"),
    (Port::Delivery, mts_access::OP_REPORT_DELIVERY, "report-delivery"),
    (Port::Retrieval, ms_access::OP_ALERT, "alert"),
    // X.411 has change-credentials invoked by either side.
    (Port::Administration, mts_access::OP_CHANGE_CREDENTIALS, "change-credentials"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_object_identifiers_belong_together() {
        for context in &APPLICATION_CONTEXTS {
            let name = format!("id-ac-{}", context.name);
            crate::oids::check("MHSProtocolObjectIdentifiers", &name, context.oid());
            assert_eq!(ApplicationContext::of(context.oid()), Some(context));
            assert_eq!(context.forced, name.contains("forced"));
            assert_eq!(context.reliable, name.contains("reliable"));
            assert_eq!(context.protocol == Protocol::P3, name.contains("mts"));
            assert_eq!(context.edition == Edition::E1994, name.ends_with("94"));
            assert!(context.ports().iter().all(|port| context.abstract_syntax(*port).is_some()));
        }
        assert_eq!(ApplicationContext::of(&ID_AC_MTS_TRANSFER), None);
    }

    #[test]
    fn the_abstract_syntaxes_of_a_context() {
        let of = |oid| {
            let context = ApplicationContext::of(&oid).unwrap();
            context.ports().map(|port| context.abstract_syntax(port).unwrap().to_string())
        };
        let below = |arcs: [u64; 4]| arcs.map(|arc| format!("2.6.0.2.{arc}"));
        assert_eq!(of(ID_AC_MS_ACCESS_88), below([9, 1, 5, 6]));
        assert_eq!(of(ID_AC_MS_ACCESS_94), below([17, 13, 15, 16]));
        assert_eq!(of(ID_AC_MS_RELIABLE_ACCESS_88), below([10, 1, 5, 6]));
        assert_eq!(of(ID_AC_MTS_FORCED_ACCESS_88), below([11, 1, 2, 6]));
        assert_eq!(of(ID_AC_MTS_ACCESS_94), below([11, 1, 14, 16]));
        assert_eq!(of(ID_AC_MTS_RELIABLE_ACCESS_94), below([8, 1, 14, 16]));
    }

    #[test]
    fn operations_by_who_invokes_them() {
        let p3 = ApplicationContext::of(&ID_AC_MTS_ACCESS_88).unwrap();
        assert_eq!(p3.consumer_operation(2), Some((Port::Delivery, "delivery-control")));
        assert_eq!(p3.supplier_operation(2), Some((Port::Submission, "submission-control")));
        assert_eq!(p3.supplier_operation(5), Some((Port::Delivery, "message-delivery")));
        assert_eq!(p3.consumer_operation(22), None);
        let p7 = ApplicationContext::of(&ID_AC_MS_ACCESS_88).unwrap();
        assert_eq!(p7.consumer_operation(22), Some((Port::Retrieval, "fetch")));
        assert_eq!(p7.consumer_operation(26), None, "modify is of 1994");
        assert_eq!(p7.supplier_operation(5), None);
        let p7 = ApplicationContext::of(&ID_AC_MS_ACCESS_94).unwrap();
        assert_eq!(p7.consumer_operation(26), Some((Port::Retrieval, "modify")));
    }
}
