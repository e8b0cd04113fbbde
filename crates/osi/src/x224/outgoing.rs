//! What waits to be transmitted. TSDUs are cut into DT TPDUs (X.224 §6.3) only as they go out:
//! a piece for TPKT and DT header, then the user data in the pieces in which it was given.

use crate::tpkt;
use crate::x224::tpdu;
use bytes::Bytes;
use restante_ber::Rope;
use std::collections::VecDeque;

/// About how many octets are handed out at a time.
const BATCH_LEN: usize = 65_536;

#[derive(Debug)]
enum Item {
    Tpkt(Bytes),
    Tsdu(Rope),
}

/// A queue of TPKTs and TSDUs.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    items: VecDeque<Item>,
}

impl Outgoing {
    /// Queues a TPDU that is not a DT.
    pub(super) fn push_tpdu(&mut self, tpdu: &[u8]) {
        let tpkt = [tpkt::header(tpdu.len()).as_slice(), tpdu].concat();
        self.items.push_back(Item::Tpkt(tpkt.into()));
    }

    /// Queues a TSDU; an empty one is none.
    pub(super) fn push_tsdu(&mut self, tsdu: Rope) {
        if !tsdu.is_empty() {
            self.items.push_back(Item::Tsdu(tsdu));
        }
    }

    /// Forgets what has not gone out yet. No TPKT is torn: they are handed out whole.
    pub(super) fn clear(&mut self) {
        self.items.clear();
    }

    /// The next whole TPKTs, with DT TPDUs of at most `tpdu_size` octets.
    pub(super) fn poll(&mut self, tpdu_size: usize) -> Option<Rope> {
        match self.items.pop_front()? {
            Item::Tpkt(tpkt) => Some(Rope::from(tpkt)),
            Item::Tsdu(mut tsdu) => {
                let batch = segment(&mut tsdu, tpdu_size);
                if !tsdu.is_empty() {
                    self.items.push_front(Item::Tsdu(tsdu));
                }
                Some(batch)
            }
        }
    }
}

/// Takes some TPDUs' worth off the front of a TSDU.
fn segment(tsdu: &mut Rope, tpdu_size: usize) -> Rope {
    let user_data_max = tpdu_size.saturating_sub(tpdu::DT_HEADER_LEN).max(1);
    let full = dt_header(user_data_max, false);
    let mut batch = Rope::new();
    while !tsdu.is_empty() && batch.len() < BATCH_LEN {
        let user_data = tsdu.split_to(user_data_max);
        let last = tsdu.is_empty();
        batch.push(if last { dt_header(user_data.len(), true) } else { full.clone() });
        batch.append(user_data);
    }
    batch
}

/// The TPKT and DT header before so many octets of user data.
fn dt_header(user_data: usize, end_of_tsdu: bool) -> Bytes {
    let [a, b, c, d] = tpkt::header(tpdu::DT_HEADER_LEN + user_data);
    let [e, f, g] = tpdu::dt_header(end_of_tsdu);
    Bytes::copy_from_slice(&[a, b, c, d, e, f, g])
}
