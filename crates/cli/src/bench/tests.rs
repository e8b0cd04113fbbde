//! Each workload against a store with real sockets: it does what it says, and counts it.

use restante_directory::Accounts;
use restante_server::{Running, Server, config::Config};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use load::Measured;

const MTA: &str = "mta1";
const PASSWORD: &str = "secret";
const USERS: [&str; 2] = ["/CN=Alice/O=Example/C=GB/", "/CN=Bob/O=Example/C=GB/"];

struct Store {
    runtime: Runtime,
    running: Running,
    directory: TempDir,
}

impl Store {
    fn start() -> Self {
        let directory = TempDir::new().unwrap();
        let mut config = Config { data_directory: directory.path().into(), ..Config::default() };
        config.listener.presentation_address.networks[0].port = 0;
        config.management.enabled = false;
        let accounts = Accounts::under(&config.data_directory);
        USERS.iter().for_each(|user| drop(accounts.add_user(user, PASSWORD.as_bytes()).unwrap()));
        accounts.add_mta_peer(MTA, PASSWORD.as_bytes()).unwrap();
        let runtime = Runtime::new().unwrap();
        let running = runtime.block_on(Server::start(config)).unwrap();
        Self { runtime, running, directory }
    }

    /// Two rounds of so many operations on mailboxes that have so many entries.
    fn measure(
        &self,
        workload: Workload,
        associations: usize,
        entries: usize,
        operations: u64,
    ) -> Measured {
        let port = self.running.local_addr().port();
        let template = |user: &str| {
            let user: ORAddress = user.parse().unwrap();
            (
                user.clone(),
                Template::new(
                    &user,
                    2048,
                    &Uuid::new_v4().simple().to_string()[..16],
                    time::now(),
                ),
            )
        };
        let task = Task {
            workload,
            address: format!("\"3001\"/Internet=127.0.0.1+{port}").parse().unwrap(),
            mta: Some(MtsBind::new(MTA, PASSWORD)),
            password: PASSWORD.to_owned(),
            users: USERS.map(template).into(),
            associations,
            entries,
            new: 3,
            filter: crate::ua::selection::filter("subject ~ \"0000004\"").unwrap(),
        };
        let end = |operations| End { operations, time: Duration::from_secs(60) };
        self.runtime.block_on(load::run(task, end(1), end(operations), 2)).unwrap()
    }

    /// How many entries there are, in all mailboxes.
    fn entries(&self) -> usize {
        let measured = self.measure(Workload::List, USERS.len(), 0, 1);
        measured.first.unwrap().found * USERS.len()
    }
}

#[test]
fn each_workload_does_what_it_says() {
    let store = Store::start();
    let operations = |measured: &Measured| {
        measured.rounds.iter().map(|round| round.latencies.total()).collect::<Vec<_>>()
    };
    let filtered = store.measure(Workload::Filter, 2, 8, 5);
    assert_eq!((operations(&filtered), filtered.first.unwrap().found), (vec![5, 5], 1));
    assert_eq!(store.entries(), 16, "the mailboxes were filled");
    let fetched = store.measure(Workload::Fetch, 3, 8, 10);
    assert_eq!((operations(&fetched), fetched.first.is_none()), (vec![10, 10], true));
    assert_eq!(operations(&store.measure(Workload::Bind, 2, 0, 4)), [4, 4]);
    let new = store.measure(Workload::ListNew, 1, 0, 2);
    assert_eq!((operations(&new), new.first.unwrap().found), (vec![2, 2], 0));
    let delivered = store.measure(Workload::Deliver, 2, 0, 16);
    assert_eq!(operations(&delivered), [16, 16]);
    // 8 of the beginning, 3 for each of 5 lists, half of 33 deliveries.
    let alice = store.measure(Workload::List, 1, 0, 1).first.unwrap().found;
    assert!((8 + 15 + 8..=8 + 15 + 25).contains(&alice), "{alice}");
    let deleted = store.measure(Workload::Delete, 4, 0, 1000);
    assert_eq!(operations(&deleted).iter().sum::<u64>() + 1, 16 + 15 + 33);
    assert_eq!(store.entries(), 0);
    store.runtime.block_on(store.running.shutdown()).unwrap();
    store.directory.close().unwrap();
}
