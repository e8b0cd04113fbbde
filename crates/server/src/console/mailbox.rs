//! A mailbox: its entries by class, and what can be done to them.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::{Manager, Role};
use serde::Deserialize;

use super::{
    mailboxes::pages,
    page::{Page, Sender, Visitor, destroys, encoded, mailbox_path, number, octets, time},
};
use crate::admin::{
    Admin,
    change::{Move, NewStatus},
    entries::{Class, Entries, EntryLine, Numbers, Sort, Status, Urgency, Wanted},
    error::ApiError,
    mailboxes::MailboxState,
    quotas::NewQuota,
    unread::{UnreadWatch, WatchState},
    who::{Chief, Operator},
};

/// Entries on a page.
const PAGE: usize = 100;
const SECONDS_A_MINUTE: u32 = 60;
const CLASSES: [(&str, Class, &str); 8] = [
    ("delivery", Class::Delivery, "Inbox"),
    ("submission", Class::Submission, "Outbox"),
    ("draft", Class::Draft, "Drafts"),
    ("stored-message", Class::StoredMessage, "Stored"),
    ("delivery-log", Class::DeliveryLog, "Delivery log"),
    ("submission-log", Class::SubmissionLog, "Submission log"),
    ("message-log", Class::MessageLog, "Message log"),
    ("auto-action-log", Class::AutoActionLog, "Auto-action log"),
];
const SORTS: [(&str, Sort, &str); 6] = [
    ("newest", Sort::Newest, "Number"),
    ("status", Sort::Status, "Status"),
    ("priority", Sort::Priority, "Priority"),
    ("originator", Sort::Originator, "From"),
    ("subject", Sort::Subject, "Subject"),
    ("size", Sort::Size, "Size"),
];

const URGENCIES: [(&str, Urgency); 3] =
    [("urgent", Urgency::Urgent), ("normal", Urgency::Normal), ("non-urgent", Urgency::NonUrgent)];

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/mailboxes/{mailbox}", get(page))
        .route("/mailboxes/{mailbox}/entries", post(entries))
        .route("/mailboxes/{mailbox}/quota", post(set_quota))
        .route("/mailboxes/{mailbox}/unread-watch", post(set_watch))
        .route("/mailboxes/{mailbox}/delete", post(delete))
}

