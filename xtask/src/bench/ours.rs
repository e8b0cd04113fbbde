//! Restante as it is released: `restante serve` with users of its own, under the load of
//! `restante bench`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

use super::process::{Process, free_port, output, pause, write};
use super::work::{Row, Unit, Work};

const MTA: &str = "bench";
const PASSWORD: &str = "bench";
/// Either of two texts.
const EITHER: &str = "subject ~ \"0000042\" or subject ~ \"0000043\"";
/// Operations for each connection that go before where they cost little.
const WARM_UP: usize = 16;

/// What of one workload is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// In the row's unit.
    pub(crate) value: f64,
    /// What 99 of 100 operations took at most, milliseconds.
    pub(crate) p99_ms: f64,
}

/// The store, while it runs.
pub(crate) struct Ours {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Process>,
    /// Whether space is given back as the default has it, or as good as not at all.
    reclaim: bool,
    /// The most that the load ever took of a processor.
    pub(crate) load: f64,
}

impl Ours {
    /// Makes users of these names and starts.
    ///
    /// # Errors
    /// Where the program can't do it.
    pub(crate) fn start(
        program: PathBuf,
        folder: &Path,
        names: Vec<String>,
    ) -> Result<Self, String> {
        let folder = folder.join("restante");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let port = free_port()?;
        write(&folder.join("password"), PASSWORD)?;
        let mut ours = Self { program, folder, port, server: None, reclaim: true, load: 0.0 };
        ours.configure()?;
        ours.run(&["mta-peer", "add", MTA, "--config", "c.toml"])?;
        let mut made = Vec::new();
        for name in names {
            if !made.contains(&name) {
                ours.run(&["user", "add", &user(&name), "--config", "c.toml"])?;
                made.push(name);
            }
        }
        ours.restart()?;
        Ok(ours)
    }

    fn configure(&self) -> Result<(), String> {
        let address = format!("'\"3001\"/Internet=127.0.0.1+{}'", self.port);
        let storage = match self.reclaim {
            true => "",
            false => "[storage]\nreclaim_octets_per_second = 65536\n",
        };
        write(
            &self.folder.join("c.toml"),
            &format!(
                "data_directory = \"data\"\n[listener]\npresentation_address = {address}\n\
                 [management]\naddress = \"127.0.0.1:0\"\n[limits]\n\
                 associations = 4000\nassociations_per_peer = 4000\n{storage}"
            ),
        )
    }

    /// Starts it again, so that space is given back from then on, or as good as not at all.
    ///
    /// # Errors
    /// Where it does not come up.
    pub(crate) fn set_reclaim(&mut self, reclaim: bool) -> Result<(), String> {
        self.reclaim = reclaim;
        self.configure()?;
        self.restart()
    }

    /// Starts it again, with no index there.
    ///
    /// # Errors
    /// Where it does not come up.
    pub(crate) fn start_without_index(&mut self) -> Result<(), String> {
        self.server = None;
        for end in ["", "-wal", "-shm"] {
            let path = self.folder.join(format!("data/index.sqlite{end}"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(format!("{}: {error}", path.display()));
                }
                _ => {}
            }
        }
        self.set_reclaim(false)
    }

