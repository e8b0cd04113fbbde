//! Backups of the store while it runs, and what is made of them: entries that were deleted come
//! back, and a store whose disk is lost with all that was on it goes on from its last backup.
//!
//! A backup is compared with what there is when it is made, what comes back with what there was
//! then. Numbers go on above all that were given before: no entry has one that another had.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use restante_archive::{Backup, BackupWish, Manner, RestoreWish, Restored, Rules};
use restante_ms::archive as kept;

use super::disk::{Disk, Fault};
use super::forward::first_sweep;
use super::model::{Entry, Mailbox, State};
use super::world::{Index, World};

/// What belongs into a backup, as the server has it.
const RULES: Rules = Rules {
    is_users: |name| !restante_ms::is_queue(name),
    is_kept: kept::is_kept,
    is_message: kept::is_message,
    is_registration: kept::is_registration,
    alone: kept::alone,
};

/// A backup that was made.
pub(super) struct Kept {
    /// Where.
    tree: PathBuf,
    /// What is in it.
    state: State,
}

fn mains(mailbox: &Mailbox) -> impl Iterator<Item = (u32, &Entry)> {
    let all = mailbox.entries.iter().map(|(number, entry)| (*number, entry));
    all.filter(|(_, entry)| entry.parent.is_none() && kept::is_kept(entry.class))
}

impl World {
    /// A backup is made, into the tree of the one before if there is one.
    pub(super) fn back_up(&mut self) {
        let tree = match &self.kept {
            Some(kept) => kept.tree.clone(),
            None => self.tree(),
        };
        let fails = self.random.percent(15);
        if fails {
            let calls = self.random.within(1, 20);
            self.plan(calls, Fault::RefuseRead);
        }
        let wish =
            BackupWish { mailboxes: None, compress: self.random.percent(30), made: String::new() };
        let on = |_, _| ControlFlow::Continue(());
        let made = restante_archive::backup(&self.service().store, &tree, &wish, &RULES, &on);
        let made = made.expect("a backup can be made");
        let failed = fails && self.disk.fired().is_some();
        self.note(format!("backed up: {made}, a read failed: {failed}"));
        self.counts.backups += 1;
        let state = self.backed_up(&made, failed);
        self.kept = Some(Kept { tree, state });
    }

    /// What is in a backup: all that there is, but for what could not be read.
    fn backed_up(&self, made: &Backup, failed: bool) -> State {
        let mut state = self.model.visible.clone();
        let mut damaged: BTreeSet<&str> = made.damaged.iter().map(|one| &*one.what).collect();
        let mut entries = 0;
        for (user, mailbox) in self.people.users().iter().zip(&mut state.mailboxes) {
            let all: Vec<_> = mains(mailbox).map(|(n, e)| (n, e.harm.is_some())).collect();
            for (number, harmed) in all {
                if damaged.remove(&*format!("{} {number}", user.key)) {
                    assert!(harmed || failed, "entry {number} of {} can be read", user.key);
                    mailbox.remove(number);
                } else {
                    entries += 1;
                }
            }
            mailbox.entries.retain(|_, entry| kept::is_kept(entry.class));
            // What is read from the tree is good: it was written before the bit flipped.
            mailbox.entries.values_mut().for_each(|entry| entry.harm = None);
        }
        assert_eq!((made.entries, damaged), (entries, BTreeSet::new()), "{made}");
        state
    }

    /// Entries that were deleted since the backup come back, under their numbers.
    pub(super) fn undelete(&mut self) {
        let Some(Kept { tree, state }) = self.kept.take() else { return };
        if self.full || self.logs {
            self.kept = Some(Kept { tree, state });
            return;
        }
        let restored = self.restore(&tree, 0);
        let mut there = self.model.visible.clone();
        let mut came = 0;
        let mailboxes = there.mailboxes.iter_mut().zip(&state.mailboxes);
        for (user, (mailbox, old)) in mailboxes.enumerate() {
            for (number, _) in mains(old) {
                if !mailbox.entries.contains_key(&number) {
                    mailbox.take_in(old, number, self.epoch);
                    came += 1;
                }
            }
            if mailbox.register_again(old) {
                there.acts.insert(first_sweep(user));
            }
        }
        assert_eq!(restored.entries, came, "{restored}");
        self.register_again(&restored);
        self.model.settle(there);
        self.kept = Some(Kept { tree, state });
    }

    /// The disk is lost with all that was on it; what was backed up goes on on another one.
    pub(super) fn lose_disk(&mut self) {
        let Some(Kept { tree, state }) = self.kept.take() else { return };
        let highest = |state: &State| -> Vec<u32> {
            state.mailboxes.iter().map(|mailbox| mailbox.high_water).collect()
        };
        let (had, backed_up) = (highest(&self.model.visible), highest(&state));
        let since = had.iter().zip(&backed_up).map(|(now, then)| now - then).max();
        let more = u32::try_from(self.random.below(20)).unwrap_or(0);
        let increment = since.unwrap_or(0) + more;
        self.crash();
        self.disk = Disk::default();
        self.leave_index(Index::Lost);
        self.older_fits = false;
        self.records_harmed = false;
        let logs = self.logs;
        self.model.settle(State::new(self.users(), logs));
        self.start();
        self.counts.restored += 1;
        let restored = self.restore(&tree, increment);
        let mut there = State::new(self.users(), logs);
        let queue = self.users();
        for (user, old) in state.mailboxes.iter().take(queue).enumerate() {
            let mailbox = &mut there.mailboxes[user];
            mains(old).for_each(|(number, _)| mailbox.take_in(old, number, self.epoch));
            mailbox.high_water = old.high_water + increment;
            if mailbox.register_again(old) {
                there.acts.insert(first_sweep(user));
            }
        }
        there.mailboxes[queue].high_water = increment;
        let came: usize = there.mailboxes.iter().map(|mailbox| mains(mailbox).count()).sum();
        assert_eq!(restored.entries, came as u64, "{restored}");
        self.register_again(&restored);
        self.model.settle(there);
        for (then, mailbox) in had.iter().zip(&self.model.visible.mailboxes).take(queue) {
            assert!(mailbox.high_water >= *then, "a number may come twice");
        }
    }

    /// A place for another tree.
    fn tree(&self) -> PathBuf {
        self.place(&format!("tree{}", self.counts.restored))
    }

    fn restore(&mut self, tree: &Path, increment: u32) -> Restored {
        let wish = RestoreWish {
            mailboxes: None,
            message: None,
            into: None,
            manner: Manner::Full,
            increment,
            dry_run: false,
        };
        let on = |_, _| ControlFlow::Continue(());
        let store = &self.service().store;
        let restored = restante_archive::restore(store, tree, &wish, &RULES, &on);
        let restored = restored.expect("a backup can be restored");
        assert_eq!((restored.renumbered_all, restored.damaged_all), (0, 0), "{restored:?}");
        self.note(format!("{restored}"));
        restored
    }

    /// What was registered is so again.
    fn register_again(&self, restored: &Restored) {
        let ms = &self.service().ms;
        for (name, values) in &restored.registrations {
            let user = self.people.users().iter().find(|user| user.key == *name);
            let user = user.expect("one of our users");
            let mailbox = ms.mailbox(user).expect("a mailbox");
            let registered = ms.register_again(mailbox, values).expect("it can be registered");
            let (ticket, arguments) = registered;
            ticket.wait().expect("it is kept");
            for argument in &arguments {
                let mut outcome = ms.register_for(user, argument);
                let ticket = outcome.commit.take().expect("a registration is kept");
                ticket.wait().expect("it is kept");
            }
        }
    }
}
