//! `cargo xtask fuzz`: coverage-guided fuzzing on the stable toolchain.
//!
//! The engine is libFuzzer, which `libfuzzer-sys` compiles in. The coverage that it steers by
//! comes from LLVM's own pass, which stable rustc can be told to run; no sanitizer is linked, for
//! those would need another toolchain. A panic, an overflow, too much memory or time is a finding.
//!
//! A target is a file of `fuzz/src/bin`. What it looks for is a function of the testkit, so that
//! the saved inputs under `fuzz/corpus/<target>` are replayed by ordinary tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::{cargo_command, run_to_end, target_folder};
use crate::needs;

/// Coverage counters, a table of places, and compared values: what libFuzzer asks for.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// An input that needs more is a finding: nothing that a peer announces is allocated ahead.
const MEMORY_LIMIT_MB: u32 = 1024;

/// An input that needs more is a finding.
const INPUT_TIMEOUT_S: u32 = 10;

/// Inputs grow to this, in octets: past the largest TPDU.
const INPUT_LIMIT: u32 = 70_000;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    seconds: u64,
    target: Option<String>,
    keep: bool,
}

impl Options {
    fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self { seconds: 60, target: None, keep: false };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match *argument {
                "--seconds" => {
                    let given = value()?;
                    let why = |_| format!("--seconds needs a number, not `{given}`");
                    options.seconds = given.parse().map_err(why)?;
                }
                "--target" => options.target = Some((*value()?).to_owned()),
                "--keep" => options.keep = true,
                other => return Err(format!("unknown option `{other}`: try `cargo xtask`")),
            }
        }
        Ok(options)
    }
}

/// Fuzzes all targets, or the one that is asked for, for a bounded time in all.
///
/// # Errors
/// The targets that found something, and where the inputs were saved.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    needs::ensure(needs::FOR_FUZZING)?;
    let mut names = targets(root)?;
    if let Some(wanted) = &options.target {
        names.retain(|name| name == wanted);
    }
    let Some(count) = u64::try_from(names.len()).ok().filter(|count| *count > 0) else {
        return Err("no such target: the targets are the files of fuzz/src/bin".to_owned());
    };
    let bench = Bench::build(root)?;
    let seconds = (options.seconds / count).max(1);
    let mut failed = Vec::new();
    for name in &names {
        if let Err(why) = bench.fuzz(name, seconds) {
            failed.push(format!("{name}: {why}"));
        } else if options.keep {
            bench.keep(name)?;
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// That the targets are formatted and compile without a warning.
///
/// # Errors
/// They are not, or do not; what is wrong stands on the terminal.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    needs::ensure(needs::FOR_FUZZING)?;
    let fuzz = root.join("fuzz");
    run_to_end(cargo_command(&fuzz).args(["fmt", "--check"]))?;
    let mut clippy = cargo_command(&fuzz);
    clippy.args(["clippy", "--target-dir"]).arg(target_folder(root));
    run_to_end(clippy.args(["--", "-D", "warnings"]))
}

/// The names of the targets: the files of `fuzz/src/bin`.
fn targets(root: &Path) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = files(&root.join("fuzz/src/bin"))?
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| said(folder, &error))?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| said(folder, &error)))
        .collect()
}

fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The built targets and the folders that they work in.
struct Bench {
    programs: PathBuf,
    /// What was found interesting, kept from run to run on this machine only.
    found: PathBuf,
    /// The wire vectors as octets, a first idea of what PDUs look like.
    vectors: PathBuf,
    /// What git tracks: small, and replayed by tests.
    saved: PathBuf,
}

impl Bench {
    fn build(root: &Path) -> Result<Self, String> {
        let host = host()?;
        let folder = target_folder(root).join("fuzz");
        let mut command = cargo_command(&root.join("fuzz"));
        command.args(["build", "--release", "--bins", "--target", &host]);
        command.arg("--target-dir").arg(&folder).env("RUSTFLAGS", COVERAGE);
        run_to_end(&mut command)?;
        let bench = Self {
            programs: folder.join(&host).join("release"),
            found: folder.join("corpus"),
            vectors: folder.join("vectors"),
            saved: root.join("fuzz/corpus"),
        };
        unpack_vectors(&root.join("crates/testkit/vectors"), &bench.vectors)?;
        Ok(bench)
    }

