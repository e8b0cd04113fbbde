//! The store as a whole: its state, its statistics, its end.

use std::{fmt, ops::ControlFlow, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use restante_directory::Manager;
use restante_mhs::x413::RetrievalStatus;
use restante_storage::{Query, Storage as _, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::Body,
    mailboxes::{Counted, counted},
    who::{Anyone, Chief, Monitor},
};
use crate::{control::Wish, hub::What};

/// The store.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoreState {
    /// Its identifier, given when it was made.
    pub(crate) id: String,
    /// The version of the program.
    pub(crate) version: &'static str,
    /// What it calls itself to an MTA.
    pub(crate) name: String,
    /// Since when this process serves.
    #[schema(format = DateTime)]
    pub(crate) started: String,
    /// How often the store has been opened.
    pub(crate) epoch: u32,
    /// Whether messages are taken in; where not, why.
    pub(crate) ready: bool,
    /// Why messages are not taken in.
    pub(crate) not_ready: Option<String>,
    /// Whether it is drained: nobody binds any more.
    pub(crate) draining: bool,
    /// Associations that are bound.
    pub(crate) associations: usize,
    /// How many mailboxes there are.
    pub(crate) mailboxes: usize,
    /// Segments of the log.
    pub(crate) log_segments: u64,
    /// What the log takes, octets.
    pub(crate) log_octets: u64,
    /// Of that, what holds entries that are there, octets.
    pub(crate) live_octets: u64,
    /// What is free on the data volume, octets.
    pub(crate) free_octets: u64,
    /// Places in the log that are known to be damaged.
    pub(crate) damaged_places: u64,
    /// Entries that these cost, as far as they are known.
    pub(crate) damaged_entries: u64,
    /// Contents refused for want of room since the store was opened.
    pub(crate) refused_for_space: u64,
    /// Segments that were rewritten since then.
    pub(crate) reclaimed_segments: u64,
    /// What that gave back, octets.
    pub(crate) reclaimed_octets: u64,
    /// How often space could not be given back since then.
    pub(crate) reclaim_failures: u64,
    /// How much is made of what the index shows of entries, hundredths; nothing where it is all.
    pub(crate) extracted_percent: Option<u8>,
}

/// What the mailboxes hold.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Statistics {
    /// When it was counted.
    #[schema(format = DateTime)]
    pub(crate) counted: String,
    /// How many mailboxes there are.
    pub(crate) mailboxes: u64,
    /// How many entries, children not counted.
    pub(crate) entries: u64,
    /// The length of their contents, octets.
    pub(crate) octets: u64,
    /// Of the entries, by class and status.
    pub(crate) counts: Vec<Counted>,
    /// The mailbox with most entries.
    pub(crate) largest: Option<String>,
    /// How many that has.
    pub(crate) largest_entries: u64,
    /// When the oldest entry that is new came.
    #[schema(format = DateTime)]
    pub(crate) oldest_new: Option<String>,
}

/// The end that is wanted.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    /// How.
    pub(crate) how: EndKind,
}

/// How a store ends.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EndKind {
    /// What is in hand is finished, associations are aborted, the store is closed.
    Stop,
    /// At once. Nothing that was acknowledged is lost.
    Abort,
    /// As stop, and started again with the configuration as it is then.
    Restart,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(state)).routes(routes!(end)).routes(routes!(configuration))
}

/// The store and its state
#[utoipa::path(get, path = "/api/store", tag = "store", responses(
    (status = 200, body = StoreState), (status = 401, body = ApiError)))]
async fn state(State(admin): State<Arc<Admin>>, _: Anyone) -> Result<Json<StoreState>, ApiError> {
    admin.blocking(|admin| admin.store_state()).await.map(Json)
}

/// Stop, abort or restart the store
#[utoipa::path(post, path = "/api/store/end", tag = "store", request_body = End, responses(
    (status = 202), (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 400, body = ApiError), (status = 422, body = ApiError)))]
