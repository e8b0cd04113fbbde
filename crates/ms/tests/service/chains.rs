//! List, Fetch and Summarize under random ranges, limits and filters, followed by `next` from page
//! to page, while entries come and go between the pages.

use std::collections::BTreeMap;

use crate::common::{World, pdu};
use pdu::{filter, selector};
use proptest::prelude::*;
use restante_mhs::x413::SequenceNumber;
use restante_ms::{Binding, Reply};

/// What a page of entries is asked for with.
#[derive(Clone, Debug)]
struct Asked {
    from: Option<u32>,
    to: Option<u32>,
    limit: Option<u8>,
    /// Of this priority only.
    priority: Option<u8>,
    /// Not with this subject.
    not: Option<usize>,
}

const SUBJECTS: [&str; 3] = ["alpha", "beta two", "Gamma"];

impl Asked {
    fn selector(&self) -> String {
        let mut filters = Vec::new();
        if let Some(priority) = self.priority {
            filters.push(filter::equal(pdu::PRIORITY, &format!("4701{priority:02x}")));
        }
        if let Some(subject) = self.not {
            let subject = filter::equal(pdu::SUBJECT, &filter::t61(SUBJECTS[subject]));
            filters.push(filter::not(&subject));
        }
        let range = selector::range(self.from, self.to);
        let filter = match filters.len() {
            0 => String::new(),
            1 => selector::filter(&filters[0]),
            _ => selector::filter(&filter::and(&filters)),
        };
        let limit = self.limit.map(selector::limit).unwrap_or_default();
        format!("{range}{filter}{limit}")
    }

    /// The numbers on this page, and the first of the next one.
    fn page(&self, mailbox: &Mailbox) -> (Vec<u32>, Option<u32>) {
        let (low, high) = (self.from.unwrap_or(0), self.to.unwrap_or(u32::MAX));
        let mut all = mailbox
            .iter()
            .filter(|(number, _)| (low..=high).contains(*number))
            .filter(|(_, (_, priority))| self.priority.is_none_or(|wanted| wanted == *priority))
            .filter(|(_, (subject, _))| self.not != Some(*subject))
            .map(|(number, _)| *number);
        let limit = self.limit.map_or(usize::MAX, usize::from);
        (all.by_ref().take(limit).collect(), all.next())
    }
}

/// How many pages of a chain are asked for.
const PAGES_MAX: usize = 10;

/// Subject and priority of each entry that there is.
type Mailbox = BTreeMap<u32, (usize, u8)>;

/// What happens to a mailbox.
#[derive(Clone, Debug)]
enum Change {
    Deliver(usize, u8),
    /// Deletes the entry in this place, and the next ones.
    Delete(prop::sample::Index, usize),
}

#[derive(Clone, Copy, Debug)]
enum By {
    List,
    Fetch,
    Summarize,
}

fn asked() -> impl Strategy<Value = Asked> {
    let bound = || prop::option::weighted(0.3, 0u32..30);
    (
        (bound(), bound()),
        prop::option::weighted(0.8, 1u8..6),
        prop::option::weighted(0.4, 0u8..3),
        prop::option::weighted(0.3, 0..SUBJECTS.len()),
    )
        .prop_map(|((from, to), limit, priority, not)| {
            let to = to.map(|to| to.max(from.unwrap_or(0)));
            Asked { from, to, limit, priority, not }
        })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (0..SUBJECTS.len(), 0u8..3).prop_map(|(s, priority)| Change::Deliver(s, priority)),
        1 => (any::<prop::sample::Index>(), 1..4usize).prop_map(|(at, n)| Change::Delete(at, n)),
    ]
}

fn message(world: &World, subject: usize, priority: u8) -> pdu::Message {
    let mut message = pdu::Message::of_subject(SUBJECTS[subject]);
    message.identifier = format!("L{}", world.now);
    message.with(vec![0x47, 1, priority])
}

