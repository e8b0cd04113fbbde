//! Auto-alert and auto-forward in the real process: who is bound is told of what comes as soon as
//! it is acknowledged, in each edition and over each association; `tshark` reads it.

use crate::store::{directory, runtime, start};
use restante_ber::{Decode, Encode, SetOf, TeletexString};
use restante_client::{
    Asking, CallOptions, ClientError, ListenOptions, UserAgent, capture::Capture, compose,
    p7::MsBind,
};
use restante_mhs::x411::{MessageSubmissionArgument, MessageSubmissionResult};
use restante_mhs::x413::{
    AlertArgument, AttributeValue, AutoActionDeregistration, AutoActionRegistration,
    AutoAlertRegistrationParameter, MSBindResult, RegisterMSArgument, oids as ms,
};
use restante_mhs::x419::{Edition, mts_access};
use restante_mhs::x420::{InformationObject, oids as ipms};
use restante_osi::x880::Code;
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, PASSWORD, Process};
use restante_testkit::tshark::{Dissection, Excuse};
use std::time::Duration;
use tokio::net::TcpListener;

/// Registers an auto-alert that tells subject and priority.
pub(crate) fn registration() -> RegisterMSArgument {
    let selection = [ipms::ID_HAT_SUBJECT, ms::ID_ATT_PRIORITY].map(Into::into);
    let parameter = AutoAlertRegistrationParameter {
        filter: None,
        alert_destinations: None,
        requested_attributes: Some(selection.into_iter().collect()),
        suppress_alert_destinations: true,
    };
    register(ms::ID_ACT_AUTO_ALERT, &parameter)
}

fn register(auto_action_type: restante_ber::Oid, parameter: &impl Encode) -> RegisterMSArgument {
    let registration = AutoActionRegistration {
        auto_action_type,
        registration_identifier: 1,
        registration_parameter: Some(AttributeValue::of(parameter)),
    };
    RegisterMSArgument {
        auto_action_registrations: Some(SetOf(vec![registration])),
        ..RegisterMSArgument::default()
    }
}

async fn bind(options: CallOptions, edition: Edition) -> (UserAgent, MSBindResult) {
    let mut bind = MsBind::new(name(ALICE), PASSWORD);
    bind.edition = edition;
    UserAgent::bind(options, &bind).await.expect("a bind")
}

/// The subject that an alert tells.
fn subject(alert: &AlertArgument) -> String {
    let entry = alert.new_entry.as_ref().expect("an entry");
    let value = peers::value(entry, &ipms::ID_HAT_SUBJECT).expect("a subject");
    TeletexString::from_bytes(&value.octets()).expect("teletex").0
}

async fn deliver(process: &Process, subjects: &[&str]) {
    let mut mta = peers::mta(peers::call(&process.address())).await.expect("a bind");
    for subject in subjects {
        let argument = peers::argument(subject, peers::short_message(subject));
        mta.deliver(argument).await.expect("a delivery");
    }
    mta.unbind().await.expect("an unbind");
}

#[test]
fn all_associations_of_a_user_are_alerted_and_tshark_reads_it() {
    let directory = directory("");
    let process = start(directory.path());
    let file = directory.path().join("alert.pcap");
    runtime().block_on(async {
        let mut options = peers::call(&process.address());
        options.capture = Some(Capture::create(&file).expect("a capture"));
        let (mut one, _) = bind(options, Edition::E1988).await;
        let (mut other, _) = bind(peers::call(&process.address()), Edition::E1994).await;
        one.register_ms(&registration()).await.expect("a registration");
        deliver(&process, &["first", "second"]).await;
        for user_agent in [&mut one, &mut other] {
            for expected in ["first", "second"] {
                let alert = user_agent.alert().await.expect("an alert");
                assert_eq!(
                    (alert.alert_registration_identifier, subject(&alert).as_str()),
                    (1, expected)
                );
            }
        }
        // The association is as good as before.
        assert_eq!(peers::list(&mut one).await.expect("a list").len(), 2);
        other.unbind().await.expect("an unbind");
        one.unbind().await.expect("an unbind");
    });
    let dissection = Dissection::of(&file);
    let complaints = dissection.complaints(EXCUSES);
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
    assert_eq!(dissection.count("[Group: Malformed]"), 1, "of the one parameter");
    for (text, times) in
        [("Register-MSArgument", 1), ("AlertArgument", 2), ("SubjectField: first", 1)]
    {
        assert!(dissection.count(text) >= times, "`{text}`:\n{}", dissection.text());
    }
}

const NO_PARAMETERS: &str = "the dissector knows no registration-parameters, and stops at them";
const EXCUSES: &[Excuse] = &[
    Excuse { line: "Dissector for OID not implemented", reason: NO_PARAMETERS },
    Excuse { line: "[Group: Undecoded]", reason: NO_PARAMETERS },
    Excuse { line: "lies beyond the end of the known sequence", reason: NO_PARAMETERS },
    Excuse { line: "[Group: Malformed]", reason: NO_PARAMETERS },
];

