//! Audit records beyond the guide's, of the real process: what auto-actions do, Modify, what those
//! who run the store do, and operations whose association ends before they are answered.

use crate::audit::{LOGGING, of, records, records_so_far};
use crate::store::{PROGRAM, directory, runtime, start};
use restante_client::UserAgent;
use restante_client::compose;
use restante_client::p7::MsBind;
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, MTA, PASSWORD, Process, run};
use restante_view::audit::{Keyword, Record};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a command of a user's.
#[track_caller]
fn ua(process: &Process, directory: &Path, arguments: &[&str]) {
    let address = format!("\"3001\"/Internet=127.0.0.1+{}", process.port());
    let common = ["--user", ALICE, "--address", &address, "--password-file", "password"];
    let output = run(PROGRAM, directory, &[&["ua"], arguments, &common[..]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The records, once there is one of a keyword.
fn awaited(directory: &Path, keyword: Keyword) -> Vec<Record> {
    let until = Instant::now() + PATIENCE;
    loop {
        let records = records_so_far(directory);
        if !of(&records, keyword).is_empty() {
            return records;
        }
        assert!(Instant::now() < until, "no {keyword} in {records:#?}");
        std::thread::yield_now();
    }
}

fn has(record: &Record, key: &str, value: &str) {
    assert_eq!(record.value(key), Some(value), "{key} of {record:?}");
}

#[test]
fn auto_actions_modifications_and_managers_leave_records() {
    let directory = directory(LOGGING);
    let directory = directory.path();
    let password = ["--password-file", "password"];
    let add = ["manager", "add", "night", "--role", "operator", "--config", "c.toml"];
    assert!(run(PROGRAM, directory, &[&add[..], &password].concat()).status.success());
    let process = start(directory);
    ua(&process, directory, &["auto-action", "forward", "--to", BOB, "--id", "2"]);
    runtime().block_on(async {
        let mut mta = peers::mta(peers::call(&process.address())).await.expect("an MTA can bind");
        let message = peers::short_message("one");
        mta.deliver(peers::argument("one", message)).await.expect("a delivery is taken");
        mta.unbind().await.expect("an unbind");
    });
    ua(&process, directory, &["modify", "1", "--mark"]);
    let console = process.console();
    let port = console.rsplit(':').next().expect("a port").trim_end_matches('/');
    let list = ["association", "list", "--user", "night", "--port", port];
    assert!(run(PROGRAM, directory, &[&list[..], &password].concat()).status.success());
    let records = awaited(directory, Keyword::AutoAction);
    process.terminate();
    let [forwarded] = of(&records, Keyword::AutoAction)[..] else { panic!("{records:#?}") };
    has(forwarded, "auto-action", "auto-forward");
    has(forwarded, "registration", "2");
    has(forwarded, "p7-seqnum", "1");
    has(forwarded, "result", "ok");
    let records = self::records(directory);
    let [modified] = of(&records, Keyword::Modify)[..] else { panic!("{records:#?}") };
    has(modified, "result", "ok");
    let managed = of(&records, Keyword::Admin);
    let signed_in = managed.first().expect("a manager was there");
    has(signed_in, "manager", "night");
    has(signed_in, "role", "operator");
    assert!(signed_in.value("deed").expect("a deed").starts_with("signed in from 127.0.0.1"));
}

#[test]
fn an_operation_that_nobody_waits_for_any_more_leaves_its_record() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let directory = directory(&format!(
            "[mta]\npresentation_address = \"Internet=127.0.0.1+{port}\"\nname = \"{MTA}\"\n\
             {LOGGING}"
        ));
        let process = start(directory.path());
        let bind = MsBind::new(name(ALICE), PASSWORD);
        let call = peers::call(&process.address());
        let mut user = UserAgent::bind(call, &bind).await.expect("a bind").0;
        let content = peers::short_message("one");
        let message = compose::submission(name(ALICE), [name(BOB)], content).into();
        // The MTA is asked, so the submission is under way: now its user goes.
        let called = tokio::select! {
            submitted = user.submit(&message) => panic!("{submitted:?}"),
            called = listener.accept() => called.expect("a connection"),
        };
        drop(user);
        let records = awaited(directory.path(), Keyword::SubmitMessageResult);
        let [answer] = of(&records, Keyword::SubmitMessageResult)[..] else {
            panic!("{records:#?}")
        };
        has(answer, "result", "unanswered: the association ended before it was");
        has(answer, "invokeid", "1");
        drop(called);
        process.terminate();
    });
}
