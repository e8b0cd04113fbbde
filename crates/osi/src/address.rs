//! Presentation addresses and their text form (RFC 1278):
//! `[[[presentation/]session/]transport/]network`, a selector being quoted text, `#number` (two
//! octets) or `'hex'H`. Networks joined by `|` are read; only TCP is one that can be called:
//! `Internet=host+port` and the long form `TELEX+00728722+RFC-1006+03+host+port`.

use crate::Selectors;
use bytes::Bytes;
use core::fmt;
use core::str::FromStr;
use thiserror::Error;

/// The port of RFC 1006.
pub const DEFAULT_PORT: u16 = 102;

/// How the long form of a TCP address begins.
const LONG_FORM: &str = "TELEX+00728722+RFC-1006+03+";

/// Where RFC 1006 is spoken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NetworkAddress {
    /// A name or an address of the Internet; an IPv6 address without brackets.
    pub host: String,
    /// The TCP port; 0 is any free one, where somebody listens.
    pub port: u16,
}

impl fmt::Display for NetworkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Internet={}+{}", self.host, self.port)
    }
}

/// A presentation address: selectors, and the network addresses at which they are served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PresentationAddress {
    /// The selectors.
    pub selectors: Selectors,
    /// The network addresses, the preferred one first.
    pub networks: Vec<NetworkAddress>,
}

/// Why a text is no presentation address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Quotes are open at the end.
    #[error("a quote is not closed: write the selector as \"text\" or '414243'H")]
    OpenQuote,
    /// Not a selector.
    #[error("`{0}` is no selector: write \"text\", #number or '414243'H")]
    Selector(String),
    /// More selectors than there are layers.
    #[error("there are more than three selectors: presentation/session/transport")]
    TooManySelectors,
    /// Not a network address over TCP.
    #[error("`{0}` is no network address: write Internet=host+port")]
    Network(String),
    /// Not a port.
    #[error("`{0}` is no TCP port: write a number up to 65535")]
    Port(String),
}

impl FromStr for PresentationAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut parts = split_outside_quotes(text.trim(), '/')?;
        let networks = parts.pop().unwrap_or_default();
        let mut selectors = parts
            .into_iter()
            .map(parse_selector)
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .rev();
        let selectors_read = Selectors {
            transport: selectors.next().unwrap_or_default(),
            session: selectors.next().unwrap_or_default(),
            presentation: selectors.next().unwrap_or_default(),
        };
        if selectors.next().is_some() {
            return Err(AddressError::TooManySelectors);
        }
        let networks = networks
            .split('|')
            .filter(|network| !network.trim().is_empty())
            .map(parse_network)
            .collect::<Result<_, _>>()?;
        Ok(Self { selectors: selectors_read, networks })
    }
}

/// Splits at a delimiter that stands in no quotes.
fn split_outside_quotes(text: &str, delimiter: char) -> Result<Vec<&str>, AddressError> {
    let mut parts = Vec::new();
    let mut open = None;
    let mut rest = text;
    let mut from = rest.char_indices();
    while let Some((at, c)) = from.next() {
        match open {
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => open = Some(c),
            None if c == delimiter => {
                let (part, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
                parts.push(part.trim());
                rest = tail.get(delimiter.len_utf8()..).unwrap_or("");
                from = rest.char_indices();
            }
            None => {}
        }
    }
    if open.is_some() {
        return Err(AddressError::OpenQuote);
    }
    parts.push(rest.trim());
    Ok(parts)
}

fn parse_selector(text: &str) -> Result<Bytes, AddressError> {
    let wrong = || AddressError::Selector(text.to_owned());
    if text.is_empty() {
        return Ok(Bytes::new());
    }
    if let Some(number) = text.strip_prefix('#') {
        let number: u16 = number.parse().map_err(|_| wrong())?;
        return Ok(Bytes::copy_from_slice(&number.to_be_bytes()));
    }
    if let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Ok(Bytes::copy_from_slice(inner.as_bytes()));
    }
    let digits = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix("'H").or_else(|| rest.strip_suffix("'h")))
        .ok_or_else(wrong)?;
    parse_hexadecimal(digits).ok_or_else(wrong)
}

fn parse_hexadecimal(digits: &str) -> Option<Bytes> {
    let nibbles: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|nibble| u8::try_from(nibble).ok()))
        .collect::<Option<_>>()?;
    nibbles
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .map(Bytes::from)
}

