//! Auto-forward of all object types, what is told of it and comes back, and how what it submits is
//! stored.

use super::later::log;
use super::*;
use restante_ber::{Encode, OctetString, Oid, oid};
use restante_mhs::x411::{ReportDeliveryArgument, extension};
use restante_mhs::x420::{BodyPart, ExtendedBodyPart};

const LOOP: &str = "3108a006060456011001";
const GROUP: &str = "56040339";

/// An IPMAutoForwardRegistrationParameter with options, and more members in front of them.
fn forward_94(recipients: &[&str], more: &str, options: u8) -> String {
    let recipient = |name: &&str| pdu::x(0x31, &format!("{name}80020410"));
    let recipients: String = recipients.iter().map(recipient).collect();
    let envelope = pdu::x(0x31, &format!("{}460116{}", pdu::ALICE, pdu::x(0xa1, &recipients)));
    let heading = pdu::x(0x31, "6b041302 4e34");
    let options = pdu::x(0xa6, &format!("030202{options:02x}"));
    pdu::x(0x30, &format!("{}{}{more}{options}", pdu::x(0xa1, &envelope), pdu::x(0xa2, &heading)))
}

fn alice_forwards(parameter: &str) -> (World, Binding) {
    let world = World::new();
    let alice = world.bind_94();
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, parameter)]));
    (world, alice)
}

/// The extended body part of what is submitted next, which is taken then.
fn part(world: &World, alice: &Binding) -> ExtendedBodyPart {
    let errand = errand(world, alice).expect("an errand");
    let MessageSubmissionArgument { envelope, content } = submitted(&errand);
    assert_eq!(envelope.content_type.oid(), oid!(2, 6, 1, 10, 1));
    let made = message(&content);
    assert!(made.heading.auto_forwarded);
    settle(passed(world, &errand, taken()));
    match &made.body.0[..] {
        [BodyPart::Extended(part)] => part.clone(),
        other => panic!("{other:?}"),
    }
}

fn deliver_other(world: &mut World) -> (u32, Vec<Effect>) {
    delivered(world, &pdu::Message::of_content(&[0x80, 1, 35], b"edi".to_vec()))
}

/// A notification of Carol's about a message of this user and identifier.
fn notification_of(user: &str, local: &str) -> pdu::Message {
    let subject = pdu::of(0x6b, &[pdu::hex(user), pdu::tlv(0x13, local.as_bytes())]);
    // ipm-discarded, with the message itself
    let returned = pdu::ipm(0xa3, &[pdu::this_ipm(local)], &[pdu::ia5("text")]);
    let fields = pdu::of(0xa0, &[pdu::hex("800100"), returned]);
    let content = pdu::of(0xa1, &[subject, pdu::of(0xa0, &[fields])]);
    pdu::Message::of_content(&[0x80, 1, 22], content)
}

fn report(correlator: Option<&str>, returned: Option<&[u8]>) -> Vec<u8> {
    let outcome = pdu::hex("a114a012800d3236313132343130323732375a810101");
    let fields = pdu::of(0x30, &[pdu::of(0x31, &[pdu::retag(pdu::DAVE, 0xa0), outcome])]);
    let extension = |number: u8, value: &[u8]| {
        pdu::of(0x30, &[pdu::hex(&format!("8001{number:02x}")), pdu::tlv(0xa2, value)])
    };
    // originator-and-DL-expansion-history
    let time = pdu::tlv(0x17, b"261124102725Z");
    let history = pdu::of(0x30, &[pdu::of(0x30, &[pdu::hex(pdu::ALICE), time])]);
    let mut extensions = vec![extension(30, &history)];
    extensions.extend(correlator.map(|text| extension(23, &pdu::tlv(0x16, text.as_bytes()))));
    let extensions = pdu::of(0xa1, &extensions);
    let mut members = vec![fields, pdu::hex(IDENTIFIER), extensions];
    members.extend(returned.map(|content| pdu::tlv(0x80, content)));
    pdu::of(0x31, &members)
}

#[test]
fn all_object_types_are_forwarded_where_that_is_registered() {
    // forward-all-object-types; without it none of them is
    for (options, count) in [(0x00, 0), (0x80, 3)] {
        let (mut world, alice) = alice_forwards(&forward_94(&[pdu::DAVE], "", options));
        deliver_other(&mut world);
        delivered(&mut world, &notification_of(pdu::ALICE, "sent"));
        world.deliver_code(6, &report(None, Some(b"what came back")));
        let mut found = 0;
        while let Some(errand) = errand(&world, &alice) {
            settle(passed(&world, &errand, taken()));
            found += 1;
        }
        assert_eq!(found, count, "{options:02x}");
    }
}

