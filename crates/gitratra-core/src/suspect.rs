//! Days on which the whole fleet fell silent at once, which is more likely GitHub's fault than the
//! world's.
//!
//! GitHub has answered zeros for every repository for days (first seen on 2019-08-21). Such zeros
//! are kept, but not believed until a later reading settles them.

use jiff::Timestamp;

use crate::{Day, Metric};

/// How the fleet did on one day in one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetDay {
    /// Views or clones.
    pub metric: Metric,
    /// The day.
    pub day: Day,
    /// Repositories of which the day is measured.
    pub measured: u64,
    /// Those of them with any events.
    pub busy: u64,
    /// Those of them that were read again on a later UTC day than the one on which the day came
    /// under suspicion; 0 where it is not.
    pub read_again: u64,
}

/// A day whose zeros are not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suspicion {
    /// Views or clones.
    pub metric: Metric,
    /// The day.
    pub day: Day,
    /// When it was first noticed, by the server's clock.
    pub since: Timestamp,
}

/// How many days before a silent one are looked at: a week, so that a fleet that rests on Sundays
/// has one of its Sundays among them.
const BEFORE: usize = 7;
/// How many of them must be known before silence means anything.
const BEFORE_AT_LEAST: usize = 3;
/// How many repositories must have been busy on each of them; one repository falls silent by chance.
const BUSY_AT_LEAST: u64 = 2;

/// Which days are under suspicion now.
///
/// `fleet` has the days of the last weeks in any order; `known` are the suspicions so far; `now` is
/// the server's clock. A day becomes suspect when no repository has events on it although at least
/// two had some on each day of the week before. It stays so until the fleet has events on that day
/// after all, or until most of the fleet was read again on a later day, still says zero, and is
/// busy again afterwards. A day of which `fleet` does not tell stays as it is.
#[must_use]
pub fn suspicions(fleet: &[FleetDay], known: &[Suspicion], now: Timestamp) -> Vec<Suspicion> {
    let mut found = Vec::new();
    for metric in Metric::ALL {
        let mut days: Vec<FleetDay> = fleet
            .iter()
            .filter(|day| day.metric == metric && day.measured > 0)
            .copied()
            .collect();
        days.sort_unstable_by_key(|day| day.day);
        for (at, day) in days.iter().enumerate().filter(|(_, day)| day.busy == 0) {
            let earlier = known
                .iter()
                .find(|suspicion| suspicion.metric == metric && suspicion.day == day.day);
            let suspicion = earlier.copied().or_else(|| {
                is_sudden(&days[..at], day).then_some(Suspicion {
                    metric,
                    day: day.day,
                    since: now,
                })
            });
            let is_busy_again = days[at + 1..].iter().any(|later| later.busy > 0);
            let is_read_again = day.read_again * 2 > day.measured;
            found.extend(suspicion.filter(|_| !(is_busy_again && is_read_again)));
        }
    }
    let is_told = |suspicion: &Suspicion| {
        fleet.iter().any(|day| {
            day.metric == suspicion.metric && day.day == suspicion.day && day.measured > 0
        })
    };
    found.extend(known.iter().filter(|suspicion| !is_told(suspicion)));
    found.sort_unstable();
    found
}

/// Whether a silent day follows a week of busy ones. Silent days directly before it are part of
/// the same silence and are passed over.
fn is_sudden(before: &[FleetDay], silent: &FleetDay) -> bool {
    let awake: Vec<&FleetDay> = before
        .iter()
        .rev()
        .skip_while(|day| day.busy == 0)
        .take(BEFORE)
        .collect();
    let usual = awake.iter().map(|day| day.measured).max().unwrap_or(0);
    awake.len() >= BEFORE_AT_LEAST
        && awake.iter().all(|day| day.busy >= BUSY_AT_LEAST)
        && silent.measured * 2 > usual
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-20T09:00:00Z";

    /// Days of views from 2026-03-01 on, as (measured, busy), all of them read again by `again`.
    fn fleet(days: &[(u64, u64)], again: u64) -> Vec<FleetDay> {
        let first: Day = "2026-03-01".parse().unwrap();
        days.iter()
            .zip(0..)
            .map(|((measured, busy), later)| FleetDay {
                metric: Metric::Views,
                day: first.plus(later),
                measured: *measured,
                busy: *busy,
                read_again: again,
            })
            .collect()
    }

    fn check(days: &[(u64, u64)], known: &[&str], again: u64, expected: &[&str]) {
        let known: Vec<_> = known
            .iter()
            .map(|day| Suspicion {
                metric: Metric::Views,
                day: day.parse().unwrap(),
                since: "2026-03-05T09:00:00Z".parse().unwrap(),
            })
            .collect();
        let found = suspicions(&fleet(days, again), &known, NOW.parse().unwrap());
        let found: Vec<_> = found.iter().map(|found| found.day.to_string()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_fleet_that_falls_silent_is_suspect() {
        check(&[(5, 5), (5, 4), (5, 5), (5, 0)], &[], 0, &["2026-03-04"]);
        check(
            &[(5, 5), (5, 4), (5, 5), (5, 0), (5, 0)],
            &[],
            0,
            &["2026-03-04", "2026-03-05"],
        );
    }

    #[test]
    fn quiet_repositories_are_not_suspect() {
        check(&[(5, 1), (5, 2), (5, 1), (5, 0)], &[], 0, &[]);
        check(&[(1, 1), (1, 1), (1, 1), (1, 0)], &[], 0, &[]);
        check(&[(5, 0), (5, 0), (5, 0), (5, 0)], &[], 0, &[]);
    }

    #[test]
    fn a_fleet_that_rests_every_week_is_not_suspect() {
        let week = [(9, 9), (9, 8), (9, 9), (9, 9), (9, 7), (9, 5), (9, 0)];
        let two: Vec<_> = week.iter().chain(&week).copied().collect();
        check(&two, &["2026-03-07"], 9, &[]);
    }

    #[test]
    fn one_repository_read_before_the_others_is_not_the_fleet() {
        check(&[(50, 50), (50, 40), (50, 50), (3, 0)], &[], 0, &[]);
    }

    #[test]
    fn events_that_come_after_all_settle_it() {
        check(&[(5, 5), (5, 4), (5, 5), (5, 3)], &["2026-03-04"], 0, &[]);
    }

    #[test]
    fn zeros_that_most_of_a_busy_fleet_is_told_again_settle_it() {
        let days = [(5, 5), (5, 4), (5, 5), (5, 0), (5, 5)];
        check(&days, &["2026-03-04"], 0, &["2026-03-04"]);
        check(&days, &["2026-03-04"], 1, &["2026-03-04"]);
        check(&days, &["2026-03-04"], 5, &[]);
        let silent = [(5, 5), (5, 4), (5, 5), (5, 0), (5, 0)];
        check(&silent, &["2026-03-04"], 5, &["2026-03-04", "2026-03-05"]);
    }

    #[test]
    fn a_day_that_nobody_tells_of_any_more_stays_suspect() {
        check(&[(5, 5)], &["2026-01-04"], 5, &["2026-01-04"]);
    }
}
