//! A stream into files: appended to, begun anew when its time has come, removed when they are too
//! many or too old. A file that somebody else moved away is made again.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use jiff::{
    Timestamp, ToSpan,
    civil::{self, DateTime},
    tz::TimeZone,
};

use super::{
    format::{Lines, civil, zone},
    record::Record,
    stream::{Sink, Written},
};
use crate::config::FileStream;

/// The Monday from which on weeks are counted.
const MONDAY: DateTime = civil::date(1970, 1, 5).at(0, 0, 0, 0);
/// The time in the name of a file.
const STAMP: &str = "%Y-%m-%d-%H-%M";

/// Files.
pub(super) struct Files {
    settings: FileStream,
    directory: PathBuf,
    lines: Lines,
    zone: TimeZone,
    /// That of the file that was opened last.
    period: Option<Period>,
    open: Option<Open>,
}

/// The file that is written to.
struct Open {
    file: File,
    path: PathBuf,
}

/// When a file is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Period {
    /// From when on, where it stands in its name.
    begin: Option<DateTime>,
    /// Until when, microseconds since 1970.
    end: i64,
}

impl Period {
    /// All time.
    const ALWAYS: Self = Self { begin: None, end: i64::MAX };

    /// That of a time, of periods of so many minutes.
    fn of(time: i64, zone: &TimeZone, minutes: usize, offset: usize) -> Option<Self> {
        let (minutes, offset) = (i64::try_from(minutes).ok()?, i64::try_from(offset).ok()?);
        if minutes == 0 {
            return Some(Self::ALWAYS);
        }
        let at = civil(time, zone)?;
        let since = at.duration_since(MONDAY).as_mins() - offset;
        // Days are counted from Monday as from any other.
        let begin = since.div_euclid(minutes) * minutes + offset;
        let begin = MONDAY.checked_add(begin.minutes()).ok()?;
        let end = begin.checked_add(minutes.minutes()).ok()?;
        let end = zone.to_ambiguous_timestamp(end);
        // Where clocks are set back that time comes twice; the end is the next one.
        let next = |end: &Timestamp| end.as_microsecond() > time;
        let end = end.compatible().ok().filter(next).or_else(|| end.later().ok())?;
        let end = end.as_microsecond();
        Some(Self { begin: Some(begin), end })
    }
}

impl Files {
    /// Those of a stream; its directory is made, and the file opened.
    pub(super) fn open(settings: &FileStream, of_all: &Path) -> io::Result<Self> {
        let directory = directory(settings, of_all);
        let lines = Lines::new(&settings.format, &settings.audits);
        let zone = zone(settings.format.utc);
        let (settings, directory) = (settings.clone(), directory.to_owned());
        let mut files = Self { settings, directory, lines, zone, period: None, open: None };
        files.reopen(crate::shared::now().0)?;
        Ok(files)
    }

    /// The files of a stream that are there, the oldest first.
    pub(super) fn existing(settings: &FileStream, of_all: &Path) -> Vec<PathBuf> {
        let directory = directory(settings, of_all);
        let whole = directory.join(format!("{}.log", settings.name));
        let Ok(files) = fs::read_dir(directory) else { return Vec::new() };
        let paths = files.filter_map(|file| file.ok().map(|file| file.path()));
        let mut paths: Vec<PathBuf> = paths.filter(|path| is_stamped(settings, path)).collect();
        paths.sort();
        // Which of the two is the newer one is told by what is configured.
        let at = if settings.rollover_minutes == 0 { paths.len() } else { 0 };
        if whole.is_file() {
            paths.insert(at, whole);
        }
        paths
    }

    /// Opens the file of a time.
    fn reopen(&mut self, time: i64) -> io::Result<()> {
        let settings = &self.settings;
        let period = period_at(settings, time, &self.zone);
        let path = path_in(settings, &self.directory, &period);
        DirBuilder::new().recursive(true).mode(0o750).create(&self.directory)?;
        let mode = settings.permissions.0;
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(mode).open(&path)?;
        // The mode of a new one was cut by the umask.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        self.open = Some(Open { file, path });
        if self.period.replace(period) != Some(period) {
            self.clean();
        }
        Ok(())
    }

