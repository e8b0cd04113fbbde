//! `restante ua send`, `probe` and `cancel`: the submission port (X.411 §8.2, X.413 §8.4).

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use restante_ber::{Rope, UtcTime};
use restante_client::{UserAgent, compose};
use restante_mhs::x411::{
    ContentType, MTSIdentifier, MessageSubmissionArgument, ORAddress, ORName,
    OriginatorReportRequest, PerMessageIndicators, Priority, ProbeSubmissionEnvelope, extension,
};
use restante_mhs::x413::{
    CommonSubmissionResults, EntryClass, MSMessageSubmissionArgument, MSMessageSubmissionResult,
    MSSubmissionOptions,
};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{BodyPart, Heading, IPM, IPMIdentifier, Importance, Sensitivity};

use super::Mailbox;
use crate::draft::{self, Attachment, Draft, Recipient, importance, report_request, sensitivity};
use crate::{output, time};

/// Send a message
///
/// The message is an interpersonal message with a text, from the command line or standard input,
/// and files. The store passes it to its MTA. Each recipient of a blind copy gets one of its own.
/// A draft is a file of text: lines such as To: /CN=Bob/…, Cc:, Bcc:, Subject:, Importance:,
/// Sensitivity:, Priority:, Defer:, Latest:, Receipt: (yes), Report: and Attach:, which say what
/// the options say, then an empty line, then the text.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("recipients").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  restante ua send --user \"/CN=Alice/…\" --to \"/CN=Bob/…\" --subject Hello \"Hi!\"
  restante ua send --user \"…\" --to \"…\" --cc \"…\" --attach chart.png < text.txt
  restante ua send --user \"…\" --to \"/CN=Bob/… [reply, report=all]\" \\
    --attach \"3.png; name=Chart; type=image/png\" \"Which one?\"
  restante ua send --user \"…\" --draft draft.txt --importance high
  restante ua send --user \"…\" --to \"…\" --forward 7 \"See below.\"
  restante ua send --user \"…\" --to \"…\" --defer \"2026-01-01T00:00\" \"Happy new year\"")]
