//! Submission: what the MTA is passed, what comes back, what is kept of it.

use std::sync::Arc;

use crate::common::{World, attribute, error, pdu, user};
use bytes::Bytes;
use restante_mhs::x419::Edition;
use restante_ms::{Binding, Effect, Now, Operation, Outcome, Passed, Reply, Settings, Submit};
use restante_storage::MemoryBackend;

pub(crate) const IDENTIFIER: &str = "6417631161041302474262031301201304504545521602 7331";
const ENTRY_TYPE: &str = "56040310";
const IDENTIFIER_TYPE: &str = "56040313";

/// A submission of a content, and in hexadecimal more members of its envelope.
pub(crate) fn message(originator: &str, content: &[u8], more: &str) -> Vec<u8> {
    let recipient = pdu::of(0x31, &[pdu::hex(pdu::CAROL), pdu::hex("80020410")]);
    let other = pdu::of(0x31, &[pdu::hex(pdu::DAVE), pdu::hex("80020408")]);
    let members = [
        pdu::hex(originator),
        pdu::hex("460116"),
        pdu::hex("4a056f75742d31"),
        pdu::hex("470102"),
        pdu::hex(more),
        pdu::of(0xa1, &[recipient, other]),
    ];
    pdu::of(0x30, &[pdu::of(0x31, &members), pdu::tlv(0x04, content)])
}

fn ipm(subject: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    pdu::ipm(0xa0, &[pdu::this_ipm(subject), pdu::subject(subject)], parts)
}

/// What the MTA answers; more members in hexadecimal.
pub(crate) fn result(more: &str) -> Vec<u8> {
    let time = pdu::tlv(0x80, b"261124102733Z");
    pdu::of(0x31, &[pdu::hex(IDENTIFIER), time, pdu::hex("4a056f75742d31"), pdu::hex(more)])
}

/// A world whose submissions are stored.
fn with_outbox() -> World {
    let settings = Settings { store_submissions: true, ..Settings::default() };
    World::with(&Arc::new(MemoryBackend::new()), settings)
}

pub(crate) fn begin(world: &World, binding: &Binding, code: i64, argument: &[u8]) -> Outcome {
    let argument = Bytes::copy_from_slice(argument);
    let operation =
        Operation::decode(binding.edition, code, Some(&argument)).expect("an operation");
    world.ms.execute(binding, Now(world.now), operation)
}

pub(crate) fn to_submit(outcome: Outcome) -> Submit {
    assert_eq!(outcome.reply, Reply::Later);
    match outcome.effects.into_iter().next() {
        Some(Effect::Submit(submit)) => *submit,
        other => panic!("{other:?}"),
    }
}

fn finish(world: &World, submit: &Submit, passed: Passed) -> Reply {
    let mut outcome = world.ms.complete(&submit.token, passed, Now(world.now));
    match outcome.commit.take().map(|commit| commit.wait()) {
        None => outcome.reply,
        Some(Ok(committed)) => outcome.committed(&committed).reply,
        Some(Err(error)) => outcome.failed(&error).reply,
    }
}

pub(crate) fn taken(world: &World, submit: &Submit, octets: &[u8]) -> Bytes {
    match finish(world, submit, Passed::Result(Some(Bytes::copy_from_slice(octets)))) {
        Reply::Result { value, .. } => value.to_bytes(),
        other => panic!("{other:?}"),
    }
}

/// Submits a message that the MTA takes.
pub(crate) fn submitted(world: &World, binding: &Binding, argument: &[u8]) -> Bytes {
    let submit = to_submit(begin(world, binding, 3, argument));
    taken(world, &submit, &result(""))
}

/// Members of a ListArgument or FetchArgument: the class submission.
pub(crate) fn outbox(argument: &str) -> String {
    let octets = pdu::hex(argument);
    let contents = pdu::to_hex(&octets[octets.len() - usize::from(octets[1])..]);
    pdu::x(0x31, &format!("a003020101{contents}"))
}

#[test]
fn a_message_is_passed_as_it_came_and_the_result_comes_back_as_it_is() {
    let world = World::new();
    let alice = world.bind();
    let argument = message(
        pdu::ALICE,
        &ipm("one", &[pdu::ia5("text")]),
        "800d3236313132343130323732375a a200",
    );
    let submit = to_submit(begin(&world, &alice, 3, &argument));
    assert_eq!(submit.argument.to_bytes(), argument);
    assert_eq!((submit.operation, submit.priority.0, &submit.user), (3, 2, &user(pdu::ALICE)));
    let answer = result("a10a 3008 800123 a203020105");
    assert_eq!(taken(&world, &submit, &answer), answer);
    assert!(world.list(&alice, &outbox(&pdu::list("", &[]))).requested.is_none());
}

