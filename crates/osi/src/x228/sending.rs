//! The sending side (X.228 §7.4 ff.): an APDU goes out in an activity, in parts no longer than the
//! checkpoint size with a checkpoint between two of them, no more than the window ahead of what
//! the peer has confirmed. What is interrupted is resumed behind the last checkpoint confirmed;
//! where there is none, it is begun anew.

use crate::x225::{ActivityRequest, ActivityResume, ExceptionReason, Request};
use crate::x226::UserData;
use crate::x228::receiving::Point;
use crate::x228::{Agreement, Error, SessionConnectionIdentifier as Identifier};
use bytes::Bytes;
use restante_ber::{Encode, Rope};
use std::collections::VecDeque;

/// How often in succession a peer may report an exception before we believe that it will not take
/// the APDU.
const EXCEPTIONS_MAX: u8 = 3;
/// The last serial number for a checkpoint; what is left of an APDU then goes out in one part.
const LAST_SERIAL: u32 = 999_990;
const START: Point = Point { serial: 0, at: 0 };

/// An APDU on its way.
struct Parcel {
    apdu: Rope,
    /// What has not been sent.
    rest: Rope,
    /// The number of its activity.
    activity: u32,
    /// The session connection of the activity, where that is not the present one.
    on: Option<Identifier>,
    confirmed: Point,
    /// The checkpoints that are not confirmed.
    pending: VecDeque<Point>,
    /// Whether all has been sent, so that the peer may have all.
    ended: bool,
    /// Whether its activity continues another.
    resumed: bool,
    /// Exceptions since the last progress.
    exceptions: u8,
}

/// What follows when an activity has been stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// Nothing: the peer has it all.
    Done,
    /// It is resumed.
    Resume,
    /// It is begun anew.
    Anew,
}

/// Where the APDU in hand is.
enum State {
    Nothing,
    /// It awaits the turn, to be begun or resumed.
    Waiting(Parcel),
    Flowing(Parcel),
    /// It awaits the end of its activity.
    Ending(Parcel),
    Stopping(Parcel, After),
}

/// The sending side.
pub(super) struct Sending {
    queue: VecDeque<Rope>,
    state: State,
    last_activity: u32,
}

impl Sending {
    pub(super) fn new() -> Self {
        Self { queue: VecDeque::new(), state: State::Nothing, last_activity: 0 }
    }

    pub(super) fn push(&mut self, apdu: Rope) {
        self.queue.push_back(apdu);
    }

    /// Goes on with what was left on another session connection.
    pub(super) fn resumed(mut self, on: Option<&Identifier>) -> Self {
        self.state = match self.state {
            State::Waiting(parcel) | State::Flowing(parcel) | State::Ending(parcel) => {
                State::Waiting(parcel.moved(on))
            }
            State::Stopping(_, After::Done) | State::Nothing => State::Nothing,
            State::Stopping(parcel, After::Resume) => State::Waiting(parcel.moved(on)),
            State::Stopping(parcel, After::Anew) => State::Waiting(parcel.anew()),
        };
        self
    }

    /// What the APDUs that are under way or wait take, in octets.
    pub(super) fn octets(&self) -> usize {
        let parcel = match &self.state {
            State::Nothing => 0,
            State::Waiting(parcel)
            | State::Flowing(parcel)
            | State::Ending(parcel)
            | State::Stopping(parcel, _) => parcel.apdu.len(),
        };
        parcel + self.queue.iter().map(Rope::len).sum::<usize>()
    }

    /// Whether an APDU waits for the turn.
    pub(super) fn has_work(&self) -> bool {
        matches!(self.state, State::Waiting(_)) || !self.queue.is_empty()
    }

    /// Whether an activity of ours is under way.
    pub(super) fn is_active(&self) -> bool {
        !matches!(self.state, State::Nothing | State::Waiting(_))
    }

    /// Begins or resumes an activity with the APDU whose turn it is.
    pub(super) fn begin(&mut self, agreement: Agreement, out: &mut VecDeque<Request>) {
        let parcel = match core::mem::replace(&mut self.state, State::Nothing) {
            State::Waiting(parcel) => Some(parcel),
            State::Nothing => self.queue.pop_front().map(Parcel::new),
            state => return self.state = state,
        };
        let Some(mut parcel) = parcel else { return };
        let old = name(parcel.activity);
        self.last_activity += 1;
        parcel.activity = self.last_activity;
        let activity = name(parcel.activity);
        if parcel.confirmed != START || parcel.ended {
            parcel.resumed = true;
            activity_request(
                ActivityRequest::Resume(Box::new(ActivityResume {
                    activity,
                    old_activity: old,
                    serial_number: parcel.confirmed.serial,
                    connection: parcel.on.take().as_ref().map(Identifier::to_session),
                })),
                out,
            );
        } else {
            parcel = Parcel { on: None, ..parcel };
            activity_request(ActivityRequest::Start(activity), out);
        }
        self.state = State::Flowing(parcel);
        self.flow(agreement, out);
    }

