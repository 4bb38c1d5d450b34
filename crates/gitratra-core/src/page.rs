//! Pages of a repository: which of the paths that GitHub tells are one page, and what lists of
//! paths say of pages.
//!
//! GitHub tells a path as visitors typed it. So one page comes in several spellings: with other
//! letter case, and under each name that the repository has had. Counts of spellings add up, since
//! each visit used one of them; their people do not, since somebody may have used two. Nothing is
//! known here of where names and lists come from.

use std::collections::BTreeMap;
use std::fmt;

use crate::rolling::{List, LooseList, Total};
use crate::{Bounds, RepoName};

/// The names that a repository has and had.
#[derive(Debug, Clone)]
pub struct PageNames {
    present: RepoName,
    former: Vec<RepoName>,
}

/// Which page a path leads to: paths of one page have the same key.
///
/// *Shape*: the path in lower case under the present name; a path that is under none of the names
/// as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageKey(String);

impl PageKey {
    /// The key as text, for storing and comparing; people are shown [`Page::shown`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PageNames {
    /// The present name, and those before it in any order.
    #[must_use]
    pub fn new(present: RepoName, former: impl IntoIterator<Item = RepoName>) -> Self {
        Self {
            present,
            former: former.into_iter().collect(),
        }
    }

    /// The page that a path leads to, as `/Octo/Alpha/issues`.
    #[must_use]
    pub fn key(&self, path: &str) -> PageKey {
        match self.inside(path) {
            Some(inside) => PageKey(format!(
                "/{}{}",
                self.present.key(),
                match inside {
                    "/" => String::new(),
                    _ => inside.to_lowercase(),
                }
            )),
            None => PageKey(path.to_owned()),
        }
    }

    /// How a path is shown: without the repository's name, `/` for its front page, as it is where
    /// it is under none of the names.
    #[must_use]
    pub fn shown<'a>(&self, path: &'a str) -> &'a str {
        match self.inside(path) {
            Some("") => "/",
            Some(inside) => inside,
            None => path,
        }
    }

    /// What follows a name of the repository in a path; nothing where none of them leads it.
    fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (owner, name) = path.strip_prefix('/')?.split_once('/')?;
        let end = name.find(['/', '?', '#']).unwrap_or(name.len());
        let (name, inside) = name.split_at(end);
        let is_named = |known: &RepoName| {
            known.owner().eq_ignore_ascii_case(owner) && known.name().eq_ignore_ascii_case(name)
        };
        let mut names = std::iter::once(&self.present).chain(&self.former);
        names.any(is_named).then_some(inside)
    }
}

/// One page and the ways it was spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How people are shown it: [`PageNames::shown`] of its most frequent spelling.
    pub shown: String,
    /// Each path that a list ever had for it, as GitHub told it, the most frequent first.
    pub spellings: Vec<String>,
}

/// The pages that lists of paths ever had.
///
/// A spelling that no list ever had is not known, so what is said of a page is said of the
/// spellings that are.
#[derive(Debug, Clone)]
pub struct Pages {
    names: PageNames,
    pages: BTreeMap<PageKey, Page>,
}

/// How frequent a spelling is: the largest total that any list gave it, then in how many it was.
/// Totals of windows are not added up.
type Frequency = (u64, u64);

impl Pages {
    /// Finds the pages in all lists of paths of one repository.
    #[must_use]
    pub fn new(names: PageNames, lists: &[List<String>]) -> Self {
        let mut spellings: BTreeMap<&str, Frequency> = BTreeMap::new();
        for (path, total) in lists.iter().flat_map(|list| &list.lines) {
            let (largest, lists) = spellings.entry(path).or_default();
            *largest = total.count().max(*largest);
            *lists += 1;
        }
        let mut found: BTreeMap<PageKey, Vec<(Frequency, &str)>> = BTreeMap::new();
        for (path, frequency) in spellings {
            let spellings = found.entry(names.key(path)).or_default();
            spellings.push((frequency, path));
        }
        let page = |mut spellings: Vec<(Frequency, &str)>| {
            // A stable sort keeps equals in the order of their texts.
            spellings.sort_by_key(|(frequency, _)| std::cmp::Reverse(*frequency));
            Page {
                shown: names.shown(spellings[0].1).to_owned(),
                spellings: spellings
                    .into_iter()
                    .map(|(_, path)| path.to_owned())
                    .collect(),
            }
        };
        let pages = found
            .into_iter()
            .map(|(key, spellings)| (key, page(spellings)))
            .collect();
        Self { names, pages }
    }

    /// A page by its key; nothing where no list had it.
    #[must_use]
    pub fn page(&self, key: &PageKey) -> Option<&Page> {
        self.pages.get(key)
    }

    /// All of them, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&PageKey, &Page)> {
        self.pages.iter()
    }

    /// What a list of paths says of pages, the largest first by what they had at least, then at
    /// most, then by key.
    ///
    /// In a list that is full a spelling that is missing had anything up to the last line, so a
    /// page some of whose spellings are missing is known only between two numbers.
    #[must_use]
    pub fn merge(&self, list: &List<String>) -> LooseList<PageKey> {
        let unseen = list.unseen();
        let mut pages: BTreeMap<PageKey, Merged> = BTreeMap::new();
        for (path, total) in &list.lines {
            let merged = pages.entry(self.names.key(path)).or_default();
            merged.add(Total::from(*total));
        }
        if unseen > 0 {
            // What the list says of every source that it lacks covers a page of one spelling.
            for (key, page) in self
                .pages
                .iter()
                .filter(|(_, page)| page.spellings.len() > 1)
            {
                let is_missing = |spelling: &&String| !list.has(spelling);
                let missing = page.spellings.iter().filter(is_missing).count();
                pages.entry(key.clone()).or_default().miss(missing, unseen);
            }
        }
        let mut lines: Vec<(PageKey, Total)> = pages
            .into_iter()
            .map(|(key, merged)| (key, merged.total))
            .collect();
        lines.sort_by_key(|(_, total)| {
            std::cmp::Reverse((total.count.lower(), total.count.upper()))
        });
        LooseList {
            window: list.window,
            lines,
            unseen,
        }
    }
}

/// The spellings of one page in one list, taken together.
#[derive(Debug, Default)]
struct Merged {
    total: Total,
}

impl Merged {
    /// Takes in a spelling that the list has.
    fn add(&mut self, spelling: Total) {
        let people = self.total.people;
        // Everybody may be the same person as somebody of another spelling, or nobody.
        let least = people.lower().max(spelling.people.lower());
        let most = people.upper().saturating_add(spelling.people.upper());
        self.total = Total {
            count: self.total.count.plus(spelling.count),
            people: Bounds::new(least, most).unwrap_or(people),
        };
    }

    /// Takes in `missing` spellings, each of which had at most `unseen`.
    fn miss(&mut self, missing: usize, unseen: u64) {
        let unseen = Bounds::new(0, unseen).unwrap_or_default();
        for _ in 0..missing {
            self.add(Total {
                count: unseen,
                people: unseen,
            });
        }
    }
}

#[cfg(test)]
mod tests;
