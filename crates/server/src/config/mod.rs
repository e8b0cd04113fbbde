//! The configuration: one commented TOML file, in which every key has a default.
//!
//! `docs/operating.md` is its reference. An unknown key, a value of the wrong kind and one out of
//! its range are refused with the line on which they stand. Paths in the file are taken from the
//! file's own directory, so that every command finds the same data from wherever it is run.

mod backup;
mod destination;
mod endpoint;
mod error;
mod local_mta;
mod logging;
mod management;
mod mta;
mod schedule;
mod value;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use restante_mhs::x411::ORAddress;
use restante_osi::PresentationAddress;
use serde::{Deserialize, Serialize};

pub use backup::Backup;
pub use destination::{Destination, SyslogFacility};
pub use endpoint::{Endpoint, EndpointError};
pub use error::ConfigError;
pub use local_mta::LocalMta;
pub use logging::{
    AuditChoice, Audits, DateFormat, EventChoice, FieldName, FileStream, Format, Logging,
    NetworkStream, SystemStream, TtyOutput, TtyStream,
};
pub use management::{Management, OtherStore};
pub use mta::{Mta, SubmissionContext};
pub use schedule::{Day, Schedule};
use value::{optional, text, within};

/// Where the data are when nothing else is said.
pub const DATA_DIRECTORY: &str = "restante-data";
/// The file that is read where none is named: the first of these that is there, this machine's own
/// before the one that machines share.
pub const FILES: [&str; 2] = ["/etc/restante/restante.toml", "/usr/share/restante/restante.toml"];

/// The configuration in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The directory of all data: log, index, accounts.
    pub data_directory: PathBuf,
    /// The directory of large PDUs in transit; empty: `spool` under the data directory.
    pub spool_directory: PathBuf,
    /// Where user agents and MTAs bind.
    pub listener: Listener,
    /// How the store presents itself and serves.
    pub service: Service,
    /// The MTA to which the store submits.
    pub mta: Mta,
    /// The MTA that there is where no other is configured.
    pub local_mta: LocalMta,
    /// Where backups are.
    pub backup: Backup,
    /// Where the store is run from.
    pub management: Management,
    /// Bounds on what peers may take.
    pub limits: Limits,
    /// What the log may take of the disk.
    pub storage: Storage,
    /// What is told about it.
    pub events: Events,
    /// Where records of what happens go.
    pub logging: Logging,
    /// What is done by itself each day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Schedule>,
}

/// Where user agents and MTAs bind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listener {
    /// Selectors, IP address and port (RFC 1278). Port 0: one that is free.
    #[serde(with = "text")]
    pub presentation_address: PresentationAddress,
    /// The largest TPDU, octets, 128 to 65531.
    #[serde(deserialize_with = "within::<_, 128, 65_531>")]
    pub tpdu_octets: usize,
}

/// How the store presents itself and serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// What the store calls itself to an MTA (X.411 responder-name).
    #[serde(with = "text")]
    pub name: ORAddress,
    /// Whether a user can have only one association at a time over P7.
    pub single_p7_bind: bool,
    /// Whether what users submit is kept as entries of the class submission, unless they say.
    pub store_submissions: bool,
    /// Whether what is deleted stays in the logs.
    pub logs: bool,
    /// How long it is remembered whose a submission was, days.
    #[serde(deserialize_with = "within::<_, 1, 3_650>")]
    pub submissions_kept_days: usize,
}

