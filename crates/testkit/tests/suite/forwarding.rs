//! Auto-forward in the form of 1994 through the real process: a message, a notification, a report
//! and a content of another type go on to an MTA, and `tshark` reads what they are in.

use crate::store::{directory, runtime, start};
use restante_ber::{Encode, Rope, SetOf, UtcTime};
use restante_client::auto_forward::{AutoForward, Later};
use restante_client::capture::Capture;
use restante_client::{Asking, ListenOptions, Mta, UserAgent, compose, p7::MsBind};
use restante_mhs::x411::{
    BuiltInContentType, DeliveredContentType, MessageSubmissionResult, NonDeliveryDiagnosticCode,
    NonDeliveryReasonCode, NonDeliveryReport, ReportDeliveryArgument, ReportType,
};
use restante_mhs::x413::{AttributeValue, AutoActionRegistration, RegisterMSArgument, oids as ms};
use restante_mhs::x419::{Edition, mts_access};
use restante_mhs::x420::{
    AcknowledgmentMode, IPMAutoForwardOptions, IPMIdentifier, IPN, InformationObject,
    NotificationFields, ReceiptFields,
};
use restante_osi::x880::Code;
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, PASSWORD};
use restante_testkit::tshark::{Dissection, Excuse};
use std::time::Duration;
use tokio::net::TcpListener;

const CAROL: &str = "/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/";
const DAVE: &str = "/CN=Dave/O=Acme/PRMD=ACME/ADMD= /C=GB/";

/// All object types to Dave.
fn registration() -> RegisterMSArgument {
    let options = IPMAutoForwardOptions::of([IPMAutoForwardOptions::FORWARD_ALL_OBJECT_TYPES]);
    let said = AutoForward {
        recipients: vec![DAVE.parse().expect("an address")],
        cover_note: Some("see below".to_owned()),
        later: Some(Later { options, ..Later::default() }),
        ..AutoForward::default()
    };
    let one = AutoActionRegistration {
        auto_action_type: ms::ID_ACT_IPM_AUTO_FORWARD,
        registration_identifier: 1,
        registration_parameter: Some(AttributeValue::of(&said.registration(&name(ALICE)))),
    };
    RegisterMSArgument {
        auto_action_registrations: Some(SetOf(vec![one])),
        ..RegisterMSArgument::default()
    }
}

/// A notification about a message that Alice sent.
fn notification() -> Rope {
    let subject =
        IPMIdentifier { user: Some(name(ALICE)), user_relative_identifier: "hers".into() };
    let read = ReceiptFields {
        receipt_time: UtcTime(1_790_000_000),
        acknowledgment_mode: AcknowledgmentMode::MANUAL,
        suppl_receipt_info: None,
        rn_extensions: None,
    };
    InformationObject::Ipn(IPN {
        subject_ipm: subject,
        ipn_originator: Some(name(CAROL).into()),
        ipm_intended_recipient: None,
        conversion_eits: None,
        notification_extensions: None,
        choice: NotificationFields::ReceiptFields(read),
    })
    .to_rope()
}

/// A report about it: to its originator, through a list.
fn report() -> ReportDeliveryArgument {
    let failed = ReportType::NonDelivery(NonDeliveryReport {
        non_delivery_reason_code: NonDeliveryReasonCode::UNABLE_TO_TRANSFER,
        non_delivery_diagnostic_code: Some(NonDeliveryDiagnosticCode::MTS_CONGESTION),
    });
    let identifier = compose::mts_identifier(&name(ALICE).address, "hers");
    let time = UtcTime(1_790_000_000);
    let history = [(name(ALICE), time), (name("/CN=List/O=Acme/PRMD=ACME/ADMD= /C=GB/"), time)];
    compose::report(identifier, history, [(name(CAROL), failed)])
}

/// Takes what the store submits next.
async fn take(store: &mut Mta, local: &str) {
    let indication = store.next().await.expect("a submission");
    assert_eq!(indication.operation, Code::Local(mts_access::OP_MESSAGE_SUBMISSION));
    let result = MessageSubmissionResult {
        message_submission_identifier: compose::mts_identifier(&name(ALICE).address, local),
        message_submission_time: UtcTime(1_790_000_000),
        content_identifier: None,
        extensions: Default::default(),
    };
    store.result(indication.invoke_id, result.to_rope()).await.expect("an answer");
}

/// What `tshark` must show by name, at least so often.
const EXPECTED: &[(&str, usize)] = &[
    ("MessageSubmissionArgument", 4),
    ("auto-forwarded: True", 4),
    ("see below", 4),
    ("subject: forwarded", 1),
    ("id-et-notification", 1),
    // id-et-report, and id-et-content of a content that X.411 does not name.
    ("direct-reference: 2.6.1.4.14 ", 1),
    ("direct-reference: 2.6.1.4.17.2.6.3.3.0 ", 1),
];

const NO_CONTENT: &str = "the dissector knows no report and no forwarded-content body part";
const EXCUSES: &[Excuse] = &[
    Excuse { line: "Dissector for OID not implemented", reason: NO_CONTENT },
    Excuse { line: "[Group: Undecoded]", reason: NO_CONTENT },
];

#[test]
fn tshark_reads_all_object_types_that_are_forwarded() {
    let runtime = runtime();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let directory = directory(&format!(
        "[mta]\npresentation_address = \"Internet=127.0.0.1+{port}\"\nname = \"mta1\"\n"
    ));
    let process = start(directory.path());
    let file = directory.path().join("forwarding.pcap");
    let call = || peers::call(&process.address());
    runtime.block_on(async {
        let mut bind = MsBind::new(name(ALICE), PASSWORD);
        bind.edition = Edition::E1994;
        let (mut alice, _) = UserAgent::bind(call(), &bind).await.expect("a bind");
        alice.register_ms(&registration()).await.expect("a registration");
        alice.unbind().await.expect("an unbind");
        let mut mta = peers::mta(call()).await.expect("a bind");
        let other = {
            let mut other = peers::delivery("d3", Rope::from(b"UNB+UNOA:1'".to_vec()));
            let edi = DeliveredContentType::BuiltIn(BuiltInContentType::EDI_MESSAGING);
            other.other_fields.content_type = edi;
            other.to_rope()
        };
        let message = peers::argument("d1", peers::short_message("forwarded"));
        for delivery in [message, peers::argument("d2", notification()), other] {
            mta.deliver(delivery).await.expect("a delivery");
        }
        mta.report(report().to_rope()).await.expect("a report");
        mta.unbind().await.expect("an unbind");
        let (stream, _) = listener.accept().await.expect("a connection");
        let options = ListenOptions {
            patience: Some(Duration::from_secs(60)),
            capture: Some(Capture::create(&file).expect("a capture")),
            ..ListenOptions::default()
        };
        let asking = Asking::over(stream, options).await.expect("a bind");
        let mut store = asking.accept("mta1", "").await.expect("an association");
        for local in ["one", "two", "three", "four"] {
            take(&mut store, local).await;
        }
    });
    drop(process);
    let dissection = Dissection::of(&file);
    let complaints = dissection.complaints(EXCUSES);
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
    for (text, times) in EXPECTED {
        assert!(dissection.count(text) >= *times, "`{text}`:\n{}", dissection.text());
    }
}
