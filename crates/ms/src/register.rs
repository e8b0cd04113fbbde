//! Register-MS (X.413 §8.3.6): the attributes that List and Fetch return where none are
//! requested, what `defaults` and `groups` keep, the user's password, and auto-actions (see
//! [`crate::auto_action`]).

use restante_ber::{Decode, Encode, Null, Oid, SetOf};
use restante_mhs::x413::{
    ChangeCredentials, MSExtensionError, MessageGroupRegistration, RegisterMSArgument,
    RegisterMSError, RegisterMSResult, RegisteredInformation, RegistrationProblem,
    RegistrationTypes, Registrations, RetrievalError,
};
use restante_mhs::x419::{Edition, Port, ms_access};
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError, Transaction};

use crate::attributes::checked;
use crate::auto_action::Registering;
use crate::defaults::{Defaults, selection};
use crate::groups::Groups;
use crate::list::is_listed;
use crate::seam::{Refusal, known_extensions, retrieval_result, unavailable};
use crate::{Binding, Effect, MessageStore, Outcome};

/// The value of a mailbox that holds the defaults of List: a SET OF OBJECT IDENTIFIER.
pub(crate) const LIST_DEFAULTS: &[u8] = b"list-attribute-defaults";
/// That of Fetch.
pub(crate) const FETCH_DEFAULTS: &[u8] = b"fetch-attribute-defaults";

impl<S: Storage> MessageStore<S> {
    /// The attribute-types of a value; none where nothing is registered.
    pub(crate) fn registered(
        &self,
        mailbox: MailboxId,
        key: &[u8],
    ) -> Result<Vec<Oid>, StorageError> {
        let value = self.storage.value(Scope::Mailbox(mailbox), key)?;
        Ok(value
            .and_then(|octets| SetOf::<Oid>::from_bytes(&octets).ok())
            .map(|oids| oids.0)
            .unwrap_or_default())
    }

    pub(crate) fn register(
        &self,
        binding: &Binding,
        argument: &RegisterMSArgument,
    ) -> Result<Outcome, Refusal> {
        check(argument, binding.edition)?;
        let mut auto_actions = self.register_auto_actions(binding, argument)?;
        let list = argument.list_attribute_defaults.as_ref().map(|oids| (LIST_DEFAULTS, oids));
        let fetch = argument.fetch_attribute_defaults.as_ref().map(|oids| (FETCH_DEFAULTS, oids));
        let scope = Scope::Mailbox(binding.mailbox);
        let defaults = self.register_defaults(binding, argument)?;
        let groups = self.register_groups(
            binding.mailbox,
            message_groups(binding.edition, argument),
            |group| defaults.name_group(group) || auto_actions.name_group(group),
        )?;
        let mut changes: Vec<_> = [list, fetch]
            .into_iter()
            .flatten()
            .map(|(key, oids)| Change::PutValue {
                scope,
                key: bytes::Bytes::from_static(key),
                value: oids.to_ber(),
            })
            .collect();
        let told = (&auto_actions, &groups, &defaults);
        let result = self.register_result(binding, argument, told)?;
        changes.extend(groups.changes.into_iter().chain(defaults.changes));
        let mut outcome = Outcome::now(retrieval_result(ms_access::OP_REGISTER_MS, &result));
        // Last of what can be refused. The directory is none of storage, so that no transaction
        // holds both: a wrong password must stop the rest, thus the password goes first, and where
        // the disk then fails, it is the new one that holds although an error was told.
        if let Some(ChangeCredentials { old_credentials, new_credentials }) =
            &argument.change_credentials
        {
            let credentials = (old_credentials, new_credentials);
            match self.change_credentials(binding, credentials, Port::Retrieval) {
                Ok(changed) => outcome = outcome.with(changed),
                Err(refused) => return Ok(*refused),
            }
        }
        changes.extend(auto_actions.changes());
        if !changes.is_empty() {
            let commit = self.storage.commit(Transaction { changes });
            self.registered_auto_actions(&auto_actions, &commit);
            let effects = auto_actions.effects();
            drop(auto_actions);
            let mailbox = binding.user.key.clone();
            outcome = outcome
                .after(commit, unavailable(binding.edition))
                .with(Effect::Registered { mailbox });
            outcome = effects.into_iter().fold(outcome, Outcome::with);
        }
        Ok(outcome)
    }