async fn page(
    State(admin): State<Arc<Admin>>,
    visitor: Visitor,
    Path(address): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Response> {
    visitor.looks().map_err(|elsewhere| *elsewhere)?;
    let shown = Shown::of(&wanted);
    let work = move |admin: &Admin| {
        let state = admin.mailbox_state(&admin.mailbox(&address)?)?;
        let found = admin.entries(&state.name, &page_of(wanted))?;
        Ok((state, found))
    };
    let found = admin.blocking(work).await;
    let (state, found) = found.map_err(|error| Page::of_error(&visitor, &error))?;
    let operator = visitor.may(Role::Operator);
    let content = html! {
        (classes(&state, &shown))
        @if visitor.may(Role::Monitor) {
            p { a href=(mailbox_path(&state.name, "/auto-actions")) { "Auto-actions" } }
        }
        (filter(&shown))
        @if found.entries.is_empty() {
            p.empty { "Nothing here" @if shown.filters() { " that matches: "
                a href=(shown.unfiltered(&state.name)) { "show all" } } "." }
        } @else {
            form method="post" action=(mailbox_path(&state.name, "/entries")) {
                (table(&state, &shown, &found.entries, operator))
                @if operator { (deeds()) }
            }
            (pages(shown.offset, PAGE, found.all, |offset| {
                shown.link(&state.name, shown.sort, offset)
            }))
        }
        (quota(&state, operator))
        (watch(&state, operator))
        @if visitor.may(Role::Manager) {
            section.row aria-label="The mailbox" {
                (destroys(&mailbox_path(&state.name, "/delete"), "Delete the mailbox",
                    "Delete the mailbox with all its entries? They are gone then."))
            }
        }
    };
    let live = "message-delivered report-delivered read deleted listed submitted mailbox-changed";
    let title = state.user.as_ref().unwrap_or(&state.name);
    Ok(Page { title, place: "/mailboxes", live, content }.show(&visitor))
}

/// What of the entries is shown, in words for links.
pub(super) struct Shown {
    class: &'static str,
    sort: &'static str,
    subject: String,
    originator: String,
    /// In the language of filters.
    filter: String,
    status: &'static str,
    priority: &'static str,
    offset: usize,
}

impl Shown {
    pub(super) fn of(wanted: &Wanted) -> Self {
        let class = wanted.class.unwrap_or_default();
        let sort = wanted.sort.unwrap_or_default();
        let class = CLASSES.iter().find(|(_, one, _)| *one == class);
        let sort = SORTS.iter().find(|(_, one, _)| *one == sort);
        let priority = URGENCIES.iter().find(|(_, one)| wanted.priority == Some(*one));
        Self {
            class: class.map_or("delivery", |(name, ..)| name),
            sort: sort.map_or("newest", |(name, ..)| name),
            subject: wanted.subject.clone().unwrap_or_default(),
            originator: wanted.originator.clone().unwrap_or_default(),
            filter: wanted.filter.clone().unwrap_or_default(),
            status: wanted.status.map_or("", |status| status.name()),
            priority: priority.map_or("", |(name, _)| name),
            offset: wanted.offset,
        }
    }

    fn filters(&self) -> bool {
        let Self { subject, originator, filter, status, priority, .. } = self;
        ![subject, originator, filter, *status, *priority].iter().all(|text| text.is_empty())
    }

    /// The list, in an order, from an offset on.
    fn link(&self, mailbox: &str, sort: &str, offset: usize) -> String {
        mailbox_path(mailbox, &self.query(sort, offset))
    }

    /// The list as it is shown.
    pub(super) fn list(&self, mailbox: &str) -> String {
        self.link(mailbox, self.sort, self.offset)
    }

    /// An entry, beside the list as it is shown.
    fn entry(&self, mailbox: &str, number: u32) -> String {
        mailbox_path(mailbox, &format!("/{number}{}", self.query(self.sort, self.offset)))
    }

    fn unfiltered(&self, mailbox: &str) -> String {
        mailbox_path(mailbox, &format!("?class={}", self.class))
    }

    fn query(&self, sort: &str, offset: usize) -> String {
        let mut query = format!("?class={}&offset={offset}&sort={sort}", self.class);
        for (name, value) in [
            ("subject", &*self.subject),
            ("originator", &self.originator),
            ("filter", &self.filter),
            ("status", self.status),
            ("priority", self.priority),
        ] {
            if !value.is_empty() {
                query.push_str(&format!("&{name}={}", encoded(value)));
            }
        }
        query
    }
}

/// The list beside an entry that is open, where the screen is wide enough for both.
pub(super) fn beside(mailbox: &str, shown: &Shown, found: &Entries, open: u32) -> Markup {
    html! {
        nav.list aria-label="Entries" {
            table {
                thead.hidden { tr { th scope="col" { "Entry" } th scope="col" { "Came" } } }
                tbody {
                    @for entry in &found.entries {
                        @let here = (entry.number == open).then_some("true");
                        tr.unread[is_new(entry)].urgent[is_urgent(entry)]
                            .chosen[here.is_some()] {
                            td {
                                a href=(shown.entry(mailbox, entry.number)) aria-current=[here] {
                                    (subject(entry))
                                }
                                div.count { (restante_view::text::line(&entry.originator)) }
                            }
                            td { (time(&entry.creation_time)) }
                        }
                    }
                }
            }
            (pages(shown.offset, PAGE, found.all, |offset| {
                shown.link(mailbox, shown.sort, offset)
            }))
        }
    }
}

fn is_new(entry: &EntryLine) -> bool {
    entry.status == "new"
}

fn is_urgent(entry: &EntryLine) -> bool {
    entry.priority.as_deref() == Some("urgent")
}

/// What an entry is about; what it is, where it says nothing.
fn subject(entry: &EntryLine) -> String {
    match entry.subject.is_empty() {
        true => entry.entry_type.clone(),
        false => restante_view::text::line(&entry.subject),
    }
}

/// A page of entries.
pub(super) fn page_of(wanted: Wanted) -> Wanted {
    Wanted { limit: Some(PAGE), ..wanted }
}

fn classes(state: &MailboxState, shown: &Shown) -> Markup {
    let count = |name: &str| -> u32 {
        state.counts.iter().filter(|one| one.class == name).map(|one| one.entries).sum()
    };
    html! {
        nav.tabs aria-label="Classes" {
            @for (name, _, label) in CLASSES {
                @let here = (name == shown.class).then_some("page");
                a href=(mailbox_path(&state.name, &format!("?class={name}"))) aria-current=[here] {
                    (label) " " span.count { (count(name)) }
                }
            }
        }
    }
}

fn filter(shown: &Shown) -> Markup {
    html! {
        form.row role="search" aria-label="These entries" {
            input type="hidden" name="class" value=(shown.class);
            label { "Subject " input type="search" name="subject" value=(shown.subject); }
            label { "From " input type="search" name="originator" value=(shown.originator); }
            label { "Status "
                select name="status" {
                    option value="" { "any" }
                    @for status in ["new", "listed", "processed"] {
                        option value=(status) selected[status == shown.status] { (status) }
                    }
                }
            }
            label { "Priority "
                select name="priority" {
                    option value="" { "any" }
                    @for (priority, _) in URGENCIES {
                        option value=(priority) selected[priority == shown.priority] {
                            (priority)
                        }
                    }
                }
            }
            label { "Which " input type="search" name="filter" value=(shown.filter)
                placeholder="size > 10000 and not has sensitivity" spellcheck="false"; }
            button { "Filter" }
        }
    }
}

fn table(state: &MailboxState, shown: &Shown, entries: &[EntryLine], operator: bool) -> Markup {
    html! {
        table {
            thead { tr {
                @if operator { th scope="col" { span.hidden { "Mark" } } }
                @for (name, _, head) in SORTS {
                    @let sorted = (name == shown.sort).then_some("other");
                    th scope="col" aria-sort=[sorted] {
                        a href=(shown.link(&state.name, name, 0)) { (head) }
                    }
                }
                th scope="col" { "Came" }
            } }
            tbody { @for entry in entries { (row(state, shown, entry, operator)) } }
        }
    }
}

fn row(state: &MailboxState, shown: &Shown, entry: &EntryLine, operator: bool) -> Markup {
    html! {
        tr.unread[is_new(entry)].urgent[is_urgent(entry)] {
            @if operator {
                td { input type="checkbox" name="number" value=(entry.number)
                    aria-label=(format!("Mark {}", entry.number)); }
            }
            td.number { (entry.number) }
            td { (entry.status) }
            td { (entry.priority.as_deref().unwrap_or("–")) }
            td { (restante_view::text::line(&entry.originator)) }
            td { a href=(shown.entry(&state.name, entry.number)) { (subject(entry)) } }
            td.number { (octets(entry.size)) }
            td { (time(&entry.creation_time)) }
        }
    }
}

/// Entries of the inbox on another page.
pub(super) fn entry_rows(mailbox: &str, entries: &[EntryLine]) -> Markup {
    html! {
        @for entry in entries {
            tr.unread[is_new(entry)].urgent[is_urgent(entry)] {
                td.number { (entry.number) }
                td { (entry.status) }
                td { (entry.priority.as_deref().unwrap_or("–")) }
                td { (restante_view::text::line(&entry.originator)) }
                td { a href=(mailbox_path(mailbox, &format!("/{}", entry.number))) {
                    (subject(entry))
                } }
                td { (time(&entry.creation_time)) }
            }
        }
    }
}

/// What can be done with what is marked. The first button is the one that Enter presses.
fn deeds() -> Markup {
    html! {
        div.row.deeds aria-label="What is marked" role="group" {
            label { "Move what is marked to " input name="to" placeholder="O/R address"; }
            button name="do" value="move" { "Move" }
            label { "Make it "
                select name="status" {
                    @for status in ["new", "listed", "processed"] { option { (status) } }
                }
            }
            button name="do" value="status" { "Set" }
        }
        details.destroys {
            summary { "Delete what is marked" }
            p { "Delete the marked entries with their children? They are gone then." }
            button.danger name="do" value="delete" { "Delete" }
        }
    }
}

async fn entries(
    sender: Sender<Operator>,
    Path(address): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let to = mailbox_path(&address, "");
    sender.does(&to, move |admin, who| admin.mark(&address, &fields, who)).await
}

impl Admin {
    /// Does what a form says with the entries that it names; tells what was done.
    fn mark(
        &self,
        address: &str,
        fields: &[(String, String)],
        who: &Manager,
    ) -> Result<String, ApiError> {
        let numbers = fields.iter().filter(|(name, _)| name == "number");
        let numbers: Vec<u32> = numbers.filter_map(|(_, text)| text.parse().ok()).collect();
        let field = |wanted: &str| {
            fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value)
        };
        match field("do") {
            "move" => {
                let wanted = Move { numbers, to: field("to").to_owned() };
                let moved = self.move_entries(address, &wanted, who)?;
                Ok(format!("{} entries moved to {}.", moved.entries.len(), moved.to))
            }
            "status" => {
                let status = Status::of_name(field("status"));
                let status = status.ok_or_else(|| ApiError::malformed("say which status"))?;
                let done = self.set_status(address, &NewStatus { numbers, status }, who)?;
                Ok(format!("{} entries are {} now.", done.entries, status.name()))
            }
            "delete" => {
                let done = self.delete_entries(address, &Numbers { numbers }, who)?;
                Ok(format!("{} entries deleted.", done.entries))
            }
            _ => Err(ApiError::malformed("say what is to be done with the entries")),
        }
    }
}

