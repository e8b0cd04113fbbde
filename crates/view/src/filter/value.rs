//! Values in filters by the syntax of their attribute: read from words, and shown as what is read
//! back as the same.

use jiff::{ZonedDateTime, tz::TimeZone};
use restante_ber::{
    BitString, BmpString, Encode, GeneralString, GeneralizedTime, Oid, PrintableString, Tag,
    TeletexString, UniversalString, UtcTime, Writer,
};
use restante_mhs::x411::{
    AdministrationDomainName, ContentIdentifier, GlobalDomainIdentifier, MTSIdentifier, ORAddress,
    ORName, Priority,
};
use restante_mhs::x413::attributes::{AttributeDescription, SyntaxKind};
use restante_mhs::x413::{AttributeValue, MatchingRule, MessageGroupName, string_text};
use restante_mhs::x420::{IPMIdentifier, ORDescriptor, RecipientSpecifier, text};

use crate::{names, time, value};

/// Integer syntaxes that are ENUMERATED.
const ENUMERATED: [&str; 12] = [
    "AcknowledgmentModeField",
    "AutoSubmitted",
    "ConversionWithLossProhibited",
    "DLExpansionProhibited",
    "DiscardReasonField",
    "IPMEntryType",
    "ImportanceField",
    "NonReceiptReasonField",
    "ProofOfDeliveryRequest",
    "RecipientReassignmentProhibited",
    "ReportSummary",
    "SensitivityField",
];

/// A value from its words; `step` is added to it where its syntax counts.
///
/// # Errors
/// What may stand there.
pub(super) fn read(
    row: &AttributeDescription,
    words: &str,
    now: &ZonedDateTime,
    step: i64,
) -> Result<AttributeValue, String> {
    let beyond = || format!("there is nothing beyond {words}");
    Ok(match row.kind {
        SyntaxKind::Integer => {
            let number = integer(row.syntax, words)?.checked_add(step).ok_or_else(beyond)?;
            encoded_integer(row.syntax, number)
        }
        SyntaxKind::UtcTime => {
            let seconds = time_of(words, now)?.as_second();
            let time = UtcTime(seconds.checked_add(step).ok_or_else(beyond)?);
            // Two digits say the year.
            match UtcTime::parse(time.text().as_bytes()) == Ok(time) {
                true => AttributeValue::of(&time),
                false => return Err("this time lies from 1950 to 2049".into()),
            }
        }
        SyntaxKind::GeneralizedTime => {
            let us = time_of(words, now)?.as_microsecond();
            AttributeValue::of(&GeneralizedTime(us.checked_add(step).ok_or_else(beyond)?))
        }
        _ => read_plain(row, words)?,
    })
}

fn read_plain(row: &AttributeDescription, words: &str) -> Result<AttributeValue, String> {
    Ok(match row.kind {
        SyntaxKind::Boolean => AttributeValue::of(&match words.to_ascii_lowercase().as_str() {
            "yes" => true,
            "no" => false,
            _ => return Err("here may stand yes or no".into()),
        }),
        SyntaxKind::ObjectIdentifier => AttributeValue::of(&object_identifier(row.name, words)?),
        SyntaxKind::String if row.syntax == "ContentIdentifier" => {
            AttributeValue::of(&ContentIdentifier(PrintableString::from(words)))
        }
        SyntaxKind::String => string(words),
        SyntaxKind::StringList => {
            let parts = words.split('/').map(|part| GeneralString(latin1(&to_general(part))));
            AttributeValue::of::<MessageGroupName>(&parts.collect())
        }
        SyntaxKind::BitString => {
            let bits = words.split('+').map(|bit| bit.parse::<u8>().map(usize::from));
            let bits = bits.collect::<Result<Vec<_>, _>>();
            let bits = bits.map_err(|_| "write the numbers of the bits that are set: 0+2")?;
            AttributeValue::of(&BitString::of_bits(bits))
        }
        SyntaxKind::ORName => AttributeValue::of(&name(words)?),
        SyntaxKind::MTSIdentifier => AttributeValue::of(&mts_identifier(words)?),
        SyntaxKind::IPMIdentifier => AttributeValue::of(&ipm_identifier(words)),
        SyntaxKind::ORDescriptor => AttributeValue::of(&descriptor(words)),
        SyntaxKind::RecipientSpecifier => {
            let recipient = descriptor(words);
            AttributeValue::of(&RecipientSpecifier { recipient, ..Default::default() })
        }
        _ => return Err(format!("{} has no value in words; write #hex", row.name)),
    })
}

