//! Signing in and out.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Form, Router,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use maud::html;

use super::page::{Page, Visitor};
use crate::admin::{
    Admin,
    session::{SignIn, set_cookie},
    who::{cookie, from_here},
};

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/sign-in", get(form).post(sign_in)).route("/sign-out", post(sign_out))
}

async fn form(visitor: Visitor) -> Response {
    page(&visitor, "", None)
}

fn page(visitor: &Visitor, name: &str, wrong: Option<&str>) -> Response {
    let content = html! {
        form.narrow method="post" action="/sign-in" {
            @if let Some(wrong) = wrong {
                p.error role="alert" { (wrong) }
            }
            label { "Name" input name="name" value=(name) autocomplete="username" required
                maxlength="64" autofocus; }
            label { "Password" input name="password" type="password" required maxlength="62"
                autocomplete="current-password"; }
            button { "Sign in" }
            p.hint {
                "Nobody yet? On the store's machine: " code { "restante manager add NAME" }
            }
        }
    };
    Page { title: "Sign in", place: "", live: "", content }.show(visitor)
}

async fn sign_in(
    State(admin): State<Arc<Admin>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<SignIn>,
) -> Response {
    if !from_here(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let name = given.name.clone();
    match admin.sign_in(peer, given).await {
        Ok(session) => {
            let cookie = set_cookie(session.token.as_deref().unwrap_or_default());
            (HeaderMap::from_iter(cookie), Redirect::to("/")).into_response()
        }
        Err(error) => {
            let page = page(&visitor, &name, Some(error.message()));
            (error.status(), page).into_response()
        }
    }
}

async fn sign_out(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    if let Some((manager, token)) = visitor.manager.zip(cookie(&headers)) {
        admin.sessions.close(token);
        admin.record(&manager, format_args!("signed out"));
    }
    (HeaderMap::from_iter(set_cookie("")), Redirect::to("/")).into_response()
}
