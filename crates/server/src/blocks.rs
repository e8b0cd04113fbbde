//! Operations that whoever runs the store has blocked: for all mailboxes or for one, for a time or
//! until somebody unblocks them. They are kept in the log. What is blocked on P7 is refused in the
//! words of its port, see [`restante_ms::refused`]; deliveries are held off as by any other hold.
//!
//! ```text
//! key     "admin/block/", 8 octets identifier (big-endian); a value of the store
//! value   a Block in JSON
//! ```
//!
//! What the store submits by itself is not an operation of a user's, and goes on.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use restante_ms::{Hold, Holds, Whose, Why};
use restante_storage::{Change, Scope, Storage as _, StorageError, Store, Transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::shared;

/// How many there may be.
pub(crate) const BLOCKS_MAX: usize = 1_000;
/// Under what they are kept.
const KEY: &[u8] = b"admin/block/";

/// An operation that can be blocked, by its name in the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Blockable {
    /// That users bind over P7; those who are bound stay.
    Bind,
    Summarize,
    List,
    Fetch,
    Delete,
    Modify,
    #[serde(rename = "register-MS")]
    RegisterMs,
    MessageSubmission,
    ProbeSubmission,
    CancelDeferredDelivery,
    Register,
    ChangeCredentials,
    /// MTAs are held off by delivery-control.
    MessageDelivery,
    /// MTAs are held off by delivery-control.
    ReportDelivery,
}

impl Blockable {
    /// All of them.
    pub(crate) const ALL: [Self; 14] = [
        Self::Bind,
        Self::Summarize,
        Self::List,
        Self::Fetch,
        Self::Delete,
        Self::Modify,
        Self::RegisterMs,
        Self::MessageSubmission,
        Self::ProbeSubmission,
        Self::CancelDeferredDelivery,
        Self::Register,
        Self::ChangeCredentials,
        Self::MessageDelivery,
        Self::ReportDelivery,
    ];

    /// Its name, also in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Summarize => "summarize",
            Self::List => "list",
            Self::Fetch => "fetch",
            Self::Delete => "delete",
            Self::Modify => "modify",
            Self::RegisterMs => "register-MS",
            Self::MessageSubmission => "message-submission",
            Self::ProbeSubmission => "probe-submission",
            Self::CancelDeferredDelivery => "cancel-deferred-delivery",
            Self::Register => "register",
            Self::ChangeCredentials => "change-credentials",
            Self::MessageDelivery => "message-delivery",
            Self::ReportDelivery => "report-delivery",
        }
    }
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Block {
    /// Its number; never used twice by one store.
    pub(crate) id: u64,
    /// What is blocked.
    pub(crate) operation: Blockable,
    /// In whose mailbox; `None`: in all.
    pub(crate) mailbox: Option<String>,
    /// Since when: microseconds since 1970.
    pub(crate) since: i64,
    /// Until when; `None`: until it is unblocked.
    pub(crate) until: Option<i64>,
    /// Why, as far as somebody said so.
    pub(crate) reason: Option<String>,
    /// Who did it.
    pub(crate) by: String,
}

/// All blocks.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// Whether there is any: what nearly always is asked, and nearly always is all.
    any: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    blocks: Vec<Block>,
    /// The mailboxes whose deliveries were held off because of them.
    held: BTreeSet<Whose>,
    last: u64,
}

impl Blocks {
    /// Those that are kept.
    pub(crate) fn read(store: &Store) -> Result<Self, StorageError> {
        let values = store.values(Scope::Store, KEY)?;
        let blocks: Vec<Block> =
            values.iter().filter_map(|(_, value)| serde_json::from_slice(value).ok()).collect();
        let last = blocks.iter().map(|block| block.id).max().unwrap_or(0);
        // Numbers begin at the time, so that none is used again when the last was taken away.
        let last = last.max(u64::try_from(shared::now().0 / 1_000_000).unwrap_or(0));
        let any = AtomicBool::new(!blocks.is_empty());
        Ok(Self { any, state: Mutex::new(State { blocks, held: BTreeSet::new(), last }) })
    }

    /// Those in force.
    pub(crate) fn all(&self) -> Vec<Block> {
        let now = shared::now().0;
        let state = self.locked();
        state.blocks.iter().filter(|block| block.holds(now)).cloned().collect()
    }

