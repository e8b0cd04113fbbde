//! Peers that break the rules of each layer: each gets the answer that the layer prescribes or a
//! closed connection, there is one event line, and the store still serves the others.

use crate::store::{directory, runtime, start};
use restante_ber::{Encode, Oid, Rope, oid};
use restante_client::p7::MsBind;
use restante_osi::{
    ApplicationContext, Association, BindRequest, InitiatorOptions, MemoryBuffers,
};
use restante_testkit::link::{End, application_context};
use restante_testkit::peers;
use restante_testkit::process::{ALICE, PASSWORD, Process};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A connection on which a test says what it likes.
struct Raw {
    stream: TcpStream,
    peer: String,
}

impl Raw {
    fn connect(process: &Process) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", process.port())).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out can be set");
        let peer = stream.local_addr().expect("a connected socket").to_string();
        Self { stream, peer }
    }

    /// Connects, and has the transport connection accepted.
    fn transport(process: &Process) -> Self {
        let mut raw = Self::connect(process);
        raw.send(&connect_request(b"3001"));
        let answer = raw.tpkt().expect("an answer to a CR");
        assert_eq!(answer[5], 0xd0, "no CC: {answer:02x?}");
        raw
    }

    /// Binds as Alice; what comes after that is the test's.
    fn bound(process: &Process) -> Self {
        let mut raw = Self::connect(process);
        let mut end = End::new(initiator(&MsBind::new(peers::name(ALICE), PASSWORD).request()));
        let mut octets = [0; 4096];
        loop {
            end.drain();
            raw.send(&std::mem::take(&mut end.outgoing));
            if end.events.pop_front().is_some() {
                return raw;
            }
            let length = raw.stream.read(&mut octets).expect("the store answers a bind");
            end.association.handle_input(&octets[..length], Instant::now());
        }
    }

    fn send(&mut self, octets: &[u8]) {
        // The store may close as soon as it has seen enough.
        let _ = self.stream.write_all(octets);
    }

    /// Sends a TSDU in one TPDU, or in as many as it needs.
    fn send_tsdu(&mut self, tsdu: &[u8]) {
        let parts = tsdu.chunks(65_000);
        let last = parts.len() - 1;
        for (at, part) in parts.enumerate() {
            let eot = if at == last { 0x80 } else { 0 };
            self.send(&tpkt(&[&[2, 0xf0, eot][..], part].concat()));
        }
    }

    /// The next TPKT, `None` where the store closed the connection.
    fn tpkt(&mut self) -> Option<Vec<u8>> {
        let mut octets = vec![0; 4];
        self.stream.read_exact(&mut octets).ok()?;
        octets.resize(usize::from(u16::from_be_bytes([octets[2], octets[3]])), 0);
        self.stream.read_exact(&mut octets[4..]).ok()?;
        Some(octets)
    }

    /// All that comes until the store closes the connection.
    fn rest(&mut self) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.tpkt()).collect()
    }
}

fn initiator(bind: &BindRequest) -> Association {
    let options = InitiatorOptions::new("\"3001\"/".parse().expect("a presentation address"));
    let buffers = Box::new(MemoryBuffers::new(1 << 20));
    Association::initiator(options, bind.clone(), buffers, Instant::now())
}

fn tpkt(tpdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tpdu.len() + 4).expect("a TPDU fits into a TPKT");
    [&[3, 0][..], &length.to_be_bytes(), tpdu].concat()
}

/// CR: destination 0, source 1, class 0, called TSAP-ID.
fn connect_request(selector: &[u8]) -> Vec<u8> {
    let length = u8::try_from(selector.len()).expect("a short selector");
    let fixed = [0xe0, 0, 0, 0, 1, 0, 0xc2, length];
    tpkt(&[&[8 + length][..], &fixed, selector].concat())
}

/// The store answers somebody else, and has said one thing of this peer.
fn assert_unharmed(process: &Process, peer: &str) {
    process.event(&format!("{peer}:"));
    let lines = process.events();
    let said: Vec<_> = lines.iter().filter(|line| line.contains(&format!("{peer}:"))).collect();
    assert_eq!(said.len(), 1, "{said:#?}");
    let list = async {
        let mut alice = peers::alice(peers::call(&process.address())).await?;
        peers::list(&mut alice).await?;
        alice.unbind().await
    };
    runtime().block_on(list).expect("the store serves others");
}

#[test]
fn broken_transport_is_answered_by_its_layer() {
    let directory = directory("");
    let process = start(directory.path());
    // What is sent, and the code of the TPDU that answers; none: closed without a word.
    let cases: &[(&str, Vec<u8>, Option<u8>)] = &[
        ("not TPKT at all", b"GET / HTTP/1.1\r\n\r\n".to_vec(), None),
        ("a TPKT of length 6", vec![3, 0, 0, 6, 1, 0xe0], None),
        ("a TPKT of length 0", vec![3, 0, 0, 0, 1, 0xe0], None),
        ("an unknown transport selector", connect_request(b"nobody"), Some(0x80)),
        ("a TPDU of unknown code", tpkt(&[2, 0xa0, 0]), Some(0x70)),
        ("a CR that is cut off", tpkt(&[3, 0xe0, 0, 0]), Some(0x70)),
        ("data before a connection", tpkt(&[2, 0xf0, 0x80, 1]), Some(0x70)),
    ];
    for (what, octets, answer) in cases {
        let mut raw = Raw::connect(&process);
        raw.send(octets);
        let codes: Vec<u8> = raw.rest().iter().map(|answer| answer[5] & 0xf0).collect();
        assert_eq!(codes, Vec::from_iter(*answer), "{what}");
        assert_unharmed(&process, &raw.peer);
    }
    process.terminate();
}

