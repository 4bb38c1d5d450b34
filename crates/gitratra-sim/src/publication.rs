//! When GitHub says what: publication moments, stalls, stale windows, zeros during an outage.
//!
//! Knows nothing about counts. Since 2025-12-31 a day appears between about 06:30 and 08:40 UTC
//! of the next day, and a window ends on the newest published day (measured on three public
//! archives of raw answers, 2026).

use serde::{Deserialize, Serialize};

use crate::clock::{Day, Time};
use crate::noise::{Noise, Topic};
use crate::repo::{Repo, RepoRef};
use crate::truth::Metric;

const EARLIEST_SECS: i64 = (6 * 60 + 30) * 60;
const SPREAD_SECS: u64 = 130 * 60;

/// Which repositories something happens to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Every repository.
    All,
    /// Every public repository.
    Public,
    /// Every private repository.
    Private,
    /// One repository.
    Repo(RepoRef),
}

impl Scope {
    fn covers(&self, repo: &Repo) -> bool {
        match self {
            Self::All => true,
            Self::Public => !repo.private,
            Self::Private => repo.private,
            Self::Repo(wanted) => *wanted == RepoRef::Id(repo.id),
        }
    }
}

impl From<&str> for Scope {
    fn from(name: &str) -> Self {
        Self::Repo(name.into())
    }
}

impl From<u64> for Scope {
    fn from(id: u64) -> Self {
        Self::Repo(id.into())
    }
}

/// A time during which GitHub publishes no new day; the days are back-filled at its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    pub(crate) scope: Scope,
    #[serde(default)]
    pub(crate) metric: Option<Metric>,
    pub(crate) from: Time,
    #[serde(default)]
    pub(crate) until: Option<Time>,
    #[serde(default)]
    pub(crate) rows_missing: bool,
}

impl Stall {
    /// A stall of everything in `scope` that begins at `from` and has no end yet.
    pub fn new(scope: impl Into<Scope>, from: impl Into<Time>) -> Self {
        Self {
            scope: scope.into(),
            metric: None,
            from: from.into(),
            until: None,
            rows_missing: false,
        }
    }

    /// The stall ends at `until`, and what was held back appears.
    #[must_use]
    pub fn until(mut self, until: impl Into<Time>) -> Self {
        self.until = Some(until.into());
        self
    }

    /// Only one metric stalls, so views and clones end on different days.
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// The window moves on all the same, and has no rows for the days held back
    /// (2025-08-14 to 08-21: windows shrank from 15 rows to 8).
    #[must_use]
    pub fn rows_missing(mut self) -> Self {
        self.rows_missing = true;
        self
    }

    fn covers(&self, repo: &Repo, metric: Metric, at: Time) -> bool {
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.metric.is_none_or(|wanted| wanted == metric)
            && self.scope.covers(repo)
    }
}

/// Days that GitHub answers with zero although something happened (an outage), until it
/// mends them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZeroDays {
    pub(crate) scope: Scope,
    #[serde(default)]
    pub(crate) metric: Option<Metric>,
    pub(crate) from: Day,
    pub(crate) to: Day,
    #[serde(default)]
    pub(crate) until: Option<Time>,
}

impl ZeroDays {
    /// The days `from` to `to`, both included, are answered as zero.
    pub fn new(scope: impl Into<Scope>, from: impl Into<Day>, to: impl Into<Day>) -> Self {
        Self {
            scope: scope.into(),
            metric: None,
            from: from.into(),
            to: to.into(),
            until: None,
        }
    }

    /// From `until` on the true numbers are given.
    #[must_use]
    pub fn until(mut self, until: impl Into<Time>) -> Self {
        self.until = Some(until.into());
        self
    }

    /// Only one metric is zero.
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }
}

/// Old windows that come back now and then.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaleAnswers {
    pub(crate) scope: Scope,
    pub(crate) probability: f64,
    pub(crate) depth_days: u32,
}

impl StaleAnswers {
    /// An answer is stale with `probability`, by one to `depth_days` days.
    pub fn new(scope: impl Into<Scope>, probability: f64, depth_days: u32) -> Self {
        Self {
            scope: scope.into(),
            probability,
            depth_days,
        }
    }
}

/// Where the window of one answer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Horizon {
    /// The window is the 14 days ending here.
    pub(crate) anchor: Day,
    /// No row is newer than this day.
    pub(crate) newest: Day,
    /// Nothing that happened later is known (old regime).
    pub(crate) known_until: Time,
}

/// The plan by which days become known.
#[derive(Debug)]
pub(crate) struct Publication {
    noise: Noise,
    pub(crate) stalls: Vec<Stall>,
    pub(crate) zero_days: Vec<ZeroDays>,
    pub(crate) stale: Vec<StaleAnswers>,
}

impl Publication {
    pub(crate) fn new(noise: Noise) -> Self {
        Self {
            noise,
            stalls: Vec::new(),
            zero_days: Vec::new(),
            stale: Vec::new(),
        }
    }

    /// The moment at which `day` becomes known where nothing stalls.
    pub(crate) fn moment(&self, repo_id: u64, day: Day) -> Time {
        let index = day.number() as u64;
        let late = self.noise.below(Topic::Moment, repo_id, index, SPREAD_SECS) as i64;
        day.plus(1).start().plus_secs(EARLIEST_SECS + late)
    }

