//! An MTA's other side of P3: stores and users that bind to it, and what they submit. It takes
//! what it is given; what becomes of a submission is for its owner to say.

use crate::capture::Capture;
use crate::{ClientError, Connection, Mta};
use restante_ber::{Decode, Encode};
use restante_mhs::x411::{
    Credentials, Extensions, MTAName, MTSBindArgument, MTSBindError, MTSBindResult, ObjectName,
    Password,
};
use restante_mhs::x419::{ApplicationContext, oids};
use restante_osi::x227::{AcseServiceUser, AssociateResult, AssociateSourceDiagnostic};
use restante_osi::{ContextTable, Limits, Request, ResponderOptions, RtseOptions, Tracer};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// How an end that listens serves one connection.
#[derive(Debug, Default)]
pub struct ListenOptions {
    /// How long to wait for whatever must come; `None`: a day.
    pub patience: Option<Duration>,
    /// Who wants to see the PDUs.
    pub tracer: Option<Box<dyn Tracer>>,
    /// Where to record the connection.
    pub capture: Option<Capture>,
    /// Reliable transfer, where the peer asks for it.
    pub rtse: RtseOptions,
}

/// The most octets that are taken as one PDU.
const TSDU_OCTETS_MAX: usize = 1 << 30;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An MTS-user that asks to be bound.
pub struct Asking {
    connection: Connection,
    context: &'static ApplicationContext,
    /// What it says.
    pub argument: MTSBindArgument,
}

impl Asking {
    /// Takes a connection up to its bind, in mts-access or mts-reliable-access of 1988
    /// or 1994.
    ///
    /// # Errors
    /// Where the peer asks for something else, breaks a protocol, or falls silent.
    pub async fn over(stream: TcpStream, options: ListenOptions) -> Result<Self, ClientError> {
        let contexts = [
            oids::ID_AC_MTS_ACCESS_88,
            oids::ID_AC_MTS_ACCESS_94,
            oids::ID_AC_MTS_RELIABLE_ACCESS_88,
            oids::ID_AC_MTS_RELIABLE_ACCESS_94,
        ];
        let contexts = contexts.map(|name| crate::proposal(crate::context(name)));
        let patience = options.patience.unwrap_or(DAY);
        let mut responder = ResponderOptions::new(Arc::new(ContextTable(contexts.to_vec())));
        responder.tracer = options.tracer;
        responder.rtse = options.rtse;
        responder.limits =
            Limits { bind_time: patience, tsdu: TSDU_OCTETS_MAX, ..Limits::default() };
        let capture = options.capture.as_ref();
        let (mut connection, indication) =
            Connection::accept(stream, responder, patience, capture).await?;
        let octets = indication.argument.unwrap_or_default();
        match MTSBindArgument::from_bytes(&octets) {
            Ok(argument) => {
                let context = crate::context(indication.application_context);
                Ok(Self { connection, context, argument })
            }
            Err(cause) => {
                let why = AcseServiceUser::NO_REASON_GIVEN;
                let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(why);
                let result = AssociateResult::REJECTED_PERMANENT;
                let refusal = Request::RefuseAssociation { result, diagnostic };
                connection.respond(refusal).await?;
                Err(ClientError::Malformed { what: "MTS-bind argument", cause })
            }
        }
    }

    /// Accepts, as the MTA of this name.
    ///
    /// # Errors
    /// Where the association has ended.
    pub async fn accept(mut self, name: &str, password: &str) -> Result<Mta, ClientError> {
        let result = MTSBindResult {
            responder_name: ObjectName::MTA(MTAName::from(name)),
            messages_waiting: None,
            responder_credentials: Credentials::Simple(Password::from(password)),
            extensions: Extensions::default(),
        };
        self.connection.respond(Request::AcceptBind { result: Some(result.to_rope()) }).await?;
        Ok(Mta::over(self.connection, self.context))
    }

    /// Refuses.
    ///
    /// # Errors
    /// Where the association has ended.
    pub async fn refuse(mut self, error: MTSBindError) -> Result<(), ClientError> {
        self.connection.respond(Request::RefuseBind { error: error.to_rope() }).await?;
        self.connection.ended().await
    }
}
