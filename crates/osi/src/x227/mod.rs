//! The association control service element: the APDUs of X.227 (module `ACSE-1`), kernel
//! functional unit only. Names of applications are read in every form, for people to see; they
//! authenticate nobody.

mod apdu;
mod diagnostic;
mod title;

pub use apdu::{Aare, Aarq, Abrt, AcseApdu, Rlre, Rlrq, version_1};
pub use diagnostic::{
    AbrtDiagnostic, AbrtSource, AcseServiceProvider, AcseServiceUser, AssociateResult,
    AssociateSourceDiagnostic, ReleaseRequestReason, ReleaseResponseReason,
};
pub use title::{ApplicationEntity, Title};
