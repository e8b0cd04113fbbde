//! Wire vectors: what stacks in the field send is read, and what is sent is what they read.

use crate::link::{End, table};
use crate::raw::{
    CR, aarq, abort_data, bound, cn, connected, cp, data, packet, parameter, spdu, tlv, tsdus,
    user_data,
};
use restante_osi::x880::Code;
use restante_osi::{Event, Fault, Layer, Request, ResponderOptions};
use std::time::Instant;

fn bind_indication(end: &mut End) -> restante_osi::BindIndication {
    match end.event() {
        Event::BindIndication(indication) => *indication,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_accepting_answer_octet_by_octet() {
    let mut end = connected();
    end.input(&packet(&cn(&cp(&[&user_data(1, &aarq())]))));
    bind_indication(&mut end);
    end.request(Request::AcceptBind { result: Some(vec![5, 0].into()) });
    // Three contexts accepted, each with 2.1.1.
    let results = tlv(0xa5, &[&[0x30, 7, 0x80, 1, 0, 0x81, 2, 0x51, 1].repeat(3)]);
    // Accepted, acse-service-user null; [17] NULL on context 3.
    let bind = [0x28, 9, 2, 1, 3, 0xa0, 4, 0xb1, 2, 5, 0];
    let aare = tlv(
        0x61,
        &[
            &[0xa1, 6, 6, 4, 0x56, 0, 1, 4],
            &[0xa2, 3, 2, 1, 0],
            &[0xa3, 5, 0xa1, 3, 2, 1, 0],
            &tlv(0xbe, &[&bind]),
        ],
    );
    let cpa = tlv(0x31, &[&[0xa0, 3, 0x80, 1, 1], &tlv(0xa2, &[&results, &user_data(1, &aare)])]);
    let [ac] = &tsdus(&mut end)[..] else { panic!("not one TSDU") };
    assert_eq!(ac[0], 14);
    assert!(ac.ends_with(&parameter(193, &cpa)), "{ac:02x?}");
}

#[test]
fn the_refusing_answer_octet_by_octet() {
    let mut end = connected();
    end.input(&packet(&cn(&cp(&[&user_data(1, &aarq())]))));
    bind_indication(&mut end);
    end.request(Request::RefuseBind { error: vec![10, 1, 0].into() });
    let results = tlv(0xa5, &[&[0x30, 7, 0x80, 1, 0, 0x81, 2, 0x51, 1].repeat(3)]);
    // Rejected-permanent, acse-service-user no-reason-given; [18] ENUMERATED 0 on context 3.
    let aare = tlv(
        0x61,
        &[
            &[0xa1, 6, 6, 4, 0x56, 0, 1, 4],
            &[0xa2, 3, 2, 1, 1],
            &[0xa3, 5, 0xa1, 3, 2, 1, 1],
            &tlv(0xbe, &[&[0x28, 10, 2, 1, 3, 0xa0, 5, 0xb2, 3, 10, 1, 0]]),
        ],
    );
    let cpr = tlv(0x30, &[&results, &user_data(1, &aare)]);
    let [rf] = &tsdus(&mut end)[..] else { panic!("not one TSDU") };
    assert_eq!(rf[0], 12);
    assert!(rf.ends_with(&parameter(50, &[&[2], &cpr[..]].concat())), "{rf:02x?}");
}

#[test]
fn members_in_any_order_and_indefinite_lengths_are_read() {
    // CP: normal-mode-parameters before the mode; in them user data before the contexts.
    let ber = [0x30, 0x80, 6, 2, 0x51, 1, 0, 0];
    let context = |id: u8, oid: &[u8]| {
        [&[0x30, 0x80, 2, 1, id], &tlv(6, &[oid])[..], &ber, &[0, 0]].concat()
    };
    let bind = [0x28, 0x80, 2, 1, 3, 0xa0, 0x80, 0xb0, 0x80, 2, 1, 5, 0, 0, 0, 0, 0, 0];
    let aarq = [
        &[0x60, 0x80, 0xbe, 0x80],
        &bind[..],
        &[0, 0, 0xa1, 0x80, 6, 4, 0x56, 0, 1, 4, 0, 0, 0, 0],
    ]
    .concat();
    let values = [&[0x30, 0x80, 2, 1, 1, 0xa0, 0x80], &aarq[..], &[0, 0, 0, 0]].concat();
    let contexts = [context(1, &[0x52, 1, 0, 1]), context(3, &[0x56, 0, 2, 9])].concat();
    let cp = [
        &[0x31, 0x80, 0xa2, 0x80, 0x61, 0x80],
        &values[..],
        &[0, 0, 0xa4, 0x80],
        &contexts,
        &[0, 0, 0, 0, 0xa0, 0x80, 0x80, 1, 1, 0, 0, 0, 0],
    ]
    .concat();
    let mut end = connected();
    end.input(&packet(&cn(&cp)));
    assert_eq!(bind_indication(&mut end).argument.as_deref(), Some(&[2, 1, 5][..]));
}

#[test]
fn every_field_of_an_aarq_is_read_or_skipped() {
    // CN=mta as a directory name, and the fields of authentication and higher-level association.
    let name = [0x30, 14, 0x31, 12, 0x30, 10, 6, 3, 0x55, 4, 3, 0x13, 3, b'm', b't', b'a'];
    let aarq = tlv(
        0x60,
        &[
            &[0x80, 2, 7, 0x80],
            &[0xa1, 6, 6, 4, 0x56, 0, 1, 4],
            &[0xa2, 4, 6, 2, 0x2a, 3],
            &[0xa3, 3, 2, 1, 4],
            &tlv(0xa6, &[&name]),
            &tlv(0xa7, &[&name[2..]]),
            &[0xa8, 3, 2, 1, 1],
            &[0xa9, 3, 2, 1, 2],
            &[0x8a, 2, 7, 0x80],
            &[0x8b, 2, 0x52, 3],
            &[0xac, 3, 0x80, 1, b'x'],
            &[0x9d, 4, b't', b'e', b's', b't'],
            &[0xae, 2, 0xa0, 0],
            &tlv(0xbe, &[&tlv(0x28, &[&[2, 1, 3, 0x81, 5, 0xb0, 3, 2, 1, 5]])]),
        ],
    );
    let mut end = connected();
    end.input(&packet(&cn(&cp(&[&user_data(1, &aarq)]))));
    let indication = bind_indication(&mut end);
    assert_eq!(
        indication.calling_entity.to_string(),
        "/CN=mta, qualifier CN=mta, AP-invocation 1, AE-invocation 2"
    );
    assert_eq!(indication.called_entity.to_string(), "1.2.3, qualifier 4");
    assert_eq!(indication.implementation_information.as_deref(), Some("test"));
    assert_eq!(indication.argument.as_deref(), Some(&[2, 1, 5][..]));
}

#[test]
fn user_data_in_every_form() {
    let mut end = bound();
    let invoke = |id: u8| [0xa1, 6, 2, 1, id, 2, 1, 20];
    let ber: &[u8] = &[6, 2, 0x51, 1];
    let lists = [
        // single-ASN1-type, with the transfer syntax named.
        tlv(0x30, &[ber, &[2, 1, 5], &tlv(0xa0, &[&invoke(1)])]),
        // octet-aligned, in segments.
        tlv(0x30, &[&[2, 1, 5, 0xa1, 12, 4, 3], &invoke(2)[..3], &[4, 5], &invoke(2)[3..]]),
        // arbitrary, on the context of the bind.
        tlv(0x30, &[&[2, 1, 3], &tlv(0x82, &[&[0], &invoke(3)])]),
        // two values in one list, on the context of association control.
        tlv(0x30, &[&[2, 1, 1], &tlv(0x81, &[&invoke(4), &invoke(5)])]),
    ];
    end.input(&packet(&data(&tlv(0x61, &[&lists.concat()]))));
    for id in 1..=5 {
        let Event::Invoke { invoke_id, operation, .. } = end.event() else { panic!("none") };
        assert_eq!((invoke_id, operation), (id, Code::Local(20)));
    }
    end.no_event();
}

#[test]
fn contexts_are_refused_one_by_one() {
    // 7: unknown abstract syntax 1.2.3; 9: retrieval with the transfer syntax 1.2.3 only.
    let ber: &[u8] = &[0x30, 4, 6, 2, 0x51, 1];
    let context =
        |id: u8, oid: &[u8], syntaxes: &[u8]| tlv(0x30, &[&[2, 1, id], &tlv(6, &[oid]), syntaxes]);
    let list = [
        context(1, &[0x52, 1, 0, 1], ber),
        context(7, &[0x2a, 3], ber),
        context(9, &[0x56, 0, 2, 5], &[0x30, 4, 6, 2, 0x2a, 3]),
        context(3, &[0x56, 0, 2, 9], &[0x30, 8, 6, 2, 0x2a, 3, 6, 2, 0x51, 1]),
    ]
    .concat();
    let cp = tlv(
        0x31,
        &[&[0xa0, 3, 0x80, 1, 1], &tlv(0xa2, &[&tlv(0xa4, &[&list]), &user_data(1, &aarq())])],
    );
    let mut end = connected();
    end.input(&packet(&cn(&cp)));
    bind_indication(&mut end);
    end.request(Request::AcceptBind { result: None });
    let accepted = [0x30, 7, 0x80, 1, 0, 0x81, 2, 0x51, 1];
    let results = tlv(
        0xa5,
        &[
            &accepted,
            // provider-rejection, abstract-syntax-not-supported
            &[0x30, 6, 0x80, 1, 2, 0x82, 1, 1],
            // provider-rejection, proposed-transfer-syntaxes-not-supported
            &[0x30, 6, 0x80, 1, 2, 0x82, 1, 2],
            &accepted,
        ],
    );
    let ac = tsdus(&mut end).concat();
    assert!(ac.windows(results.len()).any(|window| window == results), "{ac:02x?}");
}

#[test]
fn a_default_context_carries_simply_encoded_data() {
    // default-context-name: retrieval in BER; no list of contexts.
    let default = tlv(0xa6, &[&[0x80, 4, 0x56, 0, 2, 5], &[0x81, 2, 0x51, 1]]);
    let aarq = [0x60, 8, 0xa1, 6, 6, 4, 0x56, 0, 1, 4];
    let cp = tlv(0x31, &[&[0xa0, 3, 0x80, 1, 1], &tlv(0xa2, &[&default, &tlv(0x40, &[&aarq])])]);
    let mut end = connected();
    end.input(&packet(&cn(&cp)));
    assert_eq!(bind_indication(&mut end).argument, None);
    end.request(Request::AcceptBind { result: None });
    tsdus(&mut end);
    // ROIV 1, operation 20.
    end.input(&packet(&data(&[0x40, 8, 0xa1, 6, 2, 1, 1, 2, 1, 20])));
    let Event::Invoke { invoke_id, abstract_syntax, .. } = end.event() else { panic!("none") };
    end.request(Request::Result { invoke_id, abstract_syntax, result: None });
    assert_eq!(tsdus(&mut end), [data(&[0x40, 5, 0xa2, 3, 2, 1, 1])]);
}

#[test]
fn what_presentation_can_not_offer_is_refused_with_its_reason() {
    let refusal = |cp: &[u8]| {
        let mut end = connected();
        end.input(&packet(&cn(cp)));
        let Event::ProtocolError(error) = end.event() else { panic!("no error") };
        assert_eq!((error.layer, error.fault), (Layer::Presentation, Fault::Incompatible));
        end.no_event();
        tsdus(&mut end).concat()
    };
    // A default context of an unknown abstract syntax: provider-rejection,
    // default-context-not-supported.
    let default = tlv(0xa6, &[&[0x80, 2, 0x2a, 3], &[0x81, 2, 0x51, 1]]);
    let rf = refusal(&cp(&[&default, &user_data(1, &aarq())]));
    assert!(rf.ends_with(&[0x87, 1, 2, 0x8a, 1, 5]), "{rf:02x?}");
    // No user data at all: user-data-not-readable.
    let rf = refusal(&cp(&[]));
    assert!(rf.ends_with(&[0x8a, 1, 6]), "{rf:02x?}");
    // An AARQ on a context that is not there: the same.
    let rf = refusal(&cp(&[&user_data(99, &aarq())]));
    assert!(rf.ends_with(&[0x8a, 1, 6]), "{rf:02x?}");
    // Protocol version 2 alone: protocol-version-not-supported.
    let version = tlv(0x31, &[&[0xa0, 3, 0x80, 1, 1, 0xa2, 4, 0x80, 2, 6, 0x40]]);
    let rf = refusal(&version);
    assert!(rf.ends_with(&[0x8a, 1, 4]), "{rf:02x?}");
    // X.410-1984 mode: an RTORJ without a reason.
    let rf = refusal(&tlv(0x31, &[&[0xa0, 3, 0x80, 1, 0], &[0xa1, 0]]));
    assert!(rf.ends_with(&[50, 3, 2, 0x31, 0]), "{rf:02x?}");
}

#[test]
fn an_acse_version_that_is_not_spoken_is_refused() {
    let aarq = tlv(0x60, &[&[0x80, 2, 6, 0x40], &[0xa1, 6, 6, 4, 0x56, 0, 1, 4]]);
    let mut end = connected();
    end.input(&packet(&cn(&cp(&[&user_data(1, &aarq)]))));
    // rejected-permanent, acse-service-provider no-common-acse-version.
    let rf = tsdus(&mut end).concat();
    assert!(rf.ends_with(&[0xa2, 3, 2, 1, 1, 0xa3, 5, 0xa2, 3, 2, 1, 2]), "{rf:02x?}");
}

#[test]
fn a_release_octet_by_octet() {
    let mut end = bound();
    // RLRQ normal, [19] NULL.
    let bind = [0xbe, 11, 0x28, 9, 2, 1, 3, 0xa0, 4, 0xb3, 2, 5, 0];
    let rlrq = tlv(0x62, &[&[0x80, 1, 0], &bind]);
    end.input(&packet(&spdu(9, &[&parameter(193, &user_data(1, &rlrq))])));
    let argument = Some((&[5, 0][..]).into());
    assert_eq!(end.event(), Event::UnbindIndication { argument });
    end.request(Request::AcceptUnbind { result: Some(vec![5, 0].into()) });
    let bind = [0xbe, 11, 0x28, 9, 2, 1, 3, 0xa0, 4, 0xb4, 2, 5, 0];
    let rlre = tlv(0x63, &[&[0x80, 1, 0], &bind]);
    assert_eq!(tsdus(&mut end), [spdu(10, &[&parameter(193, &user_data(1, &rlre))])]);
    // A DR from the peer ends it.
    end.input(&[3, 0, 0, 11, 6, 0x80, 0, 1, 0, 1, 0x80]);
    assert!(end.closed);
}

#[test]
fn a_release_without_user_data_is_granted() {
    let mut end = bound();
    end.input(&packet(&spdu(9, &[])));
    assert_eq!(end.event(), Event::UnbindIndication { argument: None });
    end.request(Request::AcceptUnbind { result: None });
    let rlre = tlv(0x63, &[&[0x80, 1, 0]]);
    assert_eq!(tsdus(&mut end), [spdu(10, &[&parameter(193, &user_data(1, &rlre))])]);
}

#[test]
fn an_abort_octet_by_octet() {
    let mut end = bound();
    end.request(Request::Abort);
    // Context 1 in BER; ABRT by the user.
    let list = [0xa0, 9, 0x30, 7, 2, 1, 1, 6, 2, 0x51, 1];
    let aru = tlv(0xa0, &[&list, &user_data(1, &[0x64, 3, 0x80, 1, 0])]);
    assert_eq!(abort_data(&mut end), aru);
}

#[test]
fn aborts_are_told_apart() {
    let aborted = |user_data: &[u8]| {
        let mut end = bound();
        end.input(&packet(&spdu(25, &[&parameter(17, &[3]), &parameter(193, user_data)])));
        let Event::Aborted(abort) = end.event() else { panic!("no abort") };
        abort.to_string()
    };
    let abrt = |source: u8| tlv(0xa0, &[&user_data(1, &[0x64, 3, 0x80, 1, source])]);
    assert_eq!(
        aborted(&abrt(0)),
        "aborted by the peer's application at the association control: no reason given"
    );
    assert!(aborted(&abrt(1)).contains("the peer's provider at the association control"));
    // ARP, invalid-ppdu-parameter-value at td-ppdu.
    assert_eq!(
        aborted(&[0x30, 6, 0x80, 1, 6, 0x81, 1, 7]),
        "aborted by the peer's provider at the presentation layer: \
         invalid-ppdu-parameter-value, at td-ppdu"
    );
    assert!(aborted(b"what").contains("session layer"));
}

#[test]
fn nothing_is_said_before_the_peer_speaks() {
    let mut end = End::responder(ResponderOptions::new(table()), Instant::now());
    assert!(end.sent().is_empty());
    end.input(&CR[..5]);
    assert!(end.sent().is_empty());
    end.input(&CR[5..]);
    assert!(!end.sent().is_empty());
}
