//! The tables beside that of days: what each has as columns, and its rows of one repository.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::{Context, Result};
use gitratra_core::download::AssetHistory;
use gitratra_core::platform::{self, Rule};
use gitratra_core::{Count, Day, DayRange, Metric, Ranking, RepoId, Uniques, Week, Window};
use gitratra_formats::{RowFormat, RowWriter};
use gitratra_store::Store;
use serde::Serialize;

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Weekly,
    Windows,
    Ranked(Ranking),
    Counters,
    Stars,
    Downloads,
}

impl Table {
    pub(super) const ALL: [Self; 7] = [
        Self::Weekly,
        Self::Windows,
        Self::Ranked(Ranking::Referrers),
        Self::Ranked(Ranking::Paths),
        Self::Counters,
        Self::Stars,
        Self::Downloads,
    ];

    /// What it is called, and its file.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Windows => "windows",
            Self::Ranked(ranking) => ranking.word(),
            Self::Counters => "counters",
            Self::Stars => "stars",
            Self::Downloads => "downloads",
        }
    }

    const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Weekly => &[
                "repo",
                "from",
                "to",
                "views",
                "views_uniques",
                "clones",
                "clones_uniques",
                "kind",
            ],
            Self::Windows => &[
                "repo",
                "from",
                "to",
                "views_uniques",
                "clones_uniques",
                "kind",
            ],
            Self::Ranked(Ranking::Referrers) => {
                &["repo", "from", "to", "referrer", "views", "uniques", "kind"]
            }
            Self::Ranked(Ranking::Paths) => &[
                "repo", "from", "to", "path", "title", "views", "uniques", "kind",
            ],
            Self::Counters => &[
                "repo",
                "day",
                "stars",
                "forks",
                "watchers",
                "open_issues",
                "open_pulls",
                "open_issues_and_pulls",
                "size_kib",
                "releases",
                "kind",
            ],
            Self::Stars => &[
                "repo",
                "day",
                "given",
                "still_given",
                "total",
                "change",
                "lost_at_least",
                "lost_at_most",
                "kind",
            ],
            Self::Downloads => &[
                "repo",
                "release",
                "file",
                "platform",
                "from",
                "to",
                "downloads",
                "kind",
            ],
        }
    }
}

/// What rows are written of.
pub(super) struct Wanted<'a> {
    pub(super) store: &'a Store,
    /// Repositories and what they are called, in order.
    pub(super) repos: &'a [(RepoId, String)],
    /// Rows whose last day lies in it.
    pub(super) range: DayRange,
    /// Somebody's own rules of platforms.
    pub(super) rules: &'a [Rule],
}

/// Writes a table, repository by repository, so that memory does not grow with them.
pub(super) async fn write(
    table: Table,
    wanted: &Wanted<'_>,
    format: RowFormat,
    out: &mut impl Write,
) -> Result<()> {
    const FAILED: &str = "cannot write the export";
    let mut rows = RowWriter::new(&mut *out, format, table.columns()).context(FAILED)?;
    for (id, name) in wanted.repos {
        let one = One {
            wanted,
            id: *id,
            name,
        };
        match table {
            Table::Weekly => one.weekly(&mut rows).await,
            Table::Windows => one.windows(&mut rows).await,
            Table::Ranked(ranking) => one.ranked(ranking, &mut rows).await,
            Table::Counters => one.counters(&mut rows).await,
            Table::Stars => one.stars(&mut rows).await,
            Table::Downloads => one.downloads(&mut rows).await,
        }?
        .context(FAILED)?;
    }
    rows.finish().context(FAILED)?;
    out.flush().context(FAILED)
}

/// One repository.
struct One<'a> {
    wanted: &'a Wanted<'a>,
    id: RepoId,
    name: &'a str,
}

/// What the store says is one failure, and what the writer says another.
type Written = Result<io::Result<()>>;

#[derive(Serialize)]
struct Weekly<'a> {
    repo: &'a str,
    from: String,
    to: String,
    views: Option<u64>,
    views_uniques: Option<u64>,
    clones: Option<u64>,
    clones_uniques: Option<u64>,
    kind: &'static str,
}

