//! What is done by itself each day at its time.

use jiff::civil::{Time, Weekday};
use serde::{Deserialize, Serialize};

use super::value::text;
use crate::admin::jobs::NewJob;

/// A job and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// When, in this machine's time zone.
    #[serde(with = "text")]
    pub at: Time,
    /// On which days; none: each day.
    #[serde(default)]
    pub days: Vec<Day>,
    /// What, as the admin API has it.
    pub(crate) job: NewJob,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Day {
    /// The first one (ISO 8601).
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The last.
    Sunday,
}

impl Day {
    /// Whether it is this one.
    pub(crate) fn is(self, other: Weekday) -> bool {
        let own = match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        };
        own == other
    }
}
