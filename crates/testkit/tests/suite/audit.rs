//! The audit log of the real process: each keyword with its pairs for the operation that it names,
//! read by a reader that knows nothing but the guide's description of a line.

use crate::alert::registration;
use crate::contexts::{answer_all, identifier, wrong};
use crate::store::{directory, runtime, start};
use restante_ber::{Encode, UtcTime};
use restante_client::p3::MtsBind;
use restante_client::p7::MsBind;
use restante_client::{Asking, CallOptions, ListenOptions, Mta, UserAgent, compose};
use restante_mhs::x411::{
    ContentIdentifier, DeliveryReport, MessageSubmissionArgument, PerMessageIndicators,
    ProbeSubmissionEnvelope, Register88, ReportType, TypeOfMTSUser, Waiting,
};
use restante_mhs::x413::{
    DeleteArgument, DeleteItems, ListArgument, MSProbeSubmissionArgument, SequenceNumber,
    SummarizeArgument,
};
use restante_mhs::x419::{Edition, mts_access};
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, MTA, PASSWORD};
use restante_view::audit::{Keyword, Record};
use std::path::Path;
use tokio::net::TcpListener;

/// What is configured beside an MTA: an audit log alone.
pub(crate) const LOGGING: &str = "
[[logging.file]]
name = \"audit\"
events = { severities = [] }
format = { utc = true, microseconds = true }
";

fn log(directory: &Path) -> Vec<u8> {
    std::fs::read(directory.join("restante-logs/audit.log")).expect("an audit log")
}

fn read(log: &[u8]) -> Vec<Record> {
    let read = |line: &str| Record::parse(line).unwrap_or_else(|| panic!("no record: {line}"));
    std::str::from_utf8(log).expect("text").lines().map(read).collect()
}

/// The records of an audit log, each of which must be one.
pub(crate) fn records(directory: &Path) -> Vec<Record> {
    read(&log(directory))
}

/// The same while it is written: a line that has no end yet is not read.
pub(crate) fn records_so_far(directory: &Path) -> Vec<Record> {
    let log = log(directory);
    let whole = log.iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
    read(&log[..whole])
}

/// The records of a keyword.
pub(crate) fn of(records: &[Record], keyword: Keyword) -> Vec<&Record> {
    records.iter().filter(|record| record.keyword == keyword).collect()
}

/// That a record has these pairs, in any order.
fn assert_has(record: &Record, pairs: &[(&str, &str)]) {
    for (key, value) in pairs {
        assert_eq!(record.value(key), Some(*value), "{key} of {record:?}");
    }
}

/// Alice's message to Bob, whose subject would end a line.
fn message() -> MessageSubmissionArgument {
    let content = peers::short_message("one\nBIND 9-9 \u{1b}[2J");
    let mut message = compose::submission(name(ALICE), [name(BOB)], content);
    let mut envelope = message.envelope.into_value();
    envelope.content_identifier = Some(ContentIdentifier("c1".into()));
    message.envelope = envelope.into();
    message
}

fn probe() -> MSProbeSubmissionArgument {
    let message = message().envelope.into_value();
    ProbeSubmissionEnvelope {
        originator_name: message.originator_name,
        original_encoded_information_types: None,
        content_type: message.content_type,
        content_identifier: message.content_identifier,
        content_length: Some(1000),
        per_message_indicators: PerMessageIndicators::default(),
        extensions: message.extensions,
        per_recipient_fields: message.per_recipient_fields,
    }
    .into()
}

/// Alice does all that a user of 1988 can do.
async fn use_store(call: CallOptions) {
    let bind = MsBind::new(name(ALICE), PASSWORD);
    let mut user = UserAgent::bind(call, &bind).await.expect("a bind").0;
    user.summarize(&SummarizeArgument::default()).await.expect("a summary");
    user.list(&ListArgument::default()).await.expect("a list");
    peers::content(&mut user, 1).await.expect("a content");
    let numbers = |numbers: &[u32]| {
        let numbers = numbers.iter().map(|number| SequenceNumber(*number));
        DeleteArgument::from(DeleteItems::SequenceNumbers(numbers.collect()))
    };
    user.delete(&numbers(&[1, 2])).await.expect("a delete");
    user.delete(&numbers(&[7])).await.expect_err("there is no such entry");
    user.submit(&message().into()).await.expect("a submission");
    user.probe(&probe()).await.expect("a probe");
    user.cancel(&identifier("message")).await.expect("a cancellation");
    let register =
        Register88 { deliverable_maximum_content_length: Some(1000), ..Register88::default() };
    user.call(mts_access::OP_REGISTER, &register).await.expect("it is registered");
    let changed = user.call(mts_access::OP_CHANGE_CREDENTIALS, &wrong()).await;
    changed.expect_err("the password is another one");
    user.unbind().await.expect("an unbind");
}

