//! The table: medians with their spread, and how they stand to each other.

use super::pairs::Pair;
use super::work::{Row, Unit, Work};

/// What one of those who take part came to, a number a round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(pub(crate) Vec<f64>);

impl Samples {
    /// The one in the middle; `None` where there is none.
    pub(crate) fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }

    /// The median, with the least and the most in brackets.
    fn text(&self, unit: Unit) -> String {
        let Some(median) = self.median() else { return "–".to_owned() };
        let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let [median, least, most] = [median, least, most].map(|number| match unit {
            // Thousands of milliseconds are seconds to most, but a column has one unit.
            Unit::Milliseconds if number >= 1e3 => format!("{number:.0}"),
            _ => short(number),
        });
        let unit_text = match unit {
            Unit::Rate => "/s",
            Unit::Milliseconds => " ms",
            Unit::Mebibytes => " MiB",
        };
        format!("{median}{unit_text} ({least}–{most})")
    }
}

/// Three digits that count, and no more.
fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 1e4 => format!("{:.0}k", number / 1e3),
        size if size >= 1e3 => format!("{:.1}k", number / 1e3),
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// How many times another number the one is.
fn times(one: Option<f64>, other: Option<f64>) -> String {
    let ratio = one.zip(other).map(|(one, other)| one / other);
    // What took no time that can be told is no number of times as fast.
    let ratio = ratio.filter(|ratio| ratio.is_finite());
    ratio.map_or_else(String::new, |ratio| format!("{} ×", short(ratio)))
}

/// How many times as fast, or as small, as another the one is.
fn faster(unit: Unit, one: Option<f64>, other: Option<f64>) -> String {
    match unit {
        Unit::Rate => times(one, other),
        Unit::Milliseconds | Unit::Mebibytes => times(other, one),
    }
}

/// A row with what was measured.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) row: Row,
    pub(crate) ours: Samples,
    /// Dovecot's, by format.
    pub(crate) dovecot: Vec<(&'static str, Samples)>,
    pub(crate) disk: Samples,
}

impl Line {
    /// The format in which Dovecot is best.
    pub(crate) fn best(&self) -> Option<&(&'static str, Samples)> {
        let median = |samples: &Samples| samples.median().unwrap_or(f64::INFINITY);
        let measured = self.dovecot.iter().filter(|(_, samples)| samples.median().is_some());
        let order = |one: &&(&str, Samples), other: &&(&str, Samples)| {
            median(&one.1).total_cmp(&median(&other.1))
        };
        match self.row.unit() {
            Unit::Rate => measured.max_by(order),
            Unit::Milliseconds | Unit::Mebibytes => measured.min_by(order),
        }
    }

    fn cells(&self) -> [String; 7] {
        let unit = self.row.unit();
        let ours = self.ours.median();
        let times = |other| faster(unit, ours, other);
        let best = self.best();
        let dovecot = best.map_or_else(String::new, |(format, samples)| {
            format!("{} {format}", samples.text(unit))
        });
        let disk = match self.row.work {
            Work::Deliver { .. } => self.disk.text(unit),
            _ => String::new(),
        };
        [
            self.row.name.to_owned(),
            self.ours.text(unit),
            dovecot,
            times(best.and_then(|(_, samples)| samples.median())),
            disk,
            times(self.disk.median()),
            self.row.wanted.to_owned(),
        ]
    }
}

/// A row of the second table, with what was measured: values in the row's unit, and what 99 of
/// 100 operations took at most, milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Unlike {
    pub(crate) pair: Pair,
    pub(crate) without: (Samples, Samples),
    pub(crate) with: (Samples, Samples),
}

impl Unlike {
    fn cells(&self) -> [String; 8] {
        let Self { pair, without, with } = self;
        let unit = pair.row.unit();
        [
            pair.name.to_owned(),
            without.0.text(unit),
            with.0.text(unit),
            faster(unit, with.0.median(), without.0.median()),
            without.1.text(Unit::Milliseconds),
            with.1.text(Unit::Milliseconds),
            times(with.1.median(), without.1.median()),
            pair.wanted.to_owned(),
        ]
    }
}

