//! `restante ua register`: what the store keeps for a user (Register-MS, X.413 §8.3.6): defaults,
//! how submissions are stored, and the password. Auto-actions and message-groups have commands of
//! their own.

use std::path::PathBuf;

use anyhow::bail;
use clap::{ArgGroup, Args};
use restante_ber::{Oid, SetOf};
use restante_mhs::x411::Credentials;
use restante_mhs::x413::{
    ChangeCredentials, EntryClass, MSSubmissionOptions, MessageGroupName, RegisterMSArgument,
    RegisterMSResult, RegisteredInformation, RegistrationTypes, Registrations, UARegistration,
    auto_action_name,
};
use restante_mhs::x419::Edition;
use restante_view::value;
use serde_json::{Value as Json, json};

use super::{Mailbox, groups, list, selection};
use crate::output::{self, print};
use crate::password::PasswordSource;

/// Register what the store does where it is not told, and print what is registered
///
/// What is registered takes the place of what was registered of the same kind before. Without
/// anything to register, what there is is printed.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("registrations").multiple(true))]
#[command(after_long_help = "\
Examples:
  restante ua register --user \"…\"
  restante ua register --user \"…\" --list-defaults subject,mt-priority
  restante ua register --user \"…\" --for-agent desk --fetch-defaults subject
  restante ua register --user \"…\" --submit-as submission --submit-to-group sent
  restante ua register --user \"…\" --new-password-file new.txt")]
pub(super) struct Arguments {
    /// The attributes that List tells where none are asked for
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = list::attribute)]
    #[arg(group = "registrations")]
    list_defaults: Vec<Oid>,
    /// List tells the numbers alone
    #[arg(long, group = "registrations", conflicts_with = "list_defaults")]
    no_list_defaults: bool,
    /// The attributes that Fetch tells where none are asked for
    #[arg(long, value_name = "A,B,C", value_delimiter = ',', value_parser = list::attribute)]
    #[arg(group = "registrations")]
    fetch_defaults: Vec<Oid>,
    /// Fetch tells the number alone
    #[arg(long, group = "registrations", conflicts_with = "fetch_defaults")]
    no_fetch_defaults: bool,
    /// Where what is submitted is kept: submission or submission-log
    #[arg(long, group = "registrations", value_name = "CLASS", value_parser = selection::class)]
    submit_as: Option<EntryClass>,
    /// A message-group for what is submitted; again for another one
    #[arg(long, group = "registrations", value_name = "GROUP", value_parser = groups::name)]
    submit_to_group: Vec<MessageGroupName>,
    /// Auto-modify leaves what is submitted alone
    #[arg(long, group = "registrations")]
    submit_unmodified: bool,
    /// Nothing is said of what is submitted
    #[arg(long, group = "registrations")]
    #[arg(conflicts_with_all = ["submit_as", "submit_to_group", "submit_unmodified"])]
    no_submission_defaults: bool,
    /// The defaults are for the user agent that binds with this identifier
    #[arg(long, value_name = "IDENTIFIER", requires = "registrations")]
    for_agent: Option<String>,
    /// Change the password to the first line of this file; - is standard input
    #[arg(long, group = "registrations", value_name = "FILE", conflicts_with = "for_agent")]
    new_password_file: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mailbox = &arguments.mailbox;
    let password = mailbox.password()?;
    let mut argument = arguments.argument();
    if let Some(path) = &arguments.new_password_file {
        let new = PasswordSource::of_file(path.clone()).new_password()?;
        let Ok(new) = String::from_utf8(new) else {
            bail!("the new password is no text; passwords are IA5 text");
        };
        let simple = |password: &str| Credentials::Simple(password.into());
        let (old_credentials, new_credentials) = (simple(&password), simple(&new));
        argument.change_credentials = Some(ChangeCredentials { old_credentials, new_credentials });
    }
    let registers = argument != RegisterMSArgument::default();
    argument.registration_status_request = Some(RegistrationTypes {
        registrations: Some(Registrations::of(0..6)),
        ..RegistrationTypes::default()
    });
    let result = mailbox
        .work_as(Edition::E1994, password, async |ua| Ok(ua.register_ms(&argument).await?))?;
    let told = match result {
        RegisterMSResult::RegisteredInformation(told) => told,
        RegisterMSResult::NoStatusInformation(_) => RegisteredInformation::default(),
    };
    match (arguments.json, registers) {
        (true, _) => output::json(&json(&told)),
        (false, true) => print("registered"),
        (false, false) => print(&text(&told)),
    }
}

