//! Operations that are blocked, and the store drained.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use restante_directory::Manager;
use restante_ms::{Hold, Whose, Why};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path},
    mailboxes::key,
    store::StoreState,
    who::{Anyone, Operator},
};
use crate::{
    blocks::{BLOCKS_MAX, Block, Blockable},
    hub::What,
    shared::{self, time_text},
};

/// The longest time for which something is blocked, seconds: a year.
const TIME_MAX_S: u32 = 31_536_000;
/// The longest reason, octets.
const REASON_MAX: usize = 500;

/// An operation that is blocked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BlockState {
    /// Its number.
    pub(crate) id: u64,
    /// What is blocked.
    pub(crate) operation: Blockable,
    /// In whose mailbox; nothing: in all.
    pub(crate) mailbox: Option<String>,
    /// Since when.
    #[schema(format = DateTime)]
    pub(crate) since: String,
    /// Until when; nothing: until it is unblocked.
    #[schema(format = DateTime)]
    pub(crate) until: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Who blocked it.
    pub(crate) by: String,
}

/// An operation that is to be blocked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBlock {
    /// What is to be blocked.
    pub(crate) operation: Blockable,
    /// In whose mailbox: an O/R address in any form; in all where nothing is said.
    pub(crate) mailbox: Option<String>,
    /// For how long, seconds, a year at most; until it is unblocked where nothing is said.
    #[schema(minimum = 1, maximum = 31536000)]
    pub(crate) for_s: Option<u32>,
    /// Why, 500 octets at most.
    #[schema(max_length = 500)]
    pub(crate) reason: Option<String>,
}

/// Whether the store is to be drained.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drain {
    /// Whether it is.
    pub(crate) draining: bool,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(list, block))
        .routes(routes!(unblock))
        .routes(routes!(drain))
}

/// Operations that are blocked
#[utoipa::path(get, path = "/api/blocks", tag = "store", responses(
    (status = 200, body = [BlockState]), (status = 401, body = ApiError)))]
async fn list(State(admin): State<Arc<Admin>>, _: Anyone) -> Json<Vec<BlockState>> {
    Json(admin.blocks())
}

/// Block an operation
///
/// For all mailboxes or one. It takes the place of a block of the same operation and mailbox.
/// Users who are bound stay so; the operation is refused. Deliveries stay with the MTA.
#[utoipa::path(post, path = "/api/blocks", tag = "store", request_body = NewBlock, responses(
    (status = 201, body = BlockState), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 409, body = ApiError), (status = 422, body = ApiError)))]
async fn block(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Body(new): Body<NewBlock>,
) -> Result<(StatusCode, Json<BlockState>), ApiError> {
    let block = admin.blocking(move |admin| admin.block(&new, &who)).await?;
    Ok((StatusCode::CREATED, Json(block)))
}

/// Unblock an operation
#[utoipa::path(delete, path = "/api/blocks/{id}", tag = "store", params(("id" = u64, Path)),
    responses((status = 204), (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError)))]
async fn unblock(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(id): Path<u64>,
) -> Result<StatusCode, ApiError> {
    admin.blocking(move |admin| admin.unblock(id, &who)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Drain the store, or let it serve again
///
/// Nobody binds any more, MTAs are held off, the store is not ready; who is bound stays so. It is
/// forgotten when the server stops.
#[utoipa::path(put, path = "/api/store/drain", tag = "store", request_body = Drain, responses(
    (status = 200, body = StoreState), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 422, body = ApiError)))]
async fn drain(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Body(drain): Body<Drain>,
) -> Result<Json<StoreState>, ApiError> {
    let work = move |admin: &Admin| {
        admin.drain(drain.draining, &who);
        admin.store_state()
    };
    admin.blocking(work).await.map(Json)
}

impl Admin {
    /// The operations that are blocked.
    pub(crate) fn blocks(&self) -> Vec<BlockState> {
        self.shared.blocks.all().into_iter().map(BlockState::of).collect()
    }

    /// Blocks an operation.
    pub(crate) fn block(&self, new: &NewBlock, who: &Manager) -> Result<BlockState, ApiError> {
        let mailbox = new.mailbox.as_deref().map(key).transpose()?;
        let now = shared::now().0;
        let until = match new.for_s {
            None => None,
            Some(seconds @ 1..=TIME_MAX_S) => Some(now + i64::from(seconds) * 1_000_000),
            Some(_) => {
                let text = format!("for_s is no number of seconds from 1 to {TIME_MAX_S}");
                return Err(ApiError::invalid(text));
            }
        };
        let reason = new.reason.clone().filter(|reason| !reason.trim().is_empty());
        if reason.as_ref().is_some_and(|reason| reason.len() > REASON_MAX) {
            return Err(ApiError::invalid(format!("say why in {REASON_MAX} octets or less")));
        }
        let (operation, by) = (new.operation, who.name.clone());
        let block = Block { id: 0, operation, mailbox, since: now, until, reason, by };
        let holds = self.shared.service.holds();
        let Some(block) = self.shared.blocks.add(&self.store, holds, block)? else {
            let text = format!("there are {BLOCKS_MAX} blocks; unblock some, or block for all");
            return Err(ApiError::conflict(text));
        };
        let block = BlockState::of(block);
        self.store_changed(who, format_args!("{block} blocked{}", block.time()));
        Ok(block)
    }

    /// Unblocks an operation.
    pub(crate) fn unblock(&self, id: u64, who: &Manager) -> Result<BlockState, ApiError> {
        let holds = self.shared.service.holds();
        let block = self.shared.blocks.remove(&self.store, holds, id)?;
        let block = block.ok_or_else(|| ApiError::not_found(format!("there is no block {id}")))?;
        let block = BlockState::of(block);
        self.store_changed(who, format_args!("{block} unblocked"));
        Ok(block)
    }

    /// Drains the store, or lets it serve again.
    pub(crate) fn drain(&self, draining: bool, who: &Manager) {
        if self.shared.drain(draining) == draining {
            return;
        }
        let hold = if draining { Hold::everything() } else { Hold::default() };
        self.shared.service.holds().put(Whose::All, Why::Drain, hold);
        let text = if draining { "the store is drained" } else { "the store serves again" };
        self.store_changed(who, format_args!("{text}"));
    }

    /// Records a change of the whole store, and tells who watches.
    pub(super) fn store_changed(&self, who: &Manager, deed: std::fmt::Arguments<'_>) {
        self.record(who, deed);
        self.shared.hub.happen(|| What::Store { text: format!("{deed} ({})", who.name) });
    }
}

impl BlockState {
    fn of(block: Block) -> Self {
        let Block { id, operation, mailbox, since, until, reason, by } = block;
        let (since, until) = (time_text(since), until.map(time_text));
        Self { id, operation, mailbox, since, until, reason, by }
    }

    fn time(&self) -> String {
        self.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default()
    }
}

/// What is blocked, for people.
impl std::fmt::Display for BlockState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = self.mailbox.as_deref().unwrap_or("all mailboxes");
        write!(f, "{} for {whose}", self.operation.name())
    }
}
