//! The command as people run it: `ua` and `mta` against a store with real sockets, the demo, and
//! the help that teaches both.

mod logs;
mod ua;

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use expect_test::expect;
use restante_directory::Accounts;
use restante_server::{Running, Server, config::Config};
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod sending;
mod service;
mod stats;
mod store;

const ALICE: &str = "/CN=Alice/O=Example/PRMD=PEER/C=GB/";
const BOB: &str = "CN=Bob; O=Example; P=PEER; C=GB";

/// A store with a user and an MTA, whose password is `secret`.
struct Store {
    runtime: Runtime,
    running: Running,
    directory: TempDir,
    address: String,
}

impl Store {
    fn start() -> Self {
        Self::with(|_| {})
    }

    /// A store whose configuration has something changed.
    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("password"), "secret\n").unwrap();
        let mut config =
            Config { data_directory: directory.path().join("data"), ..Config::default() };
        config.listener.presentation_address.networks[0].port = 0;
        config.management.address.set_port(0);
        change(&mut config);
        let accounts = Accounts::under(&config.data_directory);
        accounts.add_user(ALICE, b"secret").unwrap();
        accounts.add_mta_peer("mta1", b"secret").unwrap();
        let runtime = Runtime::new().unwrap();
        let running = runtime.block_on(Server::start(config)).unwrap();
        let address = format!("\"3001\"/Internet=127.0.0.1+{}", running.local_addr().port());
        Self { runtime, running, directory, address }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs a command that binds, in the store's directory.
    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = restante(arguments);
        command.args(["--address", &self.address, "--password-file", "password"]);
        command.current_dir(self.path());
        command
    }

    #[track_caller]
    fn deliver(&self, arguments: &[&str]) -> String {
        let deliver = ["mta", "deliver", "--mta", "mta1", "--to", ALICE, "--from", BOB];
        done(&self.run(&[&deliver, arguments].concat()))
    }

    #[track_caller]
    fn ua(&self, command: &[&str]) -> String {
        done(&self.run(&[&["ua"], command, &["--user", ALICE]].concat()))
    }

    fn stop(self) {
        self.runtime.block_on(self.running.shutdown()).unwrap();
    }
}

fn restante(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restante"));
    command.args(arguments).env("TZ", "UTC").env("COLUMNS", "80");
    command
}