    /// Whether a segment is being rewritten.
    ///
    /// # Errors
    /// Where the log's folder can't be read.
    pub(crate) fn is_rewriting(&self) -> Result<bool, String> {
        let log = fs::read_dir(self.folder.join("data/log")).map_err(|error| error.to_string())?;
        let mut names = log.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.any(|name| name.ends_with(".new")))
    }

    /// Whether what the index shows of entries is still being made.
    ///
    /// # Errors
    /// Where the events can't be read, or tell nothing of an index that is made.
    pub(crate) fn is_extracting(&self) -> Result<bool, String> {
        let path = self.folder.join("events");
        let events = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok(events.contains("is made while users are served") && !events.contains("is all made"))
    }

    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(arguments).args(["--password-file", "password"]);
        output(&mut command)
    }

    /// Ends it in order and starts it again.
    fn restart(&mut self) -> Result<(), String> {
        self.server = None;
        let events = fs::File::create(self.folder.join("events"));
        let events = events.map_err(|error| error.to_string())?;
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(["serve", "--config", "c.toml"]).stderr(events);
        self.server = Some(Process::start(&mut command, &[self.port])?);
        Ok(())
    }

    /// Fills the mailboxes of a row.
    ///
    /// # Errors
    /// Where the store does not take the messages.
    pub(crate) fn fill(&mut self, row: &Row) -> Result<(), String> {
        if row.entries > 0 && row.work != Work::Delete {
            let row = Row { work: Work::Fetch, connections: row.mailboxes, ..*row };
            self.bench(&row, "fetch", &["--count", "0"])?;
        }
        Ok(())
    }

    /// What the row measures.
    ///
    /// # Errors
    /// Where the load fails.
    pub(crate) fn measure(&mut self, row: &Row, time: Duration) -> Result<f64, String> {
        match row.work {
            Work::Idle => self.idle(row),
            _ if row.cold => {
                self.restart()?;
                // To see what there is would make it ready.
                let row = Row { entries: 0, ..*row };
                let json = self.bench(&row, workload(&row), &["--count", "0"])?;
                Ok(number(&json, "first_us")? / 1e3)
            }
            _ => Ok(self.sample(row, time)?.value),
        }
    }

    /// The same with its 99th percentile, of what is not to be cold and is no memory.
    ///
    /// # Errors
    /// Where the load fails.
    pub(crate) fn sample(&mut self, row: &Row, time: Duration) -> Result<Sample, String> {
        let seconds = time.as_secs_f64().to_string();
        match row.unit() {
            Unit::Rate => self.sample_of(row, &["--seconds", &seconds]),
            _ => self.sample_of(row, &["--count", "20", "--seconds", "20"]),
        }
    }

    /// The same, which ends as is said.
    ///
    /// # Errors
    /// Where the load fails.
    pub(crate) fn sample_of(&mut self, row: &Row, end: &[&str]) -> Result<Sample, String> {
        let json = self.bench(row, workload(row), end)?;
        let value = match row.unit() {
            Unit::Rate => {
                self.load = self.load.max(number(&json, "load_share")?);
                number(&json, "rate")?
            }
            _ => number(&json, "p50")? / 1e3,
        };
        Ok(Sample { value, p99_ms: number(&json, "p99")? / 1e3 })
    }

    /// What a thousand silent associations take of the process's own memory.
    fn idle(&mut self, row: &Row) -> Result<f64, String> {
        self.restart()?;
        // The first bind of each user makes what stays.
        self.bench(&Row { work: Work::Bind, connections: 8, ..*row }, "bind", &["--count", "64"])?;
        let before = self.memory()?;
        let mut during = before;
        std::thread::scope(|scope| {
            let own = &*self;
            let load = scope.spawn(move || own.bench(row, "idle", &["--seconds", "2"]));
            while !load.is_finished() {
                during = during.max(own.memory()?);
                pause();
            }
            load.join().map_err(|_| "the load failed".to_owned())?
        })?;
        Ok(during - before)
    }

    /// Memory that is the process's own, MiB.
    fn memory(&self) -> Result<f64, String> {
        let id = self.server.as_ref().map_or(0, Process::id);
        let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"));
        let rollup = rollup.map_err(|error| format!("the store's memory: {error}"))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| "the system tells no Pss".to_owned())
    }

    /// What `restante bench` tells of a workload on the mailboxes of a row.
    ///
    /// # Errors
    /// Where it fails.
    pub(crate) fn bench(
        &self,
        row: &Row,
        workload: &str,
        more: &[&str],
    ) -> Result<String, String> {
        self.bench_users(&row.names(), row, workload, more)
    }

    /// The same on other mailboxes.
    ///
    /// # Errors
    /// Where it fails.
    pub(crate) fn bench_users(
        &self,
        names: &[String],
        row: &Row,
        workload: &str,
        more: &[&str],
    ) -> Result<String, String> {
        let address = format!("\"3001\"/Internet=127.0.0.1+{}", self.port);
        let users: Vec<String> = names.iter().map(|name| user(name)).collect();
        write(&self.folder.join("users"), &users.join("\n"))?;
        let numbers = [
            ("--associations", row.connections),
            ("--octets", row.octets()),
            ("--entries", row.entries),
            ("--rounds", 1),
            ("--warm-up", warm_up(row)),
        ];
        let numbers = numbers.map(|(name, number)| [name.to_owned(), number.to_string()]);
        let mut arguments = vec!["bench", workload, "--json", "--address", &address];
        arguments.extend(["--users", "users", "--mta", MTA, "--mta-password-file", "password"]);
        arguments.extend(numbers.iter().flatten().map(String::as_str));
        if row.work == Work::FilterEither {
            arguments.extend(["--filter", EITHER]);
        }
        arguments.extend(more);
        self.run(&arguments)
    }
}

/// Operations that go before and do not count.
fn warm_up(row: &Row) -> usize {
    match row.work {
        Work::Delete | Work::Idle => 0,
        Work::List | Work::Filter | Work::FilterEither => 1,
        _ => row.connections * WARM_UP,
    }
}

/// What `restante bench` calls the work of a row.
fn workload(row: &Row) -> &'static str {
    match row.work {
        Work::Deliver { .. } => "deliver",
        Work::Fetch => "fetch",
        Work::Delete => "delete",
        Work::Bind => "bind",
        Work::ListNew => "list-new",
        Work::List => "list",
        Work::Filter | Work::FilterEither => "filter",
        Work::Alert => "alert",
        Work::Idle => "idle",
    }
}

fn user(name: &str) -> String {
    format!("/CN={name}/O=Bench/PRMD=BENCH/C=XX/")
}

/// The number behind a key.
fn number(json: &str, key: &str) -> Result<f64, String> {
    let after = json.split_once(&format!("\"{key}\":")).map(|(_, after)| after.trim_start());
    let digits = after.and_then(|after| after.split([',', '\n', '}']).next());
    let number = digits.and_then(|digits| digits.trim().parse().ok());
    number.ok_or_else(|| format!("`restante bench` tells no {key}: {json}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_behind_its_key() {
        let json =
            "{\n  \"latency_us\": {\n    \"p50\": 41.5\n  },\n  \"rate\": 7,\n  \"rates\": []}";
        assert_eq!(number(json, "p50"), Ok(41.5));
        assert_eq!(number(json, "rate"), Ok(7.0));
        assert!(number(json, "rates").is_err());
    }
}
