//! Submission through the store (X.413 §8.4, module MSAbstractService).
//!
//! The arguments and results are X.411's, whose members keep their implicit tags (COMPONENTS
//! OF), with one member `[4]` of 1994 whose tag is explicit. The 1988 form is X.411's own: the
//! same type without that member.

use super::{
    AutoActionErrorIndication, EntryClass, MSExtensions, MessageGroupName, SequenceNumber,
};
use crate::x411::{
    MessageSubmissionArgument, MessageSubmissionResult, ProbeSubmissionArgument,
    ProbeSubmissionResult,
};
use restante_ber::{
    Decode, Element, Encode, Error, Result, Rope, SetOf, Tag, Tagging, Writer, choice, set,
};

set! { EXPLICIT TAGS;
    /// How a submission is stored (1994).
    #[derive(Default)]
    pub struct MSSubmissionOptions {
        /// Where: submission, submission-log or draft.
        object_entry_class: Option<EntryClass> [0],
        /// Whether auto-modify leaves it alone.
        disable_auto_modify: bool [1] = false,
        /// The message-groups to which it is added.
        add_message_group_names: Option<SetOf<MessageGroupName>> [2],
        /// Extensions.
        ms_submission_extensions: Option<MSExtensions> [3],
    }
}

set! { EXPLICIT TAGS;
    /// What the store did with a submission (1994).
    #[derive(Default)]
    pub struct CommonSubmissionResults {
        /// The entry that was made.
        created_entry: Option<SequenceNumber> [0],
        /// Whether an auto-action failed.
        auto_action_error_indication: Option<AutoActionErrorIndication> [1],
        /// Extensions.
        ms_submission_result_extensions: Option<MSExtensions> [2],
    }
}

/// The number of the forwarding-request among the standard extensions: the value is the
/// [`SequenceNumber`] of the entry whose content is to be forwarded.
pub const FORWARDING_REQUEST: i64 = 36;

/// The components of a SEQUENCE or SET of X.411 and, behind them, one member `[4]`.
#[derive(Clone, Debug, PartialEq)]
pub struct With4<T, X> {
    /// The components of X.411's type.
    pub base: T,
    /// `[4] EXPLICIT`, of 1994.
    pub added: Option<X>,
}

const FOUR: Tag = Tag::context(4);

impl<T, X> From<T> for With4<T, X> {
    fn from(base: T) -> Self {
        Self { base, added: None }
    }
}

impl<T: Decode, X: Decode> Decode for With4<T, X> {
    const NAME: &'static str = T::NAME;
    fn accepts(tag: Tag) -> bool {
        T::accepts(tag)
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut added = None;
        let mut members = element.children()?;
        while let Some(member) = members.next_element()? {
            if member.tag == FOUR {
                let value = X::decode_tagged(&member, Tagging::Explicit)?;
                if added.replace(value).is_some() {
                    return Err(Error::Duplicate { of: T::NAME, member: "[4]" });
                }
            }
        }
        Ok(Self { base: T::decode_contents(element)?, added })
    }
}

/// The contents octets of an element, without a copy of its large pieces.
fn contents(mut element: Rope) -> Rope {
    // Identifier octet, first length octet, and as many more as that one says.
    let long_form = element.pieces().flatten().nth(1).filter(|octet| **octet >= 0x80);
    let header = 2 + long_form.map_or(0, |octet| usize::from(octet & 0x7f));
    drop(element.split_to(header));
    element
}

impl<T: Encode + Decode, X: Encode> Encode for With4<T, X> {
    fn encode(&self, writer: &mut Writer) {
        let own = if T::accepts(Tag::SET) { Tag::SET } else { Tag::SEQUENCE };
        self.encode_as(own, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.constructed(tag, |writer| {
            if let Some(added) = &self.added {
                added.encode_tagged(FOUR, Tagging::Explicit, writer);
            }
            writer.rope(&contents(self.base.to_rope()));
        });
    }
}

/// Submits a message.
pub type MSMessageSubmissionArgument = With4<MessageSubmissionArgument, MSSubmissionOptions>;

/// Submits a probe.
pub type MSProbeSubmissionArgument = With4<ProbeSubmissionArgument, MSSubmissionOptions>;

/// That a probe is submitted.
pub type MSProbeSubmissionResult = With4<ProbeSubmissionResult, CommonSubmissionResults>;

choice! { EXPLICIT TAGS;
    /// That a message is submitted, or put away as a draft.
    pub enum MSMessageSubmissionResult {
        /// It is submitted.
        MtsResult(With4<MessageSubmissionResult, CommonSubmissionResults>),
        /// It is a draft (1994): `A4 07 31 05 …`; `A4 05 …` is read too.
        StoreDraftResult(CommonSubmissionResults) [4],
    }
}
