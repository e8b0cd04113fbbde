//! What a crate is without says as much as what it holds.

use super::Finding;
use super::source::{Source, find_word};

/// The crates that are pure functions of their input.
pub(crate) const PURE: &[&str] = &["ber", "osi", "mhs", "ms"];

/// Words that do not stand in a pure crate, nor in its tests, and what they would bring.
const NEVER: &[(&str, &str)] = &[
    ("std::net", "sockets"),
    ("TcpStream", "sockets"),
    ("TcpListener", "sockets"),
    ("tokio", "a runtime"),
    ("async", "async"),
    ("await", "async"),
    ("thread", "threads"),
    ("thread_local", "threads"),
    ("serde", "serde"),
];

/// Words that do not stand in what a pure crate ships: its tests may take a moment to start from.
const NEVER_SHIPPED: &[(&str, &str)] = &[("SystemTime", "a clock"), ("Instant::now", "a clock")];

/// No sockets, clock, threads, async or serde in `ber`, `osi`, `mhs`, `ms`.
pub(crate) fn from_the_pure_crates(source: &Source) -> Vec<Finding> {
    let Some(name) = source.crate_name().filter(|name| PURE.contains(name)) else {
        return Vec::new();
    };
    let finding = |line, (word, what): &(&str, &str)| {
        Finding::new(source, line, format!("`{word}`: {name} does without {what}"))
    };
    let in_lines = |(at, line): (usize, &str), words: &[(&str, &str)]| {
        let hits = words.iter().filter(|(word, _)| find_word(line, word).is_some());
        hits.map(|word| finding(at, word)).collect::<Vec<_>>()
    };
    let everywhere = source.code_lines().flat_map(|line| in_lines(line, NEVER));
    let shipped = source.shipped_lines().flat_map(|line| in_lines(line, NEVER_SHIPPED));
    everywhere.chain(shipped).collect()
}

/// Files are touched in `storage::backend` only, so that a test can stand in for the disk.
pub(crate) fn of_files_in_storage(source: &Source) -> Vec<Finding> {
    let inside = source.path.strip_prefix("crates/storage/src/");
    if inside.is_none_or(|path| path == "backend.rs" || path.starts_with("backend/")) {
        return Vec::new();
    }
    let lines = source.shipped_lines().filter(|(_, line)| {
        ["fs", "OpenOptions"].iter().any(|word| find_word(line, word).is_some())
    });
    let what = "files are touched in storage::backend only: ask the backend";
    lines.map(|(at, _)| Finding::new(source, at, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let source = Source::new(path, text);
        from_the_pure_crates(&source).len() + of_files_in_storage(&source).len()
    }

    #[test]
    fn a_pure_crate_does_without() {
        for text in [
            "use std::net::TcpStream;",
            "let now = std::time::SystemTime::now();",
            "let now = Instant::now();",
            "use std::thread;",
            "async fn a() {}",
            "#[derive(serde::Serialize)]",
            "tokio::spawn(a);",
        ] {
            for name in PURE {
                assert!(found(&format!("crates/{name}/src/a.rs"), text) > 0, "{name}: {text}");
            }
            assert_eq!(found("crates/server/src/a.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn a_comment_may_speak_of_it_and_a_test_may_start_a_clock() {
        assert_eq!(found("crates/osi/src/a.rs", "// no async, no serde\n"), 0);
        assert_eq!(found("crates/osi/src/a.rs", "fn a(now: Instant) {}\n"), 0);
        let test = "#[cfg(test)]\nmod tests {\n    fn a() { Instant::now(); }\n}\n";
        assert_eq!(found("crates/osi/src/a.rs", test), 0);
        assert_eq!(
            found("crates/osi/src/a.rs", &test.replace("Instant::now", "thread::spawn")),
            1
        );
    }

    #[test]
    fn storage_touches_files_in_its_backend_only() {
        for text in ["use std::fs::File;", "use std::{fs, io};", "OpenOptions::new();"] {
            assert_eq!(found("crates/storage/src/log.rs", text), 1, "{text}");
            assert_eq!(found("crates/storage/src/backend.rs", text), 0, "{text}");
            assert_eq!(found("crates/storage/src/backend/file.rs", text), 0, "{text}");
        }
    }
}
