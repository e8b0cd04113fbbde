//! `restante ua forward`: an entry of the mailbox goes on to others, behind a cover note (X.420
//! §7.3.8). The store puts it there by its number (forwarding-request, X.413 §8.4.1), or it is
//! fetched and made a body part here, for stores that know no forwarding-request.

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use restante_ber::{Decode, TeletexString};
use restante_client::UserAgent;
use restante_mhs::x411::MessageDeliveryEnvelope;
use restante_mhs::x413::{
    EntryClass, FetchItem, ListArgument, NumberRange, Range, Selector, SequenceNumber, oids,
};
use restante_mhs::x420::{
    BodyPart, InformationObject, MessageParameters, oids::ID_HAT_SUBJECT, text,
};
use restante_view::Entry;

use super::{
    Mailbox, fetch, numbers,
    send::{About, Composition, submit_all},
};
use crate::{
    draft::{Draft, Recipient},
    output, time,
};

/// Forward a message
///
/// The message goes behind a cover note, as it was delivered: the store puts it there by its
/// number, and it is not fetched.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("recipients").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  restante ua forward 3 --user \"/CN=Alice/…\" --to \"/CN=Bob/…\" \"See below.\"
  restante ua forward 3 --user \"…\" --to \"…\" --subject Weather --as-body-part")]
pub(super) struct Arguments {
    /// The number of the entry
    #[arg(value_parser = numbers::number)]
    number: u32,
    #[command(flatten)]
    composition: Composition,
    /// The O/R address of a recipient; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    to: Vec<Recipient>,
    /// Who gets a copy; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    cc: Vec<Recipient>,
    /// Who gets a copy without the others knowing; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    bcc: Vec<Recipient>,
    /// What it is about, in place of Fwd: and the subject of the message
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Fetch the message and put it behind the note here, not in the store
    #[arg(long)]
    as_body_part: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { composition, mailbox, number, .. } = arguments;
    composition.check(mailbox)?;
    // No note is waited for: what is forwarded can do without.
    let mut draft = composition.over(Draft {
        subject: arguments.subject.clone().unwrap_or_default(),
        to: arguments.to.clone(),
        cc: arguments.cc.clone(),
        bcc: arguments.bcc.clone(),
        ..Draft::default()
    });
    let mut body = composition.body(&draft, false)?;
    let forward = (!arguments.as_body_part).then_some(*number);
    let about = About { replied_to_ipm: None, forward };
    let lines = mailbox.work(async |ua| {
        if arguments.subject.is_none() {
            draft.subject = forwarding(&subject(ua, *number).await?);
        }
        if arguments.as_body_part {
            body.push(body_part(ua, *number).await?);
        }
        let messages = composition.messages(&draft, &about, &body, &mailbox.user, time::now());
        submit_all(ua, &messages).await
    })?;
    output::print(&lines)
}

/// The subject of an entry, which is listed for it, not fetched; nothing where it has none.
async fn subject(ua: &mut UserAgent, number: u32) -> anyhow::Result<String> {
    let number = Some(SequenceNumber(number));
    let range = NumberRange { from: number, to: number };
    let argument = ListArgument {
        selector: Selector {
            range: Some(Range::SequenceNumberRange(range)),
            ..Selector::default()
        },
        requested_attributes: Some([ID_HAT_SUBJECT].into_iter().map(Into::into).collect()),
        ..ListArgument::default()
    };
    let listed = ua.list(&argument).await?.requested;
    let entry = listed.into_iter().flatten().map(Entry::from).next();
    let subject = entry.and_then(|entry| entry.get::<TeletexString>(&ID_HAT_SUBJECT));
    let subject = subject.map(|subject| text::from_teletex(&text::octets(subject.as_str())));
    Ok(subject.unwrap_or_default())
}

/// The subject of a message that forwards one with a subject.
fn forwarding(subject: &str) -> String {
    match subject.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("fwd:")) {
        true => subject.to_owned(),
        false => format!("Fwd: {subject}").trim_end().to_owned(),
    }
}

/// A delivered message as a body part, with its envelope.
async fn body_part(ua: &mut UserAgent, number: u32) -> anyhow::Result<BodyPart> {
    let item = FetchItem::Precise(SequenceNumber(number));
    let (entry, _) = fetch::fetch(ua, EntryClass::DELIVERY, item).await?;
    let content = entry.content().context("the entry has no content; it is a report")?;
    let Ok(InformationObject::Ipm(message)) = InformationObject::from_bytes(&content.to_bytes())
    else {
        bail!("the entry is no interpersonal message");
    };
    Ok(BodyPart::message(parameters(&entry), &message))
}

/// How an entry was delivered, as far as its store tells.
fn parameters(entry: &Entry) -> MessageParameters {
    match entry.get::<MessageDeliveryEnvelope>(&oids::ID_ATT_MESSAGE_DELIVERY_ENVELOPE) {
        Some(envelope) => MessageParameters {
            delivery_time: Some(envelope.message_delivery_time),
            delivery_envelope: Some(envelope.other_fields),
        },
        None => MessageParameters::default(),
    }
}
