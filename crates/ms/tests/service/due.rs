//! What is done at its time: once, whoever stops and starts meanwhile.

use std::sync::Arc;

use crate::common::{World, error, pdu};
use crate::submit::{IDENTIFIER, message, submitted, taken, to_submit};
use bytes::Bytes;
use restante_mhs::x419::Edition;
use restante_ms::{Effect, Now, Passed, Reply, Settings};
use restante_storage::MemoryBackend;

const DAY_US: i64 = 86_400_000_000;

/// A world over the same disk in which submissions are remembered for two days.
fn two_days(backend: &Arc<MemoryBackend>) -> World {
    World::with(backend, Settings { submissions_kept_days: 2, ..Settings::default() })
}

/// A report about the submission of [`IDENTIFIER`].
fn report() -> Vec<u8> {
    let delivered = pdu::of(
        0x31,
        &[pdu::retag(pdu::CAROL, 0xa0), pdu::hex("a114a012800d3236313132343130323732375a810101")],
    );
    pdu::of(0x31, &[pdu::of(0x30, &[delivered]), pdu::hex(IDENTIFIER)])
}

#[test]
fn whose_a_submission_was_is_forgotten_at_its_time() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = two_days(&backend);
    let (bob, _) = world.bind_with(Edition::E1988, &pdu::bind(pdu::BOB, ""));
    assert_eq!(world.do_due(), None, "nothing is to be done");
    submitted(&world, &bob, &message(pdu::BOB, b"anything", ""));
    let at = world.do_due().expect("it is to be forgotten");
    assert!((2 * DAY_US..=3 * DAY_US).contains(&(at - world.now)), "{at}");
    drop((world, bob));
    world = two_days(&backend);
    world.now = at - 1;
    assert_eq!(world.do_due(), Some(at), "not yet");
    assert!(matches!(world.deliver_code(6, &report()), Reply::Result { .. }));
    world.now = at;
    assert_eq!(world.do_due(), None);
    assert_eq!(error(&world.deliver_code(6, &report())).0, 12, "nobody submitted it");
}

#[test]
fn what_is_deferred_is_remembered_from_its_time_on() {
    let world = two_days(&Arc::new(MemoryBackend::new()));
    let alice = world.bind();
    let deferred = pdu::x(0x80, &pdu::to_hex(b"270124000000Z"));
    submitted(&world, &alice, &message(pdu::ALICE, b"later", &deferred));
    let at = world.do_due().expect("it is to be forgotten");
    let midnight = 1_800_748_800_000_000;
    assert_eq!(at, midnight + 3 * DAY_US);
}

#[test]
fn a_submission_says_when_there_is_something_to_do() {
    let world = two_days(&Arc::new(MemoryBackend::new()));
    let alice = world.bind();
    let submit =
        to_submit(crate::submit::begin(&world, &alice, 3, &message(pdu::ALICE, b"x", "")));
    let answer = Passed::Result(Some(Bytes::from(crate::submit::result(""))));
    let outcome = world.ms.complete(&submit.token, answer, Now(world.now));
    let at = outcome.effects.iter().find_map(|effect| match effect {
        Effect::Due { at } => Some(at.0),
        _ => None,
    });
    outcome.commit.expect("a commit").wait().expect("it is stored");
    assert_eq!(at, world.do_due());
}

#[test]
fn many_are_forgotten_in_parts_and_those_that_are_younger_stay() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = two_days(&backend);
    let alice = world.bind();
    let answer = |number: u32| {
        let domain = pdu::hex("6311610413024742620313012013045045 4552");
        let local = pdu::tlv(0x16, format!("{number:06}").as_bytes());
        let time = pdu::tlv(0x80, b"261124102733Z");
        pdu::of(0x31, &[pdu::of(0x64, &[domain, local]), time])
    };
    let submit = |world: &World, number| {
        let argument = message(pdu::ALICE, b"", "");
        let submit = to_submit(crate::submit::begin(world, &alice, 3, &argument));
        taken(world, &submit, &answer(number));
    };
    (0..1500).for_each(|number| submit(&world, number));
    let at = world.do_due().expect("they are to be forgotten");
    world.now += DAY_US;
    (1500..1510).for_each(|number| submit(&world, number));
    world.now = at;
    assert_eq!(world.do_due_once().1, Some(at), "there is more");
    drop(world);
    world = two_days(&backend);
    world.now = at;
    assert_eq!(world.do_due(), Some(at + DAY_US));
    let mut reported = |number: u32| {
        let delivered = pdu::of(
            0x31,
            &[
                pdu::retag(pdu::CAROL, 0xa0),
                pdu::hex("a114a012800d3236313132343130323732375a810101"),
            ],
        );
        let result = answer(number);
        let identifier = result[2..result.len() - 15].to_vec();
        let report = pdu::of(0x31, &[pdu::of(0x30, &[delivered]), identifier]);
        matches!(world.deliver_code(6, &report), Reply::Result { .. })
    };
    assert!(!reported(0) && !reported(1400) && !reported(1499));
    assert!(reported(1500) && reported(1509));
}
