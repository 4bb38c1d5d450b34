//! Days that were never seen.

use gitratra_core::{Day, DayRange, DayRow, Metric, Series, Timestamp, plan};
use serde::Serialize;
use utoipa::ToSchema;

/// A run of days that were never seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GapAccount {
    from: String,
    to: String,
    days: i64,
    /// Of what: `views`, `clones` or both.
    metrics: Vec<&'static str>,
}

impl GapAccount {
    /// The first day.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// How many days.
    #[must_use]
    pub const fn days(&self) -> i64 {
        self.days
    }

    /// Of which metrics.
    #[must_use]
    pub fn metrics(&self) -> &[&'static str] {
        &self.metrics
    }

    /// Joins runs that both metrics share. *Shape*: in the order of days.
    #[must_use]
    pub fn joined(mut runs: Vec<(DayRange, Metric)>) -> Vec<Self> {
        runs.sort_by_key(|(range, metric)| (range.first(), range.last(), *metric));
        let mut gaps: Vec<Self> = Vec::new();
        for (range, metric) in runs {
            let (from, to) = (range.first().to_string(), range.last().to_string());
            match gaps
                .last_mut()
                .filter(|gap| gap.from == from && gap.to == to)
            {
                Some(gap) => gap.metrics.push(metric.word()),
                None => gaps.push(Self {
                    from,
                    to,
                    days: range.days(),
                    metrics: vec![metric.word()],
                }),
            }
        }
        gaps
    }
}

/// The runs of days of a repository that were never seen, of each metric alone. `gone_since` is when
/// GitHub stopped to answer for it: nobody knows whether there was anything to see after that.
/// Without `now` only what lies amid known days is told.
#[must_use]
pub fn gaps(
    days: Vec<DayRow>,
    gone_since: Option<Timestamp>,
    now: Option<Timestamp>,
) -> Vec<(DayRange, Metric)> {
    let series = Series::new(days);
    let mut runs: Vec<(DayRange, Metric)> = Vec::new();
    for metric in Metric::ALL {
        let known = known(&series, metric);
        if let Some(known) = known {
            let missing = series
                .within(known)
                .iter()
                .filter(|row| row.value(metric).is_none())
                .map(|row| row.day);
            runs.extend(stretches(missing).map(|run| (run, metric)));
        }
        let newest = known.map(DayRange::last);
        let newest = newest.or(series.range().map(|range| range.first().plus(-1)));
        if let (Some(newest), Some(now)) = (newest, now) {
            let lost = plan::already_lost(newest, now);
            let lost = lost.and_then(|run| there(gone_since, run));
            runs.extend(lost.map(|run| (run, metric)));
        }
    }
    runs
}

/// The days of a run on which the repository was there, as far as is known.
fn there(gone_since: Option<Timestamp>, run: DayRange) -> Option<DayRange> {
    match gone_since {
        Some(since) => DayRange::new(run.first(), run.last().min(Day::of(since).plus(-1))),
        None => Some(run),
    }
}

/// From the first to the newest day on which this metric is known: its first reading may have begun
/// later than that of the other one, which is no gap.
fn known(series: &Series, metric: Metric) -> Option<DayRange> {
    let rows = series.days().iter();
    let mut days = rows
        .filter(|row| row.value(metric).is_some())
        .map(|row| row.day);
    let first = days.next()?;
    DayRange::new(first, days.next_back().unwrap_or(first))
}

/// Runs of days that follow each other.
fn stretches(days: impl Iterator<Item = Day>) -> impl Iterator<Item = DayRange> {
    let mut days = days.peekable();
    std::iter::from_fn(move || {
        let first = days.next()?;
        let mut last = first;
        while let Some(day) = days.next_if(|day| *day == last.plus(1)) {
            last = day;
        }
        DayRange::new(first, last)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_follow_each_other_are_one_gap_of_both_metrics() {
        let days = ["2026-01-02", "2026-01-03", "2026-01-05"].map(|day| day.parse().unwrap());
        let runs: Vec<_> = Metric::ALL
            .into_iter()
            .flat_map(|metric| stretches(days.into_iter()).map(move |run| (run, metric)))
            .collect();
        let told: Vec<_> = GapAccount::joined(runs)
            .iter()
            .map(|gap| (gap.from.clone(), gap.days, gap.metrics.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-01-02".to_owned(), 2, 2),
                ("2026-01-05".to_owned(), 1, 2)
            ]
        );
    }
}
