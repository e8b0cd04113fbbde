//! `cargo xtask bench`: the table of rates. Restante, Debian's Dovecot doing the same over LMTP
//! and IMAP, and the bare disk, all in one run, in rounds that take turns, so that whatever else
//! the machine does falls on all of them.
//!
//! Everything listens on loopback, works in a folder of its own that is removed in the end, and
//! is ended by its id. It measures; whether what was wanted is reached is for the reader to say.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ci::{cargo_command, run_to_end};
use crate::needs;

mod client;
mod disk;
mod dovecot;
mod machine;
mod mail;
mod ours;
mod process;
mod table;
mod work;

use dovecot::{Dovecot, FORMATS};
use ours::Ours;
use table::{Line, Samples};
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

    /// The rows that are asked for, in the table's order.
    fn rows(&self) -> Result<Vec<Row>, String> {
        let Some(names) = &self.rows else {
            let rows = ROWS.iter().filter(|row| !(self.quick && row.is_large()));
            return Ok(rows.copied().collect());
        };
        if let Some(unknown) = names.iter().find(|name| ROWS.iter().all(|row| row.name != **name))
        {
            let known: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
            return Err(format!("no row is called `{unknown}`; rows are {}", known.join(", ")));
        }
        let asked = |row: &&Row| names.iter().any(|name| name == row.name);
        Ok(ROWS.iter().filter(asked).copied().collect())
    }
}

/// Measures all rows, or those that are asked for, prints the table and writes it where asked.
///
/// # Errors
/// Where something that takes part can't be started or fails.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let rows = options.rows()?;
    needs::ensure(needs::FOR_BENCHMARKS)?;
    run_to_end(cargo_command(root).args(["build", "--release", "--package", "restante-cli"]))?;
    let folder = Folder::new()?;
    let before = machine::load();
    let mut all = All::start(root, &folder.0, &rows)?;
    let mut lines = Vec::new();
    for row in &rows {
        lines.push(all.measure(row, &options)?);
        println!("{}", table::markdown(&lines[lines.len() - 1..]));
    }
    let command = format!("cargo xtask bench {}", arguments.join(" "));
    let mut text = machine::describe(root, &folder.0, command.trim());
    let load = all.ours.load * 100.0;
    text += &format!("- Our load took {load:.0} % of one processor at most\n");
    text += &format!("- Rounds: {}, of {} s\n", options.rounds, options.seconds);
    if before > IN_USE {
        text += &format!(
            "- **The machine was in use** (load {before:.1} before it began): take the ratios, \
             not the rates\n"
        );
    }
    text += &format!("\n{}", table::markdown(&lines));
    println!("{text}");
    if options.write { write(&root.join(PAGE), &text) } else { Ok(()) }
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
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| root.join("target"));
        let ours = Ours::start(target.join("release/restante"), folder, rows)?;
        let start = |format| Dovecot::start(folder, format);
        let neighbours = FORMATS.into_iter().map(start).collect::<Result<_, _>>()?;
        Ok(Self { ours, neighbours, folder: folder.to_owned() })
    }

    /// All rounds of a row. What takes long is measured once in every format, and from then on in
    /// that which was best.
    fn measure(&mut self, row: &Row, options: &Options) -> Result<Line, String> {
        self.ours.fill(row)?;
        self.neighbours.iter().try_for_each(|dovecot| dovecot.fill(row))?;
        let time = Duration::try_from_secs_f64(options.seconds).map_err(|e| e.to_string())?;
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
    fn rows_are_those_that_are_asked_for() {
        let names = |arguments: &[&str]| {
            let rows = Options::parse(arguments)?.rows()?;
            Ok::<_, String>(rows.iter().map(|row| row.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap().len(), ROWS.len());
        assert!(names(&["--quick"]).unwrap().len() < ROWS.len());
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
