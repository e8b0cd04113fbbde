//! The wire vectors of `vectors/x400`: PDUs that another encoder made, with their meaning.

use bytes::Bytes;
use std::path::{Path, PathBuf};

/// One vector.
pub struct Vector {
    /// Where it lies below the folder of vectors.
    pub path: PathBuf,
    /// The type, `Module.Type`.
    pub of: String,
    /// The octets.
    pub octets: Bytes,
}

/// The vectors of a folder: `x400`, or `x400/as-published` for what that encoder writes where it
/// departs from the standard.
///
/// # Panics
/// Where the folder is missing or a file in it is no vector.
pub fn vectors(folder: &str) -> Vec<Vector> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut found = Vec::new();
    for group in entries(&root.join(folder)).into_iter().filter(|path| path.is_dir()) {
        for file in entries(&group).into_iter().filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&file).expect("a vector is a text");
            let of = text.trim_start_matches("# ").split(':').next().unwrap_or_default();
            let octets = text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .flat_map(str::split_whitespace)
                .map(|octet| u8::from_str_radix(octet, 16).expect("a vector is hex"))
                .collect::<Vec<u8>>();
            let path = file.strip_prefix(&root).expect("a file below the root").to_owned();
            found.push(Vector { path, of: of.to_owned(), octets: octets.into() });
        }
    }
    assert!(!found.is_empty(), "no vectors in {folder}");
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of vectors is there")
        .map(|entry| entry.expect("a folder can be read").path())
        .collect();
    entries.sort();
    entries
}
