//! The states of a session connection (X.225 Annex A), each a type that is consumed by what
//! happens, and what all of them do alike: abort.

use crate::buffer::BufferSource;
use crate::x225::activity::Activities;
use crate::x225::connect::{AwaitAccept, AwaitConnect, AwaitOverflow, AwaitResponse};
use crate::x225::open::{self, Collision, Data, Released, Releasing};
use crate::x225::spdu::{Kind, Spdu, code};
use crate::x225::write::{self, Field};
use crate::x225::{
    AbortFlags, ActivityRequest, Error, Indication, Misuse, Output, Request, Requirements, Version,
};
use restante_ber::Rope;
use std::collections::VecDeque;

/// User data of an SPDU of version 1, AB apart.
const USER_DATA_MAX_V1: usize = 512;
/// User data of an AB of version 1.
const ABORT_DATA_MAX_V1: usize = 9;
/// Reflect parameter values of an AB.
const REFLECT_MAX: usize = 9;

/// What goes out, down and up.
#[derive(Debug, Default)]
pub(super) struct Outputs(pub(super) VecDeque<Output>);

impl Outputs {
    pub(super) fn push(&mut self, output: Output) {
        self.0.push_back(output);
    }

    pub(super) fn transmit(&mut self, tsdu: Rope) {
        self.push(Output::Transmit(tsdu));
    }

    pub(super) fn indicate(&mut self, indication: Indication) {
        self.push(Output::Indication(indication));
    }
}

/// What was agreed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) version: Version,
    pub(super) requirements: Requirements,
    pub(super) initiator: bool,
    /// As the parameter has it: from initiator to responder and back, 0 where there is no limit.
    pub(super) tsdu_sizes: (u16, u16),
    /// The longest TSDU that we may send, in octets.
    pub(super) tsdu_max: Option<usize>,
}

impl Link {
    /// Whether an SPDU other than an AB can carry the user data.
    pub(super) fn check_user_data(&self, user_data: &Rope) -> Result<(), Misuse> {
        let (len, max) = (user_data.len(), USER_DATA_MAX_V1);
        if self.version == Version::V1 && len > max {
            return Err(Misuse::UserDataTooLong { len, max });
        }
        Ok(())
    }

    /// Sends an SPDU with user data that was checked, in segments where need be.
    pub(super) fn send(
        &self,
        kind: Kind,
        before: Field,
        after: &Field,
        user_data: Rope,
        out: &mut Outputs,
    ) {
        // Version 1 knows no segments of these, nor has it user data that would need them.
        let tsdu_max = self.tsdu_max.filter(|_| self.version == Version::V2);
        for tsdu in write::segmented(kind, before, after, user_data, tsdu_max) {
            out.transmit(tsdu);
        }
    }
}

/// The state of a session connection.
#[derive(Debug)]
pub(super) enum State {
    /// A responder that has seen no CN.
    AwaitConnect(AwaitConnect),
    /// A responder that awaits CDOs.
    AwaitOverflow(AwaitOverflow),
    /// A responder whose user has not answered yet.
    AwaitResponse(AwaitResponse),
    /// An initiator that awaits an OA or AC.
    AwaitAccept(AwaitAccept),
    /// Data flows both ways.
    Data(Data),
    /// Data flows in activities, one way at a time.
    Activities(Activities),
    /// We have sent an FN.
    Releasing(Releasing),
    /// The peer has sent an FN.
    Released(Released),
    /// Both have sent an FN.
    Collision(Collision),
    /// Over; the peer is to answer an AB or to disconnect.
    Ending,
    /// Over.
    Closed,
}

