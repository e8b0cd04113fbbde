//! Registration of auto-actions by Register-MS (X.413 §8.3.6), and what is kept of it.
//!
//! ```text
//! key     "auto-action/", 4 octets registration-identifier (big-endian), the contents of the
//!         auto-action-type
//! value   an AutoActionRegistration, as it came
//! ```

use std::sync::{Arc, MutexGuard};

use bytes::Bytes;
use restante_ber::{Decode, Encode, Null, Oid, SetOf};
use restante_directory::User;
use restante_mhs::x413::{
    AttributeValue, AutoActionRegistration, AutoActionRequestError, AutoActionRequestProblem,
    AutoActionRequestProblemItem, AutoAlertRegistrationParameter, AutoModifyRegistrationParameter,
    Filter, MessageGroupName, RegisterMSArgument, RegisterMSError, RegistrationProblem,
    RegistrationTypes, Registrations, Restrictions, RetrievalError, oids,
};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{AutoForwardRegistration, DELAYED_AUTO_FORWARD, oids as ipms};
use restante_storage::{Change, Scope, Storage, Ticket};

use super::{Action, Known, PREFIX, Rule, Rules, available, in_order};
use super::{REGISTERED_BYTES_MAX, REGISTRATIONS_MAX};
use super::{acknowledge::Acknowledging, advise::Advising, discard::Discarding};
use super::{alert::Alerting, delayed::Later, forward::Forwarding};
use super::{modified::Modifying, storing::Storing};
use crate::modify::Modification;
use crate::seam::Refusal;
use crate::{Binding, Effect, MessageStore, Outcome};
use crate::{filter, groups};

/// A change of registrations that was checked. No other is made while it is there.
pub(crate) struct Registering<'a> {
    binding: &'a Binding,
    before: Rules,
    rules: Rules,
    changes: Vec<Change>,
    effects: Vec<Effect>,
    _leave: MutexGuard<'a, ()>,
}

impl<S: Storage> MessageStore<S> {
    /// Checks what a Register-MS has to say of auto-actions.
    pub(crate) fn register_auto_actions<'a>(
        &'a self,
        binding: &'a Binding,
        argument: &RegisterMSArgument,
    ) -> Result<Registering<'a>, Refusal> {
        let available = available(binding.edition);
        let coming = argument.auto_action_registrations.iter().flat_map(|set| &set.0);
        let going = argument.auto_action_deregistrations.iter().flat_map(|set| &set.0);
        let unavailable: Vec<Oid> = coming
            .clone()
            .map(|one| &one.auto_action_type)
            .chain(going.clone().map(|one| &one.auto_action_type))
            .filter(|oid| !available.contains(oid))
            .cloned()
            .collect();
        if !unavailable.is_empty() {
            let problem = AutoActionRequestProblem::UNAVAILABLE_AUTO_ACTION_TYPE;
            return Err(request_error(unavailable, problem).into());
        }
        let _leave = self.auto_actions.register();
        let look =
            |at: fn(&Known) -> Rules| self.auto_actions.look(&*self.storage, binding.mailbox, at);
        let before = look(|known| known.in_force.clone())?;
        let scope = Scope::Mailbox(binding.mailbox);
        let (mut changes, mut effects) = (Vec::new(), Vec::new());
        let mut kept: Vec<Arc<Rule>> = look(|known| known.asked_for.clone())?.to_vec();
        for one in going {
            let named = (&one.auto_action_type, one.registration_identifier);
            kept.retain(|rule| rule.name() != named);
            changes.push(Change::RemoveValue { scope, key: key(named) });
            changes.extend(self.forget_advised(scope, named)?);
        }
        for one in coming {
            let rule = Rule::of(one.clone(), binding.edition)?;
            rule.check_user(&binding.user, binding.edition)?;
            self.check_groups(binding.mailbox, rule.groups())?;
            kept.retain(|known| known.name() != rule.name());
            let (key, value) = (key(rule.name()), one.to_ber());
            changes.push(Change::PutValue { scope, key, value });
            changes.push(super::errand::mark(binding.mailbox));
            changes.extend(self.forget_advised(scope, rule.name())?);
            let begins = match &rule.action {
                Action::Delete => Some(super::sweep::first(binding.mailbox)),
                Action::Discard(discarding) if discarding.expired => {
                    let (_, registration) = rule.name();
                    Some(super::discard::stored(binding.mailbox, registration))
                }
                _ => None,
            };
            if let Some(work) = begins {
                effects.push(Effect::Due { at: work.at });
                changes.push(work.put(Bytes::new()));
            }
            kept.push(Arc::new(rule));
        }
        let octets = kept.iter().map(|rule| rule.octets()).sum::<usize>();
        if kept.len() > REGISTRATIONS_MAX || octets > REGISTERED_BYTES_MAX {
            let problem = RegistrationProblem::REGISTRATION_LIMIT_EXCEEDED;
            return Err(register_error(problem).into());
        }
        let rules = Arc::new(in_order(kept));
        Ok(Registering { binding, before, rules, changes, effects, _leave })
    }

    /// Registers for a user, as the user would: for whoever manages the store.
    pub fn register_for(&self, user: &User, argument: &RegisterMSArgument) -> Outcome {
        let edition = Edition::E1994;
        let mailbox = match self.mailbox(user) {
            Ok(mailbox) => mailbox,
            Err(error) => return Refusal::from(error).outcome(edition),
        };
        let (user, fetch_restrictions) = (user.clone(), Restrictions::default());
        let binding = Binding { user, mailbox, edition, agent: None, fetch_restrictions };
        self.register(&binding, argument).unwrap_or_else(|refusal| refusal.outcome(edition))
    }

    /// The registrations hold as soon as `commit` is ready, which makes their changes.
    /// `registering` is to be dropped only then.
    pub(crate) fn registered_auto_actions(&self, registering: &Registering<'_>, commit: &Ticket) {
        let rules = [registering.before.clone(), registering.rules.clone()];
        self.auto_actions.replace(registering.binding.mailbox, rules, commit.clone());
    }
}

