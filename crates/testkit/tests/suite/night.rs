//! The tools of the night on the real program: backups of a store that is in use, restored
//! elsewhere, cut off, damaged, and told of by exit codes.

use crate::store::{PROGRAM, directory, runtime, start};
use bytes::Bytes;
use restante_mhs::x413::{DeleteArgument, DeleteItems, SequenceNumber};
use restante_testkit::peers;
use restante_testkit::process::{ALICE, BOB, Process, run};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A store that serves, with an operator, whose backups lie in a directory.
struct World {
    directory: TempDir,
    process: Option<Process>,
}

impl World {
    fn new(backups: &Path) -> Self {
        let more = format!("[backup]\ndirectory = \"{}\"\n", backups.display());
        let directory = directory(&more);
        let add = ["manager", "add", "night", "--role", "operator", "--config", "c.toml"];
        let output = run(PROGRAM, directory.path(), &[&add[..], &PASSWORD].concat());
        assert!(output.status.success(), "{}", text(&output));
        let process = Some(start(directory.path()));
        Self { directory, process }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }

    fn tool(&self, arguments: &[&str]) -> Command {
        let console = self.process().console();
        let port = console.rsplit(':').next().expect("a port").trim_end_matches('/');
        let mut command = Command::new(PROGRAM);
        command.args(arguments).args(["--user", "night", "--port", port]).args(PASSWORD);
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command
    }

    /// Runs a tool; its exit code and what it said.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.tool(arguments).output().expect("the program runs");
        (output.status.code(), text(&output))
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, Some(0), "{said}");
        said
    }

    fn restart(&mut self) {
        self.process.take().expect("it runs").kill();
        self.process = Some(start(self.directory.path()));
    }

    fn deliver(&self, identifiers: &[String]) {
        runtime().block_on(async {
            let call = peers::call(&self.process().address());
            let mut mta = peers::mta(call).await.expect("an MTA can bind");
            for identifier in identifiers {
                let message = peers::short_message(identifier);
                let delivery = peers::argument(identifier, message);
                mta.deliver(delivery).await.expect("a delivery is taken");
            }
            mta.unbind().await.expect("an unbind");
        });
    }

    /// So many MTAs deliver at the same time, so many messages each.
    fn deliver_by(&self, mtas: usize, each: usize) {
        runtime().block_on(async {
            let mut deliveries = tokio::task::JoinSet::new();
            for at in 0..mtas {
                let call = peers::call(&self.process().address());
                deliveries.spawn(async move {
                    let mut mta = peers::mta(call).await.expect("an MTA can bind");
                    for identifier in names(&format!("d{at}-"), each) {
                        let delivery =
                            peers::argument(&identifier, peers::short_message(&identifier));
                        mta.deliver(delivery).await.expect("a delivery is taken");
                    }
                    mta.unbind().await.expect("an unbind");
                });
            }
            while let Some(done) = deliveries.join_next().await {
                done.expect("it delivers");
            }
        });
    }

    /// What a command of `ua` says in Alice's name.
    fn ua(&self, arguments: &[&str]) -> String {
        let address = self.process().address();
        let alice = ["--user", ALICE, "--address", &address];
        let all = [&["ua"], arguments, &alice, &PASSWORD].concat();
        let output = run(PROGRAM, self.directory.path(), &all);
        assert!(output.status.success(), "{}", text(&output));
        text(&output)
    }

    /// Alice's entries: the content-identifier with number and content.
    fn contents(&self) -> BTreeMap<String, (u32, Bytes)> {
        runtime().block_on(async {
            let call = peers::call(&self.process().address());
            let mut alice = peers::alice(call).await.expect("alice can bind");
            let mut contents = BTreeMap::new();
            for (number, identifier) in peers::list(&mut alice).await.expect("a list") {
                let content = peers::content(&mut alice, number).await.expect("a content");
                contents.insert(identifier, (number, content));
            }
            alice.unbind().await.expect("an unbind");
            contents
        })
    }

    fn delete(&self, numbers: &[u32]) {
        runtime().block_on(async {
            let call = peers::call(&self.process().address());
            let mut alice = peers::alice(call).await.expect("alice can bind");
            for number in numbers {
                let numbers = [SequenceNumber(*number)].into_iter().collect();
                let argument = DeleteArgument::from(DeleteItems::SequenceNumbers(numbers));
                alice.delete(&argument).await.expect("it is deleted");
            }
            alice.unbind().await.expect("an unbind");
        });
    }
}

