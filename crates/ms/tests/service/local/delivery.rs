//! What recipients find.

use std::sync::Arc;

use super::*;
use restante_mhs::x411::{DeliveryFlags, OtherActions, ProofOfDeliveryRequest, extension};
use restante_ms::{Effect, Now, Operation};

#[test]
fn everybody_here_gets_it_and_it_is_said_whose_it_is_and_how_it_came() {
    let world = world();
    let draft = Draft::to(&[pdu::BOB, pdu::ALICE])
        .indicating(&[PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED])
        .with(|envelope| envelope.priority = Priority::URGENT);
    let result = draft.submit(&world, &bound(&world, pdu::ALICE)).expect("it is taken");
    assert_eq!(result.message_submission_time, UtcTime(world.now / SECOND_US));
    assert_eq!(result.content_identifier, draft.envelope.content_identifier);
    let local = result.message_submission_identifier.local_identifier.to_string();
    assert_eq!(local, "261130005320.000000");
    for who in [pdu::BOB, pdu::ALICE] {
        let envelope = delivered(&world, who, 1);
        assert_eq!(envelope.message_delivery_identifier, result.message_submission_identifier);
        assert_eq!(envelope.message_delivery_time, UtcTime(world.now / SECOND_US));
        let fields = envelope.other_fields;
        assert_eq!(fields.this_recipient_name, name(who));
        assert_eq!(fields.originator_name, name(pdu::ALICE));
        assert_eq!(fields.message_submission_time, result.message_submission_time);
        assert_eq!(fields.content_identifier, draft.envelope.content_identifier);
        assert_eq!(fields.priority, Priority::URGENT);
        assert_eq!(fields.other_recipient_names, None, "nobody said that they may be known");
        assert_eq!(fields.originally_intended_recipient_name, None);
        let flags = fields.delivery_flags.expect("flags");
        assert!(flags.has(DeliveryFlags::IMPLICIT_CONVERSION_PROHIBITED));
        let trace = fields.extensions.get(extension::TRACE_INFORMATION);
        let [element] = &trace.expect("a trace").expect("a trace").0[..] else { panic!() };
        let domain = result.message_submission_identifier.global_domain_identifier.clone();
        assert_eq!(element.global_domain_identifier, domain);
        let done = &element.domain_supplied_information;
        assert_eq!(done.arrival_time, result.message_submission_time);
        assert_eq!((done.deferred_time, &done.other_actions), (None, &OtherActions::default()));
        let internal = fields.extensions.get(extension::INTERNAL_TRACE_INFORMATION);
        let [mta] = &internal.expect("a trace").expect("a trace")[..] else { panic!() };
        assert_eq!(mta.mta_name.as_str(), "RESTANTE");
        assert_eq!(content(&world, who, 1), draft.content);
    }
    // And the report to Alice, who is a recipient as well.
    assert_eq!(numbers(&world, pdu::ALICE), [1, 2]);
    assert_eq!(outcomes(&reported(&world, 2)), [None, None]);
}

#[test]
fn recipients_know_of_each_other_where_they_may() {
    let world = world();
    let disclosed = [PerMessageIndicators::DISCLOSURE_OF_OTHER_RECIPIENTS];
    Draft::to(&[pdu::BOB, pdu::CAROL, pdu::ALICE]).indicating(&disclosed).sent(&world);
    let others = |who| delivered(&world, who, 1).other_fields.other_recipient_names;
    assert_eq!(others(pdu::BOB), Some(vec![name(pdu::CAROL), name(pdu::ALICE)]));
    assert_eq!(others(pdu::ALICE), Some(vec![name(pdu::BOB), name(pdu::CAROL)]));
    Draft::to(&[pdu::BOB]).indicating(&disclosed).sent(&world);
    assert_eq!(delivered(&world, pdu::BOB, 2).other_fields.other_recipient_names, None);
}

#[test]
fn who_is_named_twice_gets_it_once() {
    let world = world();
    Draft::to(&[pdu::BOB, pdu::BOB]).sent(&world);
    assert_eq!(numbers(&world, pdu::BOB), [1]);
    assert_eq!(outcomes(&reported(&world, 1)), [None, None]);
}

#[test]
fn extensions_are_handed_on_but_those_that_are_for_the_mta() {
    let world = world();
    let draft = Draft::to(&[pdu::BOB]).with(|envelope| {
        envelope.extensions.push(extension::LATEST_DELIVERY_TIME, &UtcTime(1_900_000_000));
        envelope
            .extensions
            .0
            .0
            .push(ExtensionField { criticality: Default::default(), ..unknown(0) });
        let fields = &mut envelope.per_recipient_fields[0].extensions;
        let proof = ProofOfDeliveryRequest::PROOF_OF_DELIVERY_REQUESTED;
        fields.push(extension::PROOF_OF_DELIVERY_REQUEST, &proof);
        let alternate = extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
        fields.push(alternate, &name(pdu::CAROL));
    });
    draft.sent(&world);
    let extensions = delivered(&world, pdu::BOB, 1).other_fields.extensions;
    let standard: Vec<_> = (1..=46).filter(|number| extensions.field(*number).is_some()).collect();
    assert_eq!(standard, [22, 37, 38]);
    assert_eq!(extensions.0.0.len(), 4, "and the private one");
}

