//! What the tests of wire vectors share.

use restante_ber::{Bytes, Decode, Encode};

/// Octets from hexadecimal digits; blanks are for the eye, and `--` begins a remark that ends
/// with its line.
pub(crate) fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text
        .lines()
        .filter_map(|line| line.split("--").next())
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    assert_eq!(digits.len() % 2, 0, "half an octet in {text}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Asserts that a value has exactly this encoding, and that the encoding is read as the value.
#[track_caller]
pub(crate) fn both_ways<T: Decode + Encode + PartialEq + core::fmt::Debug>(
    value: &T,
    encoding: &str,
) {
    let encoding = hex(encoding);
    assert_eq!(T::from_bytes(&encoding).as_ref(), Ok(value));
    let written = value.to_ber();
    assert_eq!(written, encoding, "written {written:02x?}");
}

/// Asserts that an encoding, of any form, is read as the value.
#[track_caller]
pub(crate) fn reads<T: Decode + PartialEq + core::fmt::Debug>(value: &T, encoding: &str) {
    assert_eq!(T::from_bytes(&hex(encoding)).as_ref(), Ok(value));
}

/// A short O/R name: a terminal identifier and nothing else, `60 05 30 03 81 01 xx`.
pub(crate) fn name(terminal: &str) -> crate::x411::ORName {
    crate::x411::ORAddress {
        built_in_standard_attributes: crate::x411::BuiltInStandardAttributes {
            terminal_identifier: Some(terminal.into()),
            ..Default::default()
        },
        ..Default::default()
    }
    .into()
}

/// An identifier of domain A in country XX,
/// `64 11 63 0b 61 04 13 02 58 58 62 03 13 01 41 16 02 xx xx` for two characters.
pub(crate) fn identifier(local: &str) -> crate::x411::MTSIdentifier {
    use crate::x411::{AdministrationDomainName, CountryName, NumericOrPrintable};
    let printable = |text: &str| NumericOrPrintable::Printable(text.into());
    crate::x411::MTSIdentifier {
        global_domain_identifier: crate::x411::GlobalDomainIdentifier {
            country_name: CountryName(printable("XX")),
            administration_domain_name: AdministrationDomainName(printable("A")),
            private_domain_identifier: None,
        },
        local_identifier: local.into(),
    }
}

/// 2024-01-02T03:04:05Z, `32 34 30 31 30 32 30 33 30 34 30 35 5a`.
pub(crate) const TIME: restante_ber::UtcTime = restante_ber::UtcTime(1_704_164_645);

/// A PDU that another encoder made.
pub(crate) struct Vector {
    /// The file it stands in.
    pub(crate) file: String,
    /// Its ASN.1 module and type.
    pub(crate) type_name: String,
    /// Its octets.
    pub(crate) octets: Bytes,
}

/// The PDUs of a group that another encoder made, `testkit/vectors/x400/<group>/*.hex`.
pub(crate) fn other_encoders(group: &str) -> Vec<Vector> {
    let directory = format!("{}/../testkit/vectors/x400/{group}", env!("CARGO_MANIFEST_DIR"));
    let mut vectors: Vec<_> = std::fs::read_dir(directory)
        .expect("the directory of vectors")
        .map(|entry| entry.expect("a directory entry").path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a text file");
            let first = text.lines().next().expect("a first line");
            let title = first.trim_start_matches("# ");
            let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
            Vector {
                file: path.display().to_string(),
                type_name: title.split(": ").next().unwrap_or_default().to_owned(),
                octets: hex(&digits),
            }
        })
        .collect();
    vectors.sort_by(|one, other| one.file.cmp(&other.file));
    vectors
}
