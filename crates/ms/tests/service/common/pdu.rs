//! PDUs made octet by octet, by nothing of ours.

/// `/CN=Alice/OU=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/`
pub const ALICE: &str = "603530236104130247426203130120a20613045045455283074578616d706c65\
    a60513034f7073310e300c800101a1071305416c696365";
/// The same with CN=Bob.
pub const BOB: &str = "603330236104130247426203130120a20613045045455283074578616d706c65\
    a60513034f7073310c300a800101a1051303426f62";
/// `G=Carol; S=Jones; O=Acme; P=ACME; A= ; C=GB`
pub const CAROL: &str = "602b30296104130247426203130120a206130441434d45830441636d65a50e\
    80054a6f6e657381054361726f6c";
/// `G=Dave; S=Brown; OU1=East; O=Acme; P=ACME; A= ; C=GB`
pub const DAVE: &str = "603230306104130247426203130120a206130441434d45830441636d65a50d80\
    0542726f776e810444617665a606130445617374";

pub const SUBJECT: &str = "56010704";
pub const CONTENT: &str = "56040301";
pub const STATUS: &str = "5604030f";
pub const PRIORITY: &str = "5604031f";
pub const ENVELOPE: &str = "56040312";
pub const CHILDREN: &str = "56040300";
pub const PARENT: &str = "5604031d";
pub const THIS_IPM: &str = "56010701";
pub const BODY: &str = "56010800";

pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(u8::is_ascii_hexdigit)
        .map(|digit| char::from(digit).to_digit(16).expect("a digit") as u8)
        .collect();
    assert_eq!(digits.len() % 2, 0, "{text}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

pub fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// One element of definite length in its shortest form.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    match contents.len() {
        short @ 0..=0x7f => octets.push(short as u8),
        long => {
            let length = long.to_be_bytes();
            let zeros = length.iter().take_while(|octet| **octet == 0).count();
            octets.push(0x80 | (length.len() - zeros) as u8);
            octets.extend_from_slice(&length[zeros..]);
        }
    }
    octets.extend_from_slice(contents);
    octets
}

/// Elements one after the other inside another.
pub fn of(tag: u8, members: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &members.concat())
}

/// `name` with its tag replaced.
pub fn retag(name: &str, tag: u8) -> Vec<u8> {
    let mut octets = hex(name);
    octets[0] = tag;
    octets
}

/// In hexadecimal, what `tlv` gives.
pub fn x(tag: u8, contents: &str) -> String {
    to_hex(&tlv(tag, &hex(contents)))
}

/// MSBindArgument of a user, with more members in hexadecimal.
pub fn bind(name: &str, more: &str) -> String {
    x(0x31, &format!("{name}a2061604{}{more}", "70617373"))
}

/// A SET OF AttributeSelection without from and count.
pub fn selection(attributes: &[&str]) -> String {
    let one = |oid: &&str| x(0x31, &x(0x06, oid));
    x(0x31, &attributes.iter().map(one).collect::<String>())
}

/// A ListArgument: a selector's members, and what is requested.
pub fn list(selector: &str, attributes: &[&str]) -> String {
    let requested = x(0xa3, &selection(attributes));
    x(0x31, &format!("{}{requested}", x(0xa1, &x(0x31, selector))))
}

/// A FetchArgument of a number.
pub fn precise(number: u32, attributes: &[&str]) -> String {
    let requested = x(0xa3, &selection(attributes));
    x(0x31, &format!("{}{requested}", x(0xa2, &x(0x02, &format!("{number:08x}")))))
}

/// A FetchArgument of a selector's members.
pub fn search(selector: &str, attributes: &[&str]) -> String {
    list(selector, attributes)
}

/// A DeleteArgument of numbers.
pub fn delete(numbers: &[u32]) -> String {
    let one = |number: &u32| x(0x02, &format!("{number:08x}"));
    x(0x31, &x(0xa2, &x(0x31, &numbers.iter().map(one).collect::<String>())))
}

/// Members of a selector.
pub mod selector {
    use super::x;

    pub fn range(from: Option<u32>, to: Option<u32>) -> String {
        let bound = |tag, number: Option<u32>| {
            number.map(|n| x(tag, &x(0x02, &format!("{n:08x}")))).unwrap_or_default()
        };
        x(0xa1, &x(0xa0, &x(0x30, &format!("{}{}", bound(0xa0, from), bound(0xa1, to)))))
    }

    pub fn times(from: &str, to: &str) -> String {
        let time = |text: &str| x(0x17, &super::to_hex(text.as_bytes()));
        let bounds = format!("{}{}", x(0xa0, &time(from)), x(0xa1, &time(to)));
        x(0xa1, &x(0xa1, &x(0x30, &bounds)))
    }

