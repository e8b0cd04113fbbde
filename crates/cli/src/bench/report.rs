//! What was measured, for people and for programs.

use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{
    Arguments,
    histogram::Histogram,
    load::{Measured, Round},
};
use crate::table::{self, Column};

/// The shares of operations, in thousandths, whose latency is told, with their names.
const SHARES: [(&str, u64); 3] = [("p50", 500), ("p90", 900), ("p99", 990)];
/// From this share of a processor on the load itself is close to what can't be outrun.
const BUSY: f64 = 0.8;

/// A table of the rounds, and a line on all of them.
pub(super) fn table(arguments: &Arguments, measured: &Measured) -> String {
    let mut columns = vec![Column::text("round"), Column::numbers("operations/s")];
    columns.extend(SHARES.map(|(name, _)| Column::numbers(format!("{name} ms"))));
    columns.push(Column::numbers("max ms"));
    let line = |name: String, rate: f64, latencies: &Histogram| {
        let mut cells = vec![name, format!("{rate:.1}")];
        let shares = SHARES.iter().map(|(_, share)| latencies.per_mille(*share));
        cells.extend(shares.chain([latencies.max()]).map(milliseconds));
        cells
    };
    let numbered = measured.rounds.iter().zip(1..);
    let mut lines: Vec<_> =
        numbered.map(|(round, at)| line(at.to_string(), round.rate(), &round.latencies)).collect();
    lines.push(line("all".to_owned(), median(&measured.rounds), &together(&measured.rounds)));
    let mut text = head(arguments);
    if !measured.rounds.is_empty() {
        text += &table::render(&columns, &lines);
        text += "\nThe rate of all rounds is their median.\n";
    }
    if let Some(first) = measured.first {
        let (took, found) = (milliseconds(first.latency), first.found);
        text += &format!("The first took {took} ms at most and found {found} entries.\n");
    }
    if let Some(share) = running(&measured.rounds) {
        text += &format!("The load took {:.0} % of one processor.\n", share * 100.0);
        if share > BUSY {
            text += "That is close to all that it can have: the store may be faster than this.\n";
        }
    }
    text
}

fn head(arguments: &Arguments) -> String {
    let (workload, associations) = (name(arguments), arguments.associations);
    let plural = if associations == 1 { "" } else { "s" };
    format!("{workload}: {associations} association{plural}, {} octets\n\n", arguments.octets)
}

fn name(arguments: &Arguments) -> String {
    let value = arguments.workload.to_possible_value();
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// The same as an object; latencies in microseconds.
pub(super) fn json(arguments: &Arguments, measured: &Measured) -> Value {
    let all = together(&measured.rounds);
    let mut latencies: serde_json::Map<String, Value> = SHARES
        .iter()
        .map(|(name, share)| ((*name).to_owned(), microseconds(all.per_mille(*share))))
        .collect();
    latencies.insert("max".to_owned(), microseconds(all.max()));
    let rates: Vec<_> = measured.rounds.iter().map(|round| rounded(round.rate())).collect();
    json!({
        "workload": name(arguments),
        "associations": arguments.associations,
        "octets": arguments.octets,
        "operations": all.total(),
        "rates": rates,
        "rate": rounded(median(&measured.rounds)),
        "latency_us": latencies,
        "first_us": measured.first.map(|first| microseconds(first.latency)),
        "first_found": measured.first.map(|first| first.found),
        "load_share": running(&measured.rounds),
    })
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64() * 1e3)
}

fn microseconds(time: Duration) -> Value {
    rounded(time.as_secs_f64() * 1e6)
}

fn rounded(number: f64) -> Value {
    json!((number * 10.0).round() / 10.0)
}

fn together(rounds: &[Round]) -> Histogram {
    let mut all = Histogram::default();
    rounds.iter().for_each(|round| all.add(&round.latencies));
    all
}

/// The rate in the middle.
fn median(rounds: &[Round]) -> f64 {
    let mut rates: Vec<f64> = rounds.iter().map(Round::rate).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// How much of a processor the load took.
fn running(rounds: &[Round]) -> Option<f64> {
    let running: Duration = rounds.iter().map(|round| round.running).sum::<Option<_>>()?;
    let elapsed: Duration = rounds.iter().map(|round| round.elapsed).sum();
    (!elapsed.is_zero()).then(|| running.as_secs_f64() / elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(operations: u64, milliseconds: u64) -> Round {
        let mut latencies = Histogram::default();
        (0..operations).for_each(|_| latencies.record(Duration::from_micros(100)));
        let time = Duration::from_millis(milliseconds);
        Round { latencies, time, elapsed: time, running: Some(time / 4) }
    }

    #[test]
    fn the_rate_is_that_of_the_round_in_the_middle() {
        let rounds = [round(10, 100), round(500, 100), round(30, 100)];
        assert_eq!(median(&rounds), 300.0);
        assert_eq!(together(&rounds).total(), 540);
        assert_eq!(running(&rounds), Some(0.25));
        assert_eq!((median(&[]), running(&[])), (0.0, None));
    }
}