const PASSWORD: [&str; 2] = ["--password-file", "password"];
const BACKUP: [&str; 4] = ["backup", "--destination", "nightly", "--all"];
const RESTORE: [&str; 4] = ["restore", "--source", "nightly", "--all"];

fn text(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(all).expect("text")
}

fn names(begin: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{begin}{number}")).collect()
}

/// The files of a tree's messages.
fn messages(tree: &Path) -> Vec<PathBuf> {
    let directories = fs::read_dir(tree).expect("a tree").map(|one| one.expect("a file").path());
    let files = directories.filter(|path| path.is_dir()).flat_map(|path| {
        fs::read_dir(path).expect("a mailbox").map(|one| one.expect("a file").path())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

#[test]
fn a_backup_of_a_store_in_use_is_restored_elsewhere_octet_for_octet_and_once() {
    let backups = tempfile::tempdir().expect("a directory");
    let one = World::new(backups.path());
    one.deliver(&names("early", 30));
    let before = one.contents();
    let doomed: Vec<u32> = before.values().map(|(number, _)| *number).take(10).collect();
    let said = std::thread::scope(|scope| {
        scope.spawn(|| one.deliver_by(64, 3));
        scope.spawn(|| one.delete(&doomed));
        one.done(&[&BACKUP[..], &["--compress", "--verbose"]].concat())
    });
    let alice = peers::name(ALICE).address.key();
    assert!(said.contains(&format!("{alice}: ")) && said.contains("\nbackup: "), "{said}");
    let other = World::new(backups.path());
    let said = other.done(&[&RESTORE[..], &["--full"]].concat());
    let restored = other.contents();
    for (identifier, (number, content)) in &before {
        match restored.get(identifier) {
            Some(there) => assert_eq!(there, &(*number, content.clone())),
            None => assert!(doomed.contains(number), "{identifier} is missing: {said}"),
        }
    }
    for full in [&["--full"][..], &[]] {
        let said = other.done(&[&RESTORE[..], full].concat());
        assert!(said.contains("restore: 0 entries restored"), "{said}");
    }
    assert_eq!(other.contents(), restored);
    other.deliver(&names("after", 1));
    let (number, _) = other.contents()["after0"];
    assert!(number > 10_000, "numbers go on above all that may have been given out: {number}");
}

#[test]
fn a_flipped_octet_and_a_missing_file_are_named_and_cost_one_message_each() {
    let backups = tempfile::tempdir().expect("a directory");
    let one = World::new(backups.path());
    one.deliver(&names("m", 4));
    one.done(&BACKUP);
    let tree = backups.path().join("nightly");
    let files = messages(&tree);
    assert_eq!(files.len(), 4);
    let mut octets = fs::read(&files[1]).expect("a file");
    octets[120] ^= 4;
    fs::write(&files[1], octets).expect("a file");
    fs::remove_file(&files[2]).expect("a file");
    let other = World::new(backups.path());
    let check = [&RESTORE[..], &["--full", "--dry-run"]].concat();
    let full = [&RESTORE[..], &["--full"]].concat();
    for (arguments, there) in [(&check, 0), (&full, 2)] {
        let (code, said) = other.run(arguments);
        assert_eq!(code, Some(1), "{said}");
        for file in &files[1..3] {
            let name = file.strip_prefix(&tree).expect("a file of the tree");
            assert!(said.contains(&format!("{}: ", name.display())), "{said}");
        }
        assert_eq!(other.contents().len(), there);
    }
    let (code, said) = other.run(&["restore", "--source", "none", "--all"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no tree none in "), "{said}");
    let (code, said) = other.run(&["backup", "--destination", "../out", "--all"]);
    assert_eq!((code, backups.path().join("../out").exists()), (Some(1), false), "{said}");
    let (code, said) = other.run(&BACKUP);
    assert_eq!(code, Some(1));
    assert!(said.contains("holds the messages of another store"), "{said}");
}

#[test]
fn a_backup_that_a_kill_cuts_off_is_harmless_and_is_resumed() {
    let backups = tempfile::tempdir().expect("a directory");
    let mut one = World::new(backups.path());
    one.deliver(&names("m", 20));
    let mut tool = one.tool(&BACKUP).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    one.process().event("night (operator): job 1 (backup) starts");
    one.restart();
    tool.as_mut().expect("the program runs").wait().expect("it ends");
    one.deliver(&names("n", 1));
    let said = one.done(&BACKUP);
    assert!(said.contains("backup: 21 entries of "), "{said}");
    let said = one.done(&BACKUP);
    assert!(said.contains(", 0 written"), "{said}");
    let jobs = one.done(&["job", "list"]);
    assert!(jobs.contains("backup") && jobs.contains("night"), "{jobs}");
    let other = World::new(backups.path());
    let said = other.done(&[&RESTORE[..], &["--full"]].concat());
    assert!(said.contains("restore: 21 entries restored"), "{said}");
    assert_eq!(other.contents(), one.contents());
}

#[test]
fn one_message_goes_to_another_mailbox_and_what_is_old_is_tidied_away() {
    let backups = tempfile::tempdir().expect("a directory");
    let one = World::new(backups.path());
    one.deliver(&names("m", 3));
    one.done(&["backup", "--destination", "alice", "--mailbox", ALICE]);
    let message = ["restore", "--source", "alice", "--mailbox", ALICE, "--message", "2"];
    one.done(&[&message[..], &["--into", BOB]].concat());
    let said = one.done(&["tidy", "--age", "0", "--dry-run", "--verbose"]);
    let bob = peers::name(BOB).address.key();
    assert!(said.contains(&format!("{bob}: 1 entries")), "{said}");
    assert!(said.contains("tidy: 4 entries of 2 mailboxes would be deleted"), "{said}");
    let said = one.done(&["tidy"]);
    assert!(said.contains("tidy: 0 entries"), "nothing is a week old: {said}");
    let processed = ["tidy", "--age", "0", "--state", "processed", "--mailbox", ALICE];
    assert!(one.done(&processed).contains("tidy: 0 entries"));
    one.contents();
    assert!(one.done(&processed).contains("tidy: 3 entries of 1 mailboxes deleted"));
    assert!(one.contents().is_empty());
    one.done(&[&message[..], &["--full"]].concat());
    assert_eq!(one.contents()["m1"].0, 2, "it has its number again");
    assert!(one.done(&["resync"]).contains("nothing to put right"));
    assert!(one.done(&["job", "start", "verify"]).contains("nothing is damaged"));
    let (code, said) = one.run(&["tidy", "--mailbox", "/CN=Nobody/C=GB/"]);
    assert!(code == Some(1) && said.contains("has no mailbox"), "{said}");
}

#[test]
fn drafts_and_what_is_registered_come_back_with_full_alone() {
    let backups = tempfile::tempdir().expect("a directory");
    let one = World::new(backups.path());
    one.deliver(&names("m", 1));
    one.ua(&["drafts", "save", "--to", BOB, "--subject", "Kept", "text"]);
    one.ua(&["auto-action", "alert", "--filter", "priority = urgent"]);
    one.ua(&["groups", "add", "work"]);
    let seen = |world: &World| {
        let list = ["list", "--edition", "1994"];
        let registered =
            ["auto-action", "groups"].map(|what| world.ua(&[&[what], &list[..]].concat()));
        (world.ua(&["drafts", "list", "--attributes", "subject"]), registered)
    };
    let before = seen(&one);
    assert!(before.0.contains("Kept") && before.1[0].contains("auto-alert"), "{before:?}");
    one.done(&BACKUP);
    let other = World::new(backups.path());
    let nothing = seen(&other);
    other.done(&RESTORE);
    assert_eq!(seen(&other).1, nothing.1, "messages alone bring nothing registered");
    let full = World::new(backups.path());
    for _ in 0..2 {
        full.done(&[&RESTORE[..], &["--full"]].concat());
        assert_eq!(seen(&full), before);
    }
}

#[test]
fn what_is_asked_for_wrongly_says_what_to_do() {
    let backups = tempfile::tempdir().expect("a directory");
    let one = World::new(backups.path());
    one.deliver(&names("m", 1));
    one.done(&BACKUP);
    for (arguments, code, said) in [
        (&["backup", "--destination", "nightly"][..], 2, "--all"),
        (&["backup", "--destination", "nightly", "--all", "--keep", "0"], 2, "--keep"),
        (&["backup", "--destination", "x", "--mailbox", "/CN=Nobody/C=GB/"], 1, "is not there"),
        (&["restore", "--source", "nightly", "--all", "--message", "1"], 2, "cannot be used with"),
        (
            &["restore", "--source", "nightly", "--mailbox", ALICE, "--message", "9"],
            1,
            "no entry 9",
        ),
        (&["restore", "--source", "nightly", "--all", "--into", "nowhere"], 1, "nowhere"),
        (&["import", "--source", "none", "--all"], 1, "there is no tree none"),
        (&["tidy", "--state", "old"], 2, "processed"),
        (&["job", "wait", "99"], 1, "there is no job 99"),
    ] {
        let (found, told) = one.run(arguments);
        assert!(found == Some(code) && told.contains(said), "{arguments:?}: {found:?} {told}");
    }
}

#[test]
fn a_store_that_serves_verifies_itself_and_names_what_is_damaged() {
    let backups = tempfile::tempdir().expect("a directory");
    let one = World::new(backups.path());
    one.deliver(&names("m", 3));
    let said = one.done(&["verify"]);
    assert!(said.ends_with("3 entries: nothing is damaged\n"), "{said}");
    let log = one.directory.path().join("data/log/0000000000000001.log");
    let octets = fs::read(&log).expect("a segment");
    let at = octets.windows(2).rposition(|some| some == b"m1").expect("it is there");
    let file = fs::File::options().write(true).open(&log).expect("a segment");
    file.write_all_at(b"M", u64::try_from(at).expect("an offset")).expect("a bit is flipped");
    let (code, said) = one.run(&["verify", "--rate", "100"]);
    let alice = peers::name(ALICE).address.key();
    assert!(code == Some(1) && said.contains(&format!("entries: {alice} 2\n")), "{said}");
    let (code, said) = one.run(&["verify", "--known"]);
    assert!(code == Some(2) && said.contains("say one of them"), "{said}");
    one.process.expect("it runs").kill();
    let gone = ["verify", "--user", "night", "--port", "1", "--password-file", "password"];
    let output = run(PROGRAM, one.directory.path(), &gone);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
}

#[test]
fn a_dump_of_a_stopped_store_is_imported_into_another_and_leaves_what_is_damaged() {
    let backups = tempfile::tempdir().expect("a directory");
    let mut standby = World::new(backups.path());
    standby.deliver(&names("standby", 3));
    let tree = backups.path().join("standby");
    let output = tree.to_str().expect("a path");
    let dump = |world: &World, more: &[&str]| {
        let arguments = [&["dump", "-t", "c.toml", "-o", output][..], more].concat();
        let output = run(PROGRAM, world.directory.path(), &arguments);
        (output.status.code(), text(&output))
    };
    let (code, said) = dump(&standby, &[]);
    assert!(code == Some(1) && said.contains("a server has "), "{said}");
    standby.contents();
    standby.process.take().expect("it runs").terminate();
    let log = standby.directory.path().join("data/log/0000000000000001.log");
    let mut octets = fs::read(&log).expect("a segment");
    let at = octets.windows(8).rposition(|some| some == b"standby1").expect("it is there");
    octets[at] ^= 1;
    fs::write(&log, octets).expect("a segment");
    let (code, said) = dump(&standby, &["-c", "-v"]);
    let alice = peers::name(ALICE).address.key();
    assert!(code == Some(1) && said.contains(&format!("{alice} 2: ")), "{said}");
    assert!(said.contains(&format!("{alice}: 2 entries\n")), "{said}");
    let primary = World::new(backups.path());
    primary.deliver(&names("p", 1));
    for said in ["import: 2 entries restored", "import: 0 entries restored"] {
        let told = primary.done(&["import", "--source", "standby", "--all"]);
        assert!(told.contains(said), "{told}");
    }
    let numbers = |world: &World| -> Vec<u32> {
        world.contents().values().map(|(number, _)| *number).collect()
    };
    let processed = ["tidy", "--age", "0", "--state", "processed", "--dry-run"];
    assert!(primary.done(&processed).contains("tidy: 2 entries"), "statuses are kept");
    assert_eq!(numbers(&primary), [1, 2, 3], "numbers are new");
}
