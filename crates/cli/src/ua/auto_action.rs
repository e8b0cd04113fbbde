//! `restante ua auto-action`: what the store does for a user by itself (X.413 §13, X.420 §20), by
//! Register-MS.

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use restante_ber::{Encode, OctetString, Oid, SetOf};
use restante_client::compose;
use restante_mhs::x411::{ORAddress, ORName};
use restante_mhs::x413::{
    AttributeValue, AutoActionDeregistration, AutoActionRegistration,
    AutoAlertRegistrationParameter, Filter, RegisterMSArgument, RegisterMSResult,
    RegistrationTypes, Registrations, auto_action_name, oids as ms,
};
use restante_mhs::x419::Edition;
use restante_mhs::x420::{
    AutoForwardArguments, AutoForwardRegistration, AutoForwardRegistrationParameter88, BodyPart,
    DELAYED_AUTO_FORWARD, DelayedAutoForwardParameter, ForwardingInformation1988, oids as ipms,
};

use super::{Mailbox, selection};
use crate::output::print;
use crate::table::{self, Column};

/// List, add and remove what the store does by itself
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua auto-action list --user \"…\" --edition 1994
  restante ua auto-action alert --user \"…\" --filter 'priority = urgent'
  restante ua auto-action forward --user \"…\" --to \"…\" --to \"…\" --note \"see below\"
  restante ua auto-action forward --user \"…\" --to \"…\" --after 900 --edition 1994
  restante ua auto-action remove forward --user \"…\"")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    Alert(Alert),
    Forward(Forward),
    Remove(Remove),
}

