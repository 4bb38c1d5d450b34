//! Referrers and popular paths: totals over a window, named by the window's last day. Names are long
//! and come back every day, so each is kept once and numbered; a total that stays the same through
//! windows that were read one after the other is one row.

use std::collections::HashMap;

use futures_util::FutureExt;
use gitratra_core::{
    Count, Day, DayRange, Ranked, RankedReading, Ranking, RepoId, Rolling, Timestamp, Window,
};

use super::sighting::count;
use crate::engine::Tx;
use crate::error::Fault;
use crate::runs::{self, Place, Run};
use crate::sql;
use crate::value::{self, Row, params, storable, whole_second};
use crate::{Store, StoreError};

/// All lists of a repository, as they are kept: who was in which windows with which total.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RankedHistory {
    /// The windows that were read, ascending. One without lines is a measurement; one that is not
    /// there was not read.
    pub windows: Vec<Window>,
    /// Every referrer or path that was ever in a list, in order of appearance.
    pub names: Vec<RankedName>,
    /// The totals, by the last of their windows.
    pub runs: Vec<RankedRun>,
}

/// A referrer or a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankedName {
    /// As GitHub wrote it.
    pub name: String,
    /// The page's title in the newest window that had one, for paths.
    pub title: Option<String>,
}

/// A name that was in every list from one window to another that was read, with the same total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankedRun {
    /// Its place in [`RankedHistory::names`].
    pub name: usize,
    /// The first window.
    pub first: Window,
    /// The last window.
    pub last: Window,
    /// The total over each window.
    pub total: Rolling,
}

impl RankedHistory {
    /// The lists one by one. *Shape*: by window, ascending; in each the largest first, equals by
    /// name.
    #[must_use]
    pub fn lists(&self) -> Vec<(Window, Vec<(&str, Rolling)>)> {
        let mut lists: Vec<(Window, Vec<(&str, Rolling)>)> = self
            .windows
            .iter()
            .map(|window| (*window, Vec::new()))
            .collect();
        for run in &self.runs {
            let first = self.windows.partition_point(|window| *window < run.first);
            let end = self.windows.partition_point(|window| *window <= run.last);
            let name = self.names.get(run.name).map(|found| found.name.as_str());
            for (_, lines) in lines_of(&mut lists, first, end) {
                lines.extend(name.map(|name| (name, run.total)));
            }
        }
        for (_, lines) in &mut lists {
            lines.sort_unstable_by(|(name, total), (other_name, other)| {
                let largest_first = other.0.count().cmp(&total.0.count());
                largest_first.then_with(|| name.cmp(other_name))
            });
        }
        lists
    }
}

fn lines_of<T>(lists: &mut [T], first: usize, end: usize) -> impl Iterator<Item = &mut T> {
    lists.get_mut(first..end).unwrap_or_default().iter_mut()
}

impl Store {
    /// The newest window of a list that was read. *Shape*: the largest first, equals by name; an
    /// empty list is a measurement.
    pub async fn newest_ranked(
        &self,
        repo: RepoId,
        ranking: Ranking,
    ) -> Result<Option<(Window, Vec<Ranked>)>, StoreError> {
        self.read(move |tx| newest(tx, repo, ranking).boxed()).await
    }

    /// All lists of a repository whose windows end in a range, or all there are; runs are cut to
    /// the range.
    pub async fn rankings_of(
        &self,
        repo: RepoId,
        ranking: Ranking,
        range: Option<DayRange>,
    ) -> Result<RankedHistory, StoreError> {
        let range = range.unwrap_or(DayRange::ALL);
        self.read(move |tx| history(tx, repo, ranking, range).boxed())
            .await
    }

    /// The names on the lists of a repository with the newest title of each. *Shape*: in the order
    /// in which they were first met.
    pub async fn ranked_names(
        &self,
        repo: RepoId,
        ranking: Ranking,
    ) -> Result<Vec<RankedName>, StoreError> {
        self.read(move |tx| {
            async move {
                let rows = tx
                    .query(&sql::RANKED_NAMES, &params![repo, ranking])
                    .await?;
                let names = rows.iter().map(|row| {
                    Ok(RankedName {
                        name: row.text(1)?.to_owned(),
                        title: row.opt_text(2)?.map(str::to_owned),
                    })
                });
                names.collect()
            }
            .boxed()
        })
        .await
    }
}

