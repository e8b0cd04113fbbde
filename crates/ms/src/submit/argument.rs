//! Arguments of the submission port (X.411 §8.2, X.413 §8.4) as they came: an MTA is passed the
//! octets of the envelope, without what is meant for the store alone.

use restante_ber::{Bytes, Decode, Element, Kept, Reader, Rope, Tag, Writer};
use restante_mhs::x411::{
    MessageSubmissionArgument, MessageSubmissionEnvelope, MessageSubmissionIdentifier,
    ProbeSubmissionEnvelope,
};
use restante_mhs::x413::{
    MSMessageSubmissionArgument, MSProbeSubmissionArgument, MSSubmissionOptions,
};
use restante_mhs::x419::{Edition, mts_access};

use crate::InvokeProblem;

/// What a user agent submits.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// A message.
    Message {
        /// The envelope, and its octets.
        envelope: Kept<MessageSubmissionEnvelope>,
        /// The content.
        content: Rope,
        /// What the store is to do with it (1994).
        options: Option<MSSubmissionOptions>,
    },
    /// A probe.
    Probe {
        /// The envelope, and its octets.
        envelope: Kept<ProbeSubmissionEnvelope>,
        /// What the store is to do with it (1994).
        options: Option<MSSubmissionOptions>,
    },
    /// The cancellation of a deferred delivery.
    Cancel(Kept<MessageSubmissionIdentifier>),
}

/// submission-options, of 1994.
const OPTIONS: Tag = Tag::context(4);

impl Submission {
    /// Reads an invocation. To an association of 1988 submission-options are no member.
    pub(crate) fn decode(
        edition: Edition,
        code: i64,
        argument: Option<&Bytes>,
    ) -> Result<Self, InvokeProblem> {
        let argument = argument.ok_or(InvokeProblem::MistypedArgument)?;
        let read = match code {
            mts_access::OP_MESSAGE_SUBMISSION => Self::message(edition, argument),
            mts_access::OP_PROBE_SUBMISSION => Self::probe(edition, argument),
            mts_access::OP_CANCEL_DEFERRED_DELIVERY => {
                Kept::from_bytes(argument).map(Self::Cancel)
            }
            _ => return Err(InvokeProblem::UnrecognizedOperation),
        };
        let submission = read.map_err(|_| InvokeProblem::MistypedArgument)?;
        // SIZE (1..ub-recipients): what is for nobody is no argument.
        let recipients = match &submission {
            Self::Message { envelope, .. } => envelope.per_recipient_fields.len(),
            Self::Probe { envelope, .. } => envelope.per_recipient_fields.len(),
            Self::Cancel(_) => 1,
        };
        if recipients == 0 { Err(InvokeProblem::MistypedArgument) } else { Ok(submission) }
    }

    fn message(edition: Edition, argument: &Bytes) -> restante_ber::Result<Self> {
        let (argument, options) = match edition {
            Edition::E1988 => (MessageSubmissionArgument::from_bytes(argument)?, None),
            Edition::E1994 => {
                let argument = MSMessageSubmissionArgument::from_bytes(argument)?;
                (argument.base, argument.added)
            }
        };
        let MessageSubmissionArgument { envelope, content } = argument;
        Ok(Self::Message { envelope, content, options })
    }

    fn probe(edition: Edition, argument: &Bytes) -> restante_ber::Result<Self> {
        let options = match edition {
            Edition::E1988 => None,
            Edition::E1994 => MSProbeSubmissionArgument::from_bytes(argument)?.added,
        };
        let envelope = without(argument, |member| member.tag == OPTIONS)?;
        Ok(Self::Probe { envelope: Kept::from_bytes(&envelope)?, options })
    }

    /// The operation's code.
    pub(crate) fn code(&self) -> i64 {
        match self {
            Self::Message { .. } => mts_access::OP_MESSAGE_SUBMISSION,
            Self::Probe { .. } => mts_access::OP_PROBE_SUBMISSION,
            Self::Cancel(_) => mts_access::OP_CANCEL_DEFERRED_DELIVERY,
        }
    }
}

/// An element without some of its members; as it came where it has none of them.
pub(super) fn without(
    octets: &Bytes,
    is_gone: impl Fn(&Element<'_>) -> bool,
) -> restante_ber::Result<Bytes> {
    let element = Reader::over(octets).only()?;
    let mut members = element.children()?;
    let mut kept = Rope::new();
    let mut gone = false;
    while let Some(member) = members.next_element()? {
        if is_gone(&member) {
            gone = true;
        } else {
            kept.push(member.to_bytes());
        }
    }
    Ok(if gone { wrapped(element.tag, kept).to_bytes() } else { octets.clone() })
}

/// An element of members that are encoded already.
pub(crate) fn wrapped(tag: Tag, members: Rope) -> Rope {
    let mut writer = Writer::new();
    writer.header(tag, true, members.len());
    let mut element = writer.finish();
    element.append(members);
    element
}
