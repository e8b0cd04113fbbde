//! The size of TPDUs (X.224 §13.3.4, parameters C0 and F0; RFC 1006 §5; RFC 2126).
//!
//! A size counts the whole TPDU, its header included. C0 says powers of two from 128 to 8192, F0
//! multiples of 128, here up to 65,408. Where a peer names none, X.224 means 128 and RFC 1006
//! means 65,531, and stacks of both kinds are in the field: whatever comes is taken, and what is
//! sent stays at 128 until the peer has itself sent a larger TPDU, which shows that it holds with
//! RFC 1006. (The initiator's CN comes first and is always longer than 128 octets.)

use crate::x224::TPDU_SIZE_MAX;
use crate::x224::tpdu::SizeParameters;

/// X.224's default and the smallest size there is.
pub(super) const SIZE_MIN: usize = 128;
/// The largest size that C0 can say.
const C0_MAX: usize = 8192;
/// F0 counts in units of so many octets.
const F0_UNIT: usize = 128;

/// How large the TPDUs sent may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendSize {
    /// A size was agreed on.
    Agreed(usize),
    /// The peer named none.
    Unstated {
        /// The most that may be sent.
        ceiling: usize,
        /// The peer sent more than 128 octets itself.
        large_seen: bool,
    },
}

impl SendSize {
    /// Notes a received TPDU of `len` octets.
    pub(super) fn seen(&mut self, len: usize) {
        if let Self::Unstated { large_seen, .. } = self {
            *large_seen |= len > SIZE_MIN;
        }
    }

    /// The most octets that a TPDU may have.
    pub(super) fn octets(self) -> usize {
        match self {
            Self::Agreed(size) => size,
            Self::Unstated { ceiling, large_seen: true } => ceiling,
            Self::Unstated { ceiling, large_seen: false } => ceiling.min(SIZE_MIN),
        }
    }

    /// The size agreed on, where there is one.
    pub(super) fn agreed(self) -> Option<usize> {
        match self {
            Self::Agreed(size) => Some(size),
            Self::Unstated { .. } => None,
        }
    }
}

/// What an initiator that takes TPDUs of `ours` octets proposes: by C0, and by F0 as well where
/// C0 can't say it.
pub(super) fn propose(ours: usize) -> SizeParameters {
    let ours = bounded(ours);
    let f0 = (ours > C0_MAX).then(|| ours / F0_UNIT * F0_UNIT);
    SizeParameters { c0: Some(power_of_two(ours)), f0 }
}

/// What a responder that takes TPDUs of `ours` octets answers, and what it sends. A responder
/// that understands F0 answers it and leaves C0 out.
pub(super) fn respond(proposed: SizeParameters, ours: usize) -> (SizeParameters, SendSize) {
    let ours = bounded(ours);
    match proposed {
        SizeParameters { f0: Some(size), .. } => {
            let size = size.min(ours / F0_UNIT * F0_UNIT);
            (SizeParameters { c0: None, f0: Some(size) }, SendSize::Agreed(size))
        }
        SizeParameters { c0: Some(size), .. } => {
            let size = size.min(power_of_two(ours));
            (SizeParameters { c0: Some(size), f0: None }, SendSize::Agreed(size))
        }
        SizeParameters { c0: None, f0: None } => {
            (proposed, SendSize::Unstated { ceiling: ours, large_seen: false })
        }
    }
}

/// What an initiator that takes TPDUs of `ours` octets sends after this answer.
pub(super) fn confirm(answered: SizeParameters, ours: usize) -> SendSize {
    let ours = bounded(ours);
    match answered.f0.or(answered.c0) {
        Some(size) => SendSize::Agreed(size.min(ours)),
        None => SendSize::Unstated { ceiling: ours, large_seen: false },
    }
}

fn bounded(size: usize) -> usize {
    size.clamp(SIZE_MIN, TPDU_SIZE_MAX)
}

/// The largest size of C0 that is not above `size`.
fn power_of_two(size: usize) -> usize {
    let mut power = C0_MAX;
    while power > size && power > SIZE_MIN {
        power /= 2;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(c0: Option<usize>, f0: Option<usize>) -> SizeParameters {
        SizeParameters { c0, f0 }
    }

    #[test]
    fn an_initiator_says_what_the_parameters_can_say() {
        assert_eq!(propose(128), sizes(Some(128), None));
        assert_eq!(propose(8191), sizes(Some(4096), None));
        assert_eq!(propose(8192), sizes(Some(8192), None));
        assert_eq!(propose(65_531), sizes(Some(8192), Some(65_408)));
        assert_eq!(propose(1), sizes(Some(128), None));
    }

    #[test]
    fn a_responder_answers_the_parameter_it_prefers_and_never_more_than_proposed() {
        let agreed = |c0, f0, size| (sizes(c0, f0), SendSize::Agreed(size));
        let both = sizes(Some(8192), Some(65_408));
        assert_eq!(respond(both, 65_531), agreed(None, Some(65_408), 65_408));
        assert_eq!(respond(both, 1000), agreed(None, Some(896), 896));
        assert_eq!(respond(sizes(Some(8192), None), 65_531), agreed(Some(8192), None, 8192));
        assert_eq!(respond(sizes(Some(1024), None), 300), agreed(Some(256), None, 256));
        assert_eq!(respond(sizes(Some(128), None), 65_531), agreed(Some(128), None, 128));
    }

    #[test]
    fn a_peer_that_names_no_size_gets_128_until_it_has_sent_more() {
        let (answer, mut send) = respond(sizes(None, None), 65_531);
        assert_eq!(answer, sizes(None, None));
        assert_eq!((send.octets(), send.agreed()), (128, None));
        send.seen(128);
        assert_eq!(send.octets(), 128);
        send.seen(129);
        assert_eq!(send.octets(), 65_531);
        assert_eq!(confirm(sizes(None, None), 2048).octets(), 128);
        assert_eq!(confirm(sizes(Some(512), None), 2048), SendSize::Agreed(512));
        assert_eq!(confirm(sizes(Some(8192), None), 2048), SendSize::Agreed(2048));
    }
}
