//! Register: what the MTA is passed and answers, and what is kept where there is no MTA.

use std::sync::Arc;

use crate::common::{World, error, pdu, settle};
use bytes::Bytes;
use restante_ber::{Decode, Encode, SetOf};
use restante_mhs::x411::{
    ContentType, EncodedInformationTypes, MessageClass, MessageClassObjects, Register88,
    RegisterArgument, RegisterResult, RegistrationTypes, Restriction, SourceType, UserAddress,
    X121UserAddress,
};
use restante_mhs::x419::{Edition, Port};
use restante_ms::{
    Binding, Candidate, Effect, Now, Operation, Outcome, Passed, Reply, Settings, Submit,
    Undeliverable,
};
use restante_storage::MemoryBackend;

const REGISTER_REJECTED: i64 = 10;
const REMOTE_BIND_ERROR: i64 = 15;
const OPERATION_REFUSED: i64 = 16;
/// deliverable-maximum-content-length 1000.
const LENGTH_1988: &str = "3106a104020203e8";
/// A deliverable class of at most 1000 octets.
const LENGTH_1994: &str = "310831063104810203e8";

fn world(mta: Option<Edition>) -> World {
    World::with(&Arc::new(MemoryBackend::new()), Settings { mta, ..Settings::default() })
}

fn register(world: &World, binding: &Binding, argument: &[u8]) -> Outcome {
    let argument = Bytes::copy_from_slice(argument);
    let operation = Operation::decode(binding.edition, 1, Some(&argument));
    world.ms.execute(binding, Now(world.now), operation.expect("a register"))
}

fn submit(outcome: Outcome) -> Submit {
    assert_eq!(outcome.reply, Reply::Later);
    match outcome.effects.into_iter().next() {
        Some(Effect::Submit(submit)) => *submit,
        other => panic!("{other:?}"),
    }
}

fn complete(world: &World, submit: &Submit, passed: Passed) -> Reply {
    settle(world.ms.complete(&submit.token, passed, Now(world.now)))
}

fn result(reply: &Reply) -> String {
    match reply {
        Reply::Result { operation: 1, port: Port::Administration, value } => {
            pdu::to_hex(&value.to_bytes())
        }
        other => panic!("{other:?}"),
    }
}

fn class(change: impl FnOnce(&mut MessageClass)) -> RegisterArgument {
    let mut class = MessageClass {
        content_types: None,
        maximum_content_length: None,
        encoded_information_types_constraints: None,
        security_labels: None,
        priority: None,
        objects: MessageClassObjects::BOTH,
        applies_only_to: None,
        extensions: Default::default(),
    };
    change(&mut class);
    let deliverable_class = Some(SetOf(vec![class]));
    RegisterArgument { deliverable_class, ..RegisterArgument::default() }
}

fn long(world: &World, binding: &Binding, octets: u64) -> Option<Undeliverable> {
    let p22 = ContentType::of_oid(restante_ber::oid!(2, 6, 1, 10, 1));
    world.ms.deliverable(binding.mailbox).expect("it is kept").refusal(&Candidate {
        content_type: &p22,
        content_octets: octets,
        encoded_information_types: None,
        originator: &binding.user.or_address.clone().into(),
        redirected_by: &[],
        expanded_by: &[],
    })
}

#[test]
fn the_mta_is_passed_what_its_edition_has_and_answers_in_the_users() {
    for (mta, argument) in [(Edition::E1988, LENGTH_1988), (Edition::E1994, LENGTH_1994)] {
        let world = world(Some(mta));
        let (old, new) = (world.bind(), world.bind_94());
        for (user, of_user) in [(&old, LENGTH_1988), (&new, LENGTH_1994)] {
            let submit = submit(register(&world, user, &pdu::hex(of_user)));
            assert_eq!(pdu::to_hex(&submit.argument.to_bytes()), argument);
            assert_eq!((submit.operation, &submit.user), (1, &user.user));
            let answer = Passed::Result(Some(Bytes::from(pdu::hex("3102a000"))));
            let told = if user.edition == Edition::E1988 { "0500" } else { "3102a000" };
            assert_eq!(result(&complete(&world, &submit, answer)), told);
            assert_eq!(result(&complete(&world, &submit, Passed::Result(None))), "0500");
        }
        assert_eq!(long(&world, &old, 1001), None, "the MTA keeps it");
    }
}

