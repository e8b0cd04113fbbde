//! The table of attribute-types (X.413 §11, X.420 §19): names, object identifiers, how many
//! values, which matching-rules. The rows are those of `data/ms_attributes.tsv`, and behind them
//! those of `data/other_attributes.tsv`: the heading attributes of STANAG 4406, and this store's
//! own for the ATS-message-header, below 2.25 the UUID 23babddf-7560-4034-8231-44758df9cca2
//! (X.667).
//!
//! Attributes for the data and parameters of extended body parts have the object identifier of
//! the body part itself, cannot be enumerated and are not in the table.

use super::matching_rules::MatchingRule;
use restante_ber::Oid;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What the values of an attribute are, as far as comparing them goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SyntaxKind {
    /// INTEGER or ENUMERATED.
    Integer,
    /// BOOLEAN.
    Boolean,
    /// NULL.
    Null,
    /// OBJECT IDENTIFIER.
    ObjectIdentifier,
    /// UTCTime.
    UtcTime,
    /// GeneralizedTime.
    GeneralizedTime,
    /// A character string.
    String,
    /// A SEQUENCE OF character strings: the name of a message group.
    StringList,
    /// BIT STRING.
    BitString,
    /// OCTET STRING.
    OctetString,
    /// ORName, and a name or address with another word for it.
    ORName,
    /// MTSIdentifier.
    MTSIdentifier,
    /// IPMIdentifier.
    IPMIdentifier,
    /// ORDescriptor.
    ORDescriptor,
    /// RecipientSpecifier.
    RecipientSpecifier,
    /// CirculationMember.
    CirculationMember,
    /// DistributionCode.
    DistributionCode,
    /// InformationCategory.
    InformationCategory,
    /// Anything else; compared by none of the general rules.
    Other,
}

/// A row of the table.
#[derive(Debug)]
pub struct AttributeDescription {
    /// The name, `ms-entry-type`.
    pub name: &'static str,
    /// The name of the object identifier, `id-att-entry-type`.
    pub id: &'static str,
    /// The object identifier.
    pub oid: Oid,
    /// Whether an entry has one value of it at most.
    pub single_valued: bool,
    /// The name of the syntax, `EntryType`.
    pub syntax: &'static str,
    /// What the values are.
    pub kind: SyntaxKind,
    /// The rule for equality.
    pub equality: Option<&'static MatchingRule>,
    /// The rule for greater-or-equal and less-or-equal.
    pub ordering: Option<&'static MatchingRule>,
    /// The rule for substrings.
    pub substrings: Option<&'static MatchingRule>,
    /// Rules for other-match.
    pub other: Vec<&'static MatchingRule>,
    /// Whether contexts of 1988 have it.
    pub in_1988: bool,
}

/// The table.
#[derive(Debug)]
struct Table {
    rows: Vec<AttributeDescription>,
    by_oid: HashMap<Oid, usize>,
    by_name: HashMap<String, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let texts = [
        include_str!("../../data/ms_attributes.tsv"),
        include_str!("../../data/other_attributes.tsv"),
    ];
    let rows: Vec<_> =
        texts.iter().flat_map(|text| text.lines().skip(1)).filter_map(row).collect();
    let by_oid = rows.iter().enumerate().map(|(at, row)| (row.oid.clone(), at)).collect();
    let by_name =
        rows.iter().enumerate().map(|(at, row)| (row.name.to_ascii_lowercase(), at)).collect();
    Table { rows, by_oid, by_name }
});

/// All attribute-types, in the order of the standards.
pub fn all() -> &'static [AttributeDescription] {
    &TABLE.rows
}

/// The attribute-type with this object identifier.
pub fn by_oid(oid: &Oid) -> Option<&'static AttributeDescription> {
    TABLE.by_oid.get(oid).and_then(|at| TABLE.rows.get(*at))
}

/// The attribute-type of this name, in any case: `ms-entry-type`.
pub fn by_name(name: &str) -> Option<&'static AttributeDescription> {
    TABLE.by_name.get(&name.to_ascii_lowercase()).and_then(|at| TABLE.rows.get(*at))
}

/// A row; `None` for the two patterns of extended body parts, which have no object identifier.
fn row(line: &'static str) -> Option<AttributeDescription> {
    let mut fields = line.split('\t').map(str::trim);
    let name = fields.next()?;
    let id = fields.next()?;
    let oid: Oid = fields.next()?.parse().ok()?;
    let single_valued = fields.next()? == "single-valued";
    let syntax = fields.next()?;
    let mut rule = || fields.next().and_then(MatchingRule::by_name);
    let (equality, ordering, substrings) = (rule(), rule(), rule());
    let other = fields.next().unwrap_or_default();
    let other =
        other.split(['|', ',']).filter_map(|name| MatchingRule::by_name(name.trim())).collect();
    let kind = kind(syntax, equality.or(ordering).map(|rule| rule.name));
    let in_1988 = in_1988(&oid);
    Some(AttributeDescription {
        name,
        id,
        oid,
        single_valued,
        syntax,
        kind,
        equality,
        ordering,
        substrings,
        other,
        in_1988,
    })
}

fn kind(syntax: &str, rule: Option<&str>) -> SyntaxKind {
    match rule {
        Some("integerMatch" | "integerOrderingMatch") => SyntaxKind::Integer,
        Some("booleanMatch") => SyntaxKind::Boolean,
        Some("objectIdentifierMatch") => SyntaxKind::ObjectIdentifier,
        Some("uTCTimeMatch") => SyntaxKind::UtcTime,
        Some("generalizedTimeMatch") => SyntaxKind::GeneralizedTime,
        Some("mSStringMatch" | "contentIdentifierMatch") => SyntaxKind::String,
        Some("mSStringListMatch") => SyntaxKind::StringList,
        Some("bitStringMatch") => SyntaxKind::BitString,
        Some("oRNameMatch") => SyntaxKind::ORName,
        Some("mTSIdentifierMatch") => SyntaxKind::MTSIdentifier,
        Some("iPMIdentifierMatch") => SyntaxKind::IPMIdentifier,
        Some("oRDescriptorMatch") => SyntaxKind::ORDescriptor,
        Some("recipientSpecifierMatch") => SyntaxKind::RecipientSpecifier,
        Some("circulationMemberMatch") => SyntaxKind::CirculationMember,
        Some("distributionCodeMatch") => SyntaxKind::DistributionCode,
        Some("informationCategoryMatch") => SyntaxKind::InformationCategory,
        Some("contentCorrelatorMatch") => SyntaxKind::Other,
        _ => match syntax {
            "SequenceNumber" => SyntaxKind::Integer,
            "NULL" | "IncompleteCopy" => SyntaxKind::Null,
            "Content" | "BilaterallyDefinedBodyPart" => SyntaxKind::OctetString,
            "IA5TextData" | "VideotexData" => SyntaxKind::String,
            "OriginatorReportRequest" => SyntaxKind::BitString,
            _ => SyntaxKind::Other,
        },
    }
}

/// The attributes that stand before the 1994 additions of the two tables.
fn in_1988(oid: &Oid) -> bool {
    match oid.arcs().as_slice() {
        [2, 6, 4, 3, arc] => *arc <= 41,
        [2, 6, 1, 6, arc] => *arc <= 1,
        [2, 6, 1, 7, arc] => *arc <= 22,
        [2, 6, 1, 8, _] => true,
        [2, 6, 1, 9, arc] => *arc <= 10,
        _ => false,
    }
}
