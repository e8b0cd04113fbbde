//! `restante ua watch`: stays bound and shows what comes (X.413 §8.3.7, the other end of Alert).

use std::io::Write;

use anyhow::Context;
use clap::Args;
use jiff::tz::TimeZone;
use restante_client::{ClientError, UserAgent};
use restante_mhs::x413::{AlertArgument, attributes};
use restante_view::value;
use serde_json::{Value as Json, json};

use super::Mailbox;
use crate::output::remark;

/// Stay bound and show each entry of which the store alerts
///
/// The store alerts of what auto-alert is registered for: see restante ua auto-action alert.
/// Standard error says when it watches. Ends when it is interrupted, or after --count alerts.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua watch --user \"…\"
  restante ua watch --user \"…\" --count 1 --json")]
pub(super) struct Arguments {
    /// End after so many alerts
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Print JSON, an object a line, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    arguments.mailbox.work(async |ua| watch(ua, arguments).await)
}

async fn watch(user_agent: &mut UserAgent, arguments: &Arguments) -> anyhow::Result<()> {
    remark(&format!("watching {}", arguments.mailbox.user));
    let mut left = arguments.count.unwrap_or(u64::MAX);
    while left > 0 {
        let alert = match user_agent.alert().await {
            Ok(alert) => alert,
            // Nothing has come for a while, which is no fault.
            Err(ClientError::TimedOut) => continue,
            Err(error) => return Err(error.into()),
        };
        let line = if arguments.json { json(&alert).to_string() } else { text(&alert) };
        writeln!(std::io::stdout().lock(), "{line}").context("it can't be shown")?;
        left -= 1;
    }
    Ok(())
}

/// What an alert tells: names of attributes with their values.
fn told(alert: &AlertArgument) -> impl Iterator<Item = (&'static str, String)> + '_ {
    let entry = alert.new_entry.iter();
    let attributes = entry.flat_map(|entry| entry.attributes.iter().flat_map(|set| &set.0));
    attributes.map(|attribute| {
        let oid = &attribute.attribute_type;
        let values = attribute.attribute_values.iter();
        let values: Vec<_> =
            values.map(|one| value::value(oid, one).line(&TimeZone::system())).collect();
        (attributes::by_oid(oid).map_or("?", |row| row.name), values.join(", "))
    })
}

fn text(alert: &AlertArgument) -> String {
    let number = alert.new_entry.as_ref().map(|entry| entry.sequence_number.0);
    let mut line = number.map_or_else(|| "an entry".to_owned(), |number| number.to_string());
    for (name, values) in told(alert) {
        line.push_str(&format!("  {name}: {values}"));
    }
    line
}

fn json(alert: &AlertArgument) -> Json {
    let attributes: serde_json::Map<_, _> =
        told(alert).map(|(name, values)| (name.to_owned(), Json::from(values))).collect();
    json!({
        "registration": alert.alert_registration_identifier,
        "number": alert.new_entry.as_ref().map(|entry| entry.sequence_number.0),
        "attributes": attributes,
    })
}