/// What a command that did what it was asked says.
#[track_caller]
fn done(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {error}", output.status);
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a command that did not says.
#[track_caller]
fn failed(output: &Output, exit_code: i32) -> String {
    assert_eq!(output.status.code(), Some(exit_code));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn messages_go_from_the_mta_to_the_user() {
    let store = Store::start();
    fs::write(store.path().join("chart.png"), b"\x89PNG").unwrap();
    fs::write(store.path().join("order.ber"), [0xaa; 300]).unwrap();
    store.deliver(&["--subject", "Hello", "--attach", "chart.png", "Hi!"]);
    store.deliver(&[
        "--ats",
        "FF",
        "--priority",
        "urgent",
        "--count",
        "3",
        "--outstanding",
        "2",
        "T",
    ]);
    store.deliver(&["--content-type", "1.3.26.0.4406.0.4.1", "--content", "order.ber"]);

    let list: serde_json::Value = serde_json::from_str(&store.ua(&["list", "--json"])).unwrap();
    let entries = list["entries"].as_array().unwrap();
    let column = |name: &str| entries.iter().map(|e| e[name].to_string()).collect::<Vec<_>>();
    assert_eq!(column("number"), ["1", "2", "3", "4", "5"]);
    assert_eq!(column("status"), ["\"new\""; 5]);
    assert_eq!(entries[0]["subject"], "Hello");
    assert_eq!(entries[0]["from"], "/CN=Bob/O=Example/PRMD=PEER/C=GB/");
    assert_eq!(entries[4]["size"], 300);

    let attributes = ["list", "--range", "1..2", "--attributes", "subject,mt-priority"];
    expect![[r#"
        number  subject  mt-priority
             1  Hello    normal
             2           urgent
    "#]]
    .assert_eq(&store.ua(&attributes));
    expect![[r#"
        5 entries, numbers 1 to 5

        counted   value   entries
        status    listed        5
        priority  normal        2
        priority  urgent        3
    "#]]
    .assert_eq(&store.ua(&["summarize"]));

    store.ua(&["fetch", "5", "--content-only", "fetched.ber"]);
    assert_eq!(fs::read(store.path().join("fetched.ber")).unwrap(), [0xaa; 300]);
    store.ua(&["fetch", "--first", "--subject", "hello", "--save", "saved"]);
    assert_eq!(fs::read(store.path().join("saved/1-2-chart.png")).unwrap(), b"\x89PNG");
    let processed = store.ua(&["list", "--status", "processed", "--attributes", "ms-entry-type"]);
    assert_eq!(processed.lines().count(), 3, "{processed}");

    assert_eq!(store.ua(&["delete", "1,3-4", "--yes"]), "deleted 1, 3 to 4\n");
    let left =
        store.ua(&["list", "--since", "1h", "--range", "1..", "--attributes", "ms-entry-type"]);
    let left: Vec<_> = left.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(left, ["number", "2", "5"]);
    store.stop();
}

#[test]
fn a_report_says_what_became_of_a_message() {
    let store = Store::start();
    let report = ["mta", "report", "--mta", "mta1", "--subject-id", "[/PRMD=PEER/ADMD= /C=GB/;7]"];
    let non_delivered = ["--non-delivered", BOB, "--diagnostic", "recipient-unavailable"];
    let to = ["--to", ALICE];
    done(&store.run(&[&report[..], &non_delivered, &to].concat()));
    let fetched = store.ua(&["fetch", "1"]);
    let diagnostic = "    Diagnostic: recipient-unavailable";
    assert!(fetched.lines().any(|line| line == diagnostic), "{fetched}");
    store.stop();
}

/// `restante mta serve`, until it has served so much.
struct Mta {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Mta {
    fn serve(directory: &Path, arguments: &[&str]) -> Self {
        let listen = ["mta", "serve", "--mta", "mta1", "--listen", "Internet=127.0.0.1+0"];
        let mut command = restante(&[&listen, arguments].concat());
        let mut child = command.current_dir(directory).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap();
        Self { child, out, address: format!("Internet=127.0.0.1+{port}") }
    }

    /// What it has said when it has ended.
    fn ended(mut self) -> Vec<String> {
        let lines = self.out.lines().map(|line| line.unwrap()).collect();
        assert!(self.child.wait().unwrap().success());
        lines
    }
}

#[test]
fn what_may_be_delivered_is_registered_and_kept_to() {
    let store = Store::start();
    let list = || store.ua(&["list", "--attributes", "ms-entry-type"]);
    for edition in ["1988", "1994"] {
        let edition = ["--edition", edition];
        let register = |more: &[&str]| {
            store.ua(&[&["register-mts"], more, &edition].concat());
        };
        let before = list().lines().count();
        register(&["--max-length", "1000000", "--content-type", "22"]);
        store.ua(&["send", "--to", ALICE, "Hi!"]);
        register(&["--max-length", "10"]);
        store.ua(&["send", "--to", ALICE, "Hi!"]);
        let listed = list();
        let added: Vec<_> = listed.lines().skip(before).collect();
        assert_eq!(added.len(), 2, "{listed}");
        assert!(added[0].contains("delivered-message"), "{listed}");
        assert!(added[1].contains("delivered-report"), "{listed}");
    }
    let refused = ["ua", "register-mts", "--user", ALICE, "--redirect-to", BOB];
    assert_eq!(failed(&store.run(&refused), 1), "restante: register-rejected\n");
    store.stop();
}

#[test]
fn a_store_gives_itself_another_password_at_its_mta() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    fs::write(path.join("password"), "secret\n").unwrap();
    fs::write(path.join("new"), "better\n").unwrap();
    let passwd = |mta: &Mta| {
        let config = format!(
            "[mta]\npresentation_address = \"{}\"\npassword_file = \"{}\"\n\
             initiator_name = \"/CN=Store/O=Example/PRMD=PEER/C=GB/\"\n",
            mta.address,
            path.join("password").display()
        );
        fs::write(path.join("c.toml"), config).unwrap();
        let change = ["mta-passwd", "--config", "c.toml", "--password-file", "new"];
        restante(&change).current_dir(path).output().unwrap()
    };
    let password = || fs::read_to_string(path.join("password")).unwrap();
    let mta = Mta::serve(path, &["--answer", "security-error", "--count", "1"]);
    assert!(failed(&passwd(&mta), 1).contains("security-error"));
    assert_eq!(password(), "secret\n");
    mta.ended();
    let mta = Mta::serve(path, &["--count", "1"]);
    assert!(done(&passwd(&mta)).starts_with("changed at the MTA"));
    assert_eq!(password(), "better\n");
    assert!(mta.ended().contains(&"change of credentials".to_owned()));
    assert!(!path.join("password.new").exists());
}

#[test]
fn errors_say_what_to_do_next() {
    let store = Store::start();
    // Their parts on lines of their own.
    let said = |arguments: &[&str]| failed(&store.run(arguments), 1).replace("; ", ";\n  ");
    expect![[r#"
        restante: sequence-number-error: no-such-entry 9;
          see what there is with: restante ua list
    "#]]
    .assert_eq(&said(&["ua", "fetch", "9", "--user", ALICE]));
    expect![[r#"
        restante: the bind was refused: authentication-error;
          is the password right, and does the store know the name? See: restante user list
    "#]]
    .assert_eq(&said(&["ua", "list", "--user", BOB]));
    expect![[r#"
        restante: nobody can be asked whether to delete;
          say --yes
    "#]]
    .assert_eq(&said(&["ua", "delete", "1", "--user", ALICE]));
    let deliver = ["mta", "deliver", "--to", BOB, "--from", ALICE, "text", "--mta"];
    expect![[r#"
        restante: the bind was refused: authentication-error;
          is the password right, and does the store know the name? See: restante mta-peer list
    "#]]
    .assert_eq(&said(&[&deliver[..], &["mta2"]].concat()));
    expect![[r#"
        restante: refused, after 0 were taken: security-error: unauthorised-recipient-name;
          is that a user of the store? See: restante user list
    "#]]
    .assert_eq(&said(&[&deliver[..], &["mta1"]].concat()));
    store.stop();
}

#[test]
fn the_demo_shows_a_message_s_whole_way() {
    let directory = TempDir::new().unwrap();
    let capture = directory.path().join("demo.pcap");
    let capture = capture.to_str().unwrap();
    let told = done(&restante(&["demo", "--capture", capture]).output().unwrap());
    assert!(told.ends_with(" checks passed.\n") && !told.contains("WRONG"), "{told}");
    assert!(fs::metadata(capture).unwrap().len() > 5_000);
}

fn help(arguments: &[&str]) -> String {
    done(&restante(arguments).output().unwrap())
}

#[test]
fn help_says_what_there_is() {
    expect![[r#"
        An open X.400 Message Store

        Takes delivery of messages from an MTA (P3), keeps them safe, and gives them to
        user agents (P7).

        Usage: restante <COMMAND>

        Commands:
          serve        Run the store
          check        Validate the configuration and print what is in force
          catalogue    Print the texts of events, or check a translation of them
          verify       Verify that nothing on disk is damaged
          user         Add, list and remove the users of the store
          mta-peer     Add, list and remove the MTAs that may deliver to the store
          mta-passwd   Change the password with which the store binds to its MTA
          manager      Add, list and remove the people who run the store
          mailbox      List, look at, make and delete the mailboxes of a store that
                       serves
          message      List, look at, delete and move the messages of a mailbox of a
                       store that serves
          association  List and end the associations of a store that serves
          block        List, block and unblock operations of a store that serves
          ua           Read a mailbox and send messages over P7
          mta          Deliver to a store over P3, or take what it submits
          backup       Back up mailboxes while the store serves
          restore      Put mailboxes or a message of a backup back while the store
                       serves
          dump         Write the mailboxes of a store that does not run into a tree of
                       files
          import       Bring the dump of another store into this one while it serves
          tidy         Delete messages that are older than so many days while the store
                       serves
          resync       Compare the index with the log, and put it right, while the store
                       serves
          job          List, watch, start and cancel the long work of a store that
                       serves
          stats        Count the traffic that an audit log tells of
          bench        Measure how fast a store is
          demo         See a message go the whole way, from an MTA to a user
          completions  Print what a shell is to know to complete command lines
          man          Write a man page for each command into a directory
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        Examples:
          What it is, in a minute:
            restante demo
          A store in three commands, with all data under ./restante-data:
            restante user add "/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/"
            restante mta-peer add mta1
            restante serve

        Exit codes: 0 done, 1 it could not be done, 2 the command line or the
        configuration is wrong.
    "#]]
    .assert_eq(&help(&["--help"]));
}

#[test]
fn help_of_a_group_has_examples() {
    expect![[r#"
        Read a mailbox and send messages over P7

        Addresses are written in either form of F.401: /CN=…/O=…/C=…/ or CN=…; O=…; C=…
        The password is asked for, or read from a file; see --password-file.

        Usage: restante ua <COMMAND>

        Commands:
          list          List entries
          search        Find entries
          summarize     Count entries by status and priority
          fetch         Read an entry
          delete        Delete entries
          send          Send a message
          reply         Reply to a message
          forward       Forward a message
          probe         Ask whether a message could be delivered
          cancel        Cancel the delivery of a message that was deferred
          modify        Change the status, notes and groups of entries
          groups        List, add, describe and remove message-groups
          drafts        Keep messages in the store and submit them later
          watch         Stay bound and show each entry of which the store alerts
          register      Register what the store does where it is not told, and print
                        what is registered
          register-mts  Register with the MTA what may be delivered
          auto-action   List, add and remove what the store does by itself
          help          Print this message or the help of the given subcommand(s)

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        Examples:
          restante ua list --user "/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/"
          restante ua list --user "CN=Alice; O=Example; P=PEER; C=GB" --status new
          --json
          restante ua fetch 3 --user "…" --password-file alice.txt --save messages
          restante ua delete 3,5-9 --user "…"
          restante ua send --user "…" --to "…" --subject Hello "Hi!"
          restante ua list --user "…" --trace --capture list.pcap
    "#]]
    .assert_eq(&help(&["ua", "--help"]));
}

#[test]
fn help_of_a_command_groups_its_options() {
    expect![[r#"
        Read an entry

        Usage: restante ua fetch [OPTIONS] --user <O/R-ADDRESS> [NUMBER]

        Arguments:
          [NUMBER]  The number of the entry

        Options:
              --first                The first entry that the selection finds, in place
                                     of a number
              --save <DIRECTORY>     Write the content (.ber) and the body parts into
                                     this directory
              --content-only <FILE>  Write the content as it came into this file and
                                     show nothing; - is standard output
              --acknowledge          Notify the originator that it was read, where the
                                     message asks for that
              --json                 Print JSON, for programs
          -h, --help                 Print help (see more with '--help')
          -V, --version              Print version

        Selection:
              --range <A..B>         Entries with these numbers: 5..9, 5.. or ..9
              --since <TIME>         Entries made at this time or later: 2025-11-24,
                                     2025-11-24T08:30, or an age: 2h, 3d
              --filter <FILTER>      Entries of which this holds; the words are those of
                                     restante ua search
              --status <STATUS>      Entries with this status: new, listed or processed
              --priority <PRIORITY>  Entries with this priority: non-urgent, normal or
                                     urgent
              --subject <TEXT>       Messages with this in their subject
              --limit <N>            At most so many entries
              --class <CLASS>        The class of entries: delivery, submission, draft,
                                     … or its number [default: delivery]
              --children             Child-entries too: forwarded messages and returned
                                     contents

        Association:
              --user <O/R-ADDRESS>    The O/R address of the user whose mailbox it is
              --address <ADDRESS>     Where the store listens: selectors, host and port
                                      (RFC 1278) [default:
                                      "3001"/Internet=127.0.0.1+3001]
              --password-file <FILE>  Read the password from the first line of this
                                      file; - is standard input
              --edition <YEAR>        The edition of the standards whose
                                      application-context is asked for: 1988 or 1994
                                      [default: 1988]
              --context <NAME>        The application-context to ask for by its name in
                                      X.419, in place of an edition
              --checkpoint <KIB>      With RTSE, the most data between two checkpoints,
                                      in KiB; 0: what the store likes [default: 64]
              --window <N>            With RTSE, how many checkpoints may be unconfirmed
                                      [default: 3]
              --tpdu-size <OCTETS>    The largest TPDU proposed, in octets: 128 to 65531
                                      [default: the largest]
              --trace                 Print each layer's PDUs to standard error; the
                                      password is among them
              --capture <FILE>        Record the connection, password and all, in a file
                                      for tshark and Wireshark
    "#]]
    .assert_eq(&help(&["ua", "fetch", "-h"]));
}
