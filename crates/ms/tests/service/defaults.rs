//! What is registered for submissions, user agents and security labels, and what a bind makes
//! of it.

use crate::classes::{numbers, submission, submitted};
use crate::common::{World, attribute, error, pdu};
use restante_ber::{Decode, Encode, GeneralString, Oid, PrintableString, SetOf};
use restante_mhs::x411::SecurityLabel;
use restante_mhs::x413::{
    BindProblem, EntryClass, MSBindArgument, MSSubmissionOptions, MessageGroupNameAndDescriptor,
    MessageGroupRegistration, RegisterMSArgument, RegisterMSResult, RegisteredInformation,
    RegistrationTypes, Registrations, UARegistration,
};
use restante_mhs::x419::Edition;
use restante_ms::{Binding, Now, Reply};

/// Of a bind argument: ua-registration-identifier [6], "desk".
const DESK: &str = "a60613046465736b";

fn oids(types: &[&str]) -> Option<SetOf<Oid>> {
    let oid = |contents: &&str| Oid::from_ber(&pdu::hex(&pdu::x(6, contents))).expect("an oid");
    Some(SetOf(types.iter().map(oid).collect()))
}

fn agent(name: &str) -> UARegistration {
    UARegistration {
        ua_registration_identifier: PrintableString::from(name),
        ua_list_attribute_defaults: None,
        ua_fetch_attribute_defaults: None,
        ua_submission_defaults: None,
        content_specific_defaults: None,
    }
}

fn options(class: Option<EntryClass>, groups: &[&str]) -> MSSubmissionOptions {
    let name = |name: &&str| vec![GeneralString::from(*name)];
    MSSubmissionOptions {
        object_entry_class: class,
        disable_auto_modify: false,
        add_message_group_names: (!groups.is_empty())
            .then(|| SetOf(groups.iter().map(name).collect())),
        ms_submission_extensions: None,
    }
}

/// Registers, and asks what is registered.
fn register(world: &World, who: &Binding, argument: RegisterMSArgument) -> Reply {
    let registrations = Some(Registrations::of([3, 4]));
    let request = RegistrationTypes { registrations, ..RegistrationTypes::default() };
    let argument = RegisterMSArgument { registration_status_request: Some(request), ..argument };
    world.invoke_octets(who, 24, &argument.to_ber())
}

fn told(reply: &Reply) -> RegisteredInformation {
    let Reply::Result { value, .. } = reply else { panic!("{reply:?}") };
    match RegisterMSResult::from_ber(&value.to_bytes()).expect("a result") {
        RegisterMSResult::RegisteredInformation(told) => told,
        other => panic!("{other:?}"),
    }
}

fn agents(agents: Vec<UARegistration>) -> RegisterMSArgument {
    RegisterMSArgument { ua_registrations: Some(SetOf(agents)), ..Default::default() }
}

fn for_all(options: MSSubmissionOptions) -> RegisterMSArgument {
    RegisterMSArgument { submission_defaults: Some(options), ..Default::default() }
}

