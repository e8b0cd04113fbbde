//! A bound association, and its release from either side (X.227 §7.3).

use crate::Open;
use crate::association::answer::Failure;
use crate::association::established::Established;
use crate::association::shared::Shared;
use crate::association::user_information::{self, Found, external};
use crate::association::{Event, Fault, Invocation, Layer, Limits, Misuse, Request, Role, State};
use crate::x225::{Indication, Request as Session};
use crate::x226::{EventIdentifier, UserData};
use crate::x227::{AbrtSource, AcseApdu, ReleaseRequestReason, ReleaseResponseReason, Rlre, Rlrq};
use crate::x228::AbortReason;
use crate::x880::Unbind;
use bytes::Bytes;
use core::fmt::Display;
use core::time::Duration;
use restante_ber::{Encode, Rope};

/// Operations go both ways.
pub(super) struct Bound(pub(super) Established);

/// The peer asks for release, and the user has not granted it yet.
pub(super) struct Granting(Established);

/// This end is to ask for release when reliable transfer allows it.
pub(super) struct Closing {
    established: Established,
    /// The unbind argument.
    unbind: Option<Unbind>,
}

/// This end has asked for release.
pub(super) struct Releasing {
    established: Established,
    /// The peer has asked as well, and is answered when it has answered us.
    answer_due: bool,
}

impl Bound {
    pub(super) fn handle(
        mut self,
        indication: Indication,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        match indication {
            Indication::Data(octets) => {
                self.0.data(&octets, shared)?;
                Ok(State::Bound(Box::new(self)))
            }
            Indication::Activity(indication) => {
                self.0.activity(indication, shared)?;
                Ok(State::Bound(Box::new(self)))
            }
            Indication::Release { user_data, .. } => {
                let argument = release_argument(&self.0, &user_data, shared)?;
                // One who has no turn can send nothing more.
                self.0.releasing = self.0.is_reliable();
                shared.emit(Event::UnbindIndication { argument });
                Ok(State::Granting(Box::new(Granting(self.0))))
            }
            _ => Err(Failure::unexpected(EventIdentifier::TD_PPDU, "the association is bound")),
        }
    }

    pub(super) fn invoke(
        &mut self,
        invocation: Invocation,
        shared: &mut Shared,
    ) -> Result<i64, Misuse> {
        self.0.invoke(invocation, shared)
    }

    pub(super) fn request(
        mut self,
        request: Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::Unbind { argument } => (self.unbind(argument, shared), Ok(())),
            Request::Abort => (abort(&self.0, shared), Ok(())),
            other => {
                let result = self.0.answer(other, shared);
                (State::Bound(Box::new(self)), result)
            }
        }
    }

    fn unbind(mut self, argument: Option<Rope>, shared: &mut Shared) -> State {
        let unbind = argument.map(|argument| Unbind::UnbindInvoke(Open(argument)));
        self.0.releasing = true;
        self.0.close(shared);
        if !shared.is_over() {
            shared.deadline = shared.now.checked_add(shared.limits.disconnect_time);
        }
        Closing { established: self.0, unbind }.proceed(shared)
    }

    /// Whether what was requested is still on its way.
    pub(super) fn is_sending(&self) -> bool {
        self.0.is_waiting()
    }

    /// How long the peer may be silent; `None`: for ever, as where this end has to answer it.
    pub(super) fn patience(&self, limits: &Limits) -> Option<Duration> {
        let idle_time = limits.idle_time.filter(|_| !self.0.rose.is_performing());
        let turn_time = self.0.is_waiting().then_some(limits.turn_time);
        idle_time.into_iter().chain(turn_time).min()
    }

    pub(super) fn give_up(self, shared: &mut Shared) -> State {
        if self.0.is_waiting() {
            shared.abort_reliable(self.0.acse_context, AbortReason::TEMPORARY_PROBLEM);
            shared
                .give_up(Layer::ReliableTransfer, "the peer neither confirms nor gives the turn");
            return State::Ending;
        }
        shared.abort_association(self.0.acse_context, AbrtSource::ACSE_SERVICE_PROVIDER);
        shared.give_up(Layer::RemoteOperations, "the association was idle for too long");
        State::Ending
    }
}

impl Closing {
    /// Asks for release where that may be now.
    fn proceed(self, shared: &mut Shared) -> State {
        if !self.established.may_release() {
            return State::Closing(Box::new(self));
        }
        let Self { established, unbind } = self;
        let rlrq = Rlrq {
            reason: Some(ReleaseRequestReason::NORMAL),
            user_information: unbind.map(|unbind| external(established.bind_context, &unbind)),
        };
        let octets = release_ppdu(&established, &rlrq, &"RLRQ release", shared);
        shared.session(Session::Release(octets));
        State::Releasing(Box::new(Releasing { established, answer_due: false }))
    }

    pub(super) fn handle(
        mut self,
        indication: Indication,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        match indication {
            Indication::Data(octets) => self.established.data(&octets, shared)?,
            Indication::Activity(indication) => self.established.activity(indication, shared)?,
            // The peer has the turn, and had the same wish.
            Indication::Release { user_data, .. } => {
                release_argument(&self.established, &user_data, shared)?;
                grant(&self.established, None, shared);
                shared.finish(Some(Event::UnbindConfirmed { result: None }));
                return Ok(State::Ending);
            }
            _ => {
                let event = EventIdentifier::S_RELEASE_CONFIRM;
                return Err(Failure::unexpected(event, "the association is being released"));
            }
        }
        Ok(self.proceed(shared))
    }