#[derive(Serialize)]
struct Windows<'a> {
    repo: &'a str,
    from: String,
    to: String,
    views_uniques: Option<u64>,
    clones_uniques: Option<u64>,
    kind: &'static str,
}

#[derive(Serialize)]
struct Referrer<'a> {
    repo: &'a str,
    from: &'a str,
    to: &'a str,
    referrer: &'a str,
    views: u64,
    uniques: u64,
    kind: &'static str,
}

#[derive(Serialize)]
struct Path<'a> {
    repo: &'a str,
    from: &'a str,
    to: &'a str,
    path: &'a str,
    title: Option<&'a str>,
    views: u64,
    uniques: u64,
    kind: &'static str,
}

#[derive(Serialize)]
struct Counted<'a> {
    repo: &'a str,
    day: String,
    stars: u64,
    forks: u64,
    watchers: Option<u64>,
    open_issues: Option<u64>,
    open_pulls: Option<u64>,
    open_issues_and_pulls: Option<u64>,
    size_kib: Option<u64>,
    releases: Option<u64>,
    kind: &'static str,
}

#[derive(Serialize)]
struct Starred<'a> {
    repo: &'a str,
    day: String,
    given: Option<u64>,
    still_given: Option<u64>,
    total: Option<u64>,
    change: Option<i64>,
    lost_at_least: Option<u64>,
    lost_at_most: Option<u64>,
    kind: &'static str,
}

#[derive(Serialize)]
struct Downloaded<'a> {
    repo: &'a str,
    release: &'a str,
    file: &'a str,
    platform: String,
    from: Option<String>,
    to: String,
    downloads: u64,
    kind: &'static str,
}

