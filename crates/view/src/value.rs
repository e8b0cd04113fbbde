//! Values of attributes by the table of attribute-types: text, numbers and times where the syntax
//! is one of these, the octets of the encoding where it is something else.

use std::fmt::Write as _;

use restante_ber::{
    Any, BitString, Decode, GeneralizedTime, Oid, Reader, Result, Rope, Tag, UtcTime,
};
use restante_mhs::p772::{self, MMHSPrecedence};
use restante_mhs::x411::{
    ContentIdentifier, ConversionWithLossProhibited, DLExpansionProhibited, MTSIdentifier, ORName,
    Priority, ProofOfDeliveryRequest, RecipientReassignmentProhibited, SecurityClassification,
};
use restante_mhs::x413::attributes::{AttributeDescription, SyntaxKind, by_oid};
use restante_mhs::x413::{AttributeValue, EntryType, RetrievalStatus};
use restante_mhs::x420::{
    AcknowledgmentMode, AutoSubmitted, DiscardReason, IPMEntryType, IPMIdentifier, Importance,
    NonReceiptReason, ORDescriptor, RecipientCategory, RecipientSpecifier, Sensitivity, text,
};

use crate::{Value, names};

/// How many octets of an encoding are shown.
const SHOWN_OCTETS: usize = 32;

/// No syntax names a number as high as this.
const NAMED_CODES_MAX: i64 = 18;

/// The name of an attribute-type; the object identifier where it is none of the standards'.
pub fn name(attribute: &Oid) -> String {
    by_oid(attribute).map_or_else(|| attribute.to_string(), |row| row.name.to_owned())
}

/// A value of an attribute; what is not of its syntax is shown as octets.
pub fn value(attribute: &Oid, value: &AttributeValue) -> Value {
    by_oid(attribute)
        .and_then(|description| typed(description, value).ok())
        .unwrap_or_else(|| octets(&value.octets()))
}

fn typed(description: &AttributeDescription, value: &AttributeValue) -> Result<Value> {
    Ok(match description.kind {
        SyntaxKind::Other if let Some(military) = military(description.syntax, value)? => {
            military.into()
        }
        SyntaxKind::Integer => integer(description.syntax, value)?,
        SyntaxKind::Boolean => Value::Flag(value.to()?),
        SyntaxKind::Null => Value::Flag(true),
        SyntaxKind::ObjectIdentifier => shown::<Oid>(value)?,
        SyntaxKind::UtcTime => value.to::<UtcTime>()?.into(),
        SyntaxKind::GeneralizedTime => {
            Value::Time(value.to::<GeneralizedTime>()?.0.div_euclid(1_000_000))
        }
        SyntaxKind::String => string(value)?,
        SyntaxKind::StringList => {
            let parts: Vec<Any> = value.to()?;
            let parts = parts.iter().map(|part| string(&AttributeValue::of(part)));
            Value::List(parts.collect::<Result<_>>()?)
        }
        SyntaxKind::BitString => {
            let bits = value.to::<BitString>()?;
            Value::List(bits.ones().map(Value::from).collect())
        }
        SyntaxKind::OctetString => format!("{} octets", value.to::<Rope>()?.len()).into(),
        SyntaxKind::ORName => shown::<ORName>(value)?,
        SyntaxKind::MTSIdentifier => shown::<MTSIdentifier>(value)?,
        SyntaxKind::IPMIdentifier => names::ipm_identifier(&value.to::<IPMIdentifier>()?).into(),
        SyntaxKind::ORDescriptor => names::descriptor(&value.to::<ORDescriptor>()?).into(),
        SyntaxKind::RecipientSpecifier => {
            names::descriptor(&value.to::<RecipientSpecifier>()?.recipient).into()
        }
        SyntaxKind::CirculationMember
        | SyntaxKind::DistributionCode
        | SyntaxKind::InformationCategory
        | SyntaxKind::Other => octets(&value.octets()),
    })
}

