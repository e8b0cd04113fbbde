//! Both ends over TCP: a P7 user agent and a P3 MTA.

use crate::connection::bind_error;
use crate::p3::{self, MtsBind};
use crate::p7::{self, MsBind};
use crate::{Answer, CallOptions, ClientError, Connection, Indication};
use bytes::Bytes;
use restante_ber::{Encode, Null, Rope};
use restante_mhs::x411::{MTSBindResult, MessageDeliveryResult, MessageSubmissionIdentifier};
use restante_mhs::x413::{
    AlertArgument, DeleteArgument, DeleteResult, FetchArgument, FetchResult, ListArgument,
    ListResult, MSBindResult, MSMessageSubmissionArgument, MSMessageSubmissionResult,
    MSProbeSubmissionArgument, MSProbeSubmissionResult, ModifyArgument, ModifyResult,
    RegisterMSArgument, RegisterMSResult, SummarizeArgument, SummarizeResult,
};
use restante_mhs::x419::{ApplicationContext, Port, ms_access, mts_access};
use restante_osi::x880::{Code, InvokeProblem, RejectProblem};
use restante_osi::{BindRequest, Request};
use std::collections::HashMap;

/// A user agent that is bound to a store.
pub struct UserAgent {
    connection: Connection,
    context: &'static ApplicationContext,
}

impl UserAgent {
    /// Connects and binds.
    ///
    /// # Errors
    /// Where the store can't be reached or refuses.
    pub async fn bind(
        options: CallOptions,
        bind: &MsBind,
    ) -> Result<(Self, MSBindResult), ClientError> {
        let (connection, result) = open(options, bind.request(), p7::bind_error_text).await?;
        Ok((Self { connection, context: bind.context() }, p7::result(result)?))
    }

    /// Counts entries.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn summarize(
        &mut self,
        argument: &SummarizeArgument,
    ) -> Result<SummarizeResult, ClientError> {
        p7::result(self.call(ms_access::OP_SUMMARIZE, argument).await?)
    }

    /// Lists entries.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn list(&mut self, argument: &ListArgument) -> Result<ListResult, ClientError> {
        p7::result(self.call(ms_access::OP_LIST, argument).await?)
    }

    /// Fetches an entry.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn fetch(&mut self, argument: &FetchArgument) -> Result<FetchResult, ClientError> {
        p7::result(self.call(ms_access::OP_FETCH, argument).await?)
    }

    /// Deletes entries.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn delete(
        &mut self,
        argument: &DeleteArgument,
    ) -> Result<DeleteResult, ClientError> {
        p7::result(self.call(ms_access::OP_DELETE, argument).await?)
    }

    /// Modifies entries (1994).
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn modify(
        &mut self,
        argument: &ModifyArgument,
    ) -> Result<ModifyResult, ClientError> {
        p7::result(self.call(ms_access::OP_MODIFY, argument).await?)
    }

    /// Registers defaults, auto-actions or credentials.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn register_ms(
        &mut self,
        argument: &RegisterMSArgument,
    ) -> Result<RegisterMSResult, ClientError> {
        p7::result(self.call(ms_access::OP_REGISTER_MS, argument).await?)
    }

    /// Submits a message.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn submit(
        &mut self,
        argument: &MSMessageSubmissionArgument,
    ) -> Result<MSMessageSubmissionResult, ClientError> {
        p7::result(self.call(mts_access::OP_MESSAGE_SUBMISSION, argument).await?)
    }

    /// Submits a probe.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn probe(
        &mut self,
        argument: &MSProbeSubmissionArgument,
    ) -> Result<MSProbeSubmissionResult, ClientError> {
        p7::result(self.call(mts_access::OP_PROBE_SUBMISSION, argument).await?)
    }

    /// Cancels the delivery of a message that was submitted for later.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn cancel(
        &mut self,
        identifier: &MessageSubmissionIdentifier,
    ) -> Result<(), ClientError> {
        self.call(mts_access::OP_CANCEL_DEFERRED_DELIVERY, identifier).await.map(drop)
    }

    /// Waits for the next alert, and says that it came.
    ///
    /// # Errors
    /// [`ClientError::TimedOut`] where none comes in time, after which it can be waited for again;
    /// where the association ends before, or what comes is no alert.
    pub async fn alert(&mut self) -> Result<AlertArgument, ClientError> {
        let Indication { invoke_id, operation, argument } = self.connection.indication().await?;
        if operation != Code::Local(ms_access::OP_ALERT) {
            let problem = InvokeProblem::UNRECOGNIZED_OPERATION;
            self.connection.respond(Request::RejectInvoke { invoke_id, problem }).await?;
            return Err(ClientError::Rejected(RejectProblem::Invoke(problem)));
        }
        let alert = p7::result(argument)?;
        let syntax = self.context.abstract_syntax(Port::Retrieval);
        let abstract_syntax = syntax.unwrap_or_else(|| self.context.oid().clone());
        let result = Some(Null.to_rope());
        self.connection.respond(Request::Result { invoke_id, abstract_syntax, result }).await?;
        Ok(alert)
    }

    /// Invokes an operation; its result comes as the store sent it, for whoever does not look
    /// into it.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn call(
        &mut self,
        operation: i64,
        argument: &impl Encode,
    ) -> Result<Option<Bytes>, ClientError> {
        let invocation = p7::invocation(self.context, operation, argument);
        let invoke_id = self.connection.invoke(invocation).await?;
        self.connection.answer(invoke_id).await?.into_result(p7::error_text)
    }

    /// The association itself.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Releases the association.
    ///
    /// # Errors
    /// Where the store does not grant it in time.
    pub async fn unbind(self) -> Result<(), ClientError> {
        self.connection.unbind(None).await
    }
}

