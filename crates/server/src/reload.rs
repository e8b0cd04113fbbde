//! What of a configuration that is read again can't hold at once: told of key by key. The streams
//! of the log, the schedule and the limits of what begins anew are taken; all else is part of what
//! runs.

use toml::{Table, Value};

use crate::config::Config;

/// What is taken at once: whole tables, and keys of `limits`.
const AT_ONCE: [&str; 11] = [
    "logging",
    "schedule",
    "limits.associations",
    "limits.associations_per_peer",
    "limits.pdu_octets",
    "limits.pdu_before_bind_octets",
    "limits.bind_time_s",
    "limits.idle_time_s",
    "limits.delivered_content_octets",
    "limits.mailbox_alarm_percent",
    "limits.shutdown_time_s",
];

/// The keys whose values differ from those with which the server runs, and which are taken at a
/// start alone.
pub(crate) fn waiting(runs: &Config, new: &Config) -> Vec<String> {
    let (Ok(runs), Ok(new)) = (Table::try_from(runs), Table::try_from(new)) else {
        return Vec::new();
    };
    let mut keys = Vec::new();
    differences("", &runs, &new, &mut keys);
    keys
}

fn differences(above: &str, runs: &Table, new: &Table, keys: &mut Vec<String>) {
    let mut names: Vec<&String> = runs.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let key = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        if AT_ONCE.contains(&&*key) {
            continue;
        }
        match (runs.get(name), new.get(name)) {
            (Some(Value::Table(runs)), Some(Value::Table(new))) => {
                differences(&key, runs, new, keys);
            }
            (runs, new) if runs != new => keys.push(key),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_at_once_is_named() {
        let text = "[logging]\ndirectory = \"l\"\n[limits]\nidle_time_s = 9\noperations = 5\n\
                    [local_mta]\nname = \"OTHER\"\n";
        let new = Config::parse(text, "c.toml").unwrap();
        let keys = waiting(&Config::default(), &new);
        assert_eq!(keys, ["limits.operations", "local_mta.name"]);
        assert_eq!(waiting(&new, &new), [""; 0]);
        let table = Table::try_from(Config::default()).unwrap();
        for key in AT_ONCE.iter().filter(|key| key.starts_with("limits.")) {
            let at = key.split('.').try_fold(&table, |table, name| match table.get(name) {
                Some(Value::Table(below)) => Some(below),
                Some(_) => Some(table),
                None => None,
            });
            assert!(at.is_some(), "{key}");
        }
    }
}
