//! Report-delivery (X.411, Delivery Port and Report Delivery Envelope).

use super::delivery::constructed;
use super::{
    ContentIdentifier, ContentType, ConvertedEncodedInformationTypes, ExtensionField, Extensions,
    NonDeliveryDiagnosticCode, NonDeliveryReasonCode, ORAddressAndOptionalDirectoryName,
    ORAddressAndOrDirectoryName, OriginalEncodedInformationTypes, SubjectSubmissionIdentifier,
    Time,
};
use restante_ber::{
    Bytes, Decode, Error, Null, PrintableString, Reader, Result, Rope, SetOf, Tag, choice,
    integer, set,
};

set! { IMPLICIT TAGS;
    /// The argument of report-delivery: the members of the envelope, and what is returned.
    pub struct ReportDeliveryArgument {
        /// The message or probe that the report is about.
        subject_submission_identifier: SubjectSubmissionIdentifier,
        /// What its originator's side gave it.
        content_identifier: Option<ContentIdentifier>,
        /// What its content was.
        content_type: Option<ContentType>,
        /// What was in its content.
        original_encoded_information_types: Option<OriginalEncodedInformationTypes>,
        /// All that came later.
        extensions: Extensions [1] = Extensions::default(),
        /// What became of each recipient.
        per_recipient_fields: Vec<PerRecipientReportDeliveryFields>,
        /// Its content, where it comes back.
        returned_content: Option<Rope> [0],
    }
}

set! { IMPLICIT TAGS;
    /// The envelope alone.
    pub struct ReportDeliveryEnvelope {
        /// The message or probe that the report is about.
        subject_submission_identifier: SubjectSubmissionIdentifier,
        /// What its originator's side gave it.
        content_identifier: Option<ContentIdentifier>,
        /// What its content was.
        content_type: Option<ContentType>,
        /// What was in its content.
        original_encoded_information_types: Option<OriginalEncodedInformationTypes>,
        /// All that came later.
        extensions: Extensions [1] = Extensions::default(),
        /// What became of each recipient.
        per_recipient_fields: Vec<PerRecipientReportDeliveryFields>,
    }
}

set! { IMPLICIT TAGS;
    /// What became of one recipient.
    pub struct PerRecipientReportDeliveryFields {
        /// Which.
        actual_recipient_name: ORAddressAndOrDirectoryName [0],
        /// Delivered or not.
        report_type: ReportType [1],
        /// What the content was converted to.
        converted_encoded_information_types: Option<ConvertedEncodedInformationTypes>,
        /// Who should have got it, before it was redirected.
        originally_intended_recipient_name: Option<ORAddressAndOptionalDirectoryName> [2],
        /// More about it, for people.
        supplementary_information: Option<PrintableString> [3],
        /// All that came later.
        extensions: Extensions [4] = Extensions::default(),
    }
}

choice! { IMPLICIT TAGS;
    /// Delivered or not.
    #[derive(Eq, Hash)]
    pub enum ReportType {
        /// Delivered.
        Delivery(DeliveryReport) [0],
        /// Not delivered.
        NonDelivery(NonDeliveryReport) [1],
    }
}

set! { IMPLICIT TAGS;
    /// A delivery.
    #[derive(Eq, Hash)]
    pub struct DeliveryReport {
        /// When.
        message_delivery_time: Time [0],
        /// To what.
        type_of_mts_user: TypeOfMTSUser [1] = TypeOfMTSUser::PUBLIC,
    }
}

set! { IMPLICIT TAGS;
    /// A delivery that failed.
    #[derive(Eq, Hash)]
    pub struct NonDeliveryReport {
        /// What failed.
        non_delivery_reason_code: NonDeliveryReasonCode [0],
        /// Why.
        non_delivery_diagnostic_code: Option<NonDeliveryDiagnosticCode> [1],
    }
}

integer! {
    /// What a message was delivered to.
    pub struct TypeOfMTSUser {
        /// A user agent of an administration's; unless said otherwise.
        PUBLIC = 0,
        /// A private user agent.
        PRIVATE = 1,
        /// A message store.
        MS = 2,
        /// A distribution list.
        DL = 3,
        /// A physical delivery access unit.
        PDAU = 4,
        /// Somebody, on paper.
        PHYSICAL_RECIPIENT = 5,
        /// Something else.
        OTHER = 6,
    }
}

choice! { IMPLICIT TAGS;
    /// The result of report-delivery. The 1988 form is the empty one.
    pub enum ReportDeliveryResult {
        /// Nothing more to say.
        EmptyResult(Null),
        /// 1994.
        Extensions(SetOf<ExtensionField>),
    }
}

/// Splits the argument of a report-delivery, as it came, into an encoding of
/// [`ReportDeliveryEnvelope`] and the returned content. What they hold is shared with the
/// argument, not copied; only the envelope's first octets are new.
///
/// # Errors
/// When the argument is none; whether the envelope's members can be read is not looked at.
pub fn split_report_delivery(argument: &Bytes) -> Result<(Rope, Option<Rope>)> {
    let element = Reader::over(argument).only()?;
    if element.tag != Tag::SET {
        let wanted = ReportDeliveryArgument::NAME;
        return Err(Error::Unexpected { wanted, found: element.tag });
    }
    let mut members = element.children()?;
    let mut envelope = Rope::new();
    let mut content = None;
    while let Some(member) = members.next_element()? {
        if member.tag == Tag::context(0) {
            content = Some(Rope::decode_contents(&member)?);
        } else {
            envelope.push(member.to_bytes());
        }
    }
    Ok((constructed(Tag::SET, envelope), content))
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
