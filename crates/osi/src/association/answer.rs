//! The one place that turns what is wrong with a peer's PDUs into what the peer must see. The
//! layers below the presentation answer for themselves: transport with ER or DR, session with AB
//! or RF.

use crate::association::shared::Shared;
use crate::association::{Fault, Layer, ProtocolError};
use crate::x225::{RefuseReason, Request};
use crate::x226::{
    AbortReason, Arp, Contexts, Cpr, EventIdentifier, NormalModeCpr, ProviderReason, UserData,
    X410ModeCpr, version_1,
};
use crate::x227::{Aare, AbrtSource};
use crate::x228;
use core::fmt::Display;
use restante_ber::{Encode, Rope};

/// What the peer is told.
#[derive(Debug)]
pub(super) enum Answer {
    /// ARP in AB: a presentation PDU that can't be, or not now.
    ProviderAbort(AbortReason, EventIdentifier),
    /// ABRT in ARU in AB: an APDU of association control that can't be, or not now. On this
    /// context.
    AcseAbort(Option<i64>),
    /// RTAB in ABRT in ARU in AB: reliable transfer can't go on.
    ReliableAbort(Option<i64>, x228::AbortReason),
    /// CPR in RF: a presentation connection that can't be had.
    PresentationRefusal(Contexts, ProviderReason),
    /// CPR in RF, to one who asks for X.410-1984 mode.
    X410Refusal,
    /// AARE in CPR in RF: an association that can't be had.
    AssociationRefusal(Contexts, Option<i64>, Box<Aare>),
}

/// What a peer did wrong, and what it is told.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ProtocolError,
    pub(super) answer: Answer,
}

impl Failure {
    /// Octets that are no PPDU, or a PPDU with a parameter that can't be.
    pub(super) fn ppdu(
        fault: Fault,
        text: impl Display,
        reason: AbortReason,
        event: EventIdentifier,
    ) -> Box<Self> {
        let text = format!("{event}: {text}");
        Box::new(Self {
            error: ProtocolError { layer: Layer::Presentation, fault, text },
            answer: Answer::ProviderAbort(reason, event),
        })
    }

    /// Octets that are no PPDU.
    pub(super) fn unreadable(error: restante_ber::Error, event: EventIdentifier) -> Box<Self> {
        Self::ppdu(Fault::Malformed, error, AbortReason::UNRECOGNIZED_PPDU, event)
    }

    /// A session primitive that has no place in this state.
    pub(super) fn unexpected(event: EventIdentifier, state: &str) -> Box<Self> {
        let reason = AbortReason::UNEXPECTED_SESSION_SERVICE_PRIMITIVE;
        Self::ppdu(Fault::Violation, format!("not expected while {state}"), reason, event)
    }

    /// An APDU of association control that can't be read or has no place here.
    pub(super) fn apdu(fault: Fault, text: impl Display, acse_context: Option<i64>) -> Box<Self> {
        Box::new(Self {
            error: ProtocolError {
                layer: Layer::AssociationControl,
                fault,
                text: text.to_string(),
            },
            answer: Answer::AcseAbort(acse_context),
        })
    }

    /// What ends reliable transfer.
    pub(super) fn reliable(error: &x228::Error, acse_context: Option<i64>) -> Box<Self> {
        let fault = match error {
            x228::Error::Malformed(_) => Fault::Malformed,
            _ => Fault::Violation,
        };
        let (layer, text) = (Layer::ReliableTransfer, error.to_string());
        Box::new(Self {
            error: ProtocolError { layer, fault, text },
            answer: Answer::ReliableAbort(acse_context, error.reason()),
        })
    }

    /// A presentation connection that can't be had.
    pub(super) fn refusal(contexts: Contexts, reason: ProviderReason, text: &str) -> Box<Self> {
        let error = ProtocolError {
            layer: Layer::Presentation,
            fault: Fault::Incompatible,
            text: format!("{text}; refused with {reason}"),
        };
        Box::new(Self { error, answer: Answer::PresentationRefusal(contexts, reason) })
    }
}

/// Tells the peer, and reports what it did wrong.
pub(super) fn fail(failure: Failure, shared: &mut Shared) {
    match failure.answer {
        Answer::ProviderAbort(reason, event) => {
            let event_identifier = Some(event);
            shared.abort_presentation(Arp { provider_reason: Some(reason), event_identifier });
        }
        Answer::AcseAbort(context) => {
            shared.abort_association(context, AbrtSource::ACSE_SERVICE_PROVIDER);
        }
        Answer::ReliableAbort(context, reason) => {
            shared.abort_reliable(context, reason);
            if reason != x228::AbortReason::PROTOCOL_ERROR {
                // Nobody broke a protocol.
                return shared.give_up(failure.error.layer, failure.error.text);
            }
        }
        Answer::PresentationRefusal(contexts, reason) => {
            refuse(&normal_mode(&contexts, Some(reason), None), shared);
        }
        Answer::X410Refusal => refuse(&Cpr::X410Mode(X410ModeCpr {}), shared),
        Answer::AssociationRefusal(contexts, context, aare) => {
            refuse_association(&contexts, context, &aare, shared);
        }
    }
    shared.broken(failure.error);
}

/// Sends an AARE that refuses.
pub(super) fn refuse_association(
    contexts: &Contexts,
    acse_context: Option<i64>,
    aare: &Aare,
    shared: &mut Shared,
) {
    let apdu = trace_aare(aare, shared);
    let user_data = UserData::single(acse_context, apdu);
    refuse(&normal_mode(contexts, None, Some(user_data)), shared);
}

/// The octets of an AARE on its way out.
pub(super) fn trace_aare(aare: &Aare, shared: &mut Shared) -> Rope {
    let apdu = aare.to_rope();
    let text = format!("AARE {}, {}", aare.result, aare.result_source_diagnostic);
    shared.trace_sent(Layer::AssociationControl, &text, &apdu);
    apdu
}

fn normal_mode(
    contexts: &Contexts,
    provider_reason: Option<ProviderReason>,
    user_data: Option<UserData>,
) -> Cpr {
    Cpr::NormalMode(NormalModeCpr {
        protocol_version: version_1(),
        responding_presentation_selector: None,
        presentation_context_definition_result_list: contexts.result_list(),
        default_context_result: contexts.default_result(),
        provider_reason,
        user_data,
    })
}

fn refuse(cpr: &Cpr, shared: &mut Shared) {
    let octets = cpr.to_rope();
    shared.trace_sent(Layer::Presentation, &"CPR connection refused", &octets);
    shared.session(Request::ConnectReject { reason: RefuseReason::USER_DATA, user_data: octets });
}
