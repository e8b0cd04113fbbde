//! `restante ua register-mts`: what may be delivered, and to whom else (register, X.411
//! §8.4.1.1).
//! The store passes it to its MTA. It is another operation than Register-MS, which is between a
//! user and the store alone.

use clap::{ArgGroup, Args};
use restante_mhs::x411::{
    ContentType, Extensions, LabelAndRedirection, MessageClass, MessageClassObjects, ORAddress,
    ORName, RecipientRedirection, Register88, RegisterArgument,
};
use restante_mhs::x419::{Edition, mts_access};

use super::Mailbox;
use crate::output;

/// Register with the MTA what may be delivered
///
/// What is registered takes the place of what was registered of the same kind before. Who it is
/// that is registered, and under which address, is for whoever runs the MTA to change.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("registrations").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  restante ua register-mts --user \"/CN=Alice/…\" --max-length 100000
  restante ua register-mts --user \"…\" --content-type 22 --content-type 2
  restante ua register-mts --user \"…\" --redirect-to \"/CN=Bob/…\"
  restante ua register-mts --user \"…\" --no-redirection")]
pub(super) struct Arguments {
    /// The longest content that may be delivered, in octets
    #[arg(long, group = "registrations", value_name = "OCTETS")]
    max_length: Option<u32>,
    /// A type of content that may be delivered: a number or an object identifier; again for more
    #[arg(long, group = "registrations", value_name = "TYPE")]
    #[arg(value_parser = crate::mta::content_type)]
    content_type: Vec<ContentType>,
    /// Who gets what would be delivered
    #[arg(long, group = "registrations", value_name = "O/R-ADDRESS")]
    redirect_to: Option<ORAddress>,
    /// Nobody else gets it any more
    #[arg(long, group = "registrations", conflicts_with = "redirect_to")]
    no_redirection: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { mailbox, .. } = arguments;
    let register = mts_access::OP_REGISTER;
    mailbox.work(async |ua| {
        match mailbox.call.edition() {
            Edition::E1988 => ua.call(register, &arguments.of_1988()).await?,
            Edition::E1994 => ua.call(register, &arguments.of_1994()).await?,
        };
        Ok(())
    })?;
    output::print("registered")
}

impl Arguments {
    fn of_1988(&self) -> Register88 {
        let redirection = |to: &ORAddress| LabelAndRedirection {
            recipient_assigned_alternate_recipient: Some(ORName::from(to.clone())),
            ..LabelAndRedirection::default()
        };
        let types = &self.content_type;
        Register88 {
            deliverable_maximum_content_length: self.max_length.map(i64::from),
            deliverable_content_types: (!types.is_empty())
                .then(|| types.iter().cloned().collect()),
            labels_and_redirections: (self.redirect_to.is_some() || self.no_redirection)
                .then(|| self.redirect_to.iter().map(redirection).collect()),
            ..Register88::default()
        }
    }

    fn of_1994(&self) -> RegisterArgument {
        let types = &self.content_type;
        let class = MessageClass {
            content_types: (!types.is_empty()).then(|| types.iter().cloned().collect()),
            maximum_content_length: self.max_length.map(i64::from),
            encoded_information_types_constraints: None,
            security_labels: None,
            priority: None,
            objects: MessageClassObjects::BOTH,
            applies_only_to: None,
            extensions: Extensions::default(),
        };
        let redirection = |to: &ORAddress| RecipientRedirection {
            redirection_classes: None,
            recipient_assigned_alternate_recipient: Some(ORName::from(to.clone())),
        };
        RegisterArgument {
            deliverable_class: (self.max_length.is_some() || !types.is_empty())
                .then(|| [class].into_iter().collect()),
            redirections: (self.redirect_to.is_some() || self.no_redirection)
                .then(|| self.redirect_to.iter().map(redirection).collect()),
            ..RegisterArgument::default()
        }
    }
}
