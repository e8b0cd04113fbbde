//! Restante as it is released: `restante serve` with users of its own, under the load of
//! `restante bench`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{Process, free_port, output, pause, write};
use super::work::{ROWS, Row, Work};

const MTA: &str = "bench";
const PASSWORD: &str = "bench";
/// Operations for each connection that go before where they cost little.
const WARM_UP: usize = 16;

/// The store, while it runs.
pub(crate) struct Ours {
    program: PathBuf,
    folder: PathBuf,
    port: u16,
    server: Option<Process>,
    /// The most that the load ever took of a processor.
    pub(crate) load: f64,
}

impl Ours {
    /// Makes users and starts.
    ///
    /// # Errors
    /// Where the program can't do it.
    pub(crate) fn start(program: PathBuf, folder: &Path, rows: &[Row]) -> Result<Self, String> {
        let folder = folder.join("restante");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let port = free_port()?;
        let address = format!("'\"3001\"/Internet=127.0.0.1+{port}'");
        write(
            &folder.join("c.toml"),
            &format!(
                "data_directory = \"data\"\n[listener]\npresentation_address = {address}\n\
                 [management]\naddress = \"127.0.0.1:0\"\n[limits]\n\
                 associations = 4000\nassociations_per_peer = 4000\n"
            ),
        )?;
        write(&folder.join("password"), PASSWORD)?;
        let mut ours = Self { program, folder, port, server: None, load: 0.0 };
        ours.run(&["mta-peer", "add", MTA, "--config", "c.toml"])?;
        let mut made = Vec::new();
        for row in ROWS.iter().filter(|row| rows.iter().any(|asked| asked.name == row.name)) {
            for name in row.names() {
                if !made.contains(&name) {
                    ours.run(&["user", "add", &user(&name), "--config", "c.toml"])?;
                    made.push(name);
                }
            }
        }
        ours.restart()?;
        Ok(ours)
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
        let seconds = time.as_secs_f64().to_string();
        let timed = ["--seconds", &seconds];
        let rate = |ours: &mut Self, workload: &str| {
            let json = ours.bench(row, workload, &timed)?;
            ours.load = ours.load.max(number(&json, "load_share")?);
            number(&json, "rate")
        };
        match row.work {
            Work::Deliver { .. } => rate(self, "deliver"),
            Work::Fetch => rate(self, "fetch"),
            Work::Delete => rate(self, "delete"),
            Work::Bind => rate(self, "bind"),
            Work::ListNew => self.milliseconds(row, "list-new"),
            Work::List => self.milliseconds(row, "list"),
            Work::Filter => self.milliseconds(row, "filter"),
            Work::Alert => self.milliseconds(row, "alert"),
            Work::Idle => self.idle(row),
        }
    }

    fn milliseconds(&mut self, row: &Row, workload: &str) -> Result<f64, String> {
        if row.cold {
            self.restart()?;
            // To see what there is would make it ready.
            let json = self.bench(&Row { entries: 0, ..*row }, workload, &["--count", "0"])?;
            return Ok(number(&json, "first_us")? / 1e3);
        }
        let json = self.bench(row, workload, &["--count", "20", "--seconds", "20"])?;
        Ok(number(&json, "p50")? / 1e3)
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

    fn bench(&self, row: &Row, workload: &str, more: &[&str]) -> Result<String, String> {
        let address = format!("\"3001\"/Internet=127.0.0.1+{}", self.port);
        let users: Vec<String> = row.names().iter().map(|name| user(name)).collect();
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
        arguments.extend(more);
        self.run(&arguments)
    }
}

/// Operations that go before and do not count.
fn warm_up(row: &Row) -> usize {
    match row.work {
        Work::Delete | Work::Idle => 0,
        Work::List | Work::Filter => 1,
        _ => row.connections * WARM_UP,
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
