//! The operations of P3 and P7 in each application-context of X.419, read by `tshark`: delivery,
//! submission, retrieval and administration, both ways, with RTSE and without.

use crate::store::{directory, runtime, start};
use restante_ber::{Encode, Null, Rope, UtcTime};
use restante_client::capture::Capture;
use restante_client::p3::MtsBind;
use restante_client::p7::MsBind;
use restante_client::{Asking, CallOptions, ListenOptions, Mta, UserAgent, compose};
use restante_mhs::x411::{
    ChangeCredentialsArgument, Credentials, DeliveryControlResult, DeliveryReport, MTSIdentifier,
    MessageSubmissionResult, PerMessageIndicators, ProbeSubmissionEnvelope, ProbeSubmissionResult,
    Register88, RegisterArgument, RegisterResult, RegistrationTypes, ReportType,
    SubmissionControlArgument, TypeOfMTSUser, Waiting,
};
use restante_mhs::x413::{
    DeleteArgument, DeleteItems, EntryModification, ListArgument, Modification, ModifyArgument,
    ModifyEntries, RegisterMSArgument, SequenceNumber, SummarizeArgument, oids as ms,
};
use restante_mhs::x419::{
    APPLICATION_CONTEXTS, ApplicationContext, Edition, Protocol, ms_access, mts_access,
};
use restante_osi::x880::Code;
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, MTA, PASSWORD};
use restante_testkit::tshark::{Dissection, Excuse, Gap};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tokio::net::TcpListener;

/// No fault of what `tshark` reads whole.
const EXCUSES: &[Excuse] = &[Excuse {
    line: "(unknown content-type)",
    reason: "the dissector reads the attribute content only behind a content-type of P1 or P3",
}];

/// What `tshark` must show by name, at least so often in each edition: P3 in two contexts, P7 in
/// one, and the store's own association with its MTA.
const EXPECTED: &[(&str, usize)] = &[
    ("MTSBindArgument", 3),
    ("MTSBindResult", 3),
    ("MessageDeliveryArgument", 2),
    ("MessageDeliveryResult", 2),
    ("ReportDeliveryArgument", 2),
    // Delivery-control: of the two operations with code 2 it has the name of the other.
    ("SubmissionControlArgument", 3),
    ("SubmissionControlResult", 3),
    ("ChangeCredentialsArgument", 2),
    ("old-credentials-incorrectly-specified", 2),
    ("MSBindArgument", 1),
    ("MSBindResult", 1),
    ("ListArgument", 1),
    ("ListResult", 1),
    ("SummarizeArgument", 1),
    ("SummarizeResult", 1),
    ("FetchArgument", 1),
    ("FetchResult", 1),
    ("DeleteArgument", 1),
    ("Register-MSArgument", 1),
    ("MSMessageSubmissionArgument", 1),
    ("MSMessageSubmissionResult", 1),
    ("MessageSubmissionArgument", 2),
    ("MessageSubmissionResult", 2),
    ("subject: contexts", 3),
];

const IMPLICIT: &str = "it takes the implicit tags of what COMPONENTS OF brings for explicit ones";
const P7_OPERATIONS: &str = "in id-as-msse it looks for P7's operations, of which it has only two";

/// What it can't read, without RTSE and with it.
const GAPS: &[Gap] = &[
    Gap {
        line: "Malformed",
        apdu: "invoke 4",
        behind: "built-in: interpersonal-messaging-1988 (22)",
        reason: IMPLICIT,
    },
    Gap {
        line: "Malformed",
        apdu: "returnResult 4",
        behind: "local-identifier: probe",
        reason: IMPLICIT,
    },
    Gap {
        line: "BER Error: UTCTime expected",
        apdu: "returnResult 4",
        behind: "local-identifier: probe",
        reason: IMPLICIT,
    },
    Gap {
        line: "Malformed",
        apdu: "invoke 1",
        behind: "RegisterArgument",
        reason: REGISTER_OF_1994,
    },
    Gap {
        line: "BER Error: Unknown field in SET class:CONTEXT(2) tag:1",
        apdu: "invoke 1",
        behind: "RegisterArgument",
        reason: REGISTER_OF_1994,
    },
    unread("invoke 7", P7_OPERATIONS),
    undecoded("invoke 7", P7_OPERATIONS),
    unread("returnResult 7", P7_OPERATIONS),
    undecoded("returnResult 7", P7_OPERATIONS),
];

