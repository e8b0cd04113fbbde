//! Submission through the real process to an MTA on our client library, that takes what it is
//! given and that misbehaves: the user gets the prescribed answer, nothing is submitted twice.

use crate::store::{directory, runtime, start};
use restante_ber::{Decode, Encode, Rope, UtcTime};
use restante_client::{Asking, ClientError, ListenOptions, Mta, UserAgent, compose};
use restante_mhs::x411::{
    Credentials, MTSAbstractError, MTSBindError, MTSIdentifier, MessageSubmissionArgument,
    MessageSubmissionResult, ORName, ObjectName, Operations, SubmissionControlArgument,
};
use restante_mhs::x413::{EntryClass, ListArgument, MSMessageSubmissionResult};
use restante_mhs::x419::mts_access;
use restante_osi::x880::{Code, InvokeProblem};
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, PASSWORD, Process};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CAROL: &str = "/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/";
/// What remote-bind-error is called.
const NOT_BOUND: i64 = mts_access::ERR_REMOTE_BIND_ERROR;

/// A store whose MTA is this test.
struct World {
    listener: TcpListener,
    process: Process,
    _directory: TempDir,
}

impl World {
    /// A store with more of the configuration's `[mta]`.
    async fn new(more: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let directory = directory(&format!(
            "[service]\nstore_submissions = true\n[events]\nseverity = \"debug\"\n\
             [mta]\npresentation_address = \"Internet=127.0.0.1+{port}\"\nname = \"mta1\"\n{more}"
        ));
        let process = start(directory.path());
        Self { listener, process, _directory: directory }
    }

    async fn user(&self, who: &str) -> UserAgent {
        let bind = restante_client::p7::MsBind::new(name(who), PASSWORD);
        let call = peers::call(&self.process.address());
        UserAgent::bind(call, &bind).await.expect("a bind").0
    }

    async fn asking(&self) -> Asking {
        asking(&self.listener).await
    }

    /// The store, bound to this test.
    async fn store(&self) -> Mta {
        self.asking().await.accept("mta1", "").await.expect("an association")
    }
}

async fn asking(listener: &TcpListener) -> Asking {
    let (stream, _) = listener.accept().await.expect("a connection");
    let patience = Some(Duration::from_secs(60));
    let options = ListenOptions { patience, ..ListenOptions::default() };
    Asking::over(stream, options).await.expect("a bind")
}

/// Carries one connection to a listener, and what comes back with this text in it twice.
async fn doubling(from: &TcpListener, to: &TcpListener, text: &[u8]) {
    let (store, _) = from.accept().await.expect("a connection");
    let address = to.local_addr().expect("an address");
    let mta = TcpStream::connect(address).await.expect("a connection");
    let ((mut store_in, mut store_out), (mut mta_in, mut mta_out)) =
        (store.into_split(), mta.into_split());
    let back = async {
        let mut header = [0; 4];
        while mta_in.read_exact(&mut header).await.is_ok() {
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let mut packet = header.to_vec();
            packet.resize(length, 0);
            mta_in.read_exact(&mut packet[4..]).await.expect("a whole TPKT");
            let times = 1 + usize::from(packet.windows(text.len()).any(|part| part == text));
            store_out.write_all(&packet.repeat(times)).await.expect("it is taken");
        }
    };
    tokio::join!(back, async { tokio::io::copy(&mut store_in, &mut mta_out).await.ok() });
}

fn message(from: &str, subject: &str) -> MessageSubmissionArgument {
    let content = peers::short_message(subject);
    compose::submission(name(from), [name(CAROL)], content)
}

async fn submit(
    user: &mut UserAgent,
    from: &str,
    subject: &str,
) -> Result<MSMessageSubmissionResult, ClientError> {
    user.submit(&message(from, subject).into()).await
}

fn identifier(local: &str) -> MTSIdentifier {
    compose::mts_identifier(&name(ALICE).address, local)
}

fn taken(local: &str) -> Rope {
    MessageSubmissionResult {
        message_submission_identifier: identifier(local),
        message_submission_time: UtcTime(1_790_000_000),
        content_identifier: None,
        extensions: Default::default(),
    }
    .to_rope()
}

/// The next submission: its number, and the message's octets.
async fn next(store: &mut Mta) -> (i64, Vec<u8>) {
    let indication = store.next().await.expect("a submission");
    assert_eq!(indication.operation, Code::Local(mts_access::OP_MESSAGE_SUBMISSION));
    let octets = indication.argument.expect("an argument");
    let argument = MessageSubmissionArgument::from_bytes(&octets).expect("its type");
    (indication.invoke_id, argument.content.to_bytes().to_vec())
}

