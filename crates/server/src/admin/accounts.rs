//! Users, MTAs and managers.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use restante_directory::{Accounts, DirectoryError, Manager, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path},
    who::{Chief, Monitor},
};

/// A name with a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// A user's O/R address in any form, an MTA-name, or a manager's name.
    pub(crate) name: String,
    /// The password, of 1 to 62 octets.
    #[schema(format = Password, max_length = 62)]
    pub(crate) password: String,
    /// Of a manager: `monitor`, `operator` or `manager`.
    #[schema(value_type = Option<String>)]
    pub(crate) role: Option<Role>,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The password, of 1 to 62 octets.
    #[schema(format = Password, max_length = 62)]
    pub(crate) password: String,
}

/// Another role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// `monitor`, `operator` or `manager`.
    #[schema(value_type = String)]
    pub(crate) role: Role,
}

/// Whether what a user submits is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outbox {
    /// Whether it becomes an entry of the class submission where the submission does not say;
    /// null: as the store is set. It is so from the user's next bind on.
    pub(crate) store_submissions: Option<bool>,
}

/// A manager.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManagerState {
    /// The name.
    pub(crate) name: String,
    /// `monitor`, `operator` or `manager`.
    #[schema(value_type = String)]
    pub(crate) role: Role,
}

/// The three kinds of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Users of the store.
    Users,
    /// MTAs that may deliver.
    Mtas,
    /// People who run the store.
    Managers,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(users))
        .routes(routes!(mtas))
        .routes(routes!(managers))
        .routes(routes!(add))
        .routes(routes!(remove))
        .routes(routes!(password))
        .routes(routes!(role))
        .routes(routes!(outbox, set_outbox))
}

/// The users' O/R addresses
#[utoipa::path(get, path = "/api/users", tag = "accounts", responses(
    (status = 200, body = [String]), (status = 401, body = ApiError)))]
async fn users(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
) -> Result<Json<Vec<String>>, ApiError> {
    admin.blocking(|admin| Ok(admin.accounts.users()?)).await.map(Json)
}

/// The MTA-names
#[utoipa::path(get, path = "/api/mtas", tag = "accounts", responses(
    (status = 200, body = [String]), (status = 401, body = ApiError)))]
async fn mtas(State(admin): State<Arc<Admin>>, _: Monitor) -> Result<Json<Vec<String>>, ApiError> {
    admin.blocking(|admin| Ok(admin.accounts.mta_peers()?)).await.map(Json)
}

/// The managers
#[utoipa::path(get, path = "/api/managers", tag = "accounts", responses(
    (status = 200, body = [ManagerState]), (status = 401, body = ApiError)))]
async fn managers(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
) -> Result<Json<Vec<ManagerState>>, ApiError> {
    let work = |admin: &Admin| {
        let managers = admin.accounts.managers()?.into_iter();
        let state = managers.map(|one| ManagerState { name: one.name, role: one.role });
        Ok(state.collect())
    };
    admin.blocking(work).await.map(Json)
}

/// Add a user, an MTA or a manager
#[utoipa::path(post, path = "/api/accounts/{kind}", tag = "accounts", request_body = NewAccount,
    params(("kind" = Kind, Path)), responses((status = 201), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 409, body = ApiError), (status = 422, body = ApiError)))]
async fn add(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Path(kind): Path<Kind>,
    Body(new): Body<NewAccount>,
) -> Result<StatusCode, ApiError> {
    admin.blocking(move |admin| admin.add_account(kind, &new, &who)).await?;
    Ok(StatusCode::CREATED)
}

/// Remove a user, an MTA or a manager
///
/// A user's mailbox stays until it is deleted. Associations that are bound stay; sessions end.
#[utoipa::path(delete, path = "/api/accounts/{kind}/{name}", tag = "accounts",
    params(("kind" = Kind, Path), ("name" = String, Path)), responses((status = 204),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 409, body = ApiError),
    (status = 400, body = ApiError), (status = 422, body = ApiError)))]
async fn remove(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Path((kind, name)): Path<(Kind, String)>,
) -> Result<StatusCode, ApiError> {
    admin.blocking(move |admin| admin.remove_account(kind, &name, &who)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a user, an MTA or a manager another password
#[utoipa::path(put, path = "/api/accounts/{kind}/{name}/password", tag = "accounts",
    params(("kind" = Kind, Path), ("name" = String, Path)), request_body = NewPassword,
    responses((status = 204), (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 400, body = ApiError),
    (status = 422, body = ApiError)))]