#[test]
fn a_user_agent_has_defaults_of_its_own_from_the_bind_on_that_names_it() {
    let mut world = World::new();
    world.deliver_subjects(&["one"]);
    let bind = |more| world.bind_with(Edition::E1994, &pdu::bind(pdu::ALICE, more));
    let (alice, before) = bind(DESK);
    assert!(before.ua_registration_id_unknown, "nothing is registered for it");
    let desk = UARegistration {
        ua_list_attribute_defaults: oids(&[pdu::SUBJECT]),
        ua_fetch_attribute_defaults: oids(&[pdu::CONTENT]),
        ..agent("desk")
    };
    let both = RegisterMSArgument {
        list_attribute_defaults: oids(&[pdu::STATUS]),
        ..agents(vec![desk.clone()])
    };
    assert_eq!(told(&register(&world, &alice, both)).ua_registrations.expect("one").0, [desk]);
    let (at_desk, result) = bind(DESK);
    assert!(!result.ua_registration_id_unknown);
    let listed = |who: &Binding| {
        let entry = world.list(who, "3104a1023100").requested.expect("one").remove(0);
        [pdu::SUBJECT, pdu::STATUS].map(|oid| attribute(&entry, oid).len())
    };
    assert_eq!(listed(&at_desk), [1, 0]);
    let fetched = world.fetch(&at_desk, "3105a203020101").entry_information.expect("an entry");
    assert_eq!(attribute(&fetched, pdu::CONTENT).len(), 1);
    assert_eq!(listed(&bind("").0), [0, 1], "what is registered for all");
    // In 1988 it is no member.
    let (old, result) = world.bind_with(Edition::E1988, &pdu::bind(pdu::ALICE, DESK));
    assert!(!result.ua_registration_id_unknown);
    assert_eq!(listed(&old), [0, 1]);
    // One that registers nothing is forgotten.
    let none = told(&register(&world, &alice, agents(vec![agent("desk")])));
    assert_eq!(none.ua_registrations, None);
    assert!(bind(DESK).1.ua_registration_id_unknown);
    assert_eq!(listed(&at_desk), [0, 1], "also while it is bound");
}

#[test]
fn submissions_that_do_not_say_are_stored_as_is_registered() {
    let world = World::new();
    let alice = world.bind_94();
    submitted(&world, &alice, &submission("as the store is set up", "a003020101"));
    let set_up = numbers(&world, &alice, 1).len();
    let drafts = for_all(options(Some(EntryClass::DRAFT), &[]));
    assert_eq!(error(&register(&world, &alice, drafts)).0, 32, "nothing would be submitted");
    let log = for_all(options(Some(EntryClass::SUBMISSION_LOG), &[]));
    assert_eq!(error(&register(&world, &alice, log)).0, 32, "there are no logs");
    let in_no_group = for_all(options(None, &["work"]));
    assert_eq!(error(&register(&world, &alice, in_no_group.clone())).0, 30);
    let work = MessageGroupNameAndDescriptor {
        message_group_name: vec![GeneralString::from("work")],
        message_group_descriptor: None,
    };
    let group = |change| RegisterMSArgument {
        message_group_registrations: Some(vec![change]),
        ..RegisterMSArgument::default()
    };
    let comes = group(MessageGroupRegistration::RegisterGroup(work.clone()));
    told(&register(&world, &alice, comes));
    assert!(told(&register(&world, &alice, in_no_group)).submission_defaults.is_some());
    let goes = group(MessageGroupRegistration::DeregisterGroup(work.message_group_name));
    let in_use = error(&register(&world, &alice, goes.clone()));
    assert_eq!(in_use.0, 30);
    assert!(in_use.1.contains("020104"), "name-in-use: {}", in_use.1);
    let stored = for_all(options(Some(EntryClass::SUBMISSION), &["work"]));
    told(&register(&world, &alice, stored));
    submitted(&world, &alice, &submission("by default", ""));
    let of_class = |class: u8| {
        let list = pdu::list("", &["56040339"]);
        let rest = list.split_at(4).1.to_owned();
        world.list(&alice, &pdu::x(0x31, &format!("a0030201{class:02x}{rest}")))
    };
    let entries = of_class(1).requested.expect("entries");
    assert_eq!(entries.len(), set_up + 1);
    let last = entries.last().expect("the one by default");
    assert_eq!(attribute(last, "56040339").len(), 1, "it is in the group");
    // What a submission says stands before it; a user agent's own before what is for all.
    let desk = UARegistration {
        ua_submission_defaults: Some(options(Some(EntryClass::SUBMISSION), &[])),
        ..agent("desk")
    };
    told(&register(&world, &alice, agents(vec![desk])));
    let at_desk = world.bind_with(Edition::E1994, &pdu::bind(pdu::ALICE, DESK)).0;
    submitted(&world, &at_desk, &submission("at the desk", ""));
    let entries = of_class(1).requested.expect("entries");
    let last = entries.last().expect("the one of the desk");
    assert!(attribute(last, "56040339").is_empty());
}

