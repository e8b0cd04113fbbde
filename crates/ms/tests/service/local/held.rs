//! Mailboxes that are held: what is for them waits, and is delivered when they are let go.

use std::sync::Arc;

use super::*;
use restante_mhs::x411::extension;
use restante_ms::{Hold, Whose, Why};

const PAUSE_US: i64 = 15 * SECOND_US;

fn only(messages: bool, reports: bool) -> Hold {
    Hold { messages, reports, ..Hold::default() }
}

fn put(world: &World, who: &str, hold: Hold) {
    let whose = Whose::Mailbox(crate::common::user(who).key);
    world.ms.holds().put(whose, Why::Operator, hold);
}

/// The same disk after a crash, where nothing is held until somebody says so.
fn crashed(backend: &MemoryBackend, now: i64) -> World {
    let mut world = with(&Arc::new(backend.crash(|_| 0)), LocalMta::default());
    world.now = now;
    world
}

#[test]
fn what_is_blocked_waits_while_others_get_theirs() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with(&backend, LocalMta::default());
    put(&world, pdu::BOB, only(true, false));
    let draft = Draft::to(&[pdu::ALICE, pdu::BOB, pdu::CAROL]);
    let identifier = draft.sent(&world);
    assert_eq!((numbers(&world, pdu::ALICE), numbers(&world, pdu::BOB)), (vec![1, 2], vec![]));
    let early = outcomes(&reported(&world, 2));
    assert_eq!(early, [None, Some((1, Some(0)))], "of Bob nothing is known yet");
    let start = world.now;
    assert_eq!(world.do_due(), Some(start + PAUSE_US));
    // As long as he is blocked it is tried again, more and more rarely.
    let mut pauses = Vec::new();
    for _ in 0..40 {
        let next = world.do_due().expect("it waits");
        assert!(next > world.now);
        pauses.push((next - world.now) / SECOND_US);
        world.now = next;
    }
    assert!(pauses.is_sorted() && pauses.last() == Some(&300), "{pauses:?}");
    assert!(numbers(&world, pdu::BOB).is_empty());
    put(&world, pdu::BOB, Hold::default());
    world.do_due();
    let crashed = crashed(&backend, world.now);
    for world in [&world, &crashed] {
        assert_eq!(
            (numbers(world, pdu::ALICE), numbers(world, pdu::BOB)),
            (vec![1, 2, 3], vec![1])
        );
        let envelope = delivered(world, pdu::BOB, 1);
        assert_eq!(envelope.message_delivery_identifier.to_string(), identifier);
        assert_eq!(envelope.message_delivery_time, UtcTime(world.now / SECOND_US));
        assert_eq!(content(world, pdu::BOB, 1), draft.content);
        let late = reported(world, 3);
        assert_eq!(late.subject_submission_identifier.to_string(), identifier);
        assert_eq!(late.per_recipient_fields[0].actual_recipient_name, name(pdu::BOB));
        assert_eq!(outcomes(&late), [None]);
    }
}

#[test]
fn a_crash_loses_nothing_of_what_is_held_and_a_start_delivers_it() {
    let backend = Arc::new(MemoryBackend::new());
    let world = with(&backend, LocalMta::default());
    world.ms.holds().put(Whose::All, Why::Drain, Hold::everything());
    Draft::to(&[pdu::BOB]).sent(&world);
    world.do_due();
    assert!(numbers(&world, pdu::BOB).is_empty());
    let world = crashed(&backend, world.now + PAUSE_US);
    for _ in 0..2 {
        world.do_due();
        assert_eq!((numbers(&world, pdu::BOB), numbers(&world, pdu::ALICE)), (vec![1], vec![1]));
    }
}

#[test]
fn a_report_that_is_held_comes_later_with_the_content() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with(&backend, LocalMta::default());
    put(&world, pdu::ALICE, only(false, true));
    let returned = PerMessageIndicators::CONTENT_RETURN_REQUEST;
    let draft = Draft::to(&[pdu::CAROL]).indicating(&[returned]);
    let identifier = draft.sent(&world);
    let plain = Draft::to(&[pdu::BOB]).sent(&world);
    assert_eq!((numbers(&world, pdu::BOB), numbers(&world, pdu::ALICE)), (vec![1], vec![]));
    world.now += PAUSE_US;
    assert!(world.do_due().is_some_and(|next| next > world.now));
    assert!(numbers(&world, pdu::ALICE).is_empty());
    put(&world, pdu::ALICE, Hold::default());
    let mut world = crashed(&backend, world.now + 2 * PAUSE_US);
    world.do_due();
    assert_eq!(numbers(&world, pdu::ALICE), [1, 3], "the content that came back is a child");
    let report = reported(&world, 1);
    assert_eq!(report.subject_submission_identifier.to_string(), identifier);
    assert_eq!(content(&world, pdu::ALICE, 2), draft.content);
    assert_eq!(reported(&world, 3).subject_submission_identifier.to_string(), plain);
    world.now += 1000 * PAUSE_US;
    world.do_due();
    assert_eq!(numbers(&world, pdu::ALICE), [1, 3]);
}

#[test]
fn what_is_held_beyond_its_latest_delivery_time_is_reported() {
    let mut world = world();
    put(&world, pdu::BOB, only(true, false));
    let latest = UtcTime(world.now / SECOND_US + 60);
    let draft = Draft::to(&[pdu::BOB]);
    draft
        .with(|envelope| envelope.extensions.push(extension::LATEST_DELIVERY_TIME, &latest))
        .sent(&world);
    for _ in 0..40 {
        world.now = world.do_due().unwrap_or(world.now);
    }
    assert!(numbers(&world, pdu::BOB).is_empty());
    assert_eq!(outcomes(&reported(&world, 1)), [Some((1, Some(5)))]);
}

#[test]
fn the_queue_has_an_end_and_a_hold_for_want_of_space_takes_nothing() {
    let local_mta = LocalMta { deferred_max: 1, ..LocalMta::default() };
    let world = with(&Arc::new(MemoryBackend::new()), local_mta);
    put(&world, pdu::BOB, only(true, false));
    let alice = bound(&world, pdu::ALICE);
    let submit = |to| Draft::to(&[to]).submit(&world, &alice);
    assert!(submit(pdu::BOB).is_ok());
    assert!(submit(pdu::BOB).is_err(), "one waits already");
    assert!(submit(pdu::ALICE).is_ok());
    world.ms.holds().put(Whose::All, Why::Space, Hold::everything());
    let before = numbers(&world, pdu::ALICE);
    assert!(submit(pdu::ALICE).is_err());
    assert_eq!(numbers(&world, pdu::ALICE), before);
}

#[test]
fn what_is_deferred_and_then_held_can_not_be_cancelled_any_more() {
    let mut world = world();
    put(&world, pdu::BOB, Hold { content_octets_max: Some(1), ..Hold::default() });
    let hour = 3_600 * SECOND_US;
    let alice = bound(&world, pdu::ALICE);
    let draft = Draft::to(&[pdu::BOB]).deferred(world.now + hour);
    let result = draft.submit(&world, &alice).expect("it is taken");
    world.now += hour;
    assert_eq!(world.do_due(), Some(world.now + PAUSE_US));
    let octets = result.message_submission_identifier.to_ber();
    assert_eq!(error(&world.invoke_octets(&alice, 7, &octets)).0, 8);
    put(&world, pdu::BOB, Hold::default());
    world.now += PAUSE_US;
    world.do_due();
    assert_eq!(numbers(&world, pdu::BOB), [1]);
}