#[test]
fn an_mta_of_the_same_edition_is_passed_the_octets_as_they_came() {
    // Controls in the form of 1994 in an argument of 1988, and a member that nobody knows.
    let old = "311c a104020203e8 a20c310a3008a006060456030402 890105 a303460116";
    // A private extension.
    let new = "3110 a60e 300c 83022a03 81020780 a2020500";
    for (edition, argument) in [(Edition::E1988, old), (Edition::E1994, new)] {
        let world = world(Some(edition));
        let user = if edition == Edition::E1988 { world.bind() } else { world.bind_94() };
        let octets = pdu::hex(argument);
        let submit = submit(register(&world, &user, &octets));
        assert_eq!(submit.argument.to_bytes(), octets);
    }
}

#[test]
fn an_mta_that_does_not_register_is_an_error_of_the_edition() {
    let world = world(Some(Edition::E1994));
    let (old, new) = (world.bind(), world.bind_94());
    let refused = "3106810102820101";
    let of_mta = |code, parameter: &str| Passed::Error {
        code,
        parameter: Some(Bytes::from(pdu::hex(parameter))),
    };
    let reason = || "down".to_owned();
    for (passed, in_1994) in [
        (of_mta(REGISTER_REJECTED, "0500"), (REGISTER_REJECTED, "0500")),
        (of_mta(OPERATION_REFUSED, refused), (OPERATION_REFUSED, refused)),
        (of_mta(12, "02010a"), (12, "02010a")),
        (of_mta(3, "3000"), (REMOTE_BIND_ERROR, "0500")),
        (Passed::Busy, (REMOTE_BIND_ERROR, "0500")),
        (Passed::NotBound { reason: reason() }, (REMOTE_BIND_ERROR, "0500")),
        (Passed::Unanswered { reason: reason() }, (REMOTE_BIND_ERROR, "0500")),
    ] {
        let argument = pdu::hex(LENGTH_1988);
        let to_old = submit(register(&world, &old, &argument));
        let reply = complete(&world, &to_old, passed.clone());
        assert_eq!(error(&reply), (REGISTER_REJECTED, "0500".to_owned()));
        let to_new = submit(register(&world, &new, &pdu::hex(LENGTH_1994)));
        let outcome = world.ms.complete(&to_new.token, passed, Now(world.now));
        let is_told = matches!(outcome.effects[..], [Effect::RegistrationRefused { .. }]);
        assert!(is_told, "{:?}", outcome.effects);
        assert_eq!(error(&outcome.reply), (in_1994.0, in_1994.1.to_owned()));
        let Reply::Error { port, .. } = outcome.reply else { unreachable!() };
        assert_eq!(port, Port::Administration);
    }
}

#[test]
fn without_an_mta_it_is_kept_and_told() {
    let backend = Arc::new(MemoryBackend::new());
    let settings = Settings { mta: None, ..Settings::default() };
    let one = World::with(&backend, settings.clone());
    let alice = one.bind();
    assert_eq!(long(&one, &alice, 1001), None);
    assert_eq!(result(&settle(register(&one, &alice, &pdu::hex(LENGTH_1988)))), "0500");
    assert_eq!(long(&one, &alice, 1000), None);
    assert_eq!(long(&one, &alice, 1001), Some(Undeliverable::ContentTooLong));
    drop(one);
    let two = World::with(&backend, settings);
    let alice = two.bind_94();
    assert_eq!(long(&two, &alice, 1001), Some(Undeliverable::ContentTooLong));
    let all = RegistrationTypes::default();
    let ask =
        RegisterArgument { retrieve_registrations: Some(all), ..RegisterArgument::default() };
    let reply = result(&settle(register(&two, &alice, &ask.to_ber())));
    let told = RegisterResult::from_ber(&pdu::hex(&reply)).expect("a result");
    let RegisterResult::NonEmptyResult(told) = told else { panic!("{told:?}") };
    let told = told.registered_information.expect("what is registered");
    assert_eq!(told.user_name.expect("a name").address.key(), alice.user.key);
    let expected = class(|class| class.maximum_content_length = Some(1000));
    assert_eq!(told.deliverable_class, expected.deliverable_class);
    let none = RegisterArgument {
        deliverable_class: Some(SetOf(Vec::new())),
        ..RegisterArgument::default()
    };
    assert_eq!(result(&settle(register(&two, &alice, &none.to_ber()))), "0500");
    assert_eq!(long(&two, &alice, 1001), None);
    assert_eq!(two.invoke(&alice, 1, "0500"), crate::common::MISTYPED);
}