/// A value for a matching-rule, `None` where it has none in words.
pub(super) fn of_rule(rule: Option<&MatchingRule>, words: &str) -> Option<AttributeValue> {
    match rule?.name {
        "mSStringMatch"
        | "mSStringOrderingMatch"
        | "mSStringCaseSensitiveMatch"
        | "mSSingleSubstringMatch"
        | "oRNameSingleElementMatch"
        | "oRDescriptorSingleElementMatch"
        | "recipientSpecifierSingleElementMatch"
        | "redirectionOrDLExpansionSingleElementMatch"
        | "circulationMemberSingleElementMatch" => Some(string(words)),
        "oRNameMatch" | "oRNameElementsMatch" | "oRNameSubstringElementsMatch" => {
            name(words).ok().map(|name| AttributeValue::of(&name))
        }
        "valueCountMatch" => words.parse::<i64>().ok().map(|count| AttributeValue::of(&count)),
        _ => None,
    }
}

/// A value in words, and whether they stand in quotes; `None` where it has none.
pub(super) fn words(row: &AttributeDescription, value: &AttributeValue) -> Option<(String, bool)> {
    let bare = |words: String| Some((words, false));
    let quoted = |words: String| Some((words, true));
    match row.kind {
        SyntaxKind::Integer => bare(value::integer(row.syntax, value).ok()?.line(&TimeZone::UTC)),
        SyntaxKind::Boolean => bare(if value.to().ok()? { "yes" } else { "no" }.into()),
        SyntaxKind::ObjectIdentifier => {
            let oid: Oid = value.to().ok()?;
            let named = names::object_identifiers(row.name);
            let named = named.iter().find(|(_, named)| *named == oid).map(|(name, _)| *name);
            bare(named.map_or_else(|| oid.to_string(), ToOwned::to_owned))
        }
        SyntaxKind::UtcTime => bare(time::utc(value.to::<UtcTime>().ok()?.0)),
        SyntaxKind::GeneralizedTime => {
            let us = value.to::<GeneralizedTime>().ok()?.0;
            bare(jiff::Timestamp::from_microsecond(us).ok()?.to_string())
        }
        SyntaxKind::String => quoted(text_of(value)?),
        SyntaxKind::StringList => {
            let parts = value.to::<MessageGroupName>().ok()?;
            let parts = parts.iter().map(|part| text::from_general(&text::octets(&part.0), &[]));
            quoted(parts.collect::<Vec<_>>().join("/"))
        }
        SyntaxKind::BitString => {
            let bits = value.to::<BitString>().ok()?;
            bare(bits.ones().map(|bit| bit.to_string()).collect::<Vec<_>>().join("+"))
        }
        SyntaxKind::ORName => quoted(value.to::<ORName>().ok()?.to_string()),
        SyntaxKind::MTSIdentifier => quoted(value.to::<MTSIdentifier>().ok()?.to_string()),
        SyntaxKind::IPMIdentifier => {
            quoted(names::ipm_identifier(&value.to::<IPMIdentifier>().ok()?))
        }
        SyntaxKind::ORDescriptor => quoted(names::descriptor(&value.to().ok()?)),
        SyntaxKind::RecipientSpecifier => {
            quoted(names::descriptor(&value.to::<RecipientSpecifier>().ok()?.recipient))
        }
        _ => None,
    }
}

/// Whether two values say the same: of strings the type does not count, of O/R addresses a blank
/// ADMD, whose text leaves it out.
pub(super) fn same(
    row: &AttributeDescription,
    one: &AttributeValue,
    other: &AttributeValue,
) -> bool {
    let name = |name: &ORName| (name.address.key(), name.directory_name.clone());
    let both = match row.kind {
        SyntaxKind::String => text_of(one).zip(text_of(other)).map(|(one, other)| one == other),
        SyntaxKind::ORName => {
            let read = |value: &AttributeValue| value.to::<ORName>().ok().as_ref().map(name);
            read(one).zip(read(other)).map(|(one, other)| one == other)
        }
        SyntaxKind::IPMIdentifier => {
            let read = |value: &AttributeValue| {
                let IPMIdentifier { user, user_relative_identifier } = value.to().ok()?;
                Some((user.as_ref().map(name), user_relative_identifier))
            };
            read(one).zip(read(other)).map(|(one, other)| one == other)
        }
        SyntaxKind::ORDescriptor => descriptors(one.to().ok(), other.to().ok()),
        SyntaxKind::RecipientSpecifier => {
            let recipient = |value: &AttributeValue| {
                value.to::<RecipientSpecifier>().ok().map(|specifier| specifier.recipient)
            };
            descriptors(recipient(one), recipient(other))
        }
        _ => Some(one == other),
    };
    both.unwrap_or(false)
}

fn descriptors(one: Option<ORDescriptor>, other: Option<ORDescriptor>) -> Option<bool> {
    let parts = |descriptor: ORDescriptor| {
        let ORDescriptor { formal_name, free_form_name, telephone_number } = descriptor;
        let formal = formal_name.map(|name| (name.address.key(), name.directory_name));
        (formal, free_form_name, telephone_number)
    };
    Some(parts(one?) == parts(other?))
}

