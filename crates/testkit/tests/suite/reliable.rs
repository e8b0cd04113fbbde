//! RTSE through the real process, over connections that are cut again and again: what was
//! interrupted is resumed, and every message is there once.

use crate::store::{PROGRAM, directory, runtime, start};
use restante_ber::{Decode, Encode, Rope, UtcTime};
use restante_client::p3::MtsBind;
use restante_client::p7::MsBind;
use restante_client::{Asking, CallOptions, ListenOptions, Mta, UserAgent, compose};
use restante_mhs::x411::{MessageSubmissionArgument, MessageSubmissionResult};
use restante_osi::{RecoveryLimits, RtseOptions, RtseRecovery};
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, MTA, PASSWORD, Process};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const MESSAGE_OCTETS: usize = 10 << 20;
/// How far the checkpoints are apart that both ends offer.
const CHECKPOINT_OCTETS: usize = 64 << 10;
/// As many as there are in the message.
const CHECKPOINTS: usize = MESSAGE_OCTETS / CHECKPOINT_OCTETS;
/// Enough for what is between a bind and a checkpoint that is confirmed, and too little for two:
/// each checkpoint is cut behind.
const BEHIND_EACH: usize = 80_000;
/// Behind every ninth.
const BEHIND_SOME: usize = 600_000;

/// Which way octets are counted.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Forth,
    Back,
}

/// Lies between two peers, and cuts each connection after so many octets one way, the next one
/// somewhat later, so that all places of a checkpoint are cut at.
struct Cutter {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Cutter {
    async fn before(port: u16, way: Way, after: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.expect("a connection");
                let number = count.fetch_add(1, Ordering::Relaxed);
                let far = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
                let limit = after + after / 400 * number;
                tokio::spawn(cut(near, far, way, limit));
            }
        });
        Self { port: own, connections }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn cut(mut near: TcpStream, mut far: TcpStream, way: Way, limit: usize) {
    let (mut forth, mut back) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let mut left = limit;
    while left > 0 {
        let (read, to, octets, counted) = tokio::select! {
            read = near.read(&mut forth) => (read, &mut far, &forth, way == Way::Forth),
            read = far.read(&mut back) => (read, &mut near, &back, way == Way::Back),
        };
        let Ok(length @ 1..) = read else { return };
        let length = if counted { length.min(left) } else { length };
        if to.write_all(&octets[..length]).await.is_err() {
            return;
        }
        left -= if counted { length } else { 0 };
    }
}

fn recovery(name: &str) -> RtseOptions {
    let limits = RecoveryLimits {
        associations: 4,
        associations_per_peer: 4,
        octets: usize::MAX,
        keep_time: Duration::from_secs(600),
    };
    let recovery = RtseRecovery::new(name, UtcTime(1_790_000_000), limits);
    RtseOptions { recovery, ..RtseOptions::default() }
}

fn call(port: u16) -> CallOptions {
    let mut call = peers::call(&format!("\"3001\"/Internet=127.0.0.1+{port}"));
    call.rtse = recovery("peer");
    call
}

/// A message of so many octets and more.
fn large() -> Rope {
    let text: String = (0..MESSAGE_OCTETS / 32).map(|line| format!("{line:030}\r\n")).collect();
    let carol = name("/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/");
    compose::content(compose::ipm(
        "large",
        &carol,
        &[name(ALICE)],
        "large",
        [compose::text(&text)],
    ))
}

async fn deliver(port: u16, content: &Rope) {
    let mut bind = MtsBind::new(MTA, PASSWORD);
    bind.reliable = true;
    let (mut mta, _) = Mta::bind(call(port), &bind).await.expect("a bind");
    mta.deliver(peers::argument("large", content.clone())).await.expect("a delivery");
    mta.unbind().await.expect("an unbind");
}

async fn alice(port: u16) -> UserAgent {
    let mut bind = MsBind::new(name(ALICE), PASSWORD);
    bind.reliable = true;
    UserAgent::bind(call(port), &bind).await.expect("a bind").0
}

