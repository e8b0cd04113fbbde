//! The service in memory: a store on a memory backend, one user, one MTA, no daemon.

use restante_directory::{Directory, DirectoryError, MtaPeer, PasswordChange, User, Verdict};
use restante_mhs::x411::{Credentials, ORAddress, ORName, Password};
use restante_mhs::x413::MSBindArgument;
use restante_mhs::x419::Edition;
use restante_ms::{Binding, Deliverer, Extractor, MessageStore, Now, Outcome, Settings};
use restante_storage::{Backend, IndexPlace, MemoryBackend, Options, Store};
use std::sync::Arc;

/// The user of the service.
pub const ALICE: &str = "/CN=Alice/O=Example/PRMD=PEER/ADMD= /C=GB/";

/// A directory of one user, whose password is whatever is given.
pub struct OnlyAlice;

impl OnlyAlice {
    fn alice() -> User {
        User::new(ALICE.parse::<ORAddress>().expect("an O/R address"))
    }
}

impl Directory for OnlyAlice {
    fn user(&self, key: &str) -> Result<Option<User>, DirectoryError> {
        Ok(Some(Self::alice()).filter(|alice| alice.key == key))
    }

    fn verify_user(&self, name: &ORName, _: &[u8]) -> Result<Verdict<User>, DirectoryError> {
        let known = self.user(&name.address.key())?;
        Ok(known.map_or(Verdict::UnknownName, Verdict::Accepted))
    }

    fn change_user_password(
        &self,
        _: &User,
        _: &[u8],
        _: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        Ok(PasswordChange::Changed)
    }

    fn verify_mta(&self, name: &str, _: &[u8]) -> Result<Verdict<MtaPeer>, DirectoryError> {
        Ok(Verdict::Accepted(MtaPeer { name: name.to_owned() }))
    }

    fn change_mta_password(
        &self,
        _: &str,
        _: &[u8],
        _: &[u8],
    ) -> Result<PasswordChange, DirectoryError> {
        Ok(PasswordChange::Changed)
    }
}

/// A service in memory.
pub struct Service {
    /// The service.
    pub ms: MessageStore<Store>,
    /// Alice, bound in the 1988 context.
    pub alice: Binding,
    /// The MTA.
    pub mta: Deliverer,
}

impl Service {
    /// A service on a backend; the index is made again each time.
    ///
    /// # Panics
    /// Where the store can't be opened.
    pub fn on(backend: impl Backend + 'static) -> Self {
        let options = Options { segment_bytes: 1 << 20, ..Options::default() };
        let extractor = Arc::new(Extractor);
        let store = Store::open(Arc::new(backend), &IndexPlace::Memory, options, extractor);
        let store = Arc::new(store.expect("a store on a sound backend opens"));
        let ms = MessageStore::new(store, Arc::new(OnlyAlice), Settings::default());
        let name = ORName::from(OnlyAlice::alice().or_address);
        let argument = MSBindArgument::new(name, Credentials::Simple(Password::from("")));
        let (alice, _) = ms
            .bind(&OnlyAlice::alice(), Edition::E1988, &argument, Now(0))
            .expect("alice can bind");
        let mta = Deliverer {
            mta: "mta".to_owned(),
            association: [1; 16],
            edition: Edition::E1988,
            user: None,
        };
        Self { ms, alice, mta }
    }

    /// A service in memory of its own.
    pub fn new() -> Self {
        Self::on(MemoryBackend::new())
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

/// What an operation came to, its commit awaited.
///
/// # Panics
/// Where the commit fails.
pub fn done(outcome: Outcome) -> restante_ms::Reply {
    if let Some(ticket) = outcome.commit {
        ticket.wait().expect("a commit in memory succeeds");
    }
    outcome.reply
}
