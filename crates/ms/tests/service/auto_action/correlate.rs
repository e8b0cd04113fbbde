//! Correlation of reports, messages and notifications with what they are about.

use std::sync::Arc;

use super::*;
use crate::submit::{message as submission, outbox, submitted as submit};
use restante_ms::Settings;
use restante_storage::MemoryBackend;

const REPORTS: &str = "56040402";
const MESSAGES: &str = "56010f01";

const REPORT_LIST: &str = "5604032a";
const REPORT_SUMMARY: &str = "5604032b";
const UNCORRELATED: &str = "5604032c";
const SUBJECT_ENTRY: &str = "5604034c";

/// A registration without a parameter.
fn bare(action: &str) -> String {
    pdu::x(0x30, &format!("{}a003020101", pdu::x(0x06, action)))
}

fn with_outbox(backend: &Arc<MemoryBackend>) -> World {
    let settings = Settings { store_submissions: true, ..Settings::default() };
    World::with(backend, settings)
}

fn do_all_due(world: &World) {
    while world.do_due().is_some_and(|next| next <= world.now) {}
}

/// The values of an attribute of an entry, in hexadecimal.
fn told(world: &World, binding: &Binding, class: u8, number: u32, oid: &str) -> Vec<String> {
    let argument = pdu::precise(number, &[oid]);
    let argument = if class == 1 { outbox(&argument) } else { argument };
    let entry = world.fetch(binding, &argument).entry_information.expect("the entry");
    attribute(&entry, oid).iter().map(|value| pdu::to_hex(value)).collect()
}

/// A report on recipients that were reached or not: each its own name, or that and whom it was
/// meant for.
fn report(recipients: &[(&str, Option<&str>, bool)]) -> Vec<u8> {
    let one = |(actual, intended, reached): &(&str, Option<&str>, bool)| {
        let kind = match reached {
            true => "a114a012800d3236313132343130323732375a810101",
            false => "a108a106800101810100",
        };
        let intended = intended.map(|name| pdu::retag(name, 0xa2)).unwrap_or_default();
        pdu::of(0x31, &[pdu::retag(actual, 0xa0), pdu::hex(kind), intended])
    };
    let fields: Vec<_> = recipients.iter().map(one).collect();
    pdu::of(0x31, &[pdu::of(0x30, &fields), pdu::hex(IDENTIFIER)])
}

#[test]
fn reports_and_their_subjects_are_told_of_each_other() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = with_outbox(&backend);
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[bare(REPORTS)]));
    submit(&world, &alice, &submission(pdu::ALICE, b"anything", ""));
    do_all_due(&world);
    assert_eq!(told(&world, &alice, 1, 1, REPORT_LIST), ["a0020500", "a0020500"]);
    let outstanding = told(&world, &alice, 1, 1, REPORT_SUMMARY);
    assert_eq!(outstanding[0], "0a0102");
    world.now += 1_000_000;
    // Carol got it, and Bob, whom nobody had named.
    world.deliver_code(6, &report(&[(pdu::CAROL, None, true), (pdu::BOB, None, true)]));
    assert!(told(&world, &alice, 0, 2, SUBJECT_ENTRY).is_empty(), "not yet");
    drop(world);
    let mut world = with_outbox(&backend);
    world.now += 3_000_000;
    do_all_due(&world);
    let alice = world.bind_94();
    assert_eq!(told(&world, &alice, 0, 2, SUBJECT_ENTRY), ["020101"]);
    let list = |world: &World, alice: &Binding| told(world, alice, 1, 1, REPORT_LIST);
    assert_eq!(list(&world, &alice), ["a10930073005a003020102", "a0020500"]);
    assert_eq!(told(&world, &alice, 1, 1, REPORT_SUMMARY), ["0a0106", &*outstanding[1]]);
    let other = ["300aa003020102a103020102"];
    assert_eq!(told(&world, &alice, 1, 1, UNCORRELATED), other);
    // What was meant for Dave did not reach Bob.
    world.deliver_code(6, &report(&[(pdu::BOB, Some(pdu::DAVE), false)]));
    do_all_due(&world);
    assert_eq!(told(&world, &alice, 1, 1, REPORT_SUMMARY), ["0a0106", "0a0105"]);
    // The log has number 3.
    assert_eq!(list(&world, &alice)[1], "a10930073005a003020104");
}