    /// Whether an operation is blocked in a mailbox.
    pub(crate) fn refuses(&self, operation: &str, mailbox: &str) -> bool {
        if !self.any.load(Ordering::Relaxed) {
            return false;
        }
        let now = shared::now().0;
        self.locked().blocks.iter().any(|block| {
            block.operation.name() == operation
                && block.mailbox.as_deref().is_none_or(|name| name == mailbox)
                && block.holds(now)
        })
    }

    /// Adds one, durably, under a number of its own, in the place of one of the same operation and
    /// mailbox; waits for the disk. `None` where there are too many.
    pub(crate) fn add(
        &self,
        store: &Store,
        holds: &Holds,
        mut block: Block,
    ) -> Result<Option<Block>, StorageError> {
        let mut state = self.locked();
        let same =
            |one: &Block| (one.operation, &one.mailbox) == (block.operation, &block.mailbox);
        let replaced = state.blocks.iter().find(|one| same(one)).map(|one| one.id);
        if replaced.is_none() && state.blocks.len() >= BLOCKS_MAX {
            return Ok(None);
        }
        block.id = state.last + 1;
        let mut changes: Vec<_> = replaced.map(taken_away).into_iter().collect();
        let value = serde_json::to_vec(&block)
            .map_err(|_| StorageError::Invalid("a block that can't be written"))?;
        let (scope, key) = (Scope::Store, key(block.id));
        changes.push(Change::PutValue { scope, key, value: value.into() });
        store.commit(Transaction { changes }).wait()?;
        state.last = block.id;
        state.blocks.retain(|one| Some(one.id) != replaced);
        state.blocks.push(block.clone());
        self.apply(&mut state, holds);
        Ok(Some(block))
    }

    /// Takes one away, durably; waits for the disk. `None` where there is no such.
    pub(crate) fn remove(
        &self,
        store: &Store,
        holds: &Holds,
        id: u64,
    ) -> Result<Option<Block>, StorageError> {
        let mut state = self.locked();
        let Some(at) = state.blocks.iter().position(|block| block.id == id) else {
            return Ok(None);
        };
        store.commit(Transaction::of(taken_away(id))).wait()?;
        let block = state.blocks.remove(at);
        self.apply(&mut state, holds);
        Ok(Some(block))
    }

    /// Takes away those whose time is over, and returns them; has deliveries held off that others
    /// block.
    pub(crate) fn look(&self, store: &Store, holds: &Holds) -> Result<Vec<Block>, StorageError> {
        if !self.any.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let now = shared::now().0;
        let mut state = self.locked();
        let over = |block: &Block| !block.holds(now);
        let ended: Vec<Block> = state.blocks.iter().filter(|one| over(one)).cloned().collect();
        if !ended.is_empty() {
            let changes = ended.iter().map(|block| taken_away(block.id)).collect();
            store.commit(Transaction { changes }).wait()?;
            state.blocks.retain(|block| !over(block));
        }
        self.apply(&mut state, holds);
        Ok(ended)
    }

    /// Puts on what is held because of them, and takes off what no longer is.
    fn apply(&self, state: &mut State, holds: &Holds) {
        self.any.store(!state.blocks.is_empty(), Ordering::Relaxed);
        let whose = |block: &Block| match &block.mailbox {
            None => Whose::All,
            Some(name) => Whose::Mailbox(name.clone()),
        };
        let now = shared::now().0;
        let deliveries = |block: &&Block| {
            let delivers = [Blockable::MessageDelivery, Blockable::ReportDelivery];
            delivers.contains(&block.operation) && block.holds(now)
        };
        let held: BTreeSet<_> = state.blocks.iter().filter(deliveries).map(whose).collect();
        for one in state.held.union(&held) {
            let blocked = |operation| {
                let mut of = state.blocks.iter().filter(deliveries);
                of.any(|block| block.operation == operation && whose(block) == *one)
            };
            let hold = Hold {
                messages: blocked(Blockable::MessageDelivery),
                reports: blocked(Blockable::ReportDelivery),
                ..Hold::default()
            };
            holds.put(one.clone(), Why::Operator, hold);
        }
        state.held = held;
    }

    /// A panic elsewhere leaves them whole.
    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Block {
    /// Whether it still holds.
    fn holds(&self, now: i64) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

fn key(id: u64) -> Bytes {
    [KEY, &id.to_be_bytes()].concat().into()
}

fn taken_away(id: u64) -> Change {
    Change::RemoveValue { scope: Scope::Store, key: key(id) }
}
