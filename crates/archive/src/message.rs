//! A message as a file: a header, what is beside the content, the content.
//!
//! One octet that is not as it was written is found: the header has a checksum of its own and one
//! of all that follows it, and says how long that is.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};

use bytes::Bytes;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use restante_storage::WholeChild;
use uuid::Uuid;

const MAGIC: &[u8; 8] = b"restmesg";
const VERSION: u32 = 1;
const HEADER_OCTETS: usize = 96;
/// The content is compressed.
const COMPRESSED: u32 = 1;
/// Contents that are shorter are not compressed: it is not worth it.
const COMPRESSED_MIN: usize = 256;

/// What an entry is called everywhere and for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity {
    /// The store that it was first stored in.
    pub(crate) store: Uuid,
    /// By which change.
    pub(crate) change: u64,
    /// Which of that change's entries it is.
    pub(crate) ordinal: u32,
}

/// An entry, with its children, outside of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) identity: Identity,
    pub(crate) mailbox: String,
    pub(crate) number: u32,
    pub(crate) creation_time: i64,
    pub(crate) class: u8,
    pub(crate) status: u8,
    pub(crate) envelope: Bytes,
    pub(crate) amendment: Bytes,
    pub(crate) content: Bytes,
    pub(crate) children: Vec<WholeChild>,
}

/// Counts and sums what goes through.
struct Summed<W> {
    inner: W,
    octets: u64,
    checksum: u32,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.octets += written as u64;
        self.checksum = crc32c::crc32c_append(self.checksum, &buffer[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Message {
    /// Writes it into a file that is empty; how long it is.
    pub(crate) fn write(&self, file: &File, compress: bool) -> io::Result<u64> {
        let mut out = BufWriter::new(file);
        out.write_all(&[0; HEADER_OCTETS])?;
        let mut out = Summed { inner: out, octets: 0, checksum: 0 };
        out.write_all(&self.meta())?;
        let meta = out.octets;
        let compressed = compress && self.content.len() >= COMPRESSED_MIN;
        if compressed {
            let mut deflate = DeflateEncoder::new(&mut out, Compression::default());
            deflate.write_all(&self.content)?;
            deflate.finish()?;
        } else {
            out.write_all(&self.content)?;
        }
        let Summed { mut inner, octets, checksum } = out;
        let mut header = [0; HEADER_OCTETS];
        let flags = if compressed { COMPRESSED } else { 0 };
        let Identity { store, change, ordinal } = self.identity;
        let mut at = 0;
        let mut put = |octets: &[u8]| {
            header[at..at + octets.len()].copy_from_slice(octets);
            at += octets.len();
        };
        put(MAGIC);
        put(&VERSION.to_le_bytes());
        put(&flags.to_le_bytes());
        put(store.as_bytes());
        put(&change.to_le_bytes());
        put(&ordinal.to_le_bytes());
        put(&self.number.to_le_bytes());
        put(&self.creation_time.to_le_bytes());
        put(&[self.class, self.status, 0, 0]);
        put(&(self.children.len() as u32).to_le_bytes());
        put(&meta.to_le_bytes());
        put(&(octets - meta).to_le_bytes());
        put(&(self.content.len() as u64).to_le_bytes());
        put(&checksum.to_le_bytes());
        let sum = crc32c::crc32c(&header[..HEADER_OCTETS - 4]);
        header[HEADER_OCTETS - 4..].copy_from_slice(&sum.to_le_bytes());
        inner.flush()?;
        inner.seek(SeekFrom::Start(0))?;
        inner.write_all(&header)?;
        inner.flush()?;
        Ok(HEADER_OCTETS as u64 + octets)
    }

    /// What is beside the content and has no fixed length.
    fn meta(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for octets in [self.mailbox.as_bytes(), &self.envelope, &self.amendment] {
            put_octets(octets, &mut out);
        }
        for child in &self.children {
            let parent = child.parent.map_or(0, |place| place as u32 + 1);
            let after = child.number.saturating_sub(self.number);
            out.extend_from_slice(&after.to_le_bytes());
            out.extend_from_slice(&parent.to_le_bytes());
            out.extend_from_slice(&[child.class, child.status, 0, 0]);
            out.extend_from_slice(&child.range.start.to_le_bytes());
            out.extend_from_slice(&child.range.end.to_le_bytes());
            put_octets(&child.envelope, &mut out);
            put_octets(&child.amendment, &mut out);
        }
        out
    }

    /// Reads a file whole. `Err` inside says what is wrong with what was read.
    pub(crate) fn read(path: &Path) -> io::Result<Result<Self, &'static str>> {
        let octets = std::fs::read(path)?;
        Ok(Self::decode(octets.into()))
    }

    pub(crate) fn decode(octets: Bytes) -> Result<Self, &'static str> {
        let Some((header, rest)) = octets.split_at_checked(HEADER_OCTETS) else {
            return Err("it is cut off");
        };
        let mut fields = Fields(Bytes::copy_from_slice(header));
        let sum = u32::from_le_bytes([header[92], header[93], header[94], header[95]]);
        if fields.take(8).as_deref() != Some(MAGIC) {
            return Err("it is no message of a backup");
        }
        if crc32c::crc32c(&header[..HEADER_OCTETS - 4]) != sum {
            return Err("its header is damaged");
        }
        if fields.u32() != Some(VERSION) {
            return Err("a later version wrote it; use that one");
        }
        let body = octets.slice(HEADER_OCTETS..);
        Self::decode_body(&mut fields, rest, body).unwrap_or(Err("its header makes no sense"))
    }

    fn decode_body(
        fields: &mut Fields,
        rest: &[u8],
        body: Bytes,
    ) -> Option<Result<Self, &'static str>> {
        let flags = fields.u32()?;
        let store = Uuid::from_slice(&fields.take(16)?).ok()?;
        let identity = Identity { store, change: fields.u64()?, ordinal: fields.u32()? };
        let (number, creation_time) = (fields.u32()?, fields.u64()?.cast_signed());
        let (class, status, _) = (fields.u8()?, fields.u8()?, fields.take(2)?);
        let children = fields.u32()?;
        let [meta, stored, length] = [fields.u64()?, fields.u64()?, fields.u64()?];
        let checksum = fields.u32()?;
        if flags > COMPRESSED || meta.checked_add(stored)? != body.len() as u64 {
            return Some(Err("it is cut off, or something follows it"));
        }
        if crc32c::crc32c(rest) != checksum {
            return Some(Err("it is damaged"));
        }
        let meta = usize::try_from(meta).ok()?;
        let mut told = Fields(body.slice(..meta));
        let mailbox = String::from_utf8(told.octets()?.to_vec()).ok()?;
        let (envelope, amendment) = (told.octets()?, told.octets()?);
        let mut message = Self {
            identity,
            mailbox,
            number,
            creation_time,
            class,
            status,
            envelope,
            amendment,
            content: body.slice(meta..),
            children: Vec::new(),
        };
        for _ in 0..children {
            message.children.push(told.child(number)?);
        }
        if flags == COMPRESSED {
            let mut content = Vec::new();
            let inflate = DeflateDecoder::new(&message.content[..]);
            inflate.take(length.saturating_add(1)).read_to_end(&mut content).ok()?;
            message.content = content.into();
        }
        (message.content.len() as u64 == length && told.0.is_empty()).then_some(Ok(message))
    }
}

