//! Register-MS (X.413 §8.3.6, module MSAbstractService): what the store is to do for the user,
//! and change of credentials. A 1988 argument ends with user-security-labels.

use super::{
    AutoActionDeregistration, AutoActionRegistration, MSExtensions, MSSubmissionOptions,
    MessageGroupName, RegistrationIdentifier,
};
use crate::x411::{Credentials, SecurityLabel};
use restante_ber::{GeneralString, Null, Oid, SetOf, bits, choice, sequence, set};

set! { EXPLICIT TAGS;
    /// What is to be registered. A list that is present takes the place of the former one; what
    /// is absent stays as it was.
    #[derive(Default)]
    pub struct RegisterMSArgument {
        /// Auto-actions that come.
        auto_action_registrations: Option<SetOf<AutoActionRegistration>> [0],
        /// Auto-actions that go.
        auto_action_deregistrations: Option<SetOf<AutoActionDeregistration>> [1],
        /// What List returns where nothing is requested.
        list_attribute_defaults: Option<SetOf<Oid>> [2],
        /// What Fetch returns where nothing is requested.
        fetch_attribute_defaults: Option<SetOf<Oid>> [3],
        /// A new password.
        change_credentials: Option<ChangeCredentials> [4],
        /// The labels that the user may use.
        user_security_labels: Option<SetOf<SecurityLabel>> [5],
        /// For one UA each (1994).
        ua_registrations: Option<SetOf<UARegistration>> [6],
        /// How submissions are stored (1994).
        submission_defaults: Option<MSSubmissionOptions> [7],
        /// Message-groups that come, go or change (1994).
        message_group_registrations: Option<Vec<MessageGroupRegistration>> [8],
        /// What the result shall tell of what is registered (1994).
        registration_status_request: Option<RegistrationTypes> [9],
        /// Extensions (1994).
        register_ms_extensions: Option<MSExtensions> [10],
    }
}

sequence! { EXPLICIT TAGS;
    /// A new password.
    pub struct ChangeCredentials {
        /// The one so far.
        old_credentials: Credentials [0],
        /// The one from now on.
        new_credentials: Credentials [1],
    }
}

set! { EXPLICIT TAGS;
    /// What is registered for one of the user's UAs (1994).
    pub struct UARegistration {
        /// Which.
        ua_registration_identifier: RegistrationIdentifier [0],
        /// What List returns it where nothing is requested.
        ua_list_attribute_defaults: Option<SetOf<Oid>> [1],
        /// What Fetch returns it where nothing is requested.
        ua_fetch_attribute_defaults: Option<SetOf<Oid>> [2],
        /// How its submissions are stored.
        ua_submission_defaults: Option<MSSubmissionOptions> [3],
        /// For one kind of content.
        content_specific_defaults: Option<MSExtensions> [4],
    }
}

choice! { EXPLICIT TAGS;
    /// A change of message-groups (1994).
    pub enum MessageGroupRegistration {
        /// A group comes.
        RegisterGroup(MessageGroupNameAndDescriptor) [0],
        /// A group goes.
        DeregisterGroup(MessageGroupName) [1],
        /// A group is described anew.
        ChangeDescriptors(MessageGroupNameAndDescriptor) [2],
    }
}

set! { EXPLICIT TAGS;
    /// A message-group (1994).
    pub struct MessageGroupNameAndDescriptor {
        /// Its name.
        message_group_name: MessageGroupName [0],
        /// What people call it.
        message_group_descriptor: Option<GeneralString> [1],
    }
}

set! { EXPLICIT TAGS;
    /// Kinds of registrations (1994).
    #[derive(Default)]
    pub struct RegistrationTypes {
        /// Those with a name.
        registrations: Option<Registrations> [0],
        /// Those of extensions.
        extended_registrations: Option<SetOf<Oid>> [1],
        /// Which message-groups.
        restrict_message_groups: Option<MessageGroupsRestriction> [2],
    }
}

bits! {
    /// Kinds of registrations (1994).
    pub struct Registrations {
        /// Auto-actions.
        AUTO_ACTION_REGISTRATIONS = 0,
        /// Defaults of List.
        LIST_ATTRIBUTE_DEFAULTS = 1,
        /// Defaults of Fetch.
        FETCH_ATTRIBUTE_DEFAULTS = 2,
        /// For one UA each.
        UA_REGISTRATIONS = 3,
        /// How submissions are stored.
        SUBMISSION_DEFAULTS = 4,
        /// Message-groups.
        MESSAGE_GROUP_REGISTRATIONS = 5,
    }
}

set! { EXPLICIT TAGS;
    /// Which message-groups are told of (1994).
    pub struct MessageGroupsRestriction {
        /// Those below this one.
        parent_group: Option<MessageGroupName> [0],
        /// Only those directly below.
        immediate_descendants_only: bool [1] = true,
        /// Only their names.
        omit_descriptors: bool [2] = true,
    }
}

choice! { EXPLICIT TAGS;
    /// The result.
    pub enum RegisterMSResult {
        /// That it is done: all that contexts of 1988 have.
        NoStatusInformation(Null),
        /// What is registered (1994).
        RegisteredInformation(RegisteredInformation),
    }
}

set! { EXPLICIT TAGS;
    /// What is registered, as far as it was asked for (1994).
    #[derive(Default)]
    pub struct RegisteredInformation {
        /// Auto-actions.
        auto_action_registrations: Option<SetOf<AutoActionRegistration>> [0],
        /// Defaults of List.
        list_attribute_defaults: Option<SetOf<Oid>> [1],
        /// Defaults of Fetch.
        fetch_attribute_defaults: Option<SetOf<Oid>> [2],
        /// For one UA each.
        ua_registrations: Option<SetOf<UARegistration>> [3],
        /// How submissions are stored.
        submission_defaults: Option<MSSubmissionOptions> [4],
        /// Message-groups.
        message_group_registrations: Option<SetOf<MessageGroupNameAndDescriptor>> [5],
        /// Extensions.
        register_ms_result_extensions: Option<MSExtensions> [6],
    }
}