/// Print what is registered; the store tells it in the edition of 1994
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Tell whoever is bound of each entry that comes: number, priority, originator and subject
///
/// See restante ua watch. A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
struct Alert {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Send on each message that comes, or each that is not fetched in time
///
/// A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
struct Forward {
    /// Who gets it; again for another one
    #[arg(long, required = true, value_name = "O/R-ADDRESS")]
    to: Vec<ORAddress>,
    /// A text in front of the message
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// What a non-receipt notification says
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// What the identifiers of the forwarding messages begin with
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Delete the entry when it has been forwarded
    #[arg(long)]
    delete: bool,
    /// Only what has not been fetched after so many seconds; needs --edition 1994
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    after: Option<u32>,
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
    /// The number under which it was added
    #[arg(long, value_name = "N", default_value_t = 1)]
    id: u32,
    #[command(flatten)]
    mailbox: Mailbox,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// auto-alert
    Alert,
    /// auto-forward
    Forward,
    /// auto-forward of what is not fetched in time
    DelayedForward,
}

impl Kind {
    fn oid(self) -> Oid {
        match self {
            Self::Alert => ms::ID_ACT_AUTO_ALERT,
            Self::Forward => ms::ID_ACT_IPM_AUTO_FORWARD,
            Self::DelayedForward => DELAYED_AUTO_FORWARD,
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

impl Which {
    fn registration(&self, kind: Kind, parameter: &impl Encode) -> RegisterMSArgument {
        let registration = AutoActionRegistration {
            auto_action_type: kind.oid(),
            registration_identifier: self.id,
            registration_parameter: Some(AttributeValue::of(parameter)),
        };
        RegisterMSArgument {
            auto_action_registrations: Some(SetOf(vec![registration])),
            ..RegisterMSArgument::default()
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.action {
        Action::List(list) => self::list(list),
        Action::Alert(alert) => {
            let argument = alert.which.registration(Kind::Alert, &alerting(&alert.which));
            register(&alert.mailbox, &argument)
        }
        Action::Forward(forward) => {
            let user = forward.mailbox.user.clone().into();
            let parameter = forward.parameter(user);
            let argument = match forward.after {
                None => forward.which.registration(Kind::Forward, &parameter),
                Some(delay) => {
                    let later = DelayedAutoForwardParameter { delay, forward: parameter };
                    forward.which.registration(Kind::DelayedForward, &later)
                }
            };
            register(&forward.mailbox, &argument)
        }
        Action::Remove(remove) => {
            let going = AutoActionDeregistration {
                auto_action_type: remove.kind.oid(),
                registration_identifier: remove.id,
            };
            let argument = RegisterMSArgument {
                auto_action_deregistrations: Some(SetOf(vec![going])),
                ..RegisterMSArgument::default()
            };
            register(&remove.mailbox, &argument)
        }
    }
}

fn register(mailbox: &Mailbox, argument: &RegisterMSArgument) -> anyhow::Result<()> {
    mailbox.work(async |ua| Ok(ua.register_ms(argument).await?))?;
    print("registered")
}

fn alerting(which: &Which) -> AutoAlertRegistrationParameter {
    let told = [ms::ID_ATT_PRIORITY, ms::ID_ATT_ORIGINATOR_NAME, ipms::ID_HAT_SUBJECT];
    AutoAlertRegistrationParameter {
        filter: which.filter.clone(),
        alert_destinations: None,
        requested_attributes: Some(told.map(Into::into).into_iter().collect()),
        suppress_alert_destinations: true,
    }
}

impl Forward {
    /// The form of 1988, which both editions have.
    fn parameter(&self, user: ORName) -> AutoForwardRegistration {
        let note = self.note.as_ref().map(|note| BodyPart::ia5_text(note));
        let information = ForwardingInformation1988 {
            auto_forwarding_comment: self.comment.as_deref().map(Into::into),
            ia5_cover_note: match note {
                Some(BodyPart::Ia5Text(note)) => Some(note),
                _ => None,
            },
            this_ipm_prefix: self.prefix.as_deref().map(Into::into),
        };
        let recipients = self.to.iter().map(|to| compose::recipient(to.clone().into()));
        AutoForwardRegistration::Parameter88(AutoForwardRegistrationParameter88 {
            filter: self.which.filter.clone(),
            auto_forward_arguments: AutoForwardArguments {
                originator_name: user,
                content_identifier: None,
                priority: None,
                per_message_indicators: None,
                deferred_delivery_time: None,
                extensions: Default::default(),
                per_recipient_fields: recipients.collect(),
            },
            delete_after_auto_forwarding: self.delete,
            forwarding_information: OctetString(information.to_ber()),
        })
    }
}

fn list(list: &List) -> anyhow::Result<()> {
    if list.mailbox.call.edition() == Edition::E1988 {
        bail!("in 1988 a store does not tell what is registered; say --edition 1994");
    }
    let asked = Registrations::of([Registrations::AUTO_ACTION_REGISTRATIONS]);
    let argument = RegisterMSArgument {
        registration_status_request: Some(RegistrationTypes {
            registrations: Some(asked),
            ..RegistrationTypes::default()
        }),
        ..RegisterMSArgument::default()
    };
    let result = list.mailbox.work(async |ua| Ok(ua.register_ms(&argument).await?))?;
    let registrations = match result {
        RegisterMSResult::RegisteredInformation(told) => told.auto_action_registrations,
        RegisterMSResult::NoStatusInformation(_) => None,
    };
    let registered = registrations.into_iter().flat_map(|set| set.0);
    let lines: Vec<_> = registered.map(|one| line(&one)).collect();
    if lines.is_empty() {
        return print("nothing is registered");
    }
    let columns = [Column::text("auto-action"), Column::numbers("number")];
    print(&table::render(&columns, &lines))
}

fn line(one: &AutoActionRegistration) -> Vec<String> {
    let oid = &one.auto_action_type;
    let name = match auto_action_name(oid) {
        Some(name) => name.to_owned(),
        None if *oid == DELAYED_AUTO_FORWARD => "delayed auto-forward".to_owned(),
        None => oid.to_string(),
    };
    vec![name, one.registration_identifier.to_string()]
}
