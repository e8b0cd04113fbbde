//! A disk that fails or is full, through the whole server: what MTAs and users are told, what the
//! operator is told, and what goes on.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use restante_ber::oid;
use restante_mhs::x413::{
    AttributeSelection, DeleteArgument, DeleteItems, FetchArgument, FetchItem, SequenceNumber,
};
use restante_osi::x880::Code;
use restante_storage::{File, MemoryBackend};

use super::*;

/// A disk in memory that can be told to fail.
#[derive(Clone, Default)]
struct Disk {
    memory: MemoryBackend,
    faults: Arc<Faults>,
}

#[derive(Default)]
struct Faults {
    syncs_fail: AtomicBool,
    writes_fail: AtomicBool,
    reads_fail: AtomicBool,
    full: AtomicBool,
}

fn failing(fault: &AtomicBool) -> io::Result<()> {
    if fault.load(Ordering::SeqCst) { Err(io::Error::other("input/output error")) } else { Ok(()) }
}

impl Disk {
    fn wrap(&self, file: Arc<dyn File>) -> Arc<dyn File> {
        Arc::new(DiskFile { file, faults: self.faults.clone() })
    }

    fn room(&self) -> io::Result<()> {
        match self.faults.full.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }
}

impl Backend for Disk {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        Ok(self.wrap(self.memory.open(name)?))
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn File>> {
        self.room()?;
        Ok(self.wrap(self.memory.create(name)?))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.memory.list()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.memory.remove(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.memory.rename(from, to)
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(if self.room().is_ok() { u64::MAX } else { 0 })
    }

    fn sync_directory(&self) -> io::Result<()> {
        failing(&self.faults.syncs_fail)?;
        self.memory.sync_directory()
    }
}

struct DiskFile {
    file: Arc<dyn File>,
    faults: Arc<Faults>,
}

impl File for DiskFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        failing(&self.faults.reads_fail)?;
        self.file.read_at(buffer, offset)
    }

    fn read_bytes(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        failing(&self.faults.reads_fail)?;
        self.file.read_bytes(offset, length)
    }

    fn is_cached(&self, offset: u64, length: u64) -> bool {
        self.file.is_cached(offset, length)
    }

    fn write_at(&self, octets: &[u8], offset: u64) -> io::Result<()> {
        failing(&self.faults.writes_fail)?;
        self.file.write_at(octets, offset)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        failing(&self.faults.syncs_fail)?;
        self.file.sync()
    }
}

/// delivery-control-violated: an MTA tries again.
const TRY_AGAIN: Code = Code::Local(1);
/// service-error, and its problem unavailable: `SET { [0] 1 }`.
const SERVICE_ERROR: Code = Code::Local(27);
const UNAVAILABLE: &[u8] = &[0x31, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x01];

async fn deliver(mta: &mut Mta, number: usize) -> Answer {
    let content = vec![b'x'; 100];
    mta.begin_delivery(delivery(number, content)).await.unwrap();
    mta.any_answer().await.unwrap().1
}

fn is_told_to_try_again(answer: &Answer) -> bool {
    matches!(answer, Answer::Error(TRY_AGAIN, _))
}

fn is_unavailable<T>(answer: Result<T, ClientError>) -> bool {
    let Err(ClientError::Operation(error)) = answer else { return false };
    error.code == SERVICE_ERROR && error.parameter.as_deref() == Some(UNAVAILABLE)
}

async fn delete(user_agent: &mut UserAgent, number: u32) -> Result<(), ClientError> {
    let items = DeleteItems::SequenceNumbers([SequenceNumber(number)].into_iter().collect());
    user_agent.delete(&DeleteArgument::from(items)).await.map(drop)
}

async fn fetch(user_agent: &mut UserAgent, number: u32) -> Result<(), ClientError> {
    let content = AttributeSelection::from(oid!(2, 6, 4, 3, 1));
    let argument = FetchArgument {
        requested_attributes: Some([content].into_iter().collect()),
        ..FetchArgument::from(FetchItem::Precise(SequenceNumber(number)))
    };
    user_agent.fetch(&argument).await.map(drop)
}

