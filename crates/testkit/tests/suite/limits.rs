//! Many associations at once, on the defaults.

use crate::store::{directory, runtime, start};
use restante_testkit::peers;
use std::sync::Arc;
use tokio::sync::Barrier;

/// How many associations are bound at once.
const ASSOCIATIONS: usize = 500;
/// How much the process may have resident then, in KiB.
const RESIDENT_MAX_KIB: u64 = 200 * 1024;

#[test]
fn five_hundred_associations_list_at_once_in_little_memory() {
    let directory = directory("");
    let process = start(directory.path());
    let address = process.address();
    let runtime = runtime();
    runtime.block_on(async {
        let mut mta = peers::mta(peers::call(&address)).await.expect("an MTA can bind");
        for count in 0..100 {
            let identifier = format!("limits.{count}");
            let argument = peers::argument(&identifier, peers::short_message(&identifier));
            mta.deliver(argument).await.expect("a delivery is taken");
        }
        let all_bound = Arc::new(Barrier::new(ASSOCIATIONS));
        let all_listed = Arc::new(Barrier::new(ASSOCIATIONS + 1));
        let measured = Arc::new(Barrier::new(ASSOCIATIONS + 1));
        let mut users = Vec::new();
        for _ in 0..ASSOCIATIONS {
            let (bound, listed) = (Arc::clone(&all_bound), Arc::clone(&all_listed));
            let (measured, address) = (Arc::clone(&measured), address.clone());
            users.push(tokio::spawn(async move {
                let mut alice = peers::alice(peers::call(&address)).await?;
                bound.wait().await;
                let entries = peers::list(&mut alice).await?;
                assert_eq!(entries.len(), 100);
                listed.wait().await;
                measured.wait().await;
                alice.unbind().await
            }));
        }
        all_listed.wait().await;
        let resident_kib = process.resident_kib();
        measured.wait().await;
        for user in users {
            user.await.expect("no panic").expect("the store answers");
        }
        assert!(resident_kib < RESIDENT_MAX_KIB, "{resident_kib} KiB are resident");
    });
    process.terminate();
}
