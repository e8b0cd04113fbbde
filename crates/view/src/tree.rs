//! Octets as a tree of tags, for whoever wants to see what really came.

use std::fmt::Write as _;

use restante_ber::{Class, Reader, Tag};

/// Elements in one tree; what comes after them is left out.
const NODES_MAX: usize = 10_000;
/// How deep it goes; what lies deeper is shown as octets.
const DEPTH_MAX: usize = 64;
/// How many octets of a primitive element are shown.
const SHOWN_OCTETS: usize = 256;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// How far inside it stands; the outermost is 0.
    pub depth: usize,
    /// `SEQUENCE`, `[APPLICATION 3]`, `[2]`, `[UNIVERSAL 99]`.
    pub tag: String,
    /// Octets of its contents.
    pub length: usize,
    /// Of a primitive one, its first contents in hexadecimal.
    pub hex: Option<String>,
    /// Of a primitive one, its first contents as text, where they are printable.
    pub text: Option<String>,
}

/// The elements of an encoding in the order in which they stand there. What is no BER is a node
/// that says so.
pub fn tree(octets: &[u8]) -> Vec<Node> {
    let mut nodes = Vec::new();
    walk(octets, 0, &mut nodes);
    nodes
}

fn walk(octets: &[u8], depth: usize, nodes: &mut Vec<Node>) {
    let mut reader = Reader::new(octets);
    loop {
        let rest = reader.rest();
        let element = match reader.next_element() {
            Ok(Some(element)) => element,
            Ok(None) => return,
            Err(error) => {
                nodes.push(Node { tag: format!("not BER: {error}"), ..leaf(depth, rest) });
                return;
            }
        };
        if nodes.len() >= NODES_MAX {
            return;
        }
        let contents = element.contents();
        match element.children().ok().filter(|_| element.constructed && depth < DEPTH_MAX) {
            Some(children) => {
                let (length, tag) = (contents.len(), name(element.tag));
                nodes.push(Node { depth, tag, length, hex: None, text: None });
                walk(children.rest(), depth + 1, nodes);
            }
            None => nodes.push(Node { tag: name(element.tag), ..leaf(depth, contents) }),
        }
    }
}

fn leaf(depth: usize, contents: &[u8]) -> Node {
    let shown = &contents[..contents.len().min(SHOWN_OCTETS)];
    let hex = shown.iter().fold(String::new(), |mut hex, octet| {
        // Writing to a string can't fail.
        let _ = write!(hex, "{octet:02x}");
        hex
    });
    let text = std::str::from_utf8(shown).ok();
    let text = text.filter(|text| !text.is_empty() && !text.contains(char::is_control));
    let text = text.map(ToOwned::to_owned);
    Node { depth, tag: String::new(), length: contents.len(), hex: Some(hex), text }
}

fn name(tag: Tag) -> String {
    let class = match tag.class {
        Class::Universal => return universal(tag.number),
        Class::Application => "APPLICATION ",
        Class::Context => "",
        Class::Private => "PRIVATE ",
    };
    format!("[{class}{}]", tag.number)
}

fn universal(number: u32) -> String {
    let name = match number {
        1 => "BOOLEAN",
        2 => "INTEGER",
        3 => "BIT STRING",
        4 => "OCTET STRING",
        5 => "NULL",
        6 => "OBJECT IDENTIFIER",
        8 => "EXTERNAL",
        10 => "ENUMERATED",
        12 => "UTF8String",
        13 => "RELATIVE-OID",
        16 => "SEQUENCE",
        17 => "SET",
        18 => "NumericString",
        19 => "PrintableString",
        20 => "TeletexString",
        22 => "IA5String",
        23 => "UTCTime",
        24 => "GeneralizedTime",
        25 => "GraphicString",
        26 => "VisibleString",
        27 => "GeneralString",
        30 => "BMPString",
        _ => return format!("[UNIVERSAL {number}]"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(octets: &[u8]) -> Vec<String> {
        let line = |node: &Node| {
            let hex = node.hex.as_deref().unwrap_or("-");
            format!("{}{} {} {hex}", " ".repeat(node.depth), node.tag, node.length)
        };
        tree(octets).iter().map(line).collect()
    }

    #[test]
    fn an_encoding_is_a_tree() {
        let octets = [0x31, 0x80, 0xa2, 0x03, 0x02, 0x01, 0x05, 0x62, 0, 0, 0, 0x13, 1, 0x41];
        let expected = ["SET 7 -", " [2] 3 -", "  INTEGER 1 05", " [APPLICATION 2] 0 -"];
        assert_eq!(lines(&octets)[..4], expected);
        assert_eq!(tree(&octets[11..])[0].text.as_deref(), Some("A"));
    }

    #[test]
    fn what_is_no_encoding_is_shown_all_the_same() {
        let found = lines(b"hello");
        assert!(found[0].starts_with("not BER"), "{found:?}");
        assert_eq!(lines(b""), Vec::<String>::new());
        let deep = [0xa0, 0x80].repeat(500);
        assert!(tree(&deep).len() < NODES_MAX);
    }
}