/// Values of military messages that are more than a word.
fn military(syntax: &str, value: &AttributeValue) -> Result<Option<String>> {
    Ok(Some(match syntax {
        "MessageType" => value.to::<p772::MessageType>()?.to_string(),
        "DistributionCodes" => value.to::<p772::DistributionCodes>()?.to_string(),
        "OtherRecipientDesignator" => value.to::<p772::OtherRecipientDesignator>()?.to_string(),
        "AddressListDesignator" => {
            let list = value.to::<p772::AddressListDesignator>()?;
            format!("{}: {}", list.r#type, names::descriptor(&list.list_name))
        }
        _ => return Ok(None),
    }))
}

fn shown<T: Decode + ToString>(value: &AttributeValue) -> Result<Value> {
    Ok(value.to::<T>()?.to_string().into())
}

/// A number, by its name where the standard gives it one.
pub(crate) fn integer(syntax: &str, value: &AttributeValue) -> Result<Value> {
    let number = match syntax {
        "Priority" => value.to::<Priority>()?.0,
        _ => {
            // INTEGER or ENUMERATED: the contents are the same.
            let octets = value.octets();
            let element = Reader::new(&octets).only()?;
            match element.tag {
                Tag::INTEGER | Tag::ENUMERATED => i64::decode_contents(&element)?,
                _ => i64::decode(&element)?,
            }
        }
    };
    Ok(code_name(syntax, number).map_or_else(|| number.into(), Into::into))
}

/// The standard's name of a number of a syntax.
fn code_name(syntax: &str, number: i64) -> Option<String> {
    match syntax {
        "EntryType" => EntryType(number).name(),
        "RetrievalStatus" => RetrievalStatus(number).name(),
        "Priority" => Priority(number).name(),
        "SecurityClassification" => SecurityClassification(number).name(),
        "ConversionWithLossProhibited" => ConversionWithLossProhibited(number).name(),
        "DLExpansionProhibited" => DLExpansionProhibited(number).name(),
        "RecipientReassignmentProhibited" => RecipientReassignmentProhibited(number).name(),
        "ProofOfDeliveryRequest" => ProofOfDeliveryRequest(number).name(),
        "IPMEntryType" => IPMEntryType(number).name(),
        "ImportanceField" => Importance(number).name(),
        "SensitivityField" => Sensitivity(number).name(),
        "AutoSubmitted" => AutoSubmitted(number).name(),
        "NonReceiptReasonField" => NonReceiptReason(number).name(),
        "DiscardReasonField" => DiscardReason(number).name(),
        "AcknowledgmentModeField" => AcknowledgmentMode(number).name(),
        "MMHSPrecedence" => MMHSPrecedence(number).name(),
        "RecipientCategory" => RecipientCategory(number).name(),
        _ => None,
    }
}

/// The numbers of a syntax that have names, with these.
pub(crate) fn codes(syntax: &str) -> Vec<(String, i64)> {
    (0..NAMED_CODES_MAX).filter_map(|code| Some((code_name(syntax, code)?, code))).collect()
}

/// A character string of any type.
fn string(value: &AttributeValue) -> Result<Value> {
    if let Ok(identifier) = value.to::<ContentIdentifier>() {
        return Ok(identifier.0.to_string().into());
    }
    let octets = value.octets();
    let element = Reader::over(&octets).only()?;
    let contents = Rope::decode_contents(&element)?.to_bytes();
    Ok(match element.tag {
        tag if tag == Tag::universal(20) => text::from_teletex(&contents),
        tag if tag == Tag::universal(12) => String::from_utf8_lossy(&contents).into_owned(),
        _ => text::from_general(&contents, &[]),
    }
    .into())
}

/// An encoding: how long it is, and how it begins.
pub(crate) fn octets(octets: &[u8]) -> Value {
    let mut shown = format!("{} octets:", octets.len());
    for octet in octets.iter().take(SHOWN_OCTETS) {
        let _ = write!(shown, " {octet:02x}");
    }
    if octets.len() > SHOWN_OCTETS {
        shown.push_str(" …");
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use restante_ber::{Encode, TeletexString};
    use restante_mhs::x413::attributes::by_name;

    #[track_caller]
    fn shown_as(name: &str, encoded: &impl Encode, expected: &str) {
        let value = value(&by_name(name).unwrap().oid, &AttributeValue::of(encoded));
        assert_eq!(value.line(&TimeZone::UTC), expected);
    }

    #[test]
    fn values_of_each_kind() {
        shown_as("ms-entry-type", &EntryType::DELIVERED_REPORT, "delivered-report");
        shown_as("ms-entry-type", &EntryType(99), "99");
        shown_as("ms-content-length", &4711i64, "4711");
        shown_as("mt-priority", &Priority::URGENT, "urgent");
        shown_as("ms-content-returned", &true, "yes");
        shown_as("ms-creation-time", &UtcTime(0), "1970-01-01 00:00:00");
        shown_as("subject", &TeletexString::from("Weather"), "Weather");
        shown_as("mt-content-type", &restante_ber::oid!(2, 6, 1, 10, 1), "2.6.1.10.1");
        shown_as("mt-content", &Rope::from(vec![1, 2, 3]), "3 octets");
        shown_as("ms-content-length", &true, "3 octets: 01 01 ff");
    }
}
