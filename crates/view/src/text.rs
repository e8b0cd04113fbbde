//! Text from peers on a terminal: what could command the terminal or reorder the line is shown
//! as an escape, never sent.

use std::fmt::Write as _;

/// One line of text: every control character is escaped, line ends too.
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_dangerous(c) {
            // Writing to a string can't fail.
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Lines of text, of any line end, each without its own.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(|each| line(&each.replace('\t', "    "))).collect()
}

/// Control characters of C0 and C1, and the marks by which text runs in another direction than
/// it seems to.
pub(crate) fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_commands_no_terminal() {
        assert_eq!(line("\x1b[2J\u{9b}1m\r\n\u{202e}gpj"), r"\u{1b}[2J\u{9b}1m\r\n\u{202e}gpj");
        assert_eq!(line("Grüße, ✈"), "Grüße, ✈");
    }

    #[test]
    fn lines_of_any_end() {
        assert_eq!(lines("a\r\nb\n\tc\x07"), ["a", "b", r"    c\u{7}"]);
        assert!(lines("").is_empty());
    }
}