const REGISTER_OF_1994: &str = "it has register of 1994 alone, in which 1988's limit has no place";
const RTSE_OF_P7: &str = "it looks for the operation of a reliable transfer in the \
    abstract-syntax of the bind, where P7's has none of administration";

/// What it can't read without RTSE.
const GAPS_PLAIN: &[Gap] = &[
    unread("invoke 2", P7_OPERATIONS),
    undecoded("invoke 2", P7_OPERATIONS),
    unread("returnResult 2", P7_OPERATIONS),
    undecoded("returnResult 2", P7_OPERATIONS),
];

/// What it can't read with RTSE.
const GAPS_RELIABLE: &[Gap] = &[
    unread("invoke 1", RTSE_OF_P7),
    undecoded("invoke 1", RTSE_OF_P7),
    unread("returnResult 1", RTSE_OF_P7),
    undecoded("returnResult 1", RTSE_OF_P7),
    unread("invoke 8", RTSE_OF_P7),
    undecoded("invoke 8", RTSE_OF_P7),
    unread("returnError", RTSE_OF_P7),
    undecoded("returnError", RTSE_OF_P7),
];

/// An operation that it does not know.
const fn unread(apdu: &'static str, reason: &'static str) -> Gap {
    Gap { line: "ROS: Dissector for OID", apdu, behind: SERVICE, reason }
}

/// What it says below that.
const fn undecoded(apdu: &'static str, reason: &'static str) -> Gap {
    Gap { line: "[Group: Undecoded]", apdu, behind: SERVICE, reason }
}

/// What it comes to before it looks for an operation.
const SERVICE: &str = "X.413 Message Store Service";

/// The operations that must be invoked in a context.
fn operations(context: &ApplicationContext) -> BTreeSet<i64> {
    let delivery = [2, 5, 6, 8];
    let submission = [1, 2, 3, 4, 7];
    let retrieval = [20, 21, 22, 23, 24, 25];
    let modify = (context.edition == Edition::E1994).then_some(ms_access::OP_MODIFY);
    match (context.protocol, context.forced) {
        (Protocol::P3, true) => delivery.into(),
        (Protocol::P3, false) => delivery.into_iter().chain(submission).collect(),
        (Protocol::P7, _) => [1, 3, 4, 7, 8].into_iter().chain(retrieval).chain(modify).collect(),
    }
}

/// Credentials that nobody has.
pub(crate) fn wrong() -> ChangeCredentialsArgument {
    let wrong = Credentials::Simple("wrong".into());
    ChangeCredentialsArgument { old_credentials: wrong.clone(), new_credentials: wrong }
}

pub(crate) fn identifier(local: &str) -> MTSIdentifier {
    compose::mts_identifier(&name(ALICE).address, local)
}

/// The answer of an MTA, or of a store's MTA, to what is invoked on it.
fn answer(operation: &Code, edition: Edition) -> Rope {
    let time = UtcTime(1_790_000_000);
    match (operation, edition) {
        (Code::Local(mts_access::OP_MESSAGE_SUBMISSION), _) => MessageSubmissionResult {
            message_submission_identifier: identifier("message"),
            message_submission_time: time,
            content_identifier: None,
            extensions: Default::default(),
        }
        .to_rope(),
        (Code::Local(mts_access::OP_PROBE_SUBMISSION), _) => ProbeSubmissionResult {
            probe_submission_identifier: identifier("probe"),
            probe_submission_time: time,
            content_identifier: None,
            extensions: Default::default(),
        }
        .to_rope(),
        (Code::Local(mts_access::OP_DELIVERY_CONTROL), Edition::E1988) => {
            Waiting::default().to_rope()
        }
        (Code::Local(mts_access::OP_DELIVERY_CONTROL), Edition::E1994) => {
            DeliveryControlResult::default().to_rope()
        }
        (Code::Local(mts_access::OP_REGISTER), Edition::E1994) => {
            RegisterResult::EmptyResult(Null).to_rope()
        }
        _ => Null.to_rope(),
    }
}

/// Takes away restrictions that there are not.
const NO_CONTROLS: SubmissionControlArgument = SubmissionControlArgument {
    restrict: false,
    permissible_operations: None,
    permissible_maximum_content_length: None,
    permissible_lowest_priority: None,
    permissible_content_types: None,
    permissible_encoded_information_types: None,
    permissible_security_context: None,
};

