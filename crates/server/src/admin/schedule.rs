//! Jobs that start by themselves each day at their time, as `[[schedule]]` of the configuration
//! has it. A time at which the server does not run is not made up for.

use std::{sync::Arc, time::Duration};

use jiff::{ZonedDateTime, civil::DateTime};
use restante_directory::{Manager, Role};
use tokio::{sync::watch, time::sleep};

use super::Admin;
use crate::{
    config::Schedule,
    events::{Fact, tell},
};

/// How often is looked whether it is time: the clock may be set meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// By how much the clock may go back without a job being started again, hours: as in autumn.
const BACK_HOURS: i64 = 3;
/// Who starts them.
const WHO: &str = "(schedule)";

/// Starts what is due, until the server stops.
pub(super) async fn run(admin: Arc<Admin>, schedules: watch::Receiver<Vec<Schedule>>) {
    let mut seen = ZonedDateTime::now().datetime();
    loop {
        sleep(LOOK_EVERY).await;
        let now = ZonedDateTime::now().datetime();
        let due = take_due(&schedules.borrow(), &mut seen, now);
        for schedule in due {
            start(&admin, schedule).await;
        }
    }
}

/// What became due since it was looked last.
fn take_due(schedules: &[Schedule], seen: &mut DateTime, now: DateTime) -> Vec<Schedule> {
    if now <= *seen {
        if now.duration_until(*seen).as_hours() >= BACK_HOURS {
            *seen = now;
        }
        return Vec::new();
    }
    let since = std::mem::replace(seen, now);
    schedules.iter().filter(|one| one.is_due(since, now)).cloned().collect()
}

impl Schedule {
    /// Whether its time is after the one and not after the other.
    fn is_due(&self, since: DateTime, now: DateTime) -> bool {
        let day = |back: i64| now.date().checked_sub(jiff::Span::new().days(back)).ok();
        let times = (0..7).filter_map(day).map(|date| date.to_datetime(self.at));
        let mut times = times.filter(|time| since < *time && *time <= now);
        let is_day = |time: &DateTime| {
            self.days.is_empty() || self.days.iter().any(|day| day.is(time.date().weekday()))
        };
        times.any(|time| is_day(&time))
    }
}

/// Starts a job in the name of the schedule.
pub(super) async fn start(admin: &Arc<Admin>, schedule: Schedule) {
    let who = Manager { name: WHO.to_owned(), role: Role::Operator };
    let kind = schedule.job.kind().name();
    let started = admin.blocking(move |admin| admin.start_job(schedule.job, &who)).await;
    if let Err(error) = started {
        tell(Fact::ScheduleFailed { job: &kind, error: &error.message() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime {
        text.parse().expect("a time")
    }

    fn schedule(text: &str) -> Schedule {
        let job = "job = { kind = \"tidy\", age_days = 30 }";
        toml::from_str(&format!("{text}\n{job}")).expect("a schedule")
    }

    #[test]
    fn a_job_is_due_once_at_its_time_on_its_days() {
        let daily = schedule("at = \"03:30\"");
        // 2026-03-01 is a Sunday.
        let sundays = schedule("at = \"03:30\"\ndays = [\"sunday\"]");
        let both = [daily.clone(), sundays.clone()];
        let mut seen = time("2026-03-01T03:29:50");
        for (now, due) in [
            ("2026-03-01T03:30:10", 2),
            ("2026-03-01T03:30:30", 0),
            // An hour back in autumn, and the same hour once more.
            ("2026-03-01T02:31:00", 0),
            ("2026-03-01T03:30:20", 0),
            ("2026-03-02T03:30:00", 1),
            // The machine slept for some days: once each.
            ("2026-03-09T04:00:00", 2),
            // The clock was set back by a day: its times come again.
            ("2026-03-08T03:00:00", 0),
            ("2026-03-08T03:30:00", 2),
        ] {
            assert_eq!(take_due(&both, &mut seen, time(now)).len(), due, "{now}");
        }
    }

    #[test]
    fn an_hour_that_is_left_out_in_spring_leaves_out_no_job() {
        let daily = schedule("at = \"02:30\"");
        assert!(daily.is_due(time("2026-03-29T01:59:50"), time("2026-03-29T03:00:10")));
    }
}
