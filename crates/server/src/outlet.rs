//! What is told to another server, as JSON by POST: one after the other, a bounded number waiting,
//! and never waited for by who tells it. A server that does not take it is asked some more times;
//! what it does not take then, or what finds no room to wait, is lost, and the operator is told.
//!
//! It refuses to follow the other server anywhere: a redirection is no answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, task::spawn_blocking};
use ureq::Agent;

use crate::events::{Fact, tell};

/// How long the other server has for its answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// After a time without an answer it is asked again, so often and after so long.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// The way to another server.
#[derive(Debug)]
pub(crate) struct Outlet {
    waiting: mpsc::Sender<News>,
    lost: Arc<AtomicU64>,
}

/// What is told at once.
#[derive(Debug)]
struct News {
    body: String,
    /// How much that is, where it is lost.
    count: u64,
}

impl Outlet {
    /// To an address; `what` is what it is called in events, and so many bodies may wait for the
    /// other server to take what came before. Within a runtime.
    pub(crate) fn open(what: &'static str, address: String, waiting_max: usize) -> Self {
        let (waiting, told) = mpsc::channel(waiting_max);
        let lost = Arc::default();
        tokio::spawn(pass_on(what, address, told, Arc::clone(&lost), PAUSES.to_vec()));
        Self { waiting, lost }
    }

    /// Tells it so many things in one body.
    pub(crate) fn tell(&self, body: String, count: u64) {
        if self.waiting.try_send(News { body, count }).is_err() {
            self.lose(count);
        }
    }

    /// So many things are not told.
    pub(crate) fn lose(&self, count: u64) {
        self.lost.fetch_add(count, Ordering::Relaxed);
    }

    /// What found no room to wait, or was not taken.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// Passes on what is told until nobody can tell anything any more.
async fn pass_on(
    what: &'static str,
    address: String,
    mut told: mpsc::Receiver<News>,
    lost: Arc<AtomicU64>,
    pauses: Vec<Duration>,
) {
    let config = Agent::config_builder()
        .timeout_global(Some(ANSWER_TIME))
        .max_redirects(0)
        .max_redirects_will_error(true)
        .build();
    let agent = Agent::new_with_config(config);
    while let Some(News { body, count }) = told.recv().await {
        let mut pauses = pauses.iter();
        loop {
            let (agent, to, body) = (agent.clone(), address.clone(), body.clone());
            let asked = spawn_blocking(move || {
                let request = agent.post(&to).header("content-type", "application/json");
                request.send(body).map(drop)
            });
            let failed = match asked.await {
                Ok(Ok(())) => break,
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => {
                    let (what, address, error) = (&what, &address, &failed);
                    tell(Fact::OutletRefused { what, address, error });
                    lost.fetch_add(count, Ordering::Relaxed);
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::StatusCode, routing::post};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn what_is_told_arrives_in_order_though_it_is_refused_at_first() {
        let (seen, mut arrived) = mpsc::unbounded_channel();
        let times = Arc::new(AtomicU64::new(0));
        let takes = move |body: String| {
            let first = times.fetch_add(1, Ordering::Relaxed) == 0;
            let refused = first || body == "never" || seen.send(body).is_err();
            async move { if refused { StatusCode::BAD_GATEWAY } else { StatusCode::OK } }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async {
            axum::serve(listener, Router::new().route("/hook", post(takes))).await
        });
        let (waiting, told) = mpsc::channel(3);
        let lost = Arc::default();
        let outlet = Outlet { waiting, lost: Arc::clone(&lost) };
        for (text, count) in [("one", 1), ("never", 5), ("two", 1)] {
            outlet.tell(text.to_owned(), count);
        }
        drop(outlet);
        pass_on("test", address, told, lost.clone(), vec![Duration::ZERO]).await;
        assert_eq!(arrived.recv().await.as_deref(), Some("one"));
        assert_eq!(arrived.recv().await.as_deref(), Some("two"));
        assert_eq!(lost.load(Ordering::Relaxed), 5, "what was never taken is counted");
    }

    #[tokio::test]
    async fn what_finds_no_room_is_counted() {
        let (waiting, _told) = mpsc::channel(1);
        let outlet = Outlet { waiting, lost: Arc::default() };
        for _ in 0..3 {
            outlet.tell("x".into(), 2);
        }
        assert_eq!(outlet.lost(), 4);
    }
}
