//! `cargo xtask bench`: the table of rates. Restante, Debian's Dovecot doing the same over LMTP
//! and IMAP, and the bare disk, all in one run, in rounds that take turns, so that whatever else
//! the machine does falls on all of them.
//!
//! Everything listens on loopback, works in a folder of its own that is removed in the end, and
//! is ended by its id. It measures; whether what was wanted is reached is for the reader to say.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ci::{cargo_command, run_to_end, target_folder};
use crate::needs;

mod client;
mod disk;
mod dovecot;
mod machine;
mod mail;
mod ours;
mod pairs;
mod process;
mod table;
mod work;

use dovecot::{Dovecot, FORMATS};
use ours::Ours;
use pairs::{Beside, PAIRS, Pair};
use table::{Line, Samples, Unlike};
use work::{ROWS, Row};

/// The page for which results are written.
const PAGE: &str = "docs/performance.md";
/// The line of the page behind which they stand.
const MARK: &str = "<!-- what follows is written by `cargo xtask bench --write` -->";
/// From this load on the machine does something else as well.
const IN_USE: f64 = 0.5;

#[derive(Debug, Clone, PartialEq)]
struct Options {
    rows: Option<Vec<String>>,
    quick: bool,
    write: bool,
    rounds: usize,
    seconds: f64,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let quick = arguments.contains(&"--quick");
        let (rounds, seconds) = if quick { (3, 0.5) } else { (5, 2.0) };
        let mut options = Self { rows: None, quick, write: false, rounds, seconds };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            let wrong = |text: &str| format!("{argument} needs a number, not `{text}`");
            match *argument {
                "--quick" => {}
                "--write" => options.write = true,
                "--rows" => {
                    let names = value()?.split(',').map(str::to_owned).collect();
                    options.rows = Some(names);
                }
                "--rounds" => {
                    let text = value()?;
                    options.rounds = text.parse().map_err(|_| wrong(text))?;
                }
                "--seconds" => {
                    let text = value()?;
                    options.seconds = text.parse().map_err(|_| wrong(text))?;
                }
                other => return Err(format!("unknown option `{other}`: try `cargo xtask`")),
            }
        }
        Ok(options)
    }

    /// The rows of both tables that are asked for, in the tables' order.
    fn rows(&self) -> Result<(Vec<Row>, Vec<Pair>), String> {
        let known = || ROWS.iter().map(|row| row.name).chain(PAIRS.iter().map(|pair| pair.name));
        let Some(names) = &self.rows else {
            let rows = ROWS.iter().filter(|row| !(self.quick && row.is_large()));
            let pairs = PAIRS.iter().filter(|_| !self.quick);
            return Ok((rows.copied().collect(), pairs.copied().collect()));
        };
        if let Some(unknown) = names.iter().find(|name| known().all(|known| known != **name)) {
            let known: Vec<&str> = known().collect();
            return Err(format!("no row is called `{unknown}`; rows are {}", known.join(", ")));
        }
        let asked = |known: &str| names.iter().any(|name| name == known);
        let rows = ROWS.iter().filter(|row| asked(row.name)).copied().collect();
        Ok((rows, PAIRS.iter().filter(|pair| asked(pair.name)).copied().collect()))
    }

    fn time(&self) -> Result<Duration, String> {
        Duration::try_from_secs_f64(self.seconds).map_err(|error| error.to_string())
    }
}

/// Measures all rows, or those that are asked for, prints the tables and writes them where asked.
///
/// # Errors
/// Where something that takes part can't be started or fails.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let (rows, pairs) = options.rows()?;
    needs::ensure(needs::FOR_BENCHMARKS)?;
    run_to_end(cargo_command(root).args(["build", "--release", "--package", "restante-cli"]))?;
    let before = machine::load();
    let (lines, first_load) = neighbours(root, &rows, &options)?;
    let folder = Folder::new()?;
    let (unlike, second_load) = beside(root, &folder.0, &pairs, &options)?;
    let command = format!("cargo xtask bench {}", arguments.join(" "));
    let mut text = machine::describe(root, &folder.0, command.trim());
    text += &load(first_load.max(second_load));
    text += &format!("- Rounds: {}, of {} s\n", options.rounds, options.seconds);
    if before > IN_USE {
        text += &format!(
            "- **The machine was in use** (load {before:.1} before it began): take the ratios, \
             not the rates\n"
        );
    }
    if !lines.is_empty() {
        text += &format!("\n{}", table::first(&lines));
    }
    if !unlike.is_empty() {
        text += &format!("\n{}", table::second(&unlike));
    }
    println!("{text}");
    if options.write { write(&root.join(PAGE), &text) } else { Ok(()) }
}

/// What our load took of a processor at most; nothing where no row had a rate.
fn load(share: f64) -> String {
    match share {
        share if share > 0.0 => {
            format!("- Our load took {:.0} % of one processor at most\n", share * 100.0)
        }
        _ => String::new(),
    }
}

