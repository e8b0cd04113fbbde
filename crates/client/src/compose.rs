//! What a sender puts together: interpersonal messages (X.420 §7), deliveries and reports (X.411).
//!
//! No socket and no clock: times and identifiers are arguments. What comes out has public fields,
//! for whoever wants more than is said here. Whether it makes sense is for its recipient to say.

use restante_ber::{Encode, Rope, UtcTime};
use restante_mhs::x411::{
    AdministrationDomainName, BuiltInContentType, BuiltInEncodedInformationTypes as Bits,
    ContentType, CountryName, DeliveredContentType, EncodedInformationTypes, Extensions,
    GlobalDomainIdentifier, MTSIdentifier, MessageDeliveryArgument, MessageSubmissionArgument,
    MessageSubmissionEnvelope, NumericOrPrintable, ORAddress, ORName, OriginatorAndDLExpansion,
    OriginatorReportRequest, OtherMessageDeliveryFields, PerMessageIndicators,
    PerRecipientMessageSubmissionFields, PerRecipientReportDeliveryFields, Priority,
    ReportDeliveryArgument, ReportType, UniversalOrBMPString, extension,
};
use restante_mhs::x420::{
    BodyPart, Heading, IPM, IPMIdentifier, IPMSExtension, InformationObject, oids, text,
};

/// The country of an identifier whose domain has none: one of those that ISO 3166 leaves to
/// users.
const NO_COUNTRY: &str = "XX";

/// An identifier that the domain of an address gives; `local` is unique there, of 32 characters
/// at most.
pub fn mts_identifier(domain_of: &ORAddress, local: &str) -> MTSIdentifier {
    let domain = &domain_of.built_in_standard_attributes;
    let country_name = domain
        .country_name
        .clone()
        .unwrap_or_else(|| CountryName(NumericOrPrintable::Printable(NO_COUNTRY.into())));
    let administration_domain_name = domain
        .administration_domain_name
        .clone()
        .unwrap_or_else(|| AdministrationDomainName(NumericOrPrintable::Printable(" ".into())));
    MTSIdentifier {
        global_domain_identifier: GlobalDomainIdentifier {
            country_name,
            administration_domain_name,
            private_domain_identifier: domain.private_domain_name.clone(),
        },
        local_identifier: local.into(),
    }
}

/// An interpersonal message. Its subject is T.61, with question marks for what T.61 lacks; one
/// beyond ASCII goes into extended-subject as well, whole.
pub fn ipm(
    identifier: &str,
    from: &ORName,
    to: &[ORName],
    subject: &str,
    body: impl IntoIterator<Item = BodyPart>,
) -> IPM {
    let this_ipm =
        IPMIdentifier { user: Some(from.clone()), user_relative_identifier: identifier.into() };
    let mut heading = Heading::new(this_ipm);
    heading.originator = Some(from.clone().into());
    heading.primary_recipients = to.iter().cloned().map(Into::into).collect();
    self::subject(&mut heading, subject);
    IPM::new(heading, body)
}

/// Gives a heading a subject: T.61, and where that is not all, extended-subject as well.
pub fn subject(heading: &mut Heading, subject: &str) {
    if !subject.is_empty() {
        heading.subject = Some(text::from_latin1(&text::to_teletex(subject)).into());
    }
    if !subject.is_ascii() {
        let extended = UniversalOrBMPString::from(subject);
        let extension = IPMSExtension::new(oids::ID_HEX_EXTENDED_SUBJECT, &extended);
        heading.extensions.0.push(extension);
    }
}

/// A body part of text: IA5 where it is enough, general-text beyond. Lines end with CR LF.
pub fn text(text: &str) -> BodyPart {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    if text.is_ascii() { BodyPart::ia5_text(&text) } else { BodyPart::general_text(&text) }
}

/// The content that a message is.
pub fn content(message: IPM) -> Rope {
    InformationObject::Ipm(message).to_rope()
}

/// How many messages inside each other are looked into.
const DEPTH_MAX: usize = 16;

