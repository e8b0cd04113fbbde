//! `restante ua auto-action`: what the store does for a user by itself (X.413 §13, X.420 §20), by
//! Register-MS.

mod advise;
mod forward;
mod told;

use anyhow::bail;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use restante_ber::{Oid, PrintableString, SetOf};
use restante_mhs::x413::{
    AttributeValue, AutoActionDeregistration, AutoActionRegistration,
    AutoAlertRegistrationParameter, AutoModifyRegistrationParameter, EntryClass, Filter,
    MSSubmissionOptions, MessageGroupName, RegisterMSArgument, RegisterMSResult,
    RegistrationTypes, Registrations, oids as ms,
};
use restante_mhs::x420::{
    DELAYED_AUTO_FORWARD, IPMAutoAcknowledgementRegistrationParameter,
    IPMAutoDiscardRegistrationParameter, oids as ipms,
};
use serde_json::{Value as Json, json};

use super::{Mailbox, groups, list, modify::Changes, selection};
use crate::output::{self, print};
use crate::table::{self, Column};

/// List, add and remove what the store does by itself
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua auto-action list --user \"…\"
  restante ua auto-action alert --user \"…\" --filter 'priority = urgent'
  restante ua auto-action forward --user \"…\" --to \"…\" --to \"…\" --note \"see below\"
  restante ua auto-action forward --user \"…\" --to \"…\" --after 900
  restante ua auto-action modify --user \"…\" --filter 'subject ~ \"NOTAM\"' --keep-for 86400
  restante ua auto-action delete --user \"…\"
  restante ua auto-action discard --user \"…\" --expired --obsoleted
  restante ua auto-action advise --user \"…\" --text \"I am away.\" --back 2026-12-01
  restante ua auto-action remove forward --user \"…\"")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Alert(Alert),
    Forward(Box<forward::Forward>),
    Modify(Box<Modify>),
    /// Delete each entry whose storage-time is over
    Delete(Plain),
    /// Mark what was submitted with the reports that come of it
    CorrelateReports(Plain),
    /// Mark what belongs together: replies, receipts and what was forwarded
    Correlate(Plain),
    Acknowledge(Acknowledge),
    Discard(Discard),
    Advise(Box<advise::Advise>),
    Remove(Remove),
}

/// Print what is registered
#[derive(Debug, Args)]
struct List {
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Tell whoever is bound of each entry that comes
///
/// See restante ua watch. A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
struct Alert {
    /// What is told of an entry beside its number
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = list::attribute)]
    #[arg(default_value = "mt-priority,mt-originator-name,subject")]
    attributes: Vec<Oid>,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Change the status, notes and groups of each entry that comes
///
/// A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
struct Modify {
    /// The class of entries: delivery, submission, draft, … or its number
    #[arg(long, value_name = "CLASS", default_value = "delivery")]
    #[arg(value_parser = selection::class)]
    class: EntryClass,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    mailbox: Mailbox,
}

// What needs no more than to be asked for.
#[derive(Debug, Args)]
struct Plain {
    /// Its number among those of its kind
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=32_767))]
    id: u32,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Send the receipts that originators ask for when a message is fetched
///
/// A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
struct Acknowledge {
    /// What each receipt says
    #[arg(long, value_name = "TEXT", value_parser = printable)]
    text: Option<PrintableString>,
    #[command(flatten)]
    storing: Storing,
    #[command(flatten)]
    plain: Plain,
}

