//! P7 from the user agent's side: binds, invocations, and what answers mean. No socket.

use crate::ClientError;
use bytes::Bytes;
use restante_ber::{Any, Decode, Encode};
use restante_mhs::x411::{Credentials, MTSAbstractError, ORName, Password};
use restante_mhs::x413::{MSBindArgument, MSBindError, Restrictions, RetrievalError};
use restante_mhs::x419::{ApplicationContext, Edition, Port, ms_access, oids};
use restante_osi::x227::ApplicationEntity;
use restante_osi::x880::Code;
use restante_osi::{BindRequest, Invocation};

/// Who binds, and how.
#[derive(Clone, Debug)]
pub struct MsBind {
    /// Which edition's contexts to ask for.
    pub edition: Edition,
    /// Whether to ask for its context with reliable transfer (RTSE).
    pub reliable: bool,
    /// The user.
    pub name: ORName,
    /// The password.
    pub password: String,
    /// What Fetch must not return.
    pub fetch_restrictions: Option<Restrictions>,
    /// Whether to ask what the store can do.
    pub ms_configuration_request: bool,
}

impl MsBind {
    /// A bind under the 1988 contract, without restrictions or questions.
    pub fn new(name: ORName, password: impl Into<String>) -> Self {
        Self {
            edition: Edition::E1988,
            reliable: false,
            name,
            password: password.into(),
            fetch_restrictions: None,
            ms_configuration_request: false,
        }
    }

    pub(crate) fn context(&self) -> &'static ApplicationContext {
        crate::context(match (self.edition, self.reliable) {
            (Edition::E1988, false) => oids::ID_AC_MS_ACCESS_88,
            (Edition::E1988, true) => oids::ID_AC_MS_RELIABLE_ACCESS_88,
            (Edition::E1994, false) => oids::ID_AC_MS_ACCESS_94,
            (Edition::E1994, true) => oids::ID_AC_MS_RELIABLE_ACCESS_94,
        })
    }

    /// The association to ask for.
    pub fn request(&self) -> BindRequest {
        let argument = MSBindArgument {
            initiator_name: self.name.clone(),
            initiator_credentials: Credentials::Simple(Password::from(self.password.as_str())),
            security_context: None,
            fetch_restrictions: self.fetch_restrictions.clone(),
            ms_configuration_request: self.ms_configuration_request,
            ua_registration_identifier: None,
            bind_extensions: None,
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
    match MSBindError::from_bytes(error) {
        Ok(error) => error.problem().to_string(),
        Err(_) => "with an error that is none of MS-bind".to_owned(),
    }
}

/// An operation in a context.
pub fn invocation(
    context: &ApplicationContext,
    operation: i64,
    argument: &impl Encode,
) -> Invocation {
    let port = context.consumer_operation(operation).map_or(Port::Bind, |(port, _)| port);
    crate::invocation(context, port, operation, argument.to_rope())
}

/// What an error says, for people.
pub fn error_text(code: &Code, parameter: Option<&Bytes>) -> String {
    let Code::Local(number) = code else { return format!("error {code}") };
    let any = parameter.cloned().map(Any);
    if *number < ms_access::ERR_ATTRIBUTE_ERROR {
        return match MTSAbstractError::of_parts(*number, any.as_ref()) {
            Ok(error) => error.to_string(),
            Err(_) => format!("error {number}"),
        };
    }
    match RetrievalError::of(*number, any.as_ref()) {
        Ok(error) => format!("{error}"),
        Err(_) => format!("error {number}"),
    }
}

/// Reads a result.
///
/// # Errors
/// Where it is absent or not of its type.
pub fn result<T: Decode>(result: Option<Bytes>) -> Result<T, ClientError> {
    let octets = result.unwrap_or_default();
    T::from_bytes(&octets).map_err(|cause| ClientError::Malformed { what: T::NAME, cause })
}
