//! Entries of a mailbox, as a list shows them.

use std::{cmp::Reverse, ops::Range, sync::Arc, time::Instant};

use axum::{Json, extract::State};
use restante_directory::Manager;
use restante_mhs::{
    x411::Priority,
    x413::{EntryClass, EntryType, Filter, RetrievalStatus},
};
use restante_storage::{
    EntryRow, Family, Mailbox, NumberSet, Query as StorageQuery, Selection, Storage as _, Test,
    TextField, TextMatch,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    auto_actions::parsed,
    error::ApiError,
    extract::{Body, Path, Query, chosen},
    orders::{ENTRIES_MAX as KEPT_MAX, Order},
    who::{Anyone, Operator},
};
use crate::shared;

/// Entries in one answer.
const PAGE_MAX: usize = 1_000;
/// Entries that can be named in one request.
const NUMBERS_MAX: usize = 10_000;

/// An entry, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EntryLine {
    /// Its sequence-number.
    pub(crate) number: u32,
    /// That of the entry whose child it is.
    pub(crate) parent: Option<u32>,
    /// How many descendants it has.
    pub(crate) descendants: u32,
    /// Its entry-class.
    #[schema(example = "delivery")]
    pub(crate) class: String,
    /// What it is.
    #[schema(example = "delivered-message")]
    pub(crate) entry_type: String,
    /// Its retrieval-status.
    #[schema(example = "new")]
    pub(crate) status: String,
    /// Its priority, where it has one.
    #[schema(example = "urgent")]
    pub(crate) priority: Option<String>,
    /// When it came.
    #[schema(format = DateTime)]
    pub(crate) creation_time: String,
    /// The length of its content, octets.
    pub(crate) size: u64,
    /// Who sent it.
    pub(crate) originator: String,
    /// What it is about.
    pub(crate) subject: String,
    /// The MTS-identifier; of a report, that of its subject.
    pub(crate) message_identifier: String,
    /// The object identifier of its content-type.
    pub(crate) content_type: String,
}

/// Some of the entries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Entries {
    /// How many match.
    pub(crate) all: usize,
    /// Those that were asked for.
    pub(crate) entries: Vec<EntryLine>,
}

/// Which entries are wanted, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The entry-class; `delivery` where nothing is said.
    pub(crate) class: Option<Class>,
    /// The retrieval-status.
    #[serde(deserialize_with = "chosen")]
    pub(crate) status: Option<Status>,
    /// The priority.
    #[serde(deserialize_with = "chosen")]
    pub(crate) priority: Option<Urgency>,
    /// Part of the subject, without regard to case.
    pub(crate) subject: Option<String>,
    /// Part of the originator's address, without regard to case.
    pub(crate) originator: Option<String>,
    /// What else must hold, in the language of `restante ua search`: `subject ~ NOTAM and
    /// priority = urgent`.
    pub(crate) filter: Option<String>,
    /// Whether children are wanted too.
    pub(crate) children: bool,
    /// `newest`, `oldest`, `priority`, `size`, `status`, `originator` or `subject`.
    pub(crate) sort: Option<Sort>,
    /// How many to pass over.
    pub(crate) offset: usize,
    /// How many are wanted; 100 where nothing is said, 1000 at most.
    pub(crate) limit: Option<usize>,
}

/// An entry-class of X.413.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Class {
    #[default]
    Delivery,
    Submission,
    Draft,
    StoredMessage,
    DeliveryLog,
    SubmissionLog,
    MessageLog,
    AutoActionLog,
}

/// A retrieval-status of X.413.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    New,
    Listed,
    Processed,
}

/// A priority of X.411.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Urgency {
    Normal,
    NonUrgent,
    Urgent,
}

/// An order of entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EntryOrder)]
pub(crate) enum Sort {
    /// The highest number first.
    #[default]
    Newest,
    /// The lowest number first.
    Oldest,
    /// Urgent ones first, then the newest.
    Priority,
    /// The largest first.
    Size,
    /// New ones first, then the newest.
    Status,
    /// By originator.
    Originator,
    /// By subject.
    Subject,
}