/// Throw away messages that expire, or that others take the place of
///
/// A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("discarded").required(true).multiple(true))]
struct Discard {
    /// Those whose expiry-time is over
    #[arg(long, group = "discarded")]
    expired: bool,
    /// Those that another one says it takes the place of
    #[arg(long, group = "discarded")]
    obsoleted: bool,
    /// Only where both have the same originator
    #[arg(long, requires = "obsoleted")]
    same_originator: bool,
    #[command(flatten)]
    storing: Storing,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Remove what was added
#[derive(Debug, Args)]
struct Remove {
    /// Of which kind it is
    kind: Kind,
    #[command(flatten)]
    plain: Plain,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// auto-alert
    Alert,
    /// auto-forward
    Forward,
    /// auto-forward of what is not fetched in time
    DelayedForward,
    /// auto-modify
    Modify,
    /// auto-delete
    Delete,
    /// auto-correlate-reports
    CorrelateReports,
    /// ipm-auto-correlate
    Correlate,
    /// ipm-auto-acknowledgement
    Acknowledge,
    /// ipm-auto-discard
    Discard,
    /// ipm-auto-advise
    Advise,
}

impl Kind {
    fn oid(self) -> Oid {
        match self {
            Self::Alert => ms::ID_ACT_AUTO_ALERT,
            Self::Forward => ms::ID_ACT_IPM_AUTO_FORWARD,
            Self::DelayedForward => DELAYED_AUTO_FORWARD,
            Self::Modify => ms::ID_ACT_AUTO_MODIFY,
            Self::Delete => ms::ID_ACT_AUTO_DELETE,
            Self::CorrelateReports => ms::ID_ACT_AUTO_CORRELATE_REPORTS,
            Self::Correlate => ipms::ID_AA_IPM_AUTO_CORRELATE,
            Self::Acknowledge => ipms::ID_AA_IPM_AUTO_ACKNOWLEDGEMENT,
            Self::Discard => ipms::ID_AA_IPM_AUTO_DISCARD,
            Self::Advise => ipms::ID_AA_IPM_AUTO_ADVISE,
        }
    }
}

/// Under which number, and on which entries.
#[derive(Debug, Args)]
struct Which {
    /// Its number among those of its kind
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=32_767))]
    id: u32,
    /// Only entries of which this holds; the words are those of restante ua search
    #[arg(long, value_name = "FILTER", value_parser = selection::filter)]
    filter: Option<Filter>,
}

/// What is kept of what is submitted; the store's settings say it where nothing is said.
#[derive(Debug, Clone, Args)]
struct Storing {
    /// Keep what is submitted in the outbox
    #[arg(long)]
    keep_sent: bool,
    /// A message-group for what is submitted; again for another one
    #[arg(long, value_name = "GROUP", value_parser = groups::name, requires = "keep_sent")]
    sent_group: Vec<MessageGroupName>,
}

impl Storing {
    /// Whether nothing is said.
    fn is_silent(&self) -> bool {
        !self.keep_sent
    }

