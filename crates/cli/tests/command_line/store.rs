//! A store that serves, looked at and changed by the tools that ask its admin API.

use std::{fs, process::Output};

use restante_directory::Role;

use crate::{ALICE, BOB, Store, done, failed, restante};

/// A store with a manager, and what runs a tool in the manager's name.
fn store() -> Store {
    let store = Store::start();
    let accounts = restante_directory::Accounts::under(&store.path().join("data"));
    accounts.add_manager("chief", Role::Manager, b"secret").unwrap();
    store.deliver(&["--subject", "One", "text"]);
    store.deliver(&["--subject", "Two", "--priority", "urgent", "text"]);
    store
}

impl Store {
    fn port(&self) -> String {
        self.running.management_addr().unwrap().port().to_string()
    }

    fn chief(&self, arguments: &[&str]) -> Output {
        let chief = ["--user", "chief", "--password-file", "password"];
        self.anybody(&[arguments, &chief].concat())
    }

    fn anybody(&self, arguments: &[&str]) -> Output {
        let port = self.port();
        let all = [arguments, &["--host", "127.0.0.1", "--port", &port]].concat();
        restante(&all).current_dir(self.path()).output().unwrap()
    }
}

#[test]
fn messages_are_listed_shown_saved_changed_moved_and_deleted() {
    let store = store();
    done(&store.chief(&["mailbox", "add", BOB]));
    let list = |status: &str| {
        done(&store.anybody(&["message", "list", ALICE, "--status", status, "--sort", "oldest"]))
    };
    let listed = list("new");
    assert!(listed.contains("urgent") && listed.lines().count() == 3, "{listed}");
    let shown = done(&store.chief(&["message", "show", ALICE, "1"]));
    assert!(shown.contains("subject: One") && shown.contains("text"), "{shown}");
    done(&store.chief(&["message", "save", ALICE, "1", "content.ber"]));
    let saved = fs::read(store.path().join("content.ber")).unwrap();
    store.ua(&["fetch", "1", "--content-only", "fetched.ber"]);
    assert_eq!(saved, fs::read(store.path().join("fetched.ber")).unwrap());
    assert!(list("processed").contains("One"));
    let changed = store.chief(&["message", "status", ALICE, "1-9", "listed"]);
    assert_eq!(done(&changed), "2 entries changed\n");
    let moved = done(&store.chief(&["message", "move", ALICE, "2", "--to", BOB, "--json"]));
    let moved: serde_json::Value = serde_json::from_str(&moved).unwrap();
    assert_eq!(moved, serde_json::json!([{ "was": 2, "number": 1 }]));
    let ask = failed(&store.chief(&["message", "delete", BOB, "1"]), 1);
    assert!(ask.contains("say --yes"), "{ask}");
    let deleted = store.chief(&["message", "delete", BOB, "1", "--yes"]);
    assert_eq!(done(&deleted), "1 entries deleted\n");
    let too_many = failed(&store.chief(&["message", "status", ALICE, "1-10001", "new"]), 1);
    assert!(too_many.contains("more than 10000 numbers"), "{too_many}");
    store.stop();
}

