//! The responder before its association is bound: awaiting a CN with CP and AARQ, then awaiting
//! what its user decides.

use crate::Open;
use crate::association::answer::{self, Answer, Failure};
use crate::association::bound::Bound;
use crate::association::established::Established;
use crate::association::reliable::{Called, Carriage, requirements};
use crate::association::shared::Shared;
use crate::association::user_information::{self, Found, external};
use crate::association::{
    ApplicationContext, BindIndication, ContextTable, Event, Fault, Layer, Misuse,
    ProposedContext, ProtocolError, Request, Selectors, State,
};
use crate::x225::{
    ConnectIndication, ConnectResponse, ConnectionIdentifier, Indication, Request as Session,
    Requirements,
};
use crate::x226::{
    AbortReason, Contexts, Cp, Cpa, EventIdentifier, Mode, ModeSelector, NormalModeCp,
    NormalModeCpa, Pdv, ProviderReason, UserData, selector,
};
use crate::x227::{
    Aare, Aarq, AbrtSource, AcseServiceProvider, AcseServiceUser, ApplicationEntity,
    AssociateResult, AssociateSourceDiagnostic, version_1,
};
use crate::x228::SessionConnectionIdentifier;
use crate::x880::{Bind, Rose};
use bytes::Bytes;
use restante_ber::{Decode, Encode, External, Oid, Rope, oid};
use std::sync::Arc;

/// The abstract syntax of association control.
pub(super) const ACSE: Oid = oid!(2, 2, 1, 0, 1);

/// Awaiting a CN with CP and AARQ.
pub(super) struct Listening {
    pub(super) presentation_selector: Option<Bytes>,
    pub(super) table: Arc<ContextTable>,
    pub(super) entity: ApplicationEntity,
}

/// Awaiting the user's decision.
pub(super) struct Deciding {
    entity: ApplicationEntity,
    application_context: Oid,
    contexts: Contexts,
    acse_context: Option<i64>,
    bind_context: Option<i64>,
    responding_selector: Bytes,
    session_requirements: Requirements,
    /// Where the association is to go over reliable transfer.
    reliable: Option<Box<Called>>,
}

impl Listening {
    pub(super) fn handle(
        self,
        indication: Indication,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        match indication {
            Indication::Connect(connect) => self.connect(*connect, shared),
            _ => Err(Failure::unexpected(EventIdentifier::TD_PPDU, "no association is there")),
        }
    }

