//! Makes a store of many messages in a data directory, for measurements: `make-store DIRECTORY
//! MAILBOXES MESSAGES OCTETS`. The users are /CN=U1/O=Bench/C=GB/ and so on, the password of all
//! of them is `secret`. It talks to nobody: deliveries go straight to the service.

use bytes::Bytes;
use restante_ber::{Encode, UtcTime};
use restante_client::compose;
use restante_directory::{Accounts, BuiltIn};
use restante_mhs::x411::{ORAddress, ORName};
use restante_mhs::x419::{Edition, mts_access};
use restante_ms::{Deliverer, Delivery, Extractor, MessageStore, Now, Settings};
use restante_storage::{FileBackend, IndexPlace, Options, Store};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

/// Deliveries that are under way at once.
const OUTSTANDING: usize = 512;
/// The time of the first message, seconds since 1970; each later one is a second younger.
const FIRST_TIME: i64 = 1_700_000_000;

fn user(number: usize) -> String {
    format!("/CN=U{number}/O=Bench/C=GB/")
}

fn name(text: &str) -> ORName {
    ORName::from(text.parse::<ORAddress>().expect("an O/R address"))
}

/// The argument of the delivery of message `number` to a mailbox.
fn argument(number: usize, mailbox: usize, octets: usize) -> Bytes {
    let from = name("/CN=Carol/O=Acme/PRMD=ACME/ADMD= /C=GB/");
    let to = name(&user(mailbox));
    let line = format!("SIGMET {number} VALID 221215/221600 EGRR- LONDON FIR SEV TURB FCST\r\n");
    let text = line.repeat(octets / line.len());
    let subject = format!("SIGMET {number}");
    let body = [compose::text(&text)];
    let message = compose::ipm(&subject, &from, std::slice::from_ref(&to), &subject, body);
    let identifier = compose::mts_identifier(&from.address, &number.to_string());
    let time = UtcTime(FIRST_TIME + i64::try_from(number).expect("a number"));
    compose::delivery(identifier, from, to, compose::content(message), time).to_ber()
}

fn make(data: &Path, mailboxes: usize, messages: usize, octets: usize) {
    std::fs::create_dir_all(data).expect("the directory can be made");
    let accounts = Accounts::under(data);
    for number in 1..=mailboxes {
        accounts.add_user(&user(number), b"secret").expect("a user can be added");
    }
    let backend = FileBackend::open(data.join("log")).expect("the log can be opened");
    let index = IndexPlace::File(data.join("index.sqlite"));
    let store = Store::open(Arc::new(backend), &index, Options::default(), Arc::new(Extractor));
    let store = Arc::new(store.expect("the store opens"));
    let directory = Arc::new(BuiltIn::open(data).expect("the accounts can be read"));
    let service = MessageStore::new(store.clone(), directory, Settings::default());
    let mta = Deliverer {
        mta: "bench".to_owned(),
        association: [1; 16],
        edition: Edition::E1988,
        user: None,
    };
    let mut tickets = VecDeque::new();
    for number in 0..messages {
        let argument = argument(number, 1 + number % mailboxes, octets);
        let delivery = Delivery::decode(mts_access::OP_MESSAGE_DELIVERY, Some(&argument));
        let now = Now((FIRST_TIME + i64::try_from(number).expect("a number")) * 1_000_000);
        let outcome = service.deliver(&mta, now, delivery.expect("a delivery"));
        tickets.push_back(outcome.commit.expect("a delivery is committed"));
        if tickets.len() > OUTSTANDING {
            let oldest = tickets.pop_front().expect("there are some");
            oldest.wait().expect("a delivery is kept");
        }
    }
    tickets.into_iter().for_each(|ticket| drop(ticket.wait().expect("a delivery is kept")));
    drop(service);
    let store = Arc::into_inner(store).expect("nobody else has the store");
    store.close().expect("the store closes");
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok());
    match (arguments.first(), number(1), number(2), number(3)) {
        (Some(data), Some(mailboxes), Some(messages), Some(octets)) if mailboxes > 0 => {
            make(Path::new(data), mailboxes, messages, octets);
        }
        _ => panic!("say: make-store DIRECTORY MAILBOXES MESSAGES OCTETS"),
    }
}
