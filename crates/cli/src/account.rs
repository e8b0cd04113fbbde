//! Users, MTAs and managers, where they are kept: in the file under the data directory, or asked
//! of a store that serves, by its admin API.

use std::path::PathBuf;

use anyhow::bail;
use restante_directory::{Accounts as Kept, DirectoryError, Role};
use restante_server::config::Config;
use restante_view::text;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    output,
    password::PasswordSource,
    remote::{self, Server, Session, segment},
};

/// Where accounts are: with `--user` asked of a store that serves, else in its file.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The configuration file; the defaults where it is left out
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
    /// Read the password of --user from the first line of this file
    #[arg(long, value_name = "FILE", global = true)]
    user_password_file: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    json: bool,
}

/// Which accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Users of the store.
    Users,
    /// MTAs that may deliver.
    Mtas,
    /// People who run the store.
    Managers,
}

impl Kind {
    /// In the admin API.
    fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Mtas => "mtas",
            Self::Managers => "managers",
        }
    }
}

/// Accounts that can be asked for and changed.
pub(crate) enum Accounts {
    /// In the file of a data directory.
    Kept(Kept),
    /// By a store that serves.
    Served(Session),
}

impl Place {
    /// Opens the file, or signs in.
    pub(crate) fn open(&self) -> Result<Accounts, Failure> {
        if !self.server.is_named() {
            let config = Config::load(self.config.as_deref())?;
            return Ok(Accounts::Kept(Kept::under(&config.data_directory)));
        }
        if self.config.is_some() {
            return Err(Failure::not_asked_right("--config and --user: say one of them"));
        }
        let password = PasswordSource::of(self.user_password_file.clone());
        Ok(Accounts::Served(self.server.open(&password)?))
    }

    /// Prints a list: a line each for people.
    pub(crate) fn list(
        &self,
        rows: &Value,
        line: impl Fn(&Value) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            return Ok(output::json(rows)?);
        }
        let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
        let lines: String = rows.iter().map(|row| line(row) + "\n").collect();
        Ok(if lines.is_empty() { Ok(()) } else { output::print(&lines) }?)
    }
}

impl Accounts {
    /// All of them: names, of managers with their roles.
    pub(crate) fn all(&self, kind: Kind) -> anyhow::Result<Value> {
        Ok(match (self, kind) {
            (Self::Served(session), kind) => session.get(&format!("/api/{}", kind.name()))?,
            (Self::Kept(kept), Kind::Users) => json!(kept.users()?),
            (Self::Kept(kept), Kind::Mtas) => json!(kept.mta_peers()?),
            (Self::Kept(kept), Kind::Managers) => {
                let managers = kept.managers()?.into_iter();
                let state = |role: Role, name| json!({ "name": name, "role": role.to_string() });
                managers.map(|one| state(one.role, one.name)).collect()
            }
        })
    }

    /// Adds one; of managers alone the role counts.
    pub(crate) fn add(
        &self,
        kind: Kind,
        name: &str,
        role: Role,
        password: Vec<u8>,
    ) -> anyhow::Result<()> {
        match (self, kind) {
            (Self::Served(session), kind) => {
                let role = (kind == Kind::Managers).then(|| role.to_string());
                let password = remote::text(password)?;
                let new = json!({ "name": name, "role": role, "password": password });
                session.post(&format!("/api/accounts/{}", kind.name()), &new)?;
            }
            (Self::Kept(kept), Kind::Users) => kept.add_user(name, &password).map(drop)?,
            (Self::Kept(kept), Kind::Mtas) => kept.add_mta_peer(name, &password)?,
            (Self::Kept(kept), Kind::Managers) => kept.add_manager(name, role, &password)?,
        }
        Ok(())
    }

    /// Gives one another password.
    pub(crate) fn set_password(
        &self,
        kind: Kind,
        name: &str,
        password: Vec<u8>,
    ) -> anyhow::Result<()> {
        let set: fn(&Kept, &str, &[u8]) -> Result<(), DirectoryError> = match kind {
            Kind::Users => Kept::set_user_password,
            Kind::Mtas => Kept::set_mta_password,
            Kind::Managers => Kept::set_manager_password,
        };
        match self {
            Self::Kept(kept) => set(kept, name, &password)?,
            Self::Served(session) => {
                let new = json!({ "password": remote::text(password)? });
                session.put(&format!("{}/password", path(kind, name)), &new)?;
            }
        }
        Ok(())
    }

    /// Removes one.
    pub(crate) fn remove(&self, kind: Kind, name: &str) -> anyhow::Result<()> {
        match (self, kind) {
            (Self::Served(session), kind) => session.delete(&path(kind, name)).map(drop)?,
            (Self::Kept(kept), Kind::Users) => kept.remove_user(name)?,
            (Self::Kept(kept), Kind::Mtas) => kept.remove_mta_peer(name)?,
            (Self::Kept(kept), Kind::Managers) => kept.remove_manager(name)?,
        }
        Ok(())
    }

    /// Gives a manager another role.
    pub(crate) fn set_role(&self, name: &str, role: Role) -> anyhow::Result<()> {
        match self {
            Self::Kept(kept) => kept.set_manager_role(name, role)?,
            Self::Served(session) => {
                let new = json!({ "role": role.to_string() });
                session.put(&format!("/api/managers/{}/role", segment(name)), &new)?;
            }
        }
        Ok(())
    }

    /// Whether what a user submits is kept; `None`: as the store is set.
    pub(crate) fn store_submissions(&self, address: &str) -> anyhow::Result<Option<bool>> {
        match self {
            Self::Kept(kept) => Ok(kept.store_submissions(address)?),
            Self::Served(session) => {
                let told = session.get(&format!("/api/users/{}/outbox", segment(address)))?;
                match &told["store_submissions"] {
                    Value::Null => Ok(None),
                    Value::Bool(kept) => Ok(Some(*kept)),
                    _ => bail!("the server's answer is not understood"),
                }
            }
        }
    }

    /// Says whether it is.
    pub(crate) fn set_store_submissions(
        &self,
        address: &str,
        kept: Option<bool>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Kept(accounts) => accounts.set_store_submissions(address, kept)?,
            Self::Served(session) => {
                let new = json!({ "store_submissions": kept });
                session.put(&format!("/api/users/{}/outbox", segment(address)), &new)?;
            }
        }
        Ok(())
    }
}

fn path(kind: Kind, name: &str) -> String {
    format!("/api/accounts/{}/{}", kind.name(), segment(name))
}

/// A name of a list, as one line.
pub(crate) fn name(row: &Value) -> String {
    text::line(row.as_str().unwrap_or_default())
}
