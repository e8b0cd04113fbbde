//! `cargo xtask tidy`: the rules of the house that no compiler and no lint keeps.
//!
//! Each rule is a function over one file or over all of them, with a test that shows it failing.
//! It looks at what git tracks and at what it would track, and changes nothing.

use std::path::Path;
use std::process::Command;

mod absence;
mod layer;
mod shape;
mod source;
mod words;

use source::Source;

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// From the folder of the workspace.
    path: String,
    /// From 1; 0 where the file as a whole is meant.
    line: usize,
    what: String,
}

impl Finding {
    fn new(source: &Source, line: usize, what: impl Into<String>) -> Self {
        Self { path: source.path.clone(), line, what: what.into() }
    }
}

type FileRule = fn(&Source) -> Vec<Finding>;
type TreeRule = fn(&[Source]) -> Vec<Finding>;

/// The rules that look at one Rust file.
const OF_ONE_FILE: &[FileRule] = &[
    shape::file_is_short,
    shape::lines_are_narrow,
    shape::functions_are_short,
    shape::opens_with_its_purpose,
    absence::from_the_pure_crates,
    absence::of_files_in_storage,
    words::nothing_is_unfinished,
    words::tests_do_not_sleep,
    words::comments_name_no_issue,
];

/// The rules that look at all text files.
const OF_ALL_FILES: &[TreeRule] =
    &[layer::arrows_point_down, layer::architecture_names_every_crate, words::paths_are_relative];

/// Checks every rule.
///
/// # Errors
/// All that was found, a line each.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let sources = tracked(root)?;
    let found = check(&sources);
    println!("tidy: {} files, {} findings", sources.len(), found.len());
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> =
        found.iter().map(|at| format!("{}:{}: {}", at.path, at.line, at.what)).collect();
    Err(lines.join("\n"))
}

fn check(sources: &[Source]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    let mut found: Vec<Finding> =
        rust.flat_map(|source| OF_ONE_FILE.iter().flat_map(|rule| rule(source))).collect();
    found.extend(OF_ALL_FILES.iter().flat_map(|rule| rule(sources)));
    found.sort();
    found
}

/// The text files that git tracks or would track, less those that were removed.
fn tracked(root: &Path) -> Result<Vec<Source>, String> {
    let mut git = Command::new("git");
    git.current_dir(root);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().map_err(|error| format!("git could not be started: {error}"))?;
    if !output.status.success() {
        return Err("git ls-files failed: run it in a clone of the repository".to_owned());
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut names: Vec<&str> = names.split('\0').filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let read = |name: &&str| {
        let text = std::fs::read_to_string(root.join(name)).ok()?;
        Some(Source::new(*name, text))
    };
    Ok(names.iter().filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_applied_and_findings_sorted() {
        let sources = [
            Source::new("crates/osi/src/b.rs", "fn late() { todo!() }\n"),
            Source::new("crates/ber/src/a.rs", "//! A file.\n\nfn b() {\n    dbg!(1);\n}\n"),
        ];
        let found: Vec<(String, usize)> =
            check(&sources).into_iter().map(|at| (at.path, at.line)).collect();
        let expected = [("crates/ber/src/a.rs", 4), ("crates/osi/src/b.rs", 1)];
        assert!(expected.iter().all(|(path, line)| found.contains(&((*path).into(), *line))));
        assert!(found.is_sorted());
    }
}
