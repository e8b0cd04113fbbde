//! Texts of O/R addresses.

use crate::vectors::other_encoders;
use crate::x411::{
    ExtensionAttributeType, NumericOrPrintable, ORAddress, ORName, UniversalOrBMPString,
};
use proptest::prelude::*;
use restante_ber::{Decode, Encode, PrintableString, TeletexString};

fn read(text: &str) -> ORAddress {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn both_syntaxes_mean_the_same() {
    let slashes = "/CN=EGLLZTZX/O=EGLL/PRMD=GB-X/ADMD=ICAO/C=XX/";
    let address = read(slashes);
    assert_eq!(address.to_string(), slashes);
    assert_eq!(address.semicolon_form(), "CN=EGLLZTZX; O=EGLL; P=GB-X; A=ICAO; C=XX");
    for same in [
        "c=XX; a=ICAO; p=GB-X; o=EGLL; cn=EGLLZTZX",
        "  C=XX;ADMD=ICAO ; PRMD=GB-X;O=EGLL;CN=EGLLZTZX;",
        "/C=XX/A=ICAO/P=GB-X/O=EGLL/CN=EGLLZTZX",
    ] {
        assert_eq!(read(same), address, "{same}");
    }
    let person = "G=john; S=smith; O=a bank; P=abl; A=snomail; C=gb";
    assert_eq!(read(person).semicolon_form(), person);
    assert_eq!(read(person).slash_form(), "/G=john/S=smith/O=a bank/PRMD=abl/ADMD=snomail/C=gb/");
}

#[test]
fn delimiters_in_values() {
    let bank = "/S=Smith/O=profit $ loss/A=a/C=gb/";
    assert_eq!(read(bank).slash_form(), "/S=Smith/O=profit $$ loss/ADMD=a/C=gb/");
    for (text, organization) in [
        ("/O=a//b/C=gb/", "a/b"),
        ("/O=//b///C=gb/", "/b/"),
        ("/O=a$/b/C=gb/", "a/b"),
        ("/O=a=b;c/C=gb/", "a=b;c"),
        ("O=a;;b; C=gb", "a;b"),
        ("O=a$;b/c; C=gb", "a;b/c"),
        ("O=a$$$=$b; C=gb", "a$=$b"),
    ] {
        let address = read(text);
        let found = address.built_in_standard_attributes.organization_name.as_ref().unwrap();
        assert_eq!(found.as_str(), organization, "{text}");
        assert_eq!(read(&address.slash_form()), address);
        assert_eq!(read(&address.semicolon_form()), address);
    }
}

#[test]
fn domain_defined_attributes() {
    let text = "DDA:RFC-822=fred(a)widget.co.uk; O=gateway; P=abc; C=gb";
    let address = read(text);
    assert_eq!(address.semicolon_form(), text);
    assert_eq!(address.slash_form(), "/DD.RFC-822=fred(a)widget.co.uk/O=gateway/PRMD=abc/C=gb/");
    assert_eq!(read(&address.slash_form()), address);
    let odd = read("DDA:a==b=c=d; DDA:a==b=e; C=gb");
    let attributes = odd.built_in_domain_defined_attributes.as_ref().unwrap();
    let pairs: Vec<_> =
        attributes.iter().map(|one| (one.r#type.as_str(), one.value.as_str())).collect();
    assert_eq!(pairs, [("a=b", "c=d"), ("a=b", "e")]);
    assert_eq!(read(&odd.slash_form()), odd);
}

#[test]
fn units_with_and_without_numbers() {
    let address = read("/OU3=c/OU2=b/OU1=a/O=o/C=gb/");
    let names = address.built_in_standard_attributes.organizational_unit_names.as_ref().unwrap();
    assert_eq!(names.iter().map(PrintableString::as_str).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(read("/OU=c/OU=b/OU=a/O=o/C=gb/"), address);
    assert_eq!(read("O=o; OU=a; OU=b; OU=c; C=gb"), address);
}

#[test]
fn a_blank_admd_is_as_good_as_none() {
    let blank = read("/CN=x/ADMD= /C=gb/");
    let name = blank.built_in_standard_attributes.administration_domain_name.as_ref().unwrap();
    assert_eq!(name.0, NumericOrPrintable::Printable(" ".into()));
    assert_eq!(blank.key(), read("CN=x; A=; C=gb").key());
    assert_eq!(blank.key(), read("CN=x; C=gb").key());
    assert_eq!(blank.slash_form(), "/CN=x/C=gb/");
}

#[test]
fn keys_are_equal_when_addresses_are() {
    let key = read("/CN=Ops  Desk/O=A Bank/PRMD=P/ADMD=400/C=GB/").key();
    assert_eq!(key, "/cn=ops desk/o=a bank/prmd=p/admd=400/c=gb/");
    assert_eq!(read(&key).key(), key);
    for same in ["cn=OPS DESK;o= a  bank;p=p;a=400;c=gb", "/C=gb/A=400/P=P/O=a bank/CN=ops desk"] {
        assert_eq!(read(same).key(), key);
    }
    // The form of a value makes no difference.
    let mut printable = read("/CN=Ops Desk/O=A Bank/PRMD=P/C=GB/ADMD=400");
    let admd = NumericOrPrintable::Printable("400".into());
    printable.built_in_standard_attributes.administration_domain_name =
        Some(crate::x411::AdministrationDomainName(admd));
    let mut attributes = crate::x411::ExtensionAttributes::default();
    attributes.push(ExtensionAttributeType::TELETEX_COMMON_NAME, &TeletexString::from("OPS DESK"));
    printable.extension_attributes = Some(attributes);
    assert_eq!(printable.key(), key);
    assert_eq!(read("X.121=23 42;C=gb").key(), read("X.121=2342;C=gb").key());
    for other in ["/CN=Ops Desk/O=A Bank/PRMD=P/C=GB/", "/CN=OpsDesk/O=A Bank/PRMD=P/A=400/C=GB/"]
    {
        assert_ne!(read(other).key(), key, "{other}");
    }
}

#[test]
fn characters_beyond_ascii() {
    let address = read("/CN=Jürgen/S=Müller/G=Eva/O=Ελλάς/OU1=ä/PRMD=p_x/C=de/");
    let attributes = address.extension_attributes.as_ref().unwrap();
    let common: TeletexString =
        attributes.get(ExtensionAttributeType::TELETEX_COMMON_NAME).unwrap();
    assert_eq!(common.as_str(), "Jürgen");
    let organization: UniversalOrBMPString =
        attributes.get(ExtensionAttributeType::UNIVERSAL_ORGANIZATION_NAME).unwrap();
    assert_eq!(organization.as_str(), "Ελλάς");
    assert_eq!(address.built_in_standard_attributes.personal_name, None);
    let again = ORAddress::from_bytes(&address.to_ber()).unwrap();
    assert_eq!(again.to_string(), "/G=Eva/S=Müller/CN=Jürgen/OU1=ä/O=Ελλάς/PRMD=p_x/C=de/");
    assert_eq!(again.key(), "/g=eva/s=müller/cn=jürgen/ou1=ä/o=ελλάς/prmd=p_x/c=de/");
}

#[test]
fn what_is_wrong_and_where() {
    for (text, message) in [
        (
            " ",
            "the address is empty, write one like /CN=name/O=org/PRMD=p/ADMD=a/C=xx/ \
             (character 1)",
        ),
        ("/C=gb/nonsense/", "`nonsense` is not of the form label=value (character 7)"),
        (
            "C=gb; X=1",
            "`X` is no label, use C, ADMD, PRMD, O, OU1 to OU4, CN, S, G, I, Q or DDA:type \
             (character 7)",
        ),
        ("/CN=/C=gb/", "CN has no value, write one or leave CN out (character 2)"),
        ("CN=a; C=gb; cn=b", "CN is there twice, leave one out (character 13)"),
        ("C=england", "C takes two letters or three digits (character 1)"),
        ("X.121=abc; C=gb", "X.121 takes digits only (character 1)"),
        ("/PRMD=Ελλάς/C=gr/", "PRMD takes characters of ASCII only (character 2)"),
        ("G=john; C=gb", "G needs a surname beside it, add S= (character 1)"),
        ("/OU2=b/O=o/C=gb/", "OU2 needs OU1 above it (character 2)"),
        ("OU=a; OU1=b", "write up to four units, all as OU or as OU1 to OU4 (character 7)"),
        (
            "/T-TY=fax/C=gb",
            "T-TY takes tlx, ttx, g3fax, g4fax, ia5, vtx or a number (character 2)",
        ),
    ] {
        let error = text.parse::<ORAddress>().unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn every_attribute_has_a_label() {
    let text = "/DD.x=y/PD-OF=of/PD-OFN=ofn/PD-EA=ea/PD-PN=pn/PD-O=o/PD-ED=ed/PD-S=s/PD-B=b/PD-R=r\
        /PD-U=u/PD-L=l/PD-A1=line 1/PD-A2=line 2/PD-PC=N1 2AB/PD-C=gb/PD-SN=sn/T-TY=g3fax/T-ID=t\
        /ISDN=4412345+6/X.121=234219200300/N-ID=7/G=g/I=i/S=s/Q=q/CN=cn/OU4=d/OU3=c/OU2=b/OU1=a\
        /O=o/PRMD=p/ADMD=a/C=gb/";
    let address = read(text);
    assert_eq!(address.slash_form(), text);
    assert_eq!(read(&address.semicolon_form()), address);
    let again = ORAddress::from_bytes(&address.to_ber()).unwrap();
    assert_eq!(again, address);
    let postal = "PD-A1=Straße 1; PD-A2=Köln; PD-S=Łódź; C=de";
    assert_eq!(read(&read(postal).semicolon_form()), read(postal));
}

#[test]
fn nothing_is_lost_that_has_no_label() {
    let text = "/EXT.99=0401ff/EXT.1=020105/CN=x/C=gb/";
    let address = read(text);
    assert_eq!(address.slash_form(), text, "a common-name that is no string is no CN");
    assert_ne!(address.key(), read("/CN=x/C=gb/").key());
}

#[test]
fn control_characters_do_not_get_out() {
    let mut address = read("/O=x/C=gb/");
    address.built_in_standard_attributes.organization_name = Some("a\r\nb".into());
    assert_eq!(address.to_string(), "/O=a  b/C=gb/");
}

#[test]
fn names_of_another_encoder() {
    for (file, text) in [
        ("or-name-amhs", "/CN=EDDFYFYX/OU1=EDDF/O=AFTN/PRMD=GERMANY/ADMD=ICAO/C=XX/"),
        ("or-name-common-name", "/CN=Alice/OU1=Ops/O=Example/PRMD=PEER/C=GB/"),
        ("or-name-personal", "/G=Bob/I=B/S=Smith/Q=Jr/OU1=Ops/O=Example/PRMD=PEER/C=GB/"),
        ("or-name-numeric", "/N-ID=890123/PRMD=4567/ADMD=0123/C=234/"),
        ("or-name-x121", "/T-ID=TTX 12345/X.121=23421920100515/ADMD=TELECOM/C=GB/"),
        (
            "or-name-domain-defined",
            "/DD.RFC-822=alice(a)example.com/DD.JOB=7/O=Gateway/PRMD=P/C=GB/",
        ),
        ("or-name-teletex", "/G=Jörg/S=Müller/CN=Müller/O=Büro/PRMD=P/C=DE/"),
        ("or-name-universal", "/CN=Αθήνα/PRMD=P/C=GR/"),
        ("or-name-postal", "/PD-PC=SW1A 1AA/PD-C=GB/PD-SN=UKMAIL/ADMD=POST/C=GB/"),
        ("or-name-unknown-attribute", "/EXT.99=020105/CN=Alice/OU1=Ops/O=Example/PRMD=PEER/C=GB/"),
        ("or-name-units", "/OU4=Four/OU3=Three/OU2=Two/OU1=One/O=AFTN/PRMD=P/ADMD=ICAO/C=XX/"),
        ("or-name-directory-name-only", "CN=Ops Desk,O=Example,C=GB"),
    ] {
        let vectors = other_encoders("mts");
        let vector = vectors.iter().find(|vector| vector.file.ends_with(&format!("{file}.hex")));
        let name = ORName::from_bytes(&vector.unwrap().octets).unwrap();
        assert_eq!(name.to_string(), text);
    }
}

fn value() -> impl Strategy<Value = String> {
    "[a-z/;=$A-Z0-9 '()+,.:?@_äßŁ\u{1F600}-]{1,20}".prop_filter_map("blank", |text| {
        let text = text.trim().to_owned();
        (!text.is_empty()).then_some(text)
    })
}

proptest! {
    #[test]
    fn texts_are_read_as_they_were_written(
        values in prop::collection::vec(value(), 9),
        names in prop::collection::vec(value(), 0..3),
        some in prop::collection::vec(any::<bool>(), 9),
    ) {
        let labels = ["CN", "S", "OU1", "OU2", "O", "G", "Q", "PD-S", "PD-A1"];
        let mut text = String::from("C=gb");
        let escape = |value: &str| value.replace('$', "$$").replace(';', "$;").replace('=', "$=");
        for ((label, value), there) in labels.iter().zip(&values).zip(some) {
            let needed = matches!(*label, "S" | "OU1");
            if there || needed {
                text.push_str(&format!(";{label}={}", escape(value)));
            }
        }
        for (name, value) in names.iter().zip(&values) {
            text.push_str(&format!(";DDA:{}={}", escape(name), escape(value)));
        }
        let address = read(&text);
        prop_assert_eq!(&read(&address.slash_form()), &address);
        prop_assert_eq!(&read(&address.semicolon_form()), &address);
        prop_assert_eq!(read(&address.key()).key(), address.key());
        prop_assert_eq!(ORAddress::from_bytes(&address.to_ber()).unwrap(), address);
    }

    #[test]
    fn no_text_makes_us_panic(text in "[ -~a-zÄ/;=$]{0,60}") {
        if let Ok(address) = text.parse::<ORAddress>() {
            prop_assert_eq!(read(&address.slash_form()).key(), address.key());
        }
    }
}

#[test]
fn control_characters_are_refused_where_they_stand() {
    let error = "S=x; CN=a\0b".parse::<ORAddress>().unwrap_err();
    assert_eq!(error.to_string(), "CN has a control character in it, leave it out (character 6)");
}

#[test]
fn control_characters_are_refused_in_labels_too() {
    let error = "S=x; DDA:\u{1f}t=v".parse::<ORAddress>().unwrap_err();
    assert!(error.to_string().contains("control character"), "{error}");
}

#[test]
fn an_address_of_nothing_is_none() {
    for text in ["", "/", ";", "A= ", "/ADMD= /"] {
        let error = text.parse::<ORAddress>().unwrap_err();
        assert!(error.to_string().contains("is empty"), "`{text}`: {error}");
    }
}
