//! `restante ua groups`: the message-groups of a mailbox (X.413 §6.6, 1994), by Register-MS.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use restante_ber::GeneralString;
use restante_mhs::x413::{
    MessageGroupName, MessageGroupNameAndDescriptor, MessageGroupRegistration,
    MessageGroupsRestriction, RegisterMSArgument, RegisterMSResult, RegistrationTypes,
    Registrations,
};
use serde_json::json;

use super::Mailbox;
use crate::output::{self, print};
use crate::table::{self, Column};

/// List, add, describe and remove message-groups
///
/// Entries are put in groups by restante ua modify, by auto-modify, and when they are submitted.
/// The parts of a name stand between slashes: a group must be there before one that is in it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua groups list --user \"…\"
  restante ua groups add work --user \"…\" --description \"What is to be done\"
  restante ua groups add work/urgent --user \"…\"
  restante ua groups remove work/urgent --user \"…\"")]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(List),
    /// Add a group
    Add(Named),
    /// Describe a group that is there
    Describe(Named),
    Remove(Remove),
}

/// Print the groups
#[derive(Debug, Args)]
struct List {
    /// Only groups in this one
    #[arg(long, value_name = "GROUP", value_parser = name)]
    below: Option<MessageGroupName>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

#[derive(Debug, Args)]
struct Named {
    /// Its name: work, or work/urgent for one in it
    #[arg(value_name = "GROUP", value_parser = name)]
    group: MessageGroupName,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// Remove a group in which there is nothing
#[derive(Debug, Args)]
struct Remove {
    /// Its name
    #[arg(value_name = "GROUP", value_parser = name)]
    group: MessageGroupName,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// The name of a group as people write it.
pub(super) fn name(text: &str) -> anyhow::Result<MessageGroupName> {
    let parts: Vec<_> = text.split('/').map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty()) {
        bail!("`{text}` is no name of a group; its parts stand between slashes: work/urgent");
    }
    Ok(parts.into_iter().map(GeneralString::from).collect())
}

/// The name of a group for people.
pub(super) fn text(name: &[GeneralString]) -> String {
    let parts: Vec<_> = name.iter().map(|part| part.as_str()).collect();
    restante_view::text::line(&parts.join("/"))
}

impl Named {
    fn group(&self) -> MessageGroupNameAndDescriptor {
        MessageGroupNameAndDescriptor {
            message_group_name: self.group.clone(),
            message_group_descriptor: self.description.as_deref().map(Into::into),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let (mailbox, change, done) = match &arguments.action {
        Action::List(list) => return self::list(list),
        Action::Add(named) => {
            let change = MessageGroupRegistration::RegisterGroup(named.group());
            (&named.mailbox, change, format!("added {}", text(&named.group)))
        }
        Action::Describe(named) => {
            let change = MessageGroupRegistration::ChangeDescriptors(named.group());
            (&named.mailbox, change, format!("described {}", text(&named.group)))
        }
        Action::Remove(remove) => {
            let change = MessageGroupRegistration::DeregisterGroup(remove.group.clone());
            (&remove.mailbox, change, format!("removed {}", text(&remove.group)))
        }
    };
    let argument = RegisterMSArgument {
        message_group_registrations: Some(vec![change]),
        ..RegisterMSArgument::default()
    };
    mailbox.work_later(async |ua| Ok(ua.register_ms(&argument).await?))?;
    print(&done)
}

fn list(list: &List) -> anyhow::Result<()> {
    let restriction = list.below.clone().map(|below| MessageGroupsRestriction {
        parent_group: Some(below),
        immediate_descendants_only: false,
        omit_descriptors: false,
    });
    let kinds = Registrations::of([Registrations::MESSAGE_GROUP_REGISTRATIONS]);
    let argument = RegisterMSArgument {
        registration_status_request: Some(RegistrationTypes {
            registrations: Some(kinds),
            restrict_message_groups: restriction,
            ..RegistrationTypes::default()
        }),
        ..RegisterMSArgument::default()
    };
    let result = list.mailbox.work_later(async |ua| Ok(ua.register_ms(&argument).await?))?;
    let RegisterMSResult::RegisteredInformation(told) = result else {
        return Err(anyhow::anyhow!("NULL")).context("the store tells nothing of its groups");
    };
    let groups = told.message_group_registrations.unwrap_or_default().0;
    if list.json {
        return output::json(&json!({ "groups": json(&groups) }));
    }
    if groups.is_empty() {
        return print("no groups");
    }
    let line = |group: &MessageGroupNameAndDescriptor| {
        let description = group.message_group_descriptor.as_ref();
        let description = description.map(|text| restante_view::text::line(text.as_str()));
        vec![text(&group.message_group_name), description.unwrap_or_default()]
    };
    let lines: Vec<_> = groups.iter().map(line).collect();
    print(&table::render(&[Column::text("group"), Column::text("description")], &lines))
}

/// Groups for programs: the parts of their names one by one.
pub(super) fn json(groups: &[MessageGroupNameAndDescriptor]) -> serde_json::Value {
    let group = |group: &MessageGroupNameAndDescriptor| {
        let parts = group.message_group_name.iter().map(|part| part.as_str());
        let description = group.message_group_descriptor.as_ref().map(|text| text.as_str());
        json!({ "name": parts.collect::<Vec<_>>(), "description": description })
    };
    groups.iter().map(group).collect()
}
