//! What all states of an association share: the layers below, the events, the clock.

use crate::association::stack::{Signal, Stack};
use crate::association::user_information::external;
use crate::association::{
    Abort, AbortedBy, Event, Layer, Limits, ProtocolError, Refusal, Role, RtseOptions,
};
use crate::x225;
use crate::x226::{AbortPpdu, Arp, Aru, BASIC_ENCODING, IdentifiedContext, UserData};
use crate::x227::{Abrt, AbrtSource};
use crate::x228::{AbortReason, Rtab, RtseApdu, SessionConnectionIdentifier};
use bytes::Bytes;
use core::fmt::Display;
use restante_ber::{Encode, External, Rope};
use std::collections::VecDeque;
use std::time::Instant;

/// The shared part of an association.
pub(super) struct Shared {
    pub(super) stack: Stack,
    pub(super) limits: Limits,
    pub(super) role: Role,
    /// The time of the call that is being handled.
    pub(super) now: Instant,
    /// When the peer was last heard.
    pub(super) heard: Instant,
    /// Whether something has been sent since the idle time began.
    pub(super) sent: bool,
    /// When the state is given up.
    pub(super) deadline: Option<Instant>,
    pub(super) rtse: RtseOptions,
    /// The presentation context of reliable transfer, where that is agreed on.
    pub(super) rtse_context: Option<Option<i64>>,
    /// By which name the association can be recovered.
    pub(super) suspended: Option<SessionConnectionIdentifier>,
    events: VecDeque<Event>,
    /// Whether the last event has been given.
    over: bool,
    /// Whether the TCP connection is to be closed.
    close: bool,
}

impl Shared {
    pub(super) fn new(
        stack: Stack,
        limits: Limits,
        rtse: RtseOptions,
        role: Role,
        now: Instant,
    ) -> Self {
        let deadline = now.checked_add(limits.bind_time);
        Self {
            stack,
            limits,
            role,
            now,
            heard: now,
            sent: false,
            deadline,
            rtse,
            rtse_context: None,
            suspended: None,
            events: VecDeque::new(),
            over: false,
            close: false,
        }
    }

