//! Registrations of auto-forward (X.420 §20.1), as whoever registers one says it: in the form of
//! 1988, which both editions take, unless something is said that only that of 1994 has.

use restante_ber::{Decode, Encode, Kept, OctetString, PrintableString, Reader, Tag, Writer};
use restante_mhs::x411::{
    ContentIdentifier, Extensions, ORAddress, ORName, PerMessageIndicators, Priority,
};
use restante_mhs::x413::{Filter, MSSubmissionOptions};
use restante_mhs::x420::{
    AutoForwardArguments, AutoForwardRegistration, AutoForwardRegistrationParameter88, BodyPart,
    ForwardingInformation1988, Heading, IA5TextBodyPart, IPMAutoForwardOptions,
    IPMAutoForwardRegistrationParameter, IPMIdentifier, Importance, Sensitivity,
};

use crate::compose;

/// importance of a heading.
const IMPORTANCE: Tag = Tag::context(12);

/// What is sent on, to whom and how. What is not said is as in the message.
#[derive(Debug, Clone, Default)]
pub struct AutoForward {
    /// Which entries; all where there is none.
    pub filter: Option<Filter>,
    /// Who gets them, at least one.
    pub recipients: Vec<ORAddress>,
    /// A text in front of the message; one beyond IA5 needs the form of 1994.
    pub cover_note: Option<String>,
    /// What a non-receipt notification to the originator says.
    pub comment: Option<PrintableString>,
    /// What the identifiers of the forwarding messages begin with.
    pub prefix: Option<PrintableString>,
    /// The content-identifier.
    pub content_identifier: Option<ContentIdentifier>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The per-message-indicators.
    pub indicators: Option<PerMessageIndicators>,
    /// Whether the entry goes when it has been forwarded.
    pub delete: bool,
    /// What only the form of 1994 can say; with it the registration has that form.
    pub later: Option<Later>,
}

/// What of an auto-forward came in 1994.
#[derive(Debug, Clone, Default)]
pub struct Later {
    /// The subject.
    pub subject: Option<String>,
    /// The importance.
    pub importance: Option<Importance>,
    /// The sensitivity.
    pub sensitivity: Option<Sensitivity>,
    /// What beside messages is sent on, and whether the entry stays new.
    pub options: IPMAutoForwardOptions,
    /// How what is submitted is stored.
    pub submission_options: Option<MSSubmissionOptions>,
}

impl AutoForward {
    /// The registration of this user's.
    pub fn registration(mut self, user: &ORName) -> AutoForwardRegistration {
        let note = self.cover_note.take().as_deref().map(compose::text);
        match (self.later.take(), note) {
            (None, None) => AutoForwardRegistration::Parameter88(self.of_1988(user, None)),
            (None, Some(BodyPart::Ia5Text(note))) => {
                AutoForwardRegistration::Parameter88(self.of_1988(user, Some(note)))
            }
            (later, note) => {
                let later = later.unwrap_or_default();
                AutoForwardRegistration::Parameter94(self.of_1994(user, later, note))
            }
        }
    }

    fn of_1988(
        self,
        user: &ORName,
        ia5_cover_note: Option<IA5TextBodyPart>,
    ) -> AutoForwardRegistrationParameter88 {
        let information = ForwardingInformation1988 {
            auto_forwarding_comment: self.comment,
            ia5_cover_note,
            this_ipm_prefix: self.prefix,
        };
        let recipients = self.recipients.into_iter().map(|to| compose::recipient(to.into()));
        AutoForwardRegistrationParameter88 {
            filter: self.filter,
            auto_forward_arguments: AutoForwardArguments {
                originator_name: user.clone(),
                content_identifier: self.content_identifier,
                priority: self.priority,
                per_message_indicators: self.indicators,
                deferred_delivery_time: None,
                extensions: Extensions::default(),
                per_recipient_fields: recipients.collect(),
            },
            delete_after_auto_forwarding: self.delete,
            forwarding_information: OctetString(information.to_ber()),
        }
    }

