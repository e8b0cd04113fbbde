//! A message store over a log in memory, users without passwords, and PDUs made octet by octet.

#![allow(unreachable_pub)]

pub mod pdu;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use restante_ber::Decode;
use restante_directory::{Directory, DirectoryError, MtaPeer, PasswordChange, User, Verdict};
use restante_mhs::x411::{ORName, Password};
use restante_mhs::x413::{
    AttributeValue, EntryInformation, FetchResult, ListResult, MSBindArgument, MSBindResult,
    SummarizeResult,
};
use restante_mhs::x419::Edition;
use restante_ms::{
    Binding, Deliverer, Delivery, Extractor, InvokeProblem, MessageStore, Now, Operation, Outcome,
    Reply, Settings,
};
use restante_storage::{Backend, IndexPlace, MemoryBackend, Options, Store};

use pdu::{ALICE, BOB, hex};

/// The users that there are; the password of each is PASSWORD until somebody changes it.
pub struct Users(pub Vec<User>, pub Mutex<Vec<u8>>);

impl Users {
    pub fn of(users: &[&str]) -> Self {
        let users = users.iter().map(|name| user(name)).collect();
        Self(users, Mutex::new(PASSWORD.to_vec()))
    }
}

/// The password that all have at first.
pub const PASSWORD: &[u8] = b"pass";

impl Directory for Users {
    fn answers_at_once(&self) -> bool {
        true
    }
    fn user(&self, key: &str) -> Result<Option<User>, DirectoryError> {
        Ok(self.0.iter().find(|user| user.key == key).cloned())
    }
    fn verify_user(&self, _: &ORName, _: &[u8]) -> Result<Verdict<User>, DirectoryError> {
        Ok(Verdict::UnknownName)
    }
    fn change_user_password(
        &self,
        _: &User,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        let mut password = self.1.lock().expect("no panic");
        Ok(match (*password == old, new) {
            (false, _) => PasswordChange::OldIsWrong,
            (true, b"") => PasswordChange::NewIsUnacceptable,
            (true, b"fault") => return Err(DirectoryError::PasswordEmpty),
            (true, new) => {
                *password = new.to_vec();
                PasswordChange::Changed
            }
        })
    }
    fn verify_mta(&self, _: &str, _: &[u8]) -> Result<Verdict<MtaPeer>, DirectoryError> {
        Ok(Verdict::UnknownName)
    }
    fn change_mta_password(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        assert_eq!(name, "mta1");
        self.change_user_password(&self.0[0], old, new)
    }
}

pub fn user(name: &str) -> User {
    User::new(ORName::from_ber(&hex(name)).expect("an O/R name").address)
}

/// A store with Alice and Bob.
pub struct World {
    pub ms: MessageStore<Store>,
    /// Microseconds since 1970; a second passes with each delivery.
    pub now: i64,
    /// The association that the next delivery comes on.
    pub association: [u8; 16],
}

pub const START_US: i64 = 1_796_000_000_000_000;

impl World {
    pub fn new() -> Self {
        Self::over(&Arc::new(MemoryBackend::new()))
    }

    pub fn over(backend: &Arc<MemoryBackend>) -> Self {
        Self::with(backend, Settings::default())
    }

    pub fn with(backend: &Arc<MemoryBackend>, settings: Settings) -> Self {
        let users = Arc::new(Users::of(&[ALICE, BOB]));
        let settings = Settings { responder_password: Password::from("ms"), ..settings };
        let ms = MessageStore::new(Arc::new(store(backend)), users, settings);
        Self { ms, now: START_US, association: [1; 16] }
    }

    /// Does a part of what is due: how much that was, and when there is more.
    pub fn do_due_once(&self) -> (usize, Option<i64>) {
        let due = self.ms.due(Now(self.now)).expect("storage can be read");
        let count = due.done.len();
        for done in due.done {
            done.commit.wait().expect("it is stored");
        }
        (count, due.next.map(|next| next.0))
    }

    /// Does all that is due; when there is more.
    pub fn do_due(&self) -> Option<i64> {
        loop {
            match self.do_due_once().1 {
                Some(next) if next <= self.now => {}
                next => return next,
            }
        }
    }

    /// Binds with an argument in hexadecimal.
    pub fn bind_with(&self, edition: Edition, argument: &str) -> (Binding, MSBindResult) {
        let argument = MSBindArgument::from_ber(&hex(argument)).expect("a bind argument");
        let who = User::new(argument.initiator_name.address.clone());
        self.ms.bind(&who, edition, &argument, Now(self.now)).expect("a bind")
    }

    pub fn bind(&self) -> Binding {
        self.bind_with(Edition::E1988, &pdu::bind(ALICE, "")).0
    }

    pub fn bind_94(&self) -> Binding {
        self.bind_with(Edition::E1994, &pdu::bind(ALICE, "")).0
    }

    pub fn deliverer(&self) -> Deliverer {
        Deliverer {
            mta: "mta1".to_owned(),
            association: self.association,
            edition: Edition::E1988,
            user: None,
        }
    }

    /// Invokes a delivery and waits for its commit.
    pub fn deliver_code(&mut self, code: i64, argument: &[u8]) -> Reply {
        let argument = Bytes::copy_from_slice(argument);
        let delivery = match Delivery::decode(code, Some(&argument)) {
            Ok(delivery) => delivery,
            Err(problem) => return Reply::Reject(problem),
        };
        let outcome = self.ms.deliver(&self.deliverer(), Now(self.now), delivery);
        self.now += 1_000_000;
        settle(outcome)
    }

