//! Wire vectors of P7's arguments, results and errors, and what can't be shown by them.

use super::*;
use crate::vectors::{both_ways, hex, other_encoders, reads};
use crate::x411::{Credentials, Password, SecurityProblem};
use crate::x420 as ipms;
use proptest::prelude::*;
use restante_ber::{
    Any, BitString, Bytes, Decode, Encode, Error, Null, OctetString, Oid, Result, SetOf,
    TeletexString, UtcTime,
};

fn number(number: u32) -> SequenceNumber {
    SequenceNumber(number)
}

/// Reads octets as the type of a name and writes the value again.
fn again(type_name: &str, octets: &Bytes) -> Result<Bytes> {
    fn of<T: Decode + Encode>(octets: &Bytes) -> Result<Bytes> {
        T::from_bytes(octets).map(|value| value.to_ber())
    }
    match type_name.rsplit('.').next().unwrap_or_default() {
        "AutoAlertRegistrationParameter" => of::<AutoAlertRegistrationParameter>(octets),
        "AutoModifyRegistrationParameter" => of::<AutoModifyRegistrationParameter>(octets),
        "AutoForwardRegistrationParameter88" => {
            of::<ipms::AutoForwardRegistrationParameter88>(octets)
        }
        "IPMAutoAcknowledgementRegistrationParameter" => {
            of::<ipms::IPMAutoAcknowledgementRegistrationParameter>(octets)
        }
        "IPMAutoAdviseRegistrationParameter" => {
            of::<ipms::IPMAutoAdviseRegistrationParameter>(octets)
        }
        "IPMAutoDiscardRegistrationParameter" => {
            of::<ipms::IPMAutoDiscardRegistrationParameter>(octets)
        }
        "IPMAutoForwardRegistrationParameter" => {
            of::<ipms::IPMAutoForwardRegistrationParameter>(octets)
        }
        "AlertArgument" => of::<AlertArgument>(octets),
        "DeleteArgument" => of::<DeleteArgument>(octets),
        "DeleteResult" => of::<DeleteResult>(octets),
        "EntryClassErrorParameter" => of::<EntryClassError>(octets),
        "FetchArgument" => of::<FetchArgument>(octets),
        "FetchResult" => of::<FetchResult>(octets),
        "Filter" => of::<Filter>(octets),
        "ListArgument" => of::<ListArgument>(octets),
        "ListResult" => of::<ListResult>(octets),
        "MSBindArgument" => of::<MSBindArgument>(octets),
        "MSBindResult" => of::<MSBindResult>(octets),
        "MSExtensionErrorParameter" => of::<MSExtensionError>(octets),
        "MSMessageSubmissionArgument" => of::<MSMessageSubmissionArgument>(octets),
        "MSMessageSubmissionResult" => of::<MSMessageSubmissionResult>(octets),
        "MSProbeSubmissionArgument" => of::<MSProbeSubmissionArgument>(octets),
        "MSProbeSubmissionResult" => of::<MSProbeSubmissionResult>(octets),
        "MessageGroupErrorParameter" => of::<MessageGroupError>(octets),
        "ModifyArgument" => of::<ModifyArgument>(octets),
        "ModifyErrorParameter" => of::<ModifyError>(octets),
        "Register-MSArgument" => of::<RegisterMSArgument>(octets),
        "Register-MSResult" => of::<RegisterMSResult>(octets),
        "ServiceErrorParameter" => of::<ServiceError>(octets),
        "SummarizeArgument" => of::<SummarizeArgument>(octets),
        "SummarizeResult" => of::<SummarizeResult>(octets),
        "attribute-error parameter" => of::<AttributeError>(octets),
        "auto-action-request-error parameter" => of::<AutoActionRequestError>(octets),
        "delete-error parameter" => of::<DeleteError>(octets),
        "fetch-restriction-error parameter" => of::<FetchRestrictionError>(octets),
        "ms-bind-error parameter" => of::<MSBindError>(octets),
        "range-error parameter" => of::<RangeError>(octets),
        "register-ms-error parameter" => of::<RegisterMSError>(octets),
        "sequence-number-error parameter" => of::<SequenceNumberError>(octets),
        other => panic!("a vector of {other}"),
    }
}