/// A name as it is kept, with its runs near a window.
struct Line {
    name_id: i64,
    title: Option<String>,
    runs: Vec<Run<Count>>,
    /// Its total in the window, as it is to be.
    total: Option<Count>,
    /// Whether the total is of the reading that is being kept, or of one made at the same second.
    is_current: bool,
}

/// Keeps a list. Of two readings of the same window the newer one stays, all of it; of two made at
/// the same second the larger totals, name by name. A title is the one that came with the newest
/// window.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    repo: RepoId,
    window: Window,
    reading: &RankedReading,
) -> Result<(), Fault> {
    let ranking = reading.ranking;
    let read_at = whole_second(reading.read_at);
    let (before, place) = around(tx, repo, ranking, window).await?;
    if before.is_some_and(|before| before > read_at) {
        return Ok(());
    }
    let newest = newest_window(tx, repo, ranking).await?;
    let may_title = newest.is_none_or(|newest| newest <= window);
    let mut known = near(tx, repo, ranking, place.reach()).await?;
    for line in known.values_mut() {
        let held = line.runs.iter().find(|run| run.days.contains(window.last));
        line.total = held
            .map(|run| run.value)
            .filter(|_| before == Some(read_at));
        line.is_current = line.total.is_some();
    }
    for line in &reading.lines {
        let name = storable(&line.name);
        let mut kept = match known.remove(name.as_ref()) {
            Some(kept) => kept,
            None => named(tx, repo, ranking, line).await?,
        };
        let is_title = if kept.is_current {
            line.title > kept.title
        } else {
            line.title.is_some() && line.title != kept.title
        };
        if may_title && is_title {
            let params = params![repo, ranking, kept.name_id, line.title.clone()];
            tx.execute(&sql::RANKED_NAME_TITLE, &params).await?;
            kept.title.clone_from(&line.title);
        }
        let larger = kept.total.map(|total| total.larger(line.total.0));
        kept.total = larger.or(Some(line.total.0));
        kept.is_current = true;
        known.insert(name.into_owned(), kept);
    }
    put(tx, repo, ranking, place, &known).await?;
    let seen = read_at.as_second() - window.last.end().as_second();
    let of = |list| Some(seen).filter(|_| list == ranking);
    let (referrers, paths) = (of(Ranking::Referrers), of(Ranking::Paths));
    let params = params![repo, window.last, referrers, paths];
    tx.execute(&sql::RANKED_WINDOW_SAVE, &params).await?;
    Ok(())
}

/// Whether no reading of a window is held, or an older one.
pub(crate) async fn is_new(
    tx: &mut Tx<'_>,
    repo: RepoId,
    window: Window,
    reading: &RankedReading,
) -> Result<bool, Fault> {
    let (held, _) = around(tx, repo, reading.ranking, window).await?;
    Ok(held.is_none_or(|held| held < whole_second(reading.read_at)))
}

/// Writes the runs so that the window has the totals of these lines.
async fn put(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    place: Place,
    lines: &HashMap<String, Line>,
) -> Result<(), Fault> {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for line in lines.values() {
        let change = runs::put(&line.runs, place, line.total);
        let ends = change.removed.iter().map(|run| run.days.last());
        removed.extend(ends.map(|last| params![repo, ranking, last, line.name_id]));
        added.extend(change.added.iter().map(|run| {
            params![
                repo,
                ranking,
                line.name_id,
                run.days.first(),
                run.days.last(),
                run.value.count(),
                run.value.uniques().get(),
            ]
        }));
    }
    tx.execute_each(&sql::RANKED_RUN_REMOVE, &removed).await?;
    tx.execute_each(&sql::RANKED_RUN_ADD, &added).await?;
    Ok(())
}

/// When the window that is held was read, and the windows that were read before and after it.
async fn around(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    window: Window,
) -> Result<(Option<Timestamp>, Place), Fault> {
    let params = params![repo, ranking, window.last];
    let rows = tx.query(&sql::RANKED_WINDOW_AROUND, &params).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| Fault::corrupt("no answer about a window".into()))?;
    let end = window.last.end().as_second();
    let seen = row.opt_int(0)?.map(|seen| value::time(end + seen));
    let place = Place {
        before: row.opt_day(1)?,
        day: window.last,
        after: row.opt_day(2)?,
    };
    Ok((seen.transpose()?, place))
}

