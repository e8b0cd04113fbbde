//! Signing in and out.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use restante_directory::{Role, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::Body,
    who::{COOKIE, Monitor, cookie},
};
use crate::events::{Fact, tell};

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The manager's name.
    #[schema(max_length = 64)]
    pub(crate) name: String,
    /// The password.
    #[schema(format = Password, max_length = 62)]
    pub(crate) password: String,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// Who is signed in.
    pub(crate) name: String,
    /// `monitor`, `operator` or `manager`.
    #[schema(value_type = String)]
    pub(crate) role: Role,
    /// For `Authorization: Bearer`; only where the session has just begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(sign_in, session, sign_out))
}

/// Sign in
///
/// The token goes into the header `Authorization: Bearer` of later requests; a browser keeps it
/// as a cookie.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn, responses(
    (status = 201, body = Session), (status = 401, body = ApiError),
    (status = 429, body = ApiError), (status = 400, body = ApiError),
    (status = 422, body = ApiError)))]
async fn sign_in(
    State(admin): State<Arc<Admin>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Body(given): Body<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let session = admin.sign_in(peer, given).await?;
    let headers = HeaderMap::from_iter(set_cookie(session.token.as_deref().unwrap_or_default()));
    Ok((StatusCode::CREATED, headers, Json(session)))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/session", tag = "session", responses(
    (status = 200, body = Session), (status = 401, body = ApiError)))]
async fn session(Monitor(who): Monitor) -> Json<Session> {
    Json(Session { name: who.name, role: who.role, token: None })
}

/// Sign out
#[utoipa::path(delete, path = "/api/session", tag = "session", responses(
    (status = 204), (status = 401, body = ApiError), (status = 403, body = ApiError)))]
async fn sign_out(
    State(admin): State<Arc<Admin>>,
    Monitor(who): Monitor,
    headers: HeaderMap,
) -> impl IntoResponse {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|text| text.split_once(' ')).map(|(_, token)| token.trim());
    if let Some(token) = bearer.or_else(|| cookie(&headers)) {
        admin.sessions.close(token);
    }
    admin.record(&who, format_args!("signed out"));
    (StatusCode::NO_CONTENT, HeaderMap::from_iter(set_cookie("")))
}

/// The cookie of a session; an empty token takes it away.
pub(crate) fn set_cookie(token: &str) -> Option<(header::HeaderName, HeaderValue)> {
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{age}");
    Some((header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?))
}

impl Admin {
    /// A session for whoever has this name and password.
    pub(crate) async fn sign_in(
        self: &Arc<Self>,
        peer: SocketAddr,
        given: SignIn,
    ) -> Result<Session, ApiError> {
        let address = peer.ip().to_string();
        let whose = [given.name.clone(), address];
        let whose: Vec<&str> = whose.iter().map(String::as_str).collect();
        if let Err(pause) = self.sessions.tries(&whose, Instant::now()) {
            return Err(ApiError::too_many_attempts(pause.as_secs() + 1));
        }
        let (name, password) = (given.name.clone(), given.password);
        let admin = self.clone();
        let verify = move || admin.managers.verify_manager(&name, password.as_bytes());
        let verdict = self.shared.verify(verify).await.map_err(ApiError::fault)??;
        let Verdict::Accepted(manager) = verdict else {
            tell(Fact::SignInRefused { peer: &peer, name: &given.name });
            return Err(ApiError::wrong_sign_in());
        };
        self.sessions.right(&whose);
        self.record(&manager, format_args!("signed in from {peer}"));
        let token = self.sessions.open(manager.clone(), Instant::now());
        Ok(Session { name: manager.name, role: manager.role, token: Some(token) })
    }
}
