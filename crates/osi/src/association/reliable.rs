//! Reliable transfer under an association (X.228): its bind in RTORQ, RTOAC and RTORJ, and the
//! APDUs of remote operations in transfers, each as an EXTERNAL that names its presentation
//! context.
//!
//! The bind is sent with the tag that remote operations give it. A peer that leaves the tag away
//! is understood, and answered in kind; so is one that transfers APDUs bare.

use crate::Open;
use crate::association::answer::Failure;
use crate::association::established::Established;
use crate::association::listening::NotAsked;
use crate::association::recovery::{Bind as Asked, Suspended};
use crate::association::shared::Shared;
use crate::association::user_information::{self, Found, external};
use crate::association::{ApplicationContext, BindRequest, Layer, RtseOptions};
use crate::x225::{ActivityIndication, ConnectIndication, Request, Requirements, Tokens};
use crate::x226::{BASIC_ENCODING, UserData};
use crate::x227::{Aarq, AssociateResult};
use crate::x228::{
    self, Agreement, ConnectionData, DialogueMode, RefuseReason, Rtoac, Rtorj, Rtorq, Rtpm,
    RtseApdu, SessionConnectionIdentifier as Identifier,
};
use crate::x880::{Bind, Rose};
use bytes::Bytes;
use restante_ber::{Decode, Encode, External, Oid, Reader, Result, Rope, Tag, Writer};

/// The unit of checkpoint sizes, in octets.
const CHECKPOINT_UNIT: usize = 1024;

/// How APDUs of remote operations are carried.
pub(super) enum Carriage {
    /// Each as data of its own.
    Direct,
    /// In reliable transfers.
    Reliable(Box<Reliable>),
}

/// Reliable transfer of a bound association, and what it takes to recover it.
pub(super) struct Reliable {
    rtpm: Rtpm,
    application_context: Oid,
    bind: Asked,
}

/// Reliable transfer that this end has asked for.
pub(super) struct Calling {
    bind: BindRequest,
    rtse: RtseOptions,
    pub(super) identifier: Identifier,
    recovers: Option<(Identifier, Suspended)>,
}

/// Reliable transfer that the peer has asked for.
pub(super) struct Called {
    application_context: Oid,
    rtorq: Rtorq,
    argument: Option<Bytes>,
    /// Whether the peer tags its bind.
    tagged: bool,
    identifier: Option<Identifier>,
    pub(super) tokens: Tokens,
    recovers: Option<Suspended>,
}

/// What both ends go by, of what the responder grants; no more than this end wants.
fn agreed(checkpoint: i64, window: i64, rtse: &RtseOptions, context: Option<i64>) -> Agreement {
    let checkpoint = usize::try_from(checkpoint).unwrap_or(0);
    let window = usize::try_from(window).unwrap_or(1);
    // One who names no checkpoint size leaves it to the other (X.228 §8.1.2).
    let most = match rtse.checkpoint_size {
        0 => usize::from(u16::MAX),
        size => usize::from(size),
    };
    Agreement {
        checkpoint: checkpoint.min(most) * CHECKPOINT_UNIT,
        window: window.min(usize::from(rtse.window_size)).max(1),
        context,
    }
}

/// The value inside the tag of bind invoke, result or error, and whether there was one.
fn untagged(data: &Open) -> (Bytes, bool) {
    let octets = data.to_bytes();
    let inner = Reader::over(&octets).only().ok().filter(|element| {
        element.constructed && (16..=18).any(|number| element.tag == Tag::context(number))
    });
    match inner.and_then(|element| element.only_child().ok()).map(|inner| inner.to_bytes()) {
        Some(inner) => (inner, true),
        None => (octets, false),
    }
}

fn tagged(bind: Bind) -> Open {
    Open(bind.to_rope())
}

/// The bind of an AARE that refuses reliable transfer.
pub(super) fn refusal(information: Option<&[External]>) -> Result<Option<Bind>> {
    Ok(match user_information::read(information)? {
        Some(Found { pdu: RtseApdu::Rtorj(Rtorj { user_data: Some(error), .. }), .. }) => {
            Some(Bind::BindError(Open(untagged(&error).0.into())))
        }
        _ => None,
    })
}

/// Keeps an association until it is recovered; tells by which name, where it is kept.
fn keep(identifier: Identifier, association: Suspended, shared: &Shared) -> Option<Identifier> {
    let RtseOptions { recovery, peer, .. } = &shared.rtse;
    let kept = recovery.keep(peer, identifier.clone(), association, shared.now);
    kept.then_some(identifier)
}

