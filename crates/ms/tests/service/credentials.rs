//! Change of credentials, by Register-MS and by change-credentials.

use crate::common::{World, error, pdu, settle};
use bytes::Bytes;
use restante_mhs::x419::Port;
use restante_ms::{Effect, Now, Operation, Outcome, Reply};

/// Old and new password as IA5Strings in [0] and [1], which are explicit: a choice.
fn passwords(old: &str, new: &str) -> String {
    let one = |tag, text: &str| pdu::x(tag, &pdu::x(0x16, &pdu::to_hex(text.as_bytes())));
    format!("{}{}", one(0xa0, old), one(0xa1, new))
}

/// Register-MSArgument: change-credentials [4] SEQUENCE, and more members.
fn register(old: &str, new: &str, more: &str) -> String {
    pdu::x(0x31, &format!("{}{more}", pdu::x(0xa4, &pdu::x(0x30, &passwords(old, new)))))
}

/// ChangeCredentialsArgument.
fn change(old: &str, new: &str) -> String {
    pdu::x(0x31, &passwords(old, new))
}

fn execute(world: &World, code: i64, argument: &str) -> Outcome {
    let alice = world.bind();
    let argument = Bytes::from(pdu::hex(argument));
    let operation = Operation::decode(alice.edition, code, Some(&argument));
    world.ms.execute(&alice, Now(world.now), operation.expect("an operation"))
}

/// The port of a NULL result.
fn done(reply: &Reply) -> Port {
    let Reply::Result { port, value, .. } = reply else { panic!("{reply:?}") };
    assert_eq!(value.to_bytes()[..], [5, 0]);
    *port
}

#[test]
fn a_password_is_changed_by_whoever_knows_it() {
    for (code, port) in [(24, Port::Retrieval), (8, Port::Administration)] {
        let world = World::new();
        let argument = |old, new| match code {
            24 => register(old, new, ""),
            _ => change(old, new),
        };
        let refused = execute(&world, code, &argument("wrong", "next"));
        assert_eq!(error(&refused.reply), (5, "0500".to_owned()));
        let Reply::Error { port: told, .. } = &refused.reply else { unreachable!() };
        assert_eq!(*told, port);
        let old_is_wrong = "old-credentials-incorrectly-specified";
        assert!(matches!(
            &refused.effects[..],
            [Effect::CredentialsRefused { reason, .. }] if reason == old_is_wrong
        ));
        assert_eq!(error(&execute(&world, code, &argument("pass", "")).reply).0, 6);
        assert_eq!(error(&execute(&world, code, &argument("wrong", "")).reply).0, 5);
        let outcome = execute(&world, code, &argument("pass", "next"));
        assert!(matches!(outcome.effects[..], [Effect::CredentialsChanged { .. }]));
        assert_eq!(done(&settle(outcome)), port);
        assert_eq!(error(&execute(&world, code, &argument("pass", "again")).reply).0, 5);
        assert_eq!(done(&execute(&world, code, &argument("next", "pass")).reply), port);
    }
}

#[test]
fn only_passwords_are_credentials() {
    let world = World::new();
    // Strong credentials without a member.
    let (simple, strong) =
        (pdu::x(0x16, &pdu::to_hex(crate::common::PASSWORD)), "a000".to_owned());
    let argument = |old: &str, new: &str| {
        pdu::x(0x31, &format!("{}{}", pdu::x(0xa0, old), pdu::x(0xa1, new)))
    };
    assert_eq!(error(&execute(&world, 8, &argument(&strong, &simple)).reply).0, 5);
    assert_eq!(error(&execute(&world, 8, &argument(&simple, &strong)).reply).0, 6);
    let alice = world.bind();
    for argument in ["3100", "0400", "3109a006160470617373"] {
        assert_eq!(world.invoke(&alice, 8, argument), crate::common::MISTYPED, "{argument}");
    }
}

#[test]
fn other_registrations_stand_and_fall_with_it() {
    let world = World::new();
    let alice = world.bind();
    let subjects = pdu::x(0xa2, &pdu::x(0x31, &pdu::x(0x06, pdu::SUBJECT)));
    assert_eq!(error(&world.invoke(&alice, 24, &register("wrong", "b", &subjects))).0, 5);
    let mut world = world;
    world.deliver_subjects(&["a"]);
    let told = |world: &World| {
        let list = world.list(&alice, "3104a1023100");
        list.requested.expect("an entry")[0].attributes.is_some()
    };
    assert!(!told(&world));
    // The type is unknown: the password is not changed either.
    let unknown = pdu::x(0xa2, &pdu::x(0x31, "06032a0304"));
    assert_eq!(error(&world.invoke(&alice, 24, &register("pass", "b", &unknown))).0, 21);
    assert_eq!(
        done(&world.invoke(&alice, 24, &register("pass", "b", &subjects))),
        Port::Retrieval
    );
    assert!(told(&world));
    assert_eq!(done(&world.invoke(&alice, 8, &change("b", "c"))), Port::Administration);
}

#[test]
fn a_directory_that_fails_is_told_to_the_operator() {
    let world = World::new();
    let outcome = execute(&world, 24, &register("pass", "fault", ""));
    assert_eq!(error(&outcome.reply), (27, "3105a003020101".to_owned()));
    assert!(matches!(outcome.effects[..], [Effect::Fault { .. }]));
    // remote-bind-error
    assert_eq!(error(&execute(&world, 8, &change("pass", "fault")).reply).0, 15);
}