pub(super) struct Arguments {
    #[command(flatten)]
    composition: Composition,
    /// The O/R address of a recipient; again for another one
    ///
    /// What is asked of this one stands behind it in brackets: receipt, non-receipt, return (the
    /// message with a non-receipt notification), no-receipt, reply, report=none,
    /// report=non-delivery or report=all.
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    to: Vec<Recipient>,
    /// Who gets a copy; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    cc: Vec<Recipient>,
    /// Who gets a copy without the others knowing; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    bcc: Vec<Recipient>,
    /// A file with recipients, other fields and text; what is given here is added or comes first
    #[arg(long, group = "recipients", value_name = "FILE", conflicts_with = "text")]
    draft: Option<PathBuf>,
    /// What the message is about
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    subject: String,
    /// The number of an entry to put behind the text, as a message that is forwarded
    #[arg(long, value_name = "NUMBER")]
    forward: Option<u32>,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// What a message says beside its subject, and how it goes: the same for a reply.
#[derive(Debug, Args)]
pub(super) struct Composition {
    /// The text; standard input where it is left out and there is nothing else
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// A file as a body part (file-transfer); again for another one
    ///
    /// Behind it, after semicolons, may stand name=NAME and type=TYPE: an object identifier, or
    /// words such as image/png.
    #[arg(long, value_name = "FILE")]
    attach: Vec<Attachment>,
    /// A file as a body part that is bilaterally defined, without its name; again for another one
    #[arg(long, value_name = "FILE")]
    attach_bilateral: Vec<PathBuf>,
    /// The importance: low, normal (where nothing is said) or high
    #[arg(long, value_name = "IMPORTANCE", value_parser = importance)]
    importance: Option<Importance>,
    /// The sensitivity: personal, private or company-confidential
    #[arg(long, value_name = "SENSITIVITY", value_parser = sensitivity)]
    sensitivity: Option<Sensitivity>,
    /// The priority: non-urgent, normal (where nothing is said) or urgent
    #[arg(long, value_name = "PRIORITY", value_parser = super::selection::priority)]
    priority: Option<Priority>,
    /// Not to be delivered before this time: 2026-01-01T08:30, 2026-01-01T08:30:00Z
    #[arg(long, value_name = "TIME", value_parser = time::argument)]
    defer: Option<UtcTime>,
    /// Not to be delivered after this time
    #[arg(long, value_name = "TIME", value_parser = time::argument)]
    latest: Option<UtcTime>,
    /// Ask the recipients to notify when they have read it, or will not
    #[arg(long)]
    receipt: bool,
    /// Which reports of the delivery to ask for: none, non-delivery (where nothing is said) or all
    #[arg(long, value_name = "REPORTS", value_parser = report_request)]
    report: Option<OriginatorReportRequest>,
    /// Keep it in the outbox; needs --edition 1994
    #[arg(long)]
    keep: bool,
}

/// What a message has to do with others.
#[derive(Default)]
pub(super) struct About {
    /// The message that it replies to.
    pub(super) replied_to_ipm: Option<IPMIdentifier>,
    /// The entry that is forwarded.
    pub(super) forward: Option<u32>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { composition, mailbox, .. } = arguments;
    composition.check(mailbox)?;
    let mut draft = arguments.draft.as_deref().map(Draft::read).transpose()?.unwrap_or_default();
    if !arguments.subject.is_empty() {
        draft.subject.clone_from(&arguments.subject);
    }
    draft.to.splice(..0, arguments.to.iter().cloned());
    draft.cc.splice(..0, arguments.cc.iter().cloned());
    draft.bcc.splice(..0, arguments.bcc.iter().cloned());
    let draft = composition.over(draft);
    let body = composition.body(&draft, arguments.forward.is_none())?;
    let about = About { replied_to_ipm: None, forward: arguments.forward };
    let messages = composition.messages(&draft, &about, &body, &mailbox.user, time::now());
    output::print(&mailbox.work(async |ua| submit_all(ua, &messages).await)?)
}

/// Submits messages; a line about each.
pub(super) async fn submit_all(
    ua: &mut UserAgent,
    messages: &[MSMessageSubmissionArgument],
) -> anyhow::Result<String> {
    let mut lines = String::new();
    for message in messages {
        lines.push_str(&submit(ua, message).await?);
    }
    Ok(lines)
}

/// Submits a message; a line about it.
async fn submit(
    ua: &mut UserAgent,
    message: &MSMessageSubmissionArgument,
) -> anyhow::Result<String> {
    let result = match ua.submit(message).await? {
        MSMessageSubmissionResult::MtsResult(result) => result,
        MSMessageSubmissionResult::StoreDraftResult(_) => bail!("the store kept it as a draft"),
    };
    let number = |added: CommonSubmissionResults| added.created_entry;
    let kept = match result.added.and_then(number) {
        Some(number) => format!(", kept as {number}"),
        None => String::new(),
    };
    Ok(format!("submitted as {}{kept}\n", result.base.message_submission_identifier))
}

impl Composition {
    /// What no single option shows.
    pub(super) fn check(&self, mailbox: &Mailbox) -> anyhow::Result<()> {
        if self.keep && mailbox.call.edition() == Edition::E1988 {
            bail!("--keep came in 1994: say --edition 1994, or see service.store_submissions");
        }
        Ok(())
    }

    /// A draft with what the options say in its place.
    pub(super) fn over(&self, mut draft: Draft) -> Draft {
        draft.text = draft.text.or_else(|| self.text.clone());
        draft.importance = self.importance.or(draft.importance);
        draft.sensitivity = self.sensitivity.or(draft.sensitivity);
        draft.priority = self.priority.or(draft.priority);
        draft.defer = self.defer.or(draft.defer);
        draft.latest = self.latest.or(draft.latest);
        draft.receipt |= self.receipt;
        draft.report = self.report.clone().or(draft.report);
        draft.attach.splice(..0, self.attach.iter().cloned());
        draft
    }

    /// The body parts. `alone`: nothing else is in the message, so that a text is waited for.
    pub(super) fn body(&self, draft: &Draft, alone: bool) -> anyhow::Result<Vec<BodyPart>> {
        let alone = alone && draft.attach.is_empty() && self.attach_bilateral.is_empty();
        let text = draft::text(draft.text.as_deref(), alone)?;
        let mut body: Vec<_> = text.iter().map(|text| compose::text(text)).collect();
        body.extend(draft::files(&draft.attach)?);
        for path in &self.attach_bilateral {
            body.push(BodyPart::BilaterallyDefined(draft::read(path)?));
        }
        Ok(body)
    }

