//! Credentials, passwords and tokens (X.411, Association Control Parameters and Token). Nothing
//! here is verified; a token's value is kept as it came, since it is signed.

use crate::x509::{CertificateAssertion, Certificates, Signature};
use core::fmt;
use restante_ber::{
    Any, BitString, Decode, Element, Encode, Ia5String, OctetString, Oid, Result, Tag, UtcTime,
    Writer, choice, sequence, set,
};

choice! { IMPLICIT TAGS;
    /// How one side proves who it is.
    pub enum Credentials {
        /// By a password.
        Simple(Password),
        /// By a token.
        Strong(StrongCredentials) [0],
        /// By a password that is not sent.
        Protected(ProtectedPassword) [1],
    }
}

/// Those of who binds.
pub type InitiatorCredentials = Credentials;
/// Those of who is bound to.
pub type ResponderCredentials = Credentials;

/// A password. It is not shown when a value is printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Password {
    /// As characters.
    Ia5String(Ia5String),
    /// As octets.
    OctetString(OctetString),
}

impl Password {
    /// The octets of the password, of either kind.
    pub fn octets(&self) -> Vec<u8> {
        match self {
            Self::OctetString(octets) => octets.0.to_vec(),
            // As it came, or goes out: each character is the octet of its number.
            Self::Ia5String(text) => {
                text.0.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
            }
        }
    }
}

impl From<&str> for Password {
    /// An IA5String where that has all characters, else the octets of UTF-8.
    fn from(text: &str) -> Self {
        if text.is_ascii() {
            Self::Ia5String(text.into())
        } else {
            Self::OctetString(OctetString(text.as_bytes().to_vec().into()))
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Decode for Password {
    const NAME: &'static str = "Password";
    const UNTAGGED: bool = true;
    fn accepts(tag: Tag) -> bool {
        Ia5String::accepts(tag) || OctetString::accepts(tag)
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        if Ia5String::accepts(element.tag) {
            Ia5String::decode(element).map(Self::Ia5String)
        } else {
            OctetString::decode(element).map(Self::OctetString)
        }
    }
}

impl Encode for Password {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Ia5String(text) => text.encode(writer),
            Self::OctetString(octets) => octets.encode(writer),
        }
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}

set! { IMPLICIT TAGS;
    /// A token and what it is checked with.
    pub struct StrongCredentials {
        /// The token.
        bind_token: Option<Token> [0],
        /// The certificate.
        certificate: Option<Certificates> [1],
        /// What the certificate is chosen by.
        certificate_selector: Option<CertificateAssertion> [2],
    }
}

set! { IMPLICIT TAGS;
    /// A password that has been hashed with times and random numbers.
    pub struct ProtectedPassword {
        /// The hash.
        signature: Signature,
        /// When it was made.
        time1: Option<UtcTime> [0],
        /// When it was made, again.
        time2: Option<UtcTime> [1],
        /// A random number.
        random1: Option<BitString> [2],
        /// Another one.
        random2: Option<BitString> [3],
    }
}

sequence! { IMPLICIT TAGS;
    /// A token: of a bind, or of a message to one recipient.
    #[derive(Eq, Hash)]
    pub struct Token {
        /// What kind of token.
        token_type_identifier: Oid [0],
        /// The token, as it came.
        token: Any [1],
    }
}
