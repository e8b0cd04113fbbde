//! The types of X.411, X.413 and X.420: what is read can be written and is read again as the
//! same, and what is derived for people does not panic.

use super::osi::round_trip;
use restante_ber::Decode;
use restante_mhs::x411::{
    MTSBindArgument, MessageDeliveryArgument, MessageDeliveryEnvelope, ORAddress, ORName,
    ReportDeliveryArgument, split_message_delivery, split_report_delivery,
};
use restante_mhs::x413::{
    DeleteArgument, FetchArgument, ListArgument, MSBindArgument, RegisterMSArgument,
    SummarizeArgument,
};
use restante_mhs::x420::InformationObject;
use restante_osi::PresentationAddress;

/// O/R addresses and presentation addresses, as text and encoded: the text that is written is
/// read as the same address.
pub fn addresses(data: &[u8]) {
    round_trip::<ORName>(data);
    if let Ok(name) = ORName::from_ber(data) {
        let _ = (name.address.slash_form(), name.address.semicolon_form(), name.address.key());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(address) = text.parse::<ORAddress>() {
        for form in [address.slash_form(), address.semicolon_form()] {
            let again: ORAddress = form.parse().expect("what is written is an address");
            assert_eq!(again.key(), address.key(), "`{form}` names another mailbox");
        }
    }
    if let Ok(address) = text.parse::<PresentationAddress>() {
        let form = address.to_string();
        assert_eq!(form.parse(), Ok(address), "`{form}` is another address");
    }
}

/// Contents of X.420.
pub fn contents(data: &[u8]) {
    round_trip::<InformationObject>(data);
}

/// Arguments of P3.
pub fn delivery(data: &[u8]) {
    round_trip::<MTSBindArgument>(data);
    round_trip::<MessageDeliveryArgument>(data);
    round_trip::<ReportDeliveryArgument>(data);
    let argument = bytes::Bytes::copy_from_slice(data);
    if let Ok(whole) = MessageDeliveryArgument::from_ber(data) {
        let (envelope, content) = split_message_delivery(&argument).expect("it was read whole");
        let envelope = MessageDeliveryEnvelope::from_bytes(&envelope.to_bytes());
        let envelope = envelope.expect("an envelope whose argument was read");
        assert_eq!(envelope.other_fields, whole.other_fields);
        assert_eq!(content, whole.content);
    }
    let _ = split_report_delivery(&argument);
}

/// Arguments of P7.
pub fn retrieval(data: &[u8]) {
    round_trip::<MSBindArgument>(data);
    round_trip::<SummarizeArgument>(data);
    round_trip::<ListArgument>(data);
    round_trip::<FetchArgument>(data);
    round_trip::<DeleteArgument>(data);
    round_trip::<RegisterMSArgument>(data);
}
