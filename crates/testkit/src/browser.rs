//! A real Chromium, driven over the pipe of its DevTools protocol: what a person would see and do.
//!
//! What a page complains of (an exception, an error on the console, something that its content
//! security policy forbids, a script's dialog) is gathered, so that a test can say that there is
//! nothing. It waits for what the page shows or what the browser tells, never for time to pass.

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    answers: BTreeMap<u64, Value>,
    last: u64,
    session: Option<String>,
    loads: u64,
    complaints: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with an empty page of this size, in pixels.
    ///
    /// # Panics
    /// Where there is no Chromium, or it does not come up.
    pub fn start(width: u32, height: u32) -> Self {
        let profile = tempfile::tempdir().expect("a directory can be made");
        // It speaks on the descriptors 3 and 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"])
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"])
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .env("TZ", "Etc/GMT-2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell runs");
        let commands = child.stdin.take().expect("standard input is a pipe");
        let output = child.stdout.take().expect("standard output is a pipe");
        let (told, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let texts = BufReader::new(output).split(0).map_while(Result::ok);
            for message in texts.filter_map(|text| serde_json::from_slice(&text).ok()) {
                if told.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            commands,
            messages,
            answers: BTreeMap::new(),
            last: 0,
            session: None,
            loads: 0,
            complaints: Vec::new(),
            _profile: profile,
        };
        browser.attach();
        browser.resize(width, height);
        browser
    }

    fn attach(&mut self) {
        let targets = self.must("Target.getTargets", json!({}));
        let targets = targets["targetInfos"].as_array().expect("targets");
        let page = targets.iter().find(|one| one["type"] == "page").expect("a page");
        let wanted = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = self.must("Target.attachToTarget", wanted);
        self.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            self.must(&format!("{domain}.enable"), json!({}));
        }
    }

    /// Gives the page another size, in pixels.
    ///
    /// # Panics
    /// Where the browser does not.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.must("Emulation.setDeviceMetricsOverride", size);
    }

    /// Has it be in a time zone from now on.
    ///
    /// # Panics
    /// Where the browser knows none of that name.
    pub fn live_in(&mut self, zone: &str) {
        self.must("Emulation.setTimezoneOverride", json!({ "timezoneId": zone }));
    }

    /// Has pages be dark or light from now on.
    ///
    /// # Panics
    /// Where the browser does not.
    pub fn prefer(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.must("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Whether scripts of pages run from now on.
    ///
    /// # Panics
    /// Where the browser does not say.
    pub fn run_scripts(&mut self, run: bool) {
        self.must("Emulation.setScriptExecutionDisabled", json!({ "value": !run }));
    }

    /// Goes to an address, and waits until the page is there.
    ///
    /// # Panics
    /// Where it does not come.
    pub fn go(&mut self, address: &str) {
        let before = self.loads;
        let gone = self.must("Page.navigate", json!({ "url": address }));
        assert!(gone.get("errorText").is_none(), "{address}: {gone}");
        self.wait_for_load(before, address);
    }

    /// Clicks on the first element of a selector, and waits until the page it leads to is there.
    ///
    /// # Panics
    /// Where there is no such element, or no page comes.
    pub fn follow(&mut self, selector: &str) {
        let before = self.loads;
        self.click(selector);
        self.wait_for_load(before, selector);
    }

    /// Clicks, as a mouse does, in the middle of the first element of a selector.
    ///
    /// # Panics
    /// Where there is no such element, or another one covers it.
    pub fn click(&mut self, selector: &str) {
        let quoted = json!(selector);
        self.until(&format!("document.querySelector({quoted})"));
        let place = self.evaluate(&format!(
            "(() => {{ const element = document.querySelector({quoted}); \
             element.scrollIntoView({{ block: 'center' }}); \
             const box = element.getClientRects()[0]; \
             if (!box) return null; \
             const x = box.left + box.width / 2, y = box.top + box.height / 2; \
             const hit = document.elementFromPoint(x, y); \
             return hit && (element.contains(hit) || hit.contains(element)) ? [x, y] : null; \
             }})()"
        ));
        assert!(place.is_array(), "{selector} can't be clicked on: {}", self.text());
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left",
                "clickCount": 1 });
            self.must("Input.dispatchMouseEvent", event);
        }
    }

    /// Types into the first element of a selector, in place of what is there.
    ///
    /// # Panics
    /// Where there is no such element.
    pub fn fill(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.evaluate(&format!("document.querySelector({}).select()", json!(selector)));
        self.must("Input.insertText", json!({ "text": text }));
    }

    /// Presses a key; what it leads to is waited for by [`Browser::until`].
    ///
    /// # Panics
    /// Where the browser does not.
    pub fn press(&mut self, key: &str) {
        let text = if key == "Enter" { "\r" } else { key };
        let code = if key == "Enter" { 13 } else { 0 };
        let down = json!({ "type": "keyDown", "key": key, "text": text,
            "windowsVirtualKeyCode": code });
        self.must("Input.dispatchKeyEvent", down);
        self.must("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key }));
    }

    /// Presses a key, and waits until the page it leads to is there.
    ///
    /// # Panics
    /// Where none comes.
    pub fn press_through(&mut self, key: &str) {
        let before = self.loads;
        self.press(key);
        self.wait_for_load(before, key);
    }

    /// Waits until an expression is true in the page, whichever page that is by then.
    ///
    /// # Panics
    /// Where it does not become true in time.
    pub fn until(&mut self, expression: &str) {
        let look = format!(
            "new Promise((resolve) => {{ const look = () => {{ if ({expression}) \
             {{ watch.disconnect(); resolve(true); }} }}; \
             const watch = new MutationObserver(look); \
             watch.observe(document, {{ attributes: true, characterData: true, \
             childList: true, subtree: true }}); look(); }})"
        );
        let deadline = Instant::now() + PATIENCE;
        let ask = json!({ "expression": look, "awaitPromise": true, "returnByValue": true });
        loop {
            match self.call("Runtime.evaluate", &ask, deadline) {
                Some(answer) if answer["result"]["result"]["value"] == true => return,
                // Another page has come in between.
                Some(answer) if answer.get("error").is_some() => {
                    assert!(self.receive(deadline), "`{expression}` does not become true");
                }
                Some(answer) => panic!("`{expression}`: {answer}"),
                None => panic!("`{expression}` does not become true: {}", self.text()),
            }
        }
    }

    /// The value of an expression in the page.
    ///
    /// # Panics
    /// Where it throws.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.must("Runtime.evaluate", ask);
        assert!(answer.get("exceptionDetails").is_none(), "`{expression}`: {answer}");
        answer["result"]["value"].clone()
    }

    /// The page's text as it is shown.
    ///
    /// # Panics
    /// Where the browser does not say.
    pub fn text(&mut self) -> String {
        self.evaluate("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Keeps a picture of what is shown.
    ///
    /// # Panics
    /// Where it can't be made or kept.
    pub fn screenshot(&mut self, path: &Path) {
        let picture = self.must("Page.captureScreenshot", json!({ "format": "png" }));
        let picture = picture["data"].as_str().expect("a picture");
        let octets = Base64::decode_vec(picture).expect("base64");
        std::fs::write(path, octets).expect("a file can be written");
    }

    /// What pages have complained of since this was asked last.
    pub fn complaints(&mut self) -> Vec<String> {
        // Whatever came before the answer has been told before it.
        self.must("Runtime.evaluate", json!({ "expression": "0" }));
        std::mem::take(&mut self.complaints)
    }

    fn wait_for_load(&mut self, before: u64, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.loads == before {
            assert!(self.receive(deadline), "no page comes after {what}");
        }
    }

    fn must(&mut self, method: &str, parameters: Value) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut answer = self.call(method, &parameters, deadline).expect("the browser answers");
        assert!(answer.get("error").is_none(), "{method} {parameters}: {answer}");
        answer["result"].take()
    }

    fn call(&mut self, method: &str, parameters: &Value, deadline: Instant) -> Option<Value> {
        self.last += 1;
        let id = self.last;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        write!(self.commands, "{command}\0").expect("the browser listens");
        self.commands.flush().expect("the browser listens");
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return Some(answer);
            }
            if !self.receive(deadline) {
                return None;
            }
        }
    }

    /// Takes what the browser says next; `false` where it says nothing in time.
    fn receive(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(message) = self.messages.recv_timeout(left) else { return false };
        if let Some(id) = message["id"].as_u64() {
            self.answers.insert(id, message);
            return true;
        }
        let told = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => self.loads += 1,
            "Runtime.exceptionThrown" => self.complaints.push(told.to_string()),
            "Runtime.consoleAPICalled" if told["type"] == "error" => {
                self.complaints.push(told.to_string());
            }
            "Log.entryAdded" if told["entry"]["level"] == "error" => {
                self.complaints.push(told.to_string());
            }
            "Page.javascriptDialogOpening" => self.complaints.push(told.to_string()),
            _ => {}
        }
        true
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
