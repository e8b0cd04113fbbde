//! A restore: entries of a tree put back into a store that is in use. The same entry never comes
//! twice, however often it is restored and wherever it came from before.

use std::{fmt, ops::ControlFlow, path::Path};

use restante_storage::{
    Change, Child, MailboxId, NUMBER_MAX, NewContent, NewEntry, Storage, StorageError, Store,
    Ticket, Transaction, WholeChild,
};

use crate::{
    ArchiveError, Damage, NAMED_MAX, Progress, Rules,
    manifest::{Box, Listed},
    message::Message,
    origin::{Origins, came, coming},
    tree::Tree,
};

/// How many entries are on their way into the store at once, and their octets.
const COMING_MAX: usize = 256;
const COMING_OCTETS_MAX: usize = 8 << 20;

/// What becomes of numbers and statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// New numbers, and the status new; of the entries only messages.
    Messages,
    /// New numbers; statuses and what the user had noted are kept.
    Import,
    /// Numbers and statuses are kept. Where another entry has the number, a new one.
    Full,
}

/// What is to be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreWish {
    /// The names of mailboxes; all that the tree has where it is left out.
    pub mailboxes: Option<Vec<String>>,
    /// One entry alone, by the number that it had.
    pub message: Option<u32>,
    /// The name of the mailbox that they go to, which is made where there is none; each into its
    /// own where it is left out.
    pub into: Option<String>,
    /// How.
    pub manner: Manner,
    /// Where the store knows less of a mailbox than the backup, or is another store, its numbers
    /// go on by so much above the backup's: at least as many as can have been given out after it.
    pub increment: u32,
    /// Whether all is read and nothing is changed.
    pub dry_run: bool,
}

/// Values, by key.
pub type Values = Vec<(Vec<u8>, Vec<u8>)>;

/// An entry that came under another number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renumbered {
    /// The mailbox that it is in.
    pub mailbox: String,
    /// The number that it had.
    pub was: u32,
    /// The number that it has.
    pub number: u32,
}

/// What a restore came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Mailboxes, with the entries that came, or in a dry run would come.
    pub mailboxes: Vec<(String, u64)>,
    /// Entries that came.
    pub entries: u64,
    /// Entries that were there already.
    pub there: u64,
    /// Entries whose number was another's, in [`Manner::Full`]: the first thousand.
    pub renumbered: Vec<Renumbered>,
    /// How many of them there are in all.
    pub renumbered_all: u64,
    /// What was registered and may be so again, by mailbox: keys and values.
    pub registrations: Vec<(String, Values)>,
    /// What is damaged or missing in the tree: the first thousand.
    pub damaged: Vec<Damage>,
    /// How many of them there are in all.
    pub damaged_all: u64,
}

/// Puts entries of a tree back. What was damaged is left out, and named.
///
/// # Errors
/// Where the tree can't be read or lacks what is named, and where the store refuses.
pub fn restore(
    store: &Store,
    tree: &Path,
    wish: &RestoreWish,
    rules: &Rules,
    progress: &Progress<'_>,
) -> Result<Restored, ArchiveError> {
    let tree = Tree::open_to_read(tree)?;
    let mut damaged = Vec::new();
    let mut boxes = tree.boxes(&mut damaged)?;
    select(&mut boxes, wish)?;
    let mut run = Run {
        store,
        tree,
        wish,
        rules,
        progress,
        found: Restored::default(),
        done: 0,
        all: boxes.iter().map(|one| one.entries.len() as u64).sum(),
        raised: false,
    };
    damaged.into_iter().for_each(|damage| run.damaged(damage));
    for one in boxes {
        run.restore_box(one)?;
    }
    Ok(run.found)
}

/// Leaves what is wanted.
fn select(boxes: &mut Vec<Box>, wish: &RestoreWish) -> Result<(), ArchiveError> {
    if let Some(names) = &wish.mailboxes {
        let missing = |name: &&String| boxes.iter().all(|one| one.name != **name);
        if let Some(name) = names.iter().find(missing) {
            return Err(ArchiveError::NoMailbox { name: name.clone() });
        }
        boxes.retain(|one| names.contains(&one.name));
    }
    if let Some(number) = wish.message {
        for one in boxes.iter_mut() {
            one.entries.retain(|listed| listed.number == number);
            // One message is no mailbox.
            one.values.clear();
            if one.entries.is_empty() {
                return Err(ArchiveError::NoMessage { name: one.name.clone(), number });
            }
        }
    }
    Ok(())
}

