//! Auto-actions: any octets as the parameter of a registration, and as the content of a message
//! that is forwarded. What is submitted then can be read, and says that the store did it.

use super::osi::round_trip;
use crate::service::{ALICE, Service, done};
use bytes::Bytes;
use restante_ber::{Any, Decode, Encode, Oid, Rope, SetOf, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{
    BuiltInContentType, ContentType, MessageSubmissionArgument, ORAddress, ORName,
};
use restante_mhs::x413::{
    AttributeValue, AutoActionDeregistration, AutoActionRegistration,
    AutoAlertRegistrationParameter, AutoModifyRegistrationParameter, DeleteArgument, DeleteItems,
    RegisterMSArgument, oids as ms,
};
use restante_mhs::x419::{Edition, mts_access};
use restante_mhs::x420::{
    AbsenceAdvice, AutoForwardRegistration, ChangeOfAddressAdvice, DELAYED_AUTO_FORWARD,
    DelayedAutoForwardParameter, ForwardingInformation1988, Heading,
    IPMAutoAcknowledgementRegistrationParameter, IPMAutoAdviseRegistrationParameter,
    IPMAutoDiscardRegistrationParameter, IPMAutoForwardOptions,
    IPMAutoForwardRegistrationParameter, IPMIdentifier, InformationObject, oids as ipms,
};
use restante_ms::{Binding, Delivery, Now, Operation, Passed, Reply};

thread_local! {
    static SERVICE: Service = Service::new();
}

/// The auto-action-types that may be registered.
const TYPES: [Oid; 10] = [
    ms::ID_ACT_IPM_AUTO_FORWARD,
    ms::ID_ACT_AUTO_ALERT,
    ms::ID_ACT_AUTO_DELETE,
    ms::ID_ACT_AUTO_MODIFY,
    ms::ID_ACT_AUTO_CORRELATE_REPORTS,
    ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT,
    ipms::ID_AA_IPM_AUTO_CORRELATE,
    ipms::ID_AA_IPM_AUTO_DISCARD,
    ipms::ID_AA_IPM_AUTO_ADVISE,
    DELAYED_AUTO_FORWARD,
];

/// The types round, what is registered, and what is forwarded.
pub fn auto_action(data: &[u8]) {
    round_trip::<AutoActionRegistration>(data);
    round_trip::<AutoForwardRegistration>(data);
    round_trip::<ForwardingInformation1988>(data);
    round_trip::<DelayedAutoForwardParameter>(data);
    round_trip::<AutoAlertRegistrationParameter>(data);
    round_trip::<AutoModifyRegistrationParameter>(data);
    round_trip::<IPMAutoAcknowledgementRegistrationParameter>(data);
    round_trip::<IPMAutoDiscardRegistrationParameter>(data);
    round_trip::<IPMAutoAdviseRegistrationParameter>(data);
    round_trip::<AbsenceAdvice>(data);
    round_trip::<ChangeOfAddressAdvice>(data);
    SERVICE.with(|service| {
        let alice = Binding { edition: Edition::E1994, ..service.alice.clone() };
        if let Ok(parameter) = Any::from_ber(data) {
            for auto_action_type in TYPES {
                registered(service, &alice, auto_action_type, &parameter);
            }
        }
        forwarded(service, &alice, data);
    });
}

fn alice() -> ORName {
    ORName::from(ALICE.parse::<ORAddress>().expect("an O/R address"))
}

fn perform(service: &Service, alice: &Binding, code: i64, argument: &impl Encode) -> Reply {
    let operation = Operation::decode(alice.edition, code, Some(&argument.to_ber()));
    done(service.ms.execute(alice, Now(0), operation.expect("an operation")))
}

/// Registers; whether that could be.
fn register(service: &Service, alice: &Binding, oid: Oid, parameter: AttributeValue) -> bool {
    let registration = AutoActionRegistration {
        auto_action_type: oid,
        registration_identifier: 1,
        registration_parameter: Some(parameter),
    };
    let argument = RegisterMSArgument {
        auto_action_registrations: Some(SetOf(vec![registration])),
        ..RegisterMSArgument::default()
    };
    match perform(service, alice, 24, &argument) {
        Reply::Result { .. } => true,
        Reply::Error { .. } => false,
        other => panic!("{other:?}"),
    }
}

fn deregister(service: &Service, alice: &Binding, auto_action_type: Oid) {
    let going = AutoActionDeregistration { auto_action_type, registration_identifier: 1 };
    let argument = RegisterMSArgument {
        auto_action_deregistrations: Some(SetOf(vec![going])),
        ..RegisterMSArgument::default()
    };
    let reply = perform(service, alice, 24, &argument);
    assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
}

fn deliver(service: &Service, content: &[u8], content_type: ContentType) {
    let identifier = compose::mts_identifier(&alice().address, "1");
    let content = Rope::from(Bytes::copy_from_slice(content));
    let mut delivery = compose::delivery(identifier, alice(), alice(), content, UtcTime(0));
    delivery.other_fields.content_type = content_type.into();
    let code = mts_access::OP_MESSAGE_DELIVERY;
    let delivery = Delivery::decode(code, Some(&delivery.to_ber())).expect("a delivery");
    let reply = done(service.ms.deliver(&service.mta, Now(0), delivery));
    assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
}

/// What the store submits by itself, each refused for good; then all entries go.
fn submitted(service: &Service, alice: &Binding) -> Vec<InformationObject> {
    let mut contents = Vec::new();
    while let Some(errand) = service.ms.next_errand(alice.mailbox, 0).expect("storage") {
        let argument = errand.submit.argument.to_bytes();
        let argument = MessageSubmissionArgument::from_bytes(&argument).expect("a submission");
        assert!(!argument.envelope.per_recipient_fields.is_empty());
        let content = InformationObject::from_bytes(&argument.content.to_bytes());
        contents.push(content.expect("a content of X.420"));
        let code = mts_access::ERR_RECIPIENT_IMPROPERLY_SPECIFIED;
        let refused = Passed::Error { code, parameter: None };
        done(service.ms.complete(&errand.submit.token, refused, Now(0)));
    }
    let all = DeleteArgument::from(DeleteItems::Selector(Default::default()));
    let deleted = perform(service, alice, 23, &all);
    assert!(matches!(deleted, Reply::Result { .. }), "{deleted:?}");
    contents
}

/// Any parameter, where it is one, and a message that comes then.
fn registered(service: &Service, alice: &Binding, oid: Oid, parameter: &Any) -> bool {
    let parameter = AttributeValue::of(parameter);
    let registers = register(service, alice, oid.clone(), parameter);
    if registers {
        let message = compose::ipm("1", &self::alice(), &[self::alice()], "s", []);
        let content = compose::content(message).to_bytes();
        deliver(service, &content, ContentType::of_oid(restante_ber::oid!(2, 6, 1, 10, 1)));
        submitted(service, alice);
        deregister(service, alice, oid);
    }
    registers
}

/// Any content of each kind, forwarded.
fn forwarded(service: &Service, alice: &Binding, content: &[u8]) {
    let to = "/CN=Bob/O=Example/PRMD=PEER/ADMD= /C=GB/".parse::<ORAddress>().expect("an address");
    let envelope = compose::submission(self::alice(), [ORName::from(to)], Rope::new()).envelope;
    let identifier = IPMIdentifier { user: None, user_relative_identifier: "F".into() };
    let parameter = IPMAutoForwardRegistrationParameter {
        filter: None,
        forwarding_envelope: envelope,
        forwarding_heading: Heading::new(identifier).into(),
        forwarding_cover_note: None,
        submission_options: None,
        nrn_comment: None,
        ipm_auto_forward_options: IPMAutoForwardOptions::of([
            IPMAutoForwardOptions::FORWARD_ALL_OBJECT_TYPES,
        ]),
    };
    let forward = ms::ID_ACT_IPM_AUTO_FORWARD;
    assert!(register(service, alice, forward.clone(), AttributeValue::of(&parameter)));
    for content_type in [
        ContentType::of_oid(restante_ber::oid!(2, 6, 1, 10, 1)),
        ContentType::BuiltIn(BuiltInContentType(35)),
    ] {
        deliver(service, content, content_type);
        for made in submitted(service, alice) {
            let InformationObject::Ipm(message) = made else { continue };
            assert!(message.heading.auto_forwarded);
            assert_eq!(message.body.0.len(), 1);
        }
    }
    deregister(service, alice, forward);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_auto_action_is_registered_by_a_saved_input() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/auto_action");
        let service = Service::new();
        let alice = Binding { edition: Edition::E1994, ..service.alice.clone() };
        let mut left = TYPES.to_vec();
        for entry in std::fs::read_dir(folder).expect("saved inputs") {
            let data = std::fs::read(entry.expect("one").path()).expect("it can be read");
            let Ok(parameter) = Any::from_ber(&data) else { continue };
            left.retain(|oid| !registered(&service, &alice, oid.clone(), &parameter));
        }
        assert!(left.is_empty(), "{left:?}");
    }
}