impl Registering<'_> {
    /// What is to be committed for it.
    pub(crate) fn changes(&mut self) -> Vec<Change> {
        core::mem::take(&mut self.changes)
    }

    /// What is to be done when it is durable.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    /// Whether one of them names a message-group.
    pub(crate) fn name_group(&self, group: &[u8]) -> bool {
        self.rules.iter().flat_map(|rule| rule.groups()).any(|name| groups::key(&name) == group)
    }

    /// All that is registered then.
    pub(crate) fn registrations(&self) -> SetOf<AutoActionRegistration> {
        self.rules.iter().map(|rule| rule.registration.clone()).collect()
    }
}

impl Rule {
    /// Reads a registration.
    ///
    /// # Errors
    /// attribute-error for a filter or a selection that can't be; register-MS-error,
    /// registration-improperly-specified, for a parameter that is not of its type, where 1988 has
    /// invalid-parameters-error.
    pub(super) fn of(
        registration: AutoActionRegistration,
        edition: Edition,
    ) -> Result<Self, RetrievalError> {
        let parameter = registration.registration_parameter.as_ref();
        let (filter, action) = match &registration.auto_action_type {
            oid if *oid == oids::ID_ACT_AUTO_ALERT => {
                let alert: AutoAlertRegistrationParameter = read(parameter, edition)?;
                (alert.filter.clone(), Action::Alert(Alerting::of(&alert)?))
            }
            oid if *oid == DELAYED_AUTO_FORWARD => {
                let later = Later::of(read(parameter, edition)?, edition)?;
                (later.forwarding.filter.clone(), Action::ForwardLater(Box::new(later)))
            }
            oid if *oid == oids::ID_ACT_AUTO_DELETE => (None, Action::Delete),
            oid if *oid == oids::ID_ACT_AUTO_CORRELATE_REPORTS => (None, Action::CorrelateReports),
            oid if *oid == ipms::ID_AA_IPM_AUTO_CORRELATE => (None, Action::CorrelateMessages),
            oid if *oid == oids::ID_ACT_AUTO_MODIFY => {
                let modify: AutoModifyRegistrationParameter = read(parameter, edition)?;
                let modifying = Modifying::of(&modify, edition)?;
                (modify.filter, Action::Modify(modifying))
            }
            oid if *oid == ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT => {
                (None, Action::Acknowledge(Acknowledging::of(read(parameter, edition)?)))
            }
            oid if *oid == ipms::ID_AA_IPM_AUTO_DISCARD => {
                let discarding = Discarding::of(read(parameter, edition)?);
                (discarding.filter.clone(), Action::Discard(discarding))
            }
            oid if *oid == ipms::ID_AA_IPM_AUTO_ADVISE => {
                let advising = Advising::of(read(parameter, edition)?);
                (advising.filter.clone(), Action::Advise(advising))
            }
            _ => {
                let forward: AutoForwardRegistration = read(parameter, edition)?;
                let forward = Forwarding::of(forward, edition)?;
                (forward.filter.clone(), Action::Forward(Box::new(forward)))
            }
        };
        let filter = checked(filter.as_ref(), edition)?;
        Ok(Self { registration, filter, action })
    }

