//! The log: the records that were told last, as they come, the streams and their change, and a
//! search of the audit records that were written.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, StreamExt as _, stream};
use restante_directory::Manager;
use restante_view::audit::Keyword;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Query, chosen},
    who::{Chief, Monitor},
};
use crate::{
    connection::stopped,
    events::{Facility, Severity},
    logging::{KEPT_MAX, LogRecord, StreamState, Wanted},
};

/// Without a record a comment is sent so often, so that both ends see that the other is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many records are given where nothing is said.
const LIMIT: usize = 200;

/// Which of the records that were told last; what is empty is not asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Last {
    /// Only events of this severity.
    #[serde(deserialize_with = "chosen")]
    pub(crate) severity: Option<Severity>,
    /// Only events of this facility.
    #[serde(deserialize_with = "chosen")]
    pub(crate) facility: Option<Facility>,
    /// Only records in which this stands.
    pub(crate) text: String,
    /// How many at most, 1 to 1000.
    pub(crate) limit: Option<usize>,
}

/// What is looked for in the audit records; all that is given must hold.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Sought {
    /// The keyword.
    #[serde(deserialize_with = "chosen")]
    #[param(value_type = Option<String>, example = "DELIVER-MESSAGE")]
    pub(crate) keyword: Option<Keyword>,
    /// The mailbox, or part of its name.
    pub(crate) mailbox: String,
    /// An identifier of a message (MTS, IPM or content-identifier), or part of one: all records of
    /// the message, from its submission or delivery to its fetches and its deletion.
    pub(crate) message: String,
    /// The identifier of the association.
    pub(crate) association: String,
    /// A text in any value.
    pub(crate) text: String,
    /// From when on.
    #[param(format = DateTime)]
    pub(crate) since: String,
    /// Until when.
    #[param(format = DateTime)]
    pub(crate) until: String,
    /// How many at most, 1 to 1000.
    pub(crate) limit: Option<usize>,
}

/// What a search of the audit records came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AuditSearch {
    /// The stream whose files were searched; none: no stream writes audit records into files.
    pub(crate) stream: Option<String>,
    /// The records, the newest first.
    pub(crate) records: Vec<LogRecord>,
    /// Whether there are more, older ones.
    pub(crate) more: bool,
    /// Whether older files were not read: no more than 64 MiB are.
    pub(crate) cut: bool,
}

/// The streams of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StreamsState {
    /// Each.
    pub(crate) streams: Vec<StreamState>,
    /// What they are, as the `[logging]` of a configuration file.
    pub(crate) configuration: String,
}

/// Other streams.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStreams {
    /// What they are to be, as the `[logging]` of a configuration file.
    pub(crate) configuration: String,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(last))
        .routes(routes!(tail))
        .routes(routes!(streams, change))
        .routes(routes!(preview))
        .routes(routes!(audit))
}

/// The records that were told last, the newest first
///
/// Events of the severities that standard error or a stream takes, and audit records where a
/// stream takes some; 1000 are kept.
#[utoipa::path(get, path = "/api/logs", tag = "logs", params(Last), responses(
    (status = 200, body = [LogRecord]), (status = 400, body = ApiError),
    (status = 401, body = ApiError)))]
async fn last(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Query(last): Query<Last>,
) -> Json<Vec<LogRecord>> {
    Json(admin.last_records(&last))
}

/// Records, as they are told
///
/// Server-sent events with the name `record`, whose data is a JSON object; `lost` says how many
/// records a slow reader has missed.
#[utoipa::path(get, path = "/api/logs/tail", tag = "logs", responses(
    (status = 200, body = LogRecord, content_type = "text/event-stream"),
    (status = 401, body = ApiError)))]
async fn tail(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut stop = admin.shared.stop.clone();
    let records = stream::unfold(admin.shared.logging.watch(), |mut records| async move {
        let event = match records.recv().await {
            Ok(record) => {
                let data = serde_json::to_string(&LogRecord::of(&record)).unwrap_or_default();
                Event::default().event("record").data(data)
            }
            Err(RecvError::Lagged(lost)) => Event::default().event("lost").data(lost.to_string()),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), records))
    });
    let stops = async move { stopped(&mut stop).await };
    Sse::new(records.take_until(Box::pin(stops))).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// The streams of the log
#[utoipa::path(get, path = "/api/logs/streams", tag = "logs", responses(
    (status = 200, body = StreamsState), (status = 401, body = ApiError)))]
