//! Modify and message-groups.

use std::sync::Arc;

use crate::common::{MISTYPED, UNRECOGNIZED, World, attribute, error, pdu};
use restante_ber::Decode;
use restante_mhs::x413::{MessageGroupError, ModifyResult, RegisterMSResult};
use restante_ms::{Binding, Reply};
use restante_storage::MemoryBackend;

const GROUPS: &str = "56040339";
const NOTES: &str = "5604033a";
const PERIOD: &str = "56040349";
const TIME: &str = "5604034a";

/// The name of a group.
pub(crate) fn name(parts: &[&str]) -> String {
    let part = |part: &&str| pdu::x(0x1b, &pdu::to_hex(part.as_bytes()));
    pdu::x(0x30, &parts.iter().map(part).collect::<String>())
}

pub(crate) fn note(text: &str) -> String {
    pdu::x(0x1b, &pdu::to_hex(text.as_bytes()))
}

pub(crate) fn register_group(parts: &[&str], descriptor: &str) -> String {
    let text = match descriptor {
        "" => String::new(),
        text => pdu::x(0xa1, &note(text)),
    };
    pdu::x(0xa0, &pdu::x(0x31, &format!("{}{text}", pdu::x(0xa0, &name(parts)))))
}

fn deregister_group(parts: &[&str]) -> String {
    pdu::x(0xa1, &name(parts))
}

pub(crate) fn groups(world: &World, alice: &Binding, registrations: &[String]) -> Reply {
    let argument = pdu::x(0xa8, &pdu::x(0x30, &registrations.concat()));
    world.invoke(alice, 24, &pdu::x(0x31, &argument))
}

fn modification(strict: bool, change: &str) -> String {
    let strict = if strict { "a0030101ff" } else { "" };
    pdu::x(0x31, &format!("{strict}{change}"))
}

pub(crate) fn add_attribute(oid: &str, values: &[String]) -> String {
    pdu::x(0xa1, &pdu::x(0x30, &format!("{}{}", pdu::x(6, oid), pdu::x(0x30, &values.concat()))))
}

fn remove_attribute(oid: &str) -> String {
    pdu::x(0xa2, &pdu::x(6, oid))
}

/// add-values [3] or remove-values [4]: a value, and a position where it is not 0.
fn values(tag: u8, oid: &str, values: &[(&str, u8)]) -> String {
    let one = |(value, position): &(&str, u8)| {
        let value = if value.is_empty() { String::new() } else { pdu::x(0xa0, value) };
        let position = match position {
            0 => String::new(),
            n => format!("a1030201{n:02x}"),
        };
        pdu::x(0x30, &format!("{value}{position}"))
    };
    let all = pdu::x(0x30, &values.iter().map(one).collect::<String>());
    pdu::x(tag, &pdu::x(0x30, &format!("{}{all}", pdu::x(6, oid))))
}

pub(crate) fn modify(entries: &str, modifications: &[String]) -> String {
    pdu::x(0x31, &format!("{entries}{}", pdu::x(0xa3, &pdu::x(0x30, &modifications.concat()))))
}

pub(crate) fn specific(numbers: &[u8]) -> String {
    let one = |number: &u8| format!("0201{number:02x}");
    pdu::x(0xa2, &pdu::x(0x30, &numbers.iter().map(one).collect::<String>()))
}

fn told(world: &World, alice: &Binding, number: u32, oid: &str) -> Vec<String> {
    let fetched = world.fetch(alice, &pdu::precise(number, &[oid])).entry_information;
    let values = attribute(&fetched.expect("an entry"), oid);
    values.iter().map(|value| pdu::to_hex(value)).collect()
}

