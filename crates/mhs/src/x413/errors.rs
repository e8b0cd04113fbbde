//! Abstract-errors of retrieval (X.413 §9, module MSAbstractService).
//!
//! Which error comes first is the store's to say. Problems that contexts of 1988 lack are marked;
//! [`In1988`](super::In1988) maps them.

use super::{
    AttributeValue, EntryClass, MSEITs, MSExtensionItem, MessageGroupName, RegistrationTypes,
    SequenceNumber,
};
use super::{attributes, auto_action_name};
use crate::x411::SecurityProblem;
use crate::x419::ms_access;
use core::fmt;
use restante_ber::{
    Any, Error, GeneralString, Null, Oid, Result, SetOf, bits, choice, enumerated, integer, set,
};

macro_rules! retrieval_errors {
    ($($(#[$doc:meta])* $variant:ident($type:ty) = $code:ident;)*) => {
        /// An error of Summarize, List, Fetch, Delete, Register-MS, Alert or Modify that X.413
        /// defines.
        #[derive(Clone, Debug, PartialEq)]
        pub enum RetrievalError {
            $($(#[$doc])* $variant($type),)*
        }

        impl RetrievalError {
            /// The code of X.419's MSAccessProtocol.
            pub fn code(&self) -> i64 {
                match self {
                    $(Self::$variant(_) => ms_access::$code,)*
                }
            }

            /// The standard's name, `attribute-error`.
            pub fn name(&self) -> String {
                let constant = match self {
                    $(Self::$variant(_) => stringify!($code),)*
                };
                constant.trim_start_matches("ERR_").to_lowercase().replace('_', "-")
            }

            /// The parameter.
            pub fn parameter(&self) -> Any {
                match self {
                    $(Self::$variant(parameter) => Any::of(parameter),)*
                }
            }

            /// The error of a code and its parameter, absent where it is NULL. X.411's code 12
            /// of security-error is taken as well as 26.
            ///
            /// # Errors
            /// When no error of retrieval has the code, or the parameter is not of its type.
            pub fn of(code: i64, parameter: Option<&Any>) -> Result<Self> {
                let null = Any::of(&Null);
                let parameter = parameter.unwrap_or(&null);
                match code {
                    $(ms_access::$code => parameter.to().map(Self::$variant),)*
                    12 => parameter.to().map(Self::Security),
                    _ => Err(Error::Value("a code that no error of retrieval has")),
                }
            }
        }
    };
}
retrieval_errors! {
    /// Something is wrong with attributes.
    Attribute(AttributeError) = ERR_ATTRIBUTE_ERROR;
    /// Something is wrong with auto-actions.
    AutoActionRequest(AutoActionRequestError) = ERR_AUTO_ACTION_REQUEST_ERROR;
    /// Entries can't be deleted.
    Delete(DeleteError) = ERR_DELETE_ERROR;
    /// Fetch-restrictions forbid it.
    FetchRestriction(FetchRestrictionError) = ERR_FETCH_RESTRICTION_ERROR;
    /// A range is reversed (1988).
    Range(RangeError) = ERR_RANGE_ERROR;
    /// Security forbids it.
    Security(SecurityProblem) = ERR_SECURITY_ERROR;
    /// The store can't.
    Service(ServiceError) = ERR_SERVICE_ERROR;
    /// There are no such entries.
    SequenceNumber(SequenceNumberError) = ERR_SEQUENCE_NUMBER_ERROR;
    /// The arguments do not go together.
    InvalidParameters(Null) = ERR_INVALID_PARAMETERS_ERROR;
    /// Something is wrong with a message-group (1994).
    MessageGroup(MessageGroupError) = ERR_MESSAGE_GROUP_ERROR;
    /// Something is wrong with an extension (1994).
    MSExtension(MSExtensionError) = ERR_MS_EXTENSION_ERROR;
    /// Something is wrong with a registration (1994).
    RegisterMS(RegisterMSError) = ERR_REGISTER_MS_ERROR;
    /// Entries can't be modified (1994).
    Modify(ModifyError) = ERR_MODIFY_ERROR;
    /// The class of entries is not to be had (1994).
    EntryClass(EntryClassError) = ERR_ENTRY_CLASS_ERROR;
}

/// The name of the error and its problems.
impl fmt::Display for RetrievalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())?;
        match self {
            Self::Attribute(error) => list(f, &error.problems, |item| {
                let known = attributes::by_oid(&item.r#type).map(|attribute| attribute.name);
                let name = known.map_or_else(|| item.r#type.to_string(), ToOwned::to_owned);
                format!("{} of {name}", item.problem)
            }),
            Self::AutoActionRequest(error) => list(f, &error.problems, |item| {
                let known = auto_action_name(&item.r#type);
                let name = known.map_or_else(|| item.r#type.to_string(), ToOwned::to_owned);
                format!("{} of {name}", item.problem)
            }),
            Self::Delete(error) => list(f, &error.problems, |item| {
                format!("{} at entry {}", item.problem, item.sequence_number)
            }),
            Self::FetchRestriction(error) => {
                list(f, &error.problems, |item| item.problem.to_string())
            }
            Self::SequenceNumber(error) => list(f, &error.problems, |item| {
                format!("{} {}", item.problem, item.sequence_number)
            }),
            Self::Range(error) => write!(f, ": {}", error.problem),
            Self::Security(problem) => write!(f, ": {problem}"),
            Self::Service(error) => write!(f, ": {}", error.problem),
            Self::MessageGroup(error) => write!(f, ": {}", error.problem),
            Self::RegisterMS(error) => write!(f, ": {}", error.problem),
            Self::Modify(error) => {
                write!(f, ": {} at entry {}", error.problem, error.failing_entry)
            }
            Self::EntryClass(error) => write!(f, ": {}", error.problem.names().join(", ")),
            Self::InvalidParameters(_) | Self::MSExtension(_) => Ok(()),
        }
    }
}

fn list<T>(
    f: &mut fmt::Formatter<'_>,
    problems: &SetOf<T>,
    text: impl Fn(&T) -> String,
) -> fmt::Result {
    write!(f, ": {}", problems.0.iter().map(text).collect::<Vec<_>>().join(", "))
}

set! { EXPLICIT TAGS;
    /// attribute-error.
    pub struct AttributeError {
        /// At least one.
        problems: SetOf<AttributeProblemItem> [0],
    }
}

set! { EXPLICIT TAGS;
    /// A problem with an attribute.
    pub struct AttributeProblemItem {
        /// The problem.
        problem: AttributeProblem [0],
        /// The attribute.
        r#type: Oid [1],
        /// The value, where it is about one.
        value: Option<AttributeValue> [2],
    }
}

integer! {
    /// What is wrong with an attribute.
    pub struct AttributeProblem {
        /// The value is not of the syntax.
        INVALID_ATTRIBUTE_VALUE = 0,
        /// The store does not know the attribute.
        UNAVAILABLE_ATTRIBUTE_TYPE = 1,
        /// The attribute has no such matching-rule.
        INAPPROPRIATE_MATCHING = 2,
        /// The user may not have it.
        ATTRIBUTE_TYPE_NOT_SUBSCRIBED = 3,
        /// Not in this operation.
        INAPPROPRIATE_FOR_OPERATION = 4,
        /// It can't be changed so (1994).
        INAPPROPRIATE_MODIFICATION = 5,
        /// It has one value only (1994).
        SINGLE_VALUED_ATTRIBUTE = 6,
    }
}

set! { EXPLICIT TAGS;
    /// auto-action-request-error.
    pub struct AutoActionRequestError {
        /// At least one.
        problems: SetOf<AutoActionRequestProblemItem> [0],
    }
}

set! { EXPLICIT TAGS;
    /// A problem with an auto-action.
    pub struct AutoActionRequestProblemItem {
        /// The problem.
        problem: AutoActionRequestProblem [0],
        /// The auto-action.
        r#type: Oid [1],
    }
}

integer! {
    /// What is wrong with an auto-action.
    pub struct AutoActionRequestProblem {
        /// The store does not know it.
        UNAVAILABLE_AUTO_ACTION_TYPE = 0,
        /// The user may not have it.
        AUTO_ACTION_TYPE_NOT_SUBSCRIBED = 1,
        /// Not this registration (1994).
        NOT_WILLING_TO_PERFORM = 2,
    }
}

set! { EXPLICIT TAGS;
    /// delete-error.
    pub struct DeleteError {
        /// At least one.
        problems: SetOf<DeleteProblemItem> [0],
        /// What was deleted all the same (1994).
        entries_deleted: Option<SetOf<SequenceNumber>> [1],
    }
}

set! { EXPLICIT TAGS;
    /// A problem with the deletion of an entry.
    pub struct DeleteProblemItem {
        /// The problem.
        problem: DeleteProblem [0],
        /// The entry.
        sequence_number: SequenceNumber [1],
    }
}

integer! {
    /// Why an entry can't be deleted.
    pub struct DeleteProblem {
        /// It is a child-entry: delete its parent.
        CHILD_ENTRY_SPECIFIED = 0,
        /// It is not allowed.
        DELETE_RESTRICTION_PROBLEM = 1,
        /// It is new (1994).
        NEW_ENTRY_SPECIFIED = 2,
        /// Its class does not allow it (1994).
        ENTRY_CLASS_RESTRICTION = 3,
        /// A stored message exists (1994).
        STORED_MESSAGE_EXISTS = 4,
    }
}

set! { EXPLICIT TAGS;
    /// fetch-restriction-error.
    pub struct FetchRestrictionError {
        /// At least one.
        problems: SetOf<FetchRestrictionProblemItem> [0],
    }
}

set! { EXPLICIT TAGS;
    /// A restriction that forbids a Fetch.
    pub struct FetchRestrictionProblemItem {
        /// The problem.
        problem: FetchRestrictionProblem [3],
        /// What it is about.
        restriction: FetchRestriction,
    }
}

choice! { EXPLICIT TAGS;
    /// What a restriction forbids.
    pub enum FetchRestriction {
        /// This content-type.
        ContentType(Oid) [0],
        /// These encoded information types.
        Eit(MSEITs) [1],
        /// This length of an attribute, in octets.
        AttributeLength(i64) [2],
    }
}

integer! {
    /// Which restriction forbids a Fetch.
    pub struct FetchRestrictionProblem {
        /// That on content-types.
        CONTENT_TYPE_PROBLEM = 1,
        /// That on encoded information types.
        EIT_PROBLEM = 2,
        /// That on the length of attributes.
        MAXIMUM_LENGTH_PROBLEM = 3,
    }
}

set! { EXPLICIT TAGS;
    /// range-error (1988).
    pub struct RangeError {
        /// The problem.
        problem: RangeProblem [0],
    }
}

integer! {
    /// What is wrong with a range.
    pub struct RangeProblem {
        /// It ends before it begins.
        REVERSED = 0,
    }
}

set! { EXPLICIT TAGS;
    /// sequence-number-error.
    pub struct SequenceNumberError {
        /// At least one.
        problems: SetOf<SequenceNumberProblemItem> [1],
    }
}

set! { EXPLICIT TAGS;
    /// A problem with a number.
    pub struct SequenceNumberProblemItem {
        /// The problem.
        problem: SequenceNumberProblem [0],
        /// The number.
        sequence_number: SequenceNumber [1],
    }
}

integer! {
    /// What is wrong with a number.
    pub struct SequenceNumberProblem {
        /// No entry has it.
        NO_SUCH_ENTRY = 0,
    }
}

set! { EXPLICIT TAGS;
    /// service-error.
    pub struct ServiceError {
        /// The problem.
        problem: ServiceProblem [0],
        /// For people (1994).
        supplementary_information: Option<GeneralString> [1],
    }
}

integer! {
    /// Why the store can't.
    pub struct ServiceProblem {
        /// Try again later.
        BUSY = 0,
        /// Not for some time.
        UNAVAILABLE = 1,
        /// Not this.
        UNWILLING_TO_PERFORM = 2,
    }
}

set! { EXPLICIT TAGS;
    /// message-group-error (1994).
    pub struct MessageGroupError {
        /// The problem.
        problem: MessageGroupProblem [0],
        /// The group.
        name: MessageGroupName [1],
    }
}

integer! {
    /// What is wrong with a message-group.
    pub struct MessageGroupProblem {
        /// It is not registered.
        NAME_NOT_REGISTERED = 0,
        /// It is registered already.
        NAME_ALREADY_REGISTERED = 1,
        /// The group above it is not registered.
        PARENT_NOT_REGISTERED = 2,
        /// There are entries in it.
        GROUP_NOT_EMPTY = 3,
        /// A registration uses it.
        NAME_IN_USE = 4,
        /// There are groups below it.
        CHILD_GROUP_REGISTERED = 5,
        /// Its name has too many parts.
        GROUP_DEPTH_EXCEEDED = 6,
    }
}

choice! { EXPLICIT TAGS;
    /// ms-extension-error (1994).
    pub enum MSExtensionError {
        /// What the extension itself defines.
        MsExtensionProblem(MSExtensionItem) [0],
        /// The store does not know it.
        UnknownMsExtension(Oid) [1],
    }
}

set! { EXPLICIT TAGS;
    /// register-ms-error (1994).
    pub struct RegisterMSError {
        /// The problem.
        problem: RegistrationProblem [0],
        /// What it is about.
        registration_type: RegistrationTypes [1],
    }
}

enumerated! {
    /// What is wrong with a registration.
    pub struct RegistrationProblem {
        /// The store does not know it.
        REGISTRATION_NOT_SUPPORTED = 0,
        /// It is not well formed.
        REGISTRATION_IMPROPERLY_SPECIFIED = 1,
        /// There are too many.
        REGISTRATION_LIMIT_EXCEEDED = 2,
    }
}

set! { EXPLICIT TAGS;
    /// modify-error (1994).
    pub struct ModifyError {
        /// What was modified before.
        entries_modified: Option<Vec<SequenceNumber>> [0],
        /// The entry at which it ended.
        failing_entry: SequenceNumber [1],
        /// The modification at which it ended, from 1.
        modification_number: i64 [2],
        /// The problem.
        problem: ModifyProblem [3],
    }
}

integer! {
    /// Why an entry can't be modified.
    pub struct ModifyProblem {
        /// It has no such attribute.
        ATTRIBUTE_NOT_PRESENT = 0,
        /// The attribute has no such value.
        VALUE_NOT_PRESENT = 1,
        /// It has it already.
        ATTRIBUTE_OR_VALUE_ALREADY_EXISTS = 2,
        /// There is no such place.
        INVALID_POSITION = 3,
        /// It is not allowed.
        MODIFY_RESTRICTION_PROBLEM = 4,
    }
}

set! { EXPLICIT TAGS;
    /// entry-class-error (1994).
    pub struct EntryClassError {
        /// The class.
        entry_class: EntryClass [0],
        /// The problem.
        problem: EntryClassProblem [1],
    }
}

bits! {
    /// Why a class of entries is not to be had.
    pub struct EntryClassProblem {
        /// The store does not know it.
        UNSUPPORTED_ENTRY_CLASS = 0,
        /// The user may not have it.
        ENTRY_CLASS_NOT_SUBSCRIBED = 1,
        /// Not in this operation.
        INAPPROPRIATE_ENTRY_CLASS = 2,
    }
}