    fn of_1994(
        self,
        user: &ORName,
        later: Later,
        forwarding_cover_note: Option<BodyPart>,
    ) -> IPMAutoForwardRegistrationParameter {
        let recipients = self.recipients.into_iter().map(ORName::from);
        let mut envelope = compose::envelope(user.clone(), recipients);
        envelope.content_identifier = self.content_identifier;
        let forwarding_envelope = with(&envelope, |writer| {
            self.indicators.iter().for_each(|indicators| indicators.encode(writer));
            self.priority.iter().for_each(|priority| priority.encode(writer));
        });
        let prefix = self.prefix.unwrap_or_default();
        let this_ipm =
            IPMIdentifier { user: Some(user.clone()), user_relative_identifier: prefix };
        let mut heading = Heading::new(this_ipm);
        heading.sensitivity = later.sensitivity;
        compose::subject(&mut heading, later.subject.as_deref().unwrap_or_default());
        let forwarding_heading = with(&heading, |writer| {
            later.importance.iter().for_each(|one| one.encode_as(IMPORTANCE, writer));
        });
        let delete = self.delete.then_some(IPMAutoForwardOptions::DELETE_DELIVERED_OBJECT);
        let options = later.options.0.ones().chain(delete);
        IPMAutoForwardRegistrationParameter {
            filter: self.filter,
            forwarding_envelope,
            forwarding_heading,
            forwarding_cover_note,
            submission_options: later.submission_options,
            nrn_comment: self.comment,
            ipm_auto_forward_options: IPMAutoForwardOptions::of(options),
        }
    }
}

/// A SET with members that are written though each is what its absence means: absent, it would be
/// taken from the message.
fn with<T: Encode + Decode + Clone>(set: &T, members: impl FnOnce(&mut Writer)) -> Kept<T> {
    let octets = set.to_ber();
    let mut writer = Writer::new();
    if let Ok(element) = Reader::over(&octets).only() {
        writer.octets(element.contents());
    }
    members(&mut writer);
    writer.header(Tag::SET, true, writer.len());
    Kept::from_bytes(&writer.finish().to_bytes()).unwrap_or_else(|_| set.clone().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> AutoForward {
        let to: ORAddress = "/CN=Bob/O=Example/PRMD=PEER/C=GB/".parse().unwrap();
        AutoForward {
            recipients: vec![to],
            priority: Some(Priority::NORMAL),
            ..Default::default()
        }
    }

    fn has(octets: &[u8], part: &[u8]) -> bool {
        octets.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn the_form_of_1988_is_a_set_unless_something_needs_that_of_1994() {
        let user =
            ORName::from("/CN=Alice/O=Example/PRMD=PEER/C=GB/".parse::<ORAddress>().unwrap());
        let note = |note: &str| AutoForward { cover_note: Some(note.to_owned()), ..said() };
        for (said, tag) in [(said(), 0x31), (note("a\nb"), 0x31), (note("ä"), 0x30)] {
            let octets = said.registration(&user).to_ber();
            assert_eq!(octets[0], tag);
            assert!(has(&octets, &[0x47, 1, 0]), "the priority, though it is normal");
        }
    }

    #[test]
    fn what_is_said_is_written_though_it_is_a_default() {
        let user =
            ORName::from("/CN=Alice/O=Example/PRMD=PEER/C=GB/".parse::<ORAddress>().unwrap());
        let later = Later { importance: Some(Importance::NORMAL), ..Later::default() };
        let said = AutoForward { later: Some(later), delete: true, ..said() };
        let AutoForwardRegistration::Parameter94(parameter) = said.registration(&user) else {
            panic!("it is of 1994");
        };
        assert!(has(parameter.forwarding_heading.octets(), &[0x8c, 1, 1]));
        assert!(has(parameter.forwarding_envelope.octets(), &[0x47, 1, 0]));
        assert!(
            parameter.ipm_auto_forward_options.has(IPMAutoForwardOptions::DELETE_DELIVERED_OBJECT)
        );
        // Nothing is said of it, and so it is as in the message.
        let AutoForwardRegistration::Parameter94(silent) =
            AutoForward { later: Some(Later::default()), priority: None, ..self::said() }
                .registration(&user)
        else {
            panic!("it is of 1994");
        };
        assert!(!has(silent.forwarding_heading.octets(), &[0x8c, 1, 1]));
        assert!(!has(silent.forwarding_envelope.octets(), &[0x47, 1, 0]));
    }
}
