//! An MTA's side of P3 beyond deliveries: what its user, a store, invokes and is answered, and
//! what an MTA invokes to administer.

use crate::{ClientError, Indication, Mta, p3};
use restante_ber::{Encode, Oid, Rope};
use restante_mhs::x411::{ChangeCredentialsArgument, MTSAbstractError, SubmissionControlArgument};
use restante_mhs::x419::{Port, mts_access};
use restante_osi::Request;
use restante_osi::x880::{Code, InvokeProblem};

impl Mta {
    /// The next operation that its user invokes; [`ClientError::Ended`] after its unbind.
    ///
    /// # Errors
    /// Where the association has ended, or nothing comes in time.
    pub async fn next(&mut self) -> Result<Indication, ClientError> {
        let indication = self.connection().indication().await?;
        if let Code::Local(code) = indication.operation
            && let Some((port, _)) = self.context().consumer_operation(code)
        {
            self.invoked.insert(indication.invoke_id, port);
        }
        Ok(indication)
    }

    /// Answers an operation with a result, a whole element.
    ///
    /// # Errors
    /// Where there is no such invocation or the association has ended.
    pub async fn result(&mut self, invoke_id: i64, result: Rope) -> Result<(), ClientError> {
        let abstract_syntax = self.syntax_of(invoke_id);
        let result = Some(result);
        self.connection().respond(Request::Result { invoke_id, abstract_syntax, result }).await
    }

    /// Answers an operation with an error.
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
        let abstract_syntax = self.syntax_of(invoke_id);
        let error = Request::Error { invoke_id, abstract_syntax, error, parameter };
        self.connection().respond(error).await
    }

    /// Rejects an operation.
    ///
    /// # Errors
    /// Where there is no such invocation or the association has ended.
    pub async fn reject(
        &mut self,
        invoke_id: i64,
        problem: InvokeProblem,
    ) -> Result<(), ClientError> {
        self.connection().respond(Request::RejectInvoke { invoke_id, problem }).await
    }

    /// Whether an answer is still on its way, as in reliable transfer; also one that a lost
    /// connection interrupted, where this one goes on with its association.
    pub fn is_sending(&mut self) -> bool {
        self.connection().is_sending()
    }

    /// Waits until its user has all answers.
    ///
    /// # Errors
    /// Where the user does not confirm them in time or the association ends before.
    pub async fn sent(&mut self) -> Result<(), ClientError> {
        self.connection().sent().await
    }

    /// Says what may be submitted from now on.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn control(
        &mut self,
        argument: &SubmissionControlArgument,
    ) -> Result<(), ClientError> {
        self.administer(mts_access::OP_SUBMISSION_CONTROL, argument.to_rope()).await
    }

    /// Gives itself another password.
    ///
    /// # Errors
    /// The operation's, or those of the association.
    pub async fn change_credentials(
        &mut self,
        argument: &ChangeCredentialsArgument,
    ) -> Result<(), ClientError> {
        self.administer(mts_access::OP_CHANGE_CREDENTIALS, argument.to_rope()).await
    }

    async fn administer(&mut self, operation: i64, argument: Rope) -> Result<(), ClientError> {
        let invocation = p3::of_mts(self.context(), operation, argument);
        let invoke_id = self.connection().invoke(invocation).await?;
        self.connection().answer(invoke_id).await?.into_result(p3::error_text).map(drop)
    }

    /// The abstract syntax of what the user invoked.
    fn syntax_of(&mut self, invoke_id: i64) -> Oid {
        let port = self.invoked.remove(&invoke_id).unwrap_or(Port::Submission);
        let context = self.context();
        context.abstract_syntax(port).unwrap_or_else(|| context.oid().clone())
    }
}
