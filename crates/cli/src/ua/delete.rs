//! `restante ua delete`: removes entries for good (X.413 §8.3.5).

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::bail;
use clap::Args;
use restante_ber::SetOf;
use restante_client::UserAgent;
use restante_mhs::x413::{
    DeleteArgument, DeleteItems, EntryClass, NumberRange, Range, Selector, SequenceNumber,
};

use super::Mailbox;
use super::numbers::{Item, Numbers};
use crate::output::print;

/// Delete entries
///
/// They are gone for good, with their child-entries. Asks before it deletes.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua delete 3 --user \"…\"
  restante ua delete 3,5-9 12 --user \"…\" --yes")]
pub(super) struct Arguments {
    /// The numbers of the entries, and ranges of them: 3,5-9
    ///
    /// A number must be there; of a range, what is there is deleted.
    #[arg(required = true, value_name = "NUMBERS")]
    numbers: Vec<Numbers>,
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
    if !arguments.yes && !asked(&format!("Delete {named} for good?"))? {
        return print("nothing is deleted");
    }
    arguments.mailbox.work(async |ua| delete(ua, &items).await)?;
    print(&format!("deleted {named}"))
}

fn asked(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody can be asked whether to delete; say --yes");
    }
    write!(io::stderr().lock(), "{question} [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
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
