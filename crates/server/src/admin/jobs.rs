//! Long work that somebody who runs the store starts: it is watched while it goes on, can be
//! cancelled, and its outcome is kept, in the log as all that the store keeps.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Json, extract::State, http::StatusCode};
use bytes::Bytes;
use restante_archive::{NAMED_MAX, Progress};
use restante_directory::Manager;
use restante_storage::{
    Change, Reclaimed, Scope, Storage as _, StorageError, Store, Transaction, Verification,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::{Body, Path, Query},
    night::{NewBackup, NewImport, NewRestore, NewTidy},
    store::statistics,
    who::{Anyone, Operator},
};
use crate::{
    connection::stopped,
    events::{Fact, tell},
    hub::{Hub, What},
    shared,
};

/// Jobs whose outcome is kept; the oldest goes first.
const KEPT_MAX: usize = 200;
/// Under what they are kept.
const KEY: &[u8] = b"admin/job/";
/// How long an answer may be waited for, seconds.
const WAIT_S_MAX: u64 = 30;
/// Watchers are told each time that a job has come so much further, of a thousand.
const TOLD_EVERY: u64 = 10;

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobKind {
    /// Write mailboxes into a tree of files.
    Backup,
    /// Put entries of such a tree back.
    Restore,
    /// Put the entries of a dump into their mailboxes, under new numbers.
    Import,
    /// Delete what is old.
    Tidy,
    /// Compare the index with the log and put it right.
    Resync,
    /// Read every checksum and compare the index with the log; nothing is changed.
    Verify,
    /// Count what the mailboxes hold.
    Statistics,
    /// Rewrite segments that have little left, and give back their space.
    Reclaim,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobState {
    /// It goes on.
    Running,
    /// It has done what it was to do.
    Done,
    /// It could not.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// The server stopped before it had ended.
    Interrupted,
}

impl JobKind {
    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Import => "import",
            Self::Tidy => "tidy",
            Self::Resync => "resync",
            Self::Verify => "verify",
            Self::Statistics => "statistics",
            Self::Reclaim => "reclaim",
        }
    }
}

impl JobState {
    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Job {
    /// Its number; never used twice by one store.
    pub(crate) id: u64,
    /// What it does.
    pub(crate) kind: JobKind,
    /// Who started it.
    pub(crate) started_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub(crate) started: String,
    /// When it had ended.
    #[schema(format = DateTime)]
    pub(crate) ended: Option<String>,
    /// How far it is.
    pub(crate) state: JobState,
    /// How much of it is done, 0 to 1; of an ended one, where it was then.
    pub(crate) progress: f64,
    /// What it came to, in a line.
    pub(crate) outcome: Option<String>,
    /// What it came to, in detail.
    #[schema(value_type = Option<Object>)]
    pub(crate) details: Option<serde_json::Value>,
}

/// The job that is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum NewJob {
    /// Write mailboxes into a tree of files.
    Backup(NewBackup),
    /// Put entries of such a tree back.
    Restore(NewRestore),
    /// Put the entries of a dump into their mailboxes: their statuses are kept, their numbers new.
    Import(NewImport),
    /// Delete what is old.
    Tidy(NewTidy),
    /// Compare the index with the log and put it right.
    Resync(Pace),
    /// Read every checksum and compare the index with the log; nothing is changed.
    Verify(Pace),
    /// Count what the mailboxes hold.
    Statistics,
    /// Rewrite segments that have little left, and give back their space.
    Reclaim,
}

/// How fast.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// How much of the log is read in a second, octets; left out: 64 MiB.
    #[schema(minimum = 1024)]
    pub(crate) octets_per_second: Option<u64>,
}

impl NewJob {
    /// What it is to do.
    pub(crate) fn kind(&self) -> JobKind {
        match self {
            Self::Backup(_) => JobKind::Backup,
            Self::Restore(_) => JobKind::Restore,
            Self::Import(_) => JobKind::Import,
            Self::Tidy(_) => JobKind::Tidy,
            Self::Resync(_) => JobKind::Resync,
            Self::Verify(_) => JobKind::Verify,
            Self::Statistics => JobKind::Statistics,
            Self::Reclaim => JobKind::Reclaim,
        }
    }
}

/// What a job came to.
pub(crate) struct Outcome {
    pub(crate) text: String,
    pub(crate) details: Option<serde_json::Value>,
    /// Whether all is as it should be.
    pub(crate) is_good: bool,
}

