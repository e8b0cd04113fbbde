//! Old backups taken out of a tree: their manifests, and the files that no other backup names.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    path::Path,
};

use crate::{
    ArchiveError,
    tree::{MESSAGE_END, Tree, names},
};

/// What was taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Backups.
    pub backups: u64,
    /// Files of messages.
    pub files: u64,
}

/// Keeps the newest so many backups, and of each mailbox the newest in which it is. Nothing is
/// taken out where a manifest is damaged: what it named is not known then.
///
/// A crash leaves files that no manifest names; the next time takes them out.
///
/// # Errors
/// Where the tree can't be read or written, or is in use.
pub fn prune(path: &Path, keep: usize) -> Result<Pruned, ArchiveError> {
    let tree = &mut Tree::open_to_write(path)?;
    let mut damaged = Vec::new();
    let mut read = Vec::new();
    for (number, name) in tree.manifests.iter().rev() {
        match tree.manifest(name, &mut damaged)? {
            Some(manifest) if damaged.is_empty() => read.push((*number, manifest)),
            _ => return Ok(Pruned::default()),
        }
    }
    let (mut mailboxes, mut old) = (HashSet::new(), Vec::new());
    // By directory.
    let mut kept: HashMap<String, HashSet<String>> = HashMap::new();
    for (at, (number, manifest)) in read.into_iter().enumerate() {
        let mut is_kept = at < keep;
        for one in &manifest.boxes {
            is_kept |= mailboxes.insert(one.name.clone());
        }
        for one in manifest.boxes {
            let files = kept.entry(one.directory).or_default();
            if is_kept {
                files.extend(one.entries.into_iter().map(|entry| entry.file));
            }
        }
        if !is_kept {
            old.push(number);
        }
    }
    take_out(tree, &old, &kept).map_err(ArchiveError::io(path))
}

fn take_out(
    tree: &mut Tree,
    old: &[u32],
    kept: &HashMap<String, HashSet<String>>,
) -> io::Result<Pruned> {
    let mut pruned = Pruned::default();
    for number in old {
        if let Some(name) = tree.manifests.remove(number) {
            fs::remove_file(tree.path.join(name))?;
            pruned.backups += 1;
        }
    }
    // No manifest names what goes next.
    File::open(&tree.path)?.sync_all()?;
    for (directory, files) in kept {
        let place = tree.path.join(directory);
        for name in names(&place)? {
            if name.ends_with(MESSAGE_END) && !files.contains(&format!("{directory}/{name}")) {
                fs::remove_file(place.join(name))?;
                pruned.files += 1;
            }
        }
        if files.is_empty() {
            // It stays where somebody else has put something into it.
            let _ = fs::remove_dir(&place);
        }
    }
    Ok(pruned)
}
