//! Extended body parts (X.420 Annex B, modules IPMSExtendedBodyPartTypes and its kin): a type by
//! object identifier, parameters and data as they came, read by type on demand.

use super::text::{self, Characters};
use super::{
    BodyPart, EncryptedBodyPart, G3FacsimileBodyPart, IA5TextBodyPart, MessageBodyPart,
    TeletexBodyPart, VideotexBodyPart, oids,
};
use restante_ber::{Any, Decode, Error, External, Oid, Result, Rope, SetOf, sequence};

sequence! { IMPLICIT TAGS;
    /// A body part of a registered type; in 1988 externally-defined.
    pub struct ExtendedBodyPart {
        /// Of a type of its own, `id-ep-…`.
        parameters: Option<External> [0],
        /// Of the body part's type, `id-et-…`.
        data: External,
    }
}

/// Types of extended body parts: what each is called, its parameters, and the tag of the basic
/// body part that is the same.
static TYPES: [(Oid, &str, Option<Oid>, Option<u32>); 17] = [
    (oids::ID_ET_IA5_TEXT, "ia5-text", Some(oids::ID_EP_IA5_TEXT), Some(0)),
    (oids::ID_ET_G3_FACSIMILE, "g3-facsimile", Some(oids::ID_EP_G3_FACSIMILE), Some(3)),
    (oids::ID_ET_G4_CLASS1, "g4-class1", None, Some(4)),
    (oids::ID_ET_TELETEX, "teletex", Some(oids::ID_EP_TELETEX), Some(5)),
    (oids::ID_ET_VIDEOTEX, "videotex", Some(oids::ID_EP_VIDEOTEX), Some(6)),
    (oids::ID_ET_NATIONALLY_DEFINED, "nationally-defined", None, None),
    (oids::ID_ET_ENCRYPTED, "encrypted", Some(oids::ID_EP_ENCRYPTED), Some(8)),
    (oids::ID_ET_MESSAGE, "message", Some(oids::ID_EP_MESSAGE), Some(9)),
    (oids::ID_ET_MIXED_MODE, "mixed-mode", None, Some(11)),
    (oids::ID_ET_BILATERALLY_DEFINED, "bilaterally-defined", None, Some(14)),
    (oids::ID_ET_GENERAL_TEXT, "general-text", Some(oids::ID_EP_GENERAL_TEXT), None),
    (oids::ID_ET_FILE_TRANSFER, "file-transfer", Some(oids::ID_EP_FILE_TRANSFER), None),
    (oids::ID_ET_REPORT, "report", None, None),
    (oids::ID_ET_NOTIFICATION, "notification", Some(oids::ID_EP_NOTIFICATION), None),
    (oids::ID_ET_VOICE, "voice", Some(oids::ID_EP_VOICE), None),
    (oids::ID_ET_CONTENT, "content", Some(oids::ID_EP_CONTENT), None),
    (oids::ID_ET_PKCS7, "pkcs7", None, None),
];

/// The standard's name of a body part type: `general-text` for id-et-general-text. A forwarded
/// content, whose object identifier goes on with the content-type, is `content`.
pub fn body_part_name(oid: &Oid) -> Option<&'static str> {
    let known = TYPES.iter().find(|row| row.0 == *oid).map(|row| row.1);
    known.or_else(|| oid.starts_with(&oids::ID_ET_CONTENT).then_some("content"))
}

/// The type of the parameters, `id-ep-…`, that go with a body part type.
pub fn parameters_oid(oid: &Oid) -> Option<&'static Oid> {
    TYPES.iter().find(|row| row.0 == *oid).and_then(|row| row.2.as_ref())
}

impl ExtendedBodyPart {
    /// A body part from its data and, where its type has some, its parameters.
    pub fn new(oid: Oid, data: Any, parameters: Option<Any>) -> Self {
        let parameters = parameters.and_then(|value| {
            parameters_oid(&oid).map(|oid| External::single(oid.clone(), value))
        });
        Self { parameters, data: External::single(oid, data) }
    }

