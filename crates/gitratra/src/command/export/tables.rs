//! The tables beside that of days: their rows of one repository after another.

use std::collections::BTreeMap;
use std::io;

use anyhow::{Context, Result};
use gitratra_core::download::AssetHistory;
use gitratra_core::platform::{self, Rule};
use gitratra_core::{Count, Day, DayRange, Metric, Ranking, RepoId, Uniques, Week, Window};
use gitratra_formats::table::{Cell, Table, TableSink, known};
use gitratra_store::Store;

use super::since::Since;
use crate::args::ExportWhat;

/// Each table, in the order in which they are written.
pub(super) const EACH: [ExportWhat; 8] = [
    ExportWhat::Daily,
    ExportWhat::Weekly,
    ExportWhat::Windows,
    ExportWhat::Referrers,
    ExportWhat::Paths,
    ExportWhat::Counters,
    ExportWhat::Stars,
    ExportWhat::Downloads,
];

/// The table that is meant.
pub(super) const fn table(what: ExportWhat) -> &'static Table {
    match what {
        ExportWhat::Daily | ExportWhat::All => &known::DAILY,
        ExportWhat::Weekly => &known::WEEKLY,
        ExportWhat::Windows => &known::WINDOWS,
        ExportWhat::Referrers => &known::REFERRERS,
        ExportWhat::Paths => &known::PATHS,
        ExportWhat::Counters => &known::COUNTERS,
        ExportWhat::Stars => &known::STARS,
        ExportWhat::Downloads => &known::DOWNLOADS,
    }
}

/// What rows are written of.
pub(super) struct Wanted<'a> {
    pub(super) store: &'a Store,
    /// Repositories and what they are called, in order.
    pub(super) repos: &'a [(RepoId, String)],
    /// Rows whose last day lies in it.
    pub(super) range: DayRange,
    /// Only what changed since.
    pub(super) since: Option<&'a Since>,
    /// Somebody's own rules of platforms.
    pub(super) rules: &'a [Rule],
}

/// Writes a table, repository by repository, so that memory does not grow with them.
pub(super) async fn write(
    what: ExportWhat,
    wanted: &Wanted<'_>,
    mut rows: Box<dyn TableSink + '_>,
) -> Result<()> {
    const FAILED: &str = "cannot write the export";
    for (id, name) in wanted.repos {
        let one = One {
            wanted,
            id: *id,
            name,
        };
        match what {
            // Days have a writer of their own.
            ExportWhat::Daily | ExportWhat::All => Ok(Ok(())),
            ExportWhat::Weekly => one.weekly(&mut *rows).await,
            ExportWhat::Windows => one.windows(&mut *rows).await,
            ExportWhat::Referrers => one.ranked(Ranking::Referrers, &mut *rows).await,
            ExportWhat::Paths => one.ranked(Ranking::Paths, &mut *rows).await,
            ExportWhat::Counters => one.counters(&mut *rows).await,
            ExportWhat::Stars => one.stars(&mut *rows).await,
            ExportWhat::Downloads => one.downloads(&mut *rows).await,
        }?
        .context(FAILED)?;
    }
    rows.finish().context(FAILED)
}

/// One repository.
struct One<'a> {
    wanted: &'a Wanted<'a>,
    id: RepoId,
    name: &'a str,
}

/// What the store says is one failure, and what the writer says another.
type Written = Result<io::Result<()>>;

const MEASURED: Cell<'_> = Cell::Word("measured");