async fn password(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Path((kind, name)): Path<(Kind, String)>,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, ApiError> {
    let set = move |admin: &Admin| admin.set_password(kind, &name, &new.password, &who);
    admin.blocking(set).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a manager another role
#[utoipa::path(put, path = "/api/managers/{name}/role", tag = "accounts",
    params(("name" = String, Path)), request_body = NewRole,
    responses((status = 204), (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 409, body = ApiError),
    (status = 400, body = ApiError), (status = 422, body = ApiError)))]
async fn role(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Path(name): Path<String>,
    Body(new): Body<NewRole>,
) -> Result<StatusCode, ApiError> {
    let work = move |admin: &Admin| {
        admin.accounts.set_manager_role(&name, new.role)?;
        admin.record(&who, format_args!("{name} is {} now", new.role));
        Ok(StatusCode::NO_CONTENT)
    };
    admin.blocking(work).await
}

/// Whether what a user submits is kept
#[utoipa::path(get, path = "/api/users/{name}/outbox", tag = "accounts",
    params(("name" = String, Path)), responses((status = 200, body = Outbox),
    (status = 401, body = ApiError), (status = 404, body = ApiError),
    (status = 400, body = ApiError)))]
async fn outbox(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path(name): Path<String>,
) -> Result<Json<Outbox>, ApiError> {
    let work = move |admin: &Admin| {
        let store_submissions = admin.accounts.store_submissions(&name)?;
        Ok(Json(Outbox { store_submissions }))
    };
    admin.blocking(work).await
}

/// Say whether what a user submits is kept
#[utoipa::path(put, path = "/api/users/{name}/outbox", tag = "accounts",
    params(("name" = String, Path)), request_body = Outbox,
    responses((status = 204), (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 400, body = ApiError),
    (status = 422, body = ApiError)))]
async fn set_outbox(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Path(name): Path<String>,
    Body(Outbox { store_submissions }): Body<Outbox>,
) -> Result<StatusCode, ApiError> {
    let work = move |admin: &Admin| {
        admin.accounts.set_store_submissions(&name, store_submissions)?;
        let kept = match store_submissions {
            Some(true) => "kept",
            Some(false) => "not kept",
            None => "kept as the store is set",
        };
        admin.record(&who, format_args!("what {name} submits is {kept}"));
        Ok(StatusCode::NO_CONTENT)
    };
    admin.blocking(work).await
}

impl Admin {
    /// Adds a user, an MTA or a manager.
    pub(crate) fn add_account(
        &self,
        kind: Kind,
        new: &NewAccount,
        who: &Manager,
    ) -> Result<(), ApiError> {
        let (accounts, password) = (&self.accounts, new.password.as_bytes());
        match kind {
            Kind::Users => accounts.add_user(&new.name, password).map(drop)?,
            Kind::Mtas => accounts.add_mta_peer(&new.name, password)?,
            Kind::Managers => {
                let role = new.role.ok_or_else(|| ApiError::invalid("a manager has a role"))?;
                accounts.add_manager(&new.name, role, password)?;
            }
        }
        self.record(who, format_args!("{} added to {kind:?}", new.name));
        Ok(())
    }

    /// Removes a user, an MTA or a manager.
    pub(crate) fn remove_account(
        &self,
        kind: Kind,
        name: &str,
        who: &Manager,
    ) -> Result<(), ApiError> {
        match kind {
            Kind::Users => self.accounts.remove_user(name)?,
            Kind::Mtas => self.accounts.remove_mta_peer(name)?,
            Kind::Managers => {
                self.accounts.remove_manager(name)?;
                self.sessions.close_all_of(name);
            }
        }
        self.record(who, format_args!("{name} removed from {kind:?}"));
        Ok(())
    }

    /// Gives a user, an MTA or a manager another password.
    pub(crate) fn set_password(
        &self,
        kind: Kind,
        name: &str,
        password: &str,
        who: &Manager,
    ) -> Result<(), ApiError> {
        let set: fn(&Accounts, &str, &[u8]) -> Result<(), DirectoryError> = match kind {
            Kind::Users => Accounts::set_user_password,
            Kind::Mtas => Accounts::set_mta_password,
            Kind::Managers => Accounts::set_manager_password,
        };
        set(&self.accounts, name, password.as_bytes())?;
        if kind == Kind::Managers {
            self.sessions.close_all_of(name);
        }
        self.record(who, format_args!("{name} of {kind:?} has another password"));
        Ok(())
    }
}