#[test]
fn a_report_finds_whoever_submitted_its_subject() {
    let mut world = World::new();
    let (alice, _) = world.bind_with(Edition::E1988, &pdu::bind(pdu::BOB, ""));
    submitted(&world, &alice, &message(pdu::BOB, b"anything", ""));
    let delivered = pdu::of(
        0x31,
        &[pdu::retag(pdu::CAROL, 0xa0), pdu::hex("a114a012800d3236313132343130323732375a810101")],
    );
    let report = pdu::of(0x31, &[pdu::of(0x30, &[delivered]), pdu::hex(IDENTIFIER)]);
    let reply = world.deliver_code(6, &report);
    assert!(matches!(reply, Reply::Result { operation: 6, .. }), "{reply:?}");
    assert_eq!(world.numbers(&alice, ""), [1]);
}

#[test]
fn an_outbox_holds_what_was_submitted() {
    let mut world = with_outbox();
    let alice = world.bind();
    world.deliver_subjects(&["delivered"]);
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[pdu::ia5("x")]);
    let forwarded = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let content = ipm("sent", &[pdu::ia5("text"), forwarded]);
    submitted(&world, &alice, &message(pdu::ALICE, &content, ""));
    assert_eq!(world.numbers(&alice, ""), [1], "deliveries alone");
    let types = [ENTRY_TYPE, IDENTIFIER_TYPE, pdu::SUBJECT, "56040317", "5604033f", "56040347"];
    let types = [&types[..], &[pdu::STATUS, pdu::PRIORITY, "56040342", "5604030b"]].concat();
    let listed = world.list(&alice, &outbox(&pdu::list("", &types))).requested.expect("entries");
    let [entry] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(entry.sequence_number.0, 2);
    assert_eq!(attribute(entry, ENTRY_TYPE), [pdu::hex("020103")]);
    assert_eq!(attribute(entry, IDENTIFIER_TYPE), [pdu::hex(IDENTIFIER)]);
    assert_eq!(attribute(entry, "56040317"), [pdu::tlv(0x17, b"261124102733Z")]);
    assert_eq!(attribute(entry, "5604033f"), [pdu::hex("03020410"), pdu::hex("03020408")]);
    assert_eq!(attribute(entry, "56040347"), [pdu::hex(pdu::CAROL), pdu::hex(pdu::DAVE)]);
    assert_eq!(attribute(entry, pdu::STATUS), [pdu::hex("020102")]);
    assert_eq!(attribute(entry, pdu::PRIORITY), [pdu::hex("470102")]);
    assert_eq!(attribute(entry, "56040342").len(), 2);
    let types = [pdu::CONTENT, "5604033b", pdu::CHILDREN, pdu::ENVELOPE, "56040306"];
    let fetched = world.fetch(&alice, &outbox(&pdu::precise(2, &types)));
    let entry = fetched.entry_information.expect("the entry");
    assert_eq!(attribute(&entry, pdu::CONTENT), [pdu::tlv(0x04, &content)]);
    assert_eq!(attribute(&entry, "5604033b")[0][0], 0x31);
    assert_eq!(attribute(&entry, pdu::CHILDREN), [pdu::hex("020103")]);
    assert!(attribute(&entry, pdu::ENVELOPE).is_empty());
    let length = pdu::filter::at_least("56040306", "020103");
    let long = pdu::list(&pdu::selector::filter(&length), &[]);
    assert_eq!(world.list(&alice, &outbox(&long)).requested.map(|found| found.len()), Some(1));
    let deleted = world.invoke(&alice, 23, &outbox(&pdu::delete(&[2])));
    assert!(matches!(deleted, Reply::Result { .. }), "{deleted:?}");
    assert!(world.list(&alice, &outbox(&pdu::list("", &[]))).requested.is_none());
    assert_eq!(world.numbers(&alice, ""), [1]);
}

#[test]
fn probes_and_cancellations_are_passed_too() {
    let world = with_outbox();
    let alice = world.bind();
    let recipient = pdu::of(0x31, &[pdu::hex(pdu::CAROL), pdu::hex("80020410")]);
    let members = [pdu::hex(pdu::ALICE), pdu::hex("460116"), pdu::hex("80021267")];
    let probe = pdu::of(0x31, &[members.concat(), pdu::of(0xa3, &[recipient])]);
    let submit = to_submit(begin(&world, &alice, 4, &probe));
    assert_eq!((submit.argument.to_bytes(), submit.content_bytes), (Bytes::from(probe), 0x1267));
    assert_eq!(taken(&world, &submit, &result("")), result(""));
    let types = [ENTRY_TYPE, "56040306", pdu::CONTENT, "56040345", pdu::PRIORITY];
    let fetched = world.fetch(&alice, &outbox(&pdu::precise(1, &types)));
    let entry = fetched.entry_information.expect("the entry");
    assert_eq!(attribute(&entry, ENTRY_TYPE), [pdu::hex("020104")]);
    assert_eq!(attribute(&entry, "56040306"), [pdu::hex("02021267")]);
    assert!(
        attribute(&entry, pdu::CONTENT).is_empty() && attribute(&entry, pdu::PRIORITY).is_empty()
    );
    assert_eq!(attribute(&entry, "56040345"), [submit.argument.to_bytes().to_vec()]);
    let submit = to_submit(begin(&world, &alice, 7, &pdu::hex(IDENTIFIER)));
    assert_eq!(submit.argument.to_bytes(), pdu::hex(IDENTIFIER));
    assert_eq!(taken(&world, &submit, &[5, 0])[..], [5, 0]);
}

