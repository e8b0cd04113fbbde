//! The messages that the neighbour gets (RFC 5322): as large as ours, with what a list shows and
//! a subject of the same words.

use std::fs;
use std::path::Path;

const WORDS: [&str; 8] = ["alpha", "bravo", "delta", "hotel", "india", "oscar", "romeo", "tango"];
/// Octets of a line, with its end.
const LINE: usize = 78;

/// A message of this size with CR LF at the end of each line; of another number, another one.
pub(crate) fn message(number: usize, octets: usize) -> Vec<u8> {
    let [first, second] = [number, number / WORDS.len()].map(|at| WORDS[at % WORDS.len()]);
    let operator = number % 97;
    let mut text = format!(
        "Message-ID: <{number}.{octets}@load.test>\r\n\
         Date: Mon, 24 Nov 2025 10:{:02}:{:02} +0000\r\n\
         From: Operator {operator} <op{operator}@load.test>\r\nTo: Desk <desk@load.test>\r\n\
         Subject: Status report {number:07} {first} {second}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n",
        number / 60 % 60,
        number % 60,
    )
    .into_bytes();
    while text.len() < octets {
        let left = octets - text.len();
        // A rest that is too short for a line of its own goes with the last one.
        let length = if left < 2 * LINE { left } else { LINE };
        text.extend(
            (0..length.saturating_sub(2)).map(|at| b'a' + ((at * at + number) % 23) as u8),
        );
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// Writes a Maildir with so many messages.
///
/// # Errors
/// Where it can't be written.
pub(crate) fn maildir(folder: &Path, entries: usize, octets: usize) -> Result<(), String> {
    let write = || {
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(folder.join(part))?;
        }
        for number in 0..entries {
            let name = format!("{}.M{number:07}P1.load:2,", 1_700_000_000 + number);
            fs::write(folder.join("cur").join(name), message(number, octets))?;
        }
        Ok(())
    };
    write().map_err(|error: std::io::Error| format!("{}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_of_their_size_and_in_lines() {
        for octets in [500, 2048, 102_400] {
            let message = message(42, octets);
            assert!((octets..octets + 2).contains(&message.len()), "{}", message.len());
            let text = String::from_utf8(message).unwrap();
            assert!(text.contains("\r\nSubject: Status report 0000042 delta oscar\r\n"));
            assert!(text.ends_with("\r\n") && text.lines().all(|line| line.len() < 2 * LINE));
        }
    }
}
