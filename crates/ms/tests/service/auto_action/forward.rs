//! Auto-forward: what is submitted, when, how often, and what is left of the entry.

use std::sync::Arc;

use super::*;
use restante_ber::Encode;
use restante_mhs::x413::RegisterMSResult;
use restante_mhs::x420::{BodyPart, NotificationFields};
use restante_storage::MemoryBackend;

#[test]
fn a_message_is_forwarded_as_registered() {
    let mut world = World::new();
    let alice = world.bind();
    let note = pdu::x(0xa1, &format!("3100{}", pdu::x(0x16, "73656520 62656c6f77")));
    let information = format!("{note}{}", pdu::x(0x82, "4146"));
    let parameter = forward_with(pdu::ALICE, pdu::DAVE, ["", "", &information]);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &parameter)]));
    let content_identifier = pdu::tlv(0x88, b"CID");
    let types = pdu::hex("a104 80020420");
    let message_in = pdu::Message::of_subject("sent on")
        .with(pdu::hex("470102"))
        .with(content_identifier)
        .with(types);
    let (number, effects) = delivered(&mut world, &message_in);
    assert!(effects.contains(&Effect::Errand { mailbox: alice.mailbox }));
    assert_eq!(number, 1);
    let errand = errand(&world, &alice).expect("an errand");
    assert_eq!(errand.submit.user, user(pdu::ALICE));
    let MessageSubmissionArgument { envelope, content } = submitted(&errand);
    assert_eq!(envelope.originator_name.to_ber(), pdu::hex(pdu::ALICE));
    let recipients: Vec<_> =
        envelope.per_recipient_fields.iter().map(|one| one.recipient_name.to_ber()).collect();
    assert_eq!(recipients, [pdu::hex(pdu::DAVE)]);
    // What is not registered is as the message had it.
    assert_eq!(envelope.priority.0, 2);
    assert_eq!(envelope.content_identifier.as_ref().map(|id| id.0.as_str()), Some("CID"));
    let bits = envelope.original_encoded_information_types.as_ref().expect("types");
    assert!(bits.built_in_encoded_information_types.has(2), "the note is IA5 text");
    let made = message(&content);
    assert!(made.heading.auto_forwarded);
    assert_eq!(made.heading.subject_text().as_deref(), Some("sent on"));
    let this = &made.heading.this_ipm;
    assert!(this.user_relative_identifier.as_str().starts_with("AF"), "{this:?}");
    assert_eq!(this.user.as_ref().map(Encode::to_ber), Some(Bytes::from(pdu::hex(pdu::ALICE))));
    let [BodyPart::Ia5Text(note), BodyPart::Message(part)] = &made.body.0[..] else {
        panic!("{:?}", made.body);
    };
    assert_eq!(note.data.octets(), &b"see below"[..]);
    assert_eq!(part.message().expect("a message"), {
        let mut bare = message_in.content.clone();
        bare[0] = 0x30;
        IPM::from_ber(&bare).expect("a message")
    });
    assert!(
        part.parameters.delivery_time.is_some() && part.parameters.delivery_envelope.is_some()
    );
    // The entry stays, as new as it was, and what waits to be sent is no entry of the user's.
    assert_eq!(
        world.numbers(&alice, &pdu::selector::filter(&pdu::filter::equal(pdu::STATUS, "020100"))),
        [1]
    );
    settle(passed(&world, &errand, taken()));
    assert_eq!(self::errand(&world, &alice), None);
    assert_eq!(world.numbers(&alice, ""), [1]);
}

#[test]
fn what_is_registered_goes_before_what_the_message_had() {
    let mut world = World::new();
    let alice = world.bind();
    let arguments = "4a0443494432 470101 48020640";
    let parameter = forward_with(pdu::ALICE, pdu::DAVE, [arguments, "", ""]);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &parameter)]));
    let message = pdu::Message::of_subject("s").with(pdu::hex("470102"));
    delivered(&mut world, &message);
    let envelope = submitted(&errand(&world, &alice).expect("an errand")).envelope;
    assert_eq!(envelope.priority.0, 1);
    assert_eq!(envelope.content_identifier.as_ref().map(|id| id.0.as_str()), Some("CID2"));
    assert!(envelope.per_message_indicators.has(1));
}

