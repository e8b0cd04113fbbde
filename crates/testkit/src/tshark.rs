//! `tshark` as a judge of captures: it reads them, and nothing in them is malformed or unknown but
//! what a list excuses with its reason.

use std::collections::{BTreeMap, BTreeSet};
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

/// A complaint that is no fault of the traffic at one place, and would be one anywhere else.
#[derive(Clone, Copy)]
pub struct Gap {
    /// What the line of `tshark` contains.
    pub line: &'static str,
    /// The APDU in which it stands, as [`Dissection`] names it: `invoke 4`, `returnError`.
    pub apdu: &'static str,
    /// What the line contains that was read last before.
    pub behind: &'static str,
    /// Why that is no fault.
    pub reason: &'static str,
}

/// Where a line stands in a frame.
struct Place {
    /// The APDU of remote operations, with the number of the operation where it has one.
    apdu: String,
    /// The line before, leaving out what was complained of.
    behind: String,
}

/// What begins a frame.
const FRAME: &str = "Frame ";

/// The APDUs of remote operations.
const APDUS: &[&str] = &["invoke", "returnResult", "returnError", "reject"];

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
        self.complaints_beside(excuses, &[])
    }

    /// The same, but for complaints at the places of gaps; and the gaps of which there is none,
    /// which excuse nothing any more.
    pub fn complaints_beside(&self, excuses: &[Excuse], gaps: &[Gap]) -> Vec<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let mut found = Vec::new();
        let mut met = BTreeSet::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_suspicious(line)) {
            if excuses.iter().any(|excuse| line.contains(excuse.line)) {
                continue;
            }
            let place = place(&lines, at);
            let is_here = |gap: &Gap| {
                let of_it = line.contains(gap.line) && place.apdu == gap.apdu;
                of_it && place.behind.contains(gap.behind)
            };
            match gaps.iter().position(is_here) {
                Some(gap) => drop(met.insert(gap)),
                None => {
                    let around = lines[at.saturating_sub(4)..(at + 2).min(lines.len())].join("\n");
                    found.push(format!("in {}, behind `{}`:\n{around}", place.apdu, place.behind));
                }
            }
        }
        let stale = gaps.iter().enumerate().filter(|(number, _)| !met.contains(number));
        found.extend(stale.map(|(_, gap)| format!("no `{}` in {}", gap.line, gap.apdu)));
        found
    }

    /// The operations that are invoked, by the application-contexts of the connections on which
    /// they are.
    pub fn operations(&self) -> BTreeMap<String, BTreeSet<i64>> {
        let (mut contexts, mut invoked) = (BTreeMap::new(), BTreeSet::new());
        let (mut stream, mut apdu) = ("", "");
        for line in self.text.lines().map(str::trim) {
            if let Some(number) = line.strip_prefix("[Stream index: ") {
                stream = number;
            } else if let Some(name) = line.strip_prefix("aSO-context-name: ") {
                let oid = name.split(' ').next().unwrap_or_default().to_owned();
                contexts.insert(stream, oid);
            } else if APDUS.contains(&line) {
                apdu = line;
            } else if let Some(code) = line.strip_prefix("opcode: ")
                && apdu == "invoke"
            {
                invoked.insert((stream, code.parse::<i64>().expect("a number")));
            }
        }
        let mut operations = BTreeMap::<_, BTreeSet<_>>::new();
        for (stream, code) in invoked {
            let context = contexts.get(stream).cloned().unwrap_or_default();
            operations.entry(context).or_default().insert(code);
        }
        operations
    }
}

fn is_suspicious(line: &str) -> bool {
    SUSPICIOUS.iter().any(|word| line.contains(word))
}

/// Where a line stands: up to the begin of its frame is looked.
fn place(lines: &[&str], at: usize) -> Place {
    let above = lines[..at].iter().rev().take_while(|line| !line.starts_with(FRAME));
    let mut place = Place { apdu: String::new(), behind: String::new() };
    let mut number = "";
    for line in above.map(|line| line.trim()) {
        let remark = line.is_empty() || line.starts_with('[') || is_suspicious(line);
        if place.behind.is_empty() && !remark {
            line.clone_into(&mut place.behind);
        }
        if let Some(code) = line.strip_prefix("opcode: ") {
            number = code;
        }
        if APDUS.contains(&line) {
            place.apdu = format!("{line} {number}").trim_end().to_owned();
            break;
        }
    }
    place
}
