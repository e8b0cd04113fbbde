//! The states in which a session connection is being made (X.225 §7.1 to §7.5), and how its
//! parameters are agreed on.

use crate::buffer::BufferSource;
use crate::x225::activity::Activities;
use crate::x225::assembly::Gathering;
use crate::x225::open::Data;
use crate::x225::spdu::{Kind, Parameters, Spdu, code};
use crate::x225::state::{Link, Outputs, State, unexpected};
use crate::x225::write::{self, Field};
use crate::x225::{
    ConnectConfirm, ConnectIndication, ConnectRequest, ConnectResponse, ConnectionIdentifier,
    Error, Indication, Misuse, Output, RefuseReason, Requirements, ResponderOptions, Tokens,
    Version,
};
use bytes::Bytes;
use restante_ber::Rope;

/// User data that a CN of version 1, and any SPDU of it but AB, can take.
const USER_DATA_MAX_V1: usize = 512;
/// User data that a CN can take; more overflows into CDOs.
const EXTENDED_USER_DATA_MAX: usize = 10_240;
/// The smallest TSDU maximum size that we work with, lest a peer make us send a TSDU an octet.
const TSDU_SIZE_MIN: usize = 512;
/// Selectors, references and the like of one SPDU, which the standard limits to less.
const PARAMETERS_MAX: usize = 4096;
/// User data of an RF, whose other parameters it leaves room for. RFs are not segmented.
const REFUSE_DATA_MAX: usize = 65_000;

const V1: u8 = 1;
const V2: u8 = 2;

/// A responder that has seen no CN.
#[derive(Debug)]
pub(super) struct AwaitConnect {
    pub(super) options: ResponderOptions,
}

impl AwaitConnect {
    pub(super) fn connect(
        self,
        spdu: Spdu,
        limit: usize,
        buffers: &mut dyn BufferSource,
        out: &mut Outputs,
    ) -> Result<State, Error> {
        let parameters = spdu.parameters;
        let (link, requirements) = match self.agree(&parameters) {
            Ok(agreed) => agreed,
            Err(reason) => return Err(refuse(reason, parameters, out)),
        };
        if parameters.data_overflow {
            let mut gathering = Gathering::begin(buffers);
            gathering.append(&spdu.user_data, limit)?;
            let field = tsdu_size(Field::default(), &link).with(code::VERSION, &[V2]);
            out.transmit(write::plain(Kind::OverflowAccept, &field));
            let parameters = Box::new(parameters);
            let state = AwaitOverflow { link, requirements, parameters, gathering };
            return Ok(State::AwaitOverflow(state));
        }
        let state = AwaitResponse { link, requirements, tokens: None };
        Ok(state.indicate(parameters, spdu.user_data, out))
    }

    /// The version and the functional units proposed, or why they can't be had.
    fn agree(&self, parameters: &Parameters) -> Result<(Link, Requirements), RefuseReason> {
        let selectors = &self.options.selectors;
        if !selectors.is_empty() && !selectors.contains(&parameters.called) {
            return Err(RefuseReason::SELECTOR_UNKNOWN);
        }
        let extended = parameters.extended_user_data || parameters.data_overflow;
        let version = match parameters.version.unwrap_or(V1) {
            versions if versions & V2 != 0 => Version::V2,
            versions if versions & V1 != 0 && !extended => Version::V1,
            _ => return Err(RefuseReason::VERSION),
        };
        let requirements = parameters.requirements.map_or(Requirements::DEFAULT, Requirements);
        let common = requirements & self.options.requirements & Requirements::SUPPORTED;
        let (to_us, to_peer) = parameters.tsdu_maximum_size.unwrap_or_default();
        let link = Link {
            version,
            requirements: common,
            initiator: false,
            tsdu_sizes: (to_us, to_peer),
            tsdu_max: tsdu_max(to_peer).map_err(|_| RefuseReason::RESTRICTION)?,
        };
        if !SETS.iter().any(|set| common.contains(*set)) {
            return Err(RefuseReason::RESTRICTION);
        }
        Ok((link, requirements))
    }
}

