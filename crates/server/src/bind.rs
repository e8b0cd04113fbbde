//! Binds: MS-bind (X.413 §7.1) of user agents and MTS-bind (X.411 §8.1.1) of MTAs, told apart by
//! the application context.
//!
//! Credentials are simple: a name and a password. An unknown name and a wrong password are the
//! same to a peer, authentication-error, in the form that its protocol has: an ENUMERATED in P7,
//! an INTEGER in P3. Strong and protected credentials are refused in the same way. An MTA is
//! answered in the name that the configuration gives the store.

use std::sync::Arc;

use bytes::Bytes;
use restante_ber::{Decode, Encode, Rope};
use restante_directory::{DirectoryError, User, Verdict};
use restante_mhs::{
    x411::{
        Credentials, MTSBindArgument, MTSBindError, MTSBindResult, ORName, ObjectName, Password,
    },
    x413::{BindProblem, MSBindArgument, MSBindError},
    x419::{ApplicationContext, Protocol},
};
use restante_ms::{Binding, Deliverer};
use restante_osi::BindIndication;
use tokio::task::JoinError;
use uuid::Uuid;

use crate::{
    blocks::Blockable,
    bound::BoundUser,
    events::{Facility, Fact, tell},
    hub::BoundAs,
    shared::{self, Shared},
};

/// A peer that is bound.
pub(crate) struct Session {
    pub(crate) context: &'static ApplicationContext,
    pub(crate) peer: Peer,
    /// For events.
    pub(crate) name: String,
}

impl Session {
    /// As it is told of to who watches.
    pub(crate) fn bound_as(&self) -> BoundAs {
        let mailbox = match &self.peer {
            Peer::UserAgent { binding, .. } => Some(binding.user.key.clone()),
            Peer::Mta(_) => None,
        };
        BoundAs { name: self.name.clone(), context: self.context.name, mailbox }
    }
}

/// Who is bound.
pub(crate) enum Peer {
    /// A user agent, over P7.
    UserAgent { binding: Binding, bound: BoundUser },
    /// An MTA, over P3.
    Mta(Deliverer),
}

/// What a bind came to. The texts are for events.
pub(crate) enum Bound {
    /// It is accepted with this result.
    Accepted { session: Arc<Session>, result: Rope },
    /// It is refused with this error of its protocol; whether whoever binds is who they say.
    Refused { name: String, error: Rope, text: String, authentic: bool },
    /// Its argument can't be read, so that there is no error to refuse it with.
    Unreadable { text: String },
}

/// The facility that tells of a context's associations.
pub(crate) fn facility(context: &ApplicationContext) -> Facility {
    match context.protocol {
        Protocol::P3 => Facility::P3,
        Protocol::P7 => Facility::P7,
    }
}

/// Who binds, in which context: answered when the password has been verified.
pub(crate) async fn bind(
    shared: &Shared,
    context: &'static ApplicationContext,
    indication: BindIndication,
) -> Result<Bound, JoinError> {
    let argument = indication.argument.unwrap_or_default();
    match context.protocol {
        Protocol::P3 => bind_mta(shared, context, &argument).await,
        Protocol::P7 => bind_user(shared, context, &argument).await,
    }
}

async fn bind_user(
    shared: &Shared,
    context: &'static ApplicationContext,
    argument: &Bytes,
) -> Result<Bound, JoinError> {
    let argument = match MSBindArgument::from_bytes(argument) {
        Ok(argument) => argument,
        Err(error) => return Ok(unreadable("MS-bind", &error)),
    };
    let name = name_text(&argument.initiator_name);
    let verdict = match password(&argument.initiator_credentials) {
        None => Ok(None),
        Some(password) => verify_user(shared, &argument.initiator_name, password).await?.map(Some),
    };
    let user = match judge(verdict, &name) {
        Ok(user) => user,
        Err(Judged { problem: Problem::Authentication, text }) => {
            return Ok(ms_refused(name, BindProblem::AUTHENTICATION_ERROR, text));
        }
        Err(Judged { problem: Problem::NotNow, text }) => {
            return Ok(ms_refused(name, BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION, text));
        }
    };
    open_mailbox(shared, context, argument, user, name).await
}

/// Whether this is the user's password: told at once where it is known.
async fn verify_user(
    shared: &Shared,
    name: &ORName,
    password: Vec<u8>,
) -> Result<Result<Verdict<User>, DirectoryError>, JoinError> {
    if shared.directory.answers_at_once() {
        let known = shared.directory.known_user(name, &password);
        if let Some(known) = known.transpose() {
            return Ok(known.map(Verdict::Accepted));
        }
    }
    let (directory, name) = (shared.directory.clone(), name.clone());
    shared.verify(move || directory.verify_user(&name, &password)).await
}

