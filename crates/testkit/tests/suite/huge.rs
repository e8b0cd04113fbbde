//! A message that is far larger than what the process may take for it passes through P3 and P7.

use crate::store::{directory, runtime, start};
use bytes::Bytes;
use restante_ber::Rope;
use restante_testkit::peers;

/// The content, in octets; at most so much may be the process's own meanwhile, in KiB.
const CONTENT_OCTETS: usize = 64 << 20;
const OWN_MAX_KIB: u64 = 40 << 10;

/// Octets that differ from their neighbours.
fn content() -> Bytes {
    let line: Vec<u8> = (0..=250).collect();
    line.into_iter().cycle().take(CONTENT_OCTETS).collect()
}

#[test]
fn a_huge_message_passes_through_a_small_process() {
    let directory = directory("[limits]\npdu_octets = 134217728\n");
    let process = start(directory.path());
    let address = process.address();
    let content = content();
    let watch = process.watch_own_memory();
    runtime().block_on(async {
        let mut mta = peers::mta(peers::call(&address)).await.expect("an MTA can bind");
        let argument = peers::argument("huge", Rope::from(content.clone()));
        mta.deliver(argument).await.expect("a delivery is taken");
        let mut alice = peers::alice(peers::call(&address)).await.expect("alice can bind");
        for _ in 0..2 {
            let fetched = peers::content(&mut alice, 1).await.expect("it can be fetched");
            assert!(fetched == content, "another content came out");
        }
        alice.unbind().await.expect("an unbind is granted");
    });
    let own_kib = watch.most_kib();
    process.terminate();
    assert!(own_kib < OWN_MAX_KIB, "{own_kib} KiB were the process's own");
}
