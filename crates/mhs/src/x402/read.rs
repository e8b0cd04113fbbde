//! Reads the text of an O/R address, in either syntax.

use super::attribute::{Attribute, AttributeType, Label, Syntax, domain_defined};
use super::build;
use crate::x411::ORAddress;
use core::str::FromStr;

/// Why a text is no O/R address, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (character {position})")]
pub struct AddressError {
    /// Where, counted in characters from 1.
    pub position: usize,
    /// Why.
    pub fault: AddressFault,
}

/// Why a text is no O/R address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Nothing is there.
    #[error("the address is empty, write one like /CN=name/O=org/PRMD=p/ADMD=a/C=xx/")]
    Empty,
    /// No label.
    #[error("`{0}` is not of the form label=value")]
    NoEquals(String),
    /// A label that is not listed.
    #[error("`{0}` is no label, use C, ADMD, PRMD, O, OU1 to OU4, CN, S, G, I, Q or DDA:type")]
    UnknownLabel(String),
    /// No value.
    #[error("{0} has no value, write one or leave {0} out")]
    NoValue(String),
    /// A character that no address is written with.
    #[error("{0} has a control character in it, leave it out")]
    Control(String),
    /// A label for the second time.
    #[error("{0} is there twice, leave one out")]
    Twice(String),
    /// Characters that the attribute can't have.
    #[error("{0} takes {1}")]
    Characters(String, &'static str),
    /// A person without surname.
    #[error("{0} needs a surname beside it, add S=")]
    NoSurname(String),
    /// A unit without the one above it.
    #[error("OU{0} needs OU{1} above it")]
    UnitMissing(u8, u8),
    /// Units with and without numbers, or too many.
    #[error("write up to four units, all as OU or as OU1 to OU4")]
    Units,
}

/// An attribute, and where its label stands.
pub(super) type Placed = (usize, Attribute);

impl FromStr for ORAddress {
    type Err = AddressError;

    /// Reads an address in the syntax with slashes, when it begins with one, or with semicolons.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let syntax = match text.trim_start().starts_with('/') {
            true => Syntax::Slash,
            false => Syntax::Semicolon,
        };
        let mut placed: Vec<(usize, Label, String)> = Vec::new();
        for component in components(text, syntax)? {
            let label = component.label.trim();
            let fault = |fault| AddressError { position: component.position, fault };
            let known = AttributeType::of_label(label)
                .ok_or_else(|| fault(AddressFault::UnknownLabel(label.to_owned())))?;
            let value = component.value.trim().to_owned();
            // A blank ADMD says that any will do.
            let blank = matches!(known, Label::One(AttributeType::AdministrationDomainName));
            if value.is_empty() && !blank {
                return Err(fault(AddressFault::NoValue(label.to_uppercase())));
            }
            if label.chars().chain(value.chars()).any(char::is_control) {
                return Err(fault(AddressFault::Control(label.escape_default().to_string())));
            }
            placed.push((component.position, known, value));
        }
        let placed = number_units(placed, syntax)?;
        for (at, (position, one)) in placed.iter().enumerate() {
            let same = |(_, other): &Placed| other.attribute_type == one.attribute_type;
            let repeatable = matches!(one.attribute_type, AttributeType::DomainDefined(_));
            if !repeatable && placed.iter().take(at).any(same) {
                let fault = AddressFault::Twice(one.attribute_type.to_string());
                return Err(AddressError { position: *position, fault });
            }
        }
        let address = build::address(&placed)?;
        // A blank ADMD alone names nobody.
        if address.attributes().is_empty() {
            return Err(AddressError { position: 1, fault: AddressFault::Empty });
        }
        Ok(address)
    }
}

/// Gives units without numbers theirs.
fn number_units(
    placed: Vec<(usize, Label, String)>,
    syntax: Syntax,
) -> Result<Vec<Placed>, AddressError> {
    let units = placed.iter().filter(|(_, label, _)| matches!(label, Label::Unit)).count();
    let units = u8::try_from(units).unwrap_or(u8::MAX);
    let mut seen = 0;
    let mut numbered = Vec::with_capacity(placed.len());
    for (position, label, value) in placed {
        let mixed =
            units > 0 && matches!(label, Label::One(AttributeType::OrganizationalUnitName(_)));
        let attribute_type = match label {
            Label::One(attribute_type) if !mixed => attribute_type,
            Label::Unit if units <= 4 => {
                seen += 1;
                AttributeType::OrganizationalUnitName(match syntax {
                    Syntax::Slash => units + 1 - seen,
                    Syntax::Semicolon => seen,
                })
            }
            _ => return Err(AddressError { position, fault: AddressFault::Units }),
        };
        numbered.push((position, Attribute { attribute_type, value }));
    }
    Ok(numbered)
}

/// One label=value, unescaped.
#[derive(Default)]
struct Component {
    position: usize,
    label: String,
    value: String,
    in_value: bool,
}

impl Component {
    fn push(&mut self, character: char) {
        if self.in_value { self.value.push(character) } else { self.label.push(character) }
    }
}

/// Splits a text at its delimiters; what is blank between two of them is nothing.
fn components(text: &str, syntax: Syntax) -> Result<Vec<Component>, AddressError> {
    let delimiter = syntax.delimiter();
    let mut components = Vec::new();
    let mut current = Component { position: 1, ..Component::default() };
    let mut characters = text.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let doubled = next == Some(character);
        let doubles = current.in_value || domain_defined(current.label.trim()).is_some();
        match character {
            '$' if next.is_some_and(|next| "/;=$".contains(next)) => {
                characters.next().into_iter().for_each(|(_, literal)| current.push(literal));
            }
            '=' if !current.in_value && doubled && doubles => {
                characters.next();
                current.push('=');
            }
            '=' if !current.in_value => current.in_value = true,
            _ if character == delimiter && doubled && doubles => {
                characters.next();
                current.push(delimiter);
            }
            _ if character == delimiter => {
                finish(&mut components, current)?;
                current = Component { position: at + 2, ..Component::default() };
            }
            _ if character.is_whitespace() && !current.in_value && current.label.is_empty() => {
                current.position = at + 2;
            }
            _ => current.push(character),
        }
    }
    finish(&mut components, current)?;
    Ok(components)
}

fn finish(components: &mut Vec<Component>, component: Component) -> Result<(), AddressError> {
    let label = component.label.trim();
    if component.in_value {
        components.push(component);
    } else if !label.is_empty() {
        let fault = AddressFault::NoEquals(label.to_owned());
        return Err(AddressError { position: component.position, fault });
    }
    Ok(())
}
