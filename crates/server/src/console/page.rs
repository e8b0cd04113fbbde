//! What all pages have: the frame around them, who looks at them, and how what somebody did is
//! told on the page that comes next.

use std::{convert::Infallible, marker::PhantomData, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};
use restante_directory::{Manager, Role};
pub(crate) use restante_view::files::percent as encoded;

use crate::admin::{
    Admin,
    error::ApiError,
    who::{Anyone, Monitor, cookie},
};

/// The places of the console: path, name, key.
const PLACES: [(&str, &str, &str); 9] = [
    ("/", "Overview", "o"),
    ("/alarms", "Alarms", "r"),
    ("/mailboxes", "Mailboxes", "m"),
    ("/associations", "Associations", "a"),
    ("/monitor", "Monitor", "w"),
    ("/blocks", "Blocks", "b"),
    ("/jobs", "Jobs", "j"),
    ("/logs", "Log", "l"),
    ("/accounts", "Users and MTAs", "u"),
];

/// Whoever looks at a page.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// Who it is, where signed in.
    pub(crate) manager: Option<Manager>,
    /// Whether anything may be seen.
    pub(crate) may_look: bool,
    /// What is left to be told.
    notice: Option<String>,
}

impl FromRequestParts<Arc<Admin>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        admin: &Arc<Admin>,
    ) -> Result<Self, Infallible> {
        let manager = Monitor::from_request_parts(parts, admin).await;
        let manager = manager.ok().map(|Monitor(manager)| manager);
        let may_look = Anyone::from_request_parts(parts, admin).await.is_ok();
        let notice = cookie(&parts.headers).and_then(|token| admin.sessions.take_notice(token));
        Ok(Self { manager, may_look, notice })
    }
}

impl Visitor {
    /// Whether this may be done.
    pub(crate) fn may(&self, role: Role) -> bool {
        self.manager.as_ref().is_some_and(|manager| manager.role >= role)
    }

    /// Whoever may not look signs in first.
    pub(crate) fn looks(&self) -> Result<(), Box<Response>> {
        match self.may_look {
            true => Ok(()),
            false => Err(Box::new(Redirect::to("/sign-in").into_response())),
        }
    }
}

/// A page.
pub(crate) struct Page<'a> {
    /// What it is called.
    pub(crate) title: &'a str,
    /// The path of the place that it belongs to.
    pub(crate) place: &'static str,
    /// On which happenings it is made anew, by their kinds.
    pub(crate) live: &'static str,
    /// What is on it.
    pub(crate) content: Markup,
}

impl Page<'_> {
    /// The page as a visitor sees it.
    pub(crate) fn show(self, visitor: &Visitor) -> Response {
        self.markup(visitor).into_response()
    }

    fn markup(self, visitor: &Visitor) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " · Restante" }
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                    link rel="stylesheet" href="/style.css";
                    script src="/console.js" defer {}
                }
                body data-live=(self.live) {
                    a.skip href="#content" { "Skip to the content" }
                    header {
                        a.brand href="/" { "Restante" }
                        nav aria-label="Places" {
                            @for (path, name, key) in PLACES {
                                @let here = (path == self.place).then_some("page");
                                a href=(path) data-key=(key) aria-current=[here] { (name) }
                            }
                        }
                        form.search role="search" action="/mailboxes" aria-label="Find a mailbox" {
                            input type="search" name="search" aria-label="Find a mailbox"
                                placeholder="O/R address or part of it";
                        }
                        (account(visitor))
                    }
                    main id="content" {
                        h1 { (self.title) }
                        @if let Some(notice) = &visitor.notice {
                            p.notice role="status" { (notice) }
                        }
                        (self.content)
                    }
                    footer {
                        span { "Restante " (env!("CARGO_PKG_VERSION")) }
                        a href="/api/openapi.json" { "Admin API" }
                        span.keys {
                            "Keys: g then o r m a w b j l u · / search · n p rows · ? help"
                        }
                    }
                }
            }
        }
    }

    /// A page for what went wrong.
    pub(crate) fn of_error(visitor: &Visitor, error: &ApiError) -> Response {
        let status = error.status();
        if status == StatusCode::UNAUTHORIZED {
            return Redirect::to("/sign-in").into_response();
        }
        let content = html! {
            p.error role="alert" { (error.message()) }
            p { a href="/" { "To the overview" } }
        };
        let title = match status {
            StatusCode::NOT_FOUND => "Not there",
            StatusCode::FORBIDDEN => "Not yours to do",
            _ => "That did not work",
        };
        let page = Page { title, place: "", live: "", content };
        (status, page.markup(visitor)).into_response()
    }
}

