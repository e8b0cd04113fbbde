//! Characters for people: teletex (T.61), ISO 2022 with registered character sets, and ISO 10646,
//! as X.420's body parts carry them.
//!
//! Best effort and never an error: what is not understood becomes replacement characters.
//! Teletex strings that can't be T.61 are read as ISO 8859-1, which many peers send in their
//! place. Multi-byte sets of ISO 2022 (East Asian) are not read.

use core::fmt;
use encoding_rs::Encoding;
use restante_ber::{Bytes, Decode, Element, Encode, Error, Result, Rope, Tag, Writer};
use unicode_normalization::UnicodeNormalization;

/// A character string of one octet a character whose tag is `[UNIVERSAL TAG]`, as octets that are
/// shared with what was received.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Characters<const TAG: u32>(pub Rope);

impl<const TAG: u32> Characters<TAG> {
    /// The octets in one piece.
    pub fn octets(&self) -> Bytes {
        self.0.to_bytes()
    }
}

impl<const TAG: u32> fmt::Debug for Characters<TAG> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&from_latin1(&self.octets()), f)
    }
}

/// The octets of a string of whatever type.
pub(crate) fn string_octets(element: &Element<'_>) -> Result<Bytes> {
    let mut rope = Rope::new();
    segments(element, element.tag, &mut rope)?;
    Ok(rope.to_bytes())
}

/// Collects segments: OCTET STRINGs or strings of the same type.
fn segments(element: &Element<'_>, own: Tag, into: &mut Rope) -> Result<()> {
    if !element.constructed {
        into.push(element.contents_to_bytes());
        return Ok(());
    }
    let mut children = element.children()?;
    while let Some(child) = children.next_element()? {
        if child.tag != Tag::OCTET_STRING && child.tag != own {
            return Err(Error::Unexpected { wanted: "segment of a string", found: child.tag });
        }
        segments(&child, own, into)?;
    }
    Ok(())
}

impl<const TAG: u32> Decode for Characters<TAG> {
    const NAME: &'static str = "character string";
    fn accepts(tag: Tag) -> bool {
        tag == Tag::universal(TAG)
    }
    fn decode_contents(element: &Element<'_>) -> Result<Self> {
        let mut rope = Rope::new();
        segments(element, Tag::universal(TAG), &mut rope)?;
        Ok(Self(rope))
    }
}

impl<const TAG: u32> Encode for Characters<TAG> {
    fn encode(&self, writer: &mut Writer) {
        self.encode_as(Tag::universal(TAG), writer);
    }
    fn encode_as(&self, tag: Tag, writer: &mut Writer) {
        writer.primitive(tag, |writer| writer.rope(&self.0));
    }
}

