//! What is asked of a book.

use gitratra_core::{Group, Metric, Timestamp};
use gitratra_store::FleetRepo;

/// Whether a repository is seen, or is in a group.
pub type Sees<'a> = &'a (dyn Fn(&FleetRepo) -> bool + Sync);

/// A question about the fleet in the range of a book.
#[derive(Clone, Copy)]
pub struct FleetQuestion<'a> {
    /// Whether the viewer may know of a repository.
    pub sees: Sees<'a>,
    /// Whether a repository is in the group asked for.
    pub in_group: Option<Sees<'a>>,
    /// The groups whose sums are told; what they are called is told as well.
    pub groups: &'a [Group],
    /// Only repositories of this owner; letter case does not matter.
    pub owner: Option<&'a str>,
    /// Only repositories with all of these words, between spaces, in `owner/name`; letter case does
    /// not matter.
    pub search: Option<&'a str>,
    /// What the table goes by.
    pub sort: Sort,
    /// Which way.
    pub direction: Direction,
    /// How many lines of the table are left out at its beginning.
    pub offset: usize,
    /// How many lines of the table are told at most.
    pub limit: usize,
    /// GitHub's time.
    pub now: Timestamp,
}

impl<'a> FleetQuestion<'a> {
    /// All that is seen, by views, so many lines of it.
    #[must_use]
    pub fn all(sees: Sees<'a>, limit: usize, now: Timestamp) -> Self {
        Self {
            sees,
            in_group: None,
            groups: &[],
            owner: None,
            search: None,
            sort: Sort::Count(Metric::Views),
            direction: Direction::Down,
            offset: 0,
            limit,
            now,
        }
    }
}

/// What the table goes by. Whoever has no such number stands at the end, whichever way; equals are
/// ordered by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The name, letter case apart.
    Name,
    /// Events of the range.
    Count(Metric),
    /// How many more events than in the range before.
    Change(Metric),
    /// The same in percent of the range before.
    Percent(Metric),
    /// Stars at the end of the range.
    Stars,
    /// How many more stars than at the beginning of the range.
    StarsChange,
    /// The newest published day.
    NewestDay,
    /// Days left before one is lost.
    DaysSafe,
}

/// Which way a table is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest first.
    Up,
    /// The largest first.
    Down,
}