fn parse_network(text: &str) -> Result<NetworkAddress, AddressError> {
    let text = text.trim();
    let wrong = || AddressError::Network(text.to_owned());
    let place = match text.split_once('=') {
        Some((kind, place)) if kind.trim().eq_ignore_ascii_case("Internet") => place,
        Some(_) => return Err(wrong()),
        None => match text.split_at_checked(LONG_FORM.len()) {
            Some((form, place)) if form.eq_ignore_ascii_case(LONG_FORM) => place,
            _ => return Err(wrong()),
        },
    };
    let mut fields = place.split('+').map(str::trim);
    let host = fields.next().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    let port = match fields.next() {
        None | Some("") => DEFAULT_PORT,
        Some(port) => port.parse().map_err(|_| AddressError::Port(port.to_owned()))?,
    };
    // A last field names the transport set, of which there is the one.
    if fields.next().is_some_and(|set| set != "1") || fields.next().is_some() {
        return Err(wrong());
    }
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    Ok(NetworkAddress { host: host.to_owned(), port })
}

impl fmt::Display for PresentationAddress {
    /// The shortest form that reads back as the same address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Selectors { transport, session, presentation } = &self.selectors;
        let selectors = [presentation, session, transport];
        for selector in selectors.into_iter().skip_while(|selector| selector.is_empty()) {
            write_selector(selector, f)?;
            f.write_str("/")?;
        }
        for (at, network) in self.networks.iter().enumerate() {
            if at > 0 {
                f.write_str("|")?;
            }
            write!(f, "{network}")?;
        }
        Ok(())
    }
}

fn write_selector(selector: &Bytes, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = core::str::from_utf8(selector)
        .ok()
        .filter(|text| text.chars().all(|c| !c.is_control() && c != '"'));
    match text {
        Some("") => Ok(()),
        Some(text) => write!(f, "\"{text}\""),
        None => {
            f.write_str("'")?;
            selector.iter().try_for_each(|octet| write!(f, "{octet:02X}"))?;
            f.write_str("'H")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> PresentationAddress {
        text.parse().unwrap()
    }

    fn selectors(address: &PresentationAddress) -> [&[u8]; 3] {
        let Selectors { transport, session, presentation } = &address.selectors;
        [presentation, session, transport]
    }

    #[test]
    fn one_selector_is_the_transports_and_more_go_up() {
        let one = read("\"3001\"/Internet=127.0.0.1+3001");
        assert_eq!(selectors(&one), [&b""[..], b"", b"3001"]);
        assert_eq!(one.networks, [NetworkAddress { host: "127.0.0.1".into(), port: 3001 }]);
        let two = read("#256/\"t\"/Internet=a");
        assert_eq!(selectors(&two), [&b""[..], &[1, 0], b"t"]);
        let three = read("'0aFF'H/\"a/b\"/''H/Internet=mta.example.net+102");
        assert_eq!(selectors(&three), [&[0x0a, 0xff][..], b"a/b", b""]);
        let none = read("Internet=mta.example.net");
        assert_eq!(selectors(&none), [&b""[..]; 3]);
        assert_eq!(none.networks[0].port, DEFAULT_PORT);
    }

    #[test]
    fn the_long_form_and_several_networks_are_read() {
        let address = read("\"x\"/TELEX+00728722+RFC-1006+03+10.0.0.6+4003+1|internet=[::1]+5");
        let hosts: Vec<_> = address.networks.iter().map(|n| (n.host.as_str(), n.port)).collect();
        assert_eq!(hosts, [("10.0.0.6", 4003), ("::1", 5)]);
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same() {
        for (text, printed) in [
            ("\"3001\"/Internet=h+3001", "\"3001\"/Internet=h+3001"),
            ("\"p\"//#1/Internet=h|Internet=i+1", "\"p\"//'0001'H/Internet=h+102|Internet=i+1"),
            ("Internet=h", "Internet=h+102"),
            ("'22'H/", "'22'H/"),
        ] {
            assert_eq!(read(text).to_string(), printed);
            assert_eq!(read(printed), read(text));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |text: &str| text.parse::<PresentationAddress>().unwrap_err();
        assert_eq!(wrong("\"3001/Internet=h"), AddressError::OpenQuote);
        assert_eq!(wrong("3001/Internet=h"), AddressError::Selector("3001".into()));
        assert_eq!(wrong("#70000/Internet=h"), AddressError::Selector("#70000".into()));
        assert_eq!(wrong("'0'H/Internet=h"), AddressError::Selector("'0'H".into()));
        assert_eq!(wrong("#1/#1/#1/#1/Internet=h"), AddressError::TooManySelectors);
        assert_eq!(wrong("\"a\"/X25=h"), AddressError::Network("X25=h".into()));
        assert_eq!(wrong("Internet=+5"), AddressError::Network("Internet=+5".into()));
        assert_eq!(wrong("Internet=h+65536"), AddressError::Port("65536".into()));
    }
}
