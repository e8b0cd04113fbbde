//! A mailbox: its entries by class, and what can be done to them.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use restante_directory::Role;

use super::{
    mailboxes::pages,
    page::{Page, Visitor, destroys, done, encoded, mailbox_path, octets, time},
};
use crate::admin::{
    Admin,
    entries::{Class, Entries, EntryLine, Numbers, Sort, Urgency, Wanted},
    error::ApiError,
    mailboxes::MailboxState,
    who::{Chief, Operator},
};

/// Entries on a page.
const PAGE: usize = 100;
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
        (filter(&shown))
        @if found.entries.is_empty() {
            p.empty { "Nothing here" @if shown.filters() { " that matches: "
                a href=(shown.unfiltered(&state.name)) { "show all" } } "." }
        } @else {
            form method="post" action=(mailbox_path(&state.name, "/entries")) {
                (table(&state, &shown, &found.entries, operator))
                @if operator {
                    details.destroys {
                        summary { "Delete what is marked" }
                        p { "Delete the marked entries with their children? They are gone then." }
                        button.danger name="do" value="delete" { "Delete" }
                    }
                }
            }
            (pages(shown.offset, PAGE, found.all, |offset| {
                shown.link(&state.name, shown.sort, offset)
            }))
        }
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
            status: wanted.status.map_or("", |status| status.name()),
            priority: priority.map_or("", |(name, _)| name),
            offset: wanted.offset,
        }
    }

    fn filters(&self) -> bool {
        let Self { subject, originator, status, priority, .. } = self;
        ![subject, originator, *status, *priority].iter().all(|text| text.is_empty())
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

async fn entries(
    State(admin): State<Arc<Admin>>,
    who: Result<Operator, ApiError>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(address): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let refused = |error: ApiError| Page::of_error(&visitor, &error);
    let Operator(who) = who.map_err(refused)?;
    let numbers = fields.iter().filter(|(name, _)| name == "number");
    let numbers = Numbers { numbers: numbers.filter_map(|(_, text)| text.parse().ok()).collect() };
    let to = mailbox_path(&address, "");
    let deleted =
        admin.blocking(move |admin| admin.delete_entries(&address, &numbers, &who)).await;
    let deleted = deleted.map_err(refused)?;
    Ok(done(&admin, &headers, &to, format!("{} entries deleted.", deleted.entries)))
}

async fn delete(
    State(admin): State<Arc<Admin>>,
    who: Result<Chief, ApiError>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(address): Path<String>,
) -> Result<Response, Response> {
    let refused = |error: ApiError| Page::of_error(&visitor, &error);
    let Chief(who) = who.map_err(refused)?;
    let text = format!("The mailbox {address} is deleted.");
    admin.blocking(move |admin| admin.delete_mailbox(&address, &who)).await.map_err(refused)?;
    Ok(done(&admin, &headers, "/mailboxes", text))
}
