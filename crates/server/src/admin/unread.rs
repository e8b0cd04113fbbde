//! After which time an alarm is raised for a delivered message that is still new: what is
//! configured, and what mailboxes have of their own. The latter is kept in the log.
//!
//! ```text
//! key     "admin/watch/", 4 octets mailbox (big-endian); a value of the store
//! value   an UnreadWatch in JSON
//! ```

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Json, extract::State};
use bytes::Bytes;
use restante_directory::Manager;
use restante_mhs::x411::Priority;
use restante_storage::{Change, MailboxId, Scope, Storage as _, StorageError, Store, Transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path},
    mailboxes::MailboxState,
    who::Operator,
};

/// Under what they are kept.
const KEY: &[u8] = b"admin/watch/";
/// The longest time, seconds: a year.
const TIME_MAX_S: u32 = 31_536_000;

/// After which time an alarm is raised for what is still new, by priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UnreadWatch {
    /// For an urgent message, seconds, a year at most; 0: never.
    #[schema(maximum = 31536000)]
    pub(crate) urgent_s: u32,
    /// For a normal one.
    #[schema(maximum = 31536000)]
    pub(crate) normal_s: u32,
    /// For a non-urgent one.
    #[schema(maximum = 31536000)]
    pub(crate) non_urgent_s: u32,
}

impl UnreadWatch {
    /// The priorities that are watched, with the time, seconds.
    pub(crate) fn watched(self) -> impl Iterator<Item = (Priority, i64)> {
        let Self { urgent_s, normal_s, non_urgent_s } = self;
        let all = [
            (Priority::URGENT, urgent_s),
            (Priority::NORMAL, normal_s),
            (Priority::NON_URGENT, non_urgent_s),
        ];
        let watched = all.into_iter().filter(|(_, seconds)| *seconds > 0);
        watched.map(|(priority, seconds)| (priority, i64::from(seconds)))
    }
}

/// What is watched of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WatchState {
    /// After which times an alarm is raised.
    #[serde(flatten)]
    pub(crate) watch: UnreadWatch,
    /// Whether these are its own and not those of all mailboxes.
    pub(crate) own: bool,
}

/// What mailboxes have of their own.
#[derive(Debug)]
pub(crate) struct Watches(Mutex<HashMap<MailboxId, UnreadWatch>>);

impl Watches {
    /// Those that are kept.
    pub(crate) fn read(store: &Store) -> Result<Self, StorageError> {
        let values = store.values(Scope::Store, KEY)?;
        let own = values.iter().filter_map(|(key, value)| {
            let mailbox = key.get(KEY.len()..)?.try_into().ok().map(u32::from_be_bytes)?;
            Some((MailboxId::new(mailbox)?, serde_json::from_slice(value).ok()?))
        });
        Ok(Self(Mutex::new(own.collect())))
    }

    /// What a mailbox has of its own.
    pub(super) fn own(&self, mailbox: MailboxId) -> Option<UnreadWatch> {
        self.locked().get(&mailbox).copied()
    }

    /// Gives a mailbox one of its own, durably, or takes it away.
    pub(super) fn set(
        &self,
        store: &Store,
        mailbox: MailboxId,
        watch: Option<UnreadWatch>,
    ) -> Result<(), StorageError> {
        // Whoever comes next waits, so that memory and log agree.
        let mut own = self.locked();
        let (scope, key) = (Scope::Store, [KEY, &mailbox.get().to_be_bytes()].concat().into());
        let change = match watch {
            Some(watch) => {
                let value = Bytes::from(serde_json::to_vec(&watch).unwrap_or_default());
                Change::PutValue { scope, key, value }
            }
            None if own.contains_key(&mailbox) => Change::RemoveValue { scope, key },
            None => return Ok(()),
        };
        store.commit(Transaction::of(change)).wait()?;
        match watch {
            Some(watch) => own.insert(mailbox, watch),
            None => own.remove(&mailbox),
        };
        Ok(())
    }

    /// A panic elsewhere leaves them whole.
    fn locked(&self) -> MutexGuard<'_, HashMap<MailboxId, UnreadWatch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(set, clear))
}

/// Say when a mailbox's unread messages raise an alarm
#[utoipa::path(put, path = "/api/mailboxes/{mailbox}/unread-watch", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    request_body = UnreadWatch, responses((status = 200, body = MailboxState),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 422, body = ApiError)))]
async fn set(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
    Body(new): Body<UnreadWatch>,
) -> Result<Json<MailboxState>, ApiError> {
    admin.blocking(move |admin| admin.set_watch(&address, Some(new), &who)).await.map(Json)
}

/// Watch a mailbox as all others again
#[utoipa::path(delete, path = "/api/mailboxes/{mailbox}/unread-watch", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    responses((status = 200, body = MailboxState), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 422, body = ApiError)))]
async fn clear(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
) -> Result<Json<MailboxState>, ApiError> {
    admin.blocking(move |admin| admin.set_watch(&address, None, &who)).await.map(Json)
}

impl Admin {
    /// What is watched of a mailbox.
    pub(super) fn watch_state(&self, mailbox: MailboxId) -> WatchState {
        let own = self.watches.own(mailbox);
        WatchState {
            watch: own.unwrap_or_else(|| self.config().unread_watch()),
            own: own.is_some(),
        }
    }

    /// Gives a mailbox times of its own, or takes them away.
    pub(crate) fn set_watch(
        &self,
        address: &str,
        new: Option<UnreadWatch>,
        who: &Manager,
    ) -> Result<MailboxState, ApiError> {
        let mailbox = self.mailbox(address)?;
        let times = |new: UnreadWatch| [new.urgent_s, new.normal_s, new.non_urgent_s];
        if new.is_some_and(|new| times(new).into_iter().any(|seconds| seconds > TIME_MAX_S)) {
            let text = format!("a time is {TIME_MAX_S} seconds at most, a year");
            return Err(ApiError::invalid(text));
        }
        self.watches.set(&self.store, mailbox.id, new)?;
        let name = &mailbox.name;
        match new {
            Some(UnreadWatch { urgent_s, normal_s, non_urgent_s }) => {
                let deed = format_args!(
                    "unread watch of {name}: urgent {urgent_s} s, normal {normal_s} s, \
                     non-urgent {non_urgent_s} s"
                );
                self.record(who, deed);
            }
            None => self.record(who, format_args!("unread watch of {name}: that of all")),
        }
        self.changed(name);
        self.mailbox_state(&mailbox)
    }
}
