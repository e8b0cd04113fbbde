//! Delayed auto-forward: what was not fetched in time goes on, once.

use std::sync::Arc;

use super::*;
use restante_mhs::x413::{AutoActionRegistration, RegisterMSArgument};
use restante_mhs::x420::DELAYED_AUTO_FORWARD;
use restante_storage::MemoryBackend;

const SECOND_US: i64 = 1_000_000;

/// 2.25.235316739465388471336630995864173312407
const DELAYED: &str = "6982e288adc0b7bb8a8881adc4fe88dad3a9f317";

/// A registration for Dave, so many seconds after the delivery, of what is urgent or of all.
fn delayed(seconds: u8, urgent: bool) -> String {
    let urgent = urgent.then(|| pdu::x(0xa0, &pdu::filter::equal(pdu::PRIORITY, "470102")));
    let members = urgent.unwrap_or_default();
    let forward = forward_with(pdu::ALICE, pdu::DAVE, ["", &members, ""]);
    let delay = format!("a0030201{seconds:02x}");
    let parameter = pdu::x(0x30, &format!("{delay}{}", pdu::x(0xa1, &forward)));
    registration(DELAYED, u8::from(members.is_empty()) + 1, &parameter)
}

#[test]
fn what_is_not_fetched_in_time_is_forwarded() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let later = world.bind_94();
    assert_eq!(pdu::to_hex(DELAYED_AUTO_FORWARD.contents()), DELAYED);
    register(&world, &later, &registrations(&[delayed(100, false), delayed(10, true)]));
    // Fetched, listed, urgent: numbers 1, 2, 3.
    world.deliver_subjects(&["fetched", "listed"]);
    let mut message = pdu::Message::of_subject("urgent").with(pdu::hex("470102"));
    message.identifier = "L3".to_owned();
    let delivered_at = world.now;
    let (_, effects) = delivered(&mut world, &message);
    let at = Now(delivered_at + 10 * SECOND_US);
    assert!(effects.contains(&Effect::Due { at }), "{effects:?}");
    world.fetch(&later, &pdu::precise(1, &[pdu::CONTENT]));
    world.list(&later, &pdu::list("", &[pdu::SUBJECT]));
    drop(world);
    let mut world = World::over(&backend);
    let later = world.bind_94();
    world.now = at.0 - 1;
    assert_eq!(world.do_due(), Some(at.0));
    assert_eq!(errand(&world, &later), None);
    // The urgent one goes sooner.
    world.now = at.0;
    let next = world.do_due().expect("the others are to be looked at");
    let first = errand(&world, &later).expect("an errand");
    assert_eq!(message_of(&first), "urgent");
    settle(passed(&world, &first, taken()));
    world.now = next + 200 * SECOND_US;
    while world.do_due().is_some_and(|next| next <= world.now) {}
    let mut subjects = Vec::new();
    while let Some(one) = errand(&world, &later) {
        subjects.push(message_of(&one));
        settle(passed(&world, &one, taken()));
    }
    // By the registration for all, the urgent one goes once more; what was fetched never.
    assert_eq!(subjects, ["urgent", "listed"]);
    assert_eq!(world.numbers(&later, ""), [1, 2, 3]);
}

fn message_of(errand: &NextErrand) -> String {
    message(&submitted(errand).content).heading.subject_text().unwrap_or_default()
}

#[test]
fn what_was_deregistered_or_deleted_is_not_forwarded() {
    let mut world = World::new();
    let later = world.bind_94();
    register(&world, &later, &registrations(&[delayed(100, false)]));
    world.deliver_subjects(&["deleted", "left"]);
    world.invoke(&later, 23, &pdu::delete(&[1]));
    world.now += 90 * SECOND_US;
    world.do_due();
    register(&world, &later, &deregistration(DELAYED, 2));
    world.now += 200 * SECOND_US;
    while world.do_due().is_some_and(|next| next <= world.now) {}
    assert_eq!(errand(&world, &later), None);
}

#[test]
fn a_manager_registers_for_a_user_and_1988_has_no_such_type() {
    let mut world = World::new();
    let alice = world.bind();
    let one = delayed(1, false);
    assert_eq!(error(&world.invoke(&alice, 24, &registrations(std::slice::from_ref(&one)))).0, 22);
    let registration = AutoActionRegistration::from_ber(&pdu::hex(&one)).expect("a registration");
    let argument = RegisterMSArgument {
        auto_action_registrations: Some([registration].into_iter().collect()),
        ..RegisterMSArgument::default()
    };
    let reply = settle(world.ms.register_for(&user(pdu::ALICE), &argument));
    assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
    world.deliver_subjects(&["late"]);
    world.now += 2 * SECOND_US;
    while world.do_due().is_some_and(|next| next <= world.now) {}
    assert!(errand(&world, &alice).is_some());
}
