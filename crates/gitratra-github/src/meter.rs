//! What is left of one of GitHub's budgets: its hour, its minute, and what is under way of it.
//!
//! REST and GraphQL have a budget each, so that one that is used up never holds up the other.
//! Whatever holds back all requests alike is in `gate`.

use std::time::Duration;

use gitratra_core::Timestamp;

use crate::limit::{Budget, Left};
use crate::pace::{Pace, Turn};
use crate::purse::{Lack, Ours, PurseWant, Share};

/// Where the hour is used up and its end has passed already, the first wait is of two seconds, each
/// further one twice as long up to this.
const LONGEST_AFTER_HOUR: Duration = Duration::from_secs(60);

/// A moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until {
    pub(crate) server: Option<Timestamp>,
    pub(crate) here: Duration,
}

/// What a request costs of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// Points of the minute.
    pub(crate) points: u32,
    /// Points of the hour; none where it may go when that is used up.
    pub(crate) hourly: u64,
}

/// Why a request cannot go yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Not before this moment of the clock that measures waiting.
    At(Duration),
    /// Not before a request in flight has ended.
    AfterAnswer,
    /// Not before more was given.
    Unpaid,
    /// Not in this hour.
    UsedUp {
        /// Its end, by the server's clock.
        until: Timestamp,
        /// Not the limit itself, but this client's share of it.
        is_share: bool,
    },
}

/// The state of one budget.
#[derive(Debug)]
pub(crate) struct Meter {
    pace: Pace,
    pub(crate) budget: Budget,
    /// What was given of it, where it is spent together with others.
    ours: Option<Ours>,
    /// Points of the hour that the requests under way may cost.
    reserved: u64,
    /// Nothing was answered yet, so that nobody knows what is left: requests go one by one.
    is_new: bool,
    pub(crate) exhausted: Option<Until>,
    /// How often that was met since a request that counts was answered.
    exhaustions: u32,
    /// When that was met last; answers to requests sent before are the same event.
    met: Option<Duration>,
}

impl Meter {
    pub(crate) fn new(points_per_minute: u32, rate_share: f64) -> Self {
        Self {
            pace: Pace::new(points_per_minute),
            budget: Budget::new(rate_share),
            ours: None,
            reserved: 0,
            is_new: true,
            exhausted: None,
            exhaustions: 0,
            met: None,
        }
    }

    /// GitHub's minute takes so long on the clock that measures waiting.
    pub(crate) fn set_minute(&mut self, minute: Duration) {
        self.pace.set_minute(minute);
    }

    /// Spends only what it is given, of so many points a minute.
    pub(crate) fn share(&mut self, points_per_minute: u32) {
        self.ours = Some(Ours::new(points_per_minute));
    }

    /// Why a request cannot be paid now, where the budget is spent together with others.
    fn unpaid(&self, price: Price, now: Duration) -> Option<Hold> {
        let hour = self.budget.hour();
        let ours = self.ours.as_ref()?;
        let lack = ours.lacks(price, self.reserved, hour.map(|(end, _)| end), now)?;
        Some(match (lack, hour) {
            (Lack::Share, _) => Hold::Unpaid,
            (Lack::Until(then), _) => Hold::At(then),
            // What is under way may cost nothing in the end.
            (Lack::Hour, _) if self.reserved > 0 => Hold::AfterAnswer,
            (Lack::Hour, None) => Hold::Unpaid,
            (Lack::Hour, Some((until, _))) => Hold::UsedUp {
                until,
                is_share: true,
            },
        })
    }

    /// What to ask for so that a request can be paid; nothing where it can be by now.
    pub(crate) fn want(
        &mut self,
        resource: &'static str,
        price: Price,
        now: Duration,
    ) -> Option<PurseWant> {
        if self.unpaid(price, now) != Some(Hold::Unpaid) {
            return None;
        }
        let (hour, reserved) = (self.budget.hour(), self.reserved);
        let ours = self.ours.as_mut()?;
        Some(ours.want(resource, price, reserved, hour, now))
    }

    /// Takes in what was given, or that nobody gave anything; true where asking is no use any more.
    pub(crate) fn give(
        &mut self,
        want: PurseWant,
        share: Option<Share>,
        asked: Duration,
        now: Duration,
    ) -> bool {
        match (&mut self.ours, share) {
            (Some(ours), Some(share)) => ours.take(want, share, asked),
            (Some(ours), None) => return ours.fail(now),
            (None, _) => {}
        }
        false
    }

    /// Notes that so many points of the hour were counted.
    pub(crate) fn spend(&mut self, points: u64, now: Duration) {
        self.budget.spend(points, now);
        if let Some(ours) = &mut self.ours {
            ours.spend(points);
        }
    }

    /// Lets go of what was given of the hour and not spent; its end, and how much.
    pub(crate) fn let_go(&mut self) -> Option<(Timestamp, u64)> {
        self.ours.as_mut()?.let_go()
    }

