//! A text file as the rules see it: a Rust file's code and its comments are told apart, and it is
//! known which of its lines are tests.
//!
//! This is a scanner of literals, comments and braces, no parser: it never judges a program.

use std::ops::Range;

/// A text file of the workspace.
pub(crate) struct Source {
    /// From the folder of the workspace, with `/`.
    pub(crate) path: String,
    /// As it stands on disk.
    pub(crate) text: String,
    /// The text with blanks in place of comments and of what stands in literals.
    pub(crate) code: String,
    /// The text with blanks in place of all that is no comment.
    pub(crate) comments: String,
}

impl Source {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let (code, comments) =
            if path.ends_with(".rs") { Scanner::new(&text).split() } else { Default::default() };
        Self { path, text, code, comments }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The crate of the workspace that it belongs to: the `ber` of `crates/ber/src/lib.rs`.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split_once('/').map(|(name, _)| name)
    }

    /// Lines of code with their numbers, from 1.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// Lines of code that are no test.
    pub(crate) fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.test_lines();
        self.code_lines().filter(move |(at, _)| !tests.iter().any(|range| range.contains(at)))
    }

    /// The lines that are tests: all of a test file, else what `#[cfg(test)]` stands before.
    pub(crate) fn test_lines(&self) -> Vec<Range<usize>> {
        let ends = ["/tests.rs", "_tests.rs"].iter().any(|end| self.path.ends_with(end));
        if ends || self.path.contains("/tests/") || self.crate_name() == Some("testkit") {
            return std::iter::once(1..usize::MAX).collect();
        }
        let starts = self.code.match_indices("#[cfg(test)]").map(|(at, _)| at);
        starts
            .filter_map(|start| {
                let body = block_after(&self.code, start + "#[cfg(test)]".len())?;
                Some(self.line_of(start)..self.line_of(body.end) + 1)
            })
            .collect()
    }

    /// The line, from 1, of an offset into `code`.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.code[..offset].matches('\n').count() + 1
    }
}

