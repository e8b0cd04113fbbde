//! Holds that follow from what there is: with too little free on the data volume nothing is taken,
//! a mailbox that was full is let go when it has room again, and what was blocked for a time when
//! that is over. See [`restante_ms::Holds`].

use std::{sync::Arc, time::Duration};

use restante_ms::{Hold, Whose, Why};
use restante_storage::Store;
use tokio::{sync::watch, time::interval};

use crate::{
    connection::stopped,
    events::{Fact, tell},
    hub::What,
    shared::Shared,
};

/// How often is looked.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// Deliveries are let go again when so much more is free than must be, as a part of that.
const MARGIN_PART: u64 = 8;

/// Looks until the server stops.
pub(crate) async fn watch(
    shared: Arc<Shared>,
    store: Arc<Store>,
    mut stop: watch::Receiver<bool>,
) {
    let mut looks = interval(LOOK_INTERVAL);
    loop {
        tokio::select! {
            _ = looks.tick() => {
                let (shared, store) = (shared.clone(), store.clone());
                // Where it fails, the next look is another.
                let _ = tokio::task::spawn_blocking(move || look(&shared, &store)).await;
            }
            () = stopped(&mut stop) => return,
        }
    }
}

/// Puts holds on, or takes them off.
pub(crate) fn look(shared: &Shared, store: &Store) {
    let holds = shared.service.holds();
    match store.free_bytes() {
        Ok(free) => {
            let most = shared.config.storage.options().free_bytes_min;
            if free < most {
                holds.put(Whose::All, Why::Space, Hold::everything());
            } else if free >= most.saturating_add(most / MARGIN_PART) {
                holds.put(Whose::All, Why::Space, Hold::default());
            }
        }
        Err(error) => {
            tell(Fact::FreeSpaceUnknown { error: &error });
        }
    }
    if let Err(error) = shared.service.review_quotas() {
        tell(Fact::QuotasUnknown { error: &error });
    }
    match shared.blocks.look(store, holds) {
        Ok(ended) => {
            for block in ended {
                let whose = block.mailbox.as_deref().unwrap_or("all mailboxes");
                let fact = Fact::BlockOver { operation: &block.operation.name(), whose: &whose };
                tell(fact);
                shared.hub.happen(|| What::Store { text: fact.to_string() });
            }
        }
        Err(error) => {
            tell(Fact::BlocksNotEnded { error: &error });
        }
    }
}
