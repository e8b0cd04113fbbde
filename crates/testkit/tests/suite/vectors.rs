//! PDUs of another encoder are read, and written again octet for octet; where that encoder
//! departs from the standard, what it writes is read as the same value.

use bytes::Bytes;
use restante_ber::{Any, Decode, Encode};
use restante_mhs::{x411, x413, x420};
use restante_osi::{x226, x227, x880};
use restante_testkit::vectors::{Vector, vectors};
use std::path::Path;

/// Reads octets as a type and writes them again.
type Again = fn(&Bytes) -> restante_ber::Result<Bytes>;

fn again<T: Decode + Encode>(octets: &Bytes) -> restante_ber::Result<Bytes> {
    T::from_bytes(octets).map(|value| value.to_ber())
}

fn reader(of: &str) -> Again {
    let (_, name) = of.split_once('.').expect("a module and a type");
    match name {
        "AARE-apdu" | "AARQ-apdu" | "ABRT-apdu" | "RLRE-apdu" | "RLRQ-apdu" => {
            again::<x227::AcseApdu>
        }
        "ARP-PPDU" | "ARU-PPDU" => again::<x226::AbortPpdu>,
        "CP-type" => again::<x226::Cp>,
        "CPA-PPDU" => again::<x226::Cpa>,
        "CPR-PPDU" => again::<x226::Cpr>,
        "User-data" => again::<x226::UserData>,
        // What the association takes apart itself, in its own tests.
        "Bind" | "Unbind" => again::<Any>,
        "ROS" => again::<x880::Ros>,
        "Heading" => again::<x420::Heading>,
        "InformationObject" => again::<x420::InformationObject>,
        name => retrieval(name)
            .or_else(|| auto_action(name))
            .or_else(|| transfer(name))
            .unwrap_or_else(|| panic!("{of}?")),
    }
}

fn retrieval(name: &str) -> Option<Again> {
    Some(match name {
        "AlertArgument" => again::<x413::AlertArgument>,
        "DeleteArgument" => again::<x413::DeleteArgument>,
        "DeleteResult" => again::<x413::DeleteResult>,
        "EntryClassErrorParameter" => again::<x413::EntryClassError>,
        "FetchArgument" => again::<x413::FetchArgument>,
        "FetchResult" => again::<x413::FetchResult>,
        "Filter" => again::<x413::Filter>,
        "ListArgument" => again::<x413::ListArgument>,
        "ListResult" => again::<x413::ListResult>,
        "MSBindArgument" => again::<x413::MSBindArgument>,
        "MSBindResult" => again::<x413::MSBindResult>,
        "MSExtensionErrorParameter" => again::<x413::MSExtensionError>,
        "MSMessageSubmissionArgument" => again::<x413::MSMessageSubmissionArgument>,
        "MSMessageSubmissionResult" => again::<x413::MSMessageSubmissionResult>,
        "MSProbeSubmissionArgument" => again::<x413::MSProbeSubmissionArgument>,
        "MSProbeSubmissionResult" => again::<x413::MSProbeSubmissionResult>,
        "MessageGroupErrorParameter" => again::<x413::MessageGroupError>,
        "ModifyArgument" => again::<x413::ModifyArgument>,
        "ModifyErrorParameter" => again::<x413::ModifyError>,
        "Register-MSArgument" => again::<x413::RegisterMSArgument>,
        "Register-MSResult" => again::<x413::RegisterMSResult>,
        "ServiceErrorParameter" => again::<x413::ServiceError>,
        "SummarizeArgument" => again::<x413::SummarizeArgument>,
        "SummarizeResult" => again::<x413::SummarizeResult>,
        "attribute-error parameter" => again::<x413::AttributeError>,
        "auto-action-request-error parameter" => again::<x413::AutoActionRequestError>,
        "delete-error parameter" => again::<x413::DeleteError>,
        "fetch-restriction-error parameter" => again::<x413::FetchRestrictionError>,
        "ms-bind-error parameter" => again::<x413::MSBindError>,
        "range-error parameter" => again::<x413::RangeError>,
        "register-ms-error parameter" => again::<x413::RegisterMSError>,
        "sequence-number-error parameter" => again::<x413::SequenceNumberError>,
        _ => return None,
    })
}

/// Parameters of auto-actions.
fn auto_action(name: &str) -> Option<Again> {
    Some(match name {
        "AutoAlertRegistrationParameter" => again::<x413::AutoAlertRegistrationParameter>,
        "AutoModifyRegistrationParameter" => again::<x413::AutoModifyRegistrationParameter>,
        "AutoForwardRegistrationParameter88" => again::<x420::AutoForwardRegistrationParameter88>,
        "IPMAutoForwardRegistrationParameter" => {
            again::<x420::IPMAutoForwardRegistrationParameter>
        }
        "IPMAutoAcknowledgementRegistrationParameter" => {
            again::<x420::IPMAutoAcknowledgementRegistrationParameter>
        }
        "IPMAutoDiscardRegistrationParameter" => {
            again::<x420::IPMAutoDiscardRegistrationParameter>
        }
        "IPMAutoAdviseRegistrationParameter" => again::<x420::IPMAutoAdviseRegistrationParameter>,
        _ => return None,
    })
}

