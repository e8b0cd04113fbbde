//! The initiator before its association is bound.

use crate::Open;
use crate::association::answer::Failure;
use crate::association::bound::Bound;
use crate::association::established::Established;
use crate::association::listening::{ACSE, proposed};
use crate::association::recovery::Suspended;
use crate::association::reliable::{self, Calling, Carriage, requirements};
use crate::association::shared::Shared;
use crate::association::trace::Trace;
use crate::association::user_information::{self, external};
use crate::association::{
    BindConfirmation, BindRequest, Event, Fault, InitiatorOptions, Layer, Misuse, Refusal,
    Request, State,
};
use crate::x225::{ConnectRequest, ConnectionIdentifier, Indication, RefuseReason};
use crate::x226::{
    AbortReason, Contexts, Cp, Cpa, Cpr, EventIdentifier, Mode, ModeSelector, NormalModeCp,
    NormalModeCpa, NormalModeCpr, UserData, selector,
};
use crate::x227::{Aare, Aarq, AbrtSource, ApplicationEntity, AssociateResult, version_1};
use crate::x228::SessionConnectionIdentifier;
use crate::x880::{Bind, Rose};
use bytes::Bytes;
use restante_ber::{Decode, Encode};

/// What has been asked for; awaiting the answer.
pub(super) struct Connecting {
    contexts: Contexts,
    acse_context: Option<i64>,
    bind_context: Option<i64>,
    /// Where the association is to go over reliable transfer.
    reliable: Option<Box<Calling>>,
}

impl Connecting {
    /// What to ask for, and the CN that asks.
    pub(super) fn new(
        options: &InitiatorOptions,
        bind: BindRequest,
        recovers: Option<(SessionConnectionIdentifier, Suspended)>,
        trace: &mut Trace,
    ) -> (Self, ConnectRequest) {
        let (requirements, reliable) = (requirements(&bind.context), bind.context.reliable);
        let reliable = reliable.then(|| Calling::new(&bind, &options.rtse, recovers));
        let (acse, own) = (ACSE, &bind.context);
        let others = own.abstract_syntaxes.iter().filter(|other| **other != own.bind_syntax);
        let syntaxes = [&acse, &own.bind_syntax].into_iter().chain(others);
        let contexts = Contexts::propose(syntaxes);
        let numbered = |at: usize| contexts.all().get(at).and_then(|context| context.id);
        let (acse_context, bind_context) = (numbered(0), numbered(1));
        let apdu = make_aarq(bind, bind_context, reliable.as_ref()).to_rope();
        trace.pdu_sent(Layer::AssociationControl, &"AARQ associate", &apdu);
        let selectors = &options.called.selectors;
        let cp = Cp {
            mode_selector: ModeSelector::NORMAL,
            normal_mode_parameters: Some(NormalModeCp {
                protocol_version: version_1(),
                calling_presentation_selector: selector(&options.calling.presentation),
                called_presentation_selector: selector(&selectors.presentation),
                presentation_context_definition_list: Some(contexts.definition_list()),
                default_context_name: None,
                presentation_requirements: None,
                user_session_requirements: None,
                user_data: Some(UserData::single(acse_context, apdu)),
            }),
        };
        let user_data = cp.to_rope();
        trace.pdu_sent(Layer::Presentation, &"CP connection request", &user_data);
        let request = ConnectRequest {
            connection_identifier: reliable
                .as_ref()
                .map_or_else(ConnectionIdentifier::default, |calling| {
                    calling.identifier.to_session()
                }),
            calling: options.calling.session.clone(),
            called: selectors.session.clone(),
            requirements,
            token_setting: reliable.as_ref().map(Calling::tokens),
            initial_serial_number: None,
            user_data,
        };
        let reliable = reliable.map(Box::new);
        (Self { contexts, acse_context, bind_context, reliable }, request)
    }

    pub(super) fn handle(
        self,
        indication: Indication,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        match indication {
            Indication::ConnectAccepted(confirm) => self.accepted(&confirm.user_data, shared),
            Indication::ConnectRefused { reason, user_data } => {
                let refusal = refusal(reason, &user_data, self.reliable.is_some(), shared);
                self.refused(&refusal, shared);
                shared.finish(Some(Event::BindRefused(refusal)));
                Ok(State::Ending)
            }
            _ => Err(Failure::unexpected(EventIdentifier::CPA_PPDU, "a bind is being answered")),
        }
    }

