//! The writer: back to front, so that every length is known when it is written. Large octets are
//! not copied but become pieces of the rope that comes out.

use crate::{Class, Rope, Tag};
use bytes::Bytes;

/// Octets from this many on are referenced, not copied.
const SHARED_FROM: usize = 2048;

/// Writes an encoding from its end to its beginning.
#[derive(Default)]
pub struct Writer {
    /// What was written last, reversed.
    reversed: Vec<u8>,
    /// Finished pieces, in order.
    done: Rope,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many octets have been written.
    pub fn len(&self) -> usize {
        self.reversed.len() + self.done.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes one octet in front of what is there.
    pub fn octet(&mut self, octet: u8) {
        self.reversed.push(octet);
    }

    /// Writes octets in front of what is there.
    pub fn octets(&mut self, octets: &[u8]) {
        self.reversed.extend(octets.iter().rev());
    }

    /// Writes shared octets in front of what is there, without a copy when they are many.
    pub fn bytes(&mut self, octets: &Bytes) {
        if octets.len() < SHARED_FROM {
            self.octets(octets);
        } else {
            self.flush();
            self.done.push_front(octets.clone());
        }
    }

    /// Writes a rope in front of what is there.
    pub fn rope(&mut self, rope: &Rope) {
        rope.pieces().rev().for_each(|piece| self.bytes(piece));
    }

    /// Writes what `contents` writes, then length and identifier of a constructed encoding.
    pub fn constructed(&mut self, tag: Tag, contents: impl FnOnce(&mut Self)) {
        let before = self.len();
        contents(self);
        self.header(tag, true, self.len() - before);
    }

    /// Writes what `contents` writes, then length and identifier of a primitive encoding.
    pub fn primitive(&mut self, tag: Tag, contents: impl FnOnce(&mut Self)) {
        let before = self.len();
        contents(self);
        self.header(tag, false, self.len() - before);
    }

    /// Writes length and identifier for contents of `length` octets that are there already.
    pub fn header(&mut self, tag: Tag, constructed: bool, length: usize) {
        self.length(length);
        let class = match tag.class {
            Class::Universal => 0x00,
            Class::Application => 0x40,
            Class::Context => 0x80,
            Class::Private => 0xc0,
        };
        let lead = class | if constructed { 0x20 } else { 0 };
        match u8::try_from(tag.number) {
            Ok(number) if number < 0x1f => self.octet(lead | number),
            _ => {
                self.base128(u128::from(tag.number));
                self.octet(lead | 0x1f);
            }
        }
    }

    fn length(&mut self, length: usize) {
        match u8::try_from(length) {
            Ok(short) if short < 0x80 => self.octet(short),
            _ => {
                let all = length.to_be_bytes();
                let zeros = all.iter().take_while(|octet| **octet == 0).count();
                self.reversed.extend(all.iter().skip(zeros).rev());
                let count = u8::try_from(all.len() - zeros).unwrap_or(8);
                self.octet(0x80 | count);
            }
        }
    }

    /// Writes a number seven bits an octet (tag numbers, arcs of object identifiers).
    pub(crate) fn base128(&mut self, mut number: u128) {
        let mut more = 0x00;
        loop {
            let [.., low] = number.to_be_bytes();
            self.octet(low & 0x7f | more);
            more = 0x80;
            number >>= 7;
            if number == 0 {
                return;
            }
        }
    }

    fn flush(&mut self) {
        if !self.reversed.is_empty() {
            let mut piece = core::mem::take(&mut self.reversed);
            piece.reverse();
            self.done.push_front(piece);
        }
    }

    /// What was written.
    pub fn finish(mut self) -> Rope {
        self.flush();
        self.done
    }
}
