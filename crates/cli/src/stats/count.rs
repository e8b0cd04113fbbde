//! Audit records, counted. A record is counted once in each group that it belongs to; what a fetch
//! or a deletion is of is known from the delivery, where the log has it.

use std::collections::{BTreeMap, HashMap};

use clap::ValueEnum;
use jiff::civil::DateTime;
use restante_mhs::x411::ORAddress;
use restante_view::audit::{Keyword, Record};

/// Different mailboxes or originators that are counted; all others are one.
const NAMES_MAX: usize = 100_000;
/// Messages of which it is remembered when they came, and associations and submissions of which
/// it is remembered whose they are; what comes after that is counted without it.
const REMEMBERED_MAX: usize = 2_000_000;
/// The name of all others.
const OTHERS: &str = "(others)";
/// The name of what the log does not tell the name of.
const UNKNOWN: &str = "(not told)";

/// What is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(super) enum By {
    /// Whose mailbox it was in
    Mailbox,
    /// Who sent it: of deliveries the originator, of submissions the user
    Originator,
    /// The hour of the day
    Hour,
    /// The day
    Day,
    /// The length of its content
    Size,
    /// How long a message waited until it was fetched first
    Latency,
    /// The operation
    Operation,
}

/// Counts of one name of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) records: u64,
    pub(super) delivered: u64,
    pub(super) delivered_octets: u64,
    pub(super) reports: u64,
    pub(super) submitted: u64,
    pub(super) submitted_octets: u64,
    pub(super) probes: u64,
    pub(super) fetched: u64,
    pub(super) deleted: u64,
    pub(super) refused: u64,
    /// Messages that were fetched, each once.
    pub(super) waited: u64,
    /// How long they waited together, seconds.
    pub(super) waited_s: u64,
    /// The longest of that, seconds.
    pub(super) waited_max_s: u64,
}

/// A column: its name for programs, its head for people, and what is in it.
pub(super) type Column = (&'static str, &'static str, fn(&Count) -> Option<u64>);

impl Count {
    /// What there is to be told of each.
    pub(super) const COLUMNS: [Column; 12] = [
        ("records", "records", |count| Some(count.records)),
        ("delivered", "delivered", |count| Some(count.delivered)),
        ("delivered_octets", "octets in", |count| Some(count.delivered_octets)),
        ("reports", "reports", |count| Some(count.reports)),
        ("submitted", "submitted", |count| Some(count.submitted)),
        ("submitted_octets", "octets out", |count| Some(count.submitted_octets)),
        ("probes", "probes", |count| Some(count.probes)),
        ("fetched", "fetched", |count| Some(count.fetched)),
        ("deleted", "deleted", |count| Some(count.deleted)),
        ("refused", "refused", |count| Some(count.refused)),
        ("wait_mean_s", "mean wait, s", |count| count.waited_s.checked_div(count.waited)),
        ("wait_max_s", "longest, s", |count| (count.waited > 0).then_some(count.waited_max_s)),
    ];

    /// What was delivered and submitted: the traffic.
    pub(super) fn traffic(&self) -> u64 {
        self.delivered + self.reports + self.submitted
    }

    fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.delivered += other.delivered;
        self.delivered_octets += other.delivered_octets;
        self.reports += other.reports;
        self.submitted += other.submitted;
        self.submitted_octets += other.submitted_octets;
        self.probes += other.probes;
        self.fetched += other.fetched;
        self.deleted += other.deleted;
        self.refused += other.refused;
        self.waited += other.waited;
        self.waited_s += other.waited_s;
        self.waited_max_s = self.waited_max_s.max(other.waited_max_s);
    }
}

/// Which records are counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Period {
    pub(super) since: Option<DateTime>,
    pub(super) until: Option<DateTime>,
}

impl Period {
    fn has(&self, time: Option<DateTime>) -> bool {
        match time {
            Some(time) => {
                self.since.is_none_or(|since| since <= time)
                    && self.until.is_none_or(|until| time < until)
            }
            None => self.since.is_none() && self.until.is_none(),
        }
    }
}

/// A message that was delivered.
#[derive(Debug, Clone)]
struct Delivered {
    time: Option<DateTime>,
    originator: String,
    octets: Option<u64>,
    is_fetched: bool,
}

