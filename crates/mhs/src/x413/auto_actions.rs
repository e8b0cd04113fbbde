//! Auto-actions (X.413 §6.5 and §13, modules MSAbstractService and MSGeneralAutoActionTypes).
//!
//! A registration's parameter is kept as it came and read by type where an action is carried
//! out: auto-forward's is of X.420 and, at the first octet, of 1988 (SET) or 1994 (SEQUENCE).

use super::{
    AttributeValue, EntryClass, EntryInformationSelection, EntryModification, Filter, oids,
};
use restante_ber::{
    Any, External, GeneralString, OctetString, Oid, choice, newtype, sequence, set,
};

/// The standard's name of an auto-action-type, `None` where it has none.
pub fn auto_action_name(auto_action_type: &Oid) -> Option<&'static str> {
    use crate::x420::oids as ipms;
    [
        (oids::ID_ACT_IPM_AUTO_FORWARD, "auto-forward"),
        (oids::ID_ACT_AUTO_ALERT, "auto-alert"),
        (oids::ID_ACT_AUTO_CORRELATE_REPORTS, "auto-correlate-reports"),
        (oids::ID_ACT_AUTO_DELETE, "auto-delete"),
        (oids::ID_ACT_AUTO_MODIFY, "auto-modify"),
        (ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT, "ipm-auto-acknowledgement"),
        (ipms::ID_AA_IPM_AUTO_CORRELATE, "ipm-auto-correlate"),
        (ipms::ID_AA_IPM_AUTO_DISCARD, "ipm-auto-discard"),
        (ipms::ID_AA_IPM_AUTO_ADVISE, "ipm-auto-advise"),
    ]
    .into_iter()
    .find_map(|(oid, name)| (oid == *auto_action_type).then_some(name))
}

sequence! { EXPLICIT TAGS;
    /// What an auto-action is to do.
    pub struct AutoActionRegistration {
        /// Which action.
        auto_action_type: Oid,
        /// Which of its registrations, from 1.
        registration_identifier: u32 [0] = 1,
        /// How; of the action's own type, as it came.
        registration_parameter: Option<AttributeValue> [1],
    }
}

sequence! { EXPLICIT TAGS;
    /// A registration that goes.
    pub struct AutoActionDeregistration {
        /// Which action.
        auto_action_type: Oid,
        /// Which of its registrations, from 1.
        registration_identifier: u32 [0] = 1,
    }
}

set! { EXPLICIT TAGS;
    /// Why an auto-action failed (1994); value of the attribute ms-auto-action-error.
    #[derive(Eq)]
    pub struct AutoActionError {
        /// The error: a local or a global code.
        error_code: Code [0],
        /// Its parameter.
        error_parameter: Option<Any> [1],
    }
}

choice! { EXPLICIT TAGS;
    /// A code of X.880: of an application's own or registered.
    #[derive(Eq)]
    pub enum Code {
        /// By number.
        Local(i64),
        /// By object identifier.
        Global(Oid),
    }
}

set! { EXPLICIT TAGS;
    /// When auto-alert tells whom what.
    pub struct AutoAlertRegistrationParameter {
        /// Which entries; absent means all.
        filter: Option<Filter> [0],
        /// Where to; absent means to associations only.
        alert_destinations: Option<Vec<AlertDestination>> [1],
        /// What is told of the entry.
        requested_attributes: Option<EntryInformationSelection> [2],
        /// Whether destinations are left alone while the user is bound (1994).
        suppress_alert_destinations: bool [3] = true,
    }
}

sequence! { EXPLICIT TAGS;
    /// A place to which alerts are sent.
    #[derive(Eq)]
    pub struct AlertDestination {
        /// Of a kind that the store knows by its object identifier.
        alert_address: External,
        /// What is to be sent there.
        alert_qualifier: Option<OctetString>,
    }
}

newtype! { EXPLICIT TAGS;
    /// Where no alert could be sent: parameter of auto-alert-error (1994).
    #[derive(Eq)]
    pub struct AutoAlertError(Vec<AutoAlertErrorIndication>);
}

set! { EXPLICIT TAGS;
    /// A destination that no alert could be sent to (1994).
    #[derive(Eq)]
    pub struct AutoAlertErrorIndication {
        /// Which.
        failing_alert_destination: Option<AlertDestination> [0],
        /// Why, for people.
        supplementary_information: Option<GeneralString> [1],
    }
}

set! { EXPLICIT TAGS;
    /// How new entries are modified (1994).
    pub struct AutoModifyRegistrationParameter {
        /// Where.
        entry_class: EntryClass [0] = EntryClass::DELIVERY,
        /// Which entries; absent means all.
        filter: Option<Filter> [1],
        /// What is done to them.
        modifications: Vec<EntryModification> [2],
    }
}
