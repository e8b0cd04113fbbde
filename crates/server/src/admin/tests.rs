//! The API as a client meets it: over the router, with a store that serves.

use std::{net::SocketAddr, path::Path};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, StatusCode},
};
use http_body_util::BodyExt as _;
use restante_ber::{Encode as _, UtcTime};
use restante_client::compose;
use restante_directory::Role;
use restante_mhs::{
    x411::{ORAddress, ORName, Priority},
    x419::Edition,
};
use restante_ms::{Deliverer, Delivery};
use restante_storage::{Change, NewContent, NewEntry, Storage as _, Transaction};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tower::ServiceExt as _;

use super::*;
use crate::{
    config::Config,
    control::{Wish, Wishes},
    shared,
};

mod auto_actions;
mod changes;
mod control;
mod hostile;
mod logs;
mod roles;

const ALICE: &str = "/CN=Alice/O=Example/PRMD=PEER/C=GB/";
const ALICE_IN_PATH: &str = "%2Fcn%3Dalice%2Fo%3Dexample%2Fprmd%3Dpeer%2Fc%3Dgb%2F";

/// An API over a store of its own.
struct Api {
    router: Router,
    admin: Arc<Admin>,
    wishes: Wishes,
    stop: watch::Sender<bool>,
    _data: TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    #[track_caller]
    fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }
}

impl Api {
    fn new(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        accounts(data.path());
        let mut config = Config { data_directory: data.path().into(), ..Config::default() };
        change(&mut config);
        let (stop, stopped) = watch::channel(false);
        let (shared, store) =
            Shared::open(config, None, stopped, Handle::current(), Arc::default()).unwrap();
        let (control, wishes) = Control::new();
        let admin = Arc::new(Admin::open(Arc::new(shared), store, control).unwrap());
        Self { router: router(admin.clone()), admin, wishes, stop, _data: data }
    }

    async fn send(&self, request: axum::http::Request<Body>) -> Answer {
        let mut request = request;
        let peer = SocketAddr::from(([127, 0, 0, 1], 9));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("localhost:3002"));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn ask(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        let mut request = axum::http::Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
        };
        self.send(request.body(body).unwrap()).await
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::GET, path, token, Value::Null).await
    }

    async fn token(&self, name: &str) -> String {
        let body = json!({"name": name, "password": format!("{name}pw")});
        let answer = self.ask(Method::POST, "/api/session", "", body).await.is(201);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Delivers a message of one text to Alice.
    fn deliver(&self, subject: &str, text: &str) {
        self.delivered(subject, text).unwrap().wait().unwrap();
    }

    /// The same, urgent.
    fn deliver_urgent(&self, subject: &str) {
        self.delivered_as(subject, "text", Priority::URGENT).unwrap().wait().unwrap();
    }

    /// Has a message of one text delivered to Alice; `None` where it is held off.
    fn delivered(&self, subject: &str, text: &str) -> Option<restante_storage::Ticket> {
        self.delivered_as(subject, text, Priority::NORMAL)
    }

    fn delivered_as(
        &self,
        subject: &str,
        text: &str,
        priority: Priority,
    ) -> Option<restante_storage::Ticket> {
        let name = |text: &str| ORName::from(text.parse::<ORAddress>().unwrap());
        let (from, to) = (name("/CN=Bob/C=GB/"), name(ALICE));
        let body = [compose::text(text)];
        let message = compose::ipm("1", &from, std::slice::from_ref(&to), subject, body);
        let identifier = compose::mts_identifier(&from.address, subject);
        let content = compose::content(message);
        let mut argument =
            compose::delivery(identifier, from, to, content, UtcTime(1_763_973_000));
        argument.other_fields.priority = priority;
        let delivery = Delivery::decode(5, Some(&argument.to_ber())).unwrap();
        let deliverer = Deliverer {
            mta: "mta1".into(),
            association: [1; 16],
            edition: Edition::E1988,
            user: None,
        };
        let outcome = self.admin.shared.service.deliver(&deliverer, shared::now(), delivery);
        outcome.commit
    }

    /// Stores entries with subjects of their own in Alice's mailbox.
    fn fill(&self, count: u32) {
        let store = &self.admin.store;
        let name = ALICE.parse::<restante_mhs::x411::ORAddress>().unwrap().key();
        let create = Change::CreateMailbox { name: name.clone(), about: Default::default() };
        store.commit(Transaction::of(create)).wait().unwrap();
        let mailbox = store.mailbox(&name).unwrap();
        for _ in 0..count {
            let entry = NewEntry::new(mailbox, 0, 0, Default::default());
            let content = NewContent {
                content: vec![bytes::Bytes::from_static(b"content")],
                creation_time: shared::now().0,
                entries: vec![entry],
            };
            store.commit(Transaction::of(Change::Store(content))).wait().unwrap();
        }
    }
}

fn accounts(data: &Path) {
    let accounts = Accounts::under(data);
    accounts.add_user(ALICE, b"alicepw").unwrap();
    for (name, role) in [("mon", Role::Monitor), ("ops", Role::Operator), ("chief", Role::Manager)]
    {
        accounts.add_manager(name, role, format!("{name}pw").as_bytes()).unwrap();
    }
}

