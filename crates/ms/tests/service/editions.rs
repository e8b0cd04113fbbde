//! What a peer of 1988 is told, whatever it asks: no member, no error, no problem and no operation
//! of 1994 (X.413, the comments "1994 extension"; X.419 §6).

use std::sync::Arc;

use crate::available::{contents, everything};
use crate::classes::of_class;
use crate::common::{UNRECOGNIZED, World, pdu, settle};
use crate::submit::{IDENTIFIER, begin, message, result};
use bytes::Bytes;
use pdu::{filter, selector};
use restante_ber::{Class, Element, Tag};
use restante_mhs::x419::{Edition, Port};
use restante_ms::{Binding, Effect, Now, Passed, Reply, Settings};
use restante_storage::MemoryBackend;

/// Arguments of retrieval: an operation, and what it is asked. Each has what 1988 has, what 1994
/// added, and what is wrong.
fn arguments() -> Vec<(i64, String)> {
    let subject = filter::equal(pdu::SUBJECT, &filter::t61("rich"));
    let misfits = [
        filter::equal(pdu::BODY, "3000"),
        filter::equal("2a03", "0500"),
        filter::equal(pdu::PRIORITY, "1600"),
    ];
    let misfit = filter::and(&misfits);
    let rule = format!("a004{}a106{}a203020101", "0602550d", "06045604031f");
    let selectors = [
        String::new(),
        selector::CHILDREN.to_owned(),
        selector::limit(1),
        selector::limit(0),
        selector::range(Some(9), Some(3)),
        selector::filter(&subject),
        selector::filter(&misfit),
        selector::filter(&pdu::x(0xa0, &pdu::x(0xa6, &pdu::x(0x30, &rule)))),
        // override, and what nobody knows.
        "a403030780".to_owned(),
        "a9020500".to_owned(),
    ];
    let late: Vec<_> =
        ["ms-message-group-name", "ac-obsoleted-ipms", "body-parts-summary"].map(contents).into();
    let late: Vec<_> = late.iter().map(String::as_str).chain([pdu::SUBJECT]).collect();
    let mut all = Vec::new();
    for members in &selectors {
        let summaries = pdu::x(0xa2, &pdu::x(0x30, &pdu::x(6, pdu::PRIORITY)));
        let selector = pdu::x(0xa1, &pdu::x(0x31, members));
        all.push((20, pdu::x(0x31, &format!("{selector}{summaries}"))));
        all.push((21, pdu::list(members, &late)));
        all.push((22, pdu::search(members, &late)));
        all.push((21, pdu::list(members, &["2a03"])));
    }
    // Of two recipients of a report the first alone: 1994 tells that there are more.
    let one = pdu::x(0x31, &format!("{}a003020101a103020101", pdu::x(6, "5604031e")));
    let counted = pdu::x(0xa3, &pdu::x(0x31, &one));
    all.push((21, pdu::x(0x31, &format!("{}{counted}", pdu::x(0xa1, "3100")))));
    for class in 0..9 {
        all.push((21, of_class(class, &pdu::list("", &[]))));
        all.push((22, of_class(class, &pdu::search("", &[pdu::CONTENT]))));
    }
    for number in [1, 2, 99] {
        all.push((22, pdu::precise(number, &[pdu::CONTENT])));
        all.push((22, pdu::precise(number, &late)));
    }
    // Extensions of 1994, of a selector and of an argument.
    let extension = pdu::x(0xa4, "3100");
    all.push((21, pdu::x(0x31, &format!("{}{extension}", pdu::x(0xa1, "3100")))));
    all.extend(registrations().into_iter().map(|argument| (24, argument)));
    let nothing = pdu::x(0x31, &format!("{}a3023000", "a2053003020101"));
    all.push((26, nothing));
    for numbers in [&[2][..], &[99], &[1, 99], &[4]] {
        all.push((23, pdu::delete(numbers)));
    }
    all.push((23, pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &selector::limit(1))))));
    all
}

/// Arguments of Register-MS.
fn registrations() -> Vec<String> {
    let action = |kind: &str, parameter: &str| {
        let one = format!("{}a003020101{parameter}", pdu::x(6, kind));
        pdu::x(0x31, &pdu::x(0xa0, &pdu::x(0x31, &pdu::x(0x30, &one))))
    };
    let group = pdu::x(0x30, &pdu::x(0xa0, &pdu::x(0x31, "a0053003 1b0161")));
    vec![
        pdu::x(0x31, ""),
        action("56040402", ""),
        action("56040401", &pdu::x(0xa1, "3000")),
        action("56010f01", ""),
        action("2a03", ""),
        pdu::x(0x31, &pdu::x(0xa8, &group)),
        // registration-status-request, of 1994.
        pdu::x(0x31, &pdu::x(0xa9, "3100")),
        pdu::x(0x31, &pdu::x(0xa2, &pdu::x(0x31, &pdu::x(6, "2a03")))),
    ]
}