/// Where `word` stands in `line` with no letter, digit or `_` before or after it.
pub(crate) fn find_word(line: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).map(|(at, _)| at).find(|at| {
        let before = line[..*at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The first `{ … }` after `from`, unless the item ends with `;` before one opens.
pub(crate) fn block_after(code: &str, from: usize) -> Option<Range<usize>> {
    let mut nesting = 0_usize;
    let mut start = None;
    for (at, c) in code.get(from..)?.char_indices().map(|(at, c)| (from + at, c)) {
        match c {
            '(' | '[' if start.is_none() => nesting += 1,
            ')' | ']' if start.is_none() => nesting = nesting.checked_sub(1)?,
            ';' if start.is_none() && nesting == 0 => return None,
            '{' if start.is_none() && nesting == 0 => {
                start = Some(at);
                nesting = 1;
            }
            '{' if start.is_some() => nesting += 1,
            '}' if start.is_some() => {
                nesting -= 1;
                if nesting == 0 {
                    return start.map(|start| start..at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Splits Rust text into code and comments of the same shape.
struct Scanner {
    rest: std::iter::Peekable<std::vec::IntoIter<char>>,
    code: String,
    comments: String,
}

impl Scanner {
    fn new(text: &str) -> Self {
        let rest = text.chars().collect::<Vec<_>>().into_iter().peekable();
        Self { rest, code: String::new(), comments: String::new() }
    }

    fn split(mut self) -> (String, String) {
        let mut previous = ' ';
        while let Some(c) = self.rest.next() {
            match (c, self.rest.peek()) {
                ('/', Some('/')) => self.line_comment(),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('r', Some('"' | '#')) if !is_identifier(previous) || previous == 'b' => {
                    self.raw()
                }
                ('\'', _) => self.quote(),
                _ => self.emit_code(c),
            }
            previous = c;
        }
        (self.code, self.comments)
    }

    fn emit(&mut self, c: char, code: char, comment: char) {
        let keep_line = |other| if c == '\n' { '\n' } else { other };
        self.code.push(keep_line(code));
        self.comments.push(keep_line(comment));
    }

    fn emit_code(&mut self, c: char) {
        self.emit(c, c, ' ');
    }

    fn emit_literal(&mut self, c: char) {
        self.emit(c, ' ', ' ');
    }

    fn line_comment(&mut self) {
        self.emit('/', ' ', '/');
        while let Some(c) = self.rest.next_if(|c| *c != '\n') {
            self.emit(c, ' ', c);
        }
    }

    fn block_comment(&mut self) {
        self.emit('/', ' ', '/');
        let mut nesting = 0;
        let mut previous = '/';
        while let Some(c) = self.rest.next() {
            self.emit(c, ' ', c);
            match (previous, c) {
                ('/', '*') => nesting += 1,
                ('*', '/') => nesting -= 1,
                _ => {
                    previous = c;
                    continue;
                }
            }
            if nesting == 0 {
                return;
            }
            previous = ' ';
        }
    }

    /// `r"…"`, `r#"…"#`, or the raw identifier `r#type`.
    fn raw(&mut self) {
        self.emit_code('r');
        let mut hashes = 0;
        while self.rest.next_if_eq(&'#').is_some() {
            self.emit_literal('#');
            hashes += 1;
        }
        if self.rest.next_if_eq(&'"').is_some() {
            self.emit_code('"');
            self.raw_text(hashes);
        }
    }

    fn raw_text(&mut self, hashes: usize) {
        let mut closing = None;
        while let Some(c) = self.rest.next() {
            self.emit_literal(c);
            closing = match (closing, c) {
                (_, '"') => Some(0),
                (Some(seen), '#') => Some(seen + 1),
                _ => None,
            };
            if closing == Some(hashes) {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.emit_code('"');
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => {
                    self.emit_literal(c);
                    if let Some(escaped) = self.rest.next() {
                        self.emit_literal(escaped);
                    }
                }
                '"' => return self.emit_code(c),
                _ => self.emit_literal(c),
            }
        }
    }

    /// A character literal, or a lifetime, which is code.
    fn quote(&mut self) {
        self.emit_code('\'');
        let mut ahead = self.rest.clone();
        let (first, second) = (ahead.next(), ahead.next());
        if first == Some('\\') {
            self.emit_literal('\\');
            self.rest.next();
            self.rest.next().into_iter().for_each(|c| self.emit_literal(c));
            while let Some(c) = self.rest.next() {
                self.emit_literal(c);
                if c == '\'' {
                    return;
                }
            }
        } else if second == Some('\'') {
            self.rest.by_ref().take(2).collect::<Vec<_>>().into_iter().for_each(|c| {
                self.emit_literal(c);
            });
        }
    }
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new("a.rs", text).code
    }

    #[test]
    fn comments_and_literals_are_blanked() {
        assert_eq!(code("a // b\nc"), "a     \nc");
        assert_eq!(code("a /* b /* c */ d */ e"), format!("a{}e", " ".repeat(19)));
        assert_eq!(code(r#"a("{\"}", '{', '\'', '\u{7b}')"#), r#"a("    ", '  , '   , '       )"#);
        assert_eq!(code(r##"br#"{"a"{"# }"##), r##"br "        }"##);
        assert_eq!(code("fn a<'a>(b: &'a str) {}"), "fn a<'a>(b: &'a str) {}");
    }

    #[test]
    fn comments_are_kept_apart() {
        let source = Source::new("a.rs", "a(\"// no\"); // yes\n");
        assert_eq!(source.comments.trim(), "// yes");
    }

    #[test]
    fn tests_are_told_from_what_is_shipped() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::new("crates/ber/src/a.rs", text);
        let shipped: Vec<usize> = source.shipped_lines().map(|(at, _)| at).collect();
        assert_eq!(shipped, [1, 6]);
        for path in
            ["ber/tests/a.rs", "ber/src/tests.rs", "ber/src/a_tests.rs", "testkit/src/a.rs"]
        {
            let source = Source::new(format!("crates/{path}"), text);
            assert_eq!(source.shipped_lines().count(), 0, "{path}");
        }
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(find_word("x async fn", "async"), Some(2));
        assert_eq!(find_word("make_async()", "async"), None);
        assert_eq!(find_word("asynchronous async", "async"), Some(13));
    }
}
