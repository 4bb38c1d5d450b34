//! What people are given as JSON: every figure with the kind of figure it is.

use gitratra_core::change::{self, WeekdayFigure};
use gitratra_core::figures::{self, Comparison, Step};
use gitratra_core::people;
use gitratra_core::spike::Mark;
use gitratra_core::{
    Bounds, DayRange, Metric, Profile, Ranked, Ranking, Series, Timestamp, Window,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Standing;

/// One metric of one repository in a range.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricAccount {
    metric: &'static str,
    /// Nothing where no day of the range is known: that is no zero.
    count: Option<u64>,
    kind: &'static str,
    /// The people of the range, each counted once.
    uniques: Option<UniquesAccount>,
    days_measured: u64,
    days_partial: u64,
    days_missing: u64,
    before: BeforeAccount,
    /// The last 7 and 28 days of the range against as many before them.
    momentum: MomentumAccount,
    /// What each weekday usually brings in the range, Monday first.
    weekdays: Vec<WeekdayAccount>,
    steps: Vec<StepAccount>,
}

/// Numbers of a day, not of the range. What GitHub did not tell is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountersAccount {
    kind: &'static str,
    day: String,
    stars: u64,
    forks: u64,
    watchers: Option<u64>,
    open_issues: Option<u64>,
    open_pulls: Option<u64>,
    /// Where the two cannot be told apart.
    open_issues_and_pulls: Option<u64>,
    size_kib: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UniquesAccount {
    kind: &'static str,
    /// In the whole range.
    at_least: u64,
    /// Nothing where a day is not covered: on it anybody may have come.
    at_most: Option<u64>,
    /// The same for the days that are covered alone.
    covered: CoveredAccount,
    days_covered: u64,
    of_days: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct CoveredAccount {
    at_least: u64,
    at_most: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct BeforeAccount {
    count_now: u64,
    count_before: u64,
    days_compared: u64,
    percent: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct MomentumAccount {
    week: BeforeAccount,
    four_weeks: BeforeAccount,
}

/// What is usual on a weekday is a median, and so an estimate of the next.
#[derive(Debug, Serialize, ToSchema)]
struct WeekdayAccount {
    weekday: &'static str,
    /// Nothing where too few of its days were measured.
    median: Option<f64>,
    kind: &'static str,
    days_measured: u64,
    of_days: u64,
}

/// What the repository is, as its owners describe it now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileAccount<'a> {
    since: String,
    description: Option<&'a str>,
    language: Option<&'a str>,
    licence: Option<&'a str>,
    topics: &'a [String],
    is_archived: bool,
    visibility: &'static str,
}

/// Something that happened on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkAccount<'a> {
    day: String,
    what: &'static str,
    text: &'a str,
}

#[derive(Debug, Serialize, ToSchema)]
struct StepAccount {
    from: String,
    to: String,
    count: Option<u64>,
    uniques: Option<u64>,
    state: &'static str,
    days_missing: u64,
}

/// A list of one window, as GitHub gave it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankingAccount<'a> {
    ranking: &'static str,
    window_from: String,
    window_to: String,
    kind: &'static str,
    lines: Vec<LineAccount<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LineAccount<'a> {
    name: &'a str,
    title: Option<&'a str>,
    count: u64,
    uniques: u64,
}

impl MetricAccount {
    /// That of a range, folded.
    #[must_use]
    pub fn of(
        series: &Series,
        metric: Metric,
        people: &people::InRange,
        range: DayRange,
        step: Step,
    ) -> Self {
        let days = series.within(range);
        let total = figures::total(days, metric);
        let comparison = figures::compare(series, range, metric);
        let steps = figures::fold(days, metric, step);
        let momentum = change::momentum(series, range.last(), metric);
        let pattern = change::weekday_pattern(series, range, metric);
        let days_known = total.days_measured + total.days_partial;
        let if_known = |number| (days_known > 0).then_some(number);
        Self {
            metric: metric.word(),
            count: if_known(total.count),
            kind: "measured",
            uniques: UniquesAccount::of(people),
            days_measured: total.days_measured,
            days_partial: total.days_partial,
            // Days before and after the series are as unknown as those amid it.
            days_missing: range.days().unsigned_abs().saturating_sub(days_known),
            before: BeforeAccount::of(&comparison),
            momentum: MomentumAccount {
                week: BeforeAccount::of(&momentum.week),
                four_weeks: BeforeAccount::of(&momentum.four_weeks),
            },
            weekdays: pattern.weekdays.iter().map(WeekdayAccount::of).collect(),
            steps: steps.iter().map(StepAccount::of).collect(),
        }
    }
}