#[test]
fn notes_come_and_go_in_their_places() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    world.deliver_subjects(&["one", "two", "three"]);
    let alice = world.bind_94();
    let all = pdu::x(0xa1, "3100");
    let added =
        modify(&all, &[modification(true, &add_attribute(NOTES, &[note("a"), note("c")]))]);
    let result: ModifyResult = world.result(&alice, 26, &added);
    let modified = result.entries_modified.expect("numbers");
    assert_eq!(modified.iter().map(|n| n.0).collect::<Vec<_>>(), [1, 2, 3]);
    let second = specific(&[2]);
    let between = modification(false, &values(0xa3, NOTES, &[(&note("b"), 2), (&note("A"), 1)]));
    let result: ModifyResult = world.result(&alice, 26, &modify(&second, &[between]));
    assert_eq!(result.entries_modified, None, "the user has named them");
    assert_eq!(told(&world, &alice, 2, NOTES), [note("a"), note("b"), note("c")]);
    let gone = modification(true, &values(0xa4, NOTES, &[(&note("C"), 0), ("", 1)]));
    world.result::<ModifyResult>(&alice, 26, &modify(&second, &[gone]));
    assert_eq!(told(&world, &alice, 2, NOTES), [note("b")]);
    assert_eq!(told(&world, &alice, 1, NOTES), [note("a"), note("c")]);
    drop(world);
    // Kept through a start, and found by filters.
    let world = World::over(&backend);
    let alice = world.bind();
    let with_b = pdu::selector::filter(&pdu::filter::equal(NOTES, &note("B")));
    assert_eq!(world.numbers(&alice, &with_b), [2]);
    let alice = world.bind_94();
    let none = modification(true, &remove_attribute(NOTES));
    world.result::<ModifyResult>(&alice, 26, &modify(&second, &[none]));
    assert_eq!(world.numbers(&alice, &with_b), []);
    let summary = world.summarize(
        &alice,
        &pdu::x(0x31, &format!("a1023100{}", pdu::x(0xa2, &pdu::x(0x30, &pdu::x(6, NOTES))))),
    );
    let [summary] = &summary.summaries.expect("one")[..] else { panic!("not one") };
    assert_eq!(summary.absent, Some(1));
    assert_eq!(summary.present.as_ref().map(|values| values.0.len()), Some(2));
}

#[test]
fn what_cannot_be_done_ends_it_at_its_entry() {
    let mut world = World::new();
    world.deliver_subjects(&["one", "two", "three"]);
    let alice = world.bind_94();
    let noted =
        modify(&specific(&[2]), &[modification(true, &add_attribute(NOTES, &[note("x")]))]);
    world.result::<ModifyResult>(&alice, 26, &noted);
    let all = pdu::x(0xa1, "3100");
    let problem = |number: u8, place: u8, problem: u8, before: &str| {
        let failing =
            format!("{before}a1030201{number:02x}a2030201{place:02x}a3030201{problem:02x}");
        (33, pdu::x(0x31, &failing))
    };
    let fails = |entries: &str, modifications: &[String]| {
        error(&world.invoke(&alice, 26, &modify(entries, modifications)))
    };
    // Entry 1 is modified, entry 2 is not, entry 3 is not reached.
    let both = [
        modification(false, &add_attribute(PERIOD, &["02013c".to_owned()])),
        modification(true, &add_attribute(NOTES, &[note("y")])),
    ];
    let before = "a0053003020101";
    assert_eq!(fails(&all, &both), problem(2, 2, 2, before));
    assert_eq!(told(&world, &alice, 1, NOTES), [note("y")]);
    assert_eq!(told(&world, &alice, 1, PERIOD), ["02013c"]);
    assert_eq!(told(&world, &alice, 2, PERIOD), Vec::<String>::new());
    assert_eq!(told(&world, &alice, 3, PERIOD), Vec::<String>::new());
    let two = specific(&[2]);
    let strict = |change: &str| [modification(true, change)];
    assert_eq!(fails(&two, &strict(&remove_attribute(PERIOD))), problem(2, 1, 0, ""));
    let other = values(0xa4, NOTES, &[(&note("z"), 0)]);
    assert_eq!(fails(&two, &strict(&other)), problem(2, 1, 1, ""));
    let beyond = values(0xa4, NOTES, &[("", 2)]);
    assert_eq!(fails(&two, &strict(&beyond)), problem(2, 1, 3, ""));
    let beyond = values(0xa3, NOTES, &[(&note("z"), 3)]);
    assert_eq!(fails(&two, &strict(&beyond)), problem(2, 1, 3, ""));
    let again = values(0xa3, NOTES, &[(&note("X"), 0)]);
    assert_eq!(fails(&two, &strict(&again)), problem(2, 1, 2, ""));
    let status = remove_attribute(pdu::STATUS);
    assert_eq!(fails(&two, &[modification(false, &status)]), problem(2, 1, 4, ""));
    // Nobody names so many, though they are all one.
    let same = |count| values(0xa3, NOTES, &vec![(note("x").as_str(), 0); count]);
    assert_eq!(fails(&two, &[modification(false, &same(1025))]), problem(2, 1, 4, ""));
    // Without strict it does nothing.
    for change in [&remove_attribute(PERIOD), &other, &again, &same(1024)] {
        world.result::<ModifyResult>(&alice, 26, &modify(&two, &[modification(false, change)]));
    }
    assert_eq!(told(&world, &alice, 2, NOTES), [note("x")]);
    assert_eq!(
        fails(&specific(&[9]), &both),
        (28, "3110a10e310c310aa003020100a103020109".to_owned())
    );
}

