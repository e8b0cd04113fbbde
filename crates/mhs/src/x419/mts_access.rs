//! Operation and error codes of P3 (X.419 MTSAccessProtocol).

/// register
pub const OP_REGISTER: i64 = 1;
/// submission-control: the MTS invokes it.
pub const OP_SUBMISSION_CONTROL: i64 = 2;
/// delivery-control: the user invokes it.
pub const OP_DELIVERY_CONTROL: i64 = 2;
/// message-submission
pub const OP_MESSAGE_SUBMISSION: i64 = 3;
/// probe-submission
pub const OP_PROBE_SUBMISSION: i64 = 4;
/// message-delivery: the MTS invokes it.
pub const OP_MESSAGE_DELIVERY: i64 = 5;
/// report-delivery: the MTS invokes it.
pub const OP_REPORT_DELIVERY: i64 = 6;
/// cancel-deferred-delivery
pub const OP_CANCEL_DEFERRED_DELIVERY: i64 = 7;
/// change-credentials
pub const OP_CHANGE_CREDENTIALS: i64 = 8;

/// submission-control-violated
pub const ERR_SUBMISSION_CONTROL_VIOLATED: i64 = 1;
/// delivery-control-violated
pub const ERR_DELIVERY_CONTROL_VIOLATED: i64 = 1;
/// originator-invalid
pub const ERR_ORIGINATOR_INVALID: i64 = 2;
/// recipient-improperly-specified
pub const ERR_RECIPIENT_IMPROPERLY_SPECIFIED: i64 = 3;
/// element-of-service-not-subscribed
pub const ERR_ELEMENT_OF_SERVICE_NOT_SUBSCRIBED: i64 = 4;
/// old-credentials-incorrectly-specified
pub const ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED: i64 = 5;
/// new-credentials-unacceptable
pub const ERR_NEW_CREDENTIALS_UNACCEPTABLE: i64 = 6;
/// message-submission-identifier-invalid
pub const ERR_MESSAGE_SUBMISSION_IDENTIFIER_INVALID: i64 = 7;
/// deferred-delivery-cancellation-rejected
pub const ERR_DEFERRED_DELIVERY_CANCELLATION_REJECTED: i64 = 8;
/// register-rejected
pub const ERR_REGISTER_REJECTED: i64 = 10;
/// inconsistent-request
pub const ERR_INCONSISTENT_REQUEST: i64 = 11;
/// security-error, of submission, delivery and administration.
pub const ERR_SECURITY_ERROR: i64 = 12;
/// unsupported-critical-function
pub const ERR_UNSUPPORTED_CRITICAL_FUNCTION: i64 = 13;
/// control-violates-registration
pub const ERR_CONTROL_VIOLATES_REGISTRATION: i64 = 14;
/// remote-bind-error
pub const ERR_REMOTE_BIND_ERROR: i64 = 15;
/// operation-refused (1994)
pub const ERR_OPERATION_REFUSED: i64 = 16;
