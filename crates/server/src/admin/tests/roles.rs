//! Each operation of the API's document, asked for by nobody and in each role: who may not is
//! told so before anything else is looked at.

use std::time::Instant;

use super::*;

/// What is told without signing in, where that is allowed: the store, its mailboxes, envelopes
/// and associations. All else that is read needs a sign-in.
const OPEN: [&str; 15] = [
    "/api/alarms",
    "/api/associations",
    "/api/blocks",
    "/api/events",
    "/api/jobs",
    "/api/jobs/{id}",
    "/api/mailboxes",
    "/api/mailboxes/{mailbox}",
    "/api/mailboxes/{mailbox}/entries",
    "/api/mailboxes/{mailbox}/entries/{number}/envelope",
    "/api/store",
    "/api/stores",
    "/healthz",
    "/metrics",
    "/readyz",
];
/// What is told even where monitoring needs a sign-in: to whoever starts and stops processes.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];
/// What a manager alone does. All else that changes something an operator may.
const MANAGED: [(&str, &str); 10] = [
    ("post", "/api/accounts/{kind}"),
    ("delete", "/api/accounts/{kind}/{name}"),
    ("put", "/api/accounts/{kind}/{name}/password"),
    ("post", "/api/logs/preview"),
    ("put", "/api/logs/streams"),
    ("post", "/api/mailboxes"),
    ("delete", "/api/mailboxes/{mailbox}"),
    ("put", "/api/managers/{name}/role"),
    ("post", "/api/store/end"),
    ("put", "/api/users/{name}/outbox"),
];
/// How a browser sends a form.
const FORM: &str = "application/x-www-form-urlencoded";
/// The session: whoever has a password makes one, whoever has one ends it.
const SESSION: &str = "/api/session";

/// The least role; nothing: anybody.
fn needed(method: &str, path: &str) -> Option<Role> {
    match method {
        _ if path == SESSION => Some(Role::Monitor).filter(|_| method != "post"),
        "get" if OPEN.contains(&path) => None,
        "get" => Some(Role::Monitor),
        _ if MANAGED.contains(&(method, path)) => Some(Role::Manager),
        _ => Some(Role::Operator),
    }
}

/// A request in which nothing is said that could be done.
fn empty(method: &str, path: &str) -> axum::http::request::Builder {
    let path = path
        .replace("{mailbox}", "CN=nobody;C=gb")
        .replace("{id}", "999")
        .replace("{number}", "1")
        .replace("{part}", "1")
        .replace("{kind}", "users")
        .replace("{name}", "nobody");
    assert!(!path.contains('{'), "{path}: say here what stands for it");
    let method = method.to_uppercase().parse::<Method>().unwrap();
    axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", "application/json")
}

impl Api {
    /// The status alone: of what never ends, too.
    async fn status(&self, request: axum::http::request::Builder) -> u16 {
        let is_form = request.headers_ref().unwrap()["content-type"] == FORM;
        let body = if is_form { "name=chief&password=chiefpw" } else { "{}" };
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
        self.router.clone().oneshot(request).await.unwrap().status().as_u16()
    }

    fn session(&self, name: &str, role: Role) -> String {
        self.admin.sessions.open(Manager { name: name.into(), role }, Instant::now())
    }
}

fn all_operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["responses"].is_object() {
                all.push((method.clone(), path.clone(), operation["responses"].clone()));
            }
        }
    }
    assert!(all.len() > 40, "{}", all.len());
    all
}

#[tokio::test]
async fn each_operation_is_refused_to_whom_it_is_not_for() {
    let open = Api::new(|_| {});
    let closed = Api::new(|config| config.management.monitoring_without_sign_in = false);
    for (method, path, responses) in all_operations() {
        let needed = needed(&method, &path);
        let asked = format!("{method} {path}");
        let documented = |status: &str| responses.get(status).is_some();
        let nobody = open.status(empty(&method, &path)).await;
        match needed {
            Some(_) => assert_eq!(nobody, 401, "{asked}"),
            None if path == SESSION => assert_eq!(nobody, 422, "{asked}"),
            None => {
                assert_ne!(nobody, 401, "{asked}");
                let wanted = if HEALTH.contains(&&*path) { 200 } else { 401 };
                assert_eq!(closed.status(empty(&method, &path)).await, wanted, "{asked}");
            }
        }
        let is_told = nobody == 401 || !HEALTH.contains(&&*path);
        assert_eq!(documented("401"), is_told, "{asked}: 401 in the document");
        for (name, role) in
            [("mon", Role::Monitor), ("ops", Role::Operator), ("chief", Role::Manager)]
        {
            let token = open.session(name, role);
            let bearer = format!("Bearer {token}");
            let request = empty(&method, &path).header("authorization", bearer);
            let status = open.status(request).await;
            let may = needed.is_none_or(|needed| role >= needed);
            assert_eq!(status == 403, !may, "{asked} as {role}: {status}");
            assert!(may || documented("403"), "{asked}: 403 in the document");
            assert!(status != 401 && status < 500, "{asked} as {role}: {status}");
        }
    }
}

#[tokio::test]
async fn nothing_is_changed_by_a_page_of_another_site() {
    let api = Api::new(|_| {});
    let token = api.session("chief", Role::Manager);
    let cookie = format!("restante-session={token}");
    let forms = ["/sign-in", "/end?how=stop", "/drain", "/blocks", "/blocks/1/remove", "/jobs"];
    let more = [
        "/jobs/1/cancel",
        "/accounts/users",
        "/accounts/users/x/remove",
        "/accounts/users/x/password",
        "/associations/1/disconnect",
        "/mailboxes/x/entries",
        "/mailboxes/x/quota",
        "/mailboxes/x/unread-watch",
        "/mailboxes/x/delete",
        "/mailboxes/x/auto-actions/edit",
        "/mailboxes/x/auto-actions/auto-alert/1/remove",
        "/logs/streams",
        "/logs/preview",
    ];
    let forms = forms.into_iter().chain(more);
    let forms = forms.map(|path| ("post".to_owned(), path.to_owned()));
    let operations = all_operations().into_iter().map(|(method, path, _)| (method, path));
    let operations = operations.filter(|(method, path)| method != "get" && path != SESSION);
    for (method, path) in forms.chain(operations) {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]
        {
            let mut request = empty(&method, &path).header("cookie", &cookie).header(name, value);
            if !path.starts_with("/api/") {
                let form = HeaderValue::from_static(FORM);
                request.headers_mut().unwrap().insert("content-type", form);
            }
            let status = api.status(request).await;
            assert_eq!(status, 403, "{method} {path} from another site");
        }
    }
}
