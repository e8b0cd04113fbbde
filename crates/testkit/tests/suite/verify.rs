//! The real program looks after its store: `verify` of a stopped one, `serve --resync` and
//! `serve --increment`.

use crate::store::{PROGRAM, directory, runtime, start};
use restante_storage::NUMBER_MAX;
use restante_testkit::peers;
use restante_testkit::process::{ALICE, Process, run};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Output;

const VERIFY: [&str; 3] = ["verify", "--config", "c.toml"];

fn deliver(process: &Process, identifiers: &[&str]) {
    runtime().block_on(async {
        let mut mta = peers::mta(peers::call(&process.address())).await.expect("an MTA can bind");
        for identifier in identifiers {
            let message = peers::short_message(identifier);
            let delivery = peers::argument(identifier, message);
            mta.deliver(delivery).await.expect("a delivery is taken");
        }
        mta.unbind().await.expect("an unbind");
    });
}

fn listed(process: &Process) -> Vec<(u32, String)> {
    runtime().block_on(async {
        let call = peers::call(&process.address());
        let mut alice = peers::alice(call).await.expect("alice can bind");
        let listed = peers::list(&mut alice).await.expect("a list");
        alice.unbind().await.expect("an unbind");
        listed
    })
}

fn text(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(all).expect("text")
}

/// Where the text lies in the first segment.
fn find(log: &Path, wanted: &str) -> u64 {
    let octets = std::fs::read(log).expect("a segment can be read");
    let at = octets.windows(wanted.len()).rposition(|window| window == wanted.as_bytes());
    u64::try_from(at.expect("it is there")).expect("an offset")
}

#[test]
fn a_flipped_bit_is_named_and_costs_one_entry() {
    let directory = directory("");
    let process = start(directory.path());
    deliver(&process, &["one", "two", "three"]);
    let output = run(PROGRAM, directory.path(), &VERIFY);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output).contains("a server has data/log open; stop it"), "{}", text(&output));
    process.terminate();
    let output = run(PROGRAM, directory.path(), &VERIFY);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).ends_with("3 entries: nothing is damaged\n"), "{}", text(&output));

    let log = directory.path().join("data/log/0000000000000001.log");
    let at = find(&log, "two");
    let file = File::options().read(true).write(true).open(&log).expect("a segment");
    file.write_all_at(b"T", at).expect("a bit is flipped");
    let output = run(PROGRAM, directory.path(), &VERIFY);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    let first = told.lines().next().expect("a line");
    assert!(first.starts_with("segment 1 at "), "{told}");
    let alice = peers::name(ALICE).address.key();
    assert!(first.ends_with(&format!("entries: {alice} 2")), "{told}");

    let mut process = Some(start(directory.path()));
    let running = process.as_ref().expect("it runs");
    assert_eq!(listed(running).len(), 3, "it stays listed");
    runtime().block_on(async {
        let call = || peers::call(&running.address());
        let mut alice = peers::alice(call()).await.expect("alice can bind");
        peers::content(&mut alice, 2).await.expect_err("its content can't be had");
        for number in [1, 3] {
            peers::content(&mut alice, number).await.expect("the others can");
        }
    });
    running.event("octets are damaged");
    let known = [&VERIFY[..], &["--known"]].concat();
    for _ in 0..2 {
        let output = run(PROGRAM, directory.path(), &known);
        assert_eq!(output.status.code(), Some(1), "while it runs, and afterwards");
        assert!(text(&output).contains(&format!("entries: {alice} 2")), "{}", text(&output));
        if let Some(process) = process.take() {
            process.terminate();
        }
    }
}

#[test]
fn an_index_is_put_right_in_the_background() {
    let directory = directory("");
    let process = start(directory.path());
    deliver(&process, &["one", "two"]);
    process.terminate();
    let before = std::fs::read(directory.path().join("data/index.sqlite")).expect("an index");
    let process = Process::start_with(PROGRAM, directory.path(), &["--resync"]);
    let line = process.event("resynchronised: ");
    assert!(line.ends_with("nothing to put right"), "{line}");
    deliver(&process, &["three"]);
    process.terminate();
    // An older index is brought up to the log, whatever it was.
    std::fs::write(directory.path().join("data/index.sqlite"), before).expect("a file");
    let process = Process::start_with(PROGRAM, directory.path(), &["-r"]);
    process.event("resynchronised: ");
    let numbers: Vec<_> = listed(&process).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    process.terminate();
    let output = run(PROGRAM, directory.path(), &VERIFY);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

#[test]
fn numbers_are_raised_for_good_or_not_at_all() {
    let directory = directory("");
    let process = start(directory.path());
    deliver(&process, &["one"]);
    process.terminate();
    let process = Process::start_with(PROGRAM, directory.path(), &["-i", "1000"]);
    process.event("the sequence-numbers of all mailboxes are raised by 1000");
    process.kill();
    let output = run(PROGRAM, directory.path(), &VERIFY);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let process = start(directory.path());
    deliver(&process, &["two"]);
    let numbers: Vec<_> = listed(&process).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 1002]);
    process.terminate();
    let too_many = NUMBER_MAX.to_string();
    let arguments = ["serve", "--config", "c.toml", "--increment", &too_many];
    let output = run(PROGRAM, directory.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("choose 2147482645 or less"), "{}", text(&output));
}
