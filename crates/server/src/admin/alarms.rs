//! Alarms: what somebody who runs the store is to see to. Above all the *unread watch*: a message
//! that stays new for longer than is configured for its priority. Besides a mailbox that is nearly
//! full, a disk that is, damage, and a store that has stopped.
//!
//! They are looked for from time to time. A mailbox in which nothing was new is not looked at
//! again until something in it is not as it was.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Json, extract::State};
use restante_mhs::{
    x411::Priority,
    x413::{EntryClass, RetrievalStatus},
};
use restante_storage::{
    Family, Mailbox, MailboxId, Query, Storage as _, StorageError, Test as ColumnTest,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Admin, error::ApiError, who::Anyone};
use crate::{
    config::Management,
    events::{Fact, tell},
    hub::What,
    outlet::Outlet,
    shared::{self, time_text},
};

/// How often is looked.
const LOOK_INTERVAL: Duration = Duration::from_secs(15);
/// Alarms that are there at the same time; of more, those that come first by kind and mailbox.
const ALARMS_MAX: usize = 10_000;
/// Alarms that may wait for the webhook to take those before.
const UNTOLD_MAX: usize = 1_024;
const SECOND_US: i64 = 1_000_000;

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AlarmKind {
    /// The store accepts nothing any more.
    Stopped,
    /// There is too little space: no message is taken in.
    Space,
    /// Something in the log is damaged.
    Damage,
    /// An entry stays new for longer than it should.
    Unread,
    /// A mailbox holds nearly, or all of, what it may.
    MailboxFull,
}

impl AlarmKind {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Stopped, Self::Space, Self::Damage, Self::Unread, Self::MailboxFull];

    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Space => "space",
            Self::Damage => "damage",
            Self::Unread => "unread",
            Self::MailboxFull => "mailbox-full",
        }
    }
}

/// An alarm.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AlarmState {
    /// What it is about.
    pub(crate) kind: AlarmKind,
    /// Whose mailbox it is about, where it is about one.
    pub(crate) mailbox: Option<String>,
    /// The priority of the entry, where it is about one.
    #[schema(example = "urgent")]
    pub(crate) priority: Option<String>,
    /// Its number.
    pub(crate) number: Option<u32>,
    /// Since when there is the alarm.
    #[schema(format = DateTime)]
    pub(crate) since: String,
    /// In words.
    pub(crate) text: String,
}

/// What alarm it is: it stays the same while its text changes.
type Name = (AlarmKind, Option<String>, Option<String>);

/// The alarms that there are.
#[derive(Debug)]
pub(crate) struct Alarms {
    known: Mutex<Known>,
    webhook: Option<Outlet>,
}

/// What a webhook is told.
#[derive(Debug, Serialize)]
struct Told<'a> {
    /// `alarm`, or `no-alarm` where there is one no longer.
    event: &'static str,
    /// What the store calls itself.
    store: String,
    alarm: &'a AlarmState,
}

#[derive(Debug, Default)]
struct Known {
    alarms: BTreeMap<Name, AlarmState>,
    /// Mailboxes in which nothing was new, with their revision then.
    quiet: HashMap<MailboxId, u64>,
    /// When the oldest urgent entry that is new came, of mailboxes that have one.
    urgent: HashMap<MailboxId, i64>,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What somebody is to see to
///
/// The most serious first. They are looked for every 15 seconds.
#[utoipa::path(get, path = "/api/alarms", tag = "store", responses(
    (status = 200, body = [AlarmState]), (status = 401, body = ApiError)))]
async fn list(State(admin): State<Arc<Admin>>, _: Anyone) -> Json<Vec<AlarmState>> {
    Json(admin.alarms())
}

/// Looks for ever.
pub(super) async fn watch(admin: Arc<Admin>) {
    let mut looks = tokio::time::interval(LOOK_INTERVAL);
    loop {
        looks.tick().await;
        let looked = admin.blocking(|admin| admin.look_for_alarms(shared::now().0)).await;
        if let Err(error) = looked {
            tell(Fact::AlarmsUnknown { error: &error.message() });
        }
    }
}

impl Alarms {
    /// None yet. Within a runtime.
    pub(super) fn new(config: &Management) -> Self {
        let webhook = config.webhook.as_ref();
        let webhook =
            webhook.map(|endpoint| Outlet::open("webhook", endpoint.to_string(), UNTOLD_MAX));
        Self { known: Mutex::default(), webhook }
    }

    /// When the oldest urgent entry that is new in a mailbox came, as it was last looked.
    pub(super) fn urgent(&self, mailbox: MailboxId) -> Option<i64> {
        self.locked().urgent.get(&mailbox).copied()
    }

    /// Alarms that the webhook was not told of, since it takes too little.
    pub(super) fn untold(&self) -> u64 {
        self.webhook.as_ref().map_or(0, Outlet::lost)
    }

