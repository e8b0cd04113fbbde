//! Submission: what a user submits is passed to the MTA, and the user answered when the MTA has.
//!
//! [`carry_out`] is asked for each; it finds an association with the MTA in the [`Pool`], where
//! the associations that this end opens ([`Caller`]) take what is to be invoked. What has been
//! invoked is seen to its end whether or not the user still waits for it: an MTA that has taken a
//! message will report on it. Nothing is ever invoked twice, and nothing after its user was told
//! that it was not. Where no MTA is configured the built-in one takes it.

mod caller;
mod control;
mod errands;
mod pause;
mod pool;

use std::sync::Arc;

use restante_ms::{Outcome, Passed, Reply, Submit};
use tokio::{sync::oneshot, time::timeout};

use crate::{
    effect,
    logging::BY_ITSELF,
    shared::{self, Shared},
};

pub(crate) use caller::{Caller, Due, error};
pub(crate) use control::Controls;
pub(crate) use errands::{Errands, run as run_errands};
pub(crate) use pool::Pool;
use pool::{Claim, Job, Name};

/// Passes an operation of an association to the MTA; what its user is told.
pub(crate) async fn carry_out(shared: Arc<Shared>, association: u64, submit: Submit) -> Reply {
    let (tell, told) = oneshot::channel();
    let token = submit.token.clone();
    tokio::spawn(see_through(shared.clone(), association, submit, tell));
    match told.await {
        Ok(reply) => reply,
        // Only a fault of this program leaves it untold.
        Err(_) => {
            let reason = "a part of the server failed".to_owned();
            shared.service.complete(&token, Passed::Unanswered { reason }, shared::now()).reply
        }
    }
}

/// Has an operation invoked on the MTA, tells its user what came of it, and waits for an answer
/// that comes later.
async fn see_through(
    shared: Arc<Shared>,
    association: u64,
    submit: Submit,
    tell: oneshot::Sender<Reply>,
) {
    // Where nobody is told any more, it was done none the less.
    let told = |reply| drop(tell.send(reply));
    let Some(pool) = &shared.pool else {
        let service = shared.service.clone();
        let take = move || service.take(&submit, shared::now());
        return told(settle(&shared, association, take).await);
    };
    let Some(_place) = pool.place() else {
        return told(finish(&shared, &submit, Passed::Busy).await);
    };
    let (answer, mut answered) = oneshot::channel();
    let claim = Claim::default();
    let job = Job::new(&submit, claim.clone(), answer);
    pool.dispatch(&shared, Name::of(pool, &submit), job);
    let lost = || Passed::Unanswered { reason: "the association ended".to_owned() };
    match timeout(pool.settings.answer_time(), &mut answered).await {
        Ok(passed) => {
            let passed = passed.unwrap_or_else(|_| lost());
            told(finish(&shared, &submit, passed).await);
        }
        Err(_) => {
            let seconds = pool.settings.answer_time_s;
            if claim.take() {
                let reason = format!("no association was free for {seconds} seconds");
                return told(finish(&shared, &submit, Passed::NotBound { reason }).await);
            }
            let reason = format!("the MTA has not answered for {seconds} seconds");
            told(finish(&shared, &submit, Passed::Unanswered { reason }).await);
            if let Ok(passed @ Passed::Result(_)) = answered.await {
                finish(&shared, &submit, passed).await;
            }
        }
    }
}

/// Brings in what became of a submission, and waits until what is kept of it is durable.
async fn finish(shared: &Arc<Shared>, submit: &Submit, passed: Passed) -> Reply {
    let (service, token) = (shared.service.clone(), submit.token.clone());
    // What the MTA took delivers nothing here.
    settle(shared, BY_ITSELF, move || service.complete(&token, passed, shared::now())).await
}

/// Has the service do something, and waits until it is durable.
async fn settle(
    shared: &Arc<Shared>,
    association: u64,
    work: impl FnOnce() -> Outcome + Send + 'static,
) -> Reply {
    match shared.deliver(work).await {
        Ok(mut outcome) => {
            let committed = match outcome.commit.take() {
                Some(commit) => Some(commit.await),
                None => None,
            };
            effect::settled(shared, (association, None), outcome, committed.as_ref())
        }
        // Where it fails so, the user is told by whoever waits for it.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
