//! The standard extensions (X.411, Extension Fields; X.413, X.420 and MTAAbstractService for
//! those that are defined there): number, name, type of the value, recommended criticality.

use super::extension_values::*;
use super::{
    Criticality, Extension, InternalTraceInformation, ORAddress, ORName, SecurityLabel, Token,
    TraceInformation,
};
use crate::x420::{BodyPartTokens, ForwardedContentToken, RecipientSpecifier};
use crate::x509::{AlgorithmIdentifier, Certificates, Signature};
#[cfg(test)]
use restante_ber::Any;
use restante_ber::{Oid, SetOf, TeletexString, UtcTime};

const NOBODY: &[usize] = &[];
const SUBMISSION: &[usize] = &[Criticality::FOR_SUBMISSION];
const DELIVERY: &[usize] = &[Criticality::FOR_DELIVERY];

macro_rules! standard_extensions {
    ($($constant:ident: $type:ty = $number:literal $name:literal $recommended:ident;)*) => {
        $(
            #[doc = concat!("`", $name, "`, ", stringify!($number))]
            pub const $constant: Extension<$type> =
                Extension::new($number, $name, $recommended);
        )*

        /// The standard's name of an extension, `None` where the number is not given.
        pub fn name(number: i64) -> Option<&'static str> {
            match number {
                $($number => Some($name),)*
                _ => None,
            }
        }

        /// Reads a value as its type and writes it again.
        #[cfg(test)]
        type Again = fn(&Any) -> restante_ber::Result<Any>;

        #[cfg(test)]
        const ALL: &[(i64, &str, &[usize], Again)] = &[$((
            $number,
            $name,
            $recommended,
            |value| value.to::<$type>().map(|value| Any::of(&value)),
        ),)*];
    };
}