/// Records in the counting.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    period: Period,
    mailbox: Option<String>,
    groups: BTreeMap<By, HashMap<String, Count>>,
    all: Count,
    first: Option<DateTime>,
    last: Option<DateTime>,
    /// By mailbox and number.
    messages: HashMap<String, BTreeMap<u32, Delivered>>,
    /// By association: whose it is.
    users: HashMap<String, String>,
    /// By association and invocation: how long the content is that is being submitted.
    submissions: HashMap<(String, String), u64>,
    /// How many messages these are.
    remembered: usize,
    /// Records that were counted.
    pub(super) records: u64,
    /// Lines that are no records.
    pub(super) others: u64,
}

/// Records counted.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) first: Option<DateTime>,
    pub(super) last: Option<DateTime>,
    pub(super) all: Count,
    pub(super) others: u64,
    pub(super) groups: Vec<(By, Vec<(String, Count)>)>,
}

impl Statistics {
    pub(super) fn new(period: Period, mailbox: Option<String>) -> Self {
        Self { period, mailbox, ..Self::default() }
    }

    /// Counts a record.
    pub(super) fn take(&mut self, record: &Record) {
        let mailbox = self.mailbox_of(record);
        let numbers: Vec<_> = record.numbers().collect();
        let counted = self.period.has(record.time)
            && self.mailbox.as_ref().is_none_or(|only| Some(only) == mailbox.as_ref());
        let mailbox = mailbox.unwrap_or_else(|| UNKNOWN.to_owned());
        let is_good = matches!(record.value("result"), None | Some("ok"));
        let mut count = Count { records: 1, ..Count::default() };
        let (mut originator, mut octets, mut latency) = (None, None, None);
        match record.keyword {
            _ if record.value("result") == Some("repeated") => {}
            _ if !is_good => count.refused = 1,
            Keyword::DeliverMessage => {
                let message = self.delivered(record, &mailbox, &numbers);
                (count.delivered, count.delivered_octets) = (1, message.octets.unwrap_or(0));
                (originator, octets) = (Some(message.originator), message.octets);
            }
            Keyword::DeliverReport => count.reports = 1,
            Keyword::SubmitMessage => self.submitted(record),
            Keyword::SubmitMessageResult => {
                octets = self.submissions.remove(&invocation(record));
                (count.submitted, count.submitted_octets) = (1, octets.unwrap_or(0));
                originator = Some(mailbox.clone());
            }
            Keyword::SubmitProbeResult => count.probes = 1,
            Keyword::Fetch => {
                count.fetched = 1;
                let Some(message) = self.message(&mailbox, &numbers) else {
                    return self.count(counted, record, &mailbox, count, (None, None, None));
                };
                (originator, octets) = (Some(message.originator.clone()), message.octets);
                if !std::mem::replace(&mut message.is_fetched, true)
                    && let (Some(came), Some(now)) = (message.time, record.time)
                {
                    let waited = came.duration_until(now).as_secs();
                    let waited = u64::try_from(waited).unwrap_or(0);
                    (count.waited, count.waited_s, count.waited_max_s) = (1, waited, waited);
                    latency = Some(waited);
                }
            }
            Keyword::Delete => {
                count.deleted = numbers.iter().map(|(from, to)| u64::from(to - from) + 1).sum();
                self.forget(&mailbox, &numbers, counted);
            }
            _ => {}
        }
        self.count(counted, record, &mailbox, count, (originator, octets, latency));
    }

    /// Whose mailbox a record is of: what it says, or else who has bound.
    fn mailbox_of(&mut self, record: &Record) -> Option<String> {
        if let (Keyword::Bind, Some(user)) = (record.keyword, record.value("uaname")) {
            let user = key(user);
            if self.remembers() {
                self.users.insert(record.association.clone(), user.clone());
            }
            return Some(user);
        }
        let bound = match record.keyword {
            Keyword::Unbind => self.users.remove(&record.association),
            _ => self.users.get(&record.association).cloned(),
        };
        record.value("mailbox").map(key).or(bound)
    }

    /// Whether one more can be remembered.
    fn remembers(&self) -> bool {
        self.remembered + self.users.len() + self.submissions.len() < REMEMBERED_MAX
    }

