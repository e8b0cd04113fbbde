//! Register (X.411 §8.4.1.1) of a user agent's: what the MTS may deliver to it. The store is only
//! on the way: it goes to the MTA, in the user's name, and the MTA keeps and enforces it. Where
//! there is no MTA it is kept here, see [`crate::Deliverable`].
//!
//! A user's name and where it is reached are for the operator to say, whoever is asked. What
//! nobody here would heed is refused and not kept: redirections, labels, controls of a bind that
//! never is.

mod forms;

use restante_ber::{Bytes, Decode, Encode, Kept, Null, Rope};
use restante_mhs::x411::{
    MTSAbstractError, MessageClass, ORName, RefusalReason, RefusedArgument, RefusedOperation,
    RefusedOperationArgument, Register88, RegisterArgument, RegisterNonEmptyResult,
    RegisterResult, StandardParameters,
};
use restante_mhs::x419::{Edition, Port, mts_access};
use restante_storage::{Storage, Transaction};

use crate::deliverable::keep;
use crate::seam::{Refusal, mts_error};
use crate::{Binding, Deliverable, Effect, InvokeProblem, MessageStore, Outcome, Reply};

/// The argument of register, in the form of the association's edition.
#[derive(Clone, Debug, PartialEq)]
pub enum Registration {
    /// In that of 1988, and its octets.
    E1988(Box<Kept<Register88>>),
    /// In that of 1994, and its octets.
    E1994(Box<Kept<RegisterArgument>>),
}

impl Registration {
    /// Reads an argument.
    pub(crate) fn decode(
        edition: Edition,
        argument: Option<&Bytes>,
    ) -> Result<Self, InvokeProblem> {
        let octets = argument.ok_or(InvokeProblem::MistypedArgument)?;
        match edition {
            Edition::E1988 => Kept::from_bytes(octets).map(Box::new).map(Self::E1988),
            Edition::E1994 => Kept::from_bytes(octets).map(Box::new).map(Self::E1994),
        }
        .map_err(|_| InvokeProblem::MistypedArgument)
    }

    /// The argument for an MTA of an edition, as it came where that is the user agent's; or what
    /// of it that edition can't say.
    fn for_mta(self, edition: Edition) -> Result<Rope, RefusedArgument> {
        Ok(match (self, edition) {
            (Self::E1988(argument), Edition::E1988) => Rope::from(argument.octets().clone()),
            (Self::E1994(argument), Edition::E1994) => Rope::from(argument.octets().clone()),
            (Self::E1988(argument), Edition::E1994) => {
                forms::of_1994(argument.into_value()).to_rope()
            }
            (Self::E1994(argument), Edition::E1988) => {
                forms::of_1988(argument.into_value())?.to_rope()
            }
        })
    }

    /// What nobody may change by it.
    fn forbidden(&self, user: &Binding) -> Option<RefusedArgument> {
        let (name, address) = match self {
            Self::E1988(argument) => (&argument.user_name, &argument.user_address),
            Self::E1994(argument) => (&argument.user_name, &argument.user_address),
        };
        let other = |name: &ORName| name.address.key() != user.user.key;
        if name.as_ref().is_some_and(other) {
            return Some(RefusedArgument::USER_NAME);
        }
        address.as_ref().map(|_| RefusedArgument::USER_ADDRESS)
    }

    /// What is not heeded where there is no MTA.
    fn not_here(&self) -> Option<RefusedArgument> {
        match self {
            Self::E1988(argument) => {
                if argument.labels_and_redirections.is_some() {
                    return Some(RefusedArgument::RECIPIENT_ASSIGNED_REDIRECTIONS);
                }
                argument.default_delivery_controls.as_ref().map(|_| RefusedArgument::RESTRICT)
            }
            Self::E1994(argument) => {
                if argument.redirections.is_some() {
                    return Some(RefusedArgument::RECIPIENT_ASSIGNED_REDIRECTIONS);
                }
                let labelled = |class: &MessageClass| class.security_labels.is_some();
                if argument.deliverable_class.iter().flat_map(|set| &set.0).any(labelled) {
                    return Some(RefusedArgument::DELIVERABLE_SECURITY_LABELS);
                }
                argument.default_delivery_controls.as_ref().map(|_| RefusedArgument::RESTRICT)
            }
        }
    }
}

/// The error where a part of a registration is refused: 1988 says no more than that it is.
fn refused(edition: Edition, what: RefusedArgument, why: RefusalReason) -> Reply {
    let error = match edition {
        Edition::E1988 => MTSAbstractError::RegisterRejected,
        Edition::E1994 => MTSAbstractError::OperationRefused(RefusedOperation {
            refused_argument: RefusedOperationArgument::BuiltInArgument(what),
            refusal_reason: why,
        }),
    };
    mts_error(&error, Port::Administration)
}

