//! Operations by code (X.419) with their arguments read: those that a user agent invokes on the
//! store, and those that an MTA invokes.
//!
//! Members of an argument that the peer's edition does not have are not looked at.

use restante_ber::{Bytes, Decode, Rope};
use restante_mhs::x411::{
    ChangeCredentialsArgument, MessageDeliveryEnvelope, ReportDeliveryEnvelope,
};
use restante_mhs::x411::{split_message_delivery, split_report_delivery};
use restante_mhs::x413::{
    DeleteArgument, DeleteItems, FetchArgument, FetchItem, Filter, FilterItem, ListArgument,
    ModifyArgument, ModifyEntries, RegisterMSArgument, Selector, SummarizeArgument,
};
use restante_mhs::x419::{Edition, ms_access, mts_access};

use crate::{InvokeProblem, Registration, Submission};

/// An operation of a user agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Counts entries.
    Summarize(SummarizeArgument),
    /// Lists entries.
    List(ListArgument),
    /// Fetches an entry.
    Fetch(FetchArgument),
    /// Deletes entries.
    Delete(DeleteArgument),
    /// Changes attributes of entries (1994).
    Modify(Box<ModifyArgument>),
    /// Registers what the store is to do.
    RegisterMS(Box<RegisterMSArgument>),
    /// Submits, or cancels what was submitted.
    Submission(Box<Submission>),
    /// Registers what the MTS may deliver.
    Register(Registration),
    /// Changes the user's password.
    ChangeCredentials(Box<ChangeCredentialsArgument>),
}

impl Operation {
    /// Reads an invocation.
    ///
    /// # Errors
    /// When the edition has no such operation, or the argument is not of its type.
    pub fn decode(
        edition: Edition,
        code: i64,
        argument: Option<&Bytes>,
    ) -> Result<Self, InvokeProblem> {
        let operation = Self::of_code(edition, code, argument)?;
        // Other-match came in 1994: to an association of 1988 it is no filter item.
        let late = |selector: &Selector| selector.filter.as_ref().is_some_and(has_other_match);
        if edition == Edition::E1988 && operation.selector().is_some_and(late) {
            return Err(InvokeProblem::MistypedArgument);
        }
        Ok(operation)
    }

    fn of_code(
        edition: Edition,
        code: i64,
        argument: Option<&Bytes>,
    ) -> Result<Self, InvokeProblem> {
        match code {
            ms_access::OP_SUMMARIZE => read(argument).map(Self::Summarize),
            ms_access::OP_LIST => read(argument).map(Self::List),
            ms_access::OP_FETCH => read(argument).map(Self::Fetch),
            ms_access::OP_DELETE => match read::<DeleteArgument>(argument)? {
                // SIZE (1..): what names nothing is no argument.
                DeleteArgument { items: DeleteItems::SequenceNumbers(numbers), .. }
                    if numbers.0.is_empty() =>
                {
                    Err(InvokeProblem::MistypedArgument)
                }
                argument => Ok(Self::Delete(argument)),
            },
            ms_access::OP_MODIFY if edition == Edition::E1994 => {
                read(argument).map(Box::new).map(Self::Modify)
            }
            ms_access::OP_REGISTER_MS => read(argument).map(Box::new).map(Self::RegisterMS),
            mts_access::OP_MESSAGE_SUBMISSION
            | mts_access::OP_PROBE_SUBMISSION
            | mts_access::OP_CANCEL_DEFERRED_DELIVERY => {
                let submission = Submission::decode(edition, code, argument)?;
                Ok(Self::Submission(Box::new(submission)))
            }
            mts_access::OP_REGISTER => Registration::decode(edition, argument).map(Self::Register),
            mts_access::OP_CHANGE_CREDENTIALS => {
                read(argument).map(Box::new).map(Self::ChangeCredentials)
            }
            _ => Err(InvokeProblem::UnrecognizedOperation),
        }
    }

