//! Whether the store lives, and whether it serves: for whoever starts and restarts it.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Admin;

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// Whether the process lives
///
/// 503 where the store has stopped accepting for good: only a start mends that.
#[utoipa::path(get, path = "/healthz", tag = "health", responses(
    (status = 200, body = String), (status = 503, body = String)))]
async fn healthz(State(admin): State<Arc<Admin>>) -> (StatusCode, String) {
    match admin.store.stopped() {
        None => (StatusCode::OK, "ok\n".into()),
        Some(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

/// Whether messages are taken in
///
/// 503 while the store is drained or stops, the disk is full, or the store has stopped accepting.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = String), (status = 503, body = String)))]
async fn readyz(State(admin): State<Arc<Admin>>) -> (StatusCode, String) {
    let not_ready = admin.blocking(|admin| Ok(admin.not_ready())).await;
    match not_ready {
        Ok(None) => (StatusCode::OK, "ready\n".into()),
        Ok(Some(why)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", error.message())),
    }
}

impl Admin {
    pub(super) fn free_octets_min(&self) -> u64 {
        self.shared.config.storage.options().free_bytes_min
    }

    /// Why messages are not taken in; `None` where they are.
    pub(crate) fn not_ready(&self) -> Option<String> {
        if *self.shared.stop.borrow() {
            return Some("the server stops".into());
        }
        if self.shared.is_draining() {
            return Some("the store is drained".into());
        }
        if let Some(error) = self.store.stopped() {
            return Some(error.to_string());
        }
        match self.store.space_use() {
            Ok(space) if space.free_bytes < self.free_octets_min() => {
                Some("the data volume has too little space".into())
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }
}
