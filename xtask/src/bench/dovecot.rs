//! The neighbour: Debian's Dovecot, one instance for each of its mailbox formats, on loopback,
//! with nothing acknowledged before it is on disk (`mail_fsync=always`). Its processes keep
//! running between connections, passwords are plain and cached, and there is no TLS, as with us.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::client::{Imap, Lmtp, PASSWORD};
use super::mail;
use super::process::{Process, free_port, output, write};
use super::work::{Row, Work};

/// Dovecot's formats.
pub(crate) const FORMATS: [&str; 3] = ["maildir", "sdbox", "mdbox"];
/// What shows what our list shows.
const ENVELOPES: &str = "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)";
/// What the filter looks for, as `restante bench` does.
const SUBJECT: &str = "SUBJECT \"0000042\"";
const EITHER: &str = "OR SUBJECT \"0000042\" SUBJECT \"0000043\"";
/// Entries that are new.
const NEW: usize = 10;
/// How often what takes milliseconds is done, for the one in the middle.
const TIMES: usize = 5;
/// Entries that each connection deletes in a round.
const DELETES: usize = 100;
/// The system user that owns the mail; Dovecot does not take root for it.
const OWNER: &str = "mail";

/// One instance.
pub(crate) struct Dovecot {
    pub(crate) format: &'static str,
    folder: PathBuf,
    imap: u16,
    lmtp: u16,
    server: Option<Process>,
}

impl Dovecot {
    /// Starts an instance.
    ///
    /// # Errors
    /// Where it does not come up.
    pub(crate) fn start(folder: &Path, format: &'static str) -> Result<Self, String> {
        let folder = folder.join(format);
        let made = fs::create_dir_all(folder.join("mail"));
        made.map_err(|error| format!("{}: {error}", folder.display()))?;
        output(Command::new("chown").arg(OWNER).arg(folder.join("mail")))?;
        let (imap, lmtp) = (free_port()?, free_port()?);
        let mut dovecot = Self { format, folder, imap, lmtp, server: None };
        write(&dovecot.folder.join("dovecot.conf"), &dovecot.configuration())?;
        dovecot.restart()?;
        Ok(dovecot)
    }

    fn restart(&mut self) -> Result<(), String> {
        self.server = None;
        let mut command = Command::new("dovecot");
        command.arg("-F").arg("-c").arg(self.folder.join("dovecot.conf"));
        self.server = Some(Process::start(&mut command, &[self.imap, self.lmtp])?);
        Ok(())
    }

    fn configuration(&self) -> String {
        let Self { format, folder, imap, lmtp, .. } = self;
        let folder = folder.display();
        let location = if *format == "maildir" { "Maildir" } else { *format };
        let port = |service: &str, name: &str, port: u16, more: &str| {
            format!(
                "service {service} {{\n  inet_listener {name} {{\n    address = 127.0.0.1\n    \
                 port = {port}\n  }}\n{more}}}\n"
            )
        };
        let limits: String = ["anvil", "auth", "stats"]
            .map(|service| format!("service {service} {{\n  client_limit = 10000\n}}\n"))
            .concat();
        let login = "  inet_listener imaps {\n    port = 0\n  }\n  service_count = 0\n  \
                     client_limit = 5000\n  process_min_avail = 2\n";
        format!(
            "base_dir = {folder}/run\nstate_dir = {folder}/state\ninstance_name = bench-{format}\n\
             log_path = {folder}/log\nlisten = 127.0.0.1\nprotocols = imap lmtp\nssl = no\n\
             disable_plaintext_auth = no\nauth_mechanisms = plain login\n\
             auth_cache_size = 10M\npassdb {{\n  driver = static\n  \
             args = password={PASSWORD}\n}}\nuserdb {{\n  driver = static\n  \
             args = uid={OWNER} gid={OWNER} home={folder}/mail/%u allow_all_users=yes\n}}\n\
             mail_location = {format}:~/{location}\nmail_fsync = always\nfirst_valid_uid = 1\n\
             first_valid_gid = 1\nmail_max_userip_connections = 5000\ndefault_vsz_limit = 2G\n\
             namespace inbox {{\n  inbox = yes\n  separator = /\n}}\n\
             service imap {{\n  process_limit = 3000\n  process_min_avail = 4\n  \
             service_count = 1000\n}}\n{limits}{}{}",
            port("imap-login", "imap", *imap, login),
            port("lmtp", "lmtp", *lmtp, "  process_min_avail = 2\n  process_limit = 200\n"),
        )
    }