#[test]
fn what_is_forwarded_is_the_same_octets_until_the_mta_has_answered() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let alice = world.bind();
    let parameter = forward_with(pdu::ALICE, pdu::DAVE, ["", "a2030101ff", ""]);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &parameter)]));
    delivered(&mut world, &pdu::Message::of_subject("s"));
    let first = errand(&world, &alice).expect("an errand");
    drop(world);
    let mut world = World::over(&backend);
    world.now += 1;
    assert_eq!(world.ms.mailboxes_with_errands().expect("storage"), [alice.mailbox]);
    let alice = world.bind();
    // Neither another registration nor another time makes it another message.
    register(&world, &alice, &deregistration(FORWARD, 1));
    for later in [
        Passed::Busy,
        Passed::NotBound { reason: "no route".to_owned() },
        Passed::Unanswered { reason: "lost".to_owned() },
        Passed::Error { code: 1, parameter: None },
    ] {
        let again = errand(&world, &alice).expect("it is still there");
        assert_eq!(again.submit.argument.to_bytes(), first.submit.argument.to_bytes());
        let outcome = passed(&world, &again, later);
        assert!(outcome.commit.is_none());
    }
    assert_eq!(world.numbers(&alice, ""), [1], "the message goes when it is forwarded");
    settle(passed(&world, &errand(&world, &alice).expect("it"), taken()));
    drop(world);
    let mut world = World::over(&backend);
    let alice = world.bind();
    assert_eq!(errand(&world, &alice), None);
    assert!(world.numbers(&alice, "").is_empty());
    // Reports on it are Alice's, though they name nobody.
    let report = pdu::of(0x31, &[report_of(pdu::DAVE), pdu::hex(IDENTIFIER)]);
    let reply = world.deliver_code(6, &report);
    assert!(matches!(reply, Reply::Result { operation: 6, .. }), "{reply:?}");
    assert_eq!(world.numbers(&alice, "").len(), 1);
}

fn report_of(recipient: &str) -> Vec<u8> {
    let outcome = pdu::hex("a114a012800d3236313132343130323732375a810101");
    pdu::of(0x30, &[pdu::of(0x31, &[pdu::retag(recipient, 0xa0), outcome])])
}

#[test]
fn what_the_mta_refuses_for_good_is_given_up_and_the_message_kept() {
    let mut world = World::new();
    let alice = world.bind();
    let parameter = forward_with(pdu::ALICE, pdu::DAVE, ["", "a2030101ff", ""]);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &parameter)]));
    delivered(&mut world, &pdu::Message::of_subject("s"));
    let refused = Passed::Error { code: 3, parameter: None };
    settle(passed(&world, &errand(&world, &alice).expect("an errand"), refused));
    assert_eq!(errand(&world, &alice), None);
    assert_eq!(world.numbers(&alice, ""), [1]);
}

#[test]
fn who_asked_for_a_non_receipt_notification_gets_one() {
    let mut world = World::new();
    let alice = world.bind();
    let comment = pdu::x(0x80, "676f6e65");
    let parameter = forward_with(pdu::ALICE, pdu::DAVE, ["", "a2030101ff", &comment]);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &parameter)]));
    // primary-recipients: Alice, of whom rn, nrn and ipm-return are asked.
    let descriptor = pdu::x(0xa0, pdu::ALICE);
    let recipient = pdu::x(0x31, &format!("{descriptor}810205e0"));
    let recipients = pdu::hex(&pdu::x(0xa2, &recipient));
    let heading = [pdu::this_ipm("asks"), recipients];
    // A length longer than it need be, as some write it: the message comes back as it was.
    let mut part = pdu::ia5("text");
    part.insert(1, 0x81);
    let content = pdu::ipm(0xa0, &heading, std::slice::from_ref(&part));
    delivered(&mut world, &pdu::Message::of_content(&[0x80, 1, 22], content));
    settle(passed(&world, &errand(&world, &alice).expect("an errand"), taken()));
    let second = errand(&world, &alice).expect("a notification");
    let MessageSubmissionArgument { envelope, content } = submitted(&second);
    assert_eq!(envelope.per_recipient_fields[0].recipient_name.to_ber(), pdu::hex(pdu::CAROL));
    let made = notification(&content);
    assert_eq!(made.subject_ipm.user_relative_identifier.as_str(), "asks");
    let NotificationFields::NonReceiptFields(fields) = &made.choice else { panic!("{made:?}") };
    assert_eq!(fields.non_receipt_reason.0, 1);
    assert_eq!(fields.auto_forward_comment.as_ref().map(|text| text.as_str()), Some("gone"));
    assert!(fields.returned_ipm.is_some());
    assert!(content.to_bytes().windows(part.len()).any(|octets| octets == part));
    settle(passed(&world, &second, taken()));
    assert_eq!(errand(&world, &alice), None);
}

/// Delivers what an errand submits.
fn pass_on(
    world: &mut World,
    errand: &NextErrand,
    from: &'static str,
    to: &'static str,
    id: &str,
) {
    let content = submitted(errand).content.to_bytes().to_vec();
    let mut message = pdu::Message::of_content(&[0x80, 1, 22], content);
    (message.originator, message.recipient) = (from, to);
    message.identifier = id.to_owned();
    delivered(world, &message);
}

