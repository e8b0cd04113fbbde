//! The whole service in a simulation, as many seeds as two minutes of a debug build hold: whatever
//! the disk does, what was promised is kept.

use restante_testkit::simulation::{Counts, run};

/// How many rounds a history has: as many as one of `cargo xtask soak`.
const ROUNDS: u32 = 120;

/// Each of the tests, which run at once, has so many seeds.
const SEEDS: u64 = 20;

fn live(part: u64) -> Counts {
    let mut counts = Counts::default();
    for seed in part * SEEDS..(part + 1) * SEEDS {
        counts.add(&run(seed, ROUNDS).counts);
    }
    counts
}

#[test]
fn promises_are_kept_in_the_first_histories() {
    let counts = live(0);
    let Counts { taken, deferred, cancelled, forwarded, loops, late, swept, .. } = counts;
    let Counts { backups, restored, .. } = counts;
    let all = [taken, deferred, cancelled, forwarded, loops, late, swept, backups, restored];
    assert!(all.iter().all(|count| *count > 0), "something never happens: {counts}");
}

#[test]
fn promises_are_kept_in_the_second_histories() {
    live(1);
}

#[test]
fn promises_are_kept_in_the_third_histories() {
    live(2);
}

#[test]
fn promises_are_kept_in_the_fourth_histories() {
    live(3);
}

#[test]
fn a_seed_tells_one_history() {
    for seed in 1000..1004 {
        let (first, second) = (run(seed, ROUNDS), run(seed, ROUNDS));
        let differs = first.trace.iter().zip(&second.trace).position(|(one, two)| one != two);
        let told = differs.map(|line| {
            let before = line.saturating_sub(20);
            let after = |trace: &[String]| trace.iter().skip(line).take(5).cloned().collect();
            let after: [Vec<String>; 2] = [after(&first.trace), after(&second.trace)];
            (first.trace[before..line].to_vec(), after)
        });
        assert_eq!(told, None, "seed {seed} tells two histories");
        assert_eq!(first, second, "seed {seed}");
        assert!(first.counts.acts > 100, "seed {seed}: {}", first.counts);
    }
}