#[test]
fn forwarded_messages_are_children_and_what_is_no_ipm_has_none() {
    let world = world();
    let inner = pdu::ipm(0x30, &[pdu::this_ipm("i"), pdu::subject("inner")], &[pdu::ia5("x")]);
    let forwarded = pdu::of(0xa9, &[pdu::tlv(0x31, &[]), inner]);
    let mut draft = Draft::to(&[pdu::BOB]);
    draft.content = pdu::ipm(0xa0, &[pdu::this_ipm("o")], &[forwarded]);
    draft.sent(&world);
    let bob = bound(&world, pdu::BOB);
    assert_eq!(world.numbers(&bob, pdu::selector::CHILDREN), [1, 2]);
    draft.envelope.content_type = ContentType::of_oid(oid!(1, 2, 3));
    draft.sent(&world);
    assert_eq!(world.numbers(&bob, pdu::selector::CHILDREN), [1, 2, 3]);
    assert_eq!(content(&world, pdu::BOB, 3), draft.content);
}

#[test]
fn an_outbox_holds_what_was_sent_and_tells_its_number() {
    let settings = Settings { mta: None, store_submissions: true, ..Settings::default() };
    let world = World::with(&Arc::new(MemoryBackend::new()), settings);
    let alice = world.bind_94();
    let draft = Draft::to(&[pdu::ALICE, pdu::BOB]);
    let argument = bytes::Bytes::from(draft.argument());
    let operation = Operation::decode(alice.edition, 3, Some(&argument)).expect("an operation");
    let mut outcome = world.ms.execute(&alice, Now(world.now), operation);
    let commit = outcome.commit.take().expect("a commit").wait().expect("it is stored");
    let places: Vec<_> = outcome
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Delivered { mailbox, report, place, .. } => {
                let stored = commit.stored[*place];
                Some((mailbox == &alice.user.key, *report, stored.number))
            }
            _ => None,
        })
        .collect();
    assert_eq!(places, [(true, false, 2), (false, false, 1), (true, true, 3)]);
    let Reply::Result { value, .. } = outcome.committed(&commit).reply else { panic!() };
    let created = pdu::to_hex(&value.to_bytes());
    assert!(created.contains("a4073105a003020101"), "{created}");
    assert_eq!(world.numbers(&alice, ""), [2, 3]);
    let sent = world.fetch(&alice, &crate::submit::outbox(&pdu::precise(1, &[pdu::CONTENT])));
    let sent = sent.entry_information.expect("an entry");
    assert_eq!(attribute(&sent, pdu::CONTENT), [pdu::tlv(0x04, &draft.content)]);
}

#[test]
fn nothing_was_submitted_where_nothing_can_be_stored() {
    let backend = Arc::new(MemoryBackend::new());
    let world = with(&backend, LocalMta::default());
    Draft::to(&[pdu::BOB]).sent(&world);
    backend.set_free_bytes(0);
    let draft = Draft::to(&[pdu::BOB]);
    let refused = draft.submit(&world, &bound(&world, pdu::ALICE));
    assert_eq!(refused, Err((15, "0500".to_owned())), "remote-bind-error in 1988");
    let refused = error(&world.invoke_octets(&world.bind_94(), 3, &draft.argument()));
    assert_eq!(refused.0, 27, "service-error in 1994");
    backend.set_free_bytes(u64::MAX);
    assert_eq!(numbers(&world, pdu::BOB), [1]);
    draft.sent(&world);
    assert_eq!(numbers(&world, pdu::BOB), [1, 2]);
}

#[test]
fn no_identifier_is_given_twice_though_the_clock_is_set_back_and_the_store_killed() {
    let mut backend = Arc::new(MemoryBackend::new());
    let mut seen = std::collections::HashSet::new();
    let mut world = with(&backend, LocalMta::default());
    for (round, step) in [0, 0, -7200, 86_400, -86_400].into_iter().enumerate() {
        world.now += step * SECOND_US;
        for _ in 0..3 {
            assert!(seen.insert(Draft::to(&[pdu::BOB]).sent(&world)), "{round}: {seen:?}");
        }
        let now = world.now;
        // What was not synced is lost.
        backend = Arc::new(backend.crash(|_| 0));
        world = with(&backend, LocalMta::default());
        world.now = now;
    }
}