    fn fuzz(&self, name: &str, seconds: u64) -> Result<(), String> {
        println!("{name}: {seconds} s");
        let (found, saved) = self.folders(name)?;
        let mut command = self.command(name);
        command.args([
            format!("-max_total_time={seconds}"),
            format!("-timeout={INPUT_TIMEOUT_S}"),
            format!("-artifact_prefix={}/", saved.display()),
        ]);
        let said = output(command.args([&found, &saved, &self.vectors]))?;
        said.lines().rfind(|line| line.contains("DONE")).into_iter().for_each(|line| {
            println!("    {}", line.split_whitespace().collect::<Vec<_>>().join(" "));
        });
        Ok(())
    }

    /// Adds to the saved corpus what widens its coverage, as few and short inputs as do.
    fn keep(&self, name: &str) -> Result<(), String> {
        let (found, saved) = self.folders(name)?;
        output(self.command(name).arg("-merge=1").args([&saved, &found]))?;
        println!("    {} inputs saved", files(&saved)?.len());
        Ok(())
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg(format!("-rss_limit_mb={MEMORY_LIMIT_MB}"));
        command.arg(format!("-max_len={INPUT_LIMIT}"));
        command
    }

    fn folders(&self, name: &str) -> Result<(PathBuf, PathBuf), String> {
        let folders = (self.found.join(name), self.saved.join(name));
        for folder in [&folders.0, &folders.1] {
            std::fs::create_dir_all(folder).map_err(|error| said(folder, &error))?;
        }
        Ok(folders)
    }
}

/// What a fuzzer said, which is much; the last of it where it found something, and how it ended:
/// by a signal and with no input saved is what a stack overflow looks like.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("could not be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let lines: Vec<&str> = said.lines().collect();
    let from = lines.iter().position(|line| line.contains("panicked at"));
    let from = from.unwrap_or(lines.len().saturating_sub(30));
    Err(format!("{}\n{}", lines.get(from..).unwrap_or_default().join("\n"), output.status))
}

/// The triple of this machine. Naming it keeps the flags from build scripts and macros.
fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output();
    let output = output.map_err(|error| format!("rustc could not be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

/// Writes the octets of each `.hex` file below `from` as a file in `to`, named by its folders too.
fn unpack_vectors(from: &Path, to: &Path) -> Result<(), String> {
    if to.exists() {
        std::fs::remove_dir_all(to).map_err(|error| said(to, &error))?;
    }
    std::fs::create_dir_all(to).map_err(|error| said(to, &error))?;
    let mut folders = vec![(from.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for path in files(&folder)? {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("{prefix}{name}");
            if path.is_dir() {
                folders.push((path, format!("{name}-")));
            } else if path.extension().is_some_and(|extension| extension == "hex") {
                let text = std::fs::read_to_string(&path).map_err(|error| said(&path, &error))?;
                let octets = octets(&text).ok_or_else(|| format!("{}: no hex", path.display()))?;
                let name = to.join(name);
                std::fs::write(&name, octets).map_err(|error| said(&name, &error))?;
            }
        }
    }
    Ok(())
}

/// The octets of a vector: hex digits, lines that begin with `#` left out.
fn octets(vector: &str) -> Option<Vec<u8>> {
    let lines = vector.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u32> = lines
        .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let options = Options { seconds: 600, target: Some("ber".to_owned()), keep: true };
        let arguments = ["--keep", "--target", "ber", "--seconds", "600"];
        assert_eq!(Options::parse(&arguments), Ok(options));
        assert!(Options::parse(&["--seconds", "soon"]).is_err());
        assert!(Options::parse(&["--seconds"]).is_err());
        assert!(Options::parse(&["--hours", "1"]).is_err());
    }

    #[test]
    fn a_vector_is_hex_below_its_comment() {
        assert_eq!(octets("# INTEGER 5\n02 01\n05\n"), Some(vec![2, 1, 5]));
        assert_eq!(octets("0201 5"), None);
        assert_eq!(octets("02 xx"), None);
    }
}
