//! Messages that wait for their time.

use std::sync::Arc;

use super::*;
use restante_ber::Kept;
use restante_mhs::x411::{MTSIdentifier, extension};

const IDENTIFIER_INVALID: i64 = 7;
const REJECTED: i64 = 8;
const HOUR_US: i64 = 3_600 * SECOND_US;

/// The same disk after a crash that lost all that was not synced.
fn crashed(backend: &MemoryBackend, now: i64) -> (Arc<MemoryBackend>, World) {
    let backend = Arc::new(backend.crash(|_| 0));
    let mut world = with(&backend, LocalMta::default());
    world.now = now;
    (backend, world)
}

/// Cancels a delivery: the error where it is refused.
fn cancel(world: &World, who: &str, identifier: &MTSIdentifier) -> Result<(), i64> {
    match world.invoke_octets(&bound(world, who), 7, &identifier.to_ber()) {
        Reply::Result { operation: 7, value, .. } => {
            assert_eq!(value.to_bytes()[..], [5, 0]);
            Ok(())
        }
        other => Err(error(&other).0),
    }
}

/// Submits something to Bob that waits so long; its identifier.
fn in_an_hour(world: &World, draft: Draft) -> MTSIdentifier {
    let result = draft.deferred(world.now + HOUR_US).submit(world, &bound(world, pdu::ALICE));
    result.expect("it is taken").message_submission_identifier
}

#[test]
fn it_is_delivered_at_its_time_wherever_the_store_was_killed() {
    let backend = Arc::new(MemoryBackend::new());
    let world = with(&backend, LocalMta::default());
    let start = world.now;
    let draft = Draft::to(&[pdu::BOB, pdu::CAROL]);
    let identifier = in_an_hour(&world, draft.clone());
    assert_eq!(world.do_due(), Some(start + HOUR_US));
    assert!(numbers(&world, pdu::ALICE).is_empty(), "nothing to report yet");
    // Before: there is nothing to do but then.
    let (backend, mut world) = crashed(&backend, start);
    world.now = start + HOUR_US - 1;
    assert_eq!(world.do_due(), Some(start + HOUR_US));
    assert!(numbers(&world, pdu::BOB).is_empty());
    // During: what is not durable never was.
    world.now = start + HOUR_US + 5 * SECOND_US;
    let before = backend.crash(|_| 0);
    world.do_due();
    let after = backend.crash(|_| 0);
    for (disk, delivered_before) in [(before, false), (after, true)] {
        let (_, world) = crashed(&disk, world.now);
        assert_eq!(numbers(&world, pdu::BOB) == [1], delivered_before);
        for _ in 0..2 {
            world.do_due();
            assert_eq!(numbers(&world, pdu::BOB), [1]);
            assert_eq!(numbers(&world, pdu::ALICE), [1]);
        }
        let envelope = delivered(&world, pdu::BOB, 1);
        assert_eq!(envelope.message_delivery_identifier, identifier);
        assert_eq!(envelope.message_delivery_time, UtcTime(world.now / SECOND_US));
        let fields = envelope.other_fields;
        assert_eq!(fields.message_submission_time, UtcTime(start / SECOND_US));
        let trace = fields.extensions.get(extension::TRACE_INFORMATION).expect("a trace");
        let done = trace.expect("a trace").0.remove(0).domain_supplied_information;
        assert_eq!(done.arrival_time, UtcTime(start / SECOND_US));
        assert_eq!(done.deferred_time, Some(UtcTime(world.now / SECOND_US)));
        assert_eq!(content(&world, pdu::BOB, 1), draft.content);
        let report = reported(&world, 1);
        assert_eq!(report.subject_submission_identifier, identifier);
        assert_eq!(outcomes(&report), [None, Some((1, Some(0)))]);
        assert_eq!(cancel(&world, pdu::ALICE, &identifier), Err(REJECTED));
    }
}

#[test]
fn what_is_urgent_goes_first_where_several_are_due() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with(&backend, LocalMta::default());
    let start = world.now;
    let of = |priority| Draft::to(&[pdu::BOB]).with(|envelope| envelope.priority = priority);
    let priorities = [Priority::NON_URGENT, Priority::NORMAL, Priority::URGENT, Priority::NORMAL];
    for priority in priorities {
        in_an_hour(&world, of(priority));
        world.now += SECOND_US;
    }
    world.now = start + 2 * HOUR_US;
    world.do_due();
    let got: Vec<_> = (1..=4).map(|n| delivered(&world, pdu::BOB, n).other_fields).collect();
    let priorities: Vec<_> = got.iter().map(|fields| fields.priority).collect();
    let expected = [Priority::URGENT, Priority::NORMAL, Priority::NORMAL, Priority::NON_URGENT];
    assert_eq!(priorities, expected);
    assert!(got[1].message_submission_time < got[2].message_submission_time);
}

#[test]
fn more_than_are_done_at_once_are_all_done() {
    let mut world = world();
    for _ in 0..40 {
        in_an_hour(&world, Draft::to(&[pdu::BOB]));
    }
    world.now += HOUR_US;
    let (done, next) = world.do_due_once();
    assert!(done < 40 && next.is_some_and(|next| next <= world.now), "{done} {next:?}");
    world.do_due();
    assert_eq!(numbers(&world, pdu::BOB).len(), 40);
}

