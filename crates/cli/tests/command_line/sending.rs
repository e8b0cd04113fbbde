//! Messages put together and sent, and MTAs that take, refuse and deliver them.

use super::*;
use restante_ms::{Hold, Whose};

#[test]
fn the_outbox_is_switched_for_one_user() {
    let store = Store::start();
    let configuration = "data_directory = \"data\"\n";
    fs::write(store.path().join("restante.toml"), configuration).unwrap();
    let outbox = |kept: &[&str]| {
        let outbox = ["user", "outbox", ALICE, "--config", "restante.toml"];
        let mut command = restante(&[&outbox, kept].concat());
        done(&command.current_dir(store.path()).output().unwrap())
    };
    let kept = || store.ua(&["list", "--class", "submission"]).lines().count();
    assert_eq!(outbox(&[]), "default\n");
    let none = kept();
    outbox(&["kept"]);
    assert_eq!(outbox(&[]), "kept\n");
    store.ua(&["send", "--to", ALICE, "one"]);
    let one = kept();
    assert!(one > none);
    outbox(&["none"]);
    store.ua(&["send", "--to", ALICE, "two"]);
    assert_eq!(kept(), one);
    store.stop();
}

#[test]
fn recipients_are_asked_one_by_one_and_files_have_names_and_types() {
    let store = Store::start();
    fs::write(store.path().join("a.bin"), "abc").unwrap();
    let to = format!("To: {ALICE} [reply, return, report=all]");
    let head = format!("{to}\nSubject: Chart\nImportance: high\nPriority: urgent\n");
    let file = "Attach: a.bin; name=Chart 3; type=image/png\n\nSee below.\n";
    fs::write(store.path().join("draft.txt"), head + file).unwrap();
    store.ua(&["send", "--draft", "draft.txt", "--report", "none"]);
    let report = store.ua(&["list", "--attributes", "subject,importance,mt-priority"]);
    assert_eq!(report.lines().count(), 3, "the message and its report: {report}");
    assert!(report.contains("Chart    high        urgent"), "{report}");
    let delete = ["ua", "delete", "1-2", "--yes", "--acknowledge", "--user", ALICE];
    let said = store.run(&delete);
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    done(&said);
    assert!(told.starts_with("1: submitted as ["), "{told}");
    let shown = store.ua(&["fetch", "3"]);
    assert!(shown.contains("ipm-discarded"), "{shown}");
    assert!(shown.contains("Returned message") && shown.contains("See below."), "{shown}");
    store.ua(&["fetch", "3", "--content-only", "notification.ber"]);
    let returned = fs::read(store.path().join("notification.ber")).unwrap();
    assert!(returned.windows(10).any(|octets| octets == b"See below."), "the message is in it");
    // A notification asks for nothing.
    let again = store.ua(&["delete", "3", "--yes", "--acknowledge"]);
    assert_eq!(again, "deleted 3\n");
    let deliver = ["mta", "deliver", "--mta", "mta1", "--from", BOB, "--draft", "draft.txt"];
    done(&store.run(&deliver));
    let listed = store.ua(&["list", "--attributes", "subject,importance,mt-priority"]);
    assert!(listed.contains("Chart    high        urgent"), "{listed}");
    let shown = store.ua(&["fetch", "--first"]);
    assert!(["Chart 3", "image/png"].iter().all(|text| shown.contains(text)), "{shown}");
    store.stop();
}

