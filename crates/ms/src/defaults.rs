//! What a user registers for submissions, for each of its user agents, and of security labels
//! (X.413 §8.3.6): submission-defaults and ua-registrations of 1994, user-security-labels.
//!
//! ```text
//! "submission-defaults"          MSSubmissionOptions
//! "user-security-labels"         SET OF SecurityLabel
//! "ua-registration/" identifier  UARegistration
//! ```

use bytes::Bytes;
use restante_ber::{Decode, Encode, Oid, SetOf};
use restante_mhs::x411::SecurityLabel;
use restante_mhs::x413::{
    AttributeSelection, EntryClass, MSSubmissionOptions, MessageGroupName, RegisterMSArgument,
    RegistrationProblem, Registrations, UARegistration,
};
use restante_mhs::x419::Edition;
use restante_storage::{Change, MailboxId, Scope, Storage, StorageError};

use crate::attributes::checked;
use crate::groups::key;
use crate::list::is_listed;
use crate::register::{LIST_DEFAULTS, registration_error};
use crate::seam::{Refusal, known_extensions};
use crate::{Binding, MessageStore};

pub(crate) const SUBMISSION_DEFAULTS: &[u8] = b"submission-defaults";
pub(crate) const SECURITY_LABELS: &[u8] = b"user-security-labels";
/// Before the identifier in the key of what a user agent has registered.
pub(crate) const PREFIX: &[u8] = b"ua-registration/";

/// How many user agents of a user may have something registered (ub-ua-registrations).
const AGENTS_MAX: usize = 128;
/// How long an identifier may be (ub-ua-registration-identifier-length).
const IDENTIFIER_MAX: usize = 32;

/// What is registered for submissions and user agents, as it is to be.
#[derive(Debug)]
pub(crate) struct Defaults {
    pub(crate) submission: Option<MSSubmissionOptions>,
    pub(crate) agents: Vec<UARegistration>,
    /// What makes it so.
    pub(crate) changes: Vec<Change>,
}

impl Defaults {
    /// Whether one of them names a message-group.
    pub(crate) fn name_group(&self, group: &[u8]) -> bool {
        let agents = self.agents.iter().filter_map(|one| one.ua_submission_defaults.as_ref());
        let mut names = self.submission.iter().chain(agents).flat_map(groups_of);
        names.any(|name| key(name) == group)
    }
}

fn groups_of(options: &MSSubmissionOptions) -> impl Iterator<Item = &MessageGroupName> {
    options.add_message_group_names.iter().flat_map(|names| &names.0)
}

fn agent_key(identifier: &str) -> Bytes {
    [PREFIX, identifier.as_bytes()].concat().into()
}

/// Whether a user agent registers nothing, which takes away what it had.
fn is_empty(agent: &UARegistration) -> bool {
    agent.ua_list_attribute_defaults.is_none()
        && agent.ua_fetch_attribute_defaults.is_none()
        && agent.ua_submission_defaults.is_none()
        && agent.content_specific_defaults.is_none()
}

impl<S: Storage> MessageStore<S> {
    /// Checks what a Register-MS says of submissions, user agents and security labels.
    pub(crate) fn register_defaults(
        &self,
        binding: &Binding,
        argument: &RegisterMSArgument,
    ) -> Result<Defaults, Refusal> {
        let mailbox = binding.mailbox;
        let scope = Scope::Mailbox(mailbox);
        let mut defaults = Defaults {
            submission: self.kept(mailbox, SUBMISSION_DEFAULTS)?,
            agents: self.agents(mailbox)?,
            changes: Vec::new(),
        };
        let put = |key: Bytes, value: Bytes| Change::PutValue { scope, key, value };
        if let Some(labels) = &argument.user_security_labels {
            let key = Bytes::from_static(SECURITY_LABELS);
            defaults.changes.push(match labels.0.is_empty() {
                true => Change::RemoveValue { scope, key },
                false => put(key, labels.to_ber()),
            });
        }
        if binding.edition == Edition::E1988 {
            return Ok(defaults);
        }
        if let Some(options) = &argument.submission_defaults {
            self.check_options(mailbox, options, Registrations::SUBMISSION_DEFAULTS)?;
            defaults.changes.push(put(Bytes::from_static(SUBMISSION_DEFAULTS), options.to_ber()));
            defaults.submission = Some(options.clone());
        }
        for agent in argument.ua_registrations.iter().flat_map(|agents| &agents.0) {
            self.check_agent(mailbox, agent)?;
            let identifier = &agent.ua_registration_identifier;
            defaults.agents.retain(|known| known.ua_registration_identifier != *identifier);
            let key = agent_key(identifier.as_str());
            if is_empty(agent) {
                defaults.changes.push(Change::RemoveValue { scope, key });
            } else {
                defaults.changes.push(put(key, agent.to_ber()));
                defaults.agents.push(agent.clone());
            }
        }
        if defaults.agents.len() > AGENTS_MAX {
            let problem = RegistrationProblem::REGISTRATION_LIMIT_EXCEEDED;
            return Err(registration_error(problem, Registrations::UA_REGISTRATIONS).into());
        }
        Ok(defaults)
    }