#[test]
fn vectors_of_another_encoder_are_read_and_written_the_same() {
    let vectors = other_encoders("ms");
    assert!(vectors.len() > 70, "{} vectors", vectors.len());
    for vector in vectors {
        let again = again(&vector.type_name, &vector.octets);
        assert_eq!(again.as_ref(), Ok(&vector.octets), "{}", vector.file);
    }
}

/// In these it writes open types under implicit tags, which hide what they are.
const HIDDEN: [&str; 9] = [
    "bind-argument-",
    "filter-equality-name",
    "filter-substrings",
    "list-result-1994",
    "probe-argument-",
    "register-argument-alert",
    "register-argument-forward",
    "register-result-1994",
    "submission-argument-",
];

#[test]
fn the_tags_that_another_encoder_really_writes_are_read() {
    let right = other_encoders("ms");
    let published = other_encoders("as-published/ms");
    assert!(published.len() > 30, "{} vectors", published.len());
    for vector in published {
        let file = vector.file.replace("as-published/", "");
        let right = right.iter().find(|right| right.file == file).unwrap();
        let again = again(&vector.type_name, &vector.octets);
        let hidden = HIDDEN.iter().any(|name| file.contains(name));
        assert!(
            again == Ok(right.octets.clone()) || (hidden && again.is_ok()),
            "{file} {again:?}"
        );
    }
}

#[test]
fn a_fetch_of_one_entry() {
    // SET { [2] { INTEGER 5 } }
    both_ways(&FetchArgument::from(FetchItem::Precise(number(5))), "3105 A203 020105");
    // requested-attributes present and empty asks for none
    let none = FetchArgument {
        requested_attributes: Some(SetOf::default()),
        ..FetchArgument::from(FetchItem::Precise(number(5)))
    };
    both_ways(&none, "3109 A203 020105 A302 3100");
}

#[test]
fn members_come_in_any_order_and_form() {
    let five = FetchArgument::from(FetchItem::Precise(number(5)));
    // the default entry-class sent, behind the item
    reads(&five, "310A A203 020105 A003 020100");
    // indefinite lengths, a length longer than need be
    reads(&five, "3180 A280 02810105 0000 0000");
    // members that nobody knows: [9] and [PRIVATE 1]
    reads(&five, "310D A903 020107 A203 020105 C101FF");
    // the item twice
    let twice = FetchArgument::from_bytes(&hex("310A A203 020105 A203 020106"));
    assert_eq!(twice, Err(Error::Duplicate { of: "FetchArgument", member: "item" }));
    let without = FetchArgument::from_bytes(&hex("3105 A003 020100"));
    assert_eq!(without, Err(Error::Missing { of: "FetchArgument", member: "item" }));
}

#[test]
fn a_list_with_a_filter() {
    let selector = Selector {
        range: Some(Range::SequenceNumberRange(NumberRange { from: Some(number(0)), to: None })),
        // the status is new
        filter: Some(Filter::Not(Box::new(Filter::Item(FilterItem::Equality(
            AttributeValueAssertion {
                attribute_type: oids::ID_ATT_RETRIEVAL_STATUS,
                attribute_value: AttributeValue::of(&RetrievalStatus::NEW),
            },
        ))))),
        limit: Some(1000),
        ..Selector::default()
    };
    let argument = ListArgument {
        entry_class: EntryClass::SUBMISSION,
        selector,
        requested_attributes: Some(SetOf(vec![oids::ID_ATT_CREATION_TIME.into()])),
        list_extensions: None,
    };
    both_ways(
        &argument,
        "3139
           A003 020101                       -- entry-class 1
           A126 3124
             A109 A007 3005 A003 020100      -- range from 0
             A211 A30F A00D A00B 3009 06045604030F 020100
             A304 020203E8                   -- limit 1000
           A30A 3108 3106 06045604030B",
    );
}

#[test]
fn substrings_are_values_of_the_syntax() {
    let filter = Filter::And(vec![Filter::Item(FilterItem::Substrings(Substrings {
        r#type: "2.6.1.7.4".parse().unwrap(),
        strings: vec![
            Substring::Initial(AttributeValue::of(&TeletexString::from("a"))),
            Substring::Final(AttributeValue::of(&TeletexString::from("z"))),
        ],
    }))]);
    // and { item { substrings { subject, { initial [0] TeletexString "a", final [2] "z" } } } }
    both_ways(&filter, "A11A 3118 A016 A114 3012 060456010704 300A A003 140161 A203 14017A");
}