/// What the mailbox may hold, and holds.
fn quota(state: &MailboxState, operator: bool) -> Markup {
    let quota = &state.quota;
    let most = |most: Option<String>| most.unwrap_or_else(|| "any number".to_owned());
    html! {
        section {
            h2 { "Quota" }
            p {
                (quota.entries) " entries of " (most(quota.entries_max.map(|n| n.to_string())))
                ", " (octets(quota.octets)) " of " (most(quota.octets_max.map(octets)))
                @if let Some(percent) = quota.percent { ": " (percent) " % in use" }
                "; " @if quota.own { "its own" } @else { "as all mailboxes" } "."
            }
            @if operator {
                form.row method="post" action=(mailbox_path(&state.name, "/quota")) {
                    label { "Entries " input.short name="entries" type="number" min="1"
                        value=[quota.own.then_some(quota.entries_max).flatten()]; }
                    label { "Octets " input name="octets" type="number" min="1"
                        value=[quota.own.then_some(quota.octets_max).flatten()]; }
                    button { "Set" }
                    span.hint { "Both empty: as all mailboxes." }
                }
            }
        }
    }
}

/// A quota as a form has it.
#[derive(Debug, Deserialize)]
struct Limits {
    entries: String,
    octets: String,
}

async fn set_quota(
    sender: Sender<Operator>,
    Path(address): Path<String>,
    Form(Limits { entries, octets }): Form<Limits>,
) -> Response {
    let to = mailbox_path(&address, "");
    let work = move |admin: &Admin, who: &Manager| {
        let (entries_max, octets_max) = (number(&entries)?, number(&octets)?);
        let own = entries_max.is_some() || octets_max.is_some();
        let new = own.then_some(NewQuota { entries_max, octets_max });
        admin.set_quota(&address, new.as_ref(), who)?;
        Ok("The quota is set.".to_owned())
    };
    sender.does(&to, work).await
}