    pub(super) fn request(
        self,
        request: Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::Abort => {
                shared.abort_association(self.acse_context, AbrtSource::ACSE_SERVICE_USER);
                shared.finish(None);
                (State::Ending, Ok(()))
            }
            _ => (State::Connecting(Box::new(self)), Err(Misuse::WrongState)),
        }
    }

    /// The peer refuses: where that may pass, what was to be recovered is kept.
    fn refused(self, refusal: &Refusal, shared: &mut Shared) {
        let transient = AssociateResult::REJECTED_TRANSIENT;
        if matches!(refusal, Refusal::Association { result, .. } if *result == transient) {
            shared.suspended = self.suspend(shared);
        }
    }

    /// The connection is gone: what was to be recovered is kept for the next attempt.
    pub(super) fn suspend(self, shared: &Shared) -> Option<SessionConnectionIdentifier> {
        self.reliable?.suspend(shared)
    }

    pub(super) fn give_up(self, shared: &mut Shared) -> State {
        shared.abort_association(self.acse_context, AbrtSource::ACSE_SERVICE_PROVIDER);
        shared.give_up(Layer::AssociationControl, "the bind was not answered in time");
        State::Ending
    }

    fn accepted(mut self, octets: &Bytes, shared: &mut Shared) -> Result<State, Box<Failure>> {
        let parameters = self.read_cpa(octets, shared)?;
        let aare = self.read_aare(parameters.user_data.as_ref(), shared)?;
        // A peer may refuse within a connection that it accepted.
        if aare.result != AssociateResult::ACCEPTED {
            let refusal = refused_by(&aare, self.reliable.is_some());
            shared.abort_association(self.acse_context, AbrtSource::ACSE_SERVICE_USER);
            self.refused(&refusal, shared);
            shared.finish(Some(Event::BindRefused(refusal)));
            return Ok(State::Ending);
        }
        let (carriage, rose, result) = self.carriage(&aare, shared)?;
        let confirmation = BindConfirmation {
            contexts: proposed(&self.contexts),
            result,
            responding_entity: responding_entity(&aare),
            application_context: aare.application_context_name,
            implementation_information: aare.implementation_information.map(|text| text.0),
        };
        shared.bound();
        shared.emit(Event::BindConfirmed(Box::new(confirmation)));
        Ok(State::Bound(Box::new(Bound(
            Established {
                contexts: self.contexts,
                acse_context: self.acse_context,
                bind_context: self.bind_context,
                rose,
                carriage,
                releasing: false,
            }
            .begun(shared),
        ))))
    }
}

impl Connecting {
    /// How APDUs will be carried, what is outstanding, and the bind result.
    fn carriage(
        &mut self,
        aare: &Aare,
        shared: &mut Shared,
    ) -> Result<(Carriage, Rose, Option<Bytes>), Box<Failure>> {
        let information = aare.user_information.as_deref();
        if let Some(calling) = self.reliable.take() {
            shared.rtse_context = Some(self.bind_context);
            return calling
                .accepted(information, self.bind_context, shared)
                .map_err(|error| Failure::reliable(&error, self.acse_context));
        }
        let found = user_information::read(information)
            .map_err(|error| Failure::apdu(Fault::Malformed, error, self.acse_context))?;
        let result = match found.map(|found| found.pdu) {
            None => None,
            Some(Bind::BindResult(result)) => Some(result.to_bytes()),
            Some(_) => {
                let text = "the user information of an accepting AARE is no bind result";
                return Err(Failure::apdu(Fault::Violation, text, self.acse_context));
            }
        };
        Ok((Carriage::Direct, Rose::new(shared.limits.outstanding_invocations), result))
    }

    fn read_cpa(
        &mut self,
        octets: &Bytes,
        shared: &mut Shared,
    ) -> Result<NormalModeCpa, Box<Failure>> {
        let event = EventIdentifier::CPA_PPDU;
        shared.trace_received(Layer::Presentation, &"CPA connection accepted", octets);
        let invalid = |text: &dyn core::fmt::Display| {
            let reason = AbortReason::INVALID_PPDU_PARAMETER_VALUE;
            Failure::ppdu(Fault::Violation, text, reason, event)
        };
        let cpa = Cpa::from_bytes(octets).map_err(|error| Failure::unreadable(error, event))?;
        if cpa.mode_selector.mode_value != Mode::NORMAL_MODE {
            return Err(invalid(&"another mode than normal"));
        }
        let mut parameters = cpa
            .normal_mode_parameters
            .ok_or_else(|| invalid(&"normal mode without its parameters"))?;
        // X.226 §6.2.5.7: without a list of results all contexts are accepted.
        match parameters.presentation_context_definition_result_list.take() {
            Some(results) => self.contexts.confirm(results).map_err(|error| invalid(&error))?,
            None => self.contexts.confirm_all(),
        }
        if self.contexts.abstract_syntax(self.acse_context).is_none() {
            return Err(invalid(&"the context of association control is not accepted"));
        }
        Ok(parameters)
    }

