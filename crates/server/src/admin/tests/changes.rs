//! What an operator does to entries and mailboxes.

use super::*;
use crate::hub::What;

const BOB: &str = "/CN=Bob/C=GB/";

#[tokio::test]
async fn a_status_is_set_and_entries_are_moved() {
    let api = Api::new(|_| {});
    Accounts::under(api._data.path()).add_user(BOB, b"bobpw").unwrap();
    for subject in ["one", "two", "three"] {
        api.deliver(subject, "text");
    }
    let [mon, ops] = [api.token("mon").await, api.token("ops").await];
    let path = |what: &str| format!("/api/mailboxes/{ALICE_IN_PATH}/entries{what}");
    let post = async |what: &str, token: &str, body: Value| {
        api.ask(Method::POST, &path(what), token, body).await
    };
    let processed = json!({"numbers": [1, 3, 99], "status": "processed"});
    post("/status", "", processed.clone()).await.is(401);
    post("/status", &mon, processed.clone()).await.is(403);
    assert_eq!(post("/status", &ops, processed).await.is(200).json(), json!({"entries": 2}));
    let new = json!({"numbers": [3], "status": "new"});
    post("/status", &ops, new).await.is(200);
    let list = api.get(&path("?sort=oldest"), "").await.is(200).json();
    let entries = list["entries"].as_array().unwrap();
    let statuses: Vec<_> = entries.iter().map(|entry| &entry["status"]).collect();
    assert_eq!(statuses, [&json!("processed"), &json!("new"), &json!("new")]);
    post("/status", &ops, json!({"numbers": [1], "status": "read"})).await.is(422);

    let to_bob = |numbers: Value| json!({"numbers": numbers, "to": "CN=bob; C=gb"});
    post("/move", &mon, to_bob(json!([1]))).await.is(403);
    let moved = post("/move", &ops, to_bob(json!([3, 1, 77]))).await.is(200).json();
    let expected = json!([{"was": 3, "number": 1}, {"was": 1, "number": 2}]);
    assert_eq!(moved["entries"], expected);
    let bob = "/api/mailboxes/CN=bob;C=gb";
    let there = api.get(&format!("{bob}/entries?status=new&sort=oldest"), "").await.is(200);
    let there = there.json();
    assert_eq!((&there["all"], &there["entries"][0]["subject"]), (&json!(2), &json!("three")));
    let content = api.get(&format!("{bob}/entries/1/parts/1"), &mon).await.is(200);
    assert_eq!(content.body, "text");
    let mail = api.get(&format!("{bob}/entries/1/eml"), &mon).await.is(200);
    assert!(mail.headers["content-disposition"].to_str().unwrap().contains("\"1.eml\""));
    assert!(mail.body.contains("\r\nSubject: three\r\n"), "{}", mail.body);
    assert_eq!(api.get(&path(""), "").await.json()["all"], json!(1));
    let itself = json!({"numbers": [2], "to": ALICE});
    post("/move", &ops, itself).await.is(422);
    post("/move", &ops, json!({"numbers": [2], "to": "/CN=Nobody/C=GB/"})).await.is(404);
    post("/move", &ops, json!({"numbers": [], "to": BOB})).await.is(422);
}

#[tokio::test]
async fn whether_submissions_are_kept_is_said_of_a_user() {
    let api = Api::new(|_| {});
    let [mon, boss] = [api.token("mon").await, api.token("chief").await];
    let of = format!("/api/users/{ALICE_IN_PATH}/outbox");
    let kept = async || api.get(&of, &mon).await.is(200).json()["store_submissions"].clone();
    assert_eq!(kept().await, Value::Null);
    let wanted = json!({"store_submissions": true});
    api.ask(Method::PUT, &of, &mon, wanted.clone()).await.is(403);
    api.ask(Method::PUT, &of, &boss, json!({"store": true})).await.is(422);
    api.ask(Method::PUT, "/api/users/%2FCN=Nobody%2FC=GB/outbox", &boss, wanted.clone())
        .await
        .is(404);
    api.ask(Method::PUT, &of, &boss, wanted).await.is(204);
    assert_eq!(kept().await, json!(true));
    api.ask(Method::PUT, &of, &boss, json!({"store_submissions": null})).await.is(204);
    assert_eq!(kept().await, Value::Null);
}

