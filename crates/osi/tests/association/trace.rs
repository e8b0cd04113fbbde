//! What one who looks on is shown.

use crate::link::{Link, bind_request, initiator_options, invocation, table};
use restante_ber::Rope;
use restante_osi::{Direction, InitiatorOptions, Layer, ResponderOptions, Tracer};
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Tracer for Lines {
    fn pdu(&mut self, layer: Layer, direction: Direction, text: &str, octets: &Rope) {
        assert!(!octets.is_empty(), "{text}");
        self.0.lock().unwrap().push(format!("{direction} at the {layer}: {text}"));
    }
}

#[test]
fn every_layer_of_every_exchange_is_shown() {
    let lines = Lines::default();
    let tracer = Some(Box::new(lines.clone()) as Box<dyn Tracer>);
    let options = InitiatorOptions { tracer, ..initiator_options() };
    let mut link = Link::with(options, bind_request(), ResponderOptions::new(table()))
        .fragmented(vec![3])
        .bound();
    link.initiator.invoke(invocation(20));
    link.run();
    let shown = std::mem::take(&mut *lines.0.lock().unwrap());
    assert_eq!(
        shown,
        [
            "sent at the association control: AARQ associate",
            "sent at the presentation layer: CP connection request",
            "sent at the transport layer: CR connection request",
            "received at the transport layer: CC connection confirm",
            "sent at the session layer: CN connect",
            "sent at the transport layer: DT data",
            "received at the transport layer: DT data",
            "received at the session layer: AC accept",
            "received at the presentation layer: CPA connection accepted",
            "received at the association control: AARE associate",
            "sent at the remote operations: ROIV 1 operation 20",
            "sent at the presentation layer: TD user data",
            "sent at the session layer: GT DT data",
            "sent at the transport layer: DT data",
        ]
    );
}
