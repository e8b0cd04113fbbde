//! The work of the night as jobs: backup, restore, import, tidy.
//!
//! Trees of files are written and read in one directory of this machine, which the configuration
//! names; in requests they go by a name in it, and never by a path.

use std::path::PathBuf;

use restante_archive::{BackupWish, Manner, NAMED_MAX, Pruned, RestoreWish, Restored, Rules};
use restante_ms::{NotRemoved, archive as kept};
use restante_storage::{
    Family, Mailbox, NumberSet, Query, Storage as _, StorageError, Store, Test,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    Admin,
    entries::Status,
    error::ApiError,
    jobs::{Outcome, Work},
    mailboxes::key,
};
use crate::{
    effect,
    events::{Fact, tell},
    hub::Deed,
    logging::BY_ITSELF,
    shared::{Shared, now, now_text},
};

/// The longest name of a tree, characters.
const NAME_MAX: usize = 64;
/// By how much numbers go on above a backup's, where the store knows less, if nothing is said.
const INCREMENT: u32 = 10_000;
/// The age of what is tidied away, days, if nothing is said.
const AGE_DAYS: u32 = 7;
/// How many entries go in one transaction.
const DELETED_AT_ONCE: usize = 1_000;
const MICROSECONDS_PER_DAY: i64 = 86_400 * 1_000_000;

/// What belongs into a tree.
pub(crate) const RULES: Rules = Rules {
    is_users: |name| !restante_ms::is_queue(name),
    is_kept: kept::is_kept,
    is_message: kept::is_message,
    is_registration: kept::is_registration,
    alone: kept::alone,
};

/// A backup that is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBackup {
    /// The tree: a name of letters, digits, `-`, `_` and `.`. Where there is one, what is new is
    /// added to it.
    #[schema(max_length = 64, example = "nightly")]
    pub(crate) tree: String,
    /// O/R addresses of the mailboxes, in any form; left out: all.
    pub(crate) mailboxes: Option<Vec<String>>,
    /// Whether contents are compressed.
    #[serde(default)]
    pub(crate) compress: bool,
    /// How many backups the tree keeps, this one among them, and of each mailbox the newest in
    /// which it is; older ones are taken out, with the messages that no other has. Left out: all.
    #[schema(minimum = 1)]
    pub(crate) keep: Option<usize>,
}

/// A restore that is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRestore {
    /// The tree.
    #[schema(max_length = 64)]
    pub(crate) tree: String,
    /// O/R addresses of the mailboxes, in any form; left out: all that the tree has.
    pub(crate) mailboxes: Option<Vec<String>>,
    /// One entry alone, by the number that it had; with one mailbox.
    pub(crate) message: Option<u32>,
    /// The mailbox that they go to: an O/R address; left out: each into its own.
    pub(crate) into: Option<String>,
    /// Whether numbers, statuses and registrations are kept; if not, messages alone come, new and
    /// under new numbers.
    #[serde(default)]
    pub(crate) full: bool,
    /// Where the store knows less of a mailbox than the backup, or is another store, its numbers
    /// go on by so much above the backup's; left out: 10,000.
    pub(crate) increment: Option<u32>,
    /// Whether all is read and nothing is changed.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// An import that is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImport {
    /// The tree, as a dump wrote it.
    #[schema(max_length = 64)]
    pub(crate) tree: String,
    /// O/R addresses of the mailboxes, in any form; left out: all that the tree has.
    pub(crate) mailboxes: Option<Vec<String>>,
    /// Whether all is read and nothing is changed.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What is to be deleted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTidy {
    /// What is older than so many days, counted from when it came into the mailbox; left out: 7.
    pub(crate) age_days: Option<u32>,
    /// Only what has this status; left out: any.
    pub(crate) state: Option<Status>,
    /// What was delivered, what was submitted, or both.
    #[serde(default)]
    pub(crate) class: TidyClass,
    /// O/R addresses of the mailboxes, in any form; left out: all.
    pub(crate) mailboxes: Option<Vec<String>>,
    /// Whether it is only counted.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// Of which class entries are that are deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TidyClass {
    /// What is in the inbox.
    #[default]
    Delivered,
    /// What is in the outbox.
    Submitted,
    /// Both.
    Any,
}

/// The canonical names of mailboxes.
fn names(addresses: Option<Vec<String>>) -> Result<Option<Vec<String>>, ApiError> {
    let names = addresses.map(|all| all.iter().map(|address| key(address)).collect());
    names.transpose()
}

impl Admin {
    /// Where a tree is.
    fn place(&self, name: &str) -> Result<PathBuf, ApiError> {
        let harmless = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_name = (1..=NAME_MAX).contains(&name.len()) && name.chars().all(harmless);
        if !is_name || name.starts_with('.') {
            let text = "a tree goes by a name of at most 64 letters, digits, - _ and . which does \
                        not begin with a full stop; it lies in the directory that the key \
                        backup.directory of the configuration names";
            return Err(ApiError::invalid(text));
        }
        Ok(self.shared.config.backup_directory().join(name))
    }

