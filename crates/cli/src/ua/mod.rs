//! `restante ua`: a user agent on the command line (P7). Each command is one association: bind,
//! its operations, unbind.

use clap::{Args, Subcommand};
use restante_client::{UserAgent, p7::MsBind};
use restante_mhs::x411::ORAddress;
use restante_mhs::x419::{Edition, Protocol};

use crate::{call::Call, failure::Failure};

mod acknowledge;
mod auto_action;
pub(crate) mod delete;
mod drafts;
pub(crate) mod fetch;
mod forward;
mod groups;
pub(crate) mod list;
mod modify;
pub(crate) mod numbers;
mod register;
mod register_mts;
mod reply;
mod search;
pub(crate) mod selection;
mod send;
pub(crate) mod summarize;
mod watch;

/// Read a mailbox and send messages over P7
///
/// Addresses are written in either form of F.401: /CN=…/O=…/C=…/ or CN=…; O=…; C=… The password
/// is asked for, or read from a file; see --password-file.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua list --user \"/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/\"
  restante ua list --user \"CN=Alice; O=Example; P=PEER; C=GB\" --status new --json
  restante ua fetch 3 --user \"…\" --password-file alice.txt --save messages
  restante ua delete 3,5-9 --user \"…\"
  restante ua send --user \"…\" --to \"…\" --subject Hello \"Hi!\"
  restante ua list --user \"…\" --trace --capture list.pcap")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Search(search::Arguments),
    Summarize(summarize::Arguments),
    Fetch(fetch::Arguments),
    Delete(delete::Arguments),
    Send(send::Arguments),
    Reply(reply::Arguments),
    Forward(forward::Arguments),
    Probe(send::Probe),
    Cancel(send::Cancel),
    Modify(modify::Arguments),
    Groups(groups::Arguments),
    Drafts(drafts::Arguments),
    Watch(watch::Arguments),
    Register(register::Arguments),
    #[command(name = "register-mts")]
    RegisterMts(register_mts::Arguments),
    #[command(name = "auto-action")]
    AutoActions(auto_action::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::List(arguments) => list::run(arguments)?,
        Action::Search(arguments) => search::run(arguments)?,
        Action::Summarize(arguments) => summarize::run(arguments)?,
        Action::Fetch(arguments) => fetch::run(arguments)?,
        Action::Delete(arguments) => delete::run(arguments)?,
        Action::Send(arguments) => send::run(arguments)?,
        Action::Reply(arguments) => reply::run(arguments)?,
        Action::Forward(arguments) => forward::run(arguments)?,
        Action::Probe(arguments) => send::probe(arguments)?,
        Action::Cancel(arguments) => send::cancel(arguments)?,
        Action::Modify(arguments) => modify::run(arguments)?,
        Action::Groups(arguments) => groups::run(arguments)?,
        Action::Drafts(arguments) => drafts::run(arguments)?,
        Action::Register(arguments) => register::run(arguments)?,
        Action::Watch(arguments) => watch::run(arguments)?,
        Action::RegisterMts(arguments) => register_mts::run(arguments)?,
        Action::AutoActions(arguments) => auto_action::run(arguments)?,
    }
    Ok(())
}

/// Whose mailbox, and how to bind to it.
#[derive(Debug, Args)]
struct Mailbox {
    /// The O/R address of the user whose mailbox it is
    #[arg(long, value_name = "O/R-ADDRESS", help_heading = "Association")]
    user: ORAddress,
    #[command(flatten)]
    call: Call,
}

impl Mailbox {
    /// Asks for the password where it must; then binds, works, and unbinds.
    fn work<T>(
        &self,
        work: impl AsyncFnOnce(&mut UserAgent) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.work_as(self.call.edition(), self.password()?, work)
    }

    /// The same with what came in 1994, whatever edition is asked for.
    fn work_later<T>(
        &self,
        work: impl AsyncFnOnce(&mut UserAgent) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.work_as(Edition::E1994, self.password()?, work)
    }

    fn password(&self) -> anyhow::Result<String> {
        self.call.password(&self.user.to_string())
    }

    fn work_as<T>(
        &self,
        edition: Edition,
        password: String,
        work: impl AsyncFnOnce(&mut UserAgent) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut bind = MsBind::new(self.user.clone().into(), password);
        bind.edition = edition;
        bind.reliable = self.call.context(Protocol::P7)?.is_some_and(|context| context.reliable);
        let options = self.call.options()?;
        crate::call::run("restante user list", async {
            let (mut user_agent, _) = UserAgent::bind(options, &bind).await?;
            let done = work(&mut user_agent).await;
            if done.as_ref().err().is_none_or(crate::call::is_answer) {
                user_agent.unbind().await?;
            }
            done
        })
    }
}