#[test]
fn messages_are_drafted_acknowledged_replied_to_and_forwarded() {
    let saved = TempDir::new().unwrap();
    let mta = Mta::serve(saved.path(), &["--loop", "--save", "saved", "--count", "7"]);
    let store = Store::with(|config| {
        config.mta.presentation_address = Some(mta.address.parse().unwrap());
    });
    let head = format!("To: {ALICE}\nSubject: Weather\n\nIt is fair.\n");
    fs::write(store.path().join("draft.txt"), head).unwrap();
    store.ua(&["send", "--draft", "draft.txt", "--receipt"]);
    // The delivery is waited for by the number of the submission that comes after it.
    store.ua(&["probe", "--to", BOB]);
    let fetch = ["ua", "fetch", "1", "--user", ALICE];
    let read = store.run(&[&fetch[..], &["--acknowledge"]].concat());
    let said = String::from_utf8_lossy(&read.stderr);
    assert!(said.contains("acknowledged: submitted as ["), "{said}");
    assert!(done(&read).contains("It is fair."));
    store.ua(&["reply", "1", "So it is."]);
    store.ua(&["forward", "1", "--to", ALICE, "See"]);
    store.ua(&["forward", "1", "--to", ALICE, "--as-body-part"]);
    let missing = ["ua", "forward", "99", "--user", ALICE, "--to", ALICE];
    assert!(failed(&store.run(&missing), 1).contains("inconsistent-request"));
    store.ua(&["probe", "--to", BOB]);
    let listed = store.ua(&["list", "--attributes", "subject,ipm-entry-type"]);
    expect![[r#"
        number  subject       ipm-entry-type
             1  Weather       ipm
             2                rn
             3  Re: Weather   ipm
             4  Fwd: Weather  ipm
             6  Fwd: Weather  ipm
    "#]]
    .assert_eq(&listed);
    // Both ways a message is forwarded as it was delivered.
    for number in ["4", "6"] {
        let shown = store.ua(&["fetch", number]);
        assert!(shown.contains("It is fair.") && shown.contains("Fwd: Weather"), "{shown}");
    }
    let nothing = store.run(&["ua", "fetch", "3", "--user", ALICE, "--acknowledge"]);
    let said = String::from_utf8_lossy(&nothing.stderr);
    assert_eq!(said.trim_end(), "the message asks for no receipt notification");
    assert_eq!(mta.ended().iter().filter(|line| line.starts_with("message [")).count(), 5);
    store.stop();
}

#[test]
fn what_is_sent_comes_back_through_an_mta_that_loops() {
    let saved = TempDir::new().unwrap();
    let mta = Mta::serve(saved.path(), &["--loop", "--save", "saved", "--count", "5"]);
    let store = Store::with(|config| {
        config.mta.presentation_address = Some(mta.address.parse().unwrap());
        config.mta.name = "mta1".to_owned();
    });
    let sent = ["send", "--to", ALICE, "--bcc", ALICE, "--subject", "Round", "--receipt"];
    let more = ["--importance", "high", "--edition", "1994", "--keep", "Hi!"];
    let said = store.ua(&[&sent[..], &more].concat());
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines.iter().all(|line| line.starts_with("submitted as [/PRMD=PEER")), "{said}");
    assert!(lines[0].contains(", kept as "), "{said}");
    let outbox = ["list", "--class", "submission", "--attributes", "subject,ms-entry-type"];
    assert_eq!(store.ua(&outbox).lines().filter(|line| line.contains("Round")).count(), 2);
    // The delivery is waited for by the number of the submission that comes after it.
    let forwarded = store.ua(&["send", "--to", BOB, "--subject", "Look", "--forward", "1", "See"]);
    let identifier = forwarded.trim().strip_prefix("submitted as ").unwrap();
    assert!(store.ua(&["probe", "--to", BOB, "--length", "7"]).starts_with("submitted as ["));
    assert_eq!(store.ua(&["cancel", identifier]), format!("cancelled {identifier}\n"));
    let inbox = store.ua(&["list", "--attributes", "subject,importance"]);
    assert_eq!(inbox.lines().filter(|line| line.contains("high")).count(), 2, "{inbox}");
    let lines = mta.ended();
    let count = |text: &str| lines.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!((count("message ["), count("probe ["), count("cancellation of [")), (3, 1, 1));
    assert_eq!((count("delivered to /CN=Alice"), count("not delivered to /CN=Bob")), (2, 1));
    let files = fs::read_dir(saved.path().join("saved")).unwrap();
    assert_eq!(files.count(), 3);
    store.stop();
}

#[test]
fn an_mta_answers_as_it_is_told() {
    let directory = TempDir::new().unwrap();
    let mta = Mta::serve(
        directory.path(),
        &["--answer", "originator-invalid", "--delay", "1", "--count", "1"],
    );
    let store = Store::with(|config| {
        config.mta.presentation_address = Some(mta.address.parse().unwrap());
    });
    let send = ["ua", "send", "--user", ALICE, "--to", BOB, "Hi!"];
    assert_eq!(failed(&store.run(&send), 1), "restante: originator-invalid\n");
    assert_eq!(mta.ended().len(), 2);
    let kept = failed(&store.run(&[&send[..], &["--keep"]].concat()), 1);
    assert!(kept.contains("say --edition 1994"), "{kept}");
    store.stop();
}

#[test]
fn what_is_held_off_is_seen_and_tried_again() {
    let store = Store::start();
    let control = || done(&store.run(&["mta", "control", "--mta", "mta1"]));
    assert_eq!(control(), "everything is taken\n");
    let hold = |hold| store.running.hold_deliveries(Whose::All, hold);
    hold(Hold { messages: true, ..Hold::default() });
    assert_eq!(control(), "no messages\n");
    let deliver = ["mta", "deliver", "--mta", "mta1", "--to", ALICE, "--from", BOB, "Hi!"];
    assert!(failed(&store.run(&deliver), 1).contains("refused, after 0 were taken"));
    let mut waits = store.command(&[&deliver[..], &["--wait", "60"]].concat());
    let mut waits = waits.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(waits.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "the store holds it off; it is tried again\n");
    hold(Hold::default());
    assert!(done(&waits.wait_with_output().unwrap()).starts_with("1 message of"));
    store.stop();
}

#[test]
fn what_an_mta_lets_be_submitted_holds_from_the_first_answer_on() {
    let directory = TempDir::new().unwrap();
    let serve = |arguments: &[&str]| {
        let mta = Mta::serve(directory.path(), arguments);
        let store = Store::with(|config| {
            config.mta.presentation_address = Some(mta.address.parse().unwrap());
        });
        (mta, store)
    };
    let send = |store: &Store, more: &[&str]| {
        store.run(&[&["ua", "send", "--user", ALICE, "--to", BOB], more].concat())
    };
    let refused = |output: &Output| {
        assert_eq!(failed(output, 1), "restante: control-violated\n");
    };
    let probe = ["ua", "probe", "--user", ALICE, "--to", BOB];

    let (mta, store) = serve(&["--no-messages", "--count", "2"]);
    done(&store.run(&probe));
    refused(&send(&store, &["Hi!"]));
    done(&store.run(&probe));
    let lines = mta.ended();
    assert_eq!(lines.iter().filter(|line| *line == "submission-control accepted").count(), 1);
    assert_eq!(lines.iter().filter(|line| line.starts_with("probe [")).count(), 2, "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("message [")), "{lines:?}");
    store.stop();

    let limits = ["--max-octets", "2000", "--lowest-priority", "normal", "--count", "2"];
    let (mta, store) = serve(&[&["--no-probes"], &limits[..]].concat());
    done(&send(&store, &["Hi!"]));
    refused(&store.run(&probe));
    refused(&send(&store, &[&"long ".repeat(500)]));
    refused(&send(&store, &["--priority", "non-urgent", "Hi!"]));
    done(&send(&store, &["--priority", "urgent", "Hi!"]));
    let lines = mta.ended();
    assert_eq!(lines.iter().filter(|line| line.starts_with("message [")).count(), 2, "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("probe [")), "{lines:?}");
    store.stop();
}

#[test]
fn a_connection_that_is_cut_leaves_the_user_without_the_message_sent() {
    let directory = TempDir::new().unwrap();
    let mta = Mta::serve(directory.path(), &["--answer", "cut", "--count", "1"]);
    let store = Store::with(|config| {
        config.mta.presentation_address = Some(mta.address.parse().unwrap());
    });
    let send = ["ua", "send", "--user", ALICE, "--to", BOB, "Hi!"];
    assert_eq!(failed(&store.run(&send), 1), "restante: remote-bind-error\n");
    let lines = mta.ended();
    assert!(lines.last().unwrap().ends_with(": cut"), "{lines:?}");
    store.stop();
}