#[test]
fn a_filter_is_bounded_in_size_and_depth() {
    let present = || Filter::Item(FilterItem::Present(oids::ID_ATT_CONTENT));
    let many = |count| Filter::Or((0..count).map(|_| present()).collect());
    let most = many(MAX_FILTER_ITEMS);
    assert_eq!(most.items(), MAX_FILTER_ITEMS);
    assert_eq!(Filter::from_bytes(&most.to_ber()), Ok(most));
    let more = many(MAX_FILTER_ITEMS + 1).to_ber();
    assert_eq!(Filter::from_bytes(&more), Err(Error::TooMany));
    let two = Filter::And(vec![many(600), Filter::Not(Box::new(many(600)))]);
    assert_eq!(Filter::from_bytes(&two.to_ber()), Err(Error::TooMany));
    let empty = Filter::And((0..=MAX_FILTER_ITEMS).map(|_| Filter::Or(Vec::new())).collect());
    assert_eq!(Filter::from_bytes(&empty.to_ber()), Err(Error::TooMany));
    let string = || Substring::Any(AttributeValue::of(&TeletexString::default()));
    let strings = Filter::Item(FilterItem::Substrings(Substrings {
        r#type: oids::ID_ATT_CONTENT,
        strings: (0..=MAX_FILTER_ITEMS).map(|_| string()).collect(),
    }));
    assert_eq!(Filter::from_bytes(&strings.to_ber()), Err(Error::TooMany));

    let nested =
        |depth: usize| (0..depth).fold(present(), |inner, _| Filter::Not(Box::new(inner)));
    let deep = nested(120);
    assert_eq!(Filter::from_bytes(&deep.to_ber()), Ok(deep));
    assert_eq!(Filter::from_bytes(&nested(130).to_ber()), Err(Error::TooDeep));
}

#[test]
fn a_large_content_is_an_attribute_without_a_copy() {
    let content = Bytes::from(vec![7u8; 100_000]);
    let value = AttributeValue::of(&OctetString(content.clone()));
    let result = FetchResult {
        entry_information: Some(EntryInformation {
            sequence_number: number(1),
            attributes: Some(SetOf(vec![Attribute {
                attribute_type: oids::ID_ATT_CONTENT,
                attribute_values: vec![value],
            }])),
            value_count_exceeded: None,
        }),
        ..FetchResult::default()
    };
    let rope = result.to_rope();
    assert!(rope.pieces().any(|piece| piece.as_ptr() == content.as_ptr()));
    assert_eq!(FetchResult::from_bytes(&rope.to_bytes()), Ok(result));
}

#[test]
fn a_bind_of_1988() {
    let password = Credentials::Simple(Password::from("pw"));
    let argument = MSBindArgument {
        fetch_restrictions: Some(Restrictions {
            maximum_attribute_length: Some(4096),
            ..Restrictions::default()
        }),
        ms_configuration_request: true,
        ..MSBindArgument::new(Default::default(), password)
    };
    both_ways(
        &argument,
        "3119 6002 3000                      -- an empty O/R name
              A204 16027077                  -- [2] IA5String \"pw\"
              A408 3106 A204 02021000        -- [4] { [2] 4096 }
              A503 0101FF",
    );
}

#[test]
fn a_bind_error_is_enumerated_and_bare_in_1988() {
    let refused = MSBindError::UnqualifiedError(BindProblem::AUTHENTICATION_ERROR);
    both_ways(&refused, "0A0100");
    let at_length = MSBindError::QualifiedError(QualifiedBindError {
        bind_problem: BindProblem::BIND_EXTENSION_PROBLEM,
        supplementary_information: Some("no".into()),
        bind_extension_errors: None,
    });
    // SET { [0] ENUMERATED 3, [1] GeneralString "no" }
    both_ways(&at_length, "310B A003 0A0103 A104 1B026E6F");
    let unable = BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION;
    assert_eq!(at_length.in_1988(), MSBindError::UnqualifiedError(unable));
}

