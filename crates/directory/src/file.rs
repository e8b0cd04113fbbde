//! The file `accounts.toml`: how it reads, and how it is replaced so that no reader and no crash
//! ever sees half of it (a new file, synced, renamed over the old one, the directory synced).

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{DirectoryError, Role};

/// Owner only: hashes are secrets, if hard ones.
const MODE: u32 = 0o600;
/// As all that lies beside it.
const DIRECTORY_MODE: u32 = 0o700;

const HEAD: &str = "\
# The users, MTAs and managers of this store. `restante user`, `restante mta-peer` and
# `restante manager` write this file; a running server sees the change at the next bind.
# Passwords are Argon2id hashes.
";

/// A user as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserRecord {
    pub(crate) or_address: String,
    pub(crate) password_hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) store_submissions: Option<bool>,
}

/// An MTA as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MtaRecord {
    pub(crate) name: String,
    pub(crate) password_hash: String,
}

/// Somebody who may sign in to run the store, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManagerRecord {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) password_hash: String,
}

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Records {
    #[serde(default, rename = "user")]
    pub(crate) users: Vec<UserRecord>,
    #[serde(default, rename = "mta_peer")]
    pub(crate) mta_peers: Vec<MtaRecord>,
    #[serde(default, rename = "manager")]
    pub(crate) managers: Vec<ManagerRecord>,
}

/// Tells one state of the file from the next: each change makes a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

/// The file's stamp; `None` where there is no file.
pub(crate) fn stamp(path: &Path) -> Result<Option<Stamp>, DirectoryError> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some(Stamp {
            inode: about.ino(),
            length: about.len(),
            modified: (about.mtime(), about.mtime_nsec()),
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(DirectoryError::File { path: path.into(), cause }),
    }
}

/// What the file holds; nothing where there is none.
pub(crate) fn read(path: &Path) -> Result<Records, DirectoryError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Records::default()),
        Err(cause) => return Err(DirectoryError::File { path: path.into(), cause }),
    };
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        let text = format!("line {line}: {}", error.message());
        DirectoryError::Malformed { path: path.into(), text }
    })
}

/// Holds other writers off until it is dropped.
pub(crate) struct WriteLock {
    _unlocked_when_closed: File,
}

/// Waits for other writers of the file, in this process or another.
pub(crate) fn lock(path: &Path) -> Result<WriteLock, DirectoryError> {
    let beside = path.with_extension("lock");
    let locked = || -> io::Result<File> {
        if let Some(directory) = path.parent() {
            DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(directory)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            .open(&beside)?;
        belong(&file, path)?;
        file.lock()?;
        Ok(file)
    };
    let file = locked();
    let file = file.map_err(|cause| DirectoryError::File { path: beside.clone(), cause })?;
    Ok(WriteLock { _unlocked_when_closed: file })
}

/// What root makes belongs to whom the directory belongs to: the store itself may be another user.
fn belong(file: &File, path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let owner = fs::metadata(directory.unwrap_or(Path::new(".")))?;
    let is_roots = file.metadata()?.uid() == 0;
    if is_roots && owner.uid() != 0 {
        fchown(file, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

/// Puts a new file in the place of the old one. The lock is held.
pub(crate) fn replace(
    path: &Path,
    records: &Records,
    _lock: &WriteLock,
) -> Result<(), DirectoryError> {
    let failed = |cause| DirectoryError::File { path: path.into(), cause };
    let body = toml::to_string(records).map_err(|error| DirectoryError::Malformed {
        path: path.into(),
        text: error.to_string(),
    })?;
    let fresh = path.with_extension("new");
    let write = || -> io::Result<()> {
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&fresh)?;
        belong(&file, path)?;
        file.write_all(HEAD.as_bytes())?;
        file.write_all(b"\n")?;
        file.write_all(body.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(failed)
}