const HEAD: [&str; 7] = ["row", "Restante", "Dovecot", "to it", "disk", "to it", "wanted"];
const SECOND_HEAD: [&str; 8] =
    ["row", "without", "with", "speed", "p99 without", "p99 with", "of it", "wanted"];

/// The lines of the first table.
pub(crate) fn first(lines: &[Line]) -> String {
    markdown(HEAD, lines.iter().map(Line::cells))
}

/// The lines of the second table.
pub(crate) fn second(lines: &[Unlike]) -> String {
    markdown(SECOND_HEAD, lines.iter().map(Unlike::cells))
}

/// Cells as a Markdown table, which is aligned for who reads it as text.
fn markdown<const N: usize>(head: [&str; N], cells: impl Iterator<Item = [String; N]>) -> String {
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(cells);
    let widths: Vec<usize> = (0..N)
        .map(|at| rows.iter().map(|cells| cells[at].chars().count()).max().unwrap_or_default())
        .collect();
    let line = |cells: &[String; N]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} |"));
        format!("|{}\n", padded.collect::<String>())
    };
    let rule: String = widths.iter().map(|width| format!("-{}-|", "-".repeat(*width))).collect();
    let (head, body) = rows.split_at(1);
    let body: String = body.iter().map(line).collect();
    format!("{}|{rule}\n{body}", line(&head[0]))
}

#[cfg(test)]
mod tests {
    use super::super::pairs::PAIRS;
    use super::super::work::ROWS;
    use super::*;

    fn line(name: &str, dovecot: Vec<(&'static str, Samples)>) -> Line {
        let row = *ROWS.iter().find(|row| row.name == name).unwrap();
        let (ours, disk) = (Samples(vec![16_000.0, 15_000.0, 17_000.0]), Samples(vec![180_000.0]));
        Line { row, ours, dovecot, disk }
    }

    #[test]
    fn the_best_format_is_fast() {
        let dovecot = vec![("maildir", Samples(vec![900.0])), ("sdbox", Samples(vec![1000.0]))];
        let deliver = line("deliver", dovecot.clone());
        assert_eq!(deliver.best().unwrap().0, "sdbox");
        assert_eq!(line("list-11k", dovecot).best().unwrap().0, "maildir");
        let cells = deliver.cells();
        assert_eq!(cells[1], "16k/s (15k–17k)");
        assert_eq!(cells[2], "1.0k/s (1.0k–1.0k) sdbox");
        assert_eq!([cells[3].as_str(), cells[5].as_str()], ["16.0 ×", "0.09 ×"]);
    }

    #[test]
    fn what_is_as_fast_as_before_is_once_as_fast() {
        let unlike = |name: &str| {
            let pair = *PAIRS.iter().find(|pair| pair.name == name).unwrap();
            let samples = |value: f64, wait: f64| (Samples(vec![value]), Samples(vec![wait]));
            Unlike { pair, without: samples(10.0, 3.0), with: samples(5.0, 6.0) }.cells()
        };
        assert_eq!(unlike("grown-deliver")[3], "0.50 ×");
        assert_eq!(unlike("grown-list-new")[3], "2.00 ×");
        assert_eq!(unlike("grown-list-new")[5..7], ["6.00 ms (6.00–6.00)", "2.00 ×"]);
    }

    #[test]
    fn milliseconds_stay_milliseconds() {
        assert_eq!(Samples(vec![1499.6]).text(Unit::Milliseconds), "1500 ms (1500–1500)");
        assert_eq!(Samples(vec![0.241]).text(Unit::Milliseconds), "0.24 ms (0.24–0.24)");
    }

    #[test]
    fn what_was_not_measured_is_left_out() {
        let text = first(&[line("idle-1000", Vec::new())]);
        let widths: Vec<_> = text.lines().map(|line| line.chars().count()).collect();
        assert_eq!(text.lines().count(), 3);
        assert!(widths.iter().all(|width| *width == widths[0]), "{text}");
        assert_eq!(short(0.044), "0.04");
    }
}
