//! Stars by day, as GitHub's history of them tells. Stargazers are persons, and never kept.

use jiff::Timestamp;

use crate::Day;

/// A week of the history, from Sunday to Saturday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StarWeek {
    /// The Sunday. GitHub does not promise that its days are exactly those of UTC.
    pub first: Day,
    /// Stars given on each of the seven days that still exist; days to come have none.
    pub days: [u64; 7],
}

/// One page of the history.
///
/// It counts only stars that still exist, so the number of a day in the past may become smaller
/// when somebody takes a star away.
///
/// *Source*: `GET /repos/{owner}/{repo}/stargazers/history`, GitHub's changelog of 2026-09-04.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StarHistory {
    /// The server's time of the answer.
    pub read_at: Timestamp,
    /// Ascending, without holes where GitHub left none; weeks without stars are there too.
    pub weeks: Vec<StarWeek>,
}

impl StarHistory {
    /// Weeks on a page at most.
    pub const PAGE: u32 = 30;
    /// Pages at most.
    pub const PAGES: u32 = 100;

    /// Days and stars of the weeks, ascending, up to and with the day of the answer.
    pub fn days(&self) -> impl Iterator<Item = (Day, u64)> + '_ {
        let today = Day::of(self.read_at);
        self.weeks
            .iter()
            .flat_map(|week| {
                (0..)
                    .zip(week.days)
                    .map(|(n, stars)| (week.first.plus(n), stars))
            })
            .filter(move |(day, _)| *day <= today)
    }
}
