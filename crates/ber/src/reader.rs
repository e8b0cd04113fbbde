//! The reader (X.690 §8.1): elements over borrowed octets, in every form of length.

use crate::{Class, Error, Result, Tag};
use bytes::Bytes;

/// How deep elements may be nested, indefinite lengths included.
pub const MAX_DEPTH: u16 = 128;

/// How many elements may stand inside one indefinite-length encoding.
const MAX_SCANNED: u32 = 1 << 23;

/// One element: its tag, its form and its octets, borrowed from the input.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    /// The tag.
    pub tag: Tag,
    /// Whether the encoding is constructed.
    pub constructed: bool,
    octets: &'a [u8],
    contents: &'a [u8],
    source: Option<&'a Bytes>,
    depth: u16,
}

impl<'a> Element<'a> {
    /// Reads the one element that the input consists of.
    ///
    /// # Errors
    /// When the input is no whole element or goes on after it.
    pub fn parse(input: &'a [u8]) -> Result<Self> {
        Reader::new(input).only()
    }

    /// The whole element as it was received: identifier, length, contents, end-of-contents.
    pub fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The contents octets, without end-of-contents octets.
    pub fn contents(&self) -> &'a [u8] {
        self.contents
    }

    /// The whole element, shared with the received buffer where there is one.
    pub fn to_bytes(&self) -> Bytes {
        share(self.source, self.octets)
    }

    /// The contents octets, shared with the received buffer where there is one.
    pub fn contents_to_bytes(&self) -> Bytes {
        share(self.source, self.contents)
    }

    /// The elements inside a constructed encoding.
    ///
    /// # Errors
    /// When the encoding is primitive or nested too deeply.
    pub fn children(&self) -> Result<Reader<'a>> {
        if !self.constructed {
            return Err(Error::BadForm(self.tag));
        }
        if self.depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        Ok(Reader { rest: self.contents, source: self.source, depth: self.depth + 1 })
    }

    /// The one element inside an explicit tag.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn only_child(&self) -> Result<Self> {
        self.children()?.only()
    }

    /// The value of an open type under this element's tag: the one element inside, or, where an
    /// encoder wrote the tag in place of the value's own, this element itself.
    ///
    /// # Errors
    /// When there is nothing in it.
    pub fn open_value(&self) -> Result<Self> {
        match self.only_child() {
            Err(_) if !self.contents.is_empty() => Ok(*self),
            child => child,
        }
    }

    /// The contents of a primitive encoding.
    ///
    /// # Errors
    /// When the encoding is constructed.
    pub fn primitive(&self) -> Result<&'a [u8]> {
        if self.constructed { Err(Error::BadForm(self.tag)) } else { Ok(self.contents) }
    }
}

fn share(source: Option<&Bytes>, octets: &[u8]) -> Bytes {
    match source {
        Some(source) if !octets.is_empty() => source.slice_ref(octets),
        _ => Bytes::copy_from_slice(octets),
    }
}

/// A reader of one element after the other.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    source: Option<&'a Bytes>,
    depth: u16,
}

impl<'a> Reader<'a> {
    /// Reads borrowed octets; what is kept of them is copied.
    pub fn new(input: &'a [u8]) -> Self {
        Self { rest: input, source: None, depth: 0 }
    }

    /// Reads a shared buffer; what is kept of it shares it.
    pub fn over(input: &'a Bytes) -> Self {
        Self { rest: input, source: Some(input), depth: 0 }
    }

    /// Whether all has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element without moving on, `None` at the end.
    ///
    /// # Errors
    /// When what comes is no whole element.
    pub fn peek(&self) -> Result<Option<Element<'a>>> {
        let mut ahead = *self;
        ahead.next_element()
    }

    /// The next element, `None` at the end.
    ///
    /// # Errors
    /// When what comes is no whole element.
    pub fn next_element(&mut self) -> Result<Option<Element<'a>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let header = Header::read(self.rest)?;
        let body = self.rest.get(header.len..).ok_or(Error::Truncated)?;
        let (contents_len, end_len) = match header.length {
            Some(length) => (length, 0),
            None => {
                let room = MAX_DEPTH.checked_sub(self.depth).ok_or(Error::TooDeep)?;
                (find_end(body, room)?, 2)
            }
        };
        let contents = body.get(..contents_len).ok_or(Error::Truncated)?;
        let whole = header
            .len
            .checked_add(contents_len)
            .and_then(|n| n.checked_add(end_len))
            .ok_or(Error::Truncated)?;
        let (octets, rest) = self.rest.split_at_checked(whole).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(Some(Element {
            tag: header.tag,
            constructed: header.constructed,
            octets,
            contents,
            source: self.source,
            depth: self.depth,
        }))
    }

    /// The next element, which must be there.
    ///
    /// # Errors
    /// When there is none, or what comes is no whole element.
    pub fn required(&mut self) -> Result<Element<'a>> {
        self.next_element()?.ok_or(Error::Truncated)
    }

    /// The only element that is left.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn only(mut self) -> Result<Element<'a>> {
        let element = self.required()?;
        if self.rest.is_empty() { Ok(element) } else { Err(Error::Trailing) }
    }
}

