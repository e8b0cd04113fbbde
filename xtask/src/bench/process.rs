//! What the benchmark starts, and ends again by its id, also where something fails.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long something may take to come up, or to end when it is told to.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often that is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// A server that runs until it is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a server and waits until it listens on these ports of this machine.
    ///
    /// # Errors
    /// Where it does not start, or ends before.
    pub(crate) fn start(command: &mut Command, ports: &[u16]) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().map_err(|error| format!("{name} does not start: {error}"))?;
        let mut process = Self(child);
        let deadline = Instant::now() + PATIENCE;
        for port in ports {
            while TcpStream::connect(("127.0.0.1", *port)).is_err() {
                let ended = process.0.try_wait().map_err(|error| error.to_string())?;
                if ended.is_some() || Instant::now() > deadline {
                    return Err(format!("{name} does not listen on port {port}"));
                }
                pause();
            }
        }
        Ok(process)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        // Where it has ended by itself there is nothing to tell it.
        let _ = Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status();
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.0.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = self.0.kill();
                let _ = self.0.wait();
            }
            pause();
        }
    }
}

/// Waits a little.
#[expect(clippy::disallowed_methods, reason = "another process tells nothing when it is ready")]
pub(crate) fn pause() {
    thread::sleep(PAUSE);
}

/// A port of this machine that nobody listens on.
///
/// # Errors
/// Where there is none.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

/// What a command prints; it must succeed.
///
/// # Errors
/// What it says where it does not.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{name} does not start: {error}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{name} ended with {}: {why}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes a file.
///
/// # Errors
/// Where that is not possible.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
