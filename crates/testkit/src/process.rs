//! The real program as a process: started on free ports in a directory of its own, killed when
//! the test wants it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a process's memory is looked at while it is watched.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// The user that every store of a test has.
pub const ALICE: &str = "/CN=Alice/OU=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/";
/// The second user.
pub const BOB: &str = "/CN=Bob/OU=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/";
/// The MTA.
pub const MTA: &str = "mta1";
/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// Runs the program to its end in a directory.
///
/// # Panics
/// Where it can't be run.
pub fn run(program: &str, directory: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

/// Makes users and an MTA, in a directory that has a file `password`.
///
/// # Panics
/// Where the program refuses.
pub fn populate(program: &str, directory: &Path) {
    std::fs::write(directory.join("password"), PASSWORD).expect("a file can be written");
    for arguments in [["user", "add", ALICE], ["user", "add", BOB], ["mta-peer", "add", MTA]] {
        let arguments = [&arguments[..], &["--config", "c.toml"]].concat();
        let arguments = [&arguments[..], &["--password-file", "password"]].concat();
        let output = run(program, directory, &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    ended: bool,
}

/// `restante serve`, running.
pub struct Process {
    child: Child,
    port: u16,
    events: Arc<(Mutex<Lines>, Condvar)>,
}

impl Process {
    /// Starts the program with the configuration file `c.toml` of a directory.
    ///
    /// # Panics
    /// Where it does not come up.
    pub fn start(program: &str, directory: &Path) -> Self {
        Self::start_with(program, directory, &[])
    }

    /// As [`Process::start`], with more arguments.
    ///
    /// # Panics
    /// Where it does not come up.
    pub fn start_with(program: &str, directory: &Path, more: &[&str]) -> Self {
        manage_anywhere(&directory.join("c.toml"));
        let mut child = Command::new(program)
            .args(["serve", "--config", "c.toml"])
            .args(more)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let stderr = child.stderr.take().expect("standard error is a pipe");
        let events = Arc::new((Mutex::new(Lines::default()), Condvar::new()));
        let kept = Arc::clone(&events);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                kept.0.lock().unwrap_or_else(PoisonError::into_inner).lines.push(line);
                kept.1.notify_all();
            }
            kept.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
            kept.1.notify_all();
        });
        let mut process = Self { child, port: 0, events };
        let line = process.event("listening on ");
        let port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok());
        process.port = port.unwrap_or_else(|| panic!("no port in `{line}`"));
        process
    }

    /// The TCP port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of its console, without a path.
    ///
    /// # Panics
    /// Where it has none.
    pub fn console(&self) -> String {
        let line = self.event("managed on ");
        line.rsplit("managed on ").next().unwrap_or_default().trim().to_owned()
    }

    /// Its presentation address.
    pub fn address(&self) -> String {
        format!("\"3001\"/Internet=127.0.0.1+{}", self.port)
    }

    /// Waits for an event line that contains a text.
    ///
    /// # Panics
    /// Where none comes in time.
    pub fn event(&self, text: &str) -> String {
        self.event_again(text, 1)
    }

    /// Waits until so many event lines contain a text, and gives the last of them.
    ///
    /// # Panics
    /// Where they do not come in time.
    pub fn event_again(&self, text: &str, times: usize) -> String {
        let found = |lines: &Lines| {
            let mut found = lines.lines.iter().filter(|line| line.contains(text));
            found.nth(times - 1).cloned()
        };
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.events.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(line) = found(&lines) {
                return line;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !lines.ended, "no event `{text}` in {:?}", lines.lines);
            let waited = self.events.1.wait_timeout(lines, left);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The event lines so far.
    pub fn events(&self) -> Vec<String> {
        self.events.0.lock().unwrap_or_else(PoisonError::into_inner).lines.clone()
    }

    /// The memory that the process has resident, in KiB.
    ///
    /// # Panics
    /// Where the system does not say.
    pub fn resident_kib(&self) -> u64 {
        memory_kib(self.child.id(), "VmRSS:").expect("the process is there")
    }

    /// Watches how much memory is the process's own: resident, and of no file.
    pub fn watch_own_memory(&self) -> MemoryWatch {
        let process = self.child.id();
        let (end, ended) = mpsc::channel::<()>();
        let most = std::thread::spawn(move || {
            let mut most = 0;
            while let Some(own) = memory_kib(process, "RssAnon:") {
                most = most.max(own);
                if ended.recv_timeout(BETWEEN_LOOKS) == Err(RecvTimeoutError::Disconnected) {
                    break;
                }
            }
            most
        });
        MemoryWatch { most, end }
    }

    /// Ends it at once, as a failure of the machine would.
    pub fn kill(mut self) {
        // The process may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Panics
    /// Where it does not end well.
    pub fn terminate(self) {
        self.ask_to_end();
        self.ended();
    }

    /// Asks it to end.
    ///
    /// # Panics
    /// Where it can't be asked.
    pub fn ask_to_end(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// Where it does not end well.
    pub fn ended(mut self) {
        let status = self.child.wait().expect("the process can be waited for");
        assert!(status.success(), "{status}: {:?}", self.events());
    }
}

/// Tests that run beside each other can't all have the default port.
fn manage_anywhere(config: &Path) {
    let mut text = std::fs::read_to_string(config).expect("there is a configuration");
    if !text.contains("[management]") {
        text.push_str("\n[management]\naddress = \"127.0.0.1:0\"\n");
        std::fs::write(config, text).expect("a file can be written");
    }
}

/// A look at a process's own memory every few milliseconds.
pub struct MemoryWatch {
    most: JoinHandle<u64>,
    end: Sender<()>,
}

impl MemoryWatch {
    /// The most that was seen, in KiB; it is not watched any longer.
    ///
    /// # Panics
    /// Where the watching thread did.
    pub fn most_kib(self) -> u64 {
        let Self { most, end } = self;
        drop(end);
        most.join().expect("the watch does not panic")
    }
}

fn memory_kib(process: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
