//! `stats` over the log of a store that has served, in each form.

use std::fs;

use restante_server::config::Config;

use crate::{ALICE, Store, done, failed, restante};

/// A log of what a store has done: two deliveries, one fetched and deleted, and a submission.
fn log() -> (Store, String) {
    let log = "[[logging.file]]\nname = \"audit\"\nevents = { severities = [] }\n";
    let logging = Config::parse(log, "log").unwrap().logging;
    let store = Store::with(|config| {
        config.logging = logging;
        config.logging.directory = config.data_directory.join("logs");
    });
    store.deliver(&["--subject", "One", "text"]);
    store.deliver(&["--subject", "Two", &"long ".repeat(300)]);
    store.ua(&["fetch", "1"]);
    store.ua(&["delete", "1", "--yes"]);
    store.ua(&["send", "--to", ALICE, "--subject", "Three", "text"]);
    let log = store.path().join("data/logs/audit.log").display().to_string();
    (store, log)
}

#[test]
fn traffic_is_counted_from_delivery_to_fetch_in_each_form() {
    let (store, log) = log();
    let Store { runtime, running, directory, .. } = store;
    runtime.block_on(running.shutdown()).unwrap();
    fs::write(directory.path().join("other.log"), "no record\n").unwrap();
    let stats = |arguments: &[&str]| {
        let all = [&["stats", &log, "other.log"][..], arguments].concat();
        restante(&all).current_dir(directory.path()).output().unwrap()
    };
    let json: serde_json::Value =
        serde_json::from_str(&done(&stats(&["--format", "json"]))).unwrap();
    let all = &json["all"];
    for (key, count) in [("delivered", 3), ("submitted", 1), ("fetched", 1), ("deleted", 1)] {
        assert_eq!(all[key], count, "{key}: {json:#}");
    }
    assert_eq!(json["other_lines"], 1);
    let mailboxes = json["by"]["mailbox"].as_array().unwrap();
    assert_eq!(mailboxes[0]["name"], "/cn=alice/o=example/prmd=peer/c=gb/");
    let originators = json["by"]["originator"].as_array().unwrap();
    let originators: Vec<_> = originators.iter().map(|one| &one["name"]).collect();
    assert!(originators.contains(&&"/cn=bob/o=example/prmd=peer/c=gb/".into()), "{json:#}");
    let latencies = json["by"]["latency"].as_array().unwrap();
    assert_eq!(latencies.iter().filter(|one| one["fetched"] == 1).count(), 1, "{json:#}");
    assert_eq!(latencies.last().unwrap()["name"], "not fetched yet");
    assert_eq!(latencies.last().unwrap()["delivered"], 2);
    assert!(json["by"]["hour"].as_array().unwrap()[0]["fetched"].is_u64());

    let table = done(&stats(&["--by", "operation"]));
    assert!(table.contains("3 messages (") && table.contains("\nDELIVER-MESSAGE  "), "{table}");
    assert!(!table.contains("latency"), "{table}");
    let csv = done(&stats(&["--format", "csv", "--by", "size"]));
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("by,name,records,delivered,"), "{csv}");
    assert!(lines[1].starts_with("size,under 1 kB,"), "{csv}");
    let page = done(&stats(&["--format", "html"]));
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
    assert_eq!(page.matches("<svg").count(), 7, "a chart for each count");
    for elsewhere in ["http", "<script", "src=", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn what_is_no_audit_log_is_told() {
    let (store, log) = log();
    let stats = |arguments: &[&str]| {
        restante(&[&["stats"], arguments].concat()).current_dir(store.path()).output().unwrap()
    };
    assert!(failed(&stats(&["none.log"]), 1).starts_with("restante: none.log can't be read: "));
    assert!(failed(&stats(&["password"]), 1).contains("there is no audit record of that"));
    assert!(failed(&stats(&[&log, "--since", "soon"]), 1).contains("`soon` is no time"));
    assert!(failed(&stats(&[&log, "--until", "2001-01-01"]), 1).contains("no audit record"));
    failed(&stats(&[]), 2);
    store.stop();
}
