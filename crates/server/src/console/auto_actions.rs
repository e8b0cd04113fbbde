//! Auto-actions of a mailbox: what is registered, and the form in which one is put together, with
//! a builder of filters and a look at what its filter would find now. The form is sent whole for
//! each of its buttons, so that no script is needed.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::{Manager, Role};
use serde::Deserialize;

use super::{
    auto_action_form::{Draft, KINDS, form, title},
    mailbox::entry_rows,
    page::{Page, Sender, Visitor, destroys, encoded, mailbox_path},
};
use crate::admin::{
    Admin,
    auto_actions::{AutoAction, AutoActionState},
    entries::{Entries, Wanted},
    error::ApiError,
    who::{Monitor, Operator},
};

/// Entries that a look at a filter shows.
const LOOK_ENTRIES: usize = 20;

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/mailboxes/{mailbox}/auto-actions", get(page))
        .route("/mailboxes/{mailbox}/auto-actions/edit", get(edit).post(send))
        .route("/mailboxes/{mailbox}/auto-actions/{kind}/{number}/remove", post(remove))
}

async fn page(
    State(admin): State<Arc<Admin>>,
    who: Result<Monitor, ApiError>,
    visitor: Visitor,
    Path(address): Path<String>,
) -> Result<Response, Response> {
    let refused = |error: ApiError| Page::of_error(&visitor, &error);
    who.map_err(refused)?;
    let found = {
        let address = address.clone();
        admin.blocking(move |admin| admin.auto_actions(&address)).await
    };
    let found = found.map_err(refused)?;
    let operator = visitor.may(Role::Operator);
    let content = html! {
        p { a href=(mailbox_path(&address, "")) data-key="up" { "Back to the mailbox" } }
        @if found.is_empty() {
            p.empty { "The store does nothing by itself here. Below is what it can do." }
        } @else {
            table {
                thead { tr {
                    @for head in ["Auto-action", "Number", "On", "Does"] {
                        th scope="col" { (head) }
                    }
                    @if operator { th scope="col" { "Change" } }
                } }
                tbody { @for one in &found { (row(&address, one, operator)) } }
            }
        }
        @if operator { (new(&address, &found)) }
    };
    let title = format!("Auto-actions of {address}");
    Ok(Page { title: &title, place: "/mailboxes", live: "mailbox-changed", content }
        .show(&visitor))
}

/// What can be registered, each with the next number that is free.
fn new(address: &str, found: &[AutoActionState]) -> Markup {
    html! {
        section {
            h2 { "Add one" }
            ul.plain {
                @for (kind, name, does) in KINDS {
                    @let taken = found.iter().filter(|one| one.kind == kind);
                    @let number = taken.map(|one| one.number).max().unwrap_or(0) + 1;
                    li {
                        a href=(edit_path(address, kind, number)) { (name) } ": " (does)
                    }
                }
            }
        }
    }
}

fn edit_path(address: &str, kind: &str, number: u32) -> String {
    let rest = format!("/auto-actions/edit?kind={}&number={number}", encoded(kind));
    mailbox_path(address, &rest)
}

fn row(address: &str, one: &AutoActionState, operator: bool) -> Markup {
    let remove = format!("/auto-actions/{}/{}/remove", encoded(&one.kind), one.number);
    let filter = one.action.as_ref().and_then(AutoAction::filter);
    html! {
        tr {
            td { (title(&one.kind)) }
            td.number { (one.number) }
            td {
                @match (&one.action, filter) {
                    (Some(_), Some(filter)) => code { (filter) },
                    (Some(_), None) => "all",
                    (None, _) => "–",
                }
            }
            td {
                (one.action.as_ref().map_or(String::new(), does))
                @if !one.whole {
                    " " span.tag { "says more than is shown" }
                }
            }
            @if operator {
                td {
                    div.row {
                        @if one.action.is_some() {
                            a href=(edit_path(address, &one.kind, one.number)) { "Edit" }
                        }
                        (destroys(&mailbox_path(address, &remove), "Remove",
                            "Remove this auto-action? What it has done stays."))
                    }
                }
            }
        }
    }
}

/// What an auto-action does, in a line.
fn does(action: &AutoAction) -> String {
    match action {
        AutoAction::AutoForward(forward) => {
            let then = if forward.delete { ", and deletes it" } else { "" };
            format!("sends it to {}{then}", forward.to.join(" and "))
        }
        AutoAction::DelayedAutoForward(later) => {
            let to = later.forward.to.join(" and ");
            format!("sends it to {to} if it is not fetched in {} s", later.delay_s)
        }
        AutoAction::AutoAlert(alert) => match &alert.attributes {
            Some(attributes) => format!("tells who is bound: {}", attributes.join(", ")),
            None => "tells who is bound".to_owned(),
        },
        AutoAction::AutoDelete => "deletes it when its storage-period is over".to_owned(),
        AutoAction::AutoCorrelateReports | AutoAction::IpmAutoCorrelate => {
            "tells entries of each other".to_owned()
        }
        AutoAction::IpmAutoAcknowledgement(_) => "sends receipts that are asked for".to_owned(),
        AutoAction::IpmAutoDiscard(_) => "throws it away when its time is over".to_owned(),
    }
}