/// Refuses as the provider.
fn refuse(reason: RefuseReason, parameters: Parameters, out: &mut Outputs) -> Error {
    let versions: &[u8] = if reason == RefuseReason::VERSION { &[V1 | V2] } else { &[] };
    let field =
        Field::default().with(code::TRANSPORT_DISCONNECT, &[1]).with(code::VERSION, versions);
    out.transmit(write::with_data(Kind::Refuse, &field, code::REASON, &[reason.0], Rope::new()));
    Error::Refused { reason, called: parameters.called, calling: parameters.calling }
}

/// A responder that takes in the rest of the connect data.
#[derive(Debug)]
pub(super) struct AwaitOverflow {
    link: Link,
    requirements: Requirements,
    parameters: Box<Parameters>,
    gathering: Gathering,
}

impl AwaitOverflow {
    pub(super) fn overflow(
        mut self,
        spdu: &Spdu,
        limit: usize,
        out: &mut Outputs,
    ) -> Result<State, Error> {
        let Some(enclosure) = spdu.parameters.enclosure else {
            return Err(Error::Malformed("a CDO has no enclosure item"));
        };
        self.gathering.append(&spdu.user_data, limit)?;
        if enclosure & 2 == 0 {
            return Ok(State::AwaitOverflow(self));
        }
        let Self { link, requirements, parameters, gathering } = self;
        let user_data = gathering.finish()?;
        let state = AwaitResponse { link, requirements, tokens: None };
        Ok(state.indicate(*parameters, user_data, out))
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }
}

/// A responder whose user has not answered yet.
#[derive(Debug)]
pub(super) struct AwaitResponse {
    pub(super) link: Link,
    requirements: Requirements,
    /// The token setting proposed.
    tokens: Option<Tokens>,
}

impl AwaitResponse {
    fn indicate(mut self, parameters: Parameters, user_data: Bytes, out: &mut Outputs) -> State {
        self.tokens = parameters.token_setting.map(Tokens);
        out.indicate(Indication::Connect(Box::new(ConnectIndication {
            connection_identifier: parameters.connection_identifier,
            calling: parameters.calling,
            called: parameters.called,
            version: self.link.version,
            requirements: self.requirements,
            token_setting: self.tokens,
            initial_serial_number: parameters.initial_serial_number,
            user_data,
        })));
        State::AwaitResponse(self)
    }

    /// Whether the response can be given.
    pub(super) fn check(&self, response: &ConnectResponse) -> Result<(), Misuse> {
        if !self.link.requirements.contains(response.requirements)
            || !workable(response.requirements)
        {
            return Err(Misuse::Requirements);
        }
        let (before, after) = self.accept_fields(response);
        check_len(before.len() + after.len())?;
        self.link.check_user_data(&response.user_data)
    }

    fn accept_fields(&self, response: &ConnectResponse) -> (Field, Field) {
        let item = Field::default().with(code::PROTOCOL_OPTIONS, &[0]);
        let item = tsdu_size(item, &self.link).with(
            code::VERSION,
            &[match self.link.version {
                Version::V1 => V1,
                Version::V2 => V2,
            }],
        );
        let item = serial_and_tokens(item, response.initial_serial_number, response.token_setting);
        let identifier = &response.connection_identifier;
        let before = identify(identifier, code::CALLED_USER_REFERENCE)
            .with_group(code::CONNECT_ACCEPT_ITEM, &item)
            .with(code::REQUIREMENTS, &response.requirements.0.to_be_bytes());
        let after = Field::default().with(code::CALLED_SELECTOR, &response.responding);
        (before, after)
    }

    /// Sends an AC, for a response that was checked.
    pub(super) fn accept(mut self, response: ConnectResponse, out: &mut Outputs) -> State {
        let (before, after) = self.accept_fields(&response);
        self.link.requirements = response.requirements;
        self.link.send(Kind::Accept, before, &after, response.user_data, out);
        open(self.link, Tokens::settled(self.tokens, response.token_setting))
    }