impl Calling {
    /// The connection is gone before the association was recovered.
    pub(super) fn suspend(self, shared: &Shared) -> Option<Identifier> {
        let (identifier, association) = self.recovers?;
        keep(identifier, association, shared)
    }

    pub(super) fn new(
        bind: &BindRequest,
        rtse: &RtseOptions,
        recovers: Option<(Identifier, Suspended)>,
    ) -> Self {
        let identifier = rtse.recovery.name_connection();
        Self { bind: bind.clone(), rtse: rtse.clone(), identifier, recovers }
    }

    /// Whose the tokens are: the peer's where it has something to resume.
    pub(super) fn tokens(&self) -> Tokens {
        match &self.recovers {
            Some((_, suspended)) if suspended.transfer.is_receiving() => Tokens::RESPONDER,
            _ => Tokens::NONE,
        }
    }

    /// User-information with an RTORQ.
    pub(super) fn request(&self, context: Option<i64>) -> Vec<External> {
        let argument = self.bind.argument.clone();
        let invoke = argument.map(|argument| tagged(Bind::BindInvoke(Open(argument))));
        let connection_data = match &self.recovers {
            Some((identifier, _)) => ConnectionData::Recover(identifier.clone()),
            None => ConnectionData::Open(invoke),
        };
        let rtorq = RtseApdu::Rtorq(Rtorq {
            checkpoint_size: self.rtse.checkpoint_size.into(),
            window_size: self.rtse.window_size.into(),
            dialogue_mode: DialogueMode::TWA,
            connection_data,
        });
        external(context, &rtorq)
    }

    /// Takes an RTOAC: the carriage, what was outstanding, and the bind result.
    pub(super) fn accepted(
        self,
        information: Option<&[External]>,
        context: Option<i64>,
        shared: &Shared,
    ) -> core::result::Result<(Carriage, Rose, Option<Bytes>), x228::Error> {
        let Some(Found { pdu: RtseApdu::Rtoac(rtoac), .. }) = user_information::read(information)?
        else {
            return Err(x228::Error::Violation("an accepting AARE without an RTOAC"));
        };
        let result = match (rtoac.connection_data, &self.recovers) {
            (ConnectionData::Open(result), None) => result.map(|result| untagged(&result).0),
            (ConnectionData::Recover(_), Some(_)) => None,
            _ => return Err(x228::Error::Violation("another connection data than was asked for")),
        };
        let turn = self.tokens() == Tokens::NONE;
        let agreement = agreed(rtoac.checkpoint_size, rtoac.window_size, &self.rtse, context);
        let machine = Rtpm::new(agreement, Some(self.identifier), turn, shared.limits.tsdu);
        let application_context = self.bind.context.name.clone();
        let bind = Asked::Ours(Box::new(self.bind));
        let suspended = self.recovers.map(|(_, suspended)| suspended);
        let (carriage, rose) = carriage(machine, suspended, application_context, bind, shared);
        Ok((carriage, rose, result))
    }
}

fn carriage(
    mut rtpm: Rtpm,
    suspended: Option<Suspended>,
    application_context: Oid,
    bind: Asked,
    shared: &Shared,
) -> (Carriage, Rose) {
    let rose = match suspended {
        Some(suspended) => {
            rtpm = rtpm.resuming(suspended.transfer);
            suspended.rose
        }
        None => Rose::new(shared.limits.outstanding_invocations),
    };
    (Carriage::Reliable(Box::new(Reliable { rtpm, application_context, bind })), rose)
}

impl Called {
    /// The connection is gone before the association was recovered.
    pub(super) fn suspend(self, shared: &Shared) -> Option<Identifier> {
        match self.rtorq.connection_data {
            ConnectionData::Recover(identifier) => keep(identifier, self.recovers?, shared),
            ConnectionData::Open(_) => None,
        }
    }

