//! `restante ua drafts`: messages that the store keeps and does not submit yet (X.413 §8.4.1,
//! 1994). One is submitted by its number, in a forwarding-request, under the envelope that it has.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use restante_ber::{Rope, SetOf};
use restante_client::UserAgent;
use restante_mhs::x411::{MessageSubmissionArgument, MessageSubmissionEnvelope, extension};
use restante_mhs::x413::{
    DeleteArgument, DeleteItems, EntryClass, FetchArgument, FetchItem,
    MSMessageSubmissionArgument, MSMessageSubmissionResult, MSSubmissionOptions, NumberRange,
    Range, Selector, SequenceNumber, oids as ms,
};
use restante_mhs::x419::Edition;
use restante_view::Entry;

use super::list::Shown;
use super::send::{self, About, Composition};
use super::{Mailbox, numbers};
use crate::{
    draft::{Draft, Recipient},
    output::print,
    time,
};

/// Keep messages in the store and submit them later
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua drafts save --user \"…\" --to \"…\" --subject Weather \"It is fair.\"
  restante ua drafts list --user \"…\"
  restante ua drafts send 7 --user \"…\"
  restante ua drafts delete 7 --user \"…\"")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Save(Box<Save>),
    /// Submit a draft, which goes then
    Send(Numbered),
    /// Delete a draft
    Delete(Numbered),
}

/// Print the drafts; restante ua fetch --class draft shows one
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Keep a message as a draft
#[derive(Debug, Args)]
struct Save {
    #[command(flatten)]
    composition: Composition,
    /// The O/R address of a recipient; again for another one
    #[arg(long, required = true, value_name = "O/R-ADDRESS")]
    to: Vec<Recipient>,
    /// Who gets a copy; again for another one
    #[arg(long, value_name = "O/R-ADDRESS")]
    cc: Vec<Recipient>,
    /// What the message is about
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    subject: String,
    #[command(flatten)]
    mailbox: Mailbox,
}

#[derive(Debug, Args)]
struct Numbered {
    /// The number of the draft
    #[arg(value_parser = numbers::number)]
    number: u32,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.action {
        Action::List(List { shown, mailbox }) => {
            let from = |next| NumberRange { from: Some(next), to: None };
            let selector = |next: Option<SequenceNumber>| Selector {
                range: next.map(|next| Range::SequenceNumberRange(from(next))),
                ..Selector::default()
            };
            shown.all((mailbox, Edition::E1994), EntryClass::DRAFT, selector)
        }
        Action::Save(save) => self::save(save),
        Action::Send(Numbered { number, mailbox }) => {
            print(&mailbox.work_later(async |ua| submit(ua, *number).await)?)
        }
        Action::Delete(Numbered { number, mailbox }) => {
            mailbox.work_later(async |ua| delete(ua, *number).await)?;
            print(&format!("deleted {number}"))
        }
    }
}

fn save(save: &Save) -> anyhow::Result<()> {
    let Save { composition, to, cc, subject, mailbox } = save;
    let draft = composition.over(Draft {
        subject: subject.clone(),
        to: to.clone(),
        cc: cc.clone(),
        ..Draft::default()
    });
    let body = composition.body(&draft, true)?;
    let about = About::default();
    let messages = composition.messages(&draft, &about, &body, &mailbox.user, time::now());
    let number = mailbox.work_later(async |ua| {
        let mut number = None;
        for mut message in messages {
            message.added = Some(MSSubmissionOptions {
                object_entry_class: Some(EntryClass::DRAFT),
                ..MSSubmissionOptions::default()
            });
            let MSMessageSubmissionResult::StoreDraftResult(kept) = ua.submit(&message).await?
            else {
                bail!("the store has submitted it");
            };
            number = kept.created_entry;
        }
        Ok(number)
    })?;
    match number {
        Some(number) => print(&format!("kept as draft {number}")),
        None => print("kept as a draft"),
    }
}

/// Submits a draft under the envelope that it has; it goes then.
async fn submit(user_agent: &mut UserAgent, number: u32) -> anyhow::Result<String> {
    let attribute = ms::ID_ATT_MESSAGE_SUBMISSION_ENVELOPE;
    let argument = FetchArgument {
        entry_class: EntryClass::DRAFT,
        item: FetchItem::Precise(SequenceNumber(number)),
        requested_attributes: Some(SetOf(vec![attribute.clone().into()])),
        fetch_extensions: None,
    };
    let entry = user_agent.fetch(&argument).await?.entry_information.map(Entry::from);
    let envelope = entry.and_then(|entry| entry.get::<MessageSubmissionEnvelope>(&attribute));
    let mut envelope = envelope.with_context(|| format!("{number} has no envelope"))?;
    envelope.extensions.push(extension::FORWARDING_REQUEST, &i64::from(number));
    let message = MessageSubmissionArgument { envelope: envelope.into(), content: Rope::new() };
    let messages = [MSMessageSubmissionArgument::from(message)];
    let submitted = send::submit_all(user_agent, &messages).await?;
    delete(user_agent, number).await.context("it is submitted, and still among the drafts")?;
    Ok(submitted)
}

async fn delete(user_agent: &mut UserAgent, number: u32) -> anyhow::Result<()> {
    let argument = DeleteArgument {
        entry_class: EntryClass::DRAFT,
        items: DeleteItems::SequenceNumbers(SetOf(vec![SequenceNumber(number)])),
        delete_extensions: None,
    };
    user_agent.delete(&argument).await?;
    Ok(())
}
