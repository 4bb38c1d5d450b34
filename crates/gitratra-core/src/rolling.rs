//! Referrers and paths by day, out of lists that only tell totals of 14 days: bounds.
//!
//! A list names at most ten sources with their totals over a window. Let `x(d)` be what a source
//! brought on day `d`. The total of the window that ends on `t` is `R(t) = x(t-13) + … + x(t)`, so
//! `R(t) - R(t-1) = x(t) - x(t-14)`. Nothing else is known but that no `x` is negative. From that
//! follow bounds for each day and each range: exact where a source was absent once (`R = 0` makes
//! 14 days zero) and every list since was read, an interval where lists are missing, where reading
//! began in the middle of things, or where a source fell out of the ten and its total was anything
//! up to the tenth. Where it is known what all sources together brought on a day, none of them
//! brought more.
//!
//! The totals themselves are never added up, and the difference of two is never taken for a day.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Bounds, Count, Day, DayRange, Measured, Window};

mod chain;
mod solve;

use solve::{Limits, Solved};

/// One list that was read: what GitHub told about a window, the largest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<N> {
    /// The window.
    pub window: Window,
    /// Each source with its total over the window.
    pub lines: Vec<(N, Count)>,
}

/// GitHub gives so many lines at most; a shorter list is complete.
pub const LINES: usize = 10;

impl<N> List<N> {
    /// What a source that is not in the list had at most: nothing where the list is complete, the
    /// count of its last line where it is full.
    #[must_use]
    pub fn unseen(&self) -> u64 {
        let last = self.lines.iter().map(|(_, total)| total.count()).min();
        last.filter(|_| self.lines.len() >= LINES).unwrap_or(0)
    }
}

impl<N: PartialEq> List<N> {
    /// Whether a source is in the list.
    #[must_use]
    pub fn has(&self, name: &N) -> bool {
        self.lines.iter().any(|(known, _)| known == name)
    }
}

/// What a window had of one source, where that is known only between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Events.
    pub count: Bounds,
    /// The people behind them, each counted once.
    pub people: Bounds,
}

impl From<Count> for Total {
    fn from(count: Count) -> Self {
        Self {
            count: Bounds::exact(count.count()),
            people: Bounds::exact(count.uniques().get()),
        }
    }
}

/// One list whose lines were put together from several that GitHub told, so that some totals are
/// known only between two numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseList<N> {
    /// The window.
    pub window: Window,
    /// Each source with its total over the window.
    pub lines: Vec<(N, Total)>,
    /// What a source that is in no line had at most.
    pub unseen: u64,
}

impl<N> From<List<N>> for LooseList<N> {
    fn from(list: List<N>) -> Self {
        Self {
            window: list.window,
            unseen: list.unseen(),
            lines: list
                .lines
                .into_iter()
                .map(|(name, total)| (name, total.into()))
                .collect(),
        }
    }
}

/// Everything that lists told of the sources of one repository.
///
/// *Shape*: sources in the order of their names.
#[derive(Debug, Clone)]
pub struct Sources<N> {
    sources: BTreeMap<N, Source>,
    timeline: chain::Timeline,
    windows: Vec<Window>,
    contradicted: BTreeSet<Window>,
}

/// What is known of one source.
#[derive(Debug, Clone)]
struct Source {
    limits: Vec<Limits>,
    /// People of each window at least, where the source was in the list.
    uniques: Vec<Option<u64>>,
    solved: Solved,
}

/// What a source brought in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InRange {
    /// Events on the days of the range that any list speaks of.
    pub count: Bounds,
    /// The people behind them, each counted once.
    pub people: Bounds,
    /// Days of the range that a list speaks of.
    pub days_known: u64,
    /// Days in the range.
    pub of_days: u64,
}

impl<N: Ord + Clone> Sources<N> {
    /// Puts lists together. They may come in any order; of two lists of one window the last one
    /// stays. Before `since`, the day on which the repository came to be, nothing happened.
    #[must_use]
    pub fn new(lists: impl IntoIterator<Item = List<N>>, since: Option<Day>) -> Self {
        Self::of_loose(lists.into_iter().map(LooseList::from), since, None)
    }

    /// The same where it is measured what all sources together brought on days: none of them
    /// brought more than that. Where lists contradict it, they are believed alone.
    #[must_use]
    pub fn of_measured(
        lists: impl IntoIterator<Item = List<N>>,
        since: Option<Day>,
        all: &Measured,
    ) -> Self {
        Self::of_loose(lists.into_iter().map(LooseList::from), since, Some(all))
    }

