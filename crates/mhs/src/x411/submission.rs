//! Message-submission, probe-submission and cancel-deferred-delivery (X.411, Submission Port,
//! Message Submission Envelope, Probe Submission Envelope). A store passes them on: the envelope
//! of a message is kept as it came.

use super::{
    ContentIdentifier, ContentLength, ContentType, Extensions, MessageSubmissionIdentifier,
    ORAddressAndOrDirectoryName, OriginalEncodedInformationTypes, Priority,
    ProbeSubmissionIdentifier, Time,
};
use restante_ber::{Kept, Rope, bits, integer, sequence, set};

sequence! { IMPLICIT TAGS;
    /// The argument of message-submission.
    pub struct MessageSubmissionArgument {
        /// The envelope, and its octets.
        envelope: Kept<MessageSubmissionEnvelope>,
        /// The content, not looked into.
        content: Rope,
    }
}

set! { IMPLICIT TAGS;
    /// The result of message-submission.
    pub struct MessageSubmissionResult {
        /// Names the message from now on.
        message_submission_identifier: MessageSubmissionIdentifier,
        /// When it was taken.
        message_submission_time: Time [0],
        /// What the originator's side gave it.
        content_identifier: Option<ContentIdentifier>,
        /// All that came later.
        extensions: Extensions [1] = Extensions::default(),
    }
}

/// The argument of probe-submission.
pub type ProbeSubmissionArgument = ProbeSubmissionEnvelope;

set! { IMPLICIT TAGS;
    /// The result of probe-submission.
    pub struct ProbeSubmissionResult {
        /// Names the probe from now on.
        probe_submission_identifier: ProbeSubmissionIdentifier,
        /// When it was taken.
        probe_submission_time: Time [0],
        /// What the originator's side gave it.
        content_identifier: Option<ContentIdentifier>,
        /// All that came later.
        extensions: Extensions [1] = Extensions::default(),
    }
}

/// The argument of cancel-deferred-delivery, whose result is NULL.
pub type CancelDeferredDeliveryArgument = MessageSubmissionIdentifier;

set! { IMPLICIT TAGS;
    /// The envelope of a message that is submitted.
    pub struct MessageSubmissionEnvelope {
        /// Who sends it.
        originator_name: ORAddressAndOrDirectoryName,
        /// What is in the content.
        original_encoded_information_types: Option<OriginalEncodedInformationTypes>,
        /// What the content is.
        content_type: ContentType,
        /// To know it again.
        content_identifier: Option<ContentIdentifier>,
        /// How urgent it is.
        priority: Priority = Priority::NORMAL,
        /// What is asked for.
        per_message_indicators: PerMessageIndicators = PerMessageIndicators::default(),
        /// When it may be delivered at the earliest.
        deferred_delivery_time: Option<Time> [0],
        /// All that came later.
        extensions: Extensions [2] = Extensions::default(),
        /// Who gets it.
        per_recipient_fields: Vec<PerRecipientMessageSubmissionFields> [1],
    }
}

set! { IMPLICIT TAGS;
    /// One recipient of a message, or of a probe.
    pub struct PerRecipientMessageSubmissionFields {
        /// Who.
        recipient_name: ORAddressAndOrDirectoryName,
        /// Which reports the originator wants.
        originator_report_request: OriginatorReportRequest [0],
        /// What the content shall be converted to.
        explicit_conversion: Option<ExplicitConversion> [1],
        /// All that came later.
        extensions: Extensions [2] = Extensions::default(),
    }
}

/// One recipient of a probe: the same members.
pub type PerRecipientProbeSubmissionFields = PerRecipientMessageSubmissionFields;

set! { IMPLICIT TAGS;
    /// The envelope of a probe.
    pub struct ProbeSubmissionEnvelope {
        /// Who sends it.
        originator_name: ORAddressAndOrDirectoryName,
        /// What would be in the content.
        original_encoded_information_types: Option<OriginalEncodedInformationTypes>,
        /// What the content would be.
        content_type: ContentType,
        /// To know it again.
        content_identifier: Option<ContentIdentifier>,
        /// How long the content would be, in octets.
        content_length: Option<ContentLength> [0],
        /// What is asked for.
        per_message_indicators: PerMessageIndicators = PerMessageIndicators::default(),
        /// All that came later.
        extensions: Extensions [2] = Extensions::default(),
        /// Who would get it.
        per_recipient_fields: Vec<PerRecipientProbeSubmissionFields> [3],
    }
}

bits! {
    /// What an originator asks for, for all recipients.
    pub struct PerMessageIndicators [APPLICATION 8] {
        /// Recipients may know of each other.
        DISCLOSURE_OF_OTHER_RECIPIENTS = 0,
        /// Leave the content as it is.
        IMPLICIT_CONVERSION_PROHIBITED = 1,
        /// Somebody else may get it.
        ALTERNATE_RECIPIENT_ALLOWED = 2,
        /// Send the content back when it can't be delivered.
        CONTENT_RETURN_REQUEST = 3,
        /// Reserved.
        RESERVED = 4,
        /// With bit 6, the type of a notification.
        BIT_5 = 5,
        /// With bit 5, the type of a notification.
        BIT_6 = 6,
        /// For purposes of the service.
        SERVICE_MESSAGE = 7,
    }
}

bits! {
    /// Which reports an originator wants: one bit at most, none for no report.
    pub struct OriginatorReportRequest {
        /// Every report.
        REPORT = 3,
        /// Non-delivery reports.
        NON_DELIVERY_REPORT = 4,
    }
}

integer! {
    /// What a content shall be converted to.
    pub struct ExplicitConversion {
        /// IA5 text to teletex
        IA5_TEXT_TO_TELETEX = 0,
        /// IA5 text to group 3 facsimile
        IA5_TEXT_TO_G3_FACSIMILE = 8,
        /// IA5 text to group 4 facsimile
        IA5_TEXT_TO_G4_CLASS_1 = 9,
        /// IA5 text to videotex
        IA5_TEXT_TO_VIDEOTEX = 10,
        /// Teletex to IA5 text
        TELETEX_TO_IA5_TEXT = 11,
        /// Teletex to group 3 facsimile
        TELETEX_TO_G3_FACSIMILE = 12,
        /// Teletex to group 4 facsimile
        TELETEX_TO_G4_CLASS_1 = 13,
        /// Teletex to videotex
        TELETEX_TO_VIDEOTEX = 14,
        /// Videotex to IA5 text
        VIDEOTEX_TO_IA5_TEXT = 16,
        /// Videotex to teletex
        VIDEOTEX_TO_TELETEX = 17,
    }
}

#[cfg(test)]
#[path = "submission_tests.rs"]
mod tests;