#[tokio::test]
async fn a_quota_holds_deliveries_off_and_shows_how_full_a_mailbox_is() {
    let api = Api::new(|config| config.limits.mailbox_entries = 3);
    api.deliver("one", "text");
    let [mon, ops] = [api.token("mon").await, api.token("ops").await];
    let path = format!("/api/mailboxes/{ALICE_IN_PATH}");
    let quota = api.get(&path, "").await.is(200).json()["quota"].clone();
    assert_eq!((&quota["entries"], &quota["entries_max"]), (&json!(1), &json!(3)));
    assert_eq!((&quota["own"], &quota["percent"]), (&json!(false), &json!(33)));
    let of = format!("{path}/quota");
    api.ask(Method::PUT, &of, &mon, json!({"entries_max": 1})).await.is(403);
    api.ask(Method::PUT, &of, &ops, json!({"entries_max": 0})).await.is(422);
    let state = api.ask(Method::PUT, &of, &ops, json!({"entries_max": 1})).await.is(200).json();
    assert_eq!((&state["quota"]["own"], &state["quota"]["percent"]), (&json!(true), &json!(100)));
    assert!(api.delivered("two", "text").is_none(), "it is full");
    api.ask(Method::DELETE, &of, &ops, Value::Null).await.is(200);
    assert!(api.delivered("two", "text").is_some());
    let octets = json!({"octets_max": 10});
    api.ask(Method::PUT, &of, &ops, octets).await.is(200);
    assert!(api.delivered("three", "text").is_none());
}

#[tokio::test]
async fn what_stays_unread_and_what_is_full_raises_an_alarm() {
    let api = Api::new(|config| {
        config.management.unread_normal_s = 60;
        config.limits.mailbox_alarm_percent = 50;
    });
    api.deliver("one", "text");
    let ops = api.token("ops").await;
    let mut watcher = api.admin.shared.hub.watch();
    let after = |seconds: i64| shared::now().0 + seconds * 1_000_000;
    let look = async |seconds: i64| {
        api.admin.look_for_alarms(after(seconds)).unwrap();
        api.get("/api/alarms", "").await.is(200).json()
    };
    assert_eq!(look(50).await, json!([]));
    let alarms = look(70).await;
    assert_eq!((&alarms[0]["kind"], &alarms[0]["number"]), (&json!("unread"), &json!(1)));
    assert_eq!(alarms[0]["priority"], json!("normal"));
    assert_eq!(look(80).await[0]["since"], alarms[0]["since"], "it is the same alarm");
    let mut told = || {
        let What::Alarm { text } = watcher.try_recv().unwrap().what.clone() else { panic!() };
        text
    };
    assert!(told().starts_with("alarm: /"));

    let urgent = async || {
        let all = api.get("/api/mailboxes?sort=urgent-new", "").await.is(200).json();
        all["mailboxes"][0]["urgent_new"].is_string()
    };
    assert!(!urgent().await);
    api.deliver_urgent("now");
    look(95).await;
    assert!(urgent().await, "it is seen before it is an alarm");
    let done = json!({"numbers": [2], "status": "processed"});
    let path = format!("/api/mailboxes/{ALICE_IN_PATH}/entries/status");
    api.ask(Method::POST, &path, &ops, done).await.is(200);
    look(96).await;
    assert!(!urgent().await);

    let status = |name: &str| json!({"numbers": [1], "status": name});
    let path = |what: &str| format!("/api/mailboxes/{ALICE_IN_PATH}/{what}");
    api.ask(Method::POST, &path("entries/status"), &ops, status("listed")).await.is(200);
    assert_eq!(look(90).await, json!([]));
    api.ask(Method::POST, &path("entries/status"), &ops, status("new")).await.is(200);
    assert_eq!(look(90).await[0]["kind"], json!("unread"), "it is looked at again");
    api.ask(Method::POST, &path("entries/status"), &ops, status("processed")).await.is(200);
    api.ask(Method::PUT, &path("quota"), &ops, json!({"entries_max": 2})).await.is(200);
    let alarms = look(90).await;
    assert_eq!((&alarms[0]["kind"], &alarms[1]), (&json!("mailbox-full"), &Value::Null));
    api.ask(Method::PUT, &path("quota"), &ops, json!({"entries_max": 5})).await.is(200);
    assert_eq!(look(90).await, json!([]));
}

