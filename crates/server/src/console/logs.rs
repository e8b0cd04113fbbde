//! The log: what was told last, live; the streams, with what a line of each looks like, and their
//! change; and a search of the audit records, which follows a message from its submission or
//! delivery to its deletion.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::Role;
use restante_view::audit::Keyword;

use super::page::{Page, Sender, Visitor, mailbox_path, time};
use crate::{
    admin::{
        Admin,
        error::ApiError,
        logs::{AuditSearch, Last, NewStreams, Sought},
        who::Chief,
    },
    events::{Facility, Severity},
    logging::{LogRecord, StreamState},
};

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/logs", get(logs))
        .route("/logs/streams", get(streams).post(change))
        .route("/logs/preview", post(preview))
        .route("/audit", get(audit))
}

/// Whoever is not signed in signs in first: records tell of everybody.
fn sign_in_first(visitor: &Visitor) -> Result<(), Box<Response>> {
    match visitor.may(Role::Monitor) {
        true => Ok(()),
        false => Err(Box::new(Redirect::to("/sign-in").into_response())),
    }
}

async fn logs(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    Query(last): Query<Last>,
) -> Result<Response, Response> {
    sign_in_first(&visitor).map_err(|elsewhere| *elsewhere)?;
    let records = admin.last_records(&last);
    let content = html! {
        nav.row aria-label="The log" {
            a href="/audit" { "Search the audit records" }
            a href="/logs/streams" { "Streams" }
        }
        form.row role="search" aria-label="These records" {
            label { "Severity " select name="severity" {
                option value="" { "any" }
                @for severity in Severity::ALL {
                    option value=(severity.name()) selected[last.severity == Some(*severity)] {
                        (severity.name())
                    }
                }
            } }
            label { "Facility " select name="facility" {
                option value="" { "any" }
                @for facility in Facility::ALL {
                    option value=(facility.name()) selected[last.facility == Some(*facility)] {
                        (facility.name())
                    }
                }
            } }
            label { "Text " input type="search" name="text" value=(last.text); }
            button { "Show" }
        }
        div.list data-tail="/api/logs/tail" {
            @if records.is_empty() {
                p.empty { "No such record was told lately." }
            } @else {
                (table(&records))
            }
        }
    };
    Ok(Page { title: "Log", place: "/logs", live: "record", content }.show(&visitor))
}

fn table(records: &[LogRecord]) -> Markup {
    html! {
        table {
            thead { tr {
                @for head in ["Time", "What", "Who", "Says"] { th scope="col" { (head) } }
            } }
            tbody { @for record in records { (row(record)) } }
        }
    }
}

fn row(record: &LogRecord) -> Markup {
    let mailbox = record.pairs.iter().find(|pair| pair.key == "mailbox");
    html! {
        tr {
            td { (time(&record.time)) }
            td {
                @match (record.keyword, record.identifier) {
                    (Some(keyword), _) => strong { (keyword) },
                    (None, Some(identifier)) => {
                        span.tag { (record.severity.map_or("", Severity::name)) } " " (identifier)
                    }
                    (None, None) => {}
                }
            }
            td {
                @match (&record.association, record.facility, mailbox) {
                    (Some(association), _, _) => {
                        a href={ "/audit?association=" (association) } { (association) }
                    }
                    (None, Some(facility), _) => (facility),
                    _ => {}
                }
                @if let Some(mailbox) = mailbox {
                    " " a href=(mailbox_path(&mailbox.value, "")) { (mailbox.value) }
                }
            }
            td {
                @if let Some(text) = &record.text { (text) }
                @for pair in record.pairs.iter().filter(|pair| pair.key != "mailbox") {
                    @if ["p1msgid", "subjectmsgid", "msgid", "ipmid"].contains(&&*pair.key) {
                        (pair.key) "=" a href={
                            "/audit?message=" (super::page::encoded(&pair.value))
                        } title="All records of this message" { (pair.value) } " "
                    } @else {
                        (pair.key) "=" (pair.value) " "
                    }
                }
            }
        }
    }
}