/// The text of a value that is a character string of any type.
pub(super) fn text_of(value: &AttributeValue) -> Option<String> {
    if let Ok(identifier) = value.to::<ContentIdentifier>() {
        return Some(identifier.0.0);
    }
    let octets = value.octets();
    string_text(&restante_ber::Reader::over(&octets).only().ok()?).ok()
}

/// A number, or the standard's name of one.
fn integer(syntax: &str, words: &str) -> Result<i64, String> {
    if let Ok(number) = words.parse() {
        return Ok(number);
    }
    let named = value::codes(syntax);
    match named.iter().find(|(name, _)| name.eq_ignore_ascii_case(words)) {
        Some((_, number)) => Ok(*number),
        None if named.is_empty() => Err("here may stand a number".into()),
        None => {
            let names: Vec<_> = named.into_iter().map(|(name, _)| name).collect();
            Err(format!("here may stand {}, or a number", names.join(", ")))
        }
    }
}

fn encoded_integer(syntax: &str, number: i64) -> AttributeValue {
    if syntax == "Priority" {
        return AttributeValue::of(&Priority(number));
    }
    let tag = if ENUMERATED.contains(&syntax) { Tag::ENUMERATED } else { Tag::INTEGER };
    let mut writer = Writer::new();
    number.encode_as(tag, &mut writer);
    AttributeValue(writer.finish())
}

fn time_of(words: &str, now: &ZonedDateTime) -> Result<jiff::Timestamp, String> {
    time::parse(words, now).ok_or_else(|| format!("here may stand a time: {}", time::FORMS))
}

/// By name or by numbers.
fn object_identifier(attribute: &str, words: &str) -> Result<Oid, String> {
    let named = names::object_identifiers(attribute);
    let found = named.iter().find(|(name, _)| name.eq_ignore_ascii_case(words));
    found.map(|(_, oid)| oid.clone()).or_else(|| words.parse().ok()).ok_or_else(|| {
        let names = named.iter().map(|(name, _)| format!("{name}, ")).collect::<String>();
        format!("here may stand {names}an object identifier: 2.6.1.10.1")
    })
}

/// A text in the first repertoire that has all of it: T.61, the Basic Multilingual Plane, all.
fn string(words: &str) -> AttributeValue {
    let octets = text::to_teletex(words);
    if text::from_teletex(&octets) == words {
        AttributeValue::of(&TeletexString(latin1(&octets)))
    } else if words.chars().all(|c| u32::from(c) <= 0xffff) {
        AttributeValue::of(&BmpString::from(words))
    } else {
        AttributeValue::of(&UniversalString::from(words))
    }
}

fn latin1(octets: &[u8]) -> String {
    text::from_latin1(octets)
}

fn to_general(words: &str) -> Vec<u8> {
    text::to_general(words).0
}

fn name(words: &str) -> Result<ORName, String> {
    let address = words.parse::<ORAddress>();
    address.map(ORName::from).map_err(|error| format!("this is no O/R address: {error}"))
}

/// What an address names, else what people call it.
fn descriptor(words: &str) -> ORDescriptor {
    match words.parse::<ORAddress>() {
        Ok(address) => ORName::from(address).into(),
        Err(_) => {
            let name = TeletexString(latin1(&text::to_teletex(words)));
            ORDescriptor { free_form_name: Some(name), ..ORDescriptor::default() }
        }
    }
}

/// `number of /CN=…/`, or the number alone.
fn ipm_identifier(words: &str) -> IPMIdentifier {
    let parts = words.rsplit_once(" of ");
    let user = parts.and_then(|(_, user)| user.parse::<ORAddress>().ok());
    let relative = match (&user, parts) {
        (Some(_), Some((relative, _))) => relative,
        _ => words,
    };
    let user_relative_identifier = PrintableString::from(relative);
    IPMIdentifier { user: user.map(ORName::from), user_relative_identifier }
}

/// `[/PRMD=…/ADMD=…/C=…/;local]`, as MTAs write it.
fn mts_identifier(words: &str) -> Result<MTSIdentifier, String> {
    let form = || "here may stand an identifier: \"[/PRMD=p/ADMD=a/C=xx/;local]\"".to_owned();
    let inside = words.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let (domain, local) = inside.and_then(|inside| inside.split_once("/;")).ok_or_else(form)?;
    let domain = format!("{domain}/").parse::<ORAddress>().map_err(|_| form())?;
    let domain = domain.built_in_standard_attributes;
    let blank = || {
        AdministrationDomainName(restante_mhs::x411::NumericOrPrintable::Printable(
            PrintableString::from(" "),
        ))
    };
    Ok(MTSIdentifier {
        global_domain_identifier: GlobalDomainIdentifier {
            country_name: domain.country_name.ok_or_else(form)?,
            administration_domain_name: domain.administration_domain_name.unwrap_or_else(blank),
            private_domain_identifier: domain.private_domain_name,
        },
        local_identifier: local.into(),
    })
}