impl State {
    /// What the connection is doing, for people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::AwaitConnect(_) => "awaiting a CN",
            Self::AwaitOverflow(_) => "awaiting a CDO",
            Self::AwaitResponse(_) => "awaiting the S-CONNECT response",
            Self::AwaitAccept(_) => "awaiting an AC",
            Self::Data(_) => "data flows",
            Self::Activities(state) => state.name(),
            Self::Releasing(_) => "releasing",
            Self::Released(_) => "awaiting the S-RELEASE response",
            Self::Collision(_) => "both sides release",
            Self::Ending => "awaiting the disconnect",
            Self::Closed => "closed",
        }
    }

    /// What was agreed on so far; `None` where there is no session connection.
    pub(super) fn link(&self) -> Option<&Link> {
        match self {
            Self::AwaitConnect(_) | Self::Ending | Self::Closed => None,
            Self::AwaitOverflow(state) => Some(state.link()),
            Self::AwaitResponse(state) => Some(&state.link),
            Self::AwaitAccept(state) => Some(&state.link),
            Self::Data(state) => Some(&state.link),
            Self::Activities(state) => Some(&state.link),
            Self::Releasing(state) => Some(&state.link),
            Self::Released(state) => Some(&state.link),
            Self::Collision(state) => Some(&state.link),
        }
    }

    /// Takes an SPDU in.
    pub(super) fn spdu(
        self,
        spdu: Spdu,
        limit: usize,
        buffers: &mut dyn BufferSource,
        out: &mut Outputs,
    ) -> Result<Self, Error> {
        if spdu.kind == Kind::Abort && self.link().is_some() {
            return Ok(aborted(spdu, out));
        }
        match self {
            Self::AwaitConnect(state) if spdu.kind == Kind::Connect => {
                state.connect(spdu, limit, buffers, out)
            }
            Self::AwaitOverflow(state) if spdu.kind == Kind::ConnectDataOverflow => {
                state.overflow(&spdu, limit, out)
            }
            Self::AwaitAccept(state) => state.spdu(spdu, out),
            Self::Data(state) => state.spdu(spdu, out),
            Self::Activities(state) => state.spdu(spdu, out),
            Self::Releasing(state) => state.spdu(spdu, out),
            Self::Collision(state) => state.spdu(spdu, out),
            Self::Ending if matches!(spdu.kind, Kind::Abort | Kind::AbortAccept) => {
                out.push(Output::Disconnect);
                Ok(Self::Closed)
            }
            Self::Ending => Ok(Self::Ending),
            Self::Closed => Ok(Self::Closed),
            state => Err(unexpected(&spdu, &state)),
        }
    }

    /// Whether the request has its place in this state and can be carried.
    pub(super) fn check(&self, request: &Request) -> Result<(), Misuse> {
        match (self, request) {
            (Self::AwaitResponse(state), Request::ConnectAccept(response)) => {
                state.check(response)
            }
            (Self::AwaitResponse(_), Request::ConnectReject { .. }) => Ok(()),
            (Self::Data(_) | Self::Released(_), Request::Data(_)) => Ok(()),
            (Self::Data(state), Request::Release(user_data)) => {
                state.link.check_user_data(user_data)
            }
            (Self::Activities(state), request) if state.allows(request) => match request {
                Request::Release(user_data)
                | Request::Activity(ActivityRequest::TokenPlease(_, user_data)) => {
                    state.link.check_user_data(user_data)
                }
                _ => Ok(()),
            },
            (Self::Released(state), Request::ReleaseAccept(user_data)) => {
                state.link.check_user_data(user_data)
            }
            (Self::Collision(state), Request::ReleaseAccept(user_data)) if !state.answered => {
                state.link.check_user_data(user_data)
            }
            (state, Request::UAbort(_)) if state.link().is_some() => Ok(()),
            (state, request) => {
                let primitive = request.name();
                Err(Misuse::OutOfState { primitive, state: state.name() })
            }
        }
    }

    /// Does what a request that was checked asks for.
    pub(super) fn request(self, request: Request, out: &mut Outputs) -> Self {
        match (self, request) {
            (Self::AwaitResponse(state), Request::ConnectAccept(response)) => {
                state.accept(response, out)
            }
            (Self::AwaitResponse(state), Request::ConnectReject { reason, user_data }) => {
                state.reject(reason, user_data, out)
            }
            (Self::Data(state), Request::Data(user_data)) => {
                open::send_data(&state.link, user_data, out);
                Self::Data(state)
            }
            (Self::Released(state), Request::Data(user_data)) => {
                open::send_data(&state.link, user_data, out);
                Self::Released(state)
            }
            (Self::Data(state), Request::Release(user_data)) => state.release(user_data, out),
            (Self::Activities(state), Request::Release(user_data)) => {
                state.release(user_data, out)
            }
            (Self::Activities(state), Request::Data(user_data)) => {
                open::send_data(&state.link, user_data, out);
                Self::Activities(state)
            }
            (Self::Activities(state), Request::Activity(request)) => {
                Self::Activities(state.request(request, out))
            }
            (Self::Released(state), Request::ReleaseAccept(user_data)) => {
                state.accept(user_data, out)
            }
            (Self::Collision(state), Request::ReleaseAccept(user_data)) => {
                state.accept(user_data, out)
            }
            (state, Request::UAbort(user_data)) => {
                let flags = AbortFlags(AbortFlags::RELEASED | AbortFlags::USER);
                abort(state.link(), flags, &[], user_data, out)
            }
            (state, _) => state,
        }
    }
}

