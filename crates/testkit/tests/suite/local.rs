//! Two users of a store without an MTA write to each other, through the real process: at once, and
//! later, whenever it is killed.

use crate::store::{directory, runtime, start};
use restante_ber::{Decode, Oid, UtcTime, oid};
use restante_client::p7::MsBind;
use restante_client::{UserAgent, compose};
use restante_mhs::x411::{
    ContentIdentifier, MessageSubmissionArgument, MessageSubmissionEnvelope,
    PerRecipientReportDeliveryFields, ProbeSubmissionEnvelope, ReportType,
};
use restante_mhs::x413::{
    AttributeSelection, FetchArgument, FetchItem, MSMessageSubmissionResult, SequenceNumber,
};
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, PASSWORD, Process};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

const DAVE: &str = "/CN=Dave/O=Acme/PRMD=ACME/ADMD= /C=GB/";
const CONFIGURATION: &str = "[events]\nseverity = \"debug\"\n";
/// How many messages wait for the same second.
const DEFERRED: usize = 60;

async fn user(process: &Process, who: &str) -> UserAgent {
    let bind = MsBind::new(name(who), PASSWORD);
    UserAgent::bind(peers::call(&process.address()), &bind).await.expect("a bind").0
}

/// A message of Alice's, known again by its content-identifier.
fn message(identifier: &str, to: &[&str]) -> MessageSubmissionEnvelope {
    let to = to.iter().map(|who| name(who));
    let submission = compose::submission(name(ALICE), to, Default::default());
    let mut envelope = submission.envelope.into_value();
    envelope.content_identifier = Some(ContentIdentifier(identifier.into()));
    envelope
}

async fn submit(alice: &mut UserAgent, envelope: MessageSubmissionEnvelope) -> String {
    let content = peers::short_message("hello");
    let argument = MessageSubmissionArgument { envelope: envelope.into(), content };
    match alice.submit(&argument.into()).await.expect("it is taken") {
        MSMessageSubmissionResult::MtsResult(result) => {
            result.base.message_submission_identifier.to_string()
        }
        other => panic!("{other:?}"),
    }
}

/// What a report of Alice's says of each recipient: whether it was reached.
async fn reached(alice: &mut UserAgent, number: u32) -> Vec<bool> {
    const FIELDS: Oid = oid!(2, 6, 4, 3, 30);
    let argument = FetchArgument {
        requested_attributes: Some([AttributeSelection::from(FIELDS)].into_iter().collect()),
        ..FetchArgument::from(FetchItem::Precise(SequenceNumber(number)))
    };
    let fetched = alice.fetch(&argument).await.expect("a report");
    let entry = fetched.entry_information.expect("a report");
    let attributes = entry.attributes.expect("attributes").0;
    let values = attributes.iter().flat_map(|attribute| &attribute.attribute_values);
    let fields = values.map(|value| {
        let fields = PerRecipientReportDeliveryFields::from_bytes(&value.octets());
        matches!(fields.expect("fields").report_type, ReportType::Delivery(_))
    });
    fields.collect()
}

#[test]
fn users_write_to_each_other_and_learn_what_could_not_be_delivered() {
    let directory = directory(CONFIGURATION);
    let process = start(directory.path());
    runtime().block_on(async {
        let mut alice = user(&process, ALICE).await;
        submit(&mut alice, message("one", &[BOB, DAVE, ALICE])).await;
        let mut bob = user(&process, BOB).await;
        assert_eq!(peers::list(&mut bob).await.expect("a list"), [(1, "one".to_owned())]);
        let content = peers::content(&mut bob, 1).await.expect("a content");
        assert_eq!(content, peers::short_message("hello").to_bytes());
        let listed = peers::list(&mut alice).await.expect("a list");
        assert_eq!(listed, [(1, "one".to_owned()), (2, "one".to_owned())]);
        assert_eq!(reached(&mut alice, 2).await, [false], "reports of non-delivery alone");
        let mut probe = message("probe", &[BOB, DAVE]);
        for fields in &mut probe.per_recipient_fields {
            fields.originator_report_request.0.set(3);
        }
        let probe = ProbeSubmissionEnvelope {
            originator_name: probe.originator_name,
            original_encoded_information_types: None,
            content_type: probe.content_type,
            content_identifier: probe.content_identifier,
            content_length: Some(1000),
            per_message_indicators: Default::default(),
            extensions: Default::default(),
            per_recipient_fields: probe.per_recipient_fields,
        };
        alice.probe(&probe.into()).await.expect("it is taken");
        assert_eq!(reached(&mut alice, 3).await, [true, false]);
        assert_eq!(peers::list(&mut bob).await.expect("a list").len(), 1);
    });
    process.terminate();
}

/// What Bob has, each once.
async fn bobs(process: &Process) -> BTreeSet<String> {
    let listed = peers::list(&mut user(process, BOB).await).await.expect("a list");
    let mut once = BTreeSet::new();
    for (number, identifier) in listed {
        assert!(once.insert(identifier.clone()), "{identifier} came again as {number}");
    }
    once
}

#[test]
fn what_is_deferred_comes_once_though_the_process_is_killed_before_meanwhile_and_after() {
    let directory = directory(CONFIGURATION);
    let process = start(directory.path());
    let runtime = runtime();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let at = UtcTime(i64::try_from(now).expect("a time") + 4);
    let deferred = |number: usize| {
        let mut envelope = message(&format!("{number}"), &[BOB]);
        envelope.deferred_delivery_time = Some(at);
        envelope
    };
    let identifiers: Vec<String> = runtime.block_on(async {
        let mut alice = user(&process, ALICE).await;
        let mut identifiers = Vec::new();
        for number in 0..DEFERRED {
            identifiers.push(submit(&mut alice, deferred(number)).await);
        }
        identifiers
    });
    process.kill();
    // Meanwhile: when the first of them, at least, is delivered.
    let process = start(directory.path());
    process.event("delivered to");
    process.kill();
    let process = start(directory.path());
    let delivered = runtime.block_on(bobs(&process));
    for (number, identifier) in identifiers.iter().enumerate() {
        if !delivered.contains(&number.to_string()) {
            process.event(identifier);
        }
    }
    let all: BTreeSet<String> = (0..DEFERRED).map(|number| number.to_string()).collect();
    assert_eq!(runtime.block_on(bobs(&process)), all);
    process.kill();
    let process = start(directory.path());
    assert_eq!(runtime.block_on(bobs(&process)), all);
    process.terminate();
}