async fn open_mailbox(
    shared: &Shared,
    context: &'static ApplicationContext,
    argument: MSBindArgument,
    user: User,
    name: String,
) -> Result<Bound, JoinError> {
    if shared.is_closed() || shared.blocks.refuses(Blockable::Bind.name(), &user.key) {
        let text = format!("{name} may not bind now: an operator wants it so");
        return Ok(ms_refused(name, BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION, text));
    }
    let only_one = shared.config.service.single_p7_bind;
    let Some(bound) = shared.bound.bind(&user.key, only_one) else {
        let text = format!("{name} is bound already, and service.single_p7_bind is set");
        return Ok(ms_refused(name, BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION, text));
    };
    let service = shared.service.clone();
    let quick = service.is_quick_bind(&user);
    let bind = move || service.bind(&user, context.edition, &argument, shared::now());
    Ok(match if quick { bind() } else { shared.operate(bind).await? } {
        Ok((binding, result)) => {
            let peer = Peer::UserAgent { binding, bound };
            let session = Arc::new(Session { context, peer, name });
            Bound::Accepted { session, result: result.to_rope() }
        }
        Err(refusal) => ms_refused(name, refusal.problem, refusal.reason),
    })
}

async fn bind_mta(
    shared: &Shared,
    context: &'static ApplicationContext,
    argument: &Bytes,
) -> Result<Bound, JoinError> {
    let argument = match MTSBindArgument::from_bytes(argument) {
        Ok(argument) => argument,
        Err(error) => return Ok(unreadable("MTS-bind", &error)),
    };
    let mta = match &argument.initiator_name {
        ObjectName::MTA(name) => name.0.to_string(),
        ObjectName::UserAgent(name) | ObjectName::MessageStore(name) => {
            let text = format!("{} is no MTA; users bind over P7", name_text(name));
            return Ok(mts_refused(name_text(name), MTSBindError::AUTHENTICATION_ERROR, text));
        }
    };
    let verdict = match password(&argument.initiator_credentials) {
        None => Ok(None),
        Some(password) => {
            let (directory, mta) = (shared.directory.clone(), mta.clone());
            let verify = move || directory.verify_mta(&mta, &password);
            shared.verify(verify).await?.map(Some)
        }
    };
    Ok(match judge(verdict, &mta) {
        Ok(_) if shared.is_closed() => {
            let text = format!(
                "{mta} may not bind now: the store is drained, or no audit record can be written"
            );
            mts_refused(mta, MTSBindError::BUSY, text)
        }
        Ok(_) => {
            let name = ORName::from(shared.config.service.name.clone());
            let result = MTSBindResult {
                responder_name: ObjectName::MessageStore(name),
                messages_waiting: None,
                responder_credentials: Credentials::Simple(Password::from("")),
                extensions: Default::default(),
            };
            let deliverer = Deliverer {
                mta: mta.clone(),
                association: Uuid::new_v4().into_bytes(),
                edition: context.edition,
                user: None,
            };
            let session = Arc::new(Session { context, peer: Peer::Mta(deliverer), name: mta });
            Bound::Accepted { session, result: result.to_rope() }
        }
        Err(Judged { problem: Problem::Authentication, text }) => {
            mts_refused(mta, MTSBindError::AUTHENTICATION_ERROR, text)
        }
        Err(Judged { problem: Problem::NotNow, text }) => {
            mts_refused(mta, MTSBindError::BUSY, text)
        }
    })
}

/// Why somebody is not bound, in neither protocol's form.
struct Judged {
    problem: Problem,
    text: String,
}

enum Problem {
    Authentication,
    NotNow,
}

/// Whom the directory knows; no verdict is on credentials that are no password.
fn judge<T>(verdict: Result<Option<Verdict<T>>, DirectoryError>, name: &str) -> Result<T, Judged> {
    let text = match verdict {
        Ok(Some(Verdict::Accepted(known))) => return Ok(known),
        Ok(Some(Verdict::UnknownName)) => format!("nobody is called {name}"),
        Ok(Some(Verdict::WrongPassword)) => format!("wrong password for {name}"),
        Ok(None) => format!("{name} gives no password but other credentials"),
        Err(error) => {
            tell(Fact::DirectoryFailed { error: &error });
            let text = format!("{name} can't be looked up");
            return Err(Judged { problem: Problem::NotNow, text });
        }
    };
    Err(Judged { problem: Problem::Authentication, text })
}

fn password(credentials: &Credentials) -> Option<Vec<u8>> {
    match credentials {
        Credentials::Simple(password) => Some(password.octets()),
        Credentials::Strong(_) | Credentials::Protected(_) => None,
    }
}

fn name_text(name: &ORName) -> String {
    name.address.to_string()
}

fn ms_refused(name: String, problem: BindProblem, text: String) -> Bound {
    let authentic = problem != BindProblem::AUTHENTICATION_ERROR;
    // Unqualified: what both editions read.
    let error = MSBindError::UnqualifiedError(problem).to_rope();
    Bound::Refused { name, error, text, authentic }
}

fn mts_refused(name: String, problem: MTSBindError, text: String) -> Bound {
    let authentic = problem != MTSBindError::AUTHENTICATION_ERROR;
    Bound::Refused { name, error: problem.to_rope(), text, authentic }
}

fn unreadable(what: &str, error: &restante_ber::Error) -> Bound {
    Bound::Unreadable { text: format!("the {what} argument can't be read: {error}") }
}
