//! The tables, which an operator may read with `sqlite3` while the store runs.

use rusqlite::{Connection, config::DbConfig};

/// Raised with every change of the tables; an index of another version is made again.
pub(crate) const SCHEMA_VERSION: i32 = 4;

/// Statements that a connection keeps ready.
const STATEMENTS: usize = 32;

const SCHEMA: &str = "
CREATE TABLE position (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    store TEXT NOT NULL,
    extractor INTEGER NOT NULL,
    change INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    extracted INTEGER
);
CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    about BLOB NOT NULL,
    high_water INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE record (
    change INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    live INTEGER NOT NULL
);
CREATE TABLE segment (
    sequence INTEGER PRIMARY KEY,
    stored INTEGER NOT NULL,
    live INTEGER NOT NULL
);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    mailbox INTEGER AS (id >> 32),
    number INTEGER AS (id & 4294967295),
    parent INTEGER,
    descendants INTEGER NOT NULL,
    class INTEGER NOT NULL,
    status INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    creation_time INTEGER NOT NULL,
    size INTEGER NOT NULL,
    change INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    state INTEGER NOT NULL,
    originator TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    content_type TEXT NOT NULL
);
CREATE TABLE attributes (
    id INTEGER PRIMARY KEY,
    encoded BLOB NOT NULL
);
CREATE TABLE amendment (
    id INTEGER PRIMARY KEY,
    octets BLOB NOT NULL,
    change INTEGER NOT NULL
);
CREATE TABLE value (
    mailbox INTEGER NOT NULL,
    key BLOB NOT NULL,
    value BLOB NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (mailbox, key)
) WITHOUT ROWID;
CREATE TABLE damage (
    segment INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    change INTEGER,
    mailbox INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (segment, offset, mailbox, number)
) WITHOUT ROWID;
CREATE VIEW listing AS
    SELECT mailbox.name AS mailbox, entry.number, parent, class, status, kind, priority, size,
        strftime('%Y-%m-%d %H:%M:%fZ', creation_time / 1000000.0, 'unixepoch') AS created,
        originator, subject, message_id, content_type
    FROM entry JOIN mailbox ON mailbox.id = entry.mailbox;
";

/// Keeps statements as they were prepared: else one with a range is prepared again whenever its
/// ends change, which takes longer than most reads.
fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Makes the tables where there are none; those of another version are an error.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    plan_once(connection)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 4096;",
    )?;
    if version(connection)? == SCHEMA_VERSION {
        return Ok(());
    }
    connection
        .execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"))
}

/// The version of the tables, 0 where there are none.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// For an index that may be lost at any time.
pub(super) fn prepare_fast(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;",
    )
}

pub(super) fn prepare_reader(connection: &Connection) -> rusqlite::Result<()> {
    plan_once(connection)?;
    connection.execute_batch("PRAGMA query_only = 1; PRAGMA cache_size = -1024;")
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_with_a_range_is_prepared_once() {
        let connection = Connection::open_in_memory().unwrap();
        prepare(&connection).unwrap();
        let select = "SELECT key FROM value WHERE mailbox = ?1 AND key >= ?2 ORDER BY key";
        let mut select = connection.prepare(select).unwrap();
        for key in ["a", "b", "c"] {
            let found = select.query_map((1, key.as_bytes()), |_| Ok(())).unwrap();
            assert_eq!(found.count(), 0);
        }
        assert_eq!(select.get_status(StatementStatus::RePrepare), 0);
    }
}
