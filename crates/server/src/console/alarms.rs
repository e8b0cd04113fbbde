//! What somebody is to see to: the alarms that there are, each with the way to what it is about.

use std::sync::Arc;

use axum::{Router, extract::State, response::Response, routing::get};
use jiff::Timestamp;
use maud::{Markup, html};

use super::page::{Page, Visitor, age, mailbox_path, time};
use crate::admin::{
    Admin,
    alarms::{AlarmKind, AlarmState},
};

/// Alarms on the page; of more, those that come first by kind and mailbox.
const SHOWN_MAX: usize = 500;

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/alarms", get(page))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let alarms = admin.alarms();
    let content = html! {
        @if alarms.is_empty() {
            p.good role="status" { "There is no alarm." }
            p.hint {
                "There is one when a message stays new for longer than is configured for its \
                 priority or its mailbox, when a mailbox or the disk is nearly full, and when the \
                 store is damaged or has stopped. It is looked every 15 seconds."
            }
        } @else {
            table {
                thead { tr {
                    @for head in ["Alarm", "Mailbox", "Priority", "Since", "What"] {
                        th scope="col" { (head) }
                    }
                } }
                tbody { @for alarm in alarms.iter().take(SHOWN_MAX) { (row(alarm)) } }
            }
            @if alarms.len() > SHOWN_MAX {
                p { "Of " (alarms.len()) " alarms, the first " (SHOWN_MAX) "." }
            }
        }
    };
    let live = "alarm message-delivered read deleted mailbox-changed";
    Ok(Page { title: "Alarms", place: "/alarms", live, content }.show(&visitor))
}

fn row(alarm: &AlarmState) -> Markup {
    html! {
        tr.urgent[alarm.kind != AlarmKind::MailboxFull] {
            td { (alarm.kind.name()) }
            td {
                @if let Some(mailbox) = &alarm.mailbox {
                    a href=(place(alarm, mailbox)) { (mailbox) }
                } @else { "–" }
            }
            td { (alarm.priority.as_deref().unwrap_or("–")) }
            td { (time(&alarm.since)) " " span.tag { (age(&alarm.since, Timestamp::now())) } }
            td { (restante_view::text::line(&alarm.text)) }
        }
    }
}

/// Where what an alarm is about is seen to.
fn place(alarm: &AlarmState, mailbox: &str) -> String {
    match (alarm.kind, alarm.number) {
        (_, Some(number)) => mailbox_path(mailbox, &format!("/{number}")),
        (AlarmKind::Unread, None) => mailbox_path(mailbox, "?status=new"),
        _ => mailbox_path(mailbox, ""),
    }
}

/// How many there are, on another page.
pub(super) fn summary(alarms: &[AlarmState]) -> Markup {
    html! {
        @if let Some(first) = alarms.first() {
            p.error role="alert" {
                a href="/alarms" {
                    (alarms.len()) @if alarms.len() == 1 { " alarm" } @else { " alarms" }
                }
                ": " (restante_view::text::line(&first.text))
                @if alarms.len() > 1 { ", …" }
            }
        }
    }
}
