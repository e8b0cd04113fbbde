//! The receiving side (X.228 §7.5 ff.): an APDU comes in an activity, is gathered in a buffer, and
//! is given up when the activity ends. What an interruption left is kept until the sender resumes
//! or begins something else; of what it sends again, the part that is there is passed over.

use crate::buffer::{BufferError, BufferSource, TsduBuffer};
use crate::x225::ActivityResume;
use crate::x228::SessionConnectionIdentifier as Identifier;
use bytes::Bytes;
use std::collections::VecDeque;

/// A checkpoint: its serial number and how much lies before it, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) serial: u32,
    pub(super) at: usize,
}

/// An activity by its name, and by the session connection where that is not the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Activity {
    name: Bytes,
    on: Option<Identifier>,
}

/// What has come of an APDU.
struct Arrival {
    activity: Activity,
    buffer: Box<dyn TsduBuffer>,
    len: usize,
    /// How much of what comes is there already, in octets.
    skip: usize,
    /// The last checkpoints.
    points: VecDeque<Point>,
}

/// Whether an activity of the peer's is under way.
enum State {
    Nothing,
    Active(Arrival),
    Interrupted(Arrival),
    /// It can't be taken, and the peer has been told.
    Refused,
}

/// What the receiving side makes of an activity that is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    /// It goes on.
    Goes,
    /// All of it has been received before.
    Complete,
    /// Nothing is known of it.
    Unknown,
}

/// The receiving side.
pub(super) struct Receiving {
    state: State,
    /// The last activity that ended.
    complete: Option<Activity>,
    /// How many checkpoints the peer may be behind.
    window: usize,
    /// The largest APDU, in octets.
    limit: usize,
}

impl Receiving {
    pub(super) fn new(window: usize, limit: usize) -> Self {
        Self { state: State::Nothing, complete: None, window, limit }
    }

    /// Goes on with what was left on another session connection, whose name is given.
    pub(super) fn resumed(mut self, on: Option<&Identifier>, window: usize) -> Self {
        let rename = |activity: &mut Activity| {
            activity.on.get_or_insert_with(|| match on {
                Some(on) => on.clone(),
                // Without a name it can't be resumed.
                None => NOWHERE,
            });
        };
        if let State::Interrupted(arrival) | State::Active(arrival) = &mut self.state {
            rename(&mut arrival.activity);
        }
        self.complete.as_mut().map(rename);
        self.state = match self.state {
            State::Active(arrival) | State::Interrupted(arrival) => State::Interrupted(arrival),
            State::Nothing | State::Refused => State::Nothing,
        };
        self.window = self.window.max(window);
        self
    }

    /// Whether a part of an APDU is here.
    pub(super) fn has_part(&self) -> bool {
        matches!(self.state, State::Active(_) | State::Interrupted(_))
    }

    /// How much of an APDU is here, in octets.
    pub(super) fn octets(&self) -> usize {
        match &self.state {
            State::Active(arrival) | State::Interrupted(arrival) => arrival.len,
            State::Nothing | State::Refused => 0,
        }
    }

    pub(super) fn start(&mut self, name: Bytes, buffers: &mut dyn BufferSource) {
        self.state = State::Active(Arrival {
            activity: Activity { name, on: None },
            buffer: buffers.begin(),
            len: 0,
            skip: 0,
            points: VecDeque::new(),
        });
    }

    /// An activity is resumed; `on` is the present session connection.
    pub(super) fn resume(&mut self, resume: ActivityResume, on: Option<&Identifier>) -> Resumed {
        let named = match resume.connection.as_ref().map(Identifier::from_session) {
            // One that can't be read is none that we know.
            Some(None) => Some(NOWHERE),
            Some(identifier) => identifier.filter(|identifier| Some(identifier) != on),
            None => None,
        };
        let old = Activity { name: resume.old_activity, on: named };
        if self.complete.as_ref() == Some(&old) {
            self.state = State::Refused;
            return Resumed::Complete;
        }
        let serial = resume.serial_number;
        self.state = match core::mem::replace(&mut self.state, State::Refused) {
            State::Interrupted(arrival) if arrival.activity == old => {
                match arrival.from(serial, resume.activity) {
                    Some(arrival) => State::Active(arrival),
                    None => State::Refused,
                }
            }
            _ => State::Refused,
        };
        if matches!(self.state, State::Active(_)) { Resumed::Goes } else { Resumed::Unknown }
    }

    pub(super) fn data(&mut self, octets: &[u8]) -> Result<(), BufferError> {
        match &mut self.state {
            State::Active(arrival) => arrival.append(octets, self.limit),
            _ => Ok(()),
        }
    }

    pub(super) fn point(&mut self, serial: u32) {
        let window = self.window;
        if let State::Active(arrival) = &mut self.state {
            arrival.points.push_back(Point { serial, at: arrival.len - arrival.skip });
            // The last one confirmed, and those that are not.
            if arrival.points.len() > window + 1 {
                arrival.points.pop_front();
            }
        }
    }

    /// The activity ended: gives the APDU, where there is one.
    pub(super) fn end(&mut self) -> Result<Option<Bytes>, BufferError> {
        match core::mem::replace(&mut self.state, State::Nothing) {
            State::Active(arrival) => {
                let octets = arrival.buffer.finish()?;
                self.complete = Some(arrival.activity);
                Ok(Some(octets))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn interrupt(&mut self) {
        self.state = match core::mem::replace(&mut self.state, State::Nothing) {
            State::Active(arrival) => State::Interrupted(arrival),
            _ => State::Nothing,
        };
    }

    pub(super) fn discard(&mut self) {
        self.state = State::Nothing;
    }
}

/// The name of no session connection.
const NOWHERE: Identifier = Identifier {
    calling_ss_user_reference: Bytes::new(),
    common_reference: restante_ber::UtcTime(i64::MIN),
    additional_reference_information: Bytes::new(),
};

impl Arrival {
    /// Goes on behind a checkpoint, 0 being the beginning; `None` where it is not known any more.
    fn from(mut self, serial: u32, name: Bytes) -> Option<Self> {
        let at = match serial {
            0 => 0,
            serial => self.points.iter().find(|point| point.serial == serial)?.at,
        };
        self.skip = self.len - at;
        self.points.retain(|point| point.serial <= serial);
        self.activity = Activity { name, on: None };
        Some(self)
    }

    fn append(&mut self, octets: &[u8], limit: usize) -> Result<(), BufferError> {
        let passed = self.skip.min(octets.len());
        self.skip -= passed;
        let new = octets.get(passed..).unwrap_or_default();
        if new.len() > limit.saturating_sub(self.len) {
            return Err(BufferError::TooLarge { limit });
        }
        self.buffer.append(new)?;
        self.len += new.len();
        Ok(())
    }
}
