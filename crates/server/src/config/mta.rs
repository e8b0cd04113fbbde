//! The MTA to which the store submits.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    time::Duration,
};

use restante_mhs::{x411::ORAddress, x419::Edition};
use restante_osi::PresentationAddress;
use serde::{Deserialize, Serialize};

use super::{ConfigError, optional, seconds, within};

/// The MTA to which the store submits, and how it binds to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mta {
    /// Where it listens (RFC 1278); nowhere: there is none but the built-in one.
    #[serde(with = "optional")]
    pub presentation_address: Option<PresentationAddress>,
    /// The application context to ask for.
    pub application_context: SubmissionContext,
    /// The MTA-name with which it must answer; empty: any name.
    pub name: String,
    /// A file whose first line is the password with which the store binds; empty: no password.
    pub password_file: PathBuf,
    /// The O/R address as which the store binds; none: each time that of the user who submits.
    #[serde(with = "optional")]
    pub initiator_name: Option<ORAddress>,
    /// Associations in all.
    #[serde(deserialize_with = "within::<_, 1, 1_000>")]
    pub associations: usize,
    /// Associations in one name.
    #[serde(deserialize_with = "within::<_, 1, 1_000>")]
    pub associations_per_name: usize,
    /// Operations that may be unanswered on one association.
    #[serde(deserialize_with = "within::<_, 1, 1_000>")]
    pub outstanding: usize,
    /// Submissions that wait for their answers, in all.
    #[serde(deserialize_with = "within::<_, 1, 100_000>")]
    pub waiting: usize,
    /// For the connection, and for the bind, seconds.
    #[serde(deserialize_with = "within::<_, 1, 3_600>")]
    pub bind_time_s: usize,
    /// For the answer to a submission, seconds.
    #[serde(deserialize_with = "within::<_, 1, 86_400>")]
    pub answer_time_s: usize,
    /// Without a submission or delivery before an association is unbound, seconds.
    #[serde(deserialize_with = "within::<_, 0, 31_536_000>")]
    pub idle_time_s: usize,
    /// The longest pause between attempts to bind that fail, seconds.
    #[serde(deserialize_with = "within::<_, 1, 3_600>")]
    pub retry_time_s: usize,
}

/// The application contexts in which the store submits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubmissionContext {
    /// mts-access of 1988.
    #[serde(rename = "mts-access-88")]
    MtsAccess88,
    /// mts-access of 1994.
    #[serde(rename = "mts-access-94")]
    MtsAccess94,
    /// mts-reliable-access of 1988.
    #[serde(rename = "mts-reliable-access-88")]
    MtsReliableAccess88,
    /// mts-reliable-access of 1994.
    #[serde(rename = "mts-reliable-access-94")]
    MtsReliableAccess94,
}

impl SubmissionContext {
    /// Its edition.
    pub fn edition(self) -> Edition {
        match self {
            Self::MtsAccess88 | Self::MtsReliableAccess88 => Edition::E1988,
            Self::MtsAccess94 | Self::MtsReliableAccess94 => Edition::E1994,
        }
    }

    /// Whether it goes over RTSE.
    pub fn is_reliable(self) -> bool {
        matches!(self, Self::MtsReliableAccess88 | Self::MtsReliableAccess94)
    }
}

impl Default for Mta {
    fn default() -> Self {
        Self {
            presentation_address: None,
            application_context: SubmissionContext::MtsAccess88,
            name: String::new(),
            password_file: PathBuf::new(),
            initiator_name: None,
            associations: 32,
            associations_per_name: 4,
            outstanding: 4,
            waiting: 256,
            bind_time_s: 20,
            answer_time_s: 60,
            idle_time_s: 60,
            retry_time_s: 8,
        }
    }
}

impl Mta {
    /// How long a connection, and a bind, may take.
    pub fn bind_time(&self) -> Duration {
        seconds(self.bind_time_s)
    }

    /// How long the answer to a submission may take.
    pub fn answer_time(&self) -> Duration {
        seconds(self.answer_time_s)
    }

    /// How long an association is kept that nobody needs.
    pub fn idle_time(&self) -> Duration {
        seconds(self.idle_time_s)
    }

    /// The longest pause between attempts to bind.
    pub fn retry_time(&self) -> Duration {
        seconds(self.retry_time_s)
    }

    /// Takes relative paths from a directory.
    pub(super) fn relative_to(&mut self, directory: &Path) {
        if !self.password_file.as_os_str().is_empty() {
            self.password_file = directory.join(&self.password_file);
        }
    }

    /// The password with which the store binds.
    ///
    /// # Errors
    /// Where its file can't be read.
    pub fn password(&self) -> Result<String, ConfigError> {
        let path = &self.password_file;
        let mut line = String::new();
        if !path.as_os_str().is_empty() {
            let at = |cause| ConfigError::Password { path: path.clone(), cause };
            let file = std::fs::File::open(path).map_err(at)?;
            BufReader::new(file).read_line(&mut line).map_err(at)?;
        }
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// What no single value shows.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.presentation_address.as_ref().is_some_and(|address| address.networks.is_empty()) {
            return Err("mta.presentation_address must name a network address: \
                        Internet=mta.example+102");
        }
        if self.associations_per_name > self.associations {
            return Err("mta.associations_per_name is more than mta.associations; \
                        lower the one or raise the other");
        }
        Ok(())
    }
}
