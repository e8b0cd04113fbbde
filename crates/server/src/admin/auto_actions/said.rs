//! An auto-action in fields that people fill in, made into a registration (X.413 §13, X.420 §20)
//! and read from one.
//!
//! Auto-forward is written in the form of 1988, which both editions take and which has all of
//! these fields. What a user agent registered can say more than they do: it is then shown as far
//! as they go, and told to be not whole.

use jiff::ZonedDateTime;
use restante_ber::{Decode, Oid, PrintableString};
use restante_client::auto_forward;
use restante_mhs::{
    x411::{ContentIdentifier, ORAddress, ORName, PerMessageIndicators, Priority},
    x413::{
        AttributeValue, AutoActionRegistration, AutoAlertRegistrationParameter, Filter,
        auto_action_name, oids as ms,
    },
    x420::{
        AutoForwardRegistration, BodyPart, DELAYED_AUTO_FORWARD, DelayedAutoForwardParameter,
        IPMAutoAcknowledgementRegistrationParameter, IPMAutoDiscardRegistrationParameter,
        oids as ipms,
    },
};
use restante_view::filter;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{entries::Urgency, error::ApiError};

/// The name of the one auto-action that no standard has.
const DELAYED: &str = "delayed-auto-forward";
/// Recipients of one auto-forward.
const RECIPIENTS_MAX: usize = 512;
/// The longest cover note, characters.
const NOTE_MAX: usize = 32 << 10;
/// X.411's ub-content-id-length.
const CONTENT_IDENTIFIER_MAX: usize = 16;
/// X.420's ub-auto-forwarding-comment, and what other texts may have.
const TEXT_MAX: usize = 256;
/// What of an identifier of at most 64 characters is left to the store for its own part.
const PREFIX_MAX: usize = 32;

/// What the store does for a user by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum AutoAction {
    /// Send on each message that comes.
    AutoForward(AutoForward),
    /// Send on each message that has not been fetched in time.
    DelayedAutoForward(DelayedAutoForward),
    /// Tell whoever is bound of each entry that comes.
    AutoAlert(AutoAlert),
    /// Delete what was given a storage-period or storage-time that is over.
    AutoDelete,
    /// Add to what was submitted which reports came of it.
    AutoCorrelateReports,
    /// Add to messages which others name them.
    IpmAutoCorrelate,
    /// Send the receipts that originators ask for.
    IpmAutoAcknowledgement(AutoAcknowledgement),
    /// Throw away messages that expire, or that others take the place of.
    IpmAutoDiscard(AutoDiscard),
}

/// What is sent on, to whom and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AutoForward {
    /// Which messages, in the language of `restante ua search`; all where nothing is said.
    #[schema(example = "priority = urgent")]
    pub(crate) filter: Option<String>,
    /// Who gets them: O/R addresses in any form; 512 at most.
    #[schema(min_items = 1, max_items = 512)]
    pub(crate) to: Vec<String>,
    /// A text in front of the message: of IA5, that is without letters beyond ASCII.
    #[schema(max_length = 32768)]
    pub(crate) cover_note: Option<String>,
    /// What a non-receipt notification to the originator says.
    #[schema(max_length = 256)]
    pub(crate) comment: Option<String>,
    /// What the identifiers of the forwarding messages begin with.
    #[schema(max_length = 32)]
    pub(crate) prefix: Option<String>,
    /// The content-identifier; the message's where nothing is said.
    #[schema(max_length = 16)]
    pub(crate) content_identifier: Option<String>,
    /// The priority; the message's where nothing is said.
    pub(crate) priority: Option<Urgency>,
    /// The per-message-indicators; the message's where nothing is said.
    pub(crate) indicators: Option<Vec<Indicator>>,
    /// Whether the entry is deleted then.
    pub(crate) delete: bool,
}

