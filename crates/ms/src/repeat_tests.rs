//! Marks in a bucket: which place a new one takes, and what is read back.

use super::*;

fn mark(identity: u8, time: i64) -> Mark {
    Mark { identity: Identity([identity; 16]), association: [9; 16], time: Now(time) }
}

#[test]
fn a_mark_is_read_as_it_was_written() {
    let octets = mark(7, -5).to_bytes();
    assert_eq!(octets.len(), 40);
    let read = Mark::from_bytes(&octets).expect("a mark");
    assert_eq!((read.identity, read.association, read.time.0), (Identity([7; 16]), [9; 16], -5));
    for other in [&octets[..39], &[&octets[..], &[0]].concat(), &[]] {
        assert!(Mark::from_bytes(other).is_none());
    }
    assert_eq!(way(&key(4095, 7)), Some(7));
    assert_eq!(way(&key(0, 8)), None);
    assert_eq!(way(b"delivered/"), None);
}

#[test]
fn a_new_mark_takes_an_empty_place_else_its_own_else_the_oldest() {
    let mut places = Places::default();
    (0..7)
        .for_each(|way| places.is_taken(way, &mark(way, 10 - i64::from(way)), Identity([99; 16])));
    assert_eq!(places.choose(), 7);
    let full = |to_come| {
        let mut places = Places::default();
        (0..8).for_each(|way| places.is_taken(way, &mark(way, i64::from(way % 5)), to_come));
        places
    };
    assert_eq!(full(Identity([99; 16])).choose(), 0);
    assert_eq!(full(Identity([3; 16])).choose(), 3);
}

#[test]
fn a_mark_counts_for_a_day() {
    let start = mark(1, 1_000);
    let counts = |now| start.is_repeated((start.identity, [255; 16], Now(now)));
    assert!(counts(1_000 + KEPT_US - 1) && !counts(1_000 + KEPT_US));
    // A clock that was put back.
    assert!(counts(0) && counts(i64::MIN));
}

#[test]
fn parts_of_an_identity_do_not_run_into_each_other() {
    let identities = [
        Identity::of(&[b"ab", b"c"]),
        Identity::of(&[b"a", b"bc"]),
        Identity::of(&[b"abc"]),
        Identity::of(&[b"abc", b""]),
    ];
    for (at, one) in identities.iter().enumerate() {
        assert!(identities[at + 1..].iter().all(|other| other != one));
    }
    // BLAKE2b of 16 octets of nothing: marks outlive the program.
    let expected = [0xca, 0xe6, 0x69, 0x41];
    assert_eq!(Identity::of(&[]).0[..4], expected[..]);
}
