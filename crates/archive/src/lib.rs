//! A store's mailboxes as a tree of files, with a file per message: what a backup and a dump
//! write, and what a restore and an import read. `docs/data_file.md` describes every byte.
//!
//! A tree holds one store's messages, each in a file that is never written again, and a manifest
//! for each time that something was backed up into it: which entries there were, with their
//! statuses, and the numbers that had been given. So the second backup into a tree costs what is
//! new. A file has its name when it is whole and on the disk, a manifest when all its files are:
//! whatever cuts a backup off leaves a tree in which all that was there before is still good.
//!
//! What it refuses: to know ASN.1, users and the time; what an entry-class or a value means is
//! told by its caller ([`Rules`]).

mod backup;
mod error;
mod manifest;
mod message;
mod origin;
mod prune;
mod restore;
mod tree;

pub use backup::{Backup, BackupWish, backup};
pub use error::{ArchiveError, Damage};
pub use prune::{Pruned, prune};
pub use restore::{Manner, Renumbered, RestoreWish, Restored, Values, restore};

use std::ops::ControlFlow;

use bytes::Bytes;

/// Told how much of how much is done; it may say that it is enough.
pub type Progress<'a> = dyn Fn(u64, u64) -> ControlFlow<()> + 'a;

/// How many of a kind are named in a report; more are counted.
pub const NAMED_MAX: usize = 1000;

/// What is to be known of entries and values.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether a mailbox, by its name, is a user's.
    pub is_users: fn(&str) -> bool,
    /// Whether entries of a class belong to a mailbox's user, and so into a tree.
    pub is_kept: fn(u8) -> bool,
    /// Whether a class is one of messages, and not of what a log says of them.
    pub is_message: fn(u8) -> bool,
    /// Whether a value of a mailbox, by its key, is what its user has registered.
    pub is_registration: fn(&[u8]) -> bool,
    /// What is left of what was added to an entry where it comes among others.
    pub alone: fn(Bytes) -> Bytes,
}
