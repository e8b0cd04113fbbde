//! The load: many associations on one thread, in rounds.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::task::JoinSet;

use super::{
    Workload,
    histogram::Histogram,
    task::Task,
    work::{First, Worker},
};

/// When a round ends: whichever comes first.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// After so many operations of all associations together.
    pub(super) operations: u64,
    pub(super) time: Duration,
}

/// What was measured.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) rounds: Vec<Round>,
    /// The slowest of the first operations.
    pub(super) first: Option<First>,
}

/// What was measured in one round.
#[derive(Clone, Default)]
pub(super) struct Round {
    pub(super) latencies: Histogram,
    /// What went by, less what associations took for anything but their operations.
    pub(super) time: Duration,
    /// What went by, and how much of it this thread was running.
    pub(super) elapsed: Duration,
    pub(super) running: Option<Duration>,
}

impl Round {
    /// Operations a second.
    pub(super) fn rate(&self) -> f64 {
        self.latencies.total() as f64 / self.time.as_secs_f64().max(1e-9)
    }
}

/// Binds all associations, lets them warm up, and measures.
pub(super) async fn run(
    task: Task,
    warm_up: End,
    end: End,
    rounds: usize,
) -> anyhow::Result<Measured> {
    task.fill().await?;
    let task = Arc::new(task);
    let mut measured = Measured::default();
    let mut workers = Vec::with_capacity(task.associations);
    for at in 0..task.associations {
        let (worker, first) = Worker::new(task.clone(), at).await?;
        workers.push(worker);
        measured.first = measured.first.max(first);
    }
    if task.workload == Workload::Idle {
        tokio::time::sleep(end.time).await;
    } else {
        round(&mut workers, warm_up).await?;
        for _ in 0..rounds {
            measured.rounds.push(round(&mut workers, end).await?);
        }
    }
    for worker in workers {
        worker.end().await?;
    }
    Ok(measured)
}

/// Lets all associations operate until the end.
async fn round(workers: &mut Vec<Worker>, end: End) -> anyhow::Result<Round> {
    let (running, began) = (running(), Instant::now());
    let left = Arc::new(AtomicU64::new(end.operations));
    let count = u32::try_from(workers.len()).unwrap_or(u32::MAX);
    let mut tasks = JoinSet::new();
    for mut worker in workers.drain(..) {
        let left = left.clone();
        tasks.spawn(async move {
            let (mut latencies, mut prepared) = (Histogram::default(), Duration::ZERO);
            while began.elapsed() < end.time && take(&left) {
                let Some(sample) = worker.operate().await? else { break };
                latencies.record(sample.latency);
                prepared += sample.prepared;
            }
            anyhow::Ok((worker, latencies, prepared))
        });
    }
    let (mut latencies, mut prepared) = (Histogram::default(), Duration::ZERO);
    while let Some(ended) = tasks.join_next().await {
        let (worker, its_latencies, its_prepared) = ended.context("an association failed")??;
        workers.push(worker);
        latencies.add(&its_latencies);
        prepared += its_prepared;
    }
    let elapsed = began.elapsed();
    let running = self::running().zip(running).map(|(after, before)| after - before);
    Ok(Round { latencies, time: elapsed - prepared / count, elapsed, running })
}

/// Takes one of the operations that are left.
fn take(left: &AtomicU64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

/// How long this thread has run, where the system says.
fn running() -> Option<Duration> {
    let status = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    status.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