fn transfer(name: &str) -> Option<Again> {
    Some(match name {
        "ChangeCredentialsArgument" => again::<x411::ChangeCredentialsArgument>,
        "DeliveryControlArgument" => again::<x411::DeliveryControlArgument>,
        "DeliveryControlResult" => again::<x411::DeliveryControlResult>,
        "DeliveryControls88" => again::<x411::DeliveryControls88>,
        "Register88" => again::<x411::Register88>,
        "RegisterArgument" => again::<x411::RegisterArgument>,
        "RegisterResult" => again::<x411::RegisterResult>,
        "RefusedOperation" => again::<x411::RefusedOperation>,
        "SubmissionControls" => again::<x411::SubmissionControlArgument>,
        "Waiting" => again::<x411::Waiting>,
        "ImproperlySpecifiedRecipients" => again::<Vec<x411::ORName>>,
        "MTSBindArgument" => again::<x411::MTSBindArgument>,
        "MTSBindResult" => again::<x411::MTSBindResult>,
        "MessageDeliveryArgument" => again::<x411::MessageDeliveryArgument>,
        "MessageDeliveryResult" => again::<x411::MessageDeliveryResult>,
        "MessageSubmissionArgument" => again::<x411::MessageSubmissionArgument>,
        "MessageSubmissionResult" => again::<x411::MessageSubmissionResult>,
        "ORName" => again::<x411::ORName>,
        "ProbeSubmissionArgument" => again::<x411::ProbeSubmissionArgument>,
        "ProbeSubmissionResult" => again::<x411::ProbeSubmissionResult>,
        "ReportDeliveryArgument" => again::<x411::ReportDeliveryArgument>,
        "ReportDeliveryResult" => again::<x411::ReportDeliveryResult>,
        "mts-bind-error parameter" => again::<x411::MTSBindError>,
        _ => return None,
    })
}

/// The faults of some vectors, all of them.
fn faults(vectors: &[Vector], expected: impl Fn(&Vector) -> Bytes) -> Vec<String> {
    let fault = |vector: &Vector| {
        let expected = expected(vector);
        match reader(&vector.of)(&vector.octets) {
            Err(error) => Some(format!("{}: {error}", vector.path.display())),
            Ok(written) if written == expected => None,
            Ok(written) => Some(format!(
                "{}: written differently\n  is     {written:02x?}\n  should {expected:02x?}",
                vector.path.display()
            )),
        }
    };
    vectors.iter().filter_map(fault).collect()
}

/// Vectors that are read but not written as they came, and why.
const WRITTEN_OTHERWISE: &[(&str, &str)] = &[
    ("x400/ipm/heading-full.hex", "it has a value that is the DEFAULT, which is left out"),
    ("x400/acse/aarq-titles.hex", "it has members of a SEQUENCE that are the DEFAULT"),
];

#[test]
fn vectors_are_read_and_written_octet_for_octet() {
    let vectors: Vec<Vector> = vectors("x400")
        .into_iter()
        .filter(|vector| WRITTEN_OTHERWISE.iter().all(|(path, _)| vector.path != Path::new(path)))
        .collect();
    let found = faults(&vectors, |vector| vector.octets.clone());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// An implicit tag in place of an explicit one is read as what was meant. Where it stands on an
/// open type, the value's own tag is lost and can't be written again: that such a PDU is read,
/// and names whom it should, is all that is asked.
#[test]
fn departures_from_the_standard_are_read_as_what_was_meant() {
    let standard = vectors("x400");
    let published = vectors("x400/as-published");
    let of_standard = |vector: &Vector| {
        let name = |path: &Path| path.iter().rev().take(2).map(|part| part.to_owned()).collect();
        let wanted: Vec<_> = name(&vector.path);
        let same = |other: &&Vector| wanted == name(&other.path);
        standard.iter().find(same).expect("the standard's form of it").octets.clone()
    };
    let (open, closed): (Vec<Vector>, Vec<Vector>) =
        published.into_iter().partition(|vector| has_open_value(&vector.path));
    let found = faults(&closed, of_standard);
    assert!(found.is_empty(), "{}", found.join("\n"));
    for vector in &open {
        let read = reader(&vector.of)(&vector.octets);
        assert!(read.is_ok(), "{}: {read:?}", vector.path.display());
        let key = |octets: &Bytes| x411::ORName::from_bytes(octets).map(|name| name.address.key());
        let key_read = key(&vector.octets);
        // A CHOICE or an unknown value without its tag could be anything.
        let lost = ["or-name-postal.hex", "or-name-unknown-attribute.hex"];
        let lost = lost.iter().any(|name| vector.path.ends_with(name));
        if vector.of.ends_with(".ORName") && !lost {
            assert_eq!(key_read, key(&of_standard(vector)), "{}", vector.path.display());
        }
    }
    assert!(closed.len() >= 25, "only {} have no open value", closed.len());
}

/// Whether a vector has a value of an open type: an extension attribute of an O/R name, an
/// extension, a value to match, what a bind carries.
fn has_open_value(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let names = [
        "acse/",
        "rose/",
        "ipm/",
        "mts/",
        "ms/bind-argument",
        "filter-equality-name",
        "filter-substrings",
        "list-result-1994",
        "probe-argument",
        "register-argument-alert",
        "register-argument-forward",
        "register-result-1994",
        "submission-argument-",
    ];
    names.iter().any(|name| text.contains(name))
}
