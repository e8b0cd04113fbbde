//! An entry of a mailbox (X.413 §6): the attributes that a store gave for it.

use jiff::tz::TimeZone;
use restante_ber::{Decode, Oid, Rope, TeletexString, UtcTime};
use restante_mhs::p772::ID_MCT_P772;
use restante_mhs::x411::ReportDeliveryEnvelope;
use restante_mhs::x411::{ContentType, MTSIdentifier, MessageDeliveryEnvelope, ORName, Priority};
use restante_mhs::x413::{
    Attribute, AttributeValue, EntryInformation, EntryType, RetrievalStatus, SequenceNumber,
    oids as ms,
};
use restante_mhs::x420::{self, IPMEntryType, text};

use crate::section::Section;
use crate::{envelope, ipm, report, value};

/// An entry as a store told it.
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// What was told.
    pub attributes: Vec<Attribute>,
}

/// What a line of a list shows.
pub const LISTED: [Oid; 10] = [
    ms::ID_ATT_RETRIEVAL_STATUS,
    ms::ID_ATT_ENTRY_TYPE,
    ms::ID_ATT_PRIORITY,
    ms::ID_ATT_ORIGINATOR_NAME,
    ms::ID_ATT_CREATION_TIME,
    ms::ID_ATT_CONTENT_LENGTH,
    ms::ID_ATT_CONTENT_TYPE,
    ms::ID_ATT_SUBJECT_SUBMISSION_IDENTIFIER,
    x420::oids::ID_HAT_SUBJECT,
    x420::oids::ID_SAT_IPM_ENTRY_TYPE,
];

/// What is fetched of an entry.
pub const FETCHED: [Oid; 10] = [
    ms::ID_ATT_RETRIEVAL_STATUS,
    ms::ID_ATT_ENTRY_TYPE,
    ms::ID_ATT_CREATION_TIME,
    ms::ID_ATT_CONTENT_TYPE,
    ms::ID_ATT_CONTENT_LENGTH,
    ms::ID_ATT_PARENT_SEQUENCE_NUMBER,
    ms::ID_ATT_CHILD_SEQUENCE_NUMBERS,
    ms::ID_ATT_MESSAGE_DELIVERY_ENVELOPE,
    ms::ID_ATT_REPORT_DELIVERY_ENVELOPE,
    ms::ID_ATT_CONTENT,
];

impl From<EntryInformation> for Entry {
    fn from(entry: EntryInformation) -> Self {
        let attributes = entry.attributes.map(|attributes| attributes.0).unwrap_or_default();
        Self { number: entry.sequence_number.0, attributes }
    }
}

impl Entry {
    /// All values of an attribute.
    pub fn values(&self, attribute: &Oid) -> &[AttributeValue] {
        let found = self.attributes.iter().find(|found| found.attribute_type == *attribute);
        found.map_or(&[], |found| &found.attribute_values)
    }

    /// The first value of an attribute, where it is there and of the type.
    pub fn get<T: Decode>(&self, attribute: &Oid) -> Option<T> {
        self.values(attribute).first()?.to().ok()
    }

    /// The content.
    pub fn content(&self) -> Option<Rope> {
        self.get(&ms::ID_ATT_CONTENT)
    }

    /// Whether the content is a message or notification of X.420 or STANAG 4406.
    pub fn is_interpersonal(&self) -> bool {
        let attribute = self.get::<Oid>(&ms::ID_ATT_CONTENT_TYPE).map(ContentType::of_oid);
        let envelope = || {
            let envelope: MessageDeliveryEnvelope =
                self.get(&ms::ID_ATT_MESSAGE_DELIVERY_ENVELOPE)?;
            Some(envelope.other_fields.content_type.into())
        };
        attribute.or_else(envelope).as_ref().is_some_and(is_interpersonal)
    }