/// Takes the next submission.
async fn take(store: &mut Mta, local: &str) -> Vec<u8> {
    let (invoke_id, content) = next(store).await;
    store.result(invoke_id, taken(local)).await.expect("an answer");
    content
}

fn code(result: Result<MSMessageSubmissionResult, ClientError>) -> i64 {
    match result {
        Err(ClientError::Operation(error)) => match error.code {
            Code::Local(code) => code,
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

fn local(result: Result<MSMessageSubmissionResult, ClientError>) -> String {
    match result.expect("a result") {
        MSMessageSubmissionResult::MtsResult(result) => {
            result.base.message_submission_identifier.local_identifier.0.to_string()
        }
        other => panic!("{other:?}"),
    }
}

async fn outbox(user: &mut UserAgent) -> usize {
    let entry_class = EntryClass::SUBMISSION;
    let argument = ListArgument { entry_class, ..ListArgument::default() };
    user.list(&argument).await.expect("a list").requested.unwrap_or_default().len()
}

/// A report that names no recipient but by the submission.
fn report(local: &str) -> Rope {
    use restante_mhs::x411::{
        NonDeliveryDiagnosticCode, NonDeliveryReasonCode, NonDeliveryReport,
    };
    let failed = NonDeliveryReport {
        non_delivery_reason_code: NonDeliveryReasonCode::UNABLE_TO_TRANSFER,
        non_delivery_diagnostic_code: Some(NonDeliveryDiagnosticCode::MTS_CONGESTION),
    };
    let failed = restante_mhs::x411::ReportType::NonDelivery(failed);
    compose::report(identifier(local), [], [(name(CAROL), failed)]).to_rope()
}

#[test]
fn what_is_submitted_is_kept_and_reported_and_the_association_carries_deliveries() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut alice = world.user(ALICE).await;
        let mta = async {
            let asking = world.asking().await;
            let initiator = asking.argument.initiator_name.clone();
            assert_eq!(initiator, ObjectName::MessageStore(ORName::from(name(ALICE).address)));
            let mut store = asking.accept("mta1", "secret").await.expect("an association");
            let content = take(&mut store, "one").await;
            assert_eq!(content, peers::short_message("first").to_bytes());
            store
        };
        let (mut store, result) = tokio::join!(mta, submit(&mut alice, ALICE, "first"));
        assert_eq!(local(result), "one");
        assert_eq!(outbox(&mut alice).await, 1);
        store.report(report("one")).await.expect("a report is taken");
        let delivered = peers::argument("d1", peers::short_message("delivered"));
        store.deliver(delivered).await.expect("a delivery is taken");
        let inbox = alice.list(&ListArgument::default()).await.expect("a list");
        assert_eq!(inbox.requested.unwrap_or_default().len(), 2);
        // A second one over the same association.
        let (content, result) =
            tokio::join!(take(&mut store, "two"), submit(&mut alice, ALICE, "second"));
        assert_eq!((local(result).as_str(), outbox(&mut alice).await), ("two", 2));
        assert_eq!(content, peers::short_message("second").to_bytes());
        let process = world.process;
        let stopped = tokio::task::spawn_blocking(move || process.terminate());
        assert!(matches!(store.next().await, Err(ClientError::Ended)), "it is unbound");
        stopped.await.expect("it stops");
    });
}

#[test]
fn an_mta_that_is_down_or_refuses_is_told_to_the_user_and_bound_to_when_it_is_back() {
    runtime().block_on(async {
        let World { listener, process, _directory } = World::new("").await;
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let call = peers::call(&process.address());
        let mut alice = peers::alice(call).await.expect("a bind");
        assert_eq!(code(submit(&mut alice, ALICE, "down").await), NOT_BOUND);
        let listener = TcpListener::bind(address).await.expect("the same port");
        let world = World { listener, process, _directory };
        let refusals = async {
            let refused = world.asking().await;
            refused.refuse(MTSBindError::AUTHENTICATION_ERROR).await.expect("a refusal");
            // One that is not the MTA that is configured.
            let other = world.asking().await.accept("mta2", "").await;
            let mut other = other.expect("an association");
            assert!(matches!(other.next().await, Err(ClientError::Aborted(_))));
            let mut store = world.store().await;
            take(&mut store, "at last").await;
            store
        };
        let retries = async {
            let begin = Instant::now();
            loop {
                match submit(&mut alice, ALICE, "again").await {
                    Ok(result) => break local(Ok(result)),
                    refused => assert_eq!(code(refused), NOT_BOUND),
                }
                assert!(begin.elapsed() < Duration::from_secs(15), "it is not bound to");
                tokio::task::yield_now().await;
            }
        };
        let (_store, told) = tokio::join!(refusals, retries);
        assert_eq!((told.as_str(), outbox(&mut alice).await), ("at last", 1));
        world.process.event("the MTA refused the bind: authentication-error");
        world.process.event("it answers as mta2, not as mta1");
    });
}