#[tokio::test]
async fn monitoring_needs_no_sign_in_unless_it_is_configured_so() {
    let api = Api::new(|_| {});
    api.fill(2);
    let state = api.get("/api/store", "").await.is(200).json();
    assert_eq!((&state["ready"], &state["mailboxes"]), (&json!(true), &json!(1)));
    let mailboxes = api.get("/api/mailboxes?search=alice", "").await.is(200).json();
    assert_eq!((&mailboxes["all"], &mailboxes["mailboxes"][0]["new"]), (&json!(1), &json!(2)));
    assert_eq!(api.get("/api/associations", "").await.is(200).json(), json!([]));
    for path in ["/api/users", "/api/configuration", "/api/session", "/api/managers"] {
        api.get(path, "").await.is(401);
    }
    let closed = Api::new(|config| config.management.monitoring_without_sign_in = false);
    for path in ["/api/store", "/api/mailboxes", "/api/jobs", "/api/events"] {
        closed.get(path, "").await.is(401);
    }
    assert_eq!(closed.get("/healthz", "").await.is(200).body, "ok\n");
    assert_eq!(closed.get("/readyz", "").await.is(200).body, "ready\n");
    let token = closed.token("mon").await;
    closed.get("/api/store", &token).await.is(200);
}

#[tokio::test]
async fn each_role_does_what_is_its_own() {
    let api = Api::new(|_| {});
    api.fill(3);
    let [mon, ops, chief] =
        [api.token("mon").await, api.token("ops").await, api.token("chief").await];
    let delete = format!("/api/mailboxes/{ALICE_IN_PATH}/entries/delete");
    let numbers = json!({"numbers": [1, 3, 99]});
    api.ask(Method::POST, &delete, "", numbers.clone()).await.is(401);
    api.ask(Method::POST, &delete, &mon, numbers.clone()).await.is(403);
    let done = api.ask(Method::POST, &delete, &ops, numbers).await.is(200).json();
    assert_eq!(done, json!({"entries": 2}));
    let list = format!("/api/mailboxes/{ALICE_IN_PATH}/entries");
    let left = api.get(&list, "").await.is(200).json();
    assert_eq!((&left["all"], &left["entries"][0]["number"]), (&json!(1), &json!(2)));

    let bob = json!({"name": "CN=Bob; C=GB", "password": "bobpw"});
    api.ask(Method::POST, "/api/accounts/users", &ops, bob.clone()).await.is(403);
    api.ask(Method::POST, "/api/accounts/users", &chief, bob.clone()).await.is(201);
    api.ask(Method::POST, "/api/accounts/users", &chief, bob).await.is(409);
    assert_eq!(api.get("/api/users", &mon).await.is(200).json().as_array().unwrap().len(), 2);
    let role = json!({"role": "monitor"});
    api.ask(Method::PUT, "/api/managers/ops/role", &chief, role).await.is(204);
    let numbers = json!({"numbers": [2]});
    api.ask(Method::POST, &delete, &ops, numbers).await.is(403);
    api.ask(Method::DELETE, "/api/accounts/managers/ops", &chief, Value::Null).await.is(204);
    api.get("/api/session", &ops).await.is(401);
    api.ask(Method::DELETE, "/api/accounts/managers/chief", &chief, Value::Null).await.is(409);

    let mailbox = format!("/api/mailboxes/{ALICE_IN_PATH}");
    api.ask(Method::DELETE, &mailbox, &chief, Value::Null).await.is(204);
    api.get(&mailbox, "").await.is(404);
    api.ask(Method::POST, "/api/mailboxes", &chief, json!({"address": ALICE})).await.is(201);
    let state = api.get(&mailbox, "").await.is(200).json();
    assert_eq!(state["highest_number"], json!(3), "numbers go on");
    api.ask(Method::POST, "/api/store/end", &chief, json!({"how": "restart"})).await.is(202);
    assert_eq!(*api.wishes.borrow(), Some(Wish::Restart));
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_slows_who_tries() {
    let api = Api::new(|_| {});
    let wrong = |name: &str| json!({"name": name, "password": "wrong"});
    for _ in 0..5 {
        api.ask(Method::POST, "/api/session", "", wrong("chief")).await.is(401);
    }
    let answer = api.ask(Method::POST, "/api/session", "", wrong("chief")).await.is(429);
    assert_eq!(answer.json()["error"], json!("too-many-attempts"));
    api.ask(Method::POST, "/api/session", "", wrong("mon")).await.is(429);
}

#[tokio::test]
async fn a_cookie_works_from_a_page_of_this_server_only() {
    let api = Api::new(|_| {});
    let body = json!({"name": "chief", "password": "chiefpw"});
    let answer = api.ask(Method::POST, "/api/session", "", body).await.is(201);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let request = |method: Method, path: &str, site: &str| {
        let request = axum::http::Request::builder().method(method).uri(path);
        let request = request.header("cookie", cookie).header("sec-fetch-site", site);
        request.body(Body::empty()).unwrap()
    };
    api.send(request(Method::GET, "/api/session", "cross-site")).await.is(200);
    api.send(request(Method::DELETE, "/api/session", "cross-site")).await.is(403);
    let answer = api.send(request(Method::DELETE, "/api/session", "same-origin")).await.is(204);
    assert!(answer.headers["set-cookie"].to_str().unwrap().ends_with("; Max-Age=0"));
    api.send(request(Method::GET, "/api/session", "same-origin")).await.is(401);
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused() {
    let api = Api::new(|config| config.management.host_names = vec!["store.example".into()]);
    for (host, status) in [
        ("evil.example:3002", 421),
        ("store.example", 200),
        ("[::1]:3002", 200),
        ("127.0.0.1:3002", 200),
        ("LOCALHOST", 200),
    ] {
        let request = axum::http::Request::get("/healthz").header("host", host);
        api.send(request.body(Body::empty()).unwrap()).await.is(status);
    }
}

#[tokio::test]
async fn a_bad_request_is_told_what_is_wrong_with_it() {
    let api = Api::new(|_| {});
    let token = api.token("chief").await;
    let get = async |path: &str, status| api.get(path, "").await.is(status).json();
    let error = get("/api/mailboxes/nonsense", 422).await;
    assert!(error["message"].as_str().unwrap().contains("is no O/R address"), "{error}");
    get("/api/mailboxes?limit=many", 400).await;
    get("/api/mailboxes?colour=red", 400).await;
    get("/api/jobs/x", 400).await;
    get("/api/jobs/7", 404).await;
    get("/api/nothing", 404).await;
    let post = async |path: &str, body| api.ask(Method::POST, path, &token, body).await;
    post("/api/jobs", json!({"kind": "nothing"})).await.is(422);
    post("/api/accounts/users", json!({"name": "Bob", "password": "x"})).await.is(422);
    post("/api/accounts/mtas", json!({"name": "m", "password": ""})).await.is(422);
    api.ask(Method::POST, "/api/store", &token, Value::Null).await.is(405);
}

#[tokio::test]
async fn an_entry_is_opened_by_who_is_signed_in() {
    let api = Api::new(|_| {});
    api.deliver("<b>bold</b>\u{7}", "Hello\n<script>alert(1)</script>");
    let token = api.token("mon").await;
    let path = |what: &str| format!("/api/mailboxes/{ALICE_IN_PATH}/entries/1{what}");
    let shown = api.get(&path("/envelope"), "").await.is(200);
    assert!(!shown.body.contains("script"), "{}", shown.body);
    assert_eq!(shown.json()["status"], json!("new"));
    for what in ["", "/content", "/parts/1", "/tree"] {
        api.get(&path(what), "").await.is(401);
        api.get(&path(what), &token).await.is(200);
    }
    let shown = api.get(&path(""), &token).await.json();
    assert_eq!(shown["heading"]["subject"], json!("<b>bold</b>\u{7}"));
    assert_eq!(shown["status"], json!("new"), "looking changes nothing");
    let part = api.get(&path("/parts/1"), &token).await;
    assert_eq!(part.body, "Hello\r\n<script>alert(1)</script>");
    let header = |name: &str| part.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert!(header("content-disposition").starts_with("attachment; filename=\"1-1-text.txt\""));
    assert_eq!(header("x-content-type-options"), "nosniff");
    let tree = api.get(&path("/tree"), &token).await.json();
    assert_eq!((&tree[0]["depth"], &tree[0]["tag"]), (&json!(0), &json!("[0]")));
    api.get(&path("/parts/2"), &token).await.is(404);
    api.get(&path("/parts/0"), &token).await.is(404);
    api.get(&path("/envelope").replace("/1/", "/2/"), "").await.is(404);
}

#[tokio::test]
async fn a_job_is_started_watched_and_kept() {
    let api = Api::new(|_| {});
    api.fill(2);
    let token = api.token("ops").await;
    let mut watcher = api.admin.shared.hub.watch();
    let job = json!({"kind": "statistics"});
    let job = api.ask(Method::POST, "/api/jobs", &token, job).await.is(201).json();
    let path = format!("/api/jobs/{}", job["id"]);
    let done = loop {
        watcher.recv().await.unwrap();
        let job = api.get(&path, "").await.is(200).json();
        if job["state"] != json!("running") {
            break job;
        }
    };
    assert_eq!((&done["state"], &done["progress"]), (&json!("done"), &json!(1.0)), "{done}");
    assert_eq!(done["details"]["entries"], json!(2));
    assert_eq!(done["started_by"], json!("ops"));
    let kept = Jobs::open(Arc::default(), &api.admin.store).unwrap();
    assert_eq!(kept.all().len(), 1);
    api.ask(Method::POST, "/api/jobs", &token, json!({"kind": "verify"})).await.is(201);
}

#[test]
fn the_description_has_all_that_it_refers_to() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100);
    for reference in found {
        let at = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(at).is_some(), "{reference}");
    }
}

#[test]
fn the_description_is_the_one_that_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/admin_api.json");
    let made = openapi();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == made, "docs/admin_api.json is old: run this test with UPDATE_EXPECT=1");
}
