//! The records that were told last, kept in memory for whoever looks: the console and the API.
//! It is no stream: nothing is written, and what is pushed out by newer ones is gone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::broadcast;
use utoipa::ToSchema;

use super::record::{Record, What};
use crate::{events::Severity, shared::time_text};

/// So many are kept.
pub(crate) const KEPT_MAX: usize = 1_000;
/// So many may wait for a watcher that reads slowly before it loses some.
const WATCHED_MAX: usize = 256;

/// A record, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LogRecord {
    /// When.
    #[schema(format = DateTime)]
    pub(crate) time: String,
    /// How much an event matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<Severity>,
    /// Who tells an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "p3")]
    pub(crate) facility: Option<&'static str>,
    /// The identifier of an event's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "delivery-refused")]
    pub(crate) identifier: Option<&'static str>,
    /// The text of an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The keyword of an audit record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FETCH")]
    pub(crate) keyword: Option<&'static str>,
    /// The identifier of its association.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) association: Option<String>,
    /// Its pairs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pairs: Vec<LogPair>,
}

/// A pair of an audit record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LogPair {
    /// Its key.
    #[schema(example = "p7-seqnum")]
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
}

impl LogRecord {
    /// A record that was told.
    pub(crate) fn of(record: &Record) -> Self {
        let mut shown = Self {
            time: time_text(record.time),
            severity: None,
            facility: None,
            identifier: None,
            text: None,
            keyword: None,
            association: None,
            pairs: Vec::new(),
        };
        match &record.what {
            What::Event(told) => {
                shown.severity = Some(told.severity);
                shown.facility = Some(told.facility.name());
                shown.identifier = Some(told.id.about().id);
                shown.text = Some(told.text.clone());
            }
            What::Audit(audit) => {
                shown.keyword = Some(audit.keyword.text());
                shown.association = Some(audit.association.clone());
                let pair = |(key, value): &(&'static str, String)| LogPair {
                    key: (*key).to_owned(),
                    value: value.clone(),
                };
                shown.pairs = audit.pairs.iter().map(pair).collect();
            }
        }
        shown
    }

    /// Whether a text stands in it, whatever its case.
    pub(crate) fn says(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let has = |value: &str| value.to_lowercase().contains(&text);
        [self.facility, self.identifier, self.keyword].into_iter().flatten().any(has)
            || [&self.text, &self.association].into_iter().flatten().any(|value| has(value))
            || self.pairs.iter().any(|pair| has(&pair.value))
    }
}

/// The records that were told last.
#[derive(Debug)]
pub(super) struct Recent {
    records: Mutex<VecDeque<Arc<Record>>>,
    watchers: broadcast::Sender<Arc<Record>>,
}

impl Default for Recent {
    fn default() -> Self {
        Self { records: Mutex::default(), watchers: broadcast::Sender::new(WATCHED_MAX) }
    }
}

impl Recent {
    /// A panic elsewhere leaves them whole.
    fn locked(&self) -> MutexGuard<'_, VecDeque<Arc<Record>>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps one more.
    pub(super) fn keep(&self, record: &Arc<Record>) {
        let mut records = self.locked();
        if records.len() >= KEPT_MAX {
            records.pop_front();
        }
        records.push_back(record.clone());
        drop(records);
        // Mostly nobody watches.
        let _ = self.watchers.send(record.clone());
    }

    /// All that there are, the newest first.
    pub(super) fn all(&self) -> Vec<Arc<Record>> {
        self.locked().iter().rev().cloned().collect()
    }

    /// What comes from now on.
    pub(super) fn watch(&self) -> broadcast::Receiver<Arc<Record>> {
        self.watchers.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use restante_view::audit::Keyword;

    use super::*;
    use crate::logging::Audit;

    #[test]
    fn the_last_ones_are_kept_and_no_more() {
        let recent = Recent::default();
        for number in 0..KEPT_MAX + 5 {
            let mut audit = Audit::new(Keyword::Fetch, "1-2".into());
            audit.put("p7-seqnum", number);
            recent.keep(&Arc::new(Record::audit(audit)));
        }
        let all: Vec<_> = recent.all().iter().map(|record| LogRecord::of(record)).collect();
        assert_eq!(all.len(), KEPT_MAX);
        assert_eq!(all[0].pairs[0].value, (KEPT_MAX + 4).to_string());
        assert!(all[0].says("fetch") && all[0].says("1004") && !all[0].says("1003"));
    }
}