impl Arguments {
    fn argument(&self) -> RegisterMSArgument {
        let defaults = |oids: &[Oid], none: bool| {
            (!oids.is_empty() || none).then(|| oids.iter().cloned().collect::<SetOf<_>>())
        };
        let list = defaults(&self.list_defaults, self.no_list_defaults);
        let fetch = defaults(&self.fetch_defaults, self.no_fetch_defaults);
        let submission = self.submission();
        let Some(agent) = &self.for_agent else {
            return RegisterMSArgument {
                list_attribute_defaults: list,
                fetch_attribute_defaults: fetch,
                submission_defaults: submission,
                ..RegisterMSArgument::default()
            };
        };
        let agent = UARegistration {
            ua_registration_identifier: agent.as_str().into(),
            ua_list_attribute_defaults: list,
            ua_fetch_attribute_defaults: fetch,
            ua_submission_defaults: submission,
            content_specific_defaults: None,
        };
        RegisterMSArgument {
            ua_registrations: Some(SetOf(vec![agent])),
            ..RegisterMSArgument::default()
        }
    }

    fn submission(&self) -> Option<MSSubmissionOptions> {
        let groups = &self.submit_to_group;
        let options = MSSubmissionOptions {
            object_entry_class: self.submit_as,
            disable_auto_modify: self.submit_unmodified,
            add_message_group_names: (!groups.is_empty()).then(|| SetOf(groups.clone())),
            ms_submission_extensions: None,
        };
        let some = options != MSSubmissionOptions::default() || self.no_submission_defaults;
        some.then_some(options)
    }
}

/// Names of attributes.
fn names(oids: Option<&SetOf<Oid>>) -> Option<Vec<String>> {
    oids.map(|oids| oids.0.iter().map(value::name).collect())
}

fn submission(options: &MSSubmissionOptions) -> Json {
    let class = options.object_entry_class;
    let groups = options.add_message_group_names.iter().flat_map(|groups| &groups.0);
    json!({
        "class": class.map(|class| class.name().unwrap_or_else(|| class.0.to_string())),
        "groups": groups.map(|group| groups::text(group)).collect::<Vec<_>>(),
        "unmodified": options.disable_auto_modify,
    })
}

/// What is registered, for programs.
fn json(told: &RegisteredInformation) -> Json {
    let auto_actions = told.auto_action_registrations.iter().flat_map(|all| &all.0);
    let auto_action = |one: &restante_mhs::x413::AutoActionRegistration| {
        let oid = &one.auto_action_type;
        let name = auto_action_name(oid).map_or_else(|| oid.to_string(), str::to_owned);
        json!({ "auto-action": name, "number": one.registration_identifier })
    };
    let agents = told.ua_registrations.iter().flat_map(|all| &all.0).map(|agent| {
        json!({
            "identifier": agent.ua_registration_identifier.as_str(),
            "list-defaults": names(agent.ua_list_attribute_defaults.as_ref()),
            "fetch-defaults": names(agent.ua_fetch_attribute_defaults.as_ref()),
            "submission-defaults": agent.ua_submission_defaults.as_ref().map(submission),
        })
    });
    let groups = told.message_group_registrations.as_ref();
    json!({
        "list-defaults": names(told.list_attribute_defaults.as_ref()),
        "fetch-defaults": names(told.fetch_attribute_defaults.as_ref()),
        "submission-defaults": told.submission_defaults.as_ref().map(submission),
        "agents": agents.collect::<Vec<_>>(),
        "auto-actions": auto_actions.map(auto_action).collect::<Vec<_>>(),
        "groups": groups::json(groups.map_or(&[], |groups| &groups.0)),
    })
}

/// What is registered, for people: a line for each kind.
fn text(told: &RegisteredInformation) -> String {
    let json = json(told);
    let mut lines = String::new();
    for kind in ["list-defaults", "fetch-defaults"] {
        lines.push_str(&format!("{kind}: {}\n", words(&json[kind])));
    }
    let stored = |told: &Json| match told {
        Json::Null => "as the store is set".to_owned(),
        told => {
            let class = told["class"].as_str().unwrap_or("as the store is set");
            let unmodified = told["unmodified"].as_bool().unwrap_or(false);
            let unmodified = if unmodified { ", not modified" } else { "" };
            format!("{class}, groups: {}{unmodified}", words(&told["groups"]))
        }
    };
    lines.push_str(&format!("submissions: {}\n", stored(&json["submission-defaults"])));
    for agent in json["agents"].as_array().into_iter().flatten() {
        let identifier = agent["identifier"].as_str().unwrap_or_default();
        let (list, fetch) = (words(&agent["list-defaults"]), words(&agent["fetch-defaults"]));
        let submissions = stored(&agent["submission-defaults"]);
        let identifier = restante_view::text::line(identifier);
        lines.push_str(&format!("user agent {identifier}: list-defaults: {list}; "));
        lines.push_str(&format!("fetch-defaults: {fetch};\n  submissions: {submissions}\n"));
    }
    let count = |kind: &str| json[kind].as_array().map_or(0, Vec::len);
    let counts = (count("auto-actions"), count("groups"));
    lines.push_str(&format!("auto-actions: {}, message-groups: {}\n", counts.0, counts.1));
    lines
}

/// A list in words.
fn words(list: &Json) -> String {
    let all: Vec<_> = list.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
