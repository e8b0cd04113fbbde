//! Security extensions of the envelope (X.420 Annex, module IPMSSecurityExtensions): which key
//! each body part of a message is encrypted with, and the tokens of messages that are forwarded in
//! it. Nothing here is decrypted or verified.

use crate::x411::{ExtendedCertificate, Token};
use crate::x509::{AlgorithmIdentifier, CertificateAssertion, Certificates};
use restante_ber::{BitString, SetOf, choice, set};

/// The place of a body part in its message, from 1 on.
pub type BodyPartNumber = i64;

/// Value of body-part-encryption-token: whatever of a body is encrypted.
pub type BodyPartTokens = SetOf<BodyPartToken>;

set! { IMPLICIT TAGS;
    /// What one body part is encrypted with.
    pub struct BodyPartToken {
        /// Which body part.
        body_part_number: BodyPartNumber,
        /// With what it is encrypted, or what in it is.
        body_part_choice: BodyPartTokenChoice,
    }
}

choice! { IMPLICIT TAGS;
    /// With what a body part is encrypted, or what in it is.
    pub enum BodyPartTokenChoice {
        /// The body part itself.
        EncryptionToken(EncryptionToken),
        /// Body parts of the message or content that it is.
        MessageOrContentBodyPart(BodyPartTokens) [0],
    }
}

set! { IMPLICIT TAGS;
    /// A key, encrypted for the recipient.
    pub struct EncryptionToken {
        /// What the key is encrypted with.
        encryption_algorithm_identifier: AlgorithmIdentifier,
        /// The key.
        encrypted_key: BitString,
        /// What the recipient's certificate is chosen by.
        recipient_certificate_selector: Option<CertificateAssertion> [0],
        /// The recipient's certificate.
        recipient_certificate: Option<Certificates> [1],
        /// What the originator's certificate is chosen by.
        originator_certificate_selector: Option<CertificateAssertion> [2],
        /// The originator's certificates.
        originator_certificates: Option<SetOf<ExtendedCertificate>> [3],
    }
}

/// Value of forwarded-content-token: the tokens that came with what is forwarded.
pub type ForwardedContentToken = SetOf<ForwardedToken>;

set! { IMPLICIT TAGS;
    /// The token of one body part.
    pub struct ForwardedToken {
        /// Which body part.
        body_part_number: BodyPartNumber,
        /// Its token, or those in it.
        body_part_choice: ForwardedTokenChoice,
    }
}

choice! { IMPLICIT TAGS;
    /// The token of a body part, or those in it.
    pub enum ForwardedTokenChoice {
        /// That of the message that the body part is.
        ForwardingToken(Token),
        /// Those of body parts of the message or content that it is.
        MessageOrContentBodyPart(ForwardedContentToken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::{both_ways, hex};
    use crate::x509::Opaque;
    use restante_ber::{Any, Decode, Oid};

    fn algorithm() -> AlgorithmIdentifier {
        AlgorithmIdentifier { algorithm: Oid::from_arcs(&[1, 2, 3]).unwrap(), parameters: None }
    }

    fn selector(last: &str) -> CertificateAssertion {
        Opaque::of_contents(hex(&format!("80 02 00 {last}")))
    }

    #[test]
    fn a_key_stands_beside_its_body_part_with_all_certificates() {
        let certificates = Opaque::of_contents(hex("30 04 06 02 2a 03"));
        let token = EncryptionToken {
            encryption_algorithm_identifier: algorithm(),
            encrypted_key: BitString::of_bits([0, 2]),
            recipient_certificate_selector: Some(selector("01")),
            recipient_certificate: Some(certificates.clone()),
            originator_certificate_selector: Some(selector("02")),
            originator_certificates: Some(SetOf(vec![ExtendedCertificate::Certificate(
                certificates,
            )])),
        };
        let token = BodyPartToken {
            body_part_number: 1,
            body_part_choice: BodyPartTokenChoice::EncryptionToken(token),
        };
        both_ways(
            &SetOf(vec![token]),
            "31 2f
               31 2d
                 02 01 01                                -- body-part-number
                 31 28                                   -- encryption-token
                   30 04 06 02 2a 03                     -- algorithm 1.2.3
                   03 02 05 a0                           -- encrypted-key
                   a0 04 80 02 00 01                     -- recipient-certificate-selector
                   a1 06 30 04 06 02 2a 03               -- recipient-certificate
                   a2 04 80 02 00 02                     -- originator-certificate-selector
                   a3 08 a1 06 30 04 06 02 2a 03         -- originator-certificates",
        );
    }

    #[test]
    fn tokens_stand_inside_each_other_as_body_parts_do() {
        let inner = "31 0f 02 01 01 31 0a 30 04 06 02 2a 03 03 02 05 a0";
        let read =
            BodyPartTokens::from_bytes(&hex(&format!("31 18 31 16 02 01 02 a0 11 {inner}")));
        let read = read.unwrap();
        let BodyPartTokenChoice::MessageOrContentBodyPart(inside) = &read.0[0].body_part_choice
        else {
            panic!("{read:?}")
        };
        assert_eq!((read.0[0].body_part_number, inside.0[0].body_part_number), (2, 1));

        let token = Token {
            token_type_identifier: Oid::from_arcs(&[1, 2, 3]).unwrap(),
            token: Any::of(&5u16),
        };
        let of =
            |number, choice| ForwardedToken { body_part_number: number, body_part_choice: choice };
        let inner = of(1, ForwardedTokenChoice::ForwardingToken(token));
        both_ways(
            &SetOf(vec![of(
                3,
                ForwardedTokenChoice::MessageOrContentBodyPart(SetOf(vec![inner])),
            )]),
            "31 17
               31 15
                 02 01 03                                -- body-part-number
                 31 10                                   -- message-or-content-body-part
                   31 0e
                     02 01 01                            -- body-part-number
                     30 09 80 02 2a 03 a1 03 02 01 05    -- forwarding-token",
        );
    }
}