    pub fn deliver(&mut self, argument: &[u8]) {
        match self.deliver_code(5, argument) {
            Reply::Result { operation: 5, value, .. } => {
                assert_eq!(value.to_bytes()[..], [0x31, 0]);
            }
            other => panic!("{other:?}"),
        }
    }

    /// Delivers an IPM to Alice for each subject.
    pub fn deliver_subjects(&mut self, subjects: &[&str]) {
        for subject in subjects {
            let mut message = pdu::Message::of_subject(subject);
            message.identifier = format!("L{}", self.now);
            self.deliver(&message.argument());
        }
    }

    /// Invokes an operation with an argument in hexadecimal, and waits for its commit.
    pub fn invoke(&self, binding: &Binding, code: i64, argument: &str) -> Reply {
        self.invoke_octets(binding, code, &hex(argument))
    }

    pub fn invoke_octets(&self, binding: &Binding, code: i64, argument: &[u8]) -> Reply {
        let argument = Bytes::copy_from_slice(argument);
        match Operation::decode(binding.edition, code, Some(&argument)) {
            Ok(operation) => settle(self.ms.execute(binding, Now(self.now), operation)),
            Err(problem) => Reply::Reject(problem),
        }
    }

    pub fn result<T: Decode>(&self, binding: &Binding, code: i64, argument: &str) -> T {
        match self.invoke(binding, code, argument) {
            Reply::Result { operation, value, .. } => {
                assert_eq!(operation, code);
                T::from_bytes(&value.to_bytes()).expect("a result")
            }
            other => panic!("{argument}: {other:?}"),
        }
    }

    pub fn list(&self, binding: &Binding, argument: &str) -> ListResult {
        self.result(binding, 21, argument)
    }

    pub fn fetch(&self, binding: &Binding, argument: &str) -> FetchResult {
        self.result(binding, 22, argument)
    }

    pub fn summarize(&self, binding: &Binding, argument: &str) -> SummarizeResult {
        self.result(binding, 20, argument)
    }

    /// The numbers of the entries that a selector, in hexadecimal, selects.
    pub fn numbers(&self, binding: &Binding, selector: &str) -> Vec<u32> {
        let list = self.list(binding, &pdu::list(selector, &[]));
        list.requested.unwrap_or_default().iter().map(|entry| entry.sequence_number.0).collect()
    }

    /// The subjects of the entries that a selector selects.
    pub fn subjects(&self, binding: &Binding, selector: &str) -> Vec<String> {
        let list = self.list(binding, &pdu::list(selector, &[pdu::SUBJECT]));
        list.requested
            .unwrap_or_default()
            .iter()
            .map(|entry| {
                let value = attribute(entry, pdu::SUBJECT).pop().unwrap_or_default();
                String::from_utf8_lossy(value.get(2..).unwrap_or_default()).into_owned()
            })
            .collect()
    }
}

/// Waits for the commit, as the server does.
pub fn settle(mut outcome: Outcome) -> Reply {
    match outcome.commit.take().map(|commit| commit.wait()) {
        None => outcome.reply,
        Some(Ok(committed)) => outcome.committed(&committed).reply,
        Some(Err(error)) => outcome.failed(&error).reply,
    }
}

/// The values of an attribute, by the hexadecimal contents of its object identifier.
pub fn attribute(entry: &EntryInformation, oid: &str) -> Vec<Vec<u8>> {
    let wanted = hex(oid);
    let attributes = entry.attributes.iter().flat_map(|attributes| &attributes.0);
    attributes
        .filter(|attribute| attribute.attribute_type.contents() == wanted)
        .flat_map(|attribute| &attribute.attribute_values)
        .map(octets)
        .collect()
}

pub fn octets(value: &AttributeValue) -> Vec<u8> {
    value.octets().to_vec()
}

/// Code and parameter of an error, in hexadecimal.
pub fn error(reply: &Reply) -> (i64, String) {
    match reply {
        Reply::Error { code, parameter, .. } => {
            let octets = parameter.as_ref().map(|rope| rope.to_bytes()).unwrap_or_default();
            (*code, pdu::to_hex(&octets))
        }
        other => panic!("{other:?}"),
    }
}

pub const MISTYPED: Reply = Reply::Reject(InvokeProblem::MistypedArgument);
pub const UNRECOGNIZED: Reply = Reply::Reject(InvokeProblem::UnrecognizedOperation);

/// The store on a disk.
pub fn store(backend: &Arc<MemoryBackend>) -> Store {
    let options = Options { segment_bytes: 4 << 20, ..Options::default() };
    let extractor = Arc::new(Extractor);
    Store::open(backend.clone(), &IndexPlace::Memory, options, extractor).expect("a store opens")
}

/// Damages wherever this is in the first segment.
pub fn damage(backend: &MemoryBackend, text: &str) {
    let segment = backend.list().expect("segments").into_iter().min().expect("one");
    let file = backend.open(&segment).expect("a segment");
    let mut octets = vec![0; usize::try_from(file.len().expect("its length")).expect("small")];
    file.read_at(&mut octets, 0).expect("its octets");
    let is_it = |window: &[u8]| window == text.as_bytes();
    for (at, _) in octets.windows(text.len()).enumerate().filter(|(_, window)| is_it(window)) {
        backend.damage(&segment, u64::try_from(at).expect("small"));
    }
}