/// What is sent on where it has not been fetched in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DelayedAutoForward {
    /// How long it may lie there, seconds.
    #[schema(minimum = 1)]
    pub(crate) delay_s: u32,
    /// What is sent on, to whom and how.
    pub(crate) forward: AutoForward,
}

/// Of what is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AutoAlert {
    /// Of which entries, in the language of `restante ua search`; all where nothing is said.
    pub(crate) filter: Option<String>,
    /// Which attributes are told, by the names that filters have; the user's defaults of List
    /// where nothing is said.
    #[schema(example = json!(["priority", "from", "subject"]), max_items = 512)]
    pub(crate) attributes: Option<Vec<String>>,
}

/// How receipts are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AutoAcknowledgement {
    /// A text in each of them.
    #[schema(max_length = 256)]
    pub(crate) text: Option<String>,
}

/// What is thrown away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AutoDiscard {
    /// Among which messages, in the language of `restante ua search`; all where nothing is said.
    pub(crate) filter: Option<String>,
    /// Those that expire.
    pub(crate) expired: bool,
    /// Those that another one says it takes the place of.
    pub(crate) obsoleted: bool,
    /// Of these, only where both have the same originator.
    pub(crate) same_originator: bool,
}

/// A per-message-indicator (X.411 §8.2.1.1.1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Indicator {
    /// Recipients may know of each other.
    DisclosureOfOtherRecipients,
    /// The content is left as it is.
    ImplicitConversionProhibited,
    /// Somebody else may get it.
    AlternateRecipientAllowed,
    /// The content comes back when it can't be delivered.
    ContentReturnRequest,
}

impl Indicator {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [
        Self::DisclosureOfOtherRecipients,
        Self::ImplicitConversionProhibited,
        Self::AlternateRecipientAllowed,
        Self::ContentReturnRequest,
    ];

    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DisclosureOfOtherRecipients => "disclosure-of-other-recipients",
            Self::ImplicitConversionProhibited => "implicit-conversion-prohibited",
            Self::AlternateRecipientAllowed => "alternate-recipient-allowed",
            Self::ContentReturnRequest => "content-return-request",
        }
    }

    fn bit(self) -> usize {
        match self {
            Self::DisclosureOfOtherRecipients => {
                PerMessageIndicators::DISCLOSURE_OF_OTHER_RECIPIENTS
            }
            Self::ImplicitConversionProhibited => {
                PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED
            }
            Self::AlternateRecipientAllowed => PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED,
            Self::ContentReturnRequest => PerMessageIndicators::CONTENT_RETURN_REQUEST,
        }
    }
}

/// The auto-action-type of a name in the API, or of an object identifier.
pub(super) fn type_of(name: &str) -> Option<Oid> {
    let known = [
        ms::ID_ACT_IPM_AUTO_FORWARD,
        ms::ID_ACT_AUTO_ALERT,
        ms::ID_ACT_AUTO_CORRELATE_REPORTS,
        ms::ID_ACT_AUTO_DELETE,
        ms::ID_ACT_AUTO_MODIFY,
        ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT,
        ipms::ID_AA_IPM_AUTO_CORRELATE,
        ipms::ID_AA_IPM_AUTO_DISCARD,
        ipms::ID_AA_IPM_AUTO_ADVISE,
        DELAYED_AUTO_FORWARD,
    ];
    known.into_iter().find(|oid| name_of(oid) == name).or_else(|| name.parse().ok())
}

/// What an auto-action-type is called in the API.
pub(crate) fn name_of(auto_action_type: &Oid) -> String {
    match auto_action_name(auto_action_type) {
        Some(name) => name.to_owned(),
        None if *auto_action_type == DELAYED_AUTO_FORWARD => DELAYED.to_owned(),
        None => auto_action_type.to_string(),
    }
}

