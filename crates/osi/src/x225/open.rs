//! The states in which data flows and in which a session connection is released (X.225 §7.6 to
//! §7.8, §7.11).

use crate::x225::spdu::{Kind, Spdu, code};
use crate::x225::state::{Link, Outputs, State, unexpected};
use crate::x225::write::{self, Field};
use crate::x225::{Error, Indication, Output};
use restante_ber::Rope;

/// Data flows.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) link: Link,
}

impl Data {
    pub(super) fn spdu(self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        match spdu.kind {
            Kind::GiveTokens | Kind::PleaseTokens => no_tokens(&spdu)?,
            Kind::DataTransfer => out.indicate(Indication::Data(spdu.user_data)),
            Kind::Finish => {
                let user_data = spdu.user_data;
                out.indicate(Indication::Release { user_data, collision: false });
                return Ok(State::Released(Released { link: self.link }));
            }
            _ => return Err(unexpected(&spdu, &State::Data(self))),
        }
        Ok(State::Data(self))
    }

    /// Sends an FN, for user data that was checked.
    pub(super) fn release(self, user_data: Rope, out: &mut Outputs) -> State {
        let field = Field::default().with(code::TRANSPORT_DISCONNECT, &[1]);
        self.link.send(Kind::Finish, field, &Field::default(), user_data, out);
        State::Releasing(Releasing { link: self.link })
    }
}

/// We have sent an FN.
#[derive(Debug)]
pub(super) struct Releasing {
    pub(super) link: Link,
}

impl Releasing {
    pub(super) fn spdu(self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        match spdu.kind {
            Kind::GiveTokens | Kind::PleaseTokens => no_tokens(&spdu)?,
            Kind::DataTransfer => out.indicate(Indication::Data(spdu.user_data)),
            Kind::Disconnect => {
                out.indicate(Indication::ReleaseAccepted(spdu.user_data));
                out.push(Output::Disconnect);
                return Ok(State::Closed);
            }
            Kind::Finish => {
                let user_data = spdu.user_data;
                out.indicate(Indication::Release { user_data, collision: true });
                let state = Collision { link: self.link, answered: false, confirmed: false };
                return Ok(State::Collision(state));
            }
            _ => return Err(unexpected(&spdu, &State::Releasing(self))),
        }
        Ok(State::Releasing(self))
    }
}

/// The peer has sent an FN.
#[derive(Debug)]
pub(super) struct Released {
    pub(super) link: Link,
}

impl Released {
    /// Sends a DN, for user data that was checked.
    pub(super) fn accept(self, user_data: Rope, out: &mut Outputs) -> State {
        let field = Field::default();
        self.link.send(Kind::Disconnect, field, &Field::default(), user_data, out);
        out.push(Output::AwaitDisconnect);
        State::Ending
    }
}

/// Both have sent an FN: each sends a DN too, and then the initiator disconnects.
#[derive(Debug)]
pub(super) struct Collision {
    pub(super) link: Link,
    /// Our DN was sent.
    pub(super) answered: bool,
    /// The peer's DN was received.
    confirmed: bool,
}

impl Collision {
    pub(super) fn spdu(mut self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        if spdu.kind != Kind::Disconnect || self.confirmed {
            return Err(unexpected(&spdu, &State::Collision(self)));
        }
        out.indicate(Indication::ReleaseAccepted(spdu.user_data));
        self.confirmed = true;
        Ok(self.settle(out))
    }

    /// Sends a DN, for user data that was checked.
    pub(super) fn accept(mut self, user_data: Rope, out: &mut Outputs) -> State {
        let field = Field::default();
        self.link.send(Kind::Disconnect, field, &Field::default(), user_data, out);
        self.answered = true;
        self.settle(out)
    }

    fn settle(self, out: &mut Outputs) -> State {
        if !(self.answered && self.confirmed) {
            State::Collision(self)
        } else if self.link.initiator {
            out.push(Output::Disconnect);
            State::Closed
        } else {
            out.push(Output::AwaitDisconnect);
            State::Ending
        }
    }
}

/// A GT or PT may name only tokens that exist, and without half-duplex and synchronization there
/// are none.
fn no_tokens(spdu: &Spdu) -> Result<(), Error> {
    match spdu.parameters.token_item {
        None | Some(0) => Ok(()),
        Some(_) => Err(Error::Violation("tokens that no functional unit has")),
    }
}

/// Sends an SSDU.
pub(super) fn send_data(link: &Link, user_data: Rope, out: &mut Outputs) {
    for tsdu in write::data_transfer(user_data, link.tsdu_max) {
        out.transmit(tsdu);
    }
}
