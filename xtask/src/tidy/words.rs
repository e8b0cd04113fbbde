//! Words that do not stand in the repository.

use super::Finding;
use super::source::{Source, find_word};

/// What marks work that was left, and what to do instead.
const UNFINISHED: &[(&str, &str)] = &[
    ("todo!", "finish it or leave it out"),
    ("unimplemented!", "finish it or leave it out"),
    ("dbg!", "remove it, or make it an event"),
    ("#[ignore", "a test that never runs is none"),
];

/// No `todo!`, `dbg!`, `#[ignore]`.
pub(crate) fn nothing_is_unfinished(source: &Source) -> Vec<Finding> {
    let lines = source.code_lines().flat_map(|(at, line)| {
        let hits = UNFINISHED.iter().filter(move |(mark, _)| line.contains(mark));
        hits.map(move |(mark, what)| (at, format!("`{mark}`: {what}")))
    });
    lines.map(|(at, what)| Finding::new(source, at, what)).collect()
}

/// A test waits for the event.
pub(crate) fn tests_do_not_sleep(source: &Source) -> Vec<Finding> {
    let tests = source.test_lines();
    let lines = source.code_lines().filter(|(at, line)| {
        let sleeps = |word: &&str| {
            let after = find_word(line, word).map(|found| &line[found + word.len()..]);
            after.is_some_and(|after| after.starts_with('('))
        };
        tests.iter().any(|range| range.contains(at)) && ["sleep", "sleep_ms"].iter().any(sleeps)
    });
    let what = "a test does not sleep: wait for the event";
    lines.map(|(at, _)| Finding::new(source, at, what)).collect()
}

/// A comment says why; where it was discussed is in the history.
pub(crate) fn comments_name_no_issue(source: &Source) -> Vec<Finding> {
    let lines = source.comments.lines().enumerate().filter(|(_, line)| names_an_issue(line));
    let what = "an issue's number stands in no code: say why instead";
    lines.map(|(at, _)| Finding::new(source, at + 1, what)).collect()
}

fn names_an_issue(comment: &str) -> bool {
    let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let hash = comment.match_indices('#').any(|(at, _)| {
        let before = comment[..at].chars().next_back().unwrap_or(' ');
        (before.is_whitespace() || before == '(') && digit(&comment[at + 1..])
    });
    let lower = comment.to_ascii_lowercase();
    let word = find_word(&lower, "issue").map(|at| lower[at + "issue".len()..].trim_start());
    hash || word.is_some_and(|rest| digit(rest.trim_start_matches('#')))
}

/// Folders of one machine, in pieces so that this file does not name them.
const OF_A_MACHINE: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// No tracked file names a place on somebody's machine.
pub(crate) fn paths_are_relative(sources: &[Source]) -> Vec<Finding> {
    let is_absolute = |line: &str| {
        OF_A_MACHINE.iter().any(|folder| {
            line.match_indices(folder).any(|(at, _)| {
                let before = line[..at].chars().next_back().unwrap_or(' ');
                !(before.is_alphanumeric() || "._-~/}".contains(before))
            })
        })
    };
    let mut found = Vec::new();
    for source in sources {
        let lines = source.text.lines().enumerate().filter(|(_, line)| is_absolute(line));
        found.extend(lines.map(|(at, _)| Finding::new(source, at + 1, "a path of one machine")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("crates/ber/src/a.rs", text)
    }

    #[test]
    fn unfinished_work_is_found() {
        for text in ["fn a() { todo!() }", "unimplemented!();", "dbg!(a);", "#[ignore = \"b\"]"] {
            assert_eq!(nothing_is_unfinished(&source(text)).len(), 1, "{text}");
        }
        assert!(nothing_is_unfinished(&source("// never todo!\nlet a = \"dbg!\";")).is_empty());
    }

    #[test]
    fn a_sleeping_test_is_found() {
        let test = "#[cfg(test)]\nmod tests {\n    fn a() { tokio::time::sleep(b).await; }\n}\n";
        assert_eq!(tests_do_not_sleep(&source(test))[0].line, 3);
        assert!(tests_do_not_sleep(&source("async fn a() { sleep(b).await }\n")).is_empty());
        let kit = Source::new("crates/testkit/src/a.rs", "fn a() { std::thread::sleep(b) }\n");
        assert_eq!(tests_do_not_sleep(&kit).len(), 1);
    }

    #[test]
    fn an_issue_in_a_comment_is_found() {
        for text in ["// see #2", "//! Issue 12 asked for it", "/* (#3) */", "a(); // issue #4"] {
            assert_eq!(comments_name_no_issue(&source(text)).len(), 1, "{text}");
        }
        for text in ["// selectors: `#3001`", "// an issue of 2 kinds", "a(\"#2\");", "// F# 2"] {
            assert!(comments_name_no_issue(&source(text)).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        for folder in OF_A_MACHINE {
            let page = Source::new("docs/a.md", format!("\nlook at {folder}x\n"));
            assert_eq!(paths_are_relative(&[page])[0].line, 2, "{folder}");
            let page = Source::new("docs/a.md", format!("look at docs{folder}x\n"));
            assert!(paths_are_relative(&[page]).is_empty(), "{folder}");
        }
    }
}