/// Which auto-action is to be edited.
#[derive(Debug, Deserialize)]
struct Which {
    kind: String,
    number: u32,
}

async fn edit(
    State(admin): State<Arc<Admin>>,
    who: Result<Operator, ApiError>,
    visitor: Visitor,
    Path(address): Path<String>,
    Query(Which { kind, number }): Query<Which>,
) -> Result<Response, Response> {
    let refused = |error: ApiError| Page::of_error(&visitor, &error);
    who.map_err(refused)?;
    let found = {
        let address = address.clone();
        admin.blocking(move |admin| admin.auto_actions(&address)).await
    };
    let found = found.map_err(refused)?;
    let there = found.into_iter().find(|one| one.kind == kind && one.number == number);
    let draft = match there {
        Some(AutoActionState { action: Some(action), whole, .. }) => {
            Draft::of(&action, number).losing(!whole)
        }
        _ => Draft::new(&kind, number),
    };
    Ok(shown(&visitor, &address, &draft, None, None))
}

/// The form with what is in it; what its filter finds, or what is wrong.
fn shown(
    visitor: &Visitor,
    address: &str,
    draft: &Draft,
    found: Option<&Entries>,
    wrong: Option<&ApiError>,
) -> Response {
    let content = html! {
        p { a href=(mailbox_path(address, "/auto-actions")) data-key="up" {
            "Back to the auto-actions"
        } }
        @if let Some(wrong) = wrong {
            p.error role="alert" { (wrong.message()) }
        }
        (form(&mailbox_path(address, "/auto-actions/edit"), draft))
        @if let Some(found) = found { (look(address, draft, found)) }
    };
    let title = format!("{} {} of {address}", title(draft.kind()), draft.text("number"));
    Page { title: &title, place: "/mailboxes", live: "", content }.show(visitor)
}

/// What would match now.
fn look(address: &str, draft: &Draft, found: &Entries) -> Markup {
    let all = format!("?filter={}", encoded(draft.text("filter")));
    html! {
        section aria-label="What would match now" {
            h2 { "In the inbox now " span.count { (found.all) " match" } }
            @if found.entries.is_empty() {
                p.empty { "No entry that is there now would match." }
            } @else {
                table {
                    thead { tr {
                        @for head in ["Number", "Status", "Priority", "From", "Subject", "Came"] {
                            th scope="col" { (head) }
                        }
                    } }
                    tbody { (entry_rows(address, &found.entries)) }
                }
                @if found.all > found.entries.len() {
                    p { a href=(mailbox_path(address, &all)) { "Show all " (found.all) } }
                }
            }
        }
    }
}

async fn send(
    sender: Sender<Operator>,
    Path(address): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let mut draft = Draft::sent(fields);
    let of = address.clone();
    let wrong = match draft.text("do") {
        "condition" => draft.add_condition().err(),
        "look" => {
            let filter = Some(draft.text("filter").to_owned());
            let wanted = Wanted { filter, limit: Some(LOOK_ENTRIES), ..Wanted::default() };
            match sender.tries(move |admin, _| admin.entries(&of, &wanted)).await {
                Ok(found) => {
                    return shown(sender.visitor(), &address, &draft, Some(&found), None);
                }
                Err(error) => Some(error),
            }
        }
        _ => match draft.action() {
            Ok(new) => {
                let work =
                    move |admin: &Admin, who: &Manager| admin.register_auto_action(&of, &new, who);
                match sender.tries(work).await {
                    Ok(state) => {
                        let text =
                            format!("{} {} is registered.", title(&state.kind), state.number);
                        return sender.done(&mailbox_path(&address, "/auto-actions"), text);
                    }
                    Err(error) => Some(error),
                }
            }
            Err(error) => Some(error),
        },
    };
    shown(sender.visitor(), &address, &draft, None, wrong.as_ref())
}

async fn remove(
    sender: Sender<Operator>,
    Path((address, kind, number)): Path<(String, String, u32)>,
) -> Response {
    let to = mailbox_path(&address, "/auto-actions");
    let work = move |admin: &Admin, who: &Manager| {
        admin.remove_auto_action(&address, &kind, number, who)?;
        Ok(format!("{} {number} is removed.", title(&kind)))
    };
    sender.does(&to, work).await
}
