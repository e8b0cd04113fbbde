//! Interpersonal notifications (X.420 §8, module IPMSInformationObjects).

use super::{ExtensionsField, IPM, IPMIdentifier, ORDescriptor};
use crate::x411::EncodedInformationTypes;
use restante_ber::{Kept, PrintableString, UtcTime, choice, enumerated, set};

set! { IMPLICIT TAGS;
    /// A notification about a message.
    pub struct IPN {
        /// The message.
        subject_ipm: IPMIdentifier,
        /// Who sends it, where the envelope does not say.
        ipn_originator: Option<ORDescriptor> [1],
        /// Whom the message was meant for, where it is another one.
        ipm_intended_recipient: Option<ORDescriptor> [2],
        /// What the message was converted to.
        conversion_eits: Option<EncodedInformationTypes>,
        /// All that came later.
        notification_extensions: Option<ExtensionsField> [3],
        /// What it says.
        choice: NotificationFields [0],
    }
}

choice! { IMPLICIT TAGS;
    /// What a notification says.
    pub enum NotificationFields {
        /// Not read (NRN).
        NonReceiptFields(NonReceiptFields) [0],
        /// Read (RN).
        ReceiptFields(ReceiptFields) [1],
        /// Something else (ON, 1999).
        OtherNotificationTypeFields(ExtensionsField) [2],
    }
}

set! { IMPLICIT TAGS;
    /// Why a message was not read.
    pub struct NonReceiptFields {
        /// What became of it.
        non_receipt_reason: NonReceiptReason [0],
        /// Why it was discarded.
        discard_reason: Option<DiscardReason> [1],
        /// Where it was forwarded to.
        auto_forward_comment: Option<PrintableString> [2],
        /// The message, as it came.
        returned_ipm: Option<Kept<IPM>> [3],
        /// All that came later.
        nrn_extensions: Option<ExtensionsField> [4],
    }
}

set! { IMPLICIT TAGS;
    /// How a message was read.
    pub struct ReceiptFields {
        /// When.
        receipt_time: UtcTime [0],
        /// By whose doing this notification is sent.
        acknowledgment_mode: AcknowledgmentMode [1] = AcknowledgmentMode::MANUAL,
        /// For people.
        suppl_receipt_info: Option<PrintableString> [2],
        /// All that came later.
        rn_extensions: Option<ExtensionsField> [3],
    }
}

enumerated! {
    /// What became of a message that was not read.
    pub struct NonReceiptReason {
        /// It was thrown away.
        IPM_DISCARDED = 0,
        /// It was sent on.
        IPM_AUTO_FORWARDED = 1,
    }
}

enumerated! {
    /// Why a message was thrown away.
    pub struct DiscardReason {
        /// Its time was over.
        IPM_EXPIRED = 0,
        /// Another one took its place.
        IPM_OBSOLETED = 1,
        /// The recipient is no user any more.
        USER_SUBSCRIPTION_TERMINATED = 2,
        /// The recipient deleted it unread (ISO/IEC; not used in X.420).
        IPM_DELETED = 3,
    }
}

enumerated! {
    /// By whose doing a receipt is sent.
    pub struct AcknowledgmentMode {
        /// The user's.
        MANUAL = 0,
        /// The UA's or the store's.
        AUTOMATIC = 1,
    }
}
