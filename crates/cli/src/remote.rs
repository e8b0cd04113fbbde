//! A store that serves, asked over its admin API: who asks, and how a request and its answer are
//! told.

use std::{env, time::Duration};

use anyhow::{Context, anyhow, bail};
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::{
    Agent, Body, RequestBuilder,
    http::{Response, StatusCode},
};

use crate::password::PasswordSource;

/// Where a password may be where no file is named.
const PASSWORD_VARIABLE: &str = "RESTANTE_PASSWORD";
/// How long an answer may take. Long work is a job, which is asked after.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// Where a store serves, and who asks it.
#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// The machine that the store runs on
    #[arg(long, value_name = "HOST", default_value = "localhost", global = true)]
    host: String,
    /// The port of its management listener
    #[arg(long, value_name = "PORT", default_value_t = 3002, global = true)]
    port: u16,
    /// Who asks: a name that restante manager has added
    #[arg(long, value_name = "NAME", global = true)]
    user: Option<String>,
}

/// The options of all commands that ask a store that serves.
#[derive(Debug, clap::Args)]
pub(crate) struct Remote {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    password: PasswordSource,
    /// Print what the server answers as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Somebody who has signed in; signed out in the end.
pub(crate) struct Session {
    agent: Agent,
    base: String,
    token: Option<String>,
}

impl Server {
    /// Whether it is said who asks.
    pub(crate) fn is_named(&self) -> bool {
        self.user.is_some()
    }

    /// Signs in, where a name is given; without one what can be seen by anybody can be asked.
    pub(crate) fn open(&self, password: &PasswordSource) -> anyhow::Result<Session> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_TIME))
            .build();
        let agent = Agent::new_with_config(config);
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        let base = format!("http://{host}:{}", self.port);
        let mut session = Session { agent, base, token: None };
        if let Some(user) = &self.user {
            let prompt = format!("Password of {user}: ");
            let password = match env::var_os(PASSWORD_VARIABLE).filter(|_| !password.is_named()) {
                Some(password) => password.into_encoded_bytes(),
                None => password.password(&prompt)?,
            };
            let body = json!({ "name": user, "password": text(password)? });
            let answer = session.post("/api/session", &body)?;
            session.token = answer["token"].as_str().map(str::to_owned);
        }
        Ok(session)
    }
}

impl Remote {
    /// As [`Server::open`].
    pub(crate) fn open(&self) -> anyhow::Result<Session> {
        self.server.open(&self.password)
    }

    /// The same for what nobody may do without signing in.
    pub(crate) fn signed_in(&self) -> anyhow::Result<Session> {
        if !self.is_named() {
            bail!("say who you are: --user NAME; restante manager add NAME makes one");
        }
        self.open()
    }

    /// Whether it is said who asks.
    pub(crate) fn is_named(&self) -> bool {
        self.server.is_named()
    }
}

/// A password as JSON has it.
pub(crate) fn text(password: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(password).map_err(|_| anyhow!("the password is not of UTF-8"))
}

/// A name as a part of a path or of a query.
pub(crate) fn segment(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, NON_ALPHANUMERIC)
}

impl Session {
    /// Asks for something.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(self.authorized(self.agent.get(self.url(path))).call())
    }

    /// Asks for something that is octets.
    pub(crate) fn octets(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.body(self.authorized(self.agent.get(self.url(path))).call())
    }

    /// Has something done.
    pub(crate) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.agent.post(self.url(path)), body)
    }

    /// Has something be so.
    pub(crate) fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.agent.put(self.url(path)), body)
    }

    fn send(
        &self,
        request: RequestBuilder<ureq::typestate::WithBody>,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = self.authorized(request.header("content-type", "application/json"));
        self.answer(request.send(body.to_string()))
    }

    /// Has something go.
    pub(crate) fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(self.authorized(self.agent.delete(self.url(path))).call())
    }

    /// A request with what says who asks.
    fn authorized<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What came back as JSON, or what the server says is wrong.
    fn answer(&self, got: Result<Response<Body>, ureq::Error>) -> anyhow::Result<Value> {
        let octets = self.body(got)?;
        match octets.is_empty() {
            true => Ok(Value::Null),
            false => serde_json::from_slice(&octets)
                .with_context(|| format!("{} is no admin API of a store", self.base)),
        }
    }

    /// What came back, or what the server says is wrong.
    fn body(&self, got: Result<Response<Body>, ureq::Error>) -> anyhow::Result<Vec<u8>> {
        let asked = || format!("{} can't be asked; is the store running there?", self.base);
        let mut response = got.with_context(asked)?;
        let octets = response.body_mut().with_config().limit(u64::MAX).read_to_vec();
        let octets = octets.with_context(asked)?;
        let status = response.status();
        if status.is_success() {
            return Ok(octets);
        }
        let value = serde_json::from_slice::<Value>(&octets).ok();
        let told = value.as_ref().and_then(|value| value["message"].as_str());
        let told = told.map_or_else(|| String::from_utf8_lossy(&octets).into(), str::to_owned);
        match status {
            StatusCode::UNAUTHORIZED if self.token.is_none() => {
                bail!("{}; --user NAME says who you are", told.trim())
            }
            _ => bail!("{}", told.trim()),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.token.is_some() {
            // A session that is not ended ends by itself.
            let _ = self.delete("/api/session");
        }
    }
}
