//! The file-transfer body part (X.420 Annex B.12, module IPMSFileTransferBodyPartType), with the
//! attributes of FTAM (ISO 8571) that a person wants to see.

use super::{BodyPart, ExtendedBodyPart, ExtensionsField, oids, text};
use restante_ber::{
    Any, BitString, Decode, Element, Encode, Error, External, ExternalEncoding, GeneralizedTime,
    GraphicString, Null, OctetString, Oid, Result, Rope, SetOf, Tag, Writer, choice, oid,
    sequence,
};

/// The abstract syntax of the data values of an unstructured binary file (ISO 8571-2).
const UNSTRUCTURED_BINARY: Oid = oid!(1, 0, 8571, 2, 4);

sequence! { IMPLICIT TAGS;
    /// What a file is and where it comes from. Absent contents-type means unstructured binary.
    #[derive(Default)]
    pub struct FileTransferParameters {
        /// Files that it has to do with.
        related_stored_file: Option<SetOf<Any>> [0],
        /// What the data are: ContentsTypeParameter.
        contents_type: Option<Any> [1],
        /// Where it comes from.
        environment: Option<EnvironmentParameter> [2],
        /// How it is compressed.
        compression: Option<CompressionParameter> [3],
        /// Its name and more.
        file_attributes: Option<FileAttributes> [4],
        /// All that came later.
        extensions: Option<ExtensionsField> [5],
    }
}

sequence! { IMPLICIT TAGS;
    /// Where a file comes from.
    #[derive(Default)]
    pub struct EnvironmentParameter {
        /// The application: GeneralIdentifier.
        application_reference: Option<GeneralIdentifier> [0],
        /// The machine: GeneralIdentifier.
        machine: Option<GeneralIdentifier> [1],
        /// The operating system.
        operating_system: Option<Oid> [2],
        /// For people.
        user_visible_string: Option<Vec<GraphicString>> [3],
    }
}

