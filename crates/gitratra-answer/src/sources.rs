//! Referrers and pages of any range, out of all lists of a repository.

use std::collections::BTreeMap;

use gitratra_core::page::{PageKey, PageNames, Pages};
use gitratra_core::rolling::{List, LooseList, Sources};
use gitratra_core::{Day, DayRange, Measured, Metric, Ranking, RepoId, Series};
use gitratra_store::{Store, StoreError};
use serde::Serialize;

use utoipa::ToSchema;

use crate::account::kind;

/// What lists say: of referrers by their names, of paths by pages, each as people are shown it.
#[derive(Debug)]
pub struct Told {
    /// Which list.
    pub ranking: Ranking,
    /// What each brought.
    pub sources: Sources<String>,
    /// Of a page that came in several, its paths as GitHub told them.
    spellings: BTreeMap<String, Vec<String>>,
}

impl Told {
    /// Reads all lists; nothing brought more on a day than its measured views. `names` are those of
    /// the repository, by which paths are joined to pages.
    ///
    /// `windows` are the days on which windows end that are read, or all: fewer windows make wider
    /// bounds, and never wrong ones.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(
        store: &Store,
        repo: RepoId,
        (ranking, names): (Ranking, &PageNames),
        series: &Series,
        windows: Option<DayRange>,
    ) -> Result<Self, StoreError> {
        let history = store.rankings_of(repo, ranking, windows).await?;
        let lists = history.lists().into_iter().map(|(window, lines)| List {
            window,
            lines: lines
                .into_iter()
                .map(|(name, total)| (name.to_owned(), total.0))
                .collect(),
        });
        let views = Measured::of(series.days(), Metric::Views);
        if ranking == Ranking::Referrers {
            return Ok(Self {
                ranking,
                sources: Sources::of_measured(lists, None, &views),
                spellings: BTreeMap::new(),
            });
        }
        let lists: Vec<List<String>> = lists.collect();
        let pages = Pages::new(names.clone(), &lists);
        let shown = shown(&pages);
        let merged = lists.iter().map(|list| {
            let LooseList {
                window,
                lines,
                unseen,
            } = pages.merge(list);
            let named = lines.into_iter().filter_map(|(key, total)| {
                let name = shown.get(&key)?;
                Some((name.clone(), total))
            });
            LooseList {
                window,
                lines: named.collect(),
                unseen,
            }
        });
        let spellings = pages.iter().filter_map(|(key, page)| {
            let several = page.spellings.len() > 1;
            several.then(|| (shown[key].clone(), page.spellings.clone()))
        });
        Ok(Self {
            ranking,
            spellings: spellings.collect(),
            sources: Sources::of_loose(merged, None, Some(&views)),
        })
    }

    /// What each brought by day around some days.
    #[must_use]
    pub fn by_day(&self, around: DayRange) -> Vec<(String, Vec<(Day, gitratra_core::Bounds)>)> {
        let names = self.sources.names();
        let by_day = names.map(|name| {
            let days = self.sources.by_day(name).into_iter();
            let days: Vec<_> = days.filter(|(day, _)| around.contains(*day)).collect();
            (name.clone(), days)
        });
        by_day
            .filter(|(_, days)| days.iter().any(|(_, events)| events.upper() > 0))
            .collect()
    }

    /// The paths of a page that came in several spellings, as GitHub told them.
    #[must_use]
    pub fn spellings(&self, name: &str) -> &[String] {
        self.spellings.get(name).map_or(&[], Vec::as_slice)
    }
}

/// What each page is called. Where two would be called the same, they keep their keys.
fn shown(pages: &Pages) -> BTreeMap<PageKey, String> {
    let mut bearers: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, page) in pages.iter() {
        *bearers.entry(&page.shown).or_default() += 1;
    }
    let name = |(key, page): (&PageKey, &gitratra_core::page::Page)| {
        let is_alone = bearers[page.shown.as_str()] == 1;
        let name = if is_alone { &page.shown } else { key.as_str() };
        (key.clone(), name.to_owned())
    };
    pages.iter().map(name).collect()
}

/// Referrers or paths of a range.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourcesAccount<'a> {
    ranking: &'static str,
    /// Days of the range that any list speaks of.
    days_known: u64,
    of_days: u64,
    lines: Vec<SourceAccount<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SourceAccount<'a> {
    name: &'a str,
    kind: &'static str,
    at_least: u64,
    at_most: u64,
    uniques_at_least: u64,
    uniques_at_most: u64,
    /// Of a page that came in several spellings, its paths as GitHub told them.
    #[serde(skip_serializing_if = "Option::is_none")]
    spellings: Option<&'a [String]>,
}

impl<'a> SourcesAccount<'a> {
    /// Those of a range.
    #[must_use]
    pub fn of(told: &'a Told, range: DayRange) -> Self {
        let ranked = told.sources.ranked(range);
        Self {
            ranking: told.ranking.word(),
            days_known: told.sources.days_known(range),
            of_days: range.days().unsigned_abs(),
            lines: ranked
                .into_iter()
                .map(|(name, found)| SourceAccount {
                    name,
                    kind: kind(found.count.number()),
                    at_least: found.count.lower(),
                    at_most: found.count.upper(),
                    uniques_at_least: found.people.lower(),
                    uniques_at_most: found.people.upper(),
                    spellings: told.spellings.get(name).map(Vec::as_slice),
                })
                .collect(),
        }
    }
}
