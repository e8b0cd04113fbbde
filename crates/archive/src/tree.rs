//! The files of a tree: their names, its lock, its manifests.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::{self, File, TryLockError},
    io::{self, BufReader, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::{
    ArchiveError, Damage,
    manifest::{Box, Manifest},
};

const LOCK: &str = "lock";
const MANIFEST: &str = "manifest-";
const MANIFEST_END: &str = ".jsonl";
/// The end of the name of a message's file.
pub(crate) const MESSAGE_END: &str = ".message";
/// What is in a tree is as private as the mailboxes are.
const PRIVATE: u32 = 0o600;
/// The end of the name of a file that is not whole, or not on the disk: it counts for nothing.
const PART_END: &str = ".part";
/// How many files are written before they are made durable together, and their octets.
const UNSYNCED_FILES_MAX: usize = 1000;
const UNSYNCED_OCTETS_MAX: u64 = 64 << 20;

/// A tree that is open; nobody else writes into it.
pub(crate) struct Tree {
    pub(crate) path: PathBuf,
    /// By number; the highest is the newest.
    pub(crate) manifests: BTreeMap<u32, String>,
    /// Files that are written and do not have their names yet.
    unsynced: Vec<PathBuf>,
    unsynced_octets: u64,
    _lock: File,
}

impl Tree {
    /// Opens one to write into; it is made where there is none.
    pub(crate) fn open_to_write(path: &Path) -> Result<Self, ArchiveError> {
        // What is in it is as private as the mailboxes are.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(ArchiveError::io(path))?;
        let lock = File::options().write(true).create(true).truncate(false).open(path.join(LOCK));
        let lock = lock.map_err(ArchiveError::io(path))?;
        Self::open(path, lock)
    }

    /// Opens one that is there.
    pub(crate) fn open_to_read(path: &Path) -> Result<Self, ArchiveError> {
        // The lock is kept where the tree can't be written, by nobody, too.
        let lock = File::open(path.join(LOCK)).or_else(|_| File::open(path));
        Self::open(path, lock.map_err(ArchiveError::io(path))?)
    }

    fn open(path: &Path, lock: File) -> Result<Self, ArchiveError> {
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ArchiveError::InUse { path: path.into() });
            }
            Err(TryLockError::Error(cause)) => return Err(ArchiveError::io(path)(cause)),
        }
        let mut manifests = BTreeMap::new();
        for name in names(path).map_err(ArchiveError::io(path))? {
            let number = name.strip_prefix(MANIFEST).and_then(|n| n.strip_suffix(MANIFEST_END));
            if let Some(number) = number.and_then(|number| number.parse().ok()) {
                manifests.insert(number, name);
            }
        }
        let (unsynced, path) = (Vec::new(), path.to_path_buf());
        Ok(Self { path, manifests, unsynced, unsynced_octets: 0, _lock: lock })
    }

    /// The newest manifest of which the beginning can be read.
    pub(crate) fn newest(&self) -> Result<Option<Manifest>, ArchiveError> {
        for name in self.manifests.values().rev() {
            if let Some(manifest) = self.manifest(name, &mut Vec::new())? {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }

    /// Each mailbox as the newest backup found it in which it was, and which backups there are.
    pub(crate) fn boxes(&self, damaged: &mut Vec<Damage>) -> Result<Vec<Box>, ArchiveError> {
        if self.manifests.is_empty() {
            return Err(ArchiveError::NoBackup { path: self.path.clone() });
        }
        let mut found: HashMap<String, Box> = HashMap::new();
        for name in self.manifests.values().rev() {
            let manifest = self.manifest(name, damaged)?;
            for one in manifest.into_iter().flat_map(|manifest| manifest.boxes) {
                found.entry(one.name.clone()).or_insert(one);
            }
        }
        let mut found: Vec<_> = found.into_values().collect();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// A manifest by the name of its file.
    pub(crate) fn manifest(
        &self,
        name: &str,
        damaged: &mut Vec<Damage>,
    ) -> Result<Option<Manifest>, ArchiveError> {
        let path = self.path.join(name);
        let read =
            File::open(&path).and_then(|file| Manifest::read(name, BufReader::new(file), damaged));
        read.map_err(ArchiveError::io(&path))
    }

    /// The messages' files of a mailbox, which are whole; the directory is made where it is not
    /// there, and cleared of what is not whole.
    pub(crate) fn messages(&self, directory: &str) -> Result<HashSet<String>, ArchiveError> {
        let path = self.path.join(directory);
        let files = || {
            fs::DirBuilder::new().recursive(true).mode(PRIVATE | 0o100).create(&path)?;
            let mut files = names(&path)?;
            for part in files.extract_if(.., |name| name.ends_with(PART_END)) {
                fs::remove_file(path.join(part))?;
            }
            Ok(files.into_iter().filter(|name| name.ends_with(MESSAGE_END)).collect())
        };
        files().map_err(ArchiveError::io(&path))
    }

    /// Writes a message's file, which has its name when it is on the disk.
    pub(crate) fn put(
        &mut self,
        name: &str,
        write: impl FnOnce(&File) -> io::Result<u64>,
    ) -> Result<u64, ArchiveError> {
        let path = self.path.join(format!("{name}{PART_END}"));
        let octets = create(&path).and_then(|file| write(&file));
        let octets = octets.map_err(ArchiveError::io(&path))?;
        self.unsynced.push(self.path.join(name));
        self.unsynced_octets += octets;
        if self.unsynced.len() >= UNSYNCED_FILES_MAX || self.unsynced_octets >= UNSYNCED_OCTETS_MAX
        {
            self.settle()?;
        }
        Ok(octets)
    }

    /// Makes durable what was put, and gives the files their names.
    pub(crate) fn settle(&mut self) -> Result<(), ArchiveError> {
        let settled = || {
            sync_all_of(&self.path)?;
            for path in &self.unsynced {
                let mut part = path.clone().into_os_string();
                part.push(PART_END);
                fs::rename(part, path)?;
            }
            Ok(())
        };
        settled().map_err(ArchiveError::io(&self.path))?;
        self.unsynced.clear();
        self.unsynced_octets = 0;
        Ok(())
    }

    /// Writes the manifest of a backup of which all files are there; its name.
    pub(crate) fn finish(&mut self, manifest: &Manifest) -> Result<String, ArchiveError> {
        self.settle()?;
        let number = self.manifests.last_key_value().map_or(1, |(last, _)| last + 1);
        let name = format!("{MANIFEST}{number:08}{MANIFEST_END}");
        let path = self.path.join(&name);
        let written = || {
            let part = self.path.join(format!("{name}{PART_END}"));
            let mut out = BufWriter::new(create(&part)?);
            manifest.write(&mut out)?;
            out.flush()?;
            // The names of the messages' files are durable before the manifest's is.
            sync_all_of(&self.path)?;
            fs::rename(part, &path)?;
            File::open(&self.path)?.sync_all()
        };
        written().map_err(ArchiveError::io(&path))?;
        self.manifests.insert(number, name.clone());
        Ok(name)
    }
}

/// Makes a file that is its owner's alone, also where the tree's directory was there before.
fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create(true).truncate(true).mode(PRIVATE).open(path)
}

/// Makes all durable that was written to the file system of a directory: one call for many files.
fn sync_all_of(directory: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(directory)?)?)
}

/// What is in a directory.
pub(crate) fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        names.extend(entry?.file_name().into_string());
    }
    Ok(names)
}

/// The directory of a mailbox: as much of its name as file names can have, and a checksum of it.
pub(crate) fn directory_of(name: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "=-".contains(c);
    let text: String = name.chars().map(|c| if harmless(c) { c } else { '_' }).take(100).collect();
    format!("{}-{:08x}", text.trim_matches('_'), crc32c::crc32c(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_a_name_that_people_know() {
        let name = directory_of("/CN=ALICE/O=EX AMPLE/../C=GB/");
        assert!(name.starts_with("CN=ALICE_O=EX_AMPLE____C=GB-"), "{name}");
        assert_ne!(directory_of("/CN=A B/"), directory_of("/CN=A/B/"));
        assert!(directory_of(&"é/".repeat(300)).len() < 120);
    }
}
