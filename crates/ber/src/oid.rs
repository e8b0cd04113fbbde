//! OBJECT IDENTIFIER (X.690 §8.19).

use crate::{Decode, Element, Encode, Error, Result, Tag, Writer};
use bytes::Bytes;
use core::{fmt, str::FromStr};

/// How long the contents octets of an object identifier may be.
const MAX_OCTETS: usize = 512;

/// An object identifier, kept as its contents octets. [`oid!`](crate::oid) makes constants.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(Bytes);

impl Oid {
    /// An object identifier from contents octets that are known to be good.
    #[doc(hidden)]
    pub const fn from_static(contents: &'static [u8]) -> Self {
        Self(Bytes::from_static(contents))
    }

    /// An object identifier from its arcs.
    ///
    /// # Errors
    /// When there are fewer than two arcs or the first two are out of range.
    pub fn from_arcs(arcs: &[u128]) -> Result<Self> {
        let [first, second, rest @ ..] = arcs else {
            return Err(Error::Value("an object identifier has two arcs at least"));
        };
        if *first > 2 || (*first < 2 && *second > 39) {
            return Err(Error::Value("the first arcs of an object identifier are out of range"));
        }
        let lead = second
            .checked_add(first * 40)
            .ok_or(Error::Value("an arc of an object identifier is out of range"))?;
        let mut writer = Writer::new();
        rest.iter().rev().for_each(|arc| writer.base128(*arc));
        writer.base128(lead);
        Ok(Self(writer.finish().to_bytes()))
    }

    /// The contents octets.
    pub fn contents(&self) -> &[u8] {
        &self.0
    }

    /// The arcs; one beyond 128 bits is given as the largest number.
    pub fn arcs(&self) -> Vec<u128> {
        let mut arcs = Vec::new();
        let mut arc = 0u128;
        for octet in &self.0 {
            arc = match arc.checked_mul(128) {
                Some(shifted) => shifted | u128::from(octet & 0x7f),
                None => u128::MAX,
            };
            if octet & 0x80 == 0 {
                if arcs.is_empty() {
                    let first = (arc / 40).min(2);
                    arcs.push(first);
                    arc -= first * 40;
                }
                arcs.push(arc);
                arc = 0;
            }
        }
        arcs
    }

    /// Whether this object identifier lies below `parent` or is it.
    pub fn starts_with(&self, parent: &Self) -> bool {
        self.0.starts_with(&parent.0)
    }

    /// The last arc where this object identifier is one arc below `parent`.
    pub fn last_arc_below(&self, parent: &Self) -> Option<u128> {
        let arcs = self.arcs();
        let (last, lead) = arcs.split_last()?;
        (lead == parent.arcs()).then_some(*last)
    }
}

impl FromStr for Oid {
    type Err = Error;

    /// Reads the dotted form, `2.6.0.1.4`.
    fn from_str(text: &str) -> Result<Self> {
        let arcs = text
            .split('.')
            .map(|arc| arc.parse().map_err(|_| Error::Value("an arc is no number")))
            .collect::<Result<Vec<u128>>>()?;
        Self::from_arcs(&arcs)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, arc) in self.arcs().into_iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "{arc}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Decode for Oid {
    const NAME: &'static str = "OBJECT IDENTIFIER";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::OBJECT_IDENTIFIER
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let octets = element.primitive()?;
        if octets.len() > MAX_OCTETS || octets.last().is_none_or(|last| last & 0x80 != 0) {
            return Err(Error::Value("an object identifier that is empty, cut off or too long"));
        }
        Ok(Self(element.contents_to_bytes()))
    }
}

impl Encode for Oid {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::OBJECT_IDENTIFIER, writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.primitive(tag, |writer| writer.bytes(&self.0));
    }
}

/// How many contents octets these arcs take. For [`oid!`](crate::oid).
#[doc(hidden)]
pub const fn arcs_len(arcs: &[u128]) -> usize {
    let mut len = 0;
    let mut rest = arcs;
    let mut carry = 0;
    let mut first = true;
    while let [arc, tail @ ..] = rest {
        rest = tail;
        if first {
            carry = *arc * 40;
            first = false;
            continue;
        }
        let mut value = *arc + carry;
        carry = 0;
        len += 1;
        while value >= 0x80 {
            value >>= 7;
            len += 1;
        }
    }
    len
}

/// The contents octets of arcs. For [`oid!`](crate::oid), where the compiler runs it.
#[doc(hidden)]
#[allow(clippy::indexing_slicing, clippy::as_conversions)]
pub const fn encode_arcs<const N: usize>(arcs: &[u128]) -> [u8; N] {
    let mut octets = [0u8; N];
    let mut at = N;
    let mut arc = arcs.len();
    while arc > 1 {
        arc -= 1;
        let mut value = if arc == 1 { arcs[0] * 40 + arcs[1] } else { arcs[arc] };
        let mut more = 0;
        loop {
            at -= 1;
            octets[at] = (value & 0x7f) as u8 | more;
            more = 0x80;
            value >>= 7;
            if value == 0 {
                break;
            }
        }
    }
    octets
}

/// A constant object identifier from its arcs: `oid!(2, 6, 0, 1, 4)`.
#[macro_export]
macro_rules! oid {
    ($($arc:expr),+ $(,)?) => {{
        const ARCS: &[u128] = &[$($arc),+];
        const CONTENTS: [u8; $crate::arcs_len(ARCS)] = $crate::encode_arcs(ARCS);
        $crate::Oid::from_static(&CONTENTS)
    }};
}