/// Bounds on what peers may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Associations in all, bound or binding.
    #[serde(deserialize_with = "within::<_, 1, 100_000>")]
    pub associations: usize,
    /// Associations with one peer's IP address.
    #[serde(deserialize_with = "within::<_, 1, 100_000>")]
    pub associations_per_peer: usize,
    /// Threads that serve associations; 0: as many as there are processors.
    #[serde(deserialize_with = "within::<_, 0, 64>")]
    pub threads: usize,
    /// Operations of user agents that may take long and are carried out at the same time. Each may
    /// take tens of megabytes for a moment, where it lists much.
    #[serde(deserialize_with = "within::<_, 1, 256>")]
    pub operations: usize,
    /// Associations of MTAs whose deliveries may wait for the disk and are carried out at the same
    /// time.
    #[serde(deserialize_with = "within::<_, 1, 256>")]
    pub deliveries: usize,
    /// The largest PDU once bound, octets.
    #[serde(deserialize_with = "within::<_, 65_536, 2_147_483_647>")]
    pub pdu_octets: usize,
    /// The largest PDU before that, octets.
    #[serde(deserialize_with = "within::<_, 1_024, 2_147_483_647>")]
    pub pdu_before_bind_octets: usize,
    /// Memory for PDUs that arrive, are worked on or wait to be sent, octets; what goes beyond is
    /// put in files.
    #[serde(deserialize_with = "within::<_, 0, 1_099_511_627_776>")]
    pub assembly_memory_octets: usize,
    /// Disk for the same, octets.
    #[serde(deserialize_with = "within::<_, 0, 1_099_511_627_776>")]
    pub assembly_disk_octets: usize,
    /// Main-entries of one mailbox before nothing more is delivered to it; 0: any number.
    #[serde(deserialize_with = "within::<_, 0, 2_147_483_647>")]
    pub mailbox_entries: usize,
    /// The length of their contents together before nothing more is delivered to it, octets; 0:
    /// any number.
    #[serde(deserialize_with = "within::<_, 0, 1_099_511_627_776>")]
    pub mailbox_octets: usize,
    /// From which part of that on an alarm is raised, hundredths.
    #[serde(deserialize_with = "within::<_, 1, 100>")]
    pub mailbox_alarm_percent: usize,
    /// The longest content that MTAs may deliver, octets; 0: as long as a PDU may be.
    #[serde(deserialize_with = "within::<_, 0, 2_147_483_647>")]
    pub delivered_content_octets: usize,
    /// From the TCP connection to the end of the bind, seconds.
    #[serde(deserialize_with = "within::<_, 1, 3_600>")]
    pub bind_time_s: usize,
    /// Without a word from the peer, seconds; 0: for ever.
    #[serde(deserialize_with = "within::<_, 0, 31_536_000>")]
    pub idle_time_s: usize,
    /// Associations over RTSE that are kept to be resumed when their connections were lost; 0:
    /// what was interrupted is begun again.
    #[serde(deserialize_with = "within::<_, 0, 100_000>")]
    pub interrupted_associations: usize,
    /// The same, with one peer's IP address.
    #[serde(deserialize_with = "within::<_, 0, 100_000>")]
    pub interrupted_associations_per_peer: usize,
    /// For how long each is kept, seconds.
    #[serde(deserialize_with = "within::<_, 1, 86_400>")]
    pub interrupted_time_s: usize,
    /// For operations in hand when the server shuts down, seconds.
    #[serde(deserialize_with = "within::<_, 0, 3_600>")]
    pub shutdown_time_s: usize,
}

/// What the log may take of the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// With less than this free on the data volume no message is taken in, octets.
    #[serde(deserialize_with = "within::<_, 0, 1_099_511_627_776>")]
    pub free_min_octets: usize,
    /// How fast the space of deleted entries is given back: what is read for it in a second,
    /// octets.
    #[serde(deserialize_with = "within::<_, 65_536, 1_099_511_627_776>")]
    pub reclaim_octets_per_second: usize,
}

/// What is told about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Events {
    /// The least severity that is written.
    pub severity: Least,
}

/// From how much on an event is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Least {
    /// Every connection: for somebody who looks for a fault.
    Debug,
    /// Binds, unbinds, starts and stops.
    #[default]
    Info,
    /// What a peer did wrong, and limits that were reached.
    Warning,
    /// What the operator has to see to.
    Error,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_directory: DATA_DIRECTORY.into(),
            spool_directory: PathBuf::new(),
            listener: Listener::default(),
            service: Service::default(),
            mta: Mta::default(),
            local_mta: LocalMta::default(),
            backup: Backup::default(),
            management: Management::default(),
            limits: Limits::default(),
            storage: Storage::default(),
            events: Events::default(),
            logging: Logging::default(),
            schedule: Vec::new(),
        }
    }
}