    /// The same of lists whose totals are bounds, as those of pages
    /// ([`Pages::merge`](crate::page::Pages::merge)).
    #[must_use]
    pub fn of_loose(
        lists: impl IntoIterator<Item = LooseList<N>>,
        since: Option<Day>,
        all: Option<&Measured>,
    ) -> Self {
        let lists: BTreeMap<Window, LooseList<N>> =
            lists.into_iter().map(|list| (list.window, list)).collect();
        let windows: Vec<Window> = lists.keys().copied().collect();
        let timeline = chain::Timeline::new(&windows, since);
        let most = all.map(|all| timeline.most(all));
        let unseen: Vec<Limits> = lists
            .values()
            .map(|list| Limits::at_most(list.unseen))
            .collect();
        let mut told: BTreeMap<N, Vec<(usize, Total)>> = BTreeMap::new();
        for (place, list) in lists.into_values().enumerate() {
            for (name, total) in list.lines {
                told.entry(name).or_default().push((place, total));
            }
        }
        let mut contradicted = BTreeSet::new();
        let sources = told
            .into_iter()
            .map(|(name, told)| {
                let mut limits = unseen.clone();
                let mut uniques = vec![None; windows.len()];
                for (place, total) in told {
                    limits[place] = Limits::from(total.count);
                    uniques[place] = Some(total.people.lower());
                }
                let solved = solve::solve(&timeline, &limits, most.as_deref());
                contradicted.extend(solved.contradicted.iter().map(|place| windows[*place]));
                let source = Source {
                    limits,
                    uniques,
                    solved,
                };
                (name, source)
            })
            .collect();
        Self {
            sources,
            timeline,
            windows,
            contradicted,
        }
    }

    /// The sources that were in any list: over time far more than ten.
    pub fn names(&self) -> impl Iterator<Item = &N> {
        self.sources.keys()
    }

    /// Windows whose lists contradict others, for at least one source. They are left out of what
    /// that source is said to have brought.
    #[must_use]
    pub fn contradicted(&self) -> &BTreeSet<Window> {
        &self.contradicted
    }

    /// The windows that were read, ascending.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// What a source brought on each day that any list speaks of, ascending; empty for a source
    /// that no list names.
    #[must_use]
    pub fn by_day(&self, name: &N) -> Vec<(Day, Bounds)> {
        let Some(source) = self.sources.get(name) else {
            return Vec::new();
        };
        self.timeline
            .known_days(&source.solved)
            .map(|(day, atom)| (day, self.timeline.of_day(atom, &source.solved)))
            .collect()
    }

    /// What a source brought in a range; nothing for a source that no list names.
    ///
    /// At least as narrow as the days added up and as the windows that lie side by side in the
    /// range.
    #[must_use]
    pub fn within(&self, name: &N, range: DayRange) -> Option<InRange> {
        let source = self.sources.get(name)?;
        let mut count = Bounds::ZERO;
        let mut days_known = 0;
        for part in self.timeline.known_parts(range, Some(&source.solved)) {
            count = count.plus(self.timeline.total(part, &source.limits, &source.solved));
            days_known += part.days().unsigned_abs();
        }
        let of_days = range.days().unsigned_abs();
        // A window inside the range counted its people once.
        let inside = self
            .windows
            .iter()
            .zip(&source.uniques)
            .filter(|(window, _)| window.range().intersection(range) == Some(window.range()))
            .filter_map(|(_, uniques)| *uniques);
        let at_least = inside.max().unwrap_or(0).max(u64::from(count.lower() > 0));
        let people = Bounds::new(at_least.min(count.upper()), count.upper()).unwrap_or_default();
        Some(InRange {
            count,
            people,
            days_known,
            of_days,
        })
    }

    /// How many days of a range any list speaks of.
    #[must_use]
    pub fn days_known(&self, range: DayRange) -> u64 {
        let parts = self.timeline.known_parts(range, None);
        let days = parts.iter().map(|part| part.days().unsigned_abs());
        days.sum()
    }

    /// All sources of a range, the largest first: by what they brought at least, then at most, then
    /// by name. Sources that brought nothing for certain are left out.
    #[must_use]
    pub fn ranked(&self, range: DayRange) -> Vec<(&N, InRange)> {
        let mut ranked: Vec<(&N, InRange)> = self
            .names()
            .filter_map(|name| Some((name, self.within(name, range)?)))
            .filter(|(_, found)| found.count.upper() > 0)
            .collect();
        // A stable sort keeps equals in the order of their names.
        ranked.sort_by_key(|(_, found)| {
            std::cmp::Reverse((found.count.lower(), found.count.upper()))
        });
        ranked
    }
}

#[cfg(test)]
mod tests;
