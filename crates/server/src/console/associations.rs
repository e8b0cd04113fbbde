//! Who is there, and ending an association.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::{Manager, Role};

use super::page::{Page, Sender, Visitor, destroys, mailbox_path, time};
use crate::admin::{Admin, associations::AssociationState, who::Operator};

const HEADS: [&str; 7] = ["Number", "Who", "Context", "Peer", "Since", "Operations", "Last"];

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/associations", get(page))
        .route("/associations/{id}/disconnect", post(disconnect))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let associations = admin.associations();
    let operator = visitor.may(Role::Operator);
    let content = html! {
        @if associations.is_empty() {
            p.empty { "Nobody is connected." }
        } @else {
            table {
                thead { tr {
                    @for head in HEADS {
                        th scope="col" { (head) }
                    }
                    @if operator { th scope="col" { span.hidden { "End it" } } }
                } }
                tbody { @for one in &associations { (row(one, operator)) } }
            }
        }
    };
    let live = "association-opened association-closed";
    Ok(Page { title: "Associations", place: "/associations", live, content }.show(&visitor))
}

fn row(one: &AssociationState, operator: bool) -> Markup {
    html! {
        tr {
            td.number { (one.id) }
            td {
                @match (&one.name, &one.mailbox) {
                    (Some(name), Some(mailbox)) => a href=(mailbox_path(mailbox, "")) { (name) },
                    (Some(name), None) => (name),
                    (None, _) => span.tag { "not bound yet" },
                }
            }
            td { (one.context.as_deref().unwrap_or("–")) }
            td { (one.peer) @if one.outgoing { " " span.tag { "called by the store" } } }
            td { (time(&one.since)) }
            td.number { (one.operations) }
            td { (time(&one.last_operation)) }
            @if operator {
                td { (destroys(&format!("/associations/{}/disconnect", one.id), "Disconnect",
                    "Abort this association? The peer may bind again.")) }
            }
        }
    }
}

async fn disconnect(sender: Sender<Operator>, Path(id): Path<u64>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        Ok(format!("{} is disconnected.", admin.disconnect(id, who)?))
    };
    sender.does("/associations", work).await
}