#[tokio::test]
async fn a_mailbox_is_watched_by_times_of_its_own_and_a_webhook_is_told() {
    let (seen, mut hooked) = tokio::sync::mpsc::unbounded_channel();
    let takes = move |body: String| {
        seen.send(serde_json::from_str::<Value>(&body).unwrap()).unwrap();
        async { StatusCode::NO_CONTENT }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    let hooks = Router::new().route("/hook", axum::routing::post(takes));
    tokio::spawn(async { axum::serve(listener, hooks).await });
    let api = Api::new(|config| config.management.webhook = Some(hook.parse().unwrap()));
    api.deliver("one", "text");
    let [mon, ops, chief] =
        [api.token("mon").await, api.token("ops").await, api.token("chief").await];
    let mailbox = format!("/api/mailboxes/{ALICE_IN_PATH}");
    let path = format!("{mailbox}/unread-watch");
    let watched = api.get(&mailbox, "").await.is(200).json()["unread_watch"].clone();
    let of_all = json!({"urgent_s": 900, "normal_s": 0, "non_urgent_s": 0, "own": false});
    assert_eq!(watched, of_all);
    let look = |seconds: i64| {
        api.admin.look_for_alarms(shared::now().0 + seconds * 1_000_000).unwrap();
        api.admin.alarms().len()
    };
    assert_eq!(look(3_600), 0, "normal ones are not watched");
    api.ask(Method::PUT, &path, &mon, json!({"normal_s": 60})).await.is(403);
    api.ask(Method::PUT, &path, &ops, json!({"normal_s": 31_536_001})).await.is(422);
    api.ask(Method::PUT, &path, &ops, json!({"normal": 60})).await.is(422);
    let state = api.ask(Method::PUT, &path, &ops, json!({"normal_s": 60})).await.is(200).json();
    let own = json!({"urgent_s": 0, "normal_s": 60, "non_urgent_s": 0, "own": true});
    assert_eq!(state["unread_watch"], own);
    assert_eq!((look(50), look(70)), (0, 1));
    let told = hooked.recv().await.unwrap();
    assert_eq!((&told["event"], &told["alarm"]["number"]), (&json!("alarm"), &json!(1)));
    let kept = crate::admin::unread::Watches::read(&api.admin.store).unwrap();
    let id = api.admin.mailbox(ALICE).unwrap().id;
    assert_eq!(kept.own(id).map(|watch| watch.normal_s), Some(60), "it outlives a restart");
    api.ask(Method::DELETE, &path, &ops, Value::Null).await.is(200);
    assert_eq!(look(70), 0);
    assert_eq!(hooked.recv().await.unwrap()["event"], json!("no-alarm"));
    api.ask(Method::PUT, &path, &ops, json!({"normal_s": 60})).await.is(200);
    api.ask(Method::DELETE, &mailbox, &chief, Value::Null).await.is(204);
    let kept = crate::admin::unread::Watches::read(&api.admin.store).unwrap();
    assert_eq!(kept.own(id), None, "it goes with its mailbox");
}

#[tokio::test]
async fn entries_are_found_by_a_filter_in_words() {
    let api = Api::new(|_| {});
    for subject in ["NOTAM 1", "weather", "NOTAM 2"] {
        api.deliver(subject, "text");
    }
    let path = |filter: &str| format!("/api/mailboxes/{ALICE_IN_PATH}/entries?filter={filter}");
    let found = async |filter: &str| {
        let answer = api.get(&path(filter), "").await.is(200).json();
        let entries = answer["entries"].as_array().unwrap().iter();
        let numbers: Vec<_> = entries.map(|entry| entry["number"].as_u64().unwrap()).collect();
        assert_eq!(answer["all"], json!(numbers.len()));
        numbers
    };
    assert_eq!(found("subject%20~%20notam").await, [3, 1]);
    assert_eq!(found("subject%20~%20notam%20and%20not%20subject%20~%201").await, [3]);
    assert_eq!(found("priority%20%3D%20urgent").await, [0_u64; 0]);
    assert_eq!(found("").await, [3, 2, 1]);
    let error = api.get(&path("subject%20like%20x"), "").await.is(422).json();
    assert!(error["message"].as_str().unwrap().contains('^'), "{error}");
    api.get(&path("content%20%3D%20%235"), "").await.is(422);
}

#[tokio::test]
async fn a_page_is_the_same_part_of_the_list_whichever_way_it_is_found() {
    let api = Api::new(|_| {});
    for at in 0..9 {
        api.deliver(&format!("subject {}", 9 - at), "text");
    }
    let page = async |query: &str| {
        let path = format!("/api/mailboxes/{ALICE_IN_PATH}/entries?limit=3&{query}");
        let answer = api.get(&path, "").await.is(200).json();
        let entries = answer["entries"].as_array().unwrap().iter();
        let numbers: Vec<_> = entries.map(|entry| entry["number"].as_u64().unwrap()).collect();
        (answer["all"].as_u64().unwrap(), numbers)
    };
    for everything in ["", "filter=everything&"] {
        for (query, numbers) in [
            ("offset=0", vec![9, 8, 7]),
            ("offset=3&sort=newest", vec![6, 5, 4]),
            ("offset=7&sort=oldest", vec![8, 9]),
            ("offset=0&sort=subject", vec![9, 8, 7]),
            ("offset=6&sort=subject", vec![3, 2, 1]),
            ("offset=3&sort=size", vec![6, 5, 4]),
            ("offset=3&sort=status", vec![6, 5, 4]),
            ("offset=18446744073709551615&sort=priority", vec![]),
        ] {
            assert_eq!(page(&format!("{everything}{query}")).await, (9, numbers), "{query}");
        }
    }
    assert_eq!(page("status=listed").await, (0, vec![]));
    assert_eq!(page("subject=subject%203").await, (1, vec![7]));
}
