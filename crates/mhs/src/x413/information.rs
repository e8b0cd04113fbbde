//! The information model (X.413 §6, module MSAbstractService): attributes, entries and what
//! counts them.
//!
//! Values of attributes are open here: each syntax is a type of its own elsewhere. Nothing is
//! compared.

use restante_ber::{
    Any, Bytes, Decode, Element, Encode, External, GeneralString, Null, Oid, Result, Rope, SetOf,
    Tag, Tagging, Writer, choice, enumerated, integer, newtype, sequence, set,
};

/// A value of an attribute, or one to compare with: one element of the attribute's syntax, in
/// pieces that may be shared with stored content. A content of any size is one without a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeValue(pub Rope);

impl AttributeValue {
    /// The encoding of a value.
    pub fn of<T: Encode + ?Sized>(value: &T) -> Self {
        Self(value.to_rope())
    }

    /// Reads it as a type.
    ///
    /// # Errors
    /// When it is no value of the type.
    pub fn to<T: Decode>(&self) -> Result<T> {
        Any(self.octets()).to()
    }

    /// The encoding in one piece.
    pub fn octets(&self) -> Bytes {
        self.0.to_bytes()
    }
}

impl Decode for AttributeValue {
    const NAME: &'static str = "attribute value";
    const UNTAGGED: bool = true;
    fn accepts(_: Tag) -> bool {
        true
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        Ok(Self(Rope::from(element.to_bytes())))
    }
    fn decode_tagged(element: &Element<'_>, _: Tagging) -> Result<Self> {
        Self::decode_contents(&element.open_value()?)
    }
}

impl Encode for AttributeValue {
    const UNTAGGED: bool = true;
    fn encode(&self, writer: &mut Writer) {
        writer.rope(&self.0);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| self.encode(writer));
    }
}

sequence! { EXPLICIT TAGS;
    /// An attribute: a type and its values in order, at least one.
    pub struct Attribute {
        /// Which.
        attribute_type: Oid,
        /// Its values.
        attribute_values: Vec<AttributeValue>,
    }
}

integer! {
    /// The class of an entry: the information-base in which it lies (X.413 §6.1).
    #[derive(Default)]
    pub struct EntryClass {
        /// Delivered messages and reports.
        DELIVERY = 0,
        /// Submitted messages and probes (1994).
        SUBMISSION = 1,
        /// Messages that are not submitted yet (1994).
        DRAFT = 2,
        /// Messages that were put away (1994).
        STORED_MESSAGE = 3,
        /// What was delivered (1994).
        DELIVERY_LOG = 4,
        /// What was submitted (1994).
        SUBMISSION_LOG = 5,
        /// Both (1994).
        MESSAGE_LOG = 6,
        /// What auto-actions did (1994).
        AUTO_ACTION_LOG = 7,
    }
}

integer! {
    /// What an entry holds (X.413 §6.1); value of the attribute ms-entry-type.
    pub struct EntryType {
        /// A message.
        DELIVERED_MESSAGE = 0,
        /// A report.
        DELIVERED_REPORT = 1,
        /// The content that came back with a report, a child of it.
        RETURNED_CONTENT = 2,
        /// A message that was submitted (1994).
        SUBMITTED_MESSAGE = 3,
        /// A probe that was submitted (1994).
        SUBMITTED_PROBE = 4,
        /// A message that is not submitted yet (1994).
        DRAFT_MESSAGE = 5,
        /// What an auto-action did (1994).
        AUTO_ACTION_EVENT = 6,
    }
}

integer! {
    /// How far the user has come with an entry; value of the attribute ms-retrieval-status.
    pub struct RetrievalStatus {
        /// Nobody has seen it.
        NEW = 0,
        /// Something of it was listed.
        LISTED = 1,
        /// It was fetched, or an auto-action dealt with it.
        PROCESSED = 2,
    }
}

