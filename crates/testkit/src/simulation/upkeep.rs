//! What happens between rounds: the store ends and starts, crashes, gives space back, runs out of
//! it, is verified, loses its index, loses a bit.

use std::ops::ControlFlow;

use restante_storage::StorageError;

use super::disk::{Fault, Fired};
use super::model::Event;
use super::world::{Index, World};

/// What happens while nothing else is under way.
type Deed = fn(&mut World);

/// All of it, with weights.
pub(super) const DEEDS: &[(usize, (&str, Deed))] = &[
    (60, ("a round", World::quiet_round)),
    (12, ("a round in which the disk stops", World::cut_off_round)),
    (6, ("a round in which the disk refuses", World::refused_round)),
    (6, ("the store ends", World::end_and_start)),
    (5, ("space is given back", World::reclaim)),
    (4, ("space is given back and the disk fails", World::reclaim_and_fail)),
    (4, ("the volume fills up or is emptied", World::fill_up)),
    (3, ("a bit flips", World::flip)),
    (2, ("time passes", World::wait_for_tomorrow)),
    (2, ("numbers are passed over", World::pass_over)),
    (2, ("the store is verified", World::verify)),
    (2, ("the index is put right", World::put_right)),
    (3, ("a backup is made", World::back_up)),
];

impl World {
    /// Something happens.
    pub(super) fn deed(&mut self) {
        let (name, deed) = *self.random.weighted(DEEDS);
        self.note(format!("== {name}"));
        deed(self);
        let thorough = self.random.percent(10);
        self.agree(thorough);
    }

    /// The end of a history: all is there, with an index made anew, and nothing else is damaged.
    pub(super) fn end(&mut self) {
        self.note("== the end".to_owned());
        self.come_to_rest();
        self.agree(true);
        self.stop();
        self.leave_index(Index::Lost);
        self.start();
        self.verify();
        self.bring_back();
        self.stop();
    }

    /// What was backed up comes back: last of all, since how many records of it share a sync is
    /// the machine's choice.
    fn bring_back(&mut self) {
        if self.kept.is_none() {
            self.back_up();
        }
        self.undelete();
        self.agree(true);
        self.lose_disk();
        self.agree(true);
    }

    fn some_acts(&mut self) -> usize {
        self.random.within(1, 9)
    }

    fn quiet_round(&mut self) {
        let acts = self.some_acts();
        self.round(acts);
    }

    fn cut_off_round(&mut self) {
        self.planned = Some(Fault::Stop);
        let acts = self.some_acts();
        self.round(acts);
        self.planned = None;
        self.disk.fired();
        self.crash();
        let left = *self.random.choose(&[Index::Kept, Index::Older, Index::Lost]);
        self.leave_index(left);
        self.start();
    }

    fn refused_round(&mut self) {
        self.planned = Some(Fault::Refuse);
        let acts = self.some_acts();
        self.round(acts);
        let fired = self.disk.fired();
        self.counts.refusals += u64::from(fired.is_some());
        let stopped = self.service().store.stopped();
        self.note(format!("refused: {fired:?}, stopped: {}", stopped.is_some()));
        if let Some(Fired { log: true, .. }) = fired {
            assert!(stopped.is_some(), "the log could not be written, and the store goes on");
        }
        if stopped.is_some() {
            // Nothing is acknowledged any more.
            for _ in 0..3 {
                self.deliver();
            }
            self.take_answers();
            self.planned = None;
            self.after_a_stop();
        }
        self.planned = None;
    }

    /// The store has stopped: it is started again, with the machine or without.
    fn after_a_stop(&mut self) {
        if self.random.percent(50) {
            self.stop();
        } else {
            self.crash();
        }
        let left = *self.random.choose(&[Index::Kept, Index::Lost]);
        self.leave_index(left);
        self.start();
    }

    fn end_and_start(&mut self) {
        self.stop();
        let left = *self.random.choose(&[Index::Kept, Index::Kept, Index::Older, Index::Lost]);
        self.leave_index(left);
        self.start();
    }

    fn flip(&mut self) {
        self.stop();
        self.harm();
        // An index that is older than the entry is none that shows it.
        let left = *self.random.choose(&[Index::Kept, Index::Lost]);
        self.leave_index(left);
        self.start();
    }

    /// Gives space back; what of it could not be done.
    fn give_back(&mut self) -> Result<(), StorageError> {
        self.service().store.wait_for_index();
        let reclaimed = self.service().store.reclaim();
        self.older_fits = false;
        let told = match &reclaimed {
            Ok(reclaimed) => format!("{} segments", reclaimed.segments),
            Err(error) => error.to_string(),
        };
        self.note(format!("given back: {told}"));
        self.counts.rewritten += reclaimed.as_ref().map_or(0, |reclaimed| reclaimed.segments);
        reclaimed.map(drop)
    }

    fn reclaim(&mut self) {
        let given_back = self.give_back();
        assert!(given_back.is_ok() || self.full, "{given_back:?}");
    }

    fn reclaim_and_fail(&mut self) {
        let fault = *self.random.choose(&[Fault::Stop, Fault::Refuse, Fault::RefuseRead]);
        let calls = 1 + self.random.below(30);
        self.plan(calls, fault);
        let given_back = self.give_back();
        let fired = self.disk.fired();
        self.note(format!("{fired:?}"));
        assert!(given_back.is_ok() || fired.is_some() || self.full, "{given_back:?}");
        if fault == Fault::Stop {
            self.crash();
            let left = *self.random.choose(&[Index::Kept, Index::Lost]);
            self.leave_index(left);
            self.start();
        } else {
            self.counts.refusals += u64::from(fired.is_some());
        }
    }

    fn fill_up(&mut self) {
        self.full = !self.full;
        let free = self.random.within(0, 200_000);
        let free = u64::try_from(free).ok().filter(|_| self.full);
        self.disk.set_free_bytes(free);
    }

    fn wait_for_tomorrow(&mut self) {
        let hours = self.random.within(1, 40);
        self.now += i64::try_from(hours).unwrap_or(1) * 3_600_000_000;
    }

    fn pass_over(&mut self) {
        let count = u32::try_from(self.random.within(1, 50)).unwrap_or(1);
        let raised = self.service().store.raise_numbers(count);
        match raised {
            Ok(()) => {
                let asked = self.model.ask(Event::Skipped(count), false);
                self.model.acknowledge(asked);
            }
            Err(error) => assert!(self.full, "{error}"),
        }
    }

    /// Nothing is damaged but what was.
    fn verify(&mut self) {
        let store = self.service().store.clone();
        let found = store.verify(None, &mut |_| ControlFlow::Continue(()));
        let found = found.expect("a store can be verified");
        let harmed = self.counts.flips > 0;
        assert!(found.damaged.is_empty() || harmed, "{:?}", found.damaged);
        self.note(format!("verified: {} places are damaged", found.damaged.len()));
    }

    fn put_right(&mut self) {
        let store = self.service().store.clone();
        let resync = store.resync(None, &mut |_| ControlFlow::Continue(()));
        let resync = resync.expect("a store can be resynchronised");
        let changed = resync.made + resync.removed + resync.changed;
        assert!(changed == 0 || self.counts.flips > 0, "{resync}");
    }
}
