//! The states of a transport connection of class 0, each a type that is consumed by what happens.

use crate::buffer::{BufferError, BufferSource, TsduBuffer};
use crate::x224::size::{self, SendSize};
use crate::x224::tpdu::{Connect, Tpdu};
use crate::x224::{
    DisconnectReason, Error, Fault, Indication, InitiatorOptions, Outputs, RejectCause,
    ResponderOptions, tpdu,
};

/// Our reference. Class 0 has one transport connection on each TCP connection.
const OUR_REF: u16 = 1;

/// The state of a transport connection.
#[derive(Debug)]
pub(super) enum State {
    /// A responder that has seen no CR.
    AwaitRequest(AwaitRequest),
    /// An initiator that has seen no CC.
    AwaitConfirm(AwaitConfirm),
    /// Data flows.
    Open(Open),
    /// Nothing more is read; data may still be sent: the last words of the layer above.
    Deaf(SendSize),
    /// Over.
    Closed,
}

impl State {
    /// Takes a TPDU in, whose header was read, with so many octets of user data to follow.
    pub(super) fn tpdu(
        self,
        header: &[u8],
        user_data: usize,
        limit: usize,
        out: &mut Outputs,
    ) -> Result<Self, Fault> {
        if matches!(self, Self::Closed | Self::Deaf(_)) {
            return Ok(self);
        }
        let tpdu = tpdu::read(header)?;
        match (self, tpdu) {
            (_, Tpdu::DisconnectRequest(reason)) => {
                out.indications.push_back(Indication::Disconnect(reason));
                Ok(Self::Closed)
            }
            (_, Tpdu::Error(cause)) => {
                out.indications.push_back(Indication::Rejected(cause));
                Ok(Self::Closed)
            }
            (Self::AwaitRequest(state), Tpdu::ConnectRequest(request)) => {
                state.request(request, out)
            }
            (Self::AwaitConfirm(state), Tpdu::ConnectConfirm(confirm)) => {
                state.confirm(confirm, header, out)
            }
            (Self::Open(state), Tpdu::Data { end_of_tsdu }) => {
                let len = header.len() + user_data;
                state.data(end_of_tsdu, user_data, len, limit, out)
            }
            (state, tpdu) => Err(state.unexpected(&tpdu, header)),
        }
    }

    /// How large the TPDUs sent may be; `None` where none may be sent.
    pub(super) fn send_size(&self) -> Option<SendSize> {
        match self {
            Self::Open(open) => Some(open.send),
            Self::Deaf(send) => Some(*send),
            _ => None,
        }
    }

    fn unexpected(&self, tpdu: &Tpdu, header: &[u8]) -> Fault {
        let state = match self {
            Self::AwaitRequest(_) => "awaiting a CR",
            Self::AwaitConfirm(_) => "awaiting a CC",
            Self::Open(_) => "open",
            Self::Deaf(_) | Self::Closed => "closed",
        };
        let rejected = header.get(..2).unwrap_or(header).to_vec();
        Fault { error: Error::UnexpectedTpdu { code: tpdu.code(), state }, rejected }
    }
}

/// A responder that has seen no CR.
#[derive(Debug)]
pub(super) struct AwaitRequest {
    pub(super) options: ResponderOptions,
}

impl AwaitRequest {
    fn request(self, request: Connect, out: &mut Outputs) -> Result<State, Fault> {
        out.peer_ref = request.src_ref;
        if let Some(reason) = self.refusal(&request) {
            let Connect { called, calling, .. } = request;
            return Err(Fault::unquoted(Error::Refused { reason, called, calling }));
        }
        let (sizes, send) = size::respond(request.sizes, self.options.tpdu_size);
        let confirm = Connect {
            dst_ref: request.src_ref,
            src_ref: OUR_REF,
            class: 0,
            sizes,
            ..request.clone()
        };
        // It says no more than the CR said, and so always fits; the user data of a CR, which
        // class 0 does not have, is passed over.
        if let Some(confirm) = confirm.write_confirm() {
            out.outgoing.push_tpdu(&confirm);
        }
        out.indications.push_back(Indication::Connect {
            called: request.called,
            calling: request.calling,
            tpdu_size: send.agreed(),
        });
        Ok(State::Open(Open { send, tsdu: Tsdu::default(), current: None }))
    }

    fn refusal(&self, request: &Connect) -> Option<DisconnectReason> {
        let selectors = &self.options.selectors;
        if self.options.refuse.is_some() {
            self.options.refuse
        } else if request.class != 0 && !request.class_0_alternative {
            Some(DisconnectReason::NEGOTIATION_FAILED)
        } else if !selectors.is_empty() && !selectors.contains(&request.called) {
            Some(DisconnectReason::ADDRESS_UNKNOWN)
        } else {
            None
        }
    }
}

