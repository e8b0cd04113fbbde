//! The words and signs of a filter's text. Control characters stand in it as `\u{…}` only where
//! somebody printed them so; read, they are taken as they are.

use std::{iter::Peekable, str::Chars};

use restante_ber::{Any, Bytes, Reader};

/// A word or sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, digits and some signs, outside of quotes.
    Word(String),
    /// What stood in quotes.
    Text(String),
    /// `#0a0b`: an element of BER.
    Hex(Bytes),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `^`: a text begins so.
    Begin,
    /// `$`: it ends so.
    End,
    /// `=`, `!=`, `~`, `~=`, `<`, `<=`, `>`, `>=`
    Sign(&'static str),
    /// Behind all.
    Nothing,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Text(_) => f.write_str("a text in quotes"),
            Self::Hex(_) => f.write_str("a value in #hex"),
            Self::Open => f.write_str("`(`"),
            Self::Close => f.write_str("`)`"),
            Self::Begin => f.write_str("`^`"),
            Self::End => f.write_str("`$`"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::Nothing => f.write_str("the end"),
        }
    }
}

/// A token and where it begins, in characters from 0.
pub(super) type Placed = (usize, Token);

/// Where a text can't be read, and why.
pub(super) type Fault = (usize, String);

/// The characters that stand in a word beside letters and digits: those of times, object
/// identifiers and names.
const IN_WORDS: &str = "-_.:+/@";

/// All tokens of a text; the last is [`Token::Nothing`].
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, Fault> {
    let mut lexer = Lexer { rest: text.chars().peekable(), at: 0 };
    let mut tokens = Vec::new();
    loop {
        while lexer.rest.peek().is_some_and(|c| c.is_whitespace()) {
            lexer.next();
        }
        let at = lexer.at;
        let token = lexer.token()?;
        let done = token == Token::Nothing;
        tokens.push((at, token));
        if done {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.at += 1;
        Some(next)
    }

    fn next_is(&mut self, wanted: char) -> bool {
        let found = self.rest.peek() == Some(&wanted);
        if found {
            self.next();
        }
        found
    }

    fn token(&mut self) -> Result<Token, Fault> {
        let at = self.at;
        let Some(first) = self.next() else { return Ok(Token::Nothing) };
        Ok(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '^' => Token::Begin,
            '$' => Token::End,
            '=' => Token::Sign("="),
            '!' if self.next_is('=') => Token::Sign("!="),
            '~' if self.next_is('=') => Token::Sign("~="),
            '~' => Token::Sign("~"),
            '<' if self.next_is('=') => Token::Sign("<="),
            '<' => Token::Sign("<"),
            '>' if self.next_is('=') => Token::Sign(">="),
            '>' => Token::Sign(">"),
            '"' => Token::Text(self.quoted(at)?),
            '#' => Token::Hex(self.hex(at)?),
            c if in_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = self.rest.peek().copied().filter(|c| in_word(*c)) {
                    word.push(c);
                    self.next();
                }
                Token::Word(word)
            }
            c => {
                let shown = crate::text::line(&c.to_string());
                return Err((at, format!("`{shown}` may stand in quotes only")));
            }
        })
    }

    /// What stands in quotes, behind the first of them.
    fn quoted(&mut self, begin: usize) -> Result<String, Fault> {
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => match self.next() {
                    Some(c @ ('"' | '\\')) => text.push(c),
                    Some('u') => text.push(self.number(at)?),
                    _ => return Err((at, "write \\\\ for a backslash, \\\" for a quote".into())),
                },
                Some(c) => text.push(c),
                None => {
                    return Err((begin, "these quotes are not closed; write \" behind".into()));
                }
            }
        }
    }

    /// `{1b}`, behind `\u`.
    fn number(&mut self, at: usize) -> Result<char, Fault> {
        let mut digits = String::new();
        let open = self.next_is('{');
        while let Some(digit) = self.rest.peek().filter(|c| c.is_ascii_hexdigit()) {
            digits.push(*digit);
            self.next();
        }
        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
        code.filter(|_| open && self.next_is('}'))
            .ok_or_else(|| (at, "write \\u{…} with the number of a character in hex".into()))
    }

    /// The octets behind `#`.
    fn hex(&mut self, at: usize) -> Result<Bytes, Fault> {
        let mut octets = Vec::new();
        let mut high = None;
        while let Some(digit) = self.rest.peek().and_then(|c| c.to_digit(16)) {
            self.next();
            // A digit of base 16 fits.
            let digit = u8::try_from(digit).unwrap_or_default();
            match high.take() {
                None => high = Some(digit),
                Some(high) => octets.push(high << 4 | digit),
            }
        }
        match Reader::new(&octets).only() {
            Ok(element) if high.is_none() && Any(element.to_bytes()).element().is_ok() => {
                Ok(octets.into())
            }
            _ => Err((at, "write behind # the octets of one element of BER, in hex".into())),
        }
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || IN_WORDS.contains(c)
}
