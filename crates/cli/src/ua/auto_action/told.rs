//! What an auto-action that is registered does, in words: as far as the options of
//! `restante ua auto-action` go.

use jiff::tz::TimeZone;
use restante_ber::{Decode, Oid};
use restante_mhs::x411::ORName;
use restante_mhs::x413::{
    AttributeValue, AutoActionRegistration, AutoAlertRegistrationParameter,
    AutoModifyRegistrationParameter, EntryClass, EntryModification, Filter, MSSubmissionOptions,
    Modification, auto_action_name, oids as ms,
};
use restante_mhs::x420::{
    AbsenceAdvice, AutoForwardRegistration, ChangeOfAddressAdvice, DELAYED_AUTO_FORWARD,
    DelayedAutoForwardParameter, ExtensionsField, IPMAutoAcknowledgementRegistrationParameter,
    IPMAutoAdviseRegistrationParameter, IPMAutoDiscardRegistrationParameter,
    IPMAutoForwardOptions as Options, extension, oids as ipms,
};
use restante_view::{Section, filter, time, value};

/// What an auto-action is called.
pub(super) fn name(oid: &Oid) -> String {
    match auto_action_name(oid) {
        Some(name) => name.to_owned(),
        None if *oid == DELAYED_AUTO_FORWARD => "delayed auto-forward".to_owned(),
        None => oid.to_string(),
    }
}

/// What a registration says, each a few words; nothing of what can't be read.
pub(super) fn said(registration: &AutoActionRegistration) -> Vec<String> {
    let octets = registration.registration_parameter.as_ref().map(|one| one.octets());
    octets.and_then(|octets| of(&registration.auto_action_type, &octets)).unwrap_or_default()
}