#[test]
fn tags_of_problems() {
    let no_such_entry = RetrievalError::SequenceNumber(SequenceNumberError {
        problems: SetOf(vec![SequenceNumberProblemItem {
            problem: SequenceNumberProblem::NO_SUCH_ENTRY,
            sequence_number: number(5),
        }]),
    });
    assert_eq!(no_such_entry.parameter().0, hex("3110 A10E 310C 310A A003 020100 A103 020105"));
    let child = RetrievalError::Delete(DeleteError {
        problems: SetOf(vec![DeleteProblemItem {
            problem: DeleteProblem::CHILD_ENTRY_SPECIFIED,
            sequence_number: number(5),
        }]),
        entries_deleted: None,
    });
    assert_eq!(child.parameter().0, hex("3110 A00E 310C 310A A003 020100 A103 020105"));
    let restricted = RetrievalError::FetchRestriction(FetchRestrictionError {
        problems: SetOf(vec![FetchRestrictionProblemItem {
            problem: FetchRestrictionProblem::MAXIMUM_LENGTH_PROBLEM,
            restriction: FetchRestriction::AttributeLength(9),
        }]),
    });
    // the problem is [3], the length [2] of a CHOICE
    assert_eq!(restricted.parameter().0, hex("3110 A00E 310C 310A A303 020103 A203 020109"));
    assert_eq!(no_such_entry.to_string(), "sequence-number-error: no-such-entry 5");
    assert_eq!(child.to_string(), "delete-error: child-entry-specified at entry 5");
    for error in [no_such_entry, child, restricted] {
        let parameter = error.parameter();
        assert_eq!(RetrievalError::of(error.code(), Some(&parameter)), Ok(error));
    }
}

#[test]
fn codes_of_errors() {
    let security = RetrievalError::Security(SecurityProblem::INVALID_SECURITY_LABEL);
    assert_eq!(security.code(), 26);
    let parameter = security.parameter();
    assert_eq!(RetrievalError::of(12, Some(&parameter)), Ok(security));
    assert_eq!(RetrievalError::of(29, None), Ok(RetrievalError::InvalidParameters(Null)));
    assert!(RetrievalError::of(29, Some(&Any::of(&5i64))).is_err());
    assert!(RetrievalError::of(20, None).is_err());
    let unavailable = RetrievalError::Attribute(AttributeError {
        problems: SetOf(vec![AttributeProblemItem {
            problem: AttributeProblem::UNAVAILABLE_ATTRIBUTE_TYPE,
            r#type: oids::ID_ATT_CONTENT,
            value: None,
        }]),
    });
    let text = "attribute-error: unavailable-attribute-type of mt-content";
    assert_eq!(unavailable.to_string(), text);
}

#[test]
fn drafts_are_read_in_both_tags_and_written_explicit() {
    let draft = MSMessageSubmissionResult::StoreDraftResult(CommonSubmissionResults {
        created_entry: Some(number(9)),
        ..Default::default()
    });
    both_ways(&draft, "A407 3105 A003 020109");
    reads(&draft, "A405 A003 020109");
}

#[test]
fn what_1994_adds_to_a_submission_is_explicit_and_the_rest_is_not() {
    // SET { [APPLICATION 4] { [APPLICATION 3] { C = GB, ADMD = "A" }, IA5String "1" },
    //       [0] UTCTime 260314120000Z }, the time under an implicit tag
    let members = "6410 630B 6104 13024742 6203 130141 160131 800D 3236303331343132303030305A";
    let plain = hex(&format!("3121 {members}"));
    let base = crate::x411::ProbeSubmissionResult::from_bytes(&plain).unwrap();
    let result = MSProbeSubmissionResult::from(base);
    assert_eq!(result.to_ber(), plain);
    let added = CommonSubmissionResults { created_entry: Some(number(8)), ..Default::default() };
    let result = MSProbeSubmissionResult { added: Some(added), ..result };
    both_ways(&result, &format!("312A {members} A407 3105 A003 020108"));
    // in front of the others, which a SET allows
    reads(&result, &format!("312A A407 3105 A003 020108 {members}"));
    assert_eq!(result.in_1988().to_ber(), plain);
}

