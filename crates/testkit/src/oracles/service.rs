//! The service: whatever is delivered is stored as it is and can be listed, fetched and deleted;
//! whatever is asked has an answer.

use crate::service::{ALICE, Service, done};
use bytes::Bytes;
use restante_ber::{Decode, Encode, Oid, Rope, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{MessageDeliveryArgument, ORAddress, ORName};
use restante_mhs::x413::{
    AttributeSelection, AttributeValue, DeleteArgument, DeleteItems, FetchArgument, FetchItem,
    FetchResult, SequenceNumber, attributes,
};
use restante_mhs::x419::{Edition, mts_access};
use restante_ms::{Delivery, Now, Operation, Reply};

thread_local! {
    static SERVICE: Service = Service::new();
}

/// A delivery of an interpersonal message to Alice.
fn argument(content: &[u8]) -> MessageDeliveryArgument {
    let alice = ALICE.parse::<ORAddress>().expect("an O/R address");
    let identifier = compose::mts_identifier(&alice, "1");
    let content = Rope::from(Bytes::copy_from_slice(content));
    let alice = ORName::from(alice);
    compose::delivery(identifier, alice.clone(), alice, content, UtcTime(0))
}

fn perform(service: &Service, code: i64, argument: &Bytes) -> Option<Reply> {
    let operation = Operation::decode(Edition::E1988, code, Some(argument)).ok()?;
    Some(done(service.ms.execute(&service.alice, Now(0), operation)))
}

fn fetch(service: &Service, attributes: impl Iterator<Item = Oid>) -> FetchResult {
    let selections = attributes.map(AttributeSelection::from).collect();
    let argument = FetchArgument {
        requested_attributes: Some(selections),
        ..FetchArgument::from(FetchItem::Search(Default::default()))
    };
    match perform(service, 22, &argument.to_ber()) {
        Some(Reply::Result { value, .. }) => {
            FetchResult::from_bytes(&value.to_bytes()).expect("a result can be read")
        }
        other => panic!("{other:?}"),
    }
}

/// Any octets as the content of an interpersonal message: every attribute can be fetched, the
/// content comes back as it was, and the entry goes with its children.
pub fn stored_content(data: &[u8]) {
    SERVICE.with(|service| {
        let argument = argument(data).to_ber();
        let code = mts_access::OP_MESSAGE_DELIVERY;
        let delivery = Delivery::decode(code, Some(&argument)).expect("a delivery");
        let reply = done(service.ms.deliver(&service.mta, Now(0), delivery));
        assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
        let all = attributes::all().iter().map(|attribute| attribute.oid.clone());
        let entry = fetch(service, all).entry_information.expect("an entry");
        let content = entry
            .attributes
            .iter()
            .flat_map(|attributes| &attributes.0)
            .find(|attribute| attribute.attribute_type == restante_ber::oid!(2, 6, 4, 3, 1))
            .and_then(|attribute| attribute.attribute_values.first())
            .map(AttributeValue::to::<Rope>);
        assert_eq!(content, Some(Ok(Rope::from(Bytes::copy_from_slice(data)))));
        let items = DeleteItems::SequenceNumbers([entry.sequence_number].into_iter().collect());
        let deleted = perform(service, 23, &DeleteArgument::from(items).to_ber());
        assert!(matches!(deleted, Some(Reply::Result { .. })), "{deleted:?}");
        let left = fetch(service, std::iter::empty()).entry_information;
        assert_eq!(left.map(|entry| entry.sequence_number), None::<SequenceNumber>);
    });
}

/// Any octets as an operation of P7, its code in the first octet, or of P3: there is an answer.
pub fn operation(data: &[u8]) {
    SERVICE.with(|service| {
        let Some((code, argument)) = data.split_first() else { return };
        let argument = Bytes::copy_from_slice(argument);
        let code = i64::from(*code);
        perform(service, code, &argument);
        if let Ok(delivery) = Delivery::decode(code, Some(&argument)) {
            done(service.ms.deliver(&service.mta, Now(0), delivery));
        }
    });
}