impl AutoAction {
    /// Its auto-action-type.
    pub(super) fn oid(&self) -> Oid {
        match self {
            Self::AutoForward(_) => ms::ID_ACT_IPM_AUTO_FORWARD,
            Self::DelayedAutoForward(_) => DELAYED_AUTO_FORWARD,
            Self::AutoAlert(_) => ms::ID_ACT_AUTO_ALERT,
            Self::AutoDelete => ms::ID_ACT_AUTO_DELETE,
            Self::AutoCorrelateReports => ms::ID_ACT_AUTO_CORRELATE_REPORTS,
            Self::IpmAutoCorrelate => ipms::ID_AA_IPM_AUTO_CORRELATE,
            Self::IpmAutoAcknowledgement(_) => ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT,
            Self::IpmAutoDiscard(_) => ipms::ID_AA_IPM_AUTO_DISCARD,
        }
    }

    /// On which entries it is done, in words; `None` where that can't be said, or on all.
    pub(crate) fn filter(&self) -> Option<&str> {
        match self {
            Self::AutoForward(forward) => forward.filter.as_deref(),
            Self::DelayedAutoForward(later) => later.forward.filter.as_deref(),
            Self::AutoAlert(alert) => alert.filter.as_deref(),
            Self::IpmAutoDiscard(discard) => discard.filter.as_deref(),
            _ => None,
        }
    }

    /// The registration of a user's with this number.
    pub(super) fn registration(
        &self,
        number: u32,
        user: &ORName,
    ) -> Result<AutoActionRegistration, ApiError> {
        let parameter = match self {
            Self::AutoForward(forward) => Some(AttributeValue::of(&forward.parameter(user)?)),
            Self::DelayedAutoForward(later) => {
                let forward = later.forward.parameter(user)?;
                let delay = later.delay_s;
                Some(AttributeValue::of(&DelayedAutoForwardParameter { delay, forward }))
            }
            Self::AutoAlert(alert) => Some(AttributeValue::of(&alert.parameter()?)),
            Self::AutoDelete | Self::AutoCorrelateReports | Self::IpmAutoCorrelate => None,
            Self::IpmAutoAcknowledgement(AutoAcknowledgement { text }) => {
                let parameter = IPMAutoAcknowledgementRegistrationParameter {
                    auto_acknowledge_suppl_receipt_info: printable("text", text, TEXT_MAX)?,
                    submission_options: None,
                };
                Some(AttributeValue::of(&parameter))
            }
            Self::IpmAutoDiscard(discard) => {
                let parameter = IPMAutoDiscardRegistrationParameter {
                    filter: parsed(discard.filter.as_deref())?,
                    submission_options: None,
                    auto_discard_expired_ipms: discard.expired,
                    auto_discard_obsoleted_ipms: discard.obsoleted,
                    restrict_obsoleting_to_originator: discard.same_originator,
                };
                Some(AttributeValue::of(&parameter))
            }
        };
        Ok(AutoActionRegistration {
            auto_action_type: self.oid(),
            registration_identifier: number,
            registration_parameter: parameter,
        })
    }

