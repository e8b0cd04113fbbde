//! The daemon over real sockets on free ports: who gets in, how each association ends and in how
//! many events, that others are served meanwhile, that it stops in order.

use std::{path::Path, time::Duration};

use futures_util::FutureExt as _;
use restante_ber::{Encode, Rope, UtcTime};
use restante_client::{
    Answer, CallOptions, ClientError, Mta, UserAgent, compose, p3::MtsBind, p7::MsBind,
};
use restante_directory::Accounts;
use restante_mhs::{x411::ORName, x413::SummarizeArgument};
use restante_osi::{NetworkAddress, PresentationAddress, Refusal, x224::DisconnectReason};
use restante_storage::{FileBackend, StorageError};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::subscriber::DefaultGuard;

use super::*;
use crate::{
    config::Least,
    events::{self, tests::Lines},
};

#[path = "server_disk_tests.rs"]
mod disk;
#[path = "server_log_tests.rs"]
mod log;
#[path = "server_segments_tests.rs"]
mod segments;

const ALICE: &str = "/CN=Alice/O=Example/PRMD=PEER/C=GB/";
/// Those that tell of associations.
const FACILITIES: [&str; 3] = [" osi: ", " p7: ", " p3: "];
const PATIENCE: Duration = Duration::from_secs(20);

/// A server, its events, and what it needs; of which the last is dropped last.
struct Daemon {
    running: Running,
    lines: Lines,
    _told: DefaultGuard,
    _data: TempDir,
}

impl Daemon {
    /// A server with one user and one MTA. Events are told to the thread that calls this.
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(None, change).await
    }

    async fn start_on(
        backend: Option<Arc<dyn Backend>>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        add_accounts(data.path());
        let mut config = Config { data_directory: data.path().into(), ..Config::default() };
        config.listener.presentation_address.networks =
            vec![NetworkAddress { host: "127.0.0.1".into(), port: 0 }];
        config.management.address.set_port(0);
        change(&mut config);
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = events::subscriber(Least::Info, move || writer.clone());
        let told = tracing::subscriber::set_default(subscriber);
        let upkeep = StartUpkeep::default();
        let running = Server::start_on(backend, config, upkeep).await.unwrap();
        Self { running, lines, _told: told, _data: data }
    }

    fn call(&self) -> CallOptions {
        let mut address: PresentationAddress = r#""3001"/Internet=127.0.0.1"#.parse().unwrap();
        address.networks[0].port = self.running.local_addr().port();
        CallOptions { patience: PATIENCE, ..CallOptions::new(address) }
    }

    async fn user_agent(&self, password: &str) -> Result<UserAgent, ClientError> {
        let bind = MsBind::new(name(ALICE), password);
        UserAgent::bind(self.call(), &bind).await.map(|(user_agent, _)| user_agent)
    }

    async fn mta(&self, name: &str, password: &str) -> Result<Mta, ClientError> {
        Mta::bind(self.call(), &MtsBind::new(name, password)).await.map(|(mta, _)| mta)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.running.local_addr()).await.unwrap()
    }

    /// The events of associations, without their peers' ports; waits until there are so many.
    async fn events(&self, count: usize) -> Vec<String> {
        let told = async {
            loop {
                let lines = self.lines.read();
                let lines =
                    lines.iter().filter(|line| FACILITIES.iter().any(|f| line.contains(f)));
                let events: Vec<String> = lines.map(|line| no_port(line)).collect();
                if events.len() >= count {
                    return events;
                }
                tokio::task::yield_now().await;
            }
        };
        let timely = tokio::time::timeout(PATIENCE, told).await;
        timely.unwrap_or_else(|_| panic!("not {count} events: {:?}", self.lines.read()))
    }

    async fn stop(self) -> Vec<String> {
        self.running.shutdown().await.unwrap();
        self.lines.read().iter().map(|line| no_port(line)).collect()
    }
}

fn add_accounts(data: &Path) {
    let accounts = Accounts::under(data);
    accounts.add_user(ALICE, b"alicepw").unwrap();
    accounts.add_mta_peer("mta1", b"mtapw").unwrap();
}

fn name(address: &str) -> ORName {
    ORName::from(address.parse::<restante_mhs::x411::ORAddress>().unwrap())
}

fn no_port(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("127.0.0.1:") {
        text.push_str(before);
        text.push_str("PEER");
        rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    text + rest
}

/// All that comes before the peer closes.
async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut octets = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut octets));
    // A connection that is reset has ended too.
    let _ = read.await.expect("the server closes");
    octets
}