#[test]
fn two_who_forward_to_each_other_come_to_rest() {
    let mut world = World::new();
    let (alice, (bob, _)) =
        (world.bind(), world.bind_with(Edition::E1988, &pdu::bind(pdu::BOB, "")));
    let one = registration(FORWARD, 1, &forward(pdu::ALICE, pdu::BOB));
    register(&world, &alice, &registrations(&[one]));
    let other = registration(FORWARD, 1, &forward(pdu::BOB, pdu::ALICE));
    register(&world, &bob, &registrations(&[other]));
    delivered(&mut world, &pdu::Message::of_subject("round"));
    let to_bob = errand(&world, &alice).expect("Alice forwards it");
    settle(passed(&world, &to_bob, taken()));
    pass_on(&mut world, &to_bob, pdu::ALICE, pdu::BOB, "L2");
    let to_alice = errand(&world, &bob).expect("Bob forwards it, who has not seen it");
    settle(passed(&world, &to_alice, taken()));
    pass_on(&mut world, &to_alice, pdu::BOB, pdu::ALICE, "L3");
    assert_eq!(errand(&world, &alice), None, "she has forwarded it before");
    assert_eq!(errand(&world, &bob), None);
    assert_eq!(world.numbers(&alice, "").len(), 2);
    // So does what she forwarded herself and comes back from a list.
    pass_on(&mut world, &to_bob, pdu::ALICE, pdu::ALICE, "L4");
    assert_eq!(errand(&world, &alice), None);
}

#[test]
fn the_form_of_1994_is_forwarded_too() {
    let mut world = World::new();
    let alice = world.bind_94();
    let recipient = |name| pdu::x(0x31, &format!("{name}80020410"));
    let recipients = format!("{}{}", recipient(pdu::DAVE), recipient(pdu::CAROL));
    let envelope = pdu::x(0x31, &format!("{}460116{}", pdu::ALICE, pdu::x(0xa1, &recipients)));
    let heading = pdu::x(0x31, "6b041302 4e34 a803 1401 73");
    let note = pdu::x(0xa3, &pdu::to_hex(&pdu::ia5("note")));
    // delete-delivered-object
    let members = [pdu::x(0xa1, &envelope), pdu::x(0xa2, &heading), note, "a60403020204".into()];
    let one = registration(FORWARD, 3, &pdu::x(0x30, &members.concat()));
    let of_1988 = world.bind();
    let refused = error(&world.invoke(&of_1988, 24, &registrations(std::slice::from_ref(&one))));
    assert_eq!(refused, (29, "0500".to_owned()), "1988 has no such form");
    register(&world, &alice, &registrations(std::slice::from_ref(&one)));
    delivered(&mut world, &pdu::Message::of_subject("s").with(pdu::hex("470102")));
    let errand = errand(&world, &alice).expect("an errand");
    let MessageSubmissionArgument { envelope, content } = submitted(&errand);
    assert_eq!(envelope.per_recipient_fields.len(), 2);
    assert_eq!(envelope.priority.0, 2, "of the message: none is registered");
    let made = message(&content);
    assert_eq!(made.heading.subject_text().as_deref(), Some("s"));
    assert_eq!(made.heading.primary_recipients.len(), 2);
    assert!(made.heading.this_ipm.user_relative_identifier.as_str().starts_with("N4"));
    assert!(matches!(made.body.0[..], [BodyPart::Ia5Text(_), BodyPart::Message(_)]));
    settle(passed(&world, &errand, taken()));
    assert!(world.numbers(&alice, "").is_empty());
    // What is registered is told as it came.
    let status = world.invoke(&alice, 24, "310aa9083106a00403020780");
    let Reply::Result { value, .. } = status else { panic!("{status:?}") };
    let RegisterMSResult::RegisteredInformation(told) =
        RegisterMSResult::from_bytes(&value.to_bytes()).expect("a result")
    else {
        panic!("no information");
    };
    let told = told.auto_action_registrations.expect("registrations");
    assert_eq!(told.0.iter().map(Encode::to_ber).collect::<Vec<_>>(), [pdu::hex(&one)]);
}

#[test]
fn an_errand_that_is_damaged_keeps_no_other_from_being_done() {
    let backend = Arc::new(MemoryBackend::new());
    let mut world = World::over(&backend);
    let alice = world.bind();
    let parameter = forward_with(pdu::ALICE, pdu::DAVE, ["", "", ""]);
    register(&world, &alice, &registrations(&[registration(FORWARD, 1, &parameter)]));
    delivered(&mut world, &pdu::Message::of_subject("to be damaged"));
    let first = errand(&world, &alice).expect("an errand");
    delivered(&mut world, &pdu::Message::of_subject("good"));
    damage(&backend, "to be damaged");
    let next = errand(&world, &alice).expect("the other errand");
    assert!(next.number > first.number);
    settle(passed(&world, &next, taken()));
    assert_eq!(errand(&world, &alice), None);
}
