//! Lives through histories of the simulated service, seed after seed, for as long as is asked:
//! what `cargo xtask soak` runs. It ends at the first that fails, whose seed is printed.

#![expect(clippy::print_stdout, reason = "what was done is told on the terminal")]
#![expect(clippy::print_stderr, reason = "and how it is asked for")]

use restante_testkit::simulation::{self, Counts};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many rounds a history has.
const ROUNDS: u32 = 120;
/// After how many histories it is told how far it is.
const TELL_EVERY: u64 = 50;

const USAGE: &str =
    "usage: simulate SECONDS FIRST_SEED SEEDS; of the first and the last, 0 is no limit";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).map(|text| text.parse::<u64>()).collect();
    let [Ok(seconds), Ok(first), Ok(seeds)] = arguments[..] else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let (begun, limit) = (Instant::now(), Duration::from_secs(seconds));
    let mut counts = Counts::default();
    let mut done = 0;
    while (seconds == 0 || begun.elapsed() < limit) && (seeds == 0 || done < seeds) {
        counts.add(&simulation::run(first + done, ROUNDS).counts);
        done += 1;
        if done % TELL_EVERY == 0 {
            println!("seeds {first} to {}: {counts}", first + done - 1);
        }
    }
    println!("seeds {first} to {}: {counts}: all promises are kept", first + done.max(1) - 1);
    ExitCode::SUCCESS
}