#[test]
fn the_table_of_attributes_is_the_file() {
    let file = include_str!("../../data/ms_attributes.tsv");
    let rows: Vec<Vec<&str>> =
        file.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let others = include_str!("../../data/other_attributes.tsv").lines().skip(1);
    let others: Vec<Vec<&str>> = others.map(|line| line.split('\t').collect()).collect();
    let enumerable: Vec<_> = rows.iter().filter(|row| row[2] != "?").collect();
    assert_eq!((rows.len(), enumerable.len(), others.len()), (185, 183, 22));
    let oids = include_str!("../../data/oids.tsv");
    for military in others.iter().filter(|row| !row[1].is_empty()) {
        let row = format!("{}\t{}\tMMSObjectIdentifiers", military[2], military[1]);
        assert!(oids.lines().any(|line| line == row), "{row}");
    }
    let enumerable: Vec<_> = enumerable.into_iter().chain(&others).collect();
    assert_eq!(attributes::all().len(), enumerable.len());
    for (row, described) in enumerable.iter().zip(attributes::all()) {
        let name = |rule: Option<&'static MatchingRule>| rule.map_or("", |rule| rule.name);
        assert_eq!(row[0], described.name);
        assert_eq!(row[1], described.id);
        assert_eq!(row[2], described.oid.to_string());
        assert_eq!(row[3] == "single-valued", described.single_valued);
        assert_eq!(row[4], described.syntax);
        assert_eq!(row[5].trim(), name(described.equality), "{}", row[0]);
        assert_eq!(row[6].trim(), name(described.ordering), "{}", row[0]);
        assert_eq!(row[7].trim(), name(described.substrings), "{}", row[0]);
        let others = row.get(8).unwrap_or(&"").split(['|', ',']).map(str::trim);
        let others: Vec<_> = others.filter(|n| !["", "..."].contains(n)).collect();
        let named: Vec<_> = described.other.iter().map(|rule| rule.name).collect();
        assert_eq!(others, named, "{}", row[0]);
        let same = |found: Option<&attributes::AttributeDescription>| found.unwrap().name;
        assert_eq!(same(attributes::by_oid(&described.oid)), described.name);
        assert_eq!(same(attributes::by_name(&row[0].to_uppercase())), described.name);
    }
}

#[test]
fn kinds_and_editions_of_attributes() {
    use attributes::SyntaxKind as Kind;
    let kind = |name| attributes::by_name(name).unwrap().kind;
    assert_eq!(kind("ms-retrieval-status"), Kind::Integer);
    assert_eq!(kind("ms-content-length"), Kind::Integer);
    assert_eq!(kind("ms-child-sequence-numbers"), Kind::Integer);
    assert_eq!(kind("ms-creation-time"), Kind::UtcTime);
    assert_eq!(kind("subject"), Kind::String);
    assert_eq!(kind("mt-content"), Kind::OctetString);
    assert_eq!(kind("mt-originator-name"), Kind::ORName);
    assert_eq!(kind("primary-recipients"), Kind::RecipientSpecifier);
    assert_eq!(kind("mt-message-delivery-envelope"), Kind::Other);
    let in_1988 = attributes::all().iter().filter(|row| row.in_1988);
    let (general, ipms): (Vec<_>, Vec<_>) = in_1988
        .map(|row| row.name)
        .partition(|name| name.starts_with("ms-") || name.starts_with("mt-"));
    // 42 general attributes and 60 of interpersonal messaging stand before the additions of 1994.
    assert_eq!((general.len(), ipms.len()), (42, 60));
    assert!(attributes::by_oid(&"2.6.1.4.11".parse().unwrap()).is_none());
}

#[test]
fn matching_rules_have_the_object_identifiers_of_the_table() {
    let table = include_str!("../../data/oids.tsv");
    for rule in MatchingRule::all() {
        assert_eq!(MatchingRule::by_oid(&rule.oid), MatchingRule::by_name(rule.name));
        let dotted = rule.oid.to_string();
        // Those of X.520 are not in the table.
        let Some(arc) = dotted.strip_prefix("2.5.13.") else {
            let row = table.lines().find(|line| line.split('\t').next() == Some(&dotted)).unwrap();
            let id = row.split('\t').nth(1).unwrap().replace('-', "");
            let name = format!("idmr{}", rule.name.to_lowercase());
            assert!(name == id || name == format!("{id}match"), "{name} {id}");
            continue;
        };
        assert!(["0", "13", "14", "15", "16", "25", "26", "27", "28"].contains(&arc));
    }
}