impl Outcome {
    fn good(text: String) -> Self {
        Self { text, details: None, is_good: true }
    }
}

/// What a job does: told how far it is, it may be told to end.
pub(crate) type Work = Box<dyn FnOnce(&Progress<'_>) -> Result<Outcome, String> + Send>;

/// The jobs of one server.
#[derive(Debug)]
pub(crate) struct Jobs {
    hub: Arc<Hub>,
    jobs: Mutex<BTreeMap<u64, Arc<Running>>>,
}

#[derive(Debug)]
struct Running {
    job: Mutex<Job>,
    /// Of a thousand.
    progress: AtomicU64,
    cancelled: AtomicBool,
}

impl Running {
    fn now(&self) -> Job {
        let mut job = locked(&self.job).clone();
        job.progress = per_mille(self.progress.load(Ordering::Relaxed));
        job
    }
}

fn per_mille(progress: u64) -> f64 {
    f64::from(u32::try_from(progress).unwrap_or(1_000)) / 1_000.0
}

impl Jobs {
    /// The jobs that were kept by earlier starts; none of them goes on.
    pub(crate) fn open(hub: Arc<Hub>, store: &Store) -> Result<Self, StorageError> {
        let mut jobs = BTreeMap::new();
        for (_, value) in store.values(Scope::Store, KEY)? {
            let Ok(mut job) = serde_json::from_slice::<Job>(&value) else { continue };
            if job.state == JobState::Running {
                job.state = JobState::Interrupted;
            }
            let cancelled = AtomicBool::new(false);
            let progress = AtomicU64::new(u64::from(job.state == JobState::Done) * 1_000);
            jobs.insert(job.id, Arc::new(Running { job: Mutex::new(job), progress, cancelled }));
        }
        Ok(Self { hub, jobs: Mutex::new(jobs) })
    }

    /// All of them, the newest first.
    pub(crate) fn all(&self) -> Vec<Job> {
        locked(&self.jobs).values().rev().map(|running| running.now()).collect()
    }

    /// How many go on.
    pub(super) fn going_on(&self) -> usize {
        self.all().iter().filter(|job| job.state == JobState::Running).count()
    }

    /// One of them.
    pub(crate) fn get(&self, id: u64) -> Result<Job, ApiError> {
        self.running(id).map(|running| running.now())
    }

    fn running(&self, id: u64) -> Result<Arc<Running>, ApiError> {
        let found = locked(&self.jobs).get(&id).cloned();
        found.ok_or_else(|| ApiError::not_found(format!("there is no job {id}")))
    }

    /// Has a job end early, where it has not ended.
    pub(crate) fn cancel(&self, id: u64) -> Result<Job, ApiError> {
        let running = self.running(id)?;
        running.cancelled.store(true, Ordering::Relaxed);
        Ok(running.now())
    }

    /// Starts a job. One of a kind goes on at a time.
    pub(crate) fn start(
        self: &Arc<Self>,
        store: &Arc<Store>,
        kind: JobKind,
        who: &str,
        work: Work,
    ) -> Result<Job, ApiError> {
        let running = self.enter(kind, who)?;
        self.keep(store, &running);
        let (jobs, store, job) = (self.clone(), store.clone(), running.now());
        spawn_blocking(move || {
            let progress = |done: u64, all: u64| jobs.progress(&running, done, all);
            let outcome = work(&progress);
            jobs.ended(&store, &running, outcome);
        });
        Ok(job)
    }

    fn enter(&self, kind: JobKind, who: &str) -> Result<Arc<Running>, ApiError> {
        let mut jobs = locked(&self.jobs);
        let same = |job: &Job| job.kind == kind && job.state == JobState::Running;
        if let Some(other) = jobs.values().map(|running| running.now()).find(same) {
            let text = format!("job {} does that already", other.id);
            return Err(ApiError::conflict(text));
        }
        let job = Job {
            id: jobs.last_key_value().map_or(1, |(last, _)| last + 1),
            kind,
            started_by: who.to_owned(),
            started: shared::now_text(),
            ended: None,
            state: JobState::Running,
            progress: 0.0,
            outcome: None,
            details: None,
        };
        let running = Arc::new(Running {
            progress: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            job: Mutex::new(job),
        });
        jobs.insert(running.now().id, running.clone());
        Ok(running)
    }

    fn progress(&self, running: &Running, done: u64, all: u64) -> ControlFlow<()> {
        let part = done.saturating_mul(1_000).checked_div(all).unwrap_or(0).min(1_000);
        let before = running.progress.swap(part, Ordering::Relaxed);
        if part / TOLD_EVERY != before / TOLD_EVERY {
            let id = locked(&running.job).id;
            self.hub.happen(|| What::Job { id });
        }
        match running.cancelled.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    fn ended(&self, store: &Store, running: &Running, outcome: Result<Outcome, String>) {
        let cancelled = running.cancelled.load(Ordering::Relaxed);
        {
            let mut job = locked(&running.job);
            job.ended = Some(shared::now_text());
            (job.state, job.outcome, job.details) = match outcome {
                Ok(Outcome { text, details, is_good }) => {
                    let state = if is_good { JobState::Done } else { JobState::Failed };
                    (state, Some(text), details)
                }
                Err(_) if cancelled => (JobState::Cancelled, None, None),
                Err(text) => (JobState::Failed, Some(text), None),
            };
            if job.state == JobState::Done {
                running.progress.store(1_000, Ordering::Relaxed);
            }
            let outcome = job.outcome.as_deref().unwrap_or("ended early");
            let (state, kind, outcome) = (job.state, &job.kind.name(), &outcome);
            let job = &job.id;
            tell(match state {
                JobState::Failed => Fact::JobFailed { job, kind, outcome },
                _ => Fact::JobEnded { job, kind, outcome },
            });
        }
        self.keep(store, running);
    }

    /// Keeps a job's state, and no more than so many.
    fn keep(&self, store: &Store, running: &Running) {
        let job = running.now();
        let key = |id: u64| Bytes::from([KEY, &id.to_be_bytes()].concat());
        let value = Bytes::from(serde_json::to_vec(&job).unwrap_or_default());
        let mut changes = vec![Change::PutValue { scope: Scope::Store, key: key(job.id), value }];
        {
            let mut jobs = locked(&self.jobs);
            let ended = |(_, one): &(&u64, &Arc<Running>)| one.now().state != JobState::Running;
            while jobs.len() > KEPT_MAX
                && let Some((&id, _)) = jobs.iter().find(ended)
            {
                jobs.remove(&id);
                changes.push(Change::RemoveValue { scope: Scope::Store, key: key(id) });
            }
        }
        if let Err(error) = store.commit(Transaction { changes }).wait() {
            tell(Fact::JobNotKept { job: &job.id, error: &error });
        }
        self.hub.happen(|| What::Job { id: job.id });
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new().routes(routes!(list, start)).routes(routes!(get, cancel))
}

/// Jobs, the newest first
#[utoipa::path(get, path = "/api/jobs", tag = "jobs", responses(
    (status = 200, body = [Job]), (status = 401, body = ApiError)))]