    /// Fills the mailboxes of a row, with all but the last few seen.
    ///
    /// # Errors
    /// Where Dovecot does not take them.
    pub(crate) fn fill(&self, row: &Row) -> Result<(), String> {
        if row.entries == 0 || row.work == Work::Delete {
            return Ok(());
        }
        let scratch = self.folder.with_file_name(format!("maildir-{}", row.entries));
        if !scratch.exists() {
            mail::maildir(&scratch, row.entries, row.octets())?;
            output(Command::new("chown").args(["-R", OWNER]).arg(&scratch))?;
        }
        for name in row.names() {
            if self.folder.join("mail").join(&name).exists() {
                continue;
            }
            let mut doveadm = Command::new("doveadm");
            doveadm.args(["-o", "mail_fsync=never", "-c"]).arg(self.folder.join("dovecot.conf"));
            let from = format!("maildir:{}", scratch.display());
            output(doveadm.args(["import", "-u", &name, &from, "", "all"]))?;
            self.see(&name).map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    fn see(&self, name: &str) -> io::Result<()> {
        let mut imap = Imap::open(self.imap, name)?;
        let numbers = imap.search("ALL")?;
        let seen = numbers.len().saturating_sub(NEW);
        if let [first, .., last] = &numbers[..seen] {
            imap.run(&[&format!("UID STORE {first}:{last} +FLAGS.SILENT (\\Seen)")])?;
        }
        Ok(())
    }

    /// What the row measures; `None` where it is of no use to compare.
    ///
    /// # Errors
    /// Where a connection fails.
    pub(crate) fn measure(&mut self, row: &Row, time: Duration) -> Result<Option<f64>, String> {
        if row.cold {
            remove_caches(&self.folder.join("mail")).map_err(|error| error.to_string())?;
            self.restart()?;
        }
        let names = row.names();
        let (imap, lmtp) = (self.imap, self.lmtp);
        let measured = match row.work {
            Work::Deliver { octets } => deliver(lmtp, row, &names, octets, time),
            Work::Fetch => fetch(imap, row, &names, time),
            Work::Delete => delete(imap, lmtp, row, &names),
            Work::Bind => bind(imap, row, &names, time),
            Work::List => milliseconds(imap, row, &names, |imap| {
                imap.run(&[&format!("FETCH 1:* {ENVELOPES}")]).map(drop)
            }),
            Work::Filter => milliseconds(imap, row, &names, |imap| imap.search(SUBJECT).map(drop)),
            Work::FilterEither => {
                milliseconds(imap, row, &names, |imap| imap.search(EITHER).map(drop))
            }
            Work::ListNew => milliseconds(imap, row, &names, |imap| {
                let new: Vec<_> =
                    imap.search("UNSEEN")?.iter().map(|number| number.to_string()).collect();
                imap.run(&[&format!("UID FETCH {} {ENVELOPES}", new.join(","))]).map(drop)
            }),
            Work::Alert => alert(imap, lmtp, row, &names[0]),
            Work::Idle => return Ok(None),
        };
        measured.map(Some).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> String {
        format!("Dovecot with {}: {error}", self.format)
    }
}

/// Takes away what Dovecot remembers of headers; it makes it anew.
fn remove_caches(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_caches(&path)?;
        } else if path.ends_with("dovecot.index.cache") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Operations a second of all connections: `prepare` makes each ready, then all begin together
/// and go on while `operate` says that there is more and until the time is over.
fn rate<C: Send>(
    connections: usize,
    time: Duration,
    prepare: impl Fn(usize) -> io::Result<C> + Sync,
    operate: impl Fn(&mut C, usize) -> io::Result<bool> + Sync,
) -> io::Result<f64> {
    let all: Vec<C> = (0..connections).map(prepare).collect::<io::Result<_>>()?;
    let start = Barrier::new(connections + 1);
    let operate = &operate;
    thread::scope(|scope| {
        let run = |mut connection: C| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let (began, mut count) = (Instant::now(), 0);
                while began.elapsed() < time && operate(&mut connection, count)? {
                    count += 1;
                }
                io::Result::Ok(count)
            })
        };
        let threads: Vec<_> = all.into_iter().map(run).collect();
        start.wait();
        let began = Instant::now();
        let mut total = 0;
        for thread in threads {
            total += thread.join().map_err(|_| io::Error::other("a client failed"))??;
        }
        Ok(total as f64 / began.elapsed().as_secs_f64())
    })
}