impl BeforeAccount {
    fn of(comparison: &Comparison) -> Self {
        Self {
            count_now: comparison.now,
            count_before: comparison.before,
            days_compared: comparison.days,
            percent: comparison.percent(),
        }
    }
}

impl WeekdayAccount {
    fn of(figure: &WeekdayFigure) -> Self {
        const NAMES: [&str; 7] = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        Self {
            weekday: NAMES
                .get(usize::from(figure.weekday))
                .copied()
                .unwrap_or_default(),
            median: figure.typical.map(|typical| typical.median),
            kind: "estimate",
            days_measured: figure.days,
            of_days: figure.of_days,
        }
    }
}

impl<'a> ProfileAccount<'a> {
    /// As it is told.
    #[must_use]
    pub fn of((since, profile): &'a (Timestamp, Profile)) -> Self {
        Self {
            since: format!("{since:.0}"),
            description: profile.description.as_deref(),
            language: profile.language.as_deref(),
            licence: profile.licence.as_deref(),
            topics: &profile.topics,
            is_archived: profile.is_archived,
            visibility: profile.visibility.word(),
        }
    }
}

impl<'a> MarkAccount<'a> {
    /// As it is told.
    #[must_use]
    pub fn of(mark: &'a Mark) -> Self {
        Self {
            day: mark.day.to_string(),
            what: mark.kind.word(),
            text: &mark.text,
        }
    }
}

impl CountersAccount {
    /// As it is told.
    #[must_use]
    pub fn of(shown: &Standing) -> Self {
        let counters = shown.counters;
        Self {
            kind: "measured",
            day: shown.day.to_string(),
            stars: counters.stars,
            forks: counters.forks,
            watchers: counters.watchers,
            open_issues: counters.open_issues,
            open_pulls: counters.open_pulls,
            open_issues_and_pulls: counters.open_both,
            size_kib: counters.size_kib,
        }
    }
}

impl UniquesAccount {
    /// Nothing where nothing at all is known of the range.
    fn of(found: &people::InRange) -> Option<Self> {
        (found.days_covered > 0 || found.at_least.is_some()).then(|| Self {
            kind: kind(found.number()),
            at_least: found.at_least.map_or(0, |(people, _)| people),
            at_most: found.people().map(Bounds::upper),
            covered: CoveredAccount {
                at_least: found.covered.lower(),
                at_most: found.covered.upper(),
            },
            days_covered: found.days_covered,
            of_days: found.of_days,
        })
    }
}

/// What kind of figure it is: a number that is known, or bounds around one.
pub(crate) const fn kind(number: Option<u64>) -> &'static str {
    match number {
        Some(_) => "measured",
        None => "bounds",
    }
}

impl StepAccount {
    fn of(fold: &figures::Fold) -> Self {
        Self {
            from: fold.range.first().to_string(),
            to: fold.range.last().to_string(),
            count: fold.count,
            uniques: fold.uniques,
            state: fold.state_word(),
            days_missing: fold.days_missing,
        }
    }
}

impl<'a> RankingAccount<'a> {
    /// As it is told.
    #[must_use]
    pub fn of((ranking, window, lines): &'a (Ranking, Window, Vec<Ranked>)) -> Self {
        Self {
            ranking: ranking.word(),
            window_from: window.range().first().to_string(),
            window_to: window.last.to_string(),
            kind: "rolling total over 14 days",
            lines: lines
                .iter()
                .map(|line| LineAccount {
                    name: &line.name,
                    title: line.title.as_deref(),
                    count: line.total.0.count(),
                    uniques: line.total.0.uniques().get(),
                })
                .collect(),
        }
    }
}

/// A number that lies between two, with the kind that follows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BoundsAccount {
    kind: &'static str,
    at_least: u64,
    at_most: u64,
}

impl BoundsAccount {
    pub(crate) fn of(bounds: Bounds) -> Self {
        Self {
            kind: kind(bounds.number()),
            at_least: bounds.lower(),
            at_most: bounds.upper(),
        }
    }
}