impl One<'_> {
    fn has(&self, last: Day) -> bool {
        self.wanted.range.contains(last)
    }

    async fn weekly<W: Write>(&self, rows: &mut RowWriter<W>) -> Written {
        let mut weeks: BTreeMap<Week, [Option<Count>; 2]> = BTreeMap::new();
        for (at, metric) in Metric::ALL.into_iter().enumerate() {
            for (week, count) in self.wanted.store.weeks(self.id, metric, None).await? {
                weeks.entry(week).or_default()[at] = Some(count);
            }
        }
        let count = |count: Option<Count>| count.map(|count| count.count());
        let uniques = |count: Option<Count>| count.map(|count| count.uniques().get());
        let weeks = weeks
            .into_iter()
            .filter(|(week, _)| self.has(week.sunday()));
        Ok(weeks.into_iter().try_for_each(|(week, [views, clones])| {
            rows.write(&Weekly {
                repo: self.name,
                from: week.monday().to_string(),
                to: week.sunday().to_string(),
                views: count(views),
                views_uniques: uniques(views),
                clones: count(clones),
                clones_uniques: uniques(clones),
                kind: "measured",
            })
        }))
    }

    async fn windows<W: Write>(&self, rows: &mut RowWriter<W>) -> Written {
        let mut windows: BTreeMap<Window, [Option<Uniques>; 2]> = BTreeMap::new();
        for (at, metric) in Metric::ALL.into_iter().enumerate() {
            let range = Some(self.wanted.range);
            for (window, people) in self.wanted.store.windows(self.id, metric, range).await? {
                windows.entry(window).or_default()[at] = Some(people);
            }
        }
        let mut windows = windows.into_iter();
        Ok(windows.try_for_each(|(window, [views, clones])| {
            rows.write(&Windows {
                repo: self.name,
                from: window.range().first().to_string(),
                to: window.last.to_string(),
                views_uniques: views.map(Uniques::get),
                clones_uniques: clones.map(Uniques::get),
                kind: "measured",
            })
        }))
    }

    /// The lists as they were told. None of them is of a day.
    async fn ranked<W: Write>(&self, ranking: Ranking, rows: &mut RowWriter<W>) -> Written {
        let range = Some(self.wanted.range);
        let history = self
            .wanted
            .store
            .rankings_of(self.id, ranking, range)
            .await?;
        let titles: BTreeMap<&str, &str> = history
            .names
            .iter()
            .filter_map(|name| Some((name.name.as_str(), name.title.as_deref()?)))
            .collect();
        let lists = history.lists().into_iter();
        let mut lists = lists.filter(|(window, _)| self.has(window.last));
        Ok(lists.try_for_each(|(window, lines)| {
            let from = window.range().first().to_string();
            let to = window.last.to_string();
            lines.into_iter().try_for_each(|(name, total)| {
                let (views, uniques) = (total.0.count(), total.0.uniques().get());
                let text = rows.text(name);
                match ranking {
                    Ranking::Referrers => rows.write(&Referrer {
                        repo: self.name,
                        from: &from,
                        to: &to,
                        referrer: &text,
                        views,
                        uniques,
                        kind: "rolling",
                    }),
                    Ranking::Paths => {
                        let title = titles.get(name).map(|title| rows.text(title));
                        rows.write(&Path {
                            repo: self.name,
                            from: &from,
                            to: &to,
                            path: &text,
                            title: title.as_deref(),
                            views,
                            uniques,
                            kind: "rolling",
                        })
                    }
                }
            })
        }))
    }

    async fn counters<W: Write>(&self, rows: &mut RowWriter<W>) -> Written {
        let range = Some(self.wanted.range);
        let runs = self.wanted.store.counters(self.id, range).await?;
        let days = runs.iter().flat_map(|run| {
            let days = run.days.iter();
            days.map(|day| (day, run.counters))
        });
        Ok(days.into_iter().try_for_each(|(day, counters)| {
            rows.write(&Counted {
                repo: self.name,
                day: day.to_string(),
                stars: counters.stars,
                forks: counters.forks,
                watchers: counters.watchers,
                open_issues: counters.open_issues,
                open_pulls: counters.open_pulls,
                open_issues_and_pulls: counters.open_both,
                size_kib: counters.size_kib,
                releases: counters.releases,
                kind: "measured",
            })
        }))
    }

    async fn stars<W: Write>(&self, rows: &mut RowWriter<W>) -> Written {
        let ledger = self.wanted.store.star_ledger(self.id).await?;
        let known = ledger
            .range()
            .and_then(|known| known.intersection(self.wanted.range));
        let days = known.map_or_else(Vec::new, |known| ledger.days(known));
        let mut known = days
            .into_iter()
            .filter(|stars| stars.given.is_some() || stars.total.is_some());
        Ok(known.try_for_each(|stars| {
            rows.write(&Starred {
                repo: self.name,
                day: stars.day.to_string(),
                given: stars.given,
                still_given: stars.still,
                total: stars.total,
                change: stars.net,
                lost_at_least: stars.lost.map(|lost| lost.lower()),
                lost_at_most: stars.lost.map(|lost| lost.upper()),
                kind: match stars.lost.map(|lost| lost.number()) {
                    Some(None) => "bounds",
                    _ => "measured",
                },
            })
        }))
    }

    /// Each file's downloads from one reading to the next; what came before the first reading of a
    /// file whose upload has no date has no first day.
    async fn downloads<W: Write>(&self, rows: &mut RowWriter<W>) -> Written {
        let mut releases = self.wanted.store.releases(self.id).await?;
        releases.sort_by_key(|release| (release.published_at, release.id));
        for release in releases {
            for asset in &release.assets {
                let history = AssetHistory::new(&asset.totals());
                let first = asset.downloads.first().map(|(days, _)| days.first());
                let undated = first.filter(|_| history.undated() > 0);
                let undated = undated.map(|day| (None, day, history.undated()));
                let spans = history.spans().iter();
                let spans =
                    spans.map(|span| (Some(span.days.first()), span.days.last(), span.downloads));
                let tag = rows.text(&release.tag).into_owned();
                let file = rows.text(&asset.name).into_owned();
                let platform = platform::classify(&asset.name, self.wanted.rules).to_string();
                for (from, to, downloads) in undated.into_iter().chain(spans) {
                    if !self.has(to) {
                        continue;
                    }
                    let written = rows.write(&Downloaded {
                        repo: self.name,
                        release: &tag,
                        file: &file,
                        platform: platform.clone(),
                        from: from.map(|day| day.to_string()),
                        to: to.to_string(),
                        downloads,
                        kind: "measured",
                    });
                    if written.is_err() {
                        return Ok(written);
                    }
                }
            }
        }
        Ok(Ok(()))
    }
}
