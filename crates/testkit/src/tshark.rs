//! `tshark` as a judge of captures: it reads them, and nothing in them is malformed or unknown but
//! what a list excuses with its reason.

use std::path::Path;
use std::process::Command;

/// Words of `tshark` that mean that it could not make sense of something.
const SUSPICIOUS: &[&str] = &[
    "Malformed",
    "BER Error",
    "Unknown",
    "unknown",
    "Undecoded",
    "not implemented",
    "Expert Info (Error",
    "Expert Info (Warning",
    "Not found",
    "Dissector is not available",
];

/// A complaint that is no fault of the traffic.
pub struct Excuse {
    /// What the line of `tshark` contains.
    pub line: &'static str,
    /// Why that is no fault.
    pub reason: &'static str,
}

/// What `tshark` says of a capture.
pub struct Dissection {
    text: String,
}

impl Dissection {
    /// Lets `tshark` read a capture.
    ///
    /// # Panics
    /// Where `tshark` is missing or can't read the file.
    pub fn of(capture: &Path) -> Self {
        let output = Command::new("tshark")
            .args(["-n", "-V", "-o", "tcp.check_checksum:FALSE", "-o", "ip.check_checksum:FALSE"])
            .args(["-o", "tcp.analyze_sequence_numbers:FALSE", "-r"])
            .arg(capture)
            .output()
            .expect("tshark is installed (apt-get install tshark)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { text: String::from_utf8_lossy(&output.stdout).into_owned() }
    }

    /// All that it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines contain a text.
    pub fn count(&self, text: &str) -> usize {
        self.text.lines().filter(|line| line.contains(text)).count()
    }

    /// The lines that it complains in, with what stands around them, but for excused ones.
    pub fn complaints(&self, excuses: &[Excuse]) -> Vec<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| SUSPICIOUS.iter().any(|word| line.contains(word)))
            .filter(|(_, line)| !excuses.iter().any(|excuse| line.contains(excuse.line)))
            .map(|(at, _)| lines[at.saturating_sub(4)..(at + 2).min(lines.len())].join("\n"))
            .collect()
    }
}
