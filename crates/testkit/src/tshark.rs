//! `tshark` as a judge of captures: it reads them, and nothing in them is malformed or unknown but
//! what a list excuses with its reason.

use std::path::Path;
use std::process::Command;

/// What `tshark` 4.0 lacks to read reliable transfer (X.228) in the contexts of X.419, in its own
/// Lua. Of their abstract-syntaxes it has registered id-as-mts-rtse and id-as-msse for RTSE (its
/// `packet-p1.c`) and none of P7's (its `packet-p7.c`), though it reads all their operations where
/// there is no RTSE. So the others are told to go through its ROSE, and the binds of P7 through
/// its RTSE.
const RELIABLE_TRANSFER: &str = r#"
local ros, rtse = Dissector.get("ros"), Dissector.get("rtse")
for _, syntax in ipairs { 2, 5, 6, 9, 14, 16 } do
  DissectorTable.get("rtse.oid"):add("2.6.0.2." .. syntax, ros)
end
DissectorTable.get("ber.oid"):add("2.6.0.2.9", rtse)
"#;

/// What an abstract-syntax of X.419, an OBJECT IDENTIFIER, ends after.
const ABSTRACT_SYNTAX: &[u8] = &[0x06, 4, 0x56, 0, 2];
/// Abstract-syntaxes of P7 that `tshark` 4.0 has not registered (its `packet-p7.c`), and those
/// with the same operations that it has: ms-94 and ms-rtse for ms-88, ms-msse for msse, mrse-94
/// for mrse-88. It reads PDUs of 1994 in them.
const UNREGISTERED: &[(u8, u8)] = &[(17, 9), (10, 9), (13, 1), (15, 5)];

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
        Self::with(capture, &[])
    }

    /// Lets `tshark` read a capture in contexts that it does not know: a copy, in which
    /// abstract-syntaxes that it knows stand for those that it does not; and, where all
    /// associations in it are `reliable`, with what it lacks for reliable transfer.
    ///
    /// # Panics
    /// Where `tshark` is missing or can't read the file, or no file can be written beside it.
    pub fn of_all_contexts(capture: &Path, reliable: bool) -> Self {
        let mut octets = std::fs::read(capture).expect("a capture");
        for at in 0..octets.len().saturating_sub(ABSTRACT_SYNTAX.len()) {
            if octets[at..].starts_with(ABSTRACT_SYNTAX) {
                let last = &mut octets[at + ABSTRACT_SYNTAX.len()];
                let known = UNREGISTERED.iter().find(|(unknown, _)| unknown == last);
                *last = known.map_or(*last, |(_, known)| *known);
            }
        }
        let (copy, script) = (capture.with_extension("copy"), capture.with_extension("lua"));
        std::fs::write(&copy, octets).expect("a copy can be written");
        std::fs::write(&script, RELIABLE_TRANSFER).expect("a script can be written");
        let script = format!("lua_script:{}", script.display());
        let more = ["-X", &script];
        Self::with(&copy, if reliable { &more } else { &[] })
    }

    fn with(capture: &Path, more: &[&str]) -> Self {
        let output = Command::new("tshark")
            .args(["-n", "-V", "-o", "tcp.check_checksum:FALSE", "-o", "ip.check_checksum:FALSE"])
            .args(["-o", "tcp.analyze_sequence_numbers:FALSE"])
            .args(more)
            .arg("-r")
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
