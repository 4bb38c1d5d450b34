//! Stars by day, as GitHub's history of them tells. Stargazers are persons, and never kept.

use std::cmp::Ordering;

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

impl StarWeek {
    /// The Saturday of the week in which a day lies.
    #[must_use]
    pub fn last_of(day: Day) -> Day {
        let since_sunday = (day.weekday() + 1) % 7;
        day.plus(6 - i64::from(since_sunday))
    }
}

/// What is known of the stars that were given on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StarDay {
    /// The most that were ever told.
    pub given: u64,
    /// Those that exist, by the newest answer.
    pub still: u64,
}

impl StarDay {
    /// Takes in what an answer tells, which was made before, with or after the one that `still` is
    /// from. Of two made at the same second the larger number stays, so that answers may come in
    /// any order.
    pub fn tell(&mut self, stars: u64, made: Ordering) {
        self.given = self.given.max(stars);
        match made {
            Ordering::Less => {}
            Ordering::Equal => self.still = self.still.max(stars),
            Ordering::Greater => self.still = stars,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_taken_away_was_given_all_the_same() {
        let mut day = StarDay::default();
        for (stars, made) in [
            (3, Ordering::Greater),
            (2, Ordering::Greater),
            (5, Ordering::Less),
            (1, Ordering::Equal),
        ] {
            day.tell(stars, made);
        }
        assert_eq!(day, StarDay { given: 5, still: 2 });
    }

    #[test]
    fn a_week_of_stars_ends_on_saturday() {
        for (day, last) in [
            ("2026-11-21", "2026-11-21"),
            ("2026-11-22", "2026-11-28"),
            ("2026-11-25", "2026-11-28"),
        ] {
            let day: Day = day.parse().unwrap();
            assert_eq!(StarWeek::last_of(day).to_string(), last);
        }
    }
}