#[test]
fn what_is_not_the_users_to_say_or_heeded_by_nobody_is_refused() {
    let open = UserAddress::X121(X121UserAddress::default());
    let name = || Some(crate::common::user(pdu::BOB).or_address.into());
    let of_1988 = [
        Register88 { user_name: name(), ..Register88::default() },
        Register88 { user_address: Some(open.clone()), ..Register88::default() },
    ];
    let restricted =
        Restriction { permitted: false, source_type: SourceType::all(), source_name: None };
    let with_restriction = RegisterArgument {
        restricted_delivery: Some(vec![restricted]),
        ..RegisterArgument::default()
    };
    let with_redirection =
        RegisterArgument { redirections: Some(Vec::new()), ..RegisterArgument::default() };
    let labels = class(|class| class.security_labels = Some(SetOf(Vec::new())));
    let unacceptable = class(|class| {
        class.encoded_information_types_constraints = Some(Default::default());
    });
    let of_1994 = [
        // Argument, the member that is named, and where it is refused: with an MTA of 1988, of
        // 1994, and with none.
        (RegisterArgument { user_name: name(), ..Default::default() }, 0, [true, true, true]),
        (RegisterArgument { user_address: Some(open), ..Default::default() }, 1, [true; 3]),
        (with_restriction, 7, [true, false, false]),
        (with_redirection, 6, [true, false, true]),
        (labels, 5, [true, false, true]),
        (unacceptable, 4, [true, false, false]),
    ];
    for (which, mta) in [Some(Edition::E1988), Some(Edition::E1994), None].into_iter().enumerate()
    {
        let world = world(mta);
        for argument in &of_1988 {
            let reply = register(&world, &world.bind(), &argument.to_ber()).reply;
            assert_eq!(error(&reply), (REGISTER_REJECTED, "0500".to_owned()));
        }
        for (argument, member, refused) in &of_1994 {
            let reply = settle(register(&world, &world.bind_94(), &argument.to_ber()));
            if !refused[which] {
                assert!(matches!(reply, Reply::Later | Reply::Result { .. }), "{reply:?}");
                continue;
            }
            let (code, parameter) = error(&reply);
            assert_eq!(code, OPERATION_REFUSED, "{member}");
            assert!(parameter.starts_with(&format!("31068101{member:02x}8201")), "{parameter}");
        }
    }
}

#[test]
fn encoded_information_types_are_carried_between_editions() {
    let world = world(Some(Edition::E1994));
    let types = EncodedInformationTypes::of_bits([2]);
    let argument = Register88 {
        deliverable_encoded_information_types: Some(types.clone()),
        ..Register88::default()
    };
    let passed = submit(register(&world, &world.bind(), &argument.to_ber())).argument.to_bytes();
    let as_1994 = RegisterArgument::from_bytes(&passed).expect("an argument of 1994");
    let world = self::world(Some(Edition::E1988));
    let passed = submit(register(&world, &world.bind_94(), &as_1994.to_ber()));
    let again = Register88::from_bytes(&passed.argument.to_bytes()).expect("one of 1988");
    assert_eq!(again.deliverable_encoded_information_types, Some(types));
}
