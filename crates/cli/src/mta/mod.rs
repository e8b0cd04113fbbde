//! `restante mta`: an MTA on the command line (P3), that delivers to a store, or that takes what
//! stores submit. It routes nothing.

use clap::{Args, Subcommand};
use restante_ber::Oid;
use restante_client::{Mta, p3::MtsBind};
use restante_mhs::x411::{BuiltInContentType, ContentType};
use restante_mhs::x419::Protocol;

use crate::{call::Call, failure::Failure};

mod control;
mod deliver;
mod report;
mod serve;

pub(crate) use report::identifier;

/// Deliver to a store over P3, or take what it submits
///
/// An MTA that delivers must be known to the store: restante mta-peer add NAME.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta deliver --mta mta1 --to \"/CN=Alice/…\" --from \"/CN=Bob/…\" \\
    --subject Hello \"Hi!\"
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" --attach chart.png < text.txt
  restante mta report --mta mta1 --to \"/CN=Alice/…\" \\
    --subject-id \"[/PRMD=PEER/ADMD= /C=GB/;7]\" \\
    --non-delivered \"/CN=Carol/…\" --diagnostic recipient-unavailable
  restante mta serve --mta mta1 --listen Internet=127.0.0.1+3005 --loop")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Control(control::Arguments),
    Deliver(deliver::Arguments),
    Report(report::Arguments),
    Serve(serve::Arguments),
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.action {
        Action::Control(arguments) => control::run(&arguments)?,
        Action::Deliver(arguments) => deliver::run(&arguments)?,
        Action::Report(arguments) => report::run(&arguments)?,
        Action::Serve(arguments) => serve::run(arguments)?,
    }
    Ok(())
}

/// Which MTA binds, and how.
#[derive(Debug, Args)]
struct Peer {
    /// The MTA-name with which to bind
    #[arg(long, value_name = "NAME", help_heading = "Association")]
    mta: String,
    #[command(flatten)]
    call: Call,
}

impl Peer {
    /// The MTA's password; asked for where it must be.
    fn password(&self) -> anyhow::Result<String> {
        self.call.password(&self.mta)
    }

    /// Binds, works, and unbinds.
    fn work<T>(
        &self,
        password: String,
        work: impl AsyncFnOnce(&mut Mta) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut bind = MtsBind::new(self.mta.as_str(), password);
        bind.edition = self.call.edition();
        if let Some(context) = self.call.context(Protocol::P3)? {
            (bind.forced, bind.reliable) = (context.forced, context.reliable);
        }
        let options = self.call.options()?;
        crate::call::run("restante mta-peer list", async {
            let (mut mta, _) = Mta::bind(options, &bind).await?;
            let done = work(&mut mta).await;
            if done.as_ref().err().is_none_or(crate::call::is_answer) {
                mta.unbind().await?;
            }
            done
        })
    }
}

/// A content type as typed: a number of X.411 or an object identifier.
pub(crate) fn content_type(text: &str) -> Result<ContentType, &'static str> {
    if let Ok(number) = text.parse() {
        return Ok(ContentType::BuiltIn(BuiltInContentType(number)));
    }
    let oid = text.parse::<Oid>();
    oid.map(ContentType::of_oid).map_err(|_| {
        "a content type is a number, such as 22 for P22, or an object identifier, such as \
         1.3.26.0.4406.0.4.1"
    })
}
