//! Streams as a whole: what arrives where, what becomes of one that is slow or fails, and of all
//! when they are configured in another way.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixDatagram,
    path::Path,
    sync::mpsc,
};

use rustix::{fs::CWD, fs::Mode, fs::mkfifoat};
use tracing::subscriber::DefaultGuard;

use super::*;
use crate::{
    config::{AuditChoice, EventChoice, FileStream, Least, NetworkStream, SystemStream},
    events::{subscriber, tests::Lines},
};

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// Events of this thread are kept here.
fn listen() -> (Lines, DefaultGuard) {
    let lines = Lines::default();
    let writer = lines.clone();
    let events = subscriber(Least::Info, move || writer.clone());
    (lines, tracing::subscriber::set_default(events))
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::yield_now();
    }
}

fn refused<'a>(reason: &'a &'a str) -> Fact<'a> {
    Fact::DeliveryRefused { mta: &"mta1", reason }
}

fn fetched(logging: &Logging, number: u32) {
    logging.audit(Keyword::Fetch, 3, |audit| audit.put("p7-seqnum", number));
}

fn system(to: &str) -> config::Logging {
    let audits = AuditChoice::default();
    let stream = SystemStream { to: to.parse().unwrap(), audits, ..SystemStream::default() };
    config::Logging { system: vec![stream], ..config::Logging::default() }
}

fn network(to: &str) -> config::Logging {
    let stream = NetworkStream { to: to.parse().unwrap(), ..NetworkStream::default() };
    config::Logging { network: vec![stream], ..config::Logging::default() }
}

fn audit_file(directory: &Path, required: bool) -> config::Logging {
    let format = config::Format { fields: Vec::new(), ..config::Format::default() };
    let stream = FileStream { name: "audit".into(), required, format, ..FileStream::default() };
    let directory = directory.to_owned();
    config::Logging { directory, file: vec![stream], ..config::Logging::default() }
}

/// A message without its time, host and process.
fn known(message: &str) -> String {
    let words: Vec<_> = message.splitn(6, ' ').collect();
    format!("{} {} {}", words[0], words[3], words[5])
}

#[test]
fn a_syslog_gets_messages_of_rfc_5424() {
    let (_lines, _told) = listen();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let to = format!("udp:{}", socket.local_addr().unwrap());
    let logging = Logging::open(&system(&to)).unwrap();
    let mut buffer = [0; 2048];
    let mut next = || {
        let length = socket.recv(&mut buffer).unwrap();
        known(std::str::from_utf8(&buffer[..length]).unwrap())
    };
    tell(refused(&"refused:\n<9>1 no"));
    let expected = "<28>1 restante delivery-refused - W-p3-delivery-refused mta1: delivery \
                    refused: refused:\\n<9>1 no";
    assert_eq!(next(), expected);
    fetched(&logging, 7);
    assert_eq!(next(), "<30>1 restante FETCH - FETCH 0-3 p7-seqnum=7");
}

#[test]
fn a_syslog_over_tcp_counts_octets_and_is_found_again() {
    let (lines, _told) = listen();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("tcp:{}", listener.local_addr().unwrap());
    let logging = Logging::open(&system(&to)).unwrap();
    let next = |stream: &mut BufReader<std::net::TcpStream>| {
        let mut count = Vec::new();
        stream.read_until(b' ', &mut count).unwrap();
        let count = String::from_utf8(count).unwrap().trim_end().parse::<usize>().unwrap();
        let mut message = vec![0; count];
        stream.read_exact(&mut message).unwrap();
        known(&String::from_utf8(message).unwrap())
    };
    fetched(&logging, 1);
    let mut first = BufReader::new(listener.accept().unwrap().0);
    assert_eq!(next(&mut first), "<30>1 restante FETCH - FETCH 0-3 p7-seqnum=1");
    drop(first);
    // What is sent into a connection that is gone may be lost; what comes after is not.
    listener.set_nonblocking(true).unwrap();
    let mut number = 1;
    let again = loop {
        number += 1;
        fetched(&logging, number);
        if let Ok((stream, _)) = listener.accept() {
            break stream;
        }
        std::thread::yield_now();
    };
    again.set_nonblocking(false).unwrap();
    assert!(next(&mut BufReader::new(again)).starts_with("<30>1 restante FETCH - FETCH 0-3 "));
    assert_eq!(lines.read(), Vec::<String>::new());
}