    fn delivered(&mut self, record: &Record, mailbox: &str, numbers: &[(u32, u32)]) -> Delivered {
        let octets = record.value("octets").and_then(|octets| octets.parse().ok());
        let originator = record.value("originator").unwrap_or(UNKNOWN);
        let message = Delivered {
            time: record.time,
            originator: key(originator),
            octets,
            is_fetched: false,
        };
        if let Some((number, _)) = numbers.first()
            && self.remembers()
        {
            let mailbox = self.messages.entry(mailbox.to_owned()).or_default();
            let new = mailbox.insert(*number, message.clone()).is_none();
            self.remembered += usize::from(new);
        }
        message
    }

    fn submitted(&mut self, record: &Record) {
        let octets = record.value("octets").and_then(|octets| octets.parse().ok());
        if let Some(octets) = octets.filter(|_| self.remembers()) {
            self.submissions.insert(invocation(record), octets);
        }
    }

    fn message(&mut self, mailbox: &str, numbers: &[(u32, u32)]) -> Option<&mut Delivered> {
        let (number, _) = numbers.first()?;
        self.messages.get_mut(mailbox)?.get_mut(number)
    }

    /// Messages are gone; those that nobody has fetched are counted.
    fn forget(&mut self, mailbox: &str, numbers: &[(u32, u32)], counted: bool) {
        let Some(messages) = self.messages.get_mut(mailbox) else { return };
        let mut unread = 0;
        for (from, to) in numbers {
            let gone: Vec<u32> = messages.range(from..=to).map(|(number, _)| *number).collect();
            for number in gone {
                let message = messages.remove(&number);
                unread += u64::from(message.is_some_and(|message| !message.is_fetched));
                self.remembered -= 1;
            }
        }
        if unread > 0 && counted {
            let count = Count { deleted: unread, ..Count::default() };
            self.enter(By::Latency, "8 deleted, never fetched", &count);
        }
    }

    fn count(
        &mut self,
        counted: bool,
        record: &Record,
        mailbox: &str,
        count: Count,
        (originator, octets, latency): (Option<String>, Option<u64>, Option<u64>),
    ) {
        if !counted {
            return;
        }
        self.records += 1;
        self.all.add(&count);
        self.enter(By::Mailbox, mailbox, &count);
        self.enter(By::Operation, record.keyword.text(), &count);
        if let Some(time) = record.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
            self.enter(By::Hour, &format!("{:02}", time.hour()), &count);
            self.enter(By::Day, &time.date().to_string(), &count);
        }
        if let Some(originator) = originator {
            self.enter(By::Originator, &originator, &count);
        }
        if let Some(octets) = octets {
            self.enter(By::Size, step(octets, &SIZES), &count);
        }
        if let Some(waited) = latency {
            self.enter(By::Latency, step(waited, &LATENCIES), &count);
        }
    }

    fn enter(&mut self, by: By, name: &str, count: &Count) {
        let group = self.groups.entry(by).or_default();
        if let Some(known) = group.get_mut(name) {
            return known.add(count);
        }
        let name = if group.len() < NAMES_MAX { name } else { OTHERS };
        group.entry(name.to_owned()).or_default().add(count);
    }

    /// What was counted by these; of names, those with the most traffic.
    pub(super) fn end(mut self, by: &[By], top: usize) -> Counted {
        let (period, only) = (self.period, self.mailbox.as_ref());
        let mailboxes = self.messages.iter().filter(|(name, _)| only.is_none_or(|of| of == *name));
        let messages = mailboxes.flat_map(|(_, messages)| messages.values());
        let is_unfetched = |message: &&Delivered| !message.is_fetched && period.has(message.time);
        let unfetched = messages.filter(is_unfetched).count() as u64;
        if unfetched > 0 {
            let count = Count { delivered: unfetched, ..Count::default() };
            self.enter(By::Latency, "9 not fetched yet", &count);
        }
        let group = |by: &By| {
            let group = self.groups.remove(by).unwrap_or_default();
            let mut group: Vec<_> = group.into_iter().collect();
            group.sort_by(|(one, _), (other, _)| one.cmp(other));
            if matches!(by, By::Mailbox | By::Originator) {
                group.sort_by_key(|(_, count)| std::cmp::Reverse(count.traffic()));
                cut(&mut group, top);
            }
            if matches!(by, By::Size | By::Latency) {
                group.iter_mut().for_each(|(name, _)| *name = name.split_off(2));
            }
            (*by, group)
        };
        let groups = by.iter().map(group).collect();
        let Self { first, last, all, others, .. } = self;
        Counted { first, last, all, others, groups }
    }
}

