//! The log over the API and in the console: what was told last, a search of what was written, and
//! other streams.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use super::*;
use crate::config::{FileStream, Logging};

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// An API whose audit records go into a file.
fn logged() -> (Api, TempDir) {
    let (api, directory) = (Api::new(|_| {}), tempfile::tempdir().unwrap());
    let stream = FileStream { name: "audit".into(), ..FileStream::default() };
    let file = vec![stream];
    let config = Logging { directory: directory.path().into(), file, ..Logging::default() };
    api.admin.shared.logging.reload(&config).unwrap();
    (api, directory)
}

/// What a search finds, once it is so much: a stream is written a moment later.
async fn found(api: &Api, token: &str, query: &str, count: usize) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = api.get(&format!("/api/audit?{query}"), token).await.is(200).json();
        if answer["records"].as_array().unwrap().len() == count {
            return answer;
        }
        assert!(Instant::now() < until, "{query}: {answer}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn records_are_seen_and_searched() {
    let (api, _directory) = logged();
    let mon = api.token("mon").await;
    api.token("chief").await;
    let last = api.get("/api/logs?text=Signed", &mon).await.is(200).json();
    let names: Vec<_> = (0..2).map(|at| &last[at]["pairs"][0]["value"]).collect();
    assert_eq!(names, ["chief", "mon"], "{last}");
    assert_eq!(last[0]["keyword"], "ADMIN");
    assert_eq!(api.get("/api/logs?severity=error", &mon).await.is(200).json(), json!([]));
    api.get("/api/logs?severity=loud", &mon).await.is(400);
    let all = found(&api, &mon, "keyword=ADMIN&text=signed&limit=5", 2).await;
    assert_eq!((&all["stream"], &all["more"]), (&json!("audit"), &json!(false)));
    found(&api, &mon, "text=CHIEF&since=2026-01-01T00:00:00Z", 1).await;
    found(&api, &mon, "text=chief&until=2026-01-01", 0).await;
    let answer = api.get("/api/audit?since=yesterday", &mon).await.is(422);
    assert!(answer.body.contains("write 2026-03-01T10:15:00Z"), "{}", answer.body);
    let page = api.get("/audit?keyword=ADMIN&text=chief", &mon).await.is(200).body;
    assert!(page.contains("deed=signed in from 127.0.0.1"), "{page}");
    assert!(api.get("/logs", &mon).await.is(200).body.contains("<strong>ADMIN</strong>"));
    for path in ["/logs", "/audit", "/logs/streams"] {
        api.get(path, "").await.is(303);
    }
}

/// Reads on until a line begins so; the rest of it.
async fn line(stream: &mut BufReader<TcpStream>, begin: &str) -> String {
    loop {
        let mut line = String::new();
        let read = stream.read_line(&mut line).await.unwrap();
        assert!(read > 0, "it ends before {begin:?}");
        if let Some(rest) = line.strip_prefix(begin) {
            return rest.trim_end().to_owned();
        }
    }
}

#[tokio::test]
async fn records_come_as_they_are_told_until_the_server_stops() {
    let (api, _directory) = logged();
    let mon = api.token("mon").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (router, config) = (api.router.clone(), api.admin.config().clone());
    let serving = tokio::spawn(listener::serve(router, listener, config, api.stop.subscribe()));
    let mut stream = BufReader::new(stream);
    let ask = format!(
        "GET /api/logs/tail HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {mon}\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    assert_eq!(line(&mut stream, "HTTP/1.1 ").await, "200 OK");
    assert_eq!(line(&mut stream, "content-type: ").await, "text/event-stream");
    // The head of the answer has come: from now on nothing is missed.
    line(&mut stream, "\r\n").await;
    api.token("chief").await;
    let record = loop {
        assert_eq!(line(&mut stream, "event: ").await, "record");
        let record: Value = serde_json::from_str(&line(&mut stream, "data: ").await).unwrap();
        if record["keyword"] == "ADMIN" {
            break record;
        }
    };
    assert_eq!(record["pairs"][0], json!({"key": "manager", "value": "chief"}), "{record}");
    api.stop.send(true).unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn streams_are_seen_tried_and_changed() {
    let (api, directory) = logged();
    let [mon, chief] = [api.token("mon").await, api.token("chief").await];
    let state = api.get("/api/logs/streams", &mon).await.is(200).json();
    let stream = &state["streams"][0];
    assert_eq!((&stream["name"], &stream["lost"]), (&json!("audit"), &json!(0)));
    let text = state["configuration"].as_str().unwrap();
    let other = json!({"configuration": text.replace("log = \"all\"", "log = \"none\"")});
    let change = "/api/logs/streams";
    api.ask(Method::PUT, change, &mon, other.clone()).await.is(403);
    let preview = api.ask(Method::POST, "/api/logs/preview", &chief, other.clone()).await;
    assert_eq!(preview.is(200).json()[0]["preview"].as_array().unwrap().len(), 1);
    let wrong = json!({"configuration": "[logging]\nfile = 1"});
    let refused = api.ask(Method::PUT, change, &chief, wrong).await.is(422);
    assert!(refused.body.contains("[logging]:2:8: "), "{}", refused.body);
    let etc = json!({"configuration": "[logging]\ndirectory = \"/etc\""});
    api.ask(Method::PUT, change, &chief, etc).await.is(422);
    let page = api.get("/logs/streams", &chief).await.is(200).body;
    assert!(page.contains("<textarea") && page.contains("audit.log"), "{page}");
    assert!(!api.get("/logs/streams", &mon).await.is(200).body.contains("<textarea"));
    api.ask(Method::PUT, change, &chief, other).await.is(200);
    api.token("mon").await;
    let none = api.get("/api/audit", &mon).await.is(200).json();
    assert_eq!(none["stream"], Value::Null, "no stream takes audit records any more");
    drop(directory);
}
