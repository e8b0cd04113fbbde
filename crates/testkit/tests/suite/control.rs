//! Delivery-control: the store holds an MTA off and lets it go again, in every context, and what
//! the MTA answers makes no difference to what is taken.

use crate::store::{directory, runtime};
use restante_ber::{Decode, Encode, Rope};
use restante_client::p3::MtsBind;
use restante_client::{Asking, ClientError, ListenOptions, Mta, UserAgent, compose};
use restante_mhs::x411::{
    ChangeCredentialsArgument, Credentials, DeliveryControlArgument, DeliveryControlResult,
    DeliveryControls88, MTSAbstractError, MessageDeliveryArgument, Operations, Priority, Waiting,
    WaitingMessages,
};
use restante_mhs::x413::{DeleteArgument, DeleteItems, SequenceNumber};
use restante_mhs::x419::{Edition, mts_access};
use restante_ms::{Hold, Whose};
use restante_osi::x880::{Code, InvokeProblem};
use restante_server::config::Config;
use restante_server::{Running, Server};
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, MTA, PASSWORD};
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// delivery-control-violated.
const HELD: Result<(), i64> = Err(mts_access::ERR_DELIVERY_CONTROL_VIOLATED);

/// A store in this process.
struct World {
    running: Running,
    _directory: TempDir,
}

impl World {
    async fn new(more: &str) -> Self {
        let directory = directory(more);
        let file = directory.path().join("c.toml");
        let mut config = Config::load(Some(&file)).expect("a configuration");
        config.management.enabled = false;
        let running = Server::start(config).await.expect("a store starts");
        Self { running, _directory: directory }
    }

    fn call(&self) -> restante_client::CallOptions {
        let port = self.running.local_addr().port();
        peers::call(&format!("\"3001\"/Internet=127.0.0.1+{port}"))
    }

    async fn mta(&self, edition: Edition, forced: bool) -> Mta {
        let bind = MtsBind { edition, forced, ..MtsBind::new(MTA, PASSWORD) };
        Mta::bind(self.call(), &bind).await.expect("an MTA can bind").0
    }

    async fn usual(&self) -> Mta {
        self.mta(Edition::E1988, true).await
    }

    fn hold(&self, hold: &Hold) {
        self.running.hold_deliveries(Whose::All, hold.clone());
    }
}

/// A delivery of a message that was not delivered before, and what becomes of it.
async fn deliver(
    mta: &mut Mta,
    to: &str,
    change: impl FnOnce(&mut MessageDeliveryArgument),
) -> Result<(), i64> {
    static BEFORE: AtomicUsize = AtomicUsize::new(0);
    let identifier = format!("held-{}", BEFORE.fetch_add(1, Ordering::Relaxed));
    let mut argument = peers::delivery(&identifier, peers::short_message("held"));
    argument.other_fields.this_recipient_name = name(to);
    change(&mut argument);
    match mta.deliver(argument.to_rope()).await {
        Ok(_) => Ok(()),
        Err(ClientError::Operation(error)) => match error.code {
            Code::Local(code) => Err(code),
            other => panic!("{other}"),
        },
        Err(error) => panic!("{error}"),
    }
}

/// The next delivery-control, in either edition's form.
async fn control(mta: &mut Mta) -> (i64, DeliveryControlArgument) {
    let indication = mta.next().await.expect("a delivery-control");
    assert_eq!(indication.operation, Code::Local(mts_access::OP_DELIVERY_CONTROL));
    let octets = indication.argument.expect("an argument");
    let argument = match mta.context().edition {
        Edition::E1988 => DeliveryControls88::from_bytes(&octets).expect("that of 1988").into(),
        Edition::E1994 => DeliveryControlArgument::from_bytes(&octets).expect("that of 1994"),
    };
    (indication.invoke_id, argument)
}

fn result(edition: Edition) -> Rope {
    let waiting_operations = Operations::of([Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY]);
    let waiting_messages = WaitingMessages::of([WaitingMessages::LONG_CONTENT]);
    match edition {
        Edition::E1988 => {
            Waiting { waiting_operations, waiting_messages, ..Waiting::default() }.to_rope()
        }
        Edition::E1994 => DeliveryControlResult {
            waiting_operations,
            waiting_messages,
            ..DeliveryControlResult::default()
        }
        .to_rope(),
    }
}

/// Takes the next delivery-control.
async fn obey(mta: &mut Mta) -> DeliveryControlArgument {
    let (invoke_id, argument) = control(mta).await;
    let result = result(mta.context().edition);
    mta.result(invoke_id, result).await.expect("an answer");
    argument
}