#[test]
fn what_cut_connections_interrupt_is_resumed_and_there_once() {
    let directory = directory("");
    let process = start(directory.path());
    runtime().block_on(async {
        let content = large();
        let forth = Cutter::before(process.port(), Way::Forth, BEHIND_EACH).await;
        deliver(forth.port, &content).await;
        assert!(forth.connections() >= CHECKPOINTS, "cut {} times", forth.connections());
        let back = Cutter::before(process.port(), Way::Back, BEHIND_EACH).await;
        let mut user = alice(back.port).await;
        assert_eq!(peers::list(&mut user).await.expect("a list"), [(1, "large".to_owned())]);
        let fetched = peers::content(&mut user, 1).await.expect("a content");
        assert!(fetched == content.to_bytes(), "another content");
        assert!(back.connections() >= CHECKPOINTS, "cut {} times", back.connections());
    });
}

/// Lies between an MTA and the store. Once the store has asked for the turn, the MTA's octets are
/// kept back until they may go on.
async fn keep_turn(
    listener: TcpListener,
    port: u16,
    asked: oneshot::Sender<()>,
    may_go: oneshot::Receiver<()>,
) {
    /// Where the session's SPDU begins: behind TPKT and DT.
    const SPDU: usize = 7;
    const PLEASE_TOKENS: u8 = 2;
    let (near, _) = listener.accept().await.expect("a connection");
    let far = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) =
        (near.into_split(), far.into_split());
    let is_held = AtomicUsize::new(0);
    let back = async {
        let mut asked = Some(asked);
        let mut header = [0; 4];
        while far_in.read_exact(&mut header).await.is_ok() {
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let mut packet = header.to_vec();
            packet.resize(length, 0);
            far_in.read_exact(&mut packet[4..]).await.expect("a whole TPKT");
            if packet.get(SPDU) == Some(&PLEASE_TOKENS)
                && let Some(asked) = asked.take()
            {
                is_held.store(1, Ordering::SeqCst);
                asked.send(()).expect("it is waited for");
            }
            near_out.write_all(&packet).await.expect("it is taken");
        }
    };
    let forth = async {
        let mut may_go = Some(may_go);
        let mut octets = vec![0; 16 << 10];
        while let Ok(length @ 1..) = near_in.read(&mut octets).await {
            if is_held.load(Ordering::SeqCst) == 1
                && let Some(may_go) = may_go.take()
            {
                may_go.await.expect("it is said");
            }
            if far_out.write_all(&octets[..length]).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(back, forth);
}

#[test]
fn a_store_that_stops_gives_the_answers_that_wait_for_the_turn() {
    let directory = directory("");
    let process = start(directory.path());
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (asked, is_asked) = oneshot::channel();
        let (go, may_go) = oneshot::channel();
        tokio::spawn(keep_turn(listener, process.port(), asked, may_go));
        let delivered = tokio::spawn(async move {
            let bind = MtsBind { reliable: true, ..MtsBind::new(MTA, PASSWORD) };
            let (mut mta, _) = Mta::bind(call(port), &bind).await.expect("a bind");
            mta.deliver(peers::argument("last", peers::short_message("last"))).await
        });
        is_asked.await.expect("the store has an answer");
        process.ask_to_end();
        // Until nobody is admitted any more.
        while TcpStream::connect(("127.0.0.1", process.port())).await.is_ok() {}
        go.send(()).expect("it is waited for");
        delivered.await.expect("no panic").expect("the delivery is acknowledged");
    });
    process.ended();
}

/// The next association of the store's, accepted.
async fn store(listener: &TcpListener, rtse: &RtseOptions) -> Mta {
    let (stream, _) = listener.accept().await.expect("a connection");
    let options = ListenOptions { rtse: rtse.clone(), ..ListenOptions::default() };
    let asking = Asking::over(stream, options).await.expect("a bind");
    asking.accept("mta1", "").await.expect("an association")
}