/// The members of a SET or SEQUENCE.
fn members<'a>(element: &Element<'a>) -> Vec<Element<'a>> {
    let mut reader = element.children().expect("constructed");
    let mut all = Vec::new();
    while let Some(member) = reader.next_element().expect("elements") {
        all.push(member);
    }
    all
}

fn context(element: &Element<'_>) -> u32 {
    assert_eq!(element.tag.class, Class::Context, "{:?}", element.tag);
    element.tag.number
}

/// EntryInformation of 1988 is a number and attributes.
fn is_entry_of_1988(entry: &Element<'_>) {
    let members = members(entry);
    assert!(members.iter().all(|member| member.tag.class == Class::Universal));
    assert!(members.len() <= 2 && members[0].tag == Tag::INTEGER);
}

/// What results of 1988 may have.
fn is_result_of_1988(operation: i64, octets: &[u8]) {
    let result = Element::parse(octets).expect("a result");
    let last = match operation {
        20 => 3,
        21 => 1,
        22 => 2,
        _ => {
            assert_eq!(octets, [5, 0], "{operation}");
            return;
        }
    };
    assert_eq!(result.tag, Tag::SET);
    for member in members(&result) {
        assert!(context(&member) <= last, "{operation}: {:?}", member.tag);
        match (operation, member.tag.number) {
            (21, 1) => members(&members(&member)[0]).iter().for_each(is_entry_of_1988),
            (22, 0) => is_entry_of_1988(&members(&member)[0]),
            _ => {}
        }
    }
}

/// What errors of 1988 may have: the code, the members of the parameter, and the problems.
fn is_error_of_1988(code: i64, octets: &[u8]) {
    assert!((21..=29).contains(&code) || code == 5 || code == 6, "{code}");
    let parameter = Element::parse(octets).expect("a parameter");
    let (list, highest) = match code {
        21 => (0, 4),
        22 => (0, 1),
        23 => (0, 1),
        24 => (0, 2),
        25 => (u32::MAX, 0),
        27 => (u32::MAX, 2),
        28 => (1, 0),
        _ => return,
    };
    let all = members(&parameter);
    assert_eq!(all.len(), 1, "{code}");
    if list == u32::MAX {
        let problem = all[0].only_child().expect("a problem");
        assert!(problem.contents()[0] <= highest, "{code}: {:?}", problem.contents());
        return;
    }
    assert_eq!(context(&all[0]), list);
    for item in members(&all[0].only_child().expect("a list")) {
        let item = members(&item);
        let tag = Tag::context(if code == 24 { 3 } else { 0 });
        let problem = item.iter().find(|member| member.tag == tag);
        let problem = problem.expect("a problem").only_child().expect("a number");
        assert!(problem.contents()[0] <= highest, "{code}: {:?}", problem.contents());
    }
}

/// What a user agent of 1988 sees of all this.
fn asks(world: &World, old: &Binding) -> [usize; 3] {
    let mut counts = [0; 3];
    for (operation, argument) in arguments() {
        match world.invoke(old, operation, &argument) {
            Reply::Result { operation: done, value, .. } => {
                assert_eq!(done, operation);
                is_result_of_1988(operation, &value.to_bytes());
                counts[0] += 1;
            }
            Reply::Error { code, parameter, port } => {
                assert_eq!(port, Port::Retrieval);
                let octets = parameter.expect("a parameter").to_bytes();
                is_error_of_1988(code, &octets);
                counts[1] += 1;
            }
            Reply::Reject(_) => counts[2] += 1,
            other => panic!("{operation} {argument}: {other:?}"),
        }
    }
    counts
}

#[test]
fn a_peer_of_1988_sees_nothing_of_1994() {
    let (world, _) = everything();
    let (old, _) = world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, "a5030101ff"));
    let [results, errors, rejects] = asks(&world, &old);
    assert!(results > 20 && errors > 20 && rejects > 1, "{results} {errors} {rejects}");
    // Modify is no operation of 1988.
    let (operation, argument) = (26, pdu::x(0x31, "a2053003020101a3023000"));
    assert_eq!(world.invoke(&old, operation, &argument), UNRECOGNIZED);
}

