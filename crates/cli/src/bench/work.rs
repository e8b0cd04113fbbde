//! What one association of the load does, over and over: one operation at a time, of an argument
//! that costs little, with an answer that is not looked into beyond that it is a result.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::bail;
use restante_ber::SetOf;
use restante_client::{Mta, UserAgent, p7};
use restante_mhs::x413::{
    AttributeValue, AutoActionRegistration, AutoAlertRegistrationParameter, DeleteArgument,
    DeleteItems, EntryClass, FetchArgument, FetchItem, ListArgument, ListResult, NumberRange,
    Range, RegisterMSArgument, Selector, SequenceNumber, oids as ms,
};
use restante_mhs::x419::ms_access;

use super::{Workload, task::Task};

/// What one operation took.
pub(super) struct Sample {
    pub(super) latency: Duration,
    /// What had to be done before it and is not its own.
    pub(super) prepared: Duration,
}

/// The first operation on a mailbox, for which the store may have had to make ready what later
/// ones find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct First {
    pub(super) latency: Duration,
    /// How many entries its answer told of.
    pub(super) found: usize,
}

/// One association.
pub(super) struct Worker {
    task: Arc<Task>,
    user: usize,
    state: State,
    count: usize,
}

enum State {
    Deliver(Mta),
    Fetch(UserAgent, Vec<u32>),
    Delete(UserAgent, Vec<u32>),
    /// A store that tells no whole mailbox at once is asked once for each part.
    List(UserAgent, Vec<ListArgument>),
    ListNew(UserAgent, Vec<ListArgument>, Box<Mta>),
    Alert(UserAgent, Box<Mta>),
    Bind,
    Idle(UserAgent),
}

impl Worker {
    /// Binds, and finds out what there is.
    pub(super) async fn new(task: Arc<Task>, at: usize) -> anyhow::Result<(Self, Option<First>)> {
        let user = at % task.users.len();
        let mut first = None;
        let state = match task.workload {
            Workload::Deliver => State::Deliver(task.mta().await?),
            Workload::Fetch => {
                let mut user_agent = task.user_agent(user).await?;
                let numbers = numbers(&mut user_agent).await?;
                if numbers.is_empty() {
                    bail!("there is nothing to fetch: say --entries");
                }
                State::Fetch(user_agent, numbers)
            }
            Workload::Delete => {
                let mut user_agent = task.user_agent(user).await?;
                let numbers = numbers(&mut user_agent).await?;
                // Those who share a mailbox take turns.
                let (turn, turns) = (at / task.users.len(), task.sharing(user));
                State::Delete(user_agent, numbers.into_iter().skip(turn).step_by(turns).collect())
            }
            Workload::List | Workload::Filter => {
                let mut user_agent = task.user_agent(user).await?;
                let (parts, seen) = list(&mut user_agent, task.list()).await?;
                first = Some(seen);
                State::List(user_agent, parts)
            }
            Workload::ListNew => {
                let mut user_agent = task.user_agent(user).await?;
                let (parts, seen) = list(&mut user_agent, task.list()).await?;
                first = Some(seen);
                State::ListNew(user_agent, parts, Box::new(task.mta().await?))
            }
            Workload::Alert => {
                if task.sharing(user) > 1 {
                    bail!("each association needs a user of its own: say more with --users");
                }
                let mut user_agent = task.user_agent(user).await?;
                user_agent.register_ms(&alerting()).await?;
                State::Alert(user_agent, Box::new(task.mta().await?))
            }
            Workload::Bind => State::Bind,
            Workload::Idle => State::Idle(task.user_agent(user).await?),
        };
        Ok((Self { task, user, state, count: 0 }, first))
    }