    /// The line of a list. What has no subject says what it is instead.
    pub fn summary(&self) -> Section {
        let mut section = Section::default();
        section.put("number", self.number);
        let status = self.get::<RetrievalStatus>(&ms::ID_ATT_RETRIEVAL_STATUS);
        section.put_some("status", status.map(|status| status.to_string()));
        let entry_type = self.get::<EntryType>(&ms::ID_ATT_ENTRY_TYPE);
        section.put_some("type", entry_type.map(|entry_type| entry_type.to_string()));
        let priority = self.get::<Priority>(&ms::ID_ATT_PRIORITY);
        section.put_some("priority", priority.map(|priority| priority.to_string()));
        let originator = self.get::<ORName>(&ms::ID_ATT_ORIGINATOR_NAME);
        section.put_some("from", originator.map(|name| name.to_string()));
        section.put_some("subject", self.subject());
        section.put_some("time", self.get::<UtcTime>(&ms::ID_ATT_CREATION_TIME));
        section.put_some("size", self.get::<i64>(&ms::ID_ATT_CONTENT_LENGTH));
        section
    }

    fn subject(&self) -> Option<String> {
        if let Some(subject) = self.get::<TeletexString>(&x420::oids::ID_HAT_SUBJECT) {
            return Some(text::from_teletex(&text::octets(subject.as_str())));
        }
        match self.get(&x420::oids::ID_SAT_IPM_ENTRY_TYPE) {
            Some(IPMEntryType::RN) => return Some("receipt notification".to_owned()),
            Some(IPMEntryType::NRN) => return Some("non-receipt notification".to_owned()),
            _ => {}
        }
        let subject = self.get::<MTSIdentifier>(&ms::ID_ATT_SUBJECT_SUBMISSION_IDENTIFIER);
        if let Some(identifier) = subject {
            return Some(format!("report on {identifier}"));
        }
        let content_type = self.get::<Oid>(&ms::ID_ATT_CONTENT_TYPE)?;
        let opaque = !is_interpersonal(&ContentType::of_oid(content_type.clone()));
        opaque.then(|| format!("content of type {content_type}"))
    }

    /// The number and the values of attributes that were asked for by name.
    pub fn asked(&self) -> Section {
        let mut attributes = Section::default();
        for attribute in &self.attributes {
            let oid = &attribute.attribute_type;
            let values = attribute.attribute_values.iter().map(|each| value::value(oid, each));
            attributes.put_list(value::name(oid), values);
        }
        let mut section = Section::default();
        section.put("number", self.number).put("attributes", attributes);
        section
    }

    /// The values of an attribute as one line for people.
    pub fn shown(&self, attribute: &Oid, zone: &TimeZone) -> String {
        let values = self.values(attribute).iter();
        let values: Vec<_> = values.map(|each| value::value(attribute, each).line(zone)).collect();
        values.join(", ")
    }

    /// All that was fetched, with the content taken apart where it is of X.420.
    pub fn whole(&self) -> Section {
        let mut section = self.summary();
        let parent = self.get::<SequenceNumber>(&ms::ID_ATT_PARENT_SEQUENCE_NUMBER);
        section.put_some("parent", parent.map(|parent| parent.0));
        let children = self.values(&ms::ID_ATT_CHILD_SEQUENCE_NUMBERS).iter();
        let children = children.filter_map(|child| child.to::<SequenceNumber>().ok());
        section.put_list("children", children.map(|child| child.0));
        let message = self.get::<MessageDeliveryEnvelope>(&ms::ID_ATT_MESSAGE_DELIVERY_ENVELOPE);
        section.put_some("envelope", message.as_ref().map(envelope::message_delivery));
        let report = self.get::<ReportDeliveryEnvelope>(&ms::ID_ATT_REPORT_DELIVERY_ENVELOPE);
        section.put_some("report", report.as_ref().map(report::section));
        self.put_content(&mut section);
        section
    }

    fn put_content(&self, section: &mut Section) {
        let Some(content) = self.content() else { return };
        if !self.is_interpersonal() {
            section.put("content", format!("{} octets, not taken apart", content.len()));
            return;
        }
        if let Err(error) = ipm::content(&content, section) {
            let octets = content.len();
            section.put("content", format!("{octets} octets that are no message: {error}"));
        }
    }
}

/// Whether a content is P2, P22 or P772, which is built as they are.
pub(crate) fn is_interpersonal(content_type: &ContentType) -> bool {
    use restante_mhs::x411::BuiltInContentType as BuiltIn;
    [BuiltIn::INTERPERSONAL_MESSAGING_1984, BuiltIn::INTERPERSONAL_MESSAGING_1988]
        .map(ContentType::BuiltIn)
        .contains(content_type)
        || content_type.oid() == ID_MCT_P772
}
