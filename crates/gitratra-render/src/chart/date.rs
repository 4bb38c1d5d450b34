//! Where dates stand under a chart: at days that people think in, as many as do not touch.

use gitratra_core::figures::Step;
use gitratra_core::{Day, DayRange};

use super::glyph::width;
use crate::axis::{day_text, month_name};

/// A date under the plot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DateTick {
    /// Where the tick is, in pixels from the left of the plot.
    pub(super) tick: f64,
    /// Where the text begins.
    pub(super) start: f64,
    /// How wide the text may be.
    pub(super) width: f64,
    /// What stands there.
    pub(super) text: String,
}

impl DateTick {
    fn end(&self) -> f64 {
        self.start + self.width
    }
}

/// Pixels between two dates, at least.
const BETWEEN_PX: f64 = 11.0;

/// How far a date may begin before the plot; the numbers of the other axis are there.
const BEFORE_PX: f64 = 4.0;

/// The places of the days of a range over a width.
#[derive(Debug, Clone, Copy)]
pub(super) struct DayAxis {
    /// The days.
    pub(super) range: DayRange,
    /// Pixels for all of them.
    pub(super) width: f64,
}

impl DayAxis {
    /// Where a day begins; days outside are put at the ends.
    pub(super) fn start_of(self, day: Day) -> f64 {
        let days = day.days_since(self.range.first()) as f64;
        (days / self.range.days() as f64 * self.width).clamp(0.0, self.width)
    }

    /// Where a day is over.
    pub(super) fn end_of(self, day: Day) -> f64 {
        let days = (day.days_since(self.range.first()) + 1) as f64;
        (days / self.range.days() as f64 * self.width).clamp(0.0, self.width)
    }

    /// The middle of days.
    pub(super) fn middle_of(self, range: DayRange) -> f64 {
        f64::midpoint(self.start_of(range.first()), self.end_of(range.last()))
    }

    /// The dates to write, `size_px` high, with some room beyond the right end.
    ///
    /// *Shape*: ascending, never touching, never empty.
    pub(super) fn dates(self, step: Step, size_px: f64, beyond_px: f64) -> Vec<DateTick> {
        let lower = match step {
            Step::Day => 0,
            Step::Week => TIERS
                .iter()
                .position(|tier| *tier == Tier::Weeks(1))
                .unwrap_or(0),
            Step::Month => TIERS
                .iter()
                .position(|tier| *tier == Tier::Months(1))
                .unwrap_or(0),
        };
        let found = TIERS[lower..].iter().find_map(|tier| {
            let dates = self.of_tier(*tier, step, size_px)?;
            fits(&dates).then_some((tier, dates))
        });
        let (tier, mut dates) = found.unwrap_or((&Tier::Months(1), Vec::new()));
        dates.retain(|date| date.end() <= self.width + beyond_px);
        self.put_first(&mut dates, *tier, size_px, beyond_px);
        self.name_years(&mut dates, *tier, size_px, beyond_px);
        dates
    }

    /// The dates of one tier; nothing where there are far too many of them.
    fn of_tier(self, tier: Tier, step: Step, size_px: f64) -> Option<Vec<DateTick>> {
        let most = self.width / (size_px * 2.0) + 2.0;
        if self.range.days() as f64 / tier.days() > most {
            return None;
        }
        let mut year = None;
        let dates = tier.starts(self.range).into_iter().map(|day| {
            let text = match tier {
                Tier::Days(_) | Tier::Weeks(_) => day_text(day),
                Tier::Months(months) => {
                    let is_new = year
                        .replace(day.ymd().0)
                        .is_some_and(|year| year != day.ymd().0);
                    month_text(day, is_new || months % 12 == 0)
                }
            };
            let wide = width(&text, size_px);
            let tick = self.start_of(day);
            let start = match tier.period_at(day, step) {
                Some(period) => {
                    let last = period.last().min(self.range.last());
                    let shown = DayRange::new(day, last).unwrap_or(period);
                    self.middle_of(shown) - wide / 2.0
                }
                None => tick,
            };
            let start = start.max(-BEFORE_PX);
            DateTick {
                tick,
                start,
                width: wide,
                text,
            }
        });
        Some(dates.collect())
    }

