//! What happens, as it happens: filled by the script from the admin API's events.

use std::sync::Arc;

use axum::{Router, response::Response, routing::get};
use maud::html;

use super::page::{Page, Visitor};
use crate::admin::Admin;

/// The kinds that can be chosen.
const KINDS: [(&str, &str); 9] = [
    ("association-opened", "Bound"),
    ("association-closed", "Ended"),
    ("message-delivered", "Messages delivered"),
    ("report-delivered", "Reports delivered"),
    ("read", "Read"),
    ("listed", "Listed"),
    ("deleted", "Deleted"),
    ("submitted", "Submitted"),
    ("job", "Jobs"),
];

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/monitor", get(page))
}

async fn page(visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let content = html! {
        noscript { p.hint {
            "This page needs a script. Without one: " code { "curl -N …/api/events" } "."
        } }
        div.row id="monitor-controls" hidden {
            button type="button" id="pause" aria-pressed="false" { "Pause" }
            button type="button" id="clear" { "Clear" }
            label { "Only with " input type="search" id="only"; }
            fieldset {
                legend.hidden { "What is shown" }
                @for (kind, name) in KINDS {
                    label { input type="checkbox" name="kind" value=(kind) checked; " " (name) }
                }
            }
        }
        table id="monitor" hidden {
            thead { tr {
                @for head in ["When", "What", "Who or where", "Entry", "More"] {
                    th scope="col" { (head) }
                }
            } }
            tbody aria-live="off" {}
        }
        p.empty id="monitor-empty" hidden { "Nothing has happened since this page was opened." }
    };
    Ok(Page { title: "Monitor", place: "/monitor", live: "", content }.show(&visitor))
}
