//! How the store is, at a glance.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Form, Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::{Manager, Role};
use serde::Deserialize;

use super::{
    blocks::draining,
    page::{Page, Sender, Visitor, destroys, octets, time},
};
use crate::{
    admin::jobs::Job,
    admin::{
        Admin,
        error::ApiError,
        rates::{INTERVAL, SAMPLED},
        store::{EndKind, StoreState},
        stores::OtherState,
        who::Chief,
    },
};

/// The size of a chart, in its own units.
const CHART: (usize, usize) = (240, 48);
/// Jobs that are shown.
const JOBS: usize = 5;

#[derive(Debug, Clone, Copy, Deserialize)]
struct End {
    how: EndKind,
}

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/", get(page))
        .route("/end", post(end))
        .route("/configuration", get(configuration))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let state = admin.blocking(|admin| admin.store_state()).await;
    let state = state.map_err(|error| Page::of_error(&visitor, &error))?;
    let (jobs, blocks) = (admin.jobs.all(), admin.blocks());
    let content = html! {
        (health(&state))
        (super::alarms::summary(&admin.alarms()))
        @if !blocks.is_empty() {
            p.error role="status" {
                a href="/blocks" { (blocks.len()) " operations are blocked" } ": "
                (blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
        }
        section.cards aria-label="Rates" {
            @for (at, (name, _)) in SAMPLED.iter().enumerate() {
                (rate(name, &admin.rates.of(at)))
            }
        }
        (numbers(&state))
        (others(&admin.stores.all()))
        section {
            h2 { "Last jobs" }
            (last_jobs(&jobs))
        }
        @if visitor.may(Role::Operator) {
            section.row aria-label="The store as a whole" { (draining(state.draining)) }
        }
        @if visitor.may(Role::Manager) {
            section.row aria-label="Its end" {
                (destroys("/end?how=restart", "Restart", "End all associations and start again?"))
                (destroys("/end?how=stop", "Stop", "End all associations and stop the store?"))
                (destroys("/end?how=abort", "Abort", "Stop at once, giving up what is in hand?"))
            }
        }
    };
    Ok(Page {
        title: "Overview",
        place: "/",
        live: "association-opened association-closed \
        message-delivered report-delivered read deleted submitted job store alarm stores",
        content,
    }
    .show(&visitor))
}

fn health(state: &StoreState) -> Markup {
    html! {
        @if let Some(why) = &state.not_ready {
            p.error role="alert" { "No messages are taken in: " (why) }
        } @else {
            p.good role="status" { "Messages are taken in." }
        }
        @if state.damaged_places > 0 {
            p.error role="alert" {
                (state.damaged_places) " damaged places in the log: run the job "
                a href="/jobs" { "verify" } " to see which entries they hold."
            }
        }
    }
}

fn numbers(state: &StoreState) -> Markup {
    html! {
        dl.facts {
            div { dt { "Mailboxes" } dd { a href="/mailboxes" { (state.mailboxes) } } }
            div { dt { "Associations" } dd { a href="/associations" { (state.associations) } } }
            div { dt { "Log" } dd { (octets(state.log_octets)) } }
            div { dt { "Of it in use" } dd { (octets(state.live_octets)) } }
            div { dt { "Free on the disk" } dd { (octets(state.free_octets)) } }
            div { dt { "Serving since" } dd { (time(&state.started)) } }
            div { dt { "Store" } dd { code { (state.id) } } }
            div { dt { "Name" } dd { (state.name) } }
            div { dt { "Version" } dd { (state.version) ", opened " (state.epoch) " times" } }
            div { dt { "Configuration" } dd { a href="/configuration" { "in force" } } }
        }
    }
}

/// Other stores, each with the way to its console.
fn others(stores: &[OtherState]) -> Markup {
    html! {
        @if !stores.is_empty() {
            section {
                h2 { "Other stores" }
                table {
                    thead { tr {
                        @for head in ["Store", "State", "Alarms", "Associations", "Mailboxes"] {
                            th scope="col" { (head) }
                        }
                        th scope="col" { "Asked" }
                    } }
                    tbody { @for store in stores { (other(store)) } }
                }
            }
        }
    }
}

fn other(store: &OtherState) -> Markup {
    let count = |count: Option<u64>| count.map_or_else(|| "–".to_owned(), |n| n.to_string());
    let bad = store.ready != Some(true) || store.alarms.is_some_and(|alarms| alarms > 0);
    html! {
        tr.urgent[bad && store.asked.is_some()] {
            td { a href=(store.url) { (store.name) } }
            td {
                @match (store.ready, &store.silent, &store.not_ready) {
                    (_, Some(why), _) => { "no answer: " (restante_view::text::line(why)) }
                    (Some(true), ..) => "takes messages in",
                    (_, _, Some(why)) => (restante_view::text::line(why)),
                    _ => "not asked yet",
                }
            }
            td.number { (count(store.alarms)) }
            td.number { (count(store.associations)) }
            td.number { (count(store.mailboxes)) }
            td { @if let Some(asked) = &store.asked { (time(asked)) } }
        }
    }
}

/// The rate of the last minutes as a line.
fn rate(name: &str, counts: &[u64]) -> Markup {
    let seconds = INTERVAL.as_secs().max(1);
    let now = counts.last().copied().unwrap_or_default();
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    let (width, height) = CHART;
    let mut points = String::new();
    for (at, count) in counts.iter().enumerate() {
        let x = width * (at + 1) / counts.len().max(1);
        let share = usize::try_from(count * height as u64 / most).unwrap_or(height);
        // Writing to a string can't fail.
        let _ = write!(points, "{x},{} ", height - share);
    }
    html! {
        figure.card {
            figcaption { strong { (now / seconds) " /s" } " " (name) }
            svg viewBox=(format!("0 0 {width} {height}")) preserveAspectRatio="none" role="img"
                aria-label=(format!("{name}: {} a second at most", most / seconds)) {
                polyline points=(points) {}
            }
        }
    }
}

fn last_jobs(jobs: &[Job]) -> Markup {
    html! {
        @if jobs.is_empty() {
            p.empty { "None yet. " a href="/jobs" { "Start one" } "." }
        } @else {
            ul.plain {
                @for job in jobs.iter().take(JOBS) {
                    li {
                        a href="/jobs" { (job.kind.name()) } " " (job.state.name()) " "
                        (time(job.ended.as_ref().unwrap_or(&job.started)))
                        @if let Some(outcome) = &job.outcome { ": " (outcome) }
                    }
                }
            }
        }
    }
}

async fn end(
    sender: Sender<Chief>,
    axum::extract::Query(End { how }): axum::extract::Query<End>,
    Form(()): Form<()>,
) -> Response {
    let work =
        move |admin: &Admin, who: &Manager| Ok(format!("{} is under way.", admin.end(how, who)));
    sender.does("/", work).await
}

async fn configuration(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Response {
    if !visitor.may(Role::Monitor) {
        return Page::of_error(&visitor, &ApiError::not_signed_in());
    }
    let content = html! {
        p { "What is in force: the file's values and the defaults of all others." }
        pre { (admin.shared.config) }
    };
    Page { title: "Configuration", place: "/", live: "", content }.show(&visitor)
}
