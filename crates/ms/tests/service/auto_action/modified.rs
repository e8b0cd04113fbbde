//! Auto-modify of what is submitted and put away.

use super::later::log;
use super::*;
use crate::classes;
use restante_mhs::x413::MSMessageSubmissionResult;

const MODIFY: &str = "56040404";
const NOTES: &str = "5604033a";

/// Registers that a note is added to entries of a class.
fn notes(class: u8, identifier: u8, text: &str) -> String {
    let value = pdu::x(0x1b, &pdu::to_hex(text.as_bytes()));
    let note = pdu::x(0x30, &format!("{}{}", pdu::x(0x06, NOTES), pdu::x(0x30, &value)));
    let modification = pdu::x(0xa2, &pdu::x(0x30, &pdu::x(0x31, &pdu::x(0xa1, &note))));
    let parameter = pdu::x(0x31, &format!("a0030201{class:02x}{modification}"));
    registration(MODIFY, identifier, &parameter)
}

/// The notes of the entries of a class.
fn noted(world: &World, alice: &Binding, class: u8) -> Vec<Vec<Vec<u8>>> {
    let octets = pdu::list("", &[NOTES]);
    let list = pdu::x(0x31, &format!("a0030201{class:02x}{}", &octets[4..]));
    let listed = world.list(alice, &list).requested.unwrap_or_default();
    listed.iter().map(|entry| attribute(entry, NOTES)).collect()
}

#[test]
fn entries_of_the_class_that_is_registered_are_modified() {
    let mut world = World::new();
    let alice = world.bind_94();
    let all = [notes(1, 1, "out"), notes(2, 2, "draft"), notes(3, 3, "all")];
    register(&world, &alice, &registrations(&all));
    delivered(&mut world, &pdu::Message::of_subject("s"));
    let note = |text: &str| pdu::tlv(0x1b, text.as_bytes());
    // What a later rule adds takes the place of what an earlier one did.
    assert_eq!(noted(&world, &alice, 0), [[note("all")]]);
    let reply = classes::submitted(&world, &alice, &classes::submission("x", "a003020102"));
    let Reply::Result { value, .. } = reply else { panic!("{reply:?}") };
    let draft = MSMessageSubmissionResult::from_bytes(&value.to_bytes()).expect("a result");
    let MSMessageSubmissionResult::StoreDraftResult(created) = draft else { panic!("{draft:?}") };
    assert!(created.created_entry.is_some() && created.auto_action_error_indication.is_none());
    assert_eq!(noted(&world, &alice, 2), [[note("all")]]);
    // Two rules for a draft, and each is told of.
    let runs = log(&world, &alice);
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|run| run.0 == MODIFY && run.2.is_empty()), "{runs:?}");
    let subjects: Vec<_> = runs.iter().map(|run| run.1.as_str()).collect();
    assert_eq!(subjects, ["01", "03", "03"]);
}

#[test]
fn a_submission_is_modified_unless_it_is_to_be_left_alone() {
    let world = World::new();
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[notes(1, 1, "out")]));
    for options in ["a003020101", "a003020101a1030101ff"] {
        let reply = classes::submitted(&world, &alice, &classes::submission("x", options));
        assert!(matches!(reply, Reply::Result { operation: 3, .. }), "{reply:?}");
    }
    let note = pdu::tlv(0x1b, b"out");
    assert_eq!(noted(&world, &alice, 1), [vec![note], vec![]]);
    assert_eq!(log(&world, &alice).len(), 1);
    // The auto-action-log is none of those that can be modified.
    let refused = error(&world.invoke(&alice, 24, &registrations(&[notes(7, 2, "log")])));
    assert_eq!(refused.0, 32);
}