#[test]
fn an_mta_is_held_off_and_let_go_in_every_context() {
    runtime().block_on(async {
        let world = World::new("").await;
        for edition in [Edition::E1988, Edition::E1994] {
            for forced in [true, false] {
                let mut mta = world.mta(edition, forced).await;
                assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, Ok(()));
                world.hold(&Hold::everything());
                let argument = obey(&mut mta).await;
                assert!(argument.restrict);
                assert_eq!(argument.permissible_operations, Some(Operations::default()));
                assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
                assert!(matches!(mta.report(report()).await, Err(ClientError::Operation(_))));
                world.hold(&Hold::default());
                let argument = obey(&mut mta).await;
                assert!(!argument.restrict);
                assert_eq!(argument.permissible_operations, None);
                assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, Ok(()));
                mta.unbind().await.expect("it is released");
            }
        }
        world.running.shutdown().await.expect("it stops");
    });
}

fn report() -> Rope {
    let identifier = compose::mts_identifier(&name(ALICE).address, "nothing");
    compose::report(identifier, [], []).to_rope()
}

#[test]
fn an_mta_that_refuses_rejects_or_is_silent_is_held_off_all_the_same() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut mta = world.usual().await;
        let everything = Hold::everything();
        world.hold(&everything);
        let (invoke_id, _) = control(&mut mta).await;
        let error = MTSAbstractError::ControlViolatesRegistration;
        mta.error(invoke_id, &error).await.expect("an error");
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        world.hold(&Hold::default());
        let (invoke_id, _) = control(&mut mta).await;
        let problem = InvokeProblem::UNRECOGNIZED_OPERATION;
        mta.reject(invoke_id, problem).await.expect("a reject");
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, Ok(()));
        // Without an answer no more than so many are told; with one the last state is.
        let long = |octets| Hold { content_octets_max: Some(octets), ..Hold::default() };
        let mut unanswered = Vec::new();
        for octets in 1..=8 {
            world.hold(&long(octets));
            let (invoke_id, argument) = control(&mut mta).await;
            let told = argument.permissible_maximum_content_length;
            assert_eq!(told, i64::try_from(octets).ok());
            unanswered.push(invoke_id);
        }
        world.hold(&long(9));
        world.hold(&everything);
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        mta.result(unanswered[0], result(Edition::E1988)).await.expect("an answer");
        let nothing = Some(Operations::default());
        assert_eq!(control(&mut mta).await.1.permissible_operations, nothing);
    });
}

#[test]
fn each_part_of_a_hold_is_told_and_obeyed() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut mta = world.mta(Edition::E1994, true).await;
        let urgent = |one: &mut MessageDeliveryArgument| {
            one.other_fields.priority = Priority::URGENT;
        };
        let short = |one: &mut MessageDeliveryArgument| one.content = Rope::from(vec![0; 10]);
        world.hold(&Hold { lowest_priority: Some(Priority::URGENT), ..Hold::default() });
        assert_eq!(obey(&mut mta).await.permissible_lowest_priority, Some(Priority::URGENT));
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        assert_eq!(deliver(&mut mta, ALICE, urgent).await, Ok(()));
        world.hold(&Hold { content_octets_max: Some(10), ..Hold::default() });
        assert_eq!(obey(&mut mta).await.permissible_maximum_content_length, Some(10));
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        assert_eq!(deliver(&mut mta, ALICE, short).await, Ok(()));
        let edi =
            restante_mhs::x411::ContentType::BuiltIn(restante_mhs::x411::BuiltInContentType(35));
        world.hold(&Hold { content_types: Some(vec![edi.clone()]), ..Hold::default() });
        let types = obey(&mut mta).await.permissible_content_types;
        assert_eq!(types.expect("content types").0, vec![edi.clone()]);
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        let as_edi =
            |one: &mut MessageDeliveryArgument| one.other_fields.content_type = edi.into();
        assert_eq!(deliver(&mut mta, ALICE, as_edi).await, Ok(()));
    });
}

