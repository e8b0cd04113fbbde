//! Auto-actions: what is registered, what of it happens when an entry comes, and what is left of
//! it after a crash at any point.

use std::sync::Arc;

use crate::common::{World, attribute, error, pdu, settle, user};
use bytes::Bytes;
use restante_ber::{Decode, Encode};
use restante_mhs::x411::MessageSubmissionArgument;
use restante_mhs::x413::{AlertArgument, RegisterMSResult};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{BodyPart, IPM, IPN, InformationObject, NotificationFields};
use restante_ms::{Alert, Binding, Delivery, Effect, NextErrand, Now, Outcome, Passed, Reply};
use restante_storage::MemoryBackend;

const ALERT: &str = "56040401";
const FORWARD: &str = "56040400";

/// An AutoActionRegistration.
fn registration(action: &str, identifier: u8, parameter: &str) -> String {
    let head = format!("{}a0030201{identifier:02x}", pdu::x(0x06, action));
    pdu::x(0x30, &format!("{head}{}", pdu::x(0xa1, parameter)))
}

/// A Register-MSArgument with registrations.
fn registrations(all: &[String]) -> String {
    pdu::x(0x31, &pdu::x(0xa0, &pdu::x(0x31, &all.concat())))
}

/// A Register-MSArgument that deregisters one.
fn deregistration(action: &str, identifier: u8) -> String {
    let one = format!("{}a0030201{identifier:02x}", pdu::x(0x06, action));
    pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &pdu::x(0x30, &one))))
}

/// An AutoAlertRegistrationParameter.
fn alert(filter: Option<&str>, attributes: &[&str]) -> String {
    let filter = filter.map(|filter| pdu::x(0xa0, filter)).unwrap_or_default();
    pdu::x(0x31, &format!("{filter}{}", pdu::x(0xa2, &pdu::selection(attributes))))
}

/// An AutoForwardRegistrationParameter88 from one user to another; more members of the arguments,
/// of the parameter, and of the information.
fn forward_with(from: &str, to: &str, more: [&str; 3]) -> String {
    let [arguments, members, information] = more;
    let recipient = pdu::x(0x31, &format!("{to}80020410"));
    let arguments = pdu::x(0x31, &format!("{from}{arguments}{}", pdu::x(0xa1, &recipient)));
    let information = pdu::x(0xa3, &pdu::x(0x04, &pdu::x(0x31, information)));
    pdu::x(0x31, &format!("{}{members}{information}", pdu::x(0xa1, &arguments)))
}

fn forward(from: &str, to: &str) -> String {
    forward_with(from, to, ["", "", ""])
}

fn register(world: &World, binding: &Binding, argument: &str) {
    match world.invoke(binding, 24, argument) {
        Reply::Result { operation: 24, .. } => {}
        other => panic!("{argument}: {other:?}"),
    }
}

/// Delivers, and what is to be done then.
fn delivered(world: &mut World, message: &pdu::Message) -> (u32, Vec<Effect>) {
    let argument = Bytes::from(message.argument());
    let delivery = Delivery::decode(5, Some(&argument)).expect("a delivery");
    let mut outcome = world.ms.deliver(&world.deliverer(), Now(world.now), delivery);
    world.now += 1_000_000;
    let committed = outcome.commit.take().expect("a commit").wait().expect("it is durable");
    (committed.stored[0].number, outcome.effects)
}

fn alerts_of(effects: &[Effect]) -> Vec<&Alert> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Alert(alert) => Some(alert),
            _ => None,
        })
        .collect()
}

/// The alerts that a delivery makes.
fn alerted(world: &mut World, message: &pdu::Message) -> Vec<AlertArgument> {
    let (number, effects) = delivered(world, message);
    alerts_of(&effects).into_iter().flat_map(|alert| world.ms.alerts(alert, number)).collect()
}

fn errand(world: &World, binding: &Binding) -> Option<NextErrand> {
    world.ms.next_errand(binding.mailbox, 0).expect("storage")
}

/// Brings in what became of an errand.
fn passed(world: &World, errand: &NextErrand, passed: Passed) -> Outcome {
    world.ms.complete(&errand.submit.token, passed, Now(world.now))
}

/// What the MTA answers.
fn taken() -> Passed {
    let time = pdu::tlv(0x80, b"261124102733Z");
    let result = pdu::of(0x31, &[pdu::hex(IDENTIFIER), time]);
    Passed::Result(Some(Bytes::from(result)))
}

const IDENTIFIER: &str = "6417631161041302474262031301201304504545521602 7331";

/// What is submitted.
fn submitted(errand: &NextErrand) -> MessageSubmissionArgument {
    assert_eq!(errand.submit.operation, 3);
    MessageSubmissionArgument::from_bytes(&errand.submit.argument.to_bytes()).expect("one")
}

fn message(content: &restante_ber::Rope) -> IPM {
    match InformationObject::from_bytes(&content.to_bytes()) {
        Ok(InformationObject::Ipm(message)) => message,
        other => panic!("{other:?}"),
    }
}