/// Answers what is invoked, up to the end of the association.
pub(crate) async fn answer_all(mta: &mut Mta) {
    let edition = mta.context().edition;
    while let Ok(indication) = mta.next().await {
        let result = answer(&indication.operation, edition);
        mta.result(indication.invoke_id, result).await.expect("an answer");
    }
}

/// An MTA delivers a message and a report, is told what is held, and fails to change its password.
async fn deliver(call: CallOptions, bind: &MtsBind) {
    let mut mta = Mta::bind(call, bind).await.expect("a bind").0;
    let control = mta.next().await.expect("a delivery-control");
    let result = answer(&control.operation, bind.edition);
    mta.result(control.invoke_id, result).await.expect("an answer");
    let content = peers::short_message("contexts");
    mta.deliver(peers::argument("contexts", content)).await.expect("a delivery");
    let history = [ALICE, BOB].map(|one| (name(one), UtcTime(1_790_000_000)));
    let delivered = ReportType::Delivery(DeliveryReport {
        message_delivery_time: UtcTime(1_790_000_000),
        type_of_mts_user: TypeOfMTSUser::MS,
    });
    let report = compose::report(identifier("message"), history, [(name(BOB), delivered)]);
    mta.report(report.to_rope()).await.expect("a report");
    mta.change_credentials(&wrong()).await.expect_err("the password is another one");
    mta.unbind().await.expect("an unbind");
}

/// A user retrieves and submits, and is alerted of what comes meanwhile.
async fn use_store(call: CallOptions, bind: &MsBind, mta: CallOptions) {
    let mut user = UserAgent::bind(call, bind).await.expect("a bind").0;
    let mut mta = peers::mta(mta).await.expect("a bind");
    mta.deliver(peers::argument("alert", peers::short_message("alert"))).await.expect("it is");
    mta.unbind().await.expect("an unbind");
    user.alert().await.expect("an alert");
    user.register_ms(&RegisterMSArgument::default()).await.expect("nothing is registered");
    user.summarize(&SummarizeArgument::default()).await.expect("a summary");
    user.list(&ListArgument::default()).await.expect("a list");
    peers::content(&mut user, 1).await.expect("a content");
    if bind.edition == Edition::E1994 {
        modify(&mut user).await;
    }
    let items = DeleteItems::SequenceNumbers([SequenceNumber(1)].into_iter().collect());
    user.delete(&DeleteArgument::from(items)).await.expect("a delete");
    let content = peers::short_message("contexts");
    let message = compose::submission(name(ALICE), [name(BOB)], content);
    user.submit(&message.into()).await.expect("a submission");
    user.unbind().await.expect("an unbind");
}

/// A user does what `tshark` can't read whole.
async fn use_more(call: CallOptions, bind: &MsBind) {
    let mut user = UserAgent::bind(call, bind).await.expect("a bind").0;
    let message = compose::submission(bind.name.clone(), [name(ALICE)], Rope::new());
    let message = message.envelope.into_value();
    let probe = ProbeSubmissionEnvelope {
        originator_name: message.originator_name,
        original_encoded_information_types: None,
        content_type: message.content_type,
        content_identifier: None,
        content_length: Some(1000),
        per_message_indicators: PerMessageIndicators::default(),
        extensions: message.extensions,
        per_recipient_fields: message.per_recipient_fields,
    };
    user.probe(&probe.into()).await.expect("a probe");
    user.cancel(&identifier("message")).await.expect("a cancellation");
    let register = mts_access::OP_REGISTER;
    let registered = match bind.edition {
        Edition::E1988 => {
            let length = Some(1000);
            let argument =
                Register88 { deliverable_maximum_content_length: length, ..Default::default() };
            user.call(register, &argument).await
        }
        Edition::E1994 => {
            let retrieve_registrations = Some(RegistrationTypes::default());
            let argument = RegisterArgument { retrieve_registrations, ..Default::default() };
            user.call(register, &argument).await
        }
    };
    registered.expect("it is registered");
    let changed = user.call(mts_access::OP_CHANGE_CREDENTIALS, &wrong()).await;
    changed.expect_err("the password is another one");
    user.unbind().await.expect("an unbind");
}

