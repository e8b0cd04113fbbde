//! Tests of the crate: wire vectors with their meaning, every legal form, every kind of damage.

#![allow(unreachable_pub)]

use crate::*;

set! { EXPLICIT TAGS;
    /// A SET with what P7's arguments have: defaults, an untagged CHOICE, optional members.
    pub struct Argument {
        class: u32 [0] = 7,
        item: Item,
        text: Option<Ia5String> [IMPLICIT 1],
    }
}

choice! { EXPLICIT TAGS;
    /// An untagged CHOICE that holds itself.
    pub enum Item {
        Not(Box<Item>) [8],
        Number(u32) [9],
        Flag(bool),
    }
}

sequence! { IMPLICIT TAGS;
    /// A SEQUENCE with optional members in the middle.
    pub struct Pair [APPLICATION 4] {
        first: Option<u32> [0],
        item: Item [1],
        rest: Option<Vec<Oid>> [2],
        last: Option<Rope>,
    }
}

newtype! { IMPLICIT TAGS;
    /// A tagged string.
    pub struct Label(PrintableString) [APPLICATION 10];
}

newtype! { EXPLICIT TAGS;
    /// An explicitly tagged string.
    pub struct Wrapped(PrintableString) [APPLICATION 11];
}

enumerated! {
    /// A code that may grow.
    pub struct Colour {
        /// Red.
        RED = 0,
        /// Dark green.
        DARK_GREEN = 1,
    }
}

bits! {
    /// Named bits.
    pub struct Marks {
        /// The first.
        FIRST = 0,
        /// The tenth.
        TENTH = 9,
    }
}

fn hex(text: &str) -> Bytes {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let octet = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(octet).collect::<Vec<u8>>().into()
}

fn both_ways<T: Encode + Decode + PartialEq + core::fmt::Debug>(value: &T, octets: &str) {
    assert_eq!(value.to_ber(), hex(octets));
    assert_eq!(&T::from_bytes(&hex(octets)).unwrap(), value);
    assert_eq!(&T::from_ber(&hex(octets)).unwrap(), value);
}

#[test]
fn integers_are_written_short_and_read_in_any_length() {
    both_ways(&0i64, "02 01 00");
    both_ways(&127i64, "02 01 7F");
    both_ways(&128i64, "02 02 00 80");
    both_ways(&-128i64, "02 01 80");
    both_ways(&-129i64, "02 02 FF 7F");
    both_ways(&i64::MIN, "02 08 80 00 00 00 00 00 00 00");
    both_ways(&i64::MAX, "02 08 7F FF FF FF FF FF FF FF");
    both_ways(&0x7fff_ffffu32, "02 04 7F FF FF FF");
    // Leading octets that say nothing, more than eight of them.
    assert_eq!(i64::from_ber(&hex("02 0A 00 00 00 00 00 00 00 00 00 05")), Ok(5));
    assert_eq!(i64::from_ber(&hex("02 09 FF FF FF FF FF FF FF FF FE")), Ok(-2));
    let beyond = Err(Error::Value("an INTEGER outside of 64 bits"));
    assert_eq!(i64::from_ber(&hex("02 09 00 80 00 00 00 00 00 00 00")), beyond);
    assert_eq!(i64::from_ber(&hex("02 09 FF 7F 00 00 00 00 00 00 00")), beyond);
    assert!(i64::from_ber(&hex("02 00")).is_err());
    assert!(u32::from_ber(&hex("02 01 FF")).is_err());
    assert!(i64::from_ber(&hex("22 03 02 01 00")).is_err());
}

#[test]
fn simple_types() {
    both_ways(&true, "01 01 FF");
    assert_eq!(bool::from_ber(&hex("01 01 01")), Ok(true));
    assert!(bool::from_ber(&hex("01 02 01 01")).is_err());
    both_ways(&Null, "05 00");
    assert!(Null::from_ber(&hex("05 01 00")).is_err());
    both_ways(&Colour::DARK_GREEN, "0A 01 01");
    assert_eq!(Colour::RED.to_string(), "red");
    assert_eq!(Colour::DARK_GREEN.to_string(), "dark-green");
    // A value that a later edition may bring is kept.
    let unknown = Colour::from_ber(&hex("0A 01 09")).unwrap();
    assert_eq!((unknown.0, unknown.to_string()), (9, "9".to_owned()));
    both_ways(&Label("abc".into()), "4A 03 61 62 63");
    both_ways(&Wrapped("abc".into()), "6B 05 13 03 61 62 63");
}

