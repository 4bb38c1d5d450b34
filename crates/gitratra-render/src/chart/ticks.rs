//! Where an axis has its marks: round numbers, and dates that do not run into each other.

use gitratra_core::{Day, DayRange};

use crate::number::short;

/// How wide a letter of a label is at most, at twelve pixels.
const LETTER_PX: f64 = 6.9;

/// How wide a label is, roughly and never too little.
pub(super) fn width(text: &str) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "labels are short")]
    let letters = text.chars().count() as f64;
    letters * LETTER_PX
}

/// Whether values are spread evenly or by their size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly, from zero.
    Linear,
    /// Each power of ten takes the same room; zero is at the foot, as one is.
    Log,
}

/// The values from which to which an axis reaches, and its marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Values {
    scale: Scale,
    pub(super) top: f64,
    pub(super) ticks: Vec<f64>,
}

impl Values {
    /// An axis for values up to `most`, with about so many marks.
    pub(super) fn new(scale: Scale, most: f64, about: f64) -> Self {
        let most = if most.is_finite() { most.max(0.0) } else { 0.0 };
        match scale {
            Scale::Linear => Self::linear(most, about.max(1.0)),
            Scale::Log => Self::log(most),
        }
    }

    fn linear(most: f64, about: f64) -> Self {
        // Counts have no halves.
        let raw = (most / about).max(1.0);
        let magnitude = 10_f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|nice| nice * magnitude)
            .find(|step| *step >= raw * 0.999)
            .unwrap_or(magnitude * 10.0);
        let steps = (most / step).ceil().max(1.0);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= steps {
            ticks.push(at * step);
            at += 1.0;
        }
        Self {
            scale: Scale::Linear,
            top: steps * step,
            ticks,
        }
    }

    fn log(most: f64) -> Self {
        let decades = most.max(10.0).log10().ceil();
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= decades {
            ticks.push(10_f64.powf(at));
            at += 1.0;
        }
        // At most some seven lines, however large the numbers.
        while ticks.len() > 7 {
            let last = ticks.last().copied();
            ticks = ticks.into_iter().step_by(2).collect();
            if ticks.last().copied() != last {
                ticks.extend(last);
            }
        }
        Self {
            scale: Scale::Log,
            top: 10_f64.powf(decades),
            ticks,
        }
    }

    /// From 0 at the foot to 1 at the top.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = match self.scale {
            Scale::Linear => value / self.top,
            Scale::Log => value.max(1.0).log10() / self.top.log10(),
        };
        place.clamp(0.0, 1.0)
    }

    /// What stands beside a mark.
    pub(super) fn label(value: f64) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "marks are whole and not negative"
        )]
        short(value.round() as u64)
    }
}

/// Marks of days with their labels, at most as many as have room.
pub(super) fn dates(range: DayRange, width_px: f64) -> Vec<(Day, String)> {
    let days = range.days();
    #[expect(clippy::cast_precision_loss, reason = "days are few")]
    let day_px = width_px / days as f64;
    let kinds = [
        Every::Days(1),
        Every::Days(2),
        Every::Weeks(1),
        Every::Weeks(2),
        Every::Months(1),
        Every::Months(2),
        Every::Months(3),
        Every::Months(6),
        Every::Years(1),
        Every::Years(2),
        Every::Years(5),
        Every::Years(10),
        Every::Years(20),
    ];
    let fits = |marks: &Vec<(Day, String)>| {
        marks.windows(2).all(|pair| {
            #[expect(clippy::cast_precision_loss, reason = "days are few")]
            let apart = pair[1].0.days_since(pair[0].0) as f64 * day_px;
            apart >= f64::midpoint(width(&pair[0].1), width(&pair[1].1)) + 8.0
        })
    };
    for kind in kinds {
        if kind.about() * day_px < 24.0 {
            continue;
        }
        let marks = kind.marks(range);
        if fits(&marks) {
            return match marks.is_empty() {
                true => vec![(range.first(), long(range.first()))],
                false => marks,
            };
        }
    }
    vec![(range.first(), long(range.first()))]
}

#[derive(Debug, Clone, Copy)]
enum Every {
    Days(i64),
    Weeks(i64),
    Months(i64),
    Years(i64),
}

