//! What a user registers, modifies, drafts, searches and watches, as people type it.

use std::process::Output;

use super::*;

/// Runs a command of Alice's, for what it says on standard error.
fn output(store: &Store, command: &[&str]) -> Output {
    store.run(&[&["ua"], command, &["--user", ALICE]].concat())
}

#[test]
fn entries_are_put_in_groups_noted_and_searched_for() {
    let store = Store::start();
    for subject in ["NOTAM A1", "NOTAM B2", "lunch"] {
        store.deliver(&["--subject", subject, "text"]);
    }
    assert_eq!(store.ua(&["groups", "list"]), "no groups\n");
    let missing = output(&store, &["modify", "1", "--group", "work"]);
    assert!(failed(&missing, 1).contains("name-not-registered"), "{missing:?}");
    let add = ["groups", "add", "work", "--description", "What is to be done"];
    assert_eq!(store.ua(&add), "added work\n");
    store.ua(&["groups", "add", "work/urgent"]);
    store.ua(&["groups", "describe", "work/urgent", "--description", "At once"]);
    expect![[r#"
        group        description
        work         What is to be done
        work/urgent  At once
    "#]]
    .assert_eq(&store.ua(&["groups", "list"]));
    let below: serde_json::Value =
        serde_json::from_str(&store.ua(&["groups", "list", "--below", "work", "--json"])).unwrap();
    assert_eq!(below["groups"][0]["name"], serde_json::json!(["work", "urgent"]));
    assert_eq!(below["groups"].as_array().unwrap().len(), 1);

    let notams = ["--filter", "subject ~ \"NOTAM\""];
    let modify = ["modify", "--group", "work/urgent", "--note", "Ask Bob"];
    assert_eq!(store.ua(&[&modify[..], &notams].concat()), "modified 1, 2\n");
    store.ua(&["modify", "2-3", "--set-status", "processed", "--keep-for", "3600", "--mark"]);
    let again = ["modify", "1", "--no-group", "work/urgent", "--no-notes", "--json"];
    let again: serde_json::Value = serde_json::from_str(&store.ua(&again)).unwrap();
    assert_eq!(again, serde_json::json!({ "modified": [1] }));
    let search = ["search", "--edition", "1994", "--attributes", "subject,ms-storage-period"];
    let wanted = "status = processed and has ms-marked-for-deletion";
    expect![[r#"
        number  subject   ms-storage-period
             2  NOTAM B2  3600
             3  lunch     3600
    "#]]
    .assert_eq(&store.ua(&[&search[..], &[wanted]].concat()));
    let search = |wanted: &str| store.ua(&["search", "--edition", "1994", "--json", wanted]);
    let numbers = |found: String| {
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let entries = found["entries"].as_array().unwrap();
        entries.iter().map(|entry| entry["number"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(search("note ~ \"bob\"")), ["2"]);
    assert_eq!(numbers(search("subject ~ \"notam\" and not has note")), ["1"]);
    let counted = store.ua(&["search", "--count", "subject ~ ^\"NOTAM\""]);
    assert!(counted.starts_with("2 entries, numbers 1 to 2"), "{counted}");
    let unreadable = failed(&output(&store, &["search", "subject ~"]), 2);
    assert!(unreadable.contains('^'), "it shows where: {unreadable}");
    assert!(failed(&output(&store, &["groups", "remove", "work"]), 1).contains("child-group"));
    store.stop();
}

#[test]
fn what_is_registered_is_printed_and_in_force() {
    let store = Store::start();
    expect![[r#"
        list-defaults: none
        fetch-defaults: none
        submissions: as the store is set
        auto-actions: 0, message-groups: 0
    "#]]
    .assert_eq(&store.ua(&["register"]));
    store.ua(&["groups", "add", "sent"]);
    let all = ["register", "--list-defaults", "subject,mt-priority", "--submit-as", "submission"];
    store.ua(&[&all[..], &["--submit-to-group", "sent"]].concat());
    store.ua(&["register", "--for-agent", "desk", "--fetch-defaults", "ms-content-length"]);
    expect![[r#"
        list-defaults: subject, mt-priority
        fetch-defaults: none
        submissions: submission, groups: sent
        user agent desk: list-defaults: none; fetch-defaults: ms-content-length;
          submissions: as the store is set
        auto-actions: 0, message-groups: 1
    "#]]
    .assert_eq(&store.ua(&["register"]));
    store.ua(&["send", "--to", ALICE, "--subject", "kept", "text"]);
    let sent = ["search", "--edition", "1994", "--class", "submission", "group = \"sent\""];
    let sent = store.run(&[&["ua"], &sent[..], &["--user", ALICE]].concat());
    let sent = String::from_utf8_lossy(&sent.stdout).into_owned();
    assert!(sent.contains("kept"), "{sent}");
    let none = ["register", "--no-list-defaults", "--no-submission-defaults", "--json"];
    let told: serde_json::Value = serde_json::from_str(&store.ua(&none)).unwrap();
    assert_eq!(told["list-defaults"], serde_json::Value::Null);
    assert_eq!(told["agents"][0]["identifier"], "desk");

    fs::write(store.path().join("new"), "another\n").unwrap();
    let change = ["register", "--new-password-file", "new"];
    assert_eq!(store.ua(&change), "registered\n");
    let old = failed(&output(&store, &["list"]), 1);
    assert!(old.contains("authentication-error"), "{old}");
    fs::copy(store.path().join("new"), store.path().join("password")).unwrap();
    assert!(store.ua(&["list"]).contains("kept"));
    store.stop();
}

#[test]
fn drafts_are_kept_and_sent_under_their_envelopes() {
    let store = Store::start();
    let save = ["drafts", "save", "--to", ALICE, "--subject", "Weather", "--priority", "urgent"];
    assert_eq!(store.ua(&[&save[..], &["It is fair."]].concat()), "kept as draft 1\n");
    let other = ["drafts", "save", "--to", ALICE, "--subject", "never", "text"];
    assert_eq!(store.ua(&other), "kept as draft 2\n");
    let list = ["drafts", "list", "--attributes", "subject,mt-priority"];
    expect![[r#"
        number  subject  mt-priority
             1  Weather  urgent
             2  never    normal
    "#]]
    .assert_eq(&store.ua(&list));
    assert_eq!(store.ua(&["list"]), "no entries\n");
    assert!(store.ua(&["drafts", "send", "1"]).starts_with("submitted as ["));
    assert_eq!(store.ua(&["drafts", "delete", "2"]), "deleted 2\n");
    assert_eq!(store.ua(&["drafts", "list"]), "no entries\n");
    let shown = store.ua(&["fetch", "--first"]);
    for part in ["Weather", "It is fair.", "urgent"] {
        assert!(shown.contains(part), "`{part}`: {shown}");
    }
    assert!(failed(&output(&store, &["drafts", "send", "1"]), 1).contains("no-such-entry"));
    store.stop();
}

#[test]
fn auto_actions_are_registered_and_alerts_watched() {
    let store = Store::start();
    store.ua(&["auto-action", "alert", "--filter", "priority = urgent"]);
    store.ua(&["auto-action", "forward", "--to", BOB, "--note", "see below", "--id", "2"]);
    let list = ["auto-action", "list", "--edition", "1994"];
    expect![[r#"
        auto-action   number  says
        auto-forward       2  to /CN=Bob/O=Example/PRMD=PEER/C=GB/
        auto-alert         1  where priority = urgent; tells priority, from, subject
    "#]]
    .assert_eq(&store.ua(&list));
    let mut watch = restante(&["ua", "watch", "--user", ALICE, "--count", "2", "--json"]);
    watch.args(["--address", &store.address, "--password-file", "password"]);
    watch.current_dir(store.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut watching = watch.spawn().unwrap();
    let mut said = String::new();
    BufReader::new(watching.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("watching /CN=Alice/"), "{said}");
    store.deliver(&["--subject", "routine", "text"]);
    for subject in ["first", "second"] {
        store.deliver(&["--subject", subject, "--priority", "urgent", "text"]);
    }
    let lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let alerts: Vec<serde_json::Value> =
        lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(watching.wait().unwrap().success());
    let told: Vec<_> = alerts
        .iter()
        .map(|alert| (alert["number"].to_string(), alert["attributes"]["subject"].to_string()))
        .collect();
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].1.as_str(), told[1].1.as_str()), ("\"first\"", "\"second\""));
    store.ua(&["auto-action", "remove", "forward", "--id", "2"]);
    store.ua(&["auto-action", "remove", "alert"]);
    assert_eq!(store.ua(&list), "nothing is registered\n");
    store.stop();
}

#[test]
fn every_auto_action_is_registered_told_in_words_and_removed() {
    let store = Store::start();
    store.ua(&["groups", "add", "sent"]);
    let filter = ["--filter", "priority = urgent"];
    let all: [&[&str]; 11] = [
        &["alert", "--attributes", "subject"],
        &["forward", "--to", BOB, "--priority", "normal", "--delete"],
        &["forward", "--to", BOB, "--id", "2", "--note", "Grüße", "--all-objects"],
        &["forward", "--to", BOB, "--id", "3", "--after", "900", "--importance", "high"],
        &["modify", "--keep-for", "86400", "--note", "new", "--group", "sent"],
        &["delete"],
        &["correlate-reports"],
        &["correlate"],
        &["acknowledge", "--text", "read", "--keep-sent", "--sent-group", "sent"],
        &["discard", "--expired", "--obsoleted", "--same-originator"],
        &["advise", "--text", "I am away.", "--back", "2026-12-01T08:00:00Z", "--by-message"],
    ];
    for one in all {
        let filtered = ["alert", "forward", "modify", "discard", "advise"].contains(&one[0]);
        let filter = if filtered { &filter[..] } else { &[] };
        let words = [&["auto-action"], one, filter].concat();
        assert_eq!(store.ua(&words), "registered\n", "{words:?}");
    }
    let told: serde_json::Value =
        serde_json::from_str(&store.ua(&["auto-action", "list", "--json"])).unwrap();
    let says: Vec<String> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}: {}", one["auto-action"], one["number"], one["says"]))
        .collect();
    let says =
        says.join("\n").replace(['"', '\\'], "").replace("where priority = urgent,", "urgent,");
    expect![[r#"
        auto-modify 1: [urgent,of delivery,adds group sent,adds note new,sets storage-period 86400]
        ipm-auto-acknowledgement 1: [read,keeps what it sends in submission]
        ipm-auto-correlate 1: []
        auto-correlate-reports 1: []
        auto-delete 1: []
        ipm-auto-discard 1: [urgent,expired,obsoleted,by the same originator]
        ipm-auto-advise 1: [urgent,by message too,I am away., back 2026-12-01T08:00:00Z]
        auto-forward 1: [to /CN=Bob/O=Example/PRMD=PEER/C=GB/,urgent,deletes the entry]
        auto-forward 2: [to /CN=Bob/O=Example/PRMD=PEER/C=GB/,urgent,all object types]
        delayed auto-forward 3: [to /CN=Bob/O=Example/PRMD=PEER/C=GB/,urgent,after 900 s]
        auto-alert 1: [urgent,tells subject]"#]]
    .assert_eq(&says);
    for one in all {
        let kind = if one.contains(&"--after") { "delayed-forward" } else { one[0] };
        let at = one.iter().position(|word| *word == "--id").map_or("1", |at| one[at + 1]);
        store.ua(&["auto-action", "remove", kind, "--id", at]);
    }
    assert_eq!(store.ua(&["auto-action", "list"]), "nothing is registered\n");
    let refused =
        failed(&output(&store, &["auto-action", "acknowledge", "--text", "gelesen é"]), 2);
    assert!(refused.contains("letters and digits without accents"), "{refused}");
    store.stop();
}
