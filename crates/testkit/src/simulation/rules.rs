//! What users have registered of auto-actions, and what the store is to do at its time.

/// Work that is to be done at its time; in the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    /// How urgent it is, the lowest first.
    pub(super) rank: u8,
    /// When, microseconds since 1970.
    pub(super) at: i64,
    /// What.
    pub(super) work: Work,
}

/// What is done at its time; in the order in which it is done where that is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// Submissions are forgotten.
    Forget,
    /// What has this number in the queue is delivered.
    Deliver(u32),
    /// What came for a user then is forwarded, where it was not fetched.
    Forward(usize, i64),
    /// What a user's mailbox has stored for long enough is deleted.
    Sweep(usize),
}

/// What a user has registered of auto-actions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// To whom all is forwarded, and whether it goes then.
    pub(super) forward: Option<(usize, bool)>,
    /// To whom that is forwarded which was not fetched for so many seconds.
    pub(super) later: Option<(usize, u32)>,
    /// What is noted on all that comes, and how long it is to be stored, seconds.
    pub(super) notes: Option<(String, u32)>,
    /// Whether what is stored for long enough is deleted.
    pub(super) sweeps: bool,
}

/// What of it is registered, or deregistered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// See [`Rules::forward`].
    Forward(Option<(usize, bool)>),
    /// See [`Rules::later`].
    Later(Option<(usize, u32)>),
    /// See [`Rules::notes`].
    Notes(Option<(String, u32)>),
    /// See [`Rules::sweeps`].
    Sweeps(bool),
}

impl Rules {
    pub(super) fn register(&mut self, rule: Rule) {
        match rule {
            Rule::Forward(forward) => self.forward = forward,
            Rule::Later(later) => self.later = later,
            Rule::Notes(notes) => self.notes = notes,
            Rule::Sweeps(sweeps) => self.sweeps = sweeps,
        }
    }

    /// These, and those of others where there are none.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            forward: self.forward.or(other.forward),
            later: self.later.or(other.later),
            notes: self.notes.clone().or(other.notes.clone()),
            sweeps: self.sweeps || other.sweeps,
        }
    }
}