    /// Reports something.
    pub(super) fn emit(&mut self, event: Event) {
        if !self.over {
            self.events.push_back(event);
        }
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The association is over: this is its last event, and the peer has some time to close.
    pub(super) fn finish(&mut self, event: Option<Event>) {
        if let Some(event) = event {
            self.emit(event);
        }
        self.over = true;
        self.deadline = self.now.checked_add(self.limits.disconnect_time);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// The association is bound.
    pub(super) fn bound(&mut self) {
        self.deadline = None;
        self.stack.set_limit(self.limits.tsdu);
    }

    /// The TCP connection is to be closed when all has been sent, or when the peer has had its
    /// time to take it.
    pub(super) fn close(&mut self) {
        self.close = true;
        self.deadline = self.now.checked_add(self.limits.disconnect_time);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.close
    }

    /// Ends the association from this side, which is no fault of the peer's protocol.
    pub(super) fn give_up(&mut self, layer: Layer, reason: impl Into<String>) {
        let abort =
            Abort { by: AbortedBy::Us, layer, reason: reason.into(), user_information: None };
        self.finish(Some(Event::Aborted(abort)));
    }

    /// Shows a PDU on its way out.
    pub(super) fn trace_sent(&mut self, layer: Layer, text: &dyn Display, octets: &Rope) {
        self.stack.trace.pdu_sent(layer, text, octets);
    }

    /// Shows a PDU that came in.
    pub(super) fn trace_received(&mut self, layer: Layer, text: &dyn Display, octets: &Bytes) {
        self.stack.trace.pdu_received(layer, text, octets);
    }

    /// A request to the session. One that it can't carry ends the association.
    pub(super) fn session(&mut self, request: x225::Request) {
        if let Err(misuse) = self.stack.request(request) {
            self.stack.abort(x225::AbortFlags(x225::AbortFlags::RESTRICTION));
            self.give_up(Layer::Session, misuse.to_string());
        }
    }

    /// Sends a PPDU of abort. Where there is no session yet the connection is closed.
    fn abort(&mut self, ppdu: &AbortPpdu, text: &str) {
        if !self.stack.has_session() {
            return self.close();
        }
        let octets = ppdu.to_rope();
        self.trace_sent(Layer::Presentation, &text, &octets);
        self.session(x225::Request::UAbort(octets));
    }

    /// Aborts with an ABRT in an ARU; over reliable transfer its user does so with an RTAB.
    pub(super) fn abort_association(&mut self, acse_context: Option<i64>, source: AbrtSource) {
        if self.rtse_context.is_some() && source == AbrtSource::ACSE_SERVICE_USER {
            return self.abort_reliable(acse_context, AbortReason::USER_ERROR);
        }
        self.abort_with(acse_context, source, None);
    }

    /// Aborts with an RTAB in an ABRT in an ARU.
    pub(super) fn abort_reliable(&mut self, acse_context: Option<i64>, reason: AbortReason) {
        let (reflected_parameter, user_data) = (None, None);
        let rtab = Rtab { abort_reason: Some(reason), reflected_parameter, user_data };
        let context = self.rtse_context.flatten();
        let information = external(context, &RtseApdu::Rtab(rtab));
        self.abort_with(acse_context, AbrtSource::ACSE_SERVICE_USER, Some(information));
    }

    fn abort_with(
        &mut self,
        acse_context: Option<i64>,
        abort_source: AbrtSource,
        user_information: Option<Vec<External>>,
    ) {
        let abrt = Abrt { abort_source, abort_diagnostic: None, user_information };
        let apdu = abrt.to_rope();
        self.trace_sent(Layer::AssociationControl, &"ABRT abort", &apdu);
        let identified = |presentation_context_identifier| {
            vec![IdentifiedContext {
                presentation_context_identifier,
                transfer_syntax_name: BASIC_ENCODING,
            }]
        };
        let aru = Aru {
            presentation_context_identifier_list: acse_context.map(identified),
            user_data: Some(UserData::single(acse_context, apdu)),
        };
        self.abort(&AbortPpdu::Aru(aru), "ARU user abort");
    }

    /// Aborts with an ARP.
    pub(super) fn abort_presentation(&mut self, arp: Arp) {
        self.abort(&AbortPpdu::Arp(arp), "ARP provider abort");
    }

    /// Aborts with a bare AB, where no presentation connection is known of.
    pub(super) fn abort_session(&mut self) {
        if self.stack.has_session() {
            self.stack.abort(x225::AbortFlags(x225::AbortFlags::NO_REASON));
        } else {
            self.close();
        }
    }

    /// The peer broke a rule: the one event for it.
    pub(super) fn broken(&mut self, error: ProtocolError) {
        self.finish(Some(Event::ProtocolError(error)));
    }

    /// A limit of ours was reached below. The transport takes no more input then, but the session
    /// has a last word.
    pub(super) fn limit_reached(&mut self, abort: Abort) {
        if abort.layer == Layer::Transport {
            self.stack.abort(x225::AbortFlags(x225::AbortFlags::RESTRICTION));
            self.close();
        }
        self.finish(Some(Event::Aborted(abort)));
    }

    /// The session is over, and the peer has some time to close.
    pub(super) fn await_disconnect(&mut self) {
        self.finish(None);
    }

    /// The peer's transport ended the connection, which a bind may take for a refusal.
    pub(super) fn disconnected(&mut self, refusal: Option<Refusal>, reason: &dyn Display) {
        let event = match refusal {
            Some(refusal) => Event::BindRefused(refusal),
            None => Event::Aborted(Abort {
                by: AbortedBy::PeerProvider,
                layer: Layer::Transport,
                reason: reason.to_string(),
                user_information: None,
            }),
        };
        self.finish(Some(event));
        self.close();
    }

    /// The TCP connection is gone.
    pub(super) fn lost(&mut self, reason: &str) {
        self.finish(Some(Event::Aborted(Abort {
            by: AbortedBy::Connection,
            layer: Layer::Transport,
            reason: reason.to_owned(),
            user_information: None,
        })));
        self.close();
    }

    pub(super) fn next_signal(&mut self) -> Option<Signal> {
        self.stack.next_signal()
    }
}