    /// Names the first day where the next date leaves room for it.
    fn put_first(self, dates: &mut Vec<DateTick>, tier: Tier, size_px: f64, beyond_px: f64) {
        let next = dates
            .first()
            .map_or(self.width + beyond_px, |date| date.start);
        if dates.first().is_some_and(|date| date.tick <= size_px) {
            return;
        }
        // Hardly before the next date it would only break the rhythm.
        if let [one, two, ..] = dates.as_slice()
            && one.tick < (two.tick - one.tick) * 0.6
        {
            return;
        }
        let day = self.range.first();
        let month = format!("{} {:04}", month_name(day.ymd().1), day.ymd().0);
        let texts = match tier {
            Tier::Days(_) | Tier::Weeks(_) => [with_year(day), day_text(day)],
            Tier::Months(months) if months % 12 == 0 => {
                let year = format!("{:04}", day.ymd().0);
                [year.clone(), year]
            }
            Tier::Months(_) => [month, month_name(day.ymd().1).to_owned()],
        };
        let is_alone = dates.is_empty();
        let fitting = texts.into_iter().find(|text| {
            let between = if is_alone { 0.0 } else { BETWEEN_PX };
            width(text, size_px) + between <= next
        });
        if let Some(text) = fitting {
            let first = DateTick {
                tick: 0.0,
                start: 0.0,
                width: width(&text, size_px),
                text,
            };
            dates.insert(0, first);
        }
    }

    /// Writes the year beside the first date of each year where there is room.
    fn name_years(self, dates: &mut [DateTick], tier: Tier, size_px: f64, beyond_px: f64) {
        if matches!(tier, Tier::Months(months) if months % 12 == 0) {
            return;
        }
        let mut year = None;
        for at in 0..dates.len() {
            let day = self.day_at(dates[at].tick);
            let is_named = dates[at].text.ends_with(|sign: char| sign.is_ascii_digit())
                && dates[at].text.len() > "Nov 16".len()
                || dates[at].text.len() == 4 && dates[at].text.parse::<u16>().is_ok();
            if year.replace(day.ymd().0) == Some(day.ymd().0) || is_named {
                continue;
            }
            let text = match tier {
                Tier::Months(_) => format!("{} {:04}", month_name(day.ymd().1), day.ymd().0),
                _ => with_year(day),
            };
            let wide = width(&text, size_px);
            let start = match dates[at].start {
                start if start == dates[at].tick => start,
                start => (start + (dates[at].width - wide) / 2.0).max(-BEFORE_PX),
            };
            let is_free = at
                .checked_sub(1)
                .is_none_or(|before| dates[before].end() + BETWEEN_PX <= start)
                && dates
                    .get(at + 1)
                    .map_or(self.width + beyond_px, |next| next.start - BETWEEN_PX)
                    >= start + wide;
            if is_free {
                dates[at] = DateTick {
                    start,
                    width: wide,
                    text,
                    ..dates[at]
                };
            }
        }
    }

    fn day_at(self, x: f64) -> Day {
        let days = (x / self.width * self.range.days() as f64).round();
        self.range.first().plus(days as i64)
    }
}

/// One way to place dates, from dense to sparse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// Every so many days.
    Days(i64),
    /// Mondays, every so many weeks.
    Weeks(i64),
    /// The first of months whose number divides by this.
    Months(i64),
}

const TIERS: [Tier; 18] = [
    Tier::Days(1),
    Tier::Days(2),
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
    Tier::Months(240),
    Tier::Months(600),
    Tier::Months(1_200),
    Tier::Months(2_400),
    Tier::Months(6_000),
    Tier::Months(12_000),
];

impl Tier {
    /// About how many days there are between two dates.
    fn days(self) -> f64 {
        match self {
            Self::Days(days) => days as f64,
            Self::Weeks(weeks) => 7.0 * weeks as f64,
            Self::Months(months) => 30.4 * months as f64,
        }
    }

    /// The days of a range on which a date stands.
    fn starts(self, range: DayRange) -> Vec<Day> {
        let (first, last) = (range.first(), range.last());
        let evenly = |from: Day, by: i64| {
            let days = (0..).map(move |at| from.plus(at * by));
            days.take_while(|day| *day < last)
                .chain(
                    (last.days_since(from) >= 0 && last.days_since(from) % by == 0).then_some(last),
                )
                .collect()
        };
        match self {
            Self::Days(by) => evenly(first, by),
            Self::Weeks(weeks) => {
                // 1970-01-05 was the first Monday.
                let since = first.epoch_days() - 4;
                let by = 7 * weeks;
                evenly(
                    first.plus(
                        -since.rem_euclid(by) + if since.rem_euclid(by) == 0 { 0 } else { by },
                    ),
                    by,
                )
            }
            Self::Months(months) => {
                let number = |day: Day| i64::from(day.ymd().0) * 12 + i64::from(day.ymd().1) - 1;
                let from = number(first).div_euclid(months);
                let to = number(last).div_euclid(months);
                let day = |at: i64| {
                    let number = at * months;
                    let year = i16::try_from(number.div_euclid(12)).ok()?;
                    let month = i8::try_from(number.rem_euclid(12) + 1).ok()?;
                    Day::from_ymd(year, month, 1)
                };
                let days = (from..=to).filter_map(day);
                days.filter(|day| range.contains(*day)).collect()
            }
        }
    }