/// Takes a note away that is not there.
async fn modify(user: &mut UserAgent) {
    let modification = Modification::RemoveAttribute(ms::ID_ATT_MESSAGE_NOTES);
    let argument = ModifyArgument {
        entry_class: Default::default(),
        entries: ModifyEntries::Selector(Default::default()),
        modifications: vec![EntryModification { strict: false, modification }],
        modify_extensions: None,
    };
    user.modify(&argument).await.expect("nothing is modified");
}

/// Uses a store in the contexts of an edition, with RTSE or without.
async fn converse(edition: Edition, reliable: bool, [whole, gaps]: &[Capture; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let bind = MtsBind { edition, reliable, forced: false, ..MtsBind::new(MTA, PASSWORD) };
    let directory = directory(&format!(
        "[limits]\ndelivered_content_octets = 100000\n[mta]\napplication_context = \"{}\"\n\
         presentation_address = \"Internet=127.0.0.1+{}\"\n",
        bind.context().name,
        listener.local_addr().expect("an address").port(),
    ));
    let process = start(directory.path());
    let call = |capture: &Capture| {
        let mut call = peers::call(&process.address());
        call.capture = Some(capture.clone());
        call
    };
    let captures = [whole, gaps].map(|capture| Some(capture.clone()));
    let submissions = tokio::spawn(async move {
        let mut serving = Vec::new();
        for (number, capture) in captures.into_iter().enumerate() {
            let (stream, _) = listener.accept().await.expect("a connection");
            let options = ListenOptions { capture, ..ListenOptions::default() };
            serving.push(tokio::spawn(async move {
                let asking = Asking::over(stream, options).await.expect("a bind");
                let mut store = asking.accept(MTA, "").await.expect("an association");
                if number == 1 {
                    store.control(&NO_CONTROLS).await.expect("it is obeyed");
                }
                answer_all(&mut store).await;
            }));
        }
        for store in serving {
            store.await.expect("no panic");
        }
    });
    for forced in [true, false] {
        deliver(call(whole), &MtsBind { forced, ..bind.clone() }).await;
    }
    let mut user = peers::alice(peers::call(&process.address())).await.expect("a bind");
    user.register_ms(&crate::alert::registration()).await.expect("a registration");
    user.unbind().await.expect("an unbind");
    // Each of them has an association with the MTA, too.
    let bind = |user| MsBind { edition, reliable, ..MsBind::new(name(user), PASSWORD) };
    use_store(call(whole), &bind(ALICE), peers::call(&process.address())).await;
    use_more(call(gaps), &bind(BOB)).await;
    process.terminate();
    submissions.await.expect("the store submits over two associations");
}

/// All contexts, with RTSE or without.
fn judge(reliable: bool) -> Dissection {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let files = ["whole.pcap", "gaps.pcap"].map(|file| directory.path().join(file));
    runtime().block_on(async {
        let create = |file: &PathBuf| Capture::create(file).expect("a file can be made");
        let captures = files.each_ref().map(create);
        for edition in [Edition::E1988, Edition::E1994] {
            converse(edition, reliable, &captures).await;
        }
    });
    let [whole, gaps] = files.map(|file| Dissection::of_all_contexts(&file, reliable));
    let more = if reliable { GAPS_RELIABLE } else { GAPS_PLAIN };
    let allowed: Vec<_> = GAPS.iter().chain(more).copied().collect();
    let complaints = [whole.complaints(EXCUSES), gaps.complaints_beside(&[], &allowed)].concat();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
    let seldom = |(text, times): &&(&str, usize)| whole.count(text) < 2 * times;
    let seldom: Vec<_> = EXPECTED.iter().filter(seldom).collect();
    assert!(seldom.is_empty(), "too seldom: {seldom:?}");
    let [mut invoked, more] = [whole.operations(), gaps.operations()];
    for (context, codes) in more {
        invoked.entry(context).or_default().extend(codes);
    }
    for context in APPLICATION_CONTEXTS.iter().filter(|context| context.reliable == reliable) {
        let found = invoked.get(&context.oid().to_string()).cloned().unwrap_or_default();
        assert_eq!(found, operations(context), "{}", context.name);
    }
    whole
}

#[test]
fn tshark_reads_the_operations_of_every_context() {
    judge(false);
}

#[test]
fn tshark_reads_the_operations_of_every_context_with_rtse() {
    let whole = judge(true);
    for text in ["Reassembled RTSE", "rtorq-apdu", "rtoac-apdu"] {
        assert!(whole.count(text) > 0, "`{text}`");
    }
}
