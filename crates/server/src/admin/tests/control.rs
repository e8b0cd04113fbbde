//! What an operator allows and does not allow.

use std::time::Duration;

use restante_directory::User;
use restante_ms::{Hold, Whose, Why};
use restante_osi::x880::Code;
use yaml_rust2::YamlLoader;

use super::*;
use crate::{hub::What, timing::Answered};

#[tokio::test]
async fn an_operation_is_blocked_for_one_or_for_all_and_for_a_time() {
    let api = Api::new(|_| {});
    api.deliver("one", "text");
    let [mon, ops] = [api.token("mon").await, api.token("ops").await];
    let post =
        async |token: &str, body: Value| api.ask(Method::POST, "/api/blocks", token, body).await;
    let alice = ALICE.parse::<ORAddress>().unwrap().key();
    let list = json!({"operation": "list", "mailbox": ALICE, "for_s": 3600, "reason": "<b>"});
    post("", list.clone()).await.is(401);
    post(&mon, list.clone()).await.is(403);
    let block = post(&ops, list.clone()).await.is(201).json();
    assert_eq!((&block["mailbox"], &block["by"]), (&json!(alice), &json!("ops")));
    assert!(block["until"].as_str().unwrap() > block["since"].as_str().unwrap());
    let blocks = &api.admin.shared.blocks;
    assert!(blocks.refuses("list", &alice) && !blocks.refuses("list", "another"));
    assert!(!blocks.refuses("fetch", &alice));
    let again = post(&ops, list).await.is(201).json();
    let shown = api.get("/api/blocks", "").await.is(200).json();
    assert_eq!(shown, json!([again]), "it took the place of the first");
    let of = |block: &Value| format!("/api/blocks/{}", block["id"]);
    api.ask(Method::DELETE, &of(&block), &ops, Value::Null).await.is(404);
    api.ask(Method::DELETE, &of(&again), &mon, Value::Null).await.is(403);
    api.ask(Method::DELETE, &of(&again), &ops, Value::Null).await.is(204);
    assert!(!blocks.refuses("list", &alice));

    let delivery = post(&ops, json!({"operation": "message-delivery"})).await.is(201).json();
    assert!(api.delivered("two", "text").is_none());
    api.ask(Method::DELETE, &of(&delivery), &ops, Value::Null).await.is(204);
    assert!(api.delivered("two", "text").is_some());
    for wrong in [
        json!({"operation": "eat"}),
        json!({"operation": "list", "mailbox": "nobody"}),
        json!({"operation": "list", "for_s": 0}),
        json!({"operation": "list", "reason": "x".repeat(501)}),
    ] {
        post(&ops, wrong).await.is(422);
    }
}

#[tokio::test]
async fn blocks_outlive_a_restart_and_end_with_their_time() {
    let api = Api::new(|_| {});
    let ops = api.token("ops").await;
    let body = json!({"operation": "report-delivery", "mailbox": ALICE});
    let block = api.ask(Method::POST, "/api/blocks", &ops, body).await.is(201).json();
    let user = User::new(ALICE.parse().unwrap());
    let (store, shared) = (&api.admin.store, &api.admin.shared);
    let read = crate::blocks::Blocks::read(store).unwrap();
    assert_eq!(read.all().len(), 1);
    shared.service.holds().put(Whose::Mailbox(user.key.clone()), Why::Operator, Hold::default());
    assert!(read.look(store, shared.service.holds()).unwrap().is_empty());
    assert!(shared.service.holds().of(Some(&user)).reports, "held again after a start");
    let mut over = read.all().remove(0);
    over.until = Some(shared::now().0 - 1);
    let over = read.add(store, shared.service.holds(), over).unwrap().unwrap();
    assert_ne!(json!(over.id), block["id"]);
    let ended = read.look(store, shared.service.holds()).unwrap();
    assert_eq!(ended, [over]);
    assert!(!shared.service.holds().of(Some(&user)).reports);
    assert!(crate::blocks::Blocks::read(store).unwrap().all().is_empty());
}

