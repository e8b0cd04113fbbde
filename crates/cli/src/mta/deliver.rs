//! `restante mta deliver`: message-delivery (X.411), one or many.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::{ArgGroup, Args};
use restante_ber::{Encode, Rope, UtcTime};
use restante_client::{ClientError, Mta, compose, p3};
use restante_mhs::x411::{
    ContentType, EncodedInformationTypes, MessageDeliveryArgument, ORAddress, ORName, Priority,
};
use restante_mhs::x419::mts_access;
use restante_mhs::x420::{BodyPart, IPM, amhs::ATSMessageHeader};
use restante_osi::x880::Code;

use super::{Peer, content_type, control};
use crate::{
    draft::{self, Attachment, Draft, Recipient, local_identifier, read},
    output, time,
};

/// Deliver a message
///
/// The message is an interpersonal message with a text, from the command line or standard input,
/// and files; or any content of any type, as it is in a file. Each recipient gets a delivery of
/// its own. A draft is what it is for restante ua send; what it says of submission says nothing
/// here.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("recipients").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  restante mta deliver --mta mta1 --to \"/CN=Alice/…\" --from \"/CN=Bob/…\" \\
    --subject Hello \"Hi!\"
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" --ats FF --ohi \"K\" < notam.txt
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" \\
    --content-type 1.3.26.0.4406.0.4.1 --content order.ber
  restante mta deliver --mta mta1 --draft draft.txt --from \"…\" --wait 600
  restante mta deliver --mta mta1 --to \"…\" --from \"…\" --count 10000 --outstanding 9 load")]
pub(super) struct Arguments {
    /// The text; standard input where it is left out and there is no other content
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// The O/R address of a recipient; again for another one
    #[arg(long, group = "recipients", value_name = "O/R-ADDRESS")]
    to: Vec<Recipient>,
    /// A file with recipients, other fields and text; what is given here is added or comes first
    #[arg(long, group = "recipients", value_name = "FILE")]
    #[arg(conflicts_with_all = ["text", "content"])]
    draft: Option<PathBuf>,
    /// The O/R address of the originator
    #[arg(long, value_name = "O/R-ADDRESS")]
    from: ORAddress,
    /// What the message is about
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    subject: String,
    /// A file as a body part (file-transfer); again for another one
    #[arg(long, value_name = "FILE")]
    attach: Vec<Attachment>,
    /// Put an ATS header with this priority indicator before the text: SS, DD, FF, GG or KK
    #[arg(long, value_name = "PRIORITY", value_parser = ["SS", "DD", "FF", "GG", "KK"])]
    ats: Option<String>,
    /// Optional heading information of the ATS header
    #[arg(long, value_name = "TEXT", requires = "ats")]
    ohi: Option<String>,
    /// The priority: non-urgent, normal (where nothing is said) or urgent
    #[arg(long, value_name = "PRIORITY", value_parser = crate::ua::selection::priority)]
    priority: Option<Priority>,
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
    /// How long to keep what the store holds off and to try it again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0, conflicts_with = "outstanding")]
    wait: u32,
    #[command(flatten)]
    peer: Peer,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // Where both come from standard input, the password is its first line.
    let password = arguments.peer.password()?;
    let now = time::now();
    let draft = arguments.draft()?;
    let (content, types) = arguments.content(&draft, now)?;
    let delivery = |number: u32, to: &ORAddress| {
        let identifier = compose::mts_identifier(&arguments.from, &local_identifier(now, number));
        let from = ORName::from(arguments.from.clone());
        let mut delivery =
            compose::delivery(identifier, from, to.clone().into(), content.clone(), now);
        let fields = &mut delivery.other_fields;
        fields.priority = draft.priority.unwrap_or(Priority::NORMAL);
        fields.content_type = arguments.content_type.clone().into();
        fields.original_encoded_information_types = types.clone();
        delivery
    };
    let to: Vec<_> = [&draft.to, &draft.cc, &draft.bcc].into_iter().flatten().collect();
    let deliveries = (1..=arguments.count)
        .flat_map(|round| to.iter().map(move |to| (round, &to.address)))
        .zip(1..)
        .map(|((_, to), number)| delivery(number, to));
    let begin = Instant::now();
    let patience = Duration::from_secs(arguments.wait.into());
    let delivered = arguments.peer.work(password, async |mta| match patience.is_zero() {
        true => deliver(mta, deliveries, arguments.outstanding).await,
        false => deliver_patiently(mta, deliveries, begin + patience).await,
    })?;
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

/// How long what was held off is kept before it is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Delivers one after the other; what the store holds off is kept and tried again until then.
async fn deliver_patiently(
    mta: &mut Mta,
    deliveries: impl Iterator<Item = MessageDeliveryArgument>,
    until: Instant,
) -> anyhow::Result<u32> {
    let mut delivered = 0;
    let mut held = false;
    for delivery in deliveries {
        loop {
            control::heed(mta).await?;
            let error = match mta.deliver(delivery.to_rope()).await {
                Ok(_) => break,
                Err(error) => error,
            };
            let code = Code::Local(mts_access::ERR_DELIVERY_CONTROL_VIOLATED);
            let waits = match &error {
                ClientError::Operation(error) => error.code == code && Instant::now() < until,
                _ => false,
            };
            if !waits {
                let text = format!("refused, after {delivered} were taken");
                return Err(anyhow::Error::from(error).context(text));
            }
            if !std::mem::replace(&mut held, true) {
                output::remark("the store holds it off; it is tried again");
            }
            tokio::time::sleep(PAUSE).await;
        }
        (held, delivered) = (false, delivered + 1);
    }
    Ok(delivered)
}

impl Arguments {
    /// The draft, with what the options say in its place.
    fn draft(&self) -> anyhow::Result<Draft> {
        let mut draft = self.draft.as_deref().map(Draft::read).transpose()?.unwrap_or_default();
        draft.to.splice(..0, self.to.iter().cloned());
        if !self.subject.is_empty() {
            draft.subject.clone_from(&self.subject);
        }
        draft.text = draft.text.or_else(|| self.text.clone());
        draft.priority = self.priority.or(draft.priority);
        draft.attach.splice(..0, self.attach.iter().cloned());
        Ok(draft)
    }

    /// The content, and the encoded information types in it where it is composed here.
    fn content(
        &self,
        draft: &Draft,
        now: UtcTime,
    ) -> anyhow::Result<(Rope, Option<EncodedInformationTypes>)> {
        if let Some(path) = &self.content {
            return Ok((read(path)?, None));
        }
        let mut body = Vec::new();
        let alone = draft.attach.is_empty();
        if let Some(text) = draft::text(draft.text.as_deref(), alone)? {
            body.push(match &self.ats {
                Some(priority) => BodyPart::ia5_text(&self.ats_text(priority, &text, now)),
                None => compose::text(&text),
            });
        }
        body.extend(draft::files(&draft.attach)?);
        let types = compose::encoded_information_types(&body);
        let heading = draft.heading(&local_identifier(now, 0), &self.from.clone().into());
        Ok((compose::content(IPM::new(heading, body)), Some(types)))
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
