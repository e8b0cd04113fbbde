//! Register and change-credentials (X.411, Administration Port; MTSAbstractService88). The
//! editions of register have the same operation code and SETs that do not agree: which one is
//! meant is said by the application-context.

use super::{
    ContentLength, ContentTypes, Controls, Credentials, DeliveryControls88,
    EncodedInformationTypes, EncodedInformationTypesConstraints, ExtensionType, Extensions,
    ORAddressAndOptionalDirectoryName, ORAddressAndOrDirectoryName, ORName, Priority,
    SecurityContext, SecurityLabel,
};
use crate::x501::PresentationAddress;
use restante_ber::{
    Null, NumericString, PrintableString, SetOf, bits, choice, enumerated, sequence, set,
};

set! { IMPLICIT TAGS;
    /// The argument of register, 1994.
    #[derive(Default)]
    pub struct RegisterArgument {
        /// The user's name from now on.
        user_name: Option<ORAddressAndOptionalDirectoryName>,
        /// Where the user is reached.
        user_address: Option<UserAddress> [0],
        /// What may be delivered: all that is in one of the classes.
        deliverable_class: Option<SetOf<MessageClass>>,
        /// The controls that a bind starts with.
        default_delivery_controls: Option<Controls> [EXPLICIT 2],
        /// Who gets messages instead.
        redirections: Option<Vec<RecipientRedirection>> [3],
        /// Who may send to the user.
        restricted_delivery: Option<Vec<Restriction>> [4],
        /// What the user asks to be told.
        retrieve_registrations: Option<RegistrationTypes> [5],
        /// All that came later.
        extensions: Extensions [6] = Extensions::default(),
    }
}

choice! { IMPLICIT TAGS;
    /// The result of register, 1994.
    pub enum RegisterResult {
        /// Nothing was asked.
        EmptyResult(Null),
        /// What was asked for.
        NonEmptyResult(RegisterNonEmptyResult),
    }
}

set! { IMPLICIT TAGS;
    /// What is registered.
    #[derive(Default)]
    pub struct RegisterNonEmptyResult {
        /// The registrations that were asked for.
        registered_information: Option<RegisterArgument> [0],
        /// All that came later.
        extensions: Extensions [1] = Extensions::default(),
    }
}

set! { IMPLICIT TAGS;
    /// The argument of register, 1988. Its result is NULL.
    #[derive(Default)]
    pub struct Register88 {
        /// The user's name from now on.
        user_name: Option<ORAddressAndOptionalDirectoryName>,
        /// Where the user is reached.
        user_address: Option<UserAddress> [0],
        /// What may be in what is delivered.
        deliverable_encoded_information_types: Option<EncodedInformationTypes>,
        /// How long it may be, in octets.
        deliverable_maximum_content_length: Option<ContentLength> [EXPLICIT 1],
        /// The controls that a bind starts with. Their encoded information types are in the form
        /// of 1988, as 1988's text had them.
        default_delivery_controls: Option<DeliveryControls88> [EXPLICIT 2],
        /// What it may be.
        deliverable_content_types: Option<ContentTypes> [3],
        /// Labels, and who gets messages instead.
        labels_and_redirections: Option<SetOf<LabelAndRedirection>> [4],
    }
}

set! { IMPLICIT TAGS;
    /// A label of the user's, and who gets messages with it.
    #[derive(Default, Eq, Hash)]
    pub struct LabelAndRedirection {
        /// The label; absent: any.
        user_security_label: Option<SecurityLabel> [0],
        /// Who gets them instead.
        recipient_assigned_alternate_recipient: Option<ORAddressAndOrDirectoryName> [1],
    }
}

