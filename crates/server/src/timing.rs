//! How long operations take, from when their last octet has come to when their answer is handed
//! on: a histogram for each operation and kind of answer, for `/metrics`. What no peer has asked
//! for yet has none.

use std::{array, sync::OnceLock, time::Duration};

use prometheus_client::metrics::{family::Family, histogram::Histogram};
use restante_mhs::x419::{ms_access, mts_access};
use restante_osi::x880::Code;

/// The operations of P7 and P3 that peers invoke, by their codes; the last is what is none.
const OPERATIONS: [(i64, &str); 14] = [
    (mts_access::OP_REGISTER, "register"),
    (mts_access::OP_MESSAGE_SUBMISSION, "message-submission"),
    (mts_access::OP_PROBE_SUBMISSION, "probe-submission"),
    (mts_access::OP_MESSAGE_DELIVERY, "message-delivery"),
    (mts_access::OP_REPORT_DELIVERY, "report-delivery"),
    (mts_access::OP_CANCEL_DEFERRED_DELIVERY, "cancel-deferred-delivery"),
    (mts_access::OP_CHANGE_CREDENTIALS, "change-credentials"),
    (ms_access::OP_SUMMARIZE, "summarize"),
    (ms_access::OP_LIST, "list"),
    (ms_access::OP_FETCH, "fetch"),
    (ms_access::OP_DELETE, "delete"),
    (ms_access::OP_REGISTER_MS, "register-MS"),
    (ms_access::OP_MODIFY, "modify"),
    (i64::MIN, "unknown"),
];
/// Upper ends of the buckets, seconds.
const BUCKETS: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// How an operation was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// By its result.
    Result,
    /// By an abstract-error.
    Error,
    /// By a reject of remote operations.
    Reject,
}

impl Answered {
    const COUNT: usize = Self::Reject as usize + 1;

    /// For programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Error => "error",
            Self::Reject => "reject",
        }
    }
}

/// Histograms by operation and answer.
pub(crate) type Durations = Family<[(&'static str, &'static str); 2], Histogram>;

/// The histograms that there are.
#[derive(Debug)]
pub(crate) struct Timings {
    all: Durations,
    /// The same, found without a search.
    known: [[OnceLock<Histogram>; Answered::COUNT]; OPERATIONS.len()],
}

impl Default for Timings {
    fn default() -> Self {
        let all = Durations::new_with_constructor(|| Histogram::new(BUCKETS));
        Self { all, known: array::from_fn(|_| Default::default()) }
    }
}

/// What an operation is called.
pub(crate) fn name(operation: &Code) -> &'static str {
    OPERATIONS[place(operation)].1
}

fn place(operation: &Code) -> usize {
    let place = OPERATIONS.iter().position(|(code, _)| *operation == Code::Local(*code));
    place.unwrap_or(OPERATIONS.len() - 1)
}

impl Timings {
    /// An operation was answered after so long.
    pub(crate) fn took(&self, operation: &Code, answered: Answered, time: Duration) {
        let place = place(operation);
        let histogram = self.known[place][answered as usize].get_or_init(|| {
            let labels = [("operation", OPERATIONS[place].1), ("result", answered.name())];
            self.all.get_or_create_owned(&labels)
        });
        histogram.observe(time.as_secs_f64());
    }

    /// What there is, for who measures.
    pub(crate) fn all(&self) -> Durations {
        self.all.clone()
    }
}
