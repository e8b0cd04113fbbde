//! The connections of the management listener: a bounded number, each with a bounded time for the
//! header of a request, and again for its body, so that whoever connects and says nothing keeps
//! nobody else out.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::ServiceExt as _;

use crate::{
    config::Management,
    connection::stopped,
    events::{Fact, tell},
};

/// How long the answers that are under way have when the server stops.
const SHUTDOWN_TIME: Duration = Duration::from_secs(10);
/// After a failure to accept, which is the machine's and not a peer's.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What one connection too many is told.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\n\
    content-length: 65\r\nretry-after: 5\r\nconnection: close\r\n\r\n\
    too many connections; see management.connections, or close some.\n";

/// Serves until it is told to stop.
pub(super) async fn serve(
    router: Router,
    listener: TcpListener,
    config: Management,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(config.connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(config.request_time());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                not_accepted(&error);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        match places.clone().try_acquire_owned() {
            Ok(place) => connected(&http, &graceful, router.clone(), (stream, peer), place),
            Err(_) => turn_away(stream),
        }
    }
    drop(listener);
    // What does not end by itself in time is dropped with the process.
    drop(tokio::time::timeout(SHUTDOWN_TIME, graceful.shutdown()).await);
    Ok(())
}

fn connected(
    http: &http1::Builder,
    graceful: &GracefulShutdown,
    router: Router,
    (stream, peer): (TcpStream, SocketAddr),
    place: OwnedSemaphorePermit,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        // A peer that goes away is none of the operator's business.
        drop(connection.await);
        drop(place);
    });
}

fn not_accepted(error: &io::Error) {
    tell(Fact::ManagementNotAccepted { error });
}

/// Tells it so, as far as that needs no waiting.
fn turn_away(mut stream: TcpStream) {
    tokio::spawn(async move {
        drop(stream.write_all(FULL).await);
        drop(stream.shutdown().await);
    });
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt as _, net::TcpStream, task::JoinHandle};

    use super::*;

    struct Served {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        serving: JoinHandle<io::Result<()>>,
    }

    async fn served(connections: usize) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here\n" }));
        let config = Management { connections, request_time_s: 1, ..Management::default() };
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(serve(router, listener, config, stopped));
        Served { address, stop, serving }
    }

    /// All that comes until the other end closes.
    async fn all(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn who_says_nothing_is_let_go_and_one_too_many_is_told_so() {
        let Served { address, stop, serving } = served(1).await;
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nhost: local").await.unwrap();
        let second = TcpStream::connect(address).await.unwrap();
        let told = all(second).await;
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 503 "), "{told}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{told}");
        // It is closed when its time is over.
        all(slow).await;
        let whole = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        loop {
            let mut next = TcpStream::connect(address).await.unwrap();
            next.write_all(whole).await.unwrap();
            let told = all(next).await;
            // The place of the first is given back after its end was seen.
            if !told.starts_with("HTTP/1.1 503 ") {
                assert!(told.starts_with("HTTP/1.1 200 ") && told.ends_with("here\n"), "{told}");
                break;
            }
        }
        stop.send(true).unwrap();
        serving.await.unwrap().unwrap();
    }
}
