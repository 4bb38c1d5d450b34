//! One file of a warehouse: a month of a table, or all of one that has no days.

use gitratra_core::{Day, DayRange};

use crate::rows::What;

/// One file of a warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// The table.
    pub what: What,
    /// Year and month, for tables whose rows are dated.
    pub month: Option<(i16, i8)>,
}

const FILE: &str = "part-0.parquet";

impl Part {
    /// The month of a table that a day lies in.
    #[must_use]
    pub fn of(what: What, day: Day) -> Self {
        let (year, month, _) = day.ymd();
        Self {
            what,
            month: Some((year, month)),
        }
    }

    /// All of a table without days.
    #[must_use]
    pub const fn whole(what: What) -> Self {
        Self { what, month: None }
    }

    /// Where it lies, as Hive names it. The month has two digits: read as a number it is the month,
    /// and read as a text it sorts as one.
    #[must_use]
    pub fn path(self) -> String {
        let table = self.what.table().name;
        match self.month {
            Some((year, month)) => format!("{table}/year={year}/month={month:02}/{FILE}"),
            None => format!("{table}/{FILE}"),
        }
    }

    /// The part that lies at a path; nothing where none of ours does.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (table, rest) = path.split_once('/')?;
        let what = What::parse(table)?;
        let folders = rest.strip_suffix(FILE)?;
        let month = match folders.strip_suffix('/') {
            None => None,
            Some(folders) => {
                let (year, month) = folders.split_once('/')?;
                let year = year.strip_prefix("year=")?.parse().ok()?;
                Some((year, month.strip_prefix("month=")?.parse().ok()?))
            }
        };
        let part = Self { what, month };
        (part.path() == path && part.what.is_dated() == part.month.is_some()).then_some(part)
    }

    /// The days of its rows.
    #[must_use]
    pub fn days(self) -> DayRange {
        let of = |(year, month): (i16, i8)| {
            let first = Day::from_ymd(year, month, 1)?;
            let next = match month {
                12 => Day::from_ymd(year.checked_add(1)?, 1, 1),
                _ => Day::from_ymd(year, month + 1, 1),
            };
            DayRange::new(first, next.map_or(Day::MAX, |next| next.plus(-1)))
        };
        self.month.and_then(of).unwrap_or(DayRange::ALL)
    }

    /// The month after.
    pub(crate) fn next(self) -> Option<Self> {
        self.month?;
        let last = self.days().last();
        (last < Day::MAX).then(|| Self::of(self.what, last.plus(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_part_and_no_other_path_does() {
        let march = Part::of(What::Daily, "2026-03-31".parse().unwrap());
        assert_eq!(march.path(), "daily/year=2026/month=03/part-0.parquet");
        assert_eq!(march.days().to_string(), "2026-03-01..2026-03-31");
        let december = Part::of(What::Stars, "2024-12-01".parse().unwrap());
        assert_eq!(december.days().last().to_string(), "2024-12-31");
        assert_eq!(
            december.next().unwrap().path(),
            "stars/year=2025/month=01/part-0.parquet"
        );
        let repos = Part::whole(What::Repos);
        assert_eq!(repos.path(), "repos/part-0.parquet");
        for part in [march, december, repos] {
            assert_eq!(Part::parse(&part.path()), Some(part));
        }
        for other in [
            "daily/part-0.parquet",
            "repos/year=2026/month=03/part-0.parquet",
            "daily/year=2026/month=3/part-0.parquet",
            "daily/year=2026/month=03/part-1.parquet",
            "daily/year=2026/part-0.parquet",
            "other/part-0.parquet",
            "_gitratra/manifest.json",
        ] {
            assert_eq!(Part::parse(other), None, "{other}");
        }
    }
}
