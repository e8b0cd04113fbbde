//! Contents and body parts saved as files. None takes the place of a file that is there.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use restante_ber::Rope;
use restante_view::{Entry, files};

/// Writes the content and, where it is a message of X.420, each body part into files of a
/// directory; returns their paths.
///
/// # Errors
/// When there is no content, a file exists already, or can't be written.
pub(crate) fn save(entry: &Entry, directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let content = entry.content().context("the entry has no content that could be saved")?;
    fs::create_dir_all(directory)
        .with_context(|| format!("the directory {} can't be made", directory.display()))?;
    let number = entry.number;
    let mut files = vec![(format!("{number}.ber"), content)];
    for (at, (name, octets)) in files::body_parts(entry).into_iter().enumerate() {
        files.push((format!("{number}-{}-{name}", at + 1), octets));
    }
    files
        .into_iter()
        .map(|(name, octets)| {
            let path = directory.join(name);
            create(&path, &octets).with_context(|| {
                format!("{} can't be written; what is there is kept", path.display())
            })?;
            Ok(path)
        })
        .collect()
}

/// Writes octets into a file, or to standard output where it is named `-`.
///
/// # Errors
/// When they can't be written.
pub(crate) fn write(path: &Path, octets: &Rope) -> anyhow::Result<()> {
    let write_to = |mut to: Box<dyn Write>| {
        octets.pieces().try_for_each(|piece| to.write_all(piece)).and_then(|()| to.flush())
    };
    if path.as_os_str() == "-" {
        return write_to(Box::new(io::stdout().lock())).context("standard output is closed");
    }
    File::create(path)
        .and_then(|file| write_to(Box::new(file)))
        .with_context(|| format!("{} can't be written", path.display()))
}

fn create(path: &Path, octets: &Rope) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    octets.pieces().try_for_each(|piece| file.write_all(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("7.ber");
        create(&path, &Rope::from(vec![1])).unwrap();
        let error = create(&path, &Rope::from(vec![2])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), [1]);
    }
}
