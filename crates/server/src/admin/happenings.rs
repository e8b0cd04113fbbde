//! What happens, as it happens: server-sent events.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::broadcast::{
        self,
        error::{RecvError, TryRecvError},
    },
    time::Instant,
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Admin, extract::Query, who::Anyone};
use crate::{
    connection::stopped,
    hub::{Deed, Happening, What},
    shared::time_text,
};

/// Without a happening a comment is sent so often, so that both ends see that the other is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The longest pause between two times that something is told, milliseconds.
const EACH_MS_MAX: u64 = 10_000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Told {
    /// When.
    #[schema(format = DateTime)]
    pub(crate) time: String,
    /// What: `association-opened`, `association-closed`, `message-delivered`,
    /// `report-delivered`, `listed`, `read`, `deleted`, `submitted`, `mailbox-changed`, `job`,
    /// `store`, `stores`, `alarm`.
    pub(crate) kind: &'static str,
    /// The association, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) association: Option<u64>,
    /// The other end's IP address and port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peer: Option<String>,
    /// The user's address or the MTA's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The mailbox, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mailbox: Option<String>,
    /// The entry's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<u32>,
    /// How many entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entries: Option<usize>,
    /// The job, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job: Option<u64>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Of what happens, what is told, and how often.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Pace {
    /// The kinds that are told, with commas between; all where nothing is said.
    kinds: Option<String>,
    /// After something was told nothing more is for so long, milliseconds; what happens meanwhile
    /// is told then. 10,000 at most.
    #[param(maximum = 10000)]
    each_ms: u64,
    /// How much of what happened meanwhile is told: the newest. The rest is `lost`.
    #[param(minimum = 1)]
    most: Option<usize>,
}

/// What happens, as it happens
///
/// Server-sent events. The event's name is the kind, its data a JSON object; its id counts the
/// happenings since the start. `lost` says how many happenings a slow reader has missed, or one
/// that wanted to be told no more. Whoever needs to know only that something is not as it was asks
/// with `each_ms` and `most`: that costs the store next to nothing.
#[utoipa::path(get, path = "/api/events", tag = "events", params(Pace), responses(
    (status = 200, body = Told, content_type = "text/event-stream"),
    (status = 400, body = super::error::ApiError), (status = 401, body = super::error::ApiError)))]
async fn events(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
    Query(pace): Query<Pace>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut stop = admin.shared.stop.clone();
    let telling = Telling::new(admin.shared.hub.watch(), &pace);
    let told = stream::unfold(telling, |mut telling| async move {
        let events = telling.next().await?;
        Some((stream::iter(events.into_iter().map(Ok)), telling))
    });
    let stops = async move { stopped(&mut stop).await };
    Sse::new(told.flatten().take_until(Box::pin(stops)))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// What is told to one reader.
struct Telling {
    happenings: broadcast::Receiver<Arc<Happening>>,
    kinds: Option<Vec<String>>,
    each: Duration,
    most: usize,
    /// Before then nothing is looked at, so that what happens meanwhile wakes nobody.
    not_before: Option<Instant>,
}

impl Telling {
    fn new(happenings: broadcast::Receiver<Arc<Happening>>, pace: &Pace) -> Self {
        let kinds = pace.kinds.as_deref();
        let kinds = kinds.map(|kinds| kinds.split(',').map(str::to_owned).collect());
        let each = Duration::from_millis(pace.each_ms.min(EACH_MS_MAX));
        let most = pace.most.unwrap_or(usize::MAX).max(1);
        Self { happenings, kinds, each, most, not_before: None }
    }

    /// What is told next; `None` where nothing happens any more.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if let Some(not_before) = self.not_before.take() {
                tokio::time::sleep_until(not_before).await;
            }
            let (mut told, mut lost) = (VecDeque::new(), 0);
            match self.happenings.recv().await {
                Ok(happening) => self.gather(happening, &mut told, &mut lost),
                Err(RecvError::Lagged(missed)) => lost += missed,
                Err(RecvError::Closed) => return None,
            }
            loop {
                match self.happenings.try_recv() {
                    Ok(happening) => self.gather(happening, &mut told, &mut lost),
                    Err(TryRecvError::Lagged(missed)) => lost += missed,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            if !self.each.is_zero() {
                self.not_before = Some(Instant::now() + self.each);
            }
            if lost > 0 || !told.is_empty() {
                let missed = Event::default().event("lost").data(lost.to_string());
                let missed = (lost > 0).then_some(missed);
                return Some(
                    missed.into_iter().chain(told.iter().map(|one| event(one))).collect(),
                );
            }
        }
    }

    fn gather(
        &self,
        happening: Arc<Happening>,
        told: &mut VecDeque<Arc<Happening>>,
        lost: &mut u64,
    ) {
        let kind = happening.what.kind();
        if self.kinds.as_ref().is_some_and(|kinds| kinds.iter().all(|wanted| wanted != kind)) {
            return;
        }
        if told.len() >= self.most && told.pop_front().is_some() {
            *lost += 1;
        }
        told.push_back(happening);
    }
}

