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
    entries::{Class, EntryLine, Numbers, Sort, Wanted},
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
        let found = admin.entries(&state.name, &Wanted { limit: Some(PAGE), ..wanted })?;
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
                a href=(shown.link(&state.name, "", 0, false)) { "show all" } } "." }
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
                shown.link(&state.name, &shown.sort, offset, true)
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
struct Shown {
    class: &'static str,
    sort: String,
    subject: String,
    originator: String,
    status: &'static str,
    offset: usize,
}

impl Shown {
    fn of(wanted: &Wanted) -> Self {
        let class = wanted.class.unwrap_or_default();
        let sort = wanted.sort.unwrap_or_default();
        let class = CLASSES.iter().find(|(_, one, _)| *one == class);
        let sort = SORTS.iter().find(|(_, one, _)| *one == sort);
        Self {
            class: class.map_or("delivery", |(name, ..)| name),
            sort: sort.map_or("newest", |(name, ..)| name).to_owned(),
            subject: wanted.subject.clone().unwrap_or_default(),
            originator: wanted.originator.clone().unwrap_or_default(),
            status: wanted.status.map_or("", |status| status.name()),
            offset: wanted.offset,
        }
    }

    fn filters(&self) -> bool {
        !(self.subject.is_empty() && self.originator.is_empty() && self.status.is_empty())
    }

    fn link(&self, mailbox: &str, sort: &str, offset: usize, filtered: bool) -> String {
        let mut link = mailbox_path(mailbox, &format!("?class={}&offset={offset}", self.class));
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                link.push_str(&format!("&{name}={}", encoded(value)));
            }
        };
        add("sort", sort);
        if filtered {
            add("subject", &self.subject);
            add("originator", &self.originator);
            add("status", self.status);
        }
        link
    }
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
                        a href=(shown.link(&state.name, name, 0, true)) { (head) }
                    }
                }
                th scope="col" { "Came" }
            } }
            tbody { @for entry in entries { (row(state, entry, operator)) } }
        }
    }
}

fn row(state: &MailboxState, entry: &EntryLine, operator: bool) -> Markup {
    let path = mailbox_path(&state.name, &format!("/{}", entry.number));
    let subject = match entry.subject.is_empty() {
        true => entry.entry_type.clone(),
        false => restante_view::text::line(&entry.subject),
    };
    html! {
        tr.unread[entry.status == "new"].urgent[entry.priority.as_deref() == Some("urgent")] {
            @if operator {
                td { input type="checkbox" name="number" value=(entry.number)
                    aria-label=(format!("Mark {}", entry.number)); }
            }
            td.number { (entry.number) }
            td { (entry.status) }
            td { (entry.priority.as_deref().unwrap_or("–")) }
            td { (restante_view::text::line(&entry.originator)) }
            td { a href=(path) { (subject) } }
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
