//! A stream to whoever reads it: JSON, an object a line, over TCP or into a named pipe.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    net::TcpStream,
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
    process,
    sync::Arc,
    time::Instant,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
};
use serde_json::{Map, Value, json};

use super::{
    format::{Lines, PROGRAM},
    record::{Record, What},
    stream::{Sink, Written},
    system::{SEND_TIME, connect},
};
use crate::{
    config::{Destination, NetworkStream},
    shared,
};

/// A reader.
pub(super) struct Network {
    to: Destination,
    lines: Lines,
    open: Option<Open>,
    /// What is left of a line of which something was sent.
    rest: Vec<u8>,
}

enum Open {
    Tcp(TcpStream),
    Pipe(File),
}

impl Network {
    pub(super) fn new(settings: &NetworkStream) -> Self {
        let lines = Lines::of_network(settings);
        Self { to: settings.to.clone(), lines, open: None, rest: Vec::new() }
    }

    fn open(&self) -> io::Result<Open> {
        match &self.to {
            Destination::Tcp(address) => connect(address).map(Open::Tcp),
            Destination::Pipe(path) => pipe(path).map(Open::Pipe),
            // The configuration has no other.
            _ => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// A record as an object on a line.
    pub(super) fn line(&self, record: &Record) -> String {
        let mut object = json!({
            "time": shared::time_text(record.time),
            "program": PROGRAM,
            "process": process::id(),
            "thread": record.thread,
        });
        match &record.what {
            What::Event(told) => {
                object["severity"] = told.severity.name().into();
                object["facility"] = told.facility.name().into();
                object["identifier"] = told.id.about().id.into();
                object["text"] = told.text.as_str().into();
            }
            What::Audit(audit) => {
                object["audit"] = audit.keyword.text().into();
                object["association"] = audit.association.as_str().into();
                let pairs = self.lines.chosen(audit);
                let pairs = pairs.map(|(key, value)| (key.to_owned(), Value::from(value)));
                object["pairs"] = Value::Object(pairs.collect::<Map<_, _>>());
            }
        }
        format!("{object}\n")
    }

    /// Sends what is to be sent; what is left of a line is sent first the next time.
    fn send(&mut self) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.open()?,
        };
        let until = Instant::now() + SEND_TIME;
        while !self.rest.is_empty() {
            let written = match &mut open {
                Open::Tcp(stream) => stream.write(&self.rest),
                Open::Pipe(file) => file.write(&self.rest),
            };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => drop(self.rest.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        // Whoever reads goes on where it is.
                        self.open = Some(open);
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    if let Open::Pipe(file) = &open {
                        let left = Timespec::try_from(left).ok();
                        poll(&mut [PollFd::new(file, PollFlags::OUT)], left.as_ref())?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        self.open = Some(open);
        Ok(())
    }
}

impl Sink for Network {
    fn write(&mut self, records: &[Arc<Record>]) -> Written {
        if !self.rest.is_empty() {
            let sent = self.send();
            if self.open.is_none() {
                // Another reader must not begin in the middle of a line.
                self.rest.clear();
            }
            sent.map_err(|error| (0, error))?;
        }
        for (at, record) in records.iter().enumerate() {
            let line = self.line(record);
            let length = line.len();
            self.rest = line.into_bytes();
            if let Err(error) = self.send() {
                let begun = self.rest.len() < length && self.open.is_some();
                if !begun {
                    self.rest.clear();
                }
                return Err((at + usize::from(begun), error));
            }
        }
        Ok(())
    }
}

/// A named pipe that somebody reads.
fn pipe(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().write(true).custom_flags(flags).open(path)?;
    match file.metadata()?.file_type().is_fifo() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no named pipe")),
    }
}