    /// Sends an RF.
    pub(super) fn reject(self, reason: RefuseReason, user_data: Rope, out: &mut Outputs) -> State {
        let max = match self.link.version {
            Version::V1 => USER_DATA_MAX_V1,
            Version::V2 => REFUSE_DATA_MAX,
        };
        let (reason, user_data) = match reason {
            RefuseReason::USER_DATA if user_data.len() <= max => (reason, user_data),
            RefuseReason::USER_DATA => (RefuseReason::USER, Rope::new()),
            _ => (reason, Rope::new()),
        };
        let field = Field::default().with(code::TRANSPORT_DISCONNECT, &[1]);
        let prefix = [reason.0];
        out.transmit(write::with_data(Kind::Refuse, &field, code::REASON, &prefix, user_data));
        out.push(Output::AwaitDisconnect);
        State::Ending
    }
}

/// An initiator that awaits an AC, or first an OA where connect data is left to send.
#[derive(Debug)]
pub(super) struct AwaitAccept {
    pub(super) link: Link,
    /// The versions proposed.
    versions: u8,
    /// The token setting proposed.
    tokens: Option<Tokens>,
    /// What the CN could not take.
    overflow: Rope,
}

impl AwaitAccept {
    /// Sends a CN.
    pub(super) fn start(request: ConnectRequest, out: &mut Outputs) -> Result<Self, Misuse> {
        let mut user_data = request.user_data;
        let overflow = {
            let taken = user_data.split_to(EXTENDED_USER_DATA_MAX);
            core::mem::replace(&mut user_data, taken)
        };
        let extended = user_data.len() > USER_DATA_MAX_V1;
        let versions = if extended { V2 } else { V1 | V2 };
        let item =
            Field::default().with(code::PROTOCOL_OPTIONS, &[0]).with(code::VERSION, &[versions]);
        let item = serial_and_tokens(item, request.initial_serial_number, request.token_setting);
        let field = identify(&request.connection_identifier, code::CALLING_USER_REFERENCE)
            .with_group(code::CONNECT_ACCEPT_ITEM, &item)
            .with(code::REQUIREMENTS, &request.requirements.0.to_be_bytes())
            .with(code::CALLING_SELECTOR, &request.calling)
            .with(code::CALLED_SELECTOR, &request.called)
            .with(code::DATA_OVERFLOW, if overflow.is_empty() { &[] } else { &[1] });
        check_len(field.len())?;
        let requirements = request.requirements;
        if !Requirements::SUPPORTED.contains(requirements) || !workable(requirements) {
            return Err(Misuse::Requirements);
        }
        let code = if extended { code::EXTENDED_USER_DATA } else { code::USER_DATA };
        out.transmit(write::with_data(Kind::Connect, &field, code, &[], user_data));
        let link = Link {
            version: Version::V2,
            requirements,
            initiator: true,
            tsdu_sizes: (0, 0),
            tsdu_max: None,
        };
        Ok(Self { link, versions, tokens: request.token_setting, overflow })
    }

    pub(super) fn spdu(self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        match spdu.kind {
            Kind::OverflowAccept if !self.overflow.is_empty() => self.overflow(&spdu, out),
            Kind::Accept if self.overflow.is_empty() => self.accept(spdu, out),
            Kind::Refuse => {
                let (reason, user_data) =
                    spdu.parameters.reason.unwrap_or((RefuseReason::USER.0, Bytes::new()));
                let reason = RefuseReason(reason);
                out.indicate(Indication::ConnectRefused { reason, user_data });
                out.push(Output::Disconnect);
                Ok(State::Closed)
            }
            _ => Err(unexpected(&spdu, &State::AwaitAccept(self))),
        }
    }

    fn overflow(mut self, spdu: &Spdu, out: &mut Outputs) -> Result<State, Error> {
        let (to_peer, _) = spdu.parameters.tsdu_maximum_size.unwrap_or_default();
        let tsdu_max = tsdu_max(to_peer)?;
        let overflow = core::mem::take(&mut self.overflow);
        for tsdu in write::connect_data_overflow(overflow, tsdu_max) {
            out.transmit(tsdu);
        }
        Ok(State::AwaitAccept(self))
    }