/// Entries by their numbers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    /// Sequence-numbers of main entries; 10,000 at most.
    #[schema(min_items = 1, max_items = 10000)]
    pub(crate) numbers: Vec<u32>,
}

/// How many entries were changed.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Those that were there.
    pub(crate) entries: usize,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(delete))
}

/// Entries of a mailbox
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form"), Wanted),
    responses((status = 200, body = Entries), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 404, body = ApiError),
    (status = 422, body = ApiError)))]
async fn list(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
    Path(address): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Entries>, ApiError> {
    admin.blocking(move |admin| admin.entries(&address, &wanted)).await.map(Json)
}

/// Delete entries, with their children
///
/// Those that are gone already are passed over.
#[utoipa::path(post, path = "/api/mailboxes/{mailbox}/entries/delete", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form")),
    request_body = Numbers, responses((status = 200, body = Done), (status = 400, body = ApiError),
    (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn delete(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(address): Path<String>,
    Body(named): Body<Numbers>,
) -> Result<Json<Done>, ApiError> {
    admin.blocking(move |admin| admin.delete_entries(&address, &named, &who)).await.map(Json)
}

impl Admin {
    /// Deletes entries with their children.
    pub(crate) fn delete_entries(
        &self,
        address: &str,
        named: &Numbers,
        who: &Manager,
    ) -> Result<Done, ApiError> {
        let mailbox = self.mailbox(address)?;
        let numbers = self.main_entries(&mailbox, named)?;
        let entries = numbers.len();
        let numbers: NumberSet = numbers.into_iter().collect();
        self.shared.service.remove(mailbox.id, numbers, shared::now())?.wait()?;
        self.record(who, format_args!("{entries} entries of {} deleted", mailbox.name));
        self.changed(&mailbox.name);
        Ok(Done { entries })
    }

    /// Entries of a mailbox.
    pub(crate) fn entries(&self, address: &str, wanted: &Wanted) -> Result<Entries, ApiError> {
        let mailbox = self.mailbox(address)?;
        let filter = parsed(wanted.filter.as_deref())?;
        let limit = wanted.limit.unwrap_or(100).min(PAGE_MAX);
        let sort = wanted.sort.unwrap_or_default();
        let query = wanted.query();
        if let Some(all) = self.counted(&mailbox, &query).filter(|_| filter.is_none()) {
            let newest = match sort {
                Sort::Newest => Some(true),
                Sort::Oldest => Some(false),
                _ => None,
            };
            if let Some(newest) = newest {
                let (skip, limit) = (wanted.offset, Some(limit));
                let found = self
                    .store
                    .select(mailbox.id, &StorageQuery { newest, skip, limit, ..query })?;
                let mut entries: Vec<_> = found.iter().map(|row| EntryLine::of(&row)).collect();
                if newest {
                    entries.reverse();
                }
                return Ok(Entries { all, entries });
            }
        }
        let page = wanted.offset..wanted.offset.saturating_add(limit);
        let order = self.order(&mailbox, wanted, filter.as_ref(), page.end)?;
        let numbers = order.numbers.iter().skip(page.start).take(limit);
        let mut entries = Vec::new();
        for &number in numbers {
            let numbers = number..=number;
            // What has gone meanwhile is passed over.
            let found =
                self.store.select(mailbox.id, &StorageQuery { numbers, ..query.clone() })?;
            entries.extend(found.iter().map(|row| EntryLine::of(&row)));
        }
        Ok(Entries { all: order.all, entries })
    }

    /// The numbers of entries that are wanted, in order, up to a place at least.
    fn order(
        &self,
        mailbox: &Mailbox,
        wanted: &Wanted,
        filter: Option<&Filter>,
        until: usize,
    ) -> Result<Arc<Order>, ApiError> {
        // Looked at before the entries are: what changes meanwhile makes the list an old one.
        let revision = self.store.revision(mailbox.id)?;
        let asked = Wanted { offset: 0, limit: None, ..wanted.clone() };
        let now = Instant::now();
        let known = self.orders.get(mailbox.id, &asked, revision, now);
        if let Some(known) = known.filter(|known| until.min(known.all) <= known.numbers.len()) {
            return Ok(known);
        }
        let (found, places) = self.shared.service.find(mailbox.id, wanted.query(), filter)?;
        let all = places.len();
        let places = page(&found, places, wanted.sort.unwrap_or_default(), 0..until.max(KEPT_MAX));
        let number = |place: usize| found.get(place).map(|row| row.number);
        let numbers = places.into_iter().filter_map(number).collect();
        let order = Arc::new(Order { all, numbers });
        if order.numbers.len() <= KEPT_MAX {
            self.orders.keep(mailbox.id, asked, revision, order.clone(), now);
        }
        Ok(order)
    }

    /// How many entries a query finds, where what is counted anyway says so.
    fn counted(&self, mailbox: &Mailbox, query: &StorageQuery) -> Option<usize> {
        let statuses = match &query.tests[..] {
            [] => None,
            [Test::Status(statuses)] => Some(statuses),
            _ => return None,
        };
        let counts = self.store.counts(mailbox.id).ok()?;
        let found = counts.iter().filter(|one| {
            query.classes.contains(&one.class)
                && statuses.is_none_or(|statuses| statuses.contains(&one.status))
                && (query.family == Family::All || !one.child)
        });
        Some(found.map(|one| usize::try_from(one.entries).unwrap_or_default()).sum())
    }

    /// Those of these numbers that are there; a child is named with its parent only.
    pub(super) fn main_entries(
        &self,
        mailbox: &restante_storage::Mailbox,
        named: &Numbers,
    ) -> Result<Vec<u32>, ApiError> {
        if !(1..=NUMBERS_MAX).contains(&named.numbers.len()) {
            let text = format!("name 1 to {NUMBERS_MAX} entries");
            return Err(ApiError::invalid(text));
        }
        let mut there = Vec::new();
        for &number in &named.numbers {
            match self.store.entry(mailbox.id, number)? {
                Some(entry) if entry.parent.is_some() => {
                    let text = format!("{number} is a child-entry; name the entry it belongs to");
                    return Err(ApiError::invalid(text));
                }
                Some(_) => there.push(number),
                None => {}
            }
        }
        Ok(there)
    }
}

/// The places of a page of what was found, in an order. No more is put in order than comes before
/// the end of the page.
fn page(found: &Selection, places: Vec<usize>, sort: Sort, page: Range<usize>) -> Vec<usize> {
    let row = |place: usize| found.get(place);
    match sort {
        Sort::Oldest => cut(places.into_iter().map(|at| ((), at)).collect(), page),
        Sort::Newest => cut_newest(places, page, |_| ()),
        Sort::Priority => cut_newest(places, page, |at| row(at).map(urgency)),
        Sort::Size => cut_newest(places, page, |at| row(at).map(|row| Reverse(row.size))),
        Sort::Status => cut_newest(places, page, |at| row(at).map(|row| row.status)),
        Sort::Originator => {
            let key = |at| (row(at).map(|row| row.originator), at);
            cut(places.into_iter().map(key).collect(), page)
        }
        Sort::Subject => {
            let key = |at| (row(at).map(|row| row.subject), at);
            cut(places.into_iter().map(key).collect(), page)
        }
    }
}

/// By a key, then the newest first.
fn cut_newest<K: Ord>(
    places: Vec<usize>,
    page: Range<usize>,
    key: impl Fn(usize) -> K,
) -> Vec<usize> {
    let keyed = places.into_iter().map(|at| (key(at), Reverse(at))).collect();
    cut(keyed, page).into_iter().map(|Reverse(at)| at).collect()
}

/// What stands in a range of places when all are in order.
fn cut<K: Ord, P: Ord>(mut keyed: Vec<(K, P)>, page: Range<usize>) -> Vec<P> {
    if page.start >= keyed.len() {
        return Vec::new();
    }
    if page.end < keyed.len() {
        keyed.select_nth_unstable(page.end);
        keyed.truncate(page.end);
    }
    keyed.sort_unstable();
    keyed.into_iter().skip(page.start).map(|(_, place)| place).collect()
}

/// Urgent, normal, non-urgent, then what has no priority.
fn urgency(row: EntryRow<'_>) -> u8 {
    match Priority(i64::from(row.priority)) {
        Priority::URGENT => 0,
        Priority::NORMAL => 1,
        Priority::NON_URGENT => 2,
        _ => 3,
    }
}

impl Wanted {
    fn query(&self) -> StorageQuery {
        let octet = |number: i64| u8::try_from(number).unwrap_or(u8::MAX);
        let mut tests = Vec::new();
        if let Some(status) = self.status {
            tests.push(Test::Status(vec![octet(status.number().0)]));
        }
        if let Some(priority) = self.priority {
            tests.push(Test::Priority(vec![octet(priority.number().0)]));
        }
        let mut contains = |field, text: &Option<String>| {
            if let Some(text) = text.clone().filter(|text| !text.is_empty()) {
                tests.push(Test::Text(field, TextMatch::Contains(text)));
            }
        };
        contains(TextField::Subject, &self.subject);
        contains(TextField::Originator, &self.originator);
        StorageQuery {
            classes: vec![octet(self.class.unwrap_or_default().number().0)],
            family: if self.children { Family::All } else { Family::MainOnly },
            tests,
            ..StorageQuery::default()
        }
    }
}

impl Class {
    fn number(self) -> EntryClass {
        match self {
            Self::Delivery => EntryClass::DELIVERY,
            Self::Submission => EntryClass::SUBMISSION,
            Self::Draft => EntryClass::DRAFT,
            Self::StoredMessage => EntryClass::STORED_MESSAGE,
            Self::DeliveryLog => EntryClass::DELIVERY_LOG,
            Self::SubmissionLog => EntryClass::SUBMISSION_LOG,
            Self::MessageLog => EntryClass::MESSAGE_LOG,
            Self::AutoActionLog => EntryClass::AUTO_ACTION_LOG,
        }
    }
}

impl Status {
    /// The one of a name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::New, Self::Listed, Self::Processed].into_iter().find(|one| one.name() == name)
    }

    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Listed => "listed",
            Self::Processed => "processed",
        }
    }

    /// Its number.
    pub(super) fn number(self) -> RetrievalStatus {
        match self {
            Self::New => RetrievalStatus::NEW,
            Self::Listed => RetrievalStatus::LISTED,
            Self::Processed => RetrievalStatus::PROCESSED,
        }
    }
}

impl Urgency {
    /// Its number.
    pub(super) fn number(self) -> Priority {
        match self {
            Self::Normal => Priority::NORMAL,
            Self::NonUrgent => Priority::NON_URGENT,
            Self::Urgent => Priority::URGENT,
        }
    }
}

impl EntryLine {
    /// The line of a row.
    pub(crate) fn of(row: &EntryRow<'_>) -> Self {
        let priority = Priority(i64::from(row.priority));
        let named = [Priority::NORMAL, Priority::NON_URGENT, Priority::URGENT];
        Self {
            number: row.number,
            parent: row.parent,
            descendants: row.descendants,
            class: EntryClass(i64::from(row.class)).to_string(),
            entry_type: EntryType(i64::from(row.kind)).to_string(),
            status: RetrievalStatus(i64::from(row.status)).to_string(),
            priority: named.contains(&priority).then(|| priority.to_string()),
            creation_time: shared::time_text(row.creation_time),
            size: row.size,
            originator: row.originator.to_owned(),
            subject: row.subject.to_owned(),
            message_identifier: row.message_id.to_owned(),
            content_type: row.content_type.to_owned(),
        }
    }
}
