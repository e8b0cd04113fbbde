//! What somebody else has chosen is text on each page: names of mailboxes, of managers, reasons,
//! what a form said that is not understood.

use super::*;

const MARKUP: &str = "<img src=x onerror=alert(1)>";
const MARKUP_IN_PATH: &str = "%2Fcn%3D%3Cimg%20src%3D%3Dx%20onerror%3D%3Dalert(1)%3E%2Fc%3Dgb%2F";

impl Api {
    /// A page as whoever has a session sees it.
    async fn page(&self, path: &str, token: &str) -> String {
        let request = axum::http::Request::get(path)
            .header("cookie", format!("restante-session={token}"))
            .body(Body::empty());
        self.send(request.unwrap()).await.body
    }

    pub(super) async fn form(&self, path: &str, token: &str, form: &str) -> Answer {
        let request = axum::http::Request::post(path)
            .header("cookie", format!("restante-session={token}"))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }
}

fn is_whole(page: &str, at: &str) {
    assert!(!page.contains("<img") && !page.contains("<script>"), "{at}: {page}");
    assert!(page.ends_with("</html>") && page.contains("<footer>"), "{at}: {page}");
}

#[tokio::test]
async fn what_others_have_chosen_is_text_on_each_page() {
    let api = Api::new(|config| {
        config.limits.mailbox_alarm_percent = 0;
        config.limits.mailbox_entries = 5;
    });
    let token = api.token("chief").await;
    let hostile = format!("/CN={MARKUP}/C=GB/");
    let new = json!({"name": hostile, "password": "pw"});
    api.ask(Method::POST, "/api/accounts/users", &token, new).await.is(201);
    let mailbox = json!({"address": hostile});
    let state = api.ask(Method::POST, "/api/mailboxes", &token, mailbox).await.is(201).json();
    let block = json!({"operation": "list", "mailbox": hostile, "reason": MARKUP});
    api.ask(Method::POST, "/api/blocks", &token, block).await.is(201);
    let peer = json!({"name": "<img", "password": "pw"});
    api.ask(Method::POST, "/api/accounts/mtas", &token, peer).await;
    api.admin.look_for_alarms(shared::now().0).unwrap();
    assert_eq!(api.admin.alarms()[0].mailbox.as_deref(), state["name"].as_str());
    let of = |rest: &str| format!("/mailboxes/{MARKUP_IN_PATH}{rest}");
    let quoted = "%22%3E%3Cimg%20src%3Dx%3E";
    let pages = ["/", "/alarms", "/mailboxes", "/associations", "/blocks", "/jobs", "/accounts"];
    let logs = ["/logs", "/audit", "/logs/streams"];
    let more = [
        of(""),
        of("/auto-actions"),
        of("/1"),
        of("/1/tree"),
        of(&format!("?subject={quoted}")),
        of(&format!("?filter={quoted}")),
        of(&format!("/auto-actions/edit?kind={quoted}&number=1")),
        format!("/mailboxes?search={quoted}"),
        format!("/logs?text={quoted}"),
        format!("/audit?message={quoted}&since={quoted}"),
        format!("/{quoted}"),
    ];
    for path in pages.iter().chain(&logs).map(|path| (*path).to_owned()).chain(more) {
        is_whole(&api.page(&path, &token).await, &path);
    }
    for path in ["/", "/alarms", "/mailboxes", "/blocks", "/accounts"] {
        let page = api.page(path, &token).await.to_lowercase();
        assert!(page.contains("&lt;img"), "{path} shows it: {page}");
    }
    let text = "%3Cimg%20src%3Dx%3E";
    for (path, form) in [
        ("/jobs".to_owned(), format!("kind=backup&tree={text}")),
        ("/jobs".to_owned(), format!("kind=tidy&age_days={text}")),
        ("/jobs".to_owned(), format!("kind=backup&tree=a&mailboxes={text}")),
        ("/blocks".to_owned(), format!("operation=list&mailbox={text}")),
        ("/blocks".to_owned(), format!("operation=list&minutes={text}")),
        (of("/unread-watch"), format!("urgent={text}&normal=&non_urgent=")),
        (of("/quota"), format!("entries={text}&octets=")),
        (of("/entries"), format!("do=move&number=1&to={text}")),
        ("/accounts/users".to_owned(), format!("name={text}&password=pw")),
        ("/sign-in".to_owned(), format!("name={text}&password=pw")),
    ] {
        let answer = api.form(&path, &token, &form).await;
        assert!(answer.status.is_client_error(), "{path} {form}: {}", answer.status);
        is_whole(&answer.body, &path);
    }
    for path in ["/logs/streams", "/logs/preview"] {
        let wrong = format!("configuration=%3C/textarea%3E{text}");
        let answer = api.form(path, &token, &wrong).await;
        is_whole(&answer.body, path);
        assert!(answer.body.contains("&lt;/textarea&gt;&lt;img"), "{path} shows it again");
    }
}
