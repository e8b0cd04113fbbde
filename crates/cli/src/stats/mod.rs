//! `restante stats`: what an audit log says of the traffic, counted by mailbox, hour, day,
//! originator, size, and the time from delivery to fetch. It reads files and asks no server; it
//! refuses to guess at lines that are no audit records, and says how many there were.

mod count;
mod page;
mod report;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::ValueEnum;
use flate2::read::MultiGzDecoder;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use restante_ber::UtcTime;
use restante_mhs::x411::ORAddress;
use restante_view::audit::Record;

use crate::{failure::Failure, output, time};
use count::{By, Period, Statistics};

/// The longest line that is read as one, octets; a record is shorter.
const LINE_OCTETS_MAX: u64 = 256 << 10;
/// What files of gzip begin with (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Count the traffic that an audit log tells of
///
/// Reads the files of [[logging.file]] in the order in which they are named, which is to be that
/// of their times; files that gzip has compressed too. Records without the year are in no count
/// by hour, day or latency. A message waits from its delivery until it is fetched first.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante stats /var/log/restante/restante*.log
  restante stats --by mailbox --by latency --since 1d /var/log/restante/restante*.log
  restante stats --format csv --by originator audit.log > originators.csv
  restante stats --format html audit.log > traffic.html
  zcat old/*.gz | restante stats --format json -

Exit codes: 0 done, 1 a file can't be read or has no audit record, 2 the command line is wrong.")]
pub(crate) struct Arguments {
    /// Files of audit records; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// What is counted by; may be given several times [default: all]
    #[arg(long, value_enum)]
    by: Vec<By>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// Records of this time or later: 2025-11-24, 2025-11-24T08:30, or an age: 2h, 3d
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Records before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Records of this mailbox alone: an O/R address
    #[arg(long, value_name = "ADDRESS")]
    mailbox: Option<ORAddress>,
    /// Of mailboxes and originators, those with the most traffic, so many; the rest is one line.
    /// 0: all of them
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Tables for people
    Table,
    /// A line of values separated by commas for each count
    Csv,
    /// JSON, for programs
    Json,
    /// A page with charts that needs nothing else
    Html,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let period = Period {
        since: arguments.since.as_deref().map(civil).transpose()?,
        until: arguments.until.as_deref().map(civil).transpose()?,
    };
    let mailbox = arguments.mailbox.as_ref().map(ORAddress::key);
    let mut statistics = Statistics::new(period, mailbox);
    for file in &arguments.files {
        let read = open(file).and_then(|lines| read(lines, &mut statistics));
        read.with_context(|| format!("{} can't be read", file.display()))?;
    }
    if statistics.records == 0 {
        return Err(
            anyhow::anyhow!("there is no audit record of that; see [[logging.file]]").into()
        );
    }
    let by = match arguments.by.is_empty() {
        true => By::value_variants(),
        false => &arguments.by,
    };
    let counted = statistics.end(by, arguments.top);
    let text = match arguments.format {
        Form::Table => report::tables(&counted),
        Form::Csv => report::csv(&counted),
        Form::Json => return Ok(output::json(&report::json(&counted))?),
        Form::Html => page::page(&counted),
    };
    Ok(output::print(&text)?)
}

/// A time on the command line, as a log of this machine's time zone has it.
fn civil(text: &str) -> anyhow::Result<DateTime> {
    let UtcTime(seconds) = time::argument(text)?;
    let time = Timestamp::from_second(seconds)?;
    Ok(time.to_zoned_datetime(TimeZone::system()).datetime())
}

fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let mut lines = BufReader::new(File::open(file)?);
    Ok(match lines.fill_buf()?.starts_with(&GZIP) {
        true => Box::new(BufReader::new(MultiGzDecoder::new(lines))),
        false => Box::new(lines),
    })
}

/// Counts the records of a file.
fn read(mut lines: impl BufRead, statistics: &mut Statistics) -> io::Result<()> {
    let mut line = Vec::new();
    while lines.by_ref().take(LINE_OCTETS_MAX).read_until(b'\n', &mut line)? > 0 {
        match Record::parse(&String::from_utf8_lossy(&line)) {
            Some(record) => statistics.take(&record),
            None => statistics.others += 1,
        }
        line.clear();
    }
    Ok(())
}