/// The first table, and the most that our load took of a processor.
fn neighbours(root: &Path, rows: &[Row], options: &Options) -> Result<(Vec<Line>, f64), String> {
    if rows.is_empty() {
        return Ok((Vec::new(), 0.0));
    }
    let folder = Folder::new()?;
    let mut all = All::start(root, &folder.0, rows)?;
    let mut lines = Vec::new();
    for row in rows {
        lines.push(all.measure(row, options)?);
        println!("{}", table::first(&lines[lines.len() - 1..]));
    }
    Ok((lines, all.ours.load))
}

/// The second table, and the same of it.
fn beside(
    root: &Path,
    folder: &Path,
    pairs: &[Pair],
    options: &Options,
) -> Result<(Vec<Unlike>, f64), String> {
    let mut beside = Beside::new(program(root), folder);
    let mut lines = Vec::new();
    for pair in pairs {
        lines.push(beside.measure(pair, options.rounds, options.time()?)?);
        println!("{}", table::second(&lines[lines.len() - 1..]));
    }
    Ok((lines, beside.load))
}

/// The command as it was built.
fn program(root: &Path) -> PathBuf {
    target_folder(root).join("release/restante")
}

/// Puts the results behind the mark of the page.
fn write(page: &Path, results: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", page.display());
    let text = fs::read_to_string(page).map_err(failed)?;
    let (kept, _) = text.split_once(MARK).ok_or_else(|| format!("{PAGE} has no line {MARK}"))?;
    fs::write(page, format!("{kept}{MARK}\n\n{results}")).map_err(failed)
}

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("restante-bench-{}", std::process::id()));
        let made = fs::create_dir(&folder);
        made.map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left: {error}", self.0.display());
        }
    }
}

/// All who take part.
struct All {
    ours: Ours,
    neighbours: Vec<Dovecot>,
    folder: PathBuf,
}

impl All {
    fn start(root: &Path, folder: &Path, rows: &[Row]) -> Result<Self, String> {
        let names = rows.iter().flat_map(Row::names).collect();
        let ours = Ours::start(program(root), folder, names)?;
        let start = |format| Dovecot::start(folder, format);
        let neighbours = FORMATS.into_iter().map(start).collect::<Result<_, _>>()?;
        Ok(Self { ours, neighbours, folder: folder.to_owned() })
    }

    /// All rounds of a row. What takes long is measured once in every format, and from then on in
    /// that which was best.
    fn measure(&mut self, row: &Row, options: &Options) -> Result<Line, String> {
        self.ours.fill(row)?;
        self.neighbours.iter().try_for_each(|dovecot| dovecot.fill(row))?;
        let time = options.time()?;
        let dovecot = FORMATS.map(|format| (format, Samples::default())).to_vec();
        let (ours, disk) = (Samples::default(), Samples::default());
        let mut line = Line { row: *row, ours, dovecot, disk };
        for round in 0..options.rounds {
            let best = line.best().map(|(format, _)| *format);
            line.ours.0.push(self.ours.measure(row, time)?);
            line.disk.0.extend(disk::measure(&self.folder, row, time)?);
            for (neighbour, (_, samples)) in self.neighbours.iter_mut().zip(&mut line.dovecot) {
                let left_out = row.is_large() && round > 0 && best != Some(neighbour.format);
                if !left_out {
                    samples.0.extend(neighbour.measure(row, time)?);
                }
            }
        }
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_is_told_where_it_was_measured() {
        assert_eq!(load(0.654), "- Our load took 65 % of one processor at most\n");
        assert_eq!(load(0.0), "");
    }

    #[test]
    fn rows_are_those_that_are_asked_for() {
        let names = |arguments: &[&str]| {
            let (rows, pairs) = Options::parse(arguments)?.rows()?;
            let names = rows.iter().map(|row| row.name).chain(pairs.iter().map(|pair| pair.name));
            Ok::<_, String>(names.collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap().len(), ROWS.len() + PAIRS.len());
        assert!(names(&["--quick"]).unwrap().len() < ROWS.len());
        assert_eq!(names(&["--rows", "grown-fetch,bind-1"]).unwrap(), ["bind-1", "grown-fetch"]);
        assert_eq!(names(&["--rows", "delete,deliver"]).unwrap(), ["deliver", "delete"]);
        assert!(names(&["--rows", "deliver,fly"]).unwrap_err().contains("`fly`"));
        assert!(Options::parse(&["--rounds", "many"]).unwrap_err().contains("`many`"));
    }

    #[test]
    fn results_replace_those_before() {
        let folder = Folder::new().unwrap();
        let page = folder.0.join("page.md");
        fs::write(&page, format!("# Kept\n\n{MARK}\n\nold\n")).unwrap();
        write(&page, "new\n").unwrap();
        assert_eq!(fs::read_to_string(&page).unwrap(), format!("# Kept\n\n{MARK}\n\nnew\n"));
        fs::write(&page, "# Kept\n").unwrap();
        assert!(write(&page, "new\n").is_err());
    }
}