#[tokio::test]
async fn users_and_mtas_bind_and_unbind() {
    let daemon = Daemon::start(|_| {}).await;
    let user_agent = daemon.user_agent("alicepw").await.unwrap();
    let mta = daemon.mta("mta1", "mtapw").await.unwrap();
    user_agent.unbind().await.unwrap();
    mta.unbind().await.unwrap();
    let expected = [
        format!("info p7: PEER: {ALICE}: bound (ms-access-88, calling -)"),
        "info p3: PEER: mta1: bound (mts-forced-access-88, calling -)".into(),
        format!("info p7: PEER: {ALICE}: unbound"),
        "info p3: PEER: mta1: unbound".into(),
    ];
    assert_eq!(daemon.events(4).await, expected);
}

#[tokio::test]
async fn deliveries_sent_together_are_all_answered_and_seen() {
    let daemon = Daemon::start(|_| {}).await;
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    let mut begun = Vec::new();
    for number in 0..200_usize {
        // From nothing to more than is kept in memory.
        let length = if number == 100 { 2 << 20 } else { number };
        begun.push(mta.begin_delivery(delivery(number, vec![b'x'; length])).await.unwrap());
    }
    let mut answered = Vec::new();
    for _ in &begun {
        let (invoke_id, answer) = mta.any_answer().await.unwrap();
        assert!(matches!(answer, Answer::Result(_)), "{answer:?}");
        answered.push(invoke_id);
    }
    answered.sort_unstable();
    assert_eq!(answered, begun);
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    let summary = user_agent.summarize(&SummarizeArgument::default()).await.unwrap();
    assert_eq!(summary.count, 200);
    let stopped = daemon.stop();
    let (_, aborted) = tokio::join!(stopped, user_agent.connection().indication());
    assert!(aborted.is_err());
}

/// The delivery of a content to Alice.
fn delivery(number: usize, content: Vec<u8>) -> Rope {
    let identifier = compose::mts_identifier(&name(ALICE).address, &format!("m{number}"));
    let time = UtcTime(1_772_360_102);
    compose::delivery(identifier, name(ALICE), name(ALICE), content.into(), time).to_rope()
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_the_same_to_a_peer() {
    let daemon = Daemon::start(|_| {}).await;
    let wrong = daemon.user_agent("bobpw").await.err().unwrap();
    let bind = MsBind::new(name("/CN=Bob/C=GB/"), "alicepw");
    let unknown = UserAgent::bind(daemon.call(), &bind).await.err().unwrap();
    assert!(matches!(wrong, ClientError::BindRefused(_)), "{wrong}");
    assert_eq!(wrong.to_string(), unknown.to_string());
    let wrong = daemon.mta("mta1", "").await.err().unwrap();
    let unknown = daemon.mta("mta2", "mtapw").await.err().unwrap();
    assert!(matches!(wrong, ClientError::BindRefused(_)), "{wrong}");
    assert_eq!(wrong.to_string(), unknown.to_string());
    let expected = [
        format!("warning p7: PEER: bind refused: wrong password for {ALICE}"),
        "warning p7: PEER: bind refused: nobody is called /CN=Bob/C=GB/".into(),
        "warning p3: PEER: bind refused: wrong password for mta1".into(),
        "warning p3: PEER: bind refused: nobody is called mta2".into(),
    ];
    assert_eq!(daemon.events(4).await, expected);
}

#[tokio::test]
async fn a_user_added_while_it_runs_can_bind() {
    let daemon = Daemon::start(|_| {}).await;
    let bind = MsBind::new(name("/CN=Bob/C=GB/"), "bobpw");
    assert!(UserAgent::bind(daemon.call(), &bind).await.is_err());
    Accounts::under(daemon._data.path()).add_user("CN=Bob; C=GB", b"bobpw").unwrap();
    assert!(UserAgent::bind(daemon.call(), &bind).await.is_ok());
}

#[tokio::test]
async fn one_bind_or_several_as_configured() {
    let several = Daemon::start(|_| {}).await;
    let first = several.user_agent("alicepw").await.unwrap();
    let second = several.user_agent("alicepw").await.unwrap();
    drop((first, second));
    let one = Daemon::start(|config| config.service.single_p7_bind = true).await;
    let first = one.user_agent("alicepw").await.unwrap();
    let refused = one.user_agent("alicepw").await.err().unwrap();
    assert!(matches!(refused, ClientError::BindRefused(_)), "{refused}");
    first.unbind().await.unwrap();
    one.events(3).await;
    one.user_agent("alicepw").await.unwrap();
}

#[tokio::test]
async fn where_there_is_no_place_the_transport_connection_is_refused() {
    let daemon = Daemon::start(|config| config.limits.associations_per_peer = 1).await;
    let mut first = daemon.user_agent("alicepw").await.unwrap();
    let refused = daemon.user_agent("alicepw").await.err().unwrap();
    let reason = DisconnectReason::REMOTE_CONGESTION;
    let expected = ClientError::Refused(Refusal::Transport(reason));
    assert_eq!(refused.to_string(), expected.to_string());
    first.summarize(&SummarizeArgument::default()).await.unwrap();
    first.unbind().await.unwrap();
    let expected = "warning osi: PEER: refused: it has 1 associations, as many as \
                    limits.associations_per_peer allows";
    assert_eq!(daemon.events(3).await[1], expected);
    // The place is free once the connection is gone.
    let again = async { while daemon.user_agent("alicepw").await.is_err() {} };
    tokio::time::timeout(PATIENCE, again).await.expect("there is a place again");
}

#[tokio::test]
async fn garbage_ends_its_association_in_one_event_and_no_other() {
    let daemon = Daemon::start(|_| {}).await;
    let mut bound = daemon.user_agent("alicepw").await.unwrap();
    let garbage: [&[u8]; 4] = [
        b"GET / HTTP/1.1\r\n\r\n",
        // TPKT of 6 octets, which is below its least length of 7.
        &[3, 0, 0, 6, 0xE0, 0],
        // CR whose length indicator runs beyond the TPKT.
        &[3, 0, 0, 11, 0xFE, 0xE0, 0, 0, 0, 1, 0],
        // DT before any CR.
        &[3, 0, 0, 8, 2, 0xF0, 0x80, 0],
    ];
    for (at, octets) in garbage.iter().enumerate() {
        let mut stream = daemon.connect().await;
        stream.write_all(octets).await.unwrap();
        read_to_end(&mut stream).await;
        let events = daemon.events(at + 2).await;
        assert_eq!(events.len(), at + 2, "{events:?}");
        assert!(events[at + 1].starts_with("warning osi: PEER: "), "{events:?}");
    }
    bound.summarize(&SummarizeArgument::default()).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_goes_silent_before_its_bind_is_closed_in_time() {
    let daemon = Daemon::start(|config| config.limits.bind_time_s = 1).await;
    let mut stream = daemon.connect().await;
    // TPKT: 65535 octets announced, of which 5 come.
    stream.write_all(&[3, 0, 0xFF, 0xFF, 6, 0xE0, 0, 0, 0]).await.unwrap();
    read_to_end(&mut stream).await;
    let events = daemon.events(1).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].starts_with("warning osi: PEER: aborted by this end"), "{events:?}");
}