    /// Does one operation; `None` where there is no more to be done.
    pub(super) async fn operate(&mut self) -> anyhow::Result<Option<Sample>> {
        let Self { task, user, state, count } = self;
        *count += 1;
        let began = Instant::now();
        let mut prepared = Duration::ZERO;
        match state {
            State::Deliver(mta) => {
                mta.deliver(task.users[*user].1.message(*count)).await?;
            }
            State::Fetch(user_agent, numbers) => {
                // All over the mailbox: a step that has no factor in common with most lengths.
                let number = numbers[count.wrapping_mul(7919) % numbers.len()];
                user_agent.call(ms_access::OP_FETCH, &fetch(number)).await?;
            }
            State::Delete(user_agent, numbers) => {
                let Some(number) = numbers.pop() else { return Ok(None) };
                user_agent.call(ms_access::OP_DELETE, &delete(number)).await?;
            }
            State::List(user_agent, parts) => {
                for part in parts {
                    user_agent.call(ms_access::OP_LIST, part).await?;
                }
            }
            State::ListNew(user_agent, parts, mta) => {
                task.deliver(mta, *user, 0..task.new).await?;
                prepared = began.elapsed();
                for part in parts {
                    user_agent.call(ms_access::OP_LIST, part).await?;
                }
            }
            State::Alert(user_agent, mta) => {
                let argument = task.users[*user].1.message(*count);
                let delivery = async { mta.deliver(argument).await.map(|_| Instant::now()) };
                let alert = async { user_agent.alert().await.map(|_| Instant::now()) };
                let (acknowledged, alerted) = tokio::try_join!(delivery, alert)?;
                prepared = acknowledged - began;
                let latency = alerted.saturating_duration_since(acknowledged);
                return Ok(Some(Sample { latency, prepared }));
            }
            State::Bind => {
                let user_agent = task.user_agent(*user).await?;
                let latency = began.elapsed();
                user_agent.unbind().await?;
                return Ok(Some(Sample { latency, prepared }));
            }
            State::Idle(_) => return Ok(None),
        }
        Ok(Some(Sample { latency: began.elapsed() - prepared, prepared }))
    }

    /// Releases the association.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        match self.state {
            State::Deliver(mta) => mta.unbind().await?,
            State::Fetch(user_agent, _)
            | State::Delete(user_agent, _)
            | State::List(user_agent, _)
            | State::Idle(user_agent) => user_agent.unbind().await?,
            State::ListNew(user_agent, _, mta) | State::Alert(user_agent, mta) => {
                user_agent.unbind().await?;
                mta.unbind().await?;
            }
            State::Bind => {}
        }
        Ok(())
    }
}

/// What has a user alerted of all that comes, by number and priority.
fn alerting() -> RegisterMSArgument {
    let parameter = AutoAlertRegistrationParameter {
        filter: None,
        alert_destinations: None,
        requested_attributes: Some([ms::ID_ATT_PRIORITY.into()].into_iter().collect()),
        suppress_alert_destinations: true,
    };
    let registration = AutoActionRegistration {
        auto_action_type: ms::ID_ACT_AUTO_ALERT,
        registration_identifier: 1,
        registration_parameter: Some(AttributeValue::of(&parameter)),
    };
    RegisterMSArgument {
        auto_action_registrations: Some(SetOf(vec![registration])),
        ..RegisterMSArgument::default()
    }
}

fn fetch(number: u32) -> FetchArgument {
    let item = FetchItem::Precise(SequenceNumber(number));
    let content = Some([ms::ID_ATT_CONTENT.into()].into_iter().collect());
    FetchArgument { requested_attributes: content, ..item.into() }
}

fn delete(number: u32) -> DeleteArgument {
    DeleteItems::SequenceNumbers(SetOf(vec![SequenceNumber(number)])).into()
}

/// The numbers of all entries. They are listed from then on.
pub(super) async fn numbers(user_agent: &mut UserAgent) -> anyhow::Result<Vec<u32>> {
    let mut argument = ListArgument {
        entry_class: EntryClass::DELIVERY,
        selector: Selector::default(),
        requested_attributes: Some(SetOf::default()),
        list_extensions: None,
    };
    let mut numbers = Vec::new();
    loop {
        let result = user_agent.list(&argument).await?;
        let entries = result.requested.unwrap_or_default();
        numbers.extend(entries.iter().map(|entry| entry.sequence_number.0));
        let Some(next) = result.next else { return Ok(numbers) };
        argument.selector.range = Some(from(next));
    }
}

/// Lists all that an argument asks for; returns the arguments that it took, and what it took.
async fn list(
    user_agent: &mut UserAgent,
    mut argument: ListArgument,
) -> anyhow::Result<(Vec<ListArgument>, First)> {
    let mut first = First { latency: Duration::ZERO, found: 0 };
    let mut parts = Vec::new();
    loop {
        let began = Instant::now();
        let answer = user_agent.call(ms_access::OP_LIST, &argument).await?;
        first.latency += began.elapsed();
        parts.push(argument.clone());
        let result: ListResult = p7::result(answer)?;
        first.found += result.requested.map_or(0, |entries| entries.len());
        let Some(next) = result.next else { return Ok((parts, first)) };
        argument.selector.range = Some(from(next));
    }
}

fn from(number: SequenceNumber) -> Range {
    Range::SequenceNumberRange(NumberRange { from: Some(number), to: None })
}
