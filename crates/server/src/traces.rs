//! Traces of operations, for whoever has a collector of OpenTelemetry: each operation of a peer is
//! a span by itself, from when its last octet has come to when its answer is handed on. They go
//! out as OTLP over HTTP in JSON, once a second at most.
//!
//! Nobody waits for the collector: what it does not take in time is lost, and counted.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{config::Endpoint, outlet::Outlet, timing::Answered};

/// Spans that go out together, and that may wait for that.
const SPANS_MAX: usize = 4_096;
/// What went out together and may wait for the collector to take what came before: a request is
/// some hundred octets a span.
const REQUESTS_MAX: usize = 8;
/// Between two times that spans go out.
const INTERVAL: Duration = Duration::from_secs(1);
/// Where a collector takes traces (OTLP/HTTP).
const PATH: &str = "/v1/traces";
/// OTLP's span kind of who is asked, and its codes of a status.
const KIND_SERVER: u8 = 2;
const STATUS_OK: u8 = 1;
const STATUS_ERROR: u8 = 2;

/// The way to a collector.
#[derive(Debug)]
pub(crate) struct Traces {
    spans: mpsc::Sender<Span>,
    outlet: Arc<Outlet>,
}

/// An operation that was answered.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) operation: &'static str,
    pub(crate) answered: Answered,
    pub(crate) association: u64,
    /// When it was answered, and how long that took.
    pub(crate) end: Timestamp,
    pub(crate) time: Duration,
}

impl Traces {
    /// To a collector; `service` is what the store calls itself. Within a runtime.
    pub(crate) fn open(endpoint: &Endpoint, service: String) -> Self {
        let (spans, told) = mpsc::channel(SPANS_MAX);
        let outlet = Arc::new(Outlet::open("traces", endpoint.at(PATH), REQUESTS_MAX));
        tokio::spawn(gather(told, outlet.clone(), service));
        Self { spans, outlet }
    }

    /// An operation was answered.
    pub(crate) fn tell(&self, span: Span) {
        if self.spans.try_send(span).is_err() {
            self.outlet.lose(1);
        }
    }

    /// Spans that found no room to wait, or that the collector did not take.
    pub(crate) fn lost(&self) -> u64 {
        self.outlet.lost()
    }
}

async fn gather(mut told: mpsc::Receiver<Span>, outlet: Arc<Outlet>, service: String) {
    let mut spans = Vec::new();
    while told.recv_many(&mut spans, SPANS_MAX).await > 0 {
        outlet.tell(request(&service, &spans).to_string(), spans.len() as u64);
        spans.clear();
        tokio::time::sleep(INTERVAL).await;
    }
}

/// What a collector is told (ExportTraceServiceRequest).
fn request(service: &str, spans: &[Span]) -> Value {
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let resource = [
        text("service.name", "restante"),
        text("service.version", env!("CARGO_PKG_VERSION")),
        text("service.instance.id", service),
    ];
    let spans: Vec<Value> = spans.iter().map(Span::json).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": "restante"}, "spans": spans}],
    }]})
}

impl Span {
    fn json(&self) -> Value {
        let Self { operation, answered, association, end, time } = self;
        let end = end.as_nanosecond();
        let took = i128::try_from(time.as_nanos()).unwrap_or_default();
        let code = if *answered == Answered::Result { STATUS_OK } else { STATUS_ERROR };
        let span: String = Uuid::new_v4().simple().to_string().chars().take(16).collect();
        json!({
            "traceId": Uuid::new_v4().simple().to_string(),
            "spanId": span,
            "name": operation,
            "kind": KIND_SERVER,
            "startTimeUnixNano": end.saturating_sub(took).to_string(),
            "endTimeUnixNano": end.to_string(),
            "attributes": [
                {"key": "restante.association", "value": {"intValue": association.to_string()}},
                {"key": "restante.answer", "value": {"stringValue": answered.name()}},
            ],
            "status": {"code": code},
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::post};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_operation_is_a_span_of_otlp() {
        let (seen, mut arrived) = mpsc::unbounded_channel();
        let takes = move |body: String| {
            seen.send(body).unwrap();
            async { "{}" }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let collector = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route(PATH, post(takes));
        tokio::spawn(async { axum::serve(listener, router).await });
        let traces = Traces::open(&collector.parse().unwrap(), "/CN=Store/C=XX/".into());
        let time = Duration::from_millis(5);
        let (operation, association) = ("fetch", 7);
        let end = Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap();
        traces.tell(Span { operation, answered: Answered::Error, association, end, time });
        let told: Value = serde_json::from_str(&arrived.recv().await.unwrap()).unwrap();
        let span = &told["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!((&span["name"], &span["status"]["code"]), (&json!("fetch"), &json!(2)));
        let number = |key: &str| span[key].as_str().unwrap().parse::<u128>().unwrap();
        assert_eq!(number("endTimeUnixNano"), 1_790_000_000_123_456_789);
        assert_eq!(number("endTimeUnixNano") - number("startTimeUnixNano"), time.as_nanos());
        let is_hex = |key: &str, length: usize| {
            let id = span[key].as_str().unwrap();
            id.len() == length && id.chars().all(|c| c.is_ascii_hexdigit())
        };
        assert!(is_hex("traceId", 32) && is_hex("spanId", 16), "{span}");
        assert_eq!(traces.lost(), 0);
    }
}