    pub(super) fn request(
        self,
        request: &Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::Abort => (abort(&self.established, shared), Ok(())),
            _ => (State::Closing(Box::new(self)), Err(Misuse::WrongState)),
        }
    }

    pub(super) fn give_up(self, shared: &mut Shared) -> State {
        shared.abort_association(self.established.acse_context, AbrtSource::ACSE_SERVICE_PROVIDER);
        shared.give_up(Layer::ReliableTransfer, "the turn was not given in time to release");
        State::Ending
    }
}

impl Granting {
    pub(super) fn handle(self, _: Indication) -> Result<State, Box<Failure>> {
        let event = EventIdentifier::S_RELEASE_INDICATION;
        Err(Failure::unexpected(event, "the association is being released"))
    }

    pub(super) fn request(
        mut self,
        request: Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::AcceptUnbind { result } => {
                grant(&self.0, result, shared);
                shared.finish(None);
                (State::Ending, Ok(()))
            }
            Request::Abort => (abort(&self.0, shared), Ok(())),
            // What was invoked before the release may still be answered.
            other => {
                let result = self.0.answer(other, shared);
                (State::Granting(Box::new(self)), result)
            }
        }
    }
}

impl Releasing {
    pub(super) fn handle(
        mut self,
        indication: Indication,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        match indication {
            Indication::Data(octets) => {
                self.established.data(&octets, shared)?;
                Ok(State::Releasing(Box::new(self)))
            }
            // Both have asked: the initiator answers first (X.227 §7.3.3.4).
            Indication::Release { user_data, .. } => {
                release_argument(&self.established, &user_data, shared)?;
                match shared.role {
                    Role::Initiator => grant(&self.established, None, shared),
                    Role::Responder => self.answer_due = true,
                }
                Ok(State::Releasing(Box::new(self)))
            }
            Indication::ReleaseAccepted(user_data) => {
                let result = release_result(&self.established, &user_data, shared)?;
                if self.answer_due {
                    grant(&self.established, None, shared);
                }
                shared.finish(Some(Event::UnbindConfirmed { result }));
                Ok(State::Ending)
            }
            _ => {
                let event = EventIdentifier::S_RELEASE_CONFIRM;
                Err(Failure::unexpected(event, "the association is being released"))
            }
        }
    }

    pub(super) fn request(
        self,
        request: Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::Abort => (abort(&self.established, shared), Ok(())),
            _ => (State::Releasing(Box::new(self)), Err(Misuse::WrongState)),
        }
    }

    pub(super) fn give_up(self, shared: &mut Shared) -> State {
        shared.abort_association(self.established.acse_context, AbrtSource::ACSE_SERVICE_PROVIDER);
        shared.give_up(Layer::AssociationControl, "the release was not answered in time");
        State::Ending
    }
}

fn abort(established: &Established, shared: &mut Shared) -> State {
    shared.abort_association(established.acse_context, AbrtSource::ACSE_SERVICE_USER);
    shared.finish(None);
    State::Ending
}

/// Grants a release with an RLRE.
fn grant(established: &Established, result: Option<Rope>, shared: &mut Shared) {
    let unbind = result.map(|result| Unbind::UnbindResult(Open(result)));
    let rlre = Rlre {
        reason: Some(ReleaseResponseReason::NORMAL),
        user_information: unbind.map(|unbind| external(established.bind_context, &unbind)),
    };
    let octets = release_ppdu(established, &rlre, &"RLRE release", shared);
    shared.session(Session::ReleaseAccept(octets));
}

/// User-data with an APDU of release.
fn release_ppdu(
    established: &Established,
    apdu: &impl Encode,
    text: &dyn Display,
    shared: &mut Shared,
) -> Rope {
    let octets = apdu.to_rope();
    shared.trace_sent(Layer::AssociationControl, text, &octets);
    UserData::single(established.acse_context, octets).to_rope()
}

/// The unbind argument of an RLRQ; a peer may leave out all of it.
fn release_argument(
    established: &Established,
    user_data: &Bytes,
    shared: &mut Shared,
) -> Result<Option<Bytes>, Box<Failure>> {
    let event = EventIdentifier::S_RELEASE_INDICATION;
    let information = match established.acse_apdu(user_data, event, shared)? {
        None => None,
        Some(AcseApdu::Rlrq(rlrq)) => rlrq.user_information,
        Some(_) => {
            let text = "another APDU than RLRQ asks for release";
            return Err(Failure::apdu(Fault::Violation, text, established.acse_context));
        }
    };
    let context = established.acse_context;
    let found = user_information::read(information.as_deref())
        .map_err(|error| Failure::apdu(Fault::Malformed, error, context))?;
    match found.map(|found| found.pdu) {
        None => Ok(None),
        Some(Unbind::UnbindInvoke(argument)) => Ok(Some(argument.to_bytes())),
        Some(_) => {
            let text = "the user information of RLRQ is no unbind argument";
            Err(Failure::apdu(Fault::Violation, text, context))
        }
    }
}

/// The unbind result of an RLRE; a peer may leave out all of it.
fn release_result(
    established: &Established,
    user_data: &Bytes,
    shared: &mut Shared,
) -> Result<Option<Bytes>, Box<Failure>> {
    let event = EventIdentifier::S_RELEASE_CONFIRM;
    let information = match established.acse_apdu(user_data, event, shared)? {
        None => None,
        Some(AcseApdu::Rlre(rlre)) => rlre.user_information,
        Some(_) => {
            let text = "another APDU than RLRE grants the release";
            return Err(Failure::apdu(Fault::Violation, text, established.acse_context));
        }
    };
    // The association is over: what can't be read of the result is none.
    match user_information::read(information.as_deref()) {
        Ok(Some(Found { pdu: Unbind::UnbindResult(result), .. })) => Ok(Some(result.to_bytes())),
        _ => Ok(None),
    }
}
