//! What of a result or an error contexts of 1988 have (X.413 Annexes for 1988 contexts,
//! MSAbstractService's comments "1994 extension"): what a peer's edition lacks is never sent to
//! it.

use super::{
    AlertArgument, AttributeProblem, AutoActionRequestProblem, BindProblem, DeleteProblem,
    DeleteResult, EntryInformation, FetchResult, ListResult, MSBindError, MSBindResult,
    RegisterMSResult, RetrievalError, ServiceError, ServiceProblem, SummarizeResult, With4,
};
use restante_ber::Null;

/// A type that 1994 extended.
pub trait In1988 {
    /// The value as contexts of 1988 have it.
    #[must_use]
    fn in_1988(self) -> Self;
}

impl In1988 for MSBindResult {
    fn in_1988(self) -> Self {
        Self {
            available_auto_actions: self.available_auto_actions,
            available_attribute_types: self.available_attribute_types,
            alert_indication: self.alert_indication,
            content_types_supported: self.content_types_supported,
            ..Self::new(self.responder_credentials)
        }
    }
}

impl In1988 for MSBindError {
    fn in_1988(self) -> Self {
        Self::UnqualifiedError(match self.problem() {
            BindProblem::INADEQUATE_ASSOCIATION_CONFIDENTIALITY => {
                BindProblem::UNACCEPTABLE_SECURITY_CONTEXT
            }
            BindProblem(0..=2) => self.problem(),
            _ => BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION,
        })
    }
}

impl In1988 for EntryInformation {
    fn in_1988(self) -> Self {
        Self { value_count_exceeded: None, ..self }
    }
}

impl In1988 for AlertArgument {
    fn in_1988(self) -> Self {
        Self { new_entry: self.new_entry.map(EntryInformation::in_1988), ..self }
    }
}

impl In1988 for SummarizeResult {
    fn in_1988(self) -> Self {
        Self { summarize_result_extensions: None, ..self }
    }
}

impl In1988 for ListResult {
    fn in_1988(self) -> Self {
        let requested = self
            .requested
            .map(|entries| entries.into_iter().map(EntryInformation::in_1988).collect());
        Self { requested, list_result_extensions: None, ..self }
    }
}

impl In1988 for FetchResult {
    fn in_1988(self) -> Self {
        let entry_information = self.entry_information.map(EntryInformation::in_1988);
        Self { entry_information, fetch_result_extensions: None, ..self }
    }
}

impl In1988 for DeleteResult {
    fn in_1988(self) -> Self {
        Self::DeleteResult88(Null)
    }
}

impl In1988 for RegisterMSResult {
    fn in_1988(self) -> Self {
        Self::NoStatusInformation(Null)
    }
}

impl<T, X> In1988 for With4<T, X> {
    fn in_1988(self) -> Self {
        Self { added: None, ..self }
    }
}

/// Errors that 1988 lacks become the nearest that it has: what is wrong with arguments that it
/// lacks too is invalid-parameters, what the store will not register unwilling-to-perform.
impl In1988 for RetrievalError {
    fn in_1988(self) -> Self {
        match self {
            Self::Attribute(mut error) => {
                for item in &mut error.problems.0 {
                    if item.problem > AttributeProblem::INAPPROPRIATE_FOR_OPERATION {
                        item.problem = AttributeProblem::INAPPROPRIATE_FOR_OPERATION;
                    }
                }
                Self::Attribute(error)
            }
            Self::AutoActionRequest(mut error) => {
                for item in &mut error.problems.0 {
                    if item.problem > AutoActionRequestProblem::AUTO_ACTION_TYPE_NOT_SUBSCRIBED {
                        item.problem = AutoActionRequestProblem::AUTO_ACTION_TYPE_NOT_SUBSCRIBED;
                    }
                }
                Self::AutoActionRequest(error)
            }
            Self::Delete(mut error) => {
                error.entries_deleted = None;
                for item in &mut error.problems.0 {
                    if item.problem > DeleteProblem::DELETE_RESTRICTION_PROBLEM {
                        item.problem = DeleteProblem::DELETE_RESTRICTION_PROBLEM;
                    }
                }
                Self::Delete(error)
            }
            Self::Service(error) => {
                Self::Service(ServiceError { supplementary_information: None, ..error })
            }
            Self::RegisterMS(_) => Self::Service(ServiceError {
                problem: ServiceProblem::UNWILLING_TO_PERFORM,
                supplementary_information: None,
            }),
            Self::MessageGroup(_)
            | Self::MSExtension(_)
            | Self::Modify(_)
            | Self::EntryClass(_) => Self::InvalidParameters(Null),
            same @ (Self::FetchRestriction(_)
            | Self::Range(_)
            | Self::Security(_)
            | Self::SequenceNumber(_)
            | Self::InvalidParameters(_)) => same,
        }
    }
}