#[test]
fn what_nobody_was_bound_for_is_indicated_at_the_next_bind() {
    let directory = directory("");
    let process = start(directory.path());
    runtime().block_on(async {
        let call = || peers::call(&process.address());
        let (mut alice, result) = bind(call(), Edition::E1988).await;
        assert!(!result.alert_indication);
        alice.register_ms(&registration()).await.expect("a registration");
        alice.unbind().await.expect("an unbind");
        deliver(&process, &["nobody is there"]).await;
        let (alice, result) = bind(call(), Edition::E1988).await;
        assert!(result.alert_indication);
        alice.unbind().await.expect("an unbind");
        let (mut alice, result) = bind(call(), Edition::E1988).await;
        assert!(!result.alert_indication);
        let going = AutoActionDeregistration {
            auto_action_type: ms::ID_ACT_AUTO_ALERT,
            registration_identifier: 1,
        };
        let argument = RegisterMSArgument {
            auto_action_deregistrations: Some(SetOf(vec![going])),
            ..RegisterMSArgument::default()
        };
        alice.register_ms(&argument).await.expect("a deregistration");
        alice.unbind().await.expect("an unbind");
        deliver(&process, &["nothing is registered"]).await;
        assert!(!bind(call(), Edition::E1988).await.1.alert_indication);
    });
}

/// A user agent that takes no alerts loses none of which it is not told.
#[test]
fn a_user_agent_that_is_slow_gets_what_has_room_and_the_rest_is_indicated() {
    const SENT: usize = 100;
    let directory = directory("");
    let process = start(directory.path());
    runtime().block_on(async {
        let call = || peers::call(&process.address());
        let (mut slow, _) = bind(call(), Edition::E1988).await;
        slow.register_ms(&registration()).await.expect("a registration");
        let subjects: Vec<String> = (0..SENT).map(|n| format!("n{n}")).collect();
        let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
        // It answers nothing meanwhile: 16 are on their way to it, 64 wait.
        deliver(&process, &subjects).await;
        for expected in &subjects[..80] {
            assert_eq!(subject(&slow.alert().await.expect("an alert")), *expected);
        }
        slow.unbind().await.expect("an unbind");
        assert!(bind(call(), Edition::E1988).await.1.alert_indication);
    });
}

#[test]
fn an_alert_that_a_kill_interrupts_is_indicated_at_the_next_bind() {
    let directory = directory("");
    let process = start(directory.path());
    runtime().block_on(async {
        // It answers nothing until it is asked for alerts.
        let (mut alice, _) = bind(peers::call(&process.address()), Edition::E1994).await;
        alice.register_ms(&registration()).await.expect("a registration");
        deliver(&process, &["on its way"]).await;
        process.kill();
        let process = start(directory.path());
        let (mut alice, result) = bind(peers::call(&process.address()), Edition::E1994).await;
        assert!(result.alert_indication);
        deliver(&process, &["taken"]).await;
        assert_eq!(subject(&alice.alert().await.expect("an alert")), "taken");
        alice.unbind().await.expect("an unbind");
        assert!(!bind(peers::call(&process.address()), Edition::E1994).await.1.alert_indication);
    });
}

#[test]
fn what_is_forwarded_outlives_a_kill_and_an_mta_that_is_down() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let directory = directory(&format!(
            "[mta]\npresentation_address = \"Internet=127.0.0.1+{}\"\nname = \"mta1\"\n",
            address.port()
        ));
        drop(listener);
        let process = start(directory.path());
        let (mut alice, _) = bind(peers::call(&process.address()), Edition::E1994).await;
        let to = name("/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/");
        let parameter = peers::auto_forward(name(ALICE), to);
        let argument = register(ms::ID_ACT_IPM_AUTO_FORWARD, &parameter);
        alice.register_ms(&argument).await.expect("a registration");
        deliver(&process, &["go on"]).await;
        process.event("can't be reached");
        process.kill();
        let process = start(directory.path());
        let listener = TcpListener::bind(address).await.expect("the same port");
        // An MTA whose answer is lost gets the same again.
        let first = {
            let mut store = accept(&listener).await;
            let octets = submission(&mut store).await.1;
            process.kill();
            octets
        };
        let _process = start(directory.path());
        let mut store = accept(&listener).await;
        let (invoke_id, again) = submission(&mut store).await;
        assert_eq!(again, first, "octet for octet");
        let argument = MessageSubmissionArgument::from_bytes(&again.into()).expect("its type");
        let content = InformationObject::from_bytes(&argument.content.to_bytes());
        let InformationObject::Ipm(message) = content.expect("a content") else {
            panic!("no message");
        };
        assert!(message.heading.auto_forwarded);
        assert_eq!(message.heading.subject_text().as_deref(), Some("go on"));
        let result = MessageSubmissionResult {
            message_submission_identifier: compose::mts_identifier(&name(ALICE).address, "one"),
            message_submission_time: restante_ber::UtcTime(1_790_000_000),
            content_identifier: None,
            extensions: Default::default(),
        };
        store.result(invoke_id, result.to_rope()).await.expect("an answer");
    });
}

async fn accept(listener: &TcpListener) -> restante_client::Mta {
    let (stream, _) = listener.accept().await.expect("a connection");
    let patience = Some(Duration::from_secs(60));
    let options = ListenOptions { patience, ..ListenOptions::default() };
    let asking = Asking::over(stream, options).await.expect("a bind");
    asking.accept("mta1", "").await.expect("an association")
}

async fn submission(store: &mut restante_client::Mta) -> (i64, Vec<u8>) {
    let indication = match store.next().await {
        Ok(indication) => indication,
        Err(ClientError::Ended) => panic!("the store has gone"),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(indication.operation, Code::Local(mts_access::OP_MESSAGE_SUBMISSION));
    (indication.invoke_id, indication.argument.expect("an argument").to_vec())
}
