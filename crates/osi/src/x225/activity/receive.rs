//! What the peer's SPDUs do to activities, tokens and synchronization points.

use crate::x225::activity::{
    Activities, ActivityIndication, ActivityResume, Phase, Points, SERIAL_NUMBER_MAX,
};
use crate::x225::open::Released;
use crate::x225::spdu::{Kind, Spdu};
use crate::x225::state::{Outputs, State, unexpected};
use crate::x225::write::{self, Field};
use crate::x225::{Error, ExceptionReason, Indication, Tokens};

impl Activities {
    /// Takes an SPDU in.
    pub(in crate::x225) fn spdu(self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        match spdu.kind {
            Kind::GiveTokens | Kind::PleaseTokens | Kind::GiveTokensConfirm => {
                self.tokens(spdu, out)
            }
            Kind::GiveTokensAck if self.phase == Phase::Giving => self.now(Phase::Idle),
            Kind::Finish if self.phase == Phase::Idle && self.held == Tokens::NONE => {
                let user_data = spdu.user_data;
                out.indicate(Indication::Release { user_data, collision: false });
                Ok(State::Released(Released { link: self.link }))
            }
            _ => match self.phase {
                Phase::Idle => self.begin(spdu, out),
                Phase::Receiving => self.receive(spdu, out),
                Phase::Reporting => self.await_recovery(spdu, out),
                Phase::Sending | Phase::Ending => self.confirm(spdu, out),
                Phase::Stopping(kind) => self.await_stop(kind, spdu, out),
                Phase::Excepted if late(spdu.kind) => self.now(Phase::Excepted),
                Phase::Ended if stops(spdu.kind) => self.stopped(&spdu, out),
                Phase::Giving | Phase::Excepted | Phase::Ended | Phase::Stopped(_) => {
                    Err(unexpected(&spdu, &State::Activities(self)))
                }
            },
        }
    }

    fn now(mut self, phase: Phase) -> Result<State, Error> {
        self.phase = phase;
        Ok(State::Activities(self))
    }

    fn tokens(mut self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        let named = Tokens(spdu.parameters.token_item.unwrap_or(0));
        if !Tokens::RELIABLE_TRANSFER.contains(named) {
            return Err(Error::Violation("tokens that no functional unit has"));
        }
        match spdu.kind {
            // A GT in front of another SPDU names none.
            Kind::GiveTokens | Kind::PleaseTokens if named == Tokens::NONE => {}
            Kind::GiveTokens if self.held.0 & named.0 == 0 => {
                self.held.0 |= named.0;
                indicate(ActivityIndication::TokenGive(self.held), out);
            }
            // One that crossed the tokens on their way asks for what it has by now.
            Kind::PleaseTokens => {
                indicate(ActivityIndication::TokenPlease(named, spdu.user_data), out);
            }
            Kind::GiveTokensConfirm if self.phase == Phase::Idle && !self.holds_all() => {
                self.held = Tokens::RELIABLE_TRANSFER;
                out.transmit(write::plain(Kind::GiveTokensAck, &Field::default()));
                indicate(ActivityIndication::TokenGive(self.held), out);
            }
            _ => return Err(Error::Violation("tokens are given by one who does not have them")),
        }
        Ok(State::Activities(self))
    }

    /// The peer may begin an activity.
    fn begin(mut self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        if self.held != Tokens::NONE {
            return Err(unexpected(&spdu, &State::Activities(self)));
        }
        let parameters = spdu.parameters;
        match spdu.kind {
            Kind::ActivityStart if !parameters.activity.is_empty() => {
                self.points = Points::after(0);
                indicate(ActivityIndication::Start(parameters.activity), out);
            }
            Kind::ActivityResume if !parameters.activity.is_empty() => {
                let linking = *parameters
                    .linking
                    .ok_or(Error::Malformed("an AR has no linking information"))?;
                let serial_number = linking.serial_number.unwrap_or(0);
                self.points = Points::after(serial_number);
                let connection = linking.connection_identifier;
                let resume = ActivityResume {
                    activity: parameters.activity,
                    old_activity: linking.activity,
                    serial_number,
                    connection: (connection != Default::default()).then_some(connection),
                };
                indicate(ActivityIndication::Resume(Box::new(resume)), out);
            }
            Kind::ActivityStart | Kind::ActivityResume => {
                return Err(Error::Malformed("an activity has no identifier"));
            }
            kind => {
                let spdu = Spdu { kind, parameters, user_data: spdu.user_data };
                return Err(unexpected(&spdu, &State::Activities(self)));
            }
        }
        self.now(Phase::Receiving)
    }

