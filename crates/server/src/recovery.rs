//! What is kept of associations over RTSE that lost their connections, until their peers recover
//! them (X.228 §7.8): how much, for how long, and who a peer is.
//!
//! The APDUs that are under way lie where all PDUs do, in memory or in spool files of the
//! [`Assembly`](crate::assembly::Assembly), and count there; of that room at most half is kept for
//! peers that are gone. What is kept does not outlive the process: after a restart all is begun
//! again.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use restante_ber::UtcTime;
use restante_osi::{RecoveryLimits, RtseOptions, RtseRecovery};
use tokio::{sync::watch, time::sleep};
use uuid::Uuid;

use crate::{config::Limits, connection::stopped, shared};

/// How long to wait where nothing is kept, before looking again.
const PAUSE: Duration = Duration::from_secs(5);

/// Where the associations are kept. Their names can't be guessed.
pub(crate) fn open(limits: &Limits) -> RtseRecovery {
    let name = format!("restante-{}", Uuid::new_v4().simple());
    let room = limits.assembly_memory_octets.saturating_add(limits.assembly_disk_octets);
    let limits = RecoveryLimits {
        associations: limits.interrupted_associations,
        associations_per_peer: limits.interrupted_associations_per_peer,
        octets: room / 2,
        keep_time: limits.interrupted_time(),
    };
    RtseRecovery::new(&name, UtcTime(shared::now().0 / 1_000_000), limits)
}

/// Reliable transfer with a peer at an address, or one that this end calls.
pub(crate) fn options(recovery: &RtseRecovery, peer: IpAddr) -> RtseOptions {
    RtseOptions { recovery: recovery.clone(), peer: peer.to_string(), ..RtseOptions::default() }
}

/// Drops what has been kept long enough, until the server stops.
pub(crate) async fn forget(recovery: RtseRecovery, mut stop: watch::Receiver<bool>) {
    loop {
        let now = Instant::now();
        let next = recovery.forget(now);
        let pause = next.map_or(PAUSE, |next| next.saturating_duration_since(now));
        tokio::select! {
            () = sleep(pause.max(Duration::from_millis(100))) => {}
            () = stopped(&mut stop) => return,
        }
    }
}
