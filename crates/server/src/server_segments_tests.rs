//! A large content that comes in segments (X.690 §8.7.3): it is stored and passed on as the octets
//! that it is, and joined where PDUs are put together, not in memory.

use restante_ber::{Any, Bytes, Decode, Reader, Tag, Writer};
use restante_client::compose;
use restante_mhs::{
    x413::{FetchArgument, FetchItem, Selector, oids as ms},
    x419::mts_access,
};
use restante_osi::x880::{InvokeProblem, RejectProblem};

use super::*;

/// As long as a segment in CER may be, and others give them.
const SEGMENT_OCTETS: usize = 1000;
const CONTENT_OCTETS: usize = 2 << 20;
/// Room for the PDU, and for all but a little of the content again.
const NO_ROOM_OCTETS: usize = 2 * CONTENT_OCTETS;
const ROOM_OCTETS: usize = 3 * CONTENT_OCTETS;

/// An argument whose last member, its content, comes in segments.
fn in_segments(argument: &Rope) -> Rope {
    let octets = argument.to_bytes();
    let mut members = Reader::over(&octets).only().unwrap().children().unwrap();
    let mut all = Vec::new();
    while let Some(member) = members.next_element().unwrap() {
        all.push(member.to_bytes());
    }
    let content = Rope::from_bytes(&all.pop().unwrap()).unwrap().to_bytes();
    let segments = content.chunks(SEGMENT_OCTETS).map(Bytes::copy_from_slice);
    let segments: Rope = segments.map(|segment| Rope::from(segment).to_ber()).collect();
    let element = |tag: Tag, contents: Rope| {
        let mut writer = Writer::new();
        writer.header(tag, true, contents.len());
        let mut element = writer.finish();
        element.append(contents);
        element
    };
    let mut contents: Rope = all.into_iter().collect();
    contents.append(element(Tag::OCTET_STRING, segments));
    element(Tag::SEQUENCE, contents)
}

fn content() -> Bytes {
    let text: String = ('a'..='z').cycle().take(CONTENT_OCTETS).collect();
    let from = name(ALICE);
    let message =
        compose::ipm("1", &from, std::slice::from_ref(&from), "large", [compose::text(&text)]);
    compose::content(message).to_bytes()
}

async fn daemon(disk_octets: usize) -> Daemon {
    Daemon::start(|config| config.limits.assembly_disk_octets = disk_octets).await
}

/// The content of the one entry that Alice has.
async fn stored(daemon: &Daemon) -> Bytes {
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    let all = Selector { limit: Some(2), ..Selector::default() };
    let argument = FetchArgument {
        requested_attributes: Some([ms::ID_ATT_CONTENT.into()].into_iter().collect()),
        ..FetchArgument::from(FetchItem::Search(all))
    };
    let fetched = user_agent.fetch(&argument).await.unwrap();
    user_agent.unbind().await.unwrap();
    let attributes = fetched.entry_information.unwrap().attributes.unwrap();
    attributes.0[0].attribute_values[0].to::<Rope>().unwrap().to_bytes()
}

fn is_refused(answer: &Answer) -> bool {
    let refused = RejectProblem::Invoke(InvokeProblem::RESOURCE_LIMITATION);
    matches!(answer, Answer::Reject(problem) if *problem == refused)
}

#[tokio::test]
async fn a_delivery_in_segments_is_joined_where_pdus_are() {
    let content = content();
    let argument = || in_segments(&delivery(1, content.to_vec()));
    let daemon = daemon(NO_ROOM_OCTETS).await;
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    mta.begin_delivery(argument()).await.unwrap();
    let (_, answer) = mta.any_answer().await.unwrap();
    assert!(is_refused(&answer), "{answer:?}");
    mta.unbind().await.unwrap();
    daemon.stop().await;
    let daemon = self::daemon(ROOM_OCTETS).await;
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    mta.deliver(argument()).await.unwrap();
    mta.unbind().await.unwrap();
    assert!(stored(&daemon).await == content, "other octets are stored");
    daemon.stop().await;
}

#[tokio::test]
async fn a_submission_in_segments_is_joined_where_pdus_are() {
    let content = content();
    let from = name(ALICE);
    let argument = compose::submission(from.clone(), [from], content.clone().into());
    let argument = Any(in_segments(&argument.to_rope()).to_bytes());
    let daemon = daemon(NO_ROOM_OCTETS).await;
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    let refused = user_agent.call(mts_access::OP_MESSAGE_SUBMISSION, &argument).await;
    assert!(refused.is_err(), "it is joined in memory");
    user_agent.unbind().await.unwrap();
    daemon.stop().await;
    let daemon = self::daemon(ROOM_OCTETS).await;
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    user_agent.call(mts_access::OP_MESSAGE_SUBMISSION, &argument).await.unwrap();
    user_agent.unbind().await.unwrap();
    assert!(stored(&daemon).await == content, "other octets are delivered");
    daemon.stop().await;
}
