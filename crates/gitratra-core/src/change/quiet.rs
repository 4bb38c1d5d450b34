//! Repositories that have gone quiet: they had traffic, and have clearly less than their own past
//! lets one expect. Silence alone is nothing: a repository that is always silent, visited now and
//! then, or not measured, has not *gone* quiet.

use super::weekday::doubled_medians;
use super::{FLOOR, is_beyond_chance};
use crate::{Day, DayRange, Metric, Series};

/// Days of a fortnight, the step in which quiet and past are looked at: every weekday twice.
const FORTNIGHT: u32 = 14;
/// How many fortnights a silence is still news.
const QUIET_AT_MOST: u32 = 4;
/// How many fortnights before it are its past: twelve weeks, twelve days for each weekday.
const PAST: u32 = 6;
/// How many of the past's fortnights must be known well enough.
const PAST_AT_LEAST: usize = 4;
/// Measured days that a quiet fortnight must have.
const QUIET_DAYS_AT_LEAST: u64 = 10;
/// Measured days that a fortnight of the past must have.
const PAST_DAYS_AT_LEAST: u64 = 7;

/// A repository that has gone quiet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quiet {
    /// Fortnights of which each is quiet as a whole. The day on which it began lies less than a
    /// fortnight before or after the first.
    pub range: DayRange,
    /// Events on the days compared.
    pub count: u64,
    /// An *estimate* of what these days would have brought: each one the median of its weekday in
    /// the past.
    pub usual: f64,
    /// Days of the range that were measured and whose weekday is known from the past.
    pub days: u64,
    /// Days of the range.
    pub of_days: u64,
    /// The twelve weeks before, which say what is usual.
    pub past: DayRange,
    /// Days of the past that were measured and whose weekday was often enough.
    pub past_days: u64,
    /// Days of the past.
    pub of_past_days: u64,
}

/// Whether a repository has gone quiet by `last`, which should be the newest published day.
///
/// It has where each of the last fortnights (one to four of them) brought at most a third of what
/// is usual for its measured days, by more than chance, and less than half of what any fortnight of
/// the twelve weeks before brought in the same terms. What is usual is at least [`FLOOR`] events.
/// A quiet fortnight needs ten measured days; of the past four fortnights need seven each, and at
/// least every fourth day must have brought anything.
///
/// Nothing is said of a history that is shorter than nine weeks, or whose past has a silence of its
/// own: it may just be like that.
#[must_use]
pub fn gone_quiet(series: &Series, last: Day, metric: Metric) -> Option<Quiet> {
    (1..=QUIET_AT_MOST).find_map(|fortnights| {
        let range = DayRange::ending(last, fortnights * FORTNIGHT);
        quiet_in(series, range, metric)
    })
}

fn quiet_in(series: &Series, range: DayRange, metric: Metric) -> Option<Quiet> {
    let past = DayRange::ending(range.first().plus(-1), PAST * FORTNIGHT);
    if past.last() >= range.first() {
        return None;
    }
    let usual = doubled_medians(series, past, metric);
    let stretch = |range| Stretch::of(series, range, metric, &usual);

    let known: Vec<Stretch> = fortnights(past)
        .map(stretch)
        .filter(|earlier| earlier.days >= PAST_DAYS_AT_LEAST)
        .collect();
    let is_quiet = |now: &Stretch| {
        now.days >= QUIET_DAYS_AT_LEAST
            && now.is_far_below_usual()
            && known.iter().all(|earlier| now.is_below_half_of(earlier))
    };
    let before = stretch(past);
    if known.len() < PAST_AT_LEAST
        || !before.is_often_visited()
        || !fortnights(range).map(stretch).all(|now| is_quiet(&now))
    {
        return None;
    }
    let now = stretch(range);
    Some(Quiet {
        range,
        count: now.count,
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        usual: now.usual_halves as f64 / 2.0,
        days: now.days,
        of_days: u64::try_from(range.days()).unwrap_or(0),
        past,
        past_days: before.days,
        of_past_days: u64::try_from(past.days()).unwrap_or(0),
    })
}

/// The whole fortnights of a range, the newest first.
fn fortnights(range: DayRange) -> impl Iterator<Item = DayRange> {
    let ends = range.iter().rev().step_by(FORTNIGHT as usize);
    ends.map(|last| DayRange::ending(last, FORTNIGHT))
        .filter(move |fortnight| range.contains(fortnight.first()))
}

/// Measured days beside what their weekdays usually bring.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    count: u64,
    usual_halves: u64,
    days: u64,
    busy_days: u64,
}

impl Stretch {
    /// A day whose weekday is unknown is left out on both sides.
    fn of(series: &Series, range: DayRange, metric: Metric, usual: &[Option<u64>; 7]) -> Self {
        let mut stretch = Self::default();
        for row in series.within(range) {
            let usual = usual[usize::from(row.day.weekday())];
            if let (Some(count), Some(usual)) = (series.measured(row.day, metric), usual) {
                stretch.count += count.count();
                stretch.usual_halves += usual;
                stretch.days += 1;
                stretch.busy_days += u64::from(!count.is_zero());
            }
        }
        stretch
    }

    /// Whether at least every fourth day brought anything. Where it did not, a few visits that fell
    /// on one weekday by chance would pass for a habit.
    const fn is_often_visited(&self) -> bool {
        self.days > 0 && self.busy_days * 4 >= self.days
    }

    fn is_far_below_usual(&self) -> bool {
        let halves = self.count * 2;
        self.usual_halves >= FLOOR * 2
            && halves * 3 <= self.usual_halves
            && is_beyond_chance(self.usual_halves, halves)
    }

    /// Whether its share of what is usual is less than half of the other's: a / b < c / 2d.
    fn is_below_half_of(&self, earlier: &Self) -> bool {
        let own = u128::from(self.count) * u128::from(earlier.usual_halves);
        own * 2 < u128::from(earlier.count) * u128::from(self.usual_halves)
    }
}