    /// Nothing can be asked for before the peer has asked for an association, but its end.
    pub(super) fn request(
        self,
        request: &Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::Abort => {
                shared.abort_session();
                shared.finish(None);
                (State::Ending, Ok(()))
            }
            _ => (State::Listening(self), Err(Misuse::WrongState)),
        }
    }

    pub(super) fn give_up(self, shared: &mut Shared) -> State {
        shared.abort_session();
        shared.give_up(Layer::Session, "no bind was asked for in time");
        State::Ending
    }

    fn connect(
        self,
        connect: ConnectIndication,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        let event = EventIdentifier::CP_PPDU;
        shared.trace_received(Layer::Presentation, &"CP connection request", &connect.user_data);
        let cp = Cp::from_bytes(&connect.user_data)
            .map_err(|error| Failure::unreadable(error, event))?;
        if cp.mode_selector.mode_value != Mode::NORMAL_MODE {
            return Err(x410_mode());
        }
        let parameters = cp.normal_mode_parameters.ok_or_else(|| {
            let text = "normal mode without its parameters";
            Failure::ppdu(Fault::Malformed, text, AbortReason::INVALID_PPDU_PARAMETER_VALUE, event)
        })?;
        let contexts = self.negotiate(&parameters)?;
        let (acse_context, aarq) = find_aarq(&parameters, &contexts)?;
        shared.trace_received(Layer::AssociationControl, &"AARQ associate", &aarq);
        let aarq = Aarq::from_bytes(&aarq)
            .map_err(|error| Failure::apdu(Fault::Malformed, error, acse_context))?;
        self.associate(connect, &parameters, contexts, acse_context, aarq, shared)
    }

    /// Answers the presentation parameters of CP.
    fn negotiate(&self, cp: &NormalModeCp) -> Result<Contexts, Box<Failure>> {
        let definitions = cp.presentation_context_definition_list.as_deref().unwrap_or_default();
        let knows = |syntax: &Oid| *syntax == ACSE || self.table.knows_syntax(syntax);
        let contexts = Contexts::answer(definitions, cp.default_context_name.as_ref(), knows)
            .map_err(|error| {
                let reason = AbortReason::INVALID_PPDU_PARAMETER_VALUE;
                Failure::ppdu(Fault::Violation, error, reason, EventIdentifier::CP_PPDU)
            })?;
        let called = selector_octets(cp.called_presentation_selector.as_ref());
        let refusal = if !cp.protocol_version.has(0) {
            let text = "version 1 of the presentation protocol is not offered";
            Some((ProviderReason::PROTOCOL_VERSION_NOT_SUPPORTED, text))
        } else if self.presentation_selector.as_ref().is_some_and(|own| *own != called) {
            let text = "the presentation selector called is not ours";
            Some((ProviderReason::CALLED_PRESENTATION_ADDRESS_UNKNOWN, text))
        } else if contexts.default_result().is_some() && contexts.abstract_syntax(None).is_none() {
            let text = "the default context is not one of ours";
            Some((ProviderReason::DEFAULT_CONTEXT_NOT_SUPPORTED, text))
        } else {
            None
        };
        match refusal {
            None => Ok(contexts),
            Some((reason, text)) => Err(Failure::refusal(contexts, reason, text)),
        }
    }

    fn associate(
        self,
        connect: ConnectIndication,
        cp: &NormalModeCp,
        contexts: Contexts,
        acse_context: Option<i64>,
        aarq: Aarq,
        shared: &mut Shared,
    ) -> Result<State, Box<Failure>> {
        let permanent = AssociateResult::REJECTED_PERMANENT;
        let refuse = |result, diagnostic, text: String| {
            let context_name = aarq.application_context_name.clone();
            let aare = make_aare(context_name, result, diagnostic, &self.entity);
            refusal(contexts.clone(), acse_context, aare, text)
        };
        if !aarq.protocol_version.has(0) {
            let diagnostic = AcseServiceProvider::NO_COMMON_ACSE_VERSION;
            let diagnostic = AssociateSourceDiagnostic::AcseServiceProvider(diagnostic);
            return Err(refuse(
                permanent,
                diagnostic,
                "version 1 of ACSE is not offered".to_owned(),
            ));
        }
        let Some(known) = self.table.find(&aarq.application_context_name) else {
            let text = format!("application context {}", aarq.application_context_name);
            let diagnostic = AcseServiceUser::APPLICATION_CONTEXT_NAME_NOT_SUPPORTED;
            let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(diagnostic);
            return Err(refuse(permanent, diagnostic, text));
        };
        let asked = asked(known, &aarq, &connect, shared);
        let (context, argument, reliable) = asked.map_err(|(result, text)| {
            let diagnostic = AcseServiceUser::NO_REASON_GIVEN;
            refuse(result, AssociateSourceDiagnostic::AcseServiceUser(diagnostic), text)
        })?;
        // Where the bind names no context that may be used: the one that it should go on.
        let bind_context = context
            .map(Some)
            .filter(|context| contexts.abstract_syntax(*context).is_some())
            .or_else(|| contexts.find(&known.bind_syntax))
            .unwrap_or(acse_context);
        shared.rtse_context = reliable.as_ref().map(|_| bind_context);
        let responding_selector = selector_octets(cp.called_presentation_selector.as_ref());
        let indication = indication(connect, cp, &contexts, argument, &aarq, shared);
        shared.emit(Event::BindIndication(Box::new(indication)));
        Ok(State::Deciding(Box::new(Deciding {
            entity: self.entity,
            application_context: aarq.application_context_name,
            contexts,
            acse_context,
            bind_context,
            responding_selector,
            session_requirements: requirements(known),
            reliable,
        })))
    }
}

/// The bind as the user is told of it.
fn indication(
    connect: ConnectIndication,
    cp: &NormalModeCp,
    contexts: &Contexts,
    argument: Option<Bytes>,
    aarq: &Aarq,
    shared: &Shared,
) -> BindIndication {
    let (called_transport, calling_transport) = shared.stack.selectors.clone();
    BindIndication {
        application_context: aarq.application_context_name.clone(),
        called: Selectors {
            transport: called_transport,
            session: connect.called,
            presentation: selector_octets(cp.called_presentation_selector.as_ref()),
        },
        calling: Selectors {
            transport: calling_transport,
            session: connect.calling,
            presentation: selector_octets(cp.calling_presentation_selector.as_ref()),
        },
        contexts: proposed(contexts),
        argument,
        called_entity: called_entity(aarq),
        implementation_information: aarq.implementation_information.clone().map(|text| text.0),
        calling_entity: calling_entity(aarq.clone()),
    }
}

fn x410_mode() -> Box<Failure> {
    let text = "X.410-1984 mode is not offered".to_owned();
    let error = ProtocolError { layer: Layer::Presentation, fault: Fault::Incompatible, text };
    Box::new(Failure { error, answer: Answer::X410Refusal })
}