/// The error where nothing can be registered now.
pub(crate) fn not_now(edition: Edition) -> Reply {
    let error = match edition {
        Edition::E1988 => MTSAbstractError::RegisterRejected,
        Edition::E1994 => MTSAbstractError::RemoteBindError,
    };
    mts_error(&error, Port::Administration)
}

/// Whether register has an error in an edition.
pub(crate) fn is_of_register(edition: Edition, code: i64) -> bool {
    match edition {
        Edition::E1988 => code == mts_access::ERR_REGISTER_REJECTED,
        Edition::E1994 => matches!(
            code,
            mts_access::ERR_REGISTER_REJECTED
                | mts_access::ERR_REMOTE_BIND_ERROR
                | mts_access::ERR_OPERATION_REFUSED
                | mts_access::ERR_SECURITY_ERROR
        ),
    }
}

/// The result, from what an MTA of whichever edition returned: 1988 has NULL alone.
pub(crate) fn result(edition: Edition, from_mta: Option<Bytes>) -> Reply {
    let null = || Null.to_ber();
    let value = match edition {
        Edition::E1988 => null(),
        Edition::E1994 => from_mta.unwrap_or_else(null),
    };
    Reply::Result {
        operation: mts_access::OP_REGISTER,
        port: Port::Administration,
        value: Rope::from(value),
    }
}

impl<S: Storage> MessageStore<S> {
    /// register of the administration port.
    pub(crate) fn administer_registration(
        &self,
        binding: &Binding,
        registration: Registration,
    ) -> Result<Outcome, Refusal> {
        let edition = binding.edition;
        let no = |what, why| {
            let reason = format!("not registered: {what}: {why}");
            let mailbox = binding.user.key.clone();
            Ok(Outcome::now(refused(edition, what, why))
                .with(Effect::RegistrationRefused { mailbox, reason }))
        };
        if let Some(what) = registration.forbidden(binding) {
            return no(what, RefusalReason::PARAMETER_UNACCEPTABLE);
        }
        if let Some(mta) = self.settings.mta {
            return match registration.for_mta(mta) {
                Ok(argument) => Ok(self.pass_registration(binding, argument)),
                Err(what) => no(what, RefusalReason::FACILITY_UNAVAILABLE),
            };
        }
        match registration.not_here() {
            Some(what) => no(what, RefusalReason::FACILITY_UNAVAILABLE),
            None => self.register_here(binding, &registration),
        }
    }

    /// Keeps a registration; tells what is asked for.
    fn register_here(
        &self,
        binding: &Binding,
        registration: &Registration,
    ) -> Result<Outcome, Refusal> {
        let edition = binding.edition;
        let before = self.deliverable(binding.mailbox)?;
        let after = match registration {
            Registration::E1988(argument) => before.clone().with_1988(argument),
            Registration::E1994(argument) => before.clone().with(argument),
        };
        let asked = match registration {
            Registration::E1988(_) => None,
            Registration::E1994(argument) => argument.retrieve_registrations.as_ref(),
        };
        let told =
            asked.map(|asked| told(binding, &after, asked.standard_parameters.as_ref()).to_ber());
        let outcome = Outcome::now(result(edition, told));
        if after == before {
            return Ok(outcome);
        }
        let commit = self.storage.commit(Transaction::of(keep(binding.mailbox, &after)));
        let mailbox = binding.user.key.clone();
        Ok(outcome.after(commit, not_now(edition)).with(Effect::Registered { mailbox }))
    }
}

/// The registrations that a user asks for; all of the standard's where none is named.
fn told(
    binding: &Binding,
    registered: &Deliverable,
    asked: Option<&StandardParameters>,
) -> RegisterResult {
    let asked = |bit| asked.is_none_or(|asked| asked.has(bit));
    let registered = registered.registered();
    let class = registered.deliverable_class.as_ref();
    let restricted = registered.restricted_delivery.as_ref();
    let name = ORName::from(binding.user.or_address.clone());
    let information = RegisterArgument {
        user_name: asked(StandardParameters::USER_NAME).then_some(name),
        deliverable_class: class.filter(|_| asked(StandardParameters::DELIVERABLE_CLASS)).cloned(),
        restricted_delivery: restricted
            .filter(|_| asked(StandardParameters::RESTRICTED_DELIVERY))
            .cloned(),
        ..RegisterArgument::default()
    };
    RegisterResult::NonEmptyResult(RegisterNonEmptyResult {
        registered_information: Some(information),
        ..RegisterNonEmptyResult::default()
    })
}
