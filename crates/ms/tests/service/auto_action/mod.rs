//! Auto-actions: what is registered, what of it happens when an entry comes, and what is left of
//! it after a crash at any point.

mod alert;
mod correlate;
mod delayed;
mod forward;
mod later;
mod modified;
mod objects;

use crate::common::{World, attribute, damage, error, pdu, settle, user};
use bytes::Bytes;
use restante_ber::Decode;
use restante_mhs::x411::MessageSubmissionArgument;
use restante_mhs::x413::AlertArgument;
use restante_mhs::x419::Edition;
use restante_mhs::x420::{IPM, IPN, InformationObject};
use restante_ms::{
    Acted, ActedOn, Alert, Binding, Delivery, Effect, NextErrand, Now, Outcome, Passed, Reply,
};

pub(super) const ALERT: &str = "56040401";
pub(crate) const FORWARD: &str = "56040400";

/// An AutoActionRegistration.
pub(crate) fn registration(action: &str, identifier: u8, parameter: &str) -> String {
    let head = format!("{}a0030201{identifier:02x}", pdu::x(0x06, action));
    pdu::x(0x30, &format!("{head}{}", pdu::x(0xa1, parameter)))
}

/// A Register-MSArgument with registrations.
pub(crate) fn registrations(all: &[String]) -> String {
    pdu::x(0x31, &pdu::x(0xa0, &pdu::x(0x31, &all.concat())))
}

/// A Register-MSArgument that deregisters one.
pub(super) fn deregistration(action: &str, identifier: u8) -> String {
    let one = format!("{}a0030201{identifier:02x}", pdu::x(0x06, action));
    pdu::x(0x31, &pdu::x(0xa1, &pdu::x(0x31, &pdu::x(0x30, &one))))
}

/// An AutoAlertRegistrationParameter.
pub(super) fn alert(filter: Option<&str>, attributes: &[&str]) -> String {
    let filter = filter.map(|filter| pdu::x(0xa0, filter)).unwrap_or_default();
    pdu::x(0x31, &format!("{filter}{}", pdu::x(0xa2, &pdu::selection(attributes))))
}

/// An AutoForwardRegistrationParameter88 from one user to another; more members of the arguments,
/// of the parameter, and of the information.
pub(crate) fn forward_with(from: &str, to: &str, more: [&str; 3]) -> String {
    let [arguments, members, information] = more;
    let recipient = pdu::x(0x31, &format!("{to}80020410"));
    let arguments = pdu::x(0x31, &format!("{from}{arguments}{}", pdu::x(0xa1, &recipient)));
    let information = pdu::x(0xa3, &pdu::x(0x04, &pdu::x(0x31, information)));
    pdu::x(0x31, &format!("{}{members}{information}", pdu::x(0xa1, &arguments)))
}

pub(crate) fn forward(from: &str, to: &str) -> String {
    forward_with(from, to, ["", "", ""])
}

pub(crate) fn register(world: &World, binding: &Binding, argument: &str) {
    match world.invoke(binding, 24, argument) {
        Reply::Result { operation: 24, .. } => {}
        other => panic!("{argument}: {other:?}"),
    }
}

/// Delivers, and what is to be done then.
pub(super) fn delivered(world: &mut World, message: &pdu::Message) -> (u32, Vec<Effect>) {
    let argument = Bytes::from(message.argument());
    let delivery = Delivery::decode(5, Some(&argument)).expect("a delivery");
    let mut outcome = world.ms.deliver(&world.deliverer(), Now(world.now), delivery);
    world.now += 1_000_000;
    let committed = outcome.commit.take().expect("a commit").wait().expect("it is durable");
    (committed.stored[0].number, outcome.effects)
}

pub(super) fn alerts_of(effects: &[Effect]) -> Vec<&Alert> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Alert { alert, .. } => Some(alert),
            _ => None,
        })
        .collect()
}

/// What effects tell that auto-actions did: which, on which entry, and whether they failed.
pub(super) fn acted(effects: &[Effect]) -> Vec<(String, ActedOn, bool)> {
    let told = |Acted { run, entry, mailbox }: &Acted| {
        assert_eq!(*mailbox, user(pdu::ALICE).key);
        (pdu::to_hex(run.auto_action_type.contents()), *entry, run.error.is_some())
    };
    let acted = effects.iter().filter_map(|effect| match effect {
        Effect::Acted(acted) => Some(told(acted)),
        _ => None,
    });
    acted.collect()
}

/// The alerts that a delivery makes.
pub(super) fn alerted(world: &mut World, message: &pdu::Message) -> Vec<AlertArgument> {
    let (number, effects) = delivered(world, message);
    alerts_of(&effects).into_iter().flat_map(|alert| world.ms.alerts(alert, number)).collect()
}

pub(crate) fn errand(world: &World, binding: &Binding) -> Option<NextErrand> {
    world.ms.next_errand(binding.mailbox, 0).expect("storage")
}

/// Brings in what became of an errand.
pub(crate) fn passed(world: &World, errand: &NextErrand, passed: Passed) -> Outcome {
    world.ms.complete(&errand.submit.token, passed, Now(world.now))
}

/// What the MTA answers.
pub(crate) fn taken() -> Passed {
    let time = pdu::tlv(0x80, b"261124102733Z");
    let result = pdu::of(0x31, &[pdu::hex(IDENTIFIER), time]);
    Passed::Result(Some(Bytes::from(result)))
}

pub(super) const IDENTIFIER: &str = "6417631161041302474262031301201304504545521602 7331";

/// What is submitted.
pub(super) fn submitted(errand: &NextErrand) -> MessageSubmissionArgument {
    assert_eq!(errand.submit.operation, 3);
    MessageSubmissionArgument::from_bytes(&errand.submit.argument.to_bytes()).expect("one")
}

pub(super) fn message(content: &restante_ber::Rope) -> IPM {
    match InformationObject::from_bytes(&content.to_bytes()) {
        Ok(InformationObject::Ipm(message)) => message,
        other => panic!("{other:?}"),
    }
}

pub(super) fn notification(content: &restante_ber::Rope) -> IPN {
    match InformationObject::from_bytes(&content.to_bytes()) {
        Ok(InformationObject::Ipn(notification)) => notification,
        other => panic!("{other:?}"),
    }
}