    /// Whether it is of this type, `id-et-…`.
    pub fn is(&self, oid: &Oid) -> bool {
        self.data.direct_reference.as_ref() == Some(oid)
    }

    /// The data as a type, the body part's own or what is like it.
    ///
    /// # Errors
    /// When they are not of it.
    pub fn data_as<T: Decode>(&self) -> Result<T> {
        self.data.value()?.to()
    }

    /// The parameters as a type, `None` where there are none.
    ///
    /// # Errors
    /// When they are not of it.
    pub fn parameters_as<T: Decode>(&self) -> Result<Option<T>> {
        self.parameters.as_ref().map(|parameters| parameters.value()?.to()).transpose()
    }

    fn defaulted<T: Decode + Default>(&self) -> Result<T> {
        self.parameters_as().map(Option::unwrap_or_default)
    }

    /// The basic body part that is the same, where there is one.
    pub fn basic(&self) -> Option<BodyPart> {
        let oid = self.data.direct_reference.as_ref()?;
        let tag = TYPES.iter().find(|row| row.0 == *oid).and_then(|row| row.3)?;
        self.as_basic(tag).ok()
    }

    fn as_basic(&self, tag: u32) -> Result<BodyPart> {
        Ok(match tag {
            0 => BodyPart::Ia5Text(IA5TextBodyPart {
                parameters: self.defaulted()?,
                data: self.data_as()?,
            }),
            3 => BodyPart::G3Facsimile(G3FacsimileBodyPart {
                parameters: self.defaulted()?,
                data: self.data_as()?,
            }),
            4 => BodyPart::G4Class1(self.data_as()?),
            5 => BodyPart::Teletex(TeletexBodyPart {
                parameters: self.defaulted()?,
                data: self.data_as()?,
            }),
            6 => BodyPart::Videotex(VideotexBodyPart {
                parameters: self.defaulted()?,
                data: self.data_as()?,
            }),
            8 => BodyPart::Encrypted(EncryptedBodyPart {
                parameters: self.parameters_as()?.ok_or(NO_PARAMETERS)?,
                data: self.data_as()?,
            }),
            9 => BodyPart::Message(MessageBodyPart {
                parameters: self.defaulted()?,
                data: self.data_as()?,
            }),
            11 => BodyPart::MixedMode(self.data_as()?),
            14 => BodyPart::BilaterallyDefined(self.data_as()?),
            _ => return Err(Error::Value("no basic body part has the tag")),
        })
    }

    /// The text of a general-text body part, `None` where it is another one.
    pub fn general_text(&self) -> Option<String> {
        if !self.is(&oids::ID_ET_GENERAL_TEXT) {
            return None;
        }
        let data: Characters<27> = self.data_as().ok()?;
        let registrations = self.parameters_as::<SetOf<i64>>().ok().flatten().unwrap_or_default();
        Some(text::from_general(&data.octets(), &registrations.0))
    }

    /// The content-type and the content of a forwarded content (1999), `None` where it is another
    /// body part.
    pub fn forwarded_content(&self) -> Option<(Oid, Rope)> {
        let oid = self.data.direct_reference.as_ref()?;
        let arcs = oid.arcs();
        let content_type = arcs.strip_prefix(oids::ID_ET_CONTENT.arcs().as_slice())?;
        Some((Oid::from_arcs(content_type).ok()?, self.data_as().ok()?))
    }
}

const NO_PARAMETERS: Error = Error::Value("the body part has no parameters");

impl BodyPart {
    /// Text beyond IA5, as general-text.
    pub fn general_text(text: &str) -> Self {
        let (octets, registrations) = text::to_general(text);
        let data = Any::of(&Characters::<27>(Rope::from(octets)));
        let parameters = Any::of(&SetOf(registrations));
        let oid = oids::ID_ET_GENERAL_TEXT;
        Self::Extended(ExtendedBodyPart::new(oid, data, Some(parameters)))
    }
}
