//! The messages of the load: encoded once for each recipient, then only their identifiers and
//! their subject are written into the octets. No two of them are the same to the store.

use std::sync::atomic::{AtomicU32, Ordering};

use restante_ber::{Encode, Rope, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{ORAddress, ORName};

/// Where a message's number within its run goes, in both of its identifiers.
const STAMP: &str = "#STAMP##";
/// Where its number within its mailbox and two words go.
const SUBJECT: &str = "#NUMBER WORD1 WORD2";
const WORDS: [&str; 8] = ["alpha", "bravo", "delta", "hotel", "india", "oscar", "romeo", "tango"];
/// Octets of a line of text, with its end.
const LINE: usize = 78;

/// Gives each message of a run its number.
static STAMPS: AtomicU32 = AtomicU32::new(0);

/// A message to one recipient.
#[derive(Clone)]
pub(super) struct Template {
    /// Up to the last octet that differs.
    head: Vec<u8>,
    stamps: Vec<usize>,
    subject: usize,
    tail: Rope,
}

impl Template {
    /// A message with a content of this size, or as small as it can be. `run` is what no other
    /// run's messages have in their identifiers.
    pub(super) fn new(to: &ORAddress, octets: usize, run: &str, now: UtcTime) -> Self {
        let from: ORName = to.clone().into();
        let identifier = format!("{run}{STAMP}");
        let subject = format!("Status report {SUBJECT}");
        let content = |text: &str| {
            let body = [compose::text(text)];
            compose::content(compose::ipm(
                &identifier,
                &from,
                std::slice::from_ref(&from),
                &subject,
                body,
            ))
        };
        let around = content(&text(octets)).len() - octets;
        let content = content(&text(octets.saturating_sub(around)));
        let delivery = compose::delivery(
            compose::mts_identifier(to, &identifier),
            from.clone(),
            from.clone(),
            content,
            now,
        );
        let mut head = delivery.to_rope().to_bytes().to_vec();
        let stamps = places(&head, STAMP);
        let subject = places(&head, SUBJECT).into_iter().max().unwrap_or_default();
        let tail = Rope::from(head.split_off(subject + SUBJECT.len()));
        Self { head, stamps, subject, tail }
    }

    /// A message that the store has not seen; `number` is told in its subject.
    pub(super) fn message(&self, number: usize) -> Rope {
        let stamp = format!("{:08x}", STAMPS.fetch_add(1, Ordering::Relaxed));
        let [first, second] = [number, number / WORDS.len()].map(|at| WORDS[at % WORDS.len()]);
        let subject = format!("{:07} {first} {second}", number % 10_000_000);
        let mut head = self.head.clone();
        let mut put =
            |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
        self.stamps.iter().for_each(|at| put(*at, &stamp));
        put(self.subject, &subject);
        let mut message = Rope::from(head);
        message.append(self.tail.clone());
        message
    }
}

/// So many octets of text in lines.
fn text(octets: usize) -> String {
    let letter = |at: usize| char::from(b'a' + (at * at % 23) as u8);
    (0..octets)
        .map(|at| match at % LINE {
            _ if octets - at <= octets % LINE => letter(at),
            76 => '\r',
            77 => '\n',
            _ => letter(at),
        })
        .collect()
}

fn places(octets: &[u8], what: &str) -> Vec<usize> {
    let windows = octets.windows(what.len()).enumerate();
    windows.filter(|(_, window)| *window == what.as_bytes()).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use restante_ber::Decode;
    use restante_mhs::x411::MessageDeliveryArgument;
    use restante_mhs::x420::InformationObject;

    use super::*;

    #[test]
    fn messages_are_of_their_size_and_differ() {
        let to: ORAddress = "/CN=Alice/O=Example/PRMD=PEER/C=GB/".parse().unwrap();
        let template = Template::new(&to, 2048, "5b1c2", UtcTime(0));
        let read = |number| {
            let octets = template.message(number).to_bytes();
            let argument = MessageDeliveryArgument::from_bytes(&octets).unwrap();
            let content = argument.content.to_bytes();
            assert!((2040..=2048).contains(&content.len()), "{}", content.len());
            let InformationObject::Ipm(message) = InformationObject::from_bytes(&content).unwrap()
            else {
                panic!("it is a message")
            };
            let subject = message.heading.subject_text().unwrap_or_default().to_string();
            let ipm = format!("{:?}", message.heading.this_ipm);
            (argument.message_delivery_identifier.to_string(), ipm, subject)
        };
        let (first, second) = (read(9), read(9));
        assert_eq!(first.2, "Status report 0000009 bravo bravo");
        assert_eq!(second.2, first.2);
        assert!(second.0 != first.0 && second.1 != first.1, "{first:?}");
    }

    #[test]
    fn a_small_one_is_as_small_as_it_can_be() {
        let to: ORAddress = "/CN=Alice/O=Example/PRMD=PEER/C=GB/".parse().unwrap();
        let message = Template::new(&to, 0, "5b1c2", UtcTime(0)).message(1).to_bytes();
        assert!(MessageDeliveryArgument::from_bytes(&message).is_ok());
    }
}