/// The number of a name, which is given where it has none yet.
async fn named(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    line: &Ranked,
) -> Result<Line, Fault> {
    let fresh = |name_id, title| Line {
        name_id,
        title,
        runs: Vec::new(),
        total: None,
        is_current: false,
    };
    let params = params![repo, ranking, line.name.as_str()];
    if let Some(row) = tx.query(&sql::RANKED_NAME, &params).await?.first() {
        return Ok(fresh(row.int(0)?, row.opt_text(1)?.map(str::to_owned)));
    }
    let params = params![repo, ranking, line.name.as_str(), line.title.clone()];
    let added = tx.query(&sql::RANKED_NAME_ADD, &params).await?;
    let row = added
        .first()
        .ok_or_else(|| Fault::corrupt("no number for a name".into()))?;
    Ok(fresh(row.int(0)?, line.title.clone()))
}

/// The number alone.
pub(crate) async fn number(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    line: &Ranked,
) -> Result<i64, Fault> {
    Ok(named(tx, repo, ranking, line).await?.name_id)
}

async fn newest(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
) -> Result<Option<(Window, Vec<Ranked>)>, Fault> {
    let Some(window) = newest_window(tx, repo, ranking).await? else {
        return Ok(None);
    };
    let lines = near(tx, repo, ranking, DayRange::ending(window.last, 1)).await?;
    let lines = lines.into_iter().filter_map(|(name, line)| {
        Some(Ranked {
            name,
            title: line.title,
            total: Rolling(line.runs.first()?.value),
        })
    });
    let mut lines: Vec<Ranked> = lines.collect();
    lines.sort_by(|a, b| {
        let largest_first = b.total.0.count().cmp(&a.total.0.count());
        largest_first.then_with(|| a.name.cmp(&b.name))
    });
    Ok(Some((window, lines)))
}

async fn newest_window(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
) -> Result<Option<Window>, Fault> {
    let params = params![repo, ranking];
    let rows = tx.query(&sql::RANKED_WINDOW_NEWEST, &params).await?;
    let last = rows.first().map(|row| row.day(0)).transpose()?;
    Ok(last.map(|last| Window { last }))
}

/// The runs that reach into some windows, by name.
async fn near(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    windows: DayRange,
) -> Result<HashMap<String, Line>, Fault> {
    let params = params![repo, ranking, windows.first(), windows.last()];
    let mut lines: HashMap<String, Line> = HashMap::new();
    for row in tx.query(&sql::RANKED_RUNS_NAMED, &params).await? {
        if let Some(line) = lines.get_mut(row.text(5)?) {
            line.runs.push(run(&row)?);
            continue;
        }
        let line = Line {
            name_id: row.int(0)?,
            title: row.opt_text(6)?.map(str::to_owned),
            runs: vec![run(&row)?],
            total: None,
            is_current: false,
        };
        lines.insert(row.text(5)?.to_owned(), line);
    }
    Ok(lines)
}

fn run(row: &Row) -> Result<Run<Count>, Fault> {
    Ok(Run {
        days: row.days(1)?,
        value: count(row.whole(3)?, row.whole(4)?)?,
    })
}

/// The lists whose windows end in a range.
pub(crate) async fn history(
    tx: &mut Tx<'_>,
    repo: RepoId,
    ranking: Ranking,
    range: DayRange,
) -> Result<RankedHistory, Fault> {
    let params = params![repo, ranking, range.first(), range.last()];
    let windows = tx.query(&sql::RANKED_WINDOWS, &params).await?;
    let windows = windows
        .iter()
        .map(|row| row.day(0).map(|last| Window { last }));
    let mut places = HashMap::new();
    let mut names = Vec::new();
    for row in tx
        .query(&sql::RANKED_NAMES, &params![repo, ranking])
        .await?
    {
        places.insert(row.int(0)?, names.len());
        names.push(RankedName {
            name: row.text(1)?.to_owned(),
            title: row.opt_text(2)?.map(str::to_owned),
        });
    }
    let mut runs = Vec::new();
    for row in tx.query(&sql::RANKED_RUNS, &params).await? {
        let name = places.get(&row.int(0)?).copied();
        let run = run(&row)?;
        let window = |last: Day| Window { last };
        let days = run.days.intersection(range).unwrap_or(run.days);
        runs.push(RankedRun {
            name: name.ok_or_else(|| Fault::corrupt("a total without a name".into()))?,
            first: window(days.first()),
            last: window(days.last()),
            total: Rolling(run.value),
        });
    }
    Ok(RankedHistory {
        windows: windows.collect::<Result<_, _>>()?,
        names,
        runs,
    })
}
