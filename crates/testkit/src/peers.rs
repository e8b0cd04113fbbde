//! Peers of a store under test, on our own client: a user agent and an MTA.

use crate::process::{ALICE, MTA, PASSWORD};
use bytes::Bytes;
use restante_ber::{Encode, OctetString, Oid, Rope, UtcTime, oid};
use restante_client::p3::MtsBind;
use restante_client::p7::MsBind;
use restante_client::{CallOptions, ClientError, Mta, UserAgent, compose};
use restante_mhs::x411::{ContentIdentifier, MessageDeliveryArgument, ORAddress, ORName};
use restante_mhs::x413::{
    AttributeSelection, AttributeValue, EntryInformation, FetchArgument, FetchItem, FetchResult,
    ListArgument, SequenceNumber,
};
use restante_mhs::x420::{
    AutoForwardArguments, AutoForwardRegistration, AutoForwardRegistrationParameter88,
    ForwardingInformation1988,
};

/// The attribute content.
pub fn content_attribute() -> Oid {
    oid!(2, 6, 4, 3, 1)
}

/// The attribute content-identifier.
pub fn content_identifier_attribute() -> Oid {
    oid!(2, 6, 4, 3, 4)
}

/// How to call a store.
///
/// # Panics
/// Where the address is none.
pub fn call(address: &str) -> CallOptions {
    CallOptions::new(address.parse().expect("a presentation address"))
}

/// An O/R name from its text.
///
/// # Panics
/// Where the text is none.
pub fn name(text: &str) -> ORName {
    ORName::from(text.parse::<ORAddress>().expect("an O/R address"))
}

/// Alice's user agent, bound.
///
/// # Errors
/// Where the store can't be reached or refuses.
pub async fn alice(options: CallOptions) -> Result<UserAgent, ClientError> {
    Ok(UserAgent::bind(options, &MsBind::new(name(ALICE), PASSWORD)).await?.0)
}

/// The MTA, bound.
///
/// # Errors
/// Where the store can't be reached or refuses.
pub async fn mta(options: CallOptions) -> Result<Mta, ClientError> {
    Ok(Mta::bind(options, &MtsBind::new(MTA, PASSWORD)).await?.0)
}

/// A delivery to Alice, known again by its content-identifier.
pub fn delivery(identifier: &str, content: Rope) -> MessageDeliveryArgument {
    let from = name("/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/");
    let mts_identifier = compose::mts_identifier(&from.address, identifier);
    let mut delivery =
        compose::delivery(mts_identifier, from, name(ALICE), content, UtcTime(1_790_000_000));
    delivery.other_fields.content_identifier = Some(ContentIdentifier(identifier.into()));
    delivery
}

/// What registers that all is forwarded from one user to another, of 1988.
pub fn auto_forward(from: ORName, to: ORName) -> AutoForwardRegistration {
    let information = ForwardingInformation1988::default();
    AutoForwardRegistration::Parameter88(AutoForwardRegistrationParameter88 {
        filter: None,
        auto_forward_arguments: AutoForwardArguments {
            originator_name: from,
            content_identifier: None,
            priority: None,
            per_message_indicators: None,
            deferred_delivery_time: None,
            extensions: Default::default(),
            per_recipient_fields: vec![compose::recipient(to)],
        },
        delete_after_auto_forwarding: false,
        forwarding_information: OctetString(information.to_ber()),
    })
}

/// An interpersonal message of one line.
pub fn short_message(subject: &str) -> Rope {
    let carol = name("/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/");
    let body = [compose::text("all is well\n")];
    compose::content(compose::ipm(subject, &carol, &[name(ALICE)], subject, body))
}

/// All entries of the mailbox: number and content-identifier.
///
/// # Errors
/// Those of List.
///
/// # Panics
/// Where an entry has no content-identifier.
pub async fn list(user: &mut UserAgent) -> Result<Vec<(u32, String)>, ClientError> {
    let wanted = [AttributeSelection::from(content_identifier_attribute())];
    let argument = ListArgument {
        requested_attributes: Some(wanted.into_iter().collect()),
        ..Default::default()
    };
    let listed = user.list(&argument).await?.requested.unwrap_or_default();
    let entry = |entry: &EntryInformation| {
        let identifier: ContentIdentifier =
            value(entry, &content_identifier_attribute()).expect("a content-identifier").to()?;
        Ok((entry.sequence_number.0, identifier.0.to_string()))
    };
    let entries: restante_ber::Result<_> = listed.iter().map(entry).collect();
    Ok(entries.expect("content-identifiers can be read"))
}

/// The first value of an attribute of an entry.
pub fn value<'a>(entry: &'a EntryInformation, attribute: &Oid) -> Option<&'a AttributeValue> {
    let attributes = entry.attributes.as_ref()?;
    let found = attributes.0.iter().find(|found| found.attribute_type == *attribute)?;
    found.attribute_values.first()
}

/// Fetches the content of an entry.
///
/// # Errors
/// Those of Fetch.
///
/// # Panics
/// Where the entry has no content.
pub async fn content(user: &mut UserAgent, number: u32) -> Result<Bytes, ClientError> {
    let wanted = [AttributeSelection::from(content_attribute())];
    let argument = FetchArgument {
        requested_attributes: Some(wanted.into_iter().collect()),
        ..FetchArgument::from(FetchItem::Precise(SequenceNumber(number)))
    };
    let FetchResult { entry_information, .. } = user.fetch(&argument).await?;
    let entry = entry_information.expect("the entry that was asked for");
    let content = value(&entry, &content_attribute()).expect("a content");
    Ok(content.to::<Rope>().expect("an OCTET STRING").to_bytes())
}

/// The argument of a delivery.
pub fn argument(identifier: &str, content: Rope) -> Rope {
    delivery(identifier, content).to_rope()
}
