//! Reads a filter. The grammar, words in any case:
//!
//! ```text
//! filter    = every { "or" every }
//! every     = one { "and" one }
//! one       = "not" one | "(" filter ")" | "everything" | "nothing" | "has" attribute
//!           | attribute sign value | attribute "~" part { part } | attribute rule value
//! sign      = "=" | "!=" | "~=" | "<" | "<=" | ">" | ">="
//! part      = [ "^" ] value [ "$" ]
//! value     = word | text in quotes | "#" hex
//! ```

use jiff::ZonedDateTime;
use restante_ber::{Bytes, Oid, Rope};
use restante_mhs::x413::attributes::{AttributeDescription, by_oid};
use restante_mhs::x413::{
    AttributeValue, AttributeValueAssertion, Filter, FilterItem, MAX_FILTER_ITEMS, MatchingRule,
    MatchingRuleAssertion, Substring, Substrings,
};

use super::lex::{Fault, Placed, Token, tokens};
use super::{FilterError, attribute, value};

/// How many octets the text of a filter may have.
pub const TEXT_BYTES_MAX: usize = 64 << 10;

/// How many parentheses and `not` may stand inside each other: what this makes is not too deep
/// for a PDU.
pub const DEPTH_MAX: usize = 40;

const ASSERTION: &str = "an attribute, `has`, `not` or `(`";
const SIGNS: &str = "=, !=, ~, ~=, <, <=, > or >=";

/// Reads a filter; `now` says what `2h` is counted from and where a time without zone is.
///
/// # Errors
/// Where the text can't be read, and what may stand there.
pub fn parse(text: &str, now: &ZonedDateTime) -> Result<Filter, FilterError> {
    let error = |(at, fault): Fault| FilterError { at, fault, text: text.to_owned() };
    if text.len() > TEXT_BYTES_MAX {
        let fault = format!("this is longer than {TEXT_BYTES_MAX} octets; ask in parts");
        return Err(FilterError { at: 0, fault, text: String::new() });
    }
    let tokens = tokens(text).map_err(error)?;
    let mut parser = Parser { tokens: &tokens, now, depth: 0 };
    let filter = parser.filter().map_err(error)?;
    if *parser.peek() != Token::Nothing {
        return Err(error(parser.expected("`and`, `or` or the end")));
    }
    if filter.items() > MAX_FILTER_ITEMS {
        let fault = format!("these are more than {MAX_FILTER_ITEMS} assertions; ask in parts");
        return Err(error((0, fault)));
    }
    Ok(filter)
}