    fn selector(&self) -> Option<&Selector> {
        match self {
            Self::Summarize(argument) => Some(&argument.selector),
            Self::List(argument) => Some(&argument.selector),
            Self::Fetch(argument) => match &argument.item {
                FetchItem::Search(selector) => Some(selector),
                FetchItem::Precise(_) => None,
            },
            Self::Delete(argument) => match &argument.items {
                DeleteItems::Selector(selector) => Some(selector),
                DeleteItems::SequenceNumbers(_) => None,
            },
            Self::Modify(argument) => match &argument.entries {
                ModifyEntries::Selector(selector) => Some(selector),
                ModifyEntries::SpecificEntries(_) => None,
            },
            Self::RegisterMS(_)
            | Self::Submission(_)
            | Self::Register(_)
            | Self::ChangeCredentials(_) => None,
        }
    }

    /// Whether the operation of a code may hash passwords, which takes processor and memory for
    /// tens of milliseconds: not many of these should be carried out at once.
    pub fn may_hash_passwords(code: i64) -> bool {
        code == ms_access::OP_REGISTER_MS || code == mts_access::OP_CHANGE_CREDENTIALS
    }

    /// The operation's name in the standard.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Summarize(_) => "summarize",
            Self::List(_) => "list",
            Self::Fetch(_) => "fetch",
            Self::Delete(_) => "delete",
            Self::Modify(_) => "modify",
            Self::RegisterMS(_) => "register-MS",
            Self::Submission(submission) => match **submission {
                Submission::Message { .. } => "message-submission",
                Submission::Probe { .. } => "probe-submission",
                Submission::Cancel(_) => "cancel-deferred-delivery",
            },
            Self::Register(_) => "register",
            Self::ChangeCredentials(_) => "change-credentials",
        }
    }
}

fn has_other_match(filter: &Filter) -> bool {
    match filter {
        Filter::Item(item) => matches!(item, FilterItem::OtherMatch(_)),
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(has_other_match),
        Filter::Not(filter) => has_other_match(filter),
    }
}

fn read<T: Decode>(argument: Option<&Bytes>) -> Result<T, InvokeProblem> {
    let octets = argument.ok_or(InvokeProblem::MistypedArgument)?;
    T::from_bytes(octets).map_err(|_| InvokeProblem::MistypedArgument)
}

/// What an MTA invokes: of a delivery the envelope read, and its octets as they came.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// A message.
    Message {
        /// The envelope.
        envelope: Box<MessageDeliveryEnvelope>,
        /// Its octets: a MessageDeliveryEnvelope.
        octets: Bytes,
        /// The content.
        content: Rope,
    },
    /// A report.
    Report {
        /// The envelope.
        envelope: Box<ReportDeliveryEnvelope>,
        /// Its octets: a ReportDeliveryEnvelope.
        octets: Bytes,
        /// The content that came back.
        returned_content: Option<Rope>,
    },
    /// No delivery: the MTA's own password from now on.
    ChangeCredentials(Box<ChangeCredentialsArgument>),
}

impl Delivery {
    /// Reads an invocation.
    ///
    /// # Errors
    /// When no operation of an MTA's has the code, or the argument is not of its type.
    pub fn decode(code: i64, argument: Option<&Bytes>) -> Result<Self, InvokeProblem> {
        if code == mts_access::OP_CHANGE_CREDENTIALS {
            return read(argument).map(Box::new).map(Self::ChangeCredentials);
        }
        let mistyped = |_| InvokeProblem::MistypedArgument;
        let argument = argument.ok_or(InvokeProblem::MistypedArgument);
        match code {
            mts_access::OP_MESSAGE_DELIVERY => {
                let (octets, content) = split_message_delivery(argument?).map_err(mistyped)?;
                let octets = octets.to_bytes();
                let envelope = Decode::from_bytes(&octets).map(Box::new).map_err(mistyped)?;
                Ok(Self::Message { envelope, octets, content })
            }
            mts_access::OP_REPORT_DELIVERY => {
                let (octets, returned_content) =
                    split_report_delivery(argument?).map_err(mistyped)?;
                let octets = octets.to_bytes();
                let envelope = Decode::from_bytes(&octets).map(Box::new).map_err(mistyped)?;
                Ok(Self::Report { envelope, octets, returned_content })
            }
            _ => Err(InvokeProblem::UnrecognizedOperation),
        }
    }
}
