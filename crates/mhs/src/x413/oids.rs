//! Object identifiers of X.413, MSObjectIdentifiers: attributes, auto-actions, extensions.
//! Matching-rules have a table of their own.

crate::oids::oids! { "MSObjectIdentifiers";
    "id-att-child-sequence-numbers" ID_ATT_CHILD_SEQUENCE_NUMBERS = 2 6 4 3 0;
    "id-att-content" ID_ATT_CONTENT = 2 6 4 3 1;
    "id-att-content-confidentiality-algorithm-identifier"
        ID_ATT_CONTENT_CONFIDENTIALITY_ALGORITHM_IDENTIFIER = 2 6 4 3 2;
    "id-att-content-correlator" ID_ATT_CONTENT_CORRELATOR = 2 6 4 3 3;
    "id-att-content-identifier" ID_ATT_CONTENT_IDENTIFIER = 2 6 4 3 4;
    "id-att-content-integrity-check" ID_ATT_CONTENT_INTEGRITY_CHECK = 2 6 4 3 5;
    "id-att-content-length" ID_ATT_CONTENT_LENGTH = 2 6 4 3 6;
    "id-att-content-returned" ID_ATT_CONTENT_RETURNED = 2 6 4 3 7;
    "id-att-content-type" ID_ATT_CONTENT_TYPE = 2 6 4 3 8;
    "id-att-conversion-with-loss-prohibited" ID_ATT_CONVERSION_WITH_LOSS_PROHIBITED = 2 6 4 3 9;
    "id-att-converted-EITs" ID_ATT_CONVERTED_EITS = 2 6 4 3 10;
    "id-att-creation-time" ID_ATT_CREATION_TIME = 2 6 4 3 11;
    "id-att-delivered-EITs" ID_ATT_DELIVERED_EITS = 2 6 4 3 12;
    "id-att-delivery-flags" ID_ATT_DELIVERY_FLAGS = 2 6 4 3 13;
    "id-att-dl-expansion-history" ID_ATT_DL_EXPANSION_HISTORY = 2 6 4 3 14;
    "id-att-retrieval-status" ID_ATT_RETRIEVAL_STATUS = 2 6 4 3 15;
    "id-att-entry-type" ID_ATT_ENTRY_TYPE = 2 6 4 3 16;
    "id-att-originally-intended-recipient-name"
        ID_ATT_ORIGINALLY_INTENDED_RECIPIENT_NAME = 2 6 4 3 17;
    "id-att-message-delivery-envelope" ID_ATT_MESSAGE_DELIVERY_ENVELOPE = 2 6 4 3 18;
    "id-att-message-identifier" ID_ATT_MESSAGE_IDENTIFIER = 2 6 4 3 19;
    "id-att-message-delivery-time" ID_ATT_MESSAGE_DELIVERY_TIME = 2 6 4 3 20;
    "id-att-message-origin-authentication-check"
        ID_ATT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK = 2 6 4 3 21;
    "id-att-message-security-label" ID_ATT_MESSAGE_SECURITY_LABEL = 2 6 4 3 22;
    "id-att-message-submission-time" ID_ATT_MESSAGE_SUBMISSION_TIME = 2 6 4 3 23;
    "id-att-message-token" ID_ATT_MESSAGE_TOKEN = 2 6 4 3 24;
    "id-att-original-EITs" ID_ATT_ORIGINAL_EITS = 2 6 4 3 25;
    "id-att-originator-certificate" ID_ATT_ORIGINATOR_CERTIFICATE = 2 6 4 3 26;
    "id-att-originator-name" ID_ATT_ORIGINATOR_NAME = 2 6 4 3 27;
    "id-att-other-recipient-names" ID_ATT_OTHER_RECIPIENT_NAMES = 2 6 4 3 28;
    "id-att-parent-sequence-number" ID_ATT_PARENT_SEQUENCE_NUMBER = 2 6 4 3 29;
    "id-att-per-recipient-report-delivery-fields"
        ID_ATT_PER_RECIPIENT_REPORT_DELIVERY_FIELDS = 2 6 4 3 30;
    "id-att-priority" ID_ATT_PRIORITY = 2 6 4 3 31;
    "id-att-proof-of-delivery-request" ID_ATT_PROOF_OF_DELIVERY_REQUEST = 2 6 4 3 32;
    "id-att-redirection-history" ID_ATT_REDIRECTION_HISTORY = 2 6 4 3 33;
    "id-att-report-delivery-envelope" ID_ATT_REPORT_DELIVERY_ENVELOPE = 2 6 4 3 34;
    "id-att-reporting-DL-name" ID_ATT_REPORTING_DL_NAME = 2 6 4 3 35;
    "id-att-reporting-MTA-certificate" ID_ATT_REPORTING_MTA_CERTIFICATE = 2 6 4 3 36;
    "id-att-report-origin-authentication-check"
        ID_ATT_REPORT_ORIGIN_AUTHENTICATION_CHECK = 2 6 4 3 37;
    "id-att-security-classification" ID_ATT_SECURITY_CLASSIFICATION = 2 6 4 3 38;
    "id-att-sequence-number" ID_ATT_SEQUENCE_NUMBER = 2 6 4 3 39;
    "id-att-subject-submission-identifier" ID_ATT_SUBJECT_SUBMISSION_IDENTIFIER = 2 6 4 3 40;
    "id-att-this-recipient-name" ID_ATT_THIS_RECIPIENT_NAME = 2 6 4 3 41;
    "id-att-ac-correlated-report-list" ID_ATT_AC_CORRELATED_REPORT_LIST = 2 6 4 3 42;
    "id-att-ac-report-summary" ID_ATT_AC_REPORT_SUMMARY = 2 6 4 3 43;
    "id-att-ac-uncorrelated-report-list" ID_ATT_AC_UNCORRELATED_REPORT_LIST = 2 6 4 3 44;
    "id-att-auto-action-error" ID_ATT_AUTO_ACTION_ERROR = 2 6 4 3 46;
    "id-att-auto-action-registration-identifier"
        ID_ATT_AUTO_ACTION_REGISTRATION_IDENTIFIER = 2 6 4 3 47;
    "id-att-auto-action-subject-entry" ID_ATT_AUTO_ACTION_SUBJECT_ENTRY = 2 6 4 3 48;
    "id-att-auto-action-type" ID_ATT_AUTO_ACTION_TYPE = 2 6 4 3 49;
    "id-att-deferred-delivery-cancellation-time"
        ID_ATT_DEFERRED_DELIVERY_CANCELLATION_TIME = 2 6 4 3 50;
    "id-att-deferred-delivery-time" ID_ATT_DEFERRED_DELIVERY_TIME = 2 6 4 3 51;
    "id-att-deletion-time" ID_ATT_DELETION_TIME = 2 6 4 3 52;
    "id-att-dl-expansion-prohibited" ID_ATT_DL_EXPANSION_PROHIBITED = 2 6 4 3 53;
    "id-att-internal-trace-information" ID_ATT_INTERNAL_TRACE_INFORMATION = 2 6 4 3 54;
    "id-att-latest-delivery-time" ID_ATT_LATEST_DELIVERY_TIME = 2 6 4 3 55;
    "id-att-marked-for-deletion" ID_ATT_MARKED_FOR_DELETION = 2 6 4 3 56;
    "id-att-message-group-name" ID_ATT_MESSAGE_GROUP_NAME = 2 6 4 3 57;
    "id-att-message-notes" ID_ATT_MESSAGE_NOTES = 2 6 4 3 58;
    "id-att-message-submission-envelope" ID_ATT_MESSAGE_SUBMISSION_ENVELOPE = 2 6 4 3 59;
    "id-att-ms-originated" ID_ATT_MS_ORIGINATED = 2 6 4 3 60;
    "id-att-ms-submission-error" ID_ATT_MS_SUBMISSION_ERROR = 2 6 4 3 61;
    "id-att-originating-MTA-certificate" ID_ATT_ORIGINATING_MTA_CERTIFICATE = 2 6 4 3 62;
    "id-att-originator-report-request" ID_ATT_ORIGINATOR_REPORT_REQUEST = 2 6 4 3 63;
    "id-att-originator-return-address" ID_ATT_ORIGINATOR_RETURN_ADDRESS = 2 6 4 3 64;
    "id-att-per-message-indicators" ID_ATT_PER_MESSAGE_INDICATORS = 2 6 4 3 65;
    "id-att-per-recipient-message-submission-fields"
        ID_ATT_PER_RECIPIENT_MESSAGE_SUBMISSION_FIELDS = 2 6 4 3 66;
    "id-att-per-recipient-probe-submission-fields"
        ID_ATT_PER_RECIPIENT_PROBE_SUBMISSION_FIELDS = 2 6 4 3 67;
    "id-att-probe-origin-authentication-check"
        ID_ATT_PROBE_ORIGIN_AUTHENTICATION_CHECK = 2 6 4 3 68;
    "id-att-probe-submission-envelope" ID_ATT_PROBE_SUBMISSION_ENVELOPE = 2 6 4 3 69;
    "id-att-proof-of-submission" ID_ATT_PROOF_OF_SUBMISSION = 2 6 4 3 70;
    "id-att-recipient-names" ID_ATT_RECIPIENT_NAMES = 2 6 4 3 71;
    "id-att-recipient-reassignment-prohibited"
        ID_ATT_RECIPIENT_REASSIGNMENT_PROHIBITED = 2 6 4 3 72;
    "id-att-storage-period" ID_ATT_STORAGE_PERIOD = 2 6 4 3 73;
    "id-att-storage-time" ID_ATT_STORAGE_TIME = 2 6 4 3 74;
    "id-att-trace-information" ID_ATT_TRACE_INFORMATION = 2 6 4 3 75;
    "id-att-ac-report-subject-entry" ID_ATT_AC_REPORT_SUBJECT_ENTRY = 2 6 4 3 76;
    "id-att-locally-originated" ID_ATT_LOCALLY_ORIGINATED = 2 6 4 3 77;
    "id-att-dl-exempted-recipients" ID_ATT_DL_EXEMPTED_RECIPIENTS = 2 6 4 3 78;
    "id-att-signature-verification-status" ID_ATT_SIGNATURE_VERIFICATION_STATUS = 2 6 4 3 79;
    "id-att-certificate-selectors" ID_ATT_CERTIFICATE_SELECTORS = 2 6 4 3 80;
    "id-att-multiple-originator-certificates"
        ID_ATT_MULTIPLE_ORIGINATOR_CERTIFICATES = 2 6 4 3 81;
    "id-att-recipient-certificate" ID_ATT_RECIPIENT_CERTIFICATE = 2 6 4 3 82;
    "id-act-ipm-auto-forward" ID_ACT_IPM_AUTO_FORWARD = 2 6 4 4 0;
    "id-act-auto-alert" ID_ACT_AUTO_ALERT = 2 6 4 4 1;
    "id-act-auto-correlate-reports" ID_ACT_AUTO_CORRELATE_REPORTS = 2 6 4 4 2;
    "id-act-auto-delete" ID_ACT_AUTO_DELETE = 2 6 4 4 3;
    "id-act-auto-modify" ID_ACT_AUTO_MODIFY = 2 6 4 4 4;
    "id-aae-auto-alert-error" ID_AAE_AUTO_ALERT_ERROR = 2 6 4 7 0;
    "id-ext-modify-capability" ID_EXT_MODIFY_CAPABILITY = 2 6 4 9 0;
    "id-ext-modify-retrieval-status-capability"
        ID_EXT_MODIFY_RETRIEVAL_STATUS_CAPABILITY = 2 6 4 9 1;
    "id-ext-originator-certificate-selectors-override"
        ID_EXT_ORIGINATOR_CERTIFICATE_SELECTORS_OVERRIDE = 2 6 4 9 2;
    "id-ext-originator-token" ID_EXT_ORIGINATOR_TOKEN = 2 6 4 9 3;
    "id-ext-protected-change-credentials" ID_EXT_PROTECTED_CHANGE_CREDENTIALS = 2 6 4 9 4;
    "id-ext-protected-change-credentials-capability"
        ID_EXT_PROTECTED_CHANGE_CREDENTIALS_CAPABILITY = 2 6 4 9 5;
    "id-alg-password-xor" ID_ALG_PASSWORD_XOR = 2 6 4 10 0;
}