async fn list(State(admin): State<Arc<Admin>>, _: Anyone) -> Json<Vec<Job>> {
    Json(admin.jobs.all())
}

/// How long an answer may be waited for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Patience {
    /// While the job runs, the answer waits until it has come further, for so many seconds at
    /// most; left out: not at all.
    #[serde(default)]
    #[param(maximum = 30)]
    wait_s: u64,
}

/// One job
#[utoipa::path(get, path = "/api/jobs/{id}", tag = "jobs", params(("id" = u64, Path), Patience),
    responses((status = 200, body = Job), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 400, body = ApiError)))]
async fn get(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
    Path(id): Path<u64>,
    Query(Patience { wait_s }): Query<Patience>,
) -> Result<Json<Job>, ApiError> {
    let mut watcher = admin.shared.hub.watch();
    let job = admin.jobs.get(id)?;
    if job.state != JobState::Running || wait_s == 0 {
        return Ok(Json(job));
    }
    let mut stop = admin.shared.stop.clone();
    let further = async {
        // What was missed may have been it.
        while watcher.recv().await.is_ok_and(|happening| happening.what != What::Job { id }) {}
    };
    let patience = tokio::time::sleep(Duration::from_secs(wait_s.min(WAIT_S_MAX)));
    tokio::select! {
        () = further => {}
        () = patience => {}
        () = stopped(&mut stop) => {}
    }
    admin.jobs.get(id).map(Json)
}