fn event(happening: &Happening) -> Event {
    let told = Told::of(happening);
    let data = serde_json::to_string(&told).unwrap_or_default();
    Event::default().id(happening.sequence.to_string()).event(told.kind).data(data)
}

impl Told {
    fn of(happening: &Happening) -> Self {
        let mut told = Self {
            time: time_text(happening.time),
            kind: happening.what.kind(),
            association: None,
            peer: None,
            name: None,
            mailbox: None,
            number: None,
            entries: None,
            job: None,
            text: None,
        };
        match &happening.what {
            What::AssociationOpened { association, peer, name }
            | What::AssociationClosed { association, peer, name } => {
                told.association = Some(*association);
                told.peer = Some(peer.clone());
                told.name = Some(name.clone());
            }
            What::Mailbox { mailbox, number, entries, .. } => {
                told.mailbox = Some(mailbox.clone());
                told.number = *number;
                told.entries = Some(*entries).filter(|entries| *entries > 0);
            }
            What::Job { id } => told.job = Some(*id),
            What::Stores => {}
            What::Store { text } | What::Alarm { text } => told.text = Some(text.clone()),
        }
        told
    }
}

impl What {
    /// A word for programs.
    fn kind(&self) -> &'static str {
        match self {
            Self::AssociationOpened { .. } => "association-opened",
            Self::AssociationClosed { .. } => "association-closed",
            Self::Mailbox { deed, .. } => match deed {
                Deed::MessageDelivered => "message-delivered",
                Deed::ReportDelivered => "report-delivered",
                Deed::Listed => "listed",
                Deed::Read => "read",
                Deed::Deleted => "deleted",
                Deed::Submitted => "submitted",
                Deed::Changed => "mailbox-changed",
            },
            Self::Job { .. } => "job",
            Self::Store { .. } => "store",
            Self::Stores => "stores",
            Self::Alarm { .. } => "alarm",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::Hub;

    fn done(hub: &Hub, deed: Deed, number: u32) {
        hub.done("alice", deed, Some(number), 1);
    }

    async fn told(telling: &mut Telling) -> Vec<String> {
        let events = telling.next().await.unwrap();
        events.iter().map(|event| format!("{event:?}")).collect()
    }

    #[tokio::test]
    async fn what_happened_meanwhile_is_told_together_and_no_more_of_it_than_is_wanted() {
        let hub = Hub::default();
        let pace = Pace { most: Some(2), each_ms: 1, ..Pace::default() };
        let mut all = Telling::new(hub.watch(), &Pace::default());
        let mut some = Telling::new(hub.watch(), &pace);
        let kinds = Some("read,job".to_owned());
        let mut reads = Telling::new(hub.watch(), &Pace { kinds, ..Pace::default() });
        for number in 1..=4 {
            done(&hub, Deed::MessageDelivered, number);
        }
        done(&hub, Deed::Read, 5);
        assert_eq!(told(&mut all).await.len(), 5);
        let newest = told(&mut some).await;
        assert_eq!(newest.len(), 3);
        assert!(newest[0].contains("lost") && newest[0].contains("data: 3"), "{newest:?}");
        assert!(newest[2].contains("read"), "{newest:?}");
        let only = told(&mut reads).await;
        assert!(only.len() == 1 && only[0].contains("read"), "{only:?}");
        for number in 0..5_000 {
            done(&hub, Deed::Listed, number);
        }
        done(&hub, Deed::Read, 6);
        let late = told(&mut reads).await;
        assert!(late.len() == 2 && late[0].contains("lost"), "{late:?}");
        drop(hub);
        assert!(reads.next().await.is_none());
    }
}