    fn accept(mut self, spdu: Spdu, out: &mut Outputs) -> Result<State, Error> {
        let parameters = spdu.parameters;
        // An AC that names no version means 1, unless it answers a CN that has left it no choice.
        let version = match parameters.version.unwrap_or(self.versions) & self.versions {
            _ if parameters.version.is_none() && self.versions & V1 != 0 => Version::V1,
            versions if versions & V2 != 0 => Version::V2,
            versions if versions & V1 != 0 => Version::V1,
            _ => return Err(Error::Violation("the AC selects a version that was not proposed")),
        };
        let selected = parameters.requirements.map_or(Requirements::DEFAULT, Requirements);
        let requirements = selected & self.link.requirements;
        if !workable(requirements) {
            return Err(Error::Violation("the AC does not select what was proposed"));
        }
        let (to_peer, to_us) = parameters.tsdu_maximum_size.unwrap_or_default();
        self.link = Link {
            version,
            requirements,
            tsdu_sizes: (to_peer, to_us),
            tsdu_max: tsdu_max(to_peer)?,
            ..self.link
        };
        let token_setting = parameters.token_setting.map(Tokens);
        let tokens = Tokens::settled(self.tokens, token_setting);
        out.indicate(Indication::ConnectAccepted(Box::new(ConnectConfirm {
            connection_identifier: parameters.connection_identifier,
            responding: parameters.called,
            version,
            requirements,
            token_setting,
            initial_serial_number: parameters.initial_serial_number,
            user_data: spdu.user_data,
        })));
        Ok(open(self.link, tokens))
    }
}

/// What may be agreed on.
const SETS: [Requirements; 2] = [Requirements::DUPLEX, Requirements::RELIABLE_TRANSFER];

/// Whether data can flow with these functional units.
fn workable(requirements: Requirements) -> bool {
    SETS.contains(&requirements)
}

/// Data flows, in the way that was agreed on.
fn open(link: Link, tokens: Tokens) -> State {
    match link.requirements {
        Requirements::RELIABLE_TRANSFER => State::Activities(Activities::new(link, tokens)),
        _ => State::Data(Data { link }),
    }
}

/// The limit that a TSDU maximum size sets; 0 is none.
fn tsdu_max(size: u16) -> Result<Option<usize>, Error> {
    match usize::from(size) {
        0 => Ok(None),
        size if size < TSDU_SIZE_MIN => Err(Error::TsduSize(size)),
        size => Ok(Some(size)),
    }
}

fn check_len(len: usize) -> Result<(), Misuse> {
    if len > PARAMETERS_MAX { Err(Misuse::ParametersTooLong) } else { Ok(()) }
}

/// The connection identifier as the first group of an SPDU.
fn identify(identifier: &ConnectionIdentifier, user_code: u8) -> Field {
    let group = Field::default()
        .with(user_code, &identifier.user_reference)
        .with(code::COMMON_REFERENCE, &identifier.common_reference)
        .with(code::ADDITIONAL_REFERENCE, &identifier.additional_reference);
    Field::default().with_group(code::CONNECTION_IDENTIFIER, &group)
}

/// The TSDU sizes agreed on, where there are any: those that were proposed.
fn tsdu_size(field: Field, link: &Link) -> Field {
    let (to_us, to_peer) = link.tsdu_sizes;
    let value = [to_us.to_be_bytes(), to_peer.to_be_bytes()].concat();
    field.with(code::TSDU_MAXIMUM_SIZE, if value == [0; 4] { &[] } else { &value })
}

fn serial_and_tokens(field: Field, serial: Option<u32>, tokens: Option<Tokens>) -> Field {
    let digits = serial.map(|number| number.to_string()).unwrap_or_default();
    let tokens = tokens.map(|Tokens(bits)| [bits]);
    field
        .with(code::INITIAL_SERIAL_NUMBER, digits.as_bytes())
        .with(code::TOKEN_SETTING, tokens.as_ref().map_or(&[], |tokens| tokens))
}
