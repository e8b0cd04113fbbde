//! P3: binds of an MTA and of a message store to its MTA, deliveries, submissions, and what
//! answers mean. No socket.

use bytes::Bytes;
use restante_ber::{Any, Decode, Encode, Rope};
use restante_mhs::x411::{
    Credentials, Extensions, MTAName, MTSAbstractError, MTSBindArgument, MTSBindError, ORName,
    ObjectName, Password,
};
use restante_mhs::x419::{ApplicationContext, Edition, Port, mts_access, oids};
use restante_osi::x227::ApplicationEntity;
use restante_osi::x880::Code;
use restante_osi::{BindRequest, Invocation};

/// Who binds, and how.
#[derive(Clone, Debug)]
pub struct MtsBind {
    /// Which edition's contexts to ask for.
    pub edition: Edition,
    /// Whether to ask for a context with reliable transfer (RTSE).
    pub reliable: bool,
    /// Whether to ask for a forced-access context, as an MTA that delivers usually does.
    pub forced: bool,
    /// Who binds.
    pub initiator: ObjectName,
    /// Its password.
    pub password: String,
}

impl MtsBind {
    /// A bind in mts-forced-access of 1988.
    pub fn new(mta_name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            edition: Edition::E1988,
            reliable: false,
            forced: true,
            initiator: ObjectName::MTA(MTAName::from(mta_name.into().as_str())),
            password: password.into(),
        }
    }

    /// A bind of a message store to its MTA, to submit in a user's name or its own: in mts-access.
    pub fn message_store(edition: Edition, name: ORName, password: impl Into<String>) -> Self {
        Self {
            edition,
            reliable: false,
            forced: false,
            initiator: ObjectName::MessageStore(name),
            password: password.into(),
        }
    }

    /// The application-context that is asked for.
    pub fn context(&self) -> &'static ApplicationContext {
        crate::context(match (self.edition, self.forced, self.reliable) {
            (Edition::E1988, true, false) => oids::ID_AC_MTS_FORCED_ACCESS_88,
            (Edition::E1988, false, false) => oids::ID_AC_MTS_ACCESS_88,
            (Edition::E1988, true, true) => oids::ID_AC_MTS_FORCED_RELIABLE_ACCESS_88,
            (Edition::E1988, false, true) => oids::ID_AC_MTS_RELIABLE_ACCESS_88,
            (Edition::E1994, true, false) => oids::ID_AC_MTS_FORCED_ACCESS_94,
            (Edition::E1994, false, false) => oids::ID_AC_MTS_ACCESS_94,
            (Edition::E1994, true, true) => oids::ID_AC_MTS_FORCED_RELIABLE_ACCESS_94,
            (Edition::E1994, false, true) => oids::ID_AC_MTS_RELIABLE_ACCESS_94,
        })
    }

    /// The association to ask for.
    pub fn request(&self) -> BindRequest {
        let argument = MTSBindArgument {
            initiator_name: self.initiator.clone(),
            messages_waiting: None,
            initiator_credentials: Credentials::Simple(Password::from(self.password.as_str())),
            security_context: None,
            extensions: Extensions::default(),
        };
        BindRequest {
            context: crate::proposal(self.context()),
            called_entity: ApplicationEntity::default(),
            calling_entity: ApplicationEntity::default(),
            argument: Some(argument.to_rope()),
        }
    }
}

/// What a bind error says, for people.
pub fn bind_error_text(error: &Bytes) -> String {
    match MTSBindError::from_bytes(error) {
        Ok(error) => error.to_string(),
        Err(_) => "with an error that is none of MTS-bind".to_owned(),
    }
}

/// A message-delivery; the argument is a whole `MessageDeliveryArgument`.
pub fn message_delivery(context: &ApplicationContext, argument: Rope) -> Invocation {
    crate::invocation(context, Port::Delivery, mts_access::OP_MESSAGE_DELIVERY, argument)
}

/// A report-delivery; the argument is a whole `ReportDeliveryArgument`.
pub fn report_delivery(context: &ApplicationContext, argument: Rope) -> Invocation {
    crate::invocation(context, Port::Delivery, mts_access::OP_REPORT_DELIVERY, argument)
}

/// An operation that an MTS-user invokes, of whichever port has its code; the argument is a whole
/// element.
pub fn of_user(context: &ApplicationContext, operation: i64, argument: Rope) -> Invocation {
    let port = context.consumer_operation(operation).map_or(Port::Submission, |(port, _)| port);
    crate::invocation(context, port, operation, argument)
}

/// An operation that the MTS invokes, of whichever port has its code; the argument is a whole
/// element.
pub fn of_mts(context: &ApplicationContext, operation: i64, argument: Rope) -> Invocation {
    let port = context.supplier_operation(operation).map_or(Port::Delivery, |(port, _)| port);
    crate::invocation(context, port, operation, argument)
}

/// What an error says, for people.
pub fn error_text(code: &Code, parameter: Option<&Bytes>) -> String {
    let Code::Local(number) = code else { return format!("error {code}") };
    match MTSAbstractError::of_parts(*number, parameter.cloned().map(Any).as_ref()) {
        Ok(error) => error.to_string(),
        Err(_) => format!("error {number}"),
    }
}
