//! What an originator learns (X.411 §8.3.1.2): one report on all recipients of which one was asked
//! for.

use bytes::Bytes;
use restante_ber::Encode;
use restante_mhs::x411::{
    DeliveryReport, Extensions, NonDeliveryReport, OriginatorReportRequest, PerMessageIndicators,
    PerRecipientReportDeliveryFields, ReportDeliveryEnvelope, ReportType, ReportingMTAName,
    TypeOfMTSUser, extension,
};

use super::route::Routed;
use super::{Mail, Report, time};
use crate::report::returned_children;
use crate::{MessageStore, Now};

/// Extensions of the subject that a report has too (X.411 ReportDeliveryExtensions).
const REPORTED: [i64; 2] =
    [extension::MESSAGE_SECURITY_LABEL.number, extension::CONTENT_CORRELATOR.number];

impl<S> MessageStore<S> {
    /// The report, `None` where none was asked for; with the content as a child where it comes
    /// back.
    pub(super) fn report(
        &self,
        mail: &Mail<'_>,
        routed: &[Routed<'_>],
        content: &Bytes,
        now: Now,
    ) -> Option<Report> {
        let reported: Vec<_> = routed.iter().filter(|one| is_reported(one)).collect();
        if reported.is_empty() {
            return None;
        }
        let failed = reported.iter().any(|one| one.fate.is_err());
        let wanted = mail.indicators.has(PerMessageIndicators::CONTENT_RETURN_REQUEST);
        let children = match failed && wanted && !content.is_empty() {
            true => returned_children(content, &mail.content_type.oid()),
            false => Vec::new(),
        };
        let mut extensions = Extensions::default();
        let kept = REPORTED.iter().filter_map(|number| mail.extensions.field(*number));
        extensions.0.0.extend(kept.cloned());
        let local = &self.settings.local_mta;
        let reporting = ReportingMTAName {
            domain: local.domain.clone(),
            mta_name: local.name.clone(),
            mta_directory_name: None,
        };
        extensions.push(extension::REPORTING_MTA_NAME, &reporting);
        let envelope = ReportDeliveryEnvelope {
            subject_submission_identifier: mail.identifier.clone(),
            content_identifier: mail.content_identifier.cloned(),
            content_type: Some(mail.content_type.clone()),
            original_encoded_information_types: mail.original_encoded_information_types.cloned(),
            extensions,
            per_recipient_fields: reported.into_iter().map(|one| fields(one, now)).collect(),
        };
        Some(Report { envelope: envelope.to_ber(), children })
    }
}

/// Whether the originator wants to know of it.
fn is_reported(routed: &Routed<'_>) -> bool {
    let request = &routed.fields.originator_report_request;
    request.has(OriginatorReportRequest::REPORT)
        || routed.fate.is_err() && request.has(OriginatorReportRequest::NON_DELIVERY_REPORT)
}

fn fields(routed: &Routed<'_>, now: Now) -> PerRecipientReportDeliveryFields {
    let report_type = match &routed.fate {
        Ok(_) => ReportType::Delivery(DeliveryReport {
            message_delivery_time: time(now),
            type_of_mts_user: TypeOfMTSUser::MS,
        }),
        Err(why) => ReportType::NonDelivery(NonDeliveryReport {
            non_delivery_reason_code: why.reason,
            non_delivery_diagnostic_code: why.diagnostic,
        }),
    };
    let information = routed.fate.as_ref().err().and_then(|why| why.information);
    let redirected = !routed.redirections.is_empty();
    let mut extensions = Extensions::default();
    if redirected {
        extensions.push(extension::REDIRECTION_HISTORY, &routed.redirections);
    }
    PerRecipientReportDeliveryFields {
        actual_recipient_name: routed.actual.clone(),
        report_type,
        converted_encoded_information_types: None,
        originally_intended_recipient_name: redirected
            .then(|| routed.fields.recipient_name.clone()),
        supplementary_information: information.map(Into::into),
        extensions,
    }
}
