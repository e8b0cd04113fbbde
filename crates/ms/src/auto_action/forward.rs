//! What a registration of auto-forward says (X.420 §20, X.413 Annex for 1988), of either form:
//! what of the envelope and the heading it sets, and what it leaves to the message.

use restante_ber::{Bytes, Encode, PrintableString, Reader, Tag};
use restante_mhs::x411::{
    ContentIdentifier, EncodedInformationTypes, Extensions, ORName, PerMessageIndicators,
    PerRecipientMessageSubmissionFields, Priority, Time,
};
use restante_mhs::x413::{Filter, RetrievalError};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{
    AutoForwardRegistration, AutoForwardRegistrationParameter88, BodyPart, Heading,
    IPMAutoForwardOptions, IPMAutoForwardRegistrationParameter, IPMIdentifier, RecipientSpecifier,
};

use super::registration::improper;
use super::storing::Storing;

const PRIORITY: Tag = Tag::application(7);
const INDICATORS: Tag = Tag::application(8);
const IMPORTANCE: Tag = Tag::context(12);

/// What auto-forward does. What is `None` is as the message had it.
#[derive(Debug)]
pub(super) struct Forwarding {
    pub(super) filter: Option<Filter>,
    pub(super) originator_name: ORName,
    pub(super) content_identifier: Option<ContentIdentifier>,
    pub(super) priority: Option<Priority>,
    pub(super) indicators: Option<PerMessageIndicators>,
    pub(super) deferred_delivery_time: Option<Time>,
    /// Beside those of the content.
    pub(super) types: Option<EncodedInformationTypes>,
    pub(super) extensions: Extensions,
    pub(super) recipients: Vec<PerRecipientMessageSubmissionFields>,
    /// The identifier in it is what those of messages begin with.
    pub(super) heading: Heading,
    /// Whether the heading's importance is said.
    pub(super) importance: bool,
    pub(super) cover_note: Option<BodyPart>,
    /// What a non-receipt notification says.
    pub(super) comment: Option<PrintableString>,
    /// Whether the entry goes.
    pub(super) delete: bool,
    /// Whether the entry is processed then.
    pub(super) process: bool,
    pub(super) storing: Storing,
    pub(super) objects: Objects,
}

/// What is forwarded beside interpersonal messages (1994).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Objects {
    /// Notifications, reports and other messages.
    pub(super) all: bool,
    /// With a report what came back with it.
    pub(super) returned_content: bool,
    /// With a notification what came back with it.
    pub(super) returned_ipm: bool,
    /// Not what could only be forwarded as a content.
    pub(super) contents_prohibited: bool,
}

impl Forwarding {
    /// Reads what was registered. The 1994 form is none of 1988.
    pub(super) fn of(
        registration: AutoForwardRegistration,
        edition: Edition,
    ) -> Result<Self, RetrievalError> {
        let forwarding = match registration {
            AutoForwardRegistration::Parameter88(parameter) => Self::of_1988(parameter),
            AutoForwardRegistration::Parameter94(_) if edition == Edition::E1988 => None,
            AutoForwardRegistration::Parameter94(parameter) => Self::of_1994(parameter),
        };
        forwarding.filter(|one| !one.recipients.is_empty()).ok_or_else(|| improper(edition))
    }

    fn of_1988(parameter: AutoForwardRegistrationParameter88) -> Option<Self> {
        let information = parameter.information().ok()?;
        let arguments = parameter.auto_forward_arguments;
        let name = arguments.originator_name;
        let mut heading = Heading::new(IPMIdentifier {
            user: Some(name.clone()),
            user_relative_identifier: information.this_ipm_prefix.unwrap_or_default(),
        });
        let recipients = arguments.per_recipient_fields.iter();
        heading.primary_recipients =
            recipients.map(|one| RecipientSpecifier::from(one.recipient_name.clone())).collect();
        Some(Self {
            filter: parameter.filter,
            originator_name: name,
            content_identifier: arguments.content_identifier,
            priority: arguments.priority,
            indicators: arguments.per_message_indicators,
            deferred_delivery_time: arguments.deferred_delivery_time,
            types: None,
            extensions: arguments.extensions,
            recipients: arguments.per_recipient_fields,
            heading,
            importance: false,
            cover_note: information.ia5_cover_note.map(BodyPart::Ia5Text),
            comment: information.auto_forwarding_comment,
            delete: parameter.delete_after_auto_forwarding,
            process: false,
            storing: Storing::default(),
            objects: Objects::default(),
        })
    }

    fn of_1994(parameter: IPMAutoForwardRegistrationParameter) -> Option<Self> {
        let (envelope, options) =
            (parameter.forwarding_envelope, parameter.ipm_auto_forward_options);
        let said = |octets: &Bytes, tag| {
            let element = Reader::over(octets).only().ok()?;
            let mut members = element.children().ok()?;
            while let Some(member) = members.next_element().ok()? {
                if member.tag == tag {
                    return Some(());
                }
            }
            None
        };
        let priority = said(envelope.octets(), PRIORITY).map(|()| envelope.priority);
        let indicators =
            said(envelope.octets(), INDICATORS).map(|()| envelope.per_message_indicators.clone());
        let importance = said(parameter.forwarding_heading.octets(), IMPORTANCE).is_some();
        let mut heading = parameter.forwarding_heading.into_value();
        let envelope = envelope.into_value();
        if heading.recipients().next().is_none() {
            let recipients = envelope.per_recipient_fields.iter();
            let recipients = recipients.map(|one| one.recipient_name.clone().into());
            heading.primary_recipients = recipients.collect();
        }
        heading.this_ipm.user.get_or_insert_with(|| envelope.originator_name.clone());
        Some(Self {
            filter: parameter.filter,
            originator_name: envelope.originator_name,
            content_identifier: envelope.content_identifier,
            priority,
            indicators,
            deferred_delivery_time: envelope.deferred_delivery_time,
            types: envelope.original_encoded_information_types,
            extensions: envelope.extensions,
            recipients: envelope.per_recipient_fields,
            heading,
            importance,
            cover_note: parameter.forwarding_cover_note,
            comment: parameter.nrn_comment,
            delete: options.has(IPMAutoForwardOptions::DELETE_DELIVERED_OBJECT),
            process: !options.has(IPMAutoForwardOptions::PRESERVE_RETRIEVAL_STATUS),
            storing: Storing::of(parameter.submission_options),
            objects: Objects {
                all: options.has(IPMAutoForwardOptions::FORWARD_ALL_OBJECT_TYPES),
                returned_content: options.has(IPMAutoForwardOptions::INCLUDE_RETURNED_CONTENT),
                returned_ipm: options.has(IPMAutoForwardOptions::INCLUDE_RETURNED_IPM),
                contents_prohibited: options
                    .has(IPMAutoForwardOptions::FORWARDED_CONTENT_PROHIBITED),
            },
        })
    }

    /// The cover note, encoded; nothing where there is none.
    pub(super) fn cover_note_octets(&self) -> Bytes {
        self.cover_note.as_ref().map(Encode::to_ber).unwrap_or_default()
    }
}