    fn check_agent(&self, mailbox: MailboxId, agent: &UARegistration) -> Result<(), Refusal> {
        let length = agent.ua_registration_identifier.as_str().len();
        if !(1..=IDENTIFIER_MAX).contains(&length) {
            let problem = RegistrationProblem::REGISTRATION_IMPROPERLY_SPECIFIED;
            return Err(registration_error(problem, Registrations::UA_REGISTRATIONS).into());
        }
        checked(&selection(agent.ua_list_attribute_defaults.as_ref()), is_listed)?;
        checked(&selection(agent.ua_fetch_attribute_defaults.as_ref()), |_| true)?;
        if let Some(options) = &agent.ua_submission_defaults {
            self.check_options(mailbox, options, Registrations::UA_REGISTRATIONS)?;
        }
        let extensions = agent.content_specific_defaults.as_ref();
        Ok(known_extensions(Edition::E1994, extensions)?)
    }

    /// A default can't be that nothing is submitted, nor a class that there is not.
    fn check_options(
        &self,
        mailbox: MailboxId,
        options: &MSSubmissionOptions,
        kind: usize,
    ) -> Result<(), Refusal> {
        match options.object_entry_class {
            None | Some(EntryClass::SUBMISSION) => {}
            Some(EntryClass::SUBMISSION_LOG) if self.settings.logs => {}
            Some(_) => {
                let problem = RegistrationProblem::REGISTRATION_IMPROPERLY_SPECIFIED;
                return Err(registration_error(problem, kind).into());
            }
        }
        known_extensions(Edition::E1994, options.ms_submission_extensions.as_ref())?;
        self.check_groups(mailbox, groups_of(options).cloned())
    }

    fn kept<T: Decode>(&self, mailbox: MailboxId, key: &[u8]) -> Result<Option<T>, StorageError> {
        let value = self.storage.value(Scope::Mailbox(mailbox), key)?;
        Ok(value.and_then(|octets| T::from_bytes(&octets).ok()))
    }

    fn agents(&self, mailbox: MailboxId) -> Result<Vec<UARegistration>, StorageError> {
        let values = self.storage.values(Scope::Mailbox(mailbox), PREFIX)?;
        Ok(values.iter().filter_map(|(_, octets)| Decode::from_bytes(octets).ok()).collect())
    }

    /// What a user agent of this name has registered.
    pub(crate) fn agent(
        &self,
        mailbox: MailboxId,
        identifier: &str,
    ) -> Result<Option<UARegistration>, StorageError> {
        self.kept(mailbox, &agent_key(identifier))
    }

    /// What the bound user agent has registered.
    fn bound_agent(&self, binding: &Binding) -> Result<Option<UARegistration>, StorageError> {
        match &binding.agent {
            Some(identifier) => self.agent(binding.mailbox, identifier),
            None => Ok(None),
        }
    }

    /// The attributes that are registered as defaults, the user agent's before the user's; none
    /// where nothing is.
    pub(crate) fn defaults(
        &self,
        binding: &Binding,
        key: &[u8],
    ) -> Result<Vec<AttributeSelection>, StorageError> {
        let of_agent = self.bound_agent(binding)?.and_then(|agent| match key == LIST_DEFAULTS {
            true => agent.ua_list_attribute_defaults,
            false => agent.ua_fetch_attribute_defaults,
        });
        let types = match of_agent {
            Some(types) => types.0,
            None => self.registered(binding.mailbox, key)?,
        };
        Ok(types.into_iter().map(AttributeSelection::from).collect())
    }

    /// What is done with submissions that do not say.
    pub(crate) fn submission_defaults(
        &self,
        binding: &Binding,
    ) -> Result<Option<MSSubmissionOptions>, StorageError> {
        let of_agent = self.bound_agent(binding)?.and_then(|agent| agent.ua_submission_defaults);
        let mut options = match of_agent {
            Some(options) => Some(options),
            None => self.kept(binding.mailbox, SUBMISSION_DEFAULTS)?,
        };
        if let Some(options) = options.as_mut().filter(|_| !self.settings.logs) {
            // There were logs when it was registered.
            options.object_entry_class.take_if(|class| *class == EntryClass::SUBMISSION_LOG);
        }
        Ok(options)
    }

    /// Whether the user may use these labels: all of them, where none are registered.
    pub(crate) fn may_use_labels(
        &self,
        mailbox: MailboxId,
        labels: &[SecurityLabel],
    ) -> Result<bool, StorageError> {
        let registered = self.kept::<SetOf<SecurityLabel>>(mailbox, SECURITY_LABELS)?;
        Ok(registered.is_none_or(|known| labels.iter().all(|label| known.0.contains(label))))
    }
}

/// Attribute-types as a selection of all their values.
pub(crate) fn selection(types: Option<&SetOf<Oid>>) -> Vec<AttributeSelection> {
    let types = types.into_iter().flat_map(|types| &types.0);
    types.cloned().map(AttributeSelection::from).collect()
}
