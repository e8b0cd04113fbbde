//! `restante ua delete`: removes entries for good (X.413 §8.3.5), and says so to those who asked
//! to be told what was not read (X.420 §8.2).

use anyhow::Context;
use clap::Args;
use restante_ber::SetOf;
use restante_client::UserAgent;
use restante_mhs::x411::ORAddress;
use restante_mhs::x413::{
    DeleteArgument, DeleteItems, EntryClass, FetchItem, ListArgument, NumberRange, Range,
    RetrievalStatus, Selector, SequenceNumber, oids,
};
use restante_view::Entry;

use super::{
    Mailbox,
    acknowledge::non_receipt,
    fetch::fetch,
    numbers::{Item, Numbers},
    send::submit_all,
};
use crate::output::{self, print, remark};

/// Delete entries
///
/// They are gone for good, with their child-entries. Asks before it deletes.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua delete 3 --user \"…\"
  restante ua delete 3,5-9 12 --user \"…\" --yes
  restante ua delete 3 --user \"…\" --acknowledge")]
pub(super) struct Arguments {
    /// The numbers of the entries, and ranges of them: 3,5-9
    ///
    /// A number must be there; of a range, what is there is deleted.
    #[arg(required = true, value_name = "NUMBERS")]
    numbers: Vec<Numbers>,
    /// Notify the originators of messages that were not read, where these ask for that
    #[arg(long)]
    acknowledge: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let items: Vec<_> =
        arguments.numbers.iter().flat_map(|numbers| numbers.0.iter().copied()).collect();
    let named: Vec<_> = items.iter().map(ToString::to_string).collect();
    let named = named.join(", ");
    if !arguments.yes && !output::asked(&format!("Delete {named} for good?"))? {
        return print("nothing is deleted");
    }
    let Mailbox { user, .. } = &arguments.mailbox;
    arguments.mailbox.work(async |ua| {
        if arguments.acknowledge {
            acknowledge(ua, &items, user).await?;
        }
        delete(ua, &items).await
    })?;
    print(&format!("deleted {named}"))
}

/// Submits the non-receipt notifications that what is not read asks for.
async fn acknowledge(
    user_agent: &mut UserAgent,
    items: &[Item],
    user: &ORAddress,
) -> anyhow::Result<()> {
    for item in items {
        let (from, to) = match *item {
            Item::One(number) => (number, number),
            Item::Range(from, to) => (from, to),
        };
        for number in unread(user_agent, from, to).await? {
            let item = FetchItem::Precise(number);
            let (entry, _) = fetch(user_agent, EntryClass::DELIVERY, item).await?;
            let Some(notification) = non_receipt(&entry, user) else { continue };
            let submitted = submit_all(user_agent, &[notification.into()]).await;
            let submitted = submitted.context("nothing is deleted: its originator waits")?;
            remark(&format!("{number}: {}", submitted.trim_end()));
        }
    }
    Ok(())
}

/// The entries between two numbers that were not read.
async fn unread(
    user_agent: &mut UserAgent,
    from: u32,
    to: u32,
) -> anyhow::Result<Vec<SequenceNumber>> {
    let range = NumberRange { from: Some(from.into()), to: Some(to.into()) };
    let argument = ListArgument {
        selector: Selector {
            range: Some(Range::SequenceNumberRange(range)),
            ..Selector::default()
        },
        requested_attributes: Some(
            [oids::ID_ATT_RETRIEVAL_STATUS].into_iter().map(Into::into).collect(),
        ),
        ..ListArgument::default()
    };
    let listed = user_agent.list(&argument).await?.requested;
    let listed = listed.into_iter().flatten().map(|entry| (entry.sequence_number, entry.into()));
    let unread = listed.filter(|(_, entry): &(SequenceNumber, Entry)| {
        let status = entry.get::<RetrievalStatus>(&oids::ID_ATT_RETRIEVAL_STATUS);
        status != Some(RetrievalStatus::PROCESSED)
    });
    Ok(unread.map(|(number, _)| number).collect())
}

/// Deletes the single numbers in one operation, each range in one more.
pub(crate) async fn delete(user_agent: &mut UserAgent, items: &[Item]) -> anyhow::Result<()> {
    let mut numbers = Vec::new();
    let mut arguments = Vec::new();
    for item in items {
        match *item {
            Item::One(number) => numbers.push(SequenceNumber(number)),
            Item::Range(from, to) => {
                let range = NumberRange { from: Some(from.into()), to: Some(to.into()) };
                let range = Some(Range::SequenceNumberRange(range));
                arguments.push(DeleteItems::Selector(Selector { range, ..Selector::default() }));
            }
        }
    }
    if !numbers.is_empty() {
        arguments.insert(0, DeleteItems::SequenceNumbers(SetOf(numbers)));
    }
    for items in arguments {
        let argument =
            DeleteArgument { entry_class: EntryClass::DELIVERY, items, delete_extensions: None };
        user_agent.delete(&argument).await?;
    }
    Ok(())
}
