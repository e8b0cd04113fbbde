//! X.509 as far as X.411 names it: certificates and what is signed are carried, not looked into.
//! Nothing here verifies anything.

use restante_ber::{
    Any, BitString, Bytes, Decode, Element, Encode, Error, Oid, Result, Tag, Writer, sequence,
};

sequence! { EXPLICIT TAGS;
    /// An algorithm and its parameters (X.509 AuthenticationFramework).
    pub struct AlgorithmIdentifier {
        /// Which algorithm.
        algorithm: Oid,
        /// Its parameters.
        parameters: Option<Any>,
    }
}

sequence! { EXPLICIT TAGS;
    /// `SIGNATURE { … }`: an algorithm and the bits that it made.
    pub struct Signature {
        /// The algorithm.
        algorithm_identifier: AlgorithmIdentifier,
        /// The bits.
        encrypted: BitString,
    }
}

/// A SEQUENCE that is carried as its contents octets came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Opaque(Bytes);

impl Opaque {
    /// A SEQUENCE with these contents octets.
    pub fn of_contents(contents: Bytes) -> Self {
        Self(contents)
    }

    /// The contents octets.
    pub fn contents(&self) -> &Bytes {
        &self.0
    }
}

impl Decode for Opaque {
    const NAME: &'static str = "SEQUENCE";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::SEQUENCE
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        if element.constructed {
            Ok(Self(element.contents_to_bytes()))
        } else {
            Err(Error::BadForm(element.tag))
        }
    }
}

impl Encode for Opaque {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::SEQUENCE, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| writer.bytes(&self.0));
    }
}

/// A user's certificate and its path.
pub type Certificates = Opaque;
/// What a certificate is chosen by (CertificateExtensions).
pub type CertificateAssertion = Opaque;
