//! The mailboxes, found and sorted.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use jiff::Timestamp;
use maud::{Markup, html};

use super::page::{Page, Visitor, age, encoded, mailbox_path, time};
use crate::admin::{
    Admin,
    mailboxes::{MailboxState, Sort, Wanted},
};

/// Mailboxes on a page.
const PAGE: usize = 100;
const SORTS: [(&str, Sort, &str); 5] = [
    ("name", Sort::Name, "Mailbox"),
    ("entries", Sort::Entries, "Entries"),
    ("new", Sort::New, "New"),
    ("oldest-new", Sort::OldestNew, "New since"),
    ("urgent-new", Sort::UrgentNew, "Urgent since"),
];

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/mailboxes", get(page))
}

async fn page(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    Query(mut wanted): Query<Wanted>,
) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    wanted.limit = Some(PAGE);
    let (search, sort) = (wanted.search.clone().unwrap_or_default(), wanted.sort);
    let offset = wanted.offset;
    let found = admin.blocking(move |admin| {
        // An address that is whole leads to its mailbox.
        let search = wanted.search.as_deref().unwrap_or_default();
        match admin.mailbox(search).ok() {
            Some(mailbox) => Ok(Err(mailbox_path(&mailbox.name, ""))),
            None => admin.mailboxes(&wanted).map(Ok),
        }
    });
    let found = match found.await.map_err(|error| Page::of_error(&visitor, &error))? {
        Ok(found) => found,
        Err(path) => return Ok(Redirect::to(&path).into_response()),
    };
    let link = |sort: &str, offset: usize| {
        format!("/mailboxes?search={}&sort={sort}&offset={offset}", encoded(&search))
    };
    let sort = sort.unwrap_or_default();
    let sort_name =
        SORTS.iter().find(|(_, one, _)| *one == sort).map_or("name", |(name, ..)| name);
    let content = html! {
        form.row role="search" aria-label="These mailboxes" {
            input type="search" name="search" value=(search) aria-label="Find a mailbox"
                placeholder="O/R address in any form, or part of it";
            button { "Find" }
            span { (found.all) " mailboxes" }
        }
        @if found.mailboxes.is_empty() {
            p.empty {
                @if search.is_empty() {
                    "No mailbox yet: one is made when something is delivered to a user, or a user \
                     binds. " a href="/accounts" { "Add a user" } "."
                } @else {
                    "No mailbox has " q { (search) } " in its name. "
                    a href="/mailboxes" { "Show all" } "."
                }
            }
        } @else {
            table {
                thead { tr {
                    @for (name, one, head) in SORTS {
                        @let sorted = (one == sort).then_some("other");
                        th scope="col" aria-sort=[sorted] { a href=(link(name, 0)) { (head) } }
                    }
                    th scope="col" { "Bound" }
                } }
                tbody { @for mailbox in &found.mailboxes { (row(mailbox)) } }
            }
            (pages(offset, PAGE, found.all, |offset| link(sort_name, offset)))
        }
    };
    let live = "message-delivered report-delivered read deleted listed mailbox-changed \
        association-opened association-closed";
    Ok(Page { title: "Mailboxes", place: "/mailboxes", live, content }.show(&visitor))
}

fn row(mailbox: &MailboxState) -> Markup {
    html! {
        tr.unread[mailbox.new > 0].urgent[mailbox.urgent_new.is_some()] {
            td {
                a href=(mailbox_path(&mailbox.name, "")) {
                    (mailbox.user.as_ref().unwrap_or(&mailbox.name))
                }
                @if mailbox.user.is_none() { " " span.tag { "no user" } }
            }
            td.number { (mailbox.entries) }
            td.number { (mailbox.new) }
            @for since in [&mailbox.oldest_new, &mailbox.urgent_new] {
                td {
                    @if let Some(since) = since {
                        (time(since)) " " span.tag { (age(since, Timestamp::now())) }
                    }
                }
            }
            td.number { (mailbox.associations) }
        }
    }
}

/// Links to the page before and the page after.
pub(super) fn pages(
    offset: usize,
    page: usize,
    all: usize,
    link: impl Fn(usize) -> String,
) -> Markup {
    let last = (offset + page).min(all);
    html! {
        nav.pages aria-label="Pages" {
            @if offset > 0 {
                a rel="prev" href=(link(offset.saturating_sub(page))) { "Before" }
            }
            span { (all.min(offset + 1)) "–" (last) " of " (all) }
            @if last < all { a rel="next" href=(link(last)) { "After" } }
        }
    }
}