#[test]
fn another_content_goes_as_a_forwarded_content() {
    let (mut world, alice) = alice_forwards(&forward_94(&[pdu::DAVE], "", 0x80));
    deliver_other(&mut world);
    let part = part(&world, &alice);
    let of_type = |arc: u128| Oid::from_arcs(&[2, 6, 1, arc, 17, 2, 6, 3, 3, 0]).expect("one");
    assert!(part.is(&of_type(4)), "{part:?}");
    assert_eq!(part.data_as::<OctetString>().expect("a content").0, &b"edi"[..]);
    let parameters = part.parameters.expect("parameters");
    assert_eq!(parameters.direct_reference, Some(of_type(11)));
    let octets = pdu::to_hex(&parameters.value().expect("a value").0);
    // delivery-time, delivery-envelope and mts-identifier
    assert!(octets.starts_with("3181") && octets.contains("800d3236313132343130323733305a"));
    assert!(octets.contains(&pdu::to_hex(&pdu::tlv(0x16, b"L1"))), "{octets}");
    assert!(octets.contains(&pdu::ALICE[4..40]), "{octets}");
    // forwarded-content-prohibited
    let (mut world, alice) = alice_forwards(&forward_94(&[pdu::DAVE], "", 0x90));
    deliver_other(&mut world);
    assert_eq!(errand(&world, &alice), None);
}

#[test]
fn notifications_and_reports_go_with_what_came_back_where_that_is_wanted() {
    let notification = oid!(2, 6, 1, 4, 15);
    for (options, returned) in [(0x80, false), (0xe0, true)] {
        let (mut world, alice) = alice_forwards(&forward_94(&[pdu::DAVE], "", options));
        delivered(&mut world, &notification_of(pdu::ALICE, "sent"));
        let one = part(&world, &alice);
        assert!(one.is(&notification), "{one:?}");
        let data: IPN = one.data_as().expect("a notification");
        let restante_mhs::x420::NotificationFields::NonReceiptFields(fields) = data.choice else {
            panic!("{data:?}");
        };
        assert_eq!(fields.returned_ipm.is_some(), returned);
        assert_eq!(fields.non_receipt_reason.0, 0);
        let parameters = one.parameters.expect("parameters").direct_reference;
        assert_eq!(parameters, Some(oid!(2, 6, 1, 11, 15)));
        world.deliver_code(6, &report(None, Some(b"what came back")));
        let other = part(&world, &alice);
        assert!(other.is(&oid!(2, 6, 1, 4, 14)), "{other:?}");
        let data: ReportDeliveryArgument = other.data_as().expect("a report");
        assert_eq!(data.subject_submission_identifier.to_ber(), pdu::hex(IDENTIFIER));
        assert_eq!(data.per_recipient_fields.len(), 1);
        let content = data.returned_content.map(|content| content.to_bytes());
        assert_eq!(content.as_deref(), returned.then_some(&b"what came back"[..]));
    }
}

#[test]
fn what_tells_of_what_was_forwarded_is_not_forwarded() {
    let (mut world, alice) = alice_forwards(&forward_94(&[pdu::DAVE], "", 0x80));
    delivered(&mut world, &pdu::Message::of_subject("s"));
    let errand = errand(&world, &alice).expect("an errand");
    let MessageSubmissionArgument { envelope, content } = submitted(&errand);
    let identifier = message(&content).heading.this_ipm.user_relative_identifier.clone();
    let correlator = envelope.extensions.get(extension::CONTENT_CORRELATOR).expect("it is one");
    let correlated = restante_mhs::x411::ContentCorrelator::Ia5text(identifier.as_str().into());
    assert_eq!(correlator, Some(correlated));
    settle(passed(&world, &errand, taken()));
    // A report that has it, one that has the content, and a notification that names it.
    world.deliver_code(6, &report(Some(identifier.as_str()), None));
    let returned = content.to_bytes().to_vec();
    world.deliver_code(6, &report(None, Some(&returned)));
    delivered(&mut world, &notification_of(pdu::ALICE, identifier.as_str()));
    assert_eq!(self::errand(&world, &alice), None);
    let loops: Vec<_> = log(&world, &alice).into_iter().filter(|run| run.2 == LOOP).collect();
    assert_eq!(loops.len(), 3);
    // Of another user's, and of what Alice sent herself, it is.
    delivered(&mut world, &notification_of(pdu::ALICE, "N4 of her own"));
    assert!(self::errand(&world, &alice).is_some());
}

