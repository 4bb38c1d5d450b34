//! What really happened: how many people viewed and cloned each repository on each day.
//!
//! Nothing here knows what GitHub has published of it. Visitors are either regulars, numbered
//! from 1 and present in that order, or people who come on one day only; so the number of
//! distinct people over any set of days is exact, and lies between the largest day and the sum.

use serde::{Deserialize, Serialize};

use crate::clock::Day;
use crate::noise::{Noise, Topic};

/// What GitHub counts by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Page views.
    Views,
    /// Full clones.
    Clones,
}

impl Metric {
    /// The word in GitHub's addresses and bodies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Clones => "clones",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "views" => Some(Self::Views),
            "clones" => Some(Self::Clones),
            _ => None,
        }
    }
}

/// One day's events and the people behind them.
///
/// At most as many people as events, and at least one where there is an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DayCounts {
    pub(crate) count: u64,
    /// People who come on this day and on no other.
    pub(crate) once: u64,
    /// The regulars numbered 1 to `regulars` came.
    pub(crate) regulars: u64,
}

impl DayCounts {
    pub(crate) fn uniques(self) -> u64 {
        self.once + self.regulars
    }

    /// Both together; nobody is in both who is no regular.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            once: self.once + other.once,
            regulars: self.regulars.max(other.regulars),
        }
    }

    /// `num`/`den` of the day, rounded down.
    pub(crate) fn part(self, num: u64, den: u64) -> Self {
        let scale = |n: u64| (u128::from(n) * u128::from(num) / u128::from(den)) as u64;
        let (count, regulars) = (scale(self.count), scale(self.regulars));
        let mut once = scale(self.once);
        if count > 0 && once + regulars == 0 {
            once = 1;
        }
        Self {
            count,
            once,
            regulars,
        }
    }
}

/// Distinct people over several days.
pub(crate) fn distinct(days: impl Iterator<Item = DayCounts>) -> u64 {
    let (once, regulars) = days.fold((0, 0), |(once, regulars): (u64, u64), day| {
        (once + day.once, regulars.max(day.regulars))
    });
    once + regulars
}

/// How a repository's traffic of one metric behaves in the long run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Character {
    metric: Metric,
    mean: f64,
    slope_per_year: f64,
    weekend: f64,
    regulars: f64,
}

impl Character {
    /// Draws a character; `mean_views` fixes the views of a plain day where it is given.
    pub(crate) fn draw(
        noise: Noise,
        repo_id: u64,
        metric: Metric,
        mean_views: Option<f64>,
    ) -> Self {
        let views = mean_views.unwrap_or_else(|| {
            let level = noise.unit(Topic::Level, repo_id, 0);
            match noise.unit(Topic::Kind, repo_id, 0) {
                kind if kind < 0.35 => 0.05 + level,
                kind if kind < 0.80 => 1.0 + 40.0 * level * level,
                kind if kind < 0.98 => 30.0 + 300.0 * level,
                _ => 300.0 + 4000.0 * level,
            }
        });
        let key = repo_id.wrapping_mul(2) + u64::from(metric == Metric::Clones);
        let mean = match metric {
            Metric::Views => views,
            Metric::Clones => views * noise.between(Topic::CloneShare, repo_id, 0, 0.1, 0.6),
        };
        Self {
            metric,
            mean,
            slope_per_year: noise.between(Topic::Slope, key, 0, -0.25, 0.6),
            weekend: noise.between(Topic::Weekend, key, 0, 0.35, 0.95),
            regulars: noise.between(Topic::Regulars, key, 0, 0.04, 0.58),
        }
    }

