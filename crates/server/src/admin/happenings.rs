//! What happens, as it happens: server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Admin, who::Anyone};
use crate::{
    connection::stopped,
    hub::{Deed, Happening, What},
    shared::time_text,
};

/// Without a happening a comment is sent so often, so that both ends see that the other is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

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

/// What happens, as it happens
///
/// Server-sent events. The event's name is the kind, its data a JSON object; its id counts the
/// happenings since the start. `lost` says how many happenings a slow reader has missed.
#[utoipa::path(get, path = "/api/events", tag = "events", responses(
    (status = 200, body = Told, content_type = "text/event-stream"),
    (status = 401, body = super::error::ApiError)))]
async fn events(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut stop = admin.shared.stop.clone();
    let happenings = BroadcastStream::new(admin.shared.hub.watch()).map(|happening| {
        Ok(match happening {
            Ok(happening) => event(&happening),
            Err(BroadcastStreamRecvError::Lagged(lost)) => {
                Event::default().event("lost").data(lost.to_string())
            }
        })
    });
    let stops = async move { stopped(&mut stop).await };
    Sse::new(happenings.take_until(Box::pin(stops)))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
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
