//! The demo's store, with its users, its MTA and their passwords, and how both ends call it.

use std::{fs, io, path::PathBuf};

use anyhow::Context;
use restante_client::{CallOptions, Trace, capture::Capture};
use restante_directory::Accounts;
use restante_mhs::x411::{ORAddress, ORName};
use restante_osi::PresentationAddress;
use restante_server::{Running, Server, config::Config};
use tempfile::TempDir;
use uuid::Uuid;

use super::story::Story;

/// The name with which the MTA binds.
const MTA: &str = "demo-mta";

/// Somebody who binds: a user or the MTA.
pub(super) struct Account {
    /// The O/R address or the MTA-name.
    pub(super) name: String,
    pub(super) password: String,
    /// Where the password is, for --password-file.
    file: PathBuf,
}

/// The store, while it runs.
pub(super) struct Store {
    running: Running,
    directory: TempDir,
    pub(super) address: PresentationAddress,
    pub(super) alice: Account,
    pub(super) bob: Account,
    pub(super) mta: Account,
}

impl Account {
    fn new(directory: &TempDir, file: &str, name: &str) -> anyhow::Result<Self> {
        let password = Uuid::new_v4().simple().to_string();
        let file = directory.path().join(file);
        fs::write(&file, format!("{password}\n"))?;
        Ok(Self { name: name.to_owned(), password, file })
    }

    /// The O/R name of a user.
    pub(super) fn or_name(&self) -> anyhow::Result<ORName> {
        Ok(self.name.parse::<ORAddress>()?.into())
    }
}

impl Store {
    /// Makes everything anew and starts.
    pub(super) async fn start(story: &mut Story) -> anyhow::Result<Self> {
        let directory = TempDir::new().context("no temporary directory can be made")?;
        let user = |file, name| {
            Account::new(&directory, file, &format!("/CN={name}/O=Example/PRMD=PEER/C=GB/"))
        };
        let alice = user("alice.txt", "Alice")?;
        let bob = user("bob.txt", "Bob")?;
        let mta = Account::new(&directory, "mta.txt", MTA)?;
        let mut config =
            Config { data_directory: directory.path().join("data"), ..Config::default() };
        // Port 0: one that is free.
        for network in &mut config.listener.presentation_address.networks {
            network.port = 0;
        }
        config.management.address.set_port(0);
        let accounts = Accounts::under(&config.data_directory);
        for account in [&alice, &bob] {
            accounts.add_user(&account.name, account.password.as_bytes())?;
        }
        accounts.add_mta_peer(&mta.name, mta.password.as_bytes())?;
        let running = Server::start(config).await?;
        let port = running.local_addr().port();
        let address: PresentationAddress =
            format!("\"3001\"/Internet=127.0.0.1+{port}").parse()?;
        story.step(
            "A store starts",
            &format!(
                "It keeps its data under {}\nand listens at {address}.\n\
                 It knows two users and an MTA, each with a password:\n  \
                 {}\n  {}\n  {}",
                directory.path().display(),
                alice.name,
                bob.name,
                mta.name,
            ),
        )?;
        Ok(Self { running, directory, address, alice, bob, mta })
    }

    /// Stops, and removes the data.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.running.shutdown().await?;
        self.directory.close().context("the temporary directory can't be removed")
    }

    /// How to bind to it, for --keep.
    pub(super) fn invitation(&self) -> String {
        let Self { address, alice, bob, mta, .. } = self;
        let ua = |command: &str, account: &Account| {
            let file = account.file.display();
            format!(
                "  restante ua {command} --address '{address}' \\\n    --user '{}' \\\n    \
                 --password-file {file}\n",
                account.name
            )
        };
        format!(
            "\nThe store goes on; Ctrl-C stops it and removes its data. In another terminal:\n\n\
             {}{}{}  restante mta deliver --address '{address}' --mta {} \\\n    \
             --password-file {} \\\n    --to '{}' --from '{}' \\\n    --subject Hello 'Hi!'\n",
            ua("list", alice),
            ua("fetch 2", alice),
            ua("list", bob),
            mta.name,
            mta.file.display(),
            bob.name,
            alice.name,
        )
    }
}

/// How the demo's user agents and its MTA call the store.
pub(super) struct Dial {
    address: PresentationAddress,
    capture: Option<Capture>,
    trace: bool,
}

impl Dial {
    pub(super) fn new(store: &Store, capture: Option<Capture>, trace: bool) -> Self {
        Self { address: store.address.clone(), capture, trace }
    }

    /// What the client library wants to know, for one association.
    pub(super) fn options(&self) -> CallOptions {
        let mut options = CallOptions::new(self.address.clone());
        options.capture = self.capture.clone();
        if self.trace {
            options.tracer = Some(Box::new(Trace::new(io::stderr())));
        }
        options
    }
}