    /// Reads what the peer asks for, and the context that it names.
    pub(super) fn read(
        aarq: &Aarq,
        connect: &ConnectIndication,
        shared: &Shared,
    ) -> core::result::Result<(Option<i64>, Self), NotAsked> {
        let never = |text: String| Err((AssociateResult::REJECTED_PERMANENT, text));
        let (context, rtorq) = match user_information::read(aarq.user_information.as_deref()) {
            Ok(Some(Found { context, pdu: RtseApdu::Rtorq(rtorq) })) => (context, rtorq),
            Ok(_) => return never("the user information of AARQ is no RTORQ".to_owned()),
            Err(error) => return never(format!("the RTORQ can't be read: {error}")),
        };
        let application_context = aarq.application_context_name.clone();
        let (recovers, argument, tagged) = match &rtorq.connection_data {
            ConnectionData::Open(None) => (None, None, true),
            ConnectionData::Open(Some(data)) => {
                let (argument, tagged) = untagged(data);
                (None, Some(argument), tagged)
            }
            ConnectionData::Recover(identifier) => {
                let fits = |kept: &Suspended| {
                    kept.application_context == application_context
                        && matches!(kept.bind, Asked::Theirs(_))
                };
                let Some(kept) = shared.rtse.recover(identifier, shared.now, fits) else {
                    // The end of its connection may not be noticed yet.
                    let text = "an association to recover that is not known".to_owned();
                    return Err((AssociateResult::REJECTED_TRANSIENT, text));
                };
                let argument = match &kept.bind {
                    Asked::Theirs(argument) => argument.clone(),
                    Asked::Ours(_) => None,
                };
                (Some(kept), argument, true)
            }
        };
        let identifier = Identifier::from_session(&connect.connection_identifier);
        let tokens = Tokens::settled(connect.token_setting, None);
        Ok((
            context,
            Self { application_context, rtorq, argument, tagged, identifier, tokens, recovers },
        ))
    }

    /// The bind argument; when an association is recovered, its first one.
    pub(super) fn argument(&self) -> Option<Bytes> {
        self.argument.clone()
    }

    /// User-information with an RTOAC, which repeats what is recovered.
    pub(super) fn acceptance(
        &self,
        result: Option<Rope>,
        context: Option<i64>,
        shared: &Shared,
    ) -> Vec<External> {
        let agreement = self.agreement(context, &shared.rtse);
        let checkpoint_size = agreement.checkpoint / CHECKPOINT_UNIT;
        let connection_data = match &self.rtorq.connection_data {
            ConnectionData::Recover(identifier) => ConnectionData::Recover(identifier.clone()),
            ConnectionData::Open(_) => ConnectionData::Open(result.map(|result| {
                if self.tagged { tagged(Bind::BindResult(Open(result))) } else { Open(result) }
            })),
        };
        let rtoac = RtseApdu::Rtoac(Rtoac {
            checkpoint_size: i64::try_from(checkpoint_size).unwrap_or(0),
            window_size: i64::try_from(agreement.window).unwrap_or(1),
            connection_data,
        });
        external(context, &rtoac)
    }

    /// User-information with an RTORJ.
    pub(super) fn rejection(&self, error: Rope, context: Option<i64>) -> Vec<External> {
        let error = match self.tagged {
            true => tagged(Bind::BindError(Open(error))),
            false => Open(error),
        };
        let rtorj = RtseApdu::Rtorj(Rtorj {
            refuse_reason: Some(RefuseReason::VALIDATION_FAILURE),
            user_data: Some(error),
        });
        external(context, &rtorj)
    }

    fn agreement(&self, context: Option<i64>, rtse: &RtseOptions) -> Agreement {
        let own = i64::from(rtse.checkpoint_size);
        let granted = match self.rtorq.checkpoint_size {
            0 => own,
            asked => asked.min(own),
        };
        agreed(granted, self.rtorq.window_size, rtse, context)
    }

    /// The carriage, and what was outstanding.
    pub(super) fn accepted(self, context: Option<i64>, shared: &Shared) -> (Carriage, Rose) {
        let agreement = self.agreement(context, &shared.rtse);
        let turn = self.tokens.contains(Tokens::RESPONDER);
        let machine = Rtpm::new(agreement, self.identifier, turn, shared.limits.tsdu);
        let bind = Asked::Theirs(self.argument);
        carriage(machine, self.recovers, self.application_context, bind, shared)
    }
}

/// The functional units of the session that an application context needs.
pub(super) fn requirements(context: &ApplicationContext) -> Requirements {
    match context.reliable {
        true => Requirements::RELIABLE_TRANSFER,
        false => Requirements::DUPLEX,
    }
}

/// An APDU as an EXTERNAL, in its pieces.
fn enclosed(context: Option<i64>, apdu: &Rope) -> Rope {
    let mut writer = Writer::new();
    writer.constructed(Tag::EXTERNAL, |writer| {
        writer.constructed(Tag::context(0), |writer| writer.rope(apdu));
        match context {
            Some(context) => context.encode(writer),
            // In the default context only the reference says how the value is encoded.
            None => BASIC_ENCODING.encode(writer),
        }
    });
    writer.finish()
}

impl Established {
    /// Whether this end of reliable transfer can't go on before the peer does something.
    pub(super) fn is_waiting(&self) -> bool {
        match &self.carriage {
            Carriage::Direct => false,
            Carriage::Reliable(reliable) => reliable.rtpm.is_waiting(),
        }
    }

    /// Passes on what a recovered association has to do at once.
    pub(super) fn begun(mut self, shared: &mut Shared) -> Self {
        self.flush(shared);
        self
    }

