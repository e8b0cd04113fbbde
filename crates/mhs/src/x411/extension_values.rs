//! The values of the standard extensions (X.411, Extension Fields) that have a type of their own.

use super::{GlobalDomainIdentifier, MTAName, ORAddressAndOptionalDirectoryName, Time};
use crate::x501::Name;
use crate::x509::{CertificateAssertion, Certificates};
use restante_ber::{Ia5String, OctetString, bits, choice, enumerated, integer, sequence, set};

enumerated! {
    /// Whether somebody else may get the message.
    pub struct RecipientReassignmentProhibited {
        /// Unless said otherwise.
        RECIPIENT_REASSIGNMENT_ALLOWED = 0,
        /// Prohibited.
        RECIPIENT_REASSIGNMENT_PROHIBITED = 1,
    }
}

enumerated! {
    /// Whether distribution lists may be expanded.
    pub struct DLExpansionProhibited {
        /// Unless said otherwise.
        DL_EXPANSION_ALLOWED = 0,
        /// Prohibited.
        DL_EXPANSION_PROHIBITED = 1,
    }
}

enumerated! {
    /// Whether a conversion may lose something.
    pub struct ConversionWithLossProhibited {
        /// Unless said otherwise.
        CONVERSION_WITH_LOSS_ALLOWED = 0,
        /// Prohibited.
        CONVERSION_WITH_LOSS_PROHIBITED = 1,
    }
}

integer! {
    /// How a recipient is best reached; in a SEQUENCE OF, the most preferred first.
    pub struct RequestedDeliveryMethod {
        /// Any way; unless said otherwise.
        ANY_DELIVERY_METHOD = 0,
        /// As a message.
        MHS_DELIVERY = 1,
        /// On paper.
        PHYSICAL_DELIVERY = 2,
        /// By telex.
        TELEX_DELIVERY = 3,
        /// By teletex.
        TELETEX_DELIVERY = 4,
        /// By group 3 facsimile.
        G3_FACSIMILE_DELIVERY = 5,
        /// By group 4 facsimile.
        G4_FACSIMILE_DELIVERY = 6,
        /// On a terminal.
        IA5_TERMINAL_DELIVERY = 7,
        /// By videotex.
        VIDEOTEX_DELIVERY = 8,
        /// By telephone.
        TELEPHONE_DELIVERY = 9,
    }
}

enumerated! {
    /// Whether the postal service may forward.
    pub struct PhysicalForwardingProhibited {
        /// Unless said otherwise.
        PHYSICAL_FORWARDING_ALLOWED = 0,
        /// Prohibited.
        PHYSICAL_FORWARDING_PROHIBITED = 1,
    }
}

enumerated! {
    /// Whether the originator wants the address that was forwarded to.
    pub struct PhysicalForwardingAddressRequest {
        /// Unless said otherwise.
        PHYSICAL_FORWARDING_ADDRESS_NOT_REQUESTED = 0,
        /// Wanted.
        PHYSICAL_FORWARDING_ADDRESS_REQUESTED = 1,
    }
}

bits! {
    /// How the postal service shall deliver. Bits 0 to 6 exclude each other.
    pub struct PhysicalDeliveryModes {
        /// Unless said otherwise.
        ORDINARY_MAIL = 0,
        /// Special delivery.
        SPECIAL_DELIVERY = 1,
        /// Express mail.
        EXPRESS_MAIL = 2,
        /// Kept until it is called for.
        COUNTER_COLLECTION = 3,
        /// Kept, and the recipient telephoned.
        COUNTER_COLLECTION_WITH_TELEPHONE_ADVICE = 4,
        /// Kept, and the recipient told by telex.
        COUNTER_COLLECTION_WITH_TELEX_ADVICE = 5,
        /// Kept, and the recipient told by teletex.
        COUNTER_COLLECTION_WITH_TELETEX_ADVICE = 6,
        /// By facsimile.
        BUREAU_FAX_DELIVERY = 7,
    }
}

integer! {
    /// Whether the letter is registered.
    pub struct RegisteredMailType {
        /// Unless said otherwise.
        NON_REGISTERED_MAIL = 0,
        /// Registered.
        REGISTERED_MAIL = 1,
        /// Registered, and handed to nobody else.
        REGISTERED_MAIL_TO_ADDRESSEE_IN_PERSON = 2,
    }
}