    /// A tree that is to be there.
    fn old_tree(&self, name: &str) -> Result<PathBuf, ApiError> {
        let tree = self.place(name)?;
        if !tree.is_dir() {
            let text = format!("there is no tree {name} in {}", parent(&tree));
            return Err(ApiError::not_found(text));
        }
        Ok(tree)
    }

    pub(super) fn backup(&self, new: NewBackup) -> Result<Work, ApiError> {
        let tree = self.place(&new.tree)?;
        if new.keep == Some(0) {
            return Err(ApiError::invalid("a tree keeps one backup at least"));
        }
        let mailboxes = names(new.mailboxes)?;
        let wish = BackupWish { mailboxes, compress: new.compress, made: now_text() };
        let store = self.store.clone();
        Ok(Box::new(move |progress| {
            let done = restante_archive::backup(&store, &tree, &wish, &RULES, progress);
            let done = done.map_err(|error| error.to_string())?;
            let pruned = match new.keep.filter(|_| done.damaged_all == 0) {
                Some(keep) => restante_archive::prune(&tree, keep),
                None => Ok(Pruned::default()),
            };
            let pruned = pruned.map_err(|error| format!("{done}; old ones are not: {error}"))?;
            let mailboxes = done.mailboxes.iter().take(NAMED_MAX);
            let mailboxes =
                mailboxes.map(|(name, entries)| json!({ "name": name, "entries": entries }));
            let details = json!({
                "manifest": done.manifest,
                "mailboxes": mailboxes.collect::<Vec<_>>(),
                "mailboxes_all": done.mailboxes.len(),
                "entries": done.entries,
                "written": done.written,
                "octets": done.octets,
                "pruned_backups": pruned.backups,
                "pruned_files": pruned.files,
                "damaged": texts(&done.damaged),
                "damaged_all": done.damaged_all,
            });
            let text = match pruned.backups {
                0 => done.to_string(),
                old => format!("{done}; {old} old backups taken out"),
            };
            Ok(Outcome { text, details: Some(details), is_good: done.damaged_all == 0 })
        }))
    }

    pub(super) fn restore(&self, new: NewRestore) -> Result<Work, ApiError> {
        let tree = self.old_tree(&new.tree)?;
        let mailboxes = names(new.mailboxes)?;
        if new.message.is_some() && mailboxes.as_ref().is_none_or(|all| all.len() != 1) {
            return Err(ApiError::invalid("a message is one of one mailbox: name that, too"));
        }
        let wish = RestoreWish {
            mailboxes,
            message: new.message,
            into: new.into.as_deref().map(key).transpose()?,
            manner: if new.full { Manner::Full } else { Manner::Messages },
            increment: new.increment.unwrap_or(INCREMENT),
            dry_run: new.dry_run,
        };
        Ok(self.bring_back(tree, wish))
    }

    pub(super) fn import(&self, new: NewImport) -> Result<Work, ApiError> {
        let wish = RestoreWish {
            mailboxes: names(new.mailboxes)?,
            message: None,
            into: None,
            manner: Manner::Import,
            increment: 0,
            dry_run: new.dry_run,
        };
        Ok(self.bring_back(self.old_tree(&new.tree)?, wish))
    }

    fn bring_back(&self, tree: PathBuf, wish: RestoreWish) -> Work {
        let (store, shared) = (self.store.clone(), self.shared.clone());
        Box::new(move |progress| {
            let done = restante_archive::restore(&store, &tree, &wish, &RULES, progress);
            let done = done.map_err(|error| error.to_string())?;
            let mut registered = 0;
            if !wish.dry_run {
                for (mailbox, values) in &done.registrations {
                    registered += register_again(&shared, &store, mailbox, values)?;
                }
                done.mailboxes.iter().for_each(|(mailbox, entries)| {
                    if *entries > 0 {
                        shared.hub.done(mailbox, Deed::Changed, None, 0);
                    }
                });
            }
            Ok(brought_back(&done, registered, wish.dry_run))
        })
    }

    pub(super) fn tidy(&self, new: NewTidy) -> Result<Work, ApiError> {
        let wanted = names(new.mailboxes.clone())?;
        let mut mailboxes = self.users_mailboxes();
        if let Some(wanted) = &wanted {
            let missing = |name: &&String| mailboxes.iter().all(|one| *one.name != ***name);
            if let Some(name) = wanted.iter().find(missing) {
                return Err(ApiError::not_found(format!("{name} has no mailbox")));
            }
            mailboxes.retain(|mailbox| wanted.iter().any(|name| **name == *mailbox.name));
        }
        let shared = self.shared.clone();
        Ok(Box::new(move |progress| {
            let query = new.query();
            let (mut all, mut counted) = (0, Vec::new());
            for (at, mailbox) in mailboxes.iter().enumerate() {
                if progress(at as u64, mailboxes.len() as u64).is_break() {
                    return Err(format!("ended early; {all} entries are deleted"));
                }
                let gone = tidied(&shared, mailbox, &query, new.dry_run);
                let gone = gone.map_err(|error| format!("{}: {error}", mailbox.name))?;
                all += gone;
                if gone > 0 && counted.len() < NAMED_MAX {
                    counted.push(json!({ "name": &*mailbox.name, "entries": gone }));
                }
            }
            let done = if new.dry_run { "would be deleted" } else { "deleted" };
            let text = format!("{all} entries of {} mailboxes {done}", mailboxes.len());
            let details = Some(json!({ "entries": all, "mailboxes": counted }));
            Ok(Outcome { text, details, is_good: true })
        }))
    }
}

