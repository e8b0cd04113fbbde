//! Military messages (STANAG 4406 Annex A, module MMSHeadingExtensions): the heading extensions
//! that people are shown. Messages and notifications themselves are built as those of X.420.

use core::fmt;

use crate::x420::ORDescriptor;
use restante_ber::{Any, Oid, PrintableString, integer, oid, sequence, set};

/// The content-type of military messages, P772: `id-mct-p772`
pub const ID_MCT_P772: Oid = oid!(1, 3, 26, 0, 4406, 0, 4, 1);
/// A military message that is forwarded, as an extended body part: `id-nato-mmhs-et-mm-message`
pub const ID_ET_MM_MESSAGE: Oid = oid!(1, 3, 26, 0, 4406, 0, 7, 9);

integer! {
    /// How urgent a message is; 16 to 31 are for national use, of which two have common names.
    pub struct MMHSPrecedence {
        /// When there is nothing else to do.
        DEFERRED = 0,
        /// As usual.
        ROUTINE = 1,
        /// Before what is usual.
        PRIORITY = 2,
        /// At once.
        IMMEDIATE = 3,
        /// Before all but override.
        FLASH = 4,
        /// Before all.
        OVERRIDE = 5,
        /// Emergency command precedence (national).
        ECP = 16,
        /// Critical (national).
        CRITIC = 17,
    }
}

integer! {
    /// What a message belongs to.
    pub struct TypeMessage {
        /// An exercise.
        EXERCISE = 0,
        /// An operation.
        OPERATION = 1,
        /// A project.
        PROJECT = 2,
        /// A drill.
        DRILL = 3,
    }
}

set! { IMPLICIT TAGS;
    /// What a message belongs to; value of message-type.
    pub struct MessageType {
        /// Of which kind it is.
        r#type: TypeMessage [0],
        /// Which.
        identifier: Option<PrintableString> [1],
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.r#type.fmt(f)?;
        self.identifier.iter().try_for_each(|identifier| write!(f, " {identifier}"))
    }
}

set! { IMPLICIT TAGS;
    /// What a message is about, by subject indicator codes; value of distribution-codes.
    pub struct DistributionCodes {
        /// The codes.
        sics: Option<Vec<PrintableString>> [0],
        /// Of other kinds.
        dist_extensions: Option<Vec<DistributionExtensionField>> [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// A code of another kind.
    pub struct DistributionExtensionField {
        /// Of which kind.
        dist_type: Oid,
        /// Its value, as it came.
        dist_value: Any,
    }
}

impl fmt::Display for DistributionCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes = self.sics.iter().flatten().map(ToString::to_string);
        let others = self.dist_extensions.iter().flatten().map(|one| one.dist_type.to_string());
        f.write_str(&codes.chain(others).collect::<Vec<_>>().join(" "))
    }
}

integer! {
    /// As what a list gets a message.
    pub struct AddressListType {
        /// To.
        PRIMARY_ADDRESS_LIST = 0,
        /// Copy.
        COPY_ADDRESS_LIST = 1,
    }
}

set! { IMPLICIT TAGS;
    /// A list that a message goes to; member of address-list-indicator.
    pub struct AddressListDesignator {
        /// As what.
        r#type: AddressListType [0],
        /// Which.
        list_name: ORDescriptor [1],
        /// Of whom notifications are asked for.
        notification_request: Option<AddressListRequest> [2],
        /// Of whom replies are asked for.
        reply_request: Option<AddressListRequest> [3],
    }
}

integer! {
    /// Members of a list.
    pub struct AddressListRequest {
        /// Those who are to act.
        ACTION = 0,
        /// Those who are to know.
        INFO = 1,
        /// Both.
        BOTH = 2,
    }
}

integer! {
    /// As what somebody outside of the MHS gets a message.
    pub struct OtherRecipientType {
        /// To.
        PRIMARY = 0,
        /// Copy.
        COPY = 1,
    }
}

set! { IMPLICIT TAGS;
    /// A recipient outside of the MHS; member of other-recipients-indicator.
    pub struct OtherRecipientDesignator {
        /// As what.
        r#type: OtherRecipientType [0],
        /// Who.
        designator: PrintableString [1],
    }
}

impl fmt::Display for OtherRecipientDesignator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.r#type, self.designator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_ber::{Decode, Encode};

    #[test]
    fn headings_as_they_are_encoded() {
        // [0] exercise, [1] identifier: in any order, since it is a SET
        let octets = [0x31, 7, 0x81, 2, b'S', b'9', 0x80, 1, 0];
        let read = MessageType::from_ber(&octets).unwrap();
        assert_eq!(read.to_string(), "exercise S9");
        // [0] sics
        let octets = [0x31, 9, 0xa0, 7, 0x13, 5, b'A', b'B', b'C', b'1', b'2'];
        let read = DistributionCodes::from_ber(&octets).unwrap();
        assert_eq!(read.to_string(), "ABC12");
        assert_eq!(&read.to_ber()[..], octets);
        // [0] copy, [1] designator
        let octets = [0x31, 8, 0x80, 1, 1, 0x81, 3, b'F', b'O', b'O'];
        let read = OtherRecipientDesignator::from_ber(&octets).unwrap();
        assert_eq!(read.to_string(), "copy: FOO");
        assert_eq!(MMHSPrecedence(4).to_string(), "flash");
        assert_eq!(MMHSPrecedence(18).to_string(), "18");
    }
}
