//! Entries changed: another status, another mailbox.

use std::sync::Arc;

use axum::{Json, extract::State};
use restante_directory::Manager;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    entries::{Done, Numbers, Status},
    error::ApiError,
    extract::{Body, Path},
    mailboxes::key,
    who::Operator,
};
use crate::shared;

/// A status for entries.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStatus {
    /// Sequence-numbers of main entries; 10,000 at most.
    #[schema(min_items = 1, max_items = 10000)]
    pub(crate) numbers: Vec<u32>,
    /// What they are from now on.
    pub(crate) status: Status,
}

/// A mailbox for entries.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    /// Sequence-numbers of main entries; 10,000 at most.
    #[schema(min_items = 1, max_items = 10000)]
    pub(crate) numbers: Vec<u32>,
    /// Whose mailbox they are to be in: an O/R address in any form.
    pub(crate) to: String,
}

/// Where entries have gone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Moved {
    /// The mailbox that they are in.
    pub(crate) to: String,
    /// Those that were there, in the order in which they were named.
    pub(crate) entries: Vec<MovedEntry>,
}

/// Where an entry has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct MovedEntry {
    /// The number that it had.
    pub(crate) was: u32,
    /// The number that it has.
    pub(crate) number: u32,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(transfer))
}

/// Give entries, with their children, another status
///
/// Those that are gone already are passed over.
#[utoipa::path(post, path = "/api/mailboxes/{mailbox}/entries/status", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    request_body = NewStatus, responses((status = 200, body = Done),
    (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn status(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
    Body(new): Body<NewStatus>,
) -> Result<Json<Done>, ApiError> {
    admin.blocking(move |admin| admin.set_status(&address, &new, &who)).await.map(Json)
}

/// Move entries, with their children, to another mailbox
///
/// What was delivered is new there. Each has a number of its own there; those that are gone
/// already are passed over. Of what is in a log alone nothing can be moved, nor can drafts.
#[utoipa::path(post, path = "/api/mailboxes/{mailbox}/entries/move", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    request_body = Move, responses((status = 200, body = Moved), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn transfer(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
    Body(wanted): Body<Move>,
) -> Result<Json<Moved>, ApiError> {
    admin.blocking(move |admin| admin.move_entries(&address, &wanted, &who)).await.map(Json)
}

impl Admin {
    /// Gives entries, with their children, another status.
    pub(crate) fn set_status(
        &self,
        address: &str,
        new: &NewStatus,
        who: &Manager,
    ) -> Result<Done, ApiError> {
        let mailbox = self.mailbox(address)?;
        let numbers = self.main_entries(&mailbox, &Numbers { numbers: new.numbers.clone() })?;
        let to = u8::try_from(new.status.number().0).unwrap_or_default();
        self.shared.service.set_status(mailbox.id, &numbers, to)?.wait()?;
        let (entries, status) = (numbers.len(), new.status.name());
        self.record(who, format_args!("{entries} entries of {} made {status}", mailbox.name));
        self.changed(&mailbox.name);
        Ok(Done { entries })
    }

    /// Moves entries, with their children, to another mailbox. Each moves by itself: those that
    /// came before one that fails have moved.
    pub(crate) fn move_entries(
        &self,
        address: &str,
        wanted: &Move,
        who: &Manager,
    ) -> Result<Moved, ApiError> {
        let from = self.mailbox(address)?;
        let to = self.user_mailbox(&wanted.to)?;
        if from.id == to.id {
            return Err(ApiError::invalid("the entries are in that mailbox already"));
        }
        let numbers = self.main_entries(&from, &Numbers { numbers: wanted.numbers.clone() })?;
        let mut on_their_way = Vec::new();
        for was in numbers {
            let moved = self.shared.service.move_entry((from.id, was), to.id, shared::now())?;
            on_their_way.extend(moved.map(|ticket| (was, ticket)));
        }
        let mut entries = Vec::new();
        let mut failed = Ok(());
        for (was, ticket) in on_their_way {
            match ticket.wait() {
                Ok(committed) => {
                    let number = committed.stored.first().map_or(0, |stored| stored.number);
                    entries.push(MovedEntry { was, number });
                }
                Err(error) => failed = Err(error),
            }
        }
        let (count, to) = (entries.len(), to.name.to_string());
        self.record(who, format_args!("{count} entries moved from {} to {to}", from.name));
        self.changed(&from.name);
        self.changed(&to);
        failed?;
        Ok(Moved { to, entries })
    }

    /// The mailbox of a user, made where there is none yet.
    fn user_mailbox(&self, address: &str) -> Result<restante_storage::Mailbox, ApiError> {
        let name = key(address)?;
        match self.shared.directory.user(&name)? {
            Some(user) => {
                let id = self.shared.service.mailbox(&user)?;
                Ok(restante_storage::Mailbox { id, name: name.into(), about: Default::default() })
            }
            // Somebody who is a user no longer may still have one.
            None => self.mailbox(address),
        }
    }
}