/// The events of storage, but for that of the start; waits until there are so many.
async fn storage_events(daemon: &Daemon, count: usize) -> Vec<String> {
    let told = async {
        loop {
            let lines = daemon.lines.read().into_iter();
            let ours = |line: &String| line.contains(" storage: ") && !line.contains(" opened: ");
            let events: Vec<_> = lines.filter(ours).collect();
            if events.len() >= count {
                return events;
            }
            tokio::task::yield_now().await;
        }
    };
    let timely = tokio::time::timeout(PATIENCE, told).await;
    timely.unwrap_or_else(|_| panic!("not {count} events: {:?}", daemon.lines.read()))
}

async fn stops_for_good(break_it: impl FnOnce(&Faults)) {
    let disk = Disk::default();
    let daemon = Daemon::start_on(Some(Arc::new(disk.clone())), |_| {}).await;
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    assert!(matches!(deliver(&mut mta, 1).await, Answer::Result(_)));
    break_it(&disk.faults);
    assert!(is_told_to_try_again(&deliver(&mut mta, 2).await));
    // The disk does as if nothing had been: nobody believes it.
    disk.faults.syncs_fail.store(false, Ordering::SeqCst);
    disk.faults.writes_fail.store(false, Ordering::SeqCst);
    assert!(is_told_to_try_again(&deliver(&mut mta, 3).await));
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    let summary = user_agent.summarize(&SummarizeArgument::default()).await.unwrap();
    assert_eq!(summary.count, 1, "what is there can be read");
    fetch(&mut user_agent, 1).await.unwrap();
    assert!(is_unavailable(delete(&mut user_agent, 1).await));
    let events = storage_events(&daemon, 1).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].contains("error storage: the store stopped accepting changes"));
    assert!(daemon.running.store.health().stopped);
    assert!(matches!(daemon.running.shutdown().await, Err(StartError::Storage(_))));
}

#[tokio::test]
async fn a_sync_that_failed_is_never_believed_again() {
    stops_for_good(|faults| faults.syncs_fail.store(true, Ordering::SeqCst)).await;
}

#[tokio::test]
async fn a_write_that_failed_is_never_believed_again() {
    stops_for_good(|faults| faults.writes_fail.store(true, Ordering::SeqCst)).await;
}

#[tokio::test]
async fn a_read_that_fails_costs_that_read() {
    let disk = Disk::default();
    let daemon = Daemon::start_on(Some(Arc::new(disk.clone())), |_| {}).await;
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    assert!(matches!(deliver(&mut mta, 1).await, Answer::Result(_)));
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    disk.faults.reads_fail.store(true, Ordering::SeqCst);
    assert!(is_unavailable(fetch(&mut user_agent, 1).await));
    assert!(matches!(deliver(&mut mta, 2).await, Answer::Result(_)));
    disk.faults.reads_fail.store(false, Ordering::SeqCst);
    fetch(&mut user_agent, 1).await.unwrap();
    assert!(!daemon.running.store.health().stopped);
}

#[tokio::test]
async fn a_full_disk_holds_deliveries_off_until_there_is_room() {
    let disk = Disk::default();
    let daemon = Daemon::start_on(Some(Arc::new(disk.clone())), |_| {}).await;
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    assert!(matches!(deliver(&mut mta, 1).await, Answer::Result(_)));
    disk.faults.full.store(true, Ordering::SeqCst);
    for number in 2..5 {
        assert!(is_told_to_try_again(&deliver(&mut mta, number).await));
    }
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    delete(&mut user_agent, 1).await.unwrap();
    let health = daemon.running.store.health();
    assert_eq!((health.space_low, health.refused_for_space), (true, 3));
    disk.faults.full.store(false, Ordering::SeqCst);
    assert!(matches!(deliver(&mut mta, 5).await, Answer::Result(_)));
    let summary = user_agent.summarize(&SummarizeArgument::default()).await.unwrap();
    assert_eq!(summary.count, 1);
    let events = storage_events(&daemon, 2).await;
    let [low, enough] = &events[..] else { panic!("{events:?}") };
    assert!(low.contains("warning storage: no message is taken in until there is room again"));
    assert!(enough.contains("there is room again: messages are taken in; 3 were refused"));
    assert!(!daemon.running.store.health().space_low);
}
