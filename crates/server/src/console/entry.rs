//! An entry, opened: what the standards' types say of it, body parts to read or to keep, and the
//! octets as a tree of tags.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use restante_directory::Role;
use restante_view::{Entry, Section, Value, files, text};

use super::{
    mailbox::{Shown, beside, page_of},
    page::{Page, Visitor, mailbox_path, octets, time},
};
use crate::admin::{Admin, entries::Wanted, error::ApiError};

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/mailboxes/{mailbox}/{number}", get(page))
        .route("/mailboxes/{mailbox}/{number}/tree", get(tree))
}

async fn page(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    Path((address, number)): Path<(String, u32)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let signed_in = visitor.may(Role::Monitor);
    let shown = Shown::of(&wanted);
    let work = {
        let address = address.clone();
        move |admin: &Admin| {
            let entry = admin.entry(&address, number, signed_in)?;
            Ok((entry, admin.entries(&address, &page_of(wanted))?))
        }
    };
    let found = admin.blocking(work).await;
    let (entry, list) = found.map_err(|error| Page::of_error(&visitor, &error))?;
    let mut whole = entry.whole();
    if !signed_in {
        whole.remove("content");
    }
    let content = html! {
        div.beside {
            (beside(&address, &shown, &list, number))
            div {
                (deeds(&address, &shown, &entry, signed_in))
                @if !signed_in {
                    p.hint { a href="/sign-in" { "Sign in" } " to read what is in it." }
                }
                article.entry { (section(&whole)) }
            }
        }
    };
    let title = format!("Entry {number}");
    let live = "message-delivered report-delivered read deleted listed mailbox-changed";
    Ok(Page { title: &title, place: "/mailboxes", live, content }.show(&visitor))
}

/// Where to from an entry, and what of it can be kept.
fn deeds(address: &str, shown: &Shown, entry: &Entry, signed_in: bool) -> Markup {
    let number = entry.number;
    let api =
        |rest: &str| format!("/api{}{rest}", mailbox_path(address, &format!("/entries/{number}")));
    html! {
        nav.row aria-label="The entry" {
            a href=(shown.list(address)) data-key="up" { "Back to the mailbox" }
            @if signed_in {
                a href=(api("/eml")) download { "Keep as mail" }
            }
            @if signed_in && entry.content().is_some() {
                a href=(mailbox_path(address, &format!("/{number}/tree"))) { "Octets" }
                a href=(api("/content")) download { "Keep the content" }
                @for (at, (name, octets)) in files::body_parts(entry).iter().enumerate() {
                    a href=(api(&format!("/parts/{}", at + 1))) download {
                        "Keep " (name) " (" (self::octets(octets.len() as u64)) ")"
                    }
                }
            }
        }
    }
}

/// Fields, and what is inside them.
fn section(section: &Section) -> Markup {
    html! {
        @for (label, value) in section.fields() {
            @match value {
                Value::Lines(lines) => pre.text {
                    @for line in text::lines(lines) { (line) "\n" }
                },
                Value::Section(inner) => details open {
                    summary { (label) }
                    div { (self::section(inner)) }
                },
                Value::Sections(all) => {
                    @for (at, inner) in all.iter().enumerate() {
                        details open {
                            summary { (label.strip_suffix('s').unwrap_or(&label)) " " (at + 1) }
                            div { (self::section(inner)) }
                        }
                    }
                },
                Value::Time(seconds) => div.field {
                    span.label { (label) } span { (time(&restante_view::time::utc(*seconds))) }
                },
                Value::List(values) => div.field {
                    span.label { (label) }
                    ul.plain { @for value in values { li { (value.line(&TimeZone::UTC)) } } }
                },
                value => div.field {
                    span.label { (label) } span { (value.line(&TimeZone::UTC)) }
                },
            }
        }
    }
}

async fn tree(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    Path((address, number)): Path<(String, u32)>,
) -> Result<Response, Response> {
    if !visitor.may(Role::Monitor) {
        return Err(Page::of_error(&visitor, &ApiError::not_signed_in()));
    }
    let work = {
        let address = address.clone();
        move |admin: &Admin| admin.tree(&address, number)
    };
    let nodes = admin.blocking(work).await;
    let nodes = nodes.map_err(|error| Page::of_error(&visitor, &error))?;
    let content = html! {
        p {
            a href=(mailbox_path(&address, &format!("/{number}"))) data-key="up" {
                "Back to the entry"
            }
        }
        ol.tree {
            @for node in &nodes {
                li data-depth=(node.depth) {
                    @for _ in 0..node.depth { span.step {} }
                    strong { (node.tag) } " " span.count { (node.length) } " "
                    @if let Some(text) = &node.text { q { (text::line(text)) } }
                    @else if let Some(hex) = &node.hex { code { (hex) } }
                }
            }
        }
    };
    let title = format!("Octets of entry {number}");
    Ok(Page { title: &title, place: "/mailboxes", live: "", content }.show(&visitor))
}
