//! Auto-actions of a mailbox, for whoever manages it: what is registered, registered and removed
//! by Register-MS (X.413 §8.3.6) in the user's name, so that the same is refused as of the user.

mod said;

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use restante_ber::{Any, Decode, Oid, SetOf};
use restante_directory::{Manager, User};
use restante_mhs::x413::{
    AutoActionDeregistration, AutoActionRegistration, RegisterMSArgument, RegisterMSResult,
    RegistrationTypes, Registrations, RetrievalError,
};
use restante_ms::Reply;
use restante_storage::{Mailbox, Storage as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path},
    mailboxes::key,
    who::{Monitor, Operator},
};
use crate::{effect, logging::BY_ITSELF};
pub(crate) use said::{
    AutoAcknowledgement, AutoAction, AutoAlert, AutoDiscard, AutoForward, DelayedAutoForward,
    Indicator, name_of, parsed,
};

/// The highest registration-identifier: X.413's ub-auto-registrations.
const NUMBER_MAX: u32 = 32_767;

/// An auto-action with its number among those of its kind.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAutoAction {
    /// Its registration-identifier: 1 to 32767.
    #[serde(default = "first")]
    #[schema(minimum = 1, maximum = 32767, default = 1)]
    pub(crate) number: u32,
    /// What is done.
    pub(crate) action: AutoAction,
}

fn first() -> u32 {
    1
}

/// An auto-action that is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AutoActionState {
    /// What it is called; an object identifier where it has no name.
    #[schema(example = "auto-forward")]
    pub(crate) kind: String,
    /// Its registration-identifier.
    pub(crate) number: u32,
    /// What is done, as far as these fields can say it.
    pub(crate) action: Option<AutoAction>,
    /// Whether they say all of it. Where they do not, what a user agent registered says more, and
    /// to register `action` loses that.
    pub(crate) whole: bool,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list, register)).routes(routes!(remove))
}

/// What the store does for a user by itself
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/auto-actions", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    responses((status = 200, body = [AutoActionState]), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 409, body = ApiError),
    (status = 422, body = ApiError)))]
async fn list(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path(address): Path<String>,
) -> Result<Json<Vec<AutoActionState>>, ApiError> {
    admin.blocking(move |admin| admin.auto_actions(&address)).await.map(Json)
}

/// Register an auto-action, or change the one of its kind and number
///
/// The entries to which it applies now are those that `/api/mailboxes/{mailbox}/entries` finds by
/// the same filter.
#[utoipa::path(post, path = "/api/mailboxes/{mailbox}/auto-actions", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    request_body = NewAutoAction, responses((status = 200, body = AutoActionState),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 409, body = ApiError), (status = 422, body = ApiError)))]
async fn register(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
    Body(new): Body<NewAutoAction>,
) -> Result<Json<AutoActionState>, ApiError> {
    admin.blocking(move |admin| admin.register_auto_action(&address, &new, &who)).await.map(Json)
}

/// Remove an auto-action
#[utoipa::path(delete, path = "/api/mailboxes/{mailbox}/auto-actions/{kind}/{number}",
    tag = "mailboxes", params(("mailbox" = String, Path,
    description = "an O/R address in any form"), ("kind" = String, Path,
    description = "what it is called, or its object identifier"), ("number" = u32, Path)),
    responses((status = 204), (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 409, body = ApiError), (status = 422, body = ApiError)))]
