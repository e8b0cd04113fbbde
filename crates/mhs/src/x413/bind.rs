//! MS-bind (X.413 §7, module MSAbstractService). MS-unbind has neither argument nor result.

use super::{EntryClass, MSEITs, MSExtensions, RegistrationIdentifier, SequenceNumber};
use crate::x411::{
    InitiatorCredentials, ORAddressAndOrDirectoryName, ResponderCredentials, SecurityContext,
};
use restante_ber::{GeneralString, Null, Oid, SetOf, choice, enumerated, set};

set! { EXPLICIT TAGS;
    /// The argument.
    pub struct MSBindArgument {
        /// The user.
        initiator_name: ORAddressAndOrDirectoryName,
        /// The proof.
        initiator_credentials: InitiatorCredentials [2],
        /// The labels of what will be exchanged.
        security_context: Option<SecurityContext> [IMPLICIT 3],
        /// What Fetch must not return; absent means nothing.
        fetch_restrictions: Option<Restrictions> [4],
        /// Whether the result shall say what the store can do.
        ms_configuration_request: bool [5] = false,
        /// Which of the user's UAs this is (1994).
        ua_registration_identifier: Option<RegistrationIdentifier> [6],
        /// Extensions (1994).
        bind_extensions: Option<MSExtensions> [7],
    }
}

impl MSBindArgument {
    /// An argument that says nothing but who binds.
    pub fn new(
        initiator_name: ORAddressAndOrDirectoryName,
        initiator_credentials: InitiatorCredentials,
    ) -> Self {
        Self {
            initiator_name,
            initiator_credentials,
            security_context: None,
            fetch_restrictions: None,
            ms_configuration_request: false,
            ua_registration_identifier: None,
            bind_extensions: None,
        }
    }
}

set! { EXPLICIT TAGS;
    /// What Fetch must not return, unless it says otherwise; an absent member restricts nothing.
    #[derive(Default, Eq)]
    pub struct Restrictions {
        /// The content-types that may be returned.
        allowed_content_types: Option<SetOf<Oid>> [0],
        /// The encoded information types that may be returned.
        allowed_eits: Option<MSEITs> [1],
        /// How long an attribute may be, in octets.
        maximum_attribute_length: Option<i64> [2],
    }
}

set! { EXPLICIT TAGS;
    /// The result. What tells of the store is there when it was asked for.
    pub struct MSBindResult {
        /// The proof.
        responder_credentials: ResponderCredentials [2],
        /// The auto-actions that may be registered.
        available_auto_actions: Option<SetOf<Oid>> [3],
        /// The attributes that entries can have.
        available_attribute_types: Option<SetOf<Oid>> [4],
        /// Whether there was an alert that nobody took.
        alert_indication: bool [5] = false,
        /// The content-types of which the store knows attributes.
        content_types_supported: Option<SetOf<Oid>> [6],
        /// The classes of entries (1994).
        entry_classes_supported: Option<SetOf<EntryClass>> [7],
        /// The matching-rules for other-match (1994).
        matching_rules_supported: Option<SetOf<Oid>> [8],
        /// Extensions (1994).
        bind_result_extensions: Option<MSExtensions> [9],
        /// How many parts the name of a message-group may have (1994).
        message_group_depth: Option<u32> [10],
        /// Whether an auto-action failed (1994).
        auto_action_error_indication: Option<AutoActionErrorIndication> [11],
        /// The bind-extensions that the store does not know (1994).
        unsupported_extensions: Option<SetOf<Oid>> [12],
        /// Whether the store does not know the UA's name (1994).
        ua_registration_id_unknown: bool [13] = false,
        /// For people (1994).
        service_information: Option<GeneralString> [14],
    }
}

impl MSBindResult {
    /// A result that says nothing but who answers.
    pub fn new(responder_credentials: ResponderCredentials) -> Self {
        Self {
            responder_credentials,
            available_auto_actions: None,
            available_attribute_types: None,
            alert_indication: false,
            content_types_supported: None,
            entry_classes_supported: None,
            matching_rules_supported: None,
            bind_result_extensions: None,
            message_group_depth: None,
            auto_action_error_indication: None,
            unsupported_extensions: None,
            ua_registration_id_unknown: false,
            service_information: None,
        }
    }
}

choice! { EXPLICIT TAGS;
    /// That an auto-action failed (1994).
    pub enum AutoActionErrorIndication {
        /// No more is known.
        IndicationOnly(Null) [0],
        /// See this entry of the auto-action-log.
        AutoActionLogEntry(SequenceNumber) [1],
    }
}

choice! { EXPLICIT TAGS;
    /// Why a bind is refused.
    pub enum MSBindError {
        /// The problem alone: all that contexts of 1988 have.
        UnqualifiedError(BindProblem),
        /// The problem and more (1994).
        QualifiedError(QualifiedBindError),
    }
}

impl MSBindError {
    /// The problem, of either form.
    pub fn problem(&self) -> BindProblem {
        match self {
            Self::UnqualifiedError(problem) => *problem,
            Self::QualifiedError(error) => error.bind_problem,
        }
    }
}

set! { EXPLICIT TAGS;
    /// Why a bind is refused, at length (1994).
    pub struct QualifiedBindError {
        /// The problem.
        bind_problem: BindProblem [0],
        /// For people.
        supplementary_information: Option<GeneralString> [1],
        /// The extensions that could not be had.
        bind_extension_errors: Option<SetOf<Oid>> [2],
    }
}

enumerated! {
    /// Why a bind is refused. An ENUMERATED, where the MTS has an INTEGER.
    pub struct BindProblem {
        /// Name or credentials are wrong.
        AUTHENTICATION_ERROR = 0,
        /// Not with these labels.
        UNACCEPTABLE_SECURITY_CONTEXT = 1,
        /// Not now, or not here.
        UNABLE_TO_ESTABLISH_ASSOCIATION = 2,
        /// An extension could not be had (1994).
        BIND_EXTENSION_PROBLEM = 3,
        /// Not without encryption (1994).
        INADEQUATE_ASSOCIATION_CONFIDENTIALITY = 4,
    }
}
