//! The management listener: console, admin API, metrics, health.

use std::net::SocketAddr;

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
    /// How long a session lasts without a request, seconds.
    #[serde(deserialize_with = "within::<_, 60, 2_592_000>")]
    pub session_idle_time_s: usize,
    /// How long a session lasts at most, seconds.
    #[serde(deserialize_with = "within::<_, 60, 2_592_000>")]
    pub session_time_s: usize,
}

impl Default for Management {
    fn default() -> Self {
        Self {
            enabled: true,
            address: value::known("127.0.0.1:3002"),
            host_names: Vec::new(),
            monitoring_without_sign_in: true,
            session_idle_time_s: 1_800,
            session_time_s: 43_200,
        }
    }
}

impl Management {
    /// How long a session lasts without a request.
    pub fn session_idle_time(&self) -> std::time::Duration {
        seconds(self.session_idle_time_s)
    }

    /// How long a session lasts at most.
    pub fn session_time(&self) -> std::time::Duration {
        seconds(self.session_time_s)
    }
}