async fn audit(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    Query(sought): Query<Sought>,
) -> Result<Response, Response> {
    sign_in_first(&visitor).map_err(|elsewhere| *elsewhere)?;
    let asked = sought.clone();
    let found = admin.blocking(move |admin| admin.search_audit(&asked)).await;
    let content = html! {
        nav.row aria-label="The log" {
            a href="/logs" { "What was told last" }
            a href="/logs/streams" { "Streams" }
        }
        form.row role="search" aria-label="Audit records" {
            label { "Keyword " select name="keyword" {
                option value="" { "any" }
                @for keyword in Keyword::ALL {
                    option selected[sought.keyword == Some(*keyword)] { (keyword) }
                }
            } }
            label { "Mailbox " input type="search" name="mailbox" value=(sought.mailbox); }
            label { "Message " input type="search" name="message" value=(sought.message)
                placeholder="MTS, IPM or content identifier"; }
            label { "Association " input name="association" value=(sought.association); }
            label { "Text " input type="search" name="text" value=(sought.text); }
            label { "From " input name="since" value=(sought.since)
                placeholder="2026-03-01T10:15:00Z"; }
            label { "To " input name="until" value=(sought.until); }
            button { "Search" }
        }
        @match &found {
            Ok(found) => (results(found)),
            Err(error) => p.error role="alert" { (error.message()) },
        }
    };
    Ok(Page { title: "Audit records", place: "/logs", live: "", content }.show(&visitor))
}

fn results(found: &AuditSearch) -> Markup {
    html! {
        @match &found.stream {
            None => p.empty {
                "No stream writes audit records into files. See [[logging.file]] in the \
                 configuration."
            },
            Some(_) if found.records.is_empty() => p.empty { "No such record was found." },
            Some(_) => (table(&found.records)),
        }
        @if found.more { p { "There are more, older ones: ask for less, or an earlier time." } }
        @if found.cut { p { "Older files were not read: 64 MiB of the newest are." } }
    }
}

async fn streams(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    sign_in_first(&visitor).map_err(|elsewhere| *elsewhere)?;
    let state = admin.log_streams();
    Ok(streams_page(&visitor, &state.streams, &state.configuration, None))
}

fn streams_page(
    visitor: &Visitor,
    streams: &[StreamState],
    text: &str,
    told: Option<&str>,
) -> Response {
    let content = html! {
        nav.row aria-label="The log" {
            a href="/logs" { "What was told last" }
            a href="/audit" { "Search the audit records" }
        }
        @if let Some(told) = told { p role="alert" { (told) } }
        @if streams.is_empty() { p.empty { "There is no stream." } }
        @for stream in streams {
            section.card aria-label=(stream.name) {
                h2 { (stream.name) }
                p {
                    (stream.kind) " to " (stream.to)
                    @if stream.required { " " span.tag { "required" } }
                    @if stream.failing { " " span.tag { "can't be written" } }
                    @if stream.lost > 0 { " " span.tag { (stream.lost) " records lost" } }
                }
                @for line in &stream.preview { pre { (line) } }
            }
        }
        @if visitor.may(Role::Manager) {
            form method="post" action="/logs/streams" {
                label for="configuration" {
                    "What holds until the next start, or until the configuration file is read \
                     again"
                }
                textarea id="configuration" name="configuration" rows="24" spellcheck="false" {
                    (text)
                }
                div.row {
                    button formaction="/logs/preview" { "Preview" }
                    button { "Have these streams" }
                }
            }
        }
    };
    Page { title: "Streams of the log", place: "/logs", live: "", content }.show(visitor)
}

async fn preview(
    State(admin): State<Arc<Admin>>,
    sender: Sender<Chief>,
    Form(new): Form<NewStreams>,
) -> Response {
    let (streams, told) = match admin.preview_streams(&new.configuration) {
        Ok(streams) => (streams, "Nothing is changed yet: this is what these would write.".into()),
        Err(error) => (admin.log_streams().streams, error.message().to_owned()),
    };
    streams_page(sender.visitor(), &streams, &new.configuration, Some(&told))
}

async fn change(
    State(admin): State<Arc<Admin>>,
    sender: Sender<Chief>,
    Form(new): Form<NewStreams>,
) -> Response {
    let text = new.configuration.clone();
    let work = move |admin: &Admin, who: &restante_directory::Manager| {
        admin.change_streams(&text, who).map(|_| ())
    };
    match sender.tries(work).await {
        Ok(()) => sender.done("/logs/streams", "The log has these streams now.".to_owned()),
        Err(error) => {
            let streams = admin.log_streams().streams;
            let told = ApiError::message(&error).to_owned();
            streams_page(sender.visitor(), &streams, &new.configuration, Some(&told))
        }
    }
}
