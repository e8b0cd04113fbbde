//! What somebody who runs the store wants of the whole process.

use tokio::sync::watch;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Stop in order: what is in hand is finished.
    Stop,
    /// Stop at once: what is in hand is given up. Nothing that was acknowledged is lost.
    Abort,
    /// Stop in order and start again, with the configuration as it is then.
    Restart,
}

/// Where wishes are told.
#[derive(Debug, Clone)]
pub(crate) struct Control(watch::Sender<Option<Wish>>);

/// Where wishes arrive.
pub(crate) type Wishes = watch::Receiver<Option<Wish>>;

impl Control {
    /// Nothing is wanted yet.
    pub(crate) fn new() -> (Self, Wishes) {
        let (sender, receiver) = watch::channel(None);
        (Self(sender), receiver)
    }

    /// Somebody wants this.
    pub(crate) fn wish(&self, wish: Wish) {
        self.0.send_replace(Some(wish));
    }
}
