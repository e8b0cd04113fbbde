//! The forms of jobs: what each is told, and the job that it comes to. What deletes counts only,
//! unless somebody says otherwise.

use maud::{Markup, html};
use serde::Deserialize;

use super::page::number;
use crate::admin::{
    entries::Status,
    error::ApiError,
    jobs::{JobKind, NewJob, Pace},
    night::{NewBackup, NewImport, NewRestore, NewTidy, TidyClass},
};

const OCTETS_A_MEGABYTE: u64 = 1_000_000;
/// The jobs that can be started here: kind, what it does.
const KINDS: [(JobKind, &str); 8] = [
    (
        JobKind::Backup,
        "Write mailboxes into a tree of files. What is new is added to one that is there.",
    ),
    (JobKind::Restore, "Put entries of a backup back. What is there already stays as it is."),
    (JobKind::Import, "Put the entries of a dump into their mailboxes, under new numbers."),
    (JobKind::Tidy, "Delete what is old, or count it only."),
    (JobKind::Verify, "Read every checksum and compare the index with the log. Changes nothing."),
    (JobKind::Resync, "Compare the index with the log and put it right."),
    (JobKind::Statistics, "Count what the mailboxes hold."),
    (JobKind::Reclaim, "Give back the space of what was deleted, as fast as it goes."),
];

/// What a form says; what its job does not ask for is not said.
#[derive(Debug, Deserialize)]
pub(super) struct Start {
    kind: JobKind,
    #[serde(default)]
    tree: String,
    #[serde(default)]
    mailboxes: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    into: String,
    #[serde(default)]
    age_days: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    class: TidyClass,
    #[serde(default)]
    megabytes: String,
    #[serde(default)]
    keep: String,
    compress: Option<String>,
    full: Option<String>,
    dry_run: Option<String>,
}

impl Start {
    /// The job that is wanted.
    pub(super) fn job(self) -> Result<NewJob, ApiError> {
        let mailboxes = lines(&self.mailboxes);
        let tree = self.tree.trim().to_owned();
        let dry_run = self.dry_run.is_some();
        Ok(match self.kind {
            JobKind::Backup => {
                let compress = self.compress.is_some();
                NewJob::Backup(NewBackup { tree, mailboxes, compress, keep: number(&self.keep)? })
            }
            JobKind::Restore => NewJob::Restore(NewRestore {
                tree,
                mailboxes,
                message: number(&self.message)?,
                into: Some(self.into).filter(|into| !into.trim().is_empty()),
                full: self.full.is_some(),
                increment: None,
                dry_run,
            }),
            JobKind::Import => NewJob::Import(NewImport { tree, mailboxes, dry_run }),
            JobKind::Tidy => NewJob::Tidy(NewTidy {
                age_days: number(&self.age_days)?,
                state: Status::of_name(&self.state),
                class: self.class,
                mailboxes,
                dry_run,
            }),
            JobKind::Verify => NewJob::Verify(pace(&self.megabytes)?),
            JobKind::Resync => NewJob::Resync(pace(&self.megabytes)?),
            JobKind::Statistics => NewJob::Statistics,
            JobKind::Reclaim => NewJob::Reclaim,
        })
    }
}

/// One address a line; none: all mailboxes.
fn lines(text: &str) -> Option<Vec<String>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    (!lines.is_empty()).then_some(lines)
}

fn pace(megabytes: &str) -> Result<Pace, ApiError> {
    let megabytes = number::<u64>(megabytes)?;
    let octets_per_second = megabytes.map(|all| all.saturating_mul(OCTETS_A_MEGABYTE));
    Ok(Pace { octets_per_second })
}

/// All forms.
pub(super) fn forms() -> Markup {
    html! {
        section.cards aria-label="Start a job" {
            @for (kind, what) in KINDS {
                form.card method="post" action="/jobs" {
                    input type="hidden" name="kind" value=(kind.name());
                    p { (what) }
                    (fields(kind))
                    button { "Start " (kind.name()) }
                }
            }
        }
    }
}

fn fields(kind: JobKind) -> Markup {
    let asks = |kinds: &[JobKind]| kinds.contains(&kind);
    use JobKind::{Backup, Import, Restore, Resync, Tidy, Verify};
    html! {
        @if asks(&[Backup, Restore, Import]) {
            label { "Tree " input name="tree" required maxlength="64" placeholder="nightly"
                pattern="[A-Za-z0-9_\\-][A-Za-z0-9_.\\-]*" title="letters, digits, - _ and ."; }
        }
        @if asks(&[Verify, Resync]) {
            label { "Megabytes a second " input.short name="megabytes" type="number" min="1"
                placeholder="67"; }
        }
        @if kind == Tidy {
            label { "Older than, days " input.short name="age_days" type="number" min="0"
                placeholder="7"; }
            label { "Which are "
                select name="state" {
                    option value="" { "new, listed or processed" }
                    @for status in ["new", "listed", "processed"] { option { (status) } }
                }
            }
            label { "In the "
                select name="class" {
                    option value="delivered" { "inbox" }
                    option value="submitted" { "outbox" }
                    option value="any" { "inbox and outbox" }
                }
            }
        }
        @if asks(&[Backup, Restore, Import, Tidy]) {
            details {
                summary { "More" }
                label { "Mailboxes, one a line; none: all"
                    textarea name="mailboxes" rows="3" spellcheck="false" {} }
                @if kind == Restore {
                    label { "One message alone, by its number "
                        input.short name="message" type="number" min="1"; }
                    label { "Into the mailbox " input name="into" placeholder="its own"; }
                }
            }
        }
        @if kind == Backup {
            label { "Keep of this tree, runs " input.short name="keep" type="number" min="1"
                placeholder="all"; }
            label { input type="checkbox" name="compress"; " Compress" }
        }
        @if kind == Restore {
            label { input type="checkbox" name="full";
                " With numbers, statuses and registrations" }
        }
        @if asks(&[Restore, Import, Tidy]) {
            label { input type="checkbox" name="dry_run" checked[kind == Tidy];
                @if kind == Tidy { " Count only" } @else { " Read only" } }
        }
    }
}
