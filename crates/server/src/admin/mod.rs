//! The admin API: JSON over HTTP on the management listener. `docs/admin_api.json` describes it,
//! made from the code; `restante-console`'s pages and the tools use nothing else.
//!
//! What takes long, reads the disk or waits for a commit is done on threads that may block, a
//! bounded number at a time, so that nobody's curiosity slows a delivery down. It refuses to
//! decide anything: it asks the store, the service and the directory.

pub(crate) mod accounts;
pub(crate) mod alarms;
pub(crate) mod associations;
pub(crate) mod auto_actions;
pub(crate) mod blocks;
mod census;
pub(crate) mod change;
mod documents;
pub(crate) mod entries;
pub(crate) mod entry;
pub(crate) mod error;
pub(crate) mod extract;
mod happenings;
mod health;
pub(crate) mod jobs;
mod listener;
pub(crate) mod logs;
pub(crate) mod mailboxes;
mod metrics;
pub(crate) mod night;
mod orders;
pub(crate) mod quotas;
pub(crate) mod rates;
mod schedule;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod store;
pub(crate) mod stores;
pub(crate) mod unread;
pub(crate) mod who;

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use restante_directory::{Accounts, BuiltIn, Manager};
use restante_storage::Store;
use restante_view::audit::Keyword;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet, spawn_blocking},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    config::{Management, Schedule},
    control::Control,
    events::{Fact, tell},
    logging::BY_ITSELF,
    shared::Shared,
};

use alarms::Alarms;
use census::Census;
pub use documents::openapi;
use error::ApiError;
use jobs::Jobs;
use orders::Orders;
use rates::Rates;
use sessions::Sessions;
use stores::Stores;
use unread::Watches;

/// Requests that are worked on at the same time on threads that may block.
const WORK_AT_ONCE: usize = 2;
/// The longest body of a request, octets.
const BODY_OCTETS_MAX: usize = 1 << 20;

/// What all requests share.
pub(crate) struct Admin {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Arc<Store>,
    pub(crate) control: Control,
    managers: BuiltIn,
    pub(crate) accounts: Accounts,
    pub(crate) sessions: Sessions,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) rates: Rates,
    alarms: Alarms,
    watches: Watches,
    orders: Orders,
    pub(crate) stores: Stores,
    census: Census,
    started: Timestamp,
    work: Arc<Semaphore>,
}

impl Admin {
    /// Over a store that is open.
    pub(crate) fn open(
        shared: Arc<Shared>,
        store: Arc<Store>,
        control: Control,
    ) -> Result<Self, crate::StartError> {
        let data = &shared.config.data_directory;
        Ok(Self {
            managers: BuiltIn::open(data)?,
            accounts: Accounts::under(data),
            sessions: Sessions::new(&shared.config.management),
            jobs: Arc::new(Jobs::open(shared.hub.clone(), &store)?),
            rates: Rates::default(),
            alarms: Alarms::new(&shared.config.management),
            watches: Watches::read(&store)?,
            orders: Orders::default(),
            stores: Stores::new(&shared.config.management.stores),
            census: Census::default(),
            started: Timestamp::now(),
            work: Arc::new(Semaphore::new(WORK_AT_ONCE)),
            shared,
            store,
            control,
        })
    }

    fn config(&self) -> &Management {
        &self.shared.config.management
    }

    /// Does what may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = self.work.clone().acquire_owned().await.map_err(ApiError::fault)?;
        let admin = self.clone();
        let done = spawn_blocking(move || {
            let _permit = permit;
            work(&admin)
        });
        done.await.map_err(ApiError::fault)?
    }

    /// Records who changed what.
    pub(crate) fn record(&self, who: &Manager, deed: std::fmt::Arguments<'_>) {
        tell(Fact::Deed { manager: &who.name, role: &who.role, deed: &deed });
        self.shared.logging.audit(Keyword::Admin, BY_ITSELF, |audit| {
            audit.put("manager", &who.name);
            audit.put("role", who.role);
            audit.put("deed", deed);
            audit.put("result", "ok");
        });
    }
}

/// Serves the management listener until the server stops.
pub(crate) fn serve(
    admin: Arc<Admin>,
    listener: TcpListener,
    schedules: watch::Receiver<Vec<Schedule>>,
    stop: watch::Receiver<bool>,
) -> JoinHandle<io::Result<()>> {
    let router = router(admin.clone());
    tokio::spawn(async move {
        let mut beside = JoinSet::new();
        beside.spawn(rates::sample(admin.clone()));
        beside.spawn(schedule::run(admin.clone(), schedules));
        beside.spawn(alarms::watch(admin.clone()));
        beside.spawn(stores::watch(admin.clone()));
        let config = admin.config().clone();
        let served = listener::serve(router, listener, config, stop).await;
        // They have the store until they have ended.
        beside.shutdown().await;
        served
    })
}

/// All operations, with what is said of them.
fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .merge(session::operations())
        .merge(store::operations())
        .merge(stores::operations())
        .merge(blocks::operations())
        .merge(alarms::operations())
        .merge(associations::operations())
        .merge(mailboxes::operations())
        .merge(quotas::operations())
        .merge(unread::operations())
        .merge(auto_actions::operations())
        .merge(entries::operations())
        .merge(change::operations())
        .merge(entry::operations())
        .merge(accounts::operations())
        .merge(jobs::operations())
        .merge(happenings::operations())
        .merge(logs::operations())
        .merge(health::operations())
        .merge(metrics::operations())
}

fn router(admin: Arc<Admin>) -> Router {
    let (router, _) = operations().split_for_parts();
    router
        .merge(documents::router())
        .merge(crate::console::router())
        .fallback(crate::console::nothing)
        .method_not_allowed_fallback(|| async {
            (StatusCode::METHOD_NOT_ALLOWED, "the path has no such method\n")
        })
        .layer(middleware::from_fn_with_state(admin.clone(), guard))
        .with_state(admin)
}

/// What holds for all requests: the host is one of ours, and browsers are told to be careful.
async fn guard(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    if !is_ours(request.headers(), request.uri().authority(), &admin.config().host_names) {
        let text = "this server has no such name; see management.host_names\n";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    let mut response = match received(request, admin.config().request_time()).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    let headers = response.headers_mut();
    let mut set = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    response
}

/// The request with its body, for which there is so long.
async fn received(request: Request, time: Duration) -> Result<Request, (StatusCode, String)> {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(time, to_bytes(body, BODY_OCTETS_MAX)).await {
        Ok(Ok(octets)) => Ok(Request::from_parts(parts, octets.into())),
        Ok(Err(error)) => {
            let text = format!("{error}; a body has {BODY_OCTETS_MAX} octets at most\n");
            Err((StatusCode::PAYLOAD_TOO_LARGE, text))
        }
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body did not come in time\n".to_owned())),
    }
}

/// Whether the name under which the client believes to be here is one of ours, so that no other
/// site's name can be made to lead here.
fn is_ours(headers: &HeaderMap, target: Option<&Authority>, names: &[String]) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    let Some(host) = host.as_ref().or(target) else { return false };
    let name = host.host().trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok()
        || names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
