//! Long work: started, watched, cancelled, and what it came to.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::{Manager, Role};
use serde::Deserialize;

use super::page::{Page, Sender, Visitor, time};
use crate::admin::{
    Admin,
    jobs::{Job, JobKind, JobState, NewJob, Pace},
    who::Operator,
};

const KINDS: [(JobKind, &str); 4] = [
    (JobKind::Verify, "Read every checksum and compare the index with the log. Changes nothing."),
    (JobKind::Resync, "Compare the index with the log and put it right."),
    (JobKind::Statistics, "Count what the mailboxes hold."),
    (JobKind::Reclaim, "Give back the space of what was deleted, as fast as it goes."),
];

#[derive(Debug, Deserialize)]
struct Start {
    kind: Simple,
}

/// What needs to be told no more than that.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Simple {
    Verify,
    Resync,
    Statistics,
    Reclaim,
}

impl Simple {
    fn job(self) -> NewJob {
        match self {
            Self::Verify => NewJob::Verify(Pace::default()),
            Self::Resync => NewJob::Resync(Pace::default()),
            Self::Statistics => NewJob::Statistics,
            Self::Reclaim => NewJob::Reclaim,
        }
    }
}

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/jobs", get(page).post(start)).route("/jobs/{id}/cancel", post(cancel))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let jobs = admin.jobs.all();
    let operator = visitor.may(Role::Operator);
    let content = html! {
        @if operator {
            section.cards aria-label="Start a job" {
                @for (kind, what) in KINDS {
                    form.card method="post" action="/jobs" {
                        input type="hidden" name="kind" value=(kind.name());
                        p { (what) }
                        button { "Start " (kind.name()) }
                    }
                }
            }
        }
        @if jobs.is_empty() {
            p.empty { "No job has been started yet." }
        } @else {
            table {
                thead { tr {
                    @for head in ["Job", "What", "By", "Started", "State", "Came to"] {
                        th scope="col" { (head) }
                    }
                } }
                tbody { @for job in &jobs { (row(job, operator)) } }
            }
        }
    };
    Ok(Page { title: "Jobs", place: "/jobs", live: "job", content }.show(&visitor))
}

fn row(job: &Job, operator: bool) -> Markup {
    html! {
        tr {
            td.number { (job.id) }
            td { (job.kind.name()) }
            td { (job.started_by) }
            td { (time(&job.started)) }
            td {
                @if job.state == JobState::Running {
                    progress value=(job.progress) aria-label=(format!("Job {}", job.id)) {}
                    @if operator {
                        form method="post" action=(format!("/jobs/{}/cancel", job.id)) {
                            button { "Cancel" }
                        }
                    }
                } @else { (job.state.name()) }
            }
            td { (job.outcome.as_deref().unwrap_or("")) }
        }
    }
}

async fn start(sender: Sender<Operator>, Form(Start { kind }): Form<Start>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        Ok(format!("Job {} is under way.", admin.start_job(kind.job(), who)?.id))
    };
    sender.does("/jobs", work).await
}

async fn cancel(sender: Sender<Operator>, Path(id): Path<u64>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        admin.cancel_job(id, who)?;
        Ok(format!("Job {id} is cancelled."))
    };
    sender.does("/jobs", work).await
}
