//! The built-in MTA, which there is where no other is configured.

use restante_mhs::x402::AttributeType;
use restante_mhs::x411::{
    AdministrationDomainName, CountryName, GlobalDomainIdentifier, MTAName, NumericOrPrintable,
    ORAddress,
};
use serde::{Deserialize, Serialize};

use super::{optional, within};

/// The longest name of an MTA, characters (X.411 ub-mta-name-length).
const NAME_CHARACTERS_MAX: usize = 32;

/// The built-in MTA, which delivers between the store's own users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalMta {
    /// Its domain: country, ADMD and PRMD; none: those of service.name.
    #[serde(with = "optional")]
    pub domain: Option<ORAddress>,
    /// Its name in traces and reports.
    pub name: String,
    /// Who gets what is for nobody in the domain, where the originator allows it.
    #[serde(with = "optional")]
    pub alternate_recipient: Option<ORAddress>,
    /// The longest content that is delivered, octets.
    #[serde(deserialize_with = "within::<_, 0, 2_147_483_647>")]
    pub content_octets: usize,
    /// Recipients of one message.
    #[serde(deserialize_with = "within::<_, 1, 32_767>")]
    pub recipients: usize,
    /// How long a delivery may be deferred, days; 0: not at all.
    #[serde(deserialize_with = "within::<_, 0, 3_650>")]
    pub deferred_days: usize,
    /// Messages that may wait for their time, or until they are let in.
    #[serde(deserialize_with = "within::<_, 0, 1_000_000>")]
    pub deferred: usize,
}

impl Default for LocalMta {
    fn default() -> Self {
        Self {
            domain: None,
            name: "RESTANTE".to_owned(),
            alternate_recipient: None,
            content_octets: 2_147_483_647,
            recipients: 512,
            deferred_days: 366,
            deferred: 10_000,
        }
    }
}

impl LocalMta {
    /// What no single value shows.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let characters = 1..=NAME_CHARACTERS_MAX;
        let is_printable = |c: char| c.is_ascii_graphic() || c == ' ';
        if !characters.contains(&self.name.chars().count()) || !self.name.chars().all(is_printable)
        {
            return Err("local_mta.name must have 1 to 32 characters of ASCII");
        }
        let Some(domain) = &self.domain else { return Ok(()) };
        let attributes = domain.attributes();
        let of_domain = |one: &AttributeType| {
            matches!(
                one,
                AttributeType::CountryName
                    | AttributeType::AdministrationDomainName
                    | AttributeType::PrivateDomainName
            )
        };
        let country = AttributeType::CountryName;
        if !attributes.iter().all(|one| of_domain(&one.attribute_type))
            || !attributes.iter().any(|one| one.attribute_type == country)
        {
            return Err("local_mta.domain must have a country, may have ADMD and PRMD, and \
                        nothing else: /PRMD=…/ADMD=…/C=…/");
        }
        Ok(())
    }

    /// As the service takes it; `name` is what the store calls itself.
    pub(crate) fn settings(&self, name: &ORAddress) -> restante_ms::LocalMta {
        restante_ms::LocalMta {
            domain: domain(self.domain.as_ref().unwrap_or(name)),
            name: MTAName::from(self.name.as_str()),
            alternate_recipient: self.alternate_recipient.clone(),
            content_octets_max: u64::try_from(self.content_octets).unwrap_or(u64::MAX),
            recipients_max: self.recipients,
            deferred_days_max: self.deferred_days,
            deferred_max: self.deferred,
        }
    }
}

/// The domain of an address. A country that it does not name is XX, which no country has.
fn domain(address: &ORAddress) -> GlobalDomainIdentifier {
    let attributes = &address.built_in_standard_attributes;
    let printable = |text: &str| NumericOrPrintable::Printable(text.into());
    let country_name = attributes.country_name.clone();
    let administration_domain_name = attributes.administration_domain_name.clone();
    GlobalDomainIdentifier {
        country_name: country_name.unwrap_or_else(|| CountryName(printable("XX"))),
        administration_domain_name: administration_domain_name
            .unwrap_or_else(|| AdministrationDomainName(printable(" "))),
        private_domain_identifier: attributes.private_domain_name.clone(),
    }
}