#[test]
fn strings_of_all_types_have_a_text() {
    let text = |encoding| string_text(&restante_ber::Element::parse(&hex(encoding)).unwrap()).ok();
    assert_eq!(text("1302 6869").as_deref(), Some("hi"));
    // TeletexString: diaeresis and u
    assert_eq!(text("1402 C875").as_deref(), Some("ü"));
    // GeneralString that designates the right half of ISO 8859-1
    assert_eq!(text("1B04 1B2D41 FC").as_deref(), Some("ü"));
    assert_eq!(text("1E02 00FC").as_deref(), Some("ü"));
    assert_eq!(text("1C04 000000FC").as_deref(), Some("ü"));
    assert_eq!(text("0C02 C3BC").as_deref(), Some("ü"));
    // UniversalOrBMPString with the language "de"
    assert_eq!(text("3108 1E02 00FC 1302 6465").as_deref(), Some("ü"));
    assert_eq!(text("3106 1C04 000000FC").as_deref(), Some("ü"));
    assert_eq!(text("3100"), None);
    assert_eq!(text("0201 05"), None);
    // in segments
    assert_eq!(text("3406 140168 040169").as_deref(), Some("hi"));
    // the value of a substring under an implicit tag
    assert_eq!(text("8002 C875").as_deref(), Some("ü"));
    assert_eq!(text("A003 130141"), None);
}

#[test]
fn names_of_auto_actions() {
    let name = |dotted: &str| auto_action_name(&dotted.parse::<Oid>().unwrap());
    assert_eq!(name("2.6.4.4.1"), Some("auto-alert"));
    assert_eq!(name("2.6.1.15.0"), Some("ipm-auto-acknowledgement"));
    assert_eq!(name("2.6.4.4.9"), None);
}

#[test]
fn nothing_of_1994_is_left_for_1988() {
    let entry = EntryInformation {
        sequence_number: number(1),
        attributes: None,
        value_count_exceeded: Some(SetOf(vec![AttributeValueCount {
            r#type: oids::ID_ATT_CONTENT,
            total: 4,
        }])),
    };
    let result = ListResult {
        next: None,
        requested: Some(vec![entry]),
        list_result_extensions: Some(vec![]),
    };
    // SET { [1] { SEQUENCE { SEQUENCE { 1 } } } }
    assert_eq!(result.in_1988().to_ber(), hex("3109 A107 3005 3003 020101"));
    let error = RetrievalError::EntryClass(EntryClassError {
        entry_class: EntryClass::DRAFT,
        problem: EntryClassProblem(BitString::of_bits([0])),
    });
    assert_eq!(error.in_1988(), RetrievalError::InvalidParameters(Null));
    let deleted = DeleteResult::DeleteResult94(DeleteResult94 {
        entries_deleted: Some(vec![number(3)]),
        delete_result_extensions: None,
    });
    assert_eq!(deleted.in_1988().to_ber(), hex("0500"));
}

#[test]
fn times_of_a_range() {
    let noon = Some(UtcTime(1_773_489_600));
    let range = Range::CreationTimeRange(TimeRange { from: noon, to: None });
    both_ways(&range, "A113 3011 A00F 170D 3236303331343132303030305A");
}

proptest! {
    #[test]
    fn octets_of_any_kind_are_read_or_refused(
        octets in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        let _ = MSBindArgument::from_ber(&octets);
        let _ = ListArgument::from_ber(&octets);
        let _ = RegisterMSArgument::from_ber(&octets);
        let _ = MSMessageSubmissionArgument::from_ber(&octets);
        let _ = MSMessageSubmissionResult::from_ber(&octets);
        let _ = ModifyArgument::from_ber(&octets);
    }

    #[test]
    fn vectors_with_an_octet_changed_are_read_or_refused(at in any::<usize>(), to in any::<u8>()) {
        for vector in other_encoders("ms") {
            let mut octets = vector.octets.to_vec();
            let at = at % octets.len();
            octets[at] = to;
            let _ = Filter::from_ber(&octets);
            let _ = MSBindArgument::from_ber(&octets);
            let _ = FetchArgument::from_ber(&octets);
            let _ = ListResult::from_ber(&octets);
            let _ = RegisterMSArgument::from_ber(&octets);
            let _ = ModifyArgument::from_ber(&octets);
            let _ = MSMessageSubmissionArgument::from_ber(&octets);
        }
    }
}