    /// Whether APDUs go in reliable transfers.
    pub(super) fn is_reliable(&self) -> bool {
        matches!(self.carriage, Carriage::Reliable(_))
    }

    /// Sends an APDU of remote operations on a context.
    pub(super) fn carry(&mut self, context: Option<i64>, apdu: Rope, shared: &mut Shared) {
        match &mut self.carriage {
            Carriage::Direct => {
                let ppdu = UserData::single(context, apdu).to_rope();
                shared.trace_sent(Layer::Presentation, &"TD user data", &ppdu);
                shared.session(Request::Data(ppdu));
            }
            Carriage::Reliable(reliable) => {
                let enclosed = enclosed(context, &apdu);
                shared.trace_sent(Layer::ReliableTransfer, &"APDU to transfer", &enclosed);
                reliable.rtpm.transfer(enclosed);
                self.flush(shared);
            }
        }
    }

    /// Passes on what reliable transfer asks of the session.
    pub(super) fn flush(&mut self, shared: &mut Shared) {
        let Carriage::Reliable(reliable) = &mut self.carriage else { return };
        while let Some(request) = reliable.rtpm.poll_request() {
            if let Request::Data(ppdu) = &request {
                shared.trace_sent(Layer::Presentation, &"TD user data", ppdu);
            }
            shared.session(request);
        }
    }

    /// An indication of the functional units of reliable transfer.
    pub(super) fn activity(
        &mut self,
        indication: ActivityIndication,
        shared: &mut Shared,
    ) -> core::result::Result<(), Box<Failure>> {
        let Carriage::Reliable(reliable) = &mut self.carriage else { return Ok(()) };
        let received = reliable.rtpm.indicate(indication, shared.stack.buffers());
        let received = received.map_err(|error| Failure::reliable(&error, self.acse_context))?;
        self.flush(shared);
        match received {
            Some(apdu) => self.transferred(&apdu, shared),
            None => Ok(()),
        }
    }

    /// An APDU was transferred.
    fn transferred(
        &mut self,
        octets: &Bytes,
        shared: &mut Shared,
    ) -> core::result::Result<(), Box<Failure>> {
        shared.trace_received(Layer::ReliableTransfer, &"transferred APDU", octets);
        let fail = |error: x228::Error| Failure::reliable(&error, self.acse_context);
        let element = Reader::over(octets).only().map_err(|error| fail(error.into()))?;
        let (context, apdu) = match element.tag {
            Tag::EXTERNAL => {
                let external = External::decode(&element).map_err(|error| fail(error.into()))?;
                let value = external.value().map_err(|error| fail(error.into()))?;
                (external.indirect_reference, value.0)
            }
            _ => (self.bind_context, octets.clone()),
        };
        let named = self.contexts.abstract_syntax(context).cloned();
        let Some(abstract_syntax) = named else {
            return Err(fail(x228::Error::Violation(
                "a presentation context that is not defined",
            )));
        };
        self.receive(context, abstract_syntax, &apdu, shared);
        Ok(())
    }

    /// Part of an APDU that is being transferred.
    pub(super) fn part(&mut self, value: &Bytes) -> core::result::Result<(), Box<Failure>> {
        let Carriage::Reliable(reliable) = &mut self.carriage else { return Ok(()) };
        let taken = reliable.rtpm.data(value);
        taken.map_err(|error| Failure::reliable(&error, self.acse_context))
    }

    /// Whether the association may be released now; with reliable transfer it is told so that
    /// this is wanted, and asks for the turn.
    pub(super) fn close(&mut self, shared: &mut Shared) {
        if let Carriage::Reliable(reliable) = &mut self.carriage {
            reliable.rtpm.close();
        }
        self.flush(shared);
    }

    /// Whether a release may be asked for now.
    pub(super) fn may_release(&self) -> bool {
        match &self.carriage {
            Carriage::Direct => true,
            Carriage::Reliable(reliable) => reliable.rtpm.may_release(),
        }
    }

    /// The connection is gone: keeps what can be recovered, and tells by which name. What the
    /// user is performing can't be, since its answer has nowhere to go meanwhile.
    pub(super) fn suspend(self, shared: &Shared) -> Option<Identifier> {
        let Carriage::Reliable(reliable) = self.carriage else { return None };
        if self.rose.is_performing() {
            return None;
        }
        let identifier = reliable.rtpm.session_connection().cloned()?;
        let association = Suspended {
            application_context: reliable.application_context,
            transfer: reliable.rtpm.suspend(),
            rose: self.rose,
            bind: reliable.bind,
        };
        keep(identifier, association, shared)
    }
}
