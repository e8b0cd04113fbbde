//! Trace information (X.411 MTAAbstractService): the way a message took, as far as it is shown
//! to a user in the extensions of a delivery.

use super::{ConvertedEncodedInformationTypes, GlobalDomainIdentifier, MTAName, Time};
use restante_ber::{bits, choice, enumerated, newtype, sequence, set};

newtype! { IMPLICIT TAGS;
    /// The domains on the way.
    #[derive(Eq, Hash)]
    pub struct TraceInformation(Vec<TraceInformationElement>) [APPLICATION 9];
}

sequence! { IMPLICIT TAGS;
    /// One domain on the way.
    #[derive(Eq, Hash)]
    pub struct TraceInformationElement {
        /// Which domain.
        global_domain_identifier: GlobalDomainIdentifier,
        /// What it did.
        domain_supplied_information: DomainSuppliedInformation,
    }
}

set! { IMPLICIT TAGS;
    /// What a domain did.
    #[derive(Eq, Hash)]
    pub struct DomainSuppliedInformation {
        /// When the message came there.
        arrival_time: Time [0],
        /// How it went on.
        routing_action: RoutingAction [2],
        /// The domain that could not be reached before that.
        attempted_domain: Option<GlobalDomainIdentifier>,
        /// Until when it was held.
        deferred_time: Option<Time> [1],
        /// What it was converted to.
        converted_encoded_information_types: Option<ConvertedEncodedInformationTypes>,
        /// What else was done.
        other_actions: OtherActions [3] = OtherActions::default(),
    }
}

/// The MTAs on the way.
pub type InternalTraceInformation = Vec<InternalTraceInformationElement>;

sequence! { IMPLICIT TAGS;
    /// One MTA on the way.
    #[derive(Eq, Hash)]
    pub struct InternalTraceInformationElement {
        /// Its domain.
        global_domain_identifier: GlobalDomainIdentifier,
        /// Its name there.
        mta_name: MTAName,
        /// What it did.
        mta_supplied_information: MTASuppliedInformation,
    }
}

set! { IMPLICIT TAGS;
    /// What an MTA did.
    #[derive(Eq, Hash)]
    pub struct MTASuppliedInformation {
        /// When the message came there.
        arrival_time: Time [0],
        /// How it went on.
        routing_action: RoutingAction [2],
        /// Who could not be reached before that.
        attempted: Option<Attempted>,
        /// Until when it was held.
        deferred_time: Option<Time> [1],
        /// What it was converted to.
        converted_encoded_information_types: Option<ConvertedEncodedInformationTypes>,
        /// What else was done.
        other_actions: OtherActions [3] = OtherActions::default(),
    }
}

choice! { IMPLICIT TAGS;
    /// Who could not be reached.
    #[derive(Eq, Hash)]
    pub enum Attempted {
        /// An MTA.
        Mta(MTAName),
        /// A domain.
        Domain(GlobalDomainIdentifier),
    }
}

enumerated! {
    /// How a message went on.
    pub struct RoutingAction {
        /// By the first choice.
        RELAYED = 0,
        /// By another one.
        REROUTED = 1,
    }
}

bits! {
    /// What else was done with a message.
    pub struct OtherActions {
        /// It was redirected.
        REDIRECTED = 0,
        /// A distribution list was expanded.
        DL_OPERATION = 1,
    }
}