fn put_octets(octets: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(octets.len() as u32).to_le_bytes());
    out.extend_from_slice(octets);
}

/// Octets that are read from the front.
struct Fields(Bytes);

impl Fields {
    fn take(&mut self, octets: usize) -> Option<Bytes> {
        (octets <= self.0.len()).then(|| self.0.split_to(octets))
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?[..].try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?[..].try_into().ok()?))
    }

    fn octets(&mut self) -> Option<Bytes> {
        let length = usize::try_from(self.u32()?).ok()?;
        self.take(length)
    }

    fn child(&mut self, number: u32) -> Option<WholeChild> {
        let number = number.checked_add(self.u32()?)?;
        let parent = self.u32()?.checked_sub(1);
        let parent = parent.map(usize::try_from).transpose().ok()?;
        let (class, status, _) = (self.u8()?, self.u8()?, self.take(2)?);
        let range = self.u64()?..self.u64()?;
        let (envelope, amendment) = (self.octets()?, self.octets()?);
        Some(WholeChild { number, class, status, parent, envelope, amendment, range })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: &[u8]) -> Message {
        let child = |number, parent| WholeChild {
            number,
            class: 0,
            status: 1,
            parent,
            envelope: Bytes::from_static(b"child"),
            amendment: Bytes::new(),
            range: 1..content.len() as u64,
        };
        Message {
            identity: Identity { store: Uuid::from_u128(7), change: 9, ordinal: 2 },
            mailbox: "/CN=ALICE/".into(),
            number: 12,
            creation_time: -5,
            class: 1,
            status: 2,
            envelope: Bytes::from_static(b"envelope"),
            amendment: Bytes::from_static(b"note"),
            content: Bytes::copy_from_slice(content),
            children: vec![child(13, None), child(15, Some(0))],
        }
    }

    fn written(message: &Message, compress: bool) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("m");
        let file = File::create_new(&path).unwrap();
        let octets = message.write(&file, compress).unwrap();
        let read = std::fs::read(&path).unwrap();
        assert_eq!(octets, read.len() as u64);
        read
    }

    #[test]
    fn what_is_written_is_read_and_every_flipped_bit_is_found() {
        for (content, compress) in
            [(vec![b'a'; 300], true), (vec![b'a'; 300], false), (vec![], true)]
        {
            let message = message(&content);
            let octets = written(&message, compress);
            assert_eq!(octets.len() < 330, compress, "{}", octets.len());
            assert_eq!(Message::decode(octets.clone().into()), Ok(message));
            for at in 0..octets.len() {
                let mut flipped = octets.clone();
                flipped[at] ^= 1 << (at % 8);
                assert!(Message::decode(flipped.into()).is_err(), "octet {at}");
                assert!(Message::decode(octets[..at].to_vec().into()).is_err(), "cut at {at}");
            }
            assert!(Message::decode([&octets[..], b"x"].concat().into()).is_err());
        }
    }
}
