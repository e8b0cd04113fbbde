//! `restante ua reply`: a message that replies to one in the mailbox (X.420 §7.1.8), to those that
//! its heading names.

use anyhow::{Context, bail};
use clap::Args;
use restante_ber::Decode;
use restante_mhs::x411::ORAddress;
use restante_mhs::x413::{EntryClass, FetchItem, SequenceNumber};
use restante_mhs::x420::{Heading, InformationObject, ORDescriptor};

use super::{
    Mailbox, fetch, numbers,
    send::{About, Composition, submit_all},
};
use crate::{draft::Draft, output, time};

/// Reply to a message
///
/// The reply goes to those whom the message names for replies, or to its originator, and says
/// which message it replies to.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante ua reply 3 --user \"/CN=Alice/…\" \"Thank you.\"
  restante ua reply 3 --user \"…\" --all --attach chart.png < text.txt")]
pub(super) struct Arguments {
    /// The number of the entry
    #[arg(value_parser = numbers::number)]
    number: u32,
    #[command(flatten)]
    composition: Composition,
    /// Send copies to all others that the message went to
    #[arg(long)]
    all: bool,
    /// What the reply is about, in place of Re: and the subject of the message
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let Arguments { composition, mailbox, .. } = arguments;
    composition.check(mailbox)?;
    // Before the store has to wait for it.
    let mut draft = composition.over(Draft::default());
    let body = composition.body(&draft, true)?;
    let lines = mailbox.work(async |ua| {
        let item = FetchItem::Precise(SequenceNumber(arguments.number));
        let (entry, _) = fetch::fetch(ua, EntryClass::DELIVERY, item).await?;
        let content = entry.content().context("the entry has no content; it is a report")?;
        let Ok(InformationObject::Ipm(message)) =
            InformationObject::from_bytes(&content.to_bytes())
        else {
            bail!("the entry is no interpersonal message");
        };
        let outgoing = outgoing(&message.heading, &mailbox.user, arguments.all)?;
        draft.subject = arguments.subject.clone().unwrap_or(outgoing.subject);
        draft.to = outgoing.to.into_iter().map(Into::into).collect();
        draft.cc = outgoing.cc.into_iter().map(Into::into).collect();
        let replied_to_ipm = Some(message.heading.this_ipm.clone());
        let about = About { replied_to_ipm, forward: None };
        let messages = composition.messages(&draft, &about, &body, &mailbox.user, time::now());
        submit_all(ua, &messages).await
    })?;
    output::print(&lines)
}

/// To whom a reply goes, and what it is about.
struct Outgoing {
    subject: String,
    to: Vec<ORAddress>,
    cc: Vec<ORAddress>,
}

/// To whom a reply to a message goes, and what it is about.
fn outgoing(heading: &Heading, user: &ORAddress, all: bool) -> anyhow::Result<Outgoing> {
    let address = |who: &ORDescriptor| Some(who.formal_name.as_ref()?.address.clone());
    let named = heading.reply_recipients.iter().flatten();
    let mut to: Vec<_> = named.filter_map(address).collect();
    if to.is_empty() {
        to.extend(heading.originator.as_ref().and_then(address));
    }
    if to.is_empty() {
        bail!("the message does not say to whom a reply should go; see restante ua send");
    }
    let others = heading.originator.iter().chain(
        heading.primary_recipients.iter().chain(&heading.copy_recipients).map(|to| &to.recipient),
    );
    let mut cc: Vec<ORAddress> = Vec::new();
    for other in others.filter(|_| all).filter_map(address) {
        if other != *user && !to.contains(&other) && !cc.contains(&other) {
            cc.push(other);
        }
    }
    let subject = heading.subject_text().unwrap_or_default();
    let again = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    Ok(Outgoing {
        subject: if again { subject } else { format!("Re: {subject}").trim_end().to_owned() },
        to,
        cc,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_client::compose;
    use restante_mhs::x411::ORName;

    fn address(name: &str) -> ORAddress {
        format!("/CN={name}/O=Example/C=GB/").parse().unwrap()
    }

    #[test]
    fn a_reply_goes_to_whom_the_heading_names() {
        let [alice, bob, carol] = ["Alice", "Bob", "Carol"].map(address);
        let to = [&alice, &bob].map(|name| ORName::from(name.clone()));
        let message = compose::ipm("7", &carol.clone().into(), &to, "Weather", []);
        let mut heading = message.heading.into_value();
        let reply = outgoing(&heading, &alice, false).unwrap();
        assert_eq!((reply.subject.as_str(), reply.to), ("Re: Weather", vec![carol.clone()]));
        assert!(reply.cc.is_empty());
        // To all but oneself; to another one, where the message says so.
        assert_eq!(outgoing(&heading, &alice, true).unwrap().cc, vec![bob.clone()]);
        heading.reply_recipients = Some(vec![ORName::from(bob.clone()).into()]);
        heading.subject = Some("RE: Weather".to_owned().into());
        let reply = outgoing(&heading, &alice, true).unwrap();
        assert_eq!((reply.to, reply.cc), (vec![bob], vec![carol]));
        assert_eq!(reply.subject, "RE: Weather");
        heading.reply_recipients = None;
        heading.originator = None;
        assert!(outgoing(&heading, &alice, true).is_err());
    }
}
