//! The presentation layer: the PPDUs of X.226 (module `ISO8823-PRESENTATION`), normal mode,
//! kernel functional unit. X.410-1984 mode, context management and restoration are refused.

mod reason;

pub use reason::{AbortReason, ContextReason, ContextResultCode, EventIdentifier, ProviderReason};
