//! `restante ua send`, `probe` and `cancel`: the submission port (X.411 §8.2, X.413 §8.4).

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use restante_ber::{Rope, UtcTime};
use restante_client::{UserAgent, compose};
use restante_mhs::x411::{
    ContentType, MTSIdentifier, MessageSubmissionArgument, ORAddress, ORName,
    OriginatorReportRequest, PerMessageIndicators, PerRecipientMessageSubmissionFields, Priority,
    ProbeSubmissionEnvelope, extension,
};
use restante_mhs::x413::{
    CommonSubmissionResults, EntryClass, MSMessageSubmissionArgument, MSMessageSubmissionResult,
    MSSubmissionOptions,
};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{Heading, IPM, Importance, NotificationRequests, RecipientSpecifier};

use super::Mailbox;
use crate::{draft, output, time};

/// Send a message
///
/// The message is an interpersonal message with a text, from the command line or standard input,
/// and files. The store passes it to its MTA. Each recipient of a blind copy gets one of its own.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("recipients").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  restante ua send --user \"/CN=Alice/…\" --to \"/CN=Bob/…\" --subject Hello \"Hi!\"
  restante ua send --user \"…\" --to \"…\" --cc \"…\" --attach chart.png < text.txt
  restante ua send --user \"…\" --to \"…\" --forward 7 \"See below.\"
  restante ua send --user \"…\" --to \"…\" --defer \"2026-01-01T00:00\" \"Happy new year\"")]
pub(super) struct Arguments {
    /// The text; standard input where it is left out and there are no files
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// The O/R address of a recipient; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    to: Vec<ORAddress>,
    /// Who gets a copy; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    cc: Vec<ORAddress>,
    /// Who gets a copy without the others knowing; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    bcc: Vec<ORAddress>,
    /// What the message is about
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    subject: String,
    /// A file as a body part (file-transfer); again for another one
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// The number of an entry to put behind the text, as a message that is forwarded
    #[arg(long, value_name = "NUMBER")]
    forward: Option<u32>,
    /// The importance: low, normal or high
    #[arg(long, default_value = "normal", value_parser = importance)]
    importance: Importance,
    /// The priority: non-urgent, normal or urgent
    #[arg(long, default_value = "normal", value_parser = super::selection::priority)]
    priority: Priority,
    /// Not to be delivered before this time: 2026-01-01T08:30, 2026-01-01T08:30:00Z
    #[arg(long, value_name = "TIME", value_parser = time::argument)]
    defer: Option<UtcTime>,
    /// Ask the recipients to notify when they have read it, or will not
    #[arg(long)]
    receipt: bool,
    /// Which reports of the delivery to ask for: none, non-delivery or all
    #[arg(long, default_value = "non-delivery", value_parser = report_request)]
    report: OriginatorReportRequest,
    /// Keep it in the outbox; needs --edition 1994
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

fn importance(text: &str) -> Result<Importance, &'static str> {
    match text {
        "low" => Ok(Importance::LOW),
        "normal" => Ok(Importance::NORMAL),
        "high" => Ok(Importance::HIGH),
        _ => Err("the importance is low, normal or high"),
    }
}

fn report_request(text: &str) -> Result<OriginatorReportRequest, &'static str> {
    use OriginatorReportRequest as Request;
    match text {
        "none" => Ok(Request::default()),
        "non-delivery" => Ok(Request::of([Request::NON_DELIVERY_REPORT])),
        "all" => Ok(Request::of([Request::REPORT])),
        _ => Err("the reports are none, non-delivery or all"),
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.keep && arguments.mailbox.call.edition() == Edition::E1988 {
        bail!("--keep came in 1994: say --edition 1994, or see service.store_submissions");
    }
    let messages = arguments.messages(time::now())?;
    let lines = arguments.mailbox.work(async |ua| {
        let mut lines = String::new();
        for message in messages {
            lines.push_str(&submit(ua, &message).await?);
        }
        Ok(lines)
    })?;
    output::print(&lines)
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

impl Arguments {
    /// The message for all, and one for each blind copy.
    fn messages(&self, now: UtcTime) -> anyhow::Result<Vec<MSMessageSubmissionArgument>> {
        let mut body = Vec::new();
        let alone = self.attach.is_empty() && self.forward.is_none();
        body.extend(draft::text(self.text.as_deref(), alone)?.map(|text| compose::text(&text)));
        body.extend(draft::files(&self.attach)?);
        let from = ORName::from(self.mailbox.user.clone());
        let types = compose::encoded_information_types(&body);
        let identifier = draft::local_identifier(now, 0);
        let message = compose::ipm(&identifier, &from, &[], &self.subject, []);
        let mut heading = message.heading.into_value();
        heading.importance = self.importance;
        heading.primary_recipients = self.specifiers(&self.to);
        heading.copy_recipients = self.specifiers(&self.cc);
        let all: Vec<_> = self.to.iter().chain(&self.cc).cloned().collect();
        let open = (!all.is_empty()).then(|| (all, heading.clone()));
        let blind = self.bcc.iter().map(|one| {
            let blind = Some(self.specifiers(std::slice::from_ref(one)));
            (vec![one.clone()], Heading { blind_copy_recipients: blind, ..heading.clone() })
        });
        let each = open.into_iter().chain(blind).map(|(recipients, heading)| {
            let content = IPM::new(heading, body.clone());
            let to = recipients.into_iter().map(ORName::from);
            let content = compose::content(content);
            let mut argument = compose::submission(from.clone(), to, content);
            let mut envelope = argument.envelope.into_value();
            envelope.original_encoded_information_types = Some(types.clone());
            envelope.priority = self.priority;
            envelope.deferred_delivery_time = self.defer;
            request(&mut envelope.per_recipient_fields, &self.report);
            if let Some(number) = self.forward {
                let number = i64::from(number);
                envelope.extensions.push(extension::FORWARDING_REQUEST, &number);
            }
            argument.envelope = envelope.into();
            self.with_options(argument)
        });
        Ok(each.collect())
    }

    fn with_options(&self, argument: MessageSubmissionArgument) -> MSMessageSubmissionArgument {
        let mut argument = MSMessageSubmissionArgument::from(argument);
        argument.added = self.keep.then(|| MSSubmissionOptions {
            object_entry_class: Some(EntryClass::SUBMISSION),
            ..MSSubmissionOptions::default()
        });
        argument
    }

    fn specifiers(&self, addresses: &[ORAddress]) -> Vec<RecipientSpecifier> {
        let both = [NotificationRequests::RN, NotificationRequests::NRN];
        let asked = NotificationRequests::of(both.into_iter().filter(|_| self.receipt));
        let specifier = |address: &ORAddress| RecipientSpecifier {
            notification_requests: asked.clone(),
            ..RecipientSpecifier::from(ORName::from(address.clone()))
        };
        addresses.iter().map(specifier).collect()
    }
}

fn request(fields: &mut [PerRecipientMessageSubmissionFields], report: &OriginatorReportRequest) {
    for recipient in fields {
        recipient.originator_report_request = report.clone();
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
    request(&mut fields, &arguments.report);
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
