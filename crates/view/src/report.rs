//! Reports (X.411, Report Delivery Envelope): what became of a message, recipient by recipient.

use restante_mhs::x411::{
    PerRecipientReportDeliveryFields, ReportDeliveryEnvelope, ReportType, extension,
};

use crate::envelope;
use crate::section::Section;

/// An envelope.
pub(crate) fn section(report: &ReportDeliveryEnvelope) -> Section {
    let mut section = Section::default();
    section.put("subject_identifier", report.subject_submission_identifier.to_string());
    // Where extension 30 can't be read, it still is in the list below.
    let history = report.extensions.get(extension::ORIGINATOR_AND_DL_EXPANSION_HISTORY);
    let originator = history.ok().flatten().and_then(|history| history.into_iter().next());
    let originator = originator.map(|first| first.originator_or_dl_name.to_string());
    section.put_some("subject_originator", originator);
    let identifier = report.content_identifier.as_ref();
    section.put_some("content_identifier", identifier.map(|identifier| identifier.0.to_string()));
    section.put_some("content_type", report.content_type.as_ref().map(ToString::to_string));
    let original = report.original_encoded_information_types.as_ref();
    section.put_list("original_encoded_information_types", envelope::types(original));
    section.put_list("extensions", envelope::extensions(&report.extensions));
    let recipients: Vec<_> = report.per_recipient_fields.iter().map(recipient).collect();
    section.put("recipients", recipients);
    section
}

fn recipient(fields: &PerRecipientReportDeliveryFields) -> Section {
    let mut section = Section::default();
    section.put("name", fields.actual_recipient_name.to_string());
    match &fields.report_type {
        ReportType::Delivery(delivery) => {
            section.put("outcome", "delivered");
            section.put("delivery_time", delivery.message_delivery_time);
            section.put("delivered_to", delivery.type_of_mts_user.to_string());
        }
        ReportType::NonDelivery(failure) => {
            section.put("outcome", "not delivered");
            section.put("reason", failure.non_delivery_reason_code.to_string());
            let diagnostic = failure.non_delivery_diagnostic_code;
            section.put_some("diagnostic", diagnostic.map(|code| code.to_string()));
        }
    }
    let intended = fields.originally_intended_recipient_name.as_ref();
    section.put_some("originally_intended_recipient", intended.map(ToString::to_string));
    let information = fields.supplementary_information.as_ref();
    section.put_some("supplementary_information", information.map(ToString::to_string));
    let converted = fields.converted_encoded_information_types.as_ref();
    section.put_list("converted_encoded_information_types", envelope::types(converted));
    section.put_list("extensions", envelope::extensions(&fields.extensions));
    section
}
