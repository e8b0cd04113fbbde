//! The presentation layer: the PPDUs of X.226 (module `ISO8823-PRESENTATION`), normal mode,
//! kernel functional unit. X.410-1984 mode, context management and restoration are refused.

mod contexts;
mod ppdu;
mod reason;
mod user_data;

pub use contexts::{Contexts, DefinedContext};
pub use ppdu::{
    AbortPpdu, Arp, Aru, BASIC_ENCODING, ContextDefinition, ContextResult, Cp, Cpa, Cpr,
    DefaultContextName, IdentifiedContext, Mode, ModeSelector, NormalModeCp, NormalModeCpa,
    NormalModeCpr, X410ModeCpr, selector, version_1,
};
pub use reason::{AbortReason, ContextReason, ContextResultCode, EventIdentifier, ProviderReason};
pub use user_data::{Pdv, PdvList, PresentationDataValues, UserData};