/// Sends an AB where there is a session connection, with the octets to blame as the reflect
/// parameter; where there is none, disconnects.
pub(super) fn abort(
    link: Option<&Link>,
    flags: AbortFlags,
    reflect: &[u8],
    user_data: Rope,
    out: &mut Outputs,
) -> State {
    let Some(link) = link else {
        out.push(Output::Disconnect);
        return State::Closed;
    };
    let fits = link.version == Version::V2 || user_data.len() <= ABORT_DATA_MAX_V1;
    let user_data = if fits { user_data } else { Rope::new() };
    let before = Field::default().with(code::TRANSPORT_DISCONNECT, &[flags.0]);
    let reflect = reflect.get(..REFLECT_MAX).unwrap_or(reflect);
    let after = Field::default().with(code::REFLECT, reflect);
    link.send(Kind::Abort, before, &after, user_data, out);
    out.push(Output::AwaitDisconnect);
    State::Ending
}

/// Tells the peer what an error prescribes: the one place that decides it.
pub(super) fn fail(link: Option<&Link>, error: &Error, tsdu: &[u8], out: &mut Outputs) -> State {
    let (reason, reflect): (u8, &[u8]) = match error {
        Error::Refused { .. } => {
            out.push(Output::AwaitDisconnect);
            return State::Ending;
        }
        Error::Malformed(_) | Error::UnexpectedSpdu { .. } | Error::Violation(_) => {
            (AbortFlags::PROTOCOL_ERROR, tsdu)
        }
        Error::Buffer(_) | Error::TsduSize(_) => (AbortFlags::RESTRICTION, &[]),
    };
    abort(link, AbortFlags(AbortFlags::RELEASED | reason), reflect, Rope::new(), out)
}

/// The peer has sent an AB: it is indicated and answered by an AA.
fn aborted(spdu: Spdu, out: &mut Outputs) -> State {
    let flags = AbortFlags(spdu.parameters.transport_disconnect.unwrap_or(AbortFlags::USER));
    out.indicate(match flags.has(AbortFlags::USER) {
        true => Indication::UAbort(spdu.user_data),
        false => Indication::PAbort(flags),
    });
    out.transmit(write::plain(Kind::AbortAccept, &Field::default()));
    out.push(Output::AwaitDisconnect);
    State::Ending
}

/// An SPDU has no place in this state.
pub(super) fn unexpected(spdu: &Spdu, state: &State) -> Error {
    Error::UnexpectedSpdu { si: spdu.kind.si(), state: state.name() }
}
