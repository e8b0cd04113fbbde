//! Numbers for MTS-identifiers (X.411 §8.5.1): the time at which something was submitted,
//! microseconds, or the next one that is free. None is given twice, whatever the clock does and
//! whenever the store ends: before the first that is given, and each hour, a value of the store
//! says up to where they may have been.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use restante_ber::{Ia5String, UtcTime};
use restante_mhs::x411::MTSIdentifier;
use restante_storage::{Change, Scope, Storage, StorageError, Transaction};

use crate::{MessageStore, Now};

const KEY: &[u8] = b"identifiers";
/// How far ahead numbers are reserved, microseconds.
const AHEAD_US: i64 = 60 * 60 * 1_000_000;

/// The numbers that are given.
#[derive(Debug, Default)]
pub(crate) struct Identifiers(Mutex<Option<Given>>);

#[derive(Clone, Copy, Debug)]
struct Given {
    last: i64,
    reserved: i64,
}

impl Identifiers {
    /// The next number; waits for the disk where it is beyond those that are reserved.
    pub(super) fn next<S: Storage>(&self, storage: &S, now: Now) -> Result<i64, StorageError> {
        // A panic in between leaves it as it was.
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = match *given {
            Some(given) => given,
            None => {
                let value = storage.value(Scope::Store, KEY)?;
                let value =
                    value.and_then(|value| Some(i64::from_be_bytes(*value.first_chunk()?)));
                Given { last: value.unwrap_or(0), reserved: value.unwrap_or(0) }
            }
        };
        next.last = next.last.saturating_add(1).max(now.0);
        if next.last > next.reserved {
            next.reserved = next.last.saturating_add(AHEAD_US);
            let value = Bytes::copy_from_slice(&next.reserved.to_be_bytes());
            let (scope, key) = (Scope::Store, Bytes::from_static(KEY));
            storage.commit(Transaction::of(Change::PutValue { scope, key, value })).wait()?;
        }
        *given = Some(next);
        Ok(next.last)
    }
}

impl<S> MessageStore<S> {
    /// The identifier that has a number: its time to the microsecond, for people.
    pub(super) fn identifier(&self, number: i64) -> MTSIdentifier {
        let seconds = UtcTime(number.div_euclid(1_000_000)).text();
        let (seconds, fraction) = (seconds.trim_end_matches('Z'), number.rem_euclid(1_000_000));
        MTSIdentifier {
            global_domain_identifier: self.settings.local_mta.domain.clone(),
            local_identifier: Ia5String::from(format!("{seconds}.{fraction:06}")),
        }
    }
}
