//! Operation and error codes of P7 (X.419 MSAccessProtocol). Submission and administration have
//! those of [`mts_access`](super::mts_access).

/// summarize
pub const OP_SUMMARIZE: i64 = 20;
/// list
pub const OP_LIST: i64 = 21;
/// fetch
pub const OP_FETCH: i64 = 22;
/// delete
pub const OP_DELETE: i64 = 23;
/// register-MS
pub const OP_REGISTER_MS: i64 = 24;
/// alert: the store invokes it.
pub const OP_ALERT: i64 = 25;
/// modify (1994)
pub const OP_MODIFY: i64 = 26;

/// attribute-error
pub const ERR_ATTRIBUTE_ERROR: i64 = 21;
/// auto-action-request-error
pub const ERR_AUTO_ACTION_REQUEST_ERROR: i64 = 22;
/// delete-error
pub const ERR_DELETE_ERROR: i64 = 23;
/// fetch-restriction-error
pub const ERR_FETCH_RESTRICTION_ERROR: i64 = 24;
/// range-error (1988 only)
pub const ERR_RANGE_ERROR: i64 = 25;
/// security-error, of retrieval.
pub const ERR_SECURITY_ERROR: i64 = 26;
/// service-error
pub const ERR_SERVICE_ERROR: i64 = 27;
/// sequence-number-error
pub const ERR_SEQUENCE_NUMBER_ERROR: i64 = 28;
/// invalid-parameters-error
pub const ERR_INVALID_PARAMETERS_ERROR: i64 = 29;
/// message-group-error (1994)
pub const ERR_MESSAGE_GROUP_ERROR: i64 = 30;
/// ms-extension-error (1994)
pub const ERR_MS_EXTENSION_ERROR: i64 = 31;
/// register-ms-error (1994)
pub const ERR_REGISTER_MS_ERROR: i64 = 32;
/// modify-error (1994)
pub const ERR_MODIFY_ERROR: i64 = 33;
/// entry-class-error (1994)
pub const ERR_ENTRY_CLASS_ERROR: i64 = 34;
