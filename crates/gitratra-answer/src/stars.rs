//! Stars of a range: given, lost, and how many there were.

use gitratra_core::figures::Step;
use gitratra_core::stargazing::{StarChange, StarLedger};
use gitratra_core::{Day, DayRange, RepoId};
use gitratra_store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Asked;
use crate::account::BoundsAccount;
use crate::reach::{of_range, steps, to_read};

/// Stars, step by step.
#[derive(Debug, Clone)]
pub struct Stars {
    /// The days it is about.
    pub range: DayRange,
    /// The newest total within, and its day.
    pub newest: Option<(Day, u64)>,
    /// What happened in all of it.
    pub change: StarChange,
    /// Each step, what happened in it, and the total at its end where it is known.
    pub steps: Vec<(DayRange, StarChange, Option<u64>)>,
}

impl Stars {
    /// Nothing where nothing is known in the range. `traffic` are the days of which traffic is known.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(
        store: &Store,
        repo: RepoId,
        (asked, traffic): (Asked, Option<DayRange>),
        step: Option<Step>,
    ) -> Result<Option<Self>, StoreError> {
        // What was lost within a range is told by the days beside it, too.
        const MARGIN: i64 = 3;
        let read = to_read(asked, traffic, MARGIN);
        let stars = store.stars(repo, read).await?;
        let counters = store.counters(repo, read).await?;
        let newest = counters
            .last()
            .map(|run| (run.days.last(), run.counters.stars));
        let totals = counters.iter().map(|run| (run.days, run.counters.stars));
        let ledger = StarLedger::new(stars.days, stars.spans, totals.collect());
        let Some(range) = of_range(asked, traffic, ledger.range()) else {
            return Ok(None);
        };
        let steps = steps(range, step).into_iter();
        let steps = steps.map(|step| {
            let total = step.iter().rev().find_map(|day| ledger.total_on(day));
            (step, ledger.change(step), total)
        });
        Ok(Some(Self {
            range,
            newest: newest.filter(|(day, _)| range.contains(*day)),
            change: ledger.change(range),
            steps: steps.collect(),
        }))
    }
}

/// Stars as they are told.
#[derive(Debug, Serialize, ToSchema)]
pub struct StarsAccount {
    from: String,
    to: String,
    #[serde(flatten)]
    whole: StarsOf,
    steps: Vec<StarsStep>,
}

#[derive(Debug, Serialize, ToSchema)]
struct StarsStep {
    from: String,
    to: String,
    total: Option<u64>,
    #[serde(flatten)]
    of: StarsOf,
}

#[derive(Debug, Serialize, ToSchema)]
struct StarsOf {
    /// On the days that are told.
    given: Option<u64>,
    given_kind: &'static str,
    days_told: u64,
    of_days: u64,
    change: Option<i64>,
    change_kind: &'static str,
    lost: Option<BoundsAccount>,
}

impl StarsOf {
    fn of(change: &StarChange, range: DayRange) -> Self {
        let of_days = range.days().unsigned_abs();
        let days_told = of_days.saturating_sub(change.days_missing);
        Self {
            given: (days_told > 0).then_some(change.given),
            given_kind: "measured",
            days_told,
            of_days,
            change: change.net,
            change_kind: "measured",
            lost: change.lost.map(BoundsAccount::of),
        }
    }
}

impl StarsAccount {
    /// As they are told.
    #[must_use]
    pub fn of(stars: &Stars) -> Self {
        let step = |(range, change, total): &(DayRange, StarChange, Option<u64>)| StarsStep {
            from: range.first().to_string(),
            to: range.last().to_string(),
            total: *total,
            of: StarsOf::of(change, *range),
        };
        Self {
            from: stars.range.first().to_string(),
            to: stars.range.last().to_string(),
            whole: StarsOf::of(&stars.change, stars.range),
            steps: stars.steps.iter().map(step).collect(),
        }
    }
}
