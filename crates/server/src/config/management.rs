//! The management listener: console, admin API, metrics, health.

use std::net::SocketAddr;

use restante_mhs::x411::Priority;
use serde::{Deserialize, Serialize};

use super::{seconds, text, value, within};

/// Where the store is run from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Management {
    /// Whether there is a management listener at all.
    pub enabled: bool,
    /// IP address and port. Port 0: one that is free.
    #[serde(with = "text")]
    pub address: SocketAddr,
    /// Names under which it is reached, beside localhost and IP addresses: a browser that was led
    /// here under another name is refused.
    pub host_names: Vec<String>,
    /// Whether the state of the store, mailboxes, envelopes and associations can be seen without
    /// signing in.
    pub monitoring_without_sign_in: bool,
    /// Whether `/metrics` tells of each mailbox by itself.
    pub mailbox_metrics: bool,
    /// How long a session lasts without a request, seconds.
    #[serde(deserialize_with = "within::<_, 60, 2_592_000>")]
    pub session_idle_time_s: usize,
    /// How long a session lasts at most, seconds.
    #[serde(deserialize_with = "within::<_, 60, 2_592_000>")]
    pub session_time_s: usize,
    /// After which time an alarm is raised for an urgent message that is still new, seconds; 0:
    /// never.
    #[serde(deserialize_with = "within::<_, 0, 31_536_000>")]
    pub unread_urgent_s: usize,
    /// The same for a normal one.
    #[serde(deserialize_with = "within::<_, 0, 31_536_000>")]
    pub unread_normal_s: usize,
    /// The same for a non-urgent one.
    #[serde(deserialize_with = "within::<_, 0, 31_536_000>")]
    pub unread_non_urgent_s: usize,
}

impl Default for Management {
    fn default() -> Self {
        Self {
            enabled: true,
            address: value::known("127.0.0.1:3002"),
            host_names: Vec::new(),
            monitoring_without_sign_in: true,
            mailbox_metrics: false,
            session_idle_time_s: 1_800,
            session_time_s: 43_200,
            unread_urgent_s: 900,
            unread_normal_s: 0,
            unread_non_urgent_s: 0,
        }
    }
}

impl Management {
    /// How long a session lasts without a request.
    pub fn session_idle_time(&self) -> std::time::Duration {
        seconds(self.session_idle_time_s)
    }

    /// The priorities of which an alarm is raised for what stays new, with the time, seconds.
    pub(crate) fn unread(&self) -> Vec<(Priority, i64)> {
        let all = [
            (Priority::URGENT, self.unread_urgent_s),
            (Priority::NORMAL, self.unread_normal_s),
            (Priority::NON_URGENT, self.unread_non_urgent_s),
        ];
        let watched = all.into_iter().filter(|(_, seconds)| *seconds > 0);
        watched.map(|(priority, s)| (priority, i64::try_from(s).unwrap_or(i64::MAX))).collect()
    }

    /// How long a session lasts at most.
    pub fn session_time(&self) -> std::time::Duration {
        seconds(self.session_time_s)
    }
}