    /// What a registration says, as far as the fields go; `None` where there are none for it.
    pub(super) fn of(registration: &AutoActionRegistration) -> Option<Self> {
        let octets = || Some(registration.registration_parameter.as_ref()?.octets());
        Some(match &registration.auto_action_type {
            oid if *oid == ms::ID_ACT_IPM_AUTO_FORWARD => {
                Self::AutoForward(AutoForward::of(Decode::from_bytes(&octets()?).ok()?)?)
            }
            oid if *oid == DELAYED_AUTO_FORWARD => {
                let later = DelayedAutoForwardParameter::from_bytes(&octets()?).ok()?;
                let (delay_s, forward) = (later.delay, AutoForward::of(later.forward)?);
                Self::DelayedAutoForward(DelayedAutoForward { delay_s, forward })
            }
            oid if *oid == ms::ID_ACT_AUTO_ALERT => {
                Self::AutoAlert(AutoAlert::of(&Decode::from_bytes(&octets()?).ok()?))
            }
            oid if *oid == ms::ID_ACT_AUTO_DELETE => Self::AutoDelete,
            oid if *oid == ms::ID_ACT_AUTO_CORRELATE_REPORTS => Self::AutoCorrelateReports,
            oid if *oid == ipms::ID_AA_IPM_AUTO_CORRELATE => Self::IpmAutoCorrelate,
            oid if *oid == ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT => {
                let parameter =
                    IPMAutoAcknowledgementRegistrationParameter::from_bytes(&octets()?);
                let text = parameter.ok()?.auto_acknowledge_suppl_receipt_info;
                Self::IpmAutoAcknowledgement(AutoAcknowledgement { text: text.map(|text| text.0) })
            }
            oid if *oid == ipms::ID_AA_IPM_AUTO_DISCARD => {
                let parameter =
                    IPMAutoDiscardRegistrationParameter::from_bytes(&octets()?).ok()?;
                Self::IpmAutoDiscard(AutoDiscard {
                    filter: parameter.filter.as_ref().map(filter::print),
                    expired: parameter.auto_discard_expired_ipms,
                    obsoleted: parameter.auto_discard_obsoleted_ipms,
                    same_originator: parameter.restrict_obsoleting_to_originator,
                })
            }
            _ => return None,
        })
    }
}

impl AutoForward {
    fn parameter(&self, user: &ORName) -> Result<AutoForwardRegistration, ApiError> {
        if !(1..=RECIPIENTS_MAX).contains(&self.to.len()) {
            return Err(ApiError::invalid(format!("name 1 to {RECIPIENTS_MAX} recipients in to")));
        }
        let recipient = |to: &String| {
            let address: Result<ORAddress, _> = to.parse();
            address.map_err(|error| {
                ApiError::invalid(format!("to: {to:?} is no O/R address: {error}"))
            })
        };
        let note = ascii("cover_note", &self.cover_note, NOTE_MAX, |c| "\t\n\r".contains(c))?;
        let identifier = &self.content_identifier;
        let identifier = printable("content_identifier", identifier, CONTENT_IDENTIFIER_MAX)?;
        let bits = |all: &Vec<Indicator>| all.iter().map(|one| one.bit()).collect::<Vec<_>>();
        let said = auto_forward::AutoForward {
            filter: parsed(self.filter.as_deref())?,
            recipients: self.to.iter().map(recipient).collect::<Result<_, _>>()?,
            cover_note: note.map(str::to_owned),
            comment: printable("comment", &self.comment, TEXT_MAX)?,
            prefix: printable("prefix", &self.prefix, PREFIX_MAX)?,
            content_identifier: identifier.map(ContentIdentifier),
            priority: self.priority.map(Urgency::number),
            indicators: self.indicators.as_ref().map(|all| PerMessageIndicators::of(bits(all))),
            delete: self.delete,
            later: None,
        };
        Ok(said.registration(user))
    }