/// Start a job
///
/// One of a kind goes on at a time.
#[utoipa::path(post, path = "/api/jobs", tag = "jobs", request_body = NewJob, responses(
    (status = 201, body = Job), (status = 401, body = ApiError), (status = 403, body = ApiError),
    (status = 409, body = ApiError), (status = 400, body = ApiError),
    (status = 422, body = ApiError)))]
async fn start(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Body(new): Body<NewJob>,
) -> Result<(StatusCode, Json<Job>), ApiError> {
    let job = admin.blocking(move |admin| admin.start_job(new, &who)).await?;
    Ok((StatusCode::CREATED, Json(job)))
}

/// Cancel a job
///
/// What it has done stays done. One that has ended stays as it is.
#[utoipa::path(delete, path = "/api/jobs/{id}", tag = "jobs", params(("id" = u64, Path)),
    responses((status = 200, body = Job), (status = 401, body = ApiError),
    (status = 403, body = ApiError), (status = 404, body = ApiError),
    (status = 400, body = ApiError)))]
async fn cancel(
    State(admin): State<Arc<Admin>>,
    Operator(who): Operator,
    Path(id): Path<u64>,
) -> Result<Json<Job>, ApiError> {
    admin.cancel_job(id, &who).map(Json)
}

/// How fast the log is read where nothing is said, octets in a second.
const OCTETS_PER_SECOND: u64 = 64 << 20;

impl Admin {
    /// Has a job end early.
    pub(crate) fn cancel_job(&self, id: u64, who: &Manager) -> Result<Job, ApiError> {
        let job = self.jobs.cancel(id)?;
        self.record(who, format_args!("job {id} is cancelled"));
        Ok(job)
    }

    /// Starts what the engine has.
    pub(crate) fn start_job(&self, new: NewJob, who: &Manager) -> Result<Job, ApiError> {
        let kind = new.kind();
        let work = self.work(new)?;
        let job = self.jobs.start(&self.store, kind, &who.name, work)?;
        self.record(who, format_args!("job {} ({}) starts", job.id, kind.name()));
        Ok(job)
    }

    fn work(&self, new: NewJob) -> Result<Work, ApiError> {
        let store = self.store.clone();
        Ok(match new {
            NewJob::Backup(new) => self.backup(new)?,
            NewJob::Restore(new) => self.restore(new)?,
            NewJob::Import(new) => self.import(new)?,
            NewJob::Tidy(new) => self.tidy(new)?,
            NewJob::Resync(pace) => Box::new(move |progress| {
                let done = store.resync(pace.rate(), &mut watch(progress)).map_err(failed)?;
                Ok(Outcome::good(done.to_string()))
            }),
            NewJob::Verify(pace) => Box::new(move |progress| {
                let found = store.verify(pace.rate(), &mut watch(progress)).map_err(failed)?;
                let details = Some(verified(&found));
                let text = found.to_string();
                Ok(Outcome { text, details, is_good: found.is_clean() })
            }),
            NewJob::Statistics => Box::new(move |progress| {
                let counted = statistics(&store, progress)?;
                let details = serde_json::to_value(&counted).ok();
                Ok(Outcome { details, ..Outcome::good(counted.to_string()) })
            }),
            NewJob::Reclaim => Box::new(move |_| {
                let Reclaimed { segments, bytes } = store.reclaim().map_err(failed)?;
                let text = format!("{segments} segments rewritten, {bytes} octets given back");
                Ok(Outcome::good(text))
            }),
        })
    }
}

impl Pace {
    fn rate(&self) -> Option<u64> {
        Some(self.octets_per_second.unwrap_or(OCTETS_PER_SECOND).max(1_024))
    }
}

/// What is not as it should be, named.
fn verified(found: &Verification) -> serde_json::Value {
    let damaged = found.damaged.iter().map(ToString::to_string);
    let named = damaged.chain(found.differences.iter().map(ToString::to_string));
    json!({
        "damaged": named.take(NAMED_MAX).collect::<Vec<_>>(),
        "damaged_all": found.damaged.len() as u64 + found.differences_all,
    })
}

/// What the store tells of how far it is, told on.
fn watch(progress: &Progress<'_>) -> impl FnMut(restante_storage::Progress) -> ControlFlow<()> {
    move |at| progress(at.bytes, at.bytes_all)
}

fn failed(error: StorageError) -> String {
    error.to_string()
}
