//! Who asks: found by a bearer token, or by the cookie that the console's sign-in sets. A request
//! that changes something and comes with the cookie must come from a page of this server.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use restante_directory::{Manager, Role};

use super::{Admin, error::ApiError};

/// The cookie of a session.
pub(crate) const COOKIE: &str = "restante-session";

/// Whoever asks, signed in or not, where monitoring without signing in is allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anyone;

/// Somebody who is signed in, in the role of monitor at least.
#[derive(Debug, Clone)]
pub(crate) struct Monitor(pub(crate) Manager);

/// Somebody in the role of operator at least.
#[derive(Debug, Clone)]
pub(crate) struct Operator(pub(crate) Manager);

/// Somebody in the role of manager.
#[derive(Debug, Clone)]
pub(crate) struct Chief(pub(crate) Manager);

impl From<Monitor> for Manager {
    fn from(Monitor(manager): Monitor) -> Self {
        manager
    }
}

impl From<Operator> for Manager {
    fn from(Operator(manager): Operator) -> Self {
        manager
    }
}

impl From<Chief> for Manager {
    fn from(Chief(manager): Chief) -> Self {
        manager
    }
}

impl FromRequestParts<Arc<Admin>> for Anyone {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, ApiError> {
        let who = signed_in(parts, admin)?;
        match who.is_some() || admin.config().monitoring_without_sign_in {
            true => Ok(Self),
            false => Err(ApiError::not_signed_in()),
        }
    }
}

impl FromRequestParts<Arc<Admin>> for Monitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, ApiError> {
        in_role(parts, admin, Role::Monitor).map(Self)
    }
}

impl FromRequestParts<Arc<Admin>> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, ApiError> {
        in_role(parts, admin, Role::Operator).map(Self)
    }
}

impl FromRequestParts<Arc<Admin>> for Chief {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, ApiError> {
        in_role(parts, admin, Role::Manager).map(Self)
    }
}

fn in_role(parts: &Parts, admin: &Admin, role: Role) -> Result<Manager, ApiError> {
    let who = signed_in(parts, admin)?.ok_or_else(ApiError::not_signed_in)?;
    if who.role < role {
        let text = format!("{} is {}; this takes the role of {role}", who.name, who.role);
        return Err(ApiError::forbidden(text));
    }
    Ok(who)
}

/// Who is signed in, in the role of this moment.
fn signed_in(parts: &Parts, admin: &Admin) -> Result<Option<Manager>, ApiError> {
    let bearer = bearer(&parts.headers);
    let Some(token) = bearer.or_else(|| cookie(&parts.headers)) else { return Ok(None) };
    let Some(manager) = admin.sessions.of(token, Instant::now()) else {
        // A page is shown to whom the session has ended as to anybody; a program is told.
        return if bearer.is_some() { Err(ApiError::not_signed_in()) } else { Ok(None) };
    };
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    if bearer.is_none() && !reads && !from_here(&parts.headers) {
        return Err(ApiError::forbidden("the request was not made by a page of this server"));
    }
    // Whoever was taken out, or has another role, has it at once.
    let role = admin.managers.role(&manager.name)?;
    Ok(role.map(|role| Manager { role, ..manager }))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token of a cookie.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter();
    let pairs = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, token)| token)
}

/// Whether a browser says that a page of this server made the request.
pub(crate) fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), ..) => site == "same-origin",
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_token_is_found_where_it_belongs() {
        let found = headers(&[("authorization", "bearer abc")]);
        assert_eq!(bearer(&found), Some("abc"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic abc")])), None);
        let found = headers(&[("cookie", "a=b; restante-session=xyz; c=d")]);
        assert_eq!(cookie(&found), Some("xyz"));
        assert_eq!(cookie(&headers(&[("cookie", "other-restante-session=xyz")])), None);
    }

    #[test]
    fn another_site_s_page_is_told_apart() {
        let host = ("host", "127.0.0.1:3002");
        assert!(from_here(&headers(&[host, ("sec-fetch-site", "same-origin")])));
        assert!(!from_here(&headers(&[host, ("sec-fetch-site", "cross-site")])));
        assert!(!from_here(&headers(&[host, ("sec-fetch-site", "same-site")])));
        assert!(from_here(&headers(&[host, ("origin", "http://127.0.0.1:3002")])));
        assert!(!from_here(&headers(&[host, ("origin", "http://evil.example")])));
        assert!(!from_here(&headers(&[host, ("origin", "null")])));
        assert!(!from_here(&headers(&[host])));
    }
}
