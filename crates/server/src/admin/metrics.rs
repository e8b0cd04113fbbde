//! `/metrics`: the store in Prometheus' text form (OpenMetrics), made when it is asked for from
//! what is counted anyway, so that nothing is paid for it while nobody asks.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};
use restante_mhs::x413::{EntryClass, RetrievalStatus};
use restante_ms::is_queue;
use restante_storage::Storage as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Admin, alarms::AlarmKind, error::ApiError, who::Anyone};
use crate::{hub::Deed, traces::Traces};

/// What is counted of entries, with its name.
const DEEDS: [(Deed, &str); 7] = [
    (Deed::MessageDelivered, "message-delivered"),
    (Deed::ReportDelivered, "report-delivered"),
    (Deed::Listed, "listed"),
    (Deed::Read, "read"),
    (Deed::Deleted, "deleted"),
    (Deed::Submitted, "submitted"),
    (Deed::Changed, "changed"),
];

type Labels = [(&'static str, String); 1];
type Pair = [(&'static str, String); 2];

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Counts and states, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, body = String, content_type = "application/openmetrics-text"),
    (status = 401, body = ApiError)))]
async fn metrics(State(admin): State<Arc<Admin>>, _: Anyone) -> Result<Response, ApiError> {
    let text = admin.blocking(|admin| admin.metrics()).await?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let kind = HeaderValue::from_static(kind);
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

impl Admin {
    fn metrics(&self) -> Result<String, ApiError> {
        let mut registry = Registry::with_prefix("restante");
        self.measure_store(&mut registry)?;
        self.measure_life(&mut registry);
        self.measure_entries(&mut registry)?;
        let help = "From when an operation has come to when it is answered";
        let durations = self.shared.timings.all();
        registry.register_with_unit("operation_duration", help, Unit::Seconds, durations);
        let mut text = String::new();
        encode(&mut text, &registry).map_err(ApiError::fault)?;
        Ok(text)
    }

    fn measure_store(&self, registry: &mut Registry) -> Result<(), ApiError> {
        let (state, health) = (self.store_state()?, self.store.health());
        let gauges = [
            ("ready", "Whether messages are taken in", u64::from(state.ready)),
            ("draining", "Whether the store is drained", u64::from(state.draining)),
            ("mailboxes", "Mailboxes", number(state.mailboxes)),
            ("log_segments", "Segments of the log", state.log_segments),
            ("log_bytes", "What the log takes", state.log_octets),
            ("log_live_bytes", "Of that, what holds entries that are there", state.live_octets),
            ("disk_free_bytes", "What is free on the data volume", state.free_octets),
            ("damaged_places", "Places of the log that are damaged", state.damaged_places),
            ("damaged_entries", "Entries that these cost", state.damaged_entries),
            (
                "index_extracted_percent",
                "How much is made of what the index shows of entries",
                state.extracted_percent.map_or(100, u64::from),
            ),
            ("blocks", "Operations that are blocked", number(self.blocks().len())),
            ("jobs", "Jobs that go on", number(self.jobs.going_on())),
            ("log_change", "The last change that is durable", health.durable_change),
            ("index_change", "The last change that the index has", health.indexed_change),
            (
                "index_lag",
                "Changes that the index does not have yet",
                health.durable_change.saturating_sub(health.indexed_change),
            ),
            (
                "errand_mailboxes",
                "Mailboxes with submissions of the store's own that wait",
                number(self.shared.errands.count()),
            ),
            ("deferred_messages", "Messages that wait in the built-in MTA", self.deferred()?),
        ];
        for (name, help, value) in gauges {
            registry.register(name, help, gauge(value));
        }
        let counters = [
            ("refused_for_space", "Contents refused for want of room", state.refused_for_space),
            ("reclaimed_segments", "Segments that were rewritten", state.reclaimed_segments),
            ("reclaimed_bytes", "What rewriting gave back", state.reclaimed_octets),
            ("reclaim_failures", "How often that failed", state.reclaim_failures),
            ("log_syncs", "How often the log was synced", health.syncs),
            ("webhook_lost", "Alarms that the webhook was not told of", self.alarms.untold()),
            (
                "traces_lost",
                "Operations that the collector of traces was not told of",
                self.shared.traces.as_ref().map_or(0, Traces::lost),
            ),
        ];
        for (name, help, value) in counters {
            registry.register(name, help, counter(value));
        }
        let time = Counter::<f64, AtomicU64>::default();
        time.inc_by(Duration::from_micros(health.sync_time_us).as_secs_f64());
        registry.register_with_unit("log_sync", "How long syncs took", Unit::Seconds, time);
        Ok(())
    }

    /// What the mailboxes hold; each by itself where that is configured.
    fn measure_entries(&self, registry: &mut Registry) -> Result<(), ApiError> {
        let (held, octets) = (Family::<Pair, Gauge>::default(), Gauge::<i64>::default());
        let (new, entries) =
            (Family::<Labels, Gauge>::default(), Family::<Labels, Gauge>::default());
        for (mailbox, counts) in self.census()? {
            let mut all = [0, 0];
            for count in counts.iter().filter(|count| !count.child) {
                let class = EntryClass(i64::from(count.class));
                let status = RetrievalStatus(i64::from(count.status));
                let labels = [("class", class.to_string()), ("status", status.to_string())];
                held.get_or_create(&labels).inc_by(i64::from(count.entries));
                octets.inc_by(signed(count.octets));
                let is_new = class == EntryClass::DELIVERY && status == RetrievalStatus::NEW;
                all[0] += i64::from(count.entries);
                all[1] += if is_new { i64::from(count.entries) } else { 0 };
            }
            if self.config().mailbox_metrics {
                let labels = [("mailbox", mailbox.name.to_string())];
                entries.get_or_create(&labels).set(all[0]);
                new.get_or_create(&labels).set(all[1]);
            }
        }
        registry.register("held_entries", "Entries that mailboxes hold", held);
        registry.register("held_bytes", "The length of their contents", octets);
        if self.config().mailbox_metrics {
            registry.register("mailbox_entries", "Entries of a mailbox", entries);
            registry.register("mailbox_new_entries", "Of these, delivered ones that are new", new);
        }
        Ok(())
    }

    /// Messages that wait for their time, or for who holds them, in the built-in MTA.
    fn deferred(&self) -> Result<u64, ApiError> {
        let mut all = 0;
        for queue in self.store.mailboxes().iter().filter(|one| is_queue(&one.name)) {
            let counts = self.store.counts(queue.id)?;
            all += counts
                .iter()
                .filter(|one| !one.child)
                .map(|one| u64::from(one.entries))
                .sum::<u64>();
        }
        Ok(all)
    }

    fn measure_life(&self, registry: &mut Registry) {
        let deeds = Family::<Labels, Counter>::default();
        for (deed, name) in DEEDS {
            deeds.get_or_create(&[("deed", name.into())]).inc_by(self.shared.hub.count(deed));
        }
        registry.register("entries", "Entries to which something was done", deeds);
        let mut by_context = BTreeMap::<&str, u64>::from([("none", 0)]);
        for live in self.shared.hub.associations() {
            let context = live.bound().map_or("none", |bound| bound.context);
            *by_context.entry(context).or_default() += 1;
        }
        let labelled = by_context.into_iter().map(|(name, count)| (name.to_owned(), count));
        let help = "Associations by application context; none: not bound yet";
        registry.register("associations", help, family("context", labelled));
        let kinds = AlarmKind::ALL.map(|kind| (kind.name().to_owned(), 0));
        let mut by_kind = BTreeMap::<String, u64>::from(kinds);
        for alarm in self.alarms() {
            *by_kind.entry(alarm.kind.name().to_owned()).or_default() += 1;
        }
        registry.register("alarms", "Alarms that there are", family("kind", by_kind));
    }
}

fn family(
    label: &'static str,
    values: impl IntoIterator<Item = (String, u64)>,
) -> Family<Labels, Gauge> {
    let family = Family::<Labels, Gauge>::default();
    for (name, value) in values {
        family.get_or_create(&[(label, name)]).set(signed(value));
    }
    family
}

fn gauge(value: u64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(signed(value));
    gauge
}

fn counter(value: u64) -> Counter {
    let counter = Counter::default();
    counter.inc_by(value);
    counter
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