    fn read_aare(
        &self,
        user_data: Option<&UserData>,
        shared: &mut Shared,
    ) -> Result<Aare, Box<Failure>> {
        let values = user_data.map_or(Ok(Vec::new()), UserData::values);
        let values =
            values.map_err(|error| Failure::unreadable(error, EventIdentifier::CPA_PPDU))?;
        let Some(pdv) = values.into_iter().next() else {
            return Err(Failure::apdu(Fault::Violation, "no AARE", self.acse_context));
        };
        shared.trace_received(Layer::AssociationControl, &"AARE associate", &pdv.value);
        Aare::from_bytes(&pdv.value)
            .map_err(|error| Failure::apdu(Fault::Malformed, error, self.acse_context))
    }
}

fn make_aarq(bind: BindRequest, bind_context: Option<i64>, reliable: Option<&Calling>) -> Aarq {
    let argument = bind.argument.map(|argument| Bind::BindInvoke(Open(argument)));
    let user_information = match reliable {
        Some(calling) => Some(calling.request(bind_context)),
        None => argument.map(|argument| external(bind_context, &argument)),
    };
    let BindRequest { called_entity: called, calling_entity: calling, .. } = bind;
    Aarq {
        protocol_version: version_1(),
        application_context_name: bind.context.name,
        called_ap_title: called.ap_title,
        called_ae_qualifier: called.ae_qualifier,
        called_ap_invocation_identifier: called.ap_invocation_identifier,
        called_ae_invocation_identifier: called.ae_invocation_identifier,
        calling_ap_title: calling.ap_title,
        calling_ae_qualifier: calling.ae_qualifier,
        calling_ap_invocation_identifier: calling.ap_invocation_identifier,
        calling_ae_invocation_identifier: calling.ae_invocation_identifier,
        implementation_information: None,
        user_information,
    }
}

fn responding_entity(aare: &Aare) -> ApplicationEntity {
    ApplicationEntity {
        ap_title: aare.responding_ap_title.clone(),
        ae_qualifier: aare.responding_ae_qualifier.clone(),
        ap_invocation_identifier: aare.responding_ap_invocation_identifier,
        ae_invocation_identifier: aare.responding_ae_invocation_identifier,
    }
}

fn refused_by(aare: &Aare, reliable: bool) -> Refusal {
    let (result, diagnostic) = (aare.result, aare.result_source_diagnostic);
    let information = aare.user_information.as_deref();
    let bind = match reliable {
        true => reliable::refusal(information).ok().flatten(),
        false => user_information::read(information).ok().flatten().map(|found| found.pdu),
    };
    match bind {
        Some(Bind::BindError(error)) => {
            Refusal::Bind { error: error.to_bytes(), result, diagnostic }
        }
        _ => Refusal::Association { result, diagnostic },
    }
}

/// Who refused: the highest layer that has something to say that can be read.
fn refusal(
    reason: RefuseReason,
    user_data: &Bytes,
    reliable: bool,
    shared: &mut Shared,
) -> Refusal {
    if reason != RefuseReason::USER_DATA || user_data.is_empty() {
        return Refusal::Session(reason);
    }
    shared.trace_received(Layer::Presentation, &"CPR connection refused", user_data);
    match Cpr::from_bytes(user_data) {
        Ok(Cpr::NormalMode(cpr)) => refused_by_cpr(&cpr, reliable, shared),
        Ok(Cpr::X410Mode(_)) => Refusal::Presentation(None),
        Err(_) => Refusal::Session(reason),
    }
}

fn refused_by_cpr(cpr: &NormalModeCpr, reliable: bool, shared: &mut Shared) -> Refusal {
    let values = cpr.user_data.as_ref().and_then(|user_data| user_data.values().ok());
    let Some(pdv) = values.and_then(|values| values.into_iter().next()) else {
        return Refusal::Presentation(cpr.provider_reason);
    };
    shared.trace_received(Layer::AssociationControl, &"AARE associate", &pdv.value);
    match Aare::from_bytes(&pdv.value) {
        Ok(aare) => refused_by(&aare, reliable),
        Err(_) => Refusal::Presentation(cpr.provider_reason),
    }
}