/// The encoded information types of a body: those that have a bit, *unknown* for what has none.
pub fn encoded_information_types(body: &[BodyPart]) -> EncodedInformationTypes {
    let mut bits = Vec::new();
    collect_bits(body, &mut bits, DEPTH_MAX);
    EncodedInformationTypes::of_bits(bits)
}

fn collect_bits(body: &[BodyPart], bits: &mut Vec<usize>, depth: usize) {
    for part in body {
        bits.push(match part {
            BodyPart::Ia5Text(_) => Bits::IA5_TEXT,
            BodyPart::G3Facsimile(_) => Bits::G3_FACSIMILE,
            BodyPart::G4Class1(_) => Bits::G4_CLASS_1,
            BodyPart::Teletex(_) => Bits::TELETEX,
            BodyPart::Videotex(_) => Bits::VIDEOTEX,
            BodyPart::MixedMode(_) => Bits::MIXED_MODE,
            BodyPart::Message(forwarded) if depth > 0 => {
                if let Ok(message) = forwarded.message() {
                    collect_bits(&message.body.0, bits, depth - 1);
                }
                continue;
            }
            _ => Bits::UNKNOWN,
        });
    }
}

/// A delivery of a P22 content with normal priority, submitted and delivered at the same time.
pub fn delivery(
    identifier: MTSIdentifier,
    from: ORName,
    to: ORName,
    content: Rope,
    time: UtcTime,
) -> MessageDeliveryArgument {
    MessageDeliveryArgument {
        message_delivery_identifier: identifier,
        message_delivery_time: time,
        other_fields: OtherMessageDeliveryFields {
            content_type: DeliveredContentType::BuiltIn(
                BuiltInContentType::INTERPERSONAL_MESSAGING_1988,
            ),
            originator_name: from,
            original_encoded_information_types: None,
            priority: Priority::NORMAL,
            delivery_flags: None,
            other_recipient_names: None,
            this_recipient_name: to,
            originally_intended_recipient_name: None,
            converted_encoded_information_types: None,
            message_submission_time: time,
            content_identifier: None,
            extensions: Extensions::default(),
        },
        content,
    }
}

/// A submission of a P22 content with normal priority, of which non-delivery is reported.
pub fn submission(
    from: ORName,
    to: impl IntoIterator<Item = ORName>,
    content: Rope,
) -> MessageSubmissionArgument {
    MessageSubmissionArgument { envelope: envelope(from, to).into(), content }
}

/// The envelope of a submission of a P22 content with normal priority, of which non-delivery is
/// reported.
pub fn envelope(from: ORName, to: impl IntoIterator<Item = ORName>) -> MessageSubmissionEnvelope {
    MessageSubmissionEnvelope {
        originator_name: from,
        original_encoded_information_types: None,
        content_type: ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988),
        content_identifier: None,
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        extensions: Extensions::default(),
        per_recipient_fields: to.into_iter().map(recipient).collect(),
    }
}

/// A recipient of whose non-delivery there shall be a report.
pub fn recipient(recipient_name: ORName) -> PerRecipientMessageSubmissionFields {
    PerRecipientMessageSubmissionFields {
        recipient_name,
        originator_report_request: OriginatorReportRequest::of([
            OriginatorReportRequest::NON_DELIVERY_REPORT,
        ]),
        explicit_conversion: None,
        extensions: Extensions::default(),
    }
}

