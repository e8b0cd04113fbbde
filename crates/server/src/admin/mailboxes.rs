//! Mailboxes: what there is, what is in each.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use restante_directory::Manager;
use restante_mhs::{
    x411::ORAddress,
    x413::{EntryClass, RetrievalStatus},
};
use restante_storage::{
    Change, Count, Family, Mailbox, MailboxId, Query as StorageQuery, Storage as _, StorageError,
    Test, Transaction,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path, Query},
    quotas::QuotaState,
    unread::WatchState,
    who::{Anyone, Chief},
};
use crate::{hub::Deed, shared};

/// Mailboxes in one answer.
const PAGE_MAX: usize = 1_000;

/// How many entries of a class have a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Counted {
    /// The entry-class, in the words of X.413.
    #[schema(example = "delivery")]
    pub(crate) class: String,
    /// The retrieval-status: `new`, `listed` or `processed`.
    #[schema(example = "new")]
    pub(crate) status: String,
    /// How many, children not counted.
    pub(crate) entries: u32,
}

/// A mailbox.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MailboxState {
    /// Its name: the canonical form of the user's O/R address.
    pub(crate) name: String,
    /// The user's O/R address as it was given; nothing where there is no such user any more.
    pub(crate) user: Option<String>,
    /// Entries, children not counted.
    pub(crate) entries: u32,
    /// Of these, delivered ones that are new.
    pub(crate) new: u32,
    /// All of them, by class and status.
    pub(crate) counts: Vec<Counted>,
    /// What counts for its quota.
    pub(crate) quota: QuotaState,
    /// After which times what is new raises an alarm.
    pub(crate) unread_watch: WatchState,
    /// When the oldest delivered entry that is new came.
    #[schema(format = DateTime)]
    pub(crate) oldest_new: Option<String>,
    /// When the oldest urgent one of these came, as it was at most 15 seconds ago.
    #[schema(format = DateTime)]
    pub(crate) urgent_new: Option<String>,
    /// The highest sequence-number that was given out.
    pub(crate) highest_number: u32,
    /// Associations of the user that are bound.
    pub(crate) associations: usize,
}

/// Some of the mailboxes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mailboxes {
    /// How many match.
    pub(crate) all: usize,
    /// Those that were asked for.
    pub(crate) mailboxes: Vec<MailboxState>,
}

/// Which mailboxes are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Part of the name, or an O/R address in any form.
    pub(crate) search: Option<String>,
    /// `name`, `entries`, `new`, `oldest-new` or `urgent-new`; all but the first with the most
    /// first.
    pub(crate) sort: Option<Sort>,
    /// How many to pass over.
    pub(crate) offset: usize,
    /// How many are wanted; 100 where nothing is said, 1000 at most.
    pub(crate) limit: Option<usize>,
}

/// An order of mailboxes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MailboxOrder)]
pub(crate) enum Sort {
    /// By name.
    #[default]
    Name,
    /// The fullest first.
    Entries,
    /// Those with most that is new first.
    New,
    /// Those with what has been new for longest first.
    OldestNew,
    /// Those with what is urgent and has been new for longest first.
    UrgentNew,
}

/// A mailbox that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMailbox {
    /// The O/R address of its user, in any form.
    pub(crate) address: String,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, delete))
}

/// Mailboxes, with what is in them
#[utoipa::path(get, path = "/api/mailboxes", tag = "mailboxes", params(Wanted), responses(
    (status = 200, body = Mailboxes), (status = 400, body = ApiError),
    (status = 401, body = ApiError)))]
async fn list(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Mailboxes>, ApiError> {
    admin.blocking(move |admin| admin.mailboxes(&wanted)).await.map(Json)
}

/// One mailbox
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")), responses(
    (status = 200, body = MailboxState), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn get(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
    Path(address): Path<String>,
) -> Result<Json<MailboxState>, ApiError> {
    let work = move |admin: &Admin| admin.mailbox_state(&admin.mailbox(&address)?);
    admin.blocking(work).await.map(Json)
}

/// Make a mailbox
///
/// A user's mailbox is made by itself when something is first delivered to it or the user binds.
#[utoipa::path(post, path = "/api/mailboxes", tag = "mailboxes", request_body = NewMailbox,
    responses((status = 201, body = MailboxState), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 400, body = ApiError),
    (status = 409, body = ApiError), (status = 422, body = ApiError)))]