#[test]
fn what_is_said_of_a_user_is_so_whatever_the_store_keeps() {
    for (of_store, of_user) in [(true, Some(false)), (false, Some(true)), (true, None)] {
        let settings = Settings { store_submissions: of_store, ..Settings::default() };
        let world = World::with(&Arc::new(MemoryBackend::new()), settings);
        let mut alice = world.bind_94();
        alice.user.store_submissions = of_user;
        let found = || {
            let listed = world.list(&alice, &outbox(&pdu::list("", &[])));
            listed.requested.map_or(0, |entries| entries.len())
        };
        submitted(&world, &alice, &message(pdu::ALICE, b"one", ""));
        let kept = usize::from(of_user.unwrap_or(of_store));
        assert_eq!(found(), kept, "{of_store} {of_user:?}");
        // Options that name the class come first.
        submitted(&world, &alice, &crate::classes::submission("two", "a003020101"));
        assert_eq!(found(), kept + 1, "{of_store} {of_user:?}");
    }
}

#[test]
fn nobody_submits_in_anothers_name() {
    let world = World::new();
    let outcome = begin(&world, &world.bind(), 3, &message(pdu::BOB, b"x", ""));
    assert_eq!(error(&outcome.reply), (2, "0500".to_owned()));
    assert!(outcome.effects.is_empty());
}

#[test]
fn options_of_1994_say_what_is_stored_and_the_result_its_number() {
    let world = World::new();
    let (old, new) = (world.bind(), world.bind_94());
    let asks = |options: &str| {
        let plain = message(pdu::ALICE, &ipm("one", &[]), "");
        assert_eq!(plain[1], 0x81);
        let options = pdu::hex(&pdu::x(0xa4, &pdu::x(0x31, options)));
        let asked = pdu::of(0x30, &[plain[3..].to_vec(), options]);
        (plain, asked)
    };
    let (plain, asked) = asks("a003020101");
    let submit = to_submit(begin(&world, &new, 3, &asked));
    assert_eq!(submit.argument.to_bytes(), plain, "not passed on");
    let told = taken(&world, &submit, &result(""));
    assert_eq!(pdu::to_hex(&told)[told.len() * 2 - 18..], *"a4073105a003020101");
    assert_eq!(world.list(&new, &outbox(&pdu::list("", &[]))).requested.map(|e| e.len()), Some(1));
    // To a context of 1988 it is no member.
    let submit = to_submit(begin(&world, &old, 3, &asked));
    assert_eq!(submit.argument.to_bytes(), plain);
    assert_eq!(taken(&world, &submit, &result("")), result(""));
    assert_eq!(world.list(&old, &outbox(&pdu::list("", &[]))).requested.map(|e| e.len()), Some(1));
    // A class that there is not, a group that is not registered, an extension that is not known.
    let refused = |options: &str| error(&begin(&world, &new, 3, &asks(options).1).reply).0;
    assert_eq!(refused("a003020103"), 34);
    assert_eq!(refused("a2083106 3004 1b02 6731"), 30);
    assert_eq!(refused("a30c 300a 2808 06022a03 a0020500"), 31);
}