#[tokio::test]
async fn a_lost_connection_is_told_once() {
    let daemon = Daemon::start(|_| {}).await;
    drop(daemon.user_agent("alicepw").await.unwrap());
    let events = daemon.events(2).await;
    assert!(
        events[1].starts_with(&format!("warning p7: PEER: {ALICE}: aborted by")),
        "{events:?}"
    );
    assert_eq!(daemon.stop().await.len(), 7, "two of the association, five of the server");
}

#[tokio::test]
async fn a_stop_aborts_associations_and_closes_the_store() {
    let daemon = Daemon::start(|_| {}).await;
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    let address = daemon.running.local_addr();
    let served = async { user_agent.connection().indication().await.err().unwrap() };
    let (lines, aborted) = tokio::join!(daemon.stop(), served);
    assert!(matches!(aborted, ClientError::Aborted(_)), "{aborted}");
    let expected = [
        "info storage: opened: epoch 1, 0 records replayed, index made".into(),
        "info server: listening on PEER".into(),
        "info server: managed on http://PEER".into(),
        format!("info p7: PEER: {ALICE}: bound (ms-access-88, calling -)"),
        "info server: stopping".into(),
        format!("info p7: PEER: {ALICE}: aborted: the server stops"),
        "info server: stopped".into(),
    ];
    assert_eq!(lines, expected);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_address_in_use_is_told() {
    let daemon = Daemon::start(|_| {}).await;
    let taken = daemon.running.local_addr();
    let data = tempfile::tempdir().unwrap();
    let mut config = Config { data_directory: data.path().into(), ..Config::default() };
    config.listener.presentation_address.networks =
        vec![NetworkAddress { host: "127.0.0.1".into(), port: taken.port() }];
    let error = Server::start(config).await.err().unwrap().to_string();
    assert!(error.starts_with(&format!("{taken} can't be listened on: ")), "{error}");
}

#[tokio::test]
async fn who_starts_again_finds_the_data_directory_let_go_of() {
    let daemon = Daemon::start(|_| {}).await;
    let log = daemon.running.shared.config.log_directory();
    let held = daemon.running.store.clone();
    let mut stopping = Box::pin(daemon.running.shutdown());
    // Nobody but a slow reader has it now.
    while Arc::strong_count(&held) > 1 {
        assert!((&mut stopping).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    for _ in 0..1000 {
        assert!((&mut stopping).now_or_never().is_none(), "it is still held");
        tokio::task::yield_now().await;
    }
    assert!(matches!(FileBackend::open_to_read(&log), Err(StorageError::InUse)));
    spawn_blocking(move || drop(held)).await.unwrap();
    stopping.await.unwrap();
    FileBackend::open_to_read(&log).unwrap();
}
