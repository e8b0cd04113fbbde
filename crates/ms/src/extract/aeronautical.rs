//! Attributes of the ATS-message-header (ICAO Doc 9880 Part II), which stands in the text of the
//! first body part. No standard has attributes for it: these are this store's own. A field that is
//! not as Doc 9880 has it gives none.

use restante_ber::{Element, Ia5String, PrintableString, Tag};
use restante_mhs::x420::{amhs::ATSMessageHeader, text};

use super::{members, sink::Sink};
use crate::attributes::Key;

/// How many octets of a text are looked at: a header has three lines.
const HEADER_BYTES_MAX: usize = 512;

const IA5_TEXT: Tag = Tag::context(0);
const EXTENDED: Tag = Tag::context(15);

/// The attributes of the header in a first body part, where it has one.
pub(super) fn attributes(sink: &mut Sink<'_>, first: &Element<'_>) {
    let Some(text) = beginning(first) else { return };
    let Some((header, _)) = ATSMessageHeader::parse(&text) else { return };
    if header.has_priority() {
        sink.made(Key::ATS_PRIORITY, &PrintableString::from(header.priority.as_str()));
    }
    if header.has_filing_time() {
        sink.made(Key::ATS_FILING_TIME, &PrintableString::from(header.filing_time.as_str()));
    }
    if let Some(information) = &header.optional_heading_info {
        let information = Ia5String::from(information.as_str());
        sink.made(Key::ATS_OPTIONAL_HEADING_INFORMATION, &information);
    }
}

/// How a text begins, of a body part that is ia5-text or an extended one of a string.
fn beginning(part: &Element<'_>) -> Option<String> {
    let mut string = match part.tag {
        IA5_TEXT => members(part).nth(1)?,
        EXTENDED => {
            let data = members(part).find(|member| member.tag == Tag::EXTERNAL)?;
            let single = members(&data).find(|member| member.tag == Tag::context(0))?;
            let string = single.only_child().ok()?;
            if ![GENERAL_STRING, IA5_STRING].contains(&string.tag) {
                return None;
            }
            string
        }
        _ => return None,
    };
    while string.constructed {
        let first = members(&string).next()?;
        string = first;
    }
    let octets = string.contents();
    Some(text::from_latin1(octets.get(..HEADER_BYTES_MAX).unwrap_or(octets)))
}

const IA5_STRING: Tag = Tag::universal(22);
const GENERAL_STRING: Tag = Tag::universal(27);
