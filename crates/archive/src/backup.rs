//! A backup: every entry that is there when it begins and is not deleted meanwhile is in it, and
//! nobody waits for it.
//!
//! Each mailbox is looked at as it is at one moment, and its entries are read after that. What
//! goes meanwhile may have been moved to a mailbox that was looked at before, so all mailboxes are
//! looked at again for what is above the numbers seen, until nothing was missing.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    fs::File,
    io,
    ops::ControlFlow,
    path::Path,
};

use restante_storage::{
    Mailbox, MailboxId, Query, Scope, Selection, Storage, StorageError, Store, Whole,
};

use crate::{
    ArchiveError, Damage, NAMED_MAX, Progress, Rules,
    manifest::{Box, Listed, Manifest},
    message::Message,
    origin::Origins,
    tree::{MESSAGE_END, Tree, directory_of},
};

/// How often all mailboxes are looked at, at most.
const PASSES_MAX: usize = 5;

/// What is to be backed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupWish {
    /// The names of mailboxes; all where it is left out.
    pub mailboxes: Option<Vec<String>>,
    /// Whether contents are compressed.
    pub compress: bool,
    /// The time, for people.
    pub made: String,
}

/// What a backup came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backup {
    /// The manifest's file in the tree.
    pub manifest: String,
    /// Mailboxes that are in it, with how many entries.
    pub mailboxes: Vec<(String, usize)>,
    /// Entries that are in it.
    pub entries: u64,
    /// Of these, those that had to be written, and the octets of their files.
    pub written: u64,
    /// See `written`.
    pub octets: u64,
    /// What could not be read: the first thousand.
    pub damaged: Vec<Damage>,
    /// How many could not be read in all.
    pub damaged_all: u64,
}

/// Backs mailboxes up into a tree; entries that are in it already cost a line in the manifest.
///
/// # Errors
/// Where the tree can't be written, is another store's, or the store stops. An entry that can't
/// be read is no error: it is named, and what an earlier backup has of it is kept.
pub fn backup(
    store: &Store,
    tree: &Path,
    wish: &BackupWish,
    rules: &Rules,
    progress: &Progress<'_>,
) -> Result<Backup, ArchiveError> {
    let mailboxes = wanted(store, rules, wish.mailboxes.as_deref())?;
    let tree = Tree::open_to_write(tree)?;
    if let Some(newest) = tree.newest()?.filter(|newest| newest.store != store.id()) {
        return Err(ArchiveError::OfAnotherStore { path: tree.path, store: newest.store });
    }
    let mut run = Run {
        store,
        tree,
        wish,
        rules,
        progress,
        found: Backup::default(),
        boxes: Vec::new(),
        unreadable: HashSet::new(),
        gone: 0,
        done: 0,
        all: 0,
    };
    run.all = mailboxes.iter().map(|mailbox| run.count(mailbox.id)).sum();
    for mailbox in &mailboxes {
        run.open_box(mailbox)?;
    }
    for pass in 0..PASSES_MAX {
        run.gone = 0;
        for (place, mailbox) in mailboxes.iter().enumerate() {
            run.look(place, mailbox.id)?;
        }
        if pass > 0 && run.gone == 0 {
            break;
        }
    }
    run.finish(&mailboxes)
}

fn wanted(
    store: &Store,
    rules: &Rules,
    names: Option<&[String]>,
) -> Result<Vec<Mailbox>, ArchiveError> {
    let mut all = store.mailboxes();
    all.retain(|mailbox| (rules.is_users)(&mailbox.name));
    let Some(names) = names else { return Ok(all) };
    let missing = |name: &&String| all.iter().all(|mailbox| *mailbox.name != ***name);
    if let Some(name) = names.iter().find(missing) {
        return Err(ArchiveError::NoMailbox { name: name.clone() });
    }
    all.retain(|mailbox| names.iter().any(|name| **name == *mailbox.name));
    Ok(all)
}

struct Run<'a> {
    store: &'a Store,
    tree: Tree,
    wish: &'a BackupWish,
    rules: &'a Rules,
    progress: &'a Progress<'a>,
    found: Backup,
    boxes: Vec<Open>,
    /// Entries that were named as damaged.
    unreadable: HashSet<String>,
    /// Entries that went in this pass between the look at their mailbox and the reading.
    gone: u64,
    done: u64,
    all: u64,
}

/// A mailbox in the making.
struct Open {
    told: Box,
    /// The files that are there.
    files: HashSet<String>,
    /// The highest number that was looked at.
    seen: u32,
}

