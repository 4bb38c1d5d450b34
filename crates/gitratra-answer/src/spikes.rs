//! Days far above what is usual, and what moved with them.

use gitratra_core::page::PageNames;
use gitratra_core::spike::{self, Clues, Explanation, Moved, Named, Spike};
use gitratra_core::{DayRange, Measured, Metric, Ranking, RepoId, Series, Window};
use gitratra_store::{Store, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Told, marks};

/// A spike of a repository, and what moved with it.
#[derive(Debug, Clone)]
pub struct FoundSpike {
    /// What stood out.
    pub metric: Metric,
    /// When and how far.
    pub spike: Spike,
    /// What moved along, the likeliest first.
    pub moved: Vec<Explanation>,
}

/// The spikes of a repository whose peak lies in the range.
///
/// `series` has the days around the range too, since these tell what is usual.
///
/// # Errors
/// What the store says.
pub async fn spikes_within(
    store: &Store,
    (id, names): (RepoId, &PageNames),
    series: &Series,
    range: DayRange,
    metrics: &[Metric],
) -> Result<Vec<FoundSpike>, StoreError> {
    let spikes = metrics.iter().flat_map(|metric| {
        let found = spike::find(&Measured::of(series.days(), *metric)).into_iter();
        let inside = found.filter(|spike| range.contains(spike.peak));
        inside.map(|spike| (*metric, spike))
    });
    let spikes: Vec<(Metric, Spike)> = spikes.collect();
    let Some(around) = around(&spikes) else {
        return Ok(Vec::new());
    };
    let has_views = spikes.iter().any(|(metric, _)| *metric == Metric::Views);
    let of_all = clues(store, id, around).await?;
    let mut of_views = of_all.clone();
    if has_views {
        // Referrers and paths are told of views. Lists from before help to tell the days apart.
        let windows = around_windows(around);
        for (ranking, named) in [
            (Ranking::Referrers, &mut of_views.referrers),
            (Ranking::Paths, &mut of_views.paths),
        ] {
            let told = Told::read(store, id, (ranking, names), series, windows).await?;
            let by_day = told.by_day(around).into_iter();
            *named = by_day.map(|(name, days)| Named { name, days }).collect();
        }
    }
    let found = spikes.into_iter().map(|(metric, spike)| FoundSpike {
        metric,
        moved: spike::explain(
            &spike,
            match metric {
                Metric::Views => &of_views,
                Metric::Clones => &of_all,
            },
        ),
        spike,
    });
    Ok(found.collect())
}

/// The days around spikes that tell what was usual of a name.
fn around(spikes: &[(Metric, Spike)]) -> Option<DayRange> {
    const DAYS: i64 = 60;
    let first = spikes.iter().map(|(_, spike)| spike.days.first()).min()?;
    let last = spikes.iter().map(|(_, spike)| spike.days.last()).max()?;
    DayRange::new(first.plus(-DAYS), last.plus(DAYS))
}

/// The windows whose lists tell of some days.
fn around_windows(around: DayRange) -> Option<DayRange> {
    let days = i64::from(Window::DAYS);
    DayRange::new(around.first().plus(-days), around.last().plus(days))
}

/// What is known beside the history of either metric.
async fn clues(store: &Store, id: RepoId, around: DayRange) -> Result<Clues, StoreError> {
    let stars = store.star_ledger(id).await?;
    let given = stars.days(around).into_iter();
    let given = given.filter_map(|moved| Some((moved.day, moved.given?)));
    Ok(Clues {
        stars: Measured::new(given),
        marks: marks(store, id).await?,
        ..Clues::default()
    })
}

/// A spike as it is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpikeAccount<'a> {
    repo: &'a str,
    metric: &'static str,
    from: String,
    to: String,
    peak: String,
    count: u64,
    kind: &'static str,
    usual: u64,
    usual_kind: &'static str,
    /// Beyond the usual, over all of its days.
    excess: u64,
    excess_kind: &'static str,
    times: Option<f64>,
    /// Days beside it were not measured, so that it may have lasted longer.
    may_be_longer: bool,
    /// Enough days after it are measured to tell it from a rise that stays.
    is_settled: bool,
    moved: Vec<MovedAccount<'a>>,
}

/// What moved along, which is no proof of a cause.
#[derive(Debug, Serialize, ToSchema)]
struct MovedAccount<'a> {
    what: &'static str,
    name: Option<&'a str>,
    day: Option<String>,
    confidence: &'static str,
    kind: &'static str,
    more_at_least: Option<u64>,
    more_at_most: Option<u64>,
    share_percent_at_least: Option<u64>,
    share_percent_at_most: Option<u64>,
    chance_percent: Option<u64>,
}

impl<'a> SpikeAccount<'a> {
    /// As it is told.
    #[must_use]
    pub fn of(repo: &'a str, found: &'a FoundSpike) -> Self {
        let spike = &found.spike;
        Self {
            repo,
            metric: found.metric.word(),
            from: spike.days.first().to_string(),
            to: spike.days.last().to_string(),
            peak: spike.peak.to_string(),
            count: spike.count,
            kind: "measured",
            usual: spike.usual,
            usual_kind: "estimate",
            excess: spike.excess,
            excess_kind: "estimate",
            times: spike.times(),
            may_be_longer: spike.is_cut,
            is_settled: spike.is_settled,
            moved: found.moved.iter().map(MovedAccount::of).collect(),
        }
    }
}

impl<'a> MovedAccount<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        let (what, name, day) = match &explanation.moved {
            Moved::Referrer(name) => ("referrer", Some(name.as_str()), None),
            Moved::Path(name) => ("path", Some(name.as_str()), None),
            Moved::Stars => ("stars", None, None),
            Moved::Mark(mark) => {
                let day = Some(mark.day.to_string());
                (mark.kind.word(), Some(mark.text.as_str()), day)
            }
        };
        Self {
            what,
            name,
            day,
            confidence: explanation.likelihood.word(),
            kind: "estimate",
            more_at_least: explanation.more.map(|more| more.lower()),
            more_at_most: explanation.more.map(|more| more.upper()),
            share_percent_at_least: explanation.share.map(|share| share.lower()),
            share_percent_at_most: explanation.share.map(|share| share.upper()),
            chance_percent: explanation.chance,
        }
    }
}
