//! Where dates stand under a row of bars: as many as there is room for, at days that people think
//! in (Mondays, months, years).

use gitratra_core::Day;

use crate::bars::Bars;

/// A date under a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateLabel {
    /// Which bar, counted from 0.
    pub bar: usize,
    /// `Nov 16`, `Nov` or `2026`.
    pub text: String,
}

/// Blank columns between two labels, at least.
const BETWEEN: usize = 2;

/// The dates to write under `bars`, each `cell` columns wide, with `room` columns in all.
///
/// *Shape*: ascending; labels begin at their bar's first column and do not touch. Empty where
/// there are no bars.
#[must_use]
pub fn date_labels(bars: &Bars, cell: usize, room: usize) -> Vec<DateLabel> {
    let days: Vec<Day> = bars.bars.iter().map(|bar| bar.range.first()).collect();
    let fitting = TIERS
        .iter()
        .map(|tier| (tier, tier.labels(&days)))
        .find(|(_, labels)| fits(labels, cell));
    let Some((tier, mut labels)) = fitting else {
        return Vec::new();
    };
    put_first(&mut labels, tier, &days, cell);
    labels.retain(|label| label.bar * cell + label.text.len() <= room);
    labels
}

/// One way to place labels, from dense to sparse.
enum Tier {
    /// Every so many bars.
    Every(usize),
    /// Where a Monday is reached, every so many weeks.
    Weeks(i64),
    /// Where a month is reached whose number divides by this.
    Months(i64),
}

const TIERS: [Tier; 14] = [
    Tier::Every(1),
    Tier::Every(2),
    Tier::Weeks(1),
    Tier::Weeks(2),
    Tier::Months(1),
    Tier::Months(2),
    Tier::Months(3),
    Tier::Months(6),
    Tier::Months(12),
    Tier::Months(24),
    Tier::Months(60),
    Tier::Months(120),
    Tier::Months(600),
    Tier::Months(1_200),
];

impl Tier {
    fn labels(&self, days: &[Day]) -> Vec<DateLabel> {
        let is_at = |at: usize| match self {
            Self::Every(bars) => at.is_multiple_of(*bars),
            Self::Weeks(weeks) => changes(days, at, |day| (day.epoch_days() + 3) / (7 * weeks)),
            Self::Months(months) => changes(days, at, |day| month_number(day) / months),
        };
        let mut year = days.first().map(|day| day.ymd().0);
        let mut text = |day: Day| match self {
            Self::Every(_) | Self::Weeks(_) => day_text(day),
            Self::Months(months) => {
                let is_new_year = year.replace(day.ymd().0) != Some(day.ymd().0);
                month_text(day, is_new_year || months % 12 == 0)
            }
        };
        let all = days.iter().enumerate().filter(|(at, _)| is_at(*at));
        all.map(|(bar, day)| DateLabel {
            bar,
            text: text(*day),
        })
        .collect()
    }
}

/// Whether another stretch begins at this bar than the one the bar before lay in. The first bar
/// begins none: where its stretch really began is not shown.
fn changes(days: &[Day], at: usize, stretch: impl Fn(Day) -> i64) -> bool {
    at > 0 && stretch(days[at]) != stretch(days[at - 1])
        || at == 0 && stretch(days[0]) != stretch(days[0].plus(-1))
}

fn fits(labels: &[DateLabel], cell: usize) -> bool {
    labels
        .windows(2)
        .all(|pair| pair[0].bar * cell + pair[0].text.len() + BETWEEN <= pair[1].bar * cell)
}

/// Names the first bar where the next label leaves room for it.
fn put_first(labels: &mut Vec<DateLabel>, tier: &Tier, days: &[Day], cell: usize) {
    let (Some(first), next) = (days.first(), labels.first().map(|label| label.bar)) else {
        return;
    };
    if next == Some(0) {
        return;
    }
    let text = match tier {
        Tier::Every(_) | Tier::Weeks(_) => day_text(*first),
        Tier::Months(_) => format!("{} {:04}", month_name(first.ymd().1), first.ymd().0),
    };
    if next.is_none_or(|bar| text.len() + BETWEEN <= bar * cell) {
        labels.insert(0, DateLabel { bar: 0, text });
    }
}

fn month_number(day: Day) -> i64 {
    let (year, month, _) = day.ymd();
    i64::from(year) * 12 + i64::from(month) - 1
}

/// `Nov 16`.
#[must_use]
pub fn day_text(day: Day) -> String {
    let (_, month, of_month) = day.ymd();
    format!("{} {of_month}", month_name(month))
}

/// The month, or the year where one begins.
fn month_text(day: Day, is_year: bool) -> String {
    match day.ymd() {
        (year, month, _) if is_year || month == 1 => format!("{year:04}"),
        (_, month, _) => month_name(month).to_owned(),
    }
}

/// `Mon` to `Sun`.
#[must_use]
pub fn weekday_name(day: Day) -> &'static str {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][usize::from(day.weekday() % 7)]
}

pub(crate) fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    NAMES[usize::try_from(month - 1).unwrap_or(0) % 12]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::{Bar, Known};
    use gitratra_core::DayRange;
    use gitratra_core::figures::Step;

    fn check(first: &str, days: i64, every: usize, cell: usize, expected: &str) {
        let first: Day = first.parse().unwrap();
        let range = DayRange::new(first, first.plus(days - 1)).unwrap();
        let bars = Bars {
            bars: range
                .iter()
                .step_by(every)
                .map(|day| Bar {
                    range: DayRange::ending(day, 1),
                    known: Known::Gap,
                    uniques: None,
                })
                .collect(),
            step: Step::Day,
            times: 1,
        };
        let labels = date_labels(&bars, cell, bars.bars.len() * cell + 10);
        let told: Vec<_> = labels
            .iter()
            .map(|label| format!("{}:{}", label.bar, label.text))
            .collect();
        assert_eq!(told.join(" "), expected);
    }

    #[test]
    fn a_week_has_a_date_under_every_day_if_it_is_wide_enough() {
        check("2026-11-16", 3, 1, 8, "0:Nov 16 1:Nov 17 2:Nov 18");
    }

    #[test]
    fn a_month_has_its_mondays() {
        check(
            "2026-10-23",
            30,
            1,
            2,
            "3:Oct 26 10:Nov 2 17:Nov 9 24:Nov 16",
        );
    }

    #[test]
    fn a_year_has_its_months_and_names_the_new_year() {
        check(
            "2025-11-24",
            364,
            7,
            1,
            "6:2026 14:Mar 23:May 32:Jul 41:Sep 49:Nov",
        );
    }

    #[test]
    fn decades_have_years() {
        let years =
            "5:2017 11:2018 17:2019 23:2020 29:2021 35:2022 41:2023 47:2024 53:2025 59:2026";
        check("2016-05-02", 365 * 10, 60, 1, years);
    }

    #[test]
    fn one_day_has_its_date() {
        check("2026-11-16", 1, 1, 8, "0:Nov 16");
    }
}