#[test]
fn the_journal_gets_fields() {
    let (_lines, _told) = listen();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let logging = Logging::open(&system(&format!("journal:{}", path.display()))).unwrap();
    fetched(&logging, 7);
    let mut buffer = [0; 2048];
    let length = socket.recv(&mut buffer).unwrap();
    let expected = "MESSAGE=FETCH 0-3 p7-seqnum=7\nPRIORITY=6\nSYSLOG_FACILITY=3\n\
                    SYSLOG_IDENTIFIER=restante\n";
    assert_eq!(std::str::from_utf8(&buffer[..length]).unwrap(), expected);
}

/// A line of JSON without what differs each time.
fn object(line: &str) -> serde_json::Value {
    let mut object: serde_json::Value = serde_json::from_str(line).unwrap();
    for key in ["time", "process", "thread"] {
        assert!(object.as_object_mut().unwrap().remove(key).is_some(), "{line}");
    }
    object
}

#[test]
fn a_reader_gets_an_object_a_line() {
    let (_lines, _told) = listen();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("tcp:{}", listener.local_addr().unwrap());
    let logging = Logging::open(&network(&to)).unwrap();
    fetched(&logging, 7);
    tell(refused(&"a\nb"));
    let mut lines = BufReader::new(listener.accept().unwrap().0).lines().map(Result::unwrap);
    let audit = serde_json::json!({
        "program": "restante", "audit": "FETCH", "association": "0-3",
        "pairs": { "p7-seqnum": "7" },
    });
    assert_eq!(object(&lines.next().unwrap()), audit);
    let event = serde_json::json!({
        "program": "restante", "severity": "warning", "facility": "p3",
        "identifier": "delivery-refused", "text": "mta1: delivery refused: a\nb",
    });
    assert_eq!(object(&lines.next().unwrap()), event);
}

#[test]
fn a_pipe_without_a_reader_loses_records_and_is_told_of() {
    let (lines, _told) = listen();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pipe");
    mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR).unwrap();
    let mut config = network(&format!("pipe:{}", path.display()));
    config.network[0].events.severities.clear();
    let logging = Logging::open(&config).unwrap();
    fetched(&logging, 1);
    let told = |text: &str| lines.read().iter().any(|line| line.contains(text));
    eventually("it is told", || told("log stream network can't be written: "));
    eventually("and what is lost", || told("log stream network loses records, 1 so far: "));
    let reader = std::thread::spawn(move || BufReader::new(fs::File::open(path).unwrap()));
    let mut number = 1;
    while !reader.is_finished() {
        number += 1;
        fetched(&logging, number);
        std::thread::yield_now();
    }
    let mut line = String::new();
    let mut reader = reader.join().unwrap();
    reader.read_line(&mut line).unwrap();
    assert_eq!(object(&line)["audit"], "FETCH");
    // It reads on, until the stream ends.
    std::thread::spawn(move || io::copy(&mut reader, &mut io::sink()));
    eventually("that it is written", || told("log stream network is written again, "));
}

/// A stream that takes what it is given when it is let.
struct Slow(mpsc::Receiver<io::Result<()>>, mpsc::Sender<usize>);

impl Sink for Slow {
    fn write(&mut self, records: &[Arc<Record>]) -> stream::Written {
        // Where the test has ended all is taken.
        self.0.recv().unwrap_or(Ok(())).map_err(|error| (0, error))?;
        let _ = self.1.send(records.len());
        Ok(())
    }
}

