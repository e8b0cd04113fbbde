//! What the demo's user agents do: list, summarize, fetch, filter and delete.

use jiff::tz::TimeZone;
use restante_client::{ClientError, UserAgent, p7::MsBind};
use restante_mhs::x413::{
    EntryClass, FetchItem, Filter, ListArgument, RetrievalStatus, Selector, SequenceNumber,
    oids as ms,
};

use super::deliveries::Delivered;
use super::store::{Account, Dial, Store};
use super::story::Story;
use crate::ua::{delete, fetch, list, numbers::Item, selection, summarize};
use restante_view::{Entry, LISTED};

async fn bind(dial: &Dial, account: &Account, password: &str) -> anyhow::Result<UserAgent> {
    let bind = MsBind::new(account.or_name()?, password);
    Ok(UserAgent::bind(dial.options(), &bind).await?.0)
}

async fn listed(user_agent: &mut UserAgent, filter: Option<Filter>) -> anyhow::Result<Vec<Entry>> {
    let argument = ListArgument {
        entry_class: EntryClass::DELIVERY,
        selector: Selector { filter, ..Selector::default() },
        requested_attributes: Some(LISTED.into_iter().map(Into::into).collect()),
        list_extensions: None,
    };
    let result = user_agent.list(&argument).await?;
    Ok(result.requested.into_iter().flatten().map(Entry::from).collect())
}

fn numbers(entries: &[Entry]) -> Vec<u32> {
    entries.iter().map(|entry| entry.number).collect()
}

fn precise(number: u32) -> FetchItem {
    FetchItem::Precise(SequenceNumber(number))
}

/// Alice reads what was delivered to her.
pub(super) async fn read(
    story: &mut Story,
    store: &Store,
    dial: &Dial,
    delivered: &[Delivered],
) -> anyhow::Result<()> {
    story.step(
        "Alice lists her mailbox (P7)",
        "Her user agent binds with her O/R address. What was new is listed from then on.",
    )?;
    let mut alice = bind(dial, &store.alice, &store.alice.password).await?;
    let entries = listed(&mut alice, None).await?;
    story.say(&list::table(&entries, &[], &TimeZone::system()))?;
    story.check("all that was delivered is there", entries.len() == delivered.len())?;
    let new =
        |entry: &Entry| entry.get(&ms::ID_ATT_RETRIEVAL_STATUS) == Some(RetrievalStatus::NEW);
    story.check("all of it was new", entries.iter().all(new))?;
    let numbers = numbers(&entries);
    story.check("it is numbered in the order of its delivery", numbers.is_sorted())?;

    fetch_all(story, &mut alice, &numbers, delivered).await?;
    summarize(story, &mut alice, entries.len()).await?;
    filter(story, &mut alice, &numbers).await?;
    delete(story, &mut alice, &numbers).await?;
    alice.unbind().await?;
    Ok(())
}

async fn fetch_all(
    story: &mut Story,
    alice: &mut UserAgent,
    numbers: &[u32],
    delivered: &[Delivered],
) -> anyhow::Result<()> {
    story.step(
        "She fetches each entry",
        "The content comes back octet for octet, since it may be signed. Her user agent takes\n\
         it apart; this is the aeronautical message:",
    )?;
    let zone = TimeZone::system();
    for (at, (number, delivered)) in numbers.iter().zip(delivered).enumerate() {
        let (entry, _) = fetch::fetch(alice, EntryClass::DELIVERY, precise(*number)).await?;
        let children = entry.values(&ms::ID_ATT_CHILD_SEQUENCE_NUMBERS);
        let content = match (entry.content(), children.first()) {
            // A report has its subject's content as a child-entry.
            (None, Some(child)) => {
                let child = FetchItem::Precise(child.to()?);
                fetch::fetch(alice, EntryClass::DELIVERY, child).await?.0.content()
            }
            (content, _) => content,
        };
        if at == 1 {
            story.say(&entry.whole().print(&zone))?;
        }
        let same = content.as_ref() == Some(&delivered.content);
        let octets = delivered.content.len();
        story.check(&format!("{number}: {}, {octets} octets unchanged", delivered.title), same)?;
        if at + 1 == numbers.len() {
            story.say(&entry.whole().print(&zone))?;
        }
    }
    Ok(())
}

async fn summarize(
    story: &mut Story,
    alice: &mut UserAgent,
    expected: usize,
) -> anyhow::Result<()> {
    story.step(
        "She counts what she has",
        "Summarize counts entries by the values of attributes.",
    )?;
    let argument = summarize::argument(EntryClass::DELIVERY, Selector::default());
    let result = alice.summarize(&argument).await?;
    story.say(&summarize::text(&result))?;
    let count = usize::try_from(result.count)?;
    story.check("the count is that of the list", count == expected)?;
    let processed = summarize::count(&result, "status", "processed");
    story.check("all that was fetched is processed", processed == result.count)
}

async fn filter(story: &mut Story, alice: &mut UserAgent, numbers: &[u32]) -> anyhow::Result<()> {
    story.step("She looks for some of it", "Filters say which entries are meant.")?;
    for (words, what, expected) in [
        ("priority = urgent", "urgent: the aeronautical message", &numbers[1..2]),
        (
            "subject ~ \"monday\"",
            "with \"monday\" in the subject: the forwarded one",
            &numbers[2..3],
        ),
        ("priority = urgent and subject ~ \"monday\"", "both: none", &[]),
    ] {
        let filter = selection::filter(words).map_err(anyhow::Error::msg)?;
        let found = self::numbers(&listed(alice, Some(filter)).await?);
        story.check(what, found == expected)?;
    }
    Ok(())
}

async fn delete(story: &mut Story, alice: &mut UserAgent, numbers: &[u32]) -> anyhow::Result<()> {
    story.step(
        "She deletes the first and the last",
        "They are gone for good, and their numbers are never used again.",
    )?;
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(()) };
    delete::delete(alice, &[Item::One(*first), Item::One(*last)]).await?;
    let left = self::numbers(&listed(alice, None).await?);
    story.check("the others are left", left == numbers[1..numbers.len() - 1])?;
    let gone = fetch::fetch(alice, EntryClass::DELIVERY, precise(*first)).await;
    let refused = gone.err().map(|error| error.to_string()).unwrap_or_default();
    story.say(&format!("Asked for number {first}, the store says: {refused}"))?;
    story.check("a deleted entry can't be fetched", !refused.is_empty())
}

/// Bob has his own; nobody else gets in.
pub(super) async fn other_user(
    story: &mut Story,
    store: &Store,
    dial: &Dial,
) -> anyhow::Result<()> {
    story.step("Bob has a mailbox of his own", "It is bound to his address and his password.")?;
    let mut bob = bind(dial, &store.bob, &store.bob.password).await?;
    let entries = listed(&mut bob, None).await?;
    story.say(&list::table(&entries, &[], &TimeZone::system()))?;
    story.check("there is what was delivered to him", entries.len() == 1)?;
    bob.unbind().await?;
    let wrong = bind(dial, &store.bob, &store.alice.password).await;
    let refused = match wrong {
        Err(error) => matches!(error.downcast_ref(), Some(ClientError::BindRefused(_))),
        Ok(_) => false,
    };
    story.check("with Alice's password nobody reads his", refused)
}
