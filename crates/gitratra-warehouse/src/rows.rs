//! The rows of every table out of the store, one repository after another.

use std::collections::BTreeMap;
use std::io;

use gitratra_core::download::AssetHistory;
use gitratra_core::platform::{self, Rule};
use gitratra_core::{Count, Day, DayRange, DayRow, Metric, Ranking, RepoId, Uniques, Week, Window};
use gitratra_formats::daily::day_row;
use gitratra_formats::table::{Cell, Table, TableSink, known};
use gitratra_store::{KnownRepo, Store, StoreError};

mod since;

pub use since::{Since, SinceError};

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Views and clones of each day, gaps included.
    Daily,
    /// Whole weeks.
    Weekly,
    /// People over windows of 14 days.
    Windows,
    /// Lists of referrers.
    Referrers,
    /// Lists of paths.
    Paths,
    /// Lists of paths, each with its title.
    TitledPaths,
    /// What stood at the end of each day.
    Counters,
    /// Stars by day.
    Stars,
    /// Downloads of the files of releases.
    Downloads,
    /// The repositories.
    Repos,
    /// The releases.
    Releases,
    /// The titles of paths.
    Titles,
}

impl What {
    /// Those that a warehouse has, in the order in which they are written.
    pub const WAREHOUSE: [Self; 11] = [
        Self::Repos,
        Self::Releases,
        Self::Titles,
        Self::Daily,
        Self::Weekly,
        Self::Windows,
        Self::Referrers,
        Self::Paths,
        Self::Counters,
        Self::Stars,
        Self::Downloads,
    ];

    /// Its columns and what they hold.
    #[must_use]
    pub const fn table(self) -> &'static Table {
        match self {
            Self::Daily => &known::DAILY,
            Self::Weekly => &known::WEEKLY,
            Self::Windows => &known::WINDOWS,
            Self::Referrers => &known::REFERRERS,
            Self::Paths => &known::BARE_PATHS,
            Self::TitledPaths => &known::PATHS,
            Self::Counters => &known::COUNTERS,
            Self::Stars => &known::STARS,
            Self::Downloads => &known::DOWNLOADS,
            Self::Repos => &known::REPOS,
            Self::Releases => &known::RELEASES,
            Self::Titles => &known::TITLES,
        }
    }

    /// The table of a warehouse with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::WAREHOUSE.into_iter();
        all.find(|what| what.table().name == name)
    }

    /// Whether a day dates each of its rows.
    #[must_use]
    pub const fn is_dated(self) -> bool {
        !matches!(self, Self::Repos | Self::Releases | Self::Titles)
    }
}

/// What rows are written of.
pub struct Wanted<'a> {
    /// Where they come from.
    pub store: &'a Store,
    /// Repositories and what they are called, in order.
    pub repos: &'a [(RepoId, String)],
    /// Rows whose last day lies in it.
    pub range: DayRange,
    /// Only what changed since.
    pub since: Option<&'a Since>,
    /// Somebody's own rules of platforms.
    pub rules: &'a [Rule],
}

/// What stopped the rows.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What they are written to.
    #[error(transparent)]
    Sink(#[from] io::Error),
}

/// Writes a table, repository by repository, so that memory does not grow with them. Whoever calls
/// ends the table.
///
/// # Errors
/// What the store or the sink says.
pub async fn write<S: TableSink + ?Sized>(
    what: What,
    wanted: &Wanted<'_>,
    rows: &mut S,
) -> Result<(), RowsError> {
    if what == What::Repos {
        return repositories(wanted, rows).await;
    }
    for (id, name) in wanted.repos {
        let one = One {
            wanted,
            id: *id,
            name,
        };
        match what {
            What::Daily => one.daily(rows).await,
            What::Weekly => one.weekly(rows).await,
            What::Windows => one.windows(rows).await,
            What::Referrers | What::Paths | What::TitledPaths => one.ranked(what, rows).await,
            What::Counters => one.counters(rows).await,
            What::Stars => one.stars(rows).await,
            What::Downloads => one.downloads(rows).await,
            What::Releases => one.releases(rows).await,
            What::Titles => one.titles(rows).await,
            What::Repos => Ok(()),
        }?;
    }
    Ok(())
}

async fn repositories<S: TableSink + ?Sized>(
    wanted: &Wanted<'_>,
    rows: &mut S,
) -> Result<(), RowsError> {
    let known = wanted.store.repositories().await?;
    let known: BTreeMap<RepoId, &KnownRepo> = known
        .iter()
        .map(|known| (known.repository.id, known))
        .collect();
    for (id, name) in wanted.repos {
        let Some(known) = known.get(id) else {
            continue;
        };
        rows.write(&[
            Cell::Word(name),
            (*id).into(),
            known.repository.is_private.into(),
            known.repository.is_fork.into(),
            known.repository.is_archived.into(),
            known.first_seen.into(),
            known.gone.as_ref().map(|gone| gone.since).into(),
        ])?;
    }
    Ok(())
}