    pub fn filter(filter: &str) -> String {
        x(0xa2, filter)
    }

    pub fn limit(limit: u8) -> String {
        x(0xa3, &format!("0201{limit:02x}"))
    }

    pub const CHILDREN: &str = "a0030101ff";
}

/// Filters.
pub mod filter {
    use super::x;

    fn assertion(tag: u8, oid: &str, value: &str) -> String {
        x(0xa0, &x(tag, &x(0x30, &format!("{}{value}", x(0x06, oid)))))
    }
    pub fn equal(oid: &str, value: &str) -> String {
        assertion(0xa0, oid, value)
    }
    pub fn at_least(oid: &str, value: &str) -> String {
        assertion(0xa2, oid, value)
    }
    pub fn at_most(oid: &str, value: &str) -> String {
        assertion(0xa3, oid, value)
    }
    pub fn present(oid: &str) -> String {
        x(0xa0, &x(0xa4, &x(0x06, oid)))
    }
    pub fn and(filters: &[String]) -> String {
        x(0xa1, &x(0x31, &filters.concat()))
    }
    pub fn or(filters: &[String]) -> String {
        x(0xa2, &x(0x31, &filters.concat()))
    }
    pub fn not(filter: &str) -> String {
        x(0xa3, filter)
    }
    /// Parts: the tag's number and the text.
    pub fn substrings(oid: &str, parts: &[(u8, &str)]) -> String {
        let one = |(number, text): &(u8, &str)| x(0xa0 + number, &t61(text));
        let parts = x(0x30, &parts.iter().map(one).collect::<String>());
        x(0xa0, &x(0xa1, &x(0x30, &format!("{}{parts}", x(0x06, oid)))))
    }
    pub fn t61(text: &str) -> String {
        x(0x14, &super::to_hex(text.as_bytes()))
    }
}

/// An interpersonal message: heading fields and body parts.
pub fn ipm(tag: u8, heading: &[Vec<u8>], body: &[Vec<u8>]) -> Vec<u8> {
    of(tag, &[of(0x31, heading), of(0x30, body)])
}

/// this-IPM.
pub fn this_ipm(local: &str) -> Vec<u8> {
    tlv(0x6b, &tlv(0x13, local.as_bytes()))
}

/// The subject field.
pub fn subject(text: &str) -> Vec<u8> {
    tlv(0xa8, &tlv(0x14, text.as_bytes()))
}

/// An IA5 text body part.
pub fn ia5(text: &str) -> Vec<u8> {
    of(0xa0, &[tlv(0x31, &[]), tlv(0x16, text.as_bytes())])
}

/// A message-delivery.
pub struct Message {
    pub content_type: Vec<u8>,
    pub content: Vec<u8>,
    pub recipient: &'static str,
    pub originator: &'static str,
    pub identifier: String,
    /// More members of other-fields.
    pub fields: Vec<Vec<u8>>,
}

impl Message {
    pub fn of_subject(text: &str) -> Self {
        let heading = [this_ipm(text), subject(text)];
        Self::of_content(&[0x80, 1, 22], ipm(0xa0, &heading, &[ia5("text")]))
    }

    pub fn of_content(content_type: &[u8], content: Vec<u8>) -> Self {
        Self {
            content_type: content_type.to_vec(),
            content,
            recipient: ALICE,
            originator: CAROL,
            identifier: "L1".to_owned(),
            fields: Vec::new(),
        }
    }

    pub fn urgent(self) -> Self {
        self.with(hex("470102"))
    }

    pub fn with(mut self, field: Vec<u8>) -> Self {
        self.fields.push(field);
        self
    }

    /// MessageDeliveryEnvelope, its three members.
    pub fn envelope(&self) -> Vec<Vec<u8>> {
        let domain = hex("6311610413024742620313012013045045 4552");
        let local = tlv(0x16, self.identifier.as_bytes());
        let mut fields = vec![self.content_type.clone(), hex(self.originator)];
        fields.push(retag(self.recipient, 0xa4));
        fields.push(tlv(0x87, b"261124102725Z"));
        fields.extend(self.fields.iter().cloned());
        vec![of(0x64, &[domain, local]), tlv(0x17, b"261124102730Z"), of(0x31, &fields)]
    }

    /// MessageDeliveryArgument.
    pub fn argument(&self) -> Vec<u8> {
        let mut members = self.envelope();
        members.push(tlv(0x04, &self.content));
        of(0x30, &members)
    }
}