impl Run<'_> {
    fn count(&self, mailbox: MailboxId) -> u64 {
        let counts = self.store.counts(mailbox).unwrap_or_default();
        counts.iter().filter(|count| !count.child).map(|count| u64::from(count.entries)).sum()
    }

    fn open_box(&mut self, mailbox: &Mailbox) -> Result<(), ArchiveError> {
        let (name, directory) = (mailbox.name.to_string(), directory_of(&mailbox.name));
        let files = self.tree.messages(&directory)?;
        let told = Box { store: self.store.id(), name, directory, ..Box::default() };
        self.boxes.push(Open { told, files, seen: 0 });
        Ok(())
    }

    /// Takes in what a mailbox has above what was seen of it.
    fn look(&mut self, place: usize, mailbox: MailboxId) -> Result<(), ArchiveError> {
        let Some(open) = self.boxes.get(place) else { return Ok(()) };
        let query = Query { numbers: open.seen + 1..=u32::MAX, ..Query::default() };
        let Some(selection) = self.select(mailbox, &query)? else { return Ok(()) };
        let origins = Origins::of_selection(self.store, mailbox, &selection)?;
        let mut rows = selection.iter().peekable();
        while let Some(row) = rows.next() {
            let mut children = Vec::new();
            let mut amended = vec![row.amended.then_some(row.number)];
            while let Some(child) = rows.next_if(|child| child.parent.is_some()) {
                children.push(child.status);
                amended.push(child.amended.then_some(child.number));
            }
            if let Some(open) = self.boxes.get_mut(place) {
                open.seen = row.number + row.descendants;
            }
            if row.parent.is_some() || !(self.rules.is_kept)(row.class) {
                continue;
            }
            let note = self.note(mailbox, amended.into_iter().flatten())?;
            let name = format!("{:010}-{:x}-{:x}{note}", row.number, row.change, row.ordinal);
            let listed = Listed { file: name, number: row.number, status: row.status, children };
            self.keep(place, mailbox, listed, |row| origins.name(row.change, row.ordinal))?;
            self.done += 1;
            if let ControlFlow::Break(()) = (self.progress)(self.done, self.all) {
                self.tree.settle()?;
                return Err(ArchiveError::Cancelled);
            }
        }
        Ok(())
    }

    /// What a mailbox has; `None` where it is gone. What is still being made is waited for.
    fn select(
        &self,
        mailbox: MailboxId,
        query: &Query,
    ) -> Result<Option<Selection>, ArchiveError> {
        loop {
            match self.store.select(mailbox, query) {
                Ok(selection) => return Ok(Some(selection)),
                Err(StorageError::NoMailbox(_)) => return Ok(None),
                Err(StorageError::Busy(_)) => {}
                Err(error) => return Err(error.into()),
            }
            if let ControlFlow::Break(()) = (self.progress)(self.done, self.all) {
                return Err(ArchiveError::Cancelled);
            }
        }
    }

    /// What tells in a file's name which amendments it has.
    fn note(
        &self,
        mailbox: MailboxId,
        amended: impl Iterator<Item = u32>,
    ) -> Result<String, ArchiveError> {
        let (mut sum, mut any) = (0, false);
        for number in amended {
            let amendment = self.store.amendment(mailbox, number)?.unwrap_or_default();
            sum = crc32c::crc32c_append(sum, &number.to_le_bytes());
            sum = crc32c::crc32c_append(sum, &amendment);
            any = true;
        }
        Ok(if any { format!("-{sum:08x}") } else { String::new() })
    }

    /// Has an entry in the tree.
    fn keep(
        &mut self,
        place: usize,
        mailbox: MailboxId,
        mut listed: Listed,
        identity: impl FnOnce(&restante_storage::Entry) -> crate::message::Identity,
    ) -> Result<(), ArchiveError> {
        let Some(open) = self.boxes.get_mut(place) else { return Ok(()) };
        let name = format!("{}{MESSAGE_END}", listed.file);
        listed.file = format!("{}/{name}", open.told.directory);
        if open.files.contains(&name) {
            open.told.entries.push(listed);
            return Ok(());
        }
        let Whole { entry, envelope, amendment, content, children } =
            match self.store.whole(mailbox, listed.number) {
                Ok(Some(whole)) => whole,
                Ok(None) => {
                    self.gone += 1;
                    return Ok(());
                }
                Err(error @ (StorageError::Damaged { .. } | StorageError::Io(_))) => {
                    let what = format!("{} {}", open.told.name, listed.number);
                    let why = error.to_string();
                    self.damaged(Damage { what, why });
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            };
        let message = Message {
            identity: identity(&entry),
            mailbox: open.told.name.clone(),
            number: entry.number,
            creation_time: entry.creation_time,
            class: entry.class,
            status: entry.status,
            envelope,
            amendment,
            content,
            children,
        };
        let compress = self.wish.compress;
        let write = |file: &File| -> io::Result<u64> { message.write(file, compress) };
        self.found.octets += self.tree.put(&listed.file, write)?;
        self.found.written += 1;
        open.told.entries.push(listed);
        Ok(())
    }

    fn damaged(&mut self, damage: Damage) {
        if !self.unreadable.insert(damage.what.clone()) {
            return;
        }
        self.found.damaged_all += 1;
        if self.found.damaged.len() < NAMED_MAX {
            self.found.damaged.push(damage);
        }
    }

    fn finish(mut self, mailboxes: &[Mailbox]) -> Result<Backup, ArchiveError> {
        let mut boxes = Vec::with_capacity(self.boxes.len());
        let opened: HashMap<_, _> =
            self.boxes.drain(..).map(|open| (open.told.name.clone(), open.told)).collect();
        for mailbox in mailboxes {
            let Some(mut told) = opened.get(&*mailbox.name).cloned() else { continue };
            // Not before all its entries were seen: it is above all their numbers.
            match self.store.high_water(mailbox.id) {
                Ok(mark) => told.high_water = mark,
                // It was removed meanwhile.
                Err(StorageError::NoMailbox(_)) => continue,
                Err(error) => return Err(error.into()),
            }
            let values = self.store.values(Scope::Mailbox(mailbox.id), b"")?;
            let kept = values.into_iter().filter(|(key, _)| (self.rules.is_registration)(key));
            told.values = kept.map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
            self.found.mailboxes.push((told.name.clone(), told.entries.len()));
            self.found.entries += told.entries.len() as u64;
            boxes.push(told);
        }
        let made = self.wish.made.clone();
        let manifest = Manifest { store: self.store.id(), made, boxes };
        self.found.manifest = self.tree.finish(&manifest)?;
        Ok(self.found)
    }
}

impl fmt::Display for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mailboxes, Self { entries, written, octets, .. }) = (self.mailboxes.len(), self);
        write!(
            f,
            "{entries} entries of {mailboxes} mailboxes, {written} written ({octets} octets)"
        )?;
        match self.damaged_all {
            0 => Ok(()),
            some => write!(f, "; {some} can't be read"),
        }
    }
}
