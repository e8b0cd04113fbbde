//! An MTA's other side of P3: stores and users that bind to it, and what they submit. It takes
//! what it is given; what becomes of a submission is for its owner to say.

use crate::capture::Capture;
use crate::{ClientError, Connection, Indication, p3, p7};
use restante_ber::{Decode, Encode, Rope};
use restante_mhs::x411::{
    Credentials, Extensions, MTAName, MTSAbstractError, MTSBindArgument, MTSBindError,
    MTSBindResult, MessageDeliveryResult, ObjectName, Password, SubmissionControlArgument,
};
use restante_mhs::x419::{ApplicationContext, Port, mts_access, oids};
use restante_osi::x227::{AcseServiceUser, AssociateResult, AssociateSourceDiagnostic};
use restante_osi::x880::{Code, InvokeProblem};
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
    pub async fn accept(mut self, name: &str, password: &str) -> Result<MtsUser, ClientError> {
        let result = MTSBindResult {
            responder_name: ObjectName::MTA(MTAName::from(name)),
            messages_waiting: None,
            responder_credentials: Credentials::Simple(Password::from(password)),
            extensions: Extensions::default(),
        };
        self.connection.respond(Request::AcceptBind { result: Some(result.to_rope()) }).await?;
        Ok(MtsUser { connection: self.connection, context: self.context })
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

/// An MTS-user, such as a store, that is bound to this end.
pub struct MtsUser {
    connection: Connection,
    context: &'static ApplicationContext,
}

impl MtsUser {
    /// The next operation that it invokes; [`ClientError::Ended`] after its unbind.
    ///
    /// # Errors
    /// Where the association has ended, or nothing comes in time.
    pub async fn next(&mut self) -> Result<Indication, ClientError> {
        self.connection.indication().await
    }

    /// Answers a submission with a result, a whole element.
    ///
    /// # Errors
    /// Where there is no such invocation or the association has ended.
    pub async fn result(&mut self, invoke_id: i64, result: Rope) -> Result<(), ClientError> {
        let abstract_syntax = self.syntax(Port::Submission);
        let result = Some(result);
        self.connection.respond(Request::Result { invoke_id, abstract_syntax, result }).await
    }

    /// Answers a submission with an error.
    ///
    /// # Errors
    /// Where there is no such invocation or the association has ended.
    pub async fn error(
        &mut self,
        invoke_id: i64,
        error: &MTSAbstractError,
    ) -> Result<(), ClientError> {
        let (code, parameter) = error.to_parts();
        let (error, parameter) = (Code::Local(code), Some(Rope::from(parameter.0)));
        let abstract_syntax = self.syntax(Port::Submission);
        let error = Request::Error { invoke_id, abstract_syntax, error, parameter };
        self.connection.respond(error).await
    }

    /// Rejects a submission.
    ///
    /// # Errors
    /// Where there is no such invocation or the association has ended.
    pub async fn reject(
        &mut self,
        invoke_id: i64,
        problem: InvokeProblem,
    ) -> Result<(), ClientError> {
        self.connection.respond(Request::RejectInvoke { invoke_id, problem }).await
    }

    /// Delivers a message over this association: `argument` is a whole MessageDeliveryArgument.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn deliver(&mut self, argument: Rope) -> Result<MessageDeliveryResult, ClientError> {
        let invoke_id =
            self.connection.invoke(p3::message_delivery(self.context, argument)).await?;
        p7::result(self.connection.answer(invoke_id).await?.into_result(p3::error_text)?)
    }

    /// Delivers a report: `argument` is a whole ReportDeliveryArgument.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn report(&mut self, argument: Rope) -> Result<(), ClientError> {
        let invoke_id =
            self.connection.invoke(p3::report_delivery(self.context, argument)).await?;
        self.connection.answer(invoke_id).await?.into_result(p3::error_text).map(drop)
    }

    /// Says what may be submitted from now on.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn control(
        &mut self,
        argument: &SubmissionControlArgument,
    ) -> Result<(), ClientError> {
        let operation = mts_access::OP_SUBMISSION_CONTROL;
        let invocation = p3::of_mts(self.context, operation, argument.to_rope());
        let invoke_id = self.connection.invoke(invocation).await?;
        self.connection.answer(invoke_id).await?.into_result(p3::error_text).map(drop)
    }

    /// The association itself.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    fn syntax(&self, port: Port) -> restante_ber::Oid {
        self.context.abstract_syntax(port).unwrap_or_else(|| self.context.oid().clone())
    }
}