#[test]
fn another_password_in_the_file_is_that_of_the_next_bind() {
    runtime().block_on(async {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let write = |text: &str| std::fs::write(file.path(), text).expect("it is written");
        write("first\nrest");
        let world = World::new(&format!("password_file = {:?}\n", file.path())).await;
        for password in ["first", "second"] {
            write(&format!("{password}\n"));
            let alice = async {
                let mut alice = world.user(ALICE).await;
                let local = local(submit(&mut alice, ALICE, "one").await);
                alice.unbind().await.expect("an unbind");
                local
            };
            let mta = async {
                let asking = world.asking().await;
                let credentials = Credentials::Simple(password.into());
                assert_eq!(asking.argument.initiator_credentials, credentials);
                let mut store = asking.accept("mta1", "").await.expect("an association");
                take(&mut store, password).await;
            };
            assert_eq!(tokio::join!(alice, mta).0, password);
        }
    });
}

#[test]
fn an_answer_that_is_none_is_an_error_and_the_association_serves_on() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut alice = world.user(ALICE).await;
        let mta = async {
            let mut store = world.store().await;
            let (rejected, _) = next(&mut store).await;
            let problem = InvokeProblem::RESOURCE_LIMITATION;
            store.reject(rejected, problem).await.expect("a reject");
            let (refused, _) = next(&mut store).await;
            let error = MTSAbstractError::RecipientImproperlySpecified(vec![name(CAROL)]);
            store.error(refused, &error).await.expect("an error");
            let (garbage, _) = next(&mut store).await;
            store.result(garbage, Rope::from(vec![5, 0])).await.expect("a result");
            take(&mut store, "last").await;
        };
        let user = async {
            assert_eq!(code(submit(&mut alice, ALICE, "rejected").await), NOT_BOUND);
            assert_eq!(code(submit(&mut alice, ALICE, "refused").await), 3);
            assert_eq!(code(submit(&mut alice, ALICE, "garbage").await), NOT_BOUND);
            assert_eq!(local(submit(&mut alice, ALICE, "last").await), "last");
        };
        tokio::join!(mta, user);
        assert_eq!(outbox(&mut alice).await, 1);
    });
}

#[test]
fn a_second_answer_is_to_nothing() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut alice = world.user(ALICE).await;
        let inner = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mta = async {
            let mut store = asking(&inner).await.accept("mta1", "").await.expect("a bind");
            take(&mut store, "twice").await;
            take(&mut store, "last").await;
        };
        let user = async {
            assert_eq!(local(submit(&mut alice, ALICE, "one").await), "twice");
            assert_eq!(local(submit(&mut alice, ALICE, "two").await), "last");
        };
        tokio::select! {
            () = doubling(&world.listener, &inner, b"twice") => panic!("the connection ended"),
            _ = async { tokio::join!(mta, user) } => {}
        }
        world.process.event("mta1: rejected: return-result problem");
        assert_eq!(outbox(&mut alice).await, 2);
    });
}

#[test]
fn an_mta_that_dies_in_mid_answer_is_given_nothing_twice() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut alice = world.user(ALICE).await;
        let mta = async {
            let mut store = world.store().await;
            let (_, dying) = next(&mut store).await;
            drop(store);
            let mut store = world.store().await;
            (dying, take(&mut store, "after").await)
        };
        let user = async {
            assert_eq!(code(submit(&mut alice, ALICE, "dies").await), NOT_BOUND);
            assert_eq!(local(submit(&mut alice, ALICE, "after").await), "after");
        };
        let ((dying, after), ()) = tokio::join!(mta, user);
        assert_eq!(dying, peers::short_message("dies").to_bytes());
        assert_eq!(after, peers::short_message("after").to_bytes());
        assert_eq!(outbox(&mut alice).await, 1);
    });
}

/// The next submission, on this association or, where the store has left it, on another.
async fn next_anywhere(world: &World, mut store: Mta) -> (Mta, i64) {
    match store.next().await {
        Ok(indication) => (store, indication.invoke_id),
        Err(_) => {
            let mut store = world.store().await;
            let (invoke_id, _) = next(&mut store).await;
            (store, invoke_id)
        }
    }
}