impl One<'_> {
    fn repo(&self) -> [Cell<'_>; 2] {
        [Cell::Word(self.name), self.id.into()]
    }

    /// Whether a row that ends on this day is wanted, where no time says when it was read.
    fn has(&self, last: Day) -> bool {
        let is_changed = self.wanted.since.is_none_or(|since| since.has(last));
        is_changed && self.wanted.range.contains(last)
    }

    async fn weekly(&self, rows: &mut dyn TableSink) -> Written {
        let mut weeks: BTreeMap<Week, [Option<Count>; 2]> = BTreeMap::new();
        for (at, metric) in Metric::ALL.into_iter().enumerate() {
            for (week, count) in self.wanted.store.weeks(self.id, metric, None).await? {
                weeks.entry(week).or_default()[at] = Some(count);
            }
        }
        let count = |count: Option<Count>| Cell::from(count.map(|count| count.count()));
        let people = |count: Option<Count>| Cell::from(count.map(|count| count.uniques().get()));
        let [repo, id] = self.repo();
        let mut weeks = weeks
            .into_iter()
            .filter(|(week, _)| self.has(week.sunday()));
        Ok(weeks.try_for_each(|(week, [views, clones])| {
            rows.write(&[
                repo,
                id,
                week.monday().into(),
                week.sunday().into(),
                count(views),
                people(views),
                count(clones),
                people(clones),
                MEASURED,
            ])
        }))
    }

    async fn windows(&self, rows: &mut dyn TableSink) -> Written {
        let mut windows: BTreeMap<Window, [Option<Uniques>; 2]> = BTreeMap::new();
        for (at, metric) in Metric::ALL.into_iter().enumerate() {
            let range = Some(self.wanted.range);
            for (window, people) in self.wanted.store.windows(self.id, metric, range).await? {
                windows.entry(window).or_default()[at] = Some(people);
            }
        }
        let [repo, id] = self.repo();
        let windows = windows.into_iter();
        let mut windows = windows.filter(|(window, _)| self.has(window.last));
        Ok(windows.try_for_each(|(window, [views, clones])| {
            rows.write(&[
                repo,
                id,
                window.range().first().into(),
                window.last.into(),
                views.map(Uniques::get).into(),
                clones.map(Uniques::get).into(),
                MEASURED,
            ])
        }))
    }

    /// The lists as they were told. None of them is of a day.
    async fn ranked(&self, ranking: Ranking, rows: &mut dyn TableSink) -> Written {
        let (store, range) = (self.wanted.store, self.wanted.range);
        let read_since = match self.wanted.since {
            None => None,
            Some(since) => Some(since.windows(store, self.id, ranking).await?),
        };
        if read_since
            .as_ref()
            .is_some_and(|windows| windows.is_empty())
        {
            return Ok(Ok(()));
        }
        let history = store.rankings_of(self.id, ranking, Some(range)).await?;
        let titles: BTreeMap<&str, &str> = history
            .names
            .iter()
            .filter_map(|name| Some((name.name.as_str(), name.title.as_deref()?)))
            .collect();
        let [repo, id] = self.repo();
        let is_wanted = |last: Day| {
            let is_changed = read_since.as_ref().is_none_or(|days| days.contains(&last));
            is_changed && range.contains(last)
        };
        let lists = history.lists().into_iter();
        let mut lists = lists.filter(|(window, _)| is_wanted(window.last));
        Ok(lists.try_for_each(|(window, lines)| {
            let (from, to) = (window.range().first().into(), window.last.into());
            lines.into_iter().try_for_each(|(name, total)| {
                let views = total.0.count().into();
                let uniques = total.0.uniques().get().into();
                let (text, kind) = (Cell::Text(name), Cell::Word("rolling"));
                match ranking {
                    Ranking::Referrers => {
                        rows.write(&[repo, id, from, to, text, views, uniques, kind])
                    }
                    Ranking::Paths => {
                        let title = titles.get(name);
                        let title = title.map_or(Cell::Empty, |title| Cell::Text(title));
                        rows.write(&[repo, id, from, to, text, title, views, uniques, kind])
                    }
                }
            })
        }))
    }

    async fn counters(&self, rows: &mut dyn TableSink) -> Written {
        let range = Some(self.wanted.range);
        let runs = self.wanted.store.counters(self.id, range).await?;
        let [repo, id] = self.repo();
        let days = runs.iter().flat_map(|run| {
            let days = run.days.iter();
            days.map(|day| (day, run.counters))
        });
        let mut days = days.filter(|(day, _)| self.has(*day));
        Ok(days.try_for_each(|(day, counters)| {
            rows.write(&[
                repo,
                id,
                day.into(),
                counters.stars.into(),
                counters.forks.into(),
                counters.watchers.into(),
                counters.open_issues.into(),
                counters.open_pulls.into(),
                counters.open_both.into(),
                counters.size_kib.into(),
                counters.releases.into(),
                MEASURED,
            ])
        }))
    }

    async fn stars(&self, rows: &mut dyn TableSink) -> Written {
        let read_since = match self.wanted.since {
            None => Vec::new(),
            Some(since) => since.star_days(self.wanted.store, self.id).await?,
        };
        let ledger = self.wanted.store.star_ledger(self.id).await?;
        let known = ledger
            .range()
            .and_then(|known| known.intersection(self.wanted.range));
        let days = known.map_or_else(Vec::new, |known| ledger.days(known));
        let [repo, id] = self.repo();
        let mut known = days
            .into_iter()
            .filter(|stars| stars.given.is_some() || stars.total.is_some())
            .filter(|stars| {
                let mut spans = read_since.iter();
                self.has(stars.day) || spans.any(|span| span.contains(stars.day))
            });
        Ok(known.try_for_each(|stars| {
            rows.write(&[
                repo,
                id,
                stars.day.into(),
                stars.given.into(),
                stars.still.into(),
                stars.total.into(),
                stars.net.into(),
                stars.lost.map(|lost| lost.lower()).into(),
                stars.lost.map(|lost| lost.upper()).into(),
                match stars.lost.map(|lost| lost.number()) {
                    Some(None) => Cell::Word("bounds"),
                    _ => MEASURED,
                },
            ])
        }))
    }

    /// Each file's downloads from one reading to the next; what came before the first reading of a
    /// file whose upload has no date has no first day.
    async fn downloads(&self, rows: &mut dyn TableSink) -> Written {
        let mut releases = self.wanted.store.releases(self.id).await?;
        releases.sort_by_key(|release| (release.published_at, release.id));
        let [repo, id] = self.repo();
        for release in &releases {
            for asset in &release.assets {
                let history = AssetHistory::new(&asset.totals());
                let first = asset.downloads.first().map(|(days, _)| days.first());
                let undated = first.filter(|_| history.undated() > 0);
                let undated = undated.map(|day| (None, day, history.undated()));
                let spans = history.spans().iter();
                let spans =
                    spans.map(|span| (Some(span.days.first()), span.days.last(), span.downloads));
                let platform = platform::classify(&asset.name, self.wanted.rules).to_string();
                for (from, to, downloads) in undated.into_iter().chain(spans) {
                    if !self.has(to) {
                        continue;
                    }
                    let written = rows.write(&[
                        repo,
                        id,
                        Cell::Text(&release.tag),
                        Cell::Text(&asset.name),
                        Cell::Word(&platform),
                        from.into(),
                        to.into(),
                        downloads.into(),
                        MEASURED,
                    ]);
                    if written.is_err() {
                        return Ok(written);
                    }
                }
            }
        }
        Ok(Ok(()))
    }
}
