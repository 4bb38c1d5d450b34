//! Never more than so many requests in any minute, as the server sees them arrive.
//!
//! A request arrives somewhere between its start and its answer. So it holds its place from its
//! start until a minute after its answer: however long each one travels, no minute on the server's
//! side holds more than the limit.

use std::collections::VecDeque;
use std::time::Duration;

/// What a minute is lengthened by, a part of it, for clocks that run unlike.
const SPARE: u32 = 600;

/// GitHub's minute.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The log of the last minute.
#[derive(Debug)]
pub(crate) struct Pace {
    /// Points a minute; 0 is no pace at all.
    points: u32,
    /// The time over which points are counted.
    window: Duration,
    /// Points of the requests under way.
    in_flight: usize,
    /// When requests ended, ascending, once for each of their points.
    ended: VecDeque<Duration>,
}

/// Whether another request may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Yes.
    Now,
    /// Not before this moment.
    At(Duration),
    /// Not before a request in flight has ended.
    AfterAnswer,
}

impl Pace {
    pub(crate) fn new(points: u32) -> Self {
        Self {
            points,
            window: MINUTE + MINUTE / SPARE,
            in_flight: 0,
            ended: VecDeque::new(),
        }
    }

    /// GitHub's minute takes so long on the clock that measures waiting.
    pub(crate) fn set_minute(&mut self, minute: Duration) {
        self.window = minute.saturating_add(minute / SPARE);
    }

    /// Whether a request of so many points may start.
    pub(crate) fn turn(&mut self, points: u32, now: Duration) -> Turn {
        if self.points == 0 {
            return Turn::Now;
        }
        let window = self.window;
        let is_over = |ended: &Duration| *ended + window <= now;
        while self.ended.front().is_some_and(is_over) {
            self.ended.pop_front();
        }
        // A request that costs more than a whole minute has goes when all is still.
        let points = points.min(self.points) as usize;
        let taken = self.in_flight + self.ended.len() + points;
        let Some(too_many) = taken.checked_sub(self.points as usize + 1) else {
            return Turn::Now;
        };
        match self.ended.get(too_many) {
            Some(ended) => Turn::At(*ended + window),
            None => Turn::AfterAnswer,
        }
    }

    /// Notes that a request of so many points starts.
    pub(crate) fn start(&mut self, points: u32) {
        self.in_flight += points as usize;
    }

    /// Notes that a request of so many points has its answer, or never will.
    pub(crate) fn end(&mut self, points: u32, now: Duration) {
        self.in_flight = self.in_flight.saturating_sub(points as usize);
        self.preload(points, now);
    }

    /// Counts points that were spent elsewhere within the last minute.
    pub(crate) fn preload(&mut self, points: u32, now: Duration) {
        for _ in 0..points.min(self.points) {
            self.ended.push_back(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_millis(60_100);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_place_is_free_a_minute_after_the_answer() {
        let mut pace = Pace::new(2);
        pace.start(1);
        pace.start(1);
        assert_eq!(pace.turn(1, secs(1)), Turn::AfterAnswer);
        pace.end(1, secs(5));
        assert_eq!(pace.turn(1, secs(6)), Turn::At(secs(5) + WINDOW));
        pace.end(1, secs(7));
        assert_eq!(pace.turn(1, secs(66)), Turn::Now);
        pace.start(1);
        assert_eq!(pace.turn(1, secs(66)), Turn::At(secs(7) + WINDOW));
    }

    #[test]
    fn points_of_another_run_count() {
        let mut pace = Pace::new(900);
        pace.preload(u32::MAX, secs(0));
        assert_eq!(pace.turn(1, secs(10)), Turn::At(WINDOW));
    }

    #[test]
    fn what_costs_more_waits_for_more_places() {
        let mut pace = Pace::new(6);
        pace.preload(1, secs(0));
        pace.preload(2, secs(5));
        assert_eq!(pace.turn(3, secs(10)), Turn::Now);
        assert_eq!(pace.turn(4, secs(10)), Turn::At(WINDOW));
        assert_eq!(pace.turn(5, secs(10)), Turn::At(secs(5) + WINDOW));
        pace.start(3);
        assert_eq!(pace.turn(5, secs(10)), Turn::AfterAnswer);
        assert_eq!(pace.turn(1, secs(10)), Turn::At(WINDOW));
        pace.end(3, secs(20));
        assert_eq!(pace.turn(9, secs(66)), Turn::At(secs(20) + WINDOW));
        assert_eq!(pace.turn(9, secs(81)), Turn::Now);
    }

    #[test]
    fn a_minute_may_take_longer_on_a_clock_that_runs_faster() {
        let mut pace = Pace::new(1);
        pace.set_minute(secs(6_000));
        pace.preload(1, secs(0));
        assert_eq!(pace.turn(1, secs(600)), Turn::At(secs(6_010)));
    }

    #[test]
    fn zero_is_no_pace() {
        let mut pace = Pace::new(0);
        for _ in 0..10_000 {
            assert_eq!(pace.turn(1, secs(0)), Turn::Now);
            pace.start(1);
        }
        pace.preload(5, secs(0));
        pace.end(1, secs(0));
        assert!(pace.ended.is_empty());
    }

    proptest! {
        /// Whenever requests arrive between their start and their answer, no minute has more than
        /// the limit.
        #[test]
        fn no_minute_has_more_arrivals_than_points(
            points in 1_u32..6,
            trips in prop::collection::vec((0_u64..9_000, 0.0_f64..=1.0), 1..60),
        ) {
            let mut pace = Pace::new(points);
            let mut now = Duration::ZERO;
            let mut flying: Vec<Duration> = Vec::new();
            let mut arrivals = Vec::new();
            for (took_ms, part) in trips {
                loop {
                    flying.sort_unstable();
                    while let Some(end) = flying.first().copied().filter(|end| *end <= now) {
                        pace.end(1, end);
                        flying.remove(0);
                    }
                    let turn = pace.turn(1, now);
                    let next_end = flying.first().copied();
                    now = match turn {
                        Turn::Now => break,
                        Turn::At(at) => next_end.map_or(at, |end| end.min(at)),
                        Turn::AfterAnswer => next_end.expect("something is in flight"),
                    };
                }
                pace.start(1);
                let took = Duration::from_millis(took_ms);
                flying.push(now + took);
                arrivals.push(now + took.mul_f64(part));
            }
            arrivals.sort_unstable();
            for pair in arrivals.windows(points as usize + 1) {
                prop_assert!(pair[points as usize] - pair[0] >= secs(60));
            }
        }
    }
}
