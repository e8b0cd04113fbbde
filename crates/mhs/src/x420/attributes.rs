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

choice! { IMPLICIT TAGS;
    /// The replies of one recipient; value of ac-correlated-delivered-replies (1994).
    #[derive(Eq)]
    pub enum CorrelatedDeliveredReplies {
        /// None came.
        NoReplyReceived(Null) [0],
        /// These entries.
        ReceivedReplies(Vec<SequenceNumber>) [1],
    }
}

choice! { IMPLICIT TAGS;
    /// The notifications of one recipient; value of ac-correlated-delivered-ipns (1994).
    #[derive(Eq)]
    pub enum CorrelatedDeliveredIPNs {
        /// None came.
        NoIpnReceived(Null) [0],
        /// These entries.
        IpnsReceived(Vec<SequenceNumber>) [1],
    }
}

integer! {
    /// Whether one recipient has replied; value of ac-delivered-replies-summary (1994).
    pub struct DeliveredReplyStatus {
        /// No reply was asked for.
        NO_REPLY_REQUESTED = 0,
        /// One was, and has not come.
        REPLY_OUTSTANDING = 1,
        /// It came.
        REPLY_RECEIVED = 2,
    }
}

integer! {
    /// What one recipient has notified; value of ac-delivered-ipn-summary (1994).
    pub struct DeliveredIPNStatus {
        /// Nothing was asked for.
        NO_IPN_REQUESTED = 0,
        /// Advice is understood.
        AN_REQUESTED = 3,
        /// A notification of non-receipt was asked for.
        NRN_REQUESTED = 5,
        /// A receipt was asked for.
        RN_REQUESTED = 10,
        /// Advice came.
        AN_RECEIVED = 13,
        /// The message was forwarded.
        IPM_AUTO_FORWARDED = 15,
        /// The message was thrown away.
        IPM_DISCARDED = 20,
        /// The message was read.
        RN_RECEIVED = 25,
    }
}

integer! {
    /// Whether the user has replied; value of ac-submitted-reply-status (1994).
    pub struct SubmittedReplyStatus {
        /// No reply was asked for.
        NO_REPLY_REQUESTED = 0,
        /// The user does not mean to.
        NO_REPLY_INTENDED = 1,
        /// One was asked for.
        REPLY_PENDING = 2,
        /// The user has.
        REPLY_SENT = 3,
    }
}

integer! {
    /// What the user has notified; value of ac-submitted-ipn-status (1994).
    pub struct SubmittedIPNStatus {
        /// Nothing was asked for.
        NO_IPN_REQUESTED = 0,
        /// A notification of non-receipt was asked for.
        NRN_REQUESTED = 5,
        /// With the message.
        NRN_WITH_IPM_RETURN_REQUESTED = 10,
        /// A receipt was asked for.
        RN_REQUESTED = 15,
        /// And, where it is not read, the message.
        RN_WITH_IPM_RETURN_REQUESTED = 20,
        /// The message was forwarded.
        IPM_AUTO_FORWARDED = 25,
        /// The message was thrown away.
        IPM_DISCARDED = 30,
        /// The message was read.
        RN_SENT = 35,
    }
}