    /// A panic elsewhere leaves them whole.
    fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Admin {
    /// The alarms that there are, the most serious first.
    pub(crate) fn alarms(&self) -> Vec<AlarmState> {
        self.alarms.locked().alarms.values().cloned().collect()
    }

    /// Looks for alarms; `now` is microseconds since 1970. Tells of those that come and go.
    pub(super) fn look_for_alarms(&self, now: i64) -> Result<(), ApiError> {
        let (mut found, mut urgent) = (BTreeMap::new(), HashMap::new());
        self.look_at_store(now, &mut found);
        let mailboxes = self.users_mailboxes();
        let there: HashSet<MailboxId> = mailboxes.iter().map(|mailbox| mailbox.id).collect();
        self.alarms.locked().quiet.retain(|mailbox, _| there.contains(mailbox));
        for mailbox in mailboxes {
            if found.len() >= ALARMS_MAX {
                break;
            }
            let looked = self.look_at(&mailbox, now, &mut found, &mut urgent);
            match looked {
                // It was deleted meanwhile.
                Err(StorageError::NoMailbox(_)) => {}
                looked => looked?,
            }
        }
        let mut known = self.alarms.locked();
        for (name, alarm) in &mut found {
            match known.alarms.get(name) {
                Some(before) => alarm.since.clone_from(&before.since),
                None => self.tell_alarm(alarm, true),
            }
        }
        for (_, gone) in known.alarms.iter().filter(|(name, _)| !found.contains_key(*name)) {
            self.tell_alarm(gone, false);
        }
        known.alarms = found;
        known.urgent = urgent;
        Ok(())
    }

    fn tell_alarm(&self, alarm: &AlarmState, is_there: bool) {
        let text = &alarm.text;
        let (fact, event) = match is_there {
            true => (Fact::AlarmRaised { alarm: text }, "alarm"),
            false => (Fact::AlarmOver { alarm: text }, "no-alarm"),
        };
        if let Some(webhook) = &self.alarms.webhook {
            let store = self.shared.config.service.name.to_string();
            let told = Told { event, store, alarm };
            webhook.tell(serde_json::to_string(&told).unwrap_or_default(), 1);
        }
        tell(fact);
        self.shared.hub.happen(|| What::Alarm { text: fact.to_string() });
    }

    fn look_at_store(&self, now: i64, found: &mut BTreeMap<Name, AlarmState>) {
        if let Some(error) = self.store.stopped() {
            add(found, alarm(AlarmKind::Stopped, now, error.to_string()));
        }
        let health = self.store.health();
        let low = self.store.free_bytes().is_ok_and(|free| free < self.free_octets_min());
        if health.space_low || low {
            let text = "the data volume has too little space; no message is taken in";
            add(found, alarm(AlarmKind::Space, now, text.into()));
        }
        if health.damaged_places > 0 {
            let text = format!(
                "{} places of the log are damaged, which costs {} entries; see restante verify",
                health.damaged_places, health.damaged_entries
            );
            add(found, alarm(AlarmKind::Damage, now, text));
        }
    }

    fn look_at(
        &self,
        mailbox: &Mailbox,
        now: i64,
        found: &mut BTreeMap<Name, AlarmState>,
        urgent: &mut HashMap<MailboxId, i64>,
    ) -> Result<(), StorageError> {
        let (service, name) = (&self.shared.service, mailbox.name.to_string());
        let quota = service.quota(mailbox.id);
        if !quota.is_none() {
            let percent = quota.percent(&service.usage(mailbox.id)?).unwrap_or(0);
            let most = self.shared.configured_limits().mailbox_alarm_percent;
            if percent >= u64::try_from(most).unwrap_or(u64::MAX) {
                let text = format!("{name} holds {percent} hundredths of what it may");
                let full = alarm(AlarmKind::MailboxFull, now, text);
                add(found, AlarmState { mailbox: Some(name.clone()), ..full });
            }
        }
        let revision = self.store.revision(mailbox.id)?;
        if self.alarms.locked().quiet.get(&mailbox.id) == Some(&revision) {
            return Ok(());
        }
        if !self.has_new(mailbox.id)? {
            self.alarms.locked().quiet.insert(mailbox.id, revision);
            return Ok(());
        }
        let first = self.new_until(mailbox.id, Priority::URGENT, now)?;
        urgent.extend(first.map(|(_, came)| (mailbox.id, came)));
        for (priority, seconds) in self.watch_state(mailbox.id).watch.watched() {
            let until = now.saturating_sub(seconds.saturating_mul(SECOND_US));
            let Some((number, came)) = self.new_until(mailbox.id, priority, until)? else {
                continue;
            };
            let came = time_text(came);
            let text = format!("{name}: {priority} message {number} of {came} is still new");
            let mut unread = alarm(AlarmKind::Unread, now, text);
            (unread.mailbox, unread.number) = (Some(name.clone()), Some(number));
            unread.priority = Some(priority.to_string());
            add(found, unread);
        }
        Ok(())
    }

    fn has_new(&self, mailbox: MailboxId) -> Result<bool, StorageError> {
        let query = Query { limit: Some(1), ..new_entries() };
        Ok(self.store.select(mailbox, &query)?.get(0).is_some())
    }

    /// The first entry of a priority that is new and came until then: its number and when it came.
    fn new_until(
        &self,
        mailbox: MailboxId,
        priority: Priority,
        until: i64,
    ) -> Result<Option<(u32, i64)>, StorageError> {
        let mut query = Query { creation_time: i64::MIN..=until, limit: Some(1), ..new_entries() };
        let priority = u8::try_from(priority.0).unwrap_or_default();
        query.tests.push(ColumnTest::Priority(vec![priority]));
        let selection = self.store.select(mailbox, &query)?;
        Ok(selection.get(0).map(|row| (row.number, row.creation_time)))
    }
}

/// Delivered entries that are new.
fn new_entries() -> Query {
    let octet = |number: i64| u8::try_from(number).unwrap_or_default();
    Query {
        classes: vec![octet(EntryClass::DELIVERY.0)],
        family: Family::MainOnly,
        tests: vec![ColumnTest::Status(vec![octet(RetrievalStatus::NEW.0)])],
        ..Query::default()
    }
}

/// An alarm of the whole store.
fn alarm(kind: AlarmKind, now: i64, text: String) -> AlarmState {
    let since = time_text(now);
    AlarmState { kind, mailbox: None, priority: None, number: None, since, text }
}

fn add(found: &mut BTreeMap<Name, AlarmState>, alarm: AlarmState) {
    found.insert((alarm.kind, alarm.mailbox.clone(), alarm.priority.clone()), alarm);
}
