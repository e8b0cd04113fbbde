//! Associations whose connection breaks in the middle of a transfer: recovered and resumed, or
//! refused and begun again; delivered once either way.

use crate::link::{End, Link, initiator_options, invocation};
use crate::reliable::{invoke_large, large, reliable_bind, reliable_table, result, rtse};
use restante_ber::UtcTime;
use restante_osi::{
    AbortedBy, Association, Event, InitiatorOptions, MemoryBuffers, RecoveryLimits, Refusal,
    Request, ResponderOptions, RtseOptions, RtseRecovery,
};
use std::time::{Duration, Instant};

pub(crate) const KEEP_TIME: Duration = Duration::from_secs(60);
const MESSAGE_LEN: usize = 10 << 20;
const CHECKPOINT_SIZE: u16 = 512;

fn store(name: &str) -> RtseRecovery {
    store_of(name, 4, usize::MAX)
}

pub(crate) fn store_of(name: &str, associations_per_peer: usize, octets: usize) -> RtseRecovery {
    let limits =
        RecoveryLimits { associations: 6, associations_per_peer, octets, keep_time: KEEP_TIME };
    RtseRecovery::new(name, UtcTime(1_700_000_000), limits)
}

/// Two processes, each with what it keeps, and an association between them that is bound.
struct Processes {
    ours: RtseOptions,
    theirs: RtseOptions,
}

impl Processes {
    fn new() -> Self {
        let options = |name| RtseOptions { recovery: store(name), ..rtse(CHECKPOINT_SIZE, 3) };
        Self { ours: options("one"), theirs: options("other") }
    }

    fn initiator(&self) -> InitiatorOptions {
        InitiatorOptions { rtse: self.ours.clone(), ..initiator_options() }
    }

    fn responder(&self) -> ResponderOptions {
        let rtse = self.theirs.clone();
        ResponderOptions { rtse, ..ResponderOptions::new(reliable_table()) }
    }

    fn bound(&self) -> Link {
        Link::with(self.initiator(), reliable_bind(), self.responder()).bound()
    }

    /// The association again, on another connection, and whether the peer grants that.
    fn recovered(&self, lost: &Link) -> Option<Link> {
        let name = lost.initiator.association.suspended()?.clone();
        let now = lost.initiator.now;
        let buffers = Box::new(MemoryBuffers::new(usize::MAX));
        let ours = Association::resume(self.initiator(), &name, buffers, now)?;
        let mut link = Link::between(End::over(ours, now), End::responder(self.responder(), now));
        link.run();
        match link.initiator.events().pop() {
            Some(Event::BindRefused(_)) => return None,
            None => {}
            other => panic!("{other:?}"),
        }
        let Event::BindIndication(indication) = link.responder.event() else { panic!("no bind") };
        assert_eq!(indication.argument.as_deref(), Some(crate::link::ARGUMENT));
        link.responder.request(Request::AcceptBind { result: None });
        link.run();
        let Event::BindConfirmed(confirmation) = link.initiator.event() else { panic!("refused") };
        assert_eq!(confirmation.result, None);
        Some(link)
    }
}

/// Loses the connection at both ends.
fn cut(link: &mut Link) {
    link.initiator.lose();
    link.responder.lose();
    for end in [&mut link.initiator, &mut link.responder] {
        let Some(Event::Aborted(abort)) = end.events().pop() else { panic!("no abort") };
        assert_eq!(abort.by, AbortedBy::Connection);
    }
}

/// How many octets went one way in the uncut run.
fn traffic(act: impl Fn(&mut Link) -> i64, forth: bool) -> usize {
    let mut link = Processes::new().bound();
    act(&mut link);
    let carried = link.run_counting(usize::MAX);
    if forth { carried.0 } else { carried.1 }
}

/// The places at which a connection is cut: at each checkpoint, on both sides of it.
fn cuts(total: usize) -> impl Iterator<Item = usize> {
    let step = usize::from(CHECKPOINT_SIZE) * 1024;
    (0..=total / step)
        .flat_map(move |checkpoint| [0, 70].map(|off| checkpoint * step + off))
        .chain([total - 12, total - 1, total])
}