/// The MTA obeys a delivery-control, and delivers messages of these names.
async fn deliver(call: CallOptions, names: &[&str]) -> Mta {
    let mut mta = Mta::bind(call, &MtsBind::new(MTA, PASSWORD)).await.expect("a bind").0;
    let control = mta.next().await.expect("a delivery-control");
    let waiting = Waiting::default().to_rope();
    mta.result(control.invoke_id, waiting).await.expect("an answer");
    for name in names {
        let content = peers::short_message(name);
        mta.deliver(peers::argument(name, content)).await.expect("a delivery");
    }
    mta
}

/// All that the guide names, through a store that submits to an MTA; what is logged of it.
async fn converse() -> Vec<Record> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let directory = directory(&format!(
        "[limits]\ndelivered_content_octets = 100000\n\
         [mta]\npresentation_address = \"Internet=127.0.0.1+{port}\"\nname = \"{MTA}\"\n{LOGGING}"
    ));
    let process = start(directory.path());
    let call = || peers::call(&process.address());
    let submissions = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let asking = Asking::over(stream, ListenOptions::default()).await.expect("a bind");
        answer_all(&mut asking.accept(MTA, "").await.expect("an association")).await;
    });
    let mut bind = MsBind::new(name(ALICE), PASSWORD);
    bind.edition = Edition::E1994;
    let mut alerted = UserAgent::bind(call(), &bind).await.expect("a bind").0;
    alerted.register_ms(&registration()).await.expect("a registration");
    let mta = deliver(call(), &["first", "second"]).await;
    alerted.alert().await.expect("an alert");
    alerted.alert().await.expect("an alert");
    mta.unbind().await.expect("an unbind");
    use_store(call()).await;
    let mut mta = deliver(call(), &[]).await;
    let delivered = ReportType::Delivery(DeliveryReport {
        message_delivery_time: UtcTime(1_790_000_000),
        type_of_mts_user: TypeOfMTSUser::MS,
    });
    let mut report = compose::report(identifier("message"), [], [(name(BOB), delivered)]);
    report.content_identifier = Some(ContentIdentifier("c1".into()));
    mta.report(report.to_rope()).await.expect("a report");
    let mut refused = peers::delivery("third", peers::short_message("third"));
    refused.other_fields.this_recipient_name = name("/CN=Nobody/C=GB/");
    mta.deliver(refused.to_rope()).await.expect_err("there is no such user");
    mta.unbind().await.expect("an unbind");
    let stranger = MsBind::new(name("/CN=Nobody/C=GB/"), PASSWORD);
    assert!(UserAgent::bind(call(), &stranger).await.is_err());
    process.terminate();
    submissions.await.expect("the store submits over one association");
    records(directory.path())
}

/// The time that everything is said to have happened at.
const TIME: &str = "2026-09-21T14:13:20Z";
const USER: &str = "/CN=Alice/OU1=Ops/O=Example/PRMD=PEER/C=GB/";
const STORE: &str = "/CN=Restante/C=XX/";
const MAILBOX: &str = "/cn=alice/ou1=ops/o=example/prmd=peer/c=gb/";
const P22: &str = "interpersonal-messaging-1988";
const TAKEN: &str = "[/PRMD=PEER/ADMD= /C=GB/;message]";

/// Pairs of a record.
type Pairs = &'static [(&'static str, &'static str)];

