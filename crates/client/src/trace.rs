//! Traces: each layer's PDUs as lines for people, for `--trace`.

use restante_ber::Rope;
use restante_osi::{Direction, Layer, Tracer};
use std::fmt::Write as _;
use std::io::Write;
use std::time::Instant;

/// How many octets of a PDU a trace shows.
const SHOWN_OCTETS: usize = 48;

/// Writes a line for each PDU, and a second one with its first octets.
pub struct Trace<W> {
    out: W,
    begin: Instant,
}

impl<W: Write + Send> Trace<W> {
    /// A trace whose times count from now.
    pub fn new(out: W) -> Self {
        Self { out, begin: Instant::now() }
    }
}

impl<W> std::fmt::Debug for Trace<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trace")
    }
}

impl<W: Write + Send> Tracer for Trace<W> {
    fn pdu(&mut self, layer: Layer, direction: Direction, text: &str, octets: &Rope) {
        let elapsed_ms = self.begin.elapsed().as_millis();
        let arrow = match direction {
            Direction::Sent => "->",
            Direction::Received => "<-",
        };
        let indent = 2 * match layer {
            Layer::Transport => 0,
            Layer::Session => 1,
            Layer::Presentation => 2,
            Layer::AssociationControl | Layer::ReliableTransfer | Layer::RemoteOperations => 3,
        };
        let mut hex = String::new();
        for octet in octets.pieces().flatten().take(SHOWN_OCTETS) {
            let _ = write!(hex, "{octet:02x} ");
        }
        let more = if octets.len() > SHOWN_OCTETS { "…" } else { "" };
        let length = octets.len();
        // A trace that can't be written must not end the association that it shows.
        let _ = writeln!(
            self.out,
            "{elapsed_ms:>6} ms {arrow} {:indent$}{layer}: {text}, {length} octets\n\
             {:13}{:indent$}{hex}{more}",
            "", "", ""
        );
    }
}
