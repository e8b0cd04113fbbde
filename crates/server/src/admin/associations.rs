//! Associations: who is there, and ending one.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use restante_directory::Manager;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::Path,
    who::{Anyone, Operator},
};
use crate::{hub::Live, shared::time_text};

/// An association.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AssociationState {
    /// Its number; never used twice by one process.
    pub(crate) id: u64,
    /// The other end's IP address and port.
    pub(crate) peer: String,
    /// Whether the store called.
    pub(crate) outgoing: bool,
    /// Since when it is connected.
    #[schema(format = DateTime)]
    pub(crate) since: String,
    /// The user's address or the MTA's name; nothing before the bind.
    pub(crate) name: Option<String>,
    /// The application context.
    #[schema(example = "ms-access-88")]
    pub(crate) context: Option<String>,
    /// The mailbox of a user agent.
    pub(crate) mailbox: Option<String>,
    /// Operations that the peer has invoked.
    pub(crate) operations: u64,
    /// When it invoked the last.
    #[schema(format = DateTime)]
    pub(crate) last_operation: String,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(disconnect))
}

/// Associations, in the order in which they came
#[utoipa::path(get, path = "/api/associations", tag = "associations", responses(
    (status = 200, body = [AssociationState]), (status = 401, body = ApiError)))]
async fn list(State(admin): State<Arc<Admin>>, _: Anyone) -> Json<Vec<AssociationState>> {
    Json(admin.associations())
}

/// Disconnect an association
///
/// It is aborted. What was acknowledged stays; the peer may bind again.
#[utoipa::path(delete, path = "/api/associations/{id}", tag = "associations",
    params(("id" = u64, Path)), responses((status = 204), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 400, body = ApiError)))]
async fn disconnect(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(id): Path<u64>,
) -> Result<StatusCode, ApiError> {
    admin.disconnect(id, &who).map(|_| StatusCode::NO_CONTENT)
}

impl Admin {
    /// Has an association aborted; with whom it was.
    pub(crate) fn disconnect(&self, id: u64, who: &Manager) -> Result<String, ApiError> {
        let live = self.shared.hub.association(id);
        let live =
            live.ok_or_else(|| ApiError::not_found(format!("there is no association {id}")))?;
        let name = live.bound().map_or_else(|| live.peer.to_string(), |bound| bound.name);
        live.disconnect();
        self.record(who, format_args!("association {id} with {name} disconnected"));
        Ok(name)
    }

    /// The associations that there are.
    pub(crate) fn associations(&self) -> Vec<AssociationState> {
        self.shared.hub.associations().iter().map(|live| AssociationState::of(live)).collect()
    }
}

impl AssociationState {
    fn of(live: &Live) -> Self {
        let bound = live.bound();
        Self {
            id: live.id,
            peer: live.peer.to_string(),
            outgoing: live.outgoing,
            since: time_text(live.since),
            context: bound.as_ref().map(|bound| bound.context.to_owned()),
            mailbox: bound.as_ref().and_then(|bound| bound.mailbox.clone()),
            name: bound.map(|bound| bound.name),
            operations: live.operations(),
            last_operation: time_text(live.last()),
        }
    }
}