/// For each keyword the records that there are, in their order, with pairs of each.
const EXPECTED: &[(Keyword, &[Pairs])] = &[
    (
        Keyword::Bind,
        &[
            &[("bindtype", "by UA"), ("p7serverdn", STORE), ("uaname", USER), ("result", "ok")],
            &[("bindtype", "by MTA"), ("p7serverdn", STORE), ("mtaname", MTA), ("result", "ok")],
            &[("bindtype", "by UA"), ("uaname", USER)],
            &[
                ("bindtype", "to MTA"),
                ("p7serverdn", STORE),
                ("p3serverdn", MTA),
                ("result", "ok"),
            ],
            &[("bindtype", "by MTA")],
            &[("uaname", "/CN=Nobody/C=GB/"), ("result", "nobody is called /CN=Nobody/C=GB/")],
        ],
    ),
    (Keyword::List, &[&[("mailbox", MAILBOX), ("entries", "2"), ("result", "ok")]]),
    (Keyword::Summarize, &[&[("mailbox", MAILBOX), ("result", "ok")]]),
    (Keyword::Fetch, &[&[("p7-seqnum", "1"), ("mailbox", MAILBOX), ("result", "ok")]]),
    (
        Keyword::Delete,
        &[
            &[("p7-seqnum", "1-2"), ("mailbox", MAILBOX), ("result", "ok")],
            &[("p7-seqnum", "7"), ("result", "sequence-number-error: no-such-entry 7")],
        ],
    ),
    (Keyword::RegisterMs, &[&[("result", "ok")]]),
    (
        Keyword::SubmitMessage,
        &[&[
            ("invokeid", "1"),
            ("content-type", P22),
            ("content-id", "c1"),
            ("IOB-type", "IPM"),
            // What T.61 does not have is not there; what is there makes no second line.
            ("subject", "one\nBIND 9-9 2J"),
            ("ipmid", "one\nBIND 9-9 \u{1b}[2J of /CN=Carol/O=Acme/PRMD=ACME/C=GB/"),
            ("octets", "222"),
        ]],
    ),
    (
        Keyword::SubmitMessageResult,
        &[&[
            ("invokeid", "1"),
            ("p1msgid", TAKEN),
            ("submission-time", TIME),
            ("content-id", "c1"),
            ("result", "ok"),
        ]],
    ),
    (Keyword::SubmitProbe, &[&[("invokeid", "2"), ("content-type", P22), ("content-id", "c1")]]),
    (
        Keyword::SubmitProbeResult,
        &[&[
            ("invokeid", "2"),
            ("p1msgid", "[/PRMD=PEER/ADMD= /C=GB/;probe]"),
            ("submission-time", TIME),
            ("content-id", "c1"),
            ("result", "ok"),
        ]],
    ),
    (Keyword::CancelDeferredDelivery, &[&[("msgid", TAKEN), ("result", "ok")]]),
    (
        Keyword::DeliverMessage,
        &[
            &[
                ("p1msgid", "[/PRMD=ACME/ADMD= /C=GB/;first]"),
                ("delivery-time", TIME),
                ("p7-seqnum", "1"),
                ("originator", "/CN=Carol/O=Acme/PRMD=ACME/C=GB/"),
                ("octets", "198"),
                ("mailbox", MAILBOX),
            ],
            &[("content-id", "second"), ("p7-seqnum", "2"), ("mtaname", MTA), ("result", "ok")],
            &[
                ("p1msgid", "[/PRMD=ACME/ADMD= /C=GB/;third]"),
                ("mtaname", MTA),
                ("result", "security-error: unauthorised-recipient-name"),
            ],
        ],
    ),
    (
        Keyword::DeliverReport,
        &[&[("subjectmsgid", TAKEN), ("content-id", "c1"), ("p7-seqnum", "3"), ("result", "ok")]],
    ),
    (
        Keyword::DeliveryControl,
        &[&[("mtaname", MTA), ("result", "ok")], &[("result", "ok")], &[("result", "ok")]],
    ),
    (Keyword::ChangeCredentials, &[&[("result", "old-credentials-incorrectly-specified")]]),
    (Keyword::Register, &[&[("mailbox", MAILBOX), ("result", "ok")]]),
    (Keyword::Alert, &[&[("p7-seqnum", "1")], &[("p7-seqnum", "2")], &[("p7-seqnum", "3")]]),
];

#[test]
fn each_keyword_has_its_pairs() {
    let records = runtime().block_on(converse());
    for (keyword, expected) in EXPECTED {
        let found = of(&records, *keyword);
        assert_eq!(found.len(), expected.len(), "{keyword}: {found:#?}");
        for (record, pairs) in found.iter().zip(*expected) {
            assert!(record.time.is_some());
            assert_has(record, pairs);
        }
    }
    // Each association that was bound ends once, and what it did is known by its identifier.
    let bound = of(&records, Keyword::Bind).into_iter().filter(|bind| is_ok(bind));
    let mut bound: Vec<_> = bound.map(|bind| &*bind.association).collect();
    let ended = of(&records, Keyword::Unbind);
    let mut ended: Vec<_> = ended.iter().map(|unbind| &*unbind.association).collect();
    ended.sort_unstable();
    bound.sort_unstable();
    assert_eq!(ended, bound);
    assert!(
        records
            .iter()
            .filter(|record| is_ok(record))
            .all(|record| { bound.contains(&&*record.association) })
    );
    let ends = of(&records, Keyword::Unbind);
    assert_eq!(ends.iter().filter(|unbind| is_ok(unbind)).count(), 4);
}

fn is_ok(record: &Record) -> bool {
    record.value("result") == Some("ok")
}
