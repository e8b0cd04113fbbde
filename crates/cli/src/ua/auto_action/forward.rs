//! `restante ua auto-action forward`: auto-forward in both its forms (X.420 §20.1), and that of
//! what is not fetched in time.

use clap::Args;
use restante_ber::PrintableString;
use restante_client::auto_forward::{AutoForward, Later};
use restante_mhs::x411::{ContentIdentifier, ORAddress, Priority};
use restante_mhs::x413::AttributeValue;
use restante_mhs::x420::{
    AutoForwardRegistration, DelayedAutoForwardParameter, IPMAutoForwardOptions as Options,
    Importance, Sensitivity,
};

use super::{Kind, Mailbox, Storing, Which, printable, register};
use crate::draft;
use crate::ua::selection;

/// Send on each message that comes, or each that is not fetched in time
///
/// What is not said of the forwarding message is as in the message. A registration takes the place
/// of the one of its kind and number.
#[derive(Debug, Args)]
pub(super) struct Forward {
    /// Who gets it; again for another one
    #[arg(long, required = true, value_name = "O/R-ADDRESS")]
    to: Vec<ORAddress>,
    /// A text in front of the message
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// What a non-receipt notification says
    #[arg(long, value_name = "TEXT", value_parser = printable)]
    comment: Option<PrintableString>,
    /// What the identifiers of the forwarding messages begin with
    #[arg(long, value_name = "TEXT", value_parser = printable)]
    prefix: Option<PrintableString>,
    /// The content-identifier, at most 16 characters
    #[arg(long, value_name = "TEXT", value_parser = printable)]
    content_id: Option<PrintableString>,
    /// The priority: non-urgent, normal or urgent
    #[arg(long, value_name = "PRIORITY", value_parser = selection::priority)]
    priority: Option<Priority>,
    /// Delete the entry when it has been forwarded
    #[arg(long)]
    delete: bool,
    /// Only what has not been fetched after so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    after: Option<u32>,
    #[command(flatten)]
    later: Said,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// What only the form of 1994 can say.
#[derive(Debug, Args)]
#[command(next_help_heading = "What came in 1994")]
struct Said {
    /// Notifications, reports and messages of other contents too
    #[arg(long)]
    all_objects: bool,
    /// What came back with a report or notification goes along
    #[arg(long, requires = "all_objects")]
    with_returned: bool,
    /// Not those of other contents
    #[arg(long, requires = "all_objects")]
    no_contents: bool,
    /// The entry stays new
    #[arg(long)]
    keep_status: bool,
    /// The subject
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// The importance: low, normal or high
    #[arg(long, value_name = "IMPORTANCE", value_parser = draft::importance)]
    importance: Option<Importance>,
    /// The sensitivity: personal, private or company-confidential
    #[arg(long, value_name = "SENSITIVITY", value_parser = draft::sensitivity)]
    sensitivity: Option<Sensitivity>,
    #[command(flatten)]
    storing: Storing,
}

impl Said {
    fn later(&self) -> Option<Later> {
        let bits = [
            (self.all_objects, Options::FORWARD_ALL_OBJECT_TYPES),
            (self.with_returned, Options::INCLUDE_RETURNED_CONTENT),
            (self.with_returned, Options::INCLUDE_RETURNED_IPM),
            (self.no_contents, Options::FORWARDED_CONTENT_PROHIBITED),
            (self.keep_status, Options::PRESERVE_RETRIEVAL_STATUS),
        ];
        let bits: Vec<usize> = bits.into_iter().filter(|bit| bit.0).map(|bit| bit.1).collect();
        let heading =
            self.subject.is_some() || self.importance.is_some() || self.sensitivity.is_some();
        let silent = bits.is_empty() && !heading && self.storing.is_silent();
        (!silent).then(|| Later {
            subject: self.subject.clone(),
            importance: self.importance,
            sensitivity: self.sensitivity,
            options: Options::of(bits),
            submission_options: self.storing.options(),
        })
    }
}

pub(super) fn run(forward: &Forward) -> anyhow::Result<()> {
    let later = forward.later.later();
    let said = AutoForward {
        filter: forward.which.filter.clone(),
        recipients: forward.to.clone(),
        cover_note: forward.note.clone(),
        comment: forward.comment.clone(),
        prefix: forward.prefix.clone(),
        content_identifier: forward.content_id.clone().map(ContentIdentifier),
        priority: forward.priority,
        indicators: None,
        delete: forward.delete,
        later,
    };
    let registration = said.registration(&forward.mailbox.user.clone().into());
    let late = matches!(registration, AutoForwardRegistration::Parameter94(_));
    let id = forward.which.id;
    match forward.after {
        None => {
            let parameter = AttributeValue::of(&registration);
            register(&forward.mailbox, (Kind::Forward, late), id, Some(parameter))
        }
        Some(delay) => {
            let later = DelayedAutoForwardParameter { delay, forward: registration };
            let parameter = AttributeValue::of(&later);
            register(&forward.mailbox, (Kind::DelayedForward, true), id, Some(parameter))
        }
    }
}