#[test]
fn a_message_that_the_initiator_sends_is_resumed_wherever_it_is_cut() {
    let total = traffic(|link| link.initiator.invoke(invoke_large(MESSAGE_LEN)), true);
    let (message, invoke) = (large(MESSAGE_LEN), invoke_large(MESSAGE_LEN));
    for at in cuts(total) {
        let processes = Processes::new();
        let mut link = processes.bound();
        let invoke_id = link.initiator.invoke(invoke.clone());
        link.run_counting(at);
        let mut arrived: Vec<Event> = invocations(link.responder.events());
        if let [Event::Invoke { .. }] = &arrived[..] {
            // It was handed up before the cut: the association can't be recovered.
            cut(&mut link);
            assert!(processes.recovered(&link).is_none());
            continue;
        }
        cut(&mut link);
        let mut link = processes.recovered(&link).expect("recovered");
        let (sent, _) = link.run_counting(usize::MAX);
        arrived.extend(link.responder.events());
        let [Event::Invoke { invoke_id: id, argument, .. }] = &arrived[..] else {
            panic!("cut at {at}: {} events", arrived.len());
        };
        assert_eq!(*id, invoke_id);
        assert!(argument.as_deref() == Some(&message[..]), "cut at {at}");
        // No more is sent again than the window, and what was cut.
        let window = 5 * usize::from(CHECKPOINT_SIZE) * 1024;
        assert!(sent + at < total + window, "cut at {at}: {sent} octets sent again");
        // The operation goes on as if nothing had been.
        link.responder.request(result(invoke_id, &[5, 0]));
        link.run();
        assert!(matches!(link.initiator.event(), Event::Result { invoke_id: id, .. } if id == 1));
        assert!(processes.ours.recovery.is_empty() && processes.theirs.recovery.is_empty());
    }
}

fn invocations(events: Vec<Event>) -> Vec<Event> {
    events.into_iter().filter(|event| matches!(event, Event::Invoke { .. })).collect()
}

/// Fetches a message, up to its result.
fn fetch(link: &mut Link, message: &[u8]) -> i64 {
    let invoke_id = link.initiator.invoke(invocation(22));
    link.run();
    link.responder.events();
    link.responder.request(result(invoke_id, message));
    invoke_id
}

#[test]
fn a_message_that_the_responder_sends_is_resumed_wherever_it_is_cut() {
    let message = large(MESSAGE_LEN);
    let total = traffic(|link| fetch(link, &message), false);
    for at in cuts(total) {
        let processes = Processes::new();
        let mut link = processes.bound();
        let invoke_id = fetch(&mut link, &message);
        link.run_counting_back(at);
        let mut arrived = link.initiator.events();
        cut(&mut link);
        let mut link = processes.recovered(&link).expect("recovered");
        link.run();
        arrived.extend(link.initiator.events());
        arrived.retain(|event| matches!(event, Event::Result { .. }));
        let [Event::Result { invoke_id: id, result, .. }] = &arrived[..] else {
            panic!("cut at {at}: {} events", arrived.len());
        };
        assert_eq!(*id, invoke_id);
        assert!(result.as_deref() == Some(&message[..]), "cut at {at}");
        // And the other way.
        link.initiator.invoke(invocation(20));
        link.run();
        assert!(matches!(link.responder.event(), Event::Invoke { .. }));
    }
}

#[test]
fn a_transfer_is_cut_again_and_again() {
    let processes = Processes::new();
    let mut link = processes.bound();
    link.initiator.invoke(invoke_large(MESSAGE_LEN));
    let mut connections = 1;
    loop {
        // Enough for the window to be confirmed.
        link.run_counting(2_000_000);
        if let Some(Event::Invoke { argument, .. }) =
            link.responder.events().into_iter().find(|event| matches!(event, Event::Invoke { .. }))
        {
            assert!(argument.as_deref() == Some(&large(MESSAGE_LEN)[..]));
            break;
        }
        cut(&mut link);
        link = processes.recovered_partly(&link);
        connections += 1;
        assert!(connections < 100, "no progress");
    }
    assert!(connections > 5, "cut {connections} times only");
}

