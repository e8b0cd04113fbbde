//! The reliable transfer protocol machine: who has the turn, what goes out and what comes in.
//!
//! It takes the indications of the session and gives requests for it; the presentation does
//! nothing in between but wrap data. The turn is asked for where there is something to transfer,
//! and given, when it is asked for, after one transfer.

use crate::buffer::BufferSource;
use crate::x225::{ActivityIndication, ActivityRequest, ExceptionReason, Request, Tokens};
use crate::x226::UserData;
use crate::x228::receiving::{Receiving, Resumed};
use crate::x228::sending::Sending;
use crate::x228::{Error, RtseApdu, SessionConnectionIdentifier as Identifier};
use bytes::Bytes;
use restante_ber::{Decode, Encode, Rope};
use std::collections::VecDeque;

/// The priority with which the turn is asked for, to transfer (X.218 §8.3: 0 is the highest, and
/// for release).
const TRANSFER_PRIORITY: i64 = 1;
const RELEASE_PRIORITY: i64 = 0;
/// How many transfers of the peer's this end takes after it has asked for the turn: what it has to
/// say meanwhile waits.
const TRANSFERS_UNTURNED_MAX: u32 = 1024;

/// What both ends agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The most data between two checkpoints, in octets; 0: no checkpoints.
    pub checkpoint: usize,
    /// The most checkpoints that are not confirmed, 1 or more.
    pub window: usize,
    /// The presentation context of the APDUs; `None`: the default context.
    pub context: Option<i64>,
}

/// Who has the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Ours {
        /// The peer has asked for it.
        wanted: bool,
        /// Something has been transferred in it.
        used: bool,
    },
    Theirs {
        /// We have asked for it.
        asked: bool,
        /// What the peer has transferred since.
        transfers: u32,
    },
}

impl Turn {
    const THEIRS: Self = Self::Theirs { asked: false, transfers: 0 };
}

/// The machine of one end.
pub struct Rtpm {
    agreement: Agreement,
    /// The session connection.
    on: Option<Identifier>,
    turn: Turn,
    sending: Sending,
    receiving: Receiving,
    /// Whether the association is to be released when all is sent.
    closing: bool,
    out: VecDeque<Request>,
}

/// What is left of an association whose connection broke.
pub struct Suspended {
    on: Option<Identifier>,
    sending: Sending,
    receiving: Receiving,
}

impl Suspended {
    /// What the APDUs that are under way or wait take, in octets.
    pub fn octets(&self) -> usize {
        self.sending.octets() + self.receiving.octets()
    }

    /// Whether an APDU of the peer's was being received, so that it needs the turn.
    pub fn is_receiving(&self) -> bool {
        self.receiving.has_part() && !self.sending.is_active() && !self.sending.has_work()
    }
}

impl Rtpm {
    /// On a session connection with a name, if it has one, with the turn or without; takes APDUs
    /// of at most `limit` octets.
    pub fn new(agreement: Agreement, on: Option<Identifier>, turn: bool, limit: usize) -> Self {
        Self {
            sending: Sending::new(),
            receiving: Receiving::new(agreement.window, limit),
            closing: false,
            out: VecDeque::new(),
            turn: match turn {
                true => Turn::Ours { wanted: false, used: false },
                false => Turn::THEIRS,
            },
            agreement,
            on,
        }
    }

    /// Goes on with what another machine left.
    #[must_use]
    pub fn resuming(self, suspended: Suspended) -> Self {
        let Suspended { on, sending, receiving } = suspended;
        let mut machine = Self {
            sending: sending.resumed(on.as_ref()),
            receiving: receiving.resumed(on.as_ref(), self.agreement.window),
            ..self
        };
        machine.advance();
        machine
    }

    /// What is to be kept when the connection is gone.
    pub fn suspend(self) -> Suspended {
        Suspended { on: self.on, sending: self.sending, receiving: self.receiving }
    }

    /// The session connection's name.
    pub fn session_connection(&self) -> Option<&Identifier> {
        self.on.as_ref()
    }

    /// RT-TRANSFER request.
    pub fn transfer(&mut self, apdu: Rope) {
        self.sending.push(apdu);
        self.advance();
    }

    /// RT-CLOSE request: [`may_release`](Self::may_release) when all is sent and the turn is here.
    pub fn close(&mut self) {
        self.closing = true;
        self.advance();
    }

    /// Whether the association may be released by this end, which has asked for it.
    pub fn may_release(&self) -> bool {
        self.closing && matches!(self.turn, Turn::Ours { .. }) && !self.is_sending()
    }

    fn is_sending(&self) -> bool {
        self.sending.is_active() || self.sending.has_work()
    }

    /// Whether this end can't go on before the peer does something: confirms, or gives the turn.
    pub fn is_waiting(&self) -> bool {
        self.is_sending()
    }

