//! Change of credentials: by Register-MS (X.413 §8.3.6) and by change-credentials of the
//! administration port (X.411 §8.4.1.2).
//!
//! Both are simple. It is the one thing here that takes long, two passwords to be hashed: the
//! caller gives it a turn of its own, see [`crate::Operation::may_hash_passwords`].

use restante_directory::PasswordChange;
use restante_mhs::x411::{ChangeCredentialsArgument, Credentials, MTSAbstractError};
use restante_mhs::x419::{Port, mts_access};
use restante_storage::Storage;

use crate::seam::{chain, mts_error, null_result, unavailable};
use crate::{Binding, Effect, MessageStore, Outcome};

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

    /// Changes the user's password from the first of these to the second. What is to be told of
    /// it, or the outcome of an operation of `port` that asked in vain.
    pub(crate) fn change_credentials(
        &self,
        binding: &Binding,
        (old, new): (&Credentials, &Credentials),
        port: Port,
    ) -> Result<Effect, Box<Outcome>> {
        let mailbox = binding.user.key.clone();
        let refused = |error: MTSAbstractError| {
            let reason = error.to_string();
            let effect = Effect::CredentialsRefused { mailbox: mailbox.clone(), reason };
            Err(Box::new(Outcome::now(mts_error(&error, port)).with(effect)))
        };
        let Credentials::Simple(old) = old else {
            return refused(MTSAbstractError::OldCredentialsIncorrectlySpecified);
        };
        let new = match new {
            Credentials::Simple(new) => new.octets(),
            // Nothing is acceptable that is no password: the old one is looked at all the same.
            Credentials::Strong(_) | Credentials::Protected(_) => Vec::new(),
        };
        match self.directory.change_user_password(&binding.user, &old.octets(), &new) {
            Ok(PasswordChange::Changed) => Ok(Effect::CredentialsChanged { mailbox }),
            Ok(PasswordChange::OldIsWrong) => {
                refused(MTSAbstractError::OldCredentialsIncorrectlySpecified)
            }
            Ok(PasswordChange::NewIsUnacceptable) => {
                refused(MTSAbstractError::NewCredentialsUnacceptable)
            }
            Err(error) => {
                let reply = match port {
                    Port::Retrieval => unavailable(binding.edition),
                    _ => mts_error(&MTSAbstractError::RemoteBindError, port),
                };
                let fault = Effect::Fault { reason: chain(&error), told: false };
                Err(Box::new(Outcome::now(reply).with(fault)))
            }
        }
    }
}
