//! Values of message-store attributes that are not fields of a message (X.420 §19, module
//! IPMSMessageStoreAttributes). How a store makes them is its own.

use crate::x413::SequenceNumber;
use restante_ber::{External, Null, Oid, SetOf, choice, enumerated, integer, newtype, sequence};

enumerated! {
    /// What an entry holds; value of ipm-entry-type.
    pub struct IPMEntryType {
        /// A message.
        IPM = 0,
        /// A receipt notification.
        RN = 1,
        /// A non-receipt notification.
        NRN = 2,
        /// Another notification (1999).
        ON = 3,
    }
}

newtype! { IMPLICIT TAGS;
    /// What a message consists of; value of ipm-synopsis.
    #[derive(Eq)]
    pub struct IPMSynopsis(Vec<BodyPartSynopsis>);
}

choice! { IMPLICIT TAGS;
    /// A body part.
    #[derive(Eq)]
    pub enum BodyPartSynopsis {
        /// A forwarded message.
        Message(MessageBodyPartSynopsis) [0],
        /// Any other.
        NonMessage(NonMessageBodyPartSynopsis) [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// A forwarded message.
    #[derive(Eq)]
    pub struct MessageBodyPartSynopsis {
        /// The child-entry.
        number: SequenceNumber [0],
        /// What it consists of.
        synopsis: IPMSynopsis [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// A body part that is no message.
    #[derive(Eq)]
    pub struct NonMessageBodyPartSynopsis {
        /// Its type, `id-et-…`.
        r#type: Oid [0],
        /// Its parameters.
        parameters: Option<External> [1],
        /// How many octets its encoding has.
        size: i64 [2],
        /// Whether it was fetched.
        processed: bool [3] = false,
    }
}

sequence! { IMPLICIT TAGS;
    /// A body part; value of body-parts-summary (1994).
    #[derive(Eq)]
    pub struct BodyPartDescriptor {
        /// The type of its data, `id-et-…`.
        data: Oid [0],
        /// The type of its parameters, `id-ep-…`.
        parameters: Option<Oid> [1],
        /// The child-entry, where it is a forwarded message.
        this_child_entry: Option<SequenceNumber> [2],
        /// Its place, from 1.
        position: i64 [3],
        /// How many octets its encoding has.
        size: i64 [4],
        /// Whether it was fetched.
        processed: bool [5] = false,
    }
}

choice! { IMPLICIT TAGS;
    /// Where a message is that another one names (1994).
    pub enum IPMLocation {
        /// In these entries.
        Stored(SetOf<SequenceNumber>),
        /// Not here.
        Absent(Null),
    }
}

integer! {
    /// As whom the user got a message; value of recipient-category (1994).
    pub struct RecipientCategory {
        /// To.
        PRIMARY_RECIPIENT = 0,
        /// Copy.
        COPY_RECIPIENT = 1,
        /// Blind copy.
        BLIND_COPY_RECIPIENT = 2,
        /// The heading does not say.
        CATEGORY_UNKNOWN = 3,
        /// In a circulation list.
        CIRCULATION_LIST = 4,
    }
}