#[test]
fn what_user_agents_register_is_checked_as_a_whole() {
    let world = World::new();
    let alice = world.bind_94();
    let content =
        UARegistration { ua_list_attribute_defaults: oids(&[pdu::CONTENT]), ..agent("a") };
    let unknown = UARegistration { ua_fetch_attribute_defaults: oids(&["2a03"]), ..agent("a") };
    let long = UARegistration { ua_list_attribute_defaults: oids(&[]), ..agent(&"a".repeat(33)) };
    let fine = UARegistration { ua_list_attribute_defaults: oids(&[]), ..agent("fine") };
    for (wrong, code) in [(content, 21), (unknown, 21), (long, 32)] {
        let reply = register(&world, &alice, agents(vec![fine.clone(), wrong]));
        assert_eq!(error(&reply).0, code);
    }
    let nothing = register(&world, &alice, RegisterMSArgument::default());
    assert_eq!(told(&nothing), RegisteredInformation::default());
    let many = (0..129).map(|n| UARegistration {
        ua_list_attribute_defaults: oids(&[]),
        ..agent(&format!("agent {n}"))
    });
    let many: Vec<_> = many.collect();
    assert_eq!(error(&register(&world, &alice, agents(many.clone()))).0, 32, "too many");
    told(&register(&world, &alice, agents(many[1..].to_vec())));
    // A kind of registration that there is not.
    assert_eq!(error(&world.invoke(&alice, 24, "310ca90a3108a106310406022a03")).0, 31);
}

#[test]
fn a_bind_may_use_the_labels_that_are_registered_and_no_others() {
    let world = World::new();
    let alice = world.bind();
    let label = |contents: &str| {
        SecurityLabel::from_ber(&pdu::hex(&pdu::x(0x31, &pdu::x(6, contents)))).expect("a label")
    };
    let binds = |contents: &[&str]| {
        let argument = pdu::hex(&pdu::bind(pdu::ALICE, ""));
        let mut argument = MSBindArgument::from_ber(&argument).expect("an argument");
        argument.security_context = Some(SetOf(contents.iter().map(|one| label(one)).collect()));
        let bound = world.ms.bind(&alice.user, Edition::E1988, &argument, Now(world.now));
        bound.map(drop).map_err(|refusal| refusal.problem)
    };
    let refused = Err(BindProblem::UNACCEPTABLE_SECURITY_CONTEXT);
    let registers = |contents: &[&str]| {
        let labels = SetOf(contents.iter().map(|one| label(one)).collect());
        let user_security_labels = Some(labels);
        let argument = RegisterMSArgument { user_security_labels, ..Default::default() };
        let reply = world.invoke_octets(&alice, 24, &argument.to_ber());
        assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
    };
    assert_eq!(binds(&["2a03"]), Ok(()), "nothing is registered");
    registers(&["2a03", "2a04"]);
    assert_eq!(binds(&["2a03"]), Ok(()));
    assert_eq!(binds(&[]), Ok(()));
    assert_eq!(binds(&["2a03", "2a05"]), refused);
    registers(&["2a05"]);
    assert_eq!(binds(&["2a03"]), refused, "a list takes the place of the one before");
    registers(&[]);
    assert_eq!(binds(&["2a03"]), Ok(()));
}

#[test]
fn a_bind_tells_what_is_there_of_groups_and_modify() {
    let world = World::new();
    let asked = pdu::bind(pdu::ALICE, "a5030101ff");
    let (_, result) = world.bind_with(Edition::E1994, &asked);
    assert_eq!(result.message_group_depth, Some(64));
    let extensions = result.bind_result_extensions.expect("capabilities");
    let types = extensions.iter().map(|one| one.direct_reference.clone().expect("a type"));
    let types: Vec<_> = types.map(|oid| oid.to_string()).collect();
    assert_eq!(types, ["2.6.4.9.0", "2.6.4.9.1"]);
    let (_, in_1988) = world.bind_with(Edition::E1988, &asked);
    assert_eq!((in_1988.message_group_depth, in_1988.bind_result_extensions), (None, None));
}