    /// The days under whose middle the text stands; nothing where it begins at the tick.
    fn period_at(self, day: Day, step: Step) -> Option<DayRange> {
        match (self, step) {
            (Self::Days(_) | Self::Weeks(_), Step::Day) => Some(DayRange::ending(day, 1)),
            (Self::Weeks(_), Step::Week) => Some(DayRange::ending(day.plus(6), 7)),
            (Self::Months(1), Step::Month) => {
                let next = day.plus(32);
                let last = next.plus(-i64::from(next.ymd().2));
                DayRange::new(day, last)
            }
            _ => None,
        }
    }
}

fn fits(dates: &[DateTick]) -> bool {
    dates
        .windows(2)
        .all(|pair| pair[0].end() + BETWEEN_PX <= pair[1].start)
}

/// The month, or the year where one begins.
fn month_text(day: Day, is_year: bool) -> String {
    match day.ymd() {
        (year, month, _) if is_year || month == 1 => format!("{year:04}"),
        (_, month, _) => month_name(month).to_owned(),
    }
}

fn with_year(day: Day) -> String {
    format!("{}, {:04}", day_text(day), day.ymd().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(first: &str, days: i64, step: Step, width: f64, expected: &str) {
        let first: Day = first.parse().unwrap();
        let range = DayRange::new(first, first.plus(days - 1)).unwrap();
        let dates = DayAxis { range, width }.dates(step, 11.0, 8.0);
        let texts: Vec<_> = dates.iter().map(|date| date.text.as_str()).collect();
        assert_eq!(texts.join(" | "), expected);
    }

    #[test]
    fn a_week_has_its_days() {
        let days = "Nov 16, 2026 | Nov 17 | Nov 18 | Nov 19 | Nov 20 | Nov 21 | Nov 22";
        check("2026-11-16", 7, Step::Day, 700.0, days);
    }

    #[test]
    fn a_month_has_its_mondays() {
        let wide = "Oct 26, 2026 | Nov 2 | Nov 9 | Nov 16";
        check("2026-10-23", 30, Step::Day, 660.0, wide);
        check(
            "2026-10-23",
            30,
            Step::Day,
            270.0,
            "Oct 26, 2026 | Nov 2 | Nov 9 | Nov 16",
        );
    }

    #[test]
    fn a_year_has_its_months() {
        let narrow = "2026 | Mar | May | Jul | Sep | Nov";
        check("2025-11-24", 364, Step::Week, 270.0, narrow);
    }

    #[test]
    fn decades_have_years() {
        check(
            "2006-01-01",
            7_305,
            Step::Month,
            270.0,
            "2006 | 2010 | 2015 | 2020",
        );
    }

    #[test]
    fn one_day_has_its_date() {
        check("2026-11-17", 1, Step::Day, 270.0, "Nov 17, 2026");
    }

    proptest! {
        #[test]
        fn dates_never_touch_and_never_leave(
            first in 0_i64..2_000_000,
            days in prop_oneof![1_i64..40, 1_i64..800, 1_i64..9_000, 1_i64..900_000],
            width in 60.0_f64..2_600.0,
            step in prop_oneof![Just(Step::Day), Just(Step::Week), Just(Step::Month)],
        ) {
            let first = Day::from_epoch_days(first).unwrap();
            let range = DayRange::new(first, first.plus(days - 1)).unwrap();
            let axis = DayAxis { range, width };
            let dates = axis.dates(step, 11.0, 8.0);
            for pair in dates.windows(2) {
                prop_assert!(pair[0].end() + BETWEEN_PX <= pair[1].start + 1e-6, "{dates:?}");
                prop_assert!(pair[0].tick < pair[1].tick, "{dates:?}");
            }
            for date in &dates {
                prop_assert!(date.start >= -4.0 && date.end() <= width + 8.0, "{dates:?}");
            }
            prop_assert!(!dates.is_empty() || width < 100.0);
        }
    }
}