fn of(oid: &Oid, octets: &[u8]) -> Option<Vec<String>> {
    Some(match oid {
        oid if *oid == ms::ID_ACT_AUTO_ALERT => {
            let alert = AutoAlertRegistrationParameter::from_ber(octets).ok()?;
            let told = alert.requested_attributes.iter().flat_map(|all| &all.0);
            let told: Vec<_> = told.map(|one| filter::name(&one.r#type)).collect();
            let tells = (!told.is_empty()).then(|| format!("tells {}", told.join(", ")));
            all([only(alert.filter.as_ref()), tells])
        }
        oid if *oid == ms::ID_ACT_IPM_AUTO_FORWARD => {
            forward(&AutoForwardRegistration::from_ber(octets).ok()?)
        }
        oid if *oid == DELAYED_AUTO_FORWARD => {
            let later = DelayedAutoForwardParameter::from_ber(octets).ok()?;
            let mut said = forward(&later.forward);
            said.push(format!("after {} s", later.delay));
            said
        }
        oid if *oid == ms::ID_ACT_AUTO_MODIFY => {
            let modify = AutoModifyRegistrationParameter::from_ber(octets).ok()?;
            let mut said = all([only(modify.filter.as_ref())]);
            said.push(format!("of {}", class(modify.entry_class)));
            said.extend(modify.modifications.iter().map(modification));
            said
        }
        oid if *oid == ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT => {
            let parameter = IPMAutoAcknowledgementRegistrationParameter::from_ber(octets).ok()?;
            let text = parameter.auto_acknowledge_suppl_receipt_info;
            let text = text.map(|text| format!("\"{}\"", text.0));
            all([text, kept(parameter.submission_options.as_ref())])
        }
        oid if *oid == ipms::ID_AA_IPM_AUTO_DISCARD => {
            let parameter = IPMAutoDiscardRegistrationParameter::from_ber(octets).ok()?;
            all([
                only(parameter.filter.as_ref()),
                flag(parameter.auto_discard_expired_ipms, "expired"),
                flag(parameter.auto_discard_obsoleted_ipms, "obsoleted"),
                flag(parameter.restrict_obsoleting_to_originator, "by the same originator"),
                kept(parameter.submission_options.as_ref()),
            ])
        }
        oid if *oid == ipms::ID_AA_IPM_AUTO_ADVISE => {
            let advise = IPMAutoAdviseRegistrationParameter::from_ber(octets).ok()?;
            let mut said = all([
                flag(!advise.enabled, "disabled"),
                only(advise.filter.as_ref()),
                flag(!advise.suppress_subsequent_notifications, "each time"),
                flag(advise.use_ipm_if_an_not_supported, "by message too"),
                kept(advise.submission_options.as_ref()),
            ]);
            said.extend(advice(&advise.advice_notifications));
            said
        }
        _ => return None,
    })
}

fn all<const N: usize>(parts: [Option<String>; N]) -> Vec<String> {
    parts.into_iter().flatten().collect()
}

fn flag(is: bool, text: &str) -> Option<String> {
    is.then(|| text.to_owned())
}

fn only(of: Option<&Filter>) -> Option<String> {
    of.map(|of| format!("where {}", filter::print(of)))
}

fn kept(options: Option<&MSSubmissionOptions>) -> Option<String> {
    let class = options?.object_entry_class?;
    Some(format!("keeps what it sends in {}", self::class(class)))
}

fn forward(registration: &AutoForwardRegistration) -> Vec<String> {
    let to = |names: &mut dyn Iterator<Item = &ORName>| {
        let names: Vec<_> = names.map(|name| name.address.to_string()).collect();
        Some(format!("to {}", names.join(", ")))
    };
    match registration {
        AutoForwardRegistration::Parameter88(parameter) => {
            let recipients = &parameter.auto_forward_arguments.per_recipient_fields;
            all([
                to(&mut recipients.iter().map(|one| &one.recipient_name)),
                only(parameter.filter.as_ref()),
                flag(parameter.delete_after_auto_forwarding, "deletes the entry"),
            ])
        }
        AutoForwardRegistration::Parameter94(parameter) => {
            let recipients = &parameter.forwarding_envelope.per_recipient_fields;
            let options = &parameter.ipm_auto_forward_options;
            let returned = options.has(Options::INCLUDE_RETURNED_CONTENT)
                || options.has(Options::INCLUDE_RETURNED_IPM);
            all([
                to(&mut recipients.iter().map(|one| &one.recipient_name)),
                only(parameter.filter.as_ref()),
                flag(options.has(Options::FORWARD_ALL_OBJECT_TYPES), "all object types"),
                flag(returned, "with what came back"),
                flag(options.has(Options::FORWARDED_CONTENT_PROHIBITED), "no other contents"),
                flag(options.has(Options::PRESERVE_RETRIEVAL_STATUS), "keeps the status"),
                flag(options.has(Options::DELETE_DELIVERED_OBJECT), "deletes the entry"),
                kept(parameter.submission_options.as_ref()),
            ])
        }
    }
}

fn modification(one: &EntryModification) -> String {
    let valued = |what: &str, oid: &Oid, values: &mut dyn Iterator<Item = String>| {
        format!("{what} {} {}", filter::name(oid), values.collect::<Vec<_>>().join(", "))
    };
    match &one.modification {
        Modification::AddAttribute(attribute) => {
            let oid = &attribute.attribute_type;
            let values = attribute.attribute_values.iter();
            valued("sets", oid, &mut values.map(|one| text(oid, one)))
        }
        Modification::RemoveAttribute(oid) => format!("removes {}", filter::name(oid)),
        Modification::AddValues(added) => {
            let oid = &added.attribute_type;
            let values = added.attribute_values.iter().filter_map(|one| one.value.as_ref());
            valued("adds", oid, &mut values.map(|one| text(oid, one)))
        }
        Modification::RemoveValues(removed) => {
            let oid = &removed.attribute_type;
            let values = removed.attribute_values.iter().filter_map(|one| one.value.as_ref());
            valued("takes away", oid, &mut values.map(|one| text(oid, one)))
        }
    }
}

/// A value for people, in one line.
fn text(oid: &Oid, one: &AttributeValue) -> String {
    let mut section = Section::default();
    section.put("value", value::value(oid, one));
    section.field("value", &TimeZone::UTC)
}

fn class(class: EntryClass) -> String {
    class.name().unwrap_or_else(|| class.0.to_string())
}

fn advice(notifications: &ExtensionsField) -> Vec<String> {
    let absence = extension::<AbsenceAdvice>(notifications, &ipms::ID_ON_ABSENCE_ADVICE);
    let absence = absence.and_then(Result::ok).map(|absence| {
        let text = absence.advice.and_then(|part| part.text());
        let back = absence.next_available.map(|at| format!("back {}", time::utc(at.0)));
        all([text.map(|text| format!("\"{}\"", text.trim_end())), back]).join(", ")
    });
    let moved = ipms::ID_ON_CHANGE_OF_ADDRESS_ADVICE;
    let moved = extension::<ChangeOfAddressAdvice>(notifications, &moved).and_then(Result::ok);
    let moved = moved.and_then(|moved| {
        let address = moved.new_address.formal_name?.address;
        let from = moved.effective_from.map(|at| format!("from {}", time::utc(at.0)));
        Some(all([Some(format!("new address {address}")), from]).join(", "))
    });
    all([absence, moved])
}