    fn of(registration: AutoForwardRegistration) -> Option<Self> {
        use restante_mhs::x420::IPMAutoForwardOptions as Options;
        let to = |name: &ORName| name.address.to_string();
        Some(match registration {
            AutoForwardRegistration::Parameter88(parameter) => {
                let information = parameter.information().ok()?;
                let arguments = parameter.auto_forward_arguments;
                let recipients = arguments.per_recipient_fields.iter();
                Self {
                    filter: parameter.filter.as_ref().map(filter::print),
                    to: recipients.map(|one| to(&one.recipient_name)).collect(),
                    cover_note: information
                        .ia5_cover_note
                        .and_then(|note| BodyPart::Ia5Text(note).text())
                        .map(|note| note.replace("\r\n", "\n")),
                    comment: information.auto_forwarding_comment.map(|text| text.0),
                    prefix: information.this_ipm_prefix.map(|text| text.0),
                    content_identifier: arguments.content_identifier.map(|text| text.0.0),
                    priority: arguments.priority.and_then(Urgency::of),
                    indicators: arguments.per_message_indicators.as_ref().map(indicators),
                    delete: parameter.delete_after_auto_forwarding,
                }
            }
            AutoForwardRegistration::Parameter94(parameter) => {
                let options = &parameter.ipm_auto_forward_options;
                let heading = &parameter.forwarding_heading;
                let envelope = &parameter.forwarding_envelope;
                let recipients = envelope.per_recipient_fields.iter();
                Self {
                    filter: parameter.filter.as_ref().map(filter::print),
                    to: recipients.map(|one| to(&one.recipient_name)).collect(),
                    cover_note: parameter.forwarding_cover_note.as_ref().and_then(BodyPart::text),
                    comment: parameter.nrn_comment.as_ref().map(|text| text.0.clone()),
                    prefix: Some(heading.this_ipm.user_relative_identifier.0.clone())
                        .filter(|prefix| !prefix.is_empty()),
                    content_identifier: envelope
                        .content_identifier
                        .as_ref()
                        .map(|text| text.0.0.clone()),
                    // Whether they are said, or are those of the message, is not looked at.
                    priority: None,
                    indicators: None,
                    delete: options.has(Options::DELETE_DELIVERED_OBJECT),
                }
            }
        })
    }
}

fn indicators(set: &PerMessageIndicators) -> Vec<Indicator> {
    Indicator::ALL.into_iter().filter(|one| set.has(one.bit())).collect()
}

impl AutoAlert {
    fn parameter(&self) -> Result<AutoAlertRegistrationParameter, ApiError> {
        let attribute = |name: &String| {
            let oid = filter::attribute(name);
            oid.map(Into::into).ok_or_else(|| {
                ApiError::invalid(format!("attributes: no attribute is called {name:?}"))
            })
        };
        let attributes = self.attributes.as_ref();
        let requested = attributes.map(|all| all.iter().map(attribute).collect());
        Ok(AutoAlertRegistrationParameter {
            filter: parsed(self.filter.as_deref())?,
            alert_destinations: None,
            requested_attributes: requested.transpose()?,
            suppress_alert_destinations: true,
        })
    }

    fn of(parameter: &AutoAlertRegistrationParameter) -> Self {
        let names = parameter
            .requested_attributes
            .as_ref()
            .map(|requested| requested.0.iter().map(|one| filter::name(&one.r#type)).collect());
        Self { filter: parameter.filter.as_ref().map(filter::print), attributes: names }
    }
}

/// A filter in words; none where nothing is said.
pub(crate) fn parsed(text: Option<&str>) -> Result<Option<Filter>, ApiError> {
    let text = text.filter(|text| !text.trim().is_empty());
    let parsed = text.map(|text| filter::parse(text, &ZonedDateTime::now())).transpose();
    parsed.map_err(|error| ApiError::invalid(error.to_string()))
}

/// A text of a field in ASCII; none where it is empty.
fn ascii<'a>(
    field: &str,
    text: &'a Option<String>,
    most: usize,
    may: impl Fn(char) -> bool,
) -> Result<Option<&'a str>, ApiError> {
    let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
    if !text.chars().all(|c| matches!(c, ' '..='~') || may(c)) {
        let text = format!("{field} takes letters, digits and signs of ASCII alone");
        return Err(ApiError::invalid(text));
    }
    match text.len() > most {
        true => Err(ApiError::invalid(format!("{field} takes {most} characters at most"))),
        false => Ok(Some(text)),
    }
}

fn printable(
    field: &str,
    text: &Option<String>,
    most: usize,
) -> Result<Option<PrintableString>, ApiError> {
    Ok(ascii(field, text, most, |_| false)?.map(PrintableString::from))
}

impl Urgency {
    /// The one of a priority.
    fn of(priority: Priority) -> Option<Self> {
        let all = [Self::Normal, Self::NonUrgent, Self::Urgent];
        all.into_iter().find(|one| one.number() == priority)
    }
}