#[test]
fn bit_strings_in_every_form() {
    both_ways(&Marks::of([Marks::FIRST, Marks::TENTH]), "03 03 06 80 40");
    both_ways(&Marks::default(), "03 01 00");
    let marks = Marks::from_ber(&hex("23 80 03 02 00 80 03 02 06 40 00 00")).unwrap();
    assert_eq!(marks.names(), ["first", "tenth"]);
    // Unused bits are zero whatever the peer puts there.
    assert!(!Marks::from_ber(&hex("03 02 07 FF")).unwrap().has(1));
    for bad in ["03 00", "03 02 08 00", "03 01 01", "23 08 03 02 01 00 03 02 00 00"] {
        assert!(Marks::from_ber(&hex(bad)).is_err(), "{bad}");
    }
}

#[test]
fn octet_strings_primitive_constructed_indefinite_nested() {
    let whole = OctetString::from(b"abcdef".as_slice());
    both_ways(&whole, "04 06 61 62 63 64 65 66");
    for octets in [
        "24 0A 04 03 61 62 63 04 03 64 65 66",
        "24 80 04 03 61 62 63 04 03 64 65 66 00 00",
        "24 80 24 80 04 01 61 00 00 04 00 24 07 04 05 62 63 64 65 66 00 00",
        "04 84 00 00 00 06 61 62 63 64 65 66",
    ] {
        assert_eq!(OctetString::from_ber(&hex(octets)).as_ref(), Ok(&whole), "{octets}");
        assert_eq!(Rope::from_bytes(&hex(octets)).unwrap().to_bytes(), whole.0, "{octets}");
    }
    assert!(OctetString::from_ber(&hex("24 03 02 01 00")).is_err());
}

#[test]
fn a_string_has_no_more_segments_than_there_is_memory_for() {
    let string = |segments: usize| {
        let segments = [4, 1, b'x'].repeat(segments);
        let length = (segments.len() as u32).to_be_bytes();
        Bytes::from([&[0x24, 0x84], &length[..], &segments].concat())
    };
    let rope = Rope::from_bytes(&string(MAX_SEGMENTS)).unwrap();
    assert_eq!(rope.len(), MAX_SEGMENTS);
    assert_eq!(Rope::from_bytes(&string(MAX_SEGMENTS + 1)), Err(Error::TooMany));
}

#[test]
fn a_rope_shares_what_was_received() {
    let received: Bytes = [&[0x04, 0x82, 0x10, 0x00][..], &[7; 4096]].concat().into();
    let rope = Rope::from_bytes(&received).unwrap();
    let piece = rope.pieces().next().unwrap();
    assert_eq!(piece.as_ptr(), received[4..].as_ptr());
    let written = rope.to_rope();
    assert_eq!(written.to_bytes(), received);
    assert!(written.pieces().any(|piece| piece.as_ptr() == received[4..].as_ptr()));
}

#[test]
fn ropes_split_anywhere() {
    let mut rope = Rope::from_iter(["abc", "", "defg"].map(Bytes::from));
    assert_eq!(rope.pieces().count(), 2);
    assert_eq!(rope.split_to(4).to_bytes(), "abcd");
    assert_eq!((rope.len(), rope.to_bytes()), (3, Bytes::from("efg")));
    assert_eq!(rope.split_to(9).to_bytes(), "efg");
    assert!(rope.is_empty());
}