standard_extensions! {
    RECIPIENT_REASSIGNMENT_PROHIBITED: RecipientReassignmentProhibited =
        1 "recipient-reassignment-prohibited" DELIVERY;
    ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT: ORName =
        2 "originator-requested-alternate-recipient" SUBMISSION;
    DL_EXPANSION_PROHIBITED: DLExpansionProhibited = 3 "dl-expansion-prohibited" DELIVERY;
    CONVERSION_WITH_LOSS_PROHIBITED: ConversionWithLossProhibited =
        4 "conversion-with-loss-prohibited" DELIVERY;
    LATEST_DELIVERY_TIME: UtcTime = 5 "latest-delivery-time" DELIVERY;
    REQUESTED_DELIVERY_METHOD: Vec<RequestedDeliveryMethod> =
        6 "requested-delivery-method" NOBODY;
    PHYSICAL_FORWARDING_PROHIBITED: PhysicalForwardingProhibited =
        7 "physical-forwarding-prohibited" DELIVERY;
    PHYSICAL_FORWARDING_ADDRESS_REQUEST: PhysicalForwardingAddressRequest =
        8 "physical-forwarding-address-request" DELIVERY;
    PHYSICAL_DELIVERY_MODES: PhysicalDeliveryModes = 9 "physical-delivery-modes" DELIVERY;
    REGISTERED_MAIL_TYPE: RegisteredMailType = 10 "registered-mail-type" DELIVERY;
    RECIPIENT_NUMBER_FOR_ADVICE: TeletexString = 11 "recipient-number-for-advice" DELIVERY;
    PHYSICAL_RENDITION_ATTRIBUTES: Oid = 12 "physical-rendition-attributes" DELIVERY;
    ORIGINATOR_RETURN_ADDRESS: ORAddress = 13 "originator-return-address" NOBODY;
    PHYSICAL_DELIVERY_REPORT_REQUEST: PhysicalDeliveryReportRequest =
        14 "physical-delivery-report-request" DELIVERY;
    ORIGINATOR_CERTIFICATE: Certificates = 15 "originator-certificate" NOBODY;
    MESSAGE_TOKEN: Token = 16 "message-token" DELIVERY;
    CONTENT_CONFIDENTIALITY_ALGORITHM_IDENTIFIER: AlgorithmIdentifier =
        17 "content-confidentiality-algorithm-identifier" DELIVERY;
    CONTENT_INTEGRITY_CHECK: Signature = 18 "content-integrity-check" DELIVERY;
    MESSAGE_ORIGIN_AUTHENTICATION_CHECK: Signature =
        19 "message-origin-authentication-check" DELIVERY;
    MESSAGE_SECURITY_LABEL: SecurityLabel = 20 "message-security-label" DELIVERY;
    PROOF_OF_SUBMISSION_REQUEST: ProofOfSubmissionRequest =
        21 "proof-of-submission-request" SUBMISSION;
    PROOF_OF_DELIVERY_REQUEST: ProofOfDeliveryRequest =
        22 "proof-of-delivery-request" DELIVERY;
    CONTENT_CORRELATOR: ContentCorrelator = 23 "content-correlator" NOBODY;
    PROBE_ORIGIN_AUTHENTICATION_CHECK: Signature =
        24 "probe-origin-authentication-check" DELIVERY;
    REDIRECTION_HISTORY: Vec<Redirection> = 25 "redirection-history" NOBODY;
    DL_EXPANSION_HISTORY: Vec<DLExpansion> = 26 "dl-expansion-history" NOBODY;
    PHYSICAL_FORWARDING_ADDRESS: ORName = 27 "physical-forwarding-address" NOBODY;
    RECIPIENT_CERTIFICATE: Certificates = 28 "recipient-certificate" NOBODY;
    PROOF_OF_DELIVERY: Signature = 29 "proof-of-delivery" NOBODY;
    ORIGINATOR_AND_DL_EXPANSION_HISTORY: Vec<OriginatorAndDLExpansion> =
        30 "originator-and-DL-expansion-history" NOBODY;
    REPORTING_DL_NAME: ORName = 31 "reporting-DL-name" NOBODY;
    REPORTING_MTA_CERTIFICATE: Certificates = 32 "reporting-MTA-certificate" DELIVERY;
    REPORT_ORIGIN_AUTHENTICATION_CHECK: Signature =
        33 "report-origin-authentication-check" DELIVERY;
    ORIGINATING_MTA_CERTIFICATE: Certificates = 34 "originating-MTA-certificate" NOBODY;
    PROOF_OF_SUBMISSION: Signature = 35 "proof-of-submission" NOBODY;
    FORWARDING_REQUEST: i64 = 36 "forwarding-request" NOBODY;
    TRACE_INFORMATION: TraceInformation = 37 "trace-information" NOBODY;
    INTERNAL_TRACE_INFORMATION: InternalTraceInformation =
        38 "internal-trace-information" NOBODY;
    REPORTING_MTA_NAME: ReportingMTAName = 39 "reporting-MTA-name" NOBODY;
    MULTIPLE_ORIGINATOR_CERTIFICATES: SetOf<ExtendedCertificate> =
        40 "multiple-originator-certificates" NOBODY;
    BLIND_COPY_RECIPIENTS: Vec<RecipientSpecifier> =
        41 "blind-copy-recipients" NOBODY;
    DL_EXEMPTED_RECIPIENTS: SetOf<ORName> = 42 "dl-exempted-recipients" NOBODY;
    BODY_PART_ENCRYPTION_TOKEN: BodyPartTokens =
        43 "body-part-encryption-token" DELIVERY;
    FORWARDED_CONTENT_TOKEN: ForwardedContentToken =
        44 "forwarded-content-token" DELIVERY;
    CERTIFICATE_SELECTORS: CertificateSelectors = 45 "certificate-selectors" NOBODY;
    CERTIFICATE_SELECTORS_OVERRIDE: CertificateSelectors =
        46 "certificate-selectors-override" NOBODY;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extensions_are_those_of_the_table() {
        let mut rows: Vec<Vec<_>> = include_str!("../../data/mts_extensions.tsv")
            .lines()
            .skip(1)
            .map(|line| line.split('\t').collect())
            .collect();
        // Extension 2 stands there twice; the MTS's, for users, is ours.
        rows.retain(|row| row[0] != "2" || row[4] == "MTSAbstractService");
        assert_eq!(rows.len(), ALL.len());
        for (row, (number, name, recommended, _)) in rows.iter().zip(ALL) {
            assert_eq!((row[0], row[1]), (number.to_string().as_str(), *name));
            let expected = match row[3] {
                "" => NOBODY,
                "for-submission" => SUBMISSION,
                "for-delivery" => DELIVERY,
                other => panic!("{other}"),
            };
            assert_eq!(*recommended, expected, "{name}");
        }
    }

    #[test]
    fn a_value_of_each_is_read_as_its_type_and_written_again() {
        let rows = include_str!("../../data/mts_extension_values.tsv").lines().skip(1);
        let rows: Vec<Vec<_>> = rows.map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len(), ALL.len());
        for (row, (number, name, _, again)) in rows.iter().zip(ALL) {
            assert_eq!(row[0], number.to_string());
            let value = Any(crate::vectors::hex(row[1]));
            assert_eq!(again(&value), Ok(value), "{name}");
        }
    }
}