async fn create(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Body(new): Body<NewMailbox>,
) -> Result<(StatusCode, Json<MailboxState>), ApiError> {
    let work = move |admin: &Admin| {
        let name = key(&new.address)?;
        let create = Change::CreateMailbox { name: name.clone(), about: Default::default() };
        match admin.store.commit(Transaction::of(create)).wait() {
            Err(StorageError::MailboxExists(_)) => {
                return Err(ApiError::conflict(format!("{name} has a mailbox already")));
            }
            other => other?,
        };
        admin.record(&who, format_args!("mailbox {name} made"));
        admin.mailbox_state(&admin.mailbox(&name)?)
    };
    admin.blocking(work).await.map(|state| (StatusCode::CREATED, Json(state)))
}

/// Delete a mailbox with all that is in it
///
/// A mailbox that is made again under the name goes on with higher sequence-numbers.
#[utoipa::path(delete, path = "/api/mailboxes/{mailbox}", tag = "mailboxes",
    params(("mailbox" = String, Path, description = "an O/R address in any form")), responses(
    (status = 204), (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 409, body = ApiError),
    (status = 422, body = ApiError)))]
async fn delete(
    State(admin): State<Arc<Admin>>,
    Chief(who): Chief,
    Path(address): Path<String>,
) -> Result<StatusCode, ApiError> {
    admin.blocking(move |admin| admin.delete_mailbox(&address, &who)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The canonical form of an address in any form.
pub(super) fn key(address: &str) -> Result<String, ApiError> {
    let parsed: Result<ORAddress, _> = address.parse();
    let parsed = parsed.map_err(|error| {
        let text = format!("{address:?} is no O/R address: {error}; write it as /CN=…/O=…/C=…/");
        ApiError::invalid(text)
    })?;
    Ok(parsed.key())
}

/// Adds counts of main entries.
pub(super) fn counted(all: &mut Vec<Counted>, counts: &[Count]) {
    for count in counts.iter().filter(|count| !count.child) {
        let class = EntryClass(i64::from(count.class)).to_string();
        let status = RetrievalStatus(i64::from(count.status)).to_string();
        match all.iter_mut().find(|known| known.class == class && known.status == status) {
            Some(known) => known.entries = known.entries.saturating_add(count.entries),
            None => all.push(Counted { class, status, entries: count.entries }),
        }
    }
}

impl Admin {
    /// Deletes a mailbox with all that is in it.
    pub(crate) fn delete_mailbox(&self, address: &str, who: &Manager) -> Result<(), ApiError> {
        let Mailbox { id, name, .. } = self.mailbox(address)?;
        if self.associations_of(&name) > 0 {
            let text = "its user is bound; disconnect the association first";
            return Err(ApiError::conflict(text));
        }
        self.store.commit(Transaction::of(Change::RemoveMailbox(id))).wait()?;
        self.shared.service.set_quota(id, None)?;
        self.watches.set(&self.store, id, None)?;
        self.record(who, format_args!("mailbox {name} deleted"));
        self.changed(&name);
        Ok(())
    }

    /// The mailbox of an address in any form.
    pub(crate) fn mailbox(&self, address: &str) -> Result<Mailbox, ApiError> {
        let name = key(address)?;
        let id = self.store.mailbox(&name);
        let id = id.ok_or_else(|| ApiError::not_found(format!("{name} has no mailbox")))?;
        Ok(Mailbox { id, name: name.into(), about: Default::default() })
    }

    /// All mailboxes but the local MTA's queue, which is no user's.
    pub(super) fn users_mailboxes(&self) -> Vec<Mailbox> {
        let mut all = self.store.mailboxes();
        all.retain(|mailbox| !restante_ms::is_queue(&mailbox.name));
        all
    }

    /// Those that are wanted.
    pub(crate) fn mailboxes(&self, wanted: &Wanted) -> Result<Mailboxes, ApiError> {
        let mut found = self.users_mailboxes();
        if let Some(search) = wanted.search.as_deref().filter(|text| !text.is_empty()) {
            let address = key(search).ok();
            let part = search.to_lowercase();
            found.retain(|mailbox| {
                address.as_deref() == Some(&*mailbox.name)
                    || mailbox.name.to_lowercase().contains(&part)
            });
        }
        let all = found.len();
        let limit = wanted.limit.unwrap_or(100).min(PAGE_MAX);
        let by_name = wanted.sort.unwrap_or_default() == Sort::Name;
        if by_name {
            found = found.into_iter().skip(wanted.offset).take(limit).collect();
        }
        let states = found.iter().map(|mailbox| self.mailbox_state(mailbox));
        let mut mailboxes = states.collect::<Result<Vec<_>, _>>()?;
        match wanted.sort.unwrap_or_default() {
            Sort::Name => {}
            Sort::Entries => mailboxes.sort_by_key(|one| std::cmp::Reverse(one.entries)),
            Sort::New => mailboxes.sort_by_key(|one| std::cmp::Reverse(one.new)),
            Sort::OldestNew => {
                mailboxes.sort_by_key(|one| (one.oldest_new.is_none(), one.oldest_new.clone()))
            }
            Sort::UrgentNew => {
                mailboxes.sort_by_key(|one| (one.urgent_new.is_none(), one.urgent_new.clone()))
            }
        }
        if !by_name {
            mailboxes = mailboxes.into_iter().skip(wanted.offset).take(limit).collect();
        }
        Ok(Mailboxes { all, mailboxes })
    }

    /// What is in a mailbox.
    pub(crate) fn mailbox_state(&self, mailbox: &Mailbox) -> Result<MailboxState, ApiError> {
        let counts = self.store.counts(mailbox.id)?;
        let mut all = Vec::new();
        counted(&mut all, &counts);
        let is_new = |one: &Count| {
            i64::from(one.class) == EntryClass::DELIVERY.0
                && i64::from(one.status) == RetrievalStatus::NEW.0
        };
        let new = counts.iter().filter(|one| !one.child && is_new(one)).map(|one| one.entries);
        let user = self.shared.directory.user(&mailbox.name)?;
        Ok(MailboxState {
            name: mailbox.name.to_string(),
            user: user.map(|user| user.or_address.to_string()),
            entries: all.iter().map(|one| one.entries).sum(),
            new: new.sum(),
            counts: all,
            quota: self.quota_state(mailbox)?,
            unread_watch: self.watch_state(mailbox.id),
            oldest_new: self.oldest_new(mailbox.id)?,
            urgent_new: self.alarms.urgent(mailbox.id).map(shared::time_text),
            highest_number: self.store.high_water(mailbox.id)?,
            associations: self.associations_of(&mailbox.name),
        })
    }

    /// When the delivered entry with the lowest number among those that are new came: numbers
    /// follow time.
    fn oldest_new(&self, mailbox: MailboxId) -> Result<Option<String>, StorageError> {
        let class = u8::try_from(EntryClass::DELIVERY.0).unwrap_or_default();
        let new = u8::try_from(RetrievalStatus::NEW.0).unwrap_or_default();
        let query = StorageQuery {
            classes: vec![class],
            family: Family::MainOnly,
            tests: vec![Test::Status(vec![new])],
            limit: Some(1),
            ..StorageQuery::default()
        };
        let found = self.store.select(mailbox, &query)?;
        Ok(found.get(0).map(|row| shared::time_text(row.creation_time)))
    }

    fn associations_of(&self, mailbox: &str) -> usize {
        let associations = self.shared.hub.associations();
        let of_it = associations.iter().filter_map(|live| live.bound());
        of_it.filter(|bound| bound.mailbox.as_deref() == Some(mailbox)).count()
    }

    /// Tells who watches that a mailbox is not as it was.
    pub(crate) fn changed(&self, mailbox: &str) {
        self.shared.hub.done(mailbox, Deed::Changed, None, 0);
    }
}