#[test]
fn a_report_that_is_quicker_than_its_subject_is_found() {
    let mut world = with_outbox(&Arc::new(MemoryBackend::new()));
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[bare(REPORTS)]));
    // Its history names nobody: it goes to whoever submitted before with the same identifier.
    submit(&world, &alice, &submission(pdu::ALICE, b"anything", ""));
    world.invoke(&alice, 23, &pdu::x(0x31, &format!("a003020101{}", "a2053103020101")));
    world.now += 1_000_000;
    world.deliver_code(6, &report(&[(pdu::CAROL, None, true)]));
    world.now += 1_000_000;
    submit(&world, &alice, &submission(pdu::ALICE, b"anything", ""));
    do_all_due(&world);
    assert_eq!(told(&world, &alice, 0, 2, SUBJECT_ENTRY), ["020103"]);
    assert_eq!(told(&world, &alice, 1, 3, REPORT_SUMMARY)[0], "0a0106");
}

#[test]
fn nothing_is_correlated_that_nobody_registered() {
    let mut world = with_outbox(&Arc::new(MemoryBackend::new()));
    let alice = world.bind_94();
    submit(&world, &alice, &submission(pdu::ALICE, b"anything", ""));
    world.deliver_code(6, &report(&[(pdu::CAROL, None, true)]));
    do_all_due(&world);
    assert!(told(&world, &alice, 0, 2, SUBJECT_ENTRY).is_empty());
    assert!(told(&world, &alice, 1, 1, REPORT_LIST).is_empty());
    let argument = registrations(&[bare(REPORTS)]);
    let old = world.bind();
    assert_eq!(error(&world.invoke(&old, 24, &argument)).0, 22, "of 1994");
}

/// A message with more fields of the heading.
fn message_of(local: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let mut heading = vec![pdu::this_ipm(local)];
    heading.extend(more.iter().cloned());
    pdu::ipm(0xa0, &heading, &[pdu::ia5("text")])
}

fn delivery(content: Vec<u8>, from: &'static str, identifier: &str) -> pdu::Message {
    let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
    message.originator = from;
    message.identifier = identifier.to_owned();
    message
}

#[test]
fn answers_are_told_to_what_was_submitted() {
    let mut world = with_outbox(&Arc::new(MemoryBackend::new()));
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[bare(MESSAGES)]));
    // To Carol, who is asked for a receipt and a reply, and Dave, who is asked for nothing.
    let asked = |name, more| pdu::x(0x31, &format!("{}{more}", pdu::x(0xa0, name)));
    let to = format!("{}{}", asked(pdu::CAROL, "810206c08201ff"), asked(pdu::DAVE, ""));
    let content = message_of("sent", &[pdu::hex(&pdu::x(0xa2, &to))]);
    submit(&world, &alice, &submission(pdu::ALICE, &content, ""));
    do_all_due(&world);
    let of = |world: &World, arc: &str| told(world, &alice, 1, 1, &format!("56010d{arc}"));
    assert_eq!(of(&world, "06").len(), 2);
    assert_eq!(of(&world, "02"), ["02010a", "020100"]);
    assert_eq!(of(&world, "00"), ["8000", "8000"]);
    assert_eq!(of(&world, "03"), ["020101", "020100"]);
    // Carol's reply and receipt.
    let mut sent = pdu::this_ipm("sent");
    sent[0] = 0xa5;
    let reply = message_of("reply", &[sent]);
    let (reply, _) = delivered(&mut world, &delivery(reply, pdu::CAROL, "L1"));
    let receipt = pdu::tlv(0xa1, &pdu::tlv(0x80, b"261124102733Z"));
    let receipt = pdu::tlv(0xa0, &receipt);
    let receipt = pdu::of(0xa1, &[pdu::this_ipm("sent"), receipt]);
    let (receipt, _) = delivered(&mut world, &delivery(receipt, pdu::CAROL, "L2"));
    do_all_due(&world);
    assert_eq!(of(&world, "02"), ["020119", "020100"]);
    assert_eq!(of(&world, "00"), [format!("a1030201{receipt:02x}"), "8000".to_owned()]);
    assert_eq!(of(&world, "03"), ["020102", "020100"]);
    assert_eq!(of(&world, "01"), [format!("a1030201{reply:02x}"), "8000".to_owned()]);
    assert_eq!(of(&world, "0c"), [format!("0201{reply:02x}")]);
    assert_eq!(told(&world, &alice, 0, reply, "56010d0b"), ["020101"]);
    assert_eq!(told(&world, &alice, 0, receipt, "56010d11"), ["020101"]);
}

