//! Sizes, and how a file opens.

use super::Finding;
use super::source::{Source, block_after, find_word};

const LINES_OF_A_FILE: usize = 600;
const LINES_OF_A_FUNCTION: usize = 70;
const COLUMNS_OF_A_LINE: usize = 100;

/// A file has fewer than 600 lines, tests included.
pub(crate) fn file_is_short(source: &Source) -> Vec<Finding> {
    let count = source.text.lines().count();
    if count < LINES_OF_A_FILE {
        return Vec::new();
    }
    let what = format!("{count} lines, stay below {LINES_OF_A_FILE}: split the file by topic");
    vec![Finding::new(source, 0, what)]
}

/// A line has fewer than 100 columns.
pub(crate) fn lines_are_narrow(source: &Source) -> Vec<Finding> {
    let widths = source.text.lines().map(|line| line.chars().count()).enumerate();
    widths
        .filter(|(_, width)| *width >= COLUMNS_OF_A_LINE)
        .map(|(at, width)| {
            let what = format!("{width} columns, stay below {COLUMNS_OF_A_LINE}");
            Finding::new(source, at + 1, what)
        })
        .collect()
}

/// A function has fewer than 70 lines from its `fn` to its closing brace.
pub(crate) fn functions_are_short(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = find_word(&source.code[from..], "fn").map(|at| from + at) {
        from = at + "fn".len();
        let Some(body) = block_after(&source.code, from) else { continue };
        let (first, last) = (source.line_of(at), source.line_of(body.end));
        let count = last - first + 1;
        if count >= LINES_OF_A_FUNCTION {
            let what = format!("a function of {count} lines, stay below {LINES_OF_A_FUNCTION}");
            found.push(Finding::new(source, first, what));
        }
    }
    found
}

/// A file opens with `//!`: what it is, by which clause, what it refuses to do.
pub(crate) fn opens_with_its_purpose(source: &Source) -> Vec<Finding> {
    if source.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![Finding::new(source, 1, "open the file with `//!`: what it is and what it refuses to do")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("crates/ber/src/a.rs", text)
    }

    #[test]
    fn a_file_of_600_lines_is_found() {
        assert!(file_is_short(&source(&"a\n".repeat(599))).is_empty());
        assert_eq!(file_is_short(&source(&"a\n".repeat(600))).len(), 1);
    }

    #[test]
    fn a_line_of_100_columns_is_found() {
        assert!(lines_are_narrow(&source(&"é".repeat(99))).is_empty());
        assert_eq!(lines_are_narrow(&source(&format!("\n{}", "é".repeat(100))))[0].line, 2);
    }

    #[test]
    fn a_function_of_70_lines_is_found() {
        let function = |lines: usize| {
            format!("\nfn a(b: [u8; {{ 2 }}]) {{\n{}}}\n", "b;\n".repeat(lines - 2))
        };
        assert!(functions_are_short(&source(&function(69))).is_empty());
        assert_eq!(functions_are_short(&source(&function(70)))[0].line, 2);
        assert!(functions_are_short(&source("trait T { fn a(); }\n")).is_empty());
    }

    #[test]
    fn a_file_without_its_purpose_is_found() {
        assert!(opens_with_its_purpose(&source("//! It is this.\n")).is_empty());
        assert_eq!(opens_with_its_purpose(&source("use std::fs;\n//! Late.\n")).len(), 1);
    }
}
