//! Delivery-control and submission-control (X.411, Submission, Delivery and Administration Port
//! Parameters; MTSAbstractService88). The editions have the same operation code and SETs that do
//! not agree: which one is meant is said by the application-context.

use super::{
    ContentLength, ContentType, ContentTypes, EncodedInformationTypes,
    ExtendedEncodedInformationTypes, Extensions, Priority, SecurityContext,
};
use restante_ber::{SetOf, bits, sequence, set};

set! { IMPLICIT TAGS;
    /// What may be sent for the time being (DeliveryControls, SubmissionControls,
    /// DefaultDeliveryControls).
    pub struct Controls {
        /// False takes earlier restrictions away.
        restrict: bool [0] = true,
        /// Which operations may be invoked.
        permissible_operations: Option<Operations> [1],
        /// How long a content may be, in octets.
        permissible_maximum_content_length: Option<ContentLength> [2],
        /// How urgent it must be at least.
        permissible_lowest_priority: Option<Priority>,
        /// What it may be; never in submission-control.
        permissible_content_types: Option<ContentTypes> [4],
        /// What may be in it; never in submission-control.
        permissible_encoded_information_types: Option<EncodedInformationTypesConstraints>,
        /// How it may be labelled.
        permissible_security_context: Option<SecurityContext> [5],
    }
}

/// The argument of submission-control, of both editions.
pub type SubmissionControlArgument = Controls;

set! { IMPLICIT TAGS;
    /// The argument of delivery-control, 1994.
    pub struct DeliveryControlArgument {
        /// False takes earlier restrictions away.
        restrict: bool [0] = true,
        /// Which operations may be invoked.
        permissible_operations: Option<Operations> [1],
        /// How long a content may be, in octets.
        permissible_maximum_content_length: Option<ContentLength> [2],
        /// How urgent it must be at least.
        permissible_lowest_priority: Option<Priority>,
        /// What it may be.
        permissible_content_types: Option<ContentTypes> [4],
        /// What may be in it.
        permissible_encoded_information_types: Option<EncodedInformationTypesConstraints>,
        /// How it may be labelled.
        permissible_security_context: Option<SecurityContext> [5],
        /// All that came later.
        extensions: Extensions [6] = Extensions::default(),
    }
}

set! { IMPLICIT TAGS;
    /// The argument of delivery-control, 1988, and the default controls of that edition.
    pub struct DeliveryControls88 {
        /// False takes earlier restrictions away.
        restrict: bool [0] = true,
        /// Which operations may be invoked.
        permissible_operations: Option<Operations> [1],
        /// How long a content may be, in octets.
        permissible_maximum_content_length: Option<ContentLength> [2],
        /// How urgent it must be at least.
        permissible_lowest_priority: Option<Priority>,
        /// What it may be.
        permissible_content_types: Option<ContentTypes> [4],
        /// How it may be labelled.
        permissible_security_context: Option<SecurityContext> [5],
        /// What may be in it.
        permissible_encoded_information_types_88: Option<EncodedInformationTypes>,
    }
}

sequence! { IMPLICIT TAGS;
    /// What may be in a content, 1994.
    #[derive(Default, Eq, Hash)]
    pub struct EncodedInformationTypesConstraints {
        /// Not these.
        unacceptable_eits: Option<ExtendedEncodedInformationTypes> [0],
        /// One of these at least.
        acceptable_eits: Option<ExtendedEncodedInformationTypes> [1],
        /// None but these.
        exclusively_acceptable_eits: Option<ExtendedEncodedInformationTypes> [2],
    }
}

set! { IMPLICIT TAGS;
    /// What is held back: the result of submission-control, and of the 1988 delivery-control.
    #[derive(Default, Eq, Hash)]
    pub struct Waiting {
        /// Operations that wait.
        waiting_operations: Operations [0] = Operations::default(),
        /// Why messages wait.
        waiting_messages: WaitingMessages [1] = WaitingMessages::default(),
        /// Content types of those that wait.
        waiting_content_types: SetOf<ContentType> [2] = SetOf::default(),
        /// What is in them.
        waiting_encoded_information_types: Option<EncodedInformationTypes>,
    }
}

set! { IMPLICIT TAGS;
    /// The result of delivery-control, 1994.
    #[derive(Default, Eq, Hash)]
    pub struct DeliveryControlResult {
        /// Operations that wait.
        waiting_operations: Operations [0] = Operations::default(),
        /// Why messages wait.
        waiting_messages: WaitingMessages [1] = WaitingMessages::default(),
        /// Content types of those that wait.
        waiting_content_types: SetOf<ContentType> [2] = SetOf::default(),
        /// What is in them.
        waiting_encoded_information_types: Option<EncodedInformationTypes>,
        /// All that came later.
        extensions: Extensions [6] = Extensions::default(),
    }
}

bits! {
    /// Operations: holding, or allowed.
    pub struct Operations {
        /// Probes are submitted, reports delivered.
        PROBE_SUBMISSION_OR_REPORT_DELIVERY = 0,
        /// Messages are submitted or delivered.
        MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY = 1,
    }
}

bits! {
    /// Why messages wait.
    pub struct WaitingMessages {
        /// They are too long.
        LONG_CONTENT = 0,
        /// They are not urgent enough.
        LOW_PRIORITY = 1,
        /// They are labelled otherwise.
        OTHER_SECURITY_LABELS = 2,
    }
}

impl From<DeliveryControls88> for DeliveryControlArgument {
    /// What the 1988 form says, in the 1994 form: its encoded information types are the only
    /// ones that are acceptable.
    fn from(controls: DeliveryControls88) -> Self {
        let types = controls.permissible_encoded_information_types_88;
        Self {
            restrict: controls.restrict,
            permissible_operations: controls.permissible_operations,
            permissible_maximum_content_length: controls.permissible_maximum_content_length,
            permissible_lowest_priority: controls.permissible_lowest_priority,
            permissible_content_types: controls.permissible_content_types,
            permissible_encoded_information_types: types.map(|types| {
                EncodedInformationTypesConstraints {
                    exclusively_acceptable_eits: Some(SetOf(types.oids())),
                    ..Default::default()
                }
            }),
            permissible_security_context: controls.permissible_security_context,
            extensions: Extensions::default(),
        }
    }
}