#[test]
fn nothing_is_forwarded_to_those_through_whom_it_came() {
    let (mut world, alice) = alice_forwards(&forward_94(&[pdu::DAVE, pdu::BOB], "", 0));
    let time = pdu::tlv(0x17, b"261124102725Z");
    let through = |number: u8, element: Vec<u8>| {
        let value = pdu::of(0xa2, &[pdu::of(0x30, &[element])]);
        let field = pdu::of(0x30, &[pdu::hex(&format!("8001{number:02x}")), value]);
        pdu::of(0xa9, &[field])
    };
    let expansion = pdu::of(0x30, &[pdu::hex(pdu::DAVE), time.clone()]);
    delivered(&mut world, &pdu::Message::of_subject("list").with(through(26, expansion)));
    let first = errand(&world, &alice).expect("an errand");
    let recipients = submitted(&first).envelope.per_recipient_fields.clone();
    let [one] = &recipients[..] else { panic!("{recipients:?}") };
    assert_eq!(one.recipient_name.to_ber(), pdu::hex(pdu::BOB));
    assert_eq!(log(&world, &alice), [(FORWARD.to_owned(), "01".to_owned(), LOOP.to_owned())]);
    settle(passed(&world, &first, taken()));
    // From Bob it was redirected here, and nobody else is to have it.
    let only_bob = forward_94(&[pdu::BOB], "", 0);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &only_bob)]));
    let intended = pdu::of(0x30, &[pdu::hex(pdu::BOB), time]);
    let redirection = pdu::of(0x30, &[intended, pdu::hex("0a0100")]);
    let mut message = pdu::Message::of_subject("redirected").with(through(25, redirection));
    message.identifier = "L2".to_owned();
    delivered(&mut world, &message);
    assert_eq!(errand(&world, &alice), None);
    assert_eq!(log(&world, &alice).last().expect("a loop").2, LOOP);
}

/// A Register-MSArgument of a message-group of one part.
fn group(change: u8, name: &str) -> String {
    let name = pdu::x(0x30, &pdu::x(0x1b, &pdu::to_hex(name.as_bytes())));
    let group = match change {
        0 => pdu::x(0xa0, &pdu::x(0x31, &pdu::x(0xa0, &name))),
        _ => pdu::x(0xa1, &name),
    };
    pdu::x(0x31, &pdu::x(0xa8, &pdu::x(0x30, &group)))
}

#[test]
fn what_is_forwarded_is_stored_in_the_groups_that_are_registered() {
    let world = World::new();
    let alice = world.bind_94();
    // object-entry-class submission, in the group "out"
    let name = pdu::x(0x30, &pdu::x(0x1b, "6f7574"));
    let options = pdu::x(0x31, &format!("a003020101{}", pdu::x(0xa2, &pdu::x(0x31, &name))));
    let parameter = forward_94(&[pdu::DAVE], &pdu::x(0xa4, &options), 0);
    let one = registrations(&[registration(FORWARD, 1, &parameter)]);
    assert_eq!(error(&world.invoke(&alice, 24, &one)).0, 30, "there is no such group");
    register(&world, &alice, &group(0, "out"));
    register(&world, &alice, &one);
    assert_eq!(error(&world.invoke(&alice, 24, &group(1, "out"))).0, 30, "it is named");
    let mut world = world;
    delivered(&mut world, &pdu::Message::of_subject("s"));
    settle(passed(&world, &errand(&world, &alice).expect("an errand"), taken()));
    let sent = pdu::x(0x31, &format!("a003020101{}", &pdu::list("", &[GROUP])[4..]));
    let sent = world.list(&alice, &sent).requested.unwrap_or_default();
    let [sent] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(attribute(sent, GROUP), [pdu::hex(&name)]);
}

#[test]
fn what_many_have_forwarded_to_each_other_comes_to_rest() {
    let mut world = World::new();
    let alice = world.bind_94();
    let one = registration(FORWARD, 1, &forward(pdu::ALICE, pdu::DAVE));
    register(&world, &alice, &registrations(&[one]));
    let heading = |times: usize| {
        let this = pdu::of(0x6b, &[pdu::hex(pdu::DAVE), pdu::tlv(0x13, &[b'0'; 1])]);
        let forwarded = if times > 0 { pdu::hex("8e01ff") } else { Vec::new() };
        [this, forwarded]
    };
    let part = |message: Vec<u8>| pdu::of(0xa9, &[pdu::hex("3100"), message]);
    // One that has been auto-forwarded so many times, by others.
    let content = |times: usize| {
        let mut message = pdu::ipm(0x30, &heading(0), &[pdu::ia5("text")]);
        for _ in 1..times {
            message = pdu::ipm(0x30, &heading(1), &[part(message)]);
        }
        pdu::ipm(0xa0, &heading(1), &[part(message)])
    };
    // Beside each other they are nothing like that.
    let once = || part(pdu::ipm(0x30, &heading(1), &[pdu::ia5("text")]));
    let digest: Vec<_> = (0..20).map(|_| once()).collect();
    let digest = pdu::ipm(0xa0, &heading(0), &digest);
    for (id, content, goes) in
        [("L1", content(15), true), ("L2", content(16), false), ("L3", digest, true)]
    {
        let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
        message.identifier = id.to_owned();
        delivered(&mut world, &message);
        let sent = errand(&world, &alice);
        assert_eq!(sent.is_some(), goes, "{id}");
        if let Some(sent) = sent {
            settle(passed(&world, &sent, taken()));
        }
    }
    assert!(log(&world, &alice).iter().any(|run| run.2 == LOOP));
}
