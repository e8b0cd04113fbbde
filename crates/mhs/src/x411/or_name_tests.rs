//! Wire vectors of O/R names.

use super::*;
use crate::vectors::{both_ways, reads};
use crate::x411::{ExtensionAttributeType, ExtensionAttributes, MTSIdentifier};

fn printable(text: &str) -> NumericOrPrintable {
    NumericOrPrintable::Printable(text.into())
}

fn ats_user() -> ORName {
    let mut extension_attributes = ExtensionAttributes::default();
    extension_attributes
        .push(ExtensionAttributeType::COMMON_NAME, &PrintableString::from("EGLLZTZX"));
    ORName::from(ORAddress {
        built_in_standard_attributes: BuiltInStandardAttributes {
            country_name: Some(CountryName(printable("XX"))),
            administration_domain_name: Some(AdministrationDomainName(printable("ICAO"))),
            private_domain_name: Some(printable("GB-X")),
            organization_name: Some("EGLL".into()),
            ..Default::default()
        },
        extension_attributes: Some(extension_attributes),
        ..Default::default()
    })
}

#[test]
fn an_aeronautical_address() {
    let encoding = "60 31
        30 1c
           61 04 13 02 58 58                      -- country-name XX, APPLICATION 1 explicit
           62 06 13 04 49 43 41 4f                -- administration-domain-name ICAO
           a2 06 13 04 47 42 2d 58                -- private-domain-name GB-X, a CHOICE
           83 04 45 47 4c 4c                      -- organization-name EGLL, implicit
        31 11
           30 0f
              80 01 01                            -- common-name
              a1 0a 13 08 45 47 4c 4c 5a 54 5a 58 -- EGLLZTZX, explicit";
    both_ways(&ats_user(), encoding);
}

#[test]
fn indefinite_lengths_unknown_elements_and_a_directory_name() {
    let mut name = ats_user();
    name.directory_name = Some(Name::RdnSequence(Vec::new()));
    reads(
        &name,
        "60 80
            30 80
               61 80 13 02 58 58 00 00
               62 80 33 80 04 02 49 43 13 02 41 4f 00 00 00 00     -- ICAO in two segments
               a2 80 13 81 04 47 42 2d 58 00 00                    -- a length of two octets
               83 04 45 47 4c 4c
               9f 63 01 00                                         -- unknown
            00 00
            31 80
               30 80
                  80 01 01
                  a1 80 13 08 45 47 4c 4c 5a 54 5a 58 00 00
               00 00
            00 00
            a0 80 30 80 00 00 00 00                                -- directory-name, empty
            df 01 01 00                                            -- unknown
         00 00",
    );
}

#[test]
fn a_personal_name_is_a_set_in_any_order() {
    let name = PersonalName {
        surname: "Smith".into(),
        given_name: Some("John".into()),
        ..Default::default()
    };
    both_ways(&name, "31 0d 80 05 53 6d 69 74 68 81 04 4a 6f 68 6e");
    reads(&name, "31 10 81 04 4a 6f 68 6e 9f 1f 00 80 05 53 6d 69 74 68");
    // One without a surname is no reason to refuse a message.
    let name = PersonalName { given_name: Some("John".into()), ..Default::default() };
    both_ways(&name, "31 06 81 04 4a 6f 68 6e");
    reads(&name, "31 08 80 00 81 04 4a 6f 68 6e");
}

#[test]
fn an_mts_identifier_is_shown_as_mtas_write_it() {
    let identifier = MTSIdentifier {
        global_domain_identifier: crate::x411::GlobalDomainIdentifier {
            country_name: CountryName(printable("XX")),
            administration_domain_name: AdministrationDomainName(printable(" ")),
            private_domain_identifier: Some(printable("P")),
        },
        local_identifier: "m1".into(),
    };
    both_ways(
        &identifier,
        "64 14
           63 0e
              61 04 13 02 58 58        -- country-name
              62 03 13 01 20           -- administration-domain-name, one space
              13 01 50                 -- private-domain-identifier, untagged
           16 02 6d 31                 -- local-identifier",
    );
    assert_eq!(identifier.to_string(), "[/PRMD=P/ADMD= /C=XX/;m1]");
}
