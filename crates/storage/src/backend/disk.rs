//! The real disk: std's files, read and written by offset, synced with `fdatasync`.
//!
//! The directory is locked while it is open, so that two processes never write one log.

use std::{
    fs::{self, File as StdFile, OpenOptions, TryLockError},
    io::{self, IoSliceMut},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use rustix::{
    fs::{FallocateFlags, fallocate},
    io::{Errno, ReadWriteFlags, preadv2},
};

use super::{Backend, File};
use crate::StorageError;

/// From this length on, a range is mapped and not read.
const MAP_BYTES_MIN: u64 = 256 * 1024;

/// A longer range is not looked for in the system's cache.
const CACHED_BYTES_MAX: usize = 64 * 1024;

/// How much is filled before it is synced: a commit's own sync never waits for more.
const FILL_BYTES: usize = 1024 * 1024;

const LOCK_NAME: &str = "lock";

/// A directory on disk.
#[derive(Debug)]
pub struct FileBackend {
    directory: PathBuf,
    read_only: bool,
    /// Holds the lock as long as it is open.
    _lock: StdFile,
}

impl FileBackend {
    /// Opens a directory, which is created where it is not there, and locks it.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, StorageError> {
        let directory = directory.as_ref().to_path_buf();
        fs::create_dir_all(&directory)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(LOCK_NAME))?;
        Self::locked(directory, lock, false)
    }

    /// Opens a directory that holds a log, to read only, and locks it.
    ///
    /// # Errors
    /// [`StorageError::InUse`] where a process has it open; [`StorageError::NotReadable`] where
    /// there is none.
    pub fn open_to_read(directory: impl AsRef<Path>) -> Result<Self, StorageError> {
        let directory = directory.as_ref().to_path_buf();
        match StdFile::open(directory.join(LOCK_NAME)) {
            Ok(lock) => Self::locked(directory, lock, true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = directory.display();
                Err(StorageError::NotReadable(format!("there is none in {path}")))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn locked(directory: PathBuf, lock: StdFile, read_only: bool) -> Result<Self, StorageError> {
        match lock.try_lock() {
            Ok(()) => Ok(Self { directory, read_only, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn check_writable(&self) -> io::Result<()> {
        match self.read_only {
            true => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
            false => Ok(()),
        }
    }
}

impl Backend for FileBackend {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let path = self.directory.join(name);
        let file = OpenOptions::new().read(true).write(!self.read_only).open(path)?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn File>> {
        self.check_writable()?;
        let path = self.directory.join(name);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.check_writable()?;
        fs::remove_file(self.directory.join(name))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.check_writable()?;
        fs::rename(self.directory.join(from), self.directory.join(to))
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let volume = rustix::fs::statvfs(&self.directory)?;
        Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
    }

    fn sync_directory(&self) -> io::Result<()> {
        StdFile::open(&self.directory)?.sync_all()
    }
}

/// Whether there is an index.
pub(crate) fn is_there(path: &Path) -> bool {
    path.exists()
}

/// Puts a whole index, which nobody has open, in another's place, durably.
pub(crate) fn replace_index(built: &Path, path: &Path) -> io::Result<()> {
    StdFile::open(built)?.sync_all()?;
    remove_index_files(path)?;
    fs::rename(built, path)?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => StdFile::open(parent)?.sync_all(),
        None => StdFile::open(".")?.sync_all(),
    }
}

/// Removes an index, which SQLite keeps in up to three files.
pub(crate) fn remove_index_files(path: &Path) -> io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match fs::remove_file(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

struct DiskFile(StdFile);

impl File for DiskFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn read_bytes(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        if length >= MAP_BYTES_MIN {
            return map(&self.0, offset, length);
        }
        let mut buffer = vec![0; length as usize];
        self.0.read_exact_at(&mut buffer, offset)?;
        Ok(buffer.into())
    }

    fn is_cached(&self, offset: u64, length: u64) -> bool {
        let Some(length) = usize::try_from(length).ok().filter(|&l| l <= CACHED_BYTES_MAX) else {
            return false;
        };
        let mut buffer = vec![0; length];
        let mut read = [IoSliceMut::new(&mut buffer)];
        preadv2(&self.0, &mut read, offset, ReadWriteFlags::NOWAIT).is_ok_and(|n| n == length)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(octets, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut at = self.len()?;
        if length <= at {
            return self.0.set_len(length);
        }
        let zeros = vec![0; FILL_BYTES];
        while at < length {
            let piece = FILL_BYTES.min(usize::try_from(length - at).unwrap_or(FILL_BYTES));
            self.0.write_all_at(&zeros[..piece], at)?;
            self.0.sync_data()?;
            at += piece as u64;
        }
        Ok(())
    }

    fn reserve(&self, length: u64) -> io::Result<()> {
        match fallocate(&self.0, FallocateFlags::empty(), 0, length) {
            Ok(()) => Ok(()),
            // The file system has no such call.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => self.set_len(length),
            Err(error) => Err(error.into()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

#[allow(unsafe_code)]
fn map(file: &StdFile, offset: u64, length: u64) -> io::Result<Bytes> {
    let end = offset.checked_add(length).ok_or(io::ErrorKind::InvalidInput)?;
    if end > file.metadata()?.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let length = usize::try_from(length).map_err(io::Error::other)?;
    // SAFETY: the range lies inside the file; the directory is locked against other processes of
    // ours; and by the trait's contract this process neither writes the range again nor cuts the
    // file while anyone holds what is returned.
    let map = unsafe { memmap2::MmapOptions::new().offset(offset).len(length).map(file)? };
    Ok(Bytes::from_owner(map))
}