/// An initiator that has seen no CC.
#[derive(Debug)]
pub(super) struct AwaitConfirm {
    tpdu_size: usize,
}

impl AwaitConfirm {
    /// Sends the CR; `None` when its selectors are too long.
    pub(super) fn start(options: InitiatorOptions, out: &mut Outputs) -> Option<Self> {
        let request = Connect {
            src_ref: OUR_REF,
            sizes: size::propose(options.tpdu_size),
            calling: options.calling,
            called: options.called,
            ..Connect::default()
        };
        out.outgoing.push_tpdu(&request.write_request()?);
        Some(Self { tpdu_size: options.tpdu_size })
    }

    fn confirm(self, confirm: Connect, header: &[u8], out: &mut Outputs) -> Result<State, Fault> {
        out.peer_ref = confirm.src_ref;
        let mismatch = |what, read| Fault {
            error: Error::MismatchedConfirm(what),
            rejected: header.get(..read).unwrap_or(header).to_vec(),
        };
        if confirm.dst_ref != OUR_REF {
            return Err(mismatch("it answers another reference", 4));
        }
        if confirm.class != 0 {
            return Err(mismatch("it selects a class other than 0", 7));
        }
        let send = size::confirm(confirm.sizes, self.tpdu_size);
        out.indications.push_back(Indication::ConnectConfirm { tpdu_size: send.agreed() });
        Ok(State::Open(Open { send, tsdu: Tsdu::default(), current: None }))
    }
}

/// Data flows.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) send: SendSize,
    tsdu: Tsdu,
    /// Whether the DT whose user data is coming in ends its TSDU.
    current: Option<bool>,
}

impl Open {
    fn data(
        mut self,
        end_of_tsdu: bool,
        user_data: usize,
        len: usize,
        limit: usize,
        out: &mut Outputs,
    ) -> Result<State, Fault> {
        self.send.seen(len);
        if user_data > limit.saturating_sub(self.tsdu.len) {
            return Err(Fault::unquoted(BufferError::TooLarge { limit }.into()));
        }
        if user_data > 0 {
            self.current = Some(end_of_tsdu);
        } else if end_of_tsdu {
            self.tsdu = core::mem::take(&mut self.tsdu).finish(out)?;
        }
        Ok(State::Open(self))
    }

    /// Takes user data of the current DT.
    pub(super) fn user_data(
        mut self,
        octets: &[u8],
        last: bool,
        buffers: &mut dyn BufferSource,
        out: &mut Outputs,
    ) -> Result<State, Fault> {
        let Some(end_of_tsdu) = self.current else { return Ok(State::Open(self)) };
        let mut buffer = self.tsdu.buffer.unwrap_or_else(|| buffers.begin());
        buffer.append(octets).map_err(|error| Fault::unquoted(error.into()))?;
        self.tsdu = Tsdu { len: self.tsdu.len + octets.len(), buffer: Some(buffer) };
        if last {
            self.current = None;
            if end_of_tsdu {
                self.tsdu = self.tsdu.finish(out)?;
            }
        }
        Ok(State::Open(self))
    }
}

/// A TSDU in assembly, or none.
#[derive(Default)]
struct Tsdu {
    len: usize,
    buffer: Option<Box<dyn TsduBuffer>>,
}

impl Tsdu {
    /// Hands the TSDU up, where it has any octets, and begins anew.
    fn finish(self, out: &mut Outputs) -> Result<Self, Fault> {
        if let Some(buffer) = self.buffer {
            let octets = buffer.finish().map_err(|error| Fault::unquoted(error.into()))?;
            out.indications.push_back(Indication::Data(octets));
        }
        Ok(Self::default())
    }
}

impl core::fmt::Debug for Tsdu {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tsdu").field("len", &self.len).finish_non_exhaustive()
    }
}

/// What the peer must be sent after an error: the one place that decides it.
pub(super) fn answer(fault: &Fault, peer_ref: u16) -> Option<Vec<u8>> {
    let cause = match &fault.error {
        Error::MalformedTpkt(_) | Error::Buffer(_) => return None,
        Error::Refused { reason, .. } => return Some(tpdu::write_dr(peer_ref, *reason)),
        Error::MalformedTpdu { cause, .. } => *cause,
        Error::UnexpectedTpdu { .. } => RejectCause::TPDU_TYPE,
        Error::MismatchedConfirm(_) => RejectCause::PARAMETER_VALUE,
    };
    Some(tpdu::write_er(peer_ref, cause, &fault.rejected))
}
