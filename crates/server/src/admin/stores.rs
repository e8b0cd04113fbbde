//! Other stores that are shown beside this one: each is asked from time to time over its own admin
//! API, as somebody who is not signed in. Nothing is done to them from here: their own consoles
//! are one step away.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Json, extract::State};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{task::spawn_blocking, time::MissedTickBehavior};
use ureq::Agent;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Admin, error::ApiError, who::Anyone};
use crate::{config::OtherStore, hub::What, shared};

/// How often they are asked.
const INTERVAL: Duration = Duration::from_secs(15);
/// How long one of them has for an answer.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// The longest answer that is read, octets.
const ANSWER_OCTETS_MAX: u64 = 1 << 20;

/// Another store, as it answered when it was last asked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct OtherState {
    /// What people call it.
    pub(crate) name: String,
    /// Its console and admin API.
    pub(crate) url: String,
    /// When it was last asked; nothing: not yet.
    #[schema(format = DateTime)]
    pub(crate) asked: Option<String>,
    /// Why it gave no answer, where it gave none.
    pub(crate) silent: Option<String>,
    /// Whether it takes messages in.
    pub(crate) ready: Option<bool>,
    /// Why it does not.
    pub(crate) not_ready: Option<String>,
    /// Associations that are bound.
    pub(crate) associations: Option<u64>,
    /// How many mailboxes it has.
    pub(crate) mailboxes: Option<u64>,
    /// How many alarms.
    pub(crate) alarms: Option<u64>,
}

/// What is read of another store's answers.
#[derive(Debug, serde::Deserialize)]
struct Answer {
    ready: bool,
    not_ready: Option<String>,
    associations: u64,
    mailboxes: u64,
}

/// The other stores.
#[derive(Debug)]
pub(crate) struct Stores(Mutex<Vec<OtherState>>);

impl Stores {
    /// None of them was asked yet.
    pub(super) fn new(configured: &[OtherStore]) -> Self {
        Self(Mutex::new(configured.iter().map(OtherState::new).collect()))
    }

    /// As they answered.
    pub(crate) fn all(&self) -> Vec<OtherState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answered(&self, at: usize, state: OtherState) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = all.get_mut(at) {
            *place = state;
        }
    }
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Other stores, as they answered when they were last asked
///
/// Those that the configuration names. They are asked every 15 seconds.
#[utoipa::path(get, path = "/api/stores", tag = "store", responses(
    (status = 200, body = [OtherState]), (status = 401, body = ApiError)))]
async fn list(State(admin): State<Arc<Admin>>, _: Anyone) -> Json<Vec<OtherState>> {
    Json(admin.stores.all())
}

/// Asks them for ever.
pub(super) async fn watch(admin: Arc<Admin>) {
    if admin.config().stores.is_empty() {
        return;
    }
    let config = Agent::config_builder()
        .timeout_global(Some(ANSWER_TIME))
        .max_redirects(0)
        .max_redirects_will_error(true)
        .build();
    let agent = Agent::new_with_config(config);
    let mut rounds = tokio::time::interval(INTERVAL);
    // A round in which nobody answers may take longer: then there is a pause all the same.
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        for (at, store) in admin.config().stores.iter().enumerate() {
            let (agent, store) = (agent.clone(), store.clone());
            let Ok(state) = spawn_blocking(move || ask(&agent, &store)).await else { return };
            admin.stores.answered(at, state);
        }
        admin.shared.hub.happen(|| What::Stores);
    }
}

/// Asks one of them.
fn ask(agent: &Agent, store: &OtherStore) -> OtherState {
    let asked = Some(shared::now_text());
    let known = OtherState { asked, ..OtherState::new(store) };
    let answer: Answer = match get(agent, &store.url.at("/api/store")) {
        Ok(answer) => answer,
        Err(why) => return OtherState { silent: Some(why), ..known },
    };
    let alarms = get::<Vec<serde::de::IgnoredAny>>(agent, &store.url.at("/api/alarms"));
    OtherState {
        ready: Some(answer.ready),
        not_ready: answer.not_ready,
        associations: Some(answer.associations),
        mailboxes: Some(answer.mailboxes),
        alarms: alarms.ok().and_then(|alarms| u64::try_from(alarms.len()).ok()),
        ..known
    }
}

fn get<T: DeserializeOwned>(agent: &Agent, address: &str) -> Result<T, String> {
    let mut answer = match agent.get(address).call() {
        Ok(answer) => answer,
        Err(ureq::Error::StatusCode(401)) => {
            return Err("it tells nothing without signing in".to_owned());
        }
        Err(error) => return Err(error.to_string()),
    };
    let body = answer.body_mut().with_config().limit(ANSWER_OCTETS_MAX).read_to_string();
    let body = body.map_err(|error| error.to_string())?;
    serde_json::from_str(&body).map_err(|_| "what answers there is no store".to_owned())
}

impl OtherState {
    fn new(store: &OtherStore) -> Self {
        Self {
            name: store.name.clone(),
            url: store.url.at("/"),
            asked: None,
            silent: None,
            ready: None,
            not_ready: None,
            associations: None,
            mailboxes: None,
            alarms: None,
        }
    }
}
