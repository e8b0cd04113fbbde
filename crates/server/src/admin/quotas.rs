//! What mailboxes may hold, and what they hold.

use std::sync::Arc;

use axum::{Json, extract::State};
use restante_directory::Manager;
use restante_ms::Quota;
use restante_storage::Mailbox;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path},
    mailboxes::MailboxState,
    who::Operator,
};

/// How much of what it may hold a mailbox holds; entries in logs alone are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct QuotaState {
    /// Entries, children not counted.
    pub(crate) entries: u32,
    /// The length of their contents together.
    pub(crate) octets: u64,
    /// Entries before nothing more is delivered to it; nothing: any number.
    pub(crate) entries_max: Option<u32>,
    /// Octets before nothing more is delivered to it; nothing: any number.
    pub(crate) octets_max: Option<u64>,
    /// Whether these are its own and not those of all mailboxes.
    pub(crate) own: bool,
    /// How much of it is used, hundredths; nothing where it may hold any number.
    pub(crate) percent: Option<u64>,
}

/// What a mailbox may hold from now on.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQuota {
    /// Entries, children not counted; any number where nothing is said.
    #[schema(minimum = 1)]
    pub(crate) entries_max: Option<u32>,
    /// The length of their contents together, octets; any number where nothing is said.
    #[schema(minimum = 1)]
    pub(crate) octets_max: Option<u64>,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(set, clear))
}

/// Give a mailbox a quota of its own
///
/// When it holds so much, MTAs are held off: nothing is lost, and all comes when there is room.
#[utoipa::path(put, path = "/api/mailboxes/{mailbox}/quota", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    request_body = NewQuota, responses((status = 200, body = MailboxState),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 422, body = ApiError)))]
async fn set(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
    Body(new): Body<NewQuota>,
) -> Result<Json<MailboxState>, ApiError> {
    admin.blocking(move |admin| admin.set_quota(&address, Some(&new), &who)).await.map(Json)
}

/// Give a mailbox the quota of all mailboxes again
#[utoipa::path(delete, path = "/api/mailboxes/{mailbox}/quota", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    responses((status = 200, body = MailboxState), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 422, body = ApiError)))]
async fn clear(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
) -> Result<Json<MailboxState>, ApiError> {
    admin.blocking(move |admin| admin.set_quota(&address, None, &who)).await.map(Json)
}

impl Admin {
    /// Gives a mailbox a quota of its own, or takes it away.
    pub(crate) fn set_quota(
        &self,
        address: &str,
        new: Option<&NewQuota>,
        who: &Manager,
    ) -> Result<MailboxState, ApiError> {
        let mailbox = self.mailbox(address)?;
        if new.is_some_and(|new| new.entries_max == Some(0) || new.octets_max == Some(0)) {
            let text = "a quota of 0 is none; block message-delivery to take nothing at all";
            return Err(ApiError::invalid(text));
        }
        let quota = new.map(|new| Quota { entries: new.entries_max, octets: new.octets_max });
        self.shared.service.set_quota(mailbox.id, quota)?;
        match quota {
            Some(quota) => {
                let [entries, octets] =
                    [quota.entries.map(u64::from), quota.octets].map(|most| match most {
                        Some(most) => most.to_string(),
                        None => "any number of".into(),
                    });
                let name = &mailbox.name;
                self.record(
                    who,
                    format_args!("quota of {name}: {entries} entries, {octets} octets"),
                );
            }
            None => self.record(who, format_args!("quota of {}: that of all", mailbox.name)),
        }
        self.changed(&mailbox.name);
        self.mailbox_state(&mailbox)
    }

    /// What a mailbox may hold, and holds.
    pub(super) fn quota_state(&self, mailbox: &Mailbox) -> Result<QuotaState, ApiError> {
        let service = &self.shared.service;
        let (quota, usage) = (service.quota(mailbox.id), service.usage(mailbox.id)?);
        Ok(QuotaState {
            entries: usage.entries,
            octets: usage.octets,
            entries_max: quota.entries,
            octets_max: quota.octets,
            own: service.own_quota(mailbox.id).is_some(),
            percent: quota.percent(&usage),
        })
    }
}
