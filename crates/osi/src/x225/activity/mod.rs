//! The state in which data flows in activities, one way at a time (X.225 §7.13 to §7.36): tokens,
//! minor synchronization points, and how an activity is interrupted, discarded or resumed.
//!
//! All tokens move together, as reliable transfer has it: who sends holds them all. Capability
//! data, typed data and major synchronization outside AE do not exist here.

mod receive;
mod service;

pub use service::{ActivityIndication, ActivityRequest, ActivityResume};

use crate::x225::open::Releasing;
use crate::x225::spdu::{Kind, code};
use crate::x225::state::{Link, Outputs, State};
use crate::x225::write::{self, Field};
use crate::x225::{ConnectionIdentifier, ExceptionReason, Request, Tokens};
use restante_ber::Rope;

/// The highest serial number (X.225 §8.2.7).
const SERIAL_NUMBER_MAX: u32 = 999_999;

/// Data flows in activities.
#[derive(Debug)]
pub(super) struct Activities {
    pub(super) link: Link,
    /// The tokens that this end holds.
    held: Tokens,
    phase: Phase,
    points: Points,
}

/// Where the activity is, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none.
    Idle,
    /// There is none, and a GTC awaits its GTA.
    Giving,
    /// Ours.
    Sending,
    /// Ours; an AE awaits its AEA.
    Ending,
    /// Ours; the peer or its provider reported an exception, and we are to recover.
    Excepted,
    /// Ours; an AI or AD awaits its AIA or ADA.
    Stopping(Kind),
    /// The peer's.
    Receiving,
    /// The peer's; its AE is to be answered.
    Ended,
    /// The peer's; we have reported an exception and wait for it to recover.
    Reporting,
    /// The peer's; its AI or AD is to be answered.
    Stopped(Kind),
}

/// The numbers of synchronization points (X.225 §5.4.3): V(M) and V(A).
#[derive(Clone, Copy, Debug)]
struct Points {
    /// The number of the next point.
    next: u32,
    /// The lowest number that is not confirmed.
    unconfirmed: u32,
}

impl Points {
    fn after(serial_number: u32) -> Self {
        Self { next: serial_number + 1, unconfirmed: serial_number + 1 }
    }

    /// Whether the point was set and not confirmed yet.
    fn awaits(self, serial_number: u32) -> bool {
        (self.unconfirmed..self.next).contains(&serial_number)
    }

    fn confirm(&mut self, serial_number: u32) {
        self.unconfirmed = serial_number + 1;
    }
}

impl Activities {
    /// As the token setting item has it, no activity.
    pub(super) fn new(link: Link, setting: Tokens) -> Self {
        let Tokens(all) = Tokens::RELIABLE_TRANSFER;
        let held = if link.initiator { !setting.0 & all } else { setting.0 & all };
        Self { link, held: Tokens(held), phase: Phase::Idle, points: Points::after(0) }
    }

    fn holds_all(&self) -> bool {
        self.held.contains(Tokens::RELIABLE_TRANSFER)
    }

