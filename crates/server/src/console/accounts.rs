//! Users, MTAs and managers: who there is, added, given another password, removed.

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

use super::page::{Page, Sender, Visitor, destroys, encoded};
use crate::admin::{
    Admin,
    accounts::{Kind, NewAccount},
    error::ApiError,
    who::Chief,
};

#[derive(Deserialize)]
struct Password {
    password: String,
}

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/accounts", get(page))
        .route("/accounts/{kind}", post(add))
        .route("/accounts/{kind}/{name}/password", post(password))
        .route("/accounts/{kind}/{name}/remove", post(remove))
}

async fn page(State(admin): State<Arc<Admin>>, visitor: Visitor) -> Result<Response, Response> {
    if !visitor.may(Role::Monitor) {
        return Err(Page::of_error(&visitor, &ApiError::not_signed_in()));
    }
    let work = |admin: &Admin| {
        let managers = admin.accounts.managers()?;
        Ok((admin.accounts.users()?, admin.accounts.mta_peers()?, managers))
    };
    let found = admin.blocking(work).await;
    let (users, mtas, managers) = found.map_err(|error| Page::of_error(&visitor, &error))?;
    let chief = visitor.may(Role::Manager);
    let managers = managers.iter().map(|one| (one.name.clone(), Some(one.role.to_string())));
    let plain =
        |names: Vec<String>| names.into_iter().map(|name| (name, None)).collect::<Vec<_>>();
    let content = html! {
        (kind("users", "Users", "O/R address in any form", &plain(users), chief))
        (kind("mtas", "MTAs that may deliver", "MTA-name", &plain(mtas), chief))
        (kind("managers", "Managers", "Name", &managers.collect::<Vec<_>>(), chief))
    };
    Ok(Page { title: "Users and MTAs", place: "/accounts", live: "", content }.show(&visitor))
}

fn kind(
    path: &str,
    title: &str,
    label: &str,
    names: &[(String, Option<String>)],
    chief: bool,
) -> Markup {
    html! {
        section {
            h2 { (title) " " span.count { (names.len()) } }
            @if names.is_empty() { p.empty { "None yet." } } @else {
                table {
                    thead { tr {
                        th scope="col" { "Name" }
                        @if chief { th scope="col" { "Change" } }
                    } }
                    tbody {
                        @for (name, role) in names {
                            tr {
                                td { (name) @if let Some(role) = role { " " span.tag { (role) } } }
                                @if chief { td { div.row { (changes(path, name)) } } }
                            }
                        }
                    }
                }
            }
            @if chief { (new(path, label)) }
        }
    }
}

fn changes(path: &str, name: &str) -> Markup {
    let at = format!("/accounts/{path}/{}", encoded(name));
    html! {
        details {
            summary { "Password" }
            form method="post" action=(format!("{at}/password")) {
                label { "New password " input type="password" name="password" required
                    maxlength="62" autocomplete="new-password"; }
                button { "Set" }
            }
        }
        (destroys(&format!("{at}/remove"), "Remove", "Remove this account?"))
    }
}

fn new(path: &str, label: &str) -> Markup {
    html! {
        form.row method="post" action=(format!("/accounts/{path}")) {
            label { (label) " " input name="name" required; }
            label { "Password " input type="password" name="password" required maxlength="62"
                autocomplete="new-password"; }
            @if path == "managers" {
                label { "Role "
                    select name="role" {
                        @for role in [Role::Monitor, Role::Operator, Role::Manager] {
                            option { (role) }
                        }
                    }
                }
            }
            button { "Add" }
        }
    }
}

async fn add(
    sender: Sender<Chief>,
    Path(kind): Path<Kind>,
    Form(new): Form<NewAccount>,
) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        admin.add_account(kind, &new, who)?;
        Ok(format!("{} is added.", new.name))
    };
    sender.does("/accounts", work).await
}

async fn password(
    sender: Sender<Chief>,
    Path((kind, name)): Path<(Kind, String)>,
    Form(Password { password }): Form<Password>,
) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        admin.set_password(kind, &name, &password, who)?;
        Ok(format!("{name} has another password."))
    };
    sender.does("/accounts", work).await
}

async fn remove(sender: Sender<Chief>, Path((kind, name)): Path<(Kind, String)>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        admin.remove_account(kind, &name, who)?;
        Ok(format!("{name} is removed."))
    };
    sender.does("/accounts", work).await
}
