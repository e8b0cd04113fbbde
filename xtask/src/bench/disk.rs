//! The bare disk: as many octets as the messages of a row, in batches as large as there are
//! connections, written over a file that is filled already, one `fdatasync` a batch. Nothing that
//! keeps messages safe on this disk can be faster.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::work::{Row, Work};

/// The file is written from its beginning again at this length.
const LENGTH: u64 = 256 << 20;

/// Messages a second; `None` in rows that write nothing.
///
/// # Errors
/// Where the file can't be written.
pub(crate) fn measure(folder: &Path, row: &Row, time: Duration) -> Result<Option<f64>, String> {
    let Work::Deliver { octets } = row.work else { return Ok(None) };
    let path = folder.join("disk");
    let rate = append(&path, octets, row.connections, time);
    rate.map(Some).map_err(|error| format!("{}: {error}", path.display()))
}

fn append(path: &Path, octets: usize, messages: usize, time: Duration) -> io::Result<f64> {
    let file = filled(path)?;
    let batch = vec![0x5a; octets * messages];
    let (mut at, mut batches) = (0, 0u32);
    let began = Instant::now();
    while began.elapsed() < time {
        if at + batch.len() as u64 > LENGTH {
            at = 0;
        }
        file.write_all_at(&batch, at)?;
        file.sync_data()?;
        at += batch.len() as u64;
        batches += 1;
    }
    let elapsed = began.elapsed().as_secs_f64();
    Ok(f64::from(batches) * messages as f64 / elapsed)
}

/// The file, with octets and not holes in all of its length.
fn filled(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() == LENGTH) {
        return File::options().write(true).open(path);
    }
    let file = File::create(path)?;
    let zeros = vec![0; 1 << 20];
    for at in (0..LENGTH).step_by(zeros.len()) {
        file.write_all_at(&zeros, at)?;
    }
    file.sync_all()?;
    Ok(file)
}