#[test]
fn errors_are_passed_and_failures_are_those_that_the_edition_has() {
    let world = World::new();
    for (edition, unanswered, busy) in [
        (Edition::E1988, (15, "0500"), (15, "0500")),
        (Edition::E1994, (27, "3105a003020101"), (27, "3105a003020100")),
    ] {
        let (alice, _) = world.bind_with(edition, &pdu::bind(pdu::ALICE, ""));
        let submit = || to_submit(begin(&world, &alice, 3, &message(pdu::ALICE, b"x", "")));
        let fails = |passed| error(&finish(&world, &submit(), passed));
        let answered = |code, parameter: &str| {
            let parameter = (!parameter.is_empty()).then(|| Bytes::from(pdu::hex(parameter)));
            fails(Passed::Error { code, parameter })
        };
        let expected = |(code, parameter): (i64, &str)| (code, parameter.to_owned());
        let names = pdu::x(0x30, pdu::CAROL);
        assert_eq!(answered(3, &names), (3, names.clone()));
        assert_eq!(answered(13, ""), expected((13, "0500")));
        assert_eq!(answered(16, "0500"), expected(unanswered));
        let reason = String::new();
        assert_eq!(fails(Passed::NotBound { reason: reason.clone() }), expected((15, "0500")));
        assert_eq!(fails(Passed::Unanswered { reason: reason.clone() }), expected(unanswered));
        assert_eq!(fails(Passed::Busy), expected(busy));
        assert_eq!(fails(Passed::Result(None)), expected(unanswered));
        assert_eq!(fails(Passed::Result(Some(Bytes::from_static(&[5, 0])))), expected(unanswered));
        let cancel = to_submit(begin(&world, &alice, 7, &pdu::hex(IDENTIFIER)));
        let late = finish(&world, &cancel, Passed::Unanswered { reason });
        assert_eq!(error(&late), expected((15, "0500")));
        // Errors that another operation has.
        let of_cancellation = |code| Passed::Error { code, parameter: None };
        assert_eq!(error(&finish(&world, &cancel, of_cancellation(8))), expected((8, "0500")));
        assert_eq!(error(&finish(&world, &cancel, of_cancellation(2))), expected((15, "0500")));
        assert_eq!(answered(7, "0500"), expected(unanswered));
        assert_eq!(answered(8, "0500"), expected(unanswered));
    }
}

/// A forwarding-request for a number among the extensions of an envelope.
fn forwarding(number: u8) -> String {
    let request = pdu::x(0x30, &format!("800124 8102 0780 a203 0201{number:02x}"));
    pdu::x(0xa2, &format!("{request}{}", pdu::x(0x30, "800101 a203 020100")))
}

#[test]
fn an_entry_is_forwarded_by_its_number() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["to be forwarded"]);
    let argument = message(pdu::ALICE, &ipm("see below", &[pdu::ia5("note")]), &forwarding(1));
    let submit = to_submit(begin(&world, &alice, 3, &argument));
    let passed = pdu::to_hex(&submit.argument.to_bytes());
    assert!(!passed.contains("800124"), "the request is the store's");
    assert!(passed.contains("a20a3008800101a203020100"), "other extensions are not");
    // delivery-time and delivery-envelope, then the message.
    let stored = pdu::Message::of_subject("to be forwarded");
    let fields = stored.envelope()[2].clone();
    let [_, _, rest @ ..] = &fields[..] else { panic!() };
    let rest = if fields[1] == 0x81 { &rest[1..] } else { rest };
    let parameters = pdu::of(0x31, &[pdu::tlv(0x80, b"261124102730Z"), pdu::tlv(0xa1, rest)]);
    let mut message = stored.content.clone();
    message[0] = 0x30;
    let part = pdu::of(0xa9, &[parameters, message]);
    let whole = ipm("see below", &[pdu::ia5("note"), part]);
    assert!(passed.ends_with(&pdu::to_hex(&pdu::tlv(0x04, &whole))), "{passed}");
}

#[test]
fn a_content_is_forwarded_alone_and_what_is_not_there_is_inconsistent() {
    let mut world = World::new();
    let alice = world.bind();
    world.deliver_subjects(&["whole"]);
    let opaque = pdu::Message::of_content(&pdu::hex("800123"), b"no BER at all".to_vec());
    world.deliver(&opaque.argument());
    let submit = to_submit(begin(&world, &alice, 3, &message(pdu::ALICE, b"", &forwarding(1))));
    let stored = pdu::Message::of_subject("whole").content;
    let passed = submit.argument.to_bytes();
    assert!(passed.ends_with(&pdu::tlv(0x04, &stored)));
    let content = ipm("into this", &[]);
    for (number, content) in [(9, &content[..]), (2, &content), (2, b""), (1, b"no message")] {
        let outcome = begin(&world, &alice, 3, &message(pdu::ALICE, content, &forwarding(number)));
        assert_eq!(error(&outcome.reply), (11, "0500".to_owned()), "{number}");
    }
}

#[test]
fn what_was_taken_is_a_result_also_where_it_can_not_be_stored() {
    let world = with_outbox();
    let alice = world.bind_94();
    let submit = to_submit(begin(&world, &alice, 3, &message(pdu::ALICE, b"x", "")));
    let answer = Passed::Result(Some(Bytes::from(result(""))));
    let mut outcome = world.ms.complete(&submit.token, answer, Now(world.now));
    let commit = outcome.commit.take().expect("a commit");
    commit.wait().expect("it is stored, but the server is told otherwise");
    let failed = outcome.failed(&restante_storage::StorageError::Closed);
    match failed.reply {
        Reply::Result { value, .. } => assert_eq!(value.to_bytes(), result("")),
        other => panic!("{other:?}"),
    }
}
