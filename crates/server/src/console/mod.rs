//! The console: pages made here, live by server-sent events where the browser runs our script,
//! whole without it. A page shows what the admin API gives and does what it does, by the same
//! calls, as whoever is signed in.
//!
//! Text of peers goes through [`maud`], which escapes it; nothing is written into a page
//! otherwise, and the content security policy lets nothing run but our one script.

mod accounts;
mod alarms;
mod associations;
mod auto_action_form;
mod auto_actions;
mod blocks;
mod entry;
mod job_form;
mod jobs;
mod logs;
mod mailbox;
mod mailboxes;
mod monitor;
mod overview;
mod page;
mod sign_in;

use std::sync::Arc;

use axum::{
    Router,
    http::{Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::admin::{Admin, error::ApiError};
use page::{Page, Visitor};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("console.js");
const ICON: &str = include_str!("icon.svg");

/// All pages.
pub(crate) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/style.css", get(|| async { asset("text/css; charset=utf-8", STYLE) }))
        .route("/console.js", get(|| async { asset("text/javascript; charset=utf-8", SCRIPT) }))
        .route("/icon.svg", get(|| async { asset("image/svg+xml", ICON) }))
        .merge(overview::router())
        .merge(alarms::router())
        .merge(sign_in::router())
        .merge(mailboxes::router())
        .merge(mailbox::router())
        .merge(auto_actions::router())
        .merge(entry::router())
        .merge(associations::router())
        .merge(blocks::router())
        .merge(jobs::router())
        .merge(logs::router())
        .merge(accounts::router())
        .merge(monitor::router())
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}

/// A path at which there is nothing.
pub(crate) async fn nothing(visitor: Visitor, uri: Uri) -> Response {
    let error = ApiError::not_found("there is nothing at this path");
    if uri.path().starts_with("/api/") {
        return error.into_response();
    }
    Page::of_error(&visitor, &error)
}
