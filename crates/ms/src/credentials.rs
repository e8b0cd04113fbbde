//! Change of credentials: by Register-MS (X.413 §8.3.6) and by change-credentials of the
//! administration port (X.411 §8.4.1.2), there of a user's or an MTA's.
//!
//! Both are simple. It is the one thing here that takes long, two passwords to be hashed: the
//! caller gives it a turn of its own, see [`crate::Operation::may_hash_passwords`].

use restante_directory::{DirectoryError, PasswordChange};
use restante_mhs::x411::{ChangeCredentialsArgument, Credentials, MTSAbstractError};
use restante_mhs::x419::{Edition, Port, mts_access};
use restante_storage::Storage;

use crate::seam::{chain, mts_error, null_result, unavailable};
use crate::{Binding, Deliverer, Effect, MessageStore, Outcome};

impl<S: Storage> MessageStore<S> {
    /// change-credentials of the administration port.
    pub(crate) fn administer_credentials(
        &self,
        binding: &Binding,
        argument: &ChangeCredentialsArgument,
    ) -> Outcome {
        let ChangeCredentialsArgument { old_credentials, new_credentials } = argument;
        let result = null_result(mts_access::OP_CHANGE_CREDENTIALS, Port::Administration);
        match self.change_credentials(
            binding,
            (old_credentials, new_credentials),
            Port::Administration,
        ) {
            Ok(changed) => Outcome::now(result).with(changed),
            Err(refused) => *refused,
        }
    }

    /// change-credentials of an MTA's (X.411 has either side invoke it): its own password from now
    /// on.
    pub(crate) fn change_mta_credentials(
        &self,
        from: &Deliverer,
        argument: &ChangeCredentialsArgument,
    ) -> Outcome {
        let ChangeCredentialsArgument { old_credentials, new_credentials } = argument;
        let change =
            |old: &[u8], new: &[u8]| self.directory.change_mta_password(&from.mta, old, new);
        let result = null_result(mts_access::OP_CHANGE_CREDENTIALS, Port::Administration);
        let credentials = (old_credentials, new_credentials);
        match changed(credentials, change) {
            Ok(()) => {
                Outcome::now(result).with(Effect::CredentialsChanged { name: from.mta.clone() })
            }
            Err(why) => why.outcome(&from.mta, Port::Administration, from.edition),
        }
    }

    /// Changes the user's password from the first of these to the second. What is to be told of
    /// it, or the outcome of an operation of `port` that asked in vain.
    pub(crate) fn change_credentials(
        &self,
        binding: &Binding,
        credentials: (&Credentials, &Credentials),
        port: Port,
    ) -> Result<Effect, Box<Outcome>> {
        let name = &binding.user.key;
        let change =
            |old: &[u8], new: &[u8]| self.directory.change_user_password(&binding.user, old, new);
        match changed(credentials, change) {
            Ok(()) => Ok(Effect::CredentialsChanged { name: name.clone() }),
            Err(why) => Err(Box::new(why.outcome(name, port, binding.edition))),
        }
    }
}

/// Why credentials are not changed.
enum Unchanged {
    Refused(MTSAbstractError),
    Failed(DirectoryError),
}

impl Unchanged {
    fn outcome(self, name: &str, port: Port, edition: Edition) -> Outcome {
        match self {
            Self::Refused(error) => {
                let (name, reason) = (name.to_owned(), error.to_string());
                Outcome::now(mts_error(&error, port))
                    .with(Effect::CredentialsRefused { name, reason })
            }
            Self::Failed(error) => {
                let reply = match port {
                    Port::Retrieval => unavailable(edition),
                    _ => mts_error(&MTSAbstractError::RemoteBindError, port),
                };
                Outcome::now(reply).with(Effect::Fault { reason: chain(&error), told: false })
            }
        }
    }
}

/// Has a password changed from the first of these to the second.
fn changed(
    (old, new): (&Credentials, &Credentials),
    change: impl FnOnce(&[u8], &[u8]) -> Result<PasswordChange, DirectoryError>,
) -> Result<(), Unchanged> {
    let Credentials::Simple(old) = old else {
        return Err(Unchanged::Refused(MTSAbstractError::OldCredentialsIncorrectlySpecified));
    };
    let new = match new {
        Credentials::Simple(new) => new.octets(),
        // Nothing is acceptable that is no password: the old one is looked at all the same.
        Credentials::Strong(_) | Credentials::Protected(_) => Vec::new(),
    };
    Err(Unchanged::Refused(match change(&old.octets(), &new).map_err(Unchanged::Failed)? {
        PasswordChange::Changed => return Ok(()),
        PasswordChange::OldIsWrong => MTSAbstractError::OldCredentialsIncorrectlySpecified,
        PasswordChange::NewIsUnacceptable => MTSAbstractError::NewCredentialsUnacceptable,
    }))
}