fn refusal(
    contexts: Contexts,
    acse_context: Option<i64>,
    aare: Aare,
    text: String,
) -> Box<Failure> {
    let layer = Layer::AssociationControl;
    let text = format!("{text}; refused with {}", aare.result_source_diagnostic);
    let error = ProtocolError { layer, fault: Fault::Incompatible, text };
    let answer = Answer::AssociationRefusal(contexts, acse_context, Box::new(aare));
    Box::new(Failure { error, answer })
}

/// The context and the octets of the AARQ.
fn find_aarq(
    cp: &NormalModeCp,
    contexts: &Contexts,
) -> Result<(Option<i64>, Bytes), Box<Failure>> {
    let values = cp.user_data.as_ref().map_or(Ok(Vec::new()), UserData::values);
    let values = values.map_err(|error| Failure::unreadable(error, EventIdentifier::CP_PPDU))?;
    let usable = |pdv: &Pdv| contexts.abstract_syntax(pdv.context).is_some();
    match values.into_iter().find(usable) {
        Some(pdv) => Ok((pdv.context, pdv.value)),
        None => {
            let text = "no AARQ on a presentation context that was accepted";
            let reason = ProviderReason::USER_DATA_NOT_READABLE;
            Err(Failure::refusal(contexts.clone(), reason, text))
        }
    }
}

/// The context that the AARQ names for the bind argument, the argument, and what is said of
/// reliable transfer where the application context has it.
type Asked = (Option<i64>, Option<Bytes>, Option<Box<Called>>);

/// Why nothing is asked that could be granted, and whether that may pass.
pub(super) type NotAsked = (AssociateResult, String);

fn asked(
    known: &ApplicationContext,
    aarq: &Aarq,
    connect: &ConnectIndication,
    shared: &Shared,
) -> Result<Asked, NotAsked> {
    let never = |text: String| (AssociateResult::REJECTED_PERMANENT, text);
    if !connect.requirements.contains(requirements(known)) {
        let text = "the session has not what the application context needs";
        return Err(never(text.to_owned()));
    }
    if known.reliable {
        let (context, called) = Called::read(aarq, connect, shared)?;
        return Ok((context, called.argument(), Some(Box::new(called))));
    }
    let (context, argument) = bind_argument(aarq).map_err(never)?;
    Ok((context, argument, None))
}

/// The context that the AARQ names for the bind argument, and the argument.
fn bind_argument(aarq: &Aarq) -> Result<(Option<i64>, Option<Bytes>), String> {
    match user_information::read(aarq.user_information.as_deref()) {
        Ok(None) => Ok((None, None)),
        Ok(Some(Found { context, pdu: Bind::BindInvoke(argument) })) => {
            Ok((context, Some(argument.to_bytes())))
        }
        Ok(Some(_)) => Err("the user information of AARQ is no bind argument".to_owned()),
        Err(error) => Err(format!("the bind can't be read: {error}")),
    }
}

fn called_entity(aarq: &Aarq) -> ApplicationEntity {
    ApplicationEntity {
        ap_title: aarq.called_ap_title.clone(),
        ae_qualifier: aarq.called_ae_qualifier.clone(),
        ap_invocation_identifier: aarq.called_ap_invocation_identifier,
        ae_invocation_identifier: aarq.called_ae_invocation_identifier,
    }
}

fn calling_entity(aarq: Aarq) -> ApplicationEntity {
    ApplicationEntity {
        ap_title: aarq.calling_ap_title,
        ae_qualifier: aarq.calling_ae_qualifier,
        ap_invocation_identifier: aarq.calling_ap_invocation_identifier,
        ae_invocation_identifier: aarq.calling_ae_invocation_identifier,
    }
}

impl Deciding {
    /// The connection is gone: what was to be recovered is kept for the next attempt.
    pub(super) fn suspend(self, shared: &Shared) -> Option<SessionConnectionIdentifier> {
        self.reliable?.suspend(shared)
    }

    pub(super) fn handle(self, _: Indication) -> Result<State, Box<Failure>> {
        Err(Failure::unexpected(EventIdentifier::TD_PPDU, "the association is being decided on"))
    }

    pub(super) fn request(
        self,
        request: Request,
        shared: &mut Shared,
    ) -> (State, Result<(), Misuse>) {
        match request {
            Request::AcceptBind { result } => (self.accept(result, shared), Ok(())),
            Request::RefuseBind { error } => {
                let diagnostic = AcseServiceUser::NO_REASON_GIVEN;
                let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(diagnostic);
                let result = AssociateResult::REJECTED_PERMANENT;
                let information = match &self.reliable {
                    Some(called) => called.rejection(error, self.bind_context),
                    None => external(self.bind_context, &Bind::BindError(Open(error))),
                };
                (self.refuse(result, diagnostic, Some(information), shared), Ok(()))
            }
            Request::RefuseAssociation { result, diagnostic } => {
                (self.refuse(result, diagnostic, None, shared), Ok(()))
            }
            Request::Abort => {
                shared.abort_association(self.acse_context, AbrtSource::ACSE_SERVICE_USER);
                shared.finish(None);
                (State::Ending, Ok(()))
            }
            _ => (State::Deciding(Box::new(self)), Err(Misuse::WrongState)),
        }
    }