/// An MTA that is bound to a store, or to which one is bound: to deliver, and to take what the
/// store submits.
pub struct Mta {
    connection: Connection,
    context: &'static ApplicationContext,
    /// What its user has invoked and is not answered, by port.
    pub(crate) invoked: HashMap<i64, Port>,
}

impl Mta {
    /// Connects and binds.
    ///
    /// # Errors
    /// Where the store can't be reached or refuses.
    pub async fn bind(
        options: CallOptions,
        bind: &MtsBind,
    ) -> Result<(Self, MTSBindResult), ClientError> {
        let (connection, result) = open(options, bind.request(), p3::bind_error_text).await?;
        Ok((Self::over(connection, bind.context()), p7::result(result)?))
    }

    pub(crate) fn over(connection: Connection, context: &'static ApplicationContext) -> Self {
        Self { connection, context, invoked: HashMap::new() }
    }

    /// The application context of the association.
    pub fn context(&self) -> &'static ApplicationContext {
        self.context
    }

    /// Delivers a message: `argument` is a whole MessageDeliveryArgument.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn deliver(&mut self, argument: Rope) -> Result<MessageDeliveryResult, ClientError> {
        let invoke_id = self.begin_delivery(argument).await?;
        let answer = self.connection.answer(invoke_id).await?;
        p7::result(answer.into_result(p3::error_text)?)
    }

    /// Begins to deliver a message; its answer comes from [`any_answer`](Self::any_answer).
    ///
    /// # Errors
    /// Where the association has ended or too much is outstanding.
    pub async fn begin_delivery(&mut self, argument: Rope) -> Result<i64, ClientError> {
        self.connection.invoke(p3::message_delivery(self.context, argument)).await
    }

    /// Waits for the answer to any delivery that was begun.
    ///
    /// # Errors
    /// Where none comes in time or the association ends before.
    pub async fn any_answer(&mut self) -> Result<(i64, Answer), ClientError> {
        self.connection.any_answer().await
    }

    /// Delivers a report: `argument` is a whole ReportDeliveryArgument.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn report(&mut self, argument: Rope) -> Result<(), ClientError> {
        let invocation = p3::report_delivery(self.context, argument);
        let invoke_id = self.connection.invoke(invocation).await?;
        self.connection.answer(invoke_id).await?.into_result(p3::error_text)?;
        Ok(())
    }

    /// The association itself.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Releases the association.
    ///
    /// # Errors
    /// Where the store does not grant it in time.
    pub async fn unbind(self) -> Result<(), ClientError> {
        self.connection.unbind(None).await
    }
}

async fn open(
    options: CallOptions,
    bind: BindRequest,
    describe: impl FnOnce(&Bytes) -> String,
) -> Result<(Connection, Option<Bytes>), ClientError> {
    match Connection::open(options, bind).await {
        Ok((connection, confirmation)) => Ok((connection, confirmation.result)),
        Err(refused) => Err(ClientError::BindRefused(describe(&bind_error(refused)?))),
    }
}
