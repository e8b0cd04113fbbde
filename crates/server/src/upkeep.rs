//! The store looked after: what is done to it at a start, and verification while no server runs.

use std::{ops::ControlFlow, sync::Arc};

use restante_ms::Extractor;
use restante_storage::{
    DamagedPlace, FileBackend, IndexPlace, Notice, Reclaimed, StorageError, Store, Verification,
};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    config::Config,
    events::{Fact, tell},
};

/// How fast the log is read while users are served, octets in a second.
const BACKGROUND_BYTES_PER_SECOND: u64 = 64 << 20;

/// Notices of the store that wait to be told; more are not told.
const NOTICES_MAX: usize = 1024;

/// What is done to the store when a server starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StartUpkeep {
    /// By how many the sequence-numbers of all mailboxes are raised before anybody is served: as
    /// after a restore, when user agents may know numbers that the store does not.
    pub increment: u32,
    /// Whether the index is compared with the log, and put right, while users are served.
    pub resync: bool,
}

/// Verifies the store of a configuration, which no server has open, and changes nothing.
///
/// # Errors
/// [`StorageError::InUse`] while a server runs; where the log can't be read at all.
pub fn verify(
    config: &Config,
    bytes_per_second: Option<u64>,
) -> Result<Verification, StorageError> {
    let backend = FileBackend::open_to_read(config.log_directory())?;
    let index = IndexPlace::File(config.index_file());
    let mut progress = |_| ControlFlow::Continue(());
    let backend = Arc::new(backend);
    restante_storage::verify(backend, &index, &Extractor, bytes_per_second, &mut progress)
}

/// What is known to be damaged in the log of a configuration's store, which may be open: found by
/// a read, a verification or at a start.
///
/// # Errors
/// Where there is no index, or it can't be read.
pub fn known_damage(config: &Config) -> Result<Vec<DamagedPlace>, StorageError> {
    restante_storage::known_damage(&config.index_file())
}

/// Tells what an operator should know of the store, when it happens; until the store is closed.
pub(crate) fn watch(store: &Store) -> JoinHandle<()> {
    let (sender, mut notices) = mpsc::channel(NOTICES_MAX);
    // What finds no room is still counted: see `Store::health`.
    store.watch(Arc::new(move |notice: &Notice| drop(sender.try_send(notice.clone()))));
    tokio::spawn(async move {
        while let Some(notice) = notices.recv().await {
            tell_notice(&notice);
        }
    })
}

fn tell_notice(notice: &Notice) {
    tell(match notice {
        Notice::Damaged(place) => Fact::Damaged { place },
        Notice::Stopped(error) => Fact::StoreStopped { error },
        Notice::SpaceLow(error) => Fact::SpaceLow { error },
        Notice::SpaceEnough { refused } => Fact::SpaceEnough { refused },
        Notice::Reclaimed(Reclaimed { segments, bytes: octets }) => {
            Fact::Reclaimed { segments, octets }
        }
        Notice::NotReclaimed(error) => Fact::NotReclaimed { error },
        Notice::Extracted => Fact::Extracted,
        Notice::NotExtracted(error) => Fact::NotExtracted { error },
    });
}

/// Raises the numbers, and says so.
pub(crate) fn raise_numbers(store: &Store, increment: u32) -> Result<(), StorageError> {
    if increment > 0 {
        store.raise_numbers(increment)?;
        tell(Fact::NumbersRaised { increment: &increment });
    }
    Ok(())
}

/// Compares the index with the log and puts it right; says what that came to. Ends early when the
/// server stops.
pub(crate) fn resync(store: Arc<Store>, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    spawn_blocking(move || {
        let mut progress = |_| match *stop.borrow() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        };
        match store.resync(Some(BACKGROUND_BYTES_PER_SECOND), &mut progress) {
            Ok(done) => {
                let sound = done.found.damaged.is_empty();
                let done = &done;
                tell(match sound {
                    true => Fact::Resynchronised { done },
                    false => Fact::ResynchronisedDamaged { done },
                });
            }
            Err(StorageError::Closed) => {}
            Err(error) => {
                tell(Fact::ResyncFailed { error: &error });
            }
        }
    })
}