#[test]
fn arguments_are_checked_before_anything_is_modified() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let alice = world.bind_94();
    let fails = |change: &str| {
        let argument = modify(&specific(&[1]), &[modification(false, change)]);
        error(&world.invoke(&alice, 26, &argument))
    };
    let problem = |problem: u8, oid: &str, value: &str| {
        let value = if value.is_empty() { String::new() } else { pdu::x(0xa2, value) };
        let item = format!("a0030201{problem:02x}{}{value}", pdu::x(0xa1, &pdu::x(6, oid)));
        (21, pdu::x(0x31, &pdu::x(0xa0, &pdu::x(0x31, &pdu::x(0x31, &item)))))
    };
    assert_eq!(fails(&remove_attribute("2a0304")), problem(1, "2a0304", ""));
    assert_eq!(fails(&remove_attribute(pdu::SUBJECT)), problem(5, pdu::SUBJECT, ""));
    let periods = ["020101".to_owned(), "020102".to_owned()];
    assert_eq!(fails(&add_attribute(PERIOD, &periods)), problem(6, PERIOD, ""));
    for (oid, value) in [(PERIOD, "0201ff"), (PERIOD, "0500"), (pdu::STATUS, "020103")] {
        assert_eq!(fails(&add_attribute(oid, &[value.to_owned()])), problem(0, oid, value));
    }
    assert_eq!(fails(&values(0xa3, NOTES, &[("", 1)])), (29, "0500".to_owned()));
    let unknown = add_attribute(GROUPS, &[name(&["nobody"])]);
    let named = format!("a003020100{}", pdu::x(0xa1, &name(&["nobody"])));
    assert_eq!(fails(&unknown), (30, pdu::x(0x31, &named)));
    // What contexts of 1988 do not have.
    let old = world.bind();
    let argument = modify(&specific(&[1]), &[modification(false, &remove_attribute(NOTES))]);
    assert_eq!(world.invoke(&old, 26, &argument), UNRECOGNIZED);
    assert_eq!(world.invoke(&alice, 26, "3100"), MISTYPED);
}

#[test]
fn a_status_is_given_and_taken_back() {
    let mut world = World::new();
    world.deliver_subjects(&["one", "two"]);
    let alice = world.bind_94();
    let set =
        |status: &str| modification(false, &add_attribute(pdu::STATUS, &[status.to_owned()]));
    let argument = modify(&specific(&[2]), &[set("020102")]);
    world.result::<ModifyResult>(&alice, 26, &argument);
    let new = pdu::selector::filter(&pdu::filter::equal(pdu::STATUS, "020100"));
    assert_eq!(world.numbers(&alice, &new), [1]);
    world.fetch(&alice, &pdu::precise(1, &[pdu::CONTENT]));
    assert_eq!(world.numbers(&alice, &new), []);
    let argument = modify(&pdu::x(0xa1, "3100"), &[set("020100")]);
    world.result::<ModifyResult>(&alice, 26, &argument);
    assert_eq!(world.numbers(&alice, &new), [1, 2]);
}