fn slow(required: bool) -> (Stream, mpsc::Sender<io::Result<()>>, mpsc::Receiver<usize>) {
    let (let_go, wait) = mpsc::channel();
    let (write, written) = mpsc::channel();
    let choice = (&EventChoice::default(), &AuditChoice::default());
    let stream = Stream::start("slow", choice, required, Slow(wait, write)).unwrap();
    (stream, let_go, written)
}

fn offer(stream: &Stream, count: usize) {
    for number in 0..count {
        let audit = Audit::new(Keyword::Unbind, number.to_string());
        stream.offer(&Arc::new(Record::audit(audit)));
    }
}

#[test]
fn a_slow_stream_delays_nobody_and_says_what_it_lost() {
    let (lines, _told) = listen();
    let (stream, let_go, written) = slow(false);
    // Nothing is taken meanwhile.
    offer(&stream, 20_000);
    let text = "warning log: log stream slow loses records, 1 so far: it is too slow";
    assert_eq!(lines.read(), [text]);
    for _ in 0..3 {
        let_go.send(Ok(())).unwrap();
    }
    drop(let_go);
    stream.close();
    stream.wait(Instant::now() + PATIENCE);
    let taken: usize = written.iter().sum();
    assert!((8192..=2 * 8192).contains(&taken), "{taken}");
}

#[test]
fn what_is_not_written_when_the_server_stops_is_told() {
    let (lines, _told) = listen();
    let (stream, let_go, written) = slow(true);
    offer(&stream, 1);
    let_go.send(Ok(())).unwrap();
    assert_eq!(written.recv().unwrap(), 1);
    stream.close();
    stream.wait(Instant::now() + PATIENCE);
    offer(&stream, 1);
    let text = "warning log: log stream slow loses records, 1 so far: the server stops";
    assert_eq!((lines.read(), stream.lost()), (vec![text.to_owned()], 1));
    // Another one stands still with the first of its records until nobody waits any more.
    let (stream, let_go, written) = slow(false);
    offer(&stream, 8192);
    stream.close();
    stream.wait(Instant::now());
    offer(&stream, 2);
    drop(let_go);
    let taken: usize = written.iter().sum();
    assert_eq!(u64::try_from(taken).unwrap() + stream.lost(), 8194);
}

#[test]
fn a_required_stream_loses_nothing_and_holds_what_would_make_records() {
    let (lines, _told) = listen();
    let (stream, let_go, written) = slow(true);
    offer(&stream, 1);
    let_go.send(Err(io::ErrorKind::StorageFull.into())).unwrap();
    eventually("it is held", || stream.is_held());
    offer(&stream, 20_000);
    drop(let_go);
    eventually("it is held no longer", || !stream.is_held());
    stream.close();
    stream.wait(Instant::now() + PATIENCE);
    drop(stream);
    assert_eq!(written.iter().sum::<usize>(), 20_001);
    let expected = [
        "error log: log stream slow can't be written: no storage space",
        "info log: log stream slow is written again, 0 records were lost",
    ];
    assert_eq!(lines.read(), expected);
}

#[test]
fn other_streams_take_the_place_of_those_that_are_not_the_same() {
    let (_lines, _told) = listen();
    let [first, second] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let logging = Logging::open(&audit_file(first.path(), false)).unwrap();
    fetched(&logging, 1);
    let before = logging.streams();
    logging.reload(&audit_file(first.path(), false)).unwrap();
    assert!(Arc::ptr_eq(&before.all[0], &logging.streams().all[0]), "it is the same");
    let refused = logging.reload(&audit_file(Path::new("/proc/none"), false));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.starts_with("log stream audit: /proc/none: "), "{refused}");
    fetched(&logging, 2);
    drop(before);
    logging.reload(&audit_file(second.path(), false)).unwrap();
    fetched(&logging, 3);
    logging.close();
    let read = |directory: &Path| fs::read_to_string(directory.join("audit.log")).unwrap();
    assert_eq!(read(second.path()), "FETCH 0-3 p7-seqnum=3\n");
    let expected = "FETCH 0-3 p7-seqnum=1\nFETCH 0-3 p7-seqnum=2\n";
    eventually("what waited is written", || read(first.path()) == expected);
    logging.reload(&config::Logging::default()).unwrap();
    assert!(!logging.audits());
}

