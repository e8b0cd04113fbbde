//! The console in a real Chromium, against the real process: every page, every action, what comes
//! while a page is open, and what hostile peers send. Pictures of the pages are kept where
//! [`pictures`] says; `UPDATE_EXPECT=1` makes the picture of the README anew.

mod auto_actions;

use crate::store::{PROGRAM, directory, runtime, start};
use jiff::Timestamp;
use restante_ber::Encode as _;
use restante_client::p7::MsBind;
use restante_client::{ClientError, Mta, UserAgent, compose};
use restante_mhs::x411::{MessageDeliveryArgument, Priority, ReportType};
use restante_mhs::x411::{NonDeliveryReasonCode, NonDeliveryReport};
use restante_mhs::x420::{BodyPart, MessageParameters};
use restante_testkit::browser::Browser;
use restante_testkit::peers::{self, name};
use restante_testkit::process::{ALICE, BOB, PASSWORD, Process, run};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A postmaster's screen.
const SCREEN: (u32, u32) = (1280, 800);
/// A tablet's.
const TABLET: (u32, u32) = (820, 1180);
const CAROL: &str = "/CN=Carol/OU=Briefing/O=Acme/PRMD=ACME/ADMD= /C=GB/";
const DORA: &str = "/CN=Dora/OU=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/";
/// A length of which a dozen take a while to be read slowly.
const LONG_OCTETS: usize = 1 << 20;
const README_PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/console.png");

/// A store, its process, and a browser that looks at it.
struct World {
    _directory: TempDir,
    process: Process,
    browser: Browser,
    console: String,
}