#[test]
fn mailboxes_associations_and_blocks_are_managed() {
    let store = store();
    let json =
        |output: &Output| -> serde_json::Value { serde_json::from_str(&done(output)).unwrap() };
    done(&store.chief(&["mailbox", "add", BOB]));
    let list = ["mailbox", "list", "--sort", "entries", "--json"];
    assert_eq!(json(&store.anybody(&list)).as_array().unwrap().len(), 2);
    let one = ["mailbox", "list", "--search", "alice"];
    assert_eq!(done(&store.anybody(&one)).lines().count(), 2);
    let quota = |more: &[&str]| {
        json(&store.chief(&[&["mailbox", "quota", ALICE, "--json"], more].concat()))
    };
    assert_eq!(quota(&["--entries", "5"])["quota"]["entries_max"], 5);
    assert_eq!(quota(&["--default"])["quota"]["own"], false);
    let shown = done(&store.anybody(&["mailbox", "show", ALICE]));
    assert!(shown.contains("highest number: 2\n"), "{shown}");
    let ask = failed(&store.chief(&["mailbox", "delete", BOB]), 1);
    assert!(ask.contains("say --yes"), "{ask}");
    done(&store.chief(&["mailbox", "delete", BOB, "--yes"]));
    assert!(failed(&store.anybody(&["mailbox", "show", BOB]), 1).contains("no mailbox"));

    done(&store.chief(&["block", "add", "delete", "--for", "2h", "--reason", "legal hold"]));
    let blocks = json(&store.anybody(&["block", "list", "--json"]));
    assert_eq!(blocks[0]["reason"], "legal hold");
    let refused = store.run(&["ua", "delete", "1", "--yes", "--user", ALICE]);
    assert!(failed(&refused, 1).contains("unwilling-to-perform"));
    done(&store.chief(&["block", "remove", &blocks[0]["id"].to_string()]));
    store.ua(&["delete", "1", "--yes"]);
    let unknown = failed(&store.chief(&["block", "add", "erase"]), 1);
    assert!(unknown.contains("message-delivery"), "it says what there is: {unknown}");

    assert_eq!(json(&store.anybody(&["association", "list", "--json"])), serde_json::json!([]));
    let none = failed(&store.chief(&["association", "end", "77"]), 1);
    assert!(none.contains("77"), "{none}");
    let nobody = failed(&store.anybody(&["block", "remove", "1"]), 1);
    assert!(nobody.contains("--user NAME"), "{nobody}");
    store.stop();
}

#[test]
fn one_message_is_restored_of_named_mailboxes_alone() {
    let of = ["restore", "--user", "chief", "--source", "nightly", "--message", "17"];
    for (more, told) in [(&["--all"][..], "--message"), (&[], "--mailbox")] {
        let refused = failed(&restante(&[&of, more].concat()).output().unwrap(), 2);
        assert!(refused.contains(told), "{refused}");
    }
}

#[test]
fn accounts_are_the_same_in_the_file_and_by_way_of_the_store() {
    let store = store();
    let port = store.port();
    fs::write(store.path().join("c.toml"), "data_directory = \"data\"\n").unwrap();
    let local = ["--config", "c.toml"];
    let served = ["--user", "chief", "--user-password-file", "password", "--port", &port];
    let run = |arguments: &[&str], place: &[&str]| {
        restante(&[arguments, place].concat()).current_dir(store.path()).output().unwrap()
    };
    let password = ["--password-file", "password"];
    for (place, other, name) in [(&local[..], &served[..], "one"), (&served, &local, "two")] {
        let user = format!("/CN={name}/O=Example/PRMD=PEER/C=GB/");
        for (kind, name) in [("user", &*user), ("mta-peer", name), ("manager", name)] {
            done(&run(&[&[kind, "add", name][..], &password].concat(), place));
            done(&run(&[&[kind, "passwd", name][..], &password].concat(), other));
            let listed = done(&run(&[kind, "list"], other));
            assert!(listed.contains(name), "{listed}");
            assert_eq!(listed, done(&run(&[kind, "list"], place)));
        }
        done(&run(&["user", "outbox", &user, "kept"], place));
        assert_eq!(done(&run(&["user", "outbox", &user], other)), "kept\n");
        done(&run(&["manager", "role", name, "monitor"], place));
        let managers = done(&run(&["manager", "list", "--json"], other));
        assert!(managers.contains("monitor"), "{managers}");
        for (kind, name) in [("user", &*user), ("mta-peer", name), ("manager", name)] {
            done(&run(&[kind, "remove", name], other));
            assert!(!done(&run(&[kind, "list"], place)).contains(name));
            assert!(!failed(&run(&[kind, "remove", name], place), 1).is_empty());
        }
    }
    let both = run(&["user", "list", "--config", "c.toml"], &served);
    assert!(failed(&both, 2).contains("say one of them"));
    store.stop();
}
