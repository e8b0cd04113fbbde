//! Why a delivery failed (X.411, NonDeliveryReasonCode and NonDeliveryDiagnosticCode).

use restante_ber::integer;

integer! {
    /// What failed.
    pub struct NonDeliveryReasonCode {
        /// Transfer failure.
        TRANSFER_FAILURE = 0,
        /// Unable to transfer.
        UNABLE_TO_TRANSFER = 1,
        /// Conversion not performed.
        CONVERSION_NOT_PERFORMED = 2,
        /// Physical rendition not performed.
        PHYSICAL_RENDITION_NOT_PERFORMED = 3,
        /// Physical delivery not performed.
        PHYSICAL_DELIVERY_NOT_PERFORMED = 4,
        /// Restricted delivery.
        RESTRICTED_DELIVERY = 5,
        /// Directory operation unsuccessful.
        DIRECTORY_OPERATION_UNSUCCESSFUL = 6,
        /// Deferred delivery not performed.
        DEFERRED_DELIVERY_NOT_PERFORMED = 7,
        /// Transfer failure for security reason.
        TRANSFER_FAILURE_FOR_SECURITY_REASON = 8,
    }
}

integer! {
    /// Why it failed.
    pub struct NonDeliveryDiagnosticCode {
        /// Unrecognised OR name.
        UNRECOGNISED_OR_NAME = 0,
        /// Ambiguous OR name.
        AMBIGUOUS_OR_NAME = 1,
        /// MTS congestion.
        MTS_CONGESTION = 2,
        /// Loop detected.
        LOOP_DETECTED = 3,
        /// Recipient unavailable.
        RECIPIENT_UNAVAILABLE = 4,
        /// Maximum time expired.
        MAXIMUM_TIME_EXPIRED = 5,
        /// Encoded information types unsupported.
        ENCODED_INFORMATION_TYPES_UNSUPPORTED = 6,
        /// Content too long.
        CONTENT_TOO_LONG = 7,
        /// Conversion impractical.
        CONVERSION_IMPRACTICAL = 8,
        /// Implicit conversion prohibited.
        IMPLICIT_CONVERSION_PROHIBITED = 9,
        /// Implicit conversion not subscribed.
        IMPLICIT_CONVERSION_NOT_SUBSCRIBED = 10,
        /// Invalid arguments.
        INVALID_ARGUMENTS = 11,
        /// Content syntax error.
        CONTENT_SYNTAX_ERROR = 12,
        /// Size constraint violation.
        SIZE_CONSTRAINT_VIOLATION = 13,
        /// Protocol violation.
        PROTOCOL_VIOLATION = 14,
        /// Content type not supported.
        CONTENT_TYPE_NOT_SUPPORTED = 15,
        /// Too many recipients.
        TOO_MANY_RECIPIENTS = 16,
        /// No bilateral agreement.
        NO_BILATERAL_AGREEMENT = 17,
        /// Unsupported critical function.
        UNSUPPORTED_CRITICAL_FUNCTION = 18,
        /// Conversion with loss prohibited.
        CONVERSION_WITH_LOSS_PROHIBITED = 19,
        /// Line too long.
        LINE_TOO_LONG = 20,
        /// Page split.
        PAGE_SPLIT = 21,
        /// Pictorial symbol loss.
        PICTORIAL_SYMBOL_LOSS = 22,
        /// Punctuation symbol loss.
        PUNCTUATION_SYMBOL_LOSS = 23,
        /// Alphabetic character loss.
        ALPHABETIC_CHARACTER_LOSS = 24,
        /// Multiple information loss.
        MULTIPLE_INFORMATION_LOSS = 25,
        /// Recipient reassignment prohibited.
        RECIPIENT_REASSIGNMENT_PROHIBITED = 26,
        /// Redirection loop detected.
        REDIRECTION_LOOP_DETECTED = 27,
        /// DL expansion prohibited.
        DL_EXPANSION_PROHIBITED = 28,
        /// No DL submit permission.
        NO_DL_SUBMIT_PERMISSION = 29,
        /// DL expansion failure.
        DL_EXPANSION_FAILURE = 30,
        /// Physical rendition attributes not supported.
        PHYSICAL_RENDITION_ATTRIBUTES_NOT_SUPPORTED = 31,
        /// Undeliverable mail physical delivery address incorrect.
        UNDELIVERABLE_MAIL_PHYSICAL_DELIVERY_ADDRESS_INCORRECT = 32,
        /// Undeliverable mail physical delivery office incorrect or invalid.
        UNDELIVERABLE_MAIL_PHYSICAL_DELIVERY_OFFICE_INCORRECT_OR_INVALID = 33,
        /// Undeliverable mail physical delivery address incomplete.
        UNDELIVERABLE_MAIL_PHYSICAL_DELIVERY_ADDRESS_INCOMPLETE = 34,
        /// Undeliverable mail recipient unknown.
        UNDELIVERABLE_MAIL_RECIPIENT_UNKNOWN = 35,
        /// Undeliverable mail recipient deceased.
        UNDELIVERABLE_MAIL_RECIPIENT_DECEASED = 36,
        /// Undeliverable mail organization expired.
        UNDELIVERABLE_MAIL_ORGANIZATION_EXPIRED = 37,
        /// Undeliverable mail recipient refused to accept.
        UNDELIVERABLE_MAIL_RECIPIENT_REFUSED_TO_ACCEPT = 38,
        /// Undeliverable mail recipient did not claim.
        UNDELIVERABLE_MAIL_RECIPIENT_DID_NOT_CLAIM = 39,
        /// Undeliverable mail recipient changed address permanently.
        UNDELIVERABLE_MAIL_RECIPIENT_CHANGED_ADDRESS_PERMANENTLY = 40,
        /// Undeliverable mail recipient changed address temporarily.
        UNDELIVERABLE_MAIL_RECIPIENT_CHANGED_ADDRESS_TEMPORARILY = 41,
        /// Undeliverable mail recipient changed temporary address.
        UNDELIVERABLE_MAIL_RECIPIENT_CHANGED_TEMPORARY_ADDRESS = 42,
        /// Undeliverable mail new address unknown.
        UNDELIVERABLE_MAIL_NEW_ADDRESS_UNKNOWN = 43,
        /// Undeliverable mail recipient did not want forwarding.
        UNDELIVERABLE_MAIL_RECIPIENT_DID_NOT_WANT_FORWARDING = 44,
        /// Undeliverable mail originator prohibited forwarding.
        UNDELIVERABLE_MAIL_ORIGINATOR_PROHIBITED_FORWARDING = 45,
        /// Secure messaging error.
        SECURE_MESSAGING_ERROR = 46,
        /// Unable to downgrade.
        UNABLE_TO_DOWNGRADE = 47,
        /// Unable to complete transfer.
        UNABLE_TO_COMPLETE_TRANSFER = 48,
        /// Transfer attempts limit reached.
        TRANSFER_ATTEMPTS_LIMIT_REACHED = 49,
        /// Incorrect notification type.
        INCORRECT_NOTIFICATION_TYPE = 50,
        /// DL expansion prohibited by security policy.
        DL_EXPANSION_PROHIBITED_BY_SECURITY_POLICY = 51,
        /// Forbidden alternate recipient.
        FORBIDDEN_ALTERNATE_RECIPIENT = 52,
        /// Security policy violation.
        SECURITY_POLICY_VIOLATION = 53,
        /// Security services refusal.
        SECURITY_SERVICES_REFUSAL = 54,
        /// Unauthorised DL member.
        UNAUTHORISED_DL_MEMBER = 55,
        /// Unauthorised DL name.
        UNAUTHORISED_DL_NAME = 56,
        /// Unauthorised originally intended recipient name.
        UNAUTHORISED_ORIGINALLY_INTENDED_RECIPIENT_NAME = 57,
        /// Unauthorised originator name.
        UNAUTHORISED_ORIGINATOR_NAME = 58,
        /// Unauthorised recipient name.
        UNAUTHORISED_RECIPIENT_NAME = 59,
        /// Unreliable system.
        UNRELIABLE_SYSTEM = 60,
        /// Authentication failure on subject message.
        AUTHENTICATION_FAILURE_ON_SUBJECT_MESSAGE = 61,
        /// Decryption failed.
        DECRYPTION_FAILED = 62,
        /// Decryption key unobtainable.
        DECRYPTION_KEY_UNOBTAINABLE = 63,
        /// Double envelope creation failure.
        DOUBLE_ENVELOPE_CREATION_FAILURE = 64,
        /// Double enveloping message restoring failure.
        DOUBLE_ENVELOPING_MESSAGE_RESTORING_FAILURE = 65,
        /// Failure of proof of message.
        FAILURE_OF_PROOF_OF_MESSAGE = 66,
        /// Integrity failure on subject message.
        INTEGRITY_FAILURE_ON_SUBJECT_MESSAGE = 67,
        /// Invalid security label.
        INVALID_SECURITY_LABEL = 68,
        /// Key failure.
        KEY_FAILURE = 69,
        /// Mandatory parameter absence.
        MANDATORY_PARAMETER_ABSENCE = 70,
        /// Operation security failure.
        OPERATION_SECURITY_FAILURE = 71,
        /// Repudiation failure of message.
        REPUDIATION_FAILURE_OF_MESSAGE = 72,
        /// Security context failure.
        SECURITY_CONTEXT_FAILURE = 73,
        /// Token decryption failed.
        TOKEN_DECRYPTION_FAILED = 74,
        /// Token error.
        TOKEN_ERROR = 75,
        /// Unknown security label.
        UNKNOWN_SECURITY_LABEL = 76,
        /// Unsupported algorithm identifier.
        UNSUPPORTED_ALGORITHM_IDENTIFIER = 77,
        /// Unsupported security policy.
        UNSUPPORTED_SECURITY_POLICY = 78,
    }
}