impl Default for Listener {
    fn default() -> Self {
        Self {
            presentation_address: value::known(r#""3001"/Internet=127.0.0.1+3001"#),
            tpdu_octets: restante_osi::x224::TPDU_SIZE_MAX,
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Self {
            name: value::known("/CN=Restante/C=XX/"),
            single_p7_bind: false,
            store_submissions: false,
            logs: false,
            submissions_kept_days: 31,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            associations: 800,
            associations_per_peer: 600,
            threads: 0,
            operations: 3,
            deliveries: 4,
            pdu_octets: 64 << 20,
            pdu_before_bind_octets: 64 << 10,
            assembly_memory_octets: 32 << 20,
            assembly_disk_octets: 8 << 30,
            mailbox_entries: 0,
            mailbox_octets: 0,
            mailbox_alarm_percent: 90,
            delivered_content_octets: 0,
            bind_time_s: 60,
            idle_time_s: 86_400,
            interrupted_associations: 64,
            interrupted_associations_per_peer: 16,
            interrupted_time_s: 600,
            shutdown_time_s: 10,
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self { free_min_octets: 128 << 20, reclaim_octets_per_second: 16 << 20 }
    }
}

impl Storage {
    /// As the storage takes it.
    pub(crate) fn options(&self) -> restante_storage::Options {
        let octets = |octets: usize| u64::try_from(octets).unwrap_or(u64::MAX);
        restante_storage::Options {
            free_bytes_min: octets(self.free_min_octets),
            reclaim_bytes_per_second: octets(self.reclaim_octets_per_second),
            ..restante_storage::Options::default()
        }
    }
}

impl Limits {
    /// What a mailbox may hold that has no quota of its own.
    pub(crate) fn quota(&self) -> restante_ms::Quota {
        restante_ms::Quota {
            entries: u32::try_from(self.mailbox_entries).ok().filter(|most| *most > 0),
            octets: u64::try_from(self.mailbox_octets).ok().filter(|most| *most > 0),
        }
    }

    /// What is held all the time.
    pub(crate) fn hold(&self) -> restante_ms::Hold {
        let most = u64::try_from(self.delivered_content_octets).ok().filter(|most| *most > 0);
        restante_ms::Hold { content_octets_max: most, ..Default::default() }
    }

    /// How long an association may be silent.
    pub fn idle_time(&self) -> Option<Duration> {
        (self.idle_time_s > 0).then(|| seconds(self.idle_time_s))
    }

    /// How long a bind may take.
    pub fn bind_time(&self) -> Duration {
        seconds(self.bind_time_s)
    }

    /// How long an association that lost its connection is kept.
    pub fn interrupted_time(&self) -> Duration {
        seconds(self.interrupted_time_s)
    }

    /// How long a shutdown waits for the operations in hand.
    pub fn shutdown_time(&self) -> Duration {
        seconds(self.shutdown_time_s)
    }
}

fn seconds(count: usize) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(u64::MAX))
}

impl Config {
    /// The configuration in this file; where none is named, in the first of [`FILES`] that is
    /// there; the defaults where there is no file.
    ///
    /// # Errors
    /// Where the file can't be read or says what can't be.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let there = || FILES.iter().map(Path::new).find(|path| path.exists());
        let Some(path) = file.or_else(there) else { return Ok(Self::default()) };
        let read = fs::read_to_string(path);
        let text = read.map_err(|cause| ConfigError::File { path: path.into(), cause })?;
        let mut config = Self::parse(&text, &path.display().to_string())?;
        if let Some(directory) = path.parent() {
            config.data_directory = directory.join(config.data_directory);
            if !config.spool_directory.as_os_str().is_empty() {
                config.spool_directory = directory.join(config.spool_directory);
            }
            config.mta.relative_to(directory);
            config.logging.relative_to(directory);
            config.backup.relative_to(directory);
        }
        Ok(config)
    }

    /// The configuration that this text is; `name` stands before the line in errors.
    ///
    /// # Errors
    /// Where the text says what can't be.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::at(name, text, error.span(), error.message()))?;
        config.check().map_err(|text| ConfigError::Rule { name: name.into(), text })?;
        Ok(config)
    }

    /// What no single value shows.
    fn check(&self) -> Result<(), &'static str> {
        let limits = &self.limits;
        if limits.associations_per_peer > limits.associations {
            return Err("limits.associations_per_peer is more than limits.associations; \
                        lower the one or raise the other");
        }
        if limits.pdu_before_bind_octets > limits.pdu_octets {
            return Err("limits.pdu_before_bind_octets is more than limits.pdu_octets; \
                        lower the one or raise the other");
        }
        if limits.assembly_memory_octets + limits.assembly_disk_octets < limits.pdu_octets {
            return Err("limits.pdu_octets is more than limits.assembly_memory_octets and \
                        limits.assembly_disk_octets together; lower the one or raise the others");
        }
        if !self.schedule.is_empty() && !self.management.enabled {
            return Err("a schedule needs the management listener; \
                        have management.enabled be true");
        }
        self.mta.check()?;
        self.local_mta.check()?;
        self.logging.check()?;
        value::socket_address(&self.listener.presentation_address).map(|_| ())
    }

    /// The directory of the log.
    pub fn log_directory(&self) -> PathBuf {
        self.data_directory.join("log")
    }

    /// The directory of large PDUs in transit.
    pub fn spool(&self) -> PathBuf {
        match self.spool_directory.as_os_str().is_empty() {
            true => self.data_directory.join("spool"),
            false => self.spool_directory.clone(),
        }
    }

    /// The directory that all backups are in.
    pub fn backup_directory(&self) -> PathBuf {
        match self.backup.directory.as_os_str().is_empty() {
            true => self.data_directory.join("backup"),
            false => self.backup.directory.clone(),
        }
    }

    /// The index's file.
    pub fn index_file(&self) -> PathBuf {
        self.data_directory.join("index.sqlite")
    }

    /// The IP address and port of the listener.
    ///
    /// # Errors
    /// Where the presentation address has none, or more than one.
    pub fn socket_address(&self) -> Result<std::net::SocketAddr, ConfigError> {
        value::socket_address(&self.listener.presentation_address)
            .map_err(|text| ConfigError::Rule { name: "configuration".into(), text })
    }
}

/// A configuration file that says the same.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = toml::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests;
