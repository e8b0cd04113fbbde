//! Aborts by the peer as the user sees them, each with whether its reason passes, so that an
//! association over reliable transfer can be recovered (X.228 §7.8).

use crate::association::shared::Shared;
use crate::association::user_information;
use crate::association::{Abort, AbortedBy, Layer};
use crate::x225::AbortFlags;
use crate::x226::{AbortPpdu, Arp, Aru};
use crate::x227::{Abrt, AbrtSource};
use crate::x228::{AbortReason, Rtab, RtseApdu};
use bytes::Bytes;
use restante_ber::{Any, Decode};

/// S-P-ABORT indication.
pub(super) fn by_session(flags: AbortFlags) -> (Abort, bool) {
    let abort = Abort {
        by: AbortedBy::PeerProvider,
        layer: Layer::Session,
        reason: flags.to_string(),
        user_information: None,
    };
    (abort, !flags.has(AbortFlags::PROTOCOL_ERROR))
}

/// S-U-ABORT indication. What can't be read is an abort all the same.
pub(super) fn by_user(user_data: &Bytes, shared: &mut Shared) -> (Abort, bool) {
    let abort = match AbortPpdu::from_bytes(user_data) {
        Ok(AbortPpdu::Arp(arp)) => {
            shared.trace_received(Layer::Presentation, &"ARP provider abort", user_data);
            by_presentation(&arp)
        }
        Ok(AbortPpdu::Aru(aru)) => {
            shared.trace_received(Layer::Presentation, &"ARU user abort", user_data);
            return by_association_control(&aru);
        }
        Err(_) => Abort {
            by: AbortedBy::PeerUser,
            layer: Layer::Session,
            reason: "no reason given".to_owned(),
            user_information: None,
        },
    };
    (abort, false)
}

fn by_presentation(arp: &Arp) -> Abort {
    let mut reason = arp
        .provider_reason
        .map_or_else(|| "no reason given".to_owned(), |reason| reason.to_string());
    if let Some(event) = arp.event_identifier {
        reason = format!("{reason}, at {event}");
    }
    Abort {
        by: AbortedBy::PeerProvider,
        layer: Layer::Presentation,
        reason,
        user_information: None,
    }
}

fn by_association_control(aru: &Aru) -> (Abort, bool) {
    let abrt = aru
        .user_data
        .as_ref()
        .and_then(|user_data| user_data.values().ok())
        .and_then(|values| values.into_iter().next())
        .and_then(|pdv| Abrt::from_bytes(&pdv.value).ok());
    let Some(abrt) = abrt else {
        let abort = Abort {
            by: AbortedBy::PeerUser,
            layer: Layer::Presentation,
            reason: "no reason given".to_owned(),
            user_information: None,
        };
        return (abort, false);
    };
    let by = match abrt.abort_source {
        AbrtSource::ACSE_SERVICE_PROVIDER => AbortedBy::PeerProvider,
        _ => AbortedBy::PeerUser,
    };
    let reason = abrt
        .abort_diagnostic
        .map_or_else(|| "no reason given".to_owned(), |diagnostic| diagnostic.to_string());
    let information = user_information::read::<Any>(abrt.user_information.as_deref());
    let information = information.ok().flatten().map(|found| found.pdu);
    if let Some(Ok(RtseApdu::Rtab(rtab))) = information.as_ref().map(Any::to) {
        return by_reliable_transfer(rtab);
    }
    let user_information = information.map(|information| information.0);
    (Abort { by, layer: Layer::AssociationControl, reason, user_information }, false)
}

fn by_reliable_transfer(rtab: Rtab) -> (Abort, bool) {
    let reason = rtab.abort_reason.unwrap_or(AbortReason::USER_ERROR);
    let passes =
        matches!(reason, AbortReason::LOCAL_SYSTEM_PROBLEM | AbortReason::TEMPORARY_PROBLEM);
    let abort = Abort {
        by: match reason {
            AbortReason::USER_ERROR => AbortedBy::PeerUser,
            _ => AbortedBy::PeerProvider,
        },
        layer: Layer::ReliableTransfer,
        reason: reason.to_string(),
        user_information: rtab.user_data.map(|user_data| user_data.to_bytes()),
    };
    (abort, passes)
}