fn notification(content: &restante_ber::Rope) -> IPN {
    match InformationObject::from_bytes(&content.to_bytes()) {
        Ok(InformationObject::Ipn(notification)) => notification,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_alert_has_what_was_registered_and_outlives_a_restart() {
    let backend = Arc::new(MemoryBackend::new());
    let world = World::over(&backend);
    let alice = world.bind();
    let urgent = pdu::filter::equal(pdu::PRIORITY, "470102");
    let all = [
        registration(ALERT, 7, &alert(None, &[pdu::SUBJECT, "56040327"])),
        registration(ALERT, 2, &alert(Some(&urgent), &[])),
    ];
    register(&world, &alice, &registrations(&all));
    drop(world);
    let mut world = World::over(&backend);
    let alice = world.bind();
    let told = alerted(&mut world, &pdu::Message::of_subject("one"));
    let [one] = &told[..] else { panic!("{told:?}") };
    assert_eq!(one.alert_registration_identifier, 7);
    let entry = one.new_entry.as_ref().expect("an entry");
    assert_eq!(entry.sequence_number.0, 1);
    assert_eq!(attribute(entry, pdu::SUBJECT), [pdu::tlv(0x14, b"one")]);
    assert_eq!(attribute(entry, "56040327"), [pdu::hex("020101")]);
    let mut message = pdu::Message::of_subject("two").with(pdu::hex("470102"));
    message.identifier = "L2".to_owned();
    let told = alerted(&mut world, &message);
    let numbers: Vec<u32> = told.iter().map(|one| one.alert_registration_identifier).collect();
    assert_eq!(numbers, [2, 7]);
    assert_eq!(told[0].new_entry.as_ref().and_then(|entry| entry.attributes.as_ref()), None);
    register(&world, &alice, &deregistration(ALERT, 7));
    message.identifier = "L3".to_owned();
    assert_eq!(alerted(&mut world, &message).len(), 1, "the other is still there");
    // A registration takes the place of the one of its number.
    let low = pdu::filter::equal(pdu::PRIORITY, "470101");
    register(&world, &alice, &registrations(&[registration(ALERT, 2, &alert(Some(&low), &[]))]));
    message.identifier = "L4".to_owned();
    assert!(alerted(&mut world, &message).is_empty());
}

#[test]
fn children_are_told_by_their_numbers() {
    let mut world = World::new();
    let alice = world.bind();
    let wanted = [pdu::CHILDREN, "56010808", "56010601"];
    register(&world, &alice, &registrations(&[registration(ALERT, 1, &alert(None, &wanted))]));
    world.deliver_subjects(&["before"]);
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[pdu::ia5("x")]);
    let part = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let content = pdu::ipm(0xa0, &[pdu::this_ipm("o")], &[part]);
    let message = pdu::Message::of_content(&[0x80, 1, 22], content);
    let told = alerted(&mut world, &message).remove(0).new_entry.expect("an entry");
    let listed = world.list(&alice, &pdu::list("", &wanted)).requested.expect("entries").remove(1);
    assert_eq!(told, listed);
    assert_eq!(attribute(&told, pdu::CHILDREN), [pdu::hex("020103")]);
}

#[test]
fn an_alert_that_nobody_took_is_indicated_once() {
    let backend = Arc::new(MemoryBackend::new());
    let world = World::over(&backend);
    let bind = |world: &World| world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, ""));
    let (alice, result) = bind(&world);
    assert!(!result.alert_indication);
    register(&world, &alice, &registrations(&[registration(ALERT, 1, &alert(None, &[]))]));
    world.ms.alert_missed(&user(pdu::ALICE).key);
    world.ms.alert_missed(&user(pdu::ALICE).key);
    drop(world);
    let world = World::over(&backend);
    assert!(bind(&world).1.alert_indication);
    assert!(!bind(&world).1.alert_indication);
    drop(world);
    assert!(!bind(&World::over(&backend)).1.alert_indication);
}

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
    let content = pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]);
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
fn what_can_t_be_registered_is_refused_and_registers_nothing() {
    let mut world = World::new();
    let (alice, later) = (world.bind(), world.bind_94());
    let good = registration(ALERT, 1, &alert(None, &[]));
    let of = |bad: String| registrations(&[good.clone(), bad]);
    let unknown = registration("2b0601", 1, "3100");
    let parameter = "3112a010310e310ca003020100a10506032b0601";
    assert_eq!(error(&world.invoke(&alice, 24, &of(unknown))), (22, parameter.to_owned()));
    let no_attribute = alert(None, &["2b0601"]);
    let no_filter = alert(Some(&pdu::filter::present("2b0601")), &[]);
    for parameter in [no_attribute, no_filter] {
        let bad = registration(ALERT, 2, &parameter);
        assert_eq!(error(&world.invoke(&alice, 24, &of(bad))).0, 21, "{parameter}");
    }
    let to_nobody = forward_with(pdu::ALICE, "", ["", "", ""]);
    for parameter in ["0400".to_owned(), to_nobody, forward(pdu::BOB, pdu::DAVE)] {
        let bad = registration(FORWARD, 2, &parameter);
        assert_eq!(error(&world.invoke(&alice, 24, &of(bad.clone()))).0, 29, "{parameter}");
        let improper = "310fa0030a0101a1083106a00403020780";
        assert_eq!(error(&world.invoke(&later, 24, &of(bad))), (32, improper.to_owned()));
    }
    let mut many: Vec<_> = (0..128).map(|n| registration(ALERT, n, &alert(None, &[]))).collect();
    many.push(registration(FORWARD, 1, &forward(pdu::ALICE, pdu::DAVE)));
    let limit = "310fa0030a0102a1083106a00403020780";
    assert_eq!(error(&world.invoke(&later, 24, &registrations(&many))), (32, limit.to_owned()));
    assert_eq!(error(&world.invoke(&alice, 24, &registrations(&many))).0, 27);
    assert!(alerted(&mut world, &pdu::Message::of_subject("s")).is_empty());
}