async fn remove(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path((address, kind, number)): Path<(String, String, u32)>,
) -> Result<StatusCode, ApiError> {
    let work = move |admin: &Admin| admin.remove_auto_action(&address, &kind, number, &who);
    admin.blocking(work).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl AutoActionState {
    fn of(registration: &AutoActionRegistration, user: &User) -> Self {
        let number = registration.registration_identifier;
        let action = AutoAction::of(registration);
        let again = action
            .as_ref()
            .map(|action| action.registration(number, &user.or_address.clone().into()));
        Self {
            kind: said::name_of(&registration.auto_action_type),
            number,
            whole: matches!(again, Some(Ok(again)) if again == *registration),
            action,
        }
    }
}

impl Admin {
    /// What is registered for a mailbox.
    pub(crate) fn auto_actions(&self, address: &str) -> Result<Vec<AutoActionState>, ApiError> {
        let user = self.user(address)?;
        let registrations = self.registrations(&user)?;
        Ok(registrations.iter().map(|one| AutoActionState::of(one, &user)).collect())
    }

    /// Registers an auto-action in the place of the one of its kind and number.
    pub(crate) fn register_auto_action(
        &self,
        address: &str,
        new: &NewAutoAction,
        who: &Manager,
    ) -> Result<AutoActionState, ApiError> {
        let user = self.user(address)?;
        let number = new.number;
        if !(1..=NUMBER_MAX).contains(&number) {
            return Err(ApiError::invalid(format!("number takes 1 to {NUMBER_MAX}")));
        }
        let registration = new.action.registration(number, &user.or_address.clone().into())?;
        self.register_ms(
            &user,
            &RegisterMSArgument {
                auto_action_registrations: Some(SetOf(vec![registration.clone()])),
                ..RegisterMSArgument::default()
            },
        )?;
        let state = AutoActionState::of(&registration, &user);
        self.record(who, format_args!("{} {number} of {} registered", state.kind, user.key));
        Ok(state)
    }

    /// Removes an auto-action.
    pub(crate) fn remove_auto_action(
        &self,
        address: &str,
        kind: &str,
        number: u32,
        who: &Manager,
    ) -> Result<(), ApiError> {
        let user = self.user(address)?;
        let not_there = || ApiError::not_found(format!("no {kind} {number} is registered"));
        let auto_action_type: Oid = said::type_of(kind).ok_or_else(not_there)?;
        let is_it = |one: &AutoActionRegistration| {
            one.auto_action_type == auto_action_type && one.registration_identifier == number
        };
        if !self.registrations(&user)?.iter().any(is_it) {
            return Err(not_there());
        }
        let going = AutoActionDeregistration { auto_action_type, registration_identifier: number };
        self.register_ms(
            &user,
            &RegisterMSArgument {
                auto_action_deregistrations: Some(SetOf(vec![going])),
                ..RegisterMSArgument::default()
            },
        )?;
        self.record(who, format_args!("{kind} {number} of {} removed", user.key));
        Ok(())
    }

    pub(super) fn registrations(
        &self,
        user: &User,
    ) -> Result<Vec<AutoActionRegistration>, ApiError> {
        if self.store.mailbox(&user.key).is_none() {
            return Ok(Vec::new());
        }
        let asked = Registrations::of([Registrations::AUTO_ACTION_REGISTRATIONS]);
        let result = self.register_ms(
            user,
            &RegisterMSArgument {
                registration_status_request: Some(RegistrationTypes {
                    registrations: Some(asked),
                    ..RegistrationTypes::default()
                }),
                ..RegisterMSArgument::default()
            },
        )?;
        Ok(match result {
            RegisterMSResult::RegisteredInformation(told) => {
                told.auto_action_registrations.unwrap_or_default().0
            }
            RegisterMSResult::NoStatusInformation(_) => Vec::new(),
        })
    }

    /// Registers in a user's name, durably.
    pub(super) fn register_ms(
        &self,
        user: &User,
        argument: &RegisterMSArgument,
    ) -> Result<RegisterMSResult, ApiError> {
        let mut outcome = self.shared.service.register_for(user, argument);
        let committed = outcome.commit.take().map(|ticket| ticket.wait());
        match effect::settled(&self.shared, (BY_ITSELF, None), outcome, committed.as_ref()) {
            Reply::Result { value, .. } => {
                RegisterMSResult::from_bytes(&value.to_bytes()).map_err(ApiError::fault)
            }
            Reply::Error { code, parameter, .. } => {
                let parameter = parameter.map(|value| Any::from_bytes(&value.to_bytes()));
                let parameter = parameter.transpose().map_err(ApiError::fault)?;
                let error =
                    RetrievalError::of(code, parameter.as_ref()).map_err(ApiError::fault)?;
                Err(match error {
                    RetrievalError::Service(_) => ApiError::unavailable(error.to_string()),
                    error => ApiError::invalid(format!("the store refuses it: {error}")),
                })
            }
            Reply::Reject(problem) => Err(ApiError::fault(problem)),
            Reply::Later => Err(ApiError::fault("Register-MS has no answer yet")),
        }
    }

    /// A user, with a mailbox or without.
    fn user(&self, address: &str) -> Result<User, ApiError> {
        let name = key(address)?;
        if let Some(user) = self.shared.directory.user(&name)? {
            return Ok(user);
        }
        let Mailbox { name, .. } = self.mailbox(address)?;
        let text = format!("{name} is no user any more, for whom nothing is done; add it again");
        Err(ApiError::conflict(text))
    }
}
