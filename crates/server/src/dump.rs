//! A dump: the mailboxes of a store that no server has open, written into a tree of files.

use std::{ops::ControlFlow, path::Path, sync::Arc};

use restante_archive::{ArchiveError, Backup, BackupWish};
use restante_ms::Extractor;
use restante_storage::{
    Change, FileBackend, IndexPlace, NumberSet, Storage as _, StorageError, Store, Transaction,
};

use crate::{admin::night::RULES, config::Config, shared::now_text};

/// How many entries go in one transaction.
const DELETED_AT_ONCE: usize = 1_000;

/// Writes mailboxes, by their canonical names, or all of them, into a tree. Entries that are
/// damaged are left out and named.
///
/// # Errors
/// Where a server runs, there is no log, or the tree can't be written.
pub fn dump(
    config: &Config,
    tree: &Path,
    mailboxes: Option<Vec<String>>,
    clean: bool,
) -> Result<Backup, ArchiveError> {
    let log = config.log_directory();
    if !log.is_dir() {
        let text = format!("there is none in {}", log.display());
        return Err(StorageError::NotReadable(text).into());
    }
    let backend = Arc::new(FileBackend::open(log)?);
    let index = IndexPlace::File(config.index_file());
    let store = Store::open(backend, &index, config.storage.options(), Arc::new(Extractor))?;
    let wish = BackupWish { mailboxes, compress: false, made: now_text() };
    let go_on = |_, _| ControlFlow::Continue(());
    let done = restante_archive::backup(&store, tree, &wish, &RULES, &go_on)?;
    if clean && done.damaged_all == 0 {
        for (name, _) in &done.mailboxes {
            remove_all(&store, name)?;
        }
    }
    store.close()?;
    Ok(done)
}

/// Deletes what a dump has of a mailbox.
fn remove_all(store: &Store, name: &str) -> Result<(), StorageError> {
    let Some(mailbox) = store.mailbox(name) else { return Ok(()) };
    let all = store.select(mailbox, &Default::default())?;
    let kept = all.iter().filter(|row| row.parent.is_none() && (RULES.is_kept)(row.class));
    let kept: Vec<u32> = kept.map(|row| row.number).collect();
    for some in kept.chunks(DELETED_AT_ONCE) {
        let numbers: NumberSet = some.iter().copied().collect();
        let gone = Transaction::of(Change::Delete { mailbox, numbers });
        store.commit(gone).wait()?;
    }
    Ok(())
}