impl NewTidy {
    fn query(&self) -> Query {
        let age = i64::from(self.age_days.unwrap_or(AGE_DAYS)) * MICROSECONDS_PER_DAY;
        let classes = match self.class {
            TidyClass::Delivered => vec![0],
            TidyClass::Submitted => vec![1],
            TidyClass::Any => vec![0, 1],
        };
        let status = |state: Status| u8::try_from(state.number().0).unwrap_or_default();
        let tests = self.state.map(|state| Test::Status(vec![status(state)]));
        Query {
            classes,
            family: Family::MainOnly,
            creation_time: i64::MIN..=now().0.saturating_sub(age),
            tests: tests.into_iter().collect(),
            ..Query::default()
        }
    }
}

/// Deletes what matches, a part at a time; how many there were.
fn tidied(
    shared: &Shared,
    mailbox: &Mailbox,
    query: &Query,
    dry_run: bool,
) -> Result<usize, NotRemoved> {
    let (found, places) = match shared.service.find(mailbox.id, query.clone(), None) {
        Ok(found) => found,
        // It was removed meanwhile.
        Err(restante_ms::NotFound::Storage(StorageError::NoMailbox(_))) => return Ok(0),
        Err(restante_ms::NotFound::Storage(error)) => return Err(error.into()),
        Err(restante_ms::NotFound::Filter(_)) => return Ok(0),
    };
    if dry_run || places.is_empty() {
        return Ok(places.len());
    }
    let numbers: Vec<u32> = found.iter().map(|row| row.number).collect();
    for some in numbers.chunks(DELETED_AT_ONCE) {
        let some: NumberSet = some.iter().copied().collect();
        shared.service.remove(mailbox.id, some, now())?.wait()?;
    }
    shared.hub.done(&mailbox.name, Deed::Deleted, None, numbers.len());
    Ok(numbers.len())
}

/// Registers what was registered for a user; how much of it there was.
fn register_again(
    shared: &Shared,
    store: &Store,
    mailbox: &str,
    values: &[(Vec<u8>, Vec<u8>)],
) -> Result<usize, String> {
    let failed = |error: StorageError| format!("what {mailbox} had registered is not: {error}");
    let Some(id) = store.mailbox(mailbox) else { return Ok(0) };
    let (ticket, arguments) = shared.service.register_again(id, values).map_err(failed)?;
    ticket.wait().map_err(failed)?;
    let user = shared.directory.user(mailbox).map_err(|error| error.to_string())?;
    let Some(user) = user.filter(|_| !arguments.is_empty()) else { return Ok(values.len()) };
    for argument in &arguments {
        let mut outcome = shared.service.register_for(&user, argument);
        match outcome.commit.take().map(|ticket| ticket.wait()) {
            Some(committed) => {
                effect::settled(shared, (BY_ITSELF, None), outcome, Some(&committed));
            }
            None => {
                tell(Fact::ActionNotRestored { mailbox: &mailbox });
            }
        }
    }
    Ok(values.len())
}

fn brought_back(done: &Restored, registered: usize, dry_run: bool) -> Outcome {
    let renumbered = done
        .renumbered
        .iter()
        .map(|one| json!({ "mailbox": one.mailbox, "was": one.was, "number": one.number }));
    let mailboxes = done.mailboxes.iter().take(NAMED_MAX);
    let mailboxes = mailboxes.map(|(name, entries)| json!({ "name": name, "entries": entries }));
    let details = json!({
        "dry_run": dry_run,
        "mailboxes": mailboxes.collect::<Vec<_>>(),
        "mailboxes_all": done.mailboxes.len(),
        "entries": done.entries,
        "there": done.there,
        "renumbered": renumbered.collect::<Vec<_>>(),
        "renumbered_all": done.renumbered_all,
        "registrations": registered,
        "damaged": texts(&done.damaged),
        "damaged_all": done.damaged_all,
    });
    let begin = if dry_run { "nothing is changed; it would be: " } else { "" };
    let text = format!("{begin}{done}");
    Outcome { text, details: Some(details), is_good: done.damaged_all == 0 }
}

fn texts(damaged: &[restante_archive::Damage]) -> Vec<String> {
    damaged.iter().map(ToString::to_string).collect()
}

fn parent(path: &std::path::Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}