struct Run<'a> {
    store: &'a Store,
    tree: Tree,
    wish: &'a RestoreWish,
    rules: &'a Rules,
    progress: &'a Progress<'a>,
    found: Restored,
    done: u64,
    all: u64,
    /// Whether the store's floor was raised.
    raised: bool,
}

/// A mailbox that entries come into.
struct Target {
    /// `None` in a dry run where it is not there yet.
    mailbox: Option<MailboxId>,
    name: String,
    origins: Option<Origins>,
    coming: Vec<(Message, Ticket)>,
    octets: usize,
    came: u64,
}

impl Run<'_> {
    fn restore_box(&mut self, one: Box) -> Result<(), ArchiveError> {
        let name = self.wish.into.as_ref().unwrap_or(&one.name).clone();
        let mailbox = self.target(&name, &one)?;
        let origins = mailbox.map(|mailbox| Origins::of(self.store, mailbox)).transpose()?;
        let mut target = Target { mailbox, name, origins, coming: Vec::new(), octets: 0, came: 0 };
        for listed in &one.entries {
            if let Some(message) = self.read(&one, listed)? {
                self.take(&mut target, message)?;
            }
            self.done += 1;
            if let ControlFlow::Break(()) = (self.progress)(self.done, self.all) {
                self.settle(&mut target)?;
                return Err(ArchiveError::Cancelled);
            }
        }
        self.settle(&mut target)?;
        self.found.entries += target.came;
        self.found.mailboxes.push((target.name.clone(), target.came));
        if self.wish.manner == Manner::Full && !one.values.is_empty() {
            self.found.registrations.push((target.name, one.values));
        }
        Ok(())
    }

    /// The mailbox that entries come into, with its numbers above all that clients may have seen.
    fn target(&mut self, name: &str, one: &Box) -> Result<Option<MailboxId>, ArchiveError> {
        let there = self.store.mailbox(name);
        if self.wish.dry_run {
            return Ok(there);
        }
        let own = self.wish.into.is_none() && self.wish.manner != Manner::Import;
        let behind = match there {
            // Another store does not know what was given out there after the backup.
            Some(_) if one.store != self.store.id() => true,
            Some(mailbox) => self.store.high_water(mailbox)? < one.high_water,
            None => true,
        };
        if own && behind && !self.raised {
            // Mailboxes of which the backup does not know may have been there as well.
            let to = self.wish.increment.min(NUMBER_MAX);
            self.store.commit(Transaction::of(Change::RaiseFloor { to })).wait()?;
            self.raised = true;
        }
        let mailbox = match there {
            Some(mailbox) => mailbox,
            None => self.create(name)?,
        };
        if own && behind {
            let to = one.high_water.saturating_add(self.wish.increment).min(NUMBER_MAX);
            let change = Change::RaiseHighWater { mailbox, to };
            self.store.commit(Transaction::of(change)).wait()?;
        }
        Ok(Some(mailbox))
    }

    fn create(&self, name: &str) -> Result<MailboxId, ArchiveError> {
        let change = Change::CreateMailbox { name: name.to_owned(), about: Default::default() };
        match self.store.commit(Transaction::of(change)).wait() {
            Ok(_) | Err(StorageError::MailboxExists(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let name = name.to_owned();
        self.store.mailbox(&name).ok_or(ArchiveError::NoMailbox { name })
    }

    /// Reads a message, in the state that the manifest tells; `None` where it can't be read.
    fn read(&mut self, one: &Box, listed: &Listed) -> Result<Option<Message>, ArchiveError> {
        let path = self.tree.path.join(&listed.file);
        let why = match Message::read(&path) {
            Ok(Ok(mut message))
                if (&message.mailbox, message.number) == (&one.name, listed.number) =>
            {
                message.status = listed.status;
                for (child, status) in message.children.iter_mut().zip(&listed.children) {
                    child.status = *status;
                }
                return Ok(Some(message));
            }
            Ok(Ok(_)) => "it is another message than the manifest says".to_owned(),
            Ok(Err(why)) => why.to_owned(),
            Err(error) => error.to_string(),
        };
        self.damaged(Damage { what: listed.file.clone(), why });
        Ok(None)
    }

    /// Has a message come, unless it is there.
    fn take(&mut self, target: &mut Target, message: Message) -> Result<(), ArchiveError> {
        if self.wish.manner == Manner::Messages && !(self.rules.is_message)(message.class) {
            return Ok(());
        }
        let known = target.origins.as_ref();
        if known.is_some_and(|origins| origins.has(&message.identity)) {
            self.found.there += 1;
            return Ok(());
        }
        let Some(mailbox) = target.mailbox.filter(|_| !self.wish.dry_run) else {
            target.came += 1;
            return Ok(());
        };
        let number = self.number(mailbox, &message)?;
        let store = Change::Store(self.content(mailbox, &message, number));
        let changes = vec![store, coming(mailbox, &message.identity)];
        let ticket = self.store.commit(Transaction { changes });
        if let Some(origins) = &mut target.origins {
            origins.add(message.identity);
        }
        target.octets += message.content.len();
        target.coming.push((message, ticket));
        if target.coming.len() >= COMING_MAX || target.octets >= COMING_OCTETS_MAX {
            self.settle(target)?;
        }
        Ok(())
    }

    /// The number that a message is to keep, if it can.
    fn number(&self, mailbox: MailboxId, message: &Message) -> Result<Option<u32>, ArchiveError> {
        if self.wish.manner != Manner::Full {
            return Ok(None);
        }
        let first = message.number;
        let last = first.saturating_add(u32::try_from(message.children.len()).unwrap_or(u32::MAX));
        if last > self.store.high_water(mailbox)? {
            return Ok(None);
        }
        for number in first..=last {
            if self.store.entry(mailbox, number)?.is_some() {
                return Ok(None);
            }
        }
        Ok(Some(first))
    }

    fn content(&self, mailbox: MailboxId, message: &Message, number: Option<u32>) -> NewContent {
        let new = self.wish.manner == Manner::Messages;
        let status = |status: u8| if new { 0 } else { status };
        let (class, envelope) = (message.class, message.envelope.clone());
        let mut entry = NewEntry::new(mailbox, class, status(message.status), envelope);
        entry.replaces = number;
        let kept = self.wish.manner == Manner::Full && self.wish.into.is_none();
        entry.amendment = match kept {
            true => message.amendment.clone(),
            false => (self.rules.alone)(message.amendment.clone()),
        };
        let child = |child: &WholeChild| Child {
            class: child.class,
            status: status(child.status),
            envelope: child.envelope.clone(),
            range: child.range.clone(),
            parent: child.parent,
        };
        entry.children = message.children.iter().map(child).collect();
        let (creation_time, entries) = (message.creation_time, vec![entry]);
        NewContent { content: vec![message.content.clone()], creation_time, entries }
    }

    /// Waits for what is on its way, and notes what it became.
    fn settle(&mut self, target: &mut Target) -> Result<(), ArchiveError> {
        let mut changes = Vec::new();
        for (message, ticket) in target.coming.drain(..) {
            let committed = match ticket.wait() {
                Ok(committed) => committed,
                Err(error @ StorageError::Invalid(_)) => {
                    let what = format!("{} {}", message.mailbox, message.number);
                    self.damaged(Damage { what, why: error.to_string() });
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let Some(stored) = committed.stored.first() else { continue };
            target.came += 1;
            changes.push(came(&message.identity, stored, committed.change));
            changes.extend(self.amended_children(&message, (stored.mailbox, stored.number)));
            if self.wish.manner == Manner::Full && stored.number != message.number {
                let (mailbox, was, number) = (target.name.clone(), message.number, stored.number);
                self.found.renumbered_all += 1;
                if self.found.renumbered.len() < NAMED_MAX {
                    self.found.renumbered.push(Renumbered { mailbox, was, number });
                }
            }
        }
        target.octets = 0;
        if !changes.is_empty() {
            self.store.commit(Transaction { changes }).wait()?;
        }
        Ok(())
    }

    /// What was added to children, as it is to be added to them where they are now.
    fn amended_children(
        &self,
        message: &Message,
        (mailbox, number): (MailboxId, u32),
    ) -> Vec<Change> {
        let children = message.children.iter().enumerate();
        let amended = children.filter(|(_, child)| !child.amendment.is_empty());
        let amend = amended.map(|(place, child)| Change::Amend {
            mailbox,
            number: number + 1 + place as u32,
            amendment: match self.wish.manner {
                Manner::Full => child.amendment.clone(),
                _ => (self.rules.alone)(child.amendment.clone()),
            },
        });
        amend.collect()
    }

    fn damaged(&mut self, damage: Damage) {
        self.found.damaged_all += 1;
        if self.found.damaged.len() < NAMED_MAX {
            self.found.damaged.push(damage);
        }
    }
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mailboxes, Self { entries, there, .. }) = (self.mailboxes.len(), self);
        write!(f, "{entries} entries restored in {mailboxes} mailboxes, {there} were there")?;
        if self.renumbered_all > 0 {
            write!(f, ", {} have new numbers", self.renumbered_all)?;
        }
        match self.damaged_all {
            0 => Ok(()),
            some => write!(f, "; {some} files or lines are damaged or missing"),
        }
    }
}
