//! Wire vectors of content types and encoded information types.

use super::*;
use crate::vectors::{both_ways, hex, reads};

#[test]
fn a_content_type_has_another_tag_when_delivered() {
    let p22 = BuiltInContentType::INTERPERSONAL_MESSAGING_1988;
    both_ways(&ContentType::BuiltIn(p22), "46 01 16");
    both_ways(&DeliveredContentType::BuiltIn(p22), "80 01 16");
    assert!(ContentType::from_bytes(&hex("80 01 16")).is_err());
    assert!(DeliveredContentType::from_bytes(&hex("46 01 16")).is_err());
}

#[test]
fn an_extended_content_type_is_an_object_identifier_whatever_its_tag() {
    let military = ExtendedContentType(oid!(1, 3, 26, 0, 4406, 0, 4, 1));
    both_ways(&ContentType::Extended(military.clone()), "06 08 2b 1a 00 a2 36 00 04 01");
    both_ways(&DeliveredContentType::Extended(military.clone()), "06 08 2b 1a 00 a2 36 00 04 01");
    reads(&ContentType::Extended(military.clone()), "0d 08 2b 1a 00 a2 36 00 04 01");
    reads(&ContentType::Extended(military), "0d 09 01 03 1a 00 a2 36 00 04 01");
    let p22 = ExtendedContentType(oid!(2, 6, 1, 10, 1));
    reads(&ContentType::Extended(p22.clone()), "0d 05 02 06 01 0a 01");
    reads(&ContentType::Extended(p22), "0d 04 56 01 0a 01");
    assert!(ContentType::from_bytes(&hex("0d 02 01 28")).is_err(), "1.40 is no arc");
    assert!(ContentType::from_bytes(&hex("0d 00")).is_err());
}

#[test]
fn numbers_and_bits_have_object_identifiers() {
    let of = |number| ContentType::BuiltIn(BuiltInContentType(number)).oid().to_string();
    assert_eq!([of(22), of(2), of(0)], ["2.6.1.10.1", "2.6.1.10.0", "2.6.3.3.0"]);
    let p2 = ContentType::of_oid(oid!(2, 6, 1, 10, 0));
    assert_eq!(p2, ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1984));
    let mut types = EncodedInformationTypes::of_bits([
        BuiltInEncodedInformationTypes::IA5_TEXT,
        BuiltInEncodedInformationTypes::MIXED_MODE,
    ]);
    // Said twice, as by who sends both forms for peers of either edition.
    let extended = SetOf(vec![oid!(1, 2, 3), oids::ID_EIT_IA5_TEXT, oid!(1, 2, 3)]);
    types.extended_encoded_information_types = Some(extended);
    assert_eq!(types.oids(), [oids::ID_EIT_IA5_TEXT, oids::ID_EIT_MIXED_MODE, oid!(1, 2, 3)]);
    let bits = EncodedInformationTypes::of_bits(0..100_000);
    assert_eq!(bits.oids().len(), 32, "no more than there can be");
}

#[test]
fn encoded_information_types_with_and_without_their_defaults() {
    let ia5 = EncodedInformationTypes::of_bits([BuiltInEncodedInformationTypes::IA5_TEXT]);
    both_ways(&ia5, "65 04 80 02 05 20");
    // The same bits in a longer string are another value, but mean the same.
    let long = EncodedInformationTypes::from_bytes(&hex("65 05 80 03 06 20 00")).unwrap();
    assert_eq!(long.oids(), ia5.oids());
    reads(
        &ia5,
        "65 80 a2 80 00 00 81 01 00 -- teletex and g3-facsimile, said though they are default
         80 02 05 20 00 00",
    );
}
