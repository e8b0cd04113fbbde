//! The envelope that a recipient finds (X.411 §8.3.1.1): made of that of the submission and of
//! what the MTA did.

use restante_mhs::x411::{
    DeliveryFlags, DomainSuppliedInformation, ExtensionField, ExtensionType, Extensions,
    InternalTraceInformationElement, MTASuppliedInformation, MessageDeliveryEnvelope,
    OtherActions, OtherMessageDeliveryFields, PerMessageIndicators, RoutingAction, Time,
    TraceInformation, TraceInformationElement, extension,
};

use super::route::Routed;
use super::{Mail, time};
use crate::{MessageStore, Now};

/// Extensions of a submission that are for the MTS and that a delivery does not have (X.411
/// MessageDeliveryExtensions); a private one, or one of a later edition, is handed on.
const NOT_DELIVERED: [i64; 7] = [
    extension::RECIPIENT_REASSIGNMENT_PROHIBITED.number,
    extension::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT.number,
    extension::DL_EXPANSION_PROHIBITED.number,
    extension::LATEST_DELIVERY_TIME.number,
    extension::PROOF_OF_SUBMISSION_REQUEST.number,
    extension::CONTENT_CORRELATOR.number,
    extension::FORWARDING_REQUEST.number,
];

impl<S> MessageStore<S> {
    /// What a recipient that was reached finds.
    pub(super) fn delivery_envelope(
        &self,
        mail: &Mail<'_>,
        routed: &Routed<'_>,
        now: Now,
    ) -> MessageDeliveryEnvelope {
        let redirected = !routed.redirections.is_empty();
        let flags = DeliveryFlags::IMPLICIT_CONVERSION_PROHIBITED;
        let prohibited = mail.indicators.has(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED);
        let intended = &routed.fields.recipient_name;
        MessageDeliveryEnvelope {
            message_delivery_identifier: mail.identifier.clone(),
            message_delivery_time: time(now),
            other_fields: OtherMessageDeliveryFields {
                content_type: mail.content_type.clone().into(),
                originator_name: mail.originator_name.clone(),
                original_encoded_information_types: mail
                    .original_encoded_information_types
                    .cloned(),
                priority: mail.priority,
                delivery_flags: prohibited.then(|| DeliveryFlags::of([flags])),
                other_recipient_names: other_recipients(mail, routed),
                this_recipient_name: routed.actual.clone(),
                originally_intended_recipient_name: redirected.then(|| intended.clone()),
                converted_encoded_information_types: None,
                message_submission_time: mail.submission_time,
                content_identifier: mail.content_identifier.cloned(),
                extensions: self.delivered_extensions(mail, routed, now),
            },
        }
    }

    fn delivered_extensions(&self, mail: &Mail<'_>, routed: &Routed<'_>, now: Now) -> Extensions {
        let submitted = mail.extensions.0.0.iter().chain(&routed.fields.extensions.0.0);
        let mut extensions = Extensions::default();
        extensions.0.0.extend(submitted.filter(|field| is_delivered(field)).cloned());
        if !routed.redirections.is_empty() {
            extensions.push(extension::REDIRECTION_HISTORY, &routed.redirections);
        }
        let released = mail.deferred.filter(|deferred| *deferred > mail.submission_time);
        self.trace(&mut extensions, mail.submission_time, released.map(|_| time(now)), routed);
        extensions
    }

    /// Adds the way of a message: it came, and it is here.
    fn trace(
        &self,
        extensions: &mut Extensions,
        arrival_time: Time,
        deferred_time: Option<Time>,
        routed: &Routed<'_>,
    ) {
        let redirected = (!routed.redirections.is_empty()).then_some(OtherActions::REDIRECTED);
        let other_actions = OtherActions::of(redirected);
        let local = &self.settings.local_mta;
        let element = TraceInformationElement {
            global_domain_identifier: local.domain.clone(),
            domain_supplied_information: DomainSuppliedInformation {
                arrival_time,
                routing_action: RoutingAction::RELAYED,
                attempted_domain: None,
                deferred_time,
                converted_encoded_information_types: None,
                other_actions: other_actions.clone(),
            },
        };
        extensions.push(extension::TRACE_INFORMATION, &TraceInformation(vec![element]));
        let element = InternalTraceInformationElement {
            global_domain_identifier: local.domain.clone(),
            mta_name: local.name.clone(),
            mta_supplied_information: MTASuppliedInformation {
                arrival_time,
                routing_action: RoutingAction::RELAYED,
                attempted: None,
                deferred_time,
                converted_encoded_information_types: None,
                other_actions,
            },
        };
        extensions.push(extension::INTERNAL_TRACE_INFORMATION, &vec![element]);
    }
}

fn is_delivered(field: &ExtensionField) -> bool {
    match field.r#type {
        ExtensionType::StandardExtension(number) => !NOT_DELIVERED.contains(&number),
        ExtensionType::PrivateExtension(_) => true,
    }
}

/// Who else gets it, where they may know of each other.
fn other_recipients(
    mail: &Mail<'_>,
    routed: &Routed<'_>,
) -> Option<Vec<restante_mhs::x411::ORName>> {
    if !mail.indicators.has(PerMessageIndicators::DISCLOSURE_OF_OTHER_RECIPIENTS) {
        return None;
    }
    let this = routed.fields.recipient_name.address.key();
    let names = mail.recipients.iter().map(|recipient| &recipient.recipient_name);
    let others: Vec<_> = names.filter(|name| name.address.key() != this).cloned().collect();
    Some(others).filter(|others| !others.is_empty())
}