#[test]
fn one_mailbox_is_held_where_others_are_not() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let more = format!("[mta]\npresentation_address = \"Internet=127.0.0.1+{port}\"\n");
        let world = World::new(&more).await;
        let alice = name(ALICE).address.key();
        world.running.hold_deliveries(Whose::Mailbox(alice.clone()), Hold::everything());
        // All users' association is not told of one mailbox.
        let mut mta = world.usual().await;
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        assert_eq!(deliver(&mut mta, BOB, |_| {}).await, Ok(()));
        // That of one user is, on which the store is the initiator.
        let bind = restante_client::p7::MsBind::new(name(ALICE), PASSWORD);
        let mut user = UserAgent::bind(world.call(), &bind).await.expect("a bind").0;
        let argument =
            compose::submission(name(ALICE), [name(BOB)], peers::short_message("out")).into();
        let submitting = user.submit(&argument);
        let serving = async {
            let (stream, _) = listener.accept().await.expect("a connection");
            let asking = Asking::over(stream, ListenOptions::default()).await.expect("a bind");
            let mut own = asking.accept("mta", "").await.expect("an association");
            let mut submitted = None;
            while submitted.is_none() {
                let indication = own.next().await.expect("what the store invokes");
                match indication.operation {
                    Code::Local(mts_access::OP_DELIVERY_CONTROL) => {
                        let result = Waiting::default().to_rope();
                        own.result(indication.invoke_id, result).await.expect("an answer");
                    }
                    _ => submitted = Some(indication.invoke_id),
                }
            }
            let refused = MTSAbstractError::ElementOfServiceNotSubscribed;
            own.error(submitted.unwrap_or(0), &refused).await.expect("an answer");
            own
        };
        let (_, mut own) = tokio::join!(submitting, serving);
        assert_eq!(deliver(&mut own, ALICE, |_| {}).await, HELD);
        world.running.hold_deliveries(Whose::Mailbox(alice), Hold::default());
        assert!(!obey(&mut own).await.restrict);
        assert_eq!(deliver(&mut own, ALICE, |_| {}).await, Ok(()));
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, Ok(()));
    });
}

#[test]
fn what_is_configured_is_told_at_once_and_a_mailbox_that_is_full_takes_nothing() {
    runtime().block_on(async {
        let more = "[limits]\nmailbox_entries = 2\ndelivered_content_octets = 500\n";
        let world = World::new(more).await;
        let mut mta = world.usual().await;
        assert_eq!(obey(&mut mta).await.permissible_maximum_content_length, Some(500));
        let long = |one: &mut MessageDeliveryArgument| one.content = Rope::from(vec![0; 501]);
        assert_eq!(deliver(&mut mta, ALICE, long).await, HELD);
        for expected in [Ok(()), Ok(()), HELD] {
            assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, expected);
        }
        assert_eq!(deliver(&mut mta, BOB, |_| {}).await, Ok(()));
        let mut alice = peers::alice(world.call()).await.expect("a bind");
        let items = DeleteItems::SequenceNumbers([SequenceNumber(1)].into_iter().collect());
        alice.delete(&DeleteArgument::from(items)).await.expect("a delete");
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, Ok(()));
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
    });
}

#[test]
fn a_store_without_space_and_one_that_stops_hold_the_mta_off() {
    runtime().block_on(async {
        let world = World::new("[storage]\nfree_min_octets = 1099511627776\n").await;
        let mut mta = world.usual().await;
        let nothing = Some(Operations::default());
        assert_eq!(obey(&mut mta).await.permissible_operations, nothing);
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, HELD);
        let world = World::new("").await;
        let mut mta = world.usual().await;
        assert_eq!(deliver(&mut mta, ALICE, |_| {}).await, Ok(()));
        let stopping = tokio::spawn(world.running.shutdown());
        assert_eq!(control(&mut mta).await.1.permissible_operations, nothing);
        assert!(matches!(mta.next().await, Err(ClientError::Aborted(_))));
        stopping.await.expect("no panic").expect("it stops");
    });
}

#[test]
fn an_mta_gives_itself_another_password_in_every_context() {
    runtime().block_on(async {
        let world = World::new("").await;
        let mut password = PASSWORD.to_owned();
        let mut next = 0;
        for edition in [Edition::E1988, Edition::E1994] {
            for forced in [true, false] {
                let bind =
                    |password: &str| MtsBind { edition, forced, ..MtsBind::new(MTA, password) };
                let mta = Mta::bind(world.call(), &bind(&password)).await;
                let mut mta = mta.expect("an MTA can bind").0;
                let change = |old: &str, new: &str| ChangeCredentialsArgument {
                    old_credentials: Credentials::Simple(old.into()),
                    new_credentials: Credentials::Simple(new.into()),
                };
                for (old, new, expected) in [("wrong", "x", 5), (&*password, "", 6)] {
                    match mta.change_credentials(&change(old, new)).await {
                        Err(ClientError::Operation(error)) => {
                            assert_eq!(error.code, Code::Local(expected));
                        }
                        other => panic!("{other:?}"),
                    }
                }
                next += 1;
                let new = format!("password {next}");
                let changed = mta.change_credentials(&change(&password, &new)).await;
                changed.expect("it is changed");
                let old = Mta::bind(world.call(), &bind(&password)).await;
                assert!(matches!(old, Err(ClientError::BindRefused(_))));
                password = new;
            }
        }
    });
}