    /// What the result tells: in 1994 what is registered from now on, as far as it is asked.
    fn register_result(
        &self,
        binding: &Binding,
        argument: &RegisterMSArgument,
        (auto_actions, groups, defaults): (&Registering<'_>, &Groups, &Defaults),
    ) -> Result<RegisterMSResult, StorageError> {
        let request = argument.registration_status_request.as_ref();
        let asked =
            |bit| request.and_then(|r| r.registrations.as_ref()).is_some_and(|r| r.has(bit));
        if binding.edition == Edition::E1988 || request.is_none() {
            return Ok(RegisterMSResult::NoStatusInformation(Null));
        }
        let told = |bit, new: &Option<SetOf<Oid>>, key| {
            let oids = match (asked(bit), new) {
                (false, _) => return Ok(None),
                (true, Some(oids)) => oids.0.clone(),
                (true, None) => self.registered(binding.mailbox, key)?,
            };
            Ok::<_, StorageError>((!oids.is_empty()).then_some(SetOf(oids)))
        };
        let registrations = asked(Registrations::AUTO_ACTION_REGISTRATIONS)
            .then(|| auto_actions.registrations())
            .filter(|registrations| !registrations.0.is_empty());
        Ok(RegisterMSResult::RegisteredInformation(RegisteredInformation {
            auto_action_registrations: registrations,
            list_attribute_defaults: told(
                Registrations::LIST_ATTRIBUTE_DEFAULTS,
                &argument.list_attribute_defaults,
                LIST_DEFAULTS,
            )?,
            fetch_attribute_defaults: told(
                Registrations::FETCH_ATTRIBUTE_DEFAULTS,
                &argument.fetch_attribute_defaults,
                FETCH_DEFAULTS,
            )?,
            message_group_registrations: asked(Registrations::MESSAGE_GROUP_REGISTRATIONS)
                .then(|| groups.told(request.and_then(|r| r.restrict_message_groups.as_ref())))
                .filter(|groups| !groups.is_empty())
                .map(SetOf),
            ua_registrations: asked(Registrations::UA_REGISTRATIONS)
                .then(|| SetOf(defaults.agents.clone()))
                .filter(|agents| !agents.0.is_empty()),
            submission_defaults: defaults
                .submission
                .clone()
                .filter(|_| asked(Registrations::SUBMISSION_DEFAULTS)),
            register_ms_result_extensions: None,
        }))
    }
}

/// The changes of message-groups, which came in 1994.
fn message_groups(edition: Edition, argument: &RegisterMSArgument) -> &[MessageGroupRegistration] {
    match edition {
        Edition::E1988 => &[],
        Edition::E1994 => argument.message_group_registrations.as_deref().unwrap_or_default(),
    }
}

/// register-MS-error about one kind of registrations.
pub(crate) fn registration_error(problem: RegistrationProblem, kind: usize) -> RetrievalError {
    RetrievalError::RegisterMS(RegisterMSError {
        problem,
        registration_type: RegistrationTypes {
            registrations: Some(Registrations::of([kind])),
            ..RegistrationTypes::default()
        },
    })
}

/// Refuses what can't be registered; nothing is registered then.
fn check(argument: &RegisterMSArgument, edition: Edition) -> Result<(), Refusal> {
    checked(&selection(argument.list_attribute_defaults.as_ref()), is_listed)?;
    checked(&selection(argument.fetch_attribute_defaults.as_ref()), |_| true)?;
    if edition == Edition::E1988 {
        // Members that came in 1994 are unknown there.
        return Ok(());
    }
    known_extensions(edition, argument.register_ms_extensions.as_ref())?;
    let asked = argument.registration_status_request.as_ref();
    let extended = asked.and_then(|request| request.extended_registrations.as_ref());
    match extended.and_then(|types| types.0.first()) {
        Some(oid) => {
            Err(RetrievalError::MSExtension(MSExtensionError::UnknownMsExtension(oid.clone()))
                .into())
        }
        None => Ok(()),
    }
}
