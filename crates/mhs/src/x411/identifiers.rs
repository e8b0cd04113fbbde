//! What messages, probes, domains and MTAs are identified by (X.411, Common Parameter Types).

use super::{AdministrationDomainName, CountryName, NumericOrPrintable};
use core::fmt;
use restante_ber::{Ia5String, PrintableString, newtype, sequence};

sequence! { IMPLICIT TAGS;
    /// Identifies a message, a probe or a report within the MTS.
    #[derive(Eq, Hash)]
    pub struct MTSIdentifier [APPLICATION 4] {
        /// The domain that gave it.
        global_domain_identifier: GlobalDomainIdentifier,
        /// Unique in that domain.
        local_identifier: Ia5String,
    }
}

/// Given when a message is submitted.
pub type MessageSubmissionIdentifier = MTSIdentifier;
/// Given when a probe is submitted.
pub type ProbeSubmissionIdentifier = MTSIdentifier;
/// Given when a message is delivered.
pub type MessageDeliveryIdentifier = MTSIdentifier;
/// Of the message or probe that a report is about.
pub type SubjectSubmissionIdentifier = MTSIdentifier;

sequence! { IMPLICIT TAGS;
    /// Identifies a management domain.
    #[derive(Eq, Hash)]
    pub struct GlobalDomainIdentifier [APPLICATION 3] {
        /// The country.
        country_name: CountryName,
        /// The administration domain.
        administration_domain_name: AdministrationDomainName,
        /// The private domain, absent for an administration domain itself.
        private_domain_identifier: Option<NumericOrPrintable>,
    }
}

/// The name of an MTA within its domain.
pub type MTAName = Ia5String;

newtype! { IMPLICIT TAGS;
    /// What the originator's side gave a message, to know it again.
    #[derive(Eq, Hash)]
    pub struct ContentIdentifier(PrintableString) [APPLICATION 10];
}

/// `/PRMD=…/ADMD=…/C=…`, as MTAs write it.
impl fmt::Display for GlobalDomainIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(private) = &self.private_domain_identifier {
            write!(f, "/PRMD={}", private.as_str())?;
        }
        let administration = self.administration_domain_name.0.as_str();
        write!(f, "/ADMD={administration}/C={}", self.country_name.0.as_str())
    }
}

/// `[/PRMD=…/ADMD=…/C=…;local]`, as MTAs write it in logs.
impl fmt::Display for MTSIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}/;{}]", self.global_domain_identifier, self.local_identifier)
    }
}
