//! On what it was measured: a rate says nothing without it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::output;

/// A line for each of what matters, for Markdown.
pub(crate) fn describe(root: &Path, folder: &Path, command: &str) -> String {
    let date = said(Command::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]));
    let commit =
        said(Command::new("git").current_dir(root).args(["rev-parse", "--short", "HEAD"]));
    let kernel = said(Command::new("uname").args(["-srm"]));
    let files = said(Command::new("stat").args(["-f", "-c", "%T"]).arg(folder));
    let dovecot = said(Command::new("dovecot").arg("--version"));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_else(|| "unknown".to_owned());
    format!(
        "- Date: {date}, at commit {commit}\n- Command: `{command}`\n\
         - Machine: {processors} × {model}, memory {memory}, files on {files}\n\
         - Kernel: {kernel}\n- Dovecot: {dovecot}\n"
    )
}

/// How many processes wanted a processor in the last minute, on average.
pub(crate) fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}

fn said(command: &mut Command) -> String {
    output(command).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}