async fn streams(State(admin): State<Arc<Admin>>, _: Monitor) -> Json<StreamsState> {
    Json(admin.log_streams())
}

/// Change the streams of the log
///
/// Until the next start, or until the configuration file is read again. They write only where the
/// file has some write.
#[utoipa::path(put, path = "/api/logs/streams", tag = "logs", request_body = NewStreams,
    responses((status = 200, body = StreamsState), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 422, body = ApiError)))]
async fn change(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Body(new): Body<NewStreams>,
) -> Result<Json<StreamsState>, ApiError> {
    admin.blocking(move |admin| admin.change_streams(&new.configuration, &who)).await.map(Json)
}

/// See what other streams of the log would write
///
/// Nothing is changed.
#[utoipa::path(post, path = "/api/logs/preview", tag = "logs", request_body = NewStreams,
    responses((status = 200, body = [StreamState]), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 422, body = ApiError)))]
async fn preview(
    State(admin): State<Arc<Admin>>,
    _: Chief,
    Body(new): Body<NewStreams>,
) -> Result<Json<Vec<StreamState>>, ApiError> {
    admin.preview_streams(&new.configuration).map(Json)
}

/// Search the audit records that were written into files
///
/// The newest files of the first stream that takes audit records.
#[utoipa::path(get, path = "/api/audit", tag = "logs", params(Sought), responses(
    (status = 200, body = AuditSearch), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 422, body = ApiError)))]
async fn audit(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Query(sought): Query<Sought>,
) -> Result<Json<AuditSearch>, ApiError> {
    admin.blocking(move |admin| admin.search_audit(&sought)).await.map(Json)
}

impl Admin {
    /// The records that were told last.
    pub(crate) fn last_records(&self, last: &Last) -> Vec<LogRecord> {
        let records = self.shared.logging.recent();
        let records = records.iter().map(|record| LogRecord::of(record));
        let facility = last.facility.map(Facility::name);
        let wanted = |record: &LogRecord| {
            last.severity.is_none_or(|severity| record.severity == Some(severity))
                && facility.is_none_or(|facility| record.facility == Some(facility))
                && (last.text.is_empty() || record.says(&last.text))
        };
        records.filter(wanted).take(last.limit.unwrap_or(LIMIT).clamp(1, KEPT_MAX)).collect()
    }

    /// The streams of the log.
    pub(crate) fn log_streams(&self) -> StreamsState {
        let logging = &self.shared.logging;
        StreamsState { streams: logging.states(), configuration: logging.text() }
    }

    /// Has other streams.
    pub(crate) fn change_streams(
        &self,
        text: &str,
        who: &Manager,
    ) -> Result<StreamsState, ApiError> {
        let changed = self.shared.logging.change(text);
        changed.map_err(|why| ApiError::invalid(why.to_string()))?;
        self.record(who, format_args!("the streams of the log changed"));
        Ok(self.log_streams())
    }

    /// What other streams would write.
    pub(crate) fn preview_streams(&self, text: &str) -> Result<Vec<StreamState>, ApiError> {
        let preview = self.shared.logging.preview(text);
        preview.map_err(|why| ApiError::invalid(why.to_string()))
    }

    /// Searches the audit records. Blocks.
    pub(crate) fn search_audit(&self, sought: &Sought) -> Result<AuditSearch, ApiError> {
        let wanted = Wanted {
            keyword: sought.keyword,
            mailbox: sought.mailbox.clone(),
            association: sought.association.trim().to_owned(),
            message: sought.message.clone(),
            text: sought.text.clone(),
            since: moment("since", &sought.since)?,
            until: moment("until", &sought.until)?,
            limit: sought.limit.unwrap_or(LIMIT),
        };
        let found = self.shared.logging.search(&wanted).map_err(ApiError::fault)?;
        let (stream, found) =
            found.map_or_else(Default::default, |(name, found)| (Some(name), found));
        Ok(AuditSearch { stream, records: found.records, more: found.more, cut: found.cut })
    }
}

/// A time; UTC where it does not say of which zone.
fn moment(name: &str, text: &str) -> Result<Option<i64>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let zoned = text.parse::<jiff::Timestamp>();
    let at = zoned.or_else(|_| {
        let civil = text.parse::<jiff::civil::DateTime>()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil)
    });
    let at = at.map_err(|_| {
        ApiError::invalid(format!("{name}: {text:?} is no time; write 2026-03-01T10:15:00Z"))
    })?;
    Ok(Some(at.as_microsecond()))
}
