//! The process is killed at any moment: what was acknowledged is there afterwards, once, under its
//! number, and no number comes again.

use crate::store::{directory, runtime, start};
use restante_client::{ClientError, Mta};
use restante_mhs::x413::{DeleteArgument, DeleteItems, SequenceNumber};
use restante_testkit::peers;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// What a store has to do while it is killed.
struct Load {
    /// How often the process is killed.
    rounds: u32,
    /// How many MTAs deliver at once.
    mtas: usize,
    /// How many deliveries each has outstanding.
    outstanding: usize,
    /// By how many acknowledgements a kill comes later than the one before.
    step: usize,
    /// How many there must be in all, or the test has seen nothing.
    acknowledged_min: usize,
}

const FEW: Load = Load { rounds: 8, mtas: 4, outstanding: 8, step: 37, acknowledged_min: 1000 };
const MANY: Load =
    Load { rounds: 3, mtas: 64, outstanding: 16, step: 500, acknowledged_min: 1500 };

/// Delivers until the store is gone; says what was acknowledged.
async fn deliver(
    mut mta: Mta,
    load: &Load,
    (round, which): (u32, usize),
    acknowledged: mpsc::Sender<String>,
) {
    let mut outstanding = HashMap::new();
    for count in 0u32.. {
        let identifier = format!("{round}.{which}.{count}");
        let argument = peers::argument(&identifier, peers::short_message(&identifier));
        let Ok(invoke_id) = mta.begin_delivery(argument).await else { return };
        outstanding.insert(invoke_id, identifier);
        if outstanding.len() == load.outstanding {
            let Ok((answered, answer)) = mta.any_answer().await else { return };
            let identifier = outstanding.remove(&answered).expect("an answer to what was asked");
            let result = answer.into_result(|code, _| format!("{code}"));
            result.expect("a delivery is taken while the store lives");
            if acknowledged.send(identifier).is_err() {
                return;
            }
        }
    }
}

/// What the test knows of the mailbox.
#[derive(Default)]
struct Known {
    acknowledged: BTreeSet<String>,
    deleted: BTreeSet<String>,
    numbers: BTreeMap<u32, String>,
}

impl Known {
    /// Compares what is there with what must be there.
    fn check(&mut self, entries: &[(u32, String)]) {
        assert!(entries.is_sorted(), "not in the order of numbers");
        let highest = self.numbers.keys().next_back().copied().unwrap_or(0);
        let mut there = BTreeSet::new();
        for (number, identifier) in entries {
            assert!(there.insert(identifier.clone()), "{identifier} is there twice");
            assert!(!self.deleted.contains(identifier), "{identifier} was deleted");
            match self.numbers.insert(*number, identifier.clone()) {
                Some(before) => assert_eq!(before, *identifier, "number {number} came again"),
                None => assert!(*number > highest, "number {number} is new and not the highest"),
            }
        }
        let expected: BTreeSet<_> = self.acknowledged.difference(&self.deleted).cloned().collect();
        let lost: Vec<_> = expected.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
}

async fn list_and_delete(address: &str, known: &mut Known) -> Result<(), ClientError> {
    let mut alice = peers::alice(peers::call(address)).await?;
    known.check(&peers::list(&mut alice).await?);
    let entries = peers::list(&mut alice).await?;
    let gone: Vec<_> = entries.iter().step_by(3).chain(entries.last()).collect();
    let numbers = gone.iter().map(|(number, _)| SequenceNumber(*number));
    let items = DeleteItems::SequenceNumbers(numbers.collect());
    if !gone.is_empty() {
        alice.delete(&DeleteArgument::from(items)).await?;
    }
    known.deleted.extend(gone.iter().map(|(_, identifier)| identifier.clone()));
    alice.unbind().await
}

/// All MTAs, bound.
async fn bind(address: &str, load: &Load) -> Vec<Mta> {
    let one = || tokio::spawn(peers::mta(peers::call(address)));
    let binding: Vec<_> = (0..load.mtas).map(|_| one()).collect();
    let mut mtas = Vec::new();
    for mta in binding {
        mtas.push(mta.await.expect("no panic").expect("an MTA can bind"));
    }
    mtas
}

fn round(directory: &Path, load: &'static Load, round: u32, known: &mut Known) {
    let process = start(directory);
    let address = process.address();
    let runtime = runtime();
    runtime.block_on(list_and_delete(&address, known)).expect("the store answers");
    let (sender, receiver) = mpsc::channel();
    let mtas = runtime.block_on(bind(&address, load));
    for (which, mta) in mtas.into_iter().enumerate() {
        runtime.spawn(deliver(mta, load, (round, which), sender.clone()));
    }
    drop(sender);
    // Killed at another moment in each round: after so many acknowledgements.
    let acknowledgements = 1 + load.step * usize::try_from(round).unwrap_or(0);
    for _ in 0..acknowledgements {
        let patience = Duration::from_secs(60);
        let identifier = receiver.recv_timeout(patience).expect("deliveries go on");
        known.acknowledged.insert(identifier);
    }
    process.kill();
    known.acknowledged.extend(receiver.iter());
    runtime.shutdown_background();
}

fn survives(load: &'static Load) {
    let directory = directory("");
    let mut known = Known::default();
    for number in 0..load.rounds {
        round(directory.path(), load, number, &mut known);
    }
    let process = start(directory.path());
    let address = process.address();
    runtime().block_on(list_and_delete(&address, &mut known)).expect("the store answers");
    process.terminate();
    let acknowledged = known.acknowledged.len();
    assert!(acknowledged > load.acknowledged_min, "only {acknowledged}");
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_moment() {
    survives(&FEW);
}

#[test]
fn so_does_what_many_associations_each_had_often_outstanding() {
    survives(&MANY);
}
