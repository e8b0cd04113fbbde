//! Operations that are blocked, for all mailboxes or one, and the draining of the store.

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

use super::page::{Page, Sender, Visitor, destroys, mailbox_path, number, time};
use crate::{
    admin::{
        Admin,
        blocks::{BlockState, NewBlock},
        who::Operator,
    },
    blocks::Blockable,
};

const SECONDS_A_MINUTE: u32 = 60;

/// What the form says.
#[derive(Debug, Deserialize)]
struct Wish {
    operation: Blockable,
    #[serde(default)]
    mailbox: String,
    #[serde(default)]
    minutes: String,
    #[serde(default)]
    reason: String,
}

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/blocks", get(page).post(block))
        .route("/blocks/{id}/remove", post(unblock))
        .route("/drain", post(drain))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let blocks = admin.blocks();
    let operator = visitor.may(Role::Operator);
    let content = html! {
        @if operator { (new()) }
        @if blocks.is_empty() {
            p.empty { "Nothing is blocked: users may do all that their accounts allow." }
        } @else {
            table {
                thead { tr {
                    @for head in ["Operation", "Mailbox", "Since", "Until", "By", "Why"] {
                        th scope="col" { (head) }
                    }
                    @if operator { th scope="col" { span.hidden { "End it" } } }
                } }
                tbody { @for block in &blocks { (row(block, operator)) } }
            }
        }
    };
    Ok(Page { title: "Blocks", place: "/blocks", live: "store", content }.show(&visitor))
}

fn new() -> Markup {
    html! {
        form.row method="post" action="/blocks" {
            label { "Block "
                select name="operation" {
                    @for operation in Blockable::ALL {
                        option { (operation.name()) }
                    }
                }
            }
            label { "in the mailbox " input name="mailbox" placeholder="all of them"; }
            label { "for " input.short name="minutes" type="number" min="1" max="525600"
                placeholder="ever"; " minutes" }
            label { "because " input name="reason" maxlength="500"; }
            button { "Block" }
        }
    }
}

fn row(block: &BlockState, operator: bool) -> Markup {
    html! {
        tr {
            td { (block.operation.name()) }
            td {
                @match &block.mailbox {
                    Some(mailbox) => a href=(mailbox_path(mailbox, "")) { (mailbox) },
                    None => "all",
                }
            }
            td { (time(&block.since)) }
            td {
                @match &block.until {
                    Some(until) => (time(until)),
                    None => "it is unblocked",
                }
            }
            td { (block.by) }
            td { (restante_view::text::line(block.reason.as_deref().unwrap_or_default())) }
            @if operator {
                td {
                    form method="post" action=(format!("/blocks/{}/remove", block.id)) {
                        button { "Unblock" }
                    }
                }
            }
        }
    }
}

/// What drains the store, or has it serve again.
pub(super) fn draining(drained: bool) -> Markup {
    html! {
        @if drained {
            form method="post" action="/drain" {
                input type="hidden" name="draining" value="false";
                button { "Serve again" }
            }
        } @else {
            (destroys("/drain", "Drain",
                "Have nobody bind any more and hold the MTAs off? Who is bound stays."))
        }
    }
}

async fn block(
    sender: Sender<Operator>,
    Form(Wish { operation, mailbox, minutes, reason }): Form<Wish>,
) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        let minutes = number::<u32>(&minutes)?;
        let for_s = minutes.map(|minutes| minutes.saturating_mul(SECONDS_A_MINUTE));
        let mailbox = Some(mailbox).filter(|mailbox| !mailbox.trim().is_empty());
        let new = NewBlock { operation, mailbox, for_s, reason: Some(reason) };
        Ok(format!("{} is blocked.", admin.block(&new, who)?))
    };
    sender.does("/blocks", work).await
}

async fn unblock(sender: Sender<Operator>, Path(id): Path<u64>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        Ok(format!("{} is unblocked.", admin.unblock(id, who)?))
    };
    sender.does("/blocks", work).await
}

/// Whether the store is to be drained; it is where nothing is said.
#[derive(Debug, Deserialize)]
struct Draining {
    draining: Option<bool>,
}

async fn drain(sender: Sender<Operator>, Form(Draining { draining }): Form<Draining>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        let draining = draining.unwrap_or(true);
        admin.drain(draining, who);
        let text = if draining { "The store is drained." } else { "The store serves again." };
        Ok(text.to_owned())
    };
    sender.does("/", work).await
}
