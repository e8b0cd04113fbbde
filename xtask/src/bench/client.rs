//! The neighbour's clients: LMTP (RFC 2033) and IMAP (RFC 3501), as far as the rows need them.
//! Each waits on a thread of its own; what is to be sent together is.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// The longest that an answer may take: the first list of a large mailbox takes long.
const PATIENCE: Duration = Duration::from_secs(600);
/// Octets that are read at once.
const READ_OCTETS: usize = 256 << 10;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "bench";

fn connect(port: u16) -> io::Result<(BufReader<TcpStream>, TcpStream)> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok((BufReader::with_capacity(READ_OCTETS, stream.try_clone()?), stream))
}

/// Somebody who delivers.
pub(crate) struct Lmtp {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Lmtp {
    pub(crate) fn open(port: u16) -> io::Result<Self> {
        let (reader, writer) = connect(port)?;
        let mut lmtp = Self { reader, writer };
        lmtp.reply("220")?;
        lmtp.writer.write_all(b"LHLO load.test\r\n")?;
        lmtp.reply("250")?;
        Ok(lmtp)
    }

    /// Delivers a message whose lines begin with no dot.
    pub(crate) fn deliver(&mut self, to: &str, message: &[u8]) -> io::Result<()> {
        let envelope = format!("MAIL FROM:<op@load.test>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        self.writer.write_all(envelope.as_bytes())?;
        ["250", "250", "354"].iter().try_for_each(|code| self.reply(code))?;
        self.writer.write_all(message)?;
        self.writer.write_all(b".\r\n")?;
        self.reply("250")
    }

    fn reply(&mut self, code: &str) -> io::Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            match line.as_bytes().get(3) {
                Some(b'-') if line.starts_with(code) => {}
                Some(_) if line.starts_with(code) => return Ok(()),
                _ => return Err(io::Error::other(format!("LMTP answers `{}`", line.trim()))),
            }
        }
    }
}

/// Somebody who reads.
pub(crate) struct Imap {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    line: Vec<u8>,
    literal: Vec<u8>,
    tag: u32,
}

impl Imap {
    /// Connects and logs in.
    pub(crate) fn login(port: u16, user: &str) -> io::Result<Self> {
        let (reader, writer) = connect(port)?;
        let mut imap = Self { reader, writer, line: Vec::new(), literal: Vec::new(), tag: 0 };
        imap.next_line()?;
        imap.run(&[&format!("LOGIN {user} {PASSWORD}")])?;
        Ok(imap)
    }

    /// Logs in and opens the mailbox.
    pub(crate) fn open(port: u16, user: &str) -> io::Result<Self> {
        let mut imap = Self::login(port, user)?;
        imap.run(&["SELECT INBOX"])?;
        Ok(imap)
    }

    /// Sends commands together and reads all that comes; returns the untagged lines' octets.
    pub(crate) fn run(&mut self, commands: &[&str]) -> io::Result<usize> {
        self.ask(commands, |_| {})
    }

    /// The numbers that a SEARCH finds.
    pub(crate) fn search(&mut self, what: &str) -> io::Result<Vec<u32>> {
        let mut found = Vec::new();
        self.ask(&[&format!("UID SEARCH {what}")], |line| {
            if let Some(numbers) = line.strip_prefix(b"* SEARCH") {
                let numbers = String::from_utf8_lossy(numbers);
                found.extend(numbers.split_whitespace().filter_map(|n| n.parse::<u32>().ok()));
            }
        })?;
        Ok(found)
    }

    /// Idles (RFC 2177), does something then, and waits for the message that comes of it: what
    /// was done, and when it was told.
    pub(crate) fn idle<T>(
        &mut self,
        then: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<(T, Instant)> {
        self.tag += 1;
        let tag = format!("t{} ", self.tag);
        self.writer.write_all(format!("{tag}IDLE\r\n").as_bytes())?;
        self.lines_to(|line| line.starts_with(b"+"))?;
        let done = then()?;
        self.lines_to(|line| line.starts_with(b"* ") && line.ends_with(b" EXISTS\r\n"))?;
        let told = Instant::now();
        self.writer.write_all(b"DONE\r\n")?;
        self.lines_to(|line| line.starts_with(tag.as_bytes()))?;
        Ok((done, told))
    }

    /// Reads lines, to one of a kind.
    fn lines_to(&mut self, is_it: impl Fn(&[u8]) -> bool) -> io::Result<()> {
        loop {
            self.next_line()?;
            if is_it(&self.line) {
                return Ok(());
            }
        }
    }

    fn ask(&mut self, commands: &[&str], mut untagged: impl FnMut(&[u8])) -> io::Result<usize> {
        let tagged: Vec<_> = (self.tag + 1..).zip(commands).collect();
        let lines: String =
            tagged.iter().map(|(tag, line)| format!("t{tag} {line}\r\n")).collect();
        self.writer.write_all(lines.as_bytes())?;
        let mut octets = 0;
        for (tag, command) in tagged {
            self.tag = tag;
            let tag = format!("t{tag} ");
            loop {
                self.next_line()?;
                if let Some(result) = self.line.strip_prefix(tag.as_bytes()) {
                    if !result.starts_with(b"OK") {
                        let result = String::from_utf8_lossy(result);
                        let text = format!("IMAP answers `{}` to `{command}`", result.trim());
                        return Err(io::Error::other(text));
                    }
                    break;
                }
                octets += self.line.len() + self.literal.len();
                untagged(&self.line);
            }
        }
        Ok(octets)
    }

    /// Reads a line, and the literal at its end where there is one.
    fn next_line(&mut self) -> io::Result<()> {
        self.line.clear();
        self.literal.clear();
        if self.reader.read_until(b'\n', &mut self.line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(length) = literal(&self.line) {
            self.literal.resize(length, 0);
            self.reader.read_exact(&mut self.literal)?;
        }
        Ok(())
    }
}

/// The length of the literal that follows a line: `{…}` at its end.
fn literal(line: &[u8]) -> Option<usize> {
    let inside = line.strip_suffix(b"}\r\n")?;
    let open = inside.iter().rposition(|octet| *octet == b'{')?;
    std::str::from_utf8(inside.get(open + 1..)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_announced_at_the_end_of_a_line() {
        assert_eq!(literal(b"* 1 FETCH (BODY[] {2048}\r\n"), Some(2048));
        for line in [&b"* OK {12} \r\n"[..], b"* OK\r\n", b"{x}\r\n", b"}\r\n"] {
            assert_eq!(literal(line), None);
        }
    }
}
