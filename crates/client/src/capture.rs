//! Captures: what an association sends and receives, as a file that `tshark` and Wireshark read.
//!
//! The file is classic pcap of raw IPv4. The TCP connection in it is made up (port 102 on the
//! responder's side, so that the octets are taken for TPKT), its payload is what went over the
//! real one. No rights beyond writing the file are needed.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// How much payload one packet of the file carries.
const SEGMENT_MAX: usize = 32_768;
/// The port of the responder in the file.
const RESPONDER_PORT: u16 = 102;
/// The pcap link type for packets that begin with the IP header.
const LINKTYPE_RAW: u32 = 101;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// A file to which any number of connections are captured.
#[derive(Clone, Debug)]
pub struct Capture(Arc<Mutex<Packets>>);

#[derive(Debug)]
struct Packets {
    file: BufWriter<File>,
    next_port: u16,
}

/// Who sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The side that opened the connection.
    Initiator,
    /// The other one.
    Responder,
}

impl Sender {
    /// The one at the other end.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

impl Capture {
    /// Makes the file, empty but for its header.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        for word in [0xa1b2_c3d4u32, 0x0002_0004, 0, 0, 0x0004_0000, LINKTYPE_RAW] {
            // Version 2.4 is two 16-bit numbers; in big-endian order they are one word.
            file.write_all(&word.to_be_bytes())?;
        }
        file.flush()?;
        Ok(Self(Arc::new(Mutex::new(Packets { file, next_port: 40_000 }))))
    }

    /// Begins a connection in the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn connection(&self) -> io::Result<Recorder> {
        let mut packets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let port = packets.next_port;
        packets.next_port = packets.next_port.checked_add(1).unwrap_or(40_000);
        drop(packets);
        let mut recorder = Recorder { capture: self.clone(), port, sent: [0, 0] };
        recorder.packet(Sender::Initiator, SYN, &[])?;
        recorder.packet(Sender::Responder, SYN | ACK, &[])?;
        recorder.packet(Sender::Initiator, ACK, &[])?;
        Ok(recorder)
    }
}

/// One connection of a [`Capture`].
pub struct Recorder {
    capture: Capture,
    port: u16,
    /// How far the sequence numbers of initiator and responder have come.
    sent: [u32; 2],
}

impl Recorder {
    /// Records octets that one side sent.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn record(&mut self, sender: Sender, octets: &[u8]) -> io::Result<()> {
        octets.chunks(SEGMENT_MAX).try_for_each(|part| self.packet(sender, PSH | ACK, part))
    }

    /// Records the end of the connection.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.packet(Sender::Initiator, FIN | ACK, &[])?;
        self.packet(Sender::Responder, FIN | ACK, &[])
    }

    fn packet(&mut self, sender: Sender, flags: u8, payload: &[u8]) -> io::Result<()> {
        let (own, other, ports, hosts) = match sender {
            Sender::Initiator => (0, 1, [self.port, RESPONDER_PORT], [1u8, 2]),
            Sender::Responder => (1, 0, [RESPONDER_PORT, self.port], [2, 1]),
        };
        let length = u16::try_from(40 + payload.len()).map_err(io::Error::other)?;
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        hosts.iter().for_each(|host| packet.extend([127, 0, 0, *host]));
        ports.iter().for_each(|port| packet.extend(port.to_be_bytes()));
        packet.extend(self.sent[own].to_be_bytes());
        packet.extend(self.sent[other].to_be_bytes());
        packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        packet.extend(payload);
        let counts = u32::from(flags & (SYN | FIN) != 0);
        let grown = u32::try_from(payload.len()).map_err(io::Error::other)? + counts;
        self.sent[own] = self.sent[own].wrapping_add(grown);
        self.write(&packet)
    }

    fn write(&self, packet: &[u8]) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
        let length = u32::try_from(packet.len()).map_err(io::Error::other)?;
        let mut packets = self.capture.0.lock().unwrap_or_else(PoisonError::into_inner);
        for word in [seconds, now.subsec_micros(), length, length] {
            packets.file.write_all(&word.to_be_bytes())?;
        }
        packets.file.write_all(packet)?;
        packets.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_has_a_header_and_one_record_a_packet() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("one.pcap");
        let mut recorder = Capture::create(&path).unwrap().connection().unwrap();
        recorder.record(Sender::Initiator, b"abc").unwrap();
        recorder.record(Sender::Responder, &vec![7; SEGMENT_MAX + 1]).unwrap();
        recorder.finish().unwrap();
        let file = std::fs::read(&path).unwrap();
        assert_eq!(file[..8], [0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4]);
        let mut at = 24;
        let mut payloads = Vec::new();
        while at < file.len() {
            let word = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
            let length = usize::try_from(word(at + 8)).unwrap();
            payloads.push(length - 40);
            at += 16 + length;
        }
        assert_eq!(payloads, [0, 0, 0, 3, SEGMENT_MAX, 1, 0, 0]);
    }
}
