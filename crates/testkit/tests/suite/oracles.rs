//! The oracles of the fuzz targets on what has been saved: the inputs of `fuzz/corpus`, and every
//! wire vector for every target.

use proptest::prelude::*;
use restante_testkit::oracles::ORACLES;
use restante_testkit::vectors::vectors;
use std::path::Path;

/// Runs an oracle, and says what it was given where it fails.
fn hold(oracle: &fn(&[u8]), octets: &[u8], what: &str) {
    let held = std::panic::catch_unwind(|| oracle(octets));
    assert!(held.is_ok(), "does not hold for {what}");
}

#[test]
fn saved_inputs_are_replayed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (name, oracle) in ORACLES {
        let Ok(folder) = std::fs::read_dir(corpus.join(name)) else { continue };
        for entry in folder {
            let path = entry.expect("a folder can be read").path();
            let octets = std::fs::read(&path).expect("an input can be read");
            hold(oracle, &octets, &path.display().to_string());
        }
    }
}

#[test]
fn every_target_has_an_oracle_and_every_oracle_a_target() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/src/bin");
    let mut targets: Vec<String> = std::fs::read_dir(targets)
        .expect("the fuzz targets are there")
        .map(|entry| entry.expect("a folder can be read").path())
        .map(|path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    targets.sort();
    let mut oracles: Vec<String> = ORACLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    oracles.sort();
    assert_eq!(targets, oracles);
}

#[test]
fn vectors_hold_for_every_target() {
    for vector in vectors("x400").iter().chain(&vectors("x400/as-published")) {
        for (name, oracle) in ORACLES {
            hold(oracle, &vector.octets, &format!("{name} {}", vector.path.display()));
        }
    }
}

proptest! {
    #[test]
    fn damaged_vectors_hold_for_every_target(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), octet: u8,
        cut in any::<prop::sample::Index>(),
    ) {
        let vectors = vectors("x400");
        let mut octets = which.get(&vectors).octets.to_vec();
        *at.get_mut(&mut octets) = octet;
        octets.truncate(cut.index(octets.len()) + 1);
        for (_, oracle) in ORACLES {
            oracle(&octets);
        }
    }
}