/// When what is unread raises an alarm.
fn watch(state: &MailboxState, operator: bool) -> Markup {
    let WatchState { watch, own } = state.unread_watch;
    let all = [
        ("urgent", "Urgent", watch.urgent_s),
        ("normal", "Normal", watch.normal_s),
        ("non_urgent", "Non-urgent", watch.non_urgent_s),
    ];
    html! {
        section {
            h2 { "Unread watch" }
            p {
                "An alarm is raised for a message that is new for longer than"
                @for (_, name, seconds) in all {
                    " " (name.to_lowercase()) ": "
                    @if seconds == 0 { "never" } @else { (seconds / SECONDS_A_MINUTE) " minutes" }
                    ";"
                }
                " " @if own { "its own" } @else { "as all mailboxes" } "."
            }
            @if operator {
                form.row method="post" action=(mailbox_path(&state.name, "/unread-watch")) {
                    @for (field, name, seconds) in all {
                        label { (name) " " input.short name=(field) type="number" min="0"
                            max="525600" value=[own.then_some(seconds / SECONDS_A_MINUTE)]; }
                    }
                    span { "minutes" }
                    button { "Set" }
                    span.hint { "0: never. All empty: as all mailboxes." }
                }
            }
        }
    }
}

/// An unread watch as a form has it, minutes.
#[derive(Debug, Deserialize)]
struct Minutes {
    urgent: String,
    normal: String,
    non_urgent: String,
}

async fn set_watch(
    sender: Sender<Operator>,
    Path(address): Path<String>,
    Form(Minutes { urgent, normal, non_urgent }): Form<Minutes>,
) -> Response {
    let to = mailbox_path(&address, "");
    let work = move |admin: &Admin, who: &Manager| {
        let minutes = [number(&urgent)?, number(&normal)?, number(&non_urgent)?];
        let own = minutes.iter().any(Option::is_some);
        let [urgent_s, normal_s, non_urgent_s] = minutes
            .map(|minutes: Option<u32>| minutes.unwrap_or(0).saturating_mul(SECONDS_A_MINUTE));
        let new = own.then_some(UnreadWatch { urgent_s, normal_s, non_urgent_s });
        admin.set_watch(&address, new, who)?;
        Ok("The unread watch is set.".to_owned())
    };
    sender.does(&to, work).await
}

async fn delete(sender: Sender<Chief>, Path(address): Path<String>) -> Response {
    let work = move |admin: &Admin, who: &Manager| {
        admin.delete_mailbox(&address, who)?;
        Ok(format!("The mailbox {address} is deleted."))
    };
    sender.does("/mailboxes", work).await
}