#[test]
fn it_is_cancelled_once_by_whoever_sent_it() {
    let backend = Arc::new(MemoryBackend::new());
    let world = with(&backend, LocalMta::default());
    let start = world.now;
    let identifier = in_an_hour(&world, Draft::to(&[pdu::BOB]));
    let kept = in_an_hour(&world, Draft::to(&[pdu::BOB]));
    assert_eq!(cancel(&world, pdu::BOB, &identifier), Err(IDENTIFIER_INVALID));
    let mut other = identifier.clone();
    other.local_identifier = "another".into();
    assert_eq!(cancel(&world, pdu::ALICE, &other), Err(IDENTIFIER_INVALID));
    assert_eq!(cancel(&world, pdu::ALICE, &identifier), Ok(()));
    assert_eq!(cancel(&world, pdu::ALICE, &identifier), Err(IDENTIFIER_INVALID));
    let (_, mut world) = crashed(&backend, start);
    assert_eq!(cancel(&world, pdu::ALICE, &identifier), Err(IDENTIFIER_INVALID));
    world.now += 2 * HOUR_US;
    world.do_due();
    assert_eq!(numbers(&world, pdu::BOB), [1]);
    assert_eq!(delivered(&world, pdu::BOB, 1).message_delivery_identifier, kept);
    assert_eq!(numbers(&world, pdu::ALICE), [1], "a report on one");
    let at_once = Draft::to(&[pdu::BOB]).submit(&world, &bound(&world, pdu::ALICE));
    let at_once = at_once.expect("it is taken").message_submission_identifier;
    assert_eq!(cancel(&world, pdu::ALICE, &at_once), Err(REJECTED));
}

#[test]
fn who_comes_first_decides_between_delivery_and_cancellation() {
    use restante_ms::{Now, Operation};
    let mut world = world();
    let identifier = in_an_hour(&world, Draft::to(&[pdu::BOB]));
    world.now += HOUR_US;
    let alice = bound(&world, pdu::ALICE);
    // Not waited for.
    let due = world.ms.due(Now(world.now)).expect("storage can be read");
    let argument = Kept::<MTSIdentifier>::from_bytes(&identifier.to_ber()).expect("itself");
    let operation = Operation::decode(alice.edition, 7, Some(argument.octets()));
    let outcome = world.ms.execute(&alice, Now(world.now), operation.expect("an operation"));
    assert_eq!(error(&outcome.reply).0, REJECTED);
    for done in due.done {
        done.commit.wait().expect("it is stored");
    }
    assert_eq!(numbers(&world, pdu::BOB), [1]);
    // The other way round.
    let identifier = in_an_hour(&world, Draft::to(&[pdu::BOB]));
    world.now += HOUR_US;
    let operation = Operation::decode(alice.edition, 7, Some(&identifier.to_ber()));
    let outcome = world.ms.execute(&alice, Now(world.now), operation.expect("an operation"));
    world.do_due();
    outcome.commit.expect("a commit").wait().expect("it is cancelled");
    world.do_due();
    assert_eq!(numbers(&world, pdu::BOB), [1]);
}

#[test]
fn what_comes_too_late_has_expired() {
    let mut world = world();
    let start = world.now;
    let latest = UtcTime((start + HOUR_US) / SECOND_US + 10);
    let draft = Draft::to(&[pdu::BOB]).with(|envelope| {
        envelope.extensions.push(extension::LATEST_DELIVERY_TIME, &latest);
    });
    in_an_hour(&world, draft.clone());
    in_an_hour(&world, draft);
    world.now = start + HOUR_US + 10 * SECOND_US;
    world.do_due_once();
    assert_eq!(numbers(&world, pdu::BOB), [1, 2]);
    in_an_hour(
        &world,
        Draft::to(&[pdu::BOB]).with(|envelope| {
            let latest = UtcTime((start + 3 * HOUR_US) / SECOND_US);
            envelope.extensions.push(extension::LATEST_DELIVERY_TIME, &latest);
        }),
    );
    // The store was down.
    world.now = start + 4 * HOUR_US;
    world.do_due();
    assert_eq!(numbers(&world, pdu::BOB), [1, 2]);
    assert_eq!(outcomes(&reported(&world, 3)), [Some((1, Some(5)))]);
}

#[test]
fn who_is_registered_for_what_is_asked_when_it_is_delivered() {
    let mut world = world();
    in_an_hour(&world, Draft::to(&[pdu::BOB]));
    register(&world, pdu::BOB, &pdu::x(0xa1, "02010a"));
    world.now += HOUR_US;
    world.do_due();
    assert_eq!(outcomes(&reported(&world, 1)), [Some((1, Some(7)))]);
}

#[test]
fn nothing_is_lost_while_nothing_can_be_stored() {
    use restante_ms::Now;
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with(&backend, LocalMta::default());
    in_an_hour(&world, Draft::to(&[pdu::BOB]));
    world.now += HOUR_US;
    // Bob has a mailbox.
    assert!(numbers(&world, pdu::BOB).is_empty());
    backend.set_free_bytes(0);
    let due = world.ms.due(Now(world.now)).expect("storage can be read");
    assert_eq!(due.done.len(), 1);
    for done in due.done {
        done.commit.wait().expect_err("there is no room");
    }
    backend.set_free_bytes(u64::MAX);
    world.do_due();
    assert_eq!(numbers(&world, pdu::BOB), [1]);
}

#[test]
fn an_outbox_shows_it_at_once_and_nobody_sees_the_queue() {
    let settings = Settings { mta: None, store_submissions: true, ..Settings::default() };
    let world = World::with(&Arc::new(MemoryBackend::new()), settings);
    in_an_hour(&world, Draft::to(&[pdu::BOB]));
    let alice = bound(&world, pdu::ALICE);
    assert!(world.numbers(&alice, "").is_empty());
    let outbox = world.list(&alice, &crate::submit::outbox(&pdu::list("", &[])));
    assert_eq!(outbox.requested.expect("an entry").len(), 1);
}