#[test]
fn object_identifiers() {
    both_ways(&oid!(2, 6, 0, 1, 4), "06 04 56 00 01 04");
    both_ways(&oid!(1, 3, 6, 1, 4, 1, 8072), "06 07 2B 06 01 04 01 BF 08");
    both_ways(&oid!(2, 999, 3), "06 03 88 37 03");
    assert_eq!(oid!(2, 999, 3).to_string(), "2.999.3");
    assert_eq!("2.999.3".parse(), Ok(oid!(2, 999, 3)));
    assert_eq!(oid!(2, 6, 0, 1, 4).last_arc_below(&oid!(2, 6, 0, 1)), Some(4));
    assert_eq!(oid!(2, 6, 0, 1, 4).last_arc_below(&oid!(2, 6, 0)), None);
    assert!("3.1".parse::<Oid>().is_err() && "1.40".parse::<Oid>().is_err());
    assert!("2".parse::<Oid>().is_err() && "2.x".parse::<Oid>().is_err());
    assert!(Oid::from_ber(&hex("06 00")).is_err());
    assert!(Oid::from_ber(&hex("06 02 56 80")).is_err());
    // A UUID as an arc (X.667).
    let uuid = "2.25.235316739465388471336630995864173312407";
    assert_eq!(uuid.parse::<Oid>().unwrap().to_string(), uuid);
    // An arc beyond 128 bits is read, kept and shown as the largest number.
    let huge = hex("06 15 56 FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF FF 7F");
    assert_eq!(Oid::from_ber(&huge).unwrap().to_ber(), huge);
}

#[test]
fn strings_are_lenient_and_keep_their_octets() {
    // '@' in a PrintableString, eight-bit characters in an IA5String.
    both_ways(&PrintableString::from("a@b_c"), "13 05 61 40 62 5F 63");
    both_ways(&Ia5String::from("\u{e9}"), "16 01 E9");
    assert_eq!(Ia5String::from_ber(&hex("36 80 16 01 61 04 01 62 00 00")), Ok("ab".into()));
    both_ways(&BmpString::from("h\u{e9}"), "1E 04 00 68 00 E9");
    both_ways(&UniversalString::from("h"), "1C 04 00 00 00 68");
    both_ways(&Utf8String::from("\u{e9}"), "0C 02 C3 A9");
    assert!(BmpString::from_ber(&hex("1E 01 00")).is_err());
}

