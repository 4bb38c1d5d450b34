//! The rows of one answer about views or clones, under the old regime and the new.
//!
//! Input is the truth of single days and a horizon; output is what the answer says. Old regime
//! (until 2025-12-30): days without traffic left out, the running day in, a window of 14 times
//! 24 hours that slides by the hour, so the oldest row shrinks. New regime: 14 whole days with
//! explicit zeros, anchored on the newest published day.

use crate::clock::{DAY_SECS, Day, Time};
use crate::publication::Horizon;
use crate::truth::{DayCounts, distinct};

/// Which of GitHub's two ways of answering applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// Always 14 rows with explicit zeros, whole published days only.
    New,
    /// A window sliding by the hour, without the days that had no traffic.
    Old,
    /// Old before that moment, new from then on.
    SwitchAt(Time),
}

impl Regime {
    /// What GitHub did: old until 2025-12-30, new from 2025-12-31.
    pub fn as_it_was() -> Self {
        Self::SwitchAt("2025-12-31".into())
    }

    pub(crate) fn is_old(self, at: Time) -> bool {
        match self {
            Self::New => false,
            Self::Old => true,
            Self::SwitchAt(moment) => at < moment,
        }
    }
}

/// What GitHub says of one metric of one repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) rows: Vec<Row>,
    pub(crate) count: u64,
    pub(crate) uniques: u64,
}

/// One row, of a day or of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) day: Day,
    pub(crate) count: u64,
    pub(crate) uniques: u64,
}

/// The length of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Per {
    Day,
    Week,
}

/// Whole days from 13 before the anchor to the newest.
pub(crate) fn whole_days(
    horizon: Horizon,
    truth: impl Fn(Day) -> DayCounts,
) -> Vec<(Day, DayCounts)> {
    (-13..=0)
        .map(|n| horizon.anchor.plus(n))
        .filter(|day| *day <= horizon.newest)
        .map(|day| (day, truth(day)))
        .collect()
}

/// The days of a window of 14 times 24 hours that slides by the hour, without those at zero.
///
/// A running day has what its elapsed hours brought, and the last 4 % of a day's events arrive
/// during the 24 hours after it.
pub(crate) fn sliding_days(
    at: Time,
    known_until: Time,
    truth: impl Fn(Day) -> DayCounts,
) -> Vec<(Day, DayCounts)> {
    const HOUR: i64 = 3600;
    let start = Time::from_secs(at.secs().div_euclid(HOUR) * HOUR - 14 * DAY_SECS);
    let hours_gone = (start.secs() - start.day().start().secs()) / HOUR;
    let last = known_until.day();
    (start.day().number()..=last.number())
        .map(Day::from_number)
        .map(|day| {
            let hours = (known_until.secs() - day.start().secs()).div_euclid(HOUR);
            let mut counts = arrived(truth(day), hours);
            if day == start.day() {
                counts = counts.part(24 - hours_gone as u64, 24);
            }
            (day, counts)
        })
        .filter(|(_, counts)| counts.count > 0)
        .collect()
}

/// What is known of a day `hours` after it began.
fn arrived(counts: DayCounts, hours: i64) -> DayCounts {
    match hours {
        ..0 => DayCounts::default(),
        0..24 => counts.part(24 * hours as u64, 600),
        24..48 => counts.part(576 + hours as u64 - 24, 600),
        _ => counts,
    }
}

/// Adds up days to the rows and totals of an answer.
///
/// Weeks begin on Monday and hold only the window's days. Whether GitHub does the same with
/// the first and last week of a window has not been measured.
pub(crate) fn add_up(days: &[(Day, DayCounts)], per: Per) -> Window {
    let row = |day: Day, days: &[(Day, DayCounts)]| Row {
        day,
        count: days.iter().map(|(_, counts)| counts.count).sum(),
        uniques: distinct(days.iter().map(|(_, counts)| *counts)),
    };
    let rows = match per {
        Per::Day => days
            .iter()
            .map(|day| row(day.0, std::slice::from_ref(day)))
            .collect(),
        Per::Week => days
            .chunk_by(|a, b| a.0.monday() == b.0.monday())
            .map(|week| row(week[0].0.monday(), week))
            .collect(),
    };
    let whole = row(Day::from_number(0), days);
    Window {
        rows,
        count: whole.count,
        uniques: whole.uniques,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(_: Day) -> DayCounts {
        DayCounts {
            count: 2400,
            once: 600,
            regulars: 200,
        }
    }

    fn horizon(anchor: &str, newest: &str) -> Horizon {
        Horizon {
            anchor: anchor.into(),
            newest: newest.into(),
            known_until: Day::from(newest).plus(1).start(),
        }
    }

    #[test]
    fn the_new_window_has_fourteen_rows_zeros_included() {
        let days = whole_days(horizon("2026-03-09", "2026-03-09"), |_| {
            DayCounts::default()
        });
        let window = add_up(&days, Per::Day);
        assert_eq!(window.rows.len(), 14);
        assert_eq!(window.rows[0].day, Day::from("2026-02-24"));
        assert_eq!(window.rows[13].day, Day::from("2026-03-09"));
    }

    #[test]
    fn rows_held_back_make_the_window_shorter() {
        let days = whole_days(horizon("2026-03-09", "2026-03-02"), plain);
        assert_eq!(days.len(), 7);
        assert_eq!(days[6].0, Day::from("2026-03-02"));
    }

    #[test]
    fn the_sliding_window_shrinks_its_oldest_row_and_grows_its_newest() {
        let at = |text: &str| sliding_days(text.into(), text.into(), plain);
        let counts = |text: &str| {
            let days = at(text);
            (days[0].1.count, days[days.len() - 1].1.count, days.len())
        };
        assert_eq!(counts("2025-03-10T00:30:00Z"), (2400, 2304, 14));
        assert_eq!(counts("2025-03-10T06:10:00Z"), (1800, 576, 15));
        assert_eq!(counts("2025-03-10T18:10:00Z"), (600, 1728, 15));
    }

    #[test]
    fn the_sliding_window_leaves_out_days_without_traffic() {
        let odd_only = |day: Day| {
            if day.number() % 2 == 0 {
                DayCounts::default()
            } else {
                plain(day)
            }
        };
        let at = Time::from("2025-03-10T12:00:00Z");
        let days = sliding_days(at, at, odd_only);
        assert!(days.iter().all(|(day, _)| day.number() % 2 == 1));
        assert_eq!(days.len(), 8);
    }

    #[test]
    fn a_settled_day_grows_for_a_day_after_its_end() {
        let at = |hours| arrived(plain(Day::from_number(0)), hours).count;
        assert_eq!((at(24), at(36), at(48), at(300)), (2304, 2352, 2400, 2400));
    }

    #[test]
    fn weeks_start_on_monday_and_count_regulars_once() {
        let days = whole_days(horizon("2026-03-09", "2026-03-09"), plain);
        let window = add_up(&days, Per::Week);
        let starts: Vec<_> = window.rows.iter().map(|row| row.day.to_string()).collect();
        assert_eq!(starts, ["2026-02-23", "2026-03-02", "2026-03-09"]);
        assert_eq!(window.rows[1].count, 7 * 2400);
        assert_eq!(window.rows[1].uniques, 7 * 600 + 200);
        assert_eq!(window.count, 14 * 2400);
        assert_eq!(window.uniques, 14 * 600 + 200);
    }
}