/// Keeps the first so many; the rest is one.
fn cut(group: &mut Vec<(String, Count)>, top: usize) {
    if top == 0 || group.len() <= top {
        return;
    }
    let mut rest = Count::default();
    group.drain(top..).for_each(|(_, count)| rest.add(&count));
    group.push((OTHERS.to_owned(), rest));
}

/// Steps: from which number on each goes; the figure in front has them in their order.
type Steps = [(u64, &'static str); 8];

const SIZES: Steps = [
    (0, "0 under 1 kB"),
    (1_000, "1 1 to 10 kB"),
    (10_000, "2 10 to 100 kB"),
    (100_000, "3 100 kB to 1 MB"),
    (1_000_000, "4 1 to 10 MB"),
    (10_000_000, "5 10 to 100 MB"),
    (100_000_000, "6 100 MB to 1 GB"),
    (1_000_000_000, "7 1 GB and more"),
];

const LATENCIES: Steps = [
    (0, "0 under 10 s"),
    (10, "1 10 s to 1 min"),
    (60, "2 1 to 5 min"),
    (300, "3 5 to 15 min"),
    (900, "4 15 min to 1 h"),
    (3_600, "5 1 to 8 h"),
    (28_800, "6 8 to 24 h"),
    (86_400, "7 a day and more"),
];

fn step(value: u64, steps: &Steps) -> &'static str {
    let at = steps.iter().rfind(|(from, _)| *from <= value);
    at.map_or("0 none", |(_, name)| name)
}

/// A name as all others of the same user are written.
fn key(name: &str) -> String {
    name.parse::<ORAddress>().map_or_else(|_| name.to_owned(), |address| address.key())
}

/// Which submission a record is of.
fn invocation(record: &Record) -> (String, String) {
    (record.association.clone(), record.value("invokeid").unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str], period: Period, mailbox: Option<&str>) -> Counted {
        let mut statistics = Statistics::new(period, mailbox.map(str::to_owned));
        for line in lines {
            statistics.take(&Record::parse(line).expect("a record"));
        }
        statistics.end(By::value_variants(), 1)
    }

    fn group(counted: &Counted, by: By) -> Vec<(&str, &Count)> {
        let (_, group) = counted.groups.iter().find(|(known, _)| *known == by).expect("a group");
        group.iter().map(|(name, count)| (name.as_str(), count)).collect()
    }

    const LINES: [&str; 9] = [
        "2026-03-01 23:59:50 DELIVER-MESSAGE 1 p7-seqnum=1 originator=/CN=b/PRMD=P/C=GB/ \
         octets=2000 mailbox=/CN=A/PRMD=P/C=GB/ result=ok",
        "2026-03-02 00:00:10 DELIVER-MESSAGE 1 p7-seqnum=2 originator=/CN=C/PRMD=P/C=GB/ \
         octets=10 mailbox=/CN=A/PRMD=P/C=GB/ result=ok",
        "2026-03-02 00:00:11 DELIVER-MESSAGE 1 originator=/CN=C/PRMD=P/C=GB/ \
         mailbox=/CN=A/PRMD=P/C=GB/ result=repeated",
        "2026-03-02 00:00:20 BIND 2 bindtype=\"by UA\" uaname=/CN=a/PRMD=P/C=GB/ result=ok",
        "2026-03-02 00:00:20 FETCH 2 p7-seqnum=1",
        "2026-03-02 00:05:20 FETCH 2 p7-seqnum=1 result=ok",
        "2026-03-02 00:05:21 DELETE 2 p7-seqnum=1-2 mailbox=/CN=A/PRMD=P/C=GB/ result=ok",
        "2026-03-02 01:00:00 SUBMIT-MESSAGE 2 invokeid=7 octets=300 mailbox=/CN=A/PRMD=P/C=GB/",
        "2026-03-02 01:00:00 SUBMIT-MESSAGE-RESULT 2 invokeid=7 mailbox=/CN=A/PRMD=P/C=GB/ \
         result=ok",
    ];

    #[test]
    fn a_message_is_followed_from_its_delivery_to_its_first_fetch() {
        let counted = counted(&LINES, Period::default(), None);
        let mailboxes = group(&counted, By::Mailbox);
        let [("/cn=a/prmd=p/c=gb/", all)] = mailboxes[..] else { panic!("{mailboxes:?}") };
        assert_eq!((all.delivered, all.delivered_octets, all.fetched), (2, 2010, 2));
        assert_eq!((all.submitted, all.submitted_octets, all.deleted), (1, 300, 2));
        assert_eq!((all.waited, all.waited_s, all.waited_max_s, all.refused), (1, 30, 30, 0));
        assert_eq!(counted.all, *all);
        let latencies = group(&counted, By::Latency);
        let latencies = latencies.iter().map(|(name, count)| (*name, count.waited, count.deleted));
        let known = [("10 s to 1 min", 1, 0), ("deleted, never fetched", 0, 1)];
        assert_eq!(latencies.collect::<Vec<_>>(), known);
        let sizes = group(&counted, By::Size);
        let sizes = sizes.iter().map(|(name, count)| (*name, count.traffic(), count.fetched));
        assert_eq!(sizes.collect::<Vec<_>>(), [("under 1 kB", 2, 0), ("1 to 10 kB", 1, 2)]);
        let hours: Vec<_> = group(&counted, By::Hour).iter().map(|(name, _)| *name).collect();
        assert_eq!(hours, ["00", "01", "23"]);
        let originators = group(&counted, By::Originator);
        assert_eq!(originators.len(), 2, "one and the others");
        assert_eq!(originators[1].0, OTHERS);
    }

    #[test]
    fn a_period_and_a_mailbox_leave_the_rest_out() {
        let time = |text: &str| Some(text.parse::<DateTime>().expect("a time"));
        let period =
            Period { since: time("2026-03-02T00:00:20"), until: time("2026-03-02T00:05:21") };
        let counted_so = counted(&LINES, period, Some("/cn=a/prmd=p/c=gb/"));
        let all = &counted_so.all;
        assert_eq!((all.records, all.delivered, all.fetched, all.waited), (3, 0, 2, 1));
        assert_eq!(counted(&LINES, Period::default(), Some("/cn=b/prmd=p/c=gb/")).all.records, 0);
        assert!(!period.has(None), "without a time it is in no period");
    }

    #[test]
    fn what_is_over_makes_room_for_what_is_remembered() {
        let mut statistics = Statistics::new(Period::default(), None);
        let mut take = |remembered, lines: &[&str]| {
            statistics.remembered += remembered;
            lines.iter().for_each(|line| statistics.take(&Record::parse(line).expect("a record")));
            statistics.remembered -= remembered;
            (statistics.users.len(), statistics.submissions.len(), statistics.remembered)
        };
        let come = [
            "BIND 3 uaname=/cn=a/c=gb/",
            "SUBMIT-MESSAGE 3 invokeid=7 octets=9",
            "DELIVER-MESSAGE 4 p7-seqnum=3 mailbox=/cn=a/c=gb/",
        ];
        assert_eq!(take(REMEMBERED_MAX, &come), (0, 0, 0), "there is no room");
        assert_eq!(take(REMEMBERED_MAX - 3, &[&come[..], &come].concat()), (1, 1, 1));
        let go =
            ["SUBMIT-MESSAGE-RESULT 3 invokeid=7 result=ok", "DELETE 3 p7-seqnum=1-9", "UNBIND 3"];
        assert_eq!(take(REMEMBERED_MAX - 3, &go), (0, 0, 0));
    }

    #[test]
    fn both_spellings_and_refusals_are_counted() {
        let lines = [
            "SUBMIT_PROBE_RESULT 3 invokeid=7",
            "SUBMIT-PROBE-RESULT 3 invokeid=8 result=ok",
            "SUBMIT-PROBE-RESULT 3 invokeid=9 result=service-error",
            "DELETE 3 p7-seqnum=9-3,x,5",
        ];
        let all = counted(&lines, Period::default(), None).all;
        assert_eq!((all.probes, all.refused, all.deleted), (2, 1, 1));
    }
}
