//! `restante demo`: the whole way of a message in a minute, for newcomers. A store in this
//! process, an MTA that delivers to it and a user agent that reads from it, over real sockets;
//! each step says what happened and is checked.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use restante_client::capture::Capture;
use restante_server::{config::Least, events};

use crate::failure::Failure;

mod deliveries;
mod mailbox;
mod store;
mod story;

use store::{Dial, Store};
use story::Story;

/// See a message go the whole way, from an MTA to a user
///
/// Starts a store on a free port with its data in a temporary directory, delivers messages and a
/// report to it as an MTA (P3), and lists, fetches, filters and deletes them as a user agent (P7).
/// Every step is checked; exit code 1 where something is not as it should be.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante demo
  restante demo --capture demo.pcap         then: tshark -r demo.pcap
  restante demo --trace 2> trace.txt        every PDU of every layer
  restante demo --keep                      then bind to it with: restante ua list …")]
pub(crate) struct Arguments {
    /// Go on running when all is shown, and say how to bind to the store
    #[arg(long)]
    keep: bool,
    /// Print each layer's PDUs to standard error
    #[arg(long)]
    trace: bool,
    /// Record all connections in a file for tshark and Wireshark
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().context("no threads can be had")?;
    runtime.block_on(demo(arguments))?;
    Ok(())
}

async fn demo(arguments: &Arguments) -> anyhow::Result<()> {
    let mut story = Story::default();
    let capture = arguments.capture.as_deref().map(Capture::create).transpose();
    let capture = capture.context("the capture can't be made")?;
    let store = Store::start(&mut story).await?;
    let dial = Dial::new(&store, capture, arguments.trace);
    // A step that can't go on is told like one that went wrong: the store is stopped in order.
    if let Err(error) = tell(&mut story, &store, &dial).await {
        story.check(&format!("could not go on: {error:#}"), false)?;
    }
    let failed = story.end()?;
    if arguments.keep {
        let subscriber = events::subscriber(Least::Info, std::io::stderr);
        tracing::subscriber::set_global_default(subscriber).context("events can't be told")?;
        story.say(&store.invitation())?;
        tokio::signal::ctrl_c().await.context("signals can't be listened for")?;
    }
    store.stop().await?;
    if failed > 0 {
        bail!("{failed} checks failed; look at what went over the wire with --trace or --capture");
    }
    Ok(())
}

async fn tell(story: &mut Story, store: &Store, dial: &Dial) -> anyhow::Result<()> {
    let deliveries = deliveries::deliver(story, store, dial).await?;
    mailbox::read(story, store, dial, &deliveries).await?;
    mailbox::other_user(story, store, dial).await
}
