//! When files begin and end, what they are called, and what becomes of old ones.

use restante_view::audit::Keyword;
use tempfile::TempDir;

use super::*;
use crate::{
    config::{FieldName, Format},
    logging::Audit,
};

fn at(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn record(time: &str, association: u32) -> Arc<Record> {
    let mut record = Record::audit(Audit::new(Keyword::Unbind, association.to_string()));
    record.time = at(time);
    Arc::new(record)
}

/// A stream into a directory whose lines are short, which begins a file every hour.
fn files(directory: &TempDir, change: impl FnOnce(&mut FileStream)) -> Files {
    let format = Format { utc: true, fields: vec![FieldName::Text], ..Format::default() };
    let mut settings =
        FileStream { name: "audit".into(), rollover_minutes: 60, format, ..FileStream::default() };
    change(&mut settings);
    Files::open(&settings, directory.path()).unwrap()
}

/// The files of a directory with what is in them, but those of today.
fn there(directory: &TempDir) -> Vec<(String, String)> {
    let files = fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let mut files: Vec<_> = files.map(read).filter(|(_, text)| !text.is_empty()).collect();
    files.sort();
    files
}

fn named(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[test]
fn periods_begin_with_the_hour_the_day_the_week_or_so_much_later() {
    let of = |time: &str, minutes, offset| {
        let period = Period::of(at(time), &berlin(), minutes, offset).unwrap();
        let end = jiff::Timestamp::from_microsecond(period.end).unwrap();
        (period.begin.unwrap().strftime(STAMP).to_string(), end.to_string())
    };
    let is = |begin: &str, end: &str| (begin.to_owned(), end.to_owned());
    let noon = "2005-06-13T10:30:00Z";
    assert_eq!(of(noon, 60, 0), is("2005-06-13-12-00", "2005-06-13T11:00:00Z"));
    assert_eq!(of(noon, 1440, 0), is("2005-06-13-00-00", "2005-06-13T22:00:00Z"));
    assert_eq!(of(noon, 1440, 780), is("2005-06-12-13-00", "2005-06-13T11:00:00Z"));
    assert_eq!(of("2005-06-19T10:00:00Z", 10_080, 0).0, "2005-06-13-00-00");
    // The night in which clocks are set back: the day has 25 hours.
    let end = is("2005-10-30-00-00", "2005-10-30T23:00:00Z");
    assert_eq!(of("2005-10-30T12:00:00Z", 1440, 0), end);
    // Its hour that comes twice: no file ends before it is begun.
    for (time, end) in [("00:10", "00:30"), ("00:40", "02:00"), ("01:10", "01:30")] {
        let [time, end] = [time, end].map(|time| format!("2005-10-30T{time}:00Z"));
        assert_eq!(of(&time, 30, 0).1, end);
    }
    assert_eq!(Period::of(at(noon), &berlin(), 0, 0), Some(Period::ALWAYS));
}

#[test]
fn a_record_is_in_the_file_of_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let mut files = files(&directory, |_| {});
    files.write(&[record("2105-06-13T00:59:59Z", 1), record("2105-06-13T01:00:00Z", 2)]).unwrap();
    files.write(&[record("2105-06-13T01:59:59Z", 3)]).unwrap();
    assert_eq!(
        there(&directory),
        [
            named("audit.2105-06-13-00-00.log", "UNBIND 1\n"),
            named("audit.2105-06-13-01-00.log", "UNBIND 2\nUNBIND 3\n"),
        ]
    );
}

#[test]
fn a_file_has_its_mode_and_is_made_again_where_it_was_moved() {
    let directory = tempfile::tempdir().unwrap();
    for close in [false, true] {
        let mut files = files(&directory, |settings| {
            settings.rollover_minutes = 0;
            settings.close = close;
            settings.sync = true;
        });
        files.write(&[record("2105-06-13T00:00:00Z", 1)]).unwrap();
        let (path, moved) = (directory.path().join("audit.log"), directory.path().join("old"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        fs::rename(&path, moved).unwrap();
        files.write(&[record("2105-06-13T00:00:00Z", 2)]).unwrap();
        assert_eq!(
            there(&directory),
            [named("audit.log", "UNBIND 2\n"), named("old", "UNBIND 1\n"),]
        );
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn old_files_of_the_stream_are_removed_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    let others = ["audit.log", "audit.2105-06-13-00-00.log.gz", "audits.2105-06-13-00-00.log"];
    for name in others {
        fs::write(directory.path().join(name), "kept").unwrap();
    }
    let mut files = files(&directory, |settings| settings.kept_files = 2);
    for hour in 0..5 {
        files.write(&[record(&format!("2105-06-13T0{hour}:00:00Z"), hour)]).unwrap();
    }
    let names: Vec<_> = there(&directory).into_iter().map(|(name, _)| name).collect();
    let mut expected: Vec<_> = others.map(str::to_owned).into();
    // The one that is written to, and two.
    expected.extend((2..5).map(|hour| format!("audit.2105-06-13-0{hour}-00.log")));
    expected.sort();
    assert_eq!(names, expected);
    for (name, _) in there(&directory) {
        let file = File::options().append(true).open(directory.path().join(name)).unwrap();
        let before = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
        file.set_modified(before).unwrap();
    }
    self::files(&directory, |settings| settings.kept_days = 2);
    assert_eq!(there(&directory).len(), others.len());
}

#[test]
fn what_could_not_be_written_leaves_nothing_and_can_be_written_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut files = files(&directory, |settings| settings.rollover_minutes = 0);
    let path = directory.path().join("audit.log");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    files.write(&[record("2105-06-13T00:00:00Z", 1)]).unwrap_err();
    fs::remove_dir(&path).unwrap();
    files.write(&[record("2105-06-13T00:00:00Z", 1)]).unwrap();
    assert_eq!(there(&directory), [named("audit.log", "UNBIND 1\n")]);
}