    /// Removes what is too old or too many, as far as it can.
    fn clean(&self) {
        let Ok(files) = fs::read_dir(&self.directory) else { return };
        let current = self.open.as_ref().map(|open| &open.path);
        let paths = files.filter_map(|file| file.ok().map(|file| file.path()));
        let mut others: Vec<PathBuf> = paths
            .filter(|path| is_stamped(&self.settings, path) && Some(path) != current)
            .collect();
        // The newest first.
        others.sort_by(|a, b| b.cmp(a));
        let Self { settings: FileStream { kept_files, kept_days, .. }, .. } = self;
        for (at, path) in others.iter().enumerate() {
            let many = *kept_files > 0 && at >= *kept_files;
            if many || (*kept_days > 0 && is_old(path, *kept_days)) {
                // It is looked at again with the next file.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Until when the file that was opened last is written to.
    fn end(&self) -> i64 {
        self.period.map_or(i64::MIN, |period| period.end)
    }

    /// Appends a text to the file of this time.
    fn append(&mut self, time: i64, text: &str) -> io::Result<()> {
        if time >= self.end() || !self.open.as_ref().is_some_and(is_there) {
            self.open = None;
            self.reopen(time)?;
        }
        let Some(Open { file, .. }) = &mut self.open else { return Ok(()) };
        let before = file.metadata()?.len();
        let mut written = file.write_all(text.as_bytes());
        if self.settings.sync {
            written = written.and_then(|()| file.sync_data());
        }
        if let Err(error) = written {
            // No half of a line stays, as far as that can be had.
            let _ = file.set_len(before);
            self.open = None;
            return Err(error);
        }
        if self.settings.close {
            self.open = None;
        }
        Ok(())
    }
}

/// The directory of a stream's files.
fn directory<'a>(settings: &'a FileStream, of_all: &'a Path) -> &'a Path {
    let own = &settings.directory;
    if own.as_os_str().is_empty() { of_all } else { own }
}

/// Whether it is a file of a stream, with a time in its name.
fn is_stamped(settings: &FileStream, path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let stamp = name.and_then(|name| name.strip_prefix(settings.name.as_str()));
    let stamp = stamp.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".log"));
    stamp.is_some_and(|stamp| DateTime::strptime(STAMP, stamp).is_ok())
}

fn period_at(settings: &FileStream, time: i64, zone: &TimeZone) -> Period {
    let (minutes, offset) = (settings.rollover_minutes, settings.rollover_offset_minutes);
    Period::of(time, zone, minutes, offset).unwrap_or(Period::ALWAYS)
}

fn path_in(settings: &FileStream, directory: &Path, period: &Period) -> PathBuf {
    let name = &settings.name;
    directory.join(match period.begin {
        Some(begin) => format!("{name}.{}.log", begin.strftime(STAMP)),
        None => format!("{name}.log"),
    })
}

/// The file into which a stream writes at a time.
pub(super) fn path_at(settings: &FileStream, of_all: &Path, time: i64) -> PathBuf {
    let period = period_at(settings, time, &zone(settings.format.utc));
    path_in(settings, directory(settings, of_all), &period)
}

impl Sink for Files {
    fn write(&mut self, records: &[Arc<Record>]) -> Written {
        let mut text = String::new();
        let mut first = None;
        let mut written = 0;
        for (at, record) in records.iter().enumerate() {
            if let Some(time) = first.filter(|_| record.time >= self.end()) {
                self.append(time, &text).map_err(|error| (written, error))?;
                written = at;
                text.clear();
                first = None;
            }
            first = first.or(Some(record.time));
            self.lines.add(record, &mut text);
        }
        let appended = first.map_or(Ok(()), |time| self.append(time, &text));
        appended.map_err(|error| (written, error))
    }
}

/// Whether the file that is open is still the one of its name.
fn is_there(open: &Open) -> bool {
    let same = || {
        let (here, there) = (open.file.metadata().ok()?, fs::metadata(&open.path).ok()?);
        Some((here.dev(), here.ino()) == (there.dev(), there.ino()))
    };
    same() == Some(true)
}

fn is_old(path: &Path, days: usize) -> bool {
    let days = u64::try_from(days).unwrap_or(u64::MAX);
    let age = Duration::from_secs(days.saturating_mul(24 * 60 * 60));
    let changed = fs::metadata(path).and_then(|about| about.modified());
    changed.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|since| since > age))
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