newtype! { EXPLICIT TAGS;
    /// The number of an entry, unique in its mailbox for ever: 0 to 2^31-1; more is taken when
    /// read, for the bounds of ranges.
    #[derive(Copy, Eq, PartialOrd, Ord, Hash)]
    pub struct SequenceNumber(u32);
}

impl From<u32> for SequenceNumber {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl core::fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// When an entry was made.
pub type CreationTime = restante_ber::UtcTime;

/// The name of a group of messages, from the outermost part on (1994).
pub type MessageGroupName = Vec<GeneralString>;

/// An MS-EXTENSION: a type by object identifier and its value.
pub type MSExtensionItem = External;

/// Extensions of an argument or result (1994).
pub type MSExtensions = Vec<MSExtensionItem>;

/// Encoded information types by object identifier.
pub type MSEITs = SetOf<Oid>;

/// A UA's own name, so that it finds what it registered (1994).
pub type RegistrationIdentifier = restante_ber::PrintableString;

set! { EXPLICIT TAGS;
    /// Which values of an attribute are asked for.
    pub struct AttributeSelection {
        /// The attribute.
        r#type: Oid,
        /// The first of its values, from 1; absent means 1.
        from: Option<u32> [0],
        /// How many; absent means all.
        count: Option<u32> [1],
    }
}

impl From<Oid> for AttributeSelection {
    /// All values of an attribute.
    fn from(attribute: Oid) -> Self {
        Self { r#type: attribute, from: None, count: None }
    }
}

/// The attributes that are asked for. Empty asks for none, absent for the registered defaults.
pub type EntryInformationSelection = SetOf<AttributeSelection>;

sequence! { EXPLICIT TAGS;
    /// What is told of an entry.
    pub struct EntryInformation {
        /// Its number.
        sequence_number: SequenceNumber,
        /// Those of the requested attributes that it has; absent when there are none.
        attributes: Option<SetOf<Attribute>>,
        /// How many values there are, where `count` cut some off (1994).
        value_count_exceeded: Option<SetOf<AttributeValueCount>> [0],
    }
}

sequence! { EXPLICIT TAGS;
    /// How many values an attribute has (1994).
    pub struct AttributeValueCount {
        /// The attribute.
        r#type: Oid [0],
        /// Its number of values.
        total: u32 [1],
    }
}

sequence! { EXPLICIT TAGS;
    /// What a report says of one recipient: where that is told (1994).
    #[derive(Eq)]
    pub struct PerRecipientReport {
        /// The entry of the report.
        report_entry: SequenceNumber [0],
        /// Its place among the recipients of the report, from 1.
        position: i64 [1] = 1,
    }
}

choice! { EXPLICIT TAGS;
    /// The reports about one recipient; value of ms-ac-correlated-report-list (1994).
    #[derive(Eq)]
    pub enum ReportLocation {
        /// None came.
        NoCorrelatedReports(Null) [0],
        /// These did.
        Location(Vec<PerRecipientReport>) [1],
    }
}

enumerated! {
    /// What is reported of one recipient; value of ms-ac-report-summary (1994).
    pub struct ReportSummary {
        /// No report was asked for.
        NO_REPORT_REQUESTED = 0,
        /// Only of a failure a report was asked for.
        NO_REPORT_RECEIVED = 1,
        /// One was asked for and has not come.
        REPORT_OUTSTANDING = 2,
        /// The delivery was cancelled.
        DELIVERY_CANCELLED = 3,
        /// Delivered to another one.
        DELIVERY_REPORT_FROM_ANOTHER_RECIPIENT = 4,
        /// Not delivered to another one.
        NON_DELIVERY_REPORT_FROM_ANOTHER_RECIPIENT = 5,
        /// Delivered.
        DELIVERY_REPORT_FROM_INTENDED_RECIPIENT = 6,
        /// Not delivered.
        NON_DELIVERY_REPORT_FROM_INTENDED_RECIPIENT = 7,
    }
}