impl World {
    fn new() -> Self {
        let directory = directory("[events]\nseverity = \"debug\"\n");
        for (who, role) in [("chief", "manager"), ("night", "operator"), ("guest", "monitor")] {
            let add = ["manager", "add", who, "--role", role, "--password-file", "password"];
            let add = [&add[..], &["--config", "c.toml"]].concat();
            let output = run(PROGRAM, directory.path(), &add);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let process = start(directory.path());
        let console = process.console();
        let browser = Browser::start(SCREEN.0, SCREEN.1);
        Self { _directory: directory, process, browser, console }
    }

    fn go(&mut self, path: &str) {
        self.browser.go(&format!("{}{path}", self.console));
    }

    fn sign_in(&mut self, who: &str, password: &str) {
        self.go("/sign-in");
        self.browser.fill("main input[name=name]", who);
        self.browser.fill("main input[name=password]", password);
        self.browser.follow("main form button");
    }

    fn shows(&mut self, text: &str) {
        self.browser.until(&format!("document.body.innerText.includes({text:?})"));
    }

    /// The place of a mailbox, found as an operator finds it.
    fn open_mailbox(&mut self, part: &str) {
        self.go("/mailboxes");
        self.browser.fill("main input[type=search]", part);
        self.browser.follow("main form button");
        self.browser.follow("main tbody a");
    }

    fn deliver(&self, deliveries: impl IntoIterator<Item = MessageDeliveryArgument>) {
        runtime().block_on(async {
            let mut mta = self.mta().await;
            for delivery in deliveries {
                mta.deliver(delivery.to_rope()).await.expect("a delivery");
            }
            mta.unbind().await.expect("it is released");
        });
    }

    async fn mta(&self) -> Mta {
        peers::mta(peers::call(&self.process.address())).await.expect("an MTA can bind")
    }

    /// What was wrong in the browser since the last look.
    fn nothing_is_wrong(&mut self, at: &str) {
        assert_eq!(self.browser.complaints(), Vec::<String>::new(), "{at}");
    }
}

/// Where pictures of the pages are kept.
fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("console");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn message(identifier: &str, subject: &str, text: &str) -> MessageDeliveryArgument {
    let carol = name(CAROL);
    let body = [compose::text(text)];
    let content = compose::ipm(subject, &carol, &[name(ALICE)], subject, body);
    let mut delivery = peers::delivery(identifier, compose::content(content));
    delivery.other_fields.originator_name = carol;
    delivery
}

/// Messages as a briefing office has them, one of which carries another one and a file.
fn a_morning(world: &World) {
    let subjects = ["SIGMET 3 EGRR", "ATIS information K", "NOTAM A1204/26", "Roster, week 48"];
    let text = "As agreed.\n";
    let all = subjects.into_iter().enumerate();
    world.deliver(all.map(|(at, subject)| message(&format!("m{at}"), subject, text)));
    let inner =
        compose::ipm("i", &name(BOB), &[name(CAROL)], "Slot list", [compose::text("09:40\n")]);
    let body = [
        compose::text("FPL-BAW12-IS\n-B77W/H-SDE2E3GHIJ4J5M1RWXYZ/LB1\n-EGLL0940\n"),
        BodyPart::message(MessageParameters::default(), &inner),
        BodyPart::file("loadsheet.pdf", (&b"%PDF-1.4 nothing"[..]).into()),
    ];
    let carol = name(CAROL);
    let content = compose::ipm("f", &carol, &[name(ALICE)], "Flight plan BAW12", body);
    let mut urgent = peers::delivery("urgent", compose::content(content));
    urgent.other_fields.priority = Priority::URGENT;
    urgent.other_fields.originator_name = carol;
    world.deliver([urgent]);
    let report = compose::report(
        compose::mts_identifier(&name(ALICE).address, "gone"),
        [(name(ALICE), restante_ber::UtcTime(1_790_000_000))],
        [(
            name(CAROL),
            ReportType::NonDelivery(NonDeliveryReport {
                non_delivery_reason_code: NonDeliveryReasonCode::UNABLE_TO_TRANSFER,
                non_delivery_diagnostic_code: None,
            }),
        )],
    );
    runtime().block_on(async {
        let mut mta = world.mta().await;
        mta.report(report.to_rope()).await.expect("a report");
        mta.unbind().await.expect("it is released");
    });
}

/// A time zone in which it is ten or eleven at night: no time of day is written longer.
fn late_zone() -> String {
    let east = 22 - Timestamp::now().as_second().div_euclid(3600).rem_euclid(24);
    let east = if east > 14 { east - 24 } else { east };
    // Its sign says how far it is to the west.
    format!("Etc/GMT{:+}", -east)
}

/// What each page is called, and its path.
fn places(mailbox: &str) -> [(&'static str, String); 19] {
    [
        ("overview", "/".to_owned()),
        ("alarms", "/alarms".to_owned()),
        ("mailboxes", "/mailboxes".to_owned()),
        ("mailbox", mailbox.to_owned()),
        ("entry", format!("{mailbox}/5")),
        ("report", format!("{mailbox}/7")),
        ("octets", format!("{mailbox}/5/tree")),
        ("auto-actions", format!("{mailbox}/auto-actions")),
        ("auto-action", format!("{mailbox}/auto-actions/edit?kind=delayed-auto-forward&number=1")),
        ("associations", "/associations".to_owned()),
        ("monitor", "/monitor".to_owned()),
        ("blocks", "/blocks".to_owned()),
        ("jobs", "/jobs".to_owned()),
        ("logs", "/logs".to_owned()),
        ("audit", "/audit".to_owned()),
        ("streams", "/logs/streams".to_owned()),
        ("accounts", "/accounts".to_owned()),
        ("configuration", "/configuration".to_owned()),
        ("sign-in", "/sign-in".to_owned()),
    ]
}

#[test]
fn every_page_is_whole_for_everybody_in_light_and_dark_and_on_a_tablet() {
    let mut world = World::new();
    a_morning(&world);
    let mailbox = {
        world.open_mailbox("cn=alice");
        world.browser.evaluate("location.pathname").as_str().expect("a path").to_owned()
    };
    let places = places(&mailbox);
    // Who is not signed in looks, and where that is not enough comes to the sign-in.
    for (_, path) in &places {
        world.go(path);
        assert!(
            world.browser.evaluate("!!document.querySelector('main h1')").as_bool() == Some(true)
        );
    }
    world.sign_in("chief", PASSWORD);
    world.browser.live_in(&late_zone());
    let folder = pictures();
    for (scheme, (width, height)) in [("light", SCREEN), ("dark", SCREEN), ("tablet", TABLET)] {
        world.browser.resize(width, height);
        world.browser.prefer(if scheme == "dark" { "dark" } else { "light" });
        for (what, path) in &places {
            world.go(path);
            let wide = "document.documentElement.scrollWidth <= window.innerWidth";
            assert_eq!(
                world.browser.evaluate(wide),
                true,
                "{what} is wider than a {scheme} screen"
            );
            world.browser.screenshot(&folder.join(format!("{what}-{scheme}.png")));
            world.nothing_is_wrong(path);
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let picture = folder.join("entry-light.png");
        std::fs::copy(picture, README_PICTURE).expect("a picture can be kept");
    }
    // Without scripts each page says the same.
    world.browser.run_scripts(false);
    for (what, path) in &places {
        world.go(path);
        assert!(world.browser.text().len() > 100, "{what} is empty without scripts");
    }
    #[expect(clippy::print_stdout, reason = "whoever runs the test wants to see the pictures")]
    {
        println!("pictures of the pages: {}", folder.display());
    }
    world.process.terminate();
}

#[test]
fn only_who_may_signs_in_and_does_things() {
    let mut world = World::new();
    a_morning(&world);
    world.sign_in("chief", "wrong");
    world.shows("no such name, or a wrong password");
    world.browser.complaints();
    world.sign_in("guest", PASSWORD);
    world.open_mailbox("cn=alice");
    assert_eq!(world.browser.evaluate("document.querySelectorAll('main .danger').length"), 0);
    assert_eq!(
        world.browser.evaluate("document.querySelectorAll('main [type=checkbox]').length"),
        0
    );
    world.browser.follow("header form.account button");
    world.shows("Sign in");
    world.sign_in("night", PASSWORD);
    world.shows("night · operator");
    // By keys alone: to the mailboxes, into the first one, a row marked.
    world.browser.press("g");
    world.browser.press_through("m");
    world.browser.press("n");
    world.browser.press_through("Enter");
    for key in ["n", "x", "n", "x"] {
        world.browser.press(key);
    }
    world.browser.until("document.querySelectorAll('main tbody :checked').length === 2");
    world.browser.click("main form > details.destroys > summary");
    world.browser.follow("main form > details.destroys .danger");
    world.shows("2 entries deleted.");
    assert_eq!(world.browser.evaluate("document.querySelectorAll('main tbody tr').length"), 4);
    world.nothing_is_wrong("deleting");
    world.process.terminate();
}

#[test]
fn what_a_manager_does_takes_effect() {
    let mut world = World::new();
    let long = "SIGMET ".repeat(LONG_OCTETS / 7);
    world.deliver((0..12).map(|at| message(&format!("l{at}"), "SIGMET", &long)));
    world.sign_in("chief", PASSWORD);
    world.go("/accounts");
    let form = "form[action='/accounts/users']";
    world.browser.fill(&format!("{form} input[name=name]"), DORA);
    world.browser.fill(&format!("{form} input[name=password]"), PASSWORD);
    world.browser.follow(&format!("{form} button"));
    world.shows("is added");
    let runtime = runtime();
    let bind = MsBind::new(name(DORA), PASSWORD);
    let call = peers::call(&world.process.address());
    let dora = runtime.block_on(UserAgent::bind(call, &bind));
    let mut dora = dora.expect("the user that was added binds").0;
    world.go("/associations");
    world.browser.click("main tbody details.destroys > summary");
    world.browser.follow("main tbody details.destroys .danger");
    world.shows("is disconnected");
    assert!(runtime.block_on(peers::list(&mut dora)).is_err(), "it is disconnected");
    world.go("/jobs");
    world.browser.follow("form:has(input[value=statistics]) button");
    world.shows("12 entries of");
    world.browser.fill("form:has(input[value=backup]) [name=tree]", "night");
    world.browser.follow("form:has(input[value=backup]) button");
    world.shows("12 written (");
    world.browser.fill("form:has(input[value=tidy]) [name=age_days]", "0");
    world.browser.follow("form:has(input[value=tidy]) button");
    world.shows("would be deleted");
    // One that reads slowly enough to be cancelled.
    world.browser.evaluate(
        "fetch('/api/jobs', { method: 'POST', headers: { 'content-type': 'application/json' }, \
         body: JSON.stringify({ kind: 'verify', octets_per_second: 262144 }) }) \
         .then((answer) => answer.status)",
    );
    world.browser.follow("form[action$='/cancel'] button");
    world.shows("is cancelled");
    world.browser.until(
        "[...document.querySelectorAll('main tbody td')].some((td) => \
        td.textContent === 'cancelled')",
    );
    world.nothing_is_wrong("jobs");
    world.go("/");
    world.browser.click("details.destroys:has([action='/end?how=restart']) > summary");
    world.browser.follow("form[action='/end?how=restart'] .danger");
    let again = world.process.event_again("managed on ", 2);
    world.process.event_again("listening on ", 2);
    world.console = again.rsplit("managed on ").next().unwrap_or_default().trim().to_owned();
    world.browser.complaints();
    world.go("/");
    world.shows("Messages are taken in.");
    world.process.terminate();
}

#[test]
fn an_operator_blocks_moves_marks_and_limits() {
    let mut world = World::new();
    a_morning(&world);
    world.sign_in("night", PASSWORD);
    world.go("/blocks");
    world
        .browser
        .evaluate("document.querySelector('[name=operation]').value = 'message-submission'");
    world.browser.fill("main input[name=mailbox]", ALICE);
    world.browser.fill("main input[name=minutes]", "60");
    world.browser.fill("main input[name=reason]", "<b>leave</b>");
    world.browser.follow("form[action='/blocks'] button");
    world.shows("is blocked.");
    world.shows("<b>leave</b>");
    let runtime = runtime();
    let submitted = runtime.block_on(async {
        let mut alice = peers::alice(peers::call(&world.process.address())).await?;
        let content = peers::short_message("out");
        alice.submit(&compose::submission(name(ALICE), [name(BOB)], content).into()).await
    });
    assert!(matches!(submitted, Err(ClientError::Operation(_))), "{submitted:?}");
    world.browser.follow("main form[action$='/remove'] button");
    world.shows("Nothing is blocked");
    world.open_mailbox("cn=alice");
    world.browser.click("main tbody tr:last-child [type=checkbox]");
    world.browser.evaluate("document.querySelector('.deeds [name=status]').value = 'processed'");
    world.browser.follow(".deeds button[value=status]");
    world.shows("1 entries are processed now.");
    world.browser.click("main tbody tr:last-child [type=checkbox]");
    world.browser.fill(".deeds input[name=to]", BOB);
    world.browser.follow(".deeds button[value=move]");
    world.shows("1 entries moved to");
    world.browser.fill("form[action$='/unread-watch'] [name=urgent]", "15");
    world.browser.follow("form[action$='/unread-watch'] button");
    world.shows("urgent: 15 minutes; normal: never; non-urgent: never; its own.");
    world.browser.fill("form[action$='/quota'] [name=entries]", "10");
    world.browser.follow("form[action$='/quota'] button");
    world.shows("5 entries of 10");
    world.open_mailbox("cn=bob");
    world.shows("SIGMET 3 EGRR");
    world.go("/");
    world.browser.click("details.destroys:has([action='/drain']) > summary");
    world.browser.follow("form[action='/drain'] button");
    world.shows("The store is drained.");
    let refused = runtime.block_on(peers::alice(peers::call(&world.process.address())));
    assert!(refused.is_err(), "nobody binds to a store that is drained");
    world.browser.follow("form[action='/drain'] button");
    world.shows("Messages are taken in.");
    world.nothing_is_wrong("operating");
    world.process.terminate();
}

#[test]
fn what_happens_is_seen_while_the_page_is_open() {
    let mut world = World::new();
    world.deliver([message("first", "The first", "one\n")]);
    world.open_mailbox("cn=alice");
    world.shows("The first");
    world.deliver([message("second", "The second", "two\n")]);
    world.shows("The second");
    world.go("/monitor");
    world.browser.until("!document.getElementById('monitor').hidden");
    world.deliver([message("third", "The third", "three\n")]);
    world.browser.until(
        "[...document.querySelectorAll('#monitor tbody tr')].some((row) => \
        row.textContent.includes('message-delivered'))",
    );
    world.browser.click("#pause");
    world.browser.click("#clear");
    world.deliver([message("fourth", "The fourth", "four\n")]);
    assert_eq!(world.browser.evaluate("document.querySelectorAll('#monitor tbody tr').length"), 0);
    // The log is told of by a stream of its own, to who is signed in.
    world.sign_in("night", PASSWORD);
    world.shows("night · operator");
    world.go("/logs");
    world.shows("signed in from");
    world.browser.evaluate(
        "fetch('/api/blocks', { method: 'POST', headers: { 'content-type': 'application/json' }, \
         body: JSON.stringify({ operation: 'probe-submission' }) }) \
         .then((answer) => answer.status)",
    );
    world.shows("night (operator): probe-submission");
    world.nothing_is_wrong("live pages");
    world.process.terminate();
}

#[test]
fn a_message_is_read_beside_the_list() {
    let mut world = World::new();
    a_morning(&world);
    world.sign_in("night", PASSWORD);
    world.open_mailbox("cn=alice");
    world.browser.fill("main input[name=subject]", "flight plan");
    world
        .browser
        .evaluate("document.querySelector('main select[name=priority]').value = 'urgent'");
    world.browser.follow("main form[role=search] button");
    let rows = "document.querySelectorAll('main tbody tr').length";
    assert_eq!(world.browser.evaluate(rows), 1);
    world.browser.follow("main tbody a");
    for text in
        ["FPL-BAW12-IS", "Slot list", "Keep loadsheet.pdf", "Keep as mail", "Back to the mailbox"]
    {
        world.shows(text);
    }
    assert_eq!(world.browser.evaluate(rows), 1, "the list is as it was");
    world.browser.follow("a[data-key=up]");
    let filter = "document.querySelector('main input[name=subject]').value";
    assert_eq!(world.browser.evaluate(filter), "flight plan");
    world.browser.follow("nav.tabs a");
    world.browser.follow("main tbody tr:last-child a");
    world.shows("As agreed.");
    // What comes stands in the list; what is read stays; keys go on to the next.
    world.deliver([message("late", "Revised slot", "09:55\n")]);
    world.browser.until("document.querySelector('main .list').innerText.includes('Revised slot')");
    world.shows("As agreed.");
    world.browser.press("p");
    world.browser.press_through("Enter");
    world.shows("Entry 2");
    let shown = "document.querySelector('main .list').getClientRects().length";
    assert_eq!(world.browser.evaluate(shown), 1);
    world.browser.resize(TABLET.0, TABLET.1);
    assert_eq!(world.browser.evaluate(shown), 0);
    world.nothing_is_wrong("reading");
    world.process.terminate();
}

#[test]
fn what_hostile_peers_send_is_text() {
    let mut world = World::new();
    let markup = "<img src=x onerror=document.title='run'><script>document.title='run'</script>";
    let long = markup.repeat(10_000 / markup.len() + 1);
    let control = "a\u{1b}[2J\u{7}b\u{202e}gpj.exe\u{85}\r\nX: y";
    let hostile = name("/CN=<img src=x onerror=alert(1)>/O=Acme/PRMD=ACME/ADMD= /C=GB/");
    for (at, subject) in [&*long, control].into_iter().enumerate() {
        let file = format!("../..\"><script>document.title='run'</script>{at}.html");
        let body = [
            compose::text(&format!("{markup}\n</pre>{markup}")),
            BodyPart::file(&file, "<script>document.title='run'</script>".into()),
        ];
        let content = compose::ipm(markup, &hostile, &[name(ALICE)], subject, body);
        let mut delivery = peers::delivery(&format!("h{at}"), compose::content(content));
        delivery.other_fields.originator_name = hostile.clone();
        world.deliver([delivery]);
    }
    world.sign_in("chief", PASSWORD);
    world.open_mailbox("cn=alice");
    let mailbox = world.browser.evaluate("location.pathname");
    let mailbox = mailbox.as_str().expect("a path").to_owned();
    let search = format!("/mailboxes?search={}", "%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    let filter = format!("{mailbox}?subject=%22%3E%3Cimg%20src=x%3E");
    let pages = [
        mailbox.clone(),
        format!("{mailbox}/1"),
        format!("{mailbox}/2"),
        format!("{mailbox}/1/tree"),
        search,
        filter,
    ];
    for path in pages {
        world.go(&path);
        let strangers = "document.querySelectorAll('main img, main script, main iframe').length";
        assert_eq!(world.browser.evaluate(strangers), 0, "{path}");
        assert_eq!(world.browser.evaluate("!!document.querySelector('footer')"), true, "{path}");
        let wide = "document.documentElement.scrollWidth <= window.innerWidth";
        assert_eq!(world.browser.evaluate(wide), true, "{path}");
        let title = world.browser.evaluate("document.title");
        assert!(title.as_str().expect("a title").ends_with("Restante"), "{path}: {title}");
        world.nothing_is_wrong(&path);
    }
    // A file is kept, never shown.
    let kept = format!(
        "fetch('/api{mailbox}/entries/1/parts/2').then((a) => \
         [a.headers.get('content-type'), a.headers.get('content-disposition')].join('; '))"
    );
    let kept = world.browser.evaluate(&kept);
    let kept = kept.as_str().expect("headers").to_owned();
    assert!(kept.starts_with("application/octet-stream; attachment;"), "{kept}");
    assert!(!kept.contains('<') && !kept.contains("../"), "{kept}");
    world.process.terminate();
}
