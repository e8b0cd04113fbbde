//! Security labels (X.411, Security Label). Their categories are carried, not looked into.

use restante_ber::{Any, Oid, PrintableString, SetOf, integer, sequence, set};

set! { IMPLICIT TAGS;
    /// How sensitive a message is, under some policy.
    #[derive(Default, Eq, Hash)]
    pub struct SecurityLabel {
        /// Whose policy.
        security_policy_identifier: Option<Oid>,
        /// How secret.
        security_classification: Option<SecurityClassification>,
        /// Words to print on it.
        privacy_mark: Option<PrintableString>,
        /// Restrictions by the policy.
        security_categories: Option<SetOf<SecurityCategory>>,
    }
}

/// The labels that an association is used for.
pub type SecurityContext = SetOf<SecurityLabel>;

integer! {
    /// How secret a message is.
    pub struct SecurityClassification {
        /// Not said.
        UNMARKED = 0,
        /// Not secret.
        UNCLASSIFIED = 1,
        /// Restricted.
        RESTRICTED = 2,
        /// Confidential.
        CONFIDENTIAL = 3,
        /// Secret.
        SECRET = 4,
        /// Top secret.
        TOP_SECRET = 5,
    }
}

sequence! { IMPLICIT TAGS;
    /// A restriction by the policy.
    #[derive(Eq, Hash)]
    pub struct SecurityCategory {
        /// Which.
        r#type: Oid [0],
        /// Its value, as it came.
        value: Any [1],
    }
}

integer! {
    /// What stands in the way, for the sake of security.
    pub struct SecurityProblem {
        /// `assemby-…` in the standard's spelling.
        ASSEMBLY_INSTRUCTIONS_CONFLICT_WITH_SECURITY_SERVICES = 0,
        /// Credentials are wrong.
        AUTHENTICATION_PROBLEM = 1,
        /// The subject message is not authentic.
        AUTHENTICATION_FAILURE_ON_SUBJECT_MESSAGE = 2,
        /// The association is not confidential enough.
        CONFIDENTIALITY_ASSOCIATION_PROBLEM = 3,
        /// Decryption failed.
        DECRYPTION_FAILED = 4,
        /// There is no key to decrypt with.
        DECRYPTION_KEY_UNOBTAINABLE = 5,
        /// The proof is wrong.
        FAILURE_OF_PROOF_OF_MESSAGE = 6,
        /// That label can't be registered.
        FORBIDDEN_USER_SECURITY_LABEL_REGISTER = 7,
        /// It does not go with the original security context.
        INCOMPATIBLE_CHANGE_WITH_ORIGINAL_SECURITY_CONTEXT = 8,
        /// The subject message has been changed.
        INTEGRITY_FAILURE_ON_SUBJECT_MESSAGE = 9,
        /// The label is not valid.
        INVALID_SECURITY_LABEL = 10,
        /// The label can't be changed to that.
        INVALID_SECURITY_LABEL_UPDATE = 11,
        /// A key failed.
        KEY_FAILURE = 12,
        /// What must be there is not.
        MANDATORY_PARAMETER_ABSENCE = 13,
        /// The operation failed.
        OPERATION_SECURITY_FAILURE = 14,
        /// Redirection is prohibited.
        REDIRECTION_PROHIBITED = 15,
        /// The alternate recipient is refused.
        REFUSED_ALTERNATE_RECIPIENT_NAME = 16,
        /// Non-repudiation failed.
        REPUDIATION_FAILURE_OF_MESSAGE = 17,
        /// The responder's credentials are wrong.
        RESPONDER_CREDENTIALS_CHECKING_PROBLEM = 18,
        /// The security context failed.
        SECURITY_CONTEXT_FAILURE = 19,
        /// The security context does not allow it.
        SECURITY_CONTEXT_PROBLEM = 20,
        /// The policy does not allow it.
        SECURITY_POLICY_VIOLATION = 21,
        /// The service is refused.
        SECURITY_SERVICES_REFUSAL = 22,
        /// A token can't be decrypted.
        TOKEN_DECRYPTION_FAILED = 23,
        /// A token is wrong.
        TOKEN_ERROR = 24,
        /// Labels can't be combined.
        UNABLE_TO_AGGREGATE_SECURITY_LABELS = 25,
        /// The distribution list may not.
        UNAUTHORISED_DL_NAME = 26,
        /// The entry-class is not allowed.
        UNAUTHORISED_ENTRY_CLASS = 27,
        /// The intended recipient may not.
        UNAUTHORISED_ORIGINALLY_INTENDED_RECIPIENT_NAME = 28,
        /// The originator may not.
        UNAUTHORISED_ORIGINATOR_NAME = 29,
        /// The recipient may not.
        UNAUTHORISED_RECIPIENT_NAME = 30,
        /// The label may not be changed.
        UNAUTHORISED_SECURITY_LABEL_UPDATE = 31,
        /// The user may not.
        UNAUTHORISED_USER_NAME = 32,
        /// The label is unknown.
        UNKNOWN_SECURITY_LABEL = 33,
        /// The algorithm is not supported.
        UNSUPPORTED_ALGORITHM_IDENTIFIER = 34,
        /// The policy is not supported.
        UNSUPPORTED_SECURITY_POLICY = 35,
    }
}
