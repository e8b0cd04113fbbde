//! The registration of auto-forward (X.420 §20, module IPMSAutoActionTypes, whose tags are
//! EXPLICIT where nothing else is said). Carrying it out is the store's.

use super::{BodyPart, ExtensionsField, Heading, IA5TextBodyPart};
use crate::x411::{
    ContentIdentifier, Extensions, MessageSubmissionEnvelope, ORAddressAndOrDirectoryName,
    PerMessageIndicators, PerRecipientMessageSubmissionFields, Priority, Time,
};
use crate::x413::{Filter, MSSubmissionOptions};
use restante_ber::{
    Decode, Kept, OctetString, Oid, PrintableString, Result, bits, choice, integer, oid, sequence,
    set,
};

choice! { EXPLICIT TAGS;
    /// What is forwarded to whom and how. Its first octet tells the edition.
    pub enum AutoForwardRegistration {
        /// `30`, for contexts of 1994.
        Parameter94(IPMAutoForwardRegistrationParameter),
        /// `31`, for contexts of 1988.
        Parameter88(AutoForwardRegistrationParameter88),
    }
}

sequence! { EXPLICIT TAGS;
    /// What is forwarded to whom and how (1994).
    pub struct IPMAutoForwardRegistrationParameter {
        /// Which entries; absent means all.
        filter: Option<Filter> [0],
        /// The envelope of what is forwarded; as it came, since a DEFAULT that is not there is
        /// taken from the message.
        forwarding_envelope: Kept<MessageSubmissionEnvelope> [1],
        /// Its heading.
        forwarding_heading: Kept<Heading> [2],
        /// The body part in front of what is forwarded.
        forwarding_cover_note: Option<BodyPart> [3],
        /// How the submission is stored.
        submission_options: Option<MSSubmissionOptions> [4],
        /// What a non-receipt notification says.
        nrn_comment: Option<PrintableString> [5],
        /// And more.
        ipm_auto_forward_options: IPMAutoForwardOptions [6] = IPMAutoForwardOptions::default(),
    }
}

bits! {
    /// Options of auto-forward (1994).
    pub struct IPMAutoForwardOptions {
        /// Not IPMs alone.
        FORWARD_ALL_OBJECT_TYPES = 0,
        /// Content that came back with a report as well.
        INCLUDE_RETURNED_CONTENT = 1,
        /// A message that came back with a notification as well.
        INCLUDE_RETURNED_IPM = 2,
        /// Not as a forwarded content.
        FORWARDED_CONTENT_PROHIBITED = 3,
        /// The entry stays new.
        PRESERVE_RETRIEVAL_STATUS = 4,
        /// The entry goes.
        DELETE_DELIVERED_OBJECT = 5,
    }
}

set! { EXPLICIT TAGS;
    /// What is forwarded to whom and how (1988).
    pub struct AutoForwardRegistrationParameter88 {
        /// Which entries; absent means all.
        filter: Option<Filter> [0],
        /// The envelope of what is forwarded.
        auto_forward_arguments: AutoForwardArguments [1],
        /// Whether the entry goes.
        delete_after_auto_forwarding: bool [2] = false,
        /// A [`ForwardingInformation1988`], encoded.
        forwarding_information: OctetString [3],
    }
}

impl AutoForwardRegistrationParameter88 {
    /// What the octets of `forwarding_information` say.
    ///
    /// # Errors
    /// When they are no [`ForwardingInformation1988`].
    pub fn information(&self) -> Result<ForwardingInformation1988> {
        ForwardingInformation1988::from_bytes(&self.forwarding_information.0)
    }
}

set! { IMPLICIT TAGS;
    /// The envelope of what is forwarded, without what only the message can say (1988).
    pub struct AutoForwardArguments {
        /// Who sends it.
        originator_name: ORAddressAndOrDirectoryName,
        /// To know it again.
        content_identifier: Option<ContentIdentifier>,
        /// How urgent it is; absent means as the message was.
        priority: Option<Priority>,
        /// What is asked for.
        per_message_indicators: Option<PerMessageIndicators>,
        /// When it may be delivered at the earliest.
        deferred_delivery_time: Option<Time> [0],
        /// All that came later.
        extensions: Extensions [2] = Extensions::default(),
        /// Who gets it.
        per_recipient_fields: Vec<PerRecipientMessageSubmissionFields> [1],
    }
}

set! { IMPLICIT TAGS;
    /// What is said with a forwarded message (1988).
    #[derive(Default)]
    pub struct ForwardingInformation1988 {
        /// What a non-receipt notification says.
        auto_forwarding_comment: Option<PrintableString> [0],
        /// The text in front of the message.
        ia5_cover_note: Option<IA5TextBodyPart> [1],
        /// What the identifier of the forwarding message begins with.
        this_ipm_prefix: Option<PrintableString> [2],
    }
}

/// The auto-action-type of delayed auto-forward, which no standard has: below 2.25 the UUID
/// b1085b01-bbb1-4200-ad89-f845aa6a7997 as a number (X.667).
pub const DELAYED_AUTO_FORWARD: Oid =
    oid!(2, 25, 235_316_739_465_388_471_336_630_995_864_173_312_407);

sequence! { EXPLICIT TAGS;
    /// What is forwarded where it has not been fetched in time: the parameter of
    /// [`DELAYED_AUTO_FORWARD`].
    pub struct DelayedAutoForwardParameter {
        /// How long it may lie there, seconds, from 1.
        delay: u32 [0],
        /// What is forwarded then, to whom and how.
        forward: AutoForwardRegistration [1],
    }
}

set! { EXPLICIT TAGS;
    /// How receipts are sent by the store (1994).
    pub struct IPMAutoAcknowledgementRegistrationParameter {
        /// For people, in each of them.
        auto_acknowledge_suppl_receipt_info: Option<PrintableString> [0],
        /// How the submission is stored.
        submission_options: Option<MSSubmissionOptions> [1],
    }
}

set! { EXPLICIT TAGS;
    /// Which messages are thrown away (1994).
    pub struct IPMAutoDiscardRegistrationParameter {
        /// Among which entries; absent means all.
        filter: Option<Filter> [0],
        /// How the submission of notifications is stored.
        submission_options: Option<MSSubmissionOptions> [1],
        /// Those whose time is over.
        auto_discard_expired_ipms: bool [2],
        /// Those that another one says it takes the place of.
        auto_discard_obsoleted_ipms: bool [3],
        /// Only where both have the same originator.
        restrict_obsoleting_to_originator: bool [4],
    }
}

set! { EXPLICIT TAGS;
    /// What originators are advised of (1994).
    pub struct IPMAutoAdviseRegistrationParameter {
        /// Whether it is done at present.
        enabled: bool [0] = true,
        /// On which messages; absent means all.
        filter: Option<Filter> [1],
        /// What they are advised of.
        advice_notifications: ExtensionsField [2],
        /// Whether each of them is once only.
        suppress_subsequent_notifications: bool [3] = true,
        /// Whether who does not understand advice gets a message.
        use_ipm_if_an_not_supported: bool [4] = false,
        /// How the submission is stored.
        submission_options: Option<MSSubmissionOptions> [5],
    }
}

set! { EXPLICIT TAGS;
    /// The parameter of ipm-auto-discard-error (1994).
    pub struct AutoDiscardError {
        /// The problem.
        problem: AutoDiscardProblem [0],
    }
}

integer! {
    /// Why a message is not thrown away (1994).
    pub struct AutoDiscardProblem {
        /// The one that obsoletes it is of somebody else.
        NOT_OBSOLETED_BY_ORIGINATOR = 0,
    }
}
