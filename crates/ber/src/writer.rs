//! The writer: back to front, so that every length is known when it is written. Large octets are
//! not copied but become pieces of the rope that comes out.

use crate::{Class, Rope, Tag};
use bytes::Bytes;

/// Octets from this many on are referenced, not copied.
const SHARED_FROM: usize = 2048;

/// The least room that is made for what is written, octets.
const ROOM_MIN: usize = 64;
/// What is written becomes a piece when it has so many octets.
const PIECE_MAX: usize = 256 << 10;

/// Writes an encoding from its end to its beginning.
#[derive(Default)]
pub struct Writer {
    /// Room, and at its end what was written last.
    octets: Vec<u8>,
    /// Where in it that begins.
    start: usize,
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
        self.octets.len() - self.start + self.done.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes one octet in front of what is there.
    pub fn octet(&mut self, octet: u8) {
        self.octets(&[octet]);
    }

    /// Writes octets in front of what is there.
    pub fn octets(&mut self, octets: &[u8]) {
        if octets.len() > self.start {
            self.make_room(octets.len());
        }
        let start = self.start - octets.len();
        if let Some(room) = self.octets.get_mut(start..self.start) {
            room.copy_from_slice(octets);
        }
        self.start = start;
    }

    /// Makes room for so many octets in front.
    fn make_room(&mut self, more: usize) {
        let written = self.octets.len() - self.start;
        if written >= PIECE_MAX {
            self.flush();
            // There is much to write: the next piece has its room from the start.
            let length = PIECE_MAX.max(more);
            (self.octets, self.start) = (vec![0; length], length);
            return;
        }
        let length = (written + more).max(2 * self.octets.len()).max(ROOM_MIN);
        let mut octets = vec![0; length];
        let start = length - written;
        if let (Some(room), Some(old)) = (octets.get_mut(start..), self.octets.get(self.start..)) {
            room.copy_from_slice(old);
        }
        (self.octets, self.start) = (octets, start);
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
                self.octets(all.get(zeros..).unwrap_or_default());
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
        let octets = core::mem::take(&mut self.octets);
        let start = core::mem::take(&mut self.start);
        let written = octets.len() - start;
        if written >= start {
            self.done.push_front(Bytes::from(octets).slice(start..));
        } else {
            // Much room is left: it is not kept for so few.
            self.done.push_front(Bytes::copy_from_slice(octets.get(start..).unwrap_or_default()));
        }
    }

    /// What was written.
    pub fn finish(mut self) -> Rope {
        self.flush();
        self.done
    }
}
