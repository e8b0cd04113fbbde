//! The elements of names: the attributes of an O/R address, and what else a descriptor says, as
//! the rules that look into names compare them (X.413 §12.4, X.420 §19.9).

use restante_ber::{Decode, Element, Error, PrintableString, Tag, TeletexString};
use restante_mhs::x411::{ORAddress, ORName};
use restante_mhs::x413::attributes::{AttributeDescription, SyntaxKind};
use restante_mhs::x501;

use super::NotOfSyntax;
use super::text::fold;

/// How a value holds its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// ORAddress.
    Address,
    /// ORName.
    Name,
    /// A Redirection or a DLExpansion: the first name in it.
    History,
    /// ORDescriptor.
    Descriptor,
    /// RecipientSpecifier.
    Specifier,
    /// CirculationMember.
    Circulation,
}

impl Shape {
    /// The shape of the values of an attribute, `None` where they hold no name.
    pub(crate) fn of(row: &AttributeDescription) -> Option<Self> {
        Some(match (row.kind, row.syntax) {
            (SyntaxKind::ORName, _) => Self::Name,
            (SyntaxKind::ORDescriptor, _) => Self::Descriptor,
            (SyntaxKind::RecipientSpecifier, _) => Self::Specifier,
            (SyntaxKind::CirculationMember, _) => Self::Circulation,
            (_, "Redirection" | "DLExpansion") => Self::History,
            _ => return None,
        })
    }
}

/// How deep the name in a value may lie.
const DEPTH_MAX: usize = 4;

/// Elements of a name: what each is, and its folded text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Elements {
    all: Vec<(String, String)>,
    directory_name: Option<x501::Name>,
}

impl Elements {
    /// Those of a value.
    pub(crate) fn of(element: &Element<'_>, shape: Shape) -> Result<Self, NotOfSyntax> {
        let mut elements = Self::default();
        match shape {
            Shape::Address => elements.add_address(&ORAddress::decode(element)?),
            Shape::Name => elements.add_name(&ORName::decode(element)?),
            Shape::History => {
                let name = first_name(element, DEPTH_MAX).ok_or(NotOfSyntax)?;
                elements.add_name(&ORName::decode(&name)?);
            }
            Shape::Descriptor => elements.add_descriptor(element)?,
            Shape::Specifier => elements.add_specifier(element)?,
            Shape::Circulation => {
                let specifier = member(element, Tag::SET).ok_or(NotOfSyntax)?;
                elements.add_specifier(&specifier)?;
            }
        }
        Ok(elements)
    }

    fn add(&mut self, what: &str, text: &str) {
        self.all.push((what.to_owned(), fold(text)));
    }

    fn add_address(&mut self, address: &ORAddress) {
        for attribute in address.attributes() {
            let what = format!("{:?}", attribute.attribute_type).to_lowercase();
            self.add(&what, &attribute.value);
        }
    }

    fn add_name(&mut self, name: &ORName) {
        self.add_address(&name.address);
        self.directory_name.clone_from(&name.directory_name);
    }

    fn add_descriptor(&mut self, descriptor: &Element<'_>) -> Result<(), NotOfSyntax> {
        let mut members = descriptor.children()?;
        while let Some(member) = members.next_element()? {
            if ORName::accepts(member.tag) {
                self.add_name(&ORName::decode(&member)?);
            } else if member.tag == Tag::context(0) {
                self.add("free-form-name", TeletexString::decode_contents(&member)?.as_str());
            } else if member.tag == Tag::context(1) {
                let number = PrintableString::decode_contents(&member)?;
                self.add("telephone-number", number.as_str());
            }
        }
        Ok(())
    }

    fn add_specifier(&mut self, specifier: &Element<'_>) -> Result<(), NotOfSyntax> {
        let recipient = member(specifier, Tag::context(0))
            .ok_or(Error::Missing { of: "RecipientSpecifier", member: "recipient" })?;
        self.add_descriptor(&recipient)
    }

    fn has_directory_name(&self, wanted: &Self) -> bool {
        wanted.directory_name.is_none() || wanted.directory_name == self.directory_name
    }

    /// Whether they are these, in any order.
    pub(crate) fn are(&self, wanted: &Self) -> bool {
        self.have(wanted) && wanted.all.iter().len() == self.all.len()
    }

    /// Whether these are among them.
    pub(crate) fn have(&self, wanted: &Self) -> bool {
        self.has_directory_name(wanted) && wanted.all.iter().all(|one| self.all.contains(one))
    }

    /// Whether there is one of each kind that has these in it.
    pub(crate) fn have_parts(&self, wanted: &Self) -> bool {
        let has = |(what, part): &(String, String)| {
            self.all.iter().any(|(known, text)| known == what && text.contains(part.as_str()))
        };
        self.has_directory_name(wanted) && wanted.all.iter().all(has)
    }

    /// Whether one of them is this.
    pub(crate) fn have_one(&self, wanted: &str) -> bool {
        self.all.iter().any(|(_, text)| text == wanted)
    }
}

/// The first member of a tag.
pub(super) fn member<'a>(element: &Element<'a>, tag: Tag) -> Option<Element<'a>> {
    let mut members = element.children().ok()?;
    while let Some(member) = members.next_element().ok()? {
        if member.tag == tag {
            return Some(member);
        }
    }
    None
}

/// The first O/R name in a value.
fn first_name<'a>(element: &Element<'a>, depth: usize) -> Option<Element<'a>> {
    let depth = depth.checked_sub(1)?;
    let mut members = element.children().ok()?;
    while let Some(member) = members.next_element().ok()? {
        if ORName::accepts(member.tag) {
            return Some(member);
        }
        if member.constructed
            && let Some(found) = first_name(&member, depth)
        {
            return Some(found);
        }
    }
    None
}