struct Parser<'a> {
    tokens: &'a [Placed],
    now: &'a ZonedDateTime,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.first().map_or(&Token::Nothing, |(_, token)| token)
    }

    fn at(&self) -> usize {
        self.tokens.first().map_or(0, |(at, _)| *at)
    }

    /// The next token; what stands behind all stays.
    fn next(&mut self) -> Token {
        let next = self.peek().clone();
        if let [_, rest @ ..] = self.tokens
            && !rest.is_empty()
        {
            self.tokens = rest;
        }
        next
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == wanted;
        if found {
            self.next();
        }
        found
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(wanted));
        if found {
            self.next();
        }
        found
    }

    fn expected(&self, wanted: &str) -> Fault {
        (self.at(), format!("here may stand {wanted}, not {}", self.peek()))
    }

    fn filter(&mut self) -> Result<Filter, Fault> {
        let mut filters = vec![self.every()?];
        while self.takes_word("or") {
            filters.push(self.every()?);
        }
        Ok(one_or(filters, Filter::Or))
    }

    fn every(&mut self) -> Result<Filter, Fault> {
        let mut filters = vec![self.one()?];
        while self.takes_word("and") {
            filters.push(self.one()?);
        }
        Ok(one_or(filters, Filter::And))
    }

    fn one(&mut self) -> Result<Filter, Fault> {
        if self.depth == DEPTH_MAX {
            let fault = format!("no more than {DEPTH_MAX} `not` and `(` may be inside each other");
            return Err((self.at(), fault));
        }
        self.depth += 1;
        let one = self.one_deeper();
        self.depth -= 1;
        one
    }

    fn one_deeper(&mut self) -> Result<Filter, Fault> {
        if self.takes(&Token::Open) {
            let filter = self.filter()?;
            if !self.takes(&Token::Close) {
                return Err(self.expected("`and`, `or` or `)`"));
            }
            return Ok(filter);
        }
        if self.takes_word("not") {
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        if self.takes_word("everything") {
            return Ok(Filter::And(Vec::new()));
        }
        if self.takes_word("nothing") {
            return Ok(Filter::Or(Vec::new()));
        }
        if self.takes_word("has") {
            return Ok(Filter::Item(FilterItem::Present(self.attribute("an attribute")?)));
        }
        let oid = self.attribute(ASSERTION)?;
        self.assertion(Subject { row: by_oid(&oid), oid })
    }

    fn attribute(&mut self, wanted: &str) -> Result<Oid, Fault> {
        let at = self.at();
        let Token::Word(word) = self.peek().clone() else { return Err(self.expected(wanted)) };
        if ["and", "or", "not", "has"].iter().any(|taken| word.eq_ignore_ascii_case(taken)) {
            return Err(self.expected(wanted));
        }
        self.next();
        let unknown = || {
            let such = "such as subject, from or status";
            (at, format!("there is no attribute `{word}`; write a word {such}"))
        };
        attribute(&word).ok_or_else(unknown)
    }

    /// What stands behind an attribute.
    fn assertion(&mut self, subject: Subject) -> Result<Filter, Fault> {
        let (at, sign) = match self.peek() {
            Token::Sign(sign) => (self.at(), *sign),
            Token::Word(_) => return self.rule(subject),
            _ => return Err(self.expected(SIGNS)),
        };
        self.next();
        if sign == "~" {
            return self.parts(subject, at);
        }
        // Nothing lies between one value of an ordered syntax and the next.
        let step = match sign {
            ">" => 1,
            "<" => -1,
            _ => 0,
        };
        let ordered = matches!(sign, "<" | "<=" | ">" | ">=");
        let value =
            self.value(&subject, step, || subject.takes(ordered).map_err(|why| (at, why)))?;
        let assertion =
            AttributeValueAssertion { attribute_type: subject.oid, attribute_value: value };
        let item = match sign {
            "<" | "<=" => FilterItem::LessOrEqual(assertion),
            ">" | ">=" => FilterItem::GreaterOrEqual(assertion),
            "~=" => FilterItem::ApproximateMatch(assertion),
            _ => FilterItem::Equality(assertion),
        };
        let item = Filter::Item(item);
        Ok(if sign == "!=" { Filter::Not(Box::new(item)) } else { item })
    }

    /// A value in words, where `check` allows it; one in hex goes as it is.
    fn value(
        &mut self,
        subject: &Subject,
        step: i64,
        check: impl FnOnce() -> Result<(), Fault>,
    ) -> Result<AttributeValue, Fault> {
        let at = self.at();
        let text = match self.peek().clone() {
            Token::Word(text) | Token::Text(text) => text,
            Token::Hex(_) if step != 0 => {
                return Err((at, "a value in #hex goes with <= and >= only".into()));
            }
            Token::Hex(octets) => {
                self.next();
                return Ok(raw(octets));
            }
            _ => return Err(self.expected("a value: a word, a text in quotes, or #hex")),
        };
        self.next();
        check()?;
        let row = subject.row.ok_or_else(|| {
            (at, format!("no table has {}; write its values as #hex", subject.oid))
        })?;
        value::read(row, &text, self.now, step).map_err(|why| (at, why))
    }

    /// Parts of a text, behind `~`.
    fn parts(&mut self, subject: Subject, at: usize) -> Result<Filter, Fault> {
        let mut strings = Vec::new();
        loop {
            let begins = self.takes(&Token::Begin);
            let check = || subject.has_parts().map_err(|why| (at, why));
            let part = self.value(&subject, 0, check)?;
            strings.push(match (begins, self.takes(&Token::End)) {
                (true, true) => {
                    return Err((at, "what begins and ends so is equal; write =".into()));
                }
                (true, false) => Substring::Initial(part),
                (false, true) => Substring::Final(part),
                (false, false) => Substring::Any(part),
            });
            if !matches!(self.peek(), Token::Begin | Token::Text(_) | Token::Hex(_)) {
                break;
            }
        }
        let substrings = Substrings { r#type: subject.oid, strings };
        Ok(Filter::Item(FilterItem::Substrings(substrings)))
    }

    /// A matching-rule by name and its value (1994).
    fn rule(&mut self, subject: Subject) -> Result<Filter, Fault> {
        let Token::Word(word) = self.peek().clone() else { return Err(self.expected(SIGNS)) };
        let named = MatchingRule::all().iter().find(|rule| rule.name.eq_ignore_ascii_case(&word));
        let rule = named.map(|rule| rule.oid.clone()).or_else(|| word.parse().ok());
        let Some(matching_rule) = rule else {
            return Err(self.expected(&format!("{SIGNS}, or the name of a matching-rule")));
        };
        self.next();
        let at = self.at();
        let match_value = match self.next() {
            Token::Hex(octets) => raw(octets),
            Token::Word(text) | Token::Text(text) => value::of_rule(named, &text)
                .ok_or_else(|| (at, format!("write the value for {word} as #hex")))?,
            _ => return Err((at, format!("here may stand a value for {word}"))),
        };
        let attribute_type = subject.oid;
        let assertion = MatchingRuleAssertion { matching_rule, attribute_type, match_value };
        Ok(Filter::Item(FilterItem::OtherMatch(assertion)))
    }
}

/// What an assertion is about.
struct Subject {
    oid: Oid,
    row: Option<&'static AttributeDescription>,
}

impl Subject {
    /// Whether its values can be compared for equality, or for order.
    fn takes(&self, ordered: bool) -> Result<(), String> {
        let Some(row) = self.row else { return Ok(()) };
        let name = attribute::name(&self.oid);
        match (ordered, row.equality.is_some(), row.ordering.is_some()) {
            (false, true, _) | (true, _, true) => Ok(()),
            (true, true, false) => Err(format!("{name} has no order; use = or !=")),
            (false, false, true) => Err(format!("{name} goes with <, <=, > and >= only")),
            (_, false, false) => Err(format!("{name} can't be compared; write has {name}")),
        }
    }

    /// Whether its values have parts.
    fn has_parts(&self) -> Result<(), String> {
        match self.row {
            Some(row) if row.substrings.is_none() => {
                let name = attribute::name(&self.oid);
                Err(format!("{name} is no text to look for parts in; use = or has"))
            }
            _ => Ok(()),
        }
    }
}

fn raw(octets: Bytes) -> AttributeValue {
    AttributeValue(Rope::from(octets))
}

fn one_or(mut filters: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match filters.len() {
        1 => filters.remove(0),
        _ => several(filters),
    }
}
