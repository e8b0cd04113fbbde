//! `restante bench`: how fast a store is, any store that speaks P3 and P7. The load comes from one
//! thread; how much of a processor it took is told with the result, so that it can be seen
//! whether it is the store that was measured. It starts no store, and it deletes only where it is
//! told to.

use std::{collections::HashSet, fs, path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use restante_client::p3::MtsBind;
use restante_mhs::x411::ORAddress;
use restante_mhs::x413::Filter;
use restante_osi::PresentationAddress;
use uuid::Uuid;

use crate::{failure::Failure, output, password::PasswordSource, time, ua::selection};
use load::End;
use message::Template;
use task::Task;

mod histogram;
mod load;
mod message;
mod report;
mod task;
mod work;

#[cfg(test)]
mod tests;

/// Measure how fast a store is
///
/// Associations are bound first; each then does one operation at a time until the round ends.
/// Their users take turns: with fewer users than associations, some share a mailbox. Nothing is
/// removed from the mailboxes but by `delete`; use users that are there for it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante bench deliver --mta mta1 --mta-password-file mta1.txt --user \"/CN=Load/…\" \\
    --associations 64 --octets 2048
  restante bench fetch --user \"…\" --password-file load.txt --associations 8
  restante bench list --user \"…\" --password-file load.txt \\
    --entries 11000 --mta mta1 --mta-password-file mta1.txt --json
  restante bench bind --users users.txt --password-file load.txt --rounds 10")]
pub(crate) struct Arguments {
    /// What each operation is
    workload: Workload,
    /// How many associations there are
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=10_000))]
    associations: u16,
    /// The size of the content of a message, in octets
    #[arg(long, value_name = "N", default_value_t = 2048)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=512 << 20))]
    octets: u32,
    /// Deliver until each mailbox has so many entries, before anything is measured
    #[arg(long, value_name = "N", default_value_t = 0)]
    entries: u32,
    /// How many entries are new each time for list-new; they are delivered in between
    #[arg(long, value_name = "N", default_value_t = 10)]
    new: u16,
    /// What filter looks for, as for restante ua search
    #[arg(long, value_name = "FILTER", default_value = "subject ~ \"0000042\"")]
    #[arg(value_parser = selection::filter)]
    filter: Filter,
    /// Rounds
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// A round ends after so many seconds at the latest
    #[arg(long, value_name = "S", default_value_t = 3.0)]
    seconds: f64,
    /// A round ends after so many operations of all associations together
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    count: u64,
    /// Operations of all associations together before the first round, which do not count
    #[arg(long, value_name = "N", default_value_t = 0)]
    warm_up: u64,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    ends: Ends,
}

/// Who binds, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Associations")]
struct Ends {
    /// Where the store listens: selectors, host and port (RFC 1278)
    #[arg(long, value_name = "ADDRESS", default_value = "\"3001\"/Internet=127.0.0.1+3001")]
    address: PresentationAddress,
    /// The O/R address of a user whose mailbox it is; again for another one
    #[arg(long, value_name = "O/R-ADDRESS")]
    user: Vec<ORAddress>,
    /// A file with the O/R addresses of users, one a line
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordSource,
    /// The MTA-name with which to bind where messages are delivered
    #[arg(long, value_name = "NAME", requires = "mta_password_file")]
    mta: Option<String>,
    /// Read the MTA's password from the first line of this file; - is standard input
    #[arg(long, value_name = "FILE")]
    mta_password_file: Option<PathBuf>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// An MTA delivers a message
    Deliver,
    /// A user agent fetches the content of an entry, anywhere in the mailbox
    Fetch,
    /// A user agent lists the whole mailbox with six attributes of each entry
    List,
    /// A user agent lists what is new
    ListNew,
    /// A user agent looks for a text in all subjects
    Filter,
    /// A user agent deletes an entry for good
    Delete,
    /// A user agent is alerted of a message, from the acknowledgement of its delivery on; each
    /// association needs a user of its own
    Alert,
    /// A user agent connects, binds and unbinds
    Bind,
    /// Nothing: the associations stay for a round's seconds, to see what they cost the store
    Idle,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let task = arguments.task()?;
    let time = Duration::try_from_secs_f64(arguments.seconds).context("--seconds is no time")?;
    let end = End { operations: arguments.count, time };
    let warm_up = End { operations: arguments.warm_up, time: Duration::MAX };
    let rounds = usize::from(arguments.rounds);
    let measured = crate::call::run("restante user list, restante mta-peer list", async {
        load::run(task, warm_up, end, rounds).await
    })?;
    if arguments.json {
        output::json(&report::json(arguments, &measured))?;
    } else {
        output::print(&report::table(arguments, &measured))?;
    }
    Ok(())
}

impl Arguments {
    fn task(&self) -> anyhow::Result<Task> {
        let ends = &self.ends;
        let run = Uuid::new_v4().simple().to_string();
        let octets = usize::try_from(self.octets)?;
        let template = |user: ORAddress| {
            let template = Template::new(&user, octets, &run[..16], time::now());
            (user, template)
        };
        let users: Vec<_> = ends.users()?.into_iter().map(template).collect();
        let password = match self.workload {
            Workload::Deliver if self.entries == 0 => String::new(),
            _ => text(&ends.password, "Password of the users: ")?,
        };
        Ok(Task {
            workload: self.workload,
            address: ends.address.clone(),
            mta: ends.mta()?,
            password,
            users,
            associations: self.associations.into(),
            entries: usize::try_from(self.entries)?,
            new: self.new.into(),
            filter: self.filter.clone(),
        })
    }
}

impl Ends {
    fn users(&self) -> anyhow::Result<Vec<ORAddress>> {
        let mut users = self.user.clone();
        if let Some(path) = &self.users {
            let file = path.display();
            let text = fs::read_to_string(path);
            let text = text.with_context(|| format!("the users' file {file} can't be read"))?;
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let user = line.trim().parse();
                users.push(user.with_context(|| format!("`{line}` in {file}"))?);
            }
        }
        if users.is_empty() {
            bail!("whose mailbox? say --user or --users");
        }
        let mut seen = HashSet::new();
        users.retain(|user| seen.insert(user.to_string()));
        Ok(users)
    }

    fn mta(&self) -> anyhow::Result<Option<MtsBind>> {
        let Some((name, file)) = self.mta.as_ref().zip(self.mta_password_file.clone()) else {
            return Ok(None);
        };
        let password = text(&PasswordSource::of_file(file), "Password of the MTA: ")?;
        Ok(Some(MtsBind::new(name.as_str(), password)))
    }
}

fn text(source: &PasswordSource, prompt: &str) -> anyhow::Result<String> {
    let password = String::from_utf8(source.password(prompt)?);
    password.context("the password is no text; passwords are IA5 text")
}
