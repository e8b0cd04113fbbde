//! `restante mta deliver`: message-delivery (X.411), one or many.

use std::{path::PathBuf, time::Instant};

use anyhow::Context;
use clap::Args;
use restante_ber::{Encode, Rope, UtcTime};
use restante_client::{Mta, compose, p3};
use restante_mhs::x411::{
    ContentType, EncodedInformationTypes, MessageDeliveryArgument, ORAddress, ORName, Priority,
};
use restante_mhs::x420::{BodyPart, amhs::ATSMessageHeader};

use super::{Peer, content_type};
use crate::{
    draft::{self, local_identifier, read},
    output, time,
};

/// Deliver a message
///
/// The message is an interpersonal message with a text, from the command line or standard input,
/// and files; or any content of any type, as it is in a file. Each recipient gets a delivery of
/// its own.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta deliver --mta mta1 --to \"/CN=Alice/…\" --from \"/CN=Bob/…\" \\
    --subject Hello \"Hi!\"
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" --ats FF --ohi \"K\" < notam.txt
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" \\
    --content-type 1.3.26.0.4406.0.4.1 --content order.ber
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" --count 10000 --outstanding 9 load")]
pub(super) struct Arguments {
    /// The text; standard input where it is left out and there is no other content
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// The O/R address of a recipient; again for another one
    #[arg(long, required = true, value_name = "O/R-ADDRESS")]
    to: Vec<ORAddress>,
    /// The O/R address of the originator
    #[arg(long, value_name = "O/R-ADDRESS")]
    from: ORAddress,
    /// What the message is about
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    subject: String,
    /// A file as a body part (file-transfer); again for another one
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Put an ATS header with this priority indicator before the text: SS, DD, FF, GG or KK
    #[arg(long, value_name = "PRIORITY", value_parser = ["SS", "DD", "FF", "GG", "KK"])]
    ats: Option<String>,
    /// Optional heading information of the ATS header
    #[arg(long, value_name = "TEXT", requires = "ats")]
    ohi: Option<String>,
    /// The priority: non-urgent, normal or urgent
    #[arg(long, default_value = "normal", value_parser = crate::ua::selection::priority)]
    priority: Priority,
    /// The type of the content: a number or an object identifier
    #[arg(long, value_name = "TYPE", default_value = "22", value_parser = content_type)]
    content_type: ContentType,
    /// A file that is the content, as it is; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["text", "attach", "subject", "ats"])]
    content: Option<PathBuf>,
    /// How many times to deliver it
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: u32,
    /// How many deliveries may wait for their answers
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    outstanding: u32,
    #[command(flatten)]
    peer: Peer,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // Where both come from standard input, the password is its first line.
    let password = arguments.peer.password()?;
    let now = time::now();
    let (content, types) = arguments.content(now)?;
    let delivery = |number: u32, to: &ORAddress| {
        let identifier = compose::mts_identifier(&arguments.from, &local_identifier(now, number));
        let from = ORName::from(arguments.from.clone());
        let mut delivery =
            compose::delivery(identifier, from, to.clone().into(), content.clone(), now);
        let fields = &mut delivery.other_fields;
        fields.priority = arguments.priority;
        fields.content_type = arguments.content_type.clone().into();
        fields.original_encoded_information_types = types.clone();
        delivery
    };
    let deliveries = (1..=arguments.count)
        .flat_map(|round| arguments.to.iter().map(move |to| (round, to)))
        .zip(1..)
        .map(|((_, to), number)| delivery(number, to));
    let begin = Instant::now();
    let outstanding = arguments.outstanding;
    let delivered =
        arguments.peer.work(password, async |mta| deliver(mta, deliveries, outstanding).await)?;
    let seconds = begin.elapsed().as_secs_f64();
    let (octets, plural) = (content.len(), if delivered == 1 { "" } else { "s" });
    output::print(&format!(
        "{delivered} message{plural} of {octets} octets delivered in {seconds:.3} s"
    ))
}

/// Delivers, with a number of deliveries under way at a time; returns how many were taken.
async fn deliver(
    mta: &mut Mta,
    deliveries: impl Iterator<Item = MessageDeliveryArgument>,
    outstanding_max: u32,
) -> anyhow::Result<u32> {
    let mut deliveries = deliveries.peekable();
    let (mut outstanding, mut delivered) = (0, 0);
    while outstanding > 0 || deliveries.peek().is_some() {
        if outstanding < outstanding_max
            && let Some(delivery) = deliveries.next()
        {
            mta.begin_delivery(delivery.to_rope()).await?;
            outstanding += 1;
            continue;
        }
        let (_, answer) = mta.any_answer().await?;
        outstanding -= 1;
        let result = answer.into_result(p3::error_text);
        result.with_context(|| format!("refused, after {delivered} were taken"))?;
        delivered += 1;
    }
    Ok(delivered)
}

impl Arguments {
    /// The content, and the encoded information types in it where it is composed here.
    fn content(&self, now: UtcTime) -> anyhow::Result<(Rope, Option<EncodedInformationTypes>)> {
        if let Some(path) = &self.content {
            return Ok((read(path)?, None));
        }
        let mut body = Vec::new();
        let alone = self.attach.is_empty();
        if let Some(text) = draft::text(self.text.as_deref(), alone)? {
            body.push(match &self.ats {
                Some(priority) => BodyPart::ia5_text(&self.ats_text(priority, &text, now)),
                None => compose::text(&text),
            });
        }
        body.extend(draft::files(&self.attach)?);
        let types = compose::encoded_information_types(&body);
        let to: Vec<_> = self.to.iter().cloned().map(ORName::from).collect();
        let from = ORName::from(self.from.clone());
        let identifier = local_identifier(now, 0);
        let message = compose::ipm(&identifier, &from, &to, &self.subject, body);
        Ok((compose::content(message), Some(types)))
    }

    fn ats_text(&self, priority: &str, text: &str, now: UtcTime) -> String {
        let header = ATSMessageHeader {
            priority: priority.to_owned(),
            filing_time: now.text().chars().skip(4).take(6).collect(),
            optional_heading_info: self.ohi.clone(),
        };
        let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
        header.with_text(&text)
    }
}
