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

use super::job_form::{Start, forms};
use super::page::{Page, Sender, Visitor, time};
use crate::admin::{
    Admin,
    jobs::{Job, JobState},
    who::Operator,
};

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/jobs", get(page).post(begin)).route("/jobs/{id}/cancel", post(cancel))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let jobs = admin.jobs.all();
    let operator = visitor.may(Role::Operator);
    let content = html! {
        @if operator {
            (forms())
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
            td {
                (restante_view::text::line(job.outcome.as_deref().unwrap_or("")))
                @if let Some(details) = &job.details {
                    details {
                        summary { "Details" }
                        pre { (serde_json::to_string_pretty(details).unwrap_or_default()) }
                    }
                }
            }
        }
    }
}

async fn begin(sender: Sender<Operator>, Form(start): Form<Start>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        Ok(format!("Job {} is under way.", admin.start_job(start.job()?, who)?.id))
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