/// The code of an operation, the errors that 1988 has for it, and arguments.
type Asked = (i64, &'static [i64], Vec<Vec<u8>>);

/// Operations of submission and administration (MTSAbstractService, MTSAbstractService88).
fn of_x411() -> Vec<Asked> {
    const SUBMISSION: &[i64] = &[1, 2, 3, 4, 11, 12, 13, 15];
    let own = |more: &str| message(pdu::ALICE, b"any", more);
    let envelope = |octets: Vec<u8>| Element::parse(&octets).expect("one").contents().to_vec();
    let probe = |octets: Vec<u8>| {
        let contents = envelope(octets);
        let first = Element::parse(&contents[..contents.len() - 5]).expect("an envelope");
        pdu::of(0x31, &[first.contents().to_vec()])
    };
    // Options of 1994: unknown there, skipped.
    let options = [envelope(own("")), pdu::hex("a4073105a003020109")].concat();
    let forwarding = "a20c300a800124a20302016381020000";
    vec![
        (
            3,
            SUBMISSION,
            vec![
                own(""),
                own(forwarding),
                message(pdu::BOB, b"any", ""),
                pdu::of(0x30, &[options]),
            ],
        ),
        (4, SUBMISSION, vec![probe(own("")), probe(message(pdu::BOB, b"any", ""))]),
        (7, &[7, 8, 15], vec![pdu::hex(IDENTIFIER)]),
        (1, &[10], vec![pdu::hex("3106a104020203e8"), pdu::hex("3100"), pdu::hex("3102a900")]),
        (
            8,
            &[5, 6, 15],
            vec![pdu::hex("310ca004160161a104160162"), pdu::hex("310ca004a20030a1023000")],
        ),
    ]
}

/// What an MTA of whichever edition, or none, makes of an operation.
fn answers() -> Vec<Passed> {
    let reason = || "test".to_owned();
    let mut all = vec![
        Passed::NotBound { reason: reason() },
        Passed::Busy,
        Passed::Unanswered { reason: reason() },
        Passed::Result(None),
        Passed::Result(Some(Bytes::from(result("")))),
    ];
    for code in (1..=34).chain([99]) {
        for parameter in [None, Some(Bytes::from_static(&[5, 0]))] {
            all.push(Passed::Error { code, parameter });
        }
    }
    all
}

#[test]
fn submission_and_administration_have_the_errors_of_1988_alone() {
    for mta in [None, Some(Edition::E1988), Some(Edition::E1994)] {
        let settings = Settings { mta, store_submissions: true, ..Settings::default() };
        let world = World::with(&Arc::new(MemoryBackend::new()), settings);
        let old = world.bind();
        let mut seen = [0, 0];
        let mut look = |operation: i64, errors: &[i64], reply: Reply| match reply {
            Reply::Error { code, port, .. } => {
                assert!(errors.contains(&code), "{operation}: {code}");
                assert!(port != Port::Retrieval, "{operation}");
                seen[0] += 1;
            }
            Reply::Result { operation: done, value, .. } => {
                assert_eq!(done, operation);
                let octets = value.to_bytes();
                let result = Element::parse(&octets).expect("a result");
                let late = |one: &Element<'_>| one.tag == Tag::context(4);
                let is_set = result.tag == Tag::SET;
                assert!(!is_set || !members(&result).iter().any(late), "{operation}");
                seen[1] += 1;
            }
            Reply::Reject(_) => {}
            Reply::Later => panic!("{operation}: still later"),
        };
        for (operation, errors, arguments) in of_x411() {
            for argument in arguments {
                let octets = Bytes::copy_from_slice(&argument);
                if restante_ms::Operation::decode(old.edition, operation, Some(&octets)).is_err() {
                    continue;
                }
                let outcome = begin(&world, &old, operation, &argument);
                if outcome.reply != Reply::Later {
                    look(operation, errors, settle(outcome));
                    continue;
                }
                for passed in answers() {
                    let outcome = begin(&world, &old, operation, &argument);
                    let Some(Effect::Submit(submit)) = outcome.effects.into_iter().next() else {
                        panic!("nothing is submitted");
                    };
                    let done = world.ms.complete(&submit.token, passed, Now(world.now));
                    look(operation, errors, settle(done));
                }
            }
        }
        assert!(seen[0] > 1 && seen[1] > 1, "{mta:?}: {seen:?}");
    }
}
