//! Message-delivery envelopes (X.411, Message Delivery Envelope).

use restante_mhs::x411::{
    ContentType, Criticality, EncodedInformationTypes, ExtensionType, Extensions,
    MessageDeliveryEnvelope, OtherMessageDeliveryFields, extension,
};

use crate::section::Section;

/// An envelope.
pub(crate) fn message_delivery(envelope: &MessageDeliveryEnvelope) -> Section {
    let mut section = Section::default();
    section.put("message_identifier", envelope.message_delivery_identifier.to_string());
    section.put("delivery_time", envelope.message_delivery_time);
    other_fields(&envelope.other_fields, &mut section);
    section
}

/// What an envelope says beside identifier and time.
pub(crate) fn other_fields(fields: &OtherMessageDeliveryFields, section: &mut Section) {
    let content_type = ContentType::from(fields.content_type.clone());
    section.put("originator", fields.originator_name.to_string());
    section.put("this_recipient", fields.this_recipient_name.to_string());
    let others = fields.other_recipient_names.iter().flatten();
    section.put_list("other_recipients", others.map(ToString::to_string));
    let intended = fields.originally_intended_recipient_name.as_ref();
    section.put_some("originally_intended_recipient", intended.map(ToString::to_string));
    section.put("priority", fields.priority.to_string());
    section.put("content_type", content_type.to_string());
    section.put("submission_time", fields.message_submission_time);
    let identifier = fields.content_identifier.as_ref();
    section.put_some("content_identifier", identifier.map(|identifier| identifier.0.to_string()));
    let original = fields.original_encoded_information_types.as_ref();
    section.put_list("original_encoded_information_types", types(original));
    let converted = fields.converted_encoded_information_types.as_ref();
    section.put_list("converted_encoded_information_types", types(converted));
    section.put_list("delivery_flags", fields.delivery_flags.iter().flat_map(|f| f.names()));
    section.put_list("extensions", extensions(&fields.extensions));
}

/// Encoded information types: names of those that have a bit, object identifiers of the others.
pub(crate) fn types(types: Option<&EncodedInformationTypes>) -> Vec<String> {
    let Some(types) = types else { return Vec::new() };
    let mut names = types.built_in_encoded_information_types.names();
    let extended = types.extended_encoded_information_types.iter().flat_map(|set| &set.0);
    names.extend(extended.map(ToString::to_string));
    names
}

/// Extensions by name, with a mark where one is critical for delivery.
pub(crate) fn extensions(extensions: &Extensions) -> Vec<String> {
    let field = |field: &restante_mhs::x411::ExtensionField| {
        let name = match &field.r#type {
            ExtensionType::StandardExtension(number) => match extension::name(*number) {
                Some(name) => name.to_owned(),
                None => format!("extension {number}"),
            },
            ExtensionType::PrivateExtension(oid) => oid.to_string(),
        };
        let critical = field.criticality.has(Criticality::FOR_DELIVERY);
        if critical { format!("{name} (critical)") } else { name }
    };
    extensions.0.0.iter().map(field).collect()
}
