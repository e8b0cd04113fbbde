//! Heading and recipient extensions (X.420 Annex A, module IPMSHeadingExtensions): those that
//! index and display read. All others are carried as they came.

use super::{BodyPart, ExtensionsField, IPMSExtension, ORDescriptor, oids};
use crate::x413::string_text;
use restante_ber::{
    Any, Decode, Encode, GeneralizedTime, Oid, PrintableString, Result, SetOf, UtcTime,
    enumerated, sequence,
};

enumerated! {
    /// Whether a machine wrote the message; value of auto-submitted.
    pub struct AutoSubmitted {
        /// A person.
        NOT_AUTO_SUBMITTED = 0,
        /// A machine.
        AUTO_GENERATED = 1,
        /// A machine, in reply.
        AUTO_REPLIED = 2,
    }
}

sequence! { IMPLICIT TAGS;
    /// That the user is away; value of absence-advice (1999).
    pub struct AbsenceAdvice {
        /// What the user says.
        advice: Option<BodyPart>,
        /// When the user is back.
        next_available: Option<UtcTime>,
    }
}

sequence! { IMPLICIT TAGS;
    /// That the user has another address; value of change-of-address-advice (1999).
    pub struct ChangeOfAddressAdvice {
        /// Which.
        new_address: ORDescriptor [0],
        /// From when on.
        effective_from: Option<UtcTime> [1],
    }
}

/// When a message was authorized; value of authorization-time.
pub type AuthorizationTime = GeneralizedTime;

/// The languages of a message; value of languages.
pub type Languages = SetOf<PrintableString>;

/// How urgently a recipient is to be dealt with, 0 to 127; value of precedence.
pub type Precedence = i64;

impl IPMSExtension {
    /// An extension.
    pub fn new(r#type: Oid, value: &impl Encode) -> Self {
        Self { r#type, value: Any::of(value) }
    }
}

/// The value of an extension, where it is there.
///
/// # Errors
/// When the value is not of the type.
pub fn extension<T: Decode>(extensions: &ExtensionsField, r#type: &Oid) -> Option<Result<T>> {
    extensions.0.iter().find(|extension| extension.r#type == *r#type).map(|found| found.value.to())
}

/// The subject in ISO 10646, a UniversalOrBMPString of X.411, where it is there and well formed.
pub fn extended_subject(extensions: &ExtensionsField) -> Option<String> {
    let value: Any = extension(extensions, &oids::ID_HEX_EXTENDED_SUBJECT)?.ok()?;
    string_text(&value.element().ok()?).ok()
}

/// The standard's name of a heading, recipient or notification extension, `extended-subject`.
pub fn extension_name(r#type: &Oid) -> Option<&'static str> {
    let dotted = r#type.to_string();
    include_str!("../../data/ipms_extensions.tsv").lines().find_map(|line| {
        let mut fields = line.split('\t');
        let name = fields.next()?;
        (fields.nth(1)? == dotted).then_some(name)
    })
}
