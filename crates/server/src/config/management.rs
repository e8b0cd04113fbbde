//! The management listener: console, admin API, metrics, health.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::admin::unread::UnreadWatch;

use super::{Endpoint, optional, seconds, text, value, within};

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
    /// Where it is told as JSON by POST that there is an alarm, or one no longer.
    #[serde(with = "optional")]
    pub webhook: Option<Endpoint>,
    /// Where traces of operations go (OTLP over HTTP): a collector without its path.
    #[serde(with = "optional")]
    pub traces: Option<Endpoint>,
    /// Connections at the same time.
    #[serde(deserialize_with = "within::<_, 1, 100_000>")]
    pub connections: usize,
    /// How long a connection has for the header of a request, and again for its body, seconds.
    #[serde(deserialize_with = "within::<_, 1, 3_600>")]
    pub request_time_s: usize,
    /// Other stores that the console shows beside this one.
    pub stores: Vec<OtherStore>,
}

/// Another store that the console shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherStore {
    /// What people call it.
    pub name: String,
    /// Its management listener.
    #[serde(with = "text")]
    pub url: Endpoint,
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
            webhook: None,
            traces: None,
            connections: 256,
            request_time_s: 30,
            stores: Vec::new(),
        }
    }
}

impl Management {
    /// How long a session lasts without a request.
    pub fn session_idle_time(&self) -> std::time::Duration {
        seconds(self.session_idle_time_s)
    }

    /// After which time an alarm is raised for what stays new.
    pub(crate) fn unread_watch(&self) -> UnreadWatch {
        let seconds = |seconds: usize| u32::try_from(seconds).unwrap_or(u32::MAX);
        UnreadWatch {
            urgent_s: seconds(self.unread_urgent_s),
            normal_s: seconds(self.unread_normal_s),
            non_urgent_s: seconds(self.unread_non_urgent_s),
        }
    }

    /// How long a connection has for the header of a request, and again for its body.
    pub(crate) fn request_time(&self) -> std::time::Duration {
        seconds(self.request_time_s)
    }

    /// How long a session lasts at most.
    pub fn session_time(&self) -> std::time::Duration {
        seconds(self.session_time_s)
    }
}