    /// What happened on `day` in a repository created on `created`.
    pub(crate) fn on(&self, noise: Noise, repo_id: u64, created: Day, day: Day) -> DayCounts {
        if day < created || self.mean <= 0.0 {
            return DayCounts::default();
        }
        let key = repo_id.wrapping_mul(2) + u64::from(self.metric == Metric::Clones);
        let index = day.number() as u64;
        let years = f64::from(day.number() - created.number()) / 365.25;
        let trend = (1.0 + self.slope_per_year * years).clamp(0.2, 8.0);
        let week = if day.weekday() >= 5 {
            self.weekend
        } else {
            1.0
        };
        let scatter = noise.between(Topic::Scatter, key, index, 0.5, 1.5);
        let mean = self.mean * trend * week * scatter * spike(noise, repo_id, day);
        let count = (mean + noise.unit(Topic::Rounding, key, index)) as u64;
        if count == 0 {
            return DayCounts::default();
        }
        let share = noise.between(Topic::UniqueShare, key, index, 0.25, 0.75);
        let uniques = 1 + ((count - 1) as f64 * share) as u64;
        let draw = noise.unit(Topic::RegularDay, key, index);
        self.split(count, uniques, draw)
    }

    /// The same split into regulars and others for numbers that a test chose.
    pub(crate) fn pinned(&self, count: u64, uniques: u64) -> DayCounts {
        self.split(count, uniques, 0.0)
    }

    fn split(&self, count: u64, uniques: u64, draw: f64) -> DayCounts {
        let regulars = ((uniques as f64 * self.regulars + draw) as u64).min(uniques);
        DayCounts {
            count,
            once: uniques - regulars,
            regulars,
        }
    }
}

/// How many times its usual traffic a day gets because somebody wrote about the repository.
/// Views and clones rise together; the attention halves from day to day.
pub(crate) fn spike(noise: Noise, repo_id: u64, day: Day) -> f64 {
    let mut factor = 1.0;
    for age in 0..4 {
        let start = day.plus(-age).number() as u64;
        if noise.below(Topic::Spike, repo_id, start, 150) == 0 {
            let size = noise.between(Topic::SpikeSize, repo_id, start, 4.0, 25.0);
            factor += size / f64::from(1 << age);
        }
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days() -> impl Iterator<Item = Day> {
        (0..800).map(|n| Day::from("2024-01-01").plus(n))
    }

    #[test]
    fn people_are_never_more_than_events_and_never_none() {
        let noise = Noise::new(11);
        for repo in 0..60 {
            let character = Character::draw(noise, repo, Metric::Views, None);
            for day in days() {
                let counts = character.on(noise, repo, Day::from("2023-01-01"), day);
                assert!(counts.uniques() <= counts.count);
                assert_eq!(counts.uniques() == 0, counts.count == 0);
            }
        }
    }

    #[test]
    fn distinct_people_lie_between_the_largest_day_and_the_sum() {
        let noise = Noise::new(5);
        let mut ratios = Vec::new();
        for repo in 0..200 {
            let character = Character::draw(noise, repo, Metric::Views, Some(40.0));
            let window: Vec<_> = days()
                .take(14)
                .map(|day| character.on(noise, repo, Day::from("2023-01-01"), day))
                .collect();
            let whole = distinct(window.iter().copied());
            let sum: u64 = window.iter().map(|day| day.uniques()).sum();
            let most = window.iter().map(|day| day.uniques()).max().unwrap();
            assert!(most <= whole && whole <= sum);
            ratios.push(sum as f64 / whole as f64);
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios[100];
        assert!((1.2..1.6).contains(&median), "{median}");
    }

    #[test]
    fn there_are_quiet_repositories_spikes_and_weekends() {
        let noise = Noise::new(7);
        let quiet = Character::draw(noise, 1, Metric::Views, Some(0.3));
        let created = Day::from("2023-01-01");
        let zeros = days()
            .filter(|day| quiet.on(noise, 1, created, *day).count == 0)
            .count();
        assert!((200..700).contains(&zeros), "{zeros}");
        let busy = Character::draw(noise, 2, Metric::Views, Some(100.0));
        let mut counts: Vec<_> = days()
            .map(|day| busy.on(noise, 2, created, day).count)
            .collect();
        counts.sort_unstable();
        assert!(counts[799] > 3 * counts[400], "{counts:?}");
    }

    #[test]
    fn nothing_happens_before_a_repository_exists() {
        let noise = Noise::new(7);
        let busy = Character::draw(noise, 2, Metric::Clones, Some(100.0));
        let created = Day::from("2026-03-01");
        assert_eq!(busy.on(noise, 2, created, created.plus(-1)).count, 0);
        assert!(busy.on(noise, 2, created, created).count > 0);
    }
}