fn account(visitor: &Visitor) -> Markup {
    html! {
        @if let Some(manager) = &visitor.manager {
            form.account method="post" action="/sign-out" {
                span { (manager.name) " · " (manager.role) }
                button { "Sign out" }
            }
        } @else {
            a.account href="/sign-in" { "Sign in" }
        }
    }
}

/// A time: UTC where no script runs, local time with UTC on hover where one does.
pub(crate) fn time(text: &str) -> Markup {
    html! { time datetime=(text) title=(text) { (text.replace('T', " ").replace('Z', " UTC")) } }
}

/// How long ago a time was, in its largest unit.
pub(crate) fn age(text: &str, now: Timestamp) -> String {
    let Ok(then) = text.parse::<Timestamp>() else { return String::new() };
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A button that is asked for twice.
pub(crate) fn destroys(action: &str, name: &str, really: &str) -> Markup {
    html! {
        details.destroys {
            summary { (name) }
            form method="post" action=(action) {
                p { (really) }
                button.danger { (name) }
            }
        }
    }
}

/// The path of a mailbox, and of what is in it.
pub(crate) fn mailbox_path(name: &str, rest: &str) -> String {
    format!("/mailboxes/{}{rest}", encoded(name))
}

/// A number of a form; none where nothing is said.
pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Result<Option<T>, ApiError> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let wrong = |_| ApiError::invalid(format!("{text:?} is no number; leave it out"));
            text.parse().map(Some).map_err(wrong)
        }
    }
}

/// Octets for people.
pub(crate) fn octets(count: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut scaled = u128::from(count) * 10;
    let mut unit = 0;
    while scaled >= 10_000 && unit + 1 < units.len() {
        scaled /= 1_000;
        unit += 1;
    }
    match unit {
        0 => format!("{count} B"),
        _ => format!("{}.{} {}", scaled / 10, scaled % 10, units[unit]),
    }
}

/// Somebody who has sent a form, in a role that may.
pub(crate) struct Sender<W> {
    admin: Arc<Admin>,
    visitor: Visitor,
    token: Option<String>,
    who: Manager,
    role: PhantomData<W>,
}

impl<W> FromRequestParts<Arc<Admin>> for Sender<W>
where
    W: FromRequestParts<Arc<Admin>, Rejection = ApiError> + Into<Manager>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, admin).await;
        let who = match W::from_request_parts(parts, admin).await {
            Ok(who) => who.into(),
            Err(error) => return Err(Page::of_error(&visitor, &error)),
        };
        let token = cookie(&parts.headers).map(str::to_owned);
        Ok(Self { admin: admin.clone(), visitor, token, who, role: PhantomData })
    }
}

impl<W> Sender<W> {
    /// Does what was sent, and goes to a page that tells what was done.
    pub(crate) async fn does(
        self,
        to: &str,
        work: impl FnOnce(&Admin, &Manager) -> Result<String, ApiError> + Send + 'static,
    ) -> Response {
        match self.tries(work).await {
            Ok(text) => self.done(to, text),
            Err(error) => Page::of_error(&self.visitor, &error),
        }
    }

    /// Does what was sent.
    pub(crate) async fn tries<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Admin, &Manager) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let who = self.who.clone();
        self.admin.blocking(move |admin| work(admin, &who)).await
    }

    /// Goes to a page that tells what was done.
    pub(crate) fn done(self, to: &str, text: String) -> Response {
        if let Some(token) = &self.token {
            self.admin.sessions.leave_notice(token, text);
        }
        Redirect::to(to).into_response()
    }

    /// Who looks at the page that comes of it.
    pub(crate) fn visitor(&self) -> &Visitor {
        &self.visitor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_for_people() {
        assert_eq!(octets(0), "0 B");
        assert_eq!(octets(999), "999 B");
        assert_eq!(octets(2_048), "2.0 kB");
        assert_eq!(octets(11_300_000_000), "11.3 GB");
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        for (then, expected) in [
            ("2026-11-24T12:00:09Z", "0 s"),
            ("2026-11-24T11:58:01Z", "119 s"),
            ("2026-11-24T11:58:00Z", "2 min"),
            ("2026-11-24T09:59:59Z", "2 h"),
            ("2026-11-22T12:00:00Z", "2 days"),
            ("yesterday", ""),
        ] {
            assert_eq!(age(then, now), expected, "{then}");
        }
    }

    #[test]
    fn a_mailbox_s_path_is_one_segment() {
        assert_eq!(mailbox_path("/cn=ä/", "/1"), "/mailboxes/%2Fcn%3D%C3%A4%2F/1");
    }
}