async fn end(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Body(end): Body<End>,
) -> StatusCode {
    admin.end(end.how, &who);
    StatusCode::ACCEPTED
}

/// The configuration in force, as a TOML file would have it
#[utoipa::path(get, path = "/api/configuration", tag = "store", responses(
    (status = 200, body = String, content_type = "text/plain"), (status = 401, body = ApiError),
    (status = 403, body = ApiError)))]
async fn configuration(State(admin): State<Arc<Admin>>, _: Monitor) -> String {
    admin.shared.config.to_string()
}

impl Admin {
    /// Has the store end; in a word.
    pub(crate) fn end(&self, how: EndKind, who: &Manager) -> &'static str {
        let (wish, text) = match how {
            EndKind::Stop => (Wish::Stop, "stop"),
            EndKind::Abort => (Wish::Abort, "abort"),
            EndKind::Restart => (Wish::Restart, "restart"),
        };
        self.record(who, format_args!("{text} of the store"));
        self.shared.hub.happen(|| What::Store { text: format!("{text} by {}", who.name) });
        self.control.wish(wish);
        text
    }

    /// The store as it is now.
    pub(crate) fn store_state(&self) -> Result<StoreState, ApiError> {
        let space = self.store.space_use()?;
        let associations = self.shared.hub.associations();
        let not_ready = self.not_ready();
        let health = self.store.health();
        Ok(StoreState {
            id: self.store.id().to_string(),
            version: env!("CARGO_PKG_VERSION"),
            name: self.shared.config.service.name.to_string(),
            started: self.started.to_string(),
            epoch: self.store.open_report().epoch,
            ready: not_ready.is_none(),
            not_ready,
            draining: self.shared.is_draining(),
            associations: associations.iter().filter(|live| live.bound().is_some()).count(),
            mailboxes: self.users_mailboxes().len(),
            log_segments: space.segments,
            log_octets: space.bytes,
            live_octets: space.live_bytes,
            free_octets: space.free_bytes,
            damaged_places: health.damaged_places,
            damaged_entries: health.damaged_entries,
            refused_for_space: health.refused_for_space,
            reclaimed_segments: health.reclaimed_segments,
            reclaimed_octets: health.reclaimed_bytes,
            reclaim_failures: health.reclaim_failures,
            extracted_percent: health.extracted_percent,
        })
    }
}

/// Counts what the mailboxes hold.
pub(super) fn statistics(
    store: &Store,
    progress: &dyn Fn(u64, u64) -> ControlFlow<()>,
) -> Result<Statistics, String> {
    let mut all = Statistics { counted: crate::shared::now_text(), ..Statistics::default() };
    let mut mailboxes = store.mailboxes();
    mailboxes.retain(|mailbox| !restante_ms::is_queue(&mailbox.name));
    let mut oldest_new = None;
    for (at, mailbox) in mailboxes.iter().enumerate() {
        if progress(at as u64, mailboxes.len() as u64).is_break() {
            return Err("cancelled".into());
        }
        let failed = |error: restante_storage::StorageError| error.to_string();
        let rows = store.select(mailbox.id, &Query::default()).map_err(failed)?;
        let main = rows.iter().filter(|row| row.parent.is_none());
        let mut entries = 0;
        for row in main {
            entries += 1;
            all.octets += row.size;
            if i64::from(row.status) == RetrievalStatus::NEW.0 {
                let earlier = oldest_new.is_none_or(|oldest| row.creation_time < oldest);
                oldest_new = if earlier { Some(row.creation_time) } else { oldest_new };
            }
        }
        all.mailboxes += 1;
        all.entries += entries;
        if entries > all.largest_entries {
            (all.largest, all.largest_entries) = (Some(mailbox.name.to_string()), entries);
        }
        counted(&mut all.counts, &store.counts(mailbox.id).map_err(failed)?);
    }
    all.oldest_new = oldest_new.map(crate::shared::time_text);
    Ok(all)
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mailboxes, entries, octets, .. } = self;
        write!(f, "{entries} entries of {octets} octets in {mailboxes} mailboxes")
    }
}