    fn aare(
        &self,
        result: AssociateResult,
        diagnostic: AssociateSourceDiagnostic,
        information: Option<Vec<External>>,
    ) -> Aare {
        let context_name = self.application_context.clone();
        let mut aare = make_aare(context_name, result, diagnostic, &self.entity);
        aare.user_information = information;
        aare
    }

    fn accept(self, result: Option<Rope>, shared: &mut Shared) -> State {
        let context = self.bind_context;
        let information = match &self.reliable {
            Some(called) => Some(called.acceptance(result, context, shared)),
            None => result.map(|result| external(context, &Bind::BindResult(Open(result)))),
        };
        let diagnostic = AssociateSourceDiagnostic::AcseServiceUser(AcseServiceUser::NULL);
        let aare = self.aare(AssociateResult::ACCEPTED, diagnostic, information);
        let apdu = answer::trace_aare(&aare, shared);
        let cpa = Cpa {
            mode_selector: ModeSelector::NORMAL,
            normal_mode_parameters: Some(NormalModeCpa {
                protocol_version: version_1(),
                responding_presentation_selector: selector(&self.responding_selector),
                presentation_context_definition_result_list: self.contexts.result_list(),
                presentation_requirements: None,
                user_session_requirements: None,
                user_data: Some(UserData::single(self.acse_context, apdu)),
            }),
        };
        let octets = cpa.to_rope();
        shared.trace_sent(Layer::Presentation, &"CPA connection accepted", &octets);
        shared.session(Session::ConnectAccept(ConnectResponse {
            connection_identifier: ConnectionIdentifier::default(),
            responding: Bytes::new(),
            requirements: self.session_requirements,
            token_setting: self.reliable.as_ref().map(|called| called.tokens),
            initial_serial_number: None,
            user_data: octets,
        }));
        if shared.is_over() {
            return State::Ending;
        }
        shared.bound();
        let (carriage, rose) = match self.reliable {
            Some(called) => called.accepted(context, shared),
            None => (Carriage::Direct, Rose::new(shared.limits.outstanding_invocations)),
        };
        let established = Established {
            contexts: self.contexts,
            acse_context: self.acse_context,
            bind_context: context,
            rose,
            carriage,
            releasing: false,
        };
        State::Bound(Box::new(Bound(established.begun(shared))))
    }

    fn refuse(
        self,
        result: AssociateResult,
        diagnostic: AssociateSourceDiagnostic,
        information: Option<Vec<External>>,
        shared: &mut Shared,
    ) -> State {
        let aare = self.aare(result, diagnostic, information);
        answer::refuse_association(&self.contexts, self.acse_context, &aare, shared);
        shared.finish(None);
        State::Ending
    }

    pub(super) fn give_up(self, shared: &mut Shared) -> State {
        shared.abort_association(self.acse_context, AbrtSource::ACSE_SERVICE_PROVIDER);
        shared.give_up(Layer::AssociationControl, "the bind was not decided on in time");
        State::Ending
    }
}

fn make_aare(
    application_context_name: Oid,
    result: AssociateResult,
    result_source_diagnostic: AssociateSourceDiagnostic,
    entity: &ApplicationEntity,
) -> Aare {
    Aare {
        protocol_version: version_1(),
        application_context_name,
        result,
        result_source_diagnostic,
        responding_ap_title: entity.ap_title.clone(),
        responding_ae_qualifier: entity.ae_qualifier.clone(),
        responding_ap_invocation_identifier: entity.ap_invocation_identifier,
        responding_ae_invocation_identifier: entity.ae_invocation_identifier,
        implementation_information: None,
        user_information: None,
    }
}

/// The octets of a selector, none where it is absent.
fn selector_octets(selector: Option<&restante_ber::OctetString>) -> Bytes {
    selector.map(|octets| octets.0.clone()).unwrap_or_default()
}

/// The contexts as the user sees them.
pub(super) fn proposed(contexts: &Contexts) -> Vec<ProposedContext> {
    let proposed = |context: &crate::x226::DefinedContext| ProposedContext {
        abstract_syntax: context.abstract_syntax.clone(),
        accepted: context.accepted(),
    };
    contexts.all().iter().map(proposed).collect()
}