/// One repository.
struct One<'a> {
    wanted: &'a Wanted<'a>,
    id: RepoId,
    name: &'a str,
}

type Written = Result<(), RowsError>;

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

    /// Every known day and the gaps between them, as far as they lie in the range.
    async fn daily(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
        let (store, range) = (self.wanted.store, self.wanted.range);
        let days = match self.wanted.since {
            Some(since) => {
                let mut days = since.days(store, self.id).await?;
                days.retain(|row| range.contains(row.day));
                days
            }
            None => {
                let known = store.known_days(self.id).await?;
                let Some(range) = known.and_then(|known| known.intersection(range)) else {
                    return Ok(());
                };
                let mut known = store
                    .days(self.id, Some(range))
                    .await?
                    .into_iter()
                    .peekable();
                let days = range.iter().map(|day| {
                    let found = known.next_if(|row| row.day == day);
                    found.unwrap_or_else(|| DayRow::gap(day))
                });
                days.collect()
            }
        };
        for day in &days {
            rows.write(&day_row(self.id, self.name, day))?;
        }
        Ok(())
    }

    async fn weekly(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
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
        weeks.try_for_each(|(week, [views, clones])| {
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
        })?;
        Ok(())
    }

    async fn windows(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
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
        windows.try_for_each(|(window, [views, clones])| {
            rows.write(&[
                repo,
                id,
                window.range().first().into(),
                window.last.into(),
                views.map(Uniques::get).into(),
                clones.map(Uniques::get).into(),
                MEASURED,
            ])
        })?;
        Ok(())
    }

    /// The lists as they were told. None of them is of a day.
    async fn ranked(&self, what: What, rows: &mut (impl TableSink + ?Sized)) -> Written {
        let (store, range) = (self.wanted.store, self.wanted.range);
        let ranking = match what {
            What::Referrers => Ranking::Referrers,
            _ => Ranking::Paths,
        };
        let read_since = match self.wanted.since {
            None => None,
            Some(since) => Some(since.windows(store, self.id, ranking).await?),
        };
        if read_since
            .as_ref()
            .is_some_and(|windows| windows.is_empty())
        {
            return Ok(());
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
        lists.try_for_each(|(window, lines)| {
            let (from, to) = (window.range().first().into(), window.last.into());
            lines.into_iter().try_for_each(|(name, total)| {
                let views = total.0.count().into();
                let uniques = total.0.uniques().get().into();
                let (text, kind) = (Cell::Text(name), Cell::Word("rolling"));
                match what {
                    What::TitledPaths => {
                        let title = titles.get(name);
                        let title = title.map_or(Cell::Empty, |title| Cell::Text(title));
                        rows.write(&[repo, id, from, to, text, title, views, uniques, kind])
                    }
                    _ => rows.write(&[repo, id, from, to, text, views, uniques, kind]),
                }
            })
        })?;
        Ok(())
    }

    async fn counters(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
        let range = Some(self.wanted.range);
        let runs = self.wanted.store.counters(self.id, range).await?;
        let [repo, id] = self.repo();
        let days = runs.iter().flat_map(|run| {
            let days = run.days.iter();
            days.map(|day| (day, run.counters))
        });
        let mut days = days.filter(|(day, _)| self.has(*day));
        days.try_for_each(|(day, counters)| {
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
        })?;
        Ok(())
    }

    async fn stars(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
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
        known.try_for_each(|stars| {
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
        })?;
        Ok(())
    }

    /// Each file's downloads from one reading to the next; what came before the first reading of a
    /// file whose upload has no date has no first day.
    async fn downloads(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
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
                    rows.write(&[
                        repo,
                        id,
                        Cell::Text(&release.tag),
                        Cell::Text(&asset.name),
                        Cell::Word(&platform),
                        from.into(),
                        to.into(),
                        downloads.into(),
                        MEASURED,
                    ])?;
                }
            }
        }
        Ok(())
    }

    /// The releases, the oldest first.
    async fn releases(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
        let mut releases = self.wanted.store.releases_alone(self.id).await?;
        releases.sort_by_key(|release| (release.published_at, release.id));
        let [repo, id] = self.repo();
        for release in &releases {
            let name = release.name.as_deref();
            rows.write(&[
                repo,
                id,
                Cell::Text(&release.tag),
                name.map_or(Cell::Empty, Cell::Text),
                release.published_at.into(),
                release.is_prerelease.into(),
                release.gone_since.into(),
            ])?;
        }
        Ok(())
    }

    /// The newest title of each path that has one.
    async fn titles(&self, rows: &mut (impl TableSink + ?Sized)) -> Written {
        let names = self.wanted.store.ranked_names(self.id, Ranking::Paths);
        let mut names = names.await?;
        names.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let [repo, id] = self.repo();
        for name in &names {
            if let Some(title) = &name.title {
                rows.write(&[repo, id, Cell::Text(&name.name), Cell::Text(title)])?;
            }
        }
        Ok(())
    }
}