fn deliver(
    port: u16,
    row: &Row,
    names: &[String],
    octets: usize,
    time: Duration,
) -> io::Result<f64> {
    let messages: Vec<_> = (0..64).map(|number| mail::message(number, octets)).collect();
    let prepare = |at: usize| Ok((Lmtp::open(port)?, &names[at % names.len()]));
    rate(row.connections, time, prepare, |(lmtp, name), count| {
        lmtp.deliver(name, &messages[count % messages.len()])?;
        Ok(true)
    })
}

fn fetch(port: u16, row: &Row, names: &[String], time: Duration) -> io::Result<f64> {
    let prepare = |at: usize| {
        let mut imap = Imap::open(port, &names[at % names.len()])?;
        let numbers = imap.search("ALL")?;
        Ok((imap, numbers))
    };
    rate(row.connections, time, prepare, |(imap, numbers), count| {
        let number = numbers[count.wrapping_mul(7919) % numbers.len()];
        imap.run(&[&format!("UID FETCH {number} (BODY.PEEK[])")])?;
        Ok(true)
    })
}

fn delete(imap: u16, lmtp: u16, row: &Row, names: &[String]) -> io::Result<f64> {
    let message = mail::message(0, row.octets());
    let prepare = |at: usize| {
        let name = &names[at % names.len()];
        let mut lmtp = Lmtp::open(lmtp)?;
        (0..DELETES).try_for_each(|_| lmtp.deliver(name, &message))?;
        let mut imap = Imap::open(imap, name)?;
        let numbers = imap.search("ALL")?;
        Ok((imap, numbers))
    };
    rate(row.connections, Duration::MAX, prepare, |(imap, numbers), _| {
        let Some(number) = numbers.pop() else { return Ok(false) };
        let store = format!("UID STORE {number} +FLAGS.SILENT (\\Deleted)");
        imap.run(&[&store, &format!("UID EXPUNGE {number}")])?;
        Ok(true)
    })
}

fn bind(port: u16, row: &Row, names: &[String], time: Duration) -> io::Result<f64> {
    let prepare = |at: usize| Ok(&names[at % names.len()]);
    rate(row.connections, time, prepare, |name, _| {
        Imap::login(port, name)?.run(&["LOGOUT"])?;
        Ok(true)
    })
}

/// Milliseconds from the acknowledgement of a delivery to what IDLE tells of it, in the middle of
/// a few.
fn alert(imap: u16, lmtp: u16, row: &Row, name: &str) -> io::Result<f64> {
    let message = mail::message(0, row.octets());
    let mut lmtp = Lmtp::open(lmtp)?;
    // The first makes the mailbox.
    lmtp.deliver(name, &message)?;
    let mut imap = Imap::open(imap, name)?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let (acknowledged, told) = imap.idle(|| {
            lmtp.deliver(name, &message)?;
            Ok(Instant::now())
        })?;
        times.push(told.duration_since(acknowledged).as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// What one takes, in the middle of a few; the first where it is to be cold.
fn milliseconds(
    port: u16,
    row: &Row,
    names: &[String],
    mut operate: impl FnMut(&mut Imap) -> io::Result<()>,
) -> io::Result<f64> {
    let mut imap = Imap::open(port, &names[0])?;
    let mut times = Vec::new();
    let count = if row.cold { 1 } else { TIMES + 1 };
    for _ in 0..count {
        let began = Instant::now();
        operate(&mut imap)?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    if !row.cold {
        // Before it nothing need have been ready.
        times.remove(0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