    fn due(&self, repo_id: u64, at: Time) -> Day {
        let yesterday = at.day().plus(-1);
        if at >= self.moment(repo_id, yesterday) {
            yesterday
        } else {
            yesterday.plus(-1)
        }
    }

    /// The window that is due at `at`, stale answers apart.
    pub(crate) fn horizon(&self, repo: &Repo, metric: Metric, at: Time) -> Horizon {
        if self.stalls.is_empty() {
            let newest = self.due(repo.id, at);
            return Horizon {
                anchor: newest,
                newest,
                known_until: at,
            };
        }
        let frozen = self.before_stall(repo, metric, at, false);
        let missing = self.before_stall(repo, metric, at, true);
        let anchor = self.due(repo.id, frozen);
        Horizon {
            anchor,
            newest: self.due(repo.id, missing).min(anchor),
            known_until: frozen.min(missing),
        }
    }

    /// `at`, or the beginning of the stalls (one after the other) that it lies in.
    fn before_stall(&self, repo: &Repo, metric: Metric, at: Time, rows_missing: bool) -> Time {
        let mut at = at;
        let covering = |at| {
            self.stalls
                .iter()
                .filter(move |stall| stall.rows_missing == rows_missing)
                .filter(move |stall| stall.covers(repo, metric, at))
                .map(|stall| stall.from)
                .min()
        };
        while let Some(from) = covering(at).filter(|from| *from < at) {
            at = from;
        }
        at
    }

    /// By how many days the answer with this number is stale; mostly 0.
    pub(crate) fn stale_days(&self, repo: &Repo, metric: Metric, number: u64) -> i32 {
        let key = repo.id.wrapping_mul(2) + u64::from(metric == Metric::Clones);
        self.stale
            .iter()
            .filter(|stale| stale.scope.covers(repo))
            .find(|stale| self.noise.unit(Topic::Stale, key, number) < stale.probability)
            .map_or(0, |stale| {
                let depth = u64::from(stale.depth_days.max(1));
                1 + self.noise.below(Topic::StaleDepth, key, number, depth) as i32
            })
    }

    /// Whether GitHub says zero for this day whatever happened on it.
    pub(crate) fn is_zeroed(&self, repo: &Repo, metric: Metric, day: Day, at: Time) -> bool {
        self.zero_days.iter().any(|zero| {
            zero.from <= day
                && day <= zero.to
                && zero.until.is_none_or(|until| at < until)
                && zero.metric.is_none_or(|wanted| wanted == metric)
                && zero.scope.covers(repo)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::RepoSpec;

    fn repo() -> Repo {
        let spec = RepoSpec::new("octo/alpha").id(7);
        Repo::build(&spec, Noise::new(1), 7, "2026-03-10".into()).unwrap()
    }

    fn newest(plan: &Publication, metric: Metric, at: &str) -> String {
        plan.horizon(&repo(), metric, at.into()).newest.to_string()
    }

    #[test]
    fn a_day_appears_between_half_past_six_and_twenty_to_nine() {
        let plan = Publication::new(Noise::new(1));
        for n in 0..500 {
            let day = Day::from("2026-01-01").plus(n);
            let moment = plan.moment(7, day);
            let secs = moment.secs() - day.plus(1).start().secs();
            assert!((23_400..31_200).contains(&secs), "{secs}");
            let before = plan.horizon(&repo(), Metric::Views, moment.plus_secs(-1));
            let after = plan.horizon(&repo(), Metric::Views, moment);
            assert_eq!((before.newest, after.newest), (day.plus(-1), day));
        }
    }

    #[test]
    fn a_stall_holds_days_back_and_its_end_brings_them_all() {
        let mut plan = Publication::new(Noise::new(1));
        plan.stalls
            .push(Stall::new(Scope::All, "2026-03-05").until("2026-03-20T12:00:00Z"));
        assert_eq!(
            newest(&plan, Metric::Views, "2026-03-04T12:00:00Z"),
            "2026-03-03"
        );
        assert_eq!(
            newest(&plan, Metric::Views, "2026-03-20T11:59:59Z"),
            "2026-03-03"
        );
        assert_eq!(
            newest(&plan, Metric::Views, "2026-03-20T12:00:00Z"),
            "2026-03-19"
        );
    }

    #[test]
    fn stalls_that_touch_freeze_at_the_first_ones_beginning() {
        let mut plan = Publication::new(Noise::new(1));
        let stall = |from: &str, until: &str| Stall::new(Scope::All, from).until(until);
        plan.stalls.push(stall("2026-03-05", "2026-03-08"));
        plan.stalls.push(stall("2026-03-07", "2026-03-12"));
        assert_eq!(newest(&plan, Metric::Views, "2026-03-11"), "2026-03-03");
    }

    #[test]
    fn one_metric_can_stall_alone() {
        let mut plan = Publication::new(Noise::new(1));
        plan.stalls
            .push(Stall::new(7, "2026-03-05").metric(Metric::Clones));
        assert_eq!(
            newest(&plan, Metric::Views, "2026-03-08T12:00:00Z"),
            "2026-03-07"
        );
        assert_eq!(
            newest(&plan, Metric::Clones, "2026-03-08T12:00:00Z"),
            "2026-03-03"
        );
    }
}