/// The octets of text in ISO 8859-1; a question mark for a character that it lacks.
pub fn octets(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Text in which each octet is the character of its number.
pub fn from_latin1(octets: &[u8]) -> String {
    octets.iter().copied().map(char::from).collect()
}

/// Text of a TeletexString. Escape sequences are followed where there are some; else it is T.61,
/// or ISO 8859-1 where an accent stands before a character that can't bear it or an octet is none
/// of T.61.
pub fn from_teletex(octets: &[u8]) -> String {
    if octets.contains(&ESCAPE) {
        return from_general(octets, &[T61_SUPPLEMENTARY]);
    }
    t61(octets).unwrap_or_else(|| from_latin1(octets))
}

/// The non-spacing accents of T.61, `C1` to `CF`, as combining characters.
const ACCENTS: [char; 15] = [
    '\u{300}', '\u{301}', '\u{302}', '\u{303}', '\u{304}', '\u{306}', '\u{307}', '\u{308}',
    '\u{308}', '\u{30a}', '\u{327}', '\u{332}', '\u{30b}', '\u{328}', '\u{30c}',
];

/// The other characters of T.61 from `A0` on, `.` where there is none.
const SUPPLEMENTARY: [&str; 6] = [
    ".¡¢£$¥#§¤..«....",
    "°±²³×µ¶·÷..»¼½¾¿",
    "................",
    "................",
    "ΩÆÐªĦ.ĲĿŁØŒºÞŦŊŉ",
    "ĸæđðħıĳŀłøœßþŧŋ.",
];

fn t61(octets: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets.iter().copied();
    while let Some(octet) = rest.next() {
        if octet < 0xa0 {
            text.push(char::from(octet));
        } else if let Some(at) = octet.checked_sub(0xc1).filter(|_| octet <= 0xcf) {
            let accent = ACCENTS.get(usize::from(at)).copied()?;
            let base = char::from(rest.next()?);
            let joined: String = [base, accent].into_iter().nfc().collect();
            // An accent with a space is the accent itself; an underline goes with anything.
            let fits = base == ' ' || accent == '\u{332}' || joined.chars().count() == 1;
            if !fits || !base.is_ascii() {
                return None;
            }
            text.push_str(&joined);
        } else {
            let row = SUPPLEMENTARY.get(usize::from(octet >> 4).checked_sub(10)?)?;
            text.push(row.chars().nth(usize::from(octet & 0xf)).filter(|c| *c != '.')?);
        }
    }
    Some(text)
}

/// The octets of a TeletexString for a text, in T.61: a question mark for each character that it
/// lacks. T.61's readers take all of ASCII, also what T.61 itself leaves out.
pub fn to_teletex(text: &str) -> Vec<u8> {
    text.nfc().flat_map(to_t61).collect()
}

/// One or two octets: a character, or its accent and the letter under it.
fn to_t61(character: char) -> Vec<u8> {
    if let Some(octet) = u8::try_from(character).ok().filter(u8::is_ascii) {
        return vec![octet];
    }
    let supplementary = (0xa0..=0xff_u8)
        .filter(|octet| !(0xc0..=0xcf).contains(octet))
        .find(|octet| t61(&[*octet]).is_some_and(|text| text.chars().eq([character])));
    if let Some(octet) = supplementary {
        return vec![octet];
    }
    let parts: Vec<char> = [character].into_iter().nfd().collect();
    let accent = |wanted: char| (0xc1..).zip(ACCENTS).find(|(_, accent)| *accent == wanted);
    match parts[..] {
        [base, mark] if base.is_ascii() => match (u8::try_from(base), accent(mark)) {
            (Ok(base), Some((octet, _))) => vec![octet, base],
            _ => vec![b'?'],
        },
        _ => vec![b'?'],
    }
}

const ESCAPE: u8 = 0x1b;

/// T.61's supplementary set in the International Register.
const T61_SUPPLEMENTARY: i64 = 103;

/// A character set that fills the octets from `A0` on.
#[derive(Clone, Copy)]
enum Upper {
    Latin1,
    Teletex,
    Part(&'static Encoding),
    Unknown,
}

/// The right-hand set of a number in the International Register: those of ISO 8859, and
/// teletex's.
fn registered(number: i64) -> Option<Upper> {
    let part = match number {
        100 => return Some(Upper::Latin1),
        T61_SUPPLEMENTARY => return Some(Upper::Teletex),
        101 => encoding_rs::ISO_8859_2,
        109 => encoding_rs::ISO_8859_3,
        110 => encoding_rs::ISO_8859_4,
        126 => encoding_rs::ISO_8859_7,
        127 => encoding_rs::ISO_8859_6,
        138 => encoding_rs::ISO_8859_8,
        144 => encoding_rs::ISO_8859_5,
        148 => encoding_rs::WINDOWS_1254,
        157 => encoding_rs::ISO_8859_10,
        179 => encoding_rs::ISO_8859_13,
        199 => encoding_rs::ISO_8859_14,
        203 => encoding_rs::ISO_8859_15,
        226 => encoding_rs::ISO_8859_16,
        _ => return None,
    };
    Some(Upper::Part(part))
}

/// The set that `ESC - F` (and `ESC . F`, `ESC / F`) designates.
fn designated(last: u8) -> Upper {
    let number = match last {
        b'A' => 100,
        b'B' => 101,
        b'C' => 109,
        b'D' => 110,
        b'F' => 126,
        b'G' => 127,
        b'H' => 138,
        b'L' => 144,
        b'M' => 148,
        b'V' => 157,
        b'Y' => 179,
        b'_' => 199,
        b'b' => 203,
        b'f' => 226,
        _ => return Upper::Unknown,
    };
    registered(number).unwrap_or(Upper::Unknown)
}

fn upper(octet: u8, set: Upper) -> String {
    match set {
        Upper::Latin1 => char::from(octet).to_string(),
        Upper::Teletex => t61(&[octet]).unwrap_or_else(|| char::REPLACEMENT_CHARACTER.to_string()),
        Upper::Part(part) => part.decode_without_bom_handling(&[octet]).0.into_owned(),
        Upper::Unknown => char::REPLACEMENT_CHARACTER.to_string(),
    }
}

/// Text of a GeneralString or GraphicString: ASCII below `80`, above it what escape sequences
/// designate, before the first of them the first of `registrations` that is known, else
/// ISO 8859-1. A registration is a number of the International Register of coded character sets.
pub fn from_general(octets: &[u8], registrations: &[i64]) -> String {
    if registrations.contains(&UTF_8) && core::str::from_utf8(octets).is_ok() {
        return utf8(octets);
    }
    let mut set = registrations.iter().find_map(|n| registered(*n)).unwrap_or(Upper::Latin1);
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets;
    while let [octet, tail @ ..] = rest {
        rest = tail;
        match octet {
            &ESCAPE => {
                let middle = tail.iter().take_while(|o| (0x20..0x30).contains(*o)).count();
                let Some((middle, after)) = tail.split_at_checked(middle) else { break };
                let [last, after @ ..] = after else { break };
                rest = after;
                match middle {
                    [b'%'] if *last == b'@' => {}
                    [b'%', ..] => {
                        let (decoded, after) = iso_10646(*last, after);
                        text.push_str(&decoded);
                        rest = after;
                    }
                    [b'-' | b'.' | b'/'] => set = designated(*last),
                    [b')' | b'*' | b'+'] if *last == b'v' => set = Upper::Teletex,
                    _ => {}
                }
            }
            // Shift out and in, whose sets are designated above ASCII here.
            0x0e | 0x0f => {}
            0x00..=0x9f => text.push(char::from(*octet)),
            _ if matches!(set, Upper::Teletex) && (0xc1..=0xcf).contains(octet) => {
                let [base, after @ ..] = tail else { break };
                rest = after;
                let joined = t61(&[*octet, *base]);
                text.push_str(joined.as_deref().unwrap_or("\u{fffd}"));
            }
            _ => text.push_str(&upper(*octet, set)),
        }
    }
    text
}

/// UTF-8 in the International Register.
const UTF_8: i64 = 196;

fn utf8(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets).into_owned();
    match text.strip_prefix("\u{1b}%G") {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// What follows `ESC % last` or `ESC % / last`: ISO 10646 up to the return to ISO 2022.
fn iso_10646(last: u8, octets: &[u8]) -> (String, &[u8]) {
    let unit = match last {
        b'@' | b'C' | b'E' | b'J' | b'K' | b'L' => 2,
        b'A' | b'D' | b'F' => 4,
        _ => 1,
    };
    let back: &[u8] = match unit {
        1 => b"\x1b%@",
        2 => b"\x00\x1b\x00%\x00@",
        _ => b"\x00\x00\x00\x1b\x00\x00\x00%\x00\x00\x00@",
    };
    let end = octets.windows(back.len()).step_by(unit).position(|window| window == back);
    let end = end.map(|units| units * unit);
    let (mine, after) = match end.and_then(|end| octets.split_at_checked(end)) {
        Some((mine, after)) => (mine, after.strip_prefix(back).unwrap_or(after)),
        None => (octets, &[][..]),
    };
    let text = match unit {
        1 => String::from_utf8_lossy(mine).into_owned(),
        2 => encoding_rs::UTF_16BE.decode_without_bom_handling(mine).0.into_owned(),
        _ => mine
            .chunks_exact(4)
            .map(|four| {
                let number = four.iter().fold(0u32, |n, octet| n << 8 | u32::from(*octet));
                char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
            })
            .collect(),
    };
    (text, after)
}

/// The octets of a GeneralString and its registrations for a text: ASCII alone, ISO 8859-1 where
/// it is enough, else UTF-8.
pub fn to_general(text: &str) -> (Vec<u8>, Vec<i64>) {
    if text.is_ascii() {
        (text.into(), vec![1, 6])
    } else if text.chars().all(|c| u32::from(c) < 0x100) {
        ([&b"\x1b-A"[..], &octets(text)].concat(), vec![1, 6, 100])
    } else {
        ([&b"\x1b%G"[..], text.as_bytes()].concat(), vec![1, 6, UTF_8])
    }
}