#[test]
fn what_the_store_submits_is_resumed_too() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let cutter = Cutter::before(port, Way::Forth, BEHIND_SOME).await;
        let directory = directory(&format!(
            "[mta]\npresentation_address = \"Internet=127.0.0.1+{}\"\n\
             application_context = \"mts-reliable-access-94\"\n",
            cutter.port
        ));
        let process = start(directory.path());
        let argument = compose::submission(name(ALICE), [name(BOB)], large());
        let submitted = submit(&process, argument.clone());
        let rtse = recovery("mta");
        let (content, taken) = tokio::select! {
            taken = take(&listener, &rtse) => taken,
            Err(failed) = submitted => panic!("{failed:?}: {:?}", process.events()),
        };
        assert!(content == argument.content.to_bytes(), "another content");
        assert!(cutter.connections() > 5, "cut {} times", cutter.connections());
        assert_eq!(taken, 1);
    });
}

/// The program's own MTA, over connections that are cut: it has the message once, whole.
#[test]
fn what_the_store_submits_to_the_program_s_mta_is_resumed_too() {
    let directory = directory("");
    let arguments = ["mta", "serve", "--mta", MTA, "--listen", "Internet=127.0.0.1+0"];
    let mut mta = Command::new(PROGRAM)
        .args(arguments)
        .args(["--save", "saved", "--count", "1"])
        .current_dir(directory.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(mta.stdout.take().expect("it is a pipe")).lines();
    let line = lines.next().expect("a line").expect("text");
    let port = line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let argument = compose::submission(name(ALICE), [name(BOB)], large());
    runtime().block_on(async {
        let cutter = Cutter::before(port, Way::Forth, BEHIND_SOME).await;
        let path = directory.path().join("c.toml");
        let text = std::fs::read_to_string(&path).expect("a file");
        let more = format!(
            "[mta]\npresentation_address = \"Internet=127.0.0.1+{}\"\n\
             application_context = \"mts-reliable-access-88\"\n",
            cutter.port
        );
        std::fs::write(&path, text + &more).expect("a file can be written");
        let process = start(directory.path());
        submit(&process, argument.clone()).await.expect("it is submitted");
        assert!(cutter.connections() > 5, "cut {} times", cutter.connections());
        process.terminate();
    });
    let said: Vec<_> = lines.map(|line| line.expect("text")).collect();
    assert!(mta.wait().expect("it ends").success(), "{said:?}");
    assert_eq!(said.iter().filter(|line| line.starts_with("message [")).count(), 1, "{said:?}");
    let saved = std::fs::read_dir(directory.path().join("saved")).expect("a directory");
    let saved: Vec<_> = saved.map(|file| file.expect("a file").path()).collect();
    let content = std::fs::read(&saved[0]).expect("a content");
    assert!(saved.len() == 1 && content == argument.content.to_bytes(), "another content");
}

/// Alice submits; her user agent is told of one message.
fn submit(process: &Process, argument: MessageSubmissionArgument) -> tokio::task::JoinHandle<()> {
    let address = process.address();
    tokio::spawn(async move {
        let mut user = peers::alice(peers::call(&address)).await.expect("a bind");
        let submitted = user.submit(&argument.into()).await;
        submitted.expect("a submission");
    })
}

/// Takes submissions over however many connections; the first one's content, and how many came.
async fn take(listener: &TcpListener, rtse: &RtseOptions) -> (bytes::Bytes, usize) {
    loop {
        let mut store = store(listener, rtse).await;
        let Ok(indication) = store.next().await else { continue };
        let argument = indication.argument.expect("an argument");
        let argument = MessageSubmissionArgument::from_bytes(&argument).expect("a message");
        let result = MessageSubmissionResult {
            message_submission_identifier: compose::mts_identifier(&name(ALICE).address, "1"),
            message_submission_time: UtcTime(1_790_000_000),
            content_identifier: None,
            extensions: Default::default(),
        };
        store.result(indication.invoke_id, result.to_rope()).await.expect("the answer goes");
        // Nothing more comes before the store unbinds.
        let mut taken = 1;
        while let Ok(_again) = store.next().await {
            taken += 1;
        }
        return (argument.content.to_bytes(), taken);
    }
}