    /// The peer's activity goes on.
    fn receive(mut self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        let parameters = &spdu.parameters;
        match spdu.kind {
            Kind::DataTransfer => {
                out.indicate(Indication::Data(spdu.user_data));
                self.now(Phase::Receiving)
            }
            Kind::MinorSync => {
                let confirm = parameters.sync_type.unwrap_or(0) & 1 == 0;
                let number = self.point(parameters.serial_number)?;
                indicate(ActivityIndication::SyncMinor(number, confirm), out);
                self.now(Phase::Receiving)
            }
            Kind::ActivityEnd if parameters.sync_type.unwrap_or(0) & 1 == 0 => {
                self.point(parameters.serial_number)?;
                indicate(ActivityIndication::End, out);
                self.now(Phase::Ended)
            }
            kind if stops(kind) => self.stopped(&spdu, out),
            _ => Err(unexpected(&spdu, &State::Activities(self))),
        }
    }

    /// The peer sets a point, which must be the next one.
    fn point(&mut self, number: Option<u32>) -> Result<u32, Error> {
        let expected = self.points.next;
        if number != Some(expected) || expected >= SERIAL_NUMBER_MAX {
            return Err(Error::Violation("a synchronization point is not the next one"));
        }
        self.points.next += 1;
        Ok(expected)
    }

    fn stopped(self, spdu: &Spdu, out: &mut Outputs) -> Result<State, Error> {
        let reason = reason(spdu);
        indicate(
            match spdu.kind {
                Kind::ActivityInterrupt => ActivityIndication::Interrupt(reason),
                _ => ActivityIndication::Discard(reason),
            },
            out,
        );
        self.now(Phase::Stopped(spdu.kind))
    }

    /// We reported an exception: what was on its way is not looked at.
    fn await_recovery(self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        match spdu.kind {
            kind if stops(kind) => self.stopped(&spdu, out),
            Kind::DataTransfer | Kind::MinorSync | Kind::ActivityEnd => self.now(Phase::Reporting),
            _ => Err(unexpected(&spdu, &State::Activities(self))),
        }
    }

    /// The peer answers what we send.
    fn confirm(mut self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        let number = spdu.parameters.serial_number;
        match (spdu.kind, number) {
            (Kind::MinorSyncAck, Some(number)) if self.points.awaits(number) => {
                self.points.confirm(number);
                indicate(ActivityIndication::SyncMinorAccepted(number), out);
                Ok(State::Activities(self))
            }
            (Kind::ActivityEndAck, number)
                if self.phase == Phase::Ending && number == Some(self.points.next - 1) =>
            {
                indicate(ActivityIndication::EndAccepted, out);
                self.now(Phase::Idle)
            }
            (Kind::MinorSyncAck | Kind::ActivityEndAck, _) => {
                Err(Error::Violation("a synchronization point is confirmed that is not there"))
            }
            (Kind::ExceptionData, _) => {
                indicate(ActivityIndication::Exception(Some(reason(&spdu))), out);
                self.now(Phase::Excepted)
            }
            (Kind::ExceptionReport, _) => {
                indicate(ActivityIndication::Exception(None), out);
                self.now(Phase::Excepted)
            }
            _ => Err(unexpected(&spdu, &State::Activities(self))),
        }
    }

    fn await_stop(mut self, kind: Kind, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        match (kind, spdu.kind) {
            (Kind::ActivityInterrupt, Kind::ActivityInterruptAck)
            | (Kind::ActivityDiscard, Kind::ActivityDiscardAck) => {
                self.held = Tokens::RELIABLE_TRANSFER;
                indicate(ActivityIndication::Stopped, out);
                self.now(Phase::Idle)
            }
            (_, other) if late(other) => self.now(Phase::Stopping(kind)),
            _ => Err(unexpected(&spdu, &State::Activities(self))),
        }
    }
}

fn stops(kind: Kind) -> bool {
    matches!(kind, Kind::ActivityInterrupt | Kind::ActivityDiscard)
}

/// What a receiver may have sent before it saw that the activity is being stopped.
fn late(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::MinorSyncAck | Kind::ActivityEndAck | Kind::ExceptionData | Kind::ExceptionReport
    )
}

fn reason(spdu: &Spdu) -> ExceptionReason {
    let reason = spdu.parameters.reason.as_ref();
    reason.map_or(ExceptionReason::NON_SPECIFIC, |(code, _)| ExceptionReason(*code))
}

fn indicate(indication: ActivityIndication, out: &mut Outputs) {
    out.indicate(Indication::Activity(indication));
}
