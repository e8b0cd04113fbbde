//! The rows of the table: what is done, and what is wanted.

/// What is done in a row, the same by all who take part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    /// Messages are taken, each acknowledged when it is on disk.
    Deliver {
        /// Octets of a message.
        octets: usize,
    },
    /// Messages are read whole, one by one, from a mailbox of a thousand.
    Fetch,
    /// What lines of a list show is told of all entries.
    List,
    /// What is new is told: ten entries.
    ListNew,
    /// Entries are found by a text in their subject.
    Filter,
    /// The same by either of two texts: no index and no column answers that, so that each entry
    /// has to be looked at.
    FilterEither,
    /// Entries are deleted one by one.
    Delete,
    /// Users come with their password and go.
    Bind,
    /// Who is bound is told of a message, from the acknowledgement of its delivery on.
    Alert,
    /// A thousand users are there and silent.
    Idle,
}

/// What the numbers of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Operations a second: more is better.
    Rate,
    /// Milliseconds for one: less is better.
    Milliseconds,
    /// Mebibytes of memory: less is better.
    Mebibytes,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) work: Work,
    pub(crate) connections: usize,
    /// The mailboxes' common name; a number follows where there are several.
    pub(crate) mailbox: &'static str,
    pub(crate) mailboxes: usize,
    /// Entries in each mailbox before it begins.
    pub(crate) entries: usize,
    /// Whether whatever the server has made ready before is taken from it each time.
    pub(crate) cold: bool,
    /// What is wanted, in the words of the table.
    pub(crate) wanted: &'static str,
}

impl Row {
    pub(crate) fn unit(&self) -> Unit {
        match self.work {
            Work::Deliver { .. } | Work::Fetch | Work::Delete | Work::Bind => Unit::Rate,
            Work::List | Work::ListNew | Work::Filter | Work::FilterEither | Work::Alert => {
                Unit::Milliseconds
            }
            Work::Idle => Unit::Mebibytes,
        }
    }

    /// Whether it takes minutes to set up, so that a quick run leaves it out.
    pub(crate) fn is_large(&self) -> bool {
        self.entries > 20_000
    }

    /// Octets of the messages in it.
    pub(crate) fn octets(&self) -> usize {
        match self.work {
            Work::Deliver { octets } => octets,
            _ => 2048,
        }
    }

    /// The names of its mailboxes.
    pub(crate) fn names(&self) -> Vec<String> {
        let numbered = |at| format!("{}{at:02}", self.mailbox);
        match self.mailboxes {
            1 => vec![self.mailbox.to_owned()],
            many => (0..many).map(numbered).collect(),
        }
    }
}

const DELIVER: Row = Row {
    name: "",
    work: Work::Deliver { octets: 2048 },
    connections: 64,
    mailbox: "many",
    mailboxes: 64,
    entries: 0,
    cold: false,
    wanted: "",
};
const FETCH: Row =
    Row { work: Work::Fetch, mailbox: "fetch", mailboxes: 8, entries: 1000, ..DELIVER };
const LIST: Row = Row {
    work: Work::List,
    connections: 1,
    mailbox: "list11k",
    mailboxes: 1,
    entries: 11_000,
    ..DELIVER
};
const LARGE: Row = Row { mailbox: "list200k", entries: 200_000, ..LIST };

/// All rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "deliver", wanted: "15 × Dovecot, 1/8 of the disk", ..DELIVER },
    Row {
        name: "deliver-one-mailbox",
        mailbox: "one",
        mailboxes: 1,
        wanted: "0.9 of the row above",
        ..DELIVER
    },
    Row {
        name: "deliver-alone",
        connections: 1,
        mailbox: "single",
        mailboxes: 1,
        wanted: "6 × Dovecot, 1/2 of the disk",
        ..DELIVER
    },
    Row {
        name: "deliver-100k",
        work: Work::Deliver { octets: 100 << 10 },
        mailbox: "wide",
        wanted: "4 × Dovecot",
        ..DELIVER
    },
    Row { name: "fetch-1", connections: 1, wanted: "2 × Dovecot", ..FETCH },
    Row { name: "fetch-8", connections: 8, wanted: "2 × Dovecot", ..FETCH },
    Row { name: "list-11k-cold", cold: true, wanted: "6 × faster", ..LIST },
    Row { name: "list-11k", wanted: "6 × faster", ..LIST },
    Row {
        name: "list-new-100",
        work: Work::ListNew,
        mailbox: "list100",
        entries: 100,
        wanted: "see list-new-200k",
        ..LIST
    },
    Row {
        name: "delete",
        work: Work::Delete,
        connections: 8,
        mailbox: "delete",
        entries: 500,
        wanted: "10 × Dovecot",
        ..FETCH
    },
    Row { name: "bind-1", work: Work::Bind, connections: 1, wanted: "2 × Dovecot", ..FETCH },
    Row { name: "bind-8", work: Work::Bind, connections: 8, wanted: "2 × Dovecot", ..FETCH },
    Row {
        name: "alert",
        work: Work::Alert,
        connections: 1,
        mailbox: "alert",
        mailboxes: 1,
        wanted: "under 0.39 ms",
        ..DELIVER
    },
    Row {
        name: "idle-1000",
        work: Work::Idle,
        connections: 1000,
        wanted: "under 24 MiB",
        ..FETCH
    },
    Row { name: "list-200k-cold", cold: true, wanted: "3 × faster", ..LARGE },
    Row { name: "list-200k", wanted: "3 × faster", ..LARGE },
    Row {
        name: "filter-200k-cold",
        work: Work::Filter,
        cold: true,
        wanted: "8 × faster",
        ..LARGE
    },
    Row { name: "filter-200k", work: Work::Filter, wanted: "8 × faster", ..LARGE },
    Row {
        name: "filter-200k-either-cold",
        work: Work::FilterEither,
        cold: true,
        wanted: "8 × faster",
        ..LARGE
    },
    Row { name: "filter-200k-either", work: Work::FilterEither, wanted: "8 × faster", ..LARGE },
    Row {
        name: "list-new-200k",
        work: Work::ListNew,
        wanted: "under 1 ms, under 3 × list-new-100",
        ..LARGE
    },
];
