//! How often something happens on each day, as a test plans it.

use serde::{Deserialize, Serialize};

use crate::clock::{DAY_SECS, Day};
use crate::noise::{Noise, Topic};

/// How often something happens on each day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Daily {
    /// About so often, scattered by chance.
    About(f64),
    /// Exactly so often on every day.
    Steady(u64),
    /// These, over and over.
    Cycle {
        /// The day that the first belongs to.
        from: Day,
        /// One day after the other.
        counts: Vec<u64>,
    },
    /// These, and never before or after.
    Listed {
        /// The day that the first belongs to.
        from: Day,
        /// One day after the other.
        counts: Vec<u64>,
    },
}

impl Daily {
    /// These counts from `from` on, over and over, and on the days before it as well.
    pub fn cycle(from: impl Into<Day>, counts: &[u64]) -> Self {
        Self::Cycle {
            from: from.into(),
            counts: counts.to_vec(),
        }
    }

    /// These counts from `from` on, and never before or after.
    pub fn listed(from: impl Into<Day>, counts: &[u64]) -> Self {
        Self::Listed {
            from: from.into(),
            counts: counts.to_vec(),
        }
    }

    /// How often it happens on a day.
    pub(crate) fn on(&self, noise: Noise, topic: Topic, key: u64, day: Day) -> u64 {
        match self {
            Self::About(mean) => {
                let index = day.number() as u64;
                let mean = mean * noise.between(topic, key, 2 * index, 0.0, 2.0);
                (mean + noise.unit(topic, key, 2 * index + 1)) as u64
            }
            Self::Steady(count) => *count,
            Self::Cycle { counts, .. } if counts.is_empty() => 0,
            Self::Cycle { from, counts } => {
                let index = day.number() - from.number();
                counts[index.rem_euclid(counts.len() as i32) as usize]
            }
            Self::Listed { from, counts } => {
                let index = usize::try_from(day.number() - from.number()).ok();
                index
                    .and_then(|index| counts.get(index))
                    .copied()
                    .unwrap_or(0)
            }
        }
    }
}

/// How many of a day's `count` events, evenly spread, have happened `secs` after it began.
pub(crate) fn arrived(count: u64, secs: i64) -> u64 {
    let (secs, day) = (secs.clamp(0, DAY_SECS) as u64, DAY_SECS as u64);
    (2 * secs * count + day) / (2 * day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(daily: &Daily, day: &str) -> u64 {
        daily.on(Noise::new(1), Topic::Downloads, 7, day.into())
    }

    #[test]
    fn what_is_planned_happens() {
        let cycle = Daily::cycle("2026-03-10", &[1, 2, 3]);
        let days = ["2026-03-09", "2026-03-10", "2026-03-12", "2026-03-13"];
        assert_eq!(days.map(|day| on(&cycle, day)), [3, 1, 3, 1]);
        let listed = Daily::listed("2026-03-10", &[1, 2, 3]);
        assert_eq!(days.map(|day| on(&listed, day)), [0, 1, 3, 0]);
        assert_eq!(on(&Daily::Steady(4), "2026-03-10"), 4);
        assert_eq!(on(&Daily::cycle("2026-03-10", &[]), "2026-03-10"), 0);
    }

    #[test]
    fn what_is_left_to_chance_has_its_mean() {
        let about = Daily::About(5.0);
        let start = Day::from("2026-01-01");
        let sum: u64 = (0..2000)
            .map(|n| about.on(Noise::new(1), Topic::Downloads, 7, start.plus(n)))
            .sum();
        assert!((9_500..10_500).contains(&sum), "{sum}");
    }

    #[test]
    fn the_events_of_a_day_arrive_over_the_day() {
        assert_eq!(
            [0, 21_600, 64_800, DAY_SECS].map(|secs| arrived(2, secs)),
            [0, 1, 2, 2]
        );
        assert_eq!((arrived(0, 50_000), arrived(1, 43_199)), (0, 0));
    }
}