sequence! { IMPLICIT TAGS;
    /// How a file is compressed.
    pub struct CompressionParameter {
        /// By which algorithm.
        compression_algorithm_id: Oid [0],
        /// The algorithm's parameter.
        compression_algorithm_param: Any [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// Attributes of a file as far as its size; those behind are skipped.
    #[derive(Default)]
    pub struct FileAttributes {
        /// Its name.
        pathname: Option<Pathname>,
        /// What may be done with it.
        permitted_actions: Option<BitString> [1],
        /// Whose account it is on: Account-Attribute.
        storage_account: Option<Any> [3],
        /// When it was made.
        date_and_time_of_creation: Option<DateAndTime> [4],
        /// When it was changed.
        date_and_time_of_last_modification: Option<DateAndTime> [5],
        /// When it was read.
        date_and_time_of_last_read_access: Option<DateAndTime> [6],
        /// When its attributes were changed.
        date_and_time_of_last_attribute_modification: Option<DateAndTime> [7],
        /// Who made it: User-Identity-Attribute.
        identity_of_creator: Option<Any> [8],
        /// Who changed it: User-Identity-Attribute.
        identity_of_last_modifier: Option<Any> [9],
        /// Who read it: User-Identity-Attribute.
        identity_of_last_reader: Option<Any> [10],
        /// Who changed its attributes: User-Identity-Attribute.
        identity_of_last_attribute_modifier: Option<Any> [11],
        /// Whether it is at hand: Object-Availability-Attribute.
        object_availability: Option<Any> [12],
        /// How long it is.
        object_size: Option<ObjectSize> [13],
    }
}

choice! { IMPLICIT TAGS;
    /// What an application or a machine is called.
    #[derive(Eq)]
    pub enum GeneralIdentifier {
        /// By somebody who registers names.
        RegisteredIdentifier(Oid) [0],
        /// In words.
        DescriptiveIdentifier(Vec<GraphicString>) [1],
    }
}

choice! { IMPLICIT TAGS;
    /// A time, or that nobody knows it.
    pub enum DateAndTime {
        /// Not known.
        NoValueAvailable(Null) [0],
        /// The time.
        ActualValues(GeneralizedTime) [1],
    }
}

choice! { IMPLICIT TAGS;
    /// A length in octets, or that nobody knows it.
    pub enum ObjectSize {
        /// Not known.
        NoValueAvailable(Null) [0],
        /// The length.
        ActualValues(i64) [1],
    }
}

/// The name of a file, from the outermost directory on. Written as an incomplete pathname, `[0]`;
/// read as complete too, in the forms of X.420 (`[23]`) and FTAM (`[APPLICATION 23]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pathname(pub Vec<GraphicString>);

impl Decode for Pathname {
    const NAME: &'static str = "Pathname-Attribute";
    const UNTAGGED: bool = true;
    fn accepts(tag: Tag) -> bool {
        [Tag::context(0), Tag::context(23), Tag::application(23)].contains(&tag)
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        Vec::decode_contents(element).map(Self)
    }
}

impl Encode for Pathname {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        self.0.encode_as(Tag::context(0), writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}

impl GeneralIdentifier {
    /// A name in words.
    pub fn described(text: &str) -> Self {
        let (octets, _) = text::to_general(text);
        Self::DescriptiveIdentifier(vec![text::from_latin1(&octets).into()])
    }

    /// The name: the words, or the object identifier.
    pub fn text(&self) -> String {
        match self {
            Self::RegisteredIdentifier(oid) => oid.to_string(),
            Self::DescriptiveIdentifier(parts) => {
                let part =
                    |one: &GraphicString| text::from_general(&text::octets(one.as_str()), &[]);
                parts.iter().map(part).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// A file out of a body part.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// What is said of it.
    pub parameters: FileTransferParameters,
    /// Its octets.
    pub contents: Rope,
}

impl File {
    /// What made it, or what it is.
    pub fn application(&self) -> Option<String> {
        let environment = self.parameters.environment.as_ref()?;
        environment.application_reference.as_ref().map(GeneralIdentifier::text)
    }

    /// The last part of its name.
    pub fn name(&self) -> Option<String> {
        let attributes = self.parameters.file_attributes.as_ref()?;
        let last = attributes.pathname.as_ref()?.0.last()?;
        Some(text::from_general(&text::octets(last.as_str()), &[]))
    }
}

impl ExtendedBodyPart {
    /// The file of a file-transfer body part, `None` where it is another one. A data value that
    /// is an OCTET STRING stands for its contents, any other for its encoding.
    ///
    /// # Errors
    /// When parameters or data are not of their types.
    pub fn file(&self) -> Option<Result<File>> {
        self.is(&oids::ID_ET_FILE_TRANSFER).then(|| {
            let values: Vec<External> = self.data_as()?;
            let mut contents = Rope::new();
            for value in &values {
                match &value.encoding {
                    ExternalEncoding::OctetAligned(octets) => contents.push(octets.0.clone()),
                    ExternalEncoding::SingleAsn1Type(any) => match any.to::<Rope>() {
                        Ok(octets) => contents.append(octets),
                        Err(_) => contents.push(any.0.clone()),
                    },
                    ExternalEncoding::Arbitrary(_) => {
                        return Err(Error::Value("a file of bits that are no octets"));
                    }
                }
            }
            let parameters = self.parameters_as()?.unwrap_or_default();
            Ok(File { parameters, contents })
        })
    }
}

impl BodyPart {
    /// A file with a name.
    pub fn file(name: &str, contents: bytes::Bytes) -> Self {
        Self::file_of(name, None, contents)
    }

    /// A file with a name, of an application where that is said.
    pub fn file_of(
        name: &str,
        application: Option<GeneralIdentifier>,
        contents: bytes::Bytes,
    ) -> Self {
        let (name, _) = text::to_general(name);
        let size = i64::try_from(contents.len()).unwrap_or(i64::MAX);
        let environment = application.map(|application| EnvironmentParameter {
            application_reference: Some(application),
            ..EnvironmentParameter::default()
        });
        let parameters = FileTransferParameters {
            environment,
            file_attributes: Some(FileAttributes {
                pathname: Some(Pathname(vec![text::from_latin1(&name).into()])),
                object_size: Some(ObjectSize::ActualValues(size)),
                ..FileAttributes::default()
            }),
            ..FileTransferParameters::default()
        };
        let data = External {
            direct_reference: Some(UNSTRUCTURED_BINARY),
            indirect_reference: None,
            data_value_descriptor: None,
            encoding: ExternalEncoding::OctetAligned(OctetString(contents)),
        };
        let (data, parameters) = (Any::of(&vec![data]), Any::of(&parameters));
        let oid = oids::ID_ET_FILE_TRANSFER;
        Self::Extended(ExtendedBodyPart::new(oid, data, Some(parameters)))
    }
}
