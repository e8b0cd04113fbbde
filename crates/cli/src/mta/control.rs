//! `restante mta control`: what a store holds off (delivery-control, X.411 §8.3.1.3), as the MTA
//! is told; and what an MTA lets a store submit (submission-control, §8.2.1.4).

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use restante_ber::{Decode, Encode};
use restante_client::{ClientError, Indication, Mta};
use restante_mhs::{
    x411::{
        ContentLength, ContentType, DeliveryControlArgument, DeliveryControlResult,
        DeliveryControls88, Operations, Priority, SubmissionControlArgument,
    },
    x419::{Edition, mts_access},
};
use restante_osi::x880::{Code, InvokeProblem};
use tokio::time::{Instant, timeout, timeout_at};

use super::Peer;
use crate::output;

/// See what a store holds off
///
/// Binds as an MTA that delivers, and prints each delivery-control that the store invokes: at once
/// what is held now, then what changes.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta control --mta mta1
  restante mta control --mta mta1 --watch 600")]
pub(super) struct Arguments {
    /// How long to stay and print what changes, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    watch: u32,
    #[command(flatten)]
    peer: Peer,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let password = arguments.peer.password()?;
    arguments.peer.work(password, async |mta| {
        let until = Instant::now() + Duration::from_secs(arguments.watch.into());
        // Whatever the store has to say first comes before its answer to this.
        mta.control(&Controls::default().argument()).await?;
        let mut told = heed(mta).await?;
        let held = told.pop().unwrap_or_else(|| EVERYTHING.to_owned());
        output::print(&held)?;
        while let Ok(indication) = timeout_at(until, mta.next()).await {
            output::print(&answer(mta, &indication?).await?)?;
        }
        Ok(())
    })
}

/// What is said of a store that holds nothing off.
const EVERYTHING: &str = "everything is taken";

/// Answers the delivery-controls that have come; what each says.
pub(super) async fn heed(mta: &mut Mta) -> Result<Vec<String>, ClientError> {
    let mut told = Vec::new();
    while let Ok(indication) = timeout(Duration::ZERO, mta.next()).await {
        told.push(answer(mta, &indication?).await?);
    }
    Ok(told)
}

/// Answers a delivery-control, and rejects all else; what it says.
async fn answer(mta: &mut Mta, indication: &Indication) -> Result<String, ClientError> {
    let argument = indication.argument.clone().unwrap_or_default();
    let is_control = indication.operation == Code::Local(mts_access::OP_DELIVERY_CONTROL);
    let control = match (is_control, mta.context().edition) {
        (false, _) => None,
        (true, Edition::E1988) => DeliveryControls88::from_bytes(&argument).ok().map(|control| {
            let length = control.permissible_maximum_content_length;
            let types = control.permissible_content_types.map(|types| types.0);
            let operations = control.permissible_operations;
            text(control.restrict, operations, length, control.permissible_lowest_priority, types)
        }),
        (true, Edition::E1994) => {
            DeliveryControlArgument::from_bytes(&argument).ok().map(|control| {
                let length = control.permissible_maximum_content_length;
                let types = control.permissible_content_types.map(|types| types.0);
                let (operations, lowest) =
                    (control.permissible_operations, control.permissible_lowest_priority);
                text(control.restrict, operations, length, lowest, types)
            })
        }
    };
    let Some(text) = control else {
        mta.reject(indication.invoke_id, InvokeProblem::MISTYPED_ARGUMENT).await?;
        return Ok("what the store invoked is no delivery-control: rejected".to_owned());
    };
    mta.result(indication.invoke_id, DeliveryControlResult::default().to_rope()).await?;
    Ok(text)
}

/// What is taken, in words.
fn text(
    restrict: bool,
    operations: Option<Operations>,
    length: Option<ContentLength>,
    lowest: Option<Priority>,
    types: Option<Vec<ContentType>>,
) -> String {
    let mut parts = Vec::new();
    if restrict {
        let kinds = [
            (Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY, "messages"),
            (Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY, "reports"),
        ];
        for (bit, what) in kinds {
            if operations.as_ref().is_some_and(|operations| !operations.has(bit)) {
                parts.push(format!("no {what}"));
            }
        }
        parts.extend(length.map(|most| format!("at most {most} octets")));
        parts.extend(lowest.map(|least| format!("{least} or more urgent")));
        parts.extend(types.map(|types| {
            let types: Vec<_> = types.iter().map(ToString::to_string).collect();
            format!("content-types {}", types.join(", "))
        }));
    }
    match parts.is_empty() {
        true => EVERYTHING.to_owned(),
        false => parts.join(", "),
    }
}

/// What stores may submit.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Submission-control")]
pub(super) struct Controls {
    /// No messages may be submitted
    #[arg(long)]
    no_messages: bool,
    /// No probes may be submitted
    #[arg(long)]
    no_probes: bool,
    /// No content that is longer may be submitted
    #[arg(long, value_name = "OCTETS")]
    max_octets: Option<u32>,
    /// Nothing less urgent may be submitted: non-urgent, normal or urgent
    #[arg(long, value_name = "PRIORITY", value_parser = crate::ua::selection::priority)]
    lowest_priority: Option<Priority>,
}

impl Controls {
    /// Whether anything is said.
    fn restrict(&self) -> bool {
        let limits = self.max_octets.is_some() || self.lowest_priority.is_some();
        self.no_messages || self.no_probes || limits
    }

    fn argument(&self) -> SubmissionControlArgument {
        let kinds = [
            (self.no_messages, Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY),
            (self.no_probes, Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY),
        ];
        let restrict = self.restrict();
        let allowed = kinds.into_iter().filter(|(held, _)| !held).map(|(_, bit)| bit);
        SubmissionControlArgument {
            restrict,
            permissible_operations: restrict.then(|| Operations::of(allowed)),
            permissible_maximum_content_length: self.max_octets.map(Into::into),
            permissible_lowest_priority: self.lowest_priority,
            permissible_content_types: None,
            permissible_encoded_information_types: None,
            permissible_security_context: None,
        }
    }

    /// Tells a store that has bound, where there is anything to tell.
    pub(super) async fn tell(&self, store: &mut Mta) -> anyhow::Result<()> {
        if !self.restrict() {
            return Ok(());
        }
        store.control(&self.argument()).await.context("submission-control is not accepted")?;
        output::print("submission-control accepted")
    }
}