/// A report on what became of the recipients of a message. `history` says who sent it and which
/// distribution lists it went through, each with its time: the originator, then one list at
/// least. It goes into originator-and-DL-expansion-history, whose first name tells a store that
/// did not submit the message whose report it is. Empty: the message went through no list.
pub fn report(
    subject: MTSIdentifier,
    history: impl IntoIterator<Item = (ORName, UtcTime)>,
    recipients: impl IntoIterator<Item = (ORName, ReportType)>,
) -> ReportDeliveryArgument {
    let history: Vec<_> = history
        .into_iter()
        .map(|(originator_or_dl_name, origination_or_expansion_time)| OriginatorAndDLExpansion {
            originator_or_dl_name,
            origination_or_expansion_time,
        })
        .collect();
    let mut extensions = Extensions::default();
    if !history.is_empty() {
        extensions.push(extension::ORIGINATOR_AND_DL_EXPANSION_HISTORY, &history);
    }
    let per_recipient_fields =
        recipients.into_iter().map(|(actual_recipient_name, report_type)| {
            PerRecipientReportDeliveryFields {
                actual_recipient_name,
                report_type,
                converted_encoded_information_types: None,
                originally_intended_recipient_name: None,
                supplementary_information: None,
                extensions: Extensions::default(),
            }
        });
    ReportDeliveryArgument {
        subject_submission_identifier: subject,
        content_identifier: None,
        content_type: None,
        original_encoded_information_types: None,
        extensions,
        per_recipient_fields: per_recipient_fields.collect(),
        returned_content: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_ber::Decode;
    use restante_mhs::x411::{DeliveryReport, TypeOfMTSUser};

    fn name(surname: &str) -> ORName {
        let mut address = ORAddress::default();
        let attributes = &mut address.built_in_standard_attributes;
        let printable = |text: &str| NumericOrPrintable::Printable(text.into());
        attributes.country_name = Some(CountryName(printable("GB")));
        attributes.private_domain_name = Some(printable("PEER"));
        attributes.organization_name = Some(surname.into());
        address.into()
    }

    #[test]
    fn an_identifier_is_of_the_domain_of_an_address() {
        let identifier = mts_identifier(&name("Alice").address, "1");
        assert_eq!(identifier.to_string(), "[/PRMD=PEER/ADMD= /C=GB/;1]");
        let nowhere = mts_identifier(&ORAddress::default(), "1");
        assert_eq!(nowhere.to_string(), "[/ADMD= /C=XX/;1]");
    }

    #[test]
    fn a_subject_beyond_ascii_survives() {
        for subject in ["Weather", "Überflug", "\u{1f6eb} take-off", ""] {
            let message = ipm("1", &name("Alice"), &[name("Bob")], subject, []);
            let content = content(message).to_bytes();
            let InformationObject::Ipm(read) = InformationObject::from_bytes(&content).unwrap()
            else {
                panic!("it is a message")
            };
            assert_eq!(read.heading.subject_text().unwrap_or_default(), subject);
        }
    }

    #[test]
    fn text_is_ia5_where_that_is_enough() {
        assert_eq!(text("a\nb\r\n").text().unwrap(), "a\r\nb\r\n");
        assert_eq!(text("a").name(), "ia5-text");
        assert_eq!(
            (text("ä").name(), text("ä").text()),
            ("general-text".into(), Some("ä".into()))
        );
    }

    #[test]
    fn encoded_information_types_go_into_forwarded_messages() {
        let inner = ipm("1", &name("Alice"), &[], "", [text("a")]);
        let forwarded = BodyPart::message(Default::default(), &inner);
        let body = [forwarded, BodyPart::file("a", Default::default())];
        let types = encoded_information_types(&body);
        assert_eq!(types.built_in_encoded_information_types.names(), ["unknown", "ia5-text"]);
    }

    #[test]
    fn a_report_names_its_originator_in_extension_30() {
        let delivered = ReportType::Delivery(DeliveryReport {
            message_delivery_time: UtcTime(0),
            type_of_mts_user: TypeOfMTSUser::MS,
        });
        let identifier = mts_identifier(&name("Alice").address, "1");
        let history = [(name("Alice"), UtcTime(0)), (name("List"), UtcTime(1))];
        let report = report(identifier, history, [(name("Bob"), delivered)]);
        let read = ReportDeliveryArgument::from_bytes(&report.to_ber()).unwrap();
        let history = read.extensions.get(extension::ORIGINATOR_AND_DL_EXPANSION_HISTORY);
        assert_eq!(history.unwrap().unwrap()[0].originator_or_dl_name, name("Alice"));
        assert_eq!(read.per_recipient_fields.len(), 1);
    }
}