    /// Which registration it is.
    pub(super) fn name(&self) -> (&Oid, u32) {
        (&self.registration.auto_action_type, self.registration.registration_identifier)
    }

    /// How long its parameter is.
    fn octets(&self) -> usize {
        let parameter = self.registration.registration_parameter.as_ref();
        parameter.map_or(0, |parameter| parameter.0.len())
    }

    /// What it forwards, where it does.
    fn forwarding(&self) -> Option<&Forwarding> {
        match &self.action {
            Action::Forward(forwarding) => Some(forwarding),
            Action::ForwardLater(later) => Some(&later.forwarding),
            _ => None,
        }
    }

    /// How what it submits is stored, where it submits.
    fn storing(&self) -> Option<&Storing> {
        match &self.action {
            Action::Acknowledge(acknowledging) => Some(&acknowledging.storing),
            Action::Discard(discarding) => Some(&discarding.storing),
            Action::Advise(advising) => Some(&advising.storing),
            _ => self.forwarding().map(|forwarding| &forwarding.storing),
        }
    }

    /// The message-groups that it gives to entries.
    fn groups(&self) -> impl Iterator<Item = MessageGroupName> + '_ {
        let modifications = match &self.action {
            Action::Modify(modifying) => modifying.modifications.as_slice(),
            _ => &[],
        };
        let stored = self.storing().into_iter().flat_map(|storing| &storing.groups.0);
        modifications.iter().flat_map(Modification::groups).chain(stored.cloned())
    }

    /// A user's store submits in the user's name only.
    fn check_user(&self, user: &User, edition: Edition) -> Result<(), RetrievalError> {
        match self.forwarding() {
            Some(forward) if forward.originator_name.address.key() != user.key => {
                Err(improper(edition))
            }
            _ => Ok(()),
        }
    }
}

/// The key of a registration.
fn key((auto_action_type, identifier): (&Oid, u32)) -> Bytes {
    [PREFIX, &identifier.to_be_bytes(), auto_action_type.contents()].concat().into()
}

fn read<T: Decode>(
    parameter: Option<&AttributeValue>,
    edition: Edition,
) -> Result<T, RetrievalError> {
    let octets = parameter.ok_or_else(|| improper(edition))?.octets();
    T::from_bytes(&octets).map_err(|_| improper(edition))
}

fn checked(
    filter: Option<&Filter>,
    edition: Edition,
) -> Result<Option<filter::Checked>, RetrievalError> {
    filter.map(|filter| filter::check(filter, edition)).transpose()
}

/// The error of a parameter that is none of its auto-action.
pub(super) fn improper(edition: Edition) -> RetrievalError {
    match edition {
        Edition::E1988 => RetrievalError::InvalidParameters(Null),
        Edition::E1994 => register_error(RegistrationProblem::REGISTRATION_IMPROPERLY_SPECIFIED),
    }
}

fn register_error(problem: RegistrationProblem) -> RetrievalError {
    let registrations = Registrations::of([Registrations::AUTO_ACTION_REGISTRATIONS]);
    RetrievalError::RegisterMS(RegisterMSError {
        problem,
        registration_type: RegistrationTypes {
            registrations: Some(registrations),
            ..RegistrationTypes::default()
        },
    })
}

/// auto-action-request-error.
fn request_error(types: Vec<Oid>, problem: AutoActionRequestProblem) -> RetrievalError {
    let item = |r#type| AutoActionRequestProblemItem { problem, r#type };
    let problems = SetOf(types.into_iter().map(item).collect());
    RetrievalError::AutoActionRequest(AutoActionRequestError { problems })
}