impl Every {
    const fn about(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        match self {
            Self::Days(n) => n as f64,
            Self::Weeks(n) => n as f64 * 7.0,
            Self::Months(n) => n as f64 * 30.0,
            Self::Years(n) => n as f64 * 365.0,
        }
    }

    fn is_on(self, day: Day) -> bool {
        let (year, month, of_month) = day.ymd();
        match self {
            Self::Days(n) => day.epoch_days() % n == 0,
            // 1970-01-05 was a Monday.
            Self::Weeks(n) => (day.epoch_days() - 4) % (7 * n) == 0,
            Self::Months(n) => of_month == 1 && (i64::from(month) - 1) % n == 0,
            Self::Years(n) => of_month == 1 && month == 1 && i64::from(year) % n == 0,
        }
    }

    fn marks(self, range: DayRange) -> Vec<(Day, String)> {
        let on = range.iter().filter(|day| self.is_on(*day));
        let mut year_told = None;
        on.map(|day| {
            let (year, ..) = day.ymd();
            let is_new = year_told.is_some_and(|told| told != year);
            year_told = Some(year);
            let label = match self {
                Self::Days(_) | Self::Weeks(_) => {
                    if is_new {
                        long(day)
                    } else {
                        of_month(day)
                    }
                }
                Self::Months(_) => {
                    let (_, month, _) = day.ymd();
                    if month == 1 {
                        year.to_string()
                    } else {
                        month_name(month).to_owned()
                    }
                }
                Self::Years(_) => year.to_string(),
            };
            (day, label)
        })
        .collect()
    }
}

const fn month_name(month: i8) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

/// `3 Mar`.
fn of_month(day: Day) -> String {
    let (_, month, of_month) = day.ymd();
    format!("{of_month} {}", month_name(month))
}

/// `3 Mar 2026`.
pub(super) fn long(day: Day) -> String {
    format!("{} {}", of_month(day), day.ymd().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_reach_beyond_the_values() {
        for most in [0.0, 1.0, 3.0, 9.0, 10.0, 11.0, 99.0, 12_345.0, 1e12] {
            for about in [1.0, 3.0, 5.0, 9.0] {
                let values = Values::new(Scale::Linear, most, about);
                assert!(values.top >= most, "{most}");
                assert!(
                    values.ticks.len() <= 13 && values.ticks.len() >= 2,
                    "{values:?}"
                );
                assert!(values.ticks.windows(2).all(|pair| pair[0] < pair[1]));
                assert!(values.ticks.iter().all(|tick| tick.fract() == 0.0));
            }
            let values = Values::new(Scale::Log, most, 5.0);
            assert!(values.top >= most && values.ticks.len() <= 8, "{values:?}");
            assert!(values.place(0.0) == 0.0 && values.place(most) <= 1.0);
        }
    }

    #[test]
    fn dates_never_run_into_each_other() {
        let last: Day = "2026-11-25".parse().unwrap();
        for days in [
            1, 2, 3, 7, 8, 14, 30, 31, 60, 90, 120, 200, 365, 730, 1826, 3650, 7300,
        ] {
            let range = DayRange::ending(last, days);
            for width_px in [250.0, 320.0, 640.0, 1000.0, 2500.0] {
                let marks = dates(range, width_px);
                assert!(!marks.is_empty(), "{days} {width_px}");
                let day_px = width_px / f64::from(days);
                for pair in marks.windows(2) {
                    #[expect(clippy::cast_precision_loss, reason = "days are few")]
                    let apart = pair[1].0.days_since(pair[0].0) as f64 * day_px;
                    let room = (width(&pair[0].1) + width(&pair[1].1)) / 2.0;
                    assert!(apart > room, "{days} days in {width_px}: {pair:?}");
                }
                assert!(marks.iter().all(|(day, _)| range.contains(*day)));
            }
        }
    }

    #[test]
    fn a_new_year_is_told() {
        let range = DayRange::new("2025-12-20".parse().unwrap(), "2026-01-12".parse().unwrap());
        let labels: Vec<String> = dates(range.unwrap(), 500.0)
            .into_iter()
            .map(|(_, label)| label)
            .collect();
        assert!(
            labels.iter().any(|label| label.ends_with("2026")),
            "{labels:?}"
        );
    }
}