    /// Sends what the window allows.
    fn flow(&mut self, agreement: Agreement, out: &mut VecDeque<Request>) {
        let State::Flowing(mut parcel) = core::mem::replace(&mut self.state, State::Nothing)
        else {
            return;
        };
        while parcel.pending.len() < agreement.window {
            let serial = parcel.pending.back().map_or(parcel.confirmed, |last| *last).serial + 1;
            let size = match agreement.checkpoint {
                0 => usize::MAX,
                _ if serial > LAST_SERIAL => usize::MAX,
                size => size,
            };
            let part = parcel.rest.split_to(size);
            let ppdu = UserData::single(agreement.context, part.to_rope()).to_rope();
            out.push_back(Request::Data(ppdu));
            if parcel.rest.is_empty() {
                parcel.ended = true;
                activity_request(ActivityRequest::End, out);
                self.state = State::Ending(parcel);
                return;
            }
            let at = parcel.apdu.len() - parcel.rest.len();
            parcel.pending.push_back(Point { serial, at });
            activity_request(ActivityRequest::SyncMinor, out);
        }
        self.state = State::Flowing(parcel);
    }

    /// A checkpoint is confirmed, and all before it.
    pub(super) fn confirm(
        &mut self,
        serial: u32,
        agreement: Agreement,
        out: &mut VecDeque<Request>,
    ) {
        if let State::Flowing(parcel) | State::Ending(parcel) = &mut self.state {
            while let Some(point) = parcel.pending.pop_front_if(|point| point.serial <= serial) {
                parcel.confirmed = point;
                parcel.exceptions = 0;
            }
        }
        if matches!(self.state, State::Flowing(_)) {
            self.flow(agreement, out);
        }
    }

    /// The peer has all.
    pub(super) fn end(&mut self) {
        if matches!(self.state, State::Ending(_)) {
            self.state = State::Nothing;
        }
    }

    /// The peer or a provider reports an exception: the activity is stopped.
    pub(super) fn exception(
        &mut self,
        reason: Option<ExceptionReason>,
        out: &mut VecDeque<Request>,
    ) -> Result<(), Error> {
        let mut parcel = match core::mem::replace(&mut self.state, State::Nothing) {
            State::Flowing(parcel) | State::Ending(parcel) => parcel,
            state => {
                self.state = state;
                return Ok(());
            }
        };
        parcel.exceptions += 1;
        let after = match reason {
            Some(ExceptionReason::RECEIVING_JEOPARDIZED) => return Err(Error::Jeopardized),
            Some(ExceptionReason::SEQUENCE) if parcel.resumed => After::Done,
            _ if parcel.exceptions > EXCEPTIONS_MAX => {
                return Err(Error::Exceptions(parcel.exceptions));
            }
            Some(ExceptionReason::UNRECOVERABLE | ExceptionReason::SEQUENCE) => After::Anew,
            _ if parcel.confirmed == START => After::Anew,
            _ => After::Resume,
        };
        let reason = reason.unwrap_or(ExceptionReason::NON_SPECIFIC);
        activity_request(
            match after {
                After::Resume => ActivityRequest::Interrupt(reason),
                After::Done | After::Anew => ActivityRequest::Discard(reason),
            },
            out,
        );
        self.state = State::Stopping(parcel, after);
        Ok(())
    }

    /// The activity has been stopped.
    pub(super) fn stopped(&mut self) {
        self.state = match core::mem::replace(&mut self.state, State::Nothing) {
            State::Stopping(_, After::Done) => State::Nothing,
            State::Stopping(parcel, After::Resume) => State::Waiting(parcel.rewound()),
            State::Stopping(parcel, After::Anew) => State::Waiting(parcel.anew()),
            state => state,
        };
    }
}

impl Parcel {
    fn new(apdu: Rope) -> Self {
        Self {
            rest: apdu.clone(),
            apdu,
            activity: 0,
            on: None,
            confirmed: START,
            pending: VecDeque::new(),
            ended: false,
            resumed: false,
            exceptions: 0,
        }
    }

    /// From the beginning.
    fn anew(self) -> Self {
        let (exceptions, activity) = (self.exceptions, self.activity);
        Self { exceptions, activity, ..Self::new(self.apdu) }
    }

    /// Back to the last checkpoint confirmed.
    fn rewound(mut self) -> Self {
        self.rest = self.apdu.clone();
        drop(self.rest.split_to(self.confirmed.at));
        self.pending.clear();
        self
    }

    /// Back to the last checkpoint confirmed, on another session connection than was.
    fn moved(mut self, on: Option<&Identifier>) -> Self {
        if self.activity == 0 {
            return self;
        }
        // Without a name it can't be resumed.
        match on {
            None => return self.anew(),
            Some(on) => self.on = self.on.or_else(|| Some(on.clone())),
        }
        self.rewound()
    }
}

/// An activity identifier: the INTEGER of its number.
fn name(number: u32) -> Bytes {
    i64::from(number).to_ber()
}

fn activity_request(request: ActivityRequest, out: &mut VecDeque<Request>) {
    out.push_back(Request::Activity(request));
}