    /// What the connection is doing, for people.
    pub(super) fn name(&self) -> &'static str {
        match self.phase {
            Phase::Idle if self.holds_all() => "no activity, with all tokens",
            Phase::Idle => "no activity, without all tokens",
            Phase::Giving => "awaiting a GTA",
            Phase::Sending => "sending in an activity",
            Phase::Ending => "awaiting an AEA",
            Phase::Excepted => "recovering from an exception",
            Phase::Stopping(_) => "awaiting an AIA or ADA",
            Phase::Receiving => "receiving in an activity",
            Phase::Ended => "awaiting the S-ACTIVITY-END response",
            Phase::Reporting => "awaiting the recovery from an exception",
            Phase::Stopped(_) => "awaiting the response to AI or AD",
        }
    }

    /// Whether the request has its place here, S-U-ABORT apart.
    pub(super) fn allows(&self, request: &Request) -> bool {
        use ActivityRequest as A;
        let request = match request {
            Request::Data(_) => return self.phase == Phase::Sending,
            Request::Release(_) => return self.phase == Phase::Idle && self.holds_all(),
            Request::Activity(request) => request,
            _ => return false,
        };
        match (request, self.phase) {
            (A::ControlGive | A::Start(_), Phase::Idle) => self.holds_all(),
            (A::Resume(resume), Phase::Idle) => {
                self.holds_all() && resume.serial_number < SERIAL_NUMBER_MAX
            }
            (A::TokenPlease(tokens, _), Phase::Idle) => self.held.0 & tokens.0 == 0,
            (A::TokenPlease(..), Phase::Giving | Phase::Receiving | Phase::Ended) => true,
            (A::SyncMinor, Phase::Sending) => self.points.next < SERIAL_NUMBER_MAX,
            (A::SyncMinorAccept(number), Phase::Receiving | Phase::Ended) => {
                self.points.awaits(*number)
            }
            (A::End, Phase::Sending) | (A::EndAccept, Phase::Ended) => true,
            (A::Interrupt(_) | A::Discard(_), phase) => {
                matches!(phase, Phase::Sending | Phase::Excepted)
            }
            (A::StopAccept, Phase::Stopped(_)) => true,
            (A::Exception(_), Phase::Receiving | Phase::Ended) => true,
            _ => false,
        }
    }

    /// Sends an FN, for user data that was checked.
    pub(super) fn release(self, user_data: Rope, out: &mut Outputs) -> State {
        let field = Field::default().with(code::TRANSPORT_DISCONNECT, &[1]);
        self.link.send(Kind::Finish, field, &Field::default(), user_data, out);
        State::Releasing(Releasing { link: self.link })
    }

    /// Does what a request that was checked asks for.
    pub(super) fn request(mut self, request: ActivityRequest, out: &mut Outputs) -> Self {
        use ActivityRequest as A;
        let (kind, field) = match request {
            A::TokenPlease(tokens, data) => {
                let field = Field::default().with(code::TOKEN_ITEM, &[tokens.0]);
                let kind = Kind::PleaseTokens;
                out.transmit(write::with_data(kind, &field, code::USER_DATA, &[], data));
                return self;
            }
            A::ControlGive => {
                (self.held, self.phase) = (Tokens::NONE, Phase::Giving);
                out.transmit(write::plain(Kind::GiveTokensConfirm, &Field::default()));
                return self;
            }
            A::Start(activity) => {
                (self.points, self.phase) = (Points::after(0), Phase::Sending);
                let field = Field::default().with(code::ACTIVITY_IDENTIFIER, &activity);
                (Kind::ActivityStart, field)
            }
            A::Resume(resume) => {
                (self.points, self.phase) = (Points::after(resume.serial_number), Phase::Sending);
                (Kind::ActivityResume, linking(&resume))
            }
            A::SyncMinor => (Kind::MinorSync, self.next_point()),
            A::SyncMinorAccept(number) => {
                self.points.confirm(number);
                (Kind::MinorSyncAck, serial(number))
            }
            A::End => {
                self.phase = Phase::Ending;
                (Kind::ActivityEnd, self.next_point())
            }
            A::EndAccept => {
                self.phase = Phase::Idle;
                (Kind::ActivityEndAck, serial(self.points.next - 1))
            }
            A::Interrupt(reason) => self.stop(Kind::ActivityInterrupt, reason),
            A::Discard(reason) => self.stop(Kind::ActivityDiscard, reason),
            A::StopAccept => {
                let answer = match self.phase {
                    Phase::Stopped(Kind::ActivityInterrupt) => Kind::ActivityInterruptAck,
                    _ => Kind::ActivityDiscardAck,
                };
                (self.held, self.phase) = (Tokens::NONE, Phase::Idle);
                (answer, Field::default())
            }
            A::Exception(reason) => {
                self.phase = Phase::Reporting;
                (Kind::ExceptionData, Field::default().with(code::REASON, &[reason.0]))
            }
        };
        out.transmit(write::concatenated(kind, &field));
        self
    }

    fn stop(&mut self, kind: Kind, reason: ExceptionReason) -> (Kind, Field) {
        self.phase = Phase::Stopping(kind);
        (kind, Field::default().with(code::REASON, &[reason.0]))
    }

    /// Sets a point.
    fn next_point(&mut self) -> Field {
        let field = serial(self.points.next);
        self.points.next += 1;
        field
    }
}

fn serial(number: u32) -> Field {
    Field::default().with(code::SERIAL_NUMBER, number.to_string().as_bytes())
}

fn linking(resume: &ActivityResume) -> Field {
    let group = resume.connection.as_ref().map_or_else(Field::default, |connection| {
        let ConnectionIdentifier { user_reference, common_reference, additional_reference } =
            connection;
        Field::default()
            .with(code::CALLING_USER_REFERENCE, user_reference)
            .with(code::COMMON_REFERENCE, common_reference)
            .with(code::ADDITIONAL_REFERENCE, additional_reference)
    });
    let group = group
        .with(code::ACTIVITY_IDENTIFIER, &resume.old_activity)
        .with(code::SERIAL_NUMBER, resume.serial_number.to_string().as_bytes());
    Field::default()
        .with_group(code::LINKING_INFORMATION, &group)
        .with(code::ACTIVITY_IDENTIFIER, &resume.activity)
}
