//! Everything that is shown of one repository in one range.
//!
//! What is read lies in the range or close to it, so that an answer costs the same however many
//! years are kept.

use futures_util::future::try_join_all;
use gitratra_core::change::{self, WeekdayPattern};
use gitratra_core::figures::{self, Comparison, Fold, Step, Total};
use gitratra_core::machine::MachineTotal;
use gitratra_core::page::PageNames;
use gitratra_core::people::InRange;
use gitratra_core::platform::Rule;
use gitratra_core::spike::Mark;
use gitratra_core::{
    Day, DayRange, DayRow, Held, Metric, Note, Profile, Ranked, Ranking, RepoId, RepoName, Series,
    Timestamp, Window,
};
use gitratra_store::{CounterRun, Gone, KnownRepo, Problem, Store, StoreError};
use tokio::try_join;

use crate::reach::to_read;
use crate::{
    AllDownloads, Asked, FoundSpike, Standing, Stars, Told, machines, marks, people, spikes_within,
};

/// Days around a range that are read to tell what is usual in it.
const USUAL: i64 = 63;
/// From so many days on weeks tell more of what is known only as bounds.
const MANY_DAYS: i64 = 21;
/// Windows before a range whose lists are read to tell the days of the range apart.
const LISTS: i64 = 45;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct RepoQuestion<'a> {
    /// Which days.
    pub asked: Asked,
    /// What is laid under them.
    pub over: Option<Over>,
    /// How days are folded; nothing for what fits.
    pub step: Option<Step>,
    /// The user's own rules for platforms.
    pub rules: &'a [Rule],
}

/// An earlier range that is shown under the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The days right before it.
    Before,
    /// The same days a year, which is 52 weeks, earlier, so that weekdays meet.
    YearAgo,
}

impl Over {
    /// How many days earlier.
    #[must_use]
    pub const fn days_earlier(self, range: DayRange) -> i64 {
        match self {
            Self::Before => range.days(),
            Self::YearAgo => 364,
        }
    }
}

/// One metric of traffic.
#[derive(Debug, Clone)]
pub struct Traffic {
    /// Which.
    pub metric: Metric,
    /// All of the range.
    pub total: Total,
    /// Against the range before, pairs of measured days alone.
    pub comparison: Comparison,
    /// The people of the range.
    pub people: InRange,
    /// The range in steps; a step without any known day has no number.
    pub folds: Vec<Fold>,
    /// The same for what is laid under it, by the days of the range itself.
    pub over: Vec<Fold>,
    /// What each weekday usually brings.
    pub weekdays: WeekdayPattern,
}

/// Everything of one repository in one range.
#[derive(Debug)]
pub struct RepoAnswer {
    /// The days.
    pub range: DayRange,
    /// How they are folded.
    pub step: Step,
    /// How is folded what is known only as bounds, which are wide for single days.
    pub coarse: Step,
    /// The days of which anything is known.
    pub known: DayRange,
    /// The days of the range and those around it that were read.
    pub series: Series,
    /// Each day of the range; those that are not known are gaps. Ends with the newest known day.
    pub days: Vec<DayRow>,
    /// Views and clones, in the order of [`Metric::ALL`].
    pub traffic: Vec<Traffic>,
    /// Stars, forks and the rest as they stood.
    pub standing: Option<Standing>,
    /// The counters day by day.
    pub counters: Vec<CounterRun>,
    /// Stars in the range.
    pub stars: Option<Stars>,
    /// Downloads in the range.
    pub downloads: Option<AllDownloads>,
    /// Clones that workflow runs may have made.
    pub machines: Option<MachineTotal>,
    /// What happened in the range, by day.
    pub marks: Vec<Mark>,
    /// The notes of the range.
    pub notes: Vec<Note>,
    /// Days far above the usual.
    pub spikes: Vec<FoundSpike>,
    /// Referrers and paths of the range.
    pub sources: Vec<Told>,
    /// The newest list of each, as GitHub gave it.
    pub newest_lists: Vec<(Ranking, Window, Vec<Ranked>)>,
}

/// What a repository is, whatever the range.
#[derive(Debug, Clone)]
pub struct About {
    /// Its number.
    pub id: RepoId,
    /// Its present name.
    pub name: RepoName,
    /// Names it had before, the latest first.
    pub former: Vec<RepoName>,
    /// Whether it is private.
    pub is_private: bool,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether it is a fork.
    pub is_fork: bool,
    /// Set where GitHub no longer answers for it.
    pub gone: Option<Gone>,
    /// How its owners describe it, and since when.
    pub profile: Option<(Timestamp, Profile)>,
    /// What is held of it.
    pub held: Held,
    /// What failed and has not been answered since.
    pub problems: Vec<Problem>,
    /// The days of which traffic is known.
    pub known: Option<DayRange>,
}

impl About {
    /// Nothing where the store knows no such repository.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(store: &Store, id: RepoId) -> Result<Option<Self>, StoreError> {
        match store.repository(id).await? {
            Some(known) => Self::of(store, known).await.map(Some),
            None => Ok(None),
        }
    }

    /// The rest of what is known of a repository.
    ///
    /// # Errors
    /// What the store says.
    pub async fn of(store: &Store, known: KnownRepo) -> Result<Self, StoreError> {
        let id = known.repository.id;
        let ((held, problems), profile, known_days) =
            try_join!(store.held_of(id), store.profile(id), store.known_days(id))?;
        Ok(Self {
            id,
            name: known.repository.name,
            former: known.former,
            is_private: known.repository.is_private,
            is_archived: known.repository.is_archived,
            is_fork: known.repository.is_fork,
            gone: known.gone,
            profile,
            held,
            problems,
            known: known_days,
        })
    }
}

