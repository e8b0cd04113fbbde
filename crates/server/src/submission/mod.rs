//! Submission: what a user submits is passed to the MTA, and the user answered when the MTA has.
//!
//! What has been passed is seen to its end whether or not the user waits for it: an MTA that has
//! taken a message will report on it.

use std::sync::Arc;

use restante_ms::{Passed, Reply, Submit};

use crate::{
    effect,
    shared::{self, Shared},
};

/// Passes an operation to the MTA; what its user is told.
pub(crate) async fn carry_out(shared: Arc<Shared>, submit: Submit) -> Reply {
    let passed = Passed::NotBound { reason: "no MTA is configured".to_owned() };
    finish(&shared, &submit, passed).await
}

/// Brings in what became of a submission, and waits until what is kept of it is durable.
async fn finish(shared: &Shared, submit: &Submit, passed: Passed) -> Reply {
    let mut outcome = shared.service.complete(&submit.token, passed, shared::now());
    let committed = match outcome.commit.take() {
        Some(commit) => Some(commit.await),
        None => None,
    };
    effect::settled(outcome, committed.as_ref())
}
