//! The description of the API, made from its code: `docs/admin_api.json` is the same.

use std::sync::Arc;

use axum::{Router, http::header, response::IntoResponse, routing::get};
use utoipa::{
    OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use super::{Admin, accounts, entries, mailboxes, operations, who::COOKIE};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Restante",
        description = "The admin API of a Restante message store: all that the console and the \
                       command line do to a store that serves. Without signing in the state of \
                       the store, its mailboxes, the lists of entries, associations and events \
                       can be seen, unless management.monitoring_without_sign_in is false.",
    ),
    components(schemas(
        accounts::Kind,
        entries::Class,
        entries::Sort,
        mailboxes::Sort,
        crate::events::Facility,
        crate::events::Severity
    )),
    tags(
        (name = "session", description = "Signing in and out"),
        (name = "store", description = "The store as a whole"),
        (name = "mailboxes", description = "Mailboxes"),
        (name = "entries", description = "Entries of a mailbox"),
        (name = "associations", description = "Associations with user agents and MTAs"),
        (name = "accounts", description = "Users, MTAs and managers"),
        (name = "jobs", description = "Long work"),
        (name = "events", description = "What happens, as it happens"),
        (name = "logs", description = "The log: records, streams, a search"),
        (name = "health", description = "For whoever starts and watches the process"),
    )
)]
struct Description;

/// The OpenAPI document of the admin API, as JSON that ends with a line end.
pub fn openapi() -> String {
    let described = OpenApiRouter::<Arc<Admin>>::with_openapi(Description::openapi());
    let (_, mut document) = described.merge(operations()).split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new().route("/api/openapi.json", get(document))
}

async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi())
}
