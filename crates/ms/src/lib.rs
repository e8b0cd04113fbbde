//! The X.413 service: an abstract-operation goes in, its result or abstract-error comes out, in
//! one transaction of storage.
//!
//! Start at [`MessageStore`]: `bind`, `execute`, `deliver` and `complete`, one file an operation.
//! Entries are found by `selection` (ranges, `filter`, limits), told of by `attributes`, made by
//! `deliver`, `report` and `submit`; what an entry's attributes are is decided once, by
//! [`Extractor`]. Values are compared in `matching`. `docs/conformance.md` says what of the
//! standards is there and what was decided where they can be read in two ways.
//!
//! It refuses to know sockets, clocks, threads and passwords: time and user are arguments, a
//! commit is a ticket that somebody else waits for, what is to be done outside is an [`Effect`].

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::as_conversions
    )
)]

mod amend;
pub mod archive;
mod attributes;
mod auto_action;
mod bind;
mod class;
mod credentials;
mod defaults;
mod delete;
mod deliver;
mod deliverable;
mod due;
mod extract;
mod fetch;
mod filter;
mod groups;
mod hold;
mod list;
mod local;
mod log;
mod manage;
mod marks;
mod matching;
mod modify;
mod operation;
mod quick;
mod quota;
mod register;
mod registration;
mod repeat;
mod report;
mod restrict;
mod seam;
mod selection;
mod store;
mod submit;
mod summarize;

pub use auto_action::{Acted, ActedOn, Run};
pub use auto_action::{Alert, Flight, NextErrand};
pub use bind::BindRefusal;
pub use deliver::put_off;
pub use deliverable::{Candidate, Deliverable, Undeliverable};
pub use due::{Done, Due};
pub use extract::{Extractor, is_personal};
pub use hold::{Hold, Holds, Whose, Why};
pub use local::{LocalMta, is_queue};
pub use manage::{NotFound, NotRemoved, refused};
pub use operation::{Delivery, Operation};
pub use quota::{Quota, Usage};
pub use registration::Registration;
pub use seam::{Binding, Deliverer, Effect, InvokeProblem, Now, Outcome, Reply};
pub use store::{MessageStore, Settings};
pub use submit::{Passed, Submission, Submit, Token};