/// Does what happens, in both.
fn apply(world: &mut World, alice: &Binding, mailbox: &mut Mailbox, last: &mut u32, one: &Change) {
    match one {
        Change::Deliver(subject, priority) => {
            let message = message(world, *subject, *priority);
            world.deliver(&message.argument());
            *last += 1;
            mailbox.insert(*last, (*subject, *priority));
        }
        Change::Delete(at, count) => {
            let numbers: Vec<_> = mailbox.keys().copied().collect();
            if numbers.is_empty() {
                return;
            }
            let gone: Vec<_> =
                numbers.iter().skip(at.index(numbers.len())).take(*count).copied().collect();
            let reply = world.invoke(alice, 23, &pdu::delete(&gone));
            assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
            mailbox.retain(|number, _| !gone.contains(number));
        }
    }
}

/// What the store answers: how many, which where they are told, and what is next.
fn answer(world: &World, alice: &Binding, by: By, asked: &Asked) -> (Vec<u32>, Option<u32>) {
    let selector = asked.selector();
    let plain = |number: SequenceNumber| number.0;
    match by {
        By::List => {
            let result = world.list(alice, &pdu::list(&selector, &[]));
            let entries = result.requested.unwrap_or_default();
            let numbers = entries.iter().map(|entry| entry.sequence_number.0).collect();
            (numbers, result.next.map(plain))
        }
        By::Fetch => {
            let result = world.fetch(alice, &pdu::search(&selector, &[pdu::SUBJECT]));
            let first = result.entry_information.map(|entry| entry.sequence_number.0);
            let others = result.list.unwrap_or_default().into_iter().map(plain);
            (first.into_iter().chain(others).collect(), result.next.map(plain))
        }
        By::Summarize => {
            let counted = pdu::x(0xa2, &pdu::x(0x30, &pdu::x(0x06, "56040327")));
            let argument = format!("{}{counted}", pdu::x(0xa1, &pdu::x(0x31, &selector)));
            let result = world.summarize(alice, &pdu::x(0x31, &argument));
            let summary = result.summaries.expect("a summary").remove(0);
            let present = summary.present.into_iter().flat_map(|set| set.0);
            let mut numbers: Vec<u32> =
                present.map(|value| value.value.to::<u32>().expect("a number")).collect();
            numbers.sort_unstable();
            assert_eq!(i64::from(result.count), i64::try_from(numbers.len()).expect("few"));
            let ends = result.span.map(|span| (span.lowest.0, span.highest.0));
            assert_eq!(ends, numbers.first().copied().zip(numbers.last().copied()));
            (numbers, result.next.map(plain))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn pages_are_what_is_there_when_they_are_asked_for(
        first in prop::collection::vec(change(), 0..24),
        chains in prop::collection::vec((asked(), 0..3usize), 1..8),
        between in prop::collection::vec(prop::collection::vec(change(), 0..4), 1..12),
    ) {
        let mut world = World::new();
        let (alice, late) = (world.bind(), world.bind_94());
        let (mut mailbox, mut last) = (Mailbox::new(), 0);
        for one in &first {
            apply(&mut world, &alice, &mut mailbox, &mut last, one);
        }
        let mut meanwhile = between.iter().cycle();
        for (asked, by) in &chains {
            let by = [By::List, By::Fetch, By::Summarize][*by];
            let mut asked = asked.clone();
            // More may come than a page has.
            for _ in 0..PAGES_MAX {
                let wanted = asked.page(&mailbox);
                let got = answer(&world, &alice, by, &asked);
                prop_assert_eq!(&got, &wanted, "{:?} {:?}", by, asked);
                prop_assert_eq!(answer(&world, &late, by, &asked), wanted);
                for one in meanwhile.next().into_iter().flatten() {
                    apply(&mut world, &alice, &mut mailbox, &mut last, one);
                }
                match got.1 {
                    Some(next) => asked.from = Some(next),
                    None => break,
                }
            }
        }
    }
}
