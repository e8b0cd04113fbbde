//! What a registration of one edition is in the other: for an MTA whose edition is not the user
//! agent's.

use restante_ber::{Oid, SetOf};
use restante_mhs::x411::{
    Controls, DeliveryControls88, EncodedInformationTypes, EncodedInformationTypesConstraints,
    LabelAndRedirection, MessageClass, RecipientRedirection, RefusedArgument, Register88,
    RegisterArgument,
};

use crate::Deliverable;
use crate::deliverable::{constraints, everything};

/// In 1994 what is deliverable is one class, and labels are those of messages that are redirected.
pub(super) fn of_1994(argument: Register88) -> RegisterArgument {
    let deliverable = Deliverable::default().with_1988(&argument);
    let redirection = |one: LabelAndRedirection| RecipientRedirection {
        redirection_classes: one.user_security_label.map(|label| {
            let security_labels = Some(SetOf(vec![label]));
            SetOf(vec![MessageClass { security_labels, ..everything() }])
        }),
        recipient_assigned_alternate_recipient: one.recipient_assigned_alternate_recipient,
    };
    let redirections = argument.labels_and_redirections;
    RegisterArgument {
        user_name: argument.user_name,
        user_address: argument.user_address,
        deliverable_class: deliverable.registered().deliverable_class.clone(),
        default_delivery_controls: argument.default_delivery_controls.map(controls_1994),
        redirections: redirections.map(|set| set.0.into_iter().map(redirection).collect()),
        ..RegisterArgument::default()
    }
}

fn controls_1994(controls: DeliveryControls88) -> Controls {
    let types = controls.permissible_encoded_information_types_88.as_ref();
    Controls {
        restrict: controls.restrict,
        permissible_operations: controls.permissible_operations,
        permissible_maximum_content_length: controls.permissible_maximum_content_length,
        permissible_lowest_priority: controls.permissible_lowest_priority,
        permissible_content_types: controls.permissible_content_types,
        permissible_encoded_information_types: types.and_then(constraints),
        permissible_security_context: controls.permissible_security_context,
    }
}

/// In 1988 there is one class of what is deliverable, without a choice of encoded information
/// types, no restriction on who may send, and nothing is told.
pub(super) fn of_1988(argument: RegisterArgument) -> Result<Register88, RefusedArgument> {
    if argument.restricted_delivery.is_some() {
        return Err(RefusedArgument::RESTRICTED_DELIVERY);
    }
    if argument.redirections.is_some() {
        return Err(RefusedArgument::RECIPIENT_ASSIGNED_REDIRECTIONS);
    }
    if argument.retrieve_registrations.is_some() {
        return Err(RefusedArgument::RETRIEVE_REGISTRATIONS);
    }
    let controls = argument.default_delivery_controls.map(controls_1988).transpose()?;
    let mut register = Register88 {
        user_name: argument.user_name,
        user_address: argument.user_address,
        default_delivery_controls: controls,
        ..Register88::default()
    };
    match argument.deliverable_class.as_ref().map(|set| &set.0[..]) {
        None => {}
        Some([class]) => deliverable(&mut register, class)?,
        Some(_) => return Err(RefusedArgument::DELIVERABLE_CONTENT_TYPES),
    }
    Ok(register)
}

fn deliverable(register: &mut Register88, class: &MessageClass) -> Result<(), RefusedArgument> {
    if class.security_labels.is_some() {
        return Err(RefusedArgument::DELIVERABLE_SECURITY_LABELS);
    }
    let rest = MessageClass {
        content_types: None,
        maximum_content_length: None,
        encoded_information_types_constraints: None,
        ..class.clone()
    };
    if rest != everything() {
        return Err(RefusedArgument::DELIVERABLE_CONTENT_TYPES);
    }
    register.deliverable_content_types = class.content_types.clone();
    register.deliverable_maximum_content_length = class.maximum_content_length;
    let constraints = class.encoded_information_types_constraints.as_ref();
    let refused = RefusedArgument::DELIVERABLE_ENCODED_INFORMATION_TYPES_CONSTRAINTS;
    register.deliverable_encoded_information_types =
        constraints.map(|types| exclusively(types).ok_or(refused)).transpose()?;
    Ok(())
}

fn controls_1988(controls: Controls) -> Result<DeliveryControls88, RefusedArgument> {
    let types = controls.permissible_encoded_information_types.as_ref();
    let refused = RefusedArgument::PERMISSIBLE_ENCODED_INFORMATION_TYPES;
    let types = types.map(|types| exclusively(types).ok_or(refused)).transpose()?;
    Ok(DeliveryControls88 {
        restrict: controls.restrict,
        permissible_operations: controls.permissible_operations,
        permissible_maximum_content_length: controls.permissible_maximum_content_length,
        permissible_lowest_priority: controls.permissible_lowest_priority,
        permissible_content_types: controls.permissible_content_types,
        permissible_security_context: controls.permissible_security_context,
        permissible_encoded_information_types_88: types,
    })
}

/// Constraints that name none but the only ones, as 1988 has them.
fn exclusively(types: &EncodedInformationTypesConstraints) -> Option<EncodedInformationTypes> {
    if types.unacceptable_eits.is_some() || types.acceptable_eits.is_some() {
        return None;
    }
    const BUILT_IN: Oid = restante_ber::oid!(2, 6, 3, 4);
    let oids = &types.exclusively_acceptable_eits.as_ref()?.0;
    let bit = |oid: &Oid| {
        let arc = oid.last_arc_below(&BUILT_IN)?;
        usize::try_from(arc).ok().filter(|bit| *bit < 32)
    };
    let extended: Vec<Oid> = oids.iter().filter(|oid| bit(oid).is_none()).cloned().collect();
    let mut types = EncodedInformationTypes::of_bits(oids.iter().filter_map(bit));
    types.extended_encoded_information_types =
        Some(SetOf(extended)).filter(|set| !set.0.is_empty());
    Some(types)
}
