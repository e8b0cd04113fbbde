//! Message-delivery (X.411, Delivery Port and Message Delivery Envelope).

use super::{
    ContentIdentifier, ConvertedEncodedInformationTypes, DeliveredContentType, Extensions,
    MessageDeliveryIdentifier, ORAddressAndOptionalDirectoryName, OriginalEncodedInformationTypes,
    Priority, Time,
};
use crate::x509::{Certificates, Signature};
use restante_ber::{Bytes, Decode, Error, Reader, Result, Rope, Tag, Writer, bits, sequence, set};

sequence! { IMPLICIT TAGS;
    /// The argument of message-delivery: the members of the envelope, and the content.
    pub struct MessageDeliveryArgument {
        /// Names the message to this recipient.
        message_delivery_identifier: MessageDeliveryIdentifier,
        /// When it is delivered.
        message_delivery_time: Time,
        /// The rest of the envelope.
        other_fields: OtherMessageDeliveryFields,
        /// The content, not looked into.
        content: Rope,
    }
}

sequence! { IMPLICIT TAGS;
    /// The envelope alone.
    pub struct MessageDeliveryEnvelope {
        /// Names the message to this recipient.
        message_delivery_identifier: MessageDeliveryIdentifier,
        /// When it is delivered.
        message_delivery_time: Time,
        /// The rest of the envelope.
        other_fields: OtherMessageDeliveryFields,
    }
}

set! { IMPLICIT TAGS;
    /// What an envelope says beside identifier and time.
    pub struct OtherMessageDeliveryFields {
        /// What the content is.
        content_type: DeliveredContentType,
        /// Who sent it.
        originator_name: ORAddressAndOptionalDirectoryName,
        /// What is in the content, as the originator said.
        original_encoded_information_types: Option<OriginalEncodedInformationTypes> [1],
        /// How urgent it is.
        priority: Priority = Priority::NORMAL,
        /// What was asked for.
        delivery_flags: Option<DeliveryFlags> [2],
        /// Who else gets it, where they may be named.
        other_recipient_names: Option<Vec<ORAddressAndOptionalDirectoryName>> [3],
        /// Who gets it.
        this_recipient_name: ORAddressAndOptionalDirectoryName [4],
        /// Who should have got it, before it was redirected.
        originally_intended_recipient_name: Option<ORAddressAndOptionalDirectoryName> [5],
        /// What is in the content, after conversion.
        converted_encoded_information_types: Option<ConvertedEncodedInformationTypes> [6],
        /// When it was submitted.
        message_submission_time: Time [7],
        /// What the originator's side gave it.
        content_identifier: Option<ContentIdentifier> [8],
        /// All that came later.
        extensions: Extensions [9] = Extensions::default(),
    }
}

bits! {
    /// What was asked for.
    pub struct DeliveryFlags {
        /// Leave the content as it is.
        IMPLICIT_CONVERSION_PROHIBITED = 1,
    }
}

set! { IMPLICIT TAGS;
    /// The result of message-delivery. The 1988 form is the one without extensions.
    #[derive(Default)]
    pub struct MessageDeliveryResult {
        /// The recipient's certificate.
        recipient_certificate: Option<Certificates> [0],
        /// The proof, where it was asked for.
        proof_of_delivery: Option<Signature> [1],
        /// 1994.
        extensions: Extensions [2] = Extensions::default(),
    }
}

/// Splits the argument of a message-delivery, as it came, into an encoding of
/// [`MessageDeliveryEnvelope`] and the content. The members of the envelope and the content are
/// shared with the argument, not copied; only the envelope's first octets are new.
///
/// # Errors
/// When the argument is none; whether the envelope's members can be read is not looked at.
pub fn split_message_delivery(argument: &Bytes) -> Result<(Rope, Rope)> {
    let element = Reader::over(argument).only()?;
    if element.tag != Tag::SEQUENCE {
        let wanted = MessageDeliveryArgument::NAME;
        return Err(Error::Unexpected { wanted, found: element.tag });
    }
    let mut members = element.children()?;
    for _ in 0..3 {
        members.required()?;
    }
    let octets = element.contents_to_bytes();
    let length = octets.len().saturating_sub(members.rest().len());
    let content = Rope::decode(&members.required()?)?;
    let envelope = [octets.slice(..length)].into_iter().collect();
    Ok((constructed(Tag::SEQUENCE, envelope), content))
}

/// An element of members that are encoded already.
pub(super) fn constructed(tag: Tag, members: Rope) -> Rope {
    let mut writer = Writer::new();
    writer.header(tag, true, members.len());
    let mut element = writer.finish();
    element.append(members);
    element
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
