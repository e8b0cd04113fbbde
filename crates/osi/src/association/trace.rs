//! PDUs of every layer for one who looks on. Where nobody does, each call is one comparison.

use crate::association::{Direction, Layer, Tracer};
use bytes::{Bytes, BytesMut};
use core::fmt::Display;
use restante_ber::Rope;

/// RFC 1006's header, in octets.
const TPKT_HEADER: usize = 4;

/// The tracer, where there is one.
#[derive(Debug, Default)]
pub(super) struct Trace {
    tracer: Option<Box<dyn Tracer>>,
    /// Octets of TPKTs that are not whole yet, received and sent.
    received: BytesMut,
    sent: BytesMut,
}

impl Trace {
    pub(super) fn new(tracer: Option<Box<dyn Tracer>>) -> Self {
        Self { tracer, ..Self::default() }
    }

    /// Nobody looks on any more.
    pub(super) fn take_tracer(&mut self) -> Option<Box<dyn Tracer>> {
        self.tracer.take()
    }

    /// Octets from the TCP connection.
    pub(super) fn received(&mut self, octets: &[u8]) {
        if let Some(tracer) = &mut self.tracer {
            self.received.extend_from_slice(octets);
            packets(&mut self.received, Direction::Received, &mut **tracer);
        }
    }

    /// Octets to the TCP connection.
    pub(super) fn sent(&mut self, octets: &Rope) {
        if let Some(tracer) = &mut self.tracer {
            octets.pieces().for_each(|piece| self.sent.extend_from_slice(piece));
            packets(&mut self.sent, Direction::Sent, &mut **tracer);
        }
    }

    /// A TSDU from the transport.
    pub(super) fn tsdu_received(&mut self, tsdu: &Bytes) {
        if self.tracer.is_some() {
            self.tsdu(Direction::Received, &Rope::from(tsdu.clone()));
        }
    }

    /// A PDU of a layer above the session on its way out.
    pub(super) fn pdu_sent(&mut self, layer: Layer, text: &dyn Display, octets: &Rope) {
        self.pdu(layer, Direction::Sent, text, octets);
    }

    /// A PDU of a layer above the session that came in.
    pub(super) fn pdu_received(&mut self, layer: Layer, text: &dyn Display, octets: &Bytes) {
        if self.tracer.is_some() {
            self.pdu(layer, Direction::Received, text, &Rope::from(octets.clone()));
        }
    }

    /// A TSDU to the transport.
    pub(super) fn tsdu_sent(&mut self, tsdu: &Rope) {
        if self.tracer.is_some() {
            self.tsdu(Direction::Sent, tsdu);
        }
    }

    fn tsdu(&mut self, direction: Direction, tsdu: &Rope) {
        let first = tsdu.pieces().next().and_then(|piece| piece.first()).copied();
        let text = match first {
            None => "nothing",
            // What follows a GT without parameters says more.
            Some(1) if octet(tsdu, 1) == Some(0) => {
                octet(tsdu, 2).map_or("GT give tokens", concatenated_name)
            }
            Some(1) => "GT give tokens",
            Some(si) => spdu_name(si),
        };
        self.pdu(Layer::Session, direction, &text, tsdu);
    }

    fn pdu(&mut self, layer: Layer, direction: Direction, text: &dyn Display, octets: &Rope) {
        if let Some(tracer) = &mut self.tracer {
            tracer.pdu(layer, direction, &text.to_string(), octets);
        }
    }
}

/// An octet of a rope.
fn octet(rope: &Rope, at: usize) -> Option<u8> {
    rope.pieces().flatten().nth(at).copied()
}

/// Shows whole TPKTs and leaves the rest.
fn packets(pending: &mut BytesMut, direction: Direction, tracer: &mut dyn Tracer) {
    while let Some([_, _, high, low]) = pending.first_chunk::<TPKT_HEADER>() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if pending.len() < length {
            return;
        }
        // What has no sensible length can't be cut into packets: it is shown whole.
        let length = if length < TPKT_HEADER { pending.len() } else { length };
        let packet = pending.split_to(length).freeze();
        let code = packet.get(TPKT_HEADER + 1).copied();
        let text = code.map_or("nothing", tpdu_name);
        tracer.pdu(Layer::Transport, direction, text, &Rope::from(packet));
    }
}

fn tpdu_name(code: u8) -> &'static str {
    match code & 0xf0 {
        0xe0 => "CR connection request",
        0xd0 => "CC connection confirm",
        0x80 => "DR disconnect request",
        0x70 => "ER error",
        0xf0 => "DT data",
        _ => "unknown TPDU",
    }
}

fn spdu_name(si: u8) -> &'static str {
    match si {
        2 => "PT please tokens",
        7 => "PR prepare",
        8 => "NF not finished",
        9 => "FN finish",
        10 => "DN disconnect",
        12 => "RF refuse",
        13 => "CN connect",
        14 => "AC accept",
        15 => "CDO connect data overflow",
        16 => "OA overflow accept",
        21 => "GTC give tokens confirm",
        22 => "GTA give tokens ack",
        25 => "AB abort",
        26 => "AA abort accept",
        _ => "unknown SPDU",
    }
}

/// The SPDU after a GT.
fn concatenated_name(si: u8) -> &'static str {
    match si {
        0 => "GT ER exception report",
        25 => "GT AI activity interrupt",
        26 => "GT AIA activity interrupt ack",
        29 => "GT AR activity resume",
        41 => "GT AE activity end",
        42 => "GT AEA activity end ack",
        45 => "GT AS activity start",
        48 => "GT ED exception data",
        49 => "GT MIP minor sync point",
        50 => "GT MIA minor sync ack",
        57 => "GT AD activity discard",
        58 => "GT ADA activity discard ack",
        _ => "GT DT data",
    }
}