impl RepoAnswer {
    /// Nothing where nothing is known of the range.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(
        store: &Store,
        about: &About,
        question: &RepoQuestion<'_>,
    ) -> Result<Option<Self>, StoreError> {
        let RepoQuestion {
            asked,
            over,
            step,
            rules,
        } = *question;
        let id = about.id;
        let Some((known, range)) = about
            .known
            .and_then(|known| Some((known, asked.of(known)?)))
        else {
            return Ok(None);
        };
        let range = cut(range, known);
        let coarse = match step {
            None if usual_step(range) == Step::Day && range.days() >= MANY_DAYS => Step::Week,
            None => usual_step(range),
            Some(step) => step,
        };
        let step = step.unwrap_or_else(|| usual_step(range));
        let earlier = async {
            match over {
                Some(over) => read_over(store, id, range, over).await,
                None => Ok(Vec::new()),
            }
        };
        let (series, earlier) = try_join!(read_days(store, id, range), earlier)?;
        let names = PageNames::new(about.name.clone(), about.former.clone());
        let is_open = range.last() >= known.last();
        let until = if is_open { Day::MAX } else { range.last() };
        let shown = DayRange::new(range.first(), until).unwrap_or(range);
        let of_known = (asked, about.known);
        let of_metric = |metric| people(store, id, metric, &series, Some(range));
        let of_ranking =
            |ranking| Told::read(store, id, (ranking, &names), &series, windows(range));
        // A server is far away: what does not need each other's answers is asked at once.
        let (
            people,
            sources,
            newest,
            counters,
            mut happened,
            spikes,
            stars,
            downloads,
            machines,
            notes,
        ) = try_join!(
            try_join_all(Metric::ALL.map(of_metric)),
            try_join_all(Ranking::ALL.map(of_ranking)),
            try_join_all(Ranking::ALL.map(|ranking| store.newest_ranked(id, ranking))),
            store.counters(id, to_read(asked, about.known, 1)),
            marks(store, id),
            spikes_within(store, (id, &names), &series, range, &Metric::ALL),
            Stars::read(store, id, of_known, Some(coarse)),
            AllDownloads::read(store, id, of_known, rules),
            machines(store, id, &series, range),
            store.notes(id, Some(shown)),
        )?;
        let days = all_days(&series, range);
        let traffic = Metric::ALL.into_iter().zip(people);
        let traffic = traffic.map(|(metric, people)| Traffic {
            metric,
            total: figures::total(&days, metric),
            comparison: figures::compare(&series, range, metric),
            people: people.within(range),
            folds: figures::fold(&days, metric, step),
            over: figures::fold(&earlier, metric, step),
            weekdays: change::weekday_pattern(&series, range, metric),
        });
        let newest = Ranking::ALL.into_iter().zip(newest);
        let newest = newest.filter_map(|(ranking, newest)| {
            let (window, lines) = newest?;
            Some((ranking, window, lines))
        });
        happened.retain(|mark| shown.contains(mark.day));
        Ok(Some(Self {
            range,
            step,
            coarse,
            known,
            traffic: traffic.collect(),
            standing: Standing::of(&counters, range, Some(known.last())),
            counters,
            stars,
            downloads,
            machines,
            marks: happened,
            notes,
            spikes,
            sources: sources
                .into_iter()
                .filter(|told| !told.sources.windows().is_empty())
                .collect(),
            newest_lists: newest.collect(),
            days,
            series,
        }))
    }

    /// One metric of traffic.
    #[must_use]
    pub fn of(&self, metric: Metric) -> Option<&Traffic> {
        self.traffic.iter().find(|traffic| traffic.metric == metric)
    }
}

/// The range as far as there is anything in it or could be.
fn cut(range: DayRange, known: DayRange) -> DayRange {
    let last = range.last().min(known.last());
    DayRange::new(range.first(), last.max(range.first())).unwrap_or(range)
}

/// The step at which a range has at most a hundred and twenty of them.
#[must_use]
pub fn usual_step(range: DayRange) -> Step {
    match range.days() {
        ..=120 => Step::Day,
        121..=800 => Step::Week,
        _ => Step::Month,
    }
}

/// The days of a range with those before it, and with those around that tell what is usual.
async fn read_days(store: &Store, id: RepoId, range: DayRange) -> Result<Series, StoreError> {
    let before = range.before().first();
    let first = range.first().plus(-USUAL).min(before);
    let around = DayRange::new(first, range.last().plus(USUAL)).unwrap_or(range);
    Ok(Series::new(store.days(id, Some(around)).await?))
}

/// Earlier days as if they were those of the range.
async fn read_over(
    store: &Store,
    id: RepoId,
    range: DayRange,
    over: Over,
) -> Result<Vec<DayRow>, StoreError> {
    let days = over.days_earlier(range);
    let (first, last) = (range.first().plus(-days), range.last().plus(-days));
    let Some(earlier) = DayRange::new(first, last) else {
        return Ok(Vec::new());
    };
    let series = Series::new(store.days(id, Some(earlier)).await?);
    let moved = all_days(&series, earlier).into_iter().map(|row| DayRow {
        day: row.day.plus(days),
        ..row
    });
    Ok(moved.collect())
}

/// Each day of a range, gaps included, also where the series does not reach.
#[must_use]
pub fn all_days(series: &Series, range: DayRange) -> Vec<DayRow> {
    let mut known = series.within(range).iter().peekable();
    let day = |day| match known.next_if(|row| row.day == day) {
        Some(row) => *row,
        None => DayRow::gap(day),
    };
    range.iter().map(day).collect()
}

/// The windows whose lists tell of a range.
fn windows(range: DayRange) -> Option<DayRange> {
    let after = i64::from(Window::DAYS) - 1;
    DayRange::new(range.first().plus(-LISTS), range.last().plus(after))
}