#[test]
fn an_answer_that_comes_late_is_not_lost_and_none_at_all_ends_the_association() {
    runtime().block_on(async {
        let world = World::new("answer_time_s = 1\n").await;
        let mut alice = world.user(ALICE).await;
        let mta = async {
            let mut store = world.store().await;
            let (invoke_id, _) = next(&mut store).await;
            (store, invoke_id)
        };
        let ((mut slow, invoke_id), result) = tokio::join!(mta, submit(&mut alice, ALICE, "late"));
        assert_eq!(code(result), NOT_BOUND);
        slow.result(invoke_id, taken("late")).await.expect("it still waits");
        world.process.event(";late] submitted");
        assert_eq!(outbox(&mut alice).await, 1);
        let ((_silent, _), result) =
            tokio::join!(next_anywhere(&world, slow), submit(&mut alice, ALICE, "never"));
        assert_eq!(code(result), NOT_BOUND);
        world.process.event("aborted: the MTA does not answer");
        let mta = async {
            let mut store = world.store().await;
            take(&mut store, "next").await;
            store
        };
        let (mut store, result) = tokio::join!(mta, submit(&mut alice, ALICE, "next"));
        assert_eq!(local(result), "next");
        store.report(report("late")).await.expect("it is known whose it is");
    });
}

#[test]
fn submissions_that_wait_are_bounded_and_names_make_place_for_each_other() {
    runtime().block_on(async {
        let more = "waiting = 1\nassociations = 1\nassociations_per_name = 1\n";
        let world = World::new(more).await;
        let (mut alice, mut bob) = (world.user(ALICE).await, world.user(BOB).await);
        let mta = async {
            let mut store = world.store().await;
            let (invoke_id, _) = next(&mut store).await;
            // Alice's waits here; Bob's is one too many.
            assert_eq!(code(submit(&mut bob, BOB, "too many").await), NOT_BOUND);
            store.result(invoke_id, taken("alice")).await.expect("an answer");
            store
        };
        let (mut first, result) = tokio::join!(mta, submit(&mut alice, ALICE, "waits"));
        assert_eq!(local(result), "alice");
        let mta = async {
            assert!(matches!(first.next().await, Err(ClientError::Ended)), "it makes place");
            take(&mut world.store().await, "bob").await
        };
        let (_, result) = tokio::join!(mta, submit(&mut bob, BOB, "now"));
        assert_eq!(local(result), "bob");
    });
}

#[test]
fn one_name_for_all_and_what_the_mta_does_not_allow_is_not_sent() {
    runtime().block_on(async {
        let more = "initiator_name = \"/CN=Store/PRMD=PEER/C=GB/\"\nassociations_per_name = 1\n";
        let world = World::new(more).await;
        let (mut alice, mut bob) = (world.user(ALICE).await, world.user(BOB).await);
        let mta = async {
            let asking = world.asking().await;
            let store = name("/CN=Store/PRMD=PEER/C=GB/");
            assert_eq!(asking.argument.initiator_name, ObjectName::MessageStore(store));
            let mut store = asking.accept("mta1", "").await.expect("an association");
            take(&mut store, "1").await;
            take(&mut store, "2").await;
            store
        };
        let users =
            async { (submit(&mut alice, ALICE, "one").await, submit(&mut bob, BOB, "two").await) };
        let (mut store, (one, two)) = tokio::join!(mta, users);
        assert_eq!((local(one).as_str(), local(two).as_str()), ("1", "2"));
        let probes = Operations::of([Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY]);
        let mut control = SubmissionControlArgument {
            restrict: true,
            permissible_operations: Some(probes),
            permissible_maximum_content_length: None,
            permissible_lowest_priority: None,
            permissible_content_types: None,
            permissible_encoded_information_types: None,
            permissible_security_context: None,
        };
        store.control(&control).await.expect("it is accepted");
        let refused = code(submit(&mut alice, ALICE, "not allowed").await);
        assert_eq!(refused, mts_access::ERR_SUBMISSION_CONTROL_VIOLATED);
        control =
            SubmissionControlArgument { restrict: false, permissible_operations: None, ..control };
        store.control(&control).await.expect("it is accepted");
        let (_, result) =
            tokio::join!(take(&mut store, "3"), submit(&mut alice, ALICE, "allowed"));
        assert_eq!(local(result), "3");
    });
}