#[test]
fn broken_upper_layers_end_their_association_only() {
    let directory = directory("");
    let process = start(directory.path());
    // CN with one parameter group that announces more than there is; CN whose user data are no
    // CP; data before CN.
    let garbage: &[(&str, &[u8])] = &[
        ("a session PDU of unknown code", &[0xee, 2, 1, 2]),
        ("a CN that is cut off", &[13, 40, 5, 9]),
        ("a CN without a CP", &[13, 9, 5, 3, 22, 1, 2, 193, 2, 0xde, 0xad]),
        ("data before a CN", &[1, 0, 1, 0, 0x61, 0]),
    ];
    for (what, tsdu) in garbage {
        let mut raw = Raw::transport(&process);
        raw.send_tsdu(tsdu);
        let answers = raw.rest();
        assert!(answers.len() <= 1, "{what}: {answers:02x?}");
        assert_unharmed(&process, &raw.peer);
    }
    process.terminate();
}

#[test]
fn broken_data_of_a_bound_peer_ends_its_association_only() {
    let directory = directory("");
    let process = start(directory.path());
    let nested: Vec<u8> = [0x30, 0x80].repeat(100_000);
    let cases: &[(&str, Vec<u8>)] = &[
        ("a BER length of 4 GiB", vec![0x61, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30]),
        ("nested constructed octets", nested),
        ("presentation data that are none", b"\x04\x03abc".to_vec()),
        ("a context that was not defined", {
            vec![0x61, 0x0b, 0x30, 0x09, 0x02, 0x01, 0x63, 0xa0, 0x04, 0xa1, 0x02, 0x05, 0x00]
        }),
    ];
    for (what, ppdu) in cases {
        let mut raw = Raw::bound(&process);
        raw.send_tsdu(&[&[1, 0, 1, 0][..], ppdu].concat());
        // Session AB: SPDU code 25, with an ARP in it.
        let answer = raw.tpkt().unwrap_or_else(|| panic!("{what}: closed without a word"));
        assert_eq!(answer[7], 25, "{what}: {answer:02x?}");
        // The store waits for an AA (code 26), or for the end of the connection.
        raw.send_tsdu(&[26, 0]);
        assert!(raw.rest().is_empty(), "{what}: more after the abort");
        let said = process.event(&raw.peer);
        assert!(!said.is_empty());
    }
    process.terminate();
}

#[test]
fn silent_peers_are_let_go() {
    let directory = directory("[limits]\nbind_time_s = 1\n");
    let process = start(directory.path());
    let mut announced = Raw::connect(&process);
    announced.send(&[3, 0, 0xff, 0xff, 0xfe]);
    let mut half_way = Raw::transport(&process);
    let mut nothing = Raw::connect(&process);
    for raw in [&mut announced, &mut half_way, &mut nothing] {
        raw.rest();
    }
    for raw in [announced, half_way, nothing] {
        assert_unharmed(&process, &raw.peer);
    }
    process.terminate();
}

/// What a bind comes to, in words.
fn bind_failure(process: &Process, bind: BindRequest) -> String {
    let open = restante_client::Connection::open(peers::call(&process.address()), bind);
    match runtime().block_on(open) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn binds_that_can_not_be_are_refused() {
    let directory = directory("");
    let process = start(directory.path());
    let wrong_password = MsBind::new(peers::name(ALICE), "wrong").request();
    let nobody = "/CN=Nobody/O=Nowhere/PRMD=NONE/ADMD= /C=GB/";
    let unknown_user = MsBind::new(peers::name(nobody), PASSWORD).request();
    for bind in [wrong_password, unknown_user.clone()] {
        let failure = bind_failure(&process, bind);
        assert!(failure.contains("refused the bind"), "{failure}");
    }
    let in_context = |name: Oid| BindRequest {
        context: ApplicationContext { name, ..application_context() },
        ..unknown_user.clone()
    };
    // One that nobody knows, and one over RTSE without what RTSE needs.
    for name in [oid!(2, 5, 3, 1), oid!(2, 6, 0, 1, 6)] {
        let failure = bind_failure(&process, in_context(name));
        assert!(failure.contains("application-context"), "{failure}");
    }
    let no_argument = BindRequest { argument: None, ..unknown_user.clone() };
    let wrong_argument = BindRequest { argument: Some(Rope::from(true.to_ber())), ..unknown_user };
    for bind in [no_argument, wrong_argument] {
        let failure = bind_failure(&process, bind);
        assert!(failure.contains("refused"), "{failure}");
    }
    process.terminate();
}
