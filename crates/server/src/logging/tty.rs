//! A stream to standard error or standard output.

use std::{
    io::{self, Write},
    sync::Arc,
};

use super::{
    format::Lines,
    record::Record,
    stream::{Sink, Written},
};
use crate::config::{TtyOutput, TtyStream};

/// One of the two.
pub(super) struct Tty {
    output: TtyOutput,
    lines: Lines,
}

impl Tty {
    pub(super) fn new(stream: &TtyStream) -> Self {
        Self { output: stream.output, lines: Lines::new(&stream.format, &stream.audits) }
    }
}

impl Sink for Tty {
    fn write(&mut self, records: &[Arc<Record>]) -> Written {
        let mut text = String::new();
        records.iter().for_each(|record| self.lines.add(record, &mut text));
        let written = match self.output {
            TtyOutput::Stderr => io::stderr().lock().write_all(text.as_bytes()),
            TtyOutput::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(text.as_bytes()).and_then(|()| out.flush())
            }
        };
        written.map_err(|error| (0, error))
    }
}
