//! The index: what lists and filters need of the log, in SQLite, behind the acknowledgement.
//!
//! One connection writes, in large batches, each with the place in the log up to which it goes in
//! the same transaction; others read. It holds nothing that the log can't make again, so it is
//! synced only at its checkpoints (`synchronous=NORMAL`), and dropped when it does not fit.

mod compare;
mod damage;
mod extracted;
mod project;
mod read;
mod repair;
mod rewrite;
mod schema;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
pub(crate) use compare::Comparison;
pub use damage::known_damage;
pub(crate) use extracted::{ExtractedEntry, RecordAt};
use project::Made;
pub(crate) use read::KnownMailbox;
pub(crate) use repair::repair;
pub(crate) use rewrite::Share;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use uuid::Uuid;

use crate::{
    MailboxId, StorageError,
    backend::{remove_index_files, replace_index},
    log::Place,
    record::{Effect, LoggedEntry},
};

/// Reading connections that are kept open.
const READERS_MAX: usize = 16;

/// A record that is durable, on its way into the index.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) change: u64,
    pub(crate) place: Place,
    pub(crate) effects: Vec<Effect>,
}

impl Applied {
    /// Its entries, ascending by ordinal.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &LoggedEntry> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Store(entries) => Some(entries),
                _ => None,
            })
            .flatten()
    }

    /// What it adds to which entries, in order.
    pub(crate) fn amendments(&self) -> impl Iterator<Item = ((MailboxId, u32), &Bytes)> {
        self.effects.iter().flat_map(|effect| {
            let entries = match effect {
                Effect::Store(entries) => &entries[..],
                _ => &[],
            };
            let amend = match effect {
                Effect::Amend { mailbox, number, amendment } => {
                    Some(((*mailbox, *number), amendment))
                }
                _ => None,
            };
            let stored = entries.iter().filter(|entry| !entry.amendment.is_empty());
            let stored = stored.map(|entry| ((entry.mailbox, entry.number), &entry.amendment));
            stored.chain(amend)
        })
    }
}

/// How far the index goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) store: Uuid,
    pub(crate) extractor: u32,
    /// The last record in it; `None` in one that was just made.
    pub(crate) last: Option<(u64, Place)>,
    /// Where columns and attributes are made later: the change up to which they are made.
    pub(crate) extracted: Option<u64>,
}

/// An open index.
pub(crate) struct Index {
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Index {
    /// Opens the index, which is made where it is not there. An error of SQLite's means that it
    /// is damaged, or not one of ours.
    pub(crate) fn open(path: Option<&Path>) -> rusqlite::Result<Self> {
        let writer = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        schema::prepare(&writer)?;
        Ok(Self::of(writer, path))
    }

    /// A new one, in a file beside its place until [`Self::settle`], so that it need not survive a
    /// crash before that.
    pub(crate) fn build(path: Option<&Path>) -> Result<Self, StorageError> {
        let Some(path) = path else { return Ok(Self::open(None)?) };
        let mut built = path.as_os_str().to_owned();
        built.push(".new");
        let built = Path::new(&built);
        remove_index_files(built)?;
        let index = Self::open(Some(built))?;
        schema::prepare_fast(&index.writer())?;
        Ok(index)
    }

    /// Puts one that was built in its place.
    pub(crate) fn settle(self, path: &Path) -> Result<Self, StorageError> {
        let Self { path: built, writer, readers } = self;
        drop((writer, readers));
        if let Some(built) = built {
            replace_index(&built, path)?;
        }
        Ok(Self::open(Some(path))?)
    }

    /// One that is gone when it is closed; what does not fit into its cache is in a file without
    /// a name.
    pub(crate) fn scratch() -> rusqlite::Result<Self> {
        let writer = Connection::open("")?;
        schema::prepare(&writer)?;
        schema::prepare_fast(&writer)?;
        Ok(Self::of(writer, None))
    }

    /// Whether there is one, and it is of another version.
    pub(crate) fn is_of_another_version(path: &Path) -> bool {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let version =
            Connection::open_with_flags(path, flags).and_then(|reader| schema::version(&reader));
        version.is_ok_and(|version| ![0, schema::SCHEMA_VERSION].contains(&version))
    }

    /// One that is there and of this version, to read only.
    pub(crate) fn open_to_read(path: &Path) -> rusqlite::Result<Option<Self>> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(path, flags)?;
        let current = schema::version(&reader)? == schema::SCHEMA_VERSION;
        Ok(current.then(|| Self::of(reader, None)))
    }

    fn of(writer: Connection, path: Option<&Path>) -> Self {
        Self {
            path: path.map(Path::to_path_buf),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
        }
    }

    /// Its file, if it is in one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it goes; `None` where it is new.
    pub(crate) fn position(&self) -> rusqlite::Result<Option<Position>> {
        Self::position_of(&self.writer())
    }

    /// As [`Self::position`], at a moment.
    pub(crate) fn position_of(moment: &Connection) -> rusqlite::Result<Option<Position>> {
        let sql =
            "SELECT store, extractor, change, segment, offset, bytes, extracted FROM position";
        let row = |row: &rusqlite::Row<'_>| {
            let store: String = row.get(0)?;
            let place = Place {
                segment: row.get::<_, i64>(3)? as u64,
                offset: row.get::<_, i64>(4)? as u64,
                bytes: row.get::<_, i64>(5)? as u64,
            };
            let change = row.get::<_, i64>(2)? as u64;
            Ok(Position {
                store: store.parse().unwrap_or_default(),
                extractor: row.get(1)?,
                last: (change > 0).then_some((change, place)),
                extracted: row.get::<_, Option<i64>>(6)?.map(|change| change as u64),
            })
        };
        moment.query_row(sql, [], row).optional()
    }

    /// Makes it belong to a store, with nothing in it yet.
    pub(crate) fn begin(&self, store: Uuid, extractor: u32) -> rusqlite::Result<()> {
        let sql = "INSERT INTO position VALUES (1, ?1, ?2, 0, 0, 0, 0, NULL)";
        self.writer().execute(sql, params![store.to_string(), extractor]).map(drop)
    }

    /// Puts records into it, in one transaction.
    pub(crate) fn project<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Applied>,
    ) -> rusqlite::Result<()> {
        project::project(&mut self.writer(), records, Made::All)
    }

    /// As [`Self::project`], without what the extractor makes.
    pub(crate) fn project_bare<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Applied>,
    ) -> rusqlite::Result<()> {
        project::project(&mut self.writer(), records, Made::Bare)
    }

    /// Runs something on the writing connection, alone.
    pub(crate) fn with<T>(&self, run: impl FnOnce(&Connection) -> T) -> T {
        run(&self.writer())
    }

    /// Runs a read of one moment.
    pub(crate) fn moment<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.read(|sql| {
            let moment = sql.unchecked_transaction()?;
            Ok(read(&moment))
        })?
    }

    /// Runs a read on a connection of its own, so that it waits for no writer.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StorageError> {
        let Some(path) = &self.path else { return Ok(read(&self.writer())?) };
        let pool = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = pool().pop();
        let reader = match reader {
            Some(reader) => reader,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let reader = Connection::open_with_flags(path, flags)?;
                schema::prepare_reader(&reader)?;
                reader
            }
        };
        let result = read(&reader)?;
        let mut readers = pool();
        if readers.len() < READERS_MAX {
            readers.push(reader);
        }
        Ok(result)
    }

    /// Writes what the write-ahead file holds into the index's own.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.writer().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

/// The key of an entry: its mailbox and its number.
fn entry_id(mailbox: u32, number: u32) -> i64 {
    i64::from(mailbox) << 32 | i64::from(number)
}