#[test]
fn storage_period_and_time_follow_from_each_other() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let alice = world.bind_94();
    let one = specific(&[1]);
    let period = modification(false, &add_attribute(PERIOD, &["02020e10".to_owned()]));
    world.result::<ModifyResult>(&alice, 26, &modify(&one, &[period]));
    let [time] = &told(&world, &alice, 1, TIME)[..] else { panic!("no time") };
    let set = modification(false, &add_attribute(TIME, std::slice::from_ref(time)));
    world.result::<ModifyResult>(&alice, 26, &modify(&one, &[set]));
    assert_eq!(told(&world, &alice, 1, PERIOD), ["02020e10"]);
}

#[test]
fn groups_are_registered_from_the_outermost_on_and_go_when_nobody_is_in_them() {
    let mut world = World::new();
    world.deliver_subjects(&["one", "two"]);
    let alice = world.bind_94();
    let fails = |registrations: &[String]| match error(&groups(&world, &alice, registrations)) {
        (30, parameter) => {
            let error = MessageGroupError::from_ber(&pdu::hex(&parameter)).expect("it");
            error.problem.0
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(fails(&[register_group(&["work", "urgent"], "")]), 2, "no parent");
    let both =
        [register_group(&["Work"], "what is to be done"), register_group(&["work", "urgent"], "")];
    let reply = groups(&world, &alice, &both);
    assert!(matches!(reply, Reply::Result { operation: 24, .. }), "{reply:?}");
    assert_eq!(fails(&[register_group(&["WORK"], "")]), 1, "it is there");
    assert_eq!(fails(&[deregister_group(&["work"])]), 5, "a group is in it");
    assert_eq!(fails(&[deregister_group(&["play"])]), 0);
    let deep: Vec<_> = (0..65).map(|_| "a").collect();
    assert_eq!(fails(&[register_group(&deep, "")]), 6);
    // One that fails leaves all as it was.
    assert_eq!(fails(&[deregister_group(&["work", "urgent"]), deregister_group(&["play"])]), 0);
    let join = modification(true, &add_attribute(GROUPS, &[name(&["work", "Urgent"])]));
    world.result::<ModifyResult>(&alice, 26, &modify(&specific(&[2]), &[join]));
    assert_eq!(fails(&[deregister_group(&["work", "urgent"])]), 3, "an entry is in it");
    let inside = pdu::selector::filter(&pdu::filter::equal(GROUPS, &name(&["WORK", "urgent"])));
    assert_eq!(world.numbers(&alice, &inside), [2]);
    world.invoke(&alice, 23, &pdu::delete(&[2]));
    // What is registered, asked for: names alone, those directly in it.
    let asked = |restriction: &str| {
        let types = format!("a00403020204{restriction}");
        let argument = pdu::x(0x31, &pdu::x(0xa9, &pdu::x(0x31, &types)));
        match world.result::<RegisterMSResult>(&alice, 24, &argument) {
            RegisterMSResult::RegisteredInformation(told) => {
                told.message_group_registrations.map_or(0, |groups| groups.0.len())
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(asked(""), 2);
    assert_eq!(asked("a2023100"), 1);
    assert_eq!(asked("a2073105a1030101 00"), 2);
    assert_eq!(asked(&pdu::x(0xa2, &pdu::x(0x31, &pdu::x(0xa0, &name(&["work"]))))), 1);
    let reply = groups(
        &world,
        &alice,
        &[deregister_group(&["work", "urgent"]), deregister_group(&["work"])],
    );
    assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
    assert_eq!(asked(""), 0);
    // Contexts of 1988 do not have the member.
    let old = world.bind();
    assert!(matches!(groups(&world, &old, &both), Reply::Result { .. }));
    assert_eq!(asked(""), 0);
}