/// How many octets the first element of `input` takes, `None` when `input` does not hold it
/// whole yet.
///
/// # Errors
/// When the octets can't begin an element.
pub fn measure(input: &[u8]) -> Result<Option<usize>> {
    match Reader::new(input).next_element() {
        Ok(Some(element)) => Ok(Some(element.octets().len())),
        Ok(None) | Err(Error::Truncated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Identifier and length octets.
struct Header {
    tag: Tag,
    constructed: bool,
    /// `None`: the indefinite form.
    length: Option<usize>,
    len: usize,
}

impl Header {
    fn read(input: &[u8]) -> Result<Self> {
        let mut octets = input.iter().copied();
        let first = octets.next().ok_or(Error::Truncated)?;
        let class = match first >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::Context,
            _ => Class::Private,
        };
        let constructed = first & 0x20 != 0;
        let mut number = u32::from(first & 0x1f);
        if number == 0x1f {
            number = read_high_number(&mut octets)?;
        }
        let length = read_length(&mut octets)?;
        if length.is_none() && !constructed {
            return Err(Error::BadHeader("an indefinite length on a primitive encoding"));
        }
        if class == Class::Universal && number == 0 {
            return Err(Error::BadHeader("end-of-contents octets where there is no end"));
        }
        let len = input.len() - octets.len();
        Ok(Self { tag: Tag { class, number }, constructed, length, len })
    }
}

/// X.690 §8.1.2.4: seven bits an octet, the highest bit set in all but the last.
fn read_high_number(octets: &mut impl Iterator<Item = u8>) -> Result<u32> {
    let mut number = 0u32;
    loop {
        let octet = octets.next().ok_or(Error::Truncated)?;
        if number > u32::MAX >> 7 {
            return Err(Error::BadHeader("a tag number above 2^32-1"));
        }
        number = number << 7 | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return Ok(number);
        }
    }
}

/// X.690 §8.1.3; leading zero octets are taken.
fn read_length(octets: &mut impl Iterator<Item = u8>) -> Result<Option<usize>> {
    let first = octets.next().ok_or(Error::Truncated)?;
    match first {
        0..=0x7f => Ok(Some(usize::from(first))),
        0x80 => Ok(None),
        0xff => Err(Error::BadHeader("the reserved length octet FF")),
        _ => {
            let mut length = 0usize;
            for _ in 0..first & 0x7f {
                let octet = octets.next().ok_or(Error::Truncated)?;
                if length > usize::MAX >> 8 {
                    return Err(Error::BadHeader("a length beyond this machine's memory"));
                }
                length = length << 8 | usize::from(octet);
            }
            Ok(Some(length))
        }
    }
}

/// Where the end-of-contents octets of an indefinite-length encoding stand in `body`: walks over
/// headers, without recursion, at most `room` levels deep.
fn find_end(body: &[u8], room: u16) -> Result<usize> {
    let mut at = 0usize;
    let mut open = 1u16;
    for _ in 0..MAX_SCANNED {
        let rest = body.get(at..).ok_or(Error::Truncated)?;
        if let [0, 0, ..] = rest {
            open -= 1;
            if open == 0 {
                return Ok(at);
            }
            at += 2;
            continue;
        }
        if let [0] = rest {
            return Err(Error::Truncated);
        }
        let header = Header::read(rest)?;
        at = at.checked_add(header.len).ok_or(Error::Truncated)?;
        match header.length {
            Some(length) => at = at.checked_add(length).ok_or(Error::Truncated)?,
            None if open >= room => return Err(Error::TooDeep),
            None => open += 1,
        }
    }
    Err(Error::TooMany)
}