choice! { IMPLICIT TAGS;
    /// Where a user is reached.
    #[derive(Eq, Hash)]
    pub enum UserAddress {
        /// In an X.25 network.
        X121(X121UserAddress) [0],
        /// By OSI.
        Presentation(PresentationAddress) [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// Where a user is reached in an X.25 network.
    #[derive(Default, Eq, Hash)]
    pub struct X121UserAddress {
        /// The number.
        x121_address: Option<NumericString>,
        /// The selector behind it.
        tsap_id: Option<PrintableString>,
    }
}

set! { IMPLICIT TAGS;
    /// Some messages: those that meet all that is said (DeliverableClass, RedirectionClass).
    pub struct MessageClass {
        /// What they are.
        content_types: Option<ContentTypes> [0],
        /// How long they are at most, in octets.
        maximum_content_length: Option<ContentLength> [1],
        /// What is in them.
        encoded_information_types_constraints: Option<EncodedInformationTypesConstraints> [2],
        /// How they are labelled.
        security_labels: Option<SecurityContext> [3],
        /// How urgent they are; never in a deliverable class.
        priority: Option<SetOf<Priority>> [4],
        /// Messages, reports or both.
        objects: MessageClassObjects [5] = MessageClassObjects::BOTH,
        /// Who sent them; never in a deliverable class.
        applies_only_to: Option<Vec<Restriction>> [6],
        /// All that came later.
        extensions: Extensions [7] = Extensions::default(),
    }
}

enumerated! {
    /// Messages, reports or both.
    pub struct MessageClassObjects {
        /// Messages.
        MESSAGES = 0,
        /// Reports.
        REPORTS = 1,
        /// Both.
        BOTH = 2,
    }
}

set! { IMPLICIT TAGS;
    /// Who gets messages of some classes instead.
    #[derive(Default)]
    pub struct RecipientRedirection {
        /// The classes; absent: all messages.
        redirection_classes: Option<SetOf<MessageClass>> [0],
        /// Who gets them; absent: nobody else.
        recipient_assigned_alternate_recipient: Option<ORAddressAndOrDirectoryName> [1],
    }
}

set! { IMPLICIT TAGS;
    /// Who may or may not send to the user.
    pub struct Restriction {
        /// May or may not.
        permitted: bool = true,
        /// As what.
        source_type: SourceType = SourceType::all(),
        /// Who; absent: everybody.
        source_name: Option<ExactOrPattern>,
    }
}

bits! {
    /// As what somebody comes by a message.
    pub struct SourceType {
        /// As its originator.
        ORIGINATED_BY = 0,
        /// As somebody who redirects it.
        REDIRECTED_BY = 1,
        /// As a distribution list.
        DL_EXPANDED_BY = 2,
    }
}

impl SourceType {
    /// As whatever.
    pub fn all() -> Self {
        Self::of([Self::ORIGINATED_BY, Self::REDIRECTED_BY, Self::DL_EXPANDED_BY])
    }
}

choice! { IMPLICIT TAGS;
    /// A name, or all names that have its attributes.
    #[derive(Eq, Hash)]
    pub enum ExactOrPattern {
        /// That name.
        ExactMatch(ORName) [0],
        /// Names that have its attributes.
        PatternMatch(ORName) [1],
    }
}

sequence! { IMPLICIT TAGS;
    /// Registrations that a user asks to be told.
    #[derive(Default, Eq, Hash)]
    pub struct RegistrationTypes {
        /// Those of the standard.
        standard_parameters: Option<StandardParameters> [0],
        /// Others.
        extensions: Option<SetOf<ExtensionType>> [1],
    }
}

bits! {
    /// Registrations of the standard.
    pub struct StandardParameters {
        /// user-name
        USER_NAME = 0,
        /// user-address
        USER_ADDRESS = 1,
        /// deliverable-class
        DELIVERABLE_CLASS = 2,
        /// default-delivery-controls
        DEFAULT_DELIVERY_CONTROLS = 3,
        /// redirections
        REDIRECTIONS = 4,
        /// restricted-delivery
        RESTRICTED_DELIVERY = 5,
    }
}

set! { IMPLICIT TAGS;
    /// The argument of change-credentials, whose result is NULL. Both are simple.
    pub struct ChangeCredentialsArgument {
        /// Those until now.
        old_credentials: Credentials [0],
        /// Those from now on.
        new_credentials: Credentials [1],
    }
}

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