#[test]
fn utc_time_in_every_form() {
    let read = |text: &str| UtcTime::parse(text.as_bytes()).map(|time| time.0);
    assert_eq!(read("700101000000Z"), Ok(0));
    assert_eq!(read("7001010000Z"), Ok(0));
    assert_eq!(read("7001010100+0100"), Ok(0));
    assert_eq!(read("691231233000-0030"), Ok(0));
    assert_eq!(read("261124103000"), Ok(1_795_516_200));
    assert_eq!(read("491231235959Z"), Ok(2_524_607_999));
    assert_eq!(read("500101000000Z"), Ok(-631_152_000));
    for bad in [
        "",
        "7001",
        "701301000000Z",
        "700230000000Z",
        "700101240000Z",
        "7001010000X",
        "700101000000+",
        "700101000000Zx",
        "70010100000Z",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
    both_ways(&UtcTime(951_782_400), "17 0D 30 30 30 32 32 39 30 30 30 30 30 30 5A");
    let constructed = hex("37 0F 04 06 37 30 30 31 30 31 04 05 30 30 30 30 5A");
    assert_eq!(UtcTime::from_ber(&constructed), Ok(UtcTime(0)));
}

#[test]
fn generalized_time_in_every_form() {
    let read = |text: &str| GeneralizedTime::parse(text.as_bytes()).map(|time| time.0);
    assert_eq!(read("19700101000001.5Z"), Ok(1_500_000));
    assert_eq!(read("19700101010000,25+0100"), Ok(250_000));
    assert_eq!(read("1970010100"), Ok(0));
    assert_eq!(read("1970010100.5Z"), Ok(1_800_000_000));
    assert_eq!(GeneralizedTime(1_500_000).text(), "19700101000001.5Z");
    assert!(read("1970").is_err());
}

#[test]
fn a_set_takes_its_members_in_any_order_and_skips_unknown_ones() {
    let value = Argument { class: 7, item: Item::Number(5), text: Some("x".into()) };
    both_ways(&value, "31 08 A9 03 02 01 05 81 01 78");
    for octets in [
        "31 08 81 01 78 A9 03 02 01 05",
        "31 80 81 01 78 A9 80 02 01 05 00 00 00 00",
        "31 0D A0 03 02 01 07 81 01 78 A9 03 02 01 05",
        "31 0E 81 01 78 9F 87 68 02 05 05 A9 03 02 01 05",
    ] {
        assert_eq!(Argument::from_ber(&hex(octets)).as_ref(), Ok(&value), "{octets}");
    }
    let twice = Argument::from_ber(&hex("31 06 01 01 FF 01 01 00"));
    assert_eq!(twice, Err(Error::Duplicate { of: "Argument", member: "item" }));
    let none = Argument::from_ber(&hex("31 00"));
    assert_eq!(none, Err(Error::Missing { of: "Argument", member: "item" }));
}

#[test]
fn a_tag_on_a_choice_is_explicit_in_an_implicit_module() {
    let value = Pair {
        first: None,
        item: Item::Flag(true),
        rest: Some(vec![oid!(2, 6)]),
        last: Some(Rope::from(b"z".as_slice())),
    };
    both_ways(&value, "64 0D A1 03 01 01 FF A2 03 06 01 56 04 01 7A");
    // Elements that a later edition puts at the end.
    assert!(Pair::from_ber(&hex("64 0A A1 03 01 01 FF 85 00 86 01 00")).is_ok());
    // An unknown element between known ones; known ones out of order and twice.
    assert!(
        Pair::from_ber(&hex("64 0A A1 03 01 01 FF 85 00 04 01 7A"))
            .is_ok_and(|p| p.last.is_some())
    );
    assert!(Pair::from_ber(&hex("64 08 A1 03 01 01 FF 80 01 05")).is_err());
    assert!(Pair::from_ber(&hex("64 0A A1 03 01 01 FF A1 03 01 01 FF")).is_err());
    let wrong = Pair::from_ber(&hex("64 04 80 02 00 05"));
    assert_eq!(wrong, Err(Error::Missing { of: "Pair", member: "item" }));
}

#[test]
fn an_implicit_tag_in_place_of_an_explicit_one_is_read_where_it_is_plain() {
    let value = Argument { class: 9, item: Item::Number(5), text: None };
    both_ways(&value, "31 0A A0 03 02 01 09 A9 03 02 01 05");
    assert_eq!(Argument::from_ber(&hex("31 06 80 01 09 89 01 05")), Ok(value));
    // An INTEGER is never empty, whatever its tag.
    assert!(Argument::from_ber(&hex("31 04 A0 00 89 00")).is_err());
    // A CHOICE has no tag that could be replaced.
    assert!(Argument::from_ber(&hex("31 05 A8 03 88 01 05")).is_err());
}

#[test]
fn an_open_type_may_lack_its_own_tag() {
    sequence! { IMPLICIT TAGS;
        /// An open member.
        pub struct Extension {
            value: Any [1],
        }
    }
    let read = |octets| Extension::from_ber(&hex(octets)).and_then(|field| field.value.to());
    assert_eq!(read("30 07 A1 05 13 03 61 62 63"), Ok(PrintableString::from("abc")));
    assert_eq!(read("30 05 81 03 61 62 63"), Ok(PrintableString::from("abc")));
    assert!(read("30 02 A1 00").is_err());
}

#[test]
fn kept_octets_go_out_as_they_came() {
    let received = hex("30 80 02 02 00 05 00 00");
    let kept = Kept::<Vec<u32>>::from_bytes(&received).unwrap();
    assert_eq!((kept.value(), kept.to_ber()), (&vec![5], received));
    let mut writer = Writer::new();
    kept.encode_tagged(Tag::context(3), Tagging::Implicit, &mut writer);
    assert_eq!(writer.finish().to_bytes(), hex("A3 04 02 02 00 05"));
}

#[test]
fn external_in_its_three_encodings() {
    for (octets, value) in [
        ("28 07 06 01 56 A0 02 05 00", "05 00"),
        ("28 0A 06 01 56 02 01 03 81 02 05 00", "05 00"),
        ("28 08 02 01 03 82 03 00 05 00", "05 00"),
    ] {
        let external = External::from_bytes(&hex(octets)).unwrap();
        assert_eq!(external.value().unwrap().0, hex(value));
        assert_eq!(external.to_ber(), hex(octets));
    }
    assert!(External::from_ber(&hex("28 03 06 01 56")).is_err());
}

#[test]
fn headers() {
    let element = |octets: &str| {
        Element::parse(&hex(octets)).map(|element| (element.tag, element.constructed))
    };
    assert_eq!(element("BF 87 68 00"), Ok((Tag::context(1000), true)));
    assert_eq!(element("5F 8F FF FF FF 7F 00"), Ok((Tag::application(u32::MAX), false)));
    for bad in [
        "5F 90 80 80 80 00 00",
        "00 00",
        "04 80 00 00",
        "04 FF 00",
        "1F",
        "04",
        "04 85 01 00 00 00 00",
        "04 89 01 00 00 00 00 00 00 00 00",
        "04 02 00",
        "05 00 00",
    ] {
        assert!(element(bad).is_err(), "{bad}");
    }
    // A length of 4 GiB that is only announced.
    assert_eq!(element("04 84 FF FF FF FF 00"), Err(Error::Truncated));
    assert_eq!(measure(&hex("30 03 02 01")), Ok(None));
    assert_eq!(measure(&hex("30 80 05 00 00 00 04")), Ok(Some(6)));
    assert_eq!(Writer::new().finish().len(), 0);
}

#[test]
fn nesting_is_bounded() {
    let indefinite: Vec<u8> = [0xa8, 0x80].repeat(100_000);
    assert_eq!(Item::from_ber(&indefinite), Err(Error::TooDeep));
    let nots = |depth: usize| {
        (0..depth).fold(Item::Flag(true), |item, _| Item::Not(Box::new(item))).to_ber()
    };
    assert!(Item::from_ber(&nots(usize::from(MAX_DEPTH))).is_ok());
    assert_eq!(Item::from_ber(&nots(usize::from(MAX_DEPTH) + 1)), Err(Error::TooDeep));
}

fn any_item() -> impl proptest::strategy::Strategy<Value = Item> {
    use proptest::prelude::*;
    let leaf =
        prop_oneof![any::<u32>().prop_map(Item::Number), any::<bool>().prop_map(Item::Flag)];
    leaf.prop_recursive(8, 16, 1, |inner| inner.prop_map(|item| Item::Not(Box::new(item))))
}

/// The same value with each constructed encoding in the indefinite form.
fn indefinite(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut reader = Reader::new(octets);
    while let Some(element) = reader.next_element().unwrap() {
        if element.constructed {
            out.extend([
                octets[octets.len() - reader.rest().len() - element.octets().len()],
                0x80,
            ]);
            out.extend(indefinite(element.contents()));
            out.extend([0, 0]);
        } else {
            out.extend(element.octets());
        }
    }
    out
}

proptest::proptest! {
    #[test]
    fn what_is_written_is_read_in_either_form(
        class in proptest::prelude::any::<u32>(), item in any_item(),
        text in proptest::option::of("[ -~\u{a0}-\u{ff}]{0,300}"),
    ) {
        let value = Argument { class, item, text: text.map(Ia5String::from) };
        let octets = value.to_ber();
        proptest::prop_assert_eq!(&Argument::from_bytes(&octets).unwrap(), &value);
        proptest::prop_assert_eq!(&Argument::from_ber(&indefinite(&octets)).unwrap(), &value);
    }

    #[test]
    fn times_survive(seconds in -631_152_000i64..2_524_608_000) {
        let time = UtcTime(seconds);
        proptest::prop_assert_eq!(UtcTime::parse(time.text().as_bytes()), Ok(time));
    }

    #[test]
    fn no_octets_make_a_panic(octets in proptest::collection::vec(
        proptest::prelude::any::<u8>(), 0..200)) {
        let _ = Argument::from_ber(&octets);
        let _ = Pair::from_ber(&octets);
        let _ = External::from_ber(&octets);
        let _ = Marks::from_ber(&octets);
        let _ = UtcTime::parse(&octets);
        let _ = GeneralizedTime::parse(&octets);
        let _ = Oid::from_ber(&octets).map(|oid| oid.to_string());
    }
}