    /// Whether so many percent of what may be spent in this hour are left.
    pub(crate) fn has_spare(&mut self, percent: u64, now: Duration) -> bool {
        let is_spare = self.budget.has_spare(percent, now);
        let hour = self.budget.hour();
        let left = self.ours.as_ref().zip(hour);
        let left =
            left.and_then(|(ours, (end, allowance))| Some((ours.left_of(Some(end))?, allowance)));
        is_spare && left.is_none_or(|(left, all)| left.saturating_mul(100) >= all * percent)
    }

    /// Why a request cannot go now; nothing where it can.
    pub(crate) fn hold(&mut self, price: Price, now: Duration) -> Option<Hold> {
        if price.hourly > 0 {
            let is_alone = self.reserved == 0;
            match self.budget.left(price.hourly, now) {
                Left::Unknown if self.is_new && !is_alone => return Some(Hold::AfterAnswer),
                Left::Unknown => {}
                Left::None(until) => {
                    let is_share = false;
                    return Some(Hold::UsedUp { until, is_share });
                }
                Left::ShareSpent(until) => {
                    let is_share = true;
                    return Some(Hold::UsedUp { until, is_share });
                }
                // What is in flight may still cost all that it was reserved for.
                Left::Some(left) if !is_alone && left < self.reserved + price.hourly => {
                    return Some(Hold::AfterAnswer);
                }
                Left::Some(_) => {}
            }
        }
        match self.pace.turn(price.points, now) {
            Turn::Now => self.unpaid(price, now),
            Turn::At(then) => Some(Hold::At(then)),
            Turn::AfterAnswer => Some(Hold::AfterAnswer),
        }
    }

    /// Notes that a request starts.
    pub(crate) fn start(&mut self, price: Price) {
        self.pace.start(price.points);
        if let Some(ours) = &mut self.ours {
            ours.start(price);
        }
        self.reserved += price.hourly;
    }

    /// Notes that a request has its answer, or never will.
    pub(crate) fn end(&mut self, price: Price, now: Duration) {
        self.pace.end(price.points, now);
        self.reserved = self.reserved.saturating_sub(price.hourly);
    }

    /// Counts points of the minute that were spent elsewhere.
    pub(crate) fn preload(&mut self, points: u32, now: Duration) {
        self.pace.preload(points, now);
    }

    /// Notes that a request was answered, or that it will not be: others need not wait for it.
    pub(crate) fn is_no_longer_new(&mut self) {
        self.is_new = false;
    }

    /// Notes that the hour is used up and gives the shortest wait for the next: longer each time
    /// where waiting has not helped, as when the reset that a server names has passed already.
    pub(crate) fn meet_end(&mut self, started: Duration, now: Duration) -> Duration {
        if self.met.is_none_or(|met| started > met) {
            self.met = Some(now);
            self.exhaustions += 1;
        }
        Duration::from_secs(1 << self.exhaustions.min(6)).min(LONGEST_AFTER_HOUR)
    }

    /// Notes that a request that counts was answered with a value.
    pub(crate) fn had_value(&mut self) {
        self.exhaustions = 0;
        self.met = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Rate;

    const QUERY: Price = Price {
        points: 1,
        hourly: 7,
    };

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + secs).unwrap()
    }

    fn known(share: f64, remaining: u64) -> Meter {
        let mut meter = Meter::new(0, share);
        let rate = Rate {
            limit: 5000,
            remaining,
            reset_at: at(100),
        };
        meter.budget.observe(rate, at(0), Duration::ZERO);
        meter
    }

    #[test]
    fn what_is_in_flight_is_reserved_at_its_price() {
        let mut meter = known(1.0, 13);
        assert_eq!(meter.hold(QUERY, Duration::ZERO), None);
        meter.start(QUERY);
        let held = meter.hold(QUERY, Duration::ZERO);
        assert_eq!(held, Some(Hold::AfterAnswer));
        meter.end(QUERY, Duration::ZERO);
        assert_eq!(meter.hold(QUERY, Duration::ZERO), None);
    }

    #[test]
    fn a_share_is_not_overdrawn_by_what_costs_more_than_is_left_of_it() {
        let share_is_ten = 0.002;
        let mut meter = known(share_is_ten, 4000);
        meter.budget.spend(7, Duration::ZERO);
        let held = meter.hold(QUERY, Duration::ZERO);
        let (until, is_share) = (at(100), true);
        assert_eq!(held, Some(Hold::UsedUp { until, is_share }));
    }

    #[test]
    fn the_smallest_share_still_asks_once_an_hour() {
        let mut meter = known(1e-9, 4000);
        assert_eq!(meter.hold(QUERY, Duration::ZERO), None);
        meter.budget.spend(7, Duration::ZERO);
        assert!(meter.hold(QUERY, Duration::ZERO).is_some());
    }

    #[test]
    fn as_long_as_nothing_was_answered_one_goes_at_a_time() {
        let mut meter = Meter::new(0, 1.0);
        meter.start(QUERY);
        let held = meter.hold(QUERY, Duration::ZERO);
        assert_eq!(held, Some(Hold::AfterAnswer));
        // A server without limits never tells of any.
        meter.is_no_longer_new();
        assert_eq!(meter.hold(QUERY, Duration::ZERO), None);
    }
}