#[tokio::test]
async fn a_store_that_is_drained_is_not_ready_and_takes_nothing() {
    let api = Api::new(|_| {});
    let [mon, ops] = [api.token("mon").await, api.token("ops").await];
    let drain = async |token: &str, draining: bool| {
        let body = json!({"draining": draining});
        api.ask(Method::PUT, "/api/store/drain", token, body).await
    };
    drain(&mon, true).await.is(403);
    let state = drain(&ops, true).await.is(200).json();
    assert_eq!((&state["draining"], &state["ready"]), (&json!(true), &json!(false)));
    assert_eq!(api.get("/readyz", "").await.is(503).body, "the store is drained\n");
    assert_eq!(api.get("/healthz", "").await.is(200).body, "ok\n");
    assert!(api.admin.shared.service.holds().of(None).messages);
    drain(&ops, false).await.is(200);
    api.get("/readyz", "").await.is(200);
    assert!(!api.admin.shared.service.holds().of(None).messages);
}

#[tokio::test]
async fn metrics_are_what_prometheus_reads() {
    let api = Api::new(|config| config.management.unread_normal_s = 60);
    api.deliver("one", "text");
    api.admin.shared.hub.done("alice", crate::hub::Deed::Deleted, None, 3);
    api.admin.look_for_alarms(shared::now().0 + 70_000_000).unwrap();
    let (fetch, time) = (Code::Local(22), Duration::from_millis(2));
    api.admin.shared.timings.took(&fetch, Answered::Error, time);
    let answer = api.get("/metrics", "").await.is(200);
    assert!(!answer.body.contains("mailbox=\""), "{}", answer.body);
    for line in [
        "restante_ready 1",
        "restante_mailboxes 1",
        "restante_entries_total{deed=\"deleted\"} 3",
        "restante_alarms{kind=\"unread\"} 1",
        "restante_index_extracted_percent 100",
        "restante_held_entries{class=\"delivery\",status=\"new\"} 1",
        "restante_deferred_messages 0",
        "restante_operation_duration_seconds_count{operation=\"fetch\",result=\"error\"} 1",
        "restante_operation_duration_seconds_bucket{le=\"0.0025\",operation=\"fetch\",\
         result=\"error\"} 1",
        "# EOF",
    ] {
        assert!(answer.body.lines().any(|one| one == line), "{line}: {}", answer.body);
    }
    // What was counted is counted again once it is not as it was.
    let ops = api.token("ops").await;
    let read = json!({"numbers": [1], "status": "processed"});
    let path = format!("/api/mailboxes/{ALICE_IN_PATH}/entries/status");
    api.ask(Method::POST, &path, &ops, read).await.is(200);
    let held = "restante_held_entries{class=\"delivery\",status=\"processed\"} 1\n";
    assert!(api.get("/metrics", "").await.is(200).body.contains(held), "{held}");
    let kind = answer.headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let closed = Api::new(|config| config.management.monitoring_without_sign_in = false);
    closed.get("/metrics", "").await.is(401);
}

#[tokio::test]
async fn what_is_deployed_asks_for_metrics_that_there_are() {
    let api = Api::new(|config| config.management.mailbox_metrics = true);
    api.deliver("one", "text");
    let time = Duration::from_millis(2);
    api.admin.shared.timings.took(&Code::Local(5), Answered::Result, time);
    let there = api.get("/metrics", "").await.is(200).body;
    assert!(there.contains("restante_mailbox_new_entries{mailbox=\"/cn=alice"), "{there}");
    let has = |metric: &str| {
        there.lines().any(|line| {
            line.strip_prefix(metric).is_some_and(|rest| rest.starts_with([' ', '{']))
                || line.strip_prefix("# TYPE ").is_some_and(|rest| {
                    rest.strip_prefix(metric).is_some_and(|rest| rest.starts_with(' '))
                })
        })
    };
    let deploy = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy"));
    let read = |file: &str| std::fs::read_to_string(deploy.join(file)).unwrap();
    let (dashboard, rules) =
        (read("grafana/restante.json"), read("prometheus/restante.rules.yml"));
    let panels = serde_json::from_str::<Value>(&dashboard).unwrap()["panels"].clone();
    assert!(panels.as_array().unwrap().len() > 10);
    let parsed = YamlLoader::load_from_str(&rules).unwrap();
    let alerts = parsed[0]["groups"][0]["rules"].as_vec().unwrap();
    assert!(
        alerts.iter().all(|one| one["alert"].as_str().is_some() && one["expr"].as_str().is_some())
    );
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for text in [dashboard, rules] {
        let words = text.split(|c| !word(c)).filter(|word| word.starts_with("restante_"));
        let mut asked = 0;
        for metric in words {
            assert!(has(metric), "{metric} is none of\n{there}");
            asked += 1;
        }
        assert!(asked > 8);
    }
}