#[test]
fn what_the_user_did_is_told_to_what_was_delivered() {
    let mut world = with_outbox(&Arc::new(MemoryBackend::new()));
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[bare(MESSAGES)]));
    let asked = pdu::x(0x31, &format!("{}810206c08201ff", pdu::x(0xa0, pdu::ALICE)));
    let content = message_of("came", &[pdu::hex(&pdu::x(0xa2, &asked))]);
    let (came, _) = delivered(&mut world, &delivery(content, pdu::CAROL, "L1"));
    do_all_due(&world);
    let of = |world: &World, arc: &str| told(world, &alice, 0, came, &format!("56010d{arc}"));
    assert_eq!(
        (of(&world, "0e"), of(&world, "10")),
        (vec!["02010f".into()], vec!["020102".into()])
    );
    // Alice replies, says that it obsoletes another one that is not here, and forwards it.
    let mut replied = pdu::this_ipm("came");
    replied[0] = 0xa5;
    let obsoletes = pdu::of(0xa6, &[pdu::this_ipm("came"), pdu::this_ipm("elsewhere")]);
    let content = message_of("reply", &[replied, obsoletes]);
    submit(&world, &alice, &submission(pdu::ALICE, &content, ""));
    do_all_due(&world);
    assert_eq!(of(&world, "10"), ["020103"]);
    assert_eq!(
        (of(&world, "0c"), of(&world, "08")),
        (vec!["020102".into()], vec!["020102".into()])
    );
    let mine = |arc: &str| told(&world, &alice, 1, 2, &format!("56010d{arc}"));
    assert_eq!(mine("0b"), ["020101"]);
    assert_eq!(mine("07"), ["3103020101", "0500"]);
    let inner =
        pdu::of(0xa9, &[pdu::tlv(0x31, &[]), pdu::ipm(0x30, &[pdu::this_ipm("came")], &[])]);
    let forwarding = pdu::ipm(0xa0, &[pdu::this_ipm("forwards")], &[inner]);
    world.now += 1_000_000;
    submit(&world, &alice, &submission(pdu::ALICE, &forwarding, ""));
    do_all_due(&world);
    // The log has number 3.
    assert_eq!(of(&world, "05"), ["020104"]);
    assert_eq!(told(&world, &alice, 1, 4, "56010d04"), ["020101"]);
}

#[test]
fn a_delivery_that_is_cancelled_is_told_of_each_recipient() {
    let world = with_outbox(&Arc::new(MemoryBackend::new()));
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[bare(REPORTS)]));
    let deferred = "800d3238313132343130323733305a";
    submit(&world, &alice, &submission(pdu::ALICE, b"anything", deferred));
    let cancel = || {
        let cancel = crate::submit::begin(&world, &alice, 7, &pdu::hex(IDENTIFIER));
        crate::submit::taken(&world, &crate::submit::to_submit(cancel), &[5, 0])
    };
    // Before it is correlated, and behind.
    for _ in 0..2 {
        cancel();
        do_all_due(&world);
        assert_eq!(told(&world, &alice, 1, 1, REPORT_SUMMARY), ["0a0103", "0a0103"]);
        assert_eq!(told(&world, &alice, 1, 1, REPORT_LIST), ["a0020500", "a0020500"]);
    }
    assert_eq!(told(&world, &alice, 1, 1, "56040332").len(), 1);
}