#[test]
fn a_stream_takes_the_messages_and_records_that_it_is_to_and_says_them_in_its_language() {
    let (lines, _told) = listen();
    let directory = tempfile::tempdir().unwrap();
    let catalogue = directory.path().join("de.toml");
    fs::write(&catalogue, "delivery-refused = \"{reason} ({mta})\"\nnone = \"\"\n").unwrap();
    let choice = |text: &str| {
        let text = format!("[[logging.file]]\n{text}\n[logging.file.format]\n");
        let fields = "fields = [\"severity\", \"facility\", \"identifier\", \"text\"]\n";
        config::Config::parse(&(text + fields), "c.toml").unwrap().logging.file.remove(0)
    };
    let one = choice(
        "name = \"one\"\nevents = { severities = [\"warning\"], first_of_set = true, \
         facilities = { server = [] }, messages = { listed = true, bind-refused = false } }\n\
         audits = { log = \"chosen\", chosen = { FETCH = [\"p7-seqnum\"] } }",
    );
    let other = choice("name = \"other\"\naudits = { log = \"none\" }");
    let directory = directory.path().to_owned();
    let file = vec![one, other];
    let config = config::Logging { directory, catalogue, file, ..config::Logging::default() };
    let logging = Logging::open(&config).unwrap();
    tell(Fact::Stopping);
    tell(refused(&"no room"));
    tell(Fact::BindRefused { why: &"no" });
    tell(Fact::Listed { mailbox: &"a", entries: &3 });
    tell(Fact::Fetched { mailbox: &"a", number: &3 });
    logging.audit(Keyword::Fetch, 3, |audit| {
        audit.put("p7-seqnum", 4);
        audit.put("mailbox", "a");
    });
    logging.audit(Keyword::List, 3, |audit| audit.put("mailbox", "a"));
    logging.close();
    let read = |name: &str| fs::read_to_string(config.directory.join(name)).unwrap();
    let of_catalogue = "W-log-catalogue-differs ";
    let (first, rest) = read("one.log").split_once('\n').map(owned).unwrap();
    assert!(first.starts_with(of_catalogue), "{first}");
    let expected = "W-p3-delivery-refused no room (mta1)\nD-p7-listed a: 3 entries listed\n\
                    FETCH 0-3 p7-seqnum=4\n";
    assert_eq!(rest, expected);
    let other = read("other.log");
    let has = |text: &str| other.lines().any(|line| line == text);
    assert!(has("W-log-catalogue-misses no text for bound"), "{other}");
    assert!(has("W-log-catalogue-unknown a text for none, which there is not"), "{other}");
    assert!(has("I-server-stopping stopping") && has("W-osi-bind-refused bind refused: no"));
    assert!(!other.contains("entries listed"), "{other}");
    assert!(lines.read().contains(&"warning p3: no room (mta1)".to_owned()));
}

fn owned((first, rest): (&str, &str)) -> (String, String) {
    (first.to_owned(), rest.to_owned())
}

#[test]
fn a_catalogue_that_is_none_leaves_all_as_it_was() {
    let (_lines, _told) = listen();
    let directory = tempfile::tempdir().unwrap();
    let catalogue = directory.path().join("m.toml");
    fs::write(&catalogue, "stopped = \"{why}\"\n").unwrap();
    let logging = Logging::open(&audit_file(directory.path(), false)).unwrap();
    let config = config::Logging { catalogue, ..audit_file(directory.path(), false) };
    let error = logging.reload(&config).unwrap_err().to_string();
    assert!(error.contains("m.toml:1:11: {why} in the text of stopped"), "{error}");
    fetched(&logging, 1);
    logging.close();
    let read = fs::read_to_string(directory.path().join("audit.log")).unwrap();
    assert_eq!(read, "FETCH 0-3 p7-seqnum=1\n");
}