impl Processes {
    fn recovered_partly(&self, lost: &Link) -> Link {
        let name = lost.initiator.association.suspended().expect("kept").clone();
        let now = lost.initiator.now;
        let buffers = Box::new(MemoryBuffers::new(usize::MAX));
        let ours = Association::resume(self.initiator(), &name, buffers, now).expect("kept");
        let mut link = Link::between(End::over(ours, now), End::responder(self.responder(), now));
        link.run();
        assert!(matches!(link.responder.event(), Event::BindIndication(_)));
        link.responder.request(Request::AcceptBind { result: None });
        link
    }
}

#[test]
fn a_peer_that_has_forgotten_is_bound_to_anew() {
    let mut processes = Processes::new();
    let mut link = processes.bound();
    link.initiator.invoke(invoke_large(MESSAGE_LEN));
    link.run_counting(1 << 20);
    cut(&mut link);
    processes.theirs.recovery = store("restarted");
    assert!(processes.recovered(&link).is_none());
    let mut link = processes.bound();
    link.initiator.invoke(invoke_large(MESSAGE_LEN));
    link.run();
    let Event::Invoke { argument, .. } = link.responder.event() else { panic!("no invoke") };
    assert!(argument.as_deref() == Some(&large(MESSAGE_LEN)[..]));
    link.responder.no_event();
}

#[test]
fn nothing_is_kept_by_one_who_keeps_nothing_or_for_too_long() {
    let processes = Processes::new();
    let mut link = processes.bound();
    link.initiator.invoke(invoke_large(MESSAGE_LEN));
    link.run_counting(1 << 20);
    cut(&mut link);
    let name = link.initiator.association.suspended().expect("kept").clone();
    assert_eq!(processes.ours.recovery.len(), 1);
    let late = link.initiator.now + KEEP_TIME;
    let buffers = Box::new(MemoryBuffers::new(usize::MAX));
    assert!(Association::resume(processes.initiator(), &name, buffers, late).is_none());
    assert!(processes.ours.recovery.is_empty());

    let mut link = Link::with(initiator_options(), reliable_bind(), processes.responder()).bound();
    link.initiator.invoke(invoke_large(MESSAGE_LEN));
    link.run_counting(1 << 20);
    cut(&mut link);
    assert_eq!(link.initiator.association.suspended(), None);
}

#[test]
fn only_so_many_are_kept() {
    let processes = Processes::new();
    for _ in 0..9 {
        let mut link = processes.bound();
        link.initiator.invoke(invoke_large(100_000));
        link.run_counting(50_000);
        cut(&mut link);
    }
    assert_eq!((processes.ours.recovery.len(), processes.theirs.recovery.len()), (4, 4));
}

#[test]
fn a_stranger_recovers_nothing() {
    let processes = Processes::new();
    let mut link = processes.bound();
    link.initiator.invoke(invoke_large(MESSAGE_LEN));
    link.run_counting(1 << 20);
    cut(&mut link);
    let mut stranger = Processes::new();
    stranger.theirs = processes.theirs.clone();
    let mut own = stranger.bound();
    own.initiator.invoke(invoke_large(MESSAGE_LEN));
    own.run_counting(1 << 20);
    // The responder of another process keeps this one.
    let mut elsewhere = Processes::new();
    elsewhere.ours = stranger.ours.clone();
    own.initiator.lose();
    let name = own.initiator.association.suspended().expect("kept").clone();
    let buffers = Box::new(MemoryBuffers::new(usize::MAX));
    let now = Instant::now();
    let ours = Association::resume(elsewhere.initiator(), &name, buffers, now).expect("kept");
    let mut link = Link::between(End::over(ours, now), End::responder(elsewhere.responder(), now));
    link.run();
    let refused = link.initiator.event();
    assert!(matches!(refused, Event::BindRefused(Refusal::Association { .. })), "{refused:?}");
    assert_eq!(processes.theirs.recovery.len(), 1);
}
