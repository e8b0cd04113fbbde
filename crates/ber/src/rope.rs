//! A rope: octets in pieces that are shared, never joined unless somebody asks for it. What is
//! sent is a rope of encoded pieces and ranges of stored content.

use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// A sequence of shared pieces.
#[derive(Clone, Debug, Default)]
pub struct Rope {
    pieces: VecDeque<Bytes>,
    len: usize,
}

impl Rope {
    /// An empty rope.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many octets it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a piece at the end; an empty one leaves no trace.
    pub fn push(&mut self, piece: impl Into<Bytes>) {
        let piece = piece.into();
        if !piece.is_empty() {
            self.len += piece.len();
            self.pieces.push_back(piece);
        }
    }

    /// Puts a piece in front.
    pub fn push_front(&mut self, piece: impl Into<Bytes>) {
        let piece = piece.into();
        if !piece.is_empty() {
            self.len += piece.len();
            self.pieces.push_front(piece);
        }
    }

    /// Puts another rope at the end.
    pub fn append(&mut self, mut other: Self) {
        self.len += other.len;
        self.pieces.append(&mut other.pieces);
    }

    /// The pieces in order, none of them empty.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = &Bytes> + ExactSizeIterator {
        self.pieces.iter()
    }

    /// Takes the first piece out.
    pub fn pop_front(&mut self) -> Option<Bytes> {
        let piece = self.pieces.pop_front()?;
        self.len -= piece.len();
        Some(piece)
    }

    /// Takes the first `len` octets out, all of them where there are fewer.
    #[must_use]
    pub fn split_to(&mut self, len: usize) -> Self {
        let mut taken = Self::new();
        while taken.len < len {
            let Some(mut piece) = self.pop_front() else { break };
            let wanted = len - taken.len;
            if piece.len() > wanted {
                let head = piece.split_to(wanted);
                self.push_front(piece);
                piece = head;
            }
            taken.push(piece);
        }
        taken
    }

    /// All octets in one piece; copies only where there is more than one.
    pub fn to_bytes(&self) -> Bytes {
        match self.pieces.len() {
            0 => Bytes::new(),
            1 => self.pieces.front().cloned().unwrap_or_default(),
            _ => {
                let mut joined = BytesMut::with_capacity(self.len);
                self.pieces.iter().for_each(|piece| joined.extend_from_slice(piece));
                joined.freeze()
            }
        }
    }
}

impl From<Bytes> for Rope {
    fn from(piece: Bytes) -> Self {
        let mut rope = Self::new();
        rope.push(piece);
        rope
    }
}

impl From<Vec<u8>> for Rope {
    fn from(piece: Vec<u8>) -> Self {
        Self::from(Bytes::from(piece))
    }
}

impl From<&'static [u8]> for Rope {
    fn from(piece: &'static [u8]) -> Self {
        Self::from(Bytes::from_static(piece))
    }
}

impl FromIterator<Bytes> for Rope {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let mut rope = Self::new();
        pieces.into_iter().for_each(|piece| rope.push(piece));
        rope
    }
}

impl PartialEq for Rope {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.pieces.iter().flatten().eq(other.pieces.iter().flatten())
    }
}

impl Eq for Rope {}
