//! Body parts (X.420 §7.3, module IPMSInformationObjects). Text and octets are shared with the
//! content in which they came, not copied.

use super::text::{self, Characters};
use super::{ExtendedBodyPart, IPM, oids};
use crate::x411::TeletexNonBasicParameters;
use crate::x411::{G3FacsimileNonBasicParameters, OtherMessageDeliveryFields};
use restante_ber::{
    Any, Oid, Result, Rope, Tag, UtcTime, choice, enumerated, integer, sequence, set,
};

choice! { IMPLICIT TAGS;
    /// A part of a body.
    pub enum BodyPart {
        /// IA5 text.
        Ia5Text(IA5TextBodyPart) [0],
        /// Group 3 facsimile.
        G3Facsimile(G3FacsimileBodyPart) [3],
        /// Group 4 facsimile: elements of ODIF.
        G4Class1(Vec<Any>) [4],
        /// Teletex.
        Teletex(TeletexBodyPart) [5],
        /// Videotex.
        Videotex(VideotexBodyPart) [6],
        /// An encrypted body part.
        Encrypted(EncryptedBodyPart) [8],
        /// A forwarded message.
        Message(MessageBodyPart) [9],
        /// Mixed mode: elements of ODIF.
        MixedMode(Vec<Any>) [11],
        /// What two have agreed on: octets.
        BilaterallyDefined(Rope) [14],
        /// Whose type is an object identifier; externally-defined in 1988.
        Extended(ExtendedBodyPart) [15],
        /// What has another tag, or is not what its tag says: nationally-defined (`[7]`), whose
        /// type nobody else knows, the telex and voice of 1984, later additions.
        Unknown(Any),
    }
}

sequence! { IMPLICIT TAGS;
    /// IA5 text.
    pub struct IA5TextBodyPart {
        /// In which repertoire.
        parameters: IA5TextParameters,
        /// The text.
        data: IA5TextData,
    }
}

set! { IMPLICIT TAGS;
    /// In which repertoire IA5 text is.
    pub struct IA5TextParameters {
        /// The repertoire.
        repertoire: Repertoire [0] = Repertoire::IA5,
    }
}

impl Default for IA5TextParameters {
    /// The whole of IA5.
    fn default() -> Self {
        Self { repertoire: Repertoire::IA5 }
    }
}

/// The octets of an IA5String.
pub type IA5TextData = Characters<22>;

enumerated! {
    /// The repertoire of IA5 text.
    pub struct Repertoire {
        /// That of telex.
        ITA2 = 2,
        /// The whole of IA5.
        IA5 = 5,
    }
}

sequence! { IMPLICIT TAGS;
    /// Group 3 facsimile.
    pub struct G3FacsimileBodyPart {
        /// How it is coded.
        parameters: G3FacsimileParameters,
        /// A SEQUENCE OF BIT STRING, one a page.
        data: Any,
    }
}

