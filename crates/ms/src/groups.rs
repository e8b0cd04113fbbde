//! Message-groups (X.413 §6.6): names that a user registers and gives to entries. Names are equal
//! by mSStringListMatch: part by part, without regard to case and to the amount of space.

use std::collections::BTreeMap;

use bytes::Bytes;
use restante_ber::{Decode, Encode};
use restante_mhs::x413::{
    MessageGroupError, MessageGroupName, MessageGroupNameAndDescriptor, MessageGroupProblem,
    MessageGroupRegistration, MessageGroupsRestriction, RegistrationProblem, Registrations,
    RetrievalError,
};
use restante_storage::{Change, MailboxId, Query, Scope, Storage, StorageError};

use crate::MessageStore;
use crate::attributes::{Amendment, EntryReader, Key};
use crate::matching::text::fold;
use crate::register::registration_error;
use crate::seam::Refusal;

/// How many parts a name may have (ub-group-depth).
pub(crate) const DEPTH_MAX: usize = 64;

/// How many groups a mailbox may have (ub-message-groups).
const GROUPS_MAX: usize = 8192;
/// How long a part of a name may be, octets (ub-group-part-length).
const PART_MAX: usize = 128;
/// How long a descriptor may be, octets (ub-group-descriptor-length).
const DESCRIPTOR_MAX: usize = 256;

/// Before the parts of the name in the key of a value of a mailbox; the value is a
/// MessageGroupNameAndDescriptor.
pub(crate) const PREFIX: &[u8] = b"message-group/";

/// Behind each part of a name in a key: no octet of UTF-8.
const END: u8 = 0xff;

/// The key of a group, which begins as those of the groups that it is in.
pub(crate) fn key(name: &[restante_ber::GeneralString]) -> Bytes {
    let mut key = PREFIX.to_vec();
    for part in name {
        key.extend_from_slice(fold(part.as_str()).as_bytes());
        key.push(END);
    }
    key.into()
}

/// The key of a group whose name is a value.
fn name_key(octets: &Bytes) -> Option<Bytes> {
    MessageGroupName::from_bytes(octets).map(|name| key(&name)).ok()
}

/// message-group-error.
fn group_error(problem: MessageGroupProblem, name: MessageGroupName) -> RetrievalError {
    RetrievalError::MessageGroup(MessageGroupError { problem, name })
}

/// Adds the groups of these names to what is added to an entry, each once.
pub(crate) fn join(amendment: &mut Amendment, names: &[MessageGroupName]) {
    let mut values = amendment.values(Key::MESSAGE_GROUP_NAME).to_vec();
    for name in names {
        let new = Some(key(name));
        if values.iter().all(|value| name_key(value) != new) {
            values.push(name.to_ber());
        }
    }
    amendment.set(Key::MESSAGE_GROUP_NAME, values);
}

impl<S: Storage> MessageStore<S> {
    /// The groups that are registered, by name, a group before those in it.
    pub(crate) fn groups(
        &self,
        mailbox: MailboxId,
    ) -> Result<Vec<MessageGroupNameAndDescriptor>, StorageError> {
        let values = self.storage.values(Scope::Mailbox(mailbox), PREFIX)?;
        let group = |(_, octets): (Bytes, Bytes)| Decode::from_bytes(&octets).ok();
        Ok(values.into_iter().filter_map(group).collect())
    }

    /// Whether all of these groups are registered.
    ///
    /// # Errors
    /// message-group-error, name-not-registered, with the first that is not.
    pub(crate) fn check_groups(
        &self,
        mailbox: MailboxId,
        names: impl IntoIterator<Item = MessageGroupName>,
    ) -> Result<(), Refusal> {
        for name in names {
            if self.storage.value(Scope::Mailbox(mailbox), &key(&name))?.is_none() {
                return Err(group_error(MessageGroupProblem::NAME_NOT_REGISTERED, name).into());
            }
        }
        Ok(())
    }

    /// What registers groups, one change after the other, all of them or none. `is_used` says
    /// whether a registration names a group.
    ///
    /// # Errors
    /// message-group-error with the first problem; register-MS-error where there are too many.
    pub(crate) fn register_groups(
        &self,
        mailbox: MailboxId,
        registrations: &[MessageGroupRegistration],
        is_used: impl Fn(&[u8]) -> bool,
    ) -> Result<Groups, Refusal> {
        let known = self.groups(mailbox)?;
        let known = known.into_iter().map(|group| (key(&group.message_group_name), group));
        let mut groups = Groups { all: known.collect(), changes: Vec::new() };
        for registration in registrations {
            match registration {
                MessageGroupRegistration::RegisterGroup(group) => {
                    groups.check_new(group)?;
                    groups.put(Scope::Mailbox(mailbox), group);
                }
                MessageGroupRegistration::ChangeDescriptors(group) => {
                    groups.check_known(&group.message_group_name)?;
                    groups.put(Scope::Mailbox(mailbox), group);
                }
                MessageGroupRegistration::DeregisterGroup(name) => {
                    groups.check_known(name)?;
                    let key = key(name);
                    let problem = if groups.has_child(&key) {
                        Some(MessageGroupProblem::CHILD_GROUP_REGISTERED)
                    } else if is_used(&key) {
                        Some(MessageGroupProblem::NAME_IN_USE)
                    } else if self.has_member(mailbox, &key)? {
                        Some(MessageGroupProblem::GROUP_NOT_EMPTY)
                    } else {
                        None
                    };
                    if let Some(problem) = problem {
                        return Err(group_error(problem, name.clone()).into());
                    }
                    groups.all.remove(&key);
                    let scope = Scope::Mailbox(mailbox);
                    groups.changes.push(Change::RemoveValue { scope, key });
                }
            }
        }
        Ok(groups)
    }