    /// The peer has transferred something.
    fn count_transfer(&mut self) -> Result<(), Error> {
        if let Turn::Theirs { asked: true, transfers } = &mut self.turn {
            *transfers += 1;
            if *transfers > TRANSFERS_UNTURNED_MAX {
                return Err(Error::TurnWithheld);
            }
        }
        Ok(())
    }

    /// P-DATA indication with one value, which must be an RTTR.
    ///
    /// # Errors
    /// Where it is none, or there is no room for it.
    pub fn data(&mut self, value: &Bytes) -> Result<(), Error> {
        match RtseApdu::from_bytes(value)? {
            RtseApdu::Rttr(part) => {
                part.pieces().try_for_each(|piece| self.receiving.data(piece))?;
                Ok(())
            }
            _ => Err(Error::Violation("another APDU than RTTR in an activity")),
        }
    }

    /// An indication or confirm of the session. Gives an APDU that is whole: RT-TRANSFER
    /// indication.
    ///
    /// # Errors
    /// Where the association is at its end, and [`Error::reason`] is what the peer is told.
    pub fn indicate(
        &mut self,
        indication: ActivityIndication,
        buffers: &mut dyn BufferSource,
    ) -> Result<Option<Bytes>, Error> {
        use ActivityIndication as I;
        let mut received = None;
        match indication {
            I::TokenPlease(..) => self.want(),
            I::TokenGive(held) if held.contains(Tokens::RELIABLE_TRANSFER) => {
                self.turn = Turn::Ours { wanted: false, used: false };
            }
            I::TokenGive(_) => {}
            I::Start(activity) => self.receiving.start(activity, buffers),
            I::Resume(resume) => match self.receiving.resume(*resume, self.on.as_ref()) {
                Resumed::Goes => {}
                Resumed::Complete => self.report(ExceptionReason::SEQUENCE),
                Resumed::Unknown => self.report(ExceptionReason::UNRECOVERABLE),
            },
            I::SyncMinor(serial, confirm) => {
                self.receiving.point(serial);
                if confirm {
                    self.request(ActivityRequest::SyncMinorAccept(serial));
                }
            }
            I::End => {
                received = self.receiving.end()?;
                self.count_transfer()?;
                self.request(ActivityRequest::EndAccept);
            }
            I::Interrupt(_) => {
                self.receiving.interrupt();
                self.request(ActivityRequest::StopAccept);
            }
            I::Discard(_) => {
                self.receiving.discard();
                self.request(ActivityRequest::StopAccept);
            }
            I::SyncMinorAccepted(serial) => {
                self.sending.confirm(serial, self.agreement, &mut self.out);
            }
            I::EndAccepted => self.sending.end(),
            I::Exception(reason) => self.sending.exception(reason, &mut self.out)?,
            I::Stopped => self.sending.stopped(),
        }
        self.advance();
        Ok(received)
    }

    /// What is to be asked of the session next.
    pub fn poll_request(&mut self) -> Option<Request> {
        self.out.pop_front()
    }

    /// The peer asks for the turn; one that has it by now has got what it asked for.
    fn want(&mut self) {
        if let Turn::Ours { wanted, .. } = &mut self.turn {
            *wanted = true;
        }
    }

    fn report(&mut self, reason: ExceptionReason) {
        self.request(ActivityRequest::Exception(reason));
    }

    fn request(&mut self, request: ActivityRequest) {
        self.out.push_back(Request::Activity(request));
    }

    /// Begins what can be begun, gives or asks for the turn.
    fn advance(&mut self) {
        if self.sending.is_active() {
            return;
        }
        let work = self.sending.has_work();
        match self.turn {
            Turn::Ours { wanted: true, used } if used || !work => {
                self.request(ActivityRequest::ControlGive);
                self.turn = Turn::THEIRS;
                self.ask();
            }
            Turn::Ours { wanted, .. } if work => {
                self.turn = Turn::Ours { wanted, used: true };
                self.sending.begin(self.agreement, &mut self.out);
            }
            Turn::Ours { .. } => {}
            Turn::Theirs { .. } => self.ask(),
        }
    }

    /// Asks for the turn, once, where it is not ours and there is something to do with it.
    fn ask(&mut self) {
        let work = self.sending.has_work();
        if self.turn != Turn::THEIRS || !(work || self.closing) {
            return;
        }
        self.turn = Turn::Theirs { asked: true, transfers: 0 };
        let priority = RtseApdu::Rttp(if work { TRANSFER_PRIORITY } else { RELEASE_PRIORITY });
        let user_data = UserData::single(self.agreement.context, priority.to_rope()).to_rope();
        // One stands for all, as in the field; they move together.
        self.request(ActivityRequest::TokenPlease(Tokens::DATA, user_data));
    }
}