#[tokio::test]
async fn a_schedule_starts_its_jobs_in_its_own_name() {
    let api = Api::new(|_| {});
    let text = "at = \"03:30\"\njob = { kind = \"tidy\", age_days = 30 }";
    let one: crate::config::Schedule = toml::from_str(text).unwrap();
    schedule::start(&api.admin, one).await;
    let jobs = api.admin.jobs.all();
    let [job] = &jobs[..] else { panic!("{jobs:?}") };
    assert_eq!((job.kind.name(), &*job.started_by), ("tidy", "(schedule)"));
}

#[tokio::test]
async fn other_stores_are_shown_as_they_answer() {
    let there = Api::new(|config| config.management.unread_normal_s = 60);
    there.deliver("one", "text");
    there.admin.look_for_alarms(shared::now().0 + 70_000_000).unwrap();
    let closed = Api::new(|config| config.management.monitoring_without_sign_in = false);
    let mut stores = Vec::new();
    for (name, api) in [("<b>Night</b>", Some(&there)), ("closed", Some(&closed)), ("gone", None)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        stores.push(crate::config::OtherStore { name: name.into(), url });
        if let Some(api) = api {
            let router = api.router.clone();
            tokio::spawn(async { axum::serve(listener, router).await });
        }
    }
    let api = Api::new(|config| config.management.stores = stores);
    let before = api.get("/api/stores", "").await.is(200).json();
    assert_eq!((&before[0]["asked"], &before[2]["silent"]), (&Value::Null, &Value::Null));
    let mut watcher = api.admin.shared.hub.watch();
    let asking = tokio::spawn(stores::watch(api.admin.clone()));
    while watcher.recv().await.unwrap().what != What::Stores {}
    asking.abort();
    let after = api.get("/api/stores", "").await.is(200).json();
    assert_eq!((&after[0]["ready"], &after[0]["alarms"]), (&json!(true), &json!(1)), "{after}");
    assert_eq!(after[0]["mailboxes"], json!(1));
    assert_eq!(after[1]["silent"], json!("it tells nothing without signing in"));
    assert!(after[2]["silent"].is_string() && after[2]["ready"].is_null(), "{after}");
    let page = api.get("/", "").await.is(200).body;
    assert!(page.contains("&lt;b&gt;Night&lt;/b&gt;") && !page.contains("<b>Night"), "{page}");
    assert!(page.contains(&format!("href={}", after[0]["url"])), "{page}");
}

#[tokio::test]
async fn what_a_form_says_is_the_job_that_is_started() {
    let api = Api::new(|_| {});
    api.deliver("one", "text");
    let token = api.token("ops").await;
    let send = async |form: &str| api.form("/jobs", &token, form).await;
    let mut watcher = api.admin.shared.hub.watch();
    let mut ended = async |form: &str| {
        send(form).await.is(303);
        loop {
            let job = api.get("/api/jobs", "").await.is(200).json()[0].clone();
            if job["state"] != json!("running") {
                return job;
            }
            watcher.recv().await.unwrap();
        }
    };
    let mailboxes = "mailboxes=CN%3DAlice%3BO%3DExample%3BP%3DPEER%3BC%3DGB%0D%0A%0D%0A";
    let backup = ended(&format!("kind=backup&tree=night&{mailboxes}&compress=on")).await;
    assert_eq!((&backup["state"], &backup["details"]["entries"]), (&json!("done"), &json!(1)));
    let counted = ended("kind=tidy&age_days=0&state=new&class=any&dry_run=on").await;
    assert_eq!(counted["details"]["entries"], json!(1), "{counted}");
    let gone = ended("kind=tidy&age_days=0&state=&class=delivered").await;
    assert_eq!(gone["outcome"], json!("1 entries of 1 mailboxes deleted"));
    let back = ended("kind=restore&tree=night&full=on&message=").await;
    assert_eq!(back["details"]["entries"], json!(1), "{back}");
    assert_eq!(ended("kind=verify&megabytes=100").await["state"], json!("done"));
    send("kind=backup&tree=..%2Fx").await.is(422);
    send("kind=import&tree=none").await.is(404);
    send("kind=restore&tree=night&message=1").await.is(422);
    send("kind=verify&megabytes=many").await.is(422);
    send("kind=backup&tree=night&mailboxes=nonsense").await.is(422);
}