set! { IMPLICIT TAGS;
    /// How group 3 facsimile is coded.
    #[derive(Default)]
    pub struct G3FacsimileParameters {
        /// How many pages.
        number_of_pages: Option<i64> [0],
        /// Bits of T.30.
        non_basic_parameters: Option<G3FacsimileNonBasicParameters> [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// Teletex.
    pub struct TeletexBodyPart {
        /// How it is coded.
        parameters: TeletexParameters,
        /// One string a page.
        data: Vec<Characters<20>>,
    }
}

set! { IMPLICIT TAGS;
    /// How teletex is coded.
    #[derive(Default)]
    pub struct TeletexParameters {
        /// How many pages.
        number_of_pages: Option<i64> [0],
        /// Whether it can go by telex.
        telex_compatible: bool [1] = false,
        /// Properties of T.62.
        non_basic_parameters: Option<TeletexNonBasicParameters> [2],
    }
}

sequence! { IMPLICIT TAGS;
    /// Videotex.
    pub struct VideotexBodyPart {
        /// How it is coded.
        parameters: VideotexParameters,
        /// The data.
        data: Characters<21>,
    }
}

set! { IMPLICIT TAGS;
    /// How videotex is coded.
    #[derive(Default)]
    pub struct VideotexParameters {
        /// The syntax.
        syntax: Option<VideotexSyntax> [0],
    }
}

integer! {
    /// The syntax of videotex.
    pub struct VideotexSyntax {
        /// Of interworking data.
        IDS = 0,
        /// Of T.101, the first.
        DATA_SYNTAX1 = 1,
        /// The second.
        DATA_SYNTAX2 = 2,
        /// The third.
        DATA_SYNTAX3 = 3,
    }
}

sequence! { IMPLICIT TAGS;
    /// An encrypted body part.
    pub struct EncryptedBodyPart {
        /// By which algorithm, with which certificates: a SET, as it came.
        parameters: Any,
        /// A BIT STRING, as it came.
        data: Any,
    }
}

sequence! { IMPLICIT TAGS;
    /// A forwarded message.
    pub struct MessageBodyPart {
        /// How it was delivered.
        parameters: MessageParameters,
        /// The message, an [`IPM`], as it came; [`MessageBodyPart::message`] reads it.
        data: Any,
    }
}

impl MessageBodyPart {
    /// The message inside. Messages inside of that are not gone into: whoever does so counts
    /// how deep.
    ///
    /// # Errors
    /// When it is none.
    pub fn message(&self) -> Result<IPM> {
        self.data.to()
    }
}

set! { IMPLICIT TAGS;
    /// How a forwarded message was delivered.
    #[derive(Default)]
    pub struct MessageParameters {
        /// When.
        delivery_time: Option<UtcTime> [0],
        /// In which envelope.
        delivery_envelope: Option<OtherMessageDeliveryFields> [1],
    }
}

const NATIONALLY_DEFINED: Tag = Tag::context(7);

impl BodyPart {
    /// IA5 text.
    pub fn ia5_text(text: &str) -> Self {
        Self::Ia5Text(IA5TextBodyPart {
            parameters: IA5TextParameters::default(),
            data: Characters(Rope::from(text::octets(text))),
        })
    }

    /// A forwarded message.
    pub fn message(parameters: MessageParameters, message: &IPM) -> Self {
        Self::Message(MessageBodyPart { parameters, data: Any::of(message) })
    }

    /// The object identifier of its type, `id-et-…`; `None` where it has none.
    pub fn oid(&self) -> Option<Oid> {
        Some(match self {
            Self::Ia5Text(_) => oids::ID_ET_IA5_TEXT,
            Self::G3Facsimile(_) => oids::ID_ET_G3_FACSIMILE,
            Self::G4Class1(_) => oids::ID_ET_G4_CLASS1,
            Self::Teletex(_) => oids::ID_ET_TELETEX,
            Self::Videotex(_) => oids::ID_ET_VIDEOTEX,
            Self::Encrypted(_) => oids::ID_ET_ENCRYPTED,
            Self::Message(_) => oids::ID_ET_MESSAGE,
            Self::MixedMode(_) => oids::ID_ET_MIXED_MODE,
            Self::BilaterallyDefined(_) => oids::ID_ET_BILATERALLY_DEFINED,
            Self::Extended(part) => return part.data.direct_reference.clone(),
            Self::Unknown(part) => match part.element().ok()?.tag {
                NATIONALLY_DEFINED => oids::ID_ET_NATIONALLY_DEFINED,
                _ => return None,
            },
        })
    }

    /// The name of its type for people: `ia5-text`, `file-transfer`, an object identifier.
    pub fn name(&self) -> String {
        match self.oid() {
            Some(oid) => {
                let name = super::body_part_name(&oid);
                name.map_or_else(|| oid.to_string(), ToOwned::to_owned)
            }
            None => "unknown".to_owned(),
        }
    }

    /// The text for people, where it is text; an extended part of a standard type as well as a
    /// basic one.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Ia5Text(part) => Some(text::from_latin1(&part.data.octets())),
            Self::Teletex(part) => {
                let pages = part.data.iter().map(|page| text::from_teletex(&page.octets()));
                Some(pages.collect::<Vec<_>>().join("\u{c}"))
            }
            Self::Videotex(part) => Some(text::from_latin1(&part.data.octets())),
            Self::Extended(part) => match part.general_text() {
                Some(text) => Some(text),
                None => part.basic()?.text(),
            },
            _ => None,
        }
    }
}