integer! {
    /// How the originator learns what became of a letter.
    pub struct PhysicalDeliveryReportRequest {
        /// What can't be delivered comes back; unless said otherwise.
        RETURN_OF_UNDELIVERABLE_MAIL_BY_PDS = 0,
        /// By letter.
        RETURN_OF_NOTIFICATION_BY_PDS = 1,
        /// By message.
        RETURN_OF_NOTIFICATION_BY_MHS = 2,
        /// By both.
        RETURN_OF_NOTIFICATION_BY_MHS_AND_PDS = 3,
    }
}

enumerated! {
    /// Whether the originator wants a proof of submission.
    pub struct ProofOfSubmissionRequest {
        /// Unless said otherwise.
        PROOF_OF_SUBMISSION_NOT_REQUESTED = 0,
        /// Wanted.
        PROOF_OF_SUBMISSION_REQUESTED = 1,
    }
}

enumerated! {
    /// Whether the originator wants a proof of delivery.
    pub struct ProofOfDeliveryRequest {
        /// Unless said otherwise.
        PROOF_OF_DELIVERY_NOT_REQUESTED = 0,
        /// Wanted.
        PROOF_OF_DELIVERY_REQUESTED = 1,
    }
}

choice! { IMPLICIT TAGS;
    /// What the originator's side gave a message, to know it again; longer than a
    /// content-identifier.
    #[derive(Eq, Hash)]
    pub enum ContentCorrelator {
        /// As text.
        Ia5text(Ia5String),
        /// As octets.
        Octets(OctetString),
    }
}

sequence! { IMPLICIT TAGS;
    /// One redirection that a message went through.
    #[derive(Eq, Hash)]
    pub struct Redirection {
        /// From whom.
        intended_recipient_name: IntendedRecipientName,
        /// Why.
        redirection_reason: RedirectionReason,
    }
}

sequence! { IMPLICIT TAGS;
    /// A recipient that was redirected from.
    #[derive(Eq, Hash)]
    pub struct IntendedRecipientName {
        /// Who.
        intended_recipient: ORAddressAndOptionalDirectoryName,
        /// When.
        redirection_time: Time,
    }
}

enumerated! {
    /// Why a message was redirected.
    pub struct RedirectionReason {
        /// The recipient wanted it.
        RECIPIENT_ASSIGNED_ALTERNATE_RECIPIENT = 0,
        /// The originator wanted it.
        ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT = 1,
        /// The recipient's domain wanted it.
        RECIPIENT_MD_ASSIGNED_ALTERNATE_RECIPIENT = 2,
        /// The Directory said so (1994).
        DIRECTORY_LOOK_UP = 3,
        /// The name was an alias (1994).
        ALIAS = 4,
    }
}

sequence! { IMPLICIT TAGS;
    /// One distribution list that a message went through.
    #[derive(Eq, Hash)]
    pub struct DLExpansion {
        /// Which list.
        dl: ORAddressAndOptionalDirectoryName,
        /// When.
        dl_expansion_time: Time,
    }
}

sequence! { IMPLICIT TAGS;
    /// The originator of the subject of a report, or a list that the subject went through.
    #[derive(Eq, Hash)]
    pub struct OriginatorAndDLExpansion {
        /// The originator in the first element, a list in the others.
        originator_or_dl_name: ORAddressAndOptionalDirectoryName,
        /// When it was sent, or expanded.
        origination_or_expansion_time: Time,
    }
}

sequence! { IMPLICIT TAGS;
    /// The MTA that made a report.
    #[derive(Eq, Hash)]
    pub struct ReportingMTAName {
        /// Its domain.
        domain: GlobalDomainIdentifier,
        /// Its name there.
        mta_name: MTAName,
        /// Its name in the Directory.
        mta_directory_name: Option<Name> [0],
    }
}

choice! { IMPLICIT TAGS;
    /// A certificate, or where to find one.
    #[derive(Eq, Hash)]
    pub enum ExtendedCertificate {
        /// The Directory entry where it is.
        DirectoryEntry(Name) [0],
        /// The certificate.
        Certificate(Certificates) [1],
    }
}

set! { IMPLICIT TAGS;
    /// What the certificates of a message are chosen by.
    #[derive(Default, Eq, Hash)]
    pub struct CertificateSelectors {
        /// For encryption, the recipient's.
        encryption_recipient: Option<CertificateAssertion> [0],
        /// For encryption, the originator's.
        encryption_originator: Option<CertificateAssertion> [1],
        /// For the content's integrity.
        content_integrity_check: Option<CertificateAssertion> [2],
        /// For the token's signature.
        token_signature: Option<CertificateAssertion> [3],
        /// For the origin's authentication; never in an override.
        message_origin_authentication: Option<CertificateAssertion> [4],
    }
}
