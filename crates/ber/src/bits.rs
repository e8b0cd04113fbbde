//! BIT STRING (X.690 §8.6).

use crate::{Decode, Element, Encode, Error, Result, Tag, Writer};

/// A BIT STRING: bit 0 is the highest bit of the first octet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BitString {
    /// The octets; unused bits of the last one are zero.
    octets: Vec<u8>,
    /// How many bits of the last octet are unused, 0 to 7.
    unused: u8,
}

impl BitString {
    /// A bit string with these bits set, as long as the highest of them needs (the form of a
    /// named bit list without trailing zeros).
    pub fn of_bits(bits: impl IntoIterator<Item = usize>) -> Self {
        let mut string = Self::default();
        bits.into_iter().for_each(|bit| string.set(bit));
        string
    }

    /// A bit string of whole octets.
    pub fn of_octets(octets: Vec<u8>) -> Self {
        Self { octets, unused: 0 }
    }

    /// Whether a bit is set; bits behind the end are not.
    pub fn has(&self, bit: usize) -> bool {
        self.octets.get(bit / 8).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0)
    }

    /// Sets a bit, making the string longer where needed.
    pub fn set(&mut self, bit: usize) {
        if bit >= self.len() {
            self.octets.resize(bit / 8 + 1, 0);
            self.unused = 7 - u8::try_from(bit % 8).unwrap_or(7);
        }
        if let Some(octet) = self.octets.get_mut(bit / 8) {
            *octet |= 0x80 >> (bit % 8);
        }
    }

    /// How many bits it has.
    pub fn len(&self) -> usize {
        (self.octets.len() * 8).saturating_sub(usize::from(self.unused))
    }

    /// Whether it has no bits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the bits that are set.
    pub fn ones(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|bit| self.has(*bit))
    }

    /// The octets, unused bits zero.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    fn append(&mut self, element: &Element<'_>) -> Result<()> {
        if element.constructed {
            let mut children = element.children()?;
            while let Some(child) = children.next_element()? {
                if child.tag != Tag::BIT_STRING {
                    let wanted = "segment of a BIT STRING";
                    return Err(Error::Unexpected { wanted, found: child.tag });
                }
                self.append(&child)?;
            }
            return Ok(());
        }
        let (unused, octets) =
            element.contents().split_first().ok_or(Error::Value("a BIT STRING has an octet"))?;
        if self.unused != 0 {
            return Err(Error::Value("only the last segment may have unused bits"));
        }
        if *unused > 7 || (octets.is_empty() && *unused != 0) {
            return Err(Error::Value("more unused bits than a BIT STRING can have"));
        }
        self.octets.extend_from_slice(octets);
        self.unused = *unused;
        if let Some(last) = self.octets.last_mut() {
            *last &= 0xff << self.unused;
        }
        Ok(())
    }
}

impl Decode for BitString {
    const NAME: &'static str = "BIT STRING";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::BIT_STRING
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut string = Self::default();
        string.append(element)?;
        Ok(string)
    }
}

impl Encode for BitString {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::BIT_STRING, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.primitive(tag, |writer| {
            writer.octets(&self.octets);
            writer.octet(self.unused);
        });
    }
}
