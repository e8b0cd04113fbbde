//! The user-information of association control: one EXTERNAL that holds a bind or unbind PDU
//! (X.882 §8).

use crate::x226::BASIC_ENCODING;
use restante_ber::{Any, Decode, Encode, External, ExternalEncoding, Result};

/// A bind or unbind PDU in user-information.
#[derive(Debug)]
pub(super) struct Found<T> {
    /// The presentation context that is named for it.
    pub(super) context: Option<i64>,
    /// The PDU.
    pub(super) pdu: T,
}

/// Reads a bind or unbind PDU; `None` where there is no user-information.
///
/// # Errors
/// When there is user-information, and it is no such PDU.
pub(super) fn read<T: Decode>(user_information: Option<&[External]>) -> Result<Option<Found<T>>> {
    let Some(external) = user_information.and_then(<[External]>::first) else {
        return Ok(None);
    };
    let pdu = external.value()?.to()?;
    Ok(Some(Found { context: external.indirect_reference, pdu }))
}

/// User-information that holds a bind or unbind PDU, on a presentation context.
pub(super) fn external(context: Option<i64>, pdu: &impl Encode) -> Vec<External> {
    vec![External {
        // In the default context only the reference says how the value is encoded.
        direct_reference: context.is_none().then_some(BASIC_ENCODING),
        indirect_reference: context,
        data_value_descriptor: None,
        encoding: ExternalEncoding::SingleAsn1Type(Any::of(pdu)),
    }]
}