    /// The message for all, and one for each blind copy.
    pub(super) fn messages(
        &self,
        draft: &Draft,
        about: &About,
        body: &[BodyPart],
        user: &ORAddress,
        now: UtcTime,
    ) -> Vec<MSMessageSubmissionArgument> {
        let from = ORName::from(user.clone());
        let types = compose::encoded_information_types(body);
        let mut heading = draft.heading(&draft::local_identifier(now, 0), &from);
        heading.replied_to_ipm = about.replied_to_ipm.clone();
        let all: Vec<_> = draft.to.iter().chain(&draft.cc).cloned().collect();
        let open = (!all.is_empty()).then(|| (all, heading.clone()));
        let blind = draft.bcc.iter().map(|one| {
            let blind = Some(draft.specifiers(std::slice::from_ref(one)));
            (vec![one.clone()], Heading { blind_copy_recipients: blind, ..heading.clone() })
        });
        let each = open.into_iter().chain(blind).map(|(recipients, heading)| {
            let content = compose::content(IPM::new(heading, body.to_vec()));
            let to = recipients.iter().map(|one| ORName::from(one.address.clone()));
            let mut argument = compose::submission(from.clone(), to, content);
            let mut envelope = argument.envelope.into_value();
            envelope.original_encoded_information_types = Some(types.clone());
            envelope.priority = draft.priority.unwrap_or(Priority::NORMAL);
            envelope.deferred_delivery_time = draft.defer;
            for (fields, recipient) in envelope.per_recipient_fields.iter_mut().zip(&recipients) {
                fields.originator_report_request = draft.report_on(recipient);
            }
            if let Some(latest) = &draft.latest {
                envelope.extensions.push(extension::LATEST_DELIVERY_TIME, latest);
            }
            if let Some(number) = about.forward {
                let number = i64::from(number);
                envelope.extensions.push(extension::FORWARDING_REQUEST, &number);
            }
            argument.envelope = envelope.into();
            self.with_options(argument)
        });
        each.collect()
    }

    fn with_options(&self, argument: MessageSubmissionArgument) -> MSMessageSubmissionArgument {
        let mut argument = MSMessageSubmissionArgument::from(argument);
        argument.added = self.keep.then(|| MSSubmissionOptions {
            object_entry_class: Some(EntryClass::SUBMISSION),
            ..MSSubmissionOptions::default()
        });
        argument
    }
}

/// Ask whether a message could be delivered
///
/// A probe has no content; what would become of a message is told by reports.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua probe --user \"/CN=Alice/…\" --to \"/CN=Bob/…\" --length 1000000")]
pub(super) struct Probe {
    /// The O/R address of a recipient; again for another one
    #[arg(long, required = true, value_name = "O/R-ADDRESS")]
    to: Vec<ORAddress>,
    /// How long the content would be, in octets
    #[arg(long, value_name = "OCTETS")]
    length: Option<u32>,
    /// What its type would be: a number or an object identifier
    #[arg(long, value_name = "TYPE", default_value = "22")]
    #[arg(value_parser = crate::mta::content_type)]
    content_type: ContentType,
    /// Which reports to ask for: none, non-delivery or all
    #[arg(long, default_value = "all", value_parser = report_request)]
    report: OriginatorReportRequest,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn probe(arguments: &Probe) -> anyhow::Result<()> {
    let to = arguments.to.iter().cloned().map(ORName::from);
    let from = ORName::from(arguments.mailbox.user.clone());
    let message = compose::submission(from, to, Rope::new()).envelope.into_value();
    let mut fields = message.per_recipient_fields;
    for recipient in &mut fields {
        recipient.originator_report_request = arguments.report.clone();
    }
    let envelope = ProbeSubmissionEnvelope {
        originator_name: message.originator_name,
        original_encoded_information_types: None,
        content_type: arguments.content_type.clone(),
        content_identifier: None,
        content_length: arguments.length.map(i64::from),
        per_message_indicators: PerMessageIndicators::default(),
        extensions: message.extensions,
        per_recipient_fields: fields,
    };
    let result = arguments.mailbox.work(async |ua| Ok(ua.probe(&envelope.into()).await?))?;
    output::print(&format!("submitted as {}", result.base.probe_submission_identifier))
}

/// Cancel the delivery of a message that was deferred
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua cancel \"[/PRMD=PEER/ADMD= /C=GB/;7]\" --user \"/CN=Alice/…\"")]
pub(super) struct Cancel {
    /// The identifier under which it was submitted: [/PRMD=…/ADMD=…/C=…/;local]
    #[arg(value_name = "IDENTIFIER", value_parser = crate::mta::identifier)]
    identifier: MTSIdentifier,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn cancel(arguments: &Cancel) -> anyhow::Result<()> {
    let identifier = &arguments.identifier;
    arguments
        .mailbox
        .work(async |ua| ua.cancel(identifier).await.context("it is not cancelled"))?;
    output::print(&format!("cancelled {identifier}"))
}