    fn options(&self) -> Option<MSSubmissionOptions> {
        let groups = Some(SetOf(self.sent_group.clone())).filter(|groups| !groups.0.is_empty());
        (!self.is_silent()).then(|| MSSubmissionOptions {
            object_entry_class: Some(EntryClass::SUBMISSION),
            add_message_group_names: groups,
            ..MSSubmissionOptions::default()
        })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.action {
        Action::List(list) => self::list(list),
        Action::Alert(alert) => {
            register(&alert.mailbox, (Kind::Alert, false), alert.which.id, Some(alert.parameter()))
        }
        Action::Forward(forward) => forward::run(forward),
        Action::Modify(modify) => {
            let parameter = AutoModifyRegistrationParameter {
                entry_class: modify.class,
                filter: modify.which.filter.clone(),
                modifications: modify.changes.modifications(),
            };
            let parameter = AttributeValue::of(&parameter);
            register(&modify.mailbox, (Kind::Modify, true), modify.which.id, Some(parameter))
        }
        Action::Delete(plain) => register(&plain.mailbox, (Kind::Delete, true), plain.id, None),
        Action::CorrelateReports(plain) => {
            register(&plain.mailbox, (Kind::CorrelateReports, true), plain.id, None)
        }
        Action::Correlate(plain) => {
            register(&plain.mailbox, (Kind::Correlate, true), plain.id, None)
        }
        Action::Acknowledge(acknowledge) => {
            let parameter = IPMAutoAcknowledgementRegistrationParameter {
                auto_acknowledge_suppl_receipt_info: acknowledge.text.clone(),
                submission_options: acknowledge.storing.options(),
            };
            let (plain, parameter) = (&acknowledge.plain, AttributeValue::of(&parameter));
            register(&plain.mailbox, (Kind::Acknowledge, true), plain.id, Some(parameter))
        }
        Action::Discard(discard) => {
            let parameter = AttributeValue::of(&discard.parameter());
            register(&discard.mailbox, (Kind::Discard, true), discard.which.id, Some(parameter))
        }
        Action::Advise(advise) => advise::run(advise),
        Action::Remove(remove) => {
            let going = AutoActionDeregistration {
                auto_action_type: remove.kind.oid(),
                registration_identifier: remove.plain.id,
            };
            let argument = RegisterMSArgument {
                auto_action_deregistrations: Some(SetOf(vec![going])),
                ..RegisterMSArgument::default()
            };
            let late = !matches!(remove.kind, Kind::Alert | Kind::Forward);
            work(&remove.plain.mailbox, late, &argument)
        }
    }
}

impl Alert {
    fn parameter(&self) -> AttributeValue {
        AttributeValue::of(&AutoAlertRegistrationParameter {
            filter: self.which.filter.clone(),
            alert_destinations: None,
            requested_attributes: Some(self.attributes.iter().cloned().map(Into::into).collect()),
            suppress_alert_destinations: true,
        })
    }
}

impl Discard {
    fn parameter(&self) -> IPMAutoDiscardRegistrationParameter {
        IPMAutoDiscardRegistrationParameter {
            filter: self.which.filter.clone(),
            submission_options: self.storing.options(),
            auto_discard_expired_ipms: self.expired,
            auto_discard_obsoleted_ipms: self.obsoleted,
            restrict_obsoleting_to_originator: self.same_originator,
        }
    }
}

/// Registers one of a kind; `late` says whether that takes the edition of 1994.
fn register(
    mailbox: &Mailbox,
    (kind, late): (Kind, bool),
    number: u32,
    parameter: Option<AttributeValue>,
) -> anyhow::Result<()> {
    let registration = AutoActionRegistration {
        auto_action_type: kind.oid(),
        registration_identifier: number,
        registration_parameter: parameter,
    };
    let argument = RegisterMSArgument {
        auto_action_registrations: Some(SetOf(vec![registration])),
        ..RegisterMSArgument::default()
    };
    work(mailbox, late, &argument)
}

/// Invokes Register-MS.
fn work(mailbox: &Mailbox, late: bool, argument: &RegisterMSArgument) -> anyhow::Result<()> {
    let work = async |ua: &mut restante_client::UserAgent| Ok(ua.register_ms(argument).await?);
    match late {
        true => mailbox.work_later(work)?,
        false => mailbox.work(work)?,
    };
    print("registered")
}

/// A text of PrintableString's characters, at most 256.
fn printable(text: &str) -> anyhow::Result<PrintableString> {
    let is = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    if text.is_empty() || text.len() > 256 || !text.chars().all(is) {
        bail!("write 1 to 256 letters and digits without accents, spaces and '()+,-./:=?");
    }
    Ok(text.into())
}

fn list(list: &List) -> anyhow::Result<()> {
    let asked = Registrations::of([Registrations::AUTO_ACTION_REGISTRATIONS]);
    let argument = RegisterMSArgument {
        registration_status_request: Some(RegistrationTypes {
            registrations: Some(asked),
            ..RegistrationTypes::default()
        }),
        ..RegisterMSArgument::default()
    };
    // In 1988 a store does not tell what is registered.
    let result = list.mailbox.work_later(async |ua| Ok(ua.register_ms(&argument).await?))?;
    let registrations = match result {
        RegisterMSResult::RegisteredInformation(told) => told.auto_action_registrations,
        RegisterMSResult::NoStatusInformation(_) => None,
    };
    let registered = registrations.unwrap_or_default().0;
    if list.json {
        let one = |one: &AutoActionRegistration| {
            let (name, said) = (told::name(&one.auto_action_type), told::said(one));
            json!({ "auto-action": name, "number": one.registration_identifier, "says": said })
        };
        return output::json(&Json::Array(registered.iter().map(one).collect()));
    }
    if registered.is_empty() {
        return print("nothing is registered");
    }
    let line = |one: &AutoActionRegistration| {
        let number = one.registration_identifier.to_string();
        vec![told::name(&one.auto_action_type), number, told::said(one).join("; ")]
    };
    let lines: Vec<_> = registered.iter().map(line).collect();
    let columns = [Column::text("auto-action"), Column::numbers("number"), Column::text("says")];
    print(&table::render(&columns, &lines))
}