    /// Whether an entry is in a group.
    fn has_member(&self, mailbox: MailboxId, group: &Bytes) -> Result<bool, Refusal> {
        let entries = self.storage.select(mailbox, &Query::default())?;
        for row in entries.iter().filter(|row| row.amended) {
            let amendment = EntryReader::new(&*self.storage, mailbox, row).amendment()?;
            let mut names = amendment.values(Key::MESSAGE_GROUP_NAME).iter();
            if names.any(|octets| name_key(octets).as_ref() == Some(group)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The groups of a mailbox as they are to be.
#[derive(Debug)]
pub(crate) struct Groups {
    /// By key.
    pub(crate) all: BTreeMap<Bytes, MessageGroupNameAndDescriptor>,
    /// What makes them so.
    pub(crate) changes: Vec<Change>,
}

impl Groups {
    /// Those that are told where a request restricts them: those directly in one, or all that are
    /// in it; those in none where it names none.
    pub(crate) fn told(
        &self,
        restriction: Option<&MessageGroupsRestriction>,
    ) -> Vec<MessageGroupNameAndDescriptor> {
        let all = self.all.iter();
        let Some(restriction) = restriction else {
            return all.map(|(_, group)| group.clone()).collect();
        };
        let parent = restriction.parent_group.as_deref().unwrap_or_default();
        let (above, parent) = (parent.len(), key(parent));
        let depth = |group: &MessageGroupNameAndDescriptor| group.message_group_name.len();
        all.filter(|(key, group)| {
            key.starts_with(&parent)
                && depth(group) > above
                && (depth(group) == above + 1 || !restriction.immediate_descendants_only)
        })
        .map(|(_, group)| {
            let mut group = group.clone();
            if restriction.omit_descriptors {
                group.message_group_descriptor = None;
            }
            group
        })
        .collect()
    }

    fn put(&mut self, scope: Scope, group: &MessageGroupNameAndDescriptor) {
        let key = key(&group.message_group_name);
        self.changes.push(Change::PutValue { scope, key: key.clone(), value: group.to_ber() });
        self.all.insert(key, group.clone());
    }

    fn has_child(&self, parent: &Bytes) -> bool {
        let mut below = self.all.range(parent.clone()..).map(|(key, _)| key);
        below.any(|key| key != parent && key.starts_with(parent))
    }

    fn check_known(&self, name: &MessageGroupName) -> Result<(), RetrievalError> {
        match self.all.contains_key(&key(name)) {
            true => Ok(()),
            false => Err(group_error(MessageGroupProblem::NAME_NOT_REGISTERED, name.clone())),
        }
    }

    fn check_new(&self, group: &MessageGroupNameAndDescriptor) -> Result<(), RetrievalError> {
        let name = &group.message_group_name;
        let parent = name.split_last().map(|(_, parent)| parent).unwrap_or_default();
        let problem = if name.len() > DEPTH_MAX {
            MessageGroupProblem::GROUP_DEPTH_EXCEEDED
        } else if self.all.contains_key(&key(name)) {
            MessageGroupProblem::NAME_ALREADY_REGISTERED
        } else if !parent.is_empty() && !self.all.contains_key(&key(parent)) {
            MessageGroupProblem::PARENT_NOT_REGISTERED
        } else if self.all.len() >= GROUPS_MAX {
            return Err(registration_error(
                RegistrationProblem::REGISTRATION_LIMIT_EXCEEDED,
                Registrations::MESSAGE_GROUP_REGISTRATIONS,
            ));
        } else {
            return check_form(group);
        };
        Err(group_error(problem, name.clone()))
    }
}

/// Whether a group's name and descriptor are as long as they may be.
fn check_form(group: &MessageGroupNameAndDescriptor) -> Result<(), RetrievalError> {
    let name = &group.message_group_name;
    let parts =
        !name.is_empty() && name.iter().all(|p| (1..=PART_MAX).contains(&p.as_str().len()));
    let descriptor = group.message_group_descriptor.as_ref();
    if parts && descriptor.is_none_or(|text| (1..=DESCRIPTOR_MAX).contains(&text.as_str().len())) {
        return Ok(());
    }
    Err(registration_error(
        RegistrationProblem::REGISTRATION_IMPROPERLY_SPECIFIED,
        Registrations::MESSAGE_GROUP_REGISTRATIONS,
    ))
}
